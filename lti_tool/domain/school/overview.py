"""How the communities of a school stand, for who administers it: which want a hand, and where each is.

Columns and counts only: nobody's words, and of nobody whether they took part. "Since when nothing moved" is told from
the stages that a community went through, never from what somebody did in one.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from lti_tool.db import UtcDateTime, now
from lti_tool.domain.community import seating
from lti_tool.domain.community.access import FACILITATING
from lti_tool.domain.community.circle import called
from lti_tool.domain.participation import Passback
from lti_tool.domain.school.provision import expected
from lti_tool.domain.school.provision.expected import Expected
from lti_tool.domain.school.wanting import DOWN, LEADS, STILL, TEMPLATES, Want, condition, hours_overdue, of_school
from lti_tool.domain.thread import requests
from lti_tool.models import (
    Community,
    Course,
    Cycle,
    Deployment,
    LineItem,
    Member,
    Person,
    Registration,
    ResourceLink,
    Score,
    ScoreState,
    Seat,
    Standing,
    StepRun,
)
from lti_tool.text import Text

# So many stand on one page.
PAGE = 25
# Of a title one looks for so many characters at most.
LONGEST = 100


@dataclass(frozen=True)
class Deliveries:
    """How many scores are where. held: a person set the grade; stopped: refused, or the column is no more."""

    arrived: int = 0
    waiting: int = 0
    held: int = 0
    stopped: int = 0


@dataclass(frozen=True)
class Row:
    """A community as it stands. belong, opened: how many take part, and of them how many opened it.

    steps: codes of those that are open, the one that moved last first; cycle: its number; moved_at: when it last went
    to another stage. requests: how many of the community's requests are overdue; hours_wait: whether hours wait too
    long for whoever approves them. leader_gone: who led it left, and nobody came after. columns, columns_gone: in the
    gradebook. template: whether its course is one. expected: whom the school's list makes a facilitator, and who
    has not come yet. wants: what wants a hand.
    """

    id: int
    name: str
    course_id: int
    title: str
    context_id: str
    platform: str
    deployment: str
    roster_at: dt.datetime | None
    roster: Mapping[str, int] | None
    has_roster: bool
    archived_at: dt.datetime | None
    template: bool
    facilitators: Sequence[Text]
    expected: Sequence[Expected]
    belong: int
    opened: int
    cycle: int
    steps: Sequence[str]
    moved_at: dt.datetime
    paused_until: dt.datetime | None
    over: bool
    columns: int
    columns_gone: int
    deliveries: Deliveries
    requests: int
    hours_wait: bool
    leader_gone: bool
    wants: frozenset[Want]


@dataclass(frozen=True)
class Page:
    """Some of the rows, by title. more: whether others follow."""

    rows: Sequence[Row]
    number: int
    more: bool


# Looking


def page(
    session: Session, school_id: int | None, *, want: Want | None = None, title: str = "", number: int = 1
) -> Page:
    """The communities of a school, by title: all at work, or those that want something; number: 1 is the first page."""
    ids = of_school(select(Community.id).join(Course, Course.id == Community.course_id), school_id)
    ids = ids.where(condition(want) if want is not None else Community.archived_at.is_(None))
    if title:
        ids = ids.where(Course.title.icontains(title[:LONGEST], autoescape=True))
    ids = ids.order_by(Course.title, Course.id, Community.id).limit(PAGE + 1).offset((number - 1) * PAGE)
    found = session.scalars(ids).all()
    return Page(_rows(session, found[:PAGE]), number, len(found) > PAGE)


def one(session: Session, school_id: int | None, community_id: int) -> Row | None:
    """One community of a school; None where the school has no such one."""
    query = select(Community.id).join(Course, Course.id == Community.course_id).where(Community.id == community_id)
    found = session.scalars(of_school(query, school_id)).all()
    return next(iter(_rows(session, found)), None)


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    if not ids:
        return []
    people, cycles, (guides, to_come) = _people(session, ids), _cycles(session, ids), _facilitators(session, ids)
    columns, sent = _columns(session, ids), _deliveries(session, ids)
    overdue = requests.overdue(session, ids, now().date())
    found = {}
    base = _BASE.add_columns(Community.id.in_(hours_overdue(ids)).label("hours_wait"))
    for row in session.execute(base.where(Community.id.in_(ids))):
        of, counted, (columns_, gone) = cycles[row.id], people.get(row.id, _NOBODY), columns.get(row.id, (0, 0))
        wants = {
            Want.UNOPENED: not counted.opened_it,
            Want.NO_FACILITATOR: row.id not in guides and all(each.late for each in to_come.get(row.id, ())),
            Want.STILL: not of.over and of.paused_until is None and of.moved_at < now() - STILL,
            Want.COLUMN_GONE: gone > 0,
            Want.PLATFORM_DOWN: bool(row.down),
            Want.LEADER_GONE: (leaderless := counted.led > 0 and not counted.leading),
            Want.OVERDUE: row.id in overdue or row.hours_wait or leaderless,
        }
        found[row.id] = Row(
            id=row.id,
            name=row.name,
            course_id=row.course_id,
            title=seating.told_apart(row.title, row.group_id, row.name),
            context_id=row.context_id,
            platform=row.platform or row.issuer,
            deployment=row.deployment_id,
            roster_at=row.roster_at,
            roster=row.roster,
            has_roster=bool(row.memberships_url),
            archived_at=row.archived_at,
            template=bool(row.template),
            facilitators=guides.get(row.id, ()),
            expected=to_come.get(row.id, ()),
            belong=counted.belong,
            opened=counted.opened,
            cycle=of.number,
            steps=of.steps,
            moved_at=of.moved_at,
            paused_until=of.paused_until,
            over=of.over,
            columns=columns_,
            columns_gone=gone,
            deliveries=sent.get(row.id, Deliveries()),
            requests=overdue.get(row.id, 0),
            hours_wait=bool(row.hours_wait),
            leader_gone=wants[Want.LEADER_GONE],
            wants=frozenset(want for want, so in wants.items() if so and row.archived_at is None and not row.template),
        )
    return [found[each] for each in ids]


_BASE = (
    select(
        Community.id,
        Community.name,
        Community.group_id,
        Community.archived_at,
        Course.id.label("course_id"),
        Course.title,
        Course.context_id,
        Course.roster_at,
        Course.roster,
        Course.memberships_url,
        Deployment.deployment_id,
        Registration.name.label("platform"),
        Registration.issuer,
        Deployment.registration_id.in_(DOWN).label("down"),
        Course.id.in_(TEMPLATES).label("template"),
    )
    .join(Course, Course.id == Community.course_id)
    .join(Deployment, Deployment.id == Course.deployment_id)
    .join(Registration, Registration.id == Deployment.registration_id)
)


@dataclass(frozen=True)
class _Counted:
    belong: int
    opened: int
    opened_it: int
    led: int
    leading: int


_NOBODY = _Counted(0, 0, 0, 0, 0)


def _people(session: Session, ids: Collection[int]) -> dict[int, _Counted]:
    takes_part = (Member.standing == Standing.MEMBER) & Seat.present
    opened = Member.opened_at.is_not(None)

    def many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    query = (
        select(
            Member.community_id,
            many(takes_part),
            many(takes_part & opened),
            many((Member.standing == Standing.MEMBER) & opened & Member.facilitates.is_(False)),
            many(LEADS),
            many(LEADS & Seat.present),
        )
        .join(Community, Community.id == Member.community_id)
        .outerjoin(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == Community.course_id))
        .where(Member.community_id.in_(ids))
        .group_by(Member.community_id)
    )
    return {of: _Counted(*map(int, counts)) for of, *counts in session.execute(query)}


def _facilitators(
    session: Session, ids: Collection[int]
) -> tuple[Mapping[int, Sequence[Text]], Mapping[int, Sequence[Expected]]]:
    """Who facilitates each; and who is to, by the school's list."""
    here = (
        select(Member.community_id, Member.number, Person.name, literal(None, UtcDateTime()))
        .join(Community, Community.id == Member.community_id)
        .join(Person, Person.id == Member.person_id)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == Community.course_id))
        .where(Member.community_id.in_(ids), Member.facilitates, Member.standing.in_(FACILITATING), Seat.present)
    )
    found: dict[int, list[Text]] = {}
    to_come: dict[int, list[Expected]] = {}
    rows: Sequence[Any] = session.execute(union_all(here, expected.people(ids))).all()
    for of, number, name, since in sorted(rows, key=lambda row: (row[0], row[1] or 0)):
        if since is None:
            found.setdefault(of, []).append(called(name, number))
        else:
            to_come.setdefault(of, []).append(expected.somebody(number, name, since))
    return found, to_come


@dataclass(frozen=True)
class _Stands:
    number: int
    steps: Sequence[str]
    moved_at: dt.datetime
    paused_until: dt.datetime | None
    over: bool


def _cycles(session: Session, ids: Collection[int]) -> dict[int, _Stands]:
    """Where the newest cycle of each is."""
    newest = select(Cycle.community_id, func.max(Cycle.number).label("number")).where(Cycle.community_id.in_(ids))
    last = newest.group_by(Cycle.community_id).subquery()
    query = (
        select(Cycle.community_id, Cycle.number, Cycle.moved_at, Cycle.paused_until, Cycle.closed_at)
        .add_columns(StepRun.step, StepRun.closed_at.label("done_at"))
        .join(last, (last.c.community_id == Cycle.community_id) & (last.c.number == Cycle.number))
        .outerjoin(StepRun, StepRun.cycle_id == Cycle.id)
        .order_by(Cycle.community_id, StepRun.stage_since, StepRun.id)
    )
    found: dict[int, _Stands] = {}
    for row in session.execute(query):
        before = found.get(row.community_id)
        opened = (row.step,) if row.step and row.done_at is None else ()
        found[row.community_id] = _Stands(
            row.number,
            (*opened, *(before.steps if before is not None else ())),
            row.moved_at,
            row.paused_until,
            row.closed_at is not None,
        )
    return found


def _columns(session: Session, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Community id -> how many columns its course has in the gradebook, and how many are gone from there."""
    gone = LineItem.gone & (ResourceLink.passback != Passback.NONE)
    query = (
        select(
            Community.id,
            func.sum(case(((LineItem.url != "") & LineItem.gone.is_(False), 1), else_=0)),
            func.sum(case((gone, 1), else_=0)),
        )
        .select_from(Community)
        .join(ResourceLink, ResourceLink.course_id == Community.course_id)
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .where(Community.id.in_(ids))
        .group_by(Community.id)
    )
    return {of: (int(there), int(lost)) for of, there, lost in session.execute(query)}


_STATES: Mapping[ScoreState, str] = {
    ScoreState.ARRIVED: "arrived",
    ScoreState.WAITING: "waiting",
    ScoreState.HELD: "held",
    ScoreState.REFUSED: "stopped",
    ScoreState.GONE: "stopped",
}


def _deliveries(session: Session, ids: Collection[int]) -> dict[int, Deliveries]:
    query = (
        select(Community.id, Score.state, func.count(Score.id))
        .join(ResourceLink, ResourceLink.course_id == Community.course_id)
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .join(Score, Score.line_item_id == LineItem.id)
        # Of its own people: the communities of a course share its columns.
        .join(Member, (Member.community_id == Community.id) & (Member.person_id == Score.person_id))
        .where(Community.id.in_(ids), Member.standing != Standing.ELSEWHERE)
        .group_by(Community.id, Score.state)
    )
    found: dict[int, dict[str, int]] = {}
    for of, state, many in session.execute(query):
        if (name := _STATES.get(state)) is not None:
            counts = found.setdefault(of, {})
            counts[name] = counts.get(name, 0) + many
    return {of: Deliveries(**counts) for of, counts in found.items()}
