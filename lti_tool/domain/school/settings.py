"""Settings that inherit: of a platform, of a school, of a course. The nearest one holds; else the product's default.

Each is one line of SETTINGS (setting_kinds). Whoever reads one asks `value`, or has it in a query of their own
(models.community.setting_of).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.participation import Passback
from lti_tool.domain.school import access, pseudonyms, schools, trail
from lti_tool.domain.school.setting_kinds import SETTINGS, Kept, Name
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.models import Course, Deployment, Person
from lti_tool.models.school import School, Setting
from lti_tool.text import Text

__all__ = ["SETTINGS", "Kept", "Level", "Name", "Scope", "Shown"]


class Level(StrEnum):
    """Where a value comes from; farther ones first."""

    DEFAULT = "default"
    PLATFORM = "platform"
    SCHOOL = "school"
    COURSE = "course"


@dataclass(frozen=True)
class Scope:
    """What something is set for: one of the three."""

    registration_id: int | None = None
    school_id: int | None = None
    course_id: int | None = None


@dataclass(frozen=True)
class Shown:
    """A setting as a page shows it. level: where its value comes from; by: who set that, None for a command.

    own: whether it is set here; else it is inherited. without: what it would be if it were not.
    """

    name: Name
    value: Any
    level: Level
    by: Text | None
    at: dt.datetime | None
    own: bool
    without: Any


_NEAREST = case((Setting.course_id.is_not(None), 0), (Setting.school_id.is_not(None), 1), else_=2)
_LEVELS = (Level.COURSE, Level.SCHOOL, Level.PLATFORM)


def _above(session: Session, scope: Scope) -> ColumnElement[bool]:
    """Of a query of settings: what is set for this, or for what it inherits from."""
    if scope.course_id is not None:
        row = session.execute(
            select(schools.school_id_of(), Deployment.registration_id)
            .join(Deployment, Deployment.id == Course.deployment_id)
            .where(Course.id == scope.course_id)
        ).one()
        return of(row[1], row[0], scope.course_id)
    if scope.school_id is not None:
        # A school of several platforms inherits of the first of them.
        first = select(Deployment.registration_id).where(Deployment.id.in_(schools.deployments_of(scope.school_id)))
        return of(session.scalar(first.order_by(Deployment.id).limit(1)), scope.school_id, None)
    return of(scope.registration_id, None, None)


def of(registration_id: int | None, school_id: int | None, course_id: int | None) -> ColumnElement[bool]:
    """Of a query of settings: those of these."""
    asked = ((Setting.registration_id, registration_id), (Setting.school_id, school_id), (Setting.course_id, course_id))
    return or_(*(column == each for column, each in asked if each is not None))


def value(session: Session, name: Name, deployment_id: int, school_id: int, course_id: int | None = None) -> Any:
    """What holds for a course, or for one that is being founded (None)."""
    platform = select(Deployment.registration_id).where(Deployment.id == deployment_id).scalar_subquery()
    found = or_(Setting.registration_id == platform, of(None, school_id, course_id))
    row = session.scalars(select(Setting).where(Setting.name == name, found).order_by(_NEAREST).limit(1)).first()
    return row.value["value"] if row is not None else SETTINGS[name].default


def passback(session: Session, course: Course) -> Passback:
    """How participation is passed back by a placement of a course that does not say so itself."""
    school = schools.of_course(session, course.id)
    return Passback(value(session, Name.PASSBACK, course.deployment_id, school, course.id))


def shown(session: Session, scope: Scope) -> list[Shown]:
    """Every setting, as it holds for this."""
    query = select(Setting, Person).outerjoin(Person, Person.id == Setting.set_by).order_by(_NEAREST)
    rows: dict[str, list[tuple[Setting, Person | None]]] = {}
    for row, person in session.execute(query.where(_above(session, scope))):
        rows.setdefault(row.name, []).append((row, person))
    found, school_id = [], _school_of(session, scope)
    numbered = access.numbered(session, school_id) if school_id is not None else {}
    for name, kept in SETTINGS.items():
        there = rows.get(name, [])
        if not there:
            found.append(Shown(name, kept.default, Level.DEFAULT, None, None, own=False, without=kept.default))
            continue
        row, who = there[0]
        by = trail.called(who, numbered) if who is not None else None
        own = _is_of(row, scope)
        below = there[1][0].value["value"] if len(there) > 1 else kept.default
        level = next(level for level, each in zip(_LEVELS, (row.course_id, row.school_id, 1), strict=True) if each)
        found.append(Shown(name, row.value["value"], level, by, row.set_at, own, below if own else row.value["value"]))
    return found


def _school_of(session: Session, scope: Scope) -> int | None:
    return schools.of_course(session, scope.course_id) if scope.course_id is not None else scope.school_id


def _is_of(row: Setting, scope: Scope) -> bool:
    return (row.registration_id, row.school_id, row.course_id) == (
        scope.registration_id, scope.school_id, scope.course_id,
    )  # fmt: skip


def read(name: str, said: str, steps: Collection[str]) -> Any:
    """What somebody typed, as a value. steps: the names of the steps there are.

    Refused: "setting_unknown", "setting_step" for a step that there is not, and what its own `read` refuses.
    """
    if name not in list(Name):
        raise Refused("setting_unknown")
    kept = SETTINGS[Name(name)]
    value = kept.read(said)
    if kept.by_step and not set(value) <= set(steps):
        raise Refused("setting_step")
    return value


def keep(
    session: Session,
    scope: Scope,
    name: str,
    said: str | None,
    by: Actor,
    steps: Collection[str] = (),
    *,
    looked: bool = False,
) -> None:
    """Set a value, or with None have it inherited again. steps: the names of the steps there are.

    looked: what it would do was looked at (school.retention). Refused: "setting_look_first" where that must be, and
    what `read` refuses.
    """
    if name not in list(Name):
        raise Refused("setting_unknown")
    if SETTINGS[Name(name)].looked_at and not looked:
        raise Refused("setting_look_first")
    wanted = read(name, said, steps) if said is not None else None
    _hold(session, scope)
    rows = session.scalars(select(Setting).where(Setting.name == name, of(**vars(scope)))).all()
    row = next(iter(rows), None)
    if said is None:
        if row is None:
            return
        session.delete(row)
    elif row is None:
        session.add(Setting(**vars(scope), name=name, value={"value": wanted}, set_by=by.person_id))
    elif row.value["value"] == wanted:
        return
    else:
        row.value, row.set_by, row.set_at = {"value": wanted}, by.person_id, now()
    kind = Kind.SETTING_CLEARED if said is None else Kind.SETTING_SET
    about = vars(scope) | ({"school_id": schools.of_course(session, scope.course_id)} if scope.course_id else {})
    noted: dict[str, Any] = {"setting": name}
    if said is not None:
        noted["value"] = len(wanted) if isinstance(wanted, list | dict) else wanted
    trail.note(session, kind, by, **about, detail=noted)
    session.flush()
    if name == Name.NAMES:
        pseudonyms.forget(session)


def _hold(session: Session, scope: Scope) -> None:
    """One at a time, for what it is set for."""
    if scope.school_id is not None:
        session.execute(select(School.id).where(School.id == scope.school_id).with_for_update()).one()
    elif scope.course_id is not None:
        session.execute(select(Course.id).where(Course.id == scope.course_id).with_for_update()).one()


def course(session: Session, school_id: int, course_id: int) -> tuple[int, str, str] | None:
    """(id, title, the LMS's id) of one of a school's courses; None for any other."""
    query = select(Course.id, Course.title, Course.context_id).where(
        Course.id == min(course_id, MAX_ID), Course.id.in_(schools.courses_of(school_id))
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def courses(session: Session, school_id: int, title: str) -> Sequence[tuple[int, str, str]]:
    """(id, title, the LMS's id) of a school's courses with this in their title, at most twenty; of "" the newest."""
    query = select(Course.id, Course.title, Course.context_id).where(Course.id.in_(schools.courses_of(school_id)))
    asked = " ".join(title.split())[:100]
    if asked:
        query = query.where(Course.title.icontains(asked, autoescape=True))
    return [(row[0], row[1], row[2]) for row in session.execute(query.order_by(Course.id.desc()).limit(20))]
