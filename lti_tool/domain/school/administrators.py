"""Who administers a school, and who reads along as its data protection officer: named, ended, and asking to be let in.

Named by the operator, by a one-time code (codes.py), or by one of them. Every one of these acts is in the trail.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.school import access, schools, trail
from lti_tool.domain.school.trail import OPERATOR, Actor, Kind
from lti_tool.models import Course, Deployment, Person, Seat
from lti_tool.models.school import Administrator, AdministratorRequest, Power, School
from lti_tool.text import Text

FOUND_AT_MOST = 20
LONGEST_NAME = 100
# Who was refused may ask again after this; until then it is for who administers to come back to it.
ASK_AGAIN = dt.timedelta(days=30)


@dataclass(frozen=True)
class Named:
    """Somebody with a power. called: their name, or where none is kept their number as administrator; by: who named
    them, None for the operator, or for whom a code named; account: by what the LMS knows them (sub)."""

    id: int
    person_id: int
    name: str
    called: Text
    account: str
    power: Power
    by: Text | None
    at: dt.datetime


@dataclass(frozen=True)
class Known:
    """Somebody of the school who can be named. courses: what the courses are called that they are in."""

    person_id: int
    name: str
    courses: Sequence[str]


@dataclass(frozen=True)
class Asked:
    """Somebody who asks to be let in, and since when. account: by what the LMS knows them (sub)."""

    id: int
    person_id: int
    name: str
    account: str
    at: dt.datetime


def listed(session: Session, school_id: int) -> list[Named]:
    """Who has a power in a school now, administrators first."""
    by = aliased(Person)
    query = (
        select(Administrator, Person.name, Person.sub, by)
        .join(Person, Person.id == Administrator.person_id)
        .outerjoin(by, by.id == Administrator.named_by)
        .where(Administrator.school_id == school_id, Administrator.ended_at.is_(None))
        .order_by(Administrator.power, Administrator.named_at, Administrator.id)
    )
    numbered = access.numbered(session, school_id)
    return [
        Named(
            id=row.id,
            person_id=row.person_id,
            name=name,
            called=Text(name, name) if name else numbered[row.person_id],
            account=sub,
            power=row.power,
            by=trail.called(named_by, numbered) if named_by is not None else None,
            at=row.named_at,
        )
        for row, name, sub, named_by in session.execute(query)
    ]


def found(session: Session, school_id: int, name: str) -> list[Known]:
    """People of a school's courses whose name has this in it; nobody for less than two letters."""
    asked = " ".join(name.split())[:LONGEST_NAME]
    if len(asked) < 2 or not asked.isprintable():
        return []
    query = (
        select(Person.id, Person.name, Course.title)
        .join(Seat, Seat.person_id == Person.id)
        .join(Course, Course.id == Seat.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(schools.school_id_of() == school_id, Person.erased_at.is_(None))
        .where(Person.name.icontains(asked, autoescape=True))
        .order_by(Person.name, Person.id, Course.title)
        .limit(FOUND_AT_MOST * 20)
    )
    by_id: dict[int, tuple[str, list[str]]] = {}
    for person_id, called, title in session.execute(query):
        by_id.setdefault(person_id, (called, []))[1].append(title)
    return [Known(each, *said) for each, said in list(by_id.items())[:FOUND_AT_MOST]]


def is_known(session: Session, school_id: int, person_id: int) -> bool:
    """Whether somebody is of a school: in one of its courses, or with a power in it before."""
    if not 0 < person_id <= MAX_ID:
        return False
    seat = (
        select(Seat.id)
        .join(Course, Course.id == Seat.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(Seat.person_id == person_id, schools.school_id_of() == school_id)
    )
    once = select(Administrator.id).where(Administrator.school_id == school_id, Administrator.person_id == person_id)
    asked = select(AdministratorRequest.id).where(
        AdministratorRequest.school_id == school_id, AdministratorRequest.person_id == person_id
    )
    there = select(Person.id).where(
        Person.id == person_id, Person.erased_at.is_(None), or_(seat.exists(), once.exists(), asked.exists())
    )
    return session.scalar(there) is not None


def name(session: Session, school_id: int, person_id: int, power: Power, by: Actor) -> None:
    """Give somebody of the school a power; by the operator also somebody who has not come yet.

    Refused: "administrator_unknown" for who is not of it, "administrator_already" for who has that power.
    """
    _hold(session, school_id)
    if by.person_id is not None and not is_known(session, school_id, person_id):
        raise Refused("administrator_unknown")
    _give(session, school_id, person_id, power, by, Kind.ADMINISTRATOR_NAMED)


def come_in(session: Session, school_id: int, person_id: int) -> None:
    """Give it to who typed the one-time code (codes.use). Who administers already, does."""
    _hold(session, school_id)
    if Power.ADMINISTRATOR not in access.powers(session, school_id, person_id):
        _give(session, school_id, person_id, Power.ADMINISTRATOR, Actor(person_id), Kind.ADMINISTRATOR_CAME)


def _give(session: Session, school_id: int, person_id: int, power: Power, by: Actor, kind: Kind) -> None:
    if power in access.powers(session, school_id, person_id):
        raise Refused("administrator_already")
    by_whom = by.person_id if by.person_id != person_id else None
    session.add(Administrator(school_id=school_id, person_id=person_id, power=power, named_by=by_whom))
    request = _request(session, school_id, person_id)
    if request is not None and request.answered_at is None and power == Power.ADMINISTRATOR:
        request.answered_at, request.granted = now(), True
    trail.note(session, kind, by, school_id=school_id, about_id=person_id, detail={"power": str(power)})
    session.flush()


def end(session: Session, school_id: int, administrator_id: int, by: Actor) -> None:
    """End a power, one's own or another's.

    Refused: "administrator_gone"; "administrator_last" for the last administrator of a school, which only the
    operator can end.
    """
    _hold(session, school_id)
    row = session.get(Administrator, administrator_id) if 0 < administrator_id <= MAX_ID else None
    if row is None or row.school_id != school_id or row.ended_at is not None:
        raise Refused("administrator_gone")
    if row.power == Power.ADMINISTRATOR and by.person_id is not None and _count(session, school_id) < 2:
        raise Refused("administrator_last")
    row.ended_at = now()
    detail = {"power": str(row.power)}
    trail.note(session, Kind.ADMINISTRATOR_ENDED, by, school_id=school_id, about_id=row.person_id, detail=detail)
    session.flush()


def forget(session: Session, person_id: int) -> None:
    """End whatever somebody is to any school, and take back what they asked: they are erased.

    The last administrator too: an account that nobody can use administers nothing.
    """
    has = select(Administrator).where(Administrator.person_id == person_id, Administrator.ended_at.is_(None))
    for row in session.scalars(has).all():
        row.ended_at = now()
        detail = {"power": str(row.power)}
        told = {"school_id": row.school_id, "about_id": person_id}
        trail.note(session, Kind.ADMINISTRATOR_ENDED, OPERATOR, **told, detail=detail)
    session.execute(delete(AdministratorRequest).where(AdministratorRequest.person_id == person_id))
    session.flush()


def _count(session: Session, school_id: int) -> int:
    of = (Administrator.school_id == school_id, Administrator.power == Power.ADMINISTRATOR)
    return session.scalar(select(func.count(Administrator.id)).where(*of, Administrator.ended_at.is_(None))) or 0


def _hold(session: Session, school_id: int) -> None:
    """One at a time for a school: of the last two nobody ends the other meanwhile."""
    session.execute(select(School.id).where(School.id == school_id).with_for_update()).one()


# Asking to be let in


def _request(session: Session, school_id: int, person_id: int) -> AdministratorRequest | None:
    query = select(AdministratorRequest).filter_by(school_id=school_id, person_id=person_id)
    return session.scalars(query).one_or_none()


# Why somebody may not ask to be let in.
WHY_NOT = {
    code: code
    for code in (
        "administrator_already",
        "administrator_nobody",
        "administrator_not_the_sites",
        "administrator_refused",
        "administrator_waits",
    )
}


def may_ask(session: Session, school_id: int, person_id: int) -> str:
    """ "" where somebody may ask to be let in, else why not: a refusal's code.

    "administrator_nobody" where there is nobody to answer, "administrator_already", "administrator_waits",
    "administrator_refused". Whether the LMS calls them its administrator is the caller's to look at.
    """
    if Power.ADMINISTRATOR in access.powers(session, school_id, person_id):
        return "administrator_already"
    if not _count(session, school_id):
        return "administrator_nobody"
    known = _request(session, school_id, person_id)
    if known is None:
        return ""
    if known.answered_at is None:
        return "administrator_waits"
    return "administrator_refused" if not known.granted and known.answered_at + ASK_AGAIN > now() else ""


def ask(session: Session, school_id: int, person_id: int) -> None:
    """Ask to be let in. Refused: as may_ask says."""
    _hold(session, school_id)
    if code := may_ask(session, school_id, person_id):
        raise Refused(WHY_NOT[code])
    known = _request(session, school_id, person_id)
    if known is None:
        session.add(AdministratorRequest(school_id=school_id, person_id=person_id))
    else:
        known.asked_at, known.answered_at, known.granted = now(), None, None
    trail.note(session, Kind.ADMINISTRATOR_ASKED, Actor(person_id), school_id=school_id)
    session.flush()


def requests(session: Session, school_id: int) -> list[Asked]:
    """Who waits for an answer, the first who asked first."""
    query = (
        select(AdministratorRequest, Person.name, Person.sub)
        .join(Person, Person.id == AdministratorRequest.person_id)
        .where(AdministratorRequest.school_id == school_id, AdministratorRequest.answered_at.is_(None))
        .where(Person.erased_at.is_(None))
        .order_by(AdministratorRequest.asked_at, AdministratorRequest.id)
    )
    return [Asked(row.id, row.person_id, called, sub, row.asked_at) for row, called, sub in session.execute(query)]


def answer(session: Session, school_id: int, request_id: int, yes: bool, by: Actor) -> None:
    """Let somebody in, or not. Refused: "administrator_request_gone" for who does not ask (any more)."""
    _hold(session, school_id)
    row = session.get(AdministratorRequest, request_id) if 0 < request_id <= MAX_ID else None
    if row is None or row.school_id != school_id or row.answered_at is not None:
        raise Refused("administrator_request_gone")
    if yes:
        _give(session, school_id, row.person_id, Power.ADMINISTRATOR, by, Kind.ADMINISTRATOR_NAMED)
        return
    row.answered_at, row.granted = now(), False
    trail.note(session, Kind.ADMINISTRATOR_REFUSED, by, school_id=school_id, about_id=row.person_id)
    session.flush()
