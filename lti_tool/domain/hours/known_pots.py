"""Pots as they are read: a pot, its rules and who approves are the community's, and everybody in it reads them.

A school's pot is read by each community that it is or was open to; in it they all have one sum and one cap a person.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, select
from sqlalchemy.orm import Session

from lti_tool.domain.hours import places, planned
from lti_tool.domain.hours.carry import NOTHING_CARRIED, Terms
from lti_tool.domain.hours.ledger import Cap, Per, Rules
from lti_tool.domain.hours.planned import Stretch
from lti_tool.models.hours import HoursPot, HoursPotPlace, HoursRole
from lti_tool.models.hours_codes import Decision, Kind, Review, Role

APPROVING = frozenset({Role.APPROVER, Role.DEPUTY})


@dataclass(frozen=True)
class Pot:
    """A pot as everybody in its community reads it. people: role -> ids of persons who have it now.

    school_id: of a school's. joined: ids of pots that became one with it: what was booked in them is in it. stopped:
    takes no new hours, at all or in this community.

    whose: what its holders are called together, "" for nothing. stretches: person -> from when on they belong to it,
    and for how much: that is for themselves, for who makes pots and for who approves (Thing.FACTOR).
    """

    id: int
    name: str
    first_day: dt.date
    last_day: dt.date
    minutes: int | None
    review: Review
    for_all: bool
    evidence: bool
    arranging: bool
    caps: Sequence[Cap]
    stopped: bool
    people: dict[Role, Sequence[int]]
    terms: Terms = NOTHING_CARRIED
    closed: bool = False
    next_id: int | None = None
    label: str = ""  # its name, with its years where another has the same
    whose: str = ""
    stretches: Mapping[int, Sequence[Stretch]] = field(default_factory=dict)
    decision: Decision = Decision.OWN
    rounds: int | None = None  # to how many minutes a paper rounds each entry
    school_id: int | None = None
    joined: Sequence[int] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """Under which ids rows of the ledger have it."""
        return (self.id, *self.joined)

    def rules(self, person_id: int) -> Rules:
        """What it says about counting somebody's hours: a cap in percent is of what is planned for them now."""
        if self.minutes is None or person_id not in self.stretches:
            return Rules(self.caps, self.arranging)
        whole = self.planned(person_id) or 0
        caps = [
            each if each.percent is None else replace(each, minutes=whole * each.percent // 100) for each in self.caps
        ]
        return Rules(caps, self.arranging)

    def stretches_of(self, person_id: int) -> Sequence[Stretch]:
        """From when on somebody belongs to it; of who has no row: always, where it is for everybody."""
        return self.stretches.get(person_id, [Stretch()] if self.for_all else [])

    def parts(self, person_id: int) -> Sequence[planned.Part]:
        """Its period by what is planned when for somebody."""
        return list(planned.parts(self.first_day, self.last_day, self.stretches_of(person_id)))

    def planned(self, person_id: int) -> int | None:
        """The minutes that are planned for somebody, None where it is open."""
        if self.minutes is None:
            return None
        return planned.total(self.first_day, self.last_day, self.minutes, self.stretches_of(person_id))

    def belongs(self, person_id: int, day: dt.date) -> bool:
        """Whether hours of a day can be somebody's in it."""
        return planned.belongs(self.first_day, self.last_day, self.stretches_of(person_id), day)

    @property
    def approving(self) -> frozenset[int]:
        """Ids of the persons who approve, deputies among them."""
        return frozenset(each for role in APPROVING for each in self.people.get(role, ()))

    def is_for(self, person_id: int) -> bool:
        """Whether somebody can choose it."""
        return not self.stopped and not self.closed and bool(self.parts(person_id))


def _query(
    where: ColumnElement[bool], shut: ColumnElement[bool], there: ColumnElement[bool]
) -> Select[HoursPot, HoursRole, bool]:
    return (
        select(HoursPot, HoursRole, shut)
        .outerjoin(HoursRole, and_(HoursRole.pot_id == HoursPot.id, HoursRole.until.is_(None)))
        .outerjoin(HoursPotPlace, there)
        .where(where)
        .order_by(
            HoursPot.closed_at.is_not(None), HoursPot.stopped_at.is_not(None), HoursPot.first_day.desc(),
            HoursPot.name, HoursPot.id, HoursRole.id,
        )
        # As they are now: somebody may have closed one since this transaction first looked.
        .execution_options(populate_existing=True)
    )  # fmt: skip


# Built once: whatever is done with hours asks for it.
_HERE = bindparam("community", type_=HoursPotPlace.community_id.type)
_POTS = _query(
    places.seen_in(_HERE),
    and_(HoursPotPlace.until.is_not(None), ~places.everywhere_in(_HERE)),
    and_(HoursPotPlace.pot_id == HoursPot.id, HoursPotPlace.community_id == _HERE),
)


def pots(session: Session, community_id: int) -> list[Pot]:
    """The community's pots and those of its school that it reads; those that are offered first, by period and name."""
    return _read(session, _POTS, {"community": community_id})


def of_school(session: Session, school_id: int) -> list[Pot]:
    """A school's own pots, in the same order."""
    return _read(session, _query(places.owned(places.OfSchool(school_id)), false(), false()), {})


def _read(session: Session, query: Select[HoursPot, HoursRole, bool], values: Mapping[str, int]) -> list[Pot]:
    found: dict[HoursPot, list[HoursRole]] = defaultdict(list)
    closed_here: set[int] = set()
    for pot, role, is_shut in session.execute(query, values):
        found[pot].extend([role] if role is not None else [])
        if is_shut:
            closed_here.add(pot.id)
    joined = joined_with(session, [row.id for row in found if row.school_id is not None])
    alike = Counter(row.name for row in found)
    made = [_pot(row, roles, alike[row.name] > 1, joined.get(row.id, ())) for row, roles in found.items()]
    return [replace(each, stopped=True) if each.id in closed_here else each for each in made]


def joined_with(session: Session, ids: Collection[int]) -> dict[int, list[int]]:
    """pot id -> ids of the pots that became one with it, of a school's pots."""
    joined: dict[int, list[int]] = defaultdict(list)
    if ids:
        query = select(HoursPot.joined_id, HoursPot.id).where(HoursPot.joined_id.in_(ids)).order_by(HoursPot.id)
        for pot_id, was in session.execute(query):
            joined[pot_id or 0].append(was)
    return joined


def years(first: dt.date, last: dt.date) -> str:
    """A period as it is said behind a pot's name."""
    return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"


def _pot(row: HoursPot, roles: Sequence[HoursRole], several: bool, joined: Sequence[int]) -> Pot:
    # Once each, also who belongs to it in several stretches.
    people: dict[Role, dict[int, None]] = defaultdict(dict)
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    for each in roles:
        people[each.role][each.person_id] = None
        if each.role == Role.HOLDER:
            stretches[each.person_id].append(Stretch(each.first_day, each.last_day, each.share, each.minutes))
    return Pot(
        id=row.id,
        name=row.name,
        first_day=row.first_day,
        last_day=row.last_day,
        minutes=row.minutes,
        review=row.review,
        for_all=row.for_all,
        evidence=row.evidence,
        arranging=row.arranging,
        caps=[_cap(each, row.minutes) for each in row.caps],
        stopped=row.stopped_at is not None,
        people={role: list(ids) for role, ids in people.items()},
        terms=Terms(row.carries, row.surplus),
        closed=row.closed_at is not None,
        next_id=row.next_id,
        label=f"{row.name} ({years(row.first_day, row.last_day)})" if several else row.name,
        whose=row.whose,
        stretches=dict(stretches),
        decision=row.decision,
        rounds=row.rounds,
        school_id=row.school_id,
        joined=joined,
    )


def _cap(kept: dict[str, object], planned: int | None) -> Cap:
    percent, minutes = kept.get("percent"), kept.get("minutes")
    # A part of what is planned is rounded down once, to a whole minute.
    most = (planned or 0) * int(str(percent)) // 100 if percent is not None else int(str(minutes))
    kinds = kept.get("kinds")
    of = frozenset(map(Kind, kinds if isinstance(kinds, list) else []))
    return Cap(Per(str(kept["per"])), most, of, int(str(percent)) if percent is not None else None)


def offered(
    known: Sequence[Pot], person_id: int, assigned: Collection[int] = (), on: dt.date | None = None
) -> list[Pot]:
    """The pots that somebody can choose, as they are offered: assigned pots first where something was assigned to
    them, else after the others. assigned: ids of those. on: a day that has to be in their periods."""

    def place(pot: Pot) -> int:
        return 1 if pot.decision != Decision.ASSIGNED else 0 if pot.id in assigned else 2

    there = (each for each in known if on is None or each.first_day <= on <= each.last_day)
    return sorted((each for each in there if each.is_for(person_id)), key=place)


def approved(session: Session, community_id: int, person_id: int) -> list[Pot]:
    """The pots of which somebody approves."""
    return [each for each in pots(session, community_id) if person_id in each.approving]


@dataclass(frozen=True)
class Held:
    """What somebody is or was to a pot. stretch: of a holder, where the reader may know."""

    pot_id: int
    person_id: int
    role: Role
    since: dt.datetime
    until: dt.datetime | None
    stretch: Stretch | None = None


def roles(session: Session, community_id: int, reader: int) -> list[Held]:
    """Who was what to the community's pots, since when and until when, in the order in which they became it.

    reader: a person's id. For how much somebody belongs to a pot they read of themselves, and where they approve.
    """
    # Of pots that became one with a school's too: what somebody was to those is what they were to it.
    seen = select(HoursPot.id).where(places.seen_in(community_id))
    query = select(HoursRole, HoursPot.joined_id, HoursPot.school_id).join(HoursPot, HoursPot.id == HoursRole.pot_id)
    rows = session.execute(
        query.where(HoursPot.id.in_(seen) | HoursPot.joined_id.in_(seen)).order_by(HoursRole.id)
    ).all()
    held = [(row, joined or row.pot_id, joined or school) for row, joined, school in rows]
    approves = {
        pot_id for row, pot_id, _ in held if row.person_id == reader and row.role in APPROVING and row.until is None
    }
    return [
        Held(
            pot_id, row.person_id, row.role, row.since, row.until,
            Stretch(row.first_day, row.last_day, row.share, row.minutes)
            if row.role == Role.HOLDER and (row.person_id == reader or pot_id in approves)
            else None,
        )
        for row, pot_id, of_school in held
        # For whom a school's pot is in other communities is told to who approves, and to nobody besides.
        if not of_school or row.role != Role.HOLDER or row.person_id == reader or pot_id in approves
    ]  # fmt: skip
