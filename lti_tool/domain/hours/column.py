"""Hours in the gradebook: a column of each school year, for a course in which an activity of hours wants them.

All its activities share the columns. A column shows what is booked: an entry's minutes in the year of its day, also
after a correction; a correction of a closed period in the year in which the pot begins that it is booked in
(known_entries.sums, as pages and files have it). At nothing, or below, what was sent is taken out of the column: never
a zero.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from lti_tool.domain.hours import gate, known_entries, ledger
from lti_tool.domain.hours.known_entries import Entry, Moved
from lti_tool.domain.participation import Left, Passback, columns
from lti_tool.models import Beside, Community, LineItem, ResourceLink, Score, Seat, takes_scores
from lti_tool.models.hours import HoursCount, HoursEntry, HoursPot
from lti_tool.text import Text

KIND = "hours"
MOST = 100

_wants = aliased(ResourceLink)
# Whether an activity of the course says that hours go to the gradebook.
_WANTED = exists().where(
    _wants.course_id == bindparam("course"), _wants.step == Beside.HOURS, _wants.passback == Passback.HOURS
)
_ITEMS = (
    select(LineItem, ResourceLink)
    .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
    .where(ResourceLink.course_id == bindparam("course"), LineItem.kind == KIND)
    .order_by(LineItem.id)
)
_LINK = (
    select(ResourceLink)
    .where(
        ResourceLink.course_id == bindparam("course"),
        ResourceLink.step == Beside.HOURS,
        ResourceLink.line_items_url != "",
    )
    .order_by(ResourceLink.id)
    .limit(1)
)
# The same of a community's course, in a statement about entries.
_OF_COURSE = exists().where(
    _wants.course_id == Community.course_id, _wants.step == Beside.HOURS, _wants.passback == Passback.HOURS
)
# Of a row of the ledger: whose it is, the days that say of which year, and the course where it shows.
_OF_ROW = (
    select(HoursEntry.person_id, HoursEntry.day, HoursPot.first_day, Community.course_id)
    .join(Community, Community.id == HoursEntry.community_id)
    .join(HoursPot, HoursPot.id == bindparam("pot"))
    .where(HoursEntry.id == bindparam("entry"), _OF_COURSE)
)
# The same of several that are booked in their own pots.
_OF_ROWS = (
    select(HoursEntry.person_id, HoursEntry.day, Community.course_id)
    .join(Community, Community.id == HoursEntry.community_id)
    .where(HoursEntry.id.in_(bindparam("entries", expanding=True)), _OF_COURSE)
)
_SEAT = select(Seat.launch_role, Seat.roster_role).where(
    Seat.course_id == bindparam("course"), Seat.person_id == bindparam("person"), _WANTED
)

_LEFT = (
    select(LineItem.period, func.count(Score.id))
    .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
    .join(Score, Score.line_item_id == LineItem.id)
    .where(
        ResourceLink.course_id == bindparam("course"),
        LineItem.kind == KIND,
        LineItem.gone.is_(False),
        Score.arrived.is_not(None),
        ~_WANTED,
    )
    .group_by(LineItem.period)
    .order_by(LineItem.period)
)


def year(day: dt.date) -> str:
    """The school year that a day is in, as a column's period: 2026-2027."""
    return "-".join(str(each.year) for each in ledger.school_year(day))


def by_year(entries: Iterable[Entry], begins: Mapping[int, dt.date]) -> dict[str, int]:
    """School year -> the minutes that count of somebody's entries. begins: pot id -> its first day."""
    of_entries, of_moved = defaultdict[str, list[Entry]](list), defaultdict[str, list[Moved]](list)
    for each in entries:
        of_entries[year(each.day)].append(each)
        for row in each.moved:
            of_moved[year(begins[row.pot_id])].append(row)
    known = sorted({*of_entries, *of_moved})
    return {each: known_entries.sums(of_entries[each], of_moved[each]).counts for each in known}


def score(minutes: int) -> float | None:
    """What the column shows for so many minutes: hours, at most 100; None for nothing."""
    return min(float(ledger.figure(minutes)), float(MOST)) if minutes > 0 else None


@dataclass(frozen=True)
class Graded:
    """That the gradebook of a course shows hours. gradable: also this person's, as far as the LMS takes scores."""

    gradable: bool


def graded(session: Session, course_id: int, person_id: int) -> Graded | None:
    """What of somebody's hours is shown in a course's gradebook; None where it shows nobody's."""
    row = session.execute(_SEAT, {"course": course_id, "person": person_id}).one_or_none()
    return Graded(takes_scores(row.launch_role, row.roster_role)) if row else None


def left_behind(session: Session, course_id: int, locale: str) -> list[Left]:
    """What was sent before somebody chose that no hours go to the gradebook: it stays there, and is only said here."""
    found = session.execute(_LEFT, {"course": course_id})
    return [Left(_label(period, locale), people) for period, people in found]


def tell(session: Session, entry_id: int, pot_id: int, moved: bool) -> None:
    """A row of the ledger was written: have the value that it changes sent, where a column shows it.

    moved: it is booked in this pot, and not in the entry's own.
    """
    row = session.execute(_OF_ROW, {"entry": entry_id, "pot": pot_id}).one_or_none()
    if row is None or row.person_id is None:
        return
    found = _column(session, row.course_id, year(row.first_day if moved else row.day))
    if found is not None:
        columns.put(session, found[1], found[0], row.person_id)


def tell_all(session: Session, entry_ids: Collection[int]) -> None:
    """The same of several at once, which are booked in their own pots."""
    rows = session.execute(_OF_ROWS, {"entries": list(entry_ids)}).all()
    values = {(row.course_id, year(row.day), row.person_id) for row in rows if row.person_id is not None}
    shown = {each: _column(session, *each) for each in sorted({value[:2] for value in values})}
    for course_id, period, person_id in sorted(values):
        if (found := shown[course_id, period]) is not None:
            columns.put(session, found[1], found[0], person_id)


def catch_up(session: Session, course_id: int, *, chosen: bool) -> None:
    """Have the values sent of all whose hours count already, where an activity of the course wants them.

    chosen: somebody chose so anew. A column that was removed since is then found or made again.
    """
    if not session.scalar(select(_WANTED), {"course": course_id}):
        return
    known = session.execute(_ITEMS, {"course": course_id}).all()
    for item, link in known if chosen else ():
        if item.gone:
            columns.forget(item)
        elif item.url:
            columns.look_again(session, link, item, make=True)
    days = select(HoursEntry.day, HoursCount.of_id.is_not(None), HoursPot.first_day)
    counted = (
        days.join(HoursCount, HoursCount.entry_id == HoursEntry.id)
        .join(HoursPot, HoursPot.id == HoursCount.pot_id)
        .join(Community, Community.id == HoursEntry.community_id)
        .where(Community.course_id == course_id)
        .distinct()
    )
    years = {year(first if moved else day) for day, moved, first in session.execute(counted)}
    for each in sorted(years):
        if found := _column(session, course_id, each):
            columns.catch_up(session, found[1], found[0])


def _column(session: Session, course_id: int, period: str) -> tuple[LineItem, ResourceLink] | None:
    """The course's column of a year, whichever activity asked for it first; None where no activity can have one."""
    for item, link in session.execute(_ITEMS, {"course": course_id}):
        if item.period == period:
            return item, link
    owner = session.scalars(_LINK, {"course": course_id}).one_or_none()
    return (columns.column(session, owner, KIND, period), owner) if owner else None


class Hours:
    """Columns of hours."""

    name = KIND
    tag = KIND
    maximum = MOST
    # Less than what two minutes beside each other differ by, as rounded.
    same = 0.006

    def resource_id(self, link: ResourceLink, period: str) -> str:
        """One of each year; a copy of the course finds its own by it."""
        return f"leerkring-hours-{period}"

    def standalone(self, link: ResourceLink, period: str) -> bool:
        """It is the course's: there is one of each year, however many activities there are."""
        return True

    def label(self, placement: columns.Placement) -> str:
        """Uren 2026-2027."""
        return _label(placement.period, placement.locale)

    def values(
        self, session: Session, link: ResourceLink, period: str, people: Collection[int] | None
    ) -> dict[int, columns.Value]:
        """The hours of everybody of whom anything ever counted in that year."""
        if not session.scalar(select(_WANTED), {"course": link.course_id}):
            return {}
        entries, begins = gate.of_course(session, link.course_id, people)
        of_person = defaultdict[int, list[Entry]](list)
        for each in entries:
            if each.person_id is not None and each.rows:
                of_person[each.person_id].append(each)
        found = {}
        for person_id, theirs in of_person.items():
            minutes = by_year(theirs, begins)
            if period in minutes:
                found[person_id] = value(minutes[period])
        return found

    def said(self, comment: str) -> list[float]:
        """As many hours as it names, as far as the column goes."""
        named = _SAID.fullmatch(comment)
        return [min(float(named[1].replace(",", ".")), float(MOST))] if named else []


def _label(period: str, locale: str) -> str:
    return f"{Text('Uren', 'Hours').of(locale)} {period}"


COMMENT = Text("Telt mee: {hours} uur.", "Counts: {hours} hours.")
_SAID = re.compile(r"(?:Telt mee|Counts): (\d{1,6}[.,]\d\d) (?:uur|hours)\.", re.ASCII)


def value(minutes: int) -> columns.Value:
    """What the column shows for so many minutes, in hours."""
    points, hours = score(minutes), ledger.figure(minutes)
    if points is None:
        comment = Text("Hier telt nu niets meer mee.", "Nothing counts here any more.")
    else:
        comment = Text(COMMENT.nl.format(hours=str(hours).replace(".", ",")), COMMENT.en.format(hours=hours))
    return columns.Value(points, comment, columns.Progress.IN_PROGRESS)


columns.register(Hours())
