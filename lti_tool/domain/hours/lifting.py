"""A community's pot made its school's, with those of other communities that are the same pot under the same name.

It is looked at first. Nothing that counts changes: rows of the ledger stay as they are, and are read as those of the
one pot (HoursPot.joined_id). From then on it has one sum and one cap for each person. Closed periods stay their
community's; what was carried over of them goes on in the one pot.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.hours import balances, places
from lti_tool.domain.school import schools, trail
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Community
from lti_tool.models.hours import HoursPlan, HoursPot, HoursPotPlace, HoursRole
from lti_tool.models.hours_codes import Role
from lti_tool.models.hours_sessions import HoursAssigned
from lti_tool.models.provision import HoursNamed

# What has to be the same of pots that become one: when they are, for whom at all, and how hours come to count.
_SAME = ("first_day", "last_day", "for_all", "review")
# What follows the pot that is lifted, where the others say otherwise.
_FOLLOWS = ("minutes", "caps", "evidence", "arranging", "carries", "surplus", "decision", "rounds")


@dataclass(frozen=True)
class Alike:
    """A pot of the same name. where: its community's name, "" of one of the school's own. differs: names of columns in
    which it says otherwise; can: whether it can become one with the other all the same."""

    id: int
    where: str
    differs: Sequence[str]
    can: bool


@dataclass(frozen=True)
class Lifting:
    """What lifting comes to. where: the community whose pot it is now, "" of one that is the school's already.

    approving: how many approve of it and of the others together, each of all of it from then on. differing: how many
    people belong to it for another part, or hours, than they do to one of the others; those of this one go on.
    """

    id: int
    name: str
    where: str
    first_day: str
    last_day: str
    alike: Sequence[Alike]
    approving: int
    differing: int


@dataclass(frozen=True)
class Candidate:
    """A pot that can be lifted, with how many others of its name there are in the school. where: "" of the school's."""

    id: int
    name: str
    where: str
    others: int


def candidates(session: Session, school_id: int) -> list[Candidate]:
    """What can be lifted, by name: pots of a school's communities, and its own where there are two of one name.

    Of one name one stands for all: the school's own, else the oldest.
    """
    by_name: dict[str, list[tuple[HoursPot, str]]] = {}
    for pot, where in _in_use(session, school_id):
        by_name.setdefault(pot.name.casefold(), []).append((pot, where))
    found = []
    for each in by_name.values():
        first, where = min(each, key=lambda one: (one[0].school_id is None, one[0].id))
        if first.school_id is None or len(each) > 1:
            found.append(Candidate(first.id, first.name, where, len(each) - 1))
    return sorted(found, key=lambda each: each.name.casefold())


def _in_use(session: Session, school_id: int) -> list[tuple[HoursPot, str]]:
    """The pots of a school and of its communities that take hours, each with the community whose it is."""
    query = (
        select(HoursPot, Community.name)
        .outerjoin(Community, Community.id == HoursPot.community_id)
        .where((HoursPot.school_id == school_id) | Community.course_id.in_(schools.courses_of(school_id)))
        .where(HoursPot.joined_id.is_(None), HoursPot.closed_at.is_(None), HoursPot.stopped_at.is_(None))
        .order_by(HoursPot.id)
    )
    return [(pot, where or "") for pot, where in session.execute(query)]


def _all(session: Session, school_id: int, pot_id: int) -> tuple[HoursPot, list[tuple[HoursPot, str]], str]:
    """The pot, those of its name with whose they are, and whose it is itself. Refused("not_found")."""
    rows = _in_use(session, school_id) if 0 < pot_id <= MAX_ID else []
    this = next(((pot, where) for pot, where in rows if pot.id == pot_id), None)
    if this is None:
        raise Refused("not_found")
    named = [each for each in rows if each[0].name.casefold() == this[0].name.casefold() and each[0] is not this[0]]
    return this[0], named, this[1]


def look(session: Session, school_id: int, pot_id: int) -> Lifting:
    """What lifting a pot would come to. Refused("not_found") for one that cannot be."""
    pot, named, where = _all(session, school_id, pot_id)
    alike = [Alike(each.id, of, _differs(pot, each), _can(pot, each)) for each, of in named]
    roles = _roles(session, [pot.id, *(each.id for each in alike if each.can)])
    own = {each.person_id: _part(each) for each in roles if each.pot_id == pot.id and each.role == Role.HOLDER}
    theirs = [each for each in roles if each.pot_id != pot.id and each.role == Role.HOLDER]
    return Lifting(
        id=pot.id,
        name=pot.name,
        where=where,
        first_day=pot.first_day.isoformat(),
        last_day=pot.last_day.isoformat(),
        alike=alike,
        approving=len({each.person_id for each in roles if each.role != Role.HOLDER}),
        differing=len({each.person_id for each in theirs if own.get(each.person_id, _part(each)) != _part(each)}),
    )


def _differs(pot: HoursPot, other: HoursPot) -> list[str]:
    return [each for each in (*_SAME, *_FOLLOWS) if getattr(pot, each) != getattr(other, each)]


def _can(pot: HoursPot, other: HoursPot) -> bool:
    return not any(getattr(pot, each) != getattr(other, each) for each in _SAME)


def _part(row: HoursRole) -> tuple[object, ...]:
    return row.first_day, row.last_day, row.share, row.minutes


def _roles(session: Session, pot_ids: Collection[int]) -> Sequence[HoursRole]:
    query = select(HoursRole).where(HoursRole.pot_id.in_(pot_ids), HoursRole.until.is_(None))
    return session.scalars(query.order_by(HoursRole.id)).all()


def lift(session: Session, school_id: int, by: Actor, pot_id: int, others: Collection[int]) -> int:
    """Make a pot the school's, and these others one with it; how many others that were.

    It stays open to the communities whose pots these were, and to no more until somebody says so. Refused:
    "not_found", "pot_not_alike" for one that is not of the same name, period, people and way of approving.
    """
    # Alone, as for closing: whoever books in one of them is done first, or finds it gone.
    wanted = sorted({pot_id, *others})
    session.execute(
        select(HoursPot.id).where(HoursPot.id.in_(wanted)).order_by(HoursPot.id).with_for_update(key_share=True)
    )
    session.expire_all()
    pot, named, _where = _all(session, school_id, pot_id)
    joined = [each for each, _of in named if each.id in set(others)]
    if len(joined) != len(set(others) - {pot_id}) or not all(_can(pot, each) for each in joined):
        raise Refused("pot_not_alike")
    moment = now()
    for each in (pot, *joined):
        places.open_to(session, pot.id, places.communities(session, each), moment)
    everywhere = any(each.everywhere for each in (pot, *joined))
    pot.school_id, pot.community_id, pot.everywhere = school_id, None, everywhere
    ids = [each.id for each in joined]
    for each in joined:
        each.joined_id, each.everywhere = pot.id, False
    session.flush()
    session.execute(update(HoursPot).where(HoursPot.joined_id.in_(ids)).values(joined_id=pot.id))
    session.execute(update(HoursPot).where(HoursPot.next_id.in_(ids)).values(next_id=pot.id))
    session.execute(update(HoursAssigned).where(HoursAssigned.pot_id.in_(ids)).values(pot_id=pot.id))
    session.execute(delete(HoursPotPlace).where(HoursPotPlace.pot_id.in_(ids)))
    _join_people(session, pot, ids)
    _join_plans(session, pot, ids)
    trail.note(session, trail.Kind.POT_LIFTED, by, school_id=school_id, detail={"pot": pot.id, "joined": len(ids)})
    session.flush()
    session.expire_all()
    return len(ids)


def _join_people(session: Session, pot: HoursPot, ids: Collection[int]) -> None:
    """Who approved of one of them approves of all; who belonged to one belongs to it for as much as before."""
    moment, roles = now(), _roles(session, [pot.id, *ids])
    own = [each for each in roles if each.pot_id == pot.id]
    approving = {each.person_id for each in own if each.role != Role.HOLDER}
    holding = {each.person_id: pot.id for each in own if each.role == Role.HOLDER}
    for each in roles:
        if each.pot_id == pot.id:
            continue
        each.until = moment
        if each.role != Role.HOLDER:
            if each.person_id in approving:
                continue
            approving.add(each.person_id)
        elif holding.setdefault(each.person_id, each.pot_id) != each.pot_id:
            continue
        session.add(
            HoursRole(
                pot_id=pot.id, person_id=each.person_id, role=each.role, first_day=each.first_day,
                last_day=each.last_day, share=each.share, minutes=each.minutes,
            )
        )  # fmt: skip
    known = set(session.scalars(select(HoursNamed.named_hash).where(HoursNamed.pot_id == pot.id)))
    for named in session.scalars(select(HoursNamed).where(HoursNamed.pot_id.in_(ids)).order_by(HoursNamed.id)):
        if named.named_hash in known:
            session.delete(named)
        else:
            known.add(named.named_hash)
            named.pot_id = pot.id


def _join_plans(session: Session, pot: HoursPot, ids: Collection[int]) -> None:
    """What somebody meant to use of several is what they mean to use of the one."""
    plans = session.scalars(select(HoursPlan).where(HoursPlan.pot_id.in_([pot.id, *ids])).order_by(HoursPlan.id)).all()
    meant = {each.person_id: each for each in plans if each.pot_id == pot.id}
    for each in plans:
        if each.pot_id == pot.id:
            continue
        first = meant.setdefault(each.person_id, each)
        if first is each:
            each.pot_id = pot.id
        else:
            first.minutes = min(first.minutes + each.minutes, balances.PLANNED_AT_MOST)
            session.delete(each)
