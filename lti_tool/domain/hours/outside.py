"""Approvers who are in no staff course: they open an approve activity, and a pot names them.

The activity belongs to the school, whatever course it stands in: it founds no community there, and makes nobody a
member or part of a roster. In a deployment that was split among schools it is of each of them.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.hours import approvals, calling, known_pots
from lti_tool.domain.hours.places import seen_in
from lti_tool.domain.school import schools
from lti_tool.models import Community, Course, Deployment, Person
from lti_tool.models.hours import HoursPot, HoursRole, HoursVisit
from lti_tool.text import Text

# The custom value of a placed approve activity, and what it holds.
PAGE, APPROVE = "page", "approve"
# Who did not open it for so long can be named no more until they do; so many are offered, the latest first.
FORGOTTEN = dt.timedelta(days=365)
OFFERED = 200


@dataclass(frozen=True)
class Visitor:
    """Somebody who opened an approve activity, and who is no member of the community that reads it."""

    person_id: int
    name: Text
    course: str


@dataclass(frozen=True)
class Place:
    """A community in which a pot names somebody, with how many entries wait. name: the school's, of its pots."""

    community_id: int
    name: str
    waiting: int


def note(session: Session, deployment_id: int, person_id: int, course: str) -> None:
    """Note that somebody opened an approve activity. course: its title, "" where the LMS gives none."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    said = {"course": course[:255], "at": now()}
    query = insert(HoursVisit).values(deployment_id=deployment_id, person_id=person_id, **said)
    session.execute(query.on_conflict_do_update(index_elements=["deployment_id", "person_id"], set_=said))


def forget(session: Session) -> None:
    """Delete what is known of those who did not open it for long. Who is named stays named."""
    session.execute(delete(HoursVisit).where(HoursVisit.at < now() - FORGOTTEN))


def visitors(session: Session, community: Community, present: Collection[int]) -> list[Visitor]:
    """Who can be named beside the members who are there: who opened an approve activity of the community's school, by
    name; who did so in several deployments, as they were last. present: ids of these members' persons."""
    query = (
        select(HoursVisit.person_id, HoursVisit.course, Person.name)
        .join(Person, Person.id == HoursVisit.person_id)
        .where(
            HoursVisit.deployment_id.in_(schools.deployments_of(schools.of_course(session, community.course_id))),
            HoursVisit.at > now() - FORGOTTEN,
        )
        .order_by(HoursVisit.at.desc())
        .limit(OFFERED)
    )
    found = [
        Visitor(row.person_id, Text(row.name, row.name) if row.name else calling.OUTSIDE, row.course)
        for row in session.execute(query)
        if row.person_id not in present
    ]
    by_person = {each.person_id: each for each in reversed(found)}
    return sorted(by_person.values(), key=lambda each: (each.name.nl.casefold(), each.person_id))


def places(session: Session, deployment_id: int, person_id: int) -> list[Place]:
    """The communities of a deployment's schools in which a pot names somebody now, by name.

    A school's pot is read alike in each of its communities: it is in one of these, called after the school.
    """
    query = (
        select(Community.id, HoursPot.id, HoursPot.school_id)
        .join(Course, Course.id == Community.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(HoursPot, seen_in(Community.id))
        .join(HoursRole, HoursRole.pot_id == HoursPot.id)
        .where(schools.school_id_of().in_(schools.near(deployment_id)), *_approves(person_id))
        .order_by(HoursPot.school_id.is_not(None), Community.id)
    )
    called: dict[int, int | None] = {}
    covered: set[int] = set()
    seen: dict[int, set[int]] = {}
    rows = session.execute(query).all()
    for community_id, pot_id, _school in rows:
        seen.setdefault(community_id, set()).add(pot_id)
    for community_id, pot_id, school_id in rows:
        # Those with pots of their own first; of a school's pots what is not read in one of them already.
        if school_id is None or pot_id not in covered:
            called.setdefault(community_id, school_id)
            covered |= seen[community_id]
    waits = (
        select(Community.id, Community.name, approvals.waiting(Community.id, Person.id))
        .join(Person, Person.id == person_id)
        .where(Community.id.in_(called))
    )
    names = {each.id: each.name for each in schools.listed(session, {each for each in called.values() if each})}
    found = [
        Place(community_id, names.get(called[community_id] or 0) or name, waiting)
        for community_id, name, waiting in session.execute(waits)
    ]
    return sorted(found, key=lambda each: (each.name, each.community_id))


def find(session: Session, deployment_id: int, person_id: int, community_id: int) -> tuple[Community, Course] | None:
    """One of these communities with its course; None for any other."""
    query = (
        select(Community, Course)
        .join(Course, Course.id == Community.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(
            schools.school_id_of().in_(schools.near(deployment_id)),
            Community.id == community_id,
            _named(person_id),
        )
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def _approves(person_id: int) -> tuple[ColumnElement[bool], ...]:
    return HoursRole.person_id == person_id, HoursRole.role.in_(known_pots.APPROVING), HoursRole.until.is_(None)


def _named(person_id: int) -> ColumnElement[bool]:
    return (
        select(HoursRole.id)
        .join(HoursPot, HoursPot.id == HoursRole.pot_id)
        .where(seen_in(Community.id), *_approves(person_id))
        .correlate(Community)
        .exists()
    )
