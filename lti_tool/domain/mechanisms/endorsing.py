"""Endorsing: a quorum was asked, and two thirds of those who say yes or not yet stand behind a text.

People count, not posts. Where too few do, it goes back to be written better, and everybody is asked about the new text.
"""

from enum import StrEnum

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import consent, contributions, majorities, rounds
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.models import Round, RoundKind, RoundOutcome

KIND = RoundKind.ENDORSE
LATE = "late"


class Say(StrEnum):
    """The three answers; passing is taking part as much as any other."""

    ENDORSE = "endorse"
    PASS = "pass"
    NOT_YET = "not_yet"


def ask(turn: Turn, subject: Piece) -> Round:
    """Ask everybody about the text as it now stands; what was said of an earlier one counts no longer."""
    last = rounds.latest(turn, KIND)
    if last is not None and last.closed_at is None:
        rounds.close(turn, last, RoundOutcome.CHANGED)
    return rounds.open_round(turn, KIND, subject)


def answer(turn: Turn, round_: Round, said: Say, missing: str) -> None:
    """Give or change a member's answer. Whoever does not stand behind it yet says what is missing."""
    if said == Say.NOT_YET and not contributions.says_something(missing):
        raise Refused("missing_missing")
    body = {"missing": missing} if said == Say.NOT_YET else {}
    consent.keep(turn, round_, said, body)


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
    return member_id in consent.heard(turn, round_) or any(
        item.member_id == member_id for item in afterwards(there, round_)
    )


def afterwards(there: Gathered, round_: Round) -> list[Piece]:
    """What was said after a round had closed."""
    return [item for item in there.of(LATE) if item.body["round"] == round_.id]


def decide(turn: Turn, round_: Round) -> RoundOutcome:
    """ENDORSED, or OBJECTED where too few stand behind it."""
    given = {row.member_id: row.answer for row in deciding.answers(turn, round_)}
    enough = majorities.endorsed(given, turn.circle, Say.ENDORSE, Say.NOT_YET)
    return RoundOutcome.ENDORSED if enough else RoundOutcome.OBJECTED


def close(turn: Turn) -> bool:
    """Close the open round by the answers it has: whether enough stand behind the text."""
    round_ = rounds.open_one(turn, KIND)
    outcome = decide(turn, round_)
    rounds.close(turn, round_, outcome)
    return outcome == RoundOutcome.ENDORSED


def stood_behind(turn: Turn, there: Gathered, now: Round) -> Round | None:
    """The last round before this one in which the reader stood behind the text, then or afterwards."""
    me = turn.viewer.member_id
    for each in reversed(rounds.of_kind(turn, KIND)):
        if each.id < now.id:
            own = gate.my_answer(turn, each)
            late = [item.body["answer"] for item in afterwards(there, each) if item.member_id == me]
            if Say.ENDORSE in (own.answer if own else "", *late):
                return each
    return None


def still_missing(turn: Turn) -> Round | None:
    """The last round, if it closed while too few stood behind the text, and somebody said what is missing in it."""
    last = rounds.latest(turn, KIND)
    if last is None or last.outcome in (None, RoundOutcome.ENDORSED, RoundOutcome.CHANGED):
        return None
    return last if any(row.answer == Say.NOT_YET for row in deciding.answers(turn, last)) else None
