"""Days on which there is school: what is announced or waited for in them skips weekends and holidays."""

import datetime as dt
from collections.abc import Collection

from lti_tool.models import Community

SATURDAY = 5
# The first and the last day of one.
Holiday = tuple[dt.date, dt.date]
# Holidays that nobody entered: none.
NONE: frozenset[dt.date] = frozenset()


def holidays(community: Community) -> list[Holiday]:
    """Those that whoever facilitates entered, the next one first."""
    return [_interval(each) for each in (community.holidays or "").split()]


def of_school(community: Community) -> list[Holiday]:
    """Those that are set for its school, or for its course alone, the next one first."""
    return [_interval(each) for each in (community.off_school or {}).get("value", [])]


def _interval(said: str) -> Holiday:
    first, last = map(dt.date.fromisoformat, said.split("/"))
    return first, last


def days_off(community: Community) -> frozenset[dt.date]:
    """All days of them, and of the school's."""
    return frozenset(
        first + dt.timedelta(days=number)
        for first, last in (*holidays(community), *of_school(community))
        for number in range((last - first).days + 1)
    )


def school_days(start: dt.date, number: int, holidays: Collection[dt.date] = NONE) -> dt.date:
    """The day that is so many school days after `start`, which is not counted itself; number: 0 or more."""
    day = start
    while number > 0:
        day += dt.timedelta(days=1)
        number -= day.weekday() < SATURDAY and day not in holidays
    return day


def on_or_after(day: dt.date, holidays: Collection[dt.date] = NONE) -> dt.date:
    """The day itself where there is school on it, else the first school day after it."""
    return school_days(day - dt.timedelta(days=1), 1, holidays)
