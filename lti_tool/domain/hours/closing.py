"""Closing a pot's period: what is still open is listed first, then each person's balance is written, then it is locked.

Who closes reads nobody's hours: how many people and lines are open is all that comes out of here.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import balances, carry, gate, known_pots, places
from lti_tool.domain.hours.carry import Layer
from lti_tool.domain.hours.known_entries import Entry
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.places import By, OfSchool, Owner
from lti_tool.domain.hours.states import State
from lti_tool.models import Community
from lti_tool.models.hours import HoursBalance, HoursCount, HoursEntry, HoursPot, HoursPotPlace, HoursRole
from lti_tool.models.hours_codes import Role
from lti_tool.models.provision import HoursNamed


@dataclass(frozen=True)
class Open:
    """How much of something is still open: lines, and of how many people."""

    lines: int
    people: int


@dataclass(frozen=True)
class Foreseen:
    """What closing a pot will do. open: state -> how much is in it, of KEPT, SENT, QUERIED and DISPUTED.

    people: how many will have a balance. after: the pot of the next period that is there already, None: it is made.
    """

    pot: Pot
    open: Mapping[State, Open]
    people: int
    after: Pot | None
    first_day: dt.date
    last_day: dt.date


def foresee(session: Session, of: Owner, pot_id: int, people: Collection[int]) -> Foreseen:
    """What closing will do. people: ids of those for whom a pot for everybody is. Refused: "not_found"."""
    row = session.get(HoursPot, pot_id) if 0 < pot_id <= MAX_ID else None
    known = _own(session, of)
    pot = next((each for each in known if each.id == pot_id), None)
    if pot is None or row is None:
        raise Refused("not_found")
    there = gate.in_pot(session, pot.ids)
    kept = _kept(session, places.communities(session, row), pot, people)
    waiting = [each for each in there if each.state in (State.SENT, State.QUERIED, State.DISPUTED, State.CLAIMED)]
    by_state: dict[State, list[Entry]] = defaultdict(list)
    for each in (*waiting, *kept):
        by_state[each.state].append(each)
    first, last = following(pot.first_day, pot.last_day)
    return Foreseen(
        pot,
        {state: Open(len(found), len({each.person_id for each in found})) for state, found in by_state.items()},
        len(_people(session, pot, there, kept, people)),
        _after(pot, known),
        first,
        last,
    )


def close(session: Session, of: Owner, by: By, pot_id: int, people: Collection[int], today: dt.date) -> bool:
    """Close a pot's period; whether it was still open: closing it twice, or two at once, comes to the same.

    people: as for foresee; today: the local day. Refused: "not_found", "hours_close_early".
    """
    query = select(HoursPot.id).where(HoursPot.id == pot_id, places.owned(of))
    # Alone: whoever writes in it shares it (entries.share), and all they wrote is there once they are done. Not its
    # key: what only points at it waits for nobody.
    if not 0 < pot_id <= MAX_ID or session.execute(query.with_for_update(key_share=True)).first() is None:
        raise Refused("not_found")
    known = _own(session, of)
    pot = next(each for each in known if each.id == pot_id)
    if pot.closed:
        return False
    if today <= pot.last_day:
        raise Refused("hours_close_early")
    row = session.get_one(HoursPot, pot_id)
    there = gate.in_pot(session, pot.ids)
    kept = _kept(session, places.communities(session, row), pot, people)
    counted = _counted(session, pot)
    unaccounted = Counter[int | None]()
    for each in (*(each for each in there if each.state == State.SENT), *kept):
        unaccounted[each.person_id] += each.minutes
    meant = _meant(pot, people)
    came: dict[int | None, list[Layer]] = defaultdict(list)
    for balance in _before(session, pot):
        came[balance.person_id] += balance.layers
    for person_id in sorted(_people(session, pot, there, kept, people), key=lambda each: each or 0):
        own, brought = pot.planned(person_id) if person_id in meant and person_id else 0, came[person_id]
        own = None if pot.minutes is None else own
        layers = carry.settle(pot.first_day, own, brought, counted[person_id], pot.terms)
        session.add(
            HoursBalance(
                pot_id=pot_id, person_id=person_id, came=carry.total(brought),
                planned=None if own is None else own + carry.total(brought), counted=counted[person_id],
                unaccounted=unaccounted[person_id], carried=carry.total(layers),
                layers=[each.kept() for each in layers],
            )
        )  # fmt: skip
    after = _after(pot, known)
    row.next_id = after.id if after else _make_next(session, of, by, row, pot)
    row.closed_at = now()
    places.note(session, of, acts.Kind.POT_CLOSED, by, pot=pot_id, next=row.next_id)
    session.flush()
    return True


def past(session: Session, of: Owner, today: dt.date) -> list[Pot]:
    """The pots that are open and whose period is over, the oldest first."""
    found = [each for each in _own(session, of) if not each.closed and each.last_day < today]
    return sorted(found, key=lambda each: (each.first_day, each.id))


def close_past(session: Session, community: Community, by: By, today: dt.date) -> int:
    """Close all of a community's own pots whose period is over; how many. Refused: "no_pot_over".

    One whose community has nothing to close itself, but reads a pot of its school that is over, is not refused.
    """
    there, people = past(session, community, today), places.meant_for(session, [community.id])
    for each in there:
        close(session, community, by, each.id, people, today)
    if not there and not any(
        each.school_id is not None and not each.closed and each.last_day < today
        for each in known_pots.pots(session, community.id)
    ):
        raise Refused("no_pot_over")
    return len(there)


def left_open(session: Session, community: Community, today: dt.date) -> int:
    """How many lines closing these would leave unaccounted for."""
    people = places.meant_for(session, [community.id])
    return sum(unsettled(foresee(session, community, each.id, people)) for each in past(session, community, today))


def unsettled(of: Foreseen) -> int:
    """How many lines are not accounted for once it is closed."""
    return sum(of.open[each].lines for each in (State.SENT, State.KEPT) if each in of.open)


def following(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The period after one: as many whole years where it was these, else as many days."""
    begin = last + dt.timedelta(days=1)
    if (begin.month, begin.day) == (first.month, first.day):
        return begin, begin.replace(year=begin.year + begin.year - first.year) - dt.timedelta(days=1)
    return begin, begin + (last - first)


def _after(pot: Pot, known: Iterable[Pot]) -> Pot | None:
    """The pot of the next period: of the same name, the first that begins after this one and is still open."""
    later = [each for each in known if each.name == pot.name and each.first_day > pot.last_day and not each.closed]
    return min(later, key=lambda each: (each.first_day, each.id), default=None)


def _make_next(session: Session, of: Owner, by: By, row: HoursPot, pot: Pot) -> int:
    first, last = following(row.first_day, row.last_day)
    made = HoursPot(
        community_id=row.community_id, school_id=row.school_id, everywhere=row.everywhere, name=row.name,
        first_day=first, last_day=last, minutes=row.minutes, review=row.review, for_all=row.for_all,
        evidence=row.evidence, arranging=row.arranging, caps=row.caps, carries=row.carries, surplus=row.surplus,
        whose=row.whose, decision=row.decision, rounds=row.rounds,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add_all(
        HoursRole(pot_id=made.id, person_id=each, role=role)
        for role, ids in pot.people.items()
        for each in ids
        if role != Role.HOLDER
    )
    session.add_all(_holds_on(pot, made, each) for each in pot.people.get(Role.HOLDER, ()))
    if row.school_id is not None:
        # A community that belongs to another school by now had it until this period was over.
        own = places.own_communities(session, row.school_id)
        there = select(HoursPotPlace.community_id).where(HoursPotPlace.pot_id == row.id, HoursPotPlace.until.is_(None))
        places.open_to(session, made.id, set(session.scalars(there)) & set(own), now())
        session.execute(update(HoursNamed).where(HoursNamed.pot_id == row.id).values(pot_id=made.id))
    places.note(session, of, acts.Kind.POT_MADE, by, pot=made.id)
    return made.id


def _holds_on(pot: Pot, made: HoursPot, person_id: int) -> HoursRole:
    """Who belonged to a pot on its last day goes on for as much; who did no longer, does not."""
    last = next((each.of for each in pot.parts(person_id) if each.last == pot.last_day), None)
    row = HoursRole(pot_id=made.id, person_id=person_id, role=Role.HOLDER)
    if last is not None:
        row.share, row.minutes = last.share, last.minutes
    else:
        row.last_day = made.first_day - dt.timedelta(days=1)
    return row


def _meant(pot: Pot, people: Collection[int]) -> frozenset[int | None]:
    """For whom the pot is."""
    return frozenset(people if pot.for_all else pot.people.get(Role.HOLDER, ()))


def _own(session: Session, of: Owner) -> list[Pot]:
    if isinstance(of, OfSchool):
        return known_pots.of_school(session, of.id)
    return [each for each in known_pots.pots(session, of.id) if each.school_id is None]


def _kept(session: Session, communities: Collection[int], pot: Pot, people: Collection[int]) -> list[Entry]:
    """What was kept without a pot and could only have gone to this one: once accounted for nowhere is enough."""
    meant, found = _meant(pot, people), list[Entry]()
    for community_id, kept in gate.kept(session, communities, pot.first_day, pot.last_day).items():
        known = known_pots.pots(session, community_id)
        others = [each for each in known if each.id != pot.id and not each.closed]
        found += [
            each
            for each in kept
            if each.person_id is not None
            and each.person_id in meant
            and pot.belongs(each.person_id, each.day)
            and not any(
                each.person_id in _meant(other, people) and other.belongs(each.person_id, each.day) for other in others
            )
        ]
    return found


def _counted(session: Session, pot: Pot) -> Counter[int | None]:
    """Person -> the sum of the rows that are booked in a pot."""
    query = (
        select(HoursEntry.person_id, func.sum(HoursCount.minutes))
        .join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
        .where(HoursCount.pot_id.in_(pot.ids))
        .group_by(HoursEntry.person_id)
    )
    return Counter({person_id: int(minutes) for person_id, minutes in session.execute(query)})


def _before(session: Session, pot: Pot) -> list[balances.Balance]:
    """Of the pots that go on in this one: of a school's also those of communities whose pots became one with it."""
    return balances.of_pots(session, session.scalars(select(HoursPot.id).where(HoursPot.next_id == pot.id)).all())


def _people(
    session: Session, pot: Pot, there: Iterable[Entry], kept: Iterable[Entry], people: Collection[int]
) -> set[int | None]:
    """Who gets a balance: for whom it is, who sent something that counts or waits, and whoever has minutes in it."""
    found: set[int | None] = set(_meant(pot, people)) | set(_counted(session, pot))
    found |= {each.person_id for each in (*there, *kept) if each.state in (State.SENT, State.KEPT)}
    query = select(HoursBalance.person_id).join(HoursPot, HoursPot.id == HoursBalance.pot_id)
    return found | set(session.scalars(query.where(HoursPot.next_id == pot.id)))
