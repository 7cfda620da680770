"""Somebody's ledger as it stands: what counts of theirs, under each of their accounts, in the order of counting."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.domain.hours import joins
from lti_tool.domain.hours.ledger import Claim, Ledger
from lti_tool.models.hours import HoursCount, HoursEntry, HoursPot

DAY = dt.timedelta(days=1)
_BOOKED = func.coalesce(HoursCount.of_id, HoursCount.pot_id)
# A pot that became one with a school's has one sum and one cap with it.
_POT = func.coalesce(HoursPot.joined_id, HoursPot.id)
_ROWS = (
    select(
        HoursEntry.person_id, HoursEntry.id, _POT, HoursEntry.kind, HoursEntry.learning, HoursEntry.minutes,
        HoursEntry.day, HoursEntry.begins_at, HoursEntry.ends_at, HoursCount.minutes.label("counts"),
    )
    .join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
    .join(HoursPot, HoursPot.id == _BOOKED)
    .order_by(HoursCount.id)
)  # fmt: skip


def book(session: Session, person_id: int) -> Ledger:
    """Somebody's whole ledger, of all their pots and under each of their accounts: it is the person's."""
    found = Ledger()
    whose = HoursEntry.person_id.in_(joins.of(person_id))
    for _person_id, *claim, counts in session.execute(_ROWS.where(whose)):
        found.enter(Claim(*claim), counts)
    return found


@dataclass(frozen=True)
class About:
    """What is to be counted: entries of these days, in pots of which these have caps over more than an entry."""

    first: dt.date
    last: dt.date
    capped: Collection[int]


def books(session: Session, people: Collection[int], about: About | None = None) -> dict[int, Ledger]:
    """The same of several persons at once: person id -> ledger.

    about: as far as it matters to counting that; what is on other days cannot overlap, unless it ends past midnight.
    """
    whose = {each: [each] for each in people}
    for pair in joins.as_one(session, people).items():
        for account, other in (pair, pair[::-1]):
            if other in people:
                whose.setdefault(account, []).append(other)
    query = _ROWS.where(HoursEntry.person_id.in_(list(whose)))
    if about is not None:
        near = HoursEntry.day.between(about.first - DAY, about.last + DAY)
        query = query.where(or_(near, _POT.in_(about.capped)) if about.capped else near)
    found: dict[int, Ledger] = {each: Ledger() for each in people}
    for person_id, *claim, counts in session.execute(query):
        assert person_id is not None
        for each in whose[person_id]:
            found[each].enter(Claim(*claim), counts)
    return found
