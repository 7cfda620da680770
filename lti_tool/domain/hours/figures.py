"""The one figure of hours a school leader reads of a community: what counted in this school year, on the first of the
month. Nobody's hours can be computed from it, nor from any two of them.

It is over at least five people other than the reader, and there only where, held beside each one there was before,
none or at least three people's sums differ. What was there once is what is held beside: its parts are stored with it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.domain import outbox
from lti_tool.domain.hours import joins, places
from lti_tool.domain.hours.ledger import school_year
from lti_tool.domain.reading.things import Thing, Viewer, require
from lti_tool.models.hours import HoursCount, HoursEntry, HoursFigure, HoursFigurePart, HoursPot

PEOPLE, CHANGED = 5, 3
ERASED = 0  # whoever was erased, as one

# Person -> minutes.
Parts = Mapping[int, int]


@dataclass(frozen=True)
class Figure:
    """What a leader reads. minutes: None where there is none this month; month: its first day."""

    month: dt.date
    minutes: int | None


def changed(one: Parts, other: Parts, but: Collection[int] = ()) -> int:
    """How many people's sums differ; but: of whom it does not matter, since they know their own."""
    return sum(one.get(each, 0) != other.get(each, 0) for each in {*one, *other} - set(but))


def may_stand(new: Parts, before: Iterable[Parts], but: Collection[int] = ()) -> bool:
    """Whether a figure of these parts tells nothing of anybody, also beside those that there were before."""
    people = sum(minutes != 0 for each, minutes in new.items() if each not in but)
    apart = [changed(new, each, but) for each in before]
    return people >= PEOPLE and all(not each or each >= CHANGED for each in apart)


def publish(session: Session, community_id: int, today: dt.date, zone: ZoneInfo) -> str:
    """Have the figure of this month stored, if there can be one; what came of it. Then the next month's is due."""
    month = today.replace(day=1)
    due = dt.datetime.combine(_following(month), dt.time(), zone)
    outbox.put(session, outbox.Kind.FIGURE, str(community_id), due_at=due, community=community_id)
    stored = _stored(session, community_id)
    if any(each == month for each, _parts in stored):
        return "there_already"
    raw = _sums(session, community_id, month, zone)
    one = joins.as_one(session, [*raw, *(who for _month, parts in stored for who in parts)])
    before = [together(parts, one) for _month, parts in stored]
    if not may_stand(together(raw, one), before):
        return "none_this_month"
    figure = HoursFigure(community_id=community_id, month=month)
    session.add(figure)
    session.flush()
    session.add_all(
        HoursFigurePart(figure_id=figure.id, person_id=each or None, minutes=minutes)
        for each, minutes in sorted(raw.items())
    )
    session.flush()
    return "published"


def together(parts: Parts, one: Mapping[int, int]) -> Parts:
    """The same with two accounts of one person as one."""
    found: Counter[int] = Counter()
    for each, minutes in parts.items():
        found[one.get(each, each)] += minutes
    return found


def _following(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def _sums(session: Session, community_id: int, month: dt.date, zone: ZoneInfo) -> Parts:
    """What counted when the month began, of days of its school year: whenever it is asked, it is the same."""
    first, last = school_year(month)
    query = (
        select(HoursEntry.person_id, func.sum(HoursCount.minutes))
        .join(HoursCount, HoursCount.entry_id == HoursEntry.id)
        .where(HoursEntry.community_id == community_id, HoursEntry.day.between(first, last))
        .where(HoursCount.at < dt.datetime.combine(month, dt.time(), zone))
        .group_by(HoursEntry.person_id)
    )
    return {person_id or ERASED: int(minutes) for person_id, minutes in session.execute(query)}


def _stored(session: Session, community_id: int) -> Sequence[tuple[dt.date, Parts]]:
    """Every figure there was, the first one first, with its parts."""
    query = (
        select(HoursFigure.month, HoursFigurePart.person_id, HoursFigurePart.minutes)
        .join(HoursFigurePart, HoursFigurePart.figure_id == HoursFigure.id)
        .where(HoursFigure.community_id == community_id)
        .order_by(HoursFigure.month, HoursFigurePart.id)
    )
    found: dict[dt.date, Counter[int]] = {}
    for month, person_id, minutes in session.execute(query):
        found.setdefault(month, Counter())[person_id or ERASED] += minutes
    return list(found.items())


def shown(session: Session, viewer: Viewer, community_id: int, person_id: int, today: dt.date) -> Figure | None:
    """This month's figure as a leader reads it, without their own minutes; None where a community keeps no hours.

    Refused("not_yours_to_read") to anybody else. What was stored later than a month is held beside it is of no matter:
    all there was before is, whether this leader read it or not.
    """
    require(viewer, Thing.HOURS_FIGURE)
    if session.scalar(select(HoursPot.id).where(places.seen_in(community_id)).limit(1)) is None:
        return None
    month = today.replace(day=1)
    raw = _stored(session, community_id)
    one = joins.as_one(session, [who for _month, parts in raw for who in parts])
    stored = [(each, together(parts, one)) for each, parts in raw]
    own = {one.get(each, each) for each in joins.ever(session, person_id)}
    before = [parts for each, parts in stored if each < month]
    now_on = next((parts for each, parts in stored if each == month), None)
    if now_on is None or not may_stand(now_on, before, own):
        return Figure(month, None)
    return Figure(month, sum(minutes for each, minutes in now_on.items() if each not in own))
