"""Consent afterwards: who was absent when it was decided can still say where they stand.

A note outlives its stage too: what somebody had written down for them, and says yes to afterwards, stands with what was
said later. It changes nothing that was built meanwhile. Whoever was away by another's hand can object too, for a while:
what was decided stands, and goes to all again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from lti_tool.domain import Refused, participation
from lti_tool.domain.community import away
from lti_tool.domain.cycle import Turn, reopening
from lti_tool.domain.mechanisms import consent, contributions, rounds
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.reading.things import Phase
from lti_tool.domain.ties import Tie

KIND = "late"
# In the place of a decision's version: what was said of none.
NO_DECISION = -1


def missed(turn: Turn, about: int, had_a_say: Collection[int] | None = None) -> bool:
    """Whether the member had no part in a decision, then or since. See `answer`."""
    me = turn.viewer.member_id
    took_part = _took_part(turn) if had_a_say is None else had_a_say
    since = (each for each in deciding.of_kind(turn, KIND) if each.body["version"] == about)
    return me is not None and me not in took_part and all(each.member_id != me for each in since)


def _took_part(turn: Turn) -> Collection[int]:
    if rounds.latest(turn, consent.KIND) is not None:
        return consent.had_a_say(turn)
    # A step can have been completed by other means, before it asked for consent.
    if (member := turn.member) is None:
        return ()
    moments = turn.once("moments", lambda: participation.moments_of(turn.session, turn.run, member))
    return {member.id} if Kind.DECISION in moments else ()


def may_object(turn: Turn) -> bool:
    """Whether the member, who had no part in it, may still object to what the step's last consent decided."""
    last = rounds.latest(turn, consent.KIND)
    if turn.participant is None or turn.run.closed_at is None or last is None or last.closed_at is None:
        return False
    return away.may_object(turn.participant, last.closed_at)


def answer(
    turn: Turn, about: int, data: Mapping[str, Any], had_a_say: Collection[int] | None = None
) -> participation.Kind | None:
    """Agree, agree with a concern, pass on what was adopted or, who may, object; only who took no part in deciding.

    Returns the moment it earns. An objection earns none: the gradebook would show at once whose it is. Whoever raised
    it decides with everybody else when the text goes to all again.

    about: which decision, the version of its text for instance. data: the form of a consent (forms.ConsentForm).
    had_a_say: ids of those who took part in it, where it was no consent: that nobody objects to afterwards.
    """
    given = data["answer"]
    if given == Answer.OBJECTION and (had_a_say is not None or not may_object(turn)):
        raise Refused("late_objection")
    if not missed(turn, about, had_a_say):
        raise Refused("already_chosen")
    if lacking := consent.lacking(given, data):
        raise Refused(consent.MISSING[lacking[0]])
    if given == Answer.OBJECTION:
        _object(turn, data)
        return None
    words = data["concern"] if given == Answer.CONCERN else ""
    contributions.add(turn, KIND, {"answer": given.value, "concern": words, "version": about})
    return Kind.DECISION


def _object(turn: Turn, data: Mapping[str, Any]) -> None:
    last = rounds.latest(turn, consent.KIND)
    assert last is not None
    consent.answer(turn, rounds.close_again(turn, last), Answer.OBJECTION, data)
    reopening.by_objection(turn, turn.steps.by_name[turn.run.step])


def given(held: Gathered, about: int) -> list[Mapping[str, Any]]:
    """What was said afterwards of that decision."""
    return [item.body for item in held.of(KIND) if item.body["version"] == about]


def say(turn: Turn, stages: Collection[str], texts: Collection[str], about: Collection[Piece]) -> Kind | None:
    """Say after these stages ended what was meant for them; returns the moment it earns, None once the step is over.

    Then the gradebook would move by itself beside the words. about: what it was said of.
    """
    text = "\n".join(texts)
    contributions.refuse_blank_or_double(text, (i.body["text"] for i in said(gate.mine(turn, KIND))))
    body = {"answer": "noted", "concern": "", "version": NO_DECISION, "text": text}
    contributions.add(turn, KIND, body, [(Tie.SAID_OF, each) for each in about])
    if turn.run.closed_at is not None:
        return None
    alone = {each.name for each in turn.steps.by_name[turn.run.step].stages if each.phase == Phase.ALONE}
    return Kind.INPUT if alone & set(stages) else Kind.RESPONSE


def said(pieces: Iterable[Piece]) -> list[Piece]:
    """What of these was said later, of no decision."""
    return [item for item in pieces if item.body.get("version") == NO_DECISION]
