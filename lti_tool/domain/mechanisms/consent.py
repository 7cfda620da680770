"""Consent: a text is adopted when nobody has an open objection and everybody was asked.

"Good enough for now, safe enough to try": an objection names a harm to the shared aim and a proposal.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions, rounds
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.pieces import Given
from lti_tool.models import Round, RoundKind, RoundOutcome
from lti_tool.models.voices import Consent

KIND = RoundKind.CONSENT


class Answer(StrEnum):
    """The four answers; passing (abstain) is taking part as much as any other."""

    AGREE = "agree"
    CONCERN = "concern"
    OBJECTION = "objection"
    ABSTAIN = "abstain"


# What an answer must say in words.
WORDS = {Answer.OBJECTION: ("harm", "proposal"), Answer.CONCERN: ("concern",)}
MISSING = {"harm": "harm_missing", "proposal": "proposal_missing", "concern": "concern_missing"}


def lacking(given: Answer, body: Mapping[str, Any]) -> list[str]:
    """Which of the words that an answer needs are not there."""
    return [name for name in WORDS.get(given, ()) if not contributions.says_something(str(body.get(name, "")))]


def answer(turn: Turn, round_: Round, given: Answer, body: Mapping[str, Any]) -> None:
    """Give or change a member's answer, with the words it needs; of other words nothing is kept."""
    for name in lacking(given, body):
        raise Refused(MISSING[name])
    keep(turn, round_, given, {name: body[name] for name in WORDS.get(given, ())})


def keep(turn: Turn, round_: Round, given: str, body: Mapping[str, Any]) -> None:
    """Keep what a member says in a round, in place of what they said of it before."""
    row = turn.session.scalar(select(Consent).where(Consent.round_id == round_.id, Consent.member_id == turn.me.id))
    if row is None:
        turn.session.add(Consent(round_id=round_.id, member_id=turn.me.id, answer=given, body=dict(body)))
    else:
        row.answer, row.body, row.at = given, dict(body), now()
    turn.session.flush()
    turn.forget()


def forget(turn: Turn, round_: Round, members: Collection[int], kept: Collection[str]) -> None:
    """Delete what these members answered in a round; kept: the answers that stay, whoever gave them."""
    turn.session.execute(
        delete(Consent).where(
            Consent.round_id == round_.id, Consent.member_id.in_(members), Consent.answer.not_in(kept)
        )
    )
    turn.forget()


def heard(turn: Turn, round_: Round) -> set[int]:
    """Ids of the members who have answered: never what."""
    return {given.member_id for given in deciding.answers(turn, round_)}


def agreed(turn: Turn, round_: Round) -> int:
    """How many have said yes until now, with a concern or without."""
    return sum(given.answer in (Answer.AGREE, Answer.CONCERN) for given in deciding.answers(turn, round_))


def all_asked(turn: Turn, given: Sequence[Given]) -> bool:
    """Whether every present member has answered, or the announced date has passed."""
    if cycle.date_passed(turn.run):
        return True
    return turn.present_ids <= {row.member_id for row in given}


def close(turn: Turn) -> bool:
    """Close the open round by the answers it has: whether the text is adopted. Refused as `decide` is."""
    round_ = rounds.open_one(turn, KIND)
    outcome = decide(turn, round_)
    rounds.close(round_, outcome)
    return outcome == RoundOutcome.ADOPTED


def decide(turn: Turn, round_: Round) -> RoundOutcome:
    """The outcome the answers give now: ADOPTED or OBJECTED; Refused while somebody was not asked.

    An objection counts whoever raised it, present or gone since: only its owner takes it back.
    """
    given = deciding.answers(turn, round_)
    if any(row.answer == Answer.OBJECTION for row in given):
        return RoundOutcome.OBJECTED
    if not all_asked(turn, given):
        raise Refused("not_all_asked")
    if not any(row.answer in (Answer.AGREE, Answer.CONCERN) for row in given):
        # Silence and passing adopt nothing.
        raise Refused("nobody_agreed")
    return RoundOutcome.ADOPTED
