"""Holidays: whoever facilitates enters them; what is announced skips them and weekends (circle.md, section 1)."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
import time_machine

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import acts, away, holidays
from lti_tool.domain.community.members import is_free_now
from lti_tool.domain.community.school_days import days_off
from lti_tool.domain.cycle import ending, midnights
from lti_tool.models import Act
from tests.web.circle import STEPS, Circle, circle

ZONE = ZoneInfo("Europe/Amsterdam")
DAY = dt.timedelta(days=1)
# The autumn holiday of the north in 2027, with its weekends: within it nothing is asked; the clock goes back after it.
FIRST, LAST = dt.date(2027, 10, 16), dt.date(2027, 10, 24)
FRIDAY, MONDAY = FIRST - DAY, LAST + DAY


def enter(c: Circle, first: dt.date, last: dt.date) -> str:
    try:
        holidays.enter(c.session, c.community, c.members[0], first, last, now().date())
    except Refused as refused:
        return refused.code
    return ""


@pytest.fixture
def c() -> Iterator[Circle]:
    with time_machine.travel("2027-10-11T10:00Z", tick=False), circle(3) as made:
        assert enter(made, FIRST, LAST) == ""
        yield made


def test_the_extension_of_a_day_skips_a_holiday(c: Circle) -> None:
    c.run.closes_at = midnights.end_of(FRIDAY, ZONE)
    with time_machine.travel(c.run.closes_at, tick=False):
        assert cycle.on_date(c.session, c.run.id, "ideas", STEPS, ZONE) == "extended"
    assert c.run.closes_at == midnights.end_of(dt.date(2027, 10, 27), ZONE)


def test_what_a_form_proposes_and_by_when_to_answer_skip_it_too(c: Circle) -> None:
    today = now().date()
    assert away.proposed(c.community, today) == MONDAY
    assert ending.last_day(today, days_off(c.community)) == MONDAY


def test_nobody_is_missed_on_a_holiday(c: Circle) -> None:
    here_on = [dt.date(2027, 9, 30)]
    for day, free in ((MONDAY, False), (MONDAY + 2 * DAY, False), (MONDAY + 3 * DAY, True)):
        with time_machine.travel(dt.datetime.combine(day, dt.time(10), dt.UTC), tick=False):
            assert is_free_now(c.session, c.community, here_on) == free, day


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (FIRST + DAY, FIRST, "holiday_backwards"),
        (dt.date(2027, 10, 1), dt.date(2027, 10, 10), "date_passed"),
        (FIRST, FIRST + 70 * DAY, "holiday_too_long"),
        (dt.date(2030, 10, 1), dt.date(2030, 10, 2), "holiday_too_long"),
        (dt.date.min, dt.date.max, "holiday_too_long"),
        (FIRST, FIRST + 69 * DAY, ""),
    ],
)
def test_a_holiday_that_cannot_be_is_refused(c: Circle, first: dt.date, last: dt.date, why: str) -> None:
    assert enter(c, first, last) == why


def test_there_are_a_dozen_at_most_one_can_be_taken_out_and_what_is_over_is_forgotten(c: Circle) -> None:
    for week in range(1, holidays.MOST):
        assert enter(c, LAST + week * 7 * DAY, LAST + week * 7 * DAY) == ""
    assert enter(c, LAST + 100 * DAY, LAST + 100 * DAY) == "holidays_enough"
    with pytest.raises(Refused, match="not_found"):
        holidays.remove(c.session, c.community, c.members[0], "2027-10-17")
    holidays.remove(c.session, c.community, c.members[0], FIRST.isoformat())
    assert FIRST not in days_off(c.community)
    with time_machine.travel(dt.datetime(2028, 3, 1, tzinfo=dt.UTC), tick=False):
        assert enter(c, dt.date(2028, 4, 28), dt.date(2028, 5, 5)) == ""
    assert c.community.holidays == "2028-04-28/2028-05-05"
    assert c.session.query(Act).filter_by(kind=acts.Kind.HOLIDAYS_CHANGED).count() == holidays.MOST + 2
