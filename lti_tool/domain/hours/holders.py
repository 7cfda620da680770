"""From when on somebody belongs to a pot, and for how much of it: by who makes pots. What counted never changes by it.

Said anew, the row that was is over and another one comes; what is planned is read from the rows (planned.py).
"""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import places, planned, pots
from lti_tool.domain.hours.places import By, Owner
from lti_tool.domain.hours.planned import Stretch
from lti_tool.models.hours import HoursPot, HoursRole
from lti_tool.models.hours_codes import Role

STRETCHES_AT_MOST = 40


@dataclass(frozen=True)
class Asked:
    """What somebody is to belong to a pot for. joins: on stretch.first_day, and not before it."""

    person_id: int
    stretch: Stretch
    joins: bool = False


def hold(session: Session, of: Owner, by: By, pot_id: int, asked: Asked, people: Collection[int]) -> int:
    """Have somebody belong to a pot so from a day on; returns their planned minutes (0 of an open pot).

    people: ids of the persons who can be named. Where neither share nor minutes are given, what holds on that day goes
    on. Refused: "hours_pot_people", "hours_pot_closed", "hours_factor", "hours_factor_zero", "hours_factor_above",
    "hours_factor_both", "hours_factor_open", "hours_factor_minutes", "hours_factor_day", "hours_factor_enough".
    """
    pot = pots.found(session, of, pot_id)
    if pot.closed_at is not None:
        raise Refused("hours_pot_closed")
    rows = list(
        session.scalars(
            select(HoursRole)
            .where(HoursRole.pot_id == pot.id, HoursRole.person_id == asked.person_id, HoursRole.role == Role.HOLDER)
            .where(HoursRole.until.is_(None))
            .order_by(HoursRole.id)
        )
    )
    # Who left belongs still to what they belonged to: their last day can be said.
    if asked.person_id not in people and not rows:
        raise Refused("hours_pot_people")
    _check(pot, asked.stretch)
    known = [Stretch(each.first_day, each.last_day, each.share, each.minutes) for each in rows]
    wanted = anew(pot, known, asked)
    if len(wanted) > STRETCHES_AT_MOST:
        raise Refused("hours_factor_enough")
    for row, stretch in zip(rows, known, strict=True):
        if stretch not in wanted:
            row.until = now()
    for stretch in wanted:
        if stretch not in known:
            session.add(
                HoursRole(
                    pot_id=pot.id, person_id=asked.person_id, role=Role.HOLDER, first_day=stretch.first_day,
                    last_day=stretch.last_day, share=stretch.share, minutes=stretch.minutes,
                )
            )  # fmt: skip
    places.note(session, of, acts.Kind.POT_HOLDER, by, asked.person_id, pot=pot.id)
    session.flush()
    return planned.total(pot.first_day, pot.last_day, pot.minutes, wanted) if pot.minutes is not None else 0


def anew(pot: HoursPot, known: Collection[Stretch], asked: Asked) -> list[Stretch]:
    """Somebody's stretches after this: what was before the day stays, unless they join on it."""
    first = asked.stretch.first_day or pot.first_day
    there = list(known) or ([Stretch()] if pot.for_all else [])
    holds = next(
        (each for each in planned.parts(pot.first_day, pot.last_day, there) if each.first <= first <= each.last), None
    )
    stretch = dataclasses.replace(asked.stretch, first_day=first)
    if stretch.share is None and stretch.minutes is None and holds is not None:
        stretch = dataclasses.replace(stretch, share=holds.of.share, minutes=holds.of.minutes)
    if stretch.last_day is None and holds is not None:
        stretch = dataclasses.replace(stretch, last_day=holds.of.last_day)
    before = [] if asked.joins else [each for each in there if (each.first_day or pot.first_day) < first]
    # Whoever has a last day belongs no longer after it, whatever was said of later days.
    after = [each for each in there if (each.first_day or pot.first_day) > first and asked.stretch.last_day is None]
    return [*before, stretch, *after]


def _check(pot: HoursPot, stretch: Stretch) -> None:
    first, last = stretch.first_day or pot.first_day, stretch.last_day or pot.last_day
    if not pot.first_day <= first <= last <= pot.last_day:
        raise Refused("hours_factor_day")
    if stretch.share is not None and stretch.minutes is not None:
        raise Refused("hours_factor_both")
    if pot.minutes is None and (stretch.share is not None or stretch.minutes is not None):
        raise Refused("hours_factor_open")
    if stretch.share == 0 or stretch.minutes == 0:
        raise Refused("hours_factor_zero")
    if stretch.share is not None and stretch.share < 0:
        raise Refused("hours_factor")
    if stretch.share is not None and stretch.share > planned.WHOLE:
        raise Refused("hours_factor_above")
    if stretch.minutes is not None and not 1 <= stretch.minutes <= pots.MOST:
        raise Refused("hours_factor_minutes")
