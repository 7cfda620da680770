"""Joining schools into one, and splitting off a part of one: each shown first by what would do it.

Neither changes what anybody is in a community. Who administered one of them administers what becomes of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.hours import school_pots
from lti_tool.domain.school import pseudonyms, schools, settings, trail
from lti_tool.domain.school.provision import moving
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.models import Course, Deployment
from lti_tool.models.school import Administrator, AdministratorRequest, School, SchoolSplit, Setting

MOST_PATTERNS, LONGEST_PATTERN = 500, 255


@dataclass(frozen=True)
class Joining:
    """What joining comes to: how many deployments and courses go along, how many administer what becomes of it.

    settings: names of what was set for the school that goes, where it gives way to that of the other. pots: names of
    its pots of hours, which go along and stay open to its communities alone; twice: those that the other has too.
    """

    deployments: int
    courses: int
    administrators: int
    settings: Sequence[str]
    pots: Sequence[str] = ()
    twice: Sequence[str] = ()


@dataclass(frozen=True)
class Splitting:
    """What splitting comes to: (LMS's id, title) of the courses that go, and patterns that mean none of them yet.

    pots: names of the school's pots of hours that the courses that go keep until their period is closed.
    """

    courses: Sequence[tuple[str, str]]
    unmet: Sequence[str]
    stay: int
    pots: Sequence[str] = ()


def look_at_joining(session: Session, gone_id: int, into_id: int) -> Joining:
    """What joining a school into another would do. Refused: as `join`."""
    gone, into = _two(session, gone_id, into_id)
    people = select(Administrator.person_id).where(
        Administrator.school_id.in_([gone.id, into.id]), Administrator.ended_at.is_(None)
    )
    pots, twice = school_pots.of_joining(session, gone.id, into.id)
    lost = session.scalars(select(Setting.name).where(Setting.school_id == gone.id).order_by(Setting.name))
    return Joining(
        deployments=len(session.scalars(select(Deployment.id).where(Deployment.school_id == gone.id)).all()),
        courses=len(session.scalars(schools.courses_of(gone.id)).all()),
        administrators=len(set(session.scalars(people))),
        settings=list(lost),
        pots=pots,
        twice=twice,
    )


def _two(session: Session, gone_id: int, into_id: int) -> tuple[School, School]:
    if gone_id == into_id:
        raise Refused("school_same")
    by_id = {each.id: each for each in schools.hold(session, [gone_id, into_id])}
    gone, into = by_id[gone_id], by_id[into_id]
    if gone.opens_on != into.opens_on:
        # One would be closed that is open, or open without the consent that it waits for.
        raise Refused("school_other_day")
    return gone, into


def join(session: Session, gone_id: int, into_id: int, by: Actor) -> None:
    """Make a school a part of another one.

    Refused: "school_same", "school_unknown", "school_other_day" where they open on different days.
    """
    gone, into = _two(session, gone_id, into_id)
    school_pots.join(session, gone.id, into.id)
    for table in (Deployment, Course, SchoolSplit):
        session.execute(update(table).where(table.school_id == gone.id).values(school_id=into.id))
    moving.go_along(session, gone.id, into.id)
    _hand_on(session, gone.id, into.id)
    for request in session.scalars(select(AdministratorRequest).where(AdministratorRequest.school_id == gone.id)):
        session.delete(request)
    for setting in session.scalars(select(Setting).where(Setting.school_id == gone.id)):
        session.delete(setting)
    # What was joined into the one that goes is a part of the other now, and its trail with it.
    session.execute(update(School).where(School.joined_id == gone.id).values(joined_id=into.id))
    gone.joined_id = into.id
    # Of whose contents this would take away more than was looked at; it is set anew, once that was.
    settings.keep(session, settings.Scope(school_id=into.id), settings.Name.RETENTION, None, by, looked=True)
    pseudonyms.forget(session)
    into.name = into.name or gone.name
    trail.note(session, Kind.SCHOOLS_JOINED, by, school_id=into.id, detail={"school": gone.id})
    session.flush()


def _hand_on(session: Session, from_id: int, to_id: int) -> None:
    """Who has a power in one school has it in the other."""
    query = select(Administrator).where(Administrator.ended_at.is_(None))
    has = {(each.person_id, each.power) for each in session.scalars(query.where(Administrator.school_id == to_id))}
    for each in session.scalars(query.where(Administrator.school_id == from_id)):
        if (each.person_id, each.power) not in has:
            kept = {name: getattr(each, name) for name in ("person_id", "power", "named_by", "named_at")}
            session.add(Administrator(school_id=to_id, **kept))


def patterns_of(said: str) -> list[str]:
    """The patterns of a list, one a line or with commas. Refused: "school_patterns"."""
    found = list(dict.fromkeys(each.strip() for each in said.replace(",", "\n").splitlines() if each.strip()))
    fine = all(len(each) <= LONGEST_PATTERN and each.isprintable() for each in found)
    if not 0 < len(found) <= MOST_PATTERNS or not fine:
        raise Refused("school_patterns")
    return found


def look_at_splitting(session: Session, school_id: int, deployment_id: int, patterns: Collection[str]) -> Splitting:
    """What splitting would do. Refused: as `split`."""
    known = _of_deployment(session, school_id, deployment_id)
    going = [each for each in known if any(schools.matches(pattern, each.context_id) for pattern in patterns)]
    unmet = [each for each in patterns if not any(schools.matches(each, course.context_id) for course in known)]
    pots = school_pots.of_splitting(session, school_id, [each.id for each in going])
    return Splitting([(each.context_id, each.title) for each in going], unmet, len(known) - len(going), pots)


def _of_deployment(session: Session, school_id: int, deployment_id: int) -> Sequence[Course]:
    """The courses of a school in one of its deployments. Refused: "school_unknown" for what is none of them."""
    if session.scalar(select(Deployment.id).where(Deployment.id == deployment_id)) is None or deployment_id not in set(
        session.scalars(schools.deployments_of(school_id))
    ):
        raise Refused("school_unknown")
    query = select(Course).join(Deployment, Deployment.id == Course.deployment_id).order_by(Course.title, Course.id)
    of = (schools.school_id_of() == school_id, Course.deployment_id == deployment_id)
    return session.scalars(query.where(*of)).all()


def split(session: Session, school_id: int, deployment_id: int, patterns: Collection[str], name: str, by: Actor) -> int:
    """Make a school of its own of the courses that these patterns mean, met or not; returns its id.

    Refused: "school_unknown", "school_patterns", "school_taken" for a pattern that splits this deployment already.
    """
    (school,) = schools.hold(session, [school_id])
    known = _of_deployment(session, school_id, deployment_id)
    taken = select(SchoolSplit.id).where(SchoolSplit.deployment_id == deployment_id, SchoolSplit.matches.in_(patterns))
    if session.scalar(taken.limit(1)) is not None:
        raise Refused("school_taken")
    made = School(opens_on=school.opens_on)
    session.add(made)
    session.flush()
    session.add_all(SchoolSplit(deployment_id=deployment_id, school_id=made.id, matches=each) for each in patterns)
    going = [each for each in known if any(schools.matches(pattern, each.context_id) for pattern in patterns)]
    school_pots.leave(session, school.id, [each.id for each in going])
    for course in going:
        course.school_id = made.id
    session.flush()
    moving.go_along(session, school.id, made.id, lambda named: any(schools.matches(each, named) for each in patterns))
    for each in session.scalars(select(Setting).where(Setting.school_id == school.id)).all():
        kept = {column: getattr(each, column) for column in ("name", "value", "set_by", "set_at")}
        session.add(Setting(school_id=made.id, **kept))
    _hand_on(session, school.id, made.id)
    detail = {"courses": len(going)}
    trail.note(session, Kind.SCHOOL_SPLIT, by, school_id=school.id, detail=detail | {"school": made.id})
    trail.note(session, Kind.SCHOOL_SPLIT, by, school_id=made.id, detail=detail)
    schools.rename(session, made.id, name, by)
    session.flush()
    return made.id
