"""Reading what closed periods came to: one's own, and of pots of which one approves. Nobody else has any.

With one's own goes one's plan, which nobody else reads at all.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.hours import carry, entries, gate, joins, known_pots, places
from lti_tool.domain.hours.carry import Layer
from lti_tool.domain.hours.entries import Asker
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.reading.things import Thing, Viewer, require
from lti_tool.models import Member
from lti_tool.models.hours import HoursBalance, HoursPlan, HoursPot

PLANNED_AT_MOST = 2000 * 60


@dataclass(frozen=True)
class Balance:
    """What a period came to for somebody, in minutes; as models.hours.HoursBalance says."""

    pot_id: int
    person_id: int | None
    planned: int | None
    came: int
    counted: int
    unaccounted: int
    carried: int
    layers: Sequence[Layer]
    at: dt.datetime
    next_id: int | None = None  # the pot of the next period, of one's own balances

    @property
    def gone(self) -> int | None:
        """What was planned, not counted, and does not go on; below zero: what counted beyond it, and does not."""
        return None if self.planned is None else self.planned - self.counted - self.carried


@dataclass(frozen=True)
class Mine:
    """Somebody's balances and plans: pot -> balance, and pot -> minutes.

    Balances also of pots of other communities that go on in one of these.
    """

    balances: Mapping[int, Balance]
    plans: Mapping[int, int]


def mine(session: Session, viewer: Viewer, owner: Member) -> Mine:
    """The owner's own, of their community; Refused for anybody else."""
    require(viewer, Thing.HOURS, owner.id)
    seen = select(HoursPot.id).where(places.seen_in(owner.community_id))
    query = (
        select(HoursPot.id, HoursPot.next_id, HoursBalance, HoursPlan.minutes)
        .outerjoin(HoursBalance, and_(HoursBalance.pot_id == HoursPot.id, HoursBalance.person_id == owner.person_id))
        .outerjoin(HoursPlan, and_(HoursPlan.pot_id == HoursPot.id, HoursPlan.person_id == owner.person_id))
        .where(or_(HoursPot.id.in_(seen), HoursPot.next_id.in_(seen)))
    )
    rows = session.execute(query).all()
    return Mine(
        {pot_id: replace(_balance(row), next_id=next_id) for pot_id, next_id, row, _plan in rows if row is not None},
        {pot_id: plan for pot_id, _next, _row, plan in rows if plan is not None},
    )


def elsewhere(session: Session, viewer: Viewer, owner: Member) -> list[Balance]:
    """The owner's under another account of theirs; Refused for anybody else."""
    require(viewer, Thing.HOURS, owner.id)
    of = (HoursBalance.person_id.in_(joins.of(owner.person_id)), HoursBalance.person_id != owner.person_id)
    return [_balance(row) for row in session.scalars(select(HoursBalance).where(*of).order_by(HoursBalance.id))]


def in_course(session: Session, viewer: Viewer, owner: Member) -> list[Balance]:
    """The owner's of pots of other communities of their course; Refused for anybody else."""
    require(viewer, Thing.HOURS, owner.id)
    pots = select(HoursPot.id).where(HoursPot.community_id.in_(gate.others_of_course(owner)))
    of = (HoursBalance.person_id == owner.person_id, HoursBalance.pot_id.in_(pots))
    return [_balance(row) for row in session.scalars(select(HoursBalance).where(*of).order_by(HoursBalance.id))]


def plan(asker: Asker, pot_id: int, minutes: int | None) -> None:
    """Say how many minutes one means to use of a pot; None to say so no longer. Refused: "hours_pot", "hours_plan"."""
    if minutes is not None and not 0 <= minutes <= PLANNED_AT_MOST:
        raise Refused("hours_plan")
    entries.hold(asker.session, [asker.person_id])
    known = known_pots.pots(asker.session, asker.community_id)
    if not any(each.id == pot_id and each.is_for(asker.person_id) for each in known):
        raise Refused("hours_pot")
    of = (HoursPlan.pot_id == pot_id, HoursPlan.person_id == asker.person_id)
    row = asker.session.scalars(select(HoursPlan).where(*of)).one_or_none()
    if minutes is None:
        if row is not None:
            asker.session.delete(row)
    elif row is None:
        asker.session.add(HoursPlan(pot_id=pot_id, person_id=asker.person_id, minutes=minutes))
    else:
        row.minutes = minutes
    asker.session.flush()


def of_pots(session: Session, pot_ids: Collection[int], but: int | None = None) -> list[Balance]:
    """Everybody's of these pots, but somebody's own: for who approves of them, and for closing the next one."""
    query = select(HoursBalance).where(HoursBalance.pot_id.in_(pot_ids)).order_by(HoursBalance.id)
    if but is not None:
        query = query.where(gate.others(HoursBalance.person_id, but))
    return [_balance(row) for row in session.scalars(query)] if pot_ids else []


def _balance(row: HoursBalance) -> Balance:
    return Balance(
        row.pot_id, row.person_id, row.planned, row.came, row.counted, row.unaccounted, row.carried,
        carry.read(row.layers), row.at,
    )  # fmt: skip


def came(pot: Pot, found: Collection[Balance]) -> int:
    """What was carried into a pot, by these balances of one's own."""
    return sum(each.carried for each in found if each.next_id == pot.id)
