"""Days on which there is school, and when facilitating is free to be taken over."""

import datetime as dt

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.community.members import ABSENCE, is_free
from lti_tool.domain.community.school_days import SATURDAY, school_days

DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2030, 1, 1))
MONDAY = dt.date(2027, 3, 1)


@given(start=DAYS, number=st.integers(0, 40), holidays=st.frozensets(DAYS, max_size=20))
def test_so_many_days_with_school_lie_between(start: dt.date, number: int, holidays: frozenset[dt.date]) -> None:
    end = school_days(start, number, holidays)
    between = [start + dt.timedelta(days=each) for each in range(1, (end - start).days + 1)]
    school = [day for day in between if day.weekday() < SATURDAY and day not in holidays]
    assert len(school) == number
    assert end == start or end in school, "it ends on a day with school"


@pytest.mark.parametrize(
    ("here_on", "today", "free"),
    [
        ([], MONDAY, True),
        ([None], MONDAY, True),
        ([MONDAY], MONDAY, False),
        ([MONDAY], dt.date(2027, 3, 19), False),
        ([MONDAY], dt.date(2027, 3, 20), True),
        ([MONDAY, MONDAY + dt.timedelta(days=1)], dt.date(2027, 3, 20), False),
        ([dt.date(2027, 3, 5)], dt.date(2027, 3, 25), False),
        ([dt.date(2027, 3, 5)], dt.date(2027, 3, 26), True),
    ],
)
def test_facilitating_is_free_where_none_was_here_for_fourteen_school_days(
    here_on: list[dt.date | None], today: dt.date, free: bool
) -> None:
    with time_machine.travel(dt.datetime.combine(today, dt.time(12), dt.UTC)):
        assert is_free(here_on) == free


def test_a_holiday_is_no_absence() -> None:
    week = frozenset(MONDAY + dt.timedelta(days=each) for each in range(1, 8))
    with time_machine.travel(dt.datetime(2027, 3, 24, 12, tzinfo=dt.UTC)):
        assert is_free([MONDAY])
        assert not is_free([MONDAY], week)
        assert ABSENCE == 14
