"""Closing a pot's period: what is still open is listed first, then each person's balance is written, then it is locked.

Who closes reads nobody's hours: how many people and lines are open is all that comes out of here.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import balances, carry, gate, known_pots
from lti_tool.domain.hours.carry import Layer
from lti_tool.domain.hours.gate import Entry
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.states import State
from lti_tool.models import Community, Member
from lti_tool.models.hours import HoursBalance, HoursCount, HoursEntry, HoursPot, HoursRole
from lti_tool.models.hours_codes import Role


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


def foresee(session: Session, community_id: int, pot_id: int, people: Collection[int]) -> Foreseen:
    """What closing will do. people: ids of those for whom a pot for everybody is. Refused: "not_found"."""
    known = known_pots.pots(session, community_id)
    pot = next((each for each in known if each.id == pot_id), None)
    if pot is None:
        raise Refused("not_found")
    there = gate.in_pot(session, pot_id)
    kept = _kept(session, community_id, pot, known, people)
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


def close(
    session: Session, community: Community, by: Member, pot_id: int, people: Collection[int], today: dt.date
) -> bool:
    """Close a pot's period; whether it was still open: closing it twice, or two at once, comes to the same.

    people: as for foresee; today: the local day. Refused: "not_found", "hours_close_early".
    """
    query = select(HoursPot.id).where(HoursPot.id == pot_id, HoursPot.community_id == community.id)
    # Alone: whoever writes in it shares it (entries.share), and all they wrote is there once they are done. Not its
    # key: what only points at it waits for nobody.
    if not 0 < pot_id <= MAX_ID or session.execute(query.with_for_update(key_share=True)).first() is None:
        raise Refused("not_found")
    known = known_pots.pots(session, community.id)
    pot = next(each for each in known if each.id == pot_id)
    if pot.closed:
        return False
    if today <= pot.last_day:
        raise Refused("hours_close_early")
    there = gate.in_pot(session, pot_id)
    kept = _kept(session, community.id, pot, known, people)
    counted = _counted(session, pot_id)
    unaccounted = Counter[int | None]()
    for each in (*(each for each in there if each.state == State.SENT), *kept):
        unaccounted[each.person_id] += each.minutes
    meant = _meant(pot, people)
    came: dict[int | None, list[Layer]] = defaultdict(list)
    for balance in _before(session, pot, known):
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
    row = session.get_one(HoursPot, pot_id)
    after = _after(pot, known)
    row.next_id = after.id if after else _make_next(session, community, by, row, pot)
    row.closed_at = now()
    acts.note(session, community.id, acts.Kind.POT_CLOSED, by, detail={"pot": pot_id, "next": row.next_id})
    session.flush()
    return True


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


def _make_next(session: Session, community: Community, by: Member, row: HoursPot, pot: Pot) -> int:
    first, last = following(row.first_day, row.last_day)
    made = HoursPot(
        community_id=community.id, name=row.name, first_day=first, last_day=last, minutes=row.minutes,
        review=row.review, for_all=row.for_all, evidence=row.evidence, arranging=row.arranging, caps=row.caps,
        carries=row.carries, surplus=row.surplus, whose=row.whose,
        decision=row.decision, rounds=row.rounds,
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
    acts.note(session, community.id, acts.Kind.POT_MADE, by, detail={"pot": made.id})
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


def _kept(session: Session, community_id: int, pot: Pot, known: Iterable[Pot], people: Collection[int]) -> list[Entry]:
    """What was kept without a pot and could only have gone to this one: once accounted for nowhere is enough."""
    meant = _meant(pot, people)
    others = [each for each in known if each.id != pot.id and not each.closed]
    return [
        each
        for each in gate.kept(session, community_id, pot.first_day, pot.last_day)
        if each.person_id is not None
        and each.person_id in meant
        and pot.belongs(each.person_id, each.day)
        and not any(
            each.person_id in _meant(other, people) and other.belongs(each.person_id, each.day) for other in others
        )
    ]


def _counted(session: Session, pot_id: int) -> Counter[int | None]:
    """Person -> the sum of the rows that are booked in a pot."""
    query = (
        select(HoursEntry.person_id, func.sum(HoursCount.minutes))
        .join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
        .where(HoursCount.pot_id == pot_id)
        .group_by(HoursEntry.person_id)
    )
    return Counter({person_id: int(minutes) for person_id, minutes in session.execute(query)})


def _before(session: Session, pot: Pot, known: Iterable[Pot]) -> list[balances.Balance]:
    return balances.of_pots(session, [each.id for each in known if each.next_id == pot.id])


def _people(
    session: Session, pot: Pot, there: Iterable[Entry], kept: Iterable[Entry], people: Collection[int]
) -> set[int | None]:
    """Who gets a balance: for whom it is, who sent something that counts or waits, and whoever has minutes in it."""
    found: set[int | None] = set(_meant(pot, people)) | set(_counted(session, pot.id))
    found |= {each.person_id for each in (*there, *kept) if each.state in (State.SENT, State.KEPT)}
    query = select(HoursBalance.person_id).join(HoursPot, HoursPot.id == HoursBalance.pot_id)
    return found | set(session.scalars(query.where(HoursPot.next_id == pot.id)))
