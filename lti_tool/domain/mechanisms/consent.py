"""Consent: a text is adopted when nobody has an open objection, a quorum answered and enough of them say yes.

"Good enough for now, safe enough to try": an objection names a harm to the shared aim and a proposal.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions, majorities, minority, rounds
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


YES = (Answer.AGREE, Answer.CONCERN)
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


def had_a_say(turn: Turn) -> set[int]:
    """Ids of those who had a part in the step's last decision: in its consent, or in whether an objection stands."""
    last, after = rounds.latest(turn, KIND), rounds.latest(turn, RoundKind.OVERRULE)
    said = heard(turn, last) if last is not None else set()
    return said | heard(turn, after) if last and after and after.id > last.id else said


def close(turn: Turn) -> bool:
    """Close the open round by the answers it has: whether the text is adopted."""
    round_ = rounds.open_one(turn, KIND)
    outcome = decide(turn, round_)
    if outcome == RoundOutcome.ADOPTED:
        keep_what_was_left(turn)
    rounds.close(turn, round_, outcome)
    return outcome == RoundOutcome.ADOPTED


def decide(turn: Turn, round_: Round) -> RoundOutcome:
    """The outcome the answers give now: ADOPTED, OBJECTED or TOO_FEW."""
    given = {row.member_id: row.answer for row in deciding.answers(turn, round_)}
    return majorities.consent(given, turn.circle, YES, Answer.OBJECTION)


def keep_what_was_left(turn: Turn) -> None:
    """Before a text is adopted: the objections of those who left, and said nothing of a newer text, stand beside it."""
    last: dict[int, Given] = {}
    for round_ in rounds.undecided(turn):
        if round_.kind == KIND:
            last |= {row.member_id: row for row in deciding.answers(turn, round_)}
    minority.give_way(turn, had_a_say(turn))
    gone = [row for member, row in last.items() if member not in turn.circle.members]
    minority.keep(turn, [row for row in gone if row.answer == Answer.OBJECTION])
