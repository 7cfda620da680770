"""The turn of a year: pausing, ending or beginning cycles for many communities at once, and carrying their hours over.

First each is looked at, by doing it and taking it back: what stands in the way then is what would stand in the way.
It is done once somebody says so, each community by itself, so that one that cannot be holds up no other. Where there
are many the worker does it in portions, of which a page tells how far they are.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, insert, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community import from_template, seating
from lti_tool.domain.cycle import Steps, Turn, ending, midnights, pausing, restart
from lti_tool.domain.hours import closing, school_pots
from lti_tool.domain.hours.closing import Foreseen
from lti_tool.domain.school import schools, trail
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.domain.school.wanting import of_school
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Community, Course, Cycle, Ending, StepRun
from lti_tool.models.school import Turning, YearTurn, YearTurnLine

# So many at once: what else waits for the worker comes in between.
PORTION = 20
# Of one school at once; more are named by a title.
MOST = 10_000

_DONE = {
    Turning.PAUSE: Kind.CYCLE_PAUSED,
    Turning.END: Kind.CYCLE_ENDED,
    Turning.BEGIN: Kind.CYCLE_BEGUN,
    Turning.CARRY: Kind.HOURS_CARRIED,
}


@dataclass(frozen=True)
class Progress:
    """How far it is: of how many communities, how many were looked at, can be, were done, and could not be."""

    all: int
    looked_at: int
    can: int
    done: int
    cannot: int

    @property
    def looked(self) -> bool:
        """Whether all were looked at."""
        return self.looked_at == self.all

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self.looked and not self.can


@dataclass(frozen=True)
class Line:
    """One community of it. why: what stands in the way, as a code; "" where nothing does.

    left_open: of hours, how many lines are not accounted for then.
    """

    community_id: int
    title: str
    looked_at: dt.datetime | None
    why: str
    done_at: dt.datetime | None
    left_open: int = 0


# For one community


def one(
    session: Session, community: Community, what: Turning, until: dt.date | None, steps: Steps, zone: dt.tzinfo
) -> None:
    """Pause, end or begin the cycle of one community, or close its pots that are over; Refused where that cannot be.

    Ended is only what circle.md, section 6, lets be ended without its members: where nobody was at work for four
    weeks, or all could answer and did not decide. Its yields stay.
    """
    if community.archived_at is not None:
        raise Refused("community_archived")
    if what == Turning.CARRY:
        closing.close_past(session, community, None, midnights.day_of(now(), zone))
        return
    if from_template.said(session, community.course_id).is_one:
        # Next year's copies begin as it stands.
        raise Refused("is_template")
    newest = select(Cycle).where(Cycle.community_id == community.id).order_by(Cycle.number.desc()).limit(1)
    cycle = session.scalars(newest).one()
    if what == Turning.PAUSE:
        if cycle.paused_until is not None:
            raise Refused("cycle_paused")
        pausing.pause(Turn(session, community, cycle, StepRun(), None, steps, zone=zone), until or dt.date.min)
    elif what == Turning.END:
        ending.end(_may_end(session, community, cycle, steps, zone), Ending.UNDECIDED, by="administrator")
    else:
        restart.begin_next(Turn(session, community, cycle, StepRun(), None, steps, zone=zone), steps)


def _may_end(session: Session, community: Community, cycle: Cycle, steps: Steps, zone: dt.tzinfo) -> Turn:
    if cycle.closed_at is not None:
        raise Refused("cycle_closed")
    if cycle.paused_until is not None:
        raise Refused("cycle_paused")
    asked = session.scalar(select(StepRun).filter_by(cycle_id=cycle.id, step=steps.keeping(Flow.LEARNED).name))
    turn = Turn(session, community, cycle, asked or StepRun(), None, steps, zone=zone)
    free = ending.free_from(turn)
    if not (free is not None and free <= now()) and not ending.is_abandoned(session, cycle):
        # Where nobody came yet, nobody was at work.
        raise Refused("cycle_young" if cycle.started_at + ending.WAIT > now() else "at_work")
    return turn


def stands_in_the_way(
    session: Session, community: Community, what: Turning, until: dt.date | None, steps: Steps, zone: dt.tzinfo
) -> str:
    """Why it cannot be done now, as a code; "": it can. Nothing is changed."""
    tried = session.begin_nested()
    try:
        one(session, community, what, until, steps, zone)
    except Refused as refused:
        return refused.code
    finally:
        tried.rollback()
    return ""


# For many


def ask(
    session: Session, by: Actor, school_id: int, what: Turning, until: dt.date | None = None, title: str = ""
) -> YearTurn:
    """Begin to look at all communities of a school, or at those whose course has this in its title.

    Refused("nothing_there") where there are none, ("date_missing") for a pause without a day.
    """
    if what == Turning.PAUSE and until is None:
        raise Refused("date_missing")
    query = of_school(select(Community.id).join(Course, Course.id == Community.course_id), school_id)
    query = query.where(Community.archived_at.is_(None))
    if title:
        query = query.where(Course.title.icontains(title, autoescape=True))
    found = session.scalars(query.order_by(Course.title, Community.id).limit(MOST)).all()
    if not found:
        raise Refused("nothing_there")
    made = YearTurn(school_id=school_id, what=what, until=until, asked_by=by.person_id)
    session.add(made)
    session.flush()
    session.execute(insert(YearTurnLine), [{"year_turn_id": made.id, "community_id": each} for each in found])
    _go_on(session, made.id)
    return made


def apply(session: Session, by: Actor, turn: YearTurn) -> None:
    """Have done what was looked at; Refused("still_looking") before all were. A second one changes nothing."""
    session.refresh(turn, with_for_update=True)
    if turn.applied_at is not None:
        return
    seen = progress(session, turn.id)
    if not seen.looked:
        raise Refused("still_looking")
    if not seen.can:
        raise Refused("nothing_there")
    turn.applied_at, turn.applied_by = now(), by.person_id
    session.flush()
    detail = {"what": turn.what, "communities": seen.can}
    trail.note(session, Kind.YEAR_TURN_APPLIED, by, school_id=turn.school_id, detail=detail)
    _go_on(session, turn.id)


def _go_on(session: Session, turn_id: int) -> None:
    outbox.put(session, outbox.Kind.YEAR_TURN, str(turn_id), turn=turn_id)


def portion(session: Session, turn_id: int, steps: Steps, zone: dt.tzinfo) -> str:
    """Look at, or do, the next ones; puts in what is left for the next time. What is there to do is asked of the rows.

    Returns "looking", "doing", or "nothing_to_do".
    """
    turn = session.get(YearTurn, turn_id)
    if turn is None:
        return "nothing_to_do"
    left = select(YearTurnLine).where(YearTurnLine.year_turn_id == turn_id, *_left(turn))
    lines = session.scalars(left.order_by(YearTurnLine.id).limit(PORTION + 1)).all()
    for line in lines[:PORTION]:
        community = session.get_one(Community, line.community_id)
        if turn.applied_at is None:
            if turn.what == Turning.CARRY:
                line.left_open = closing.left_open(session, community, midnights.day_of(now(), zone))
            line.why = stands_in_the_way(session, community, turn.what, turn.until, steps, zone)
            line.looked_at = now()
        else:
            _do(session, turn, line, community, steps, zone)
    session.flush()
    if len(lines) > PORTION:
        _go_on(session, turn_id)
    elif turn.what == Turning.CARRY and turn.applied_at is not None:
        # Last: until then each of its communities can be told to be one for which there was something to do.
        for each in pots_of(session, turn, zone):
            today = midnights.day_of(now(), zone)
            school_pots.close(session, turn.school_id, Actor(turn.applied_by), each.pot.id, today)
    if not lines:
        return "nothing_to_do"
    return "looking" if turn.applied_at is None else "doing"


def pots_of(session: Session, turn: YearTurn, zone: dt.tzinfo) -> Sequence[Foreseen]:
    """The school's pots that are closed with it: those whose communities are all in it. None but of carrying over."""
    if turn.what != Turning.CARRY:
        return []
    ids = session.scalars(select(YearTurnLine.community_id).where(YearTurnLine.year_turn_id == turn.id)).all()
    return school_pots.past(session, turn.school_id, ids, midnights.day_of(now(), zone))


def _left(turn: YearTurn) -> tuple[ColumnElement[bool], ...]:
    if turn.applied_at is None:
        return (YearTurnLine.looked_at.is_(None),)
    return YearTurnLine.why == "", YearTurnLine.done_at.is_(None)


def _do(
    session: Session, turn: YearTurn, line: YearTurnLine, community: Community, steps: Steps, zone: dt.tzinfo
) -> None:
    by = Actor(turn.applied_by)
    try:
        with session.begin_nested():
            one(session, community, turn.what, turn.until, steps, zone)
            note_one(session, by, community, turn.what, turn.until)
    except Refused as refused:
        line.why = refused.code
    else:
        line.done_at = now()


def note_one(session: Session, by: Actor, community: Community, what: Turning, until: dt.date | None) -> None:
    """The line in the trail of what was done for one community."""
    if until is None:
        schools.note(session, _DONE[what], by, community)
    else:
        schools.note(session, _DONE[what], by, community, until=until.isoformat())


# How far it is


def find(session: Session, school_id: int | None, turn_id: int) -> YearTurn:
    """One of a school (None: of any); Refused where there is none."""
    found = session.get(YearTurn, turn_id)
    if found is None or school_id not in (None, found.school_id):
        raise Refused("no_such_turn")
    return found


def latest(session: Session, school_id: int) -> Sequence[YearTurn]:
    """The last ones of a school, the newest first."""
    query = select(YearTurn).where(YearTurn.school_id == school_id).order_by(YearTurn.id.desc()).limit(5)
    return session.scalars(query).all()


def progress(session: Session, turn_id: int) -> Progress:
    """How far it is."""
    line = YearTurnLine

    def many(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    row = session.execute(
        select(
            func.count(line.id),
            many(line.looked_at.is_not(None)),
            many(line.looked_at.is_not(None), line.why == "", line.done_at.is_(None)),
            many(line.done_at.is_not(None)),
            many(line.why != ""),
        ).where(line.year_turn_id == turn_id)
    ).one()
    return Progress(*map(int, row))


def lines(session: Session, turn_id: int, *, cannot: bool, limit: int = 200) -> Sequence[Line]:
    """Those that cannot be, with why; or the others. By title, at most so many."""
    query = (
        select(YearTurnLine, Course.title, Community.group_id, Community.name)
        .join(Community, Community.id == YearTurnLine.community_id)
        .join(Course, Course.id == Community.course_id)
        .where(YearTurnLine.year_turn_id == turn_id, (YearTurnLine.why != "") if cannot else (YearTurnLine.why == ""))
        .order_by(Course.title, YearTurnLine.id)
        .limit(limit)
    )
    return [
        Line(each.community_id, seating.told_apart(*called), each.looked_at, each.why, each.done_at, each.left_open)
        for each, *called in session.execute(query)
    ]
