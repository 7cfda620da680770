"""Times of sessions: which moment a time on a list means, and that what lies between is elapsed time."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lti_tool.domain import Refused
from lti_tool.domain.hours import ledger, times

ZONE = ZoneInfo("Europe/Amsterdam")
BEGINS = st.integers(0, 366 * 1440).map(
    lambda each: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=each)
)
LENGTHS = st.integers(1, 12 * 60)


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


@given(BEGINS, LENGTHS, st.integers(-120, 13 * 60))
def test_a_time_on_the_list_is_the_moment_it_was_written_of(begins: dt.datetime, length: int, after: int) -> None:
    ends = begins + minutes(length)
    moment = begins + minutes(after)
    assume(moment <= ends + minutes(60))
    local = moment.astimezone(ZONE)
    day = begins.astimezone(ZONE).date()
    found = times.moment(day, local.time(), begins, ends, ZONE)
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        assert found == moment
    else:
        # It came twice: the first that lies in the session.
        assert found.astimezone(ZONE).replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0)
        distances = [max(begins - each, each - ends, minutes(0)) for each in (found, moment)]
        assert distances[0] <= distances[1]


@given(BEGINS, LENGTHS, st.integers(-180, 13 * 60), st.none() | st.integers(-180, 14 * 60))
def test_how_long_somebody_was_there_lies_within_the_session(
    begins: dt.datetime, length: int, came: int, left: int | None
) -> None:
    ends = begins + minutes(length)
    until = None if left is None else begins + minutes(left)
    first, last, found = times.there(begins, ends, begins + minutes(came), until)
    counted = sum(1 for each in range(length) if came <= each and (left is None or each < left))
    assert found == counted
    if found:
        assert begins <= first < last <= ends


def test_half_past_eleven_to_half_past_twelve_on_31_july_is_sixty_minutes_of_the_old_year() -> None:
    day = dt.date(2026, 7, 31)
    begins, ends = ledger.elapsed(day, dt.time(23, 30), dt.time(0, 30), ZONE, overnight=True)
    assert times.there(begins, ends, begins, None)[2] == 60
    assert ledger.school_year(begins.astimezone(ZONE).date()) == (dt.date(2025, 8, 1), dt.date(2026, 7, 31))
    left = times.moment(day, dt.time(0, 20), begins, ends, ZONE)
    assert times.there(begins, ends, begins, left)[2] == 50, "twenty past twelve is of the next day"
    assert times.moment(day, dt.time(23, 20), begins, ends, ZONE) == begins - minutes(10), "early is a time"


def test_minutes_are_elapsed_where_the_clock_changes() -> None:
    for day, elapsed in ((dt.date(2026, 3, 29), 120), (dt.date(2026, 10, 25), 240)):
        begins, ends = ledger.elapsed(day, dt.time(1), dt.time(4), ZONE)
        assert times.there(begins, ends, begins, None)[2] == elapsed
        left = times.moment(day, dt.time(4), begins, ends, ZONE)
        assert times.there(begins, ends, begins, left)[2] == elapsed


def test_a_time_that_was_not_there_or_is_far_away_is_refused() -> None:
    spring = dt.date(2026, 3, 29)
    begins, ends = ledger.elapsed(spring, dt.time(1), dt.time(4), ZONE)
    with pytest.raises(Refused, match="hours_no_time"):
        times.moment(spring, dt.time(2, 30), begins, ends, ZONE)
    with pytest.raises(Refused, match="session_time_far"):
        times.moment(spring, dt.time(13), begins, ends, ZONE)
