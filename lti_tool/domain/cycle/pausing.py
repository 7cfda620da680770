"""Pausing a cycle: at once, by any facilitator, until a day on which it goes on by itself.

While it is paused nothing moves, nothing is asked and nothing is taken (Turn.hold); everything can be read. A
day that was announced comes so many days later as the pause lasted, and nobody is late by a day that was paused.
"""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community import acts, school_days
from lti_tool.domain.cycle import Turn, holding, midnights
from lti_tool.models import Community, Cycle, Member, Pause, StepRun

LONGEST = dt.timedelta(weeks=8)
# Pauses with less than this between them are one: eight weeks in all, not eight weeks again and again.
BETWEEN = dt.timedelta(weeks=1)


def latest(session: Session, cycle: Cycle, zone: dt.tzinfo) -> dt.date:
    """The latest day until which a cycle can be paused now, or the pause that it is in can last."""
    began = now()
    query = select(Pause.began_at, Pause.ended_at).where(Pause.cycle_id == cycle.id).order_by(Pause.id.desc())
    for row in session.execute(query):
        if row.ended_at is not None and began - row.ended_at >= BETWEEN:
            break
        began = row.began_at
    return midnights.day_of(began, zone) + LONGEST


def pause(turn: Turn, until: dt.date) -> dt.date:
    """Pause the turn's cycle until the beginning of a day; of one that is paused, choose another day.

    Returns the day on which it goes on: the first one with school on or after `until`, as long as a pause may last till
    then. Refused for a day that is not still to come, or later than the longest pause allows.
    """
    holding.whole(turn.session, turn.cycle)
    if turn.cycle.closed_at is not None:
        raise Refused("cycle_closed")
    farthest, today = latest(turn.session, turn.cycle, turn.zone), midnights.day_of(now(), turn.zone)
    if farthest <= today and turn.cycle.paused_until is None:
        raise Refused("pause_spent")
    if until <= today:
        raise Refused("date_passed")
    if until > farthest:
        raise Refused("pause_too_long")
    with_school = school_days.on_or_after(until, school_days.days_off(turn.community))
    until = with_school if with_school <= farthest else until
    if turn.cycle.paused_until is None:
        turn.session.add(Pause(cycle_id=turn.cycle.id))
    turn.cycle.paused_until = due = midnights.start_of(until, turn.zone)
    _note(turn.session, acts.Kind.CYCLE_PAUSED, turn.cycle, turn.member, until=until.isoformat())
    outbox.put(turn.session, outbox.Kind.RESUME, str(turn.cycle.id), due_at=due, cycle=turn.cycle.id)
    turn.session.flush()
    return until


def resume(turn: Turn) -> None:
    """Go on before the day; Refused("not_paused") where somebody else, or the day, was first."""
    holding.whole(turn.session, turn.cycle)
    if turn.cycle.paused_until is None:
        raise Refused("not_paused")
    _go_on(turn.session, turn.cycle, turn.member, turn.zone)


def on_day(session: Session, cycle_id: int, zone: dt.tzinfo) -> str:
    """A day came on which a pause was to end: "resumed", or why nothing was to do.

    Whether there is a later day is asked of the cycle, so that a row left from an earlier one does nothing.
    """
    cycle = session.get(Cycle, cycle_id)
    if cycle is None:
        return "day_changed"
    holding.whole(session, cycle)
    if cycle.paused_until is None or cycle.paused_until > now():
        return "day_changed"
    _go_on(session, cycle, None, zone)
    return "resumed"


def _go_on(session: Session, cycle: Cycle, by: Member | None, zone: dt.tzinfo) -> None:
    moment = now()
    lasted = session.scalars(select(Pause).filter_by(cycle_id=cycle.id, ended_at=None)).one()
    lasted.ended_at, cycle.paused_until = moment, None
    _note(session, acts.Kind.CYCLE_RESUMED, cycle, by)
    dated = select(StepRun).where(
        StepRun.cycle_id == cycle.id, StepRun.closed_at.is_(None), StepRun.closes_at.is_not(None)
    )
    off = school_days.days_off(session.get_one(Community, cycle.community_id))
    for run in session.scalars(dated):
        assert run.closes_at is not None
        run.closes_at = moved(run.closes_at, lasted.began_at, moment, zone, off)
        outbox.put(session, outbox.Kind.STAGE, str(run.id), due_at=run.closes_at, run=run.id, stage=run.stage)
    session.flush()


def moved(
    end: dt.datetime,
    began: dt.datetime,
    over: dt.datetime,
    zone: dt.tzinfo,
    off: Collection[dt.date] = school_days.NONE,
) -> dt.datetime:
    """When something ends that was announced before a pause: so many local days later as the pause lasted.

    Its last day is no day of a weekend or a holiday (off), and none before the day on which all goes on; what was over
    before the pause stays over. A pause within one day puts nothing off.
    """
    today = midnights.day_of(over, zone)
    lasted = today - midnights.day_of(began, zone)
    if not lasted:
        return end
    last = midnights.last_day(end, zone) + lasted
    if end > began:
        last = max(school_days.on_or_after(last, off), today)
    return midnights.end_of(last, zone)


def days(session: Session, community: Community) -> set[dt.date]:
    """The days on which the community's cycles were paused, for a part of them too; of a pause that lasts, to today."""
    query = select(Pause.began_at, Pause.ended_at).join(Cycle, Cycle.id == Pause.cycle_id)
    found: set[dt.date] = set()
    for row in session.execute(query.where(Cycle.community_id == community.id)):
        first, last = row.began_at.date(), (row.ended_at or now()).date()
        found |= {first + dt.timedelta(days=number) for number in range((last - first).days + 1)}
    return found


def put_off(day: dt.date, since: dt.date, paused: Collection[dt.date]) -> dt.date:
    """When a day comes that was set on another one, `since`: a day later for each that was paused until then."""
    for each in sorted(paused):
        if since <= each <= day:
            day += dt.timedelta(days=1)
    return day


def has_passed(turn: Turn, since: dt.datetime, wait: dt.timedelta) -> bool:
    """Whether so much time is over since a moment, not counting the days that were paused."""
    end = since + wait
    if end > now():
        return False
    paused = days(turn.session, turn.community)
    return end + (put_off(end.date(), since.date(), paused) - end.date()) <= now()


def _note(session: Session, kind: acts.Kind, cycle: Cycle, by: Member | None, **detail: str) -> None:
    acts.note(session, cycle.community_id, kind, by, cycle=cycle, detail=detail)
