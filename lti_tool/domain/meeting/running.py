"""A meeting as it runs: begun, where it stands, its clock, what was put aside, ended. One at a time in a community.

Where it stands is told from the cycle and kept nowhere else: whoever moves a stage moves the meeting.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from lti_tool.db import UtcDateTime, now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, version
from lti_tool.domain.cycle import CLOSED, Steps
from lti_tool.domain.meeting.agenda import Item
from lti_tool.models import Community, Cycle, Meeting, Member, Parked, StepRun

# A meeting that nobody ended is over after so long.
LONGEST = dt.timedelta(hours=8)
MINUTE = dt.timedelta(minutes=1)
# So long after its end its screens lead to what is taken along.
LATELY = dt.timedelta(minutes=10)
# Thoughts that one meeting puts aside, and characters of each.
MOST_PARKED, LONGEST_THOUGHT = 30, 300
# How far ahead the next one can be.
FARTHEST = dt.timedelta(days=366)


def is_on(since: dt.datetime | ColumnElement[dt.datetime]) -> ColumnElement[bool]:
    """Whether a meeting is on that began later than that."""
    return Meeting.ended_at.is_(None) & (Meeting.started_at > since)


def is_meeting() -> ColumnElement[bool]:
    """Whether the community of a query is in a meeting, as a column of it. lately: LONGEST ago, given where it runs."""
    began = bindparam("lately", type_=UtcDateTime())
    return exists().where(Meeting.community_id == Community.id, is_on(began)).label("meeting")


def running(session: Session, community: Community) -> Meeting | None:
    """The meeting that a community is in."""
    query = select(Meeting).where(Meeting.community_id == community.id, is_on(now() - LONGEST))
    return session.scalar(query)


def ended_lately(session: Session, community: Community) -> Meeting | None:
    """The meeting that a community has just left: its screens lead to what is taken along."""
    query = select(Meeting).where(Meeting.community_id == community.id, Meeting.ended_at > now() - LATELY)
    return session.scalar(query.order_by(Meeting.ended_at.desc()).limit(1))


def found(session: Session, community: Community, meeting_id: int) -> Meeting | None:
    """One of a community's meetings."""
    return session.scalar(select(Meeting).where(Meeting.id == meeting_id, Meeting.community_id == community.id))


def held(session: Session, community: Community) -> Meeting:
    """The meeting that is on, for whoever changes it; Refused("no_meeting") where none is."""
    query = select(Meeting).where(Meeting.community_id == community.id, is_on(now() - LONGEST))
    meeting = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if meeting is None:
        raise Refused("no_meeting")
    return meeting


def start(session: Session, community: Community, cycle: Cycle, by: Member | None, rounds: Sequence[Item]) -> Meeting:
    """Begin a meeting with these rounds; whoever presses second is in the one that the first began."""
    # One of two who press at once waits here, and then finds it begun.
    session.refresh(community, with_for_update=True)
    if (there := running(session, community)) is not None:
        return there
    for left in session.scalars(
        select(Meeting).where(Meeting.community_id == community.id, Meeting.ended_at.is_(None))
    ):
        left.ended_at = left.started_at + LONGEST
    session.flush()
    agenda = [{"step": each.step, "stage": each.stage, "minutes": each.minutes} for each in rounds]
    made = Meeting(community_id=community.id, cycle_id=cycle.id, agenda=agenda)
    session.add(made)
    session.flush()
    acts.note(session, community.id, acts.Kind.MEETING_BEGUN, by, cycle=cycle)
    version.moved(session, community.id)
    return made


def end(session: Session, community: Community, by: Member | None) -> Meeting:
    """End the meeting that is on."""
    meeting = held(session, community)
    meeting.ended_at = now()
    acts.note(session, community.id, acts.Kind.MEETING_ENDED, by, cycle=session.get_one(Cycle, meeting.cycle_id))
    version.moved(session, community.id)
    return meeting


@dataclass(frozen=True)
class Place:
    """Where a meeting stands. run: of the step; number: which round of the agenda it is, from 1; None beside it.

    rounds: how many the agenda has; finished: whether all of them are done. ends_at: when the round's time is over,
    None where it has none.
    """

    run: StepRun
    number: int | None
    rounds: int
    finished: bool
    ends_at: dt.datetime | None

    @property
    def key(self) -> str:
        """The round, as a page names where it is."""
        return f"{self.run.step}.{self.run.stage}"


def where(meeting: Meeting, runs: Mapping[str, StepRun], steps: Steps) -> Place:
    """Where a meeting stands: in the first step of its agenda that is open, else in the last one that was."""
    rounds = Item.kept(meeting.agenda)
    there = [runs[name] for name in dict.fromkeys(each.step for each in rounds) if name in runs]
    run = next((each for each in there if each.closed_at is None), there[-1])
    number = next(
        (place for place, each in enumerate(rounds, 1) if (each.step, each.stage) == (run.step, run.stage)), None
    )
    minutes = rounds[number - 1].minutes if number else 0
    ends_at = _ends_at(meeting, run, minutes) if minutes else None
    return Place(run, number, len(rounds), number is None and _is_past(run, rounds[-1], steps), ends_at)


def _is_past(run: StepRun, last: Item, steps: Steps) -> bool:
    """Whether a step has gone on beyond the last round of an agenda; not where something is only weighed again."""
    if run.closed_at is not None:
        return True
    stages = {each.name: place for place, each in enumerate(steps.by_name[run.step].stages)}
    seldom = any(each.seldom and each.name == run.stage for each in steps.by_name[run.step].stages)
    return run.step == last.step and stages[run.stage] > stages[last.stage] and not seldom


def _ends_at(meeting: Meeting, run: StepRun, minutes: int) -> dt.datetime:
    if meeting.clock_for == run.stage_since and meeting.clock_ends_at is not None:
        return meeting.clock_ends_at
    # A round that began before the meeting gets its time in the meeting.
    return max(run.stage_since, meeting.started_at) + minutes * MINUTE


def give_time(session: Session, meeting: Meeting, place: Place, seen: str) -> None:
    """One minute more for the round that was on the screen; for one whose time is over, from now on."""
    if seen != place.key or place.run.stage == CLOSED.name:
        raise Refused("stage_moved")
    meeting.clock_for = place.run.stage_since
    meeting.clock_ends_at = max(place.ends_at or now(), now()) + MINUTE
    version.changed(session, meeting.community_id)


def parked(session: Session, meeting: Meeting) -> list[Parked]:
    """What was put aside, in the order in which it was."""
    return list(session.scalars(select(Parked).where(Parked.meeting_id == meeting.id).order_by(Parked.id)))


def park(session: Session, meeting: Meeting, thought: str) -> None:
    """Put a thought aside, without whose it is."""
    # PostgreSQL keeps no zero byte.
    words = " ".join(thought.replace("\0", "").split())
    if not words:
        raise Refused("blank")
    if len(words) > LONGEST_THOUGHT:
        raise Refused("too_long")
    there = [each.text for each in parked(session, meeting)]
    if words in there:
        raise Refused("said_already")
    if len(there) >= MOST_PARKED:
        raise Refused("enough_parked")
    session.add(Parked(meeting_id=meeting.id, text=words))
    version.changed(session, meeting.community_id)


def take_out(session: Session, meeting: Meeting, parked_id: int) -> None:
    """Take a thought out again: it was dealt with, or it does not belong there. Nothing of it is kept."""
    session.execute(delete(Parked).where(Parked.id == parked_id, Parked.meeting_id == meeting.id))
    version.changed(session, meeting.community_id)


def meet_again(session: Session, meeting: Meeting, day: dt.date | None, time: dt.time | None, today: dt.date) -> None:
    """When they meet again; None: that is not known yet."""
    if day is not None and day < today:
        raise Refused("date_passed")
    if day is not None and day > today + FARTHEST:
        raise Refused("date_missing")
    meeting.next_on, meeting.next_time = day, time if day else None
    version.changed(session, meeting.community_id)


def decided(meeting: Meeting, runs: Mapping[str, StepRun], steps: Steps) -> list[tuple[str, str]]:
    """(step, what it came to) of the steps that were completed in a meeting."""
    until = meeting.ended_at or now()
    return [
        (step.name, run.outcome)
        for step in steps
        if (run := runs.get(step.name))
        and run.closed_at
        and meeting.started_at <= run.closed_at <= until
        and run.outcome
    ]
