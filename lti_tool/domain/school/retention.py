"""How long a community's contents are kept: looked at before it is set, and kept to by the worker once it is.

Looking says how many communities it is about, never which words. What is set begins a day later: whoever sees that it
was a mistake puts it back before anything is gone.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, not_, or_, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, emptying, outbox
from lti_tool.domain.community import members
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school import schools, settings
from lti_tool.domain.school.setting_kinds import Name
from lti_tool.domain.school.settings import Scope
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.models import Community, Course, Cycle, Deployment, StepRun
from lti_tool.models.community import setting_of
from lti_tool.models.school import SchoolAct, Setting

# So many at once: what else waits for the worker comes in between.
PORTION = 5
# How long after it was set anything goes at the earliest.
GRACE = dt.timedelta(days=1)
EVERY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """A value of the setting. years: None for as long as Leerkring runs; yields: whether these stay."""

    years: int | None
    yields: bool


def read(said: str) -> Kept:
    """A value of the setting, as JSON holds it."""
    return Kept(int(said.rstrip("+")) if said else None, not said.endswith("+"))


@dataclass(frozen=True)
class Seen:
    """What a value would do to the communities that it holds for. They are numbers of communities.

    communities: all; now: of which contents would go at once; soon: within a year from now; emptied: of which they are
    gone already. said: the value that would hold.
    """

    said: str
    communities: int
    now: int
    soon: int
    emptied: int

    @property
    def seal(self) -> str:
        """By which a form says what its reader saw."""
        return f"{self.said or '0'}.{self.communities}.{self.now}.{self.soon}"


@dataclass(frozen=True)
class _Over:
    """A community whose last cycle is over. said: the value of the setting that holds for it."""

    community_id: int
    said: str
    ended_at: dt.datetime
    emptied: bool


def look(session: Session, scope: Scope, said: str | None, steps: Collection[str]) -> Seen:
    """What setting this (None: inheriting it again) would do: by doing it and taking it back.

    steps: names of the six steps. Refused: as settings.keep.
    """
    tried = session.begin_nested()
    try:
        settings.keep(session, scope, Name.RETENTION, said, Actor(), looked=True)
        session.flush()
        held = next(each for each in settings.shown(session, scope) if each.name == Name.RETENTION)
        where = _within(scope)
        return _seen(session, str(held.value), over(session, steps, where), where)
    finally:
        tried.rollback()


def _seen(session: Session, said: str, found: Collection[_Over], where: ColumnElement[bool]) -> Seen:
    moment = now()
    counted = select(func.count(Community.id)).join(Course, Course.id == Community.course_id)
    counted = counted.join(Deployment, Deployment.id == Course.deployment_id).where(where)
    left = [each for each in found if not each.emptied]
    return Seen(
        said=said,
        communities=session.scalars(counted).one(),
        now=sum(_is_due(each, moment) for each in left),
        soon=sum(not _is_due(each, moment) and _is_due(each, _years_after(moment, 1)) for each in left),
        emptied=sum(each.emptied for each in found),
    )


def look_there(session: Session, course: Course, school_id: int, steps: Collection[str]) -> Seen:
    """What holds for a course in another school would do to its communities."""
    said = str(settings.value(session, Name.RETENTION, course.deployment_id, school_id, course.id))
    where = Course.id == course.id
    return _seen(session, said, [replace(each, said=said) for each in over(session, steps, where)], where)


def keep(session: Session, scope: Scope, said: str | None, seen: str, by: Actor, steps: Collection[str]) -> None:
    """Set it. seen: the seal of what its reader saw; Refused("setting_look_first") for another."""
    if look(session, scope, said, steps).seal != seen:
        raise Refused("setting_look_first")
    settings.keep(session, scope, Name.RETENTION, said, by, looked=True)
    # The one look is every school's: another day for it would be another day for all of them.
    if said and not outbox.waiting(session, outbox.Kind.RETENTION, "all"):
        outbox.put(session, outbox.Kind.RETENTION, "all", due_at=now() + GRACE)


def _within(scope: Scope) -> ColumnElement[bool]:
    """Of a query of communities with course and deployment: those that a setting of this can hold for."""
    if scope.course_id is not None:
        return Course.id == scope.course_id
    if scope.school_id is not None:
        return schools.school_id_of() == scope.school_id
    return Deployment.registration_id == scope.registration_id


def over(session: Session, steps: Collection[str], *where: ColumnElement[bool]) -> list[_Over]:
    """The communities whose last cycle is over: ended, or with all steps completed and none begun after it."""
    newest = select(func.max(Cycle.number)).where(Cycle.community_id == Community.id).correlate(Community)
    done = (
        select(StepRun.cycle_id, func.count(StepRun.id).label("steps"), func.max(StepRun.closed_at).label("last"))
        .where(StepRun.step.in_(list(steps)), StepRun.closed_at.is_not(None))
        .group_by(StepRun.cycle_id)
        .subquery()
    )
    query = (
        select(Community.id, Cycle.closed_at, Cycle.emptied_at, done.c.last)
        .add_columns(setting_of(Name.RETENTION, Community.course_id, as_text=True))
        .join(Course, Course.id == Community.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Cycle, (Cycle.community_id == Community.id) & (Cycle.number == newest.scalar_subquery()))
        .outerjoin(done, done.c.cycle_id == Cycle.id)
        .where(or_(Cycle.closed_at.is_not(None), done.c.steps == len(set(steps))), *where)
        .order_by(Community.id)
    )
    return [
        _Over(community_id, said or "", closed_at or last, emptied_at is not None)
        for community_id, closed_at, emptied_at, last, said in session.execute(query)
    ]


def _is_due(each: _Over, moment: dt.datetime) -> bool:
    years = read(each.said).years
    return years is not None and _years_after(each.ended_at, years) <= moment


def _years_after(moment: dt.datetime, years: int) -> dt.datetime:
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:  # 29 February
        return moment.replace(year=moment.year + years, day=28)


# The worker's


def portion(session: Session, steps: Steps) -> str:
    """Take away the contents of the next ones; puts in when to look again, as long as it is set anywhere.

    Returns "emptied", or "nothing_to_do".
    """
    named = [each.name for each in steps]
    moment = now()
    left = over(session, named, *_without_grace(session, moment))
    due = [each for each in left if not each.emptied and _is_due(each, moment)]
    emptied = sum(_one(session, each.community_id, steps, named) for each in due[:PORTION])
    again = moment if len(due) > PORTION else moment + EVERY
    if session.scalar(select(Setting.id).where(Setting.name == Name.RETENTION).limit(1)) is not None:
        outbox.put(session, outbox.Kind.RETENTION, "all", due_at=again)
    return "emptied" if emptied else "nothing_to_do"


def _without_grace(session: Session, moment: dt.datetime) -> list[ColumnElement[bool]]:
    """Of the same query: where neither the setting nor the course's school changed less than a day ago."""
    lately = select(SchoolAct).where(SchoolAct.at > moment - GRACE)
    moved = lately.where(SchoolAct.kind == Kind.COMMUNITY_MOVED, SchoolAct.course_id.is_not(None))
    set_ = lately.where(
        SchoolAct.kind.in_([Kind.SETTING_SET, Kind.SETTING_CLEARED]),
        SchoolAct.detail["setting"].as_string() == Name.RETENTION,
    )
    scopes = {
        Scope(act.registration_id, act.school_id if act.course_id is None else None, act.course_id)
        for act in session.scalars(set_)
    }
    came = Course.id.not_in(moved.with_only_columns(SchoolAct.course_id))
    return [came, *(not_(_within(scope)) for scope in scopes)]


def _one(session: Session, community_id: int, steps: Steps, named: Sequence[str]) -> bool:
    """Whether it was still to be done, once nobody else could change it."""
    community = session.get_one(Community, community_id)
    members.hold(session, community)
    still = over(session, named, Community.id == community_id)
    if not still or still[0].emptied or not _is_due(still[0], now()):
        return False
    kept = read(still[0].said)
    cycles = session.scalars(select(func.count(Cycle.id)).where(Cycle.community_id == community_id)).one()
    emptying.empty(session, community, steps, keep_yields=kept.yields)
    told = "kept" if kept.yields else "gone"
    schools.note(session, Kind.CONTENTS_REMOVED, Actor(), community, cycles=cycles, yields=told)
    return True
