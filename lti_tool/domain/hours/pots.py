"""Setting up pots: a community's by who facilitates, a school's by who administers; everybody there reads what was."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community import acts
from lti_tool.domain.hours import calling, entries, places
from lti_tool.domain.hours.carry import NOTHING_CARRIED, Terms
from lti_tool.domain.hours.ledger import DAY_MOST, Per
from lti_tool.domain.hours.places import By, OfSchool, Owner
from lti_tool.models.hours import HoursPot, HoursRole
from lti_tool.models.hours_codes import Decision, Kind, Review, Role

LONGEST_NAME = 80
# Hours of a pot; of a whole year nobody has more.
MOST = 2000 * 60
LONGEST_PERIOD = dt.timedelta(days=2 * 366)
POTS_AT_MOST = 40
CARRIES_AT_MOST = 9
# To so many minutes a paper may round each entry: a quarter of an hour, a half, a whole.
ROUNDINGS = (15, 30, 60)


@dataclass(frozen=True)
class CapAsked:
    """A cap as it is kept: minutes, or percent of the pot's minutes. kinds: none for all."""

    per: Per
    minutes: int | None = None
    percent: int | None = None
    kinds: Sequence[Kind] = ()


@dataclass(frozen=True)
class Asked:
    """A pot as somebody wants it. holders: for whom, none for everybody; people are ids of persons.

    whose: what the holders are called together, if anything. rounds: to how many minutes a paper rounds each entry.
    """

    name: str
    first_day: dt.date
    last_day: dt.date
    minutes: int | None
    review: Review
    approvers: Collection[int] = ()
    deputies: Collection[int] = ()
    holders: Collection[int] = ()
    evidence: bool = False
    arranging: bool = True
    caps: Sequence[CapAsked] = ()
    terms: Terms = NOTHING_CARRIED
    whose: str = ""
    decision: Decision = Decision.OWN
    rounds: int | None = None


def make(
    session: Session,
    of: Owner,
    by: By,
    asked: Asked,
    people: Collection[int],
    outside: Collection[int] = (),
    *,
    awaited: bool = False,
) -> int:
    """Make a pot; returns its id. people: ids of the members who can be named in it; outside: of others who can, as
    approver or deputy. A school's is open to each community of it. awaited: whether somebody who is still to be met
    will approve.

    Refused: "hours_pot_name", "hours_pot_period", "hours_pot_minutes", "hours_pot_people", "hours_pot_approver",
    "hours_pot_cap", "hours_pot_carries", "hours_pot_rounds", "hours_pots_enough".
    """
    name = entries.clean(asked.name, LONGEST_NAME)
    if not name:
        raise Refused("hours_pot_name")
    whose = entries.clean(asked.whose, LONGEST_NAME) if asked.holders else ""
    if not asked.first_day <= asked.last_day <= asked.first_day + LONGEST_PERIOD or asked.first_day.year < 2000:
        raise Refused("hours_pot_period")
    if asked.minutes is not None and not 1 <= asked.minutes <= MOST:
        raise Refused("hours_pot_minutes")
    named = [(Role.HOLDER, asked.holders), (Role.APPROVER, asked.approvers), (Role.DEPUTY, asked.deputies)]
    may = {role: set(people) if role == Role.HOLDER else {*people, *outside} for role, _ids in named}
    if any(set(ids) - may[role] for role, ids in named):
        raise Refused("hours_pot_people")
    if asked.review != Review.NONE and not asked.approvers and not awaited:
        raise Refused("hours_pot_approver")
    _check_decided(asked.decision, asked.review, asked.rounds)
    for cap in asked.caps:
        _check(cap, asked.minutes)
    _check_terms(asked.terms)
    open_ = (places.owned(of), HoursPot.closed_at.is_(None))
    pots = session.scalars(select(HoursPot.id).where(*open_)).all()
    if len(pots) >= POTS_AT_MOST:
        raise Refused("hours_pots_enough")
    of_school = isinstance(of, OfSchool)
    pot = HoursPot(
        community_id=None if of_school else of.id, school_id=of.id if of_school else None, everywhere=of_school,
        name=name, first_day=asked.first_day, last_day=asked.last_day, minutes=asked.minutes, review=asked.review,
        for_all=not asked.holders, evidence=asked.evidence, arranging=asked.arranging,
        caps=[_kept(each) for each in asked.caps], carries=asked.terms.periods,
        surplus=asked.terms.surplus and asked.terms.periods > 0, whose=whose, decision=asked.decision,
        rounds=asked.rounds,
    )  # fmt: skip
    session.add(pot)
    session.flush()
    for role, ids in named:
        if role == Role.HOLDER or asked.review != Review.NONE:
            # Who approves need not be their own deputy.
            fresh = set(ids) - (set(asked.approvers) if role == Role.DEPUTY else set())
            session.add_all(HoursRole(pot_id=pot.id, person_id=each, role=role) for each in sorted(fresh))
    places.note(session, of, acts.Kind.POT_MADE, by, pot=pot.id)
    if asked.review != Review.NONE:
        for each in sorted({*asked.approvers, *asked.deputies} - (set() if of_school else set(people))):
            _note_named(session, of, by, pot, each, named=True, outside=True)
    if not isinstance(of, OfSchool):
        # From the first pot on there may be a figure each month.
        outbox.put(session, outbox.Kind.FIGURE, str(of.id), community=of.id)
    return pot.id


def _note_named(
    session: Session, of: Owner, by: By, pot: HoursPot, person_id: int, *, named: bool, outside: bool
) -> None:
    """outside: of somebody who is no member all read on the home that they approve, or no longer do."""
    kind = acts.Kind.POT_APPROVER_OUTSIDE if outside else acts.Kind.POT_APPROVER
    places.note(session, of, kind, by, person_id, pot=pot.id, named=int(named))


def _check_terms(terms: Terms) -> None:
    if not 0 <= terms.periods <= CARRIES_AT_MOST:
        raise Refused("hours_pot_carries")


def carries(session: Session, of: Owner, by: By, pot_id: int, terms: Terms) -> None:
    """Say what is carried over of a pot once it is closed. Refused: "hours_pot_closed", "hours_pot_carries"."""
    _check_terms(terms)
    pot = found(session, of, pot_id)
    if pot.closed_at is not None:
        raise Refused("hours_pot_closed")
    pot.carries, pot.surplus = terms.periods, terms.surplus and terms.periods > 0
    told = {"pot": pot.id, "periods": pot.carries, "surplus": int(pot.surplus)}
    places.note(session, of, acts.Kind.POT_CARRIES, by, **told)


def _check_decided(decision: Decision, review: Review, rounds: int | None) -> None:
    if decision == Decision.ASSIGNED and review == Review.NONE:
        # There is nobody who would assign anything.
        raise Refused("hours_pot_approver")
    if rounds is not None and rounds not in ROUNDINGS:
        raise Refused("hours_pot_rounds")


def decide(session: Session, of: Owner, by: By, pot_id: int, decision: Decision, rounds: int | None) -> None:
    """Say whose decision a pot is, and how a paper of it rounds; neither changes what counts.

    Refused: "hours_pot_closed", "hours_pot_approver", "hours_pot_rounds".
    """
    pot = found(session, of, pot_id)
    if pot.closed_at is not None:
        raise Refused("hours_pot_closed")
    _check_decided(decision, pot.review, rounds)
    pot.decision, pot.rounds = decision, rounds
    places.note(session, of, acts.Kind.POT_DECIDED, by, pot=pot.id)


def _check(cap: CapAsked, planned: int | None) -> None:
    amounts = [each for each in (cap.minutes, cap.percent) if each is not None]
    if len(amounts) != 1 or amounts[0] < 0:
        raise Refused("hours_pot_cap")
    if cap.percent is not None and (planned is None or cap.percent > 100):
        raise Refused("hours_pot_cap")
    if cap.minutes is not None and cap.minutes > (DAY_MOST if cap.per != Per.PERIOD else MOST):
        raise Refused("hours_pot_cap")


def _kept(cap: CapAsked) -> dict[str, object]:
    kinds = [str(each) for each in cap.kinds]
    return {"per": str(cap.per), "minutes": cap.minutes, "percent": cap.percent, "kinds": kinds}


def stop(session: Session, of: Owner, by: By, pot_id: int) -> None:
    """Offer a pot no longer: what is in it stays, and what waits can still be approved."""
    pot = found(session, of, pot_id)
    if pot.closed_at is not None:
        raise Refused("hours_pot_closed")
    if pot.stopped_at is not None:
        raise Refused("hours_pot_stopped")
    pot.stopped_at = now()
    places.note(session, of, acts.Kind.POT_STOPPED, by, pot=pot.id)


def name(
    session: Session,
    of: Owner,
    by: By,
    pot_id: int,
    person_id: int,
    role: Role,
    people: Collection[int],
    outside: Collection[int] = (),
) -> None:
    """Have somebody more approve, as approver or deputy. people: ids of the members who can be named, outside: of
    others."""
    pot = found(session, of, pot_id)
    if person_id not in {*people, *outside} or role == Role.HOLDER or pot.review == Review.NONE:
        raise Refused("hours_pot_people")
    if any(each.person_id == person_id for each in _approving(session, pot)):
        raise Refused("hours_pot_named")
    session.add(HoursRole(pot_id=pot.id, person_id=person_id, role=role))
    _note_named(session, of, by, pot, person_id, named=True, outside=person_id not in people)


def unname(session: Session, of: Owner, by: By, pot_id: int, person_id: int) -> None:
    """Somebody approves no longer; the last one can not be taken out."""
    pot = found(session, of, pot_id)
    there = _approving(session, pot)
    going = [each for each in there if each.person_id == person_id]
    if not going:
        raise Refused("hours_pot_people")
    if len(there) == len(going):
        raise Refused("hours_pot_approver")
    for each in going:
        each.until = now()
    outside = isinstance(of, OfSchool) or calling.known(session, of.id)[person_id][1]
    _note_named(session, of, by, pot, person_id, named=False, outside=outside)


def _approving(session: Session, pot: HoursPot) -> Sequence[HoursRole]:
    return session.scalars(
        select(HoursRole).where(HoursRole.pot_id == pot.id, HoursRole.role != Role.HOLDER, HoursRole.until.is_(None))
    ).all()


def found(session: Session, of: Owner, pot_id: int) -> HoursPot:
    """A pot of this community, or this school, as nobody else changes it meanwhile; Refused("not_found")."""
    query = select(HoursPot).where(HoursPot.id == pot_id, places.owned(of))
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none() if 0 < pot_id <= MAX_ID else None
    if row is None:
        raise Refused("not_found")
    return row
