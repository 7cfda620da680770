"""Which school a course belongs to, what belongs to a school, and from when on a school's activities are open."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, bindparam, func, select, union
from sqlalchemy.orm import Session

from lti_tool.db import plain
from lti_tool.domain import Refused
from lti_tool.domain.school import trail
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.models import Community, Course, Deployment, Practice, Registration
from lti_tool.models.school import School, SchoolSplit

LONGEST_NAME = 255
# How far ahead a school can be kept closed.
AHEAD = dt.timedelta(days=3 * 365)


def school_id_of() -> ColumnElement[int]:
    """Of a query of courses joined with their deployments: the school each belongs to."""
    return func.coalesce(Course.school_id, Deployment.school_id)


def of_course(session: Session, course_id: int) -> int:
    """The id of a course's school."""
    query = select(school_id_of()).join(Deployment, Deployment.id == Course.deployment_id).where(Course.id == course_id)
    return session.scalars(query).one()


def near(deployment_id: SQLColumnExpression[int] | int) -> Select[int]:
    """Ids of the schools that a deployment's courses may belong to: its own, and those it was split into."""
    own = select(Deployment.school_id.label("id")).where(Deployment.id == deployment_id)
    split = select(SchoolSplit.school_id.label("id")).where(SchoolSplit.deployment_id == deployment_id)
    return select(union(own, split).subquery().c.id)


def courses_of(school_id: SQLColumnExpression[int] | int) -> Select[int]:
    """Ids of a school's courses, as a part of another query."""
    query = select(Course.id).join(Deployment, Deployment.id == Course.deployment_id)
    return query.where(school_id_of() == school_id)


def deployments_of(school_id: SQLColumnExpression[int] | int) -> Select[int]:
    """Ids of the deployments that a school has courses in, or may have: its own, and those it was split off from."""
    own = select(Deployment.id.label("id")).where(Deployment.school_id == school_id)
    split = select(SchoolSplit.deployment_id.label("id")).where(SchoolSplit.school_id == school_id)
    return select(union(own, split).subquery().c.id)


def matches(pattern: str, context_id: str) -> bool:
    """Whether a course's id is meant by a pattern: the id itself, or one with * for any characters."""
    # Of many asterisks in a row of .* each launch would have a very long search; fnmatch makes none of it.
    return fnmatchcase(context_id, re.sub(r"([\[?])", r"[\1]", pattern))


def split_for(session: Session, deployment_id: int, context_id: str) -> int | None:
    """The school that a course which was not met before was split off to; None: its deployment's own.

    The id itself goes before a pattern, a longer pattern before a shorter one.
    """
    query = select(SchoolSplit.matches, SchoolSplit.school_id).where(SchoolSplit.deployment_id == deployment_id)
    meant = [(said, school) for said, school in session.execute(query) if matches(said, context_id)]
    return max(meant, key=lambda each: ("*" not in each[0], len(each[0]), each[0]))[1] if meant else None


def note(
    session: Session, kind: Kind, by: Actor, community: Community, *, about_id: int | None = None, **detail: str | int
) -> None:
    """Note in the trail of its school what was done with a community."""
    trail.note(
        session,
        kind,
        by,
        school_id=of_course(session, community.course_id),
        course_id=community.course_id,
        community_id=community.id,
        about_id=about_id,
        detail=detail,
    )


# From when on it is open

# Every launch asks it. Built once, it is hot.
_OPENS_ON = (
    select(School.id, School.opens_on)
    .select_from(Course)
    .join(Deployment, Deployment.id == Course.deployment_id)
    .join(School, School.id == school_id_of())
    .where(Course.deployment_id == bindparam("deployment"), Course.context_id == bindparam("context"))
)


def opens_on(session: Session, deployment_id: int, context_id: str | None) -> tuple[int, dt.date | None]:
    """The school of a course, whether it was met before or not, and before which day it is closed."""
    row = plain(session, _OPENS_ON, {"deployment": deployment_id, "context": context_id}).one_or_none()
    if row is None and context_id is not None and (split := split_for(session, deployment_id, context_id)):
        row = session.execute(select(School.id, School.opens_on).where(School.id == split)).one()
    if row is None:
        own = select(School.id, School.opens_on).join(Deployment, Deployment.school_id == School.id)
        row = session.execute(own.where(Deployment.id == deployment_id)).one()
    return row[0], row[1]


def set_opening(session: Session, school_id: int, day: dt.date | None, today: dt.date, by: Actor) -> None:
    """Keep a school's activities closed before a day; None, or a day that came: open.

    Refused: "school_day_far".
    """
    if day is not None and day > today + AHEAD:
        raise Refused("school_day_far")
    school = hold(session, [school_id])[0]
    if school.opens_on == day:
        return
    school.opens_on = day
    detail = {"day": day.isoformat()} if day else {"open": 1}
    trail.note(session, Kind.SCHOOL_OPENS, by, school_id=school_id, detail=detail)
    session.flush()


def rename(session: Session, school_id: int, name: str, by: Actor) -> None:
    """Give a school a name; "" for none. Refused: "school_name"."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused("school_name")
    school = hold(session, [school_id])[0]
    if school.name != name:
        school.name = name
        trail.note(session, Kind.SCHOOL_NAMED, by, school_id=school_id)
        session.flush()


def hold(session: Session, ids: Iterable[int]) -> list[School]:
    """Schools, as nobody else changes them meanwhile. Refused: "school_unknown"."""
    ids = sorted(set(ids))
    query = select(School).where(School.id.in_(ids), School.joined_id.is_(None)).order_by(School.id)
    found = list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))
    if len(found) != len(ids):
        raise Refused("school_unknown")
    return found


# What there is


@dataclass(frozen=True)
class Place:
    """A deployment of a school: of which platform, by which id of the LMS; split: as a part of another school's."""

    id: int
    platform: str
    deployment: str
    split: bool


@dataclass(frozen=True)
class Listed:
    """A school with its deployments, how many courses it has, and which patterns were split off to it."""

    id: int
    name: str
    opens_on: dt.date | None
    places: Sequence[Place]
    courses: int
    patterns: Sequence[str]


def every() -> Select[School]:
    """A query of the schools there are: none that was joined with another, and none of who practises."""
    practising = select(Course.school_id).join(Practice, Practice.course_id == Course.id)
    return select(School).where(School.joined_id.is_(None), School.id.not_in(practising)).order_by(School.id)


def listed(session: Session, ids: Collection[int] | None = None) -> list[Listed]:
    """The schools, or those with these ids."""
    query = every()
    if ids is not None:
        query = query.where(School.id.in_(ids))
    found = session.scalars(query).all()
    wanted = [each.id for each in found]
    joined = select(Deployment, Registration).join(Registration, Registration.id == Deployment.registration_id)
    places: dict[int, list[Place]] = {}
    for deployment, platform in session.execute(joined.where(Deployment.school_id.in_(wanted)).order_by(Deployment.id)):
        called = platform.name or platform.issuer
        places.setdefault(deployment.school_id, []).append(
            Place(deployment.id, called, deployment.deployment_id, split=False)
        )
    patterns: dict[int, list[str]] = {}
    split = joined.join(SchoolSplit, SchoolSplit.deployment_id == Deployment.id).add_columns(SchoolSplit)
    for deployment, platform, row in session.execute(split.where(SchoolSplit.school_id.in_(wanted))):
        there = places.setdefault(row.school_id, [])
        if deployment.id not in [each.id for each in there]:
            there.append(Place(deployment.id, platform.name or platform.issuer, deployment.deployment_id, split=True))
        patterns.setdefault(row.school_id, []).append(row.matches)
    counted = (
        select(school_id_of(), func.count(Course.id))
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(school_id_of().in_(wanted))
        .group_by(school_id_of())
    )
    counts: dict[int, int] = {row[0]: row[1] for row in session.execute(counted)}
    return [
        Listed(
            *(each.id, each.name, each.opens_on, places.get(each.id, [])),
            *(counts.get(each.id, 0), sorted(patterns.get(each.id, []))),
        )
        for each in found
    ]
