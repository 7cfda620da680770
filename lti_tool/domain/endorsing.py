"""Endorsing: two thirds of those present stand behind a text. People count, not posts; a change starts it again."""

from enum import StrEnum

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, consent, contributions, cycle, rounds
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered
from lti_tool.models import Consent, Contribution, Round

KIND = "endorse"
ENDORSED, CHANGED = "endorsed", "changed"
LATE = "late"


class Say(StrEnum):
    """The three answers; passing is taking part as much as any other."""

    ENDORSE = "endorse"
    PASS = "pass"
    NOT_YET = "not_yet"


def ask(turn: Turn, subject: Contribution) -> Round:
    """Ask everybody about the text as it now stands; what was said of an earlier one counts no longer."""
    last = rounds.latest(turn, KIND)
    if last is not None and last.closed_at is None:
        rounds.close(last, CHANGED)
    return rounds.open_round(turn, KIND, subject)


def answer(turn: Turn, round_: Round, said: Say, missing: str) -> None:
    """Give or change a member's answer. Whoever does not stand behind it yet says what is missing."""
    if said == Say.NOT_YET and not contributions.says_something(missing):
        raise Refused("missing_missing")
    body = {"missing": missing} if said == Say.NOT_YET else {}
    row = turn.session.scalar(select(Consent).where(Consent.round_id == round_.id, Consent.member_id == turn.me.id))
    if row is None:
        turn.session.add(Consent(round_id=round_.id, member_id=turn.me.id, answer=said, body=body))
    else:
        row.answer, row.body, row.at = said, body, now()
    turn.session.flush()


def answer_late(turn: Turn, there: Gathered, said: Say) -> None:
    """Stand behind it, or pass, after it was settled; for who had not answered."""
    if said == Say.NOT_YET:
        raise Refused("late_not_yet")
    round_ = rounds.latest(turn, KIND)
    if round_ is None:
        raise Refused("round_closed")
    if heard(turn, there, round_, turn.me.id):
        raise Refused("already_chosen")
    contributions.add(turn, LATE, {"answer": said.value, "round": round_.id})


def heard(turn: Turn, there: Gathered, round_: Round, member_id: int) -> bool:
    """Whether somebody has answered in a round, or after it."""
    return any(row.member_id == member_id for row in consent.answers(turn, round_)) or any(
        item.member_id == member_id for item in afterwards(there, round_)
    )


def afterwards(there: Gathered, round_: Round) -> list[Contribution]:
    """What was said after a round had closed."""
    return [item for item in there.of(LATE) if item.body["round"] == round_.id]


def carried(turn: Turn, given: list[Consent]) -> bool:
    """Whether two thirds of those present stand behind it.

    Who left the course does not count. Whoever said nothing until the announced date, and its extension,
    was over counts as absent: then it is two thirds of those present who answered.
    """
    asked = turn.present_ids
    if cycle.date_passed(turn.run):
        asked = asked & {row.member_id for row in given}
    behind = {row.member_id for row in given if row.answer == Say.ENDORSE} & asked
    return bool(behind) and 3 * len(behind) >= 2 * len(asked)


def decide(turn: Turn, round_: Round) -> str:
    """ENDORSED; Refused while too few stand behind it."""
    if not carried(turn, consent.answers(turn, round_)):
        raise Refused("not_endorsed")
    return ENDORSED


def behind(given: list[Consent]) -> int:
    """How many people stand behind it."""
    return len({row.member_id for row in given if row.answer == Say.ENDORSE})
