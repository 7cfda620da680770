"""Proposing that two accounts are one person, answering that, and ending it: as easily, by either of both or as it was
proposed. Rows of joins are added and closed; of the ledger nothing changes (joins.py is how it is read).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import entries
from lti_tool.domain.school import schools
from lti_tool.models import Community, Course, Member, Person, Seat
from lti_tool.models.hours import HoursJoin

FOUND_AT_MOST = 20
LONGEST_NAME = 100


@dataclass(frozen=True)
class Account:
    """An account of the school, as an administrator finds it. courses: what the courses are called it is in."""

    person_id: int
    name: str
    courses: Sequence[str]


@dataclass(frozen=True)
class Asker:
    """The administrator who proposes it: asked, the names that were looked for; member, where they are one."""

    person_id: int
    member: Member | None
    asked: Sequence[str]


@dataclass(frozen=True)
class Joined:
    """Two accounts that are one person, or that somebody says are. yes, other_yes: who of them said so.

    Read by one of them, person is that one; by an administrator, the first.
    """

    id: int
    name: str
    other_id: int
    other_name: str
    yes: bool
    other_yes: bool
    at: dt.datetime

    @property
    def stands(self) -> bool:
        """Whether both said yes."""
        return self.yes and self.other_yes


def found(session: Session, course: Course, names: Sequence[str]) -> list[Account]:
    """Accounts whose name has one of these in it, of a course; of others of its school those called so in full.

    Two accounts of one person are often spelt differently, so that one name does not find both. None for less than two
    letters. Who is administrator in an LMS may be one of many (O10): nobody leafs through names.
    """
    asked = [name for each in names if len(name := _words(each)) > 1 and name.isprintable()]
    if not asked:
        return []
    query = (
        select(Person.id, Person.name, Course.title)
        .join(Seat, Seat.person_id == Person.id)
        .join(Course, Course.id == Seat.course_id)
        .where(Course.id.in_(_of_school(session, course)), Person.erased_at.is_(None))
        .where(_called(asked) | (or_(*(Person.name.icontains(each, autoescape=True) for each in asked)) & _in(course)))
        .order_by(Person.name, Person.id, Course.title)
    )
    by_id: dict[int, tuple[str, list[str]]] = {}
    for person_id, called, title in session.execute(query):
        by_id.setdefault(person_id, (called, []))[1].append(title)
    return [Account(each, *said) for each, said in list(by_id.items())[:FOUND_AT_MOST]]


def _of_school(session: Session, course: Course) -> Select[int]:
    """Ids of the courses of a course's school."""
    return schools.courses_of(schools.of_course(session, course.id))


def _words(name: str) -> str:
    return " ".join(name.split())[:LONGEST_NAME]


def _called(asked: Sequence[str]) -> ColumnElement[bool]:
    return func.lower(Person.name).in_([func.lower(each) for each in asked])


def _in(course: Course) -> ColumnElement[bool]:
    return Person.id.in_(select(Seat.person_id).where(Seat.course_id == course.id))


def of_school(session: Session, course: Course) -> list[Joined]:
    """All that was proposed in a course's school and was not ended, for an administrator."""
    return _read(session, _is_of_school(session, course))


def _is_of_school(session: Session, course: Course) -> ColumnElement[bool]:
    """Proposed about who is in one of its courses."""
    there = select(Seat.person_id).where(Seat.course_id.in_(_of_school(session, course)))
    return or_(HoursJoin.one_id.in_(there), HoursJoin.other_id.in_(there))


def of_person(session: Session, person_id: int) -> list[Joined]:
    """What was proposed about somebody, or what they said yes to, as they read it."""
    return _read(session, _is_of(person_id), person_id)


def _is_of(person_id: int) -> ColumnElement[bool]:
    return or_(HoursJoin.one_id == person_id, HoursJoin.other_id == person_id)


_one, _other = aliased(Person), aliased(Person)


def _read(session: Session, where: ColumnElement[bool], reader: int | None = None) -> list[Joined]:
    query = (
        select(HoursJoin, _one.name, _other.name)
        .join(_one, _one.id == HoursJoin.one_id)
        .join(_other, _other.id == HoursJoin.other_id)
        .where(where, HoursJoin.ended_at.is_(None))
        .order_by(HoursJoin.id)
    )
    found = []
    for row, name, other_name in session.execute(query):
        sides = [(row.one_id, name, row.one_yes_at), (row.other_id, other_name, row.other_yes_at)]
        if row.other_id == reader:
            sides.reverse()
        mine, theirs = sides
        found.append(Joined(row.id, mine[1], theirs[0], theirs[1], mine[2] is not None, theirs[2] is not None, row.at))
    return found


def propose(session: Session, community: Community, course: Course, asker: Asker, people: Sequence[int]) -> int:
    """Propose that two accounts are one person; returns the join's id.

    Refused: "join_two", "join_people" for who is not found by what was asked, "join_taken".
    """
    if len(people) != 2 or people[0] == people[1] or not all(0 < each <= MAX_ID for each in people):
        raise Refused("join_two")
    entries.hold(session, people)
    here = select(Seat.person_id).join(Course, Course.id == Seat.course_id).join(Person, Person.id == Seat.person_id)
    here = here.where(Course.id.in_(_of_school(session, course)), Seat.person_id.in_(people))
    if set(session.scalars(here.where(_called([*map(_words, asker.asked)]) | _in(course)))) != set(people):
        raise Refused("join_people")
    ids = (HoursJoin.one_id.in_(people), HoursJoin.other_id.in_(people))
    if session.scalar(select(HoursJoin.id).where(or_(*ids), HoursJoin.ended_at.is_(None)).limit(1)) is not None:
        raise Refused("join_taken")
    made = HoursJoin(deployment_id=course.deployment_id, one_id=people[0], other_id=people[1], by_id=asker.person_id)
    session.add(made)
    session.flush()
    acts.note(session, community.id, acts.Kind.ACCOUNTS_PROPOSED, asker.member, detail={"join": made.id})
    return made.id


def agree(session: Session, community: Community, by: Member, join_id: int) -> bool:
    """Say yes, from one's own launch; whether the two are one person now. Refused: "join_gone"."""
    row = _held(session, join_id, _is_of(by.person_id))
    if row.one_id == by.person_id:
        row.one_yes_at = row.one_yes_at or now()
    else:
        row.other_yes_at = row.other_yes_at or now()
    stands = row.one_yes_at is not None and row.other_yes_at is not None
    acts.note(session, community.id, acts.Kind.ACCOUNTS_AGREED, by, detail={"join": row.id, "joined": int(stands)})
    session.flush()
    return stands


def end(session: Session, community: Community, by: Member, join_id: int) -> None:
    """Say no, or no longer, by one of both. Refused: "join_gone"."""
    row = _held(session, join_id, _is_of(by.person_id))
    _end(session, community, by, row)


def end_for(session: Session, community: Community, course: Course, by: Member | None, join_id: int) -> None:
    """The same by an administrator, of the course's school. Refused: "join_gone"."""
    _end(session, community, by, _held(session, join_id, _is_of_school(session, course)))


def _end(session: Session, community: Community, by: Member | None, row: HoursJoin) -> None:
    row.ended_at = now()
    acts.note(session, community.id, acts.Kind.ACCOUNTS_PARTED, by, detail={"join": row.id})
    session.flush()


def _held(session: Session, join_id: int, of: ColumnElement[bool]) -> HoursJoin:
    """A join that was not ended, as nobody else writes in either one's hours meanwhile; Refused("join_gone")."""
    row = None
    if 0 < join_id <= MAX_ID:
        query = select(HoursJoin).where(HoursJoin.id == join_id, of)
        there = session.scalars(query).one_or_none()
        if there is not None:
            entries.hold(session, [there.one_id, there.other_id])
            fresh = query.where(HoursJoin.ended_at.is_(None)).execution_options(populate_existing=True)
            row = session.scalars(fresh.with_for_update()).one_or_none()
    if row is None:
        raise Refused("join_gone")
    return row
