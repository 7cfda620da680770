"""Consent: a text is adopted when nobody has an open objection and everybody was asked.

"Good enough for now, safe enough to try": an objection names a harm to the shared aim and a proposal.
"""

from collections import Counter
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, contributions, cycle
from lti_tool.domain.cycle import Turn
from lti_tool.models import Consent, Round

KIND = "consent"
ADOPTED, OBJECTED = "adopted", "objected"


class Answer(StrEnum):
    """The four answers; passing (abstain) is taking part as much as any other."""

    AGREE = "agree"
    CONCERN = "concern"
    OBJECTION = "objection"
    ABSTAIN = "abstain"


# What an answer must say in words.
WORDS = {Answer.OBJECTION: ("harm", "proposal"), Answer.CONCERN: ("concern",)}


def lacking(given: Answer, body: dict[str, Any]) -> list[str]:
    """Which of the words that an answer needs are not there."""
    return [name for name in WORDS.get(given, ()) if not contributions.says_something(str(body.get(name, "")))]


def answer(turn: Turn, round_: Round, given: Answer, body: dict[str, Any]) -> None:
    """Give or change a member's answer, with the words it needs; of other words nothing is kept."""
    for name in lacking(given, body):
        raise Refused(f"{name}_missing")
    kept = {name: body[name] for name in WORDS.get(given, ())}
    row = turn.session.scalar(select(Consent).where(Consent.round_id == round_.id, Consent.member_id == turn.me.id))
    if row is None:
        turn.session.add(Consent(round_id=round_.id, member_id=turn.me.id, answer=given, body=kept))
    else:
        row.answer, row.body, row.at = given, kept, now()
    turn.session.flush()


def mine(turn: Turn, round_: Round) -> Consent | None:
    """The member's own answer."""
    return next((row for row in answers(turn, round_) if turn.member and row.member_id == turn.member.id), None)


def answers(turn: Turn, round_: Round) -> list[Consent]:
    """All answers, for deciding; shown to others only once the round is closed."""
    return given(turn).get(round_.id, [])


def given(turn: Turn) -> dict[int, list[Consent]]:
    """round id -> its answers, of all rounds of the step in one statement."""

    def find() -> dict[int, list[Consent]]:
        query = (
            select(Consent)
            .join(Round, Round.id == Consent.round_id)
            .where(Round.step_run_id == turn.run.id)
            .order_by(Consent.id)
        )
        found: dict[int, list[Consent]] = {}
        for row in turn.session.scalars(query):
            found.setdefault(row.round_id, []).append(row)
        return found

    return turn.once("answers", find)


def all_asked(turn: Turn, given: list[Consent]) -> bool:
    """Whether every present member has answered, or the announced date has passed."""
    if cycle.date_passed(turn.run):
        return True
    return turn.present_ids <= {row.member_id for row in given}


def decide(turn: Turn, round_: Round) -> str:
    """The outcome the answers give now: ADOPTED or OBJECTED; Refused while somebody was not asked.

    An objection counts whoever raised it, present or gone since: only its owner takes it back.
    """
    given = answers(turn, round_)
    if any(row.answer == Answer.OBJECTION for row in given):
        return OBJECTED
    if not all_asked(turn, given):
        raise Refused("not_all_asked")
    if not any(row.answer in (Answer.AGREE, Answer.CONCERN) for row in given):
        # Silence and passing adopt nothing.
        raise Refused("nobody_agreed")
    return ADOPTED


def totals(given: list[Consent]) -> Counter[Answer]:
    """How many gave each answer."""
    return Counter(Answer(row.answer) for row in given)
