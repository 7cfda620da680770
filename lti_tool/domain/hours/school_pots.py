"""A school's pots: which communities they are open to, who approves that was not met yet, and what becomes of them when
schools are joined or split. Nothing here reads anybody's hours.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import closing, known_pots, places, pots
from lti_tool.domain.hours.closing import Foreseen
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.places import OfSchool
from lti_tool.domain.hours.pots import Asked
from lti_tool.domain.school import administrators, schools, trail
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Community, Course, Person, Seat
from lti_tool.models.hours import HoursAct, HoursEntry, HoursPot, HoursPotPlace, HoursRole
from lti_tool.models.hours_codes import Review, Role
from lti_tool.models.provision import HoursNamed, Named

NAMED_AT_MOST = 40


@dataclass(frozen=True)
class Place:
    """A community of the school, as pots are opened to it. title: its course's."""

    community_id: int
    name: str
    title: str


@dataclass(frozen=True)
class Waits:
    """Somebody who is to approve once they are met: by what a list would name them, since when. No name is kept."""

    id: int
    role: Role
    by: Named
    at: dt.datetime


@dataclass(frozen=True)
class Listed:
    """A school's pot, as who administers reads it. everywhere, open_to: to each community, else to those with these
    ids; guests: how many of them belong to another school by now. approving: (person, name) of who approves now;
    deputies: of these who stand in."""

    pot: Pot
    everywhere: bool
    open_to: frozenset[int]
    guests: int
    approving: Sequence[tuple[int, str]]
    deputies: frozenset[int]
    waits: Sequence[Waits]


def listed(session: Session, school_id: int) -> list[Listed]:
    """The school's pots, those in use first."""
    known = known_pots.of_school(session, school_id)
    ids = [each.id for each in known]
    everywhere = set(session.scalars(select(HoursPot.id).where(HoursPot.id.in_(ids), HoursPot.everywhere)))
    open_to: dict[int, set[int]] = {}
    there = select(HoursPotPlace).where(HoursPotPlace.pot_id.in_(ids), HoursPotPlace.until.is_(None))
    for row in session.scalars(there):
        open_to.setdefault(row.pot_id, set()).add(row.community_id)
    own = {each.community_id for each in communities(session, school_id)}
    people = {person for each in known for person in each.approving}
    query = select(Person.id, Person.name).where(Person.id.in_(people))
    names = {row.id: row.name for row in session.execute(query)} if people else {}
    waits: dict[int, list[Waits]] = {}
    for named in session.scalars(select(HoursNamed).where(HoursNamed.pot_id.in_(ids)).order_by(HoursNamed.id)):
        waits.setdefault(named.pot_id, []).append(Waits(named.id, named.role, named.named_by, named.at))
    return [
        Listed(
            pot=each,
            everywhere=each.id in everywhere,
            open_to=frozenset(open_to.get(each.id, ())) & own,
            guests=len(open_to.get(each.id, set()) - own),
            approving=sorted(
                ((person, names.get(person) or "–") for person in each.approving), key=lambda one: one[1].casefold()
            ),
            deputies=frozenset(each.people.get(Role.DEPUTY, ())),
            waits=waits.get(each.id, []),
        )
        for each in known
    ]


def communities(session: Session, school_id: int) -> list[Place]:
    """The school's communities that are not laid aside, by title."""
    query = (
        select(Community.id, Community.name, Course.title)
        .join(Course, Course.id == Community.course_id)
        .where(Course.id.in_(schools.courses_of(school_id)), Community.archived_at.is_(None))
        .order_by(Course.title, Community.name, Community.id)
    )
    return [Place(*row) for row in session.execute(query)]


def open_for(session: Session, school_id: int, by: Actor, pot_id: int, chosen: Collection[int] | None) -> None:
    """Have a pot be open to each community of the school (None), or to these and no others.

    Where it is no longer, what is in it stays and keeps counting, and what waits can be approved. A community of
    another school that has it until its period is closed keeps it. Refused: "not_found", "hours_pot_closed",
    "pot_nowhere".
    """
    pot = pots.found(session, OfSchool(school_id), pot_id)
    if pot.closed_at is not None:
        raise Refused("hours_pot_closed")
    own = set(places.own_communities(session, school_id))
    if chosen is not None and (not chosen or set(chosen) - own):
        raise Refused("pot_nowhere")
    moment = now()
    if chosen is None:
        pot.everywhere = True
    else:
        if pot.everywhere:
            # Who used it reads it still.
            places.open_to(session, pot.id, _used_in(session, pot.id) & own, moment)
        pot.everywhere = False
        places.open_to(session, pot.id, chosen, moment)
        places.shut(session, pot.id, own - set(chosen), moment)
    detail = {"pot": pot.id, **({"everywhere": 1} if chosen is None else {"communities": len(set(chosen))})}
    trail.note(session, trail.Kind.POT_OPENED, by, school_id=school_id, detail=detail)
    session.flush()


def _used_in(session: Session, pot_id: int) -> set[int]:
    query = (
        select(HoursEntry.community_id)
        .join(HoursAct, HoursAct.entry_id == HoursEntry.id)
        .join(HoursPot, HoursPot.id == HoursAct.pot_id)
        .where((HoursPot.id == pot_id) | (HoursPot.joined_id == pot_id))
    )
    return set(session.scalars(query.distinct()))


# Its period


def foresee(session: Session, school_id: int, pot_id: int) -> Foreseen:
    """What closing a pot of the school will do. Refused: "not_found"."""
    return closing.foresee(session, OfSchool(school_id), pot_id, _meant(session, school_id, pot_id))


def close(session: Session, school_id: int, by: Actor, pot_id: int, today: dt.date) -> bool:
    """Close the period of a pot of the school, for all its communities at once; as closing.close."""
    return closing.close(session, OfSchool(school_id), by, pot_id, _meant(session, school_id, pot_id), today)


def past(session: Session, school_id: int, within: Collection[int], today: dt.date) -> list[Foreseen]:
    """What closing comes to of the school's pots whose period is over and whose communities are all among these."""
    found = []
    for each in closing.past(session, OfSchool(school_id), today):
        row = session.get_one(HoursPot, each.id)
        query = select(Community.id).where(
            Community.id.in_(places.communities(session, row)), Community.archived_at.is_(None)
        )
        if set(session.scalars(query)) <= set(within):
            found.append(foresee(session, school_id, each.id))
    return found


def _meant(session: Session, school_id: int, pot_id: int) -> list[int]:
    row = session.get(HoursPot, pot_id) if 0 < pot_id <= MAX_ID else None
    if row is None or row.school_id != school_id:
        raise Refused("not_found")
    return places.meant_for(session, places.communities(session, row))


# Who approves


@dataclass(frozen=True)
class Called:
    """Somebody, as a provision list would name them, with the hash that is kept of it."""

    role: Role
    by: Named
    value: str
    hash: str


def make(
    session: Session,
    school_id: int,
    by: Actor,
    asked: Asked,
    called: Collection[Called],
    everywhere: Collection[int] | None,
) -> int:
    """Make a pot of the school; returns its id. called: who approves. everywhere: None, or ids of the communities.

    Refused: as pots.make and open_for.
    """
    awaited = any(each.role == Role.APPROVER for each in called)
    made = pots.make(session, OfSchool(school_id), by, asked, (), awaited=awaited)
    if asked.review != Review.NONE:
        for each in called:
            name_called(session, school_id, by, made, each)
    if everywhere is not None:
        open_for(session, school_id, by, made, everywhere)
    return made


def name_called(session: Session, school_id: int, by: Actor, pot_id: int, called: Called) -> bool:
    """Have whoever is called so approve; whether they are known already, by the LMS's id.

    Else they are waited for: an address or a login is kept of nobody, and is compared at launches and with rosters.
    """
    if called.by == Named.ID:
        query = (
            select(Person.id)
            .join(Seat, Seat.person_id == Person.id)
            .where(Seat.course_id.in_(schools.courses_of(school_id)))
            .where(Person.sub == called.value, Person.erased_at.is_(None))
            .distinct()
        )
        found = session.scalars(query).all()
        if len(found) == 1:
            name(session, school_id, by, pot_id, found[0], called.role)
            return True
    name_later(session, school_id, by, pot_id, called.role, called.by, called.hash)
    return False


def name(session: Session, school_id: int, by: Actor, pot_id: int, person_id: int, role: Role) -> None:
    """Have somebody of the school approve, chosen by hand. Refused: as pots.name."""
    people = [person_id] if administrators.is_known(session, school_id, person_id) else []
    pots.name(session, OfSchool(school_id), by, pot_id, person_id, role, people)


def name_later(
    session: Session, school_id: int, by: Actor, pot_id: int, role: Role, named_by: Named, named_hash: str
) -> None:
    """Have whoever is called so approve, once they are met in a course of the school.

    Refused: "not_found", "hours_pot_people", "hours_pot_named", "hours_pots_enough".
    """
    pot = pots.found(session, OfSchool(school_id), pot_id)
    if role == Role.HOLDER or pot.review == Review.NONE:
        raise Refused("hours_pot_people")
    there = session.scalars(select(HoursNamed).where(HoursNamed.pot_id == pot.id)).all()
    if any(each.named_hash == named_hash for each in there):
        raise Refused("hours_pot_named")
    if len(there) >= NAMED_AT_MOST:
        raise Refused("hours_pots_enough")
    session.add(HoursNamed(pot_id=pot.id, role=role, named_by=named_by, named_hash=named_hash))
    places.note(session, OfSchool(school_id), acts.Kind.POT_APPROVER, by, pot=pot.id, named=1)
    session.flush()


def take_back(session: Session, school_id: int, by: Actor, named_id: int) -> None:
    """Wait for somebody no longer. Refused: "not_found"."""
    query = select(HoursNamed, HoursPot.id).join(HoursPot, HoursPot.id == HoursNamed.pot_id)
    of = (HoursNamed.id == named_id, places.owned(OfSchool(school_id)))
    row = session.execute(query.where(*of)).one_or_none() if 0 < named_id <= MAX_ID else None
    if row is None:
        raise Refused("not_found")
    session.delete(row[0])
    places.note(session, OfSchool(school_id), acts.Kind.POT_APPROVER, by, pot=row[1], named=0)
    session.flush()


def met(session: Session, school_ids: Collection[int] | Select[int], known: Mapping[str, int]) -> int:
    """Somebody came from the LMS: those who were waited for in these schools approve from now on; how many.

    known: by what a list may name somebody, hashed -> the person's id.
    """
    if not known:
        return 0
    query = (
        select(HoursNamed)
        .join(HoursPot, HoursPot.id == HoursNamed.pot_id)
        .where(HoursPot.school_id.in_(school_ids), HoursNamed.named_hash.in_(known))
        .order_by(HoursNamed.id)
        .with_for_update()
    )
    rows = session.scalars(query).all()
    for row in rows:
        person_id = known[row.named_hash]
        of = (HoursRole.pot_id == row.pot_id, HoursRole.role != Role.HOLDER, HoursRole.until.is_(None))
        if person_id not in set(session.scalars(select(HoursRole.person_id).where(*of))):
            session.add(HoursRole(pot_id=row.pot_id, person_id=person_id, role=row.role))
        session.delete(row)
    session.flush()
    return len(rows)


def waits_for_anybody(session: Session) -> bool:
    """Whether there is anybody to be met, in any school: most of the time there is nobody."""
    return session.scalar(select(HoursNamed.id).limit(1)) is not None


# What a provision list gives


def by_name(session: Session, school_id: int) -> dict[str, list[int]]:
    """Name without its capitals -> ids of the school's pots that are called so and in use."""
    query = select(HoursPot.id, HoursPot.name).where(
        places.owned(OfSchool(school_id)), HoursPot.closed_at.is_(None), HoursPot.stopped_at.is_(None)
    )
    found: dict[str, list[int]] = {}
    for number, called in session.execute(query.order_by(HoursPot.id)):
        found.setdefault(called.casefold(), []).append(number)
    return found


def give(session: Session, school_id: int, community_id: int, names: Collection[str], gone: Collection[str]) -> None:
    """Open the pots of these names to a community, and those of `gone` no longer. Of a name that is none, nothing."""
    known, moment = by_name(session, school_id), now()
    for called in names:
        for number in known.get(called.casefold(), ()):
            places.open_to(session, number, [community_id], moment)
    for called in gone:
        for number in known.get(called.casefold(), ()):
            places.shut(session, number, [community_id], moment)


# Schools that are joined or split


def of_joining(session: Session, gone_id: int, into_id: int) -> tuple[list[str], list[str]]:
    """Names of the pots that go along when a school is joined into another, and of those that are there twice then."""
    going, there = (_names(session, each) for each in (gone_id, into_id))
    twice = {each.casefold() for each in there}
    return going, [each for each in going if each.casefold() in twice]


def _names(session: Session, school_id: int) -> list[str]:
    of = (places.owned(OfSchool(school_id)), HoursPot.closed_at.is_(None))
    return sorted(set(session.scalars(select(HoursPot.name).where(*of))), key=str.casefold)


def join(session: Session, gone_id: int, into_id: int) -> None:
    """A school's pots are the other one's from now on, and stay open to the communities that had them, and to no more.

    Before its courses go.
    """
    _keep(session, gone_id, places.own_communities(session, gone_id))
    of = HoursPot.school_id == gone_id
    session.execute(update(HoursPot).where(of).values(school_id=into_id, everywhere=False))
    session.flush()


def of_splitting(session: Session, school_id: int, course_ids: Collection[int]) -> list[str]:
    """Names of the pots that courses which are split off keep until the period is closed."""
    ids = _communities(session, course_ids)
    there = select(HoursPotPlace.pot_id).where(HoursPotPlace.community_id.in_(ids), HoursPotPlace.until.is_(None))
    of = (places.owned(OfSchool(school_id)), HoursPot.closed_at.is_(None))
    query = select(HoursPot.name).where(*of, HoursPot.everywhere | HoursPot.id.in_(there)).distinct()
    return sorted(session.scalars(query), key=str.casefold) if ids else []


def leave(session: Session, school_id: int, course_ids: Collection[int]) -> None:
    """Courses go to another school: their communities keep the pots they have until these periods are closed.

    Before they go. Nobody's sum is cut in two in the middle of a year.
    """
    _keep(session, school_id, _communities(session, course_ids))


def follow(session: Session, community_id: int, new_id: int) -> None:
    """A community was split off another one: the school's pots that are open to that one are open to it too."""
    query = select(HoursPotPlace.pot_id).where(
        HoursPotPlace.community_id == community_id, HoursPotPlace.until.is_(None)
    )
    for number in session.scalars(query).all():
        places.open_to(session, number, [new_id], now())


def _communities(session: Session, course_ids: Collection[int]) -> list[int]:
    return list(session.scalars(select(Community.id).where(Community.course_id.in_(course_ids)))) if course_ids else []


def _keep(session: Session, school_id: int, ids: Collection[int]) -> None:
    query = select(HoursPot.id).where(places.owned(OfSchool(school_id)), HoursPot.everywhere)
    for number in session.scalars(query).all():
        places.open_to(session, number, ids, now())
