"""Pots as they are read: a pot, its rules and who approves are the community's, and everybody in it reads them."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from lti_tool.domain.hours import planned
from lti_tool.domain.hours.carry import NOTHING_CARRIED, Terms
from lti_tool.domain.hours.ledger import Cap, Per, Rules
from lti_tool.domain.hours.planned import Stretch
from lti_tool.models.hours import HoursPot, HoursRole
from lti_tool.models.hours_codes import Decision, Kind, Review, Role

APPROVING = frozenset({Role.APPROVER, Role.DEPUTY})


@dataclass(frozen=True)
class Pot:
    """A pot as everybody in its community reads it. people: role -> ids of persons who have it now.

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


def pots(session: Session, community_id: int) -> list[Pot]:
    """The community's pots, those that are offered first, by period and name."""
    query = (
        select(HoursPot, HoursRole)
        .outerjoin(HoursRole, and_(HoursRole.pot_id == HoursPot.id, HoursRole.until.is_(None)))
        .where(HoursPot.community_id == community_id)
        .order_by(
            HoursPot.closed_at.is_not(None), HoursPot.stopped_at.is_not(None), HoursPot.first_day.desc(),
            HoursPot.name, HoursPot.id, HoursRole.id,
        )
        # As they are now: somebody may have closed one since this transaction first looked.
        .execution_options(populate_existing=True)
    )  # fmt: skip
    found: dict[HoursPot, list[HoursRole]] = defaultdict(list)
    for pot, role in session.execute(query):
        found[pot].extend([role] if role is not None else [])
    alike = Counter(row.name for row in found)
    return [_pot(row, roles, alike[row.name] > 1) for row, roles in found.items()]


def years(first: dt.date, last: dt.date) -> str:
    """A period as it is said behind a pot's name."""
    return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"


def _pot(row: HoursPot, roles: Sequence[HoursRole], several: bool) -> Pot:
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
    )


def _cap(kept: dict[str, object], planned: int | None) -> Cap:
    percent, minutes = kept.get("percent"), kept.get("minutes")
    # A part of what is planned is rounded down once, to a whole minute.
    most = (planned or 0) * int(str(percent)) // 100 if percent is not None else int(str(minutes))
    kinds = kept.get("kinds")
    of = frozenset(map(Kind, kinds if isinstance(kinds, list) else []))
    return Cap(Per(str(kept["per"])), most, of, int(str(percent)) if percent is not None else None)


def offered(known: Sequence[Pot], person_id: int, assigned: Collection[int] = ()) -> list[Pot]:
    """The pots that somebody can choose, as they are offered: assigned pots first where something was assigned to
    them, else after the others. assigned: ids of those."""

    def place(pot: Pot) -> int:
        return 1 if pot.decision != Decision.ASSIGNED else 0 if pot.id in assigned else 2

    return sorted((each for each in known if each.is_for(person_id)), key=place)


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
    query = select(HoursRole).join(HoursPot, HoursPot.id == HoursRole.pot_id)
    rows = session.scalars(query.where(HoursPot.community_id == community_id).order_by(HoursRole.id)).all()
    approves = {row.pot_id for row in rows if row.person_id == reader and row.role in APPROVING and row.until is None}
    return [
        Held(
            row.pot_id, row.person_id, row.role, row.since, row.until,
            Stretch(row.first_day, row.last_day, row.share, row.minutes)
            if row.role == Role.HOLDER and (row.person_id == reader or row.pot_id in approves)
            else None,
        )
        for row in rows
    ]  # fmt: skip
