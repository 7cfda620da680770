"""Overruling: an objection that two rounds could not solve is put to all, without a name: does it harm our shared aim?

If two thirds of those who answer say no, the text is adopted, and the objection stands beside it for good. Else it
stays in the way, and the text has to become another one.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community.circle import Circle
from lti_tool.domain.cycle import Turn, midnights
from lti_tool.domain.mechanisms import consent, contributions, majorities, minority, objections, rounds
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.pieces import Piece
from lti_tool.models import RoundKind, RoundOutcome

KIND = RoundKind.OVERRULE
PUT = "put_to_all"


class Harm(StrEnum):
    """The three answers; passing is taking part as much as any other."""

    YES = "yes"
    NO = "no"
    PASS = "pass"


@dataclass(frozen=True)
class Past:
    """A closed round of consent: the day it closed on, and who objected."""

    day: dt.date
    objected: frozenset[int]


def obstacle(past: Sequence[Past], circle: Circle, answered: Collection[int], today: dt.date) -> Refused | None:
    """Why the objections of the last round cannot be put to all, or not yet; None where they can.

    past: the rounds since a text was adopted or an objection upheld, oldest first. answered: who said what would
    solve their objection; who did not was asked, from the day of the last round on.
    """
    objecting = past[-1].objected & circle.members if past else frozenset()
    if not objecting:
        return Refused("no_objection")
    if circle.size <= 2:
        return Refused("overrule_of_two")
    days = {each: [one.day for one in past if each in one.objected] for each in objecting}
    if any(len(found) < 2 for found in days.values()):
        return Refused("overrule_once")
    if any(found[0] >= today for found in days.values()):
        return Refused("overrule_today")
    if past[-1].day >= today and not objecting <= set(answered):
        return Refused("overrule_ask")
    return None


def why_not(turn: Turn, changed: bool) -> Refused | None:
    """The same of the turn's step. changed: whether what is decided on was, since the objection was raised."""
    if objections.objected(turn) is None:
        return Refused("no_objection")
    if changed:
        return Refused("overrule_changed")
    standing, solved = objections.open_ones(turn), objections.solved(turn)
    answered = {row.member_id for row in standing if row.id in solved}
    return obstacle(_past(turn), turn.circle, answered, midnights.day_of(now(), turn.zone))


def _past(turn: Turn) -> list[Past]:
    found: list[Past] = []
    for each in rounds.undecided(turn):
        if each.outcome == RoundOutcome.UPHELD:
            # What all found harmful is not asked of them again before two more rounds failed.
            found.clear()
        elif each.kind == consent.KIND and each.closed_at is not None:
            raised = (row.member_id for row in deciding.answers(turn, each) if row.answer == Answer.OBJECTION)
            found.append(Past(midnights.day_of(each.closed_at, turn.zone), frozenset(raised)))
    return found


def put(turn: Turn, changed: bool) -> None:
    """Have the objections put to all when the stage ends; Refused where that cannot be, or not yet."""
    if (refused := why_not(turn, changed)) is not None:
        raise refused
    last = objections.objected(turn)
    if last is not None and _mark(turn) is None:
        contributions.add(turn, PUT, {"round": last.id})


def put_back(turn: Turn) -> None:
    """Write on after all."""
    mark = _mark(turn)
    if mark is None:
        raise Refused("not_found")
    contributions.withdraw(turn, mark)


def is_put(turn: Turn, changed: bool) -> bool:
    """Whether the objections are put to all when the stage ends: not where the text was changed since."""
    return _mark(turn) is not None and why_not(turn, changed) is None


def _mark(turn: Turn) -> Piece | None:
    last = objections.objected(turn)
    marks = deciding.of_kind(turn, PUT) if last is not None else []
    return next((each for each in marks if last is not None and each.body["round"] == last.id), None)


def ask(turn: Turn, text: Piece | None) -> None:
    """Open the round, about the objections that stand in the way of a text as it is now."""
    rounds.open_round(turn, KIND, text)


def answer(turn: Turn, said: Harm) -> None:
    """Give or change a member's answer."""
    consent.keep(turn, rounds.open_one(turn, KIND), said, {})


def close(turn: Turn) -> bool:
    """Close the open round by the answers it has: whether the text is adopted."""
    round_ = rounds.open_one(turn, KIND)
    given = {row.member_id: row.answer for row in deciding.answers(turn, round_)}
    standing = objections.open_ones(turn)
    adopted = majorities.overruled(given, turn.circle, Harm.NO)
    if adopted:
        consent.keep_what_was_left(turn)
        minority.keep(turn, standing)
    rounds.close(turn, round_, RoundOutcome.OVERRULED if adopted else RoundOutcome.UPHELD)
    return adopted
