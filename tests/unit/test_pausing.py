"""A pause: at once, for eight weeks at most, in which nothing moves; and the days that it puts off."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle, outbox
from lti_tool.domain.community import members
from lti_tool.domain.community.school_days import on_or_after
from lti_tool.domain.cycle import Turn, midnights, pausing, restart
from lti_tool.domain.mechanisms import notes, pulse
from lti_tool.models import OutboxRow, Pause, StepRun
from lti_tool.models.voices import Note
from lti_tool.steps.consequences import Consequences
from lti_tool.steps.consequences.shown import for_leader
from tests.histories import histories
from tests.unit.test_restart import WRITING, rows
from tests.web.circle import STEPS, Circle, circle

ZONE = ZoneInfo("Europe/Amsterdam")
ZONES = st.sampled_from([ZONE, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland"), ZoneInfo("Africa/Cairo")])
BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: BEGIN + dt.timedelta(minutes=minutes))
LASTED = st.timedeltas(dt.timedelta(), dt.timedelta(weeks=8))
DAY = dt.timedelta(days=1)


def turn(c: Circle, who: int | None = 0) -> Turn:
    found = c.turn(who)
    found.zone = ZONE
    return found


def today() -> dt.date:
    return midnights.day_of(now(), ZONE)


def pause(c: Circle, days: int) -> str:
    """Pause until so many days from now, or choose that day; why not, or ""."""
    try:
        with c.session.begin_nested():
            pausing.pause(turn(c), today() + days * DAY)
    except Refused as refused:
        return refused.code
    return ""


def resume(c: Circle) -> str:
    try:
        pausing.resume(turn(c))
    except Refused as refused:
        return refused.code
    return ""


def due(c: Circle, kind: str) -> list[dt.datetime]:
    query = select(OutboxRow).where(OutboxRow.kind == kind).execution_options(populate_existing=True)
    return [row.due_at for row in c.session.scalars(query)]


@pytest.mark.parametrize(
    ("days", "why"),
    [(-1, "date_passed"), (0, "date_passed"), (1, ""), (56, ""), (57, "pause_too_long"), (5000, "pause_too_long")],
)
def test_a_pause_ends_on_a_day_to_come_within_eight_weeks(days: int, why: str) -> None:
    # A Tuesday, and so is the day eight weeks later.
    with time_machine.travel("2026-09-01T10:00Z", tick=False), circle(2) as c:
        assert pause(c, days) == why
        assert (c.cycle.paused_until is not None) == (why == "")
        if not why:
            assert c.cycle.paused_until == midnights.start_of(today() + days * DAY, ZONE)
            assert due(c, outbox.Kind.RESUME) == [c.cycle.paused_until]


@pytest.mark.parametrize(
    ("today_is", "days", "goes_on"),
    [
        ("2026-09-01", 4, "2026-09-07"), ("2026-09-01", 5, "2026-09-07"), ("2026-09-01", 6, "2026-09-07"),
        # A holiday from Monday the 26th on; on Sunday the 25th eight weeks are over, and there is no later day.
        ("2026-08-30", 54, "2026-10-23"), ("2026-08-30", 55, "2026-10-24"), ("2026-08-30", 56, "2026-10-25"),
        ("2026-09-21", 35, "2026-11-02"),
    ],
)  # fmt: skip
def test_a_pause_ends_on_a_school_day_where_there_is_one_within_eight_weeks(
    today_is: str, days: int, goes_on: str
) -> None:
    with time_machine.travel(f"{today_is}T10:00Z", tick=False), circle(2) as c:
        c.community.holidays = "2026-10-26/2026-10-30"
        assert pause(c, days) == ""
        assert c.cycle.paused_until == midnights.start_of(dt.date.fromisoformat(goes_on), ZONE)


def test_a_day_that_a_pause_puts_off_ends_in_no_holiday_either() -> None:
    with time_machine.travel("2026-10-05T10:00Z", tick=False) as clock, circle(2) as c:
        c.community.holidays = "2026-10-17/2026-10-25"
        cycle.set_date(turn(c), midnights.end_of(dt.date(2026, 10, 16), ZONE))
        assert pause(c, 2) == ""
        clock.shift(2 * DAY)
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        assert c.run.closes_at == midnights.end_of(dt.date(2026, 10, 26), ZONE)


def test_another_day_is_counted_from_the_beginning_of_the_pause_and_leaves_one_row() -> None:
    with time_machine.travel("2026-12-01T10:00Z", tick=False) as clock, circle(2) as c:
        assert pause(c, 7) == ""
        clock.shift(dt.timedelta(days=6))
        assert pause(c, 51) == "pause_too_long"
        assert pause(c, 50) == ""
        assert len(c.session.scalars(select(Pause)).all()) == 1
        assert due(c, outbox.Kind.RESUME) == [c.cycle.paused_until]
        clock.shift(dt.timedelta(days=2))
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "day_changed", "the first day, which holds no longer"
        assert c.cycle.paused_until is not None


def test_pauses_that_follow_each_other_within_a_week_are_one() -> None:
    with time_machine.travel("2026-12-01T10:00Z", tick=False) as clock, circle(2) as c:
        assert pause(c, 30) == ""
        clock.shift(30 * DAY)
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        clock.shift(6 * DAY)
        assert pause(c, 21) == "pause_too_long"
        assert pause(c, 20) == ""
        clock.shift(20 * DAY)
        assert resume(c) == ""
        assert pause(c, 1) == "pause_spent"
        clock.shift(6 * DAY)
        assert pause(c, 1) == "pause_spent"
        clock.shift(DAY)
        assert pause(c, 56) == ""


def still(c: Circle, way: Callable[[Circle], object]) -> None:
    before = rows(c)
    with pytest.raises(Refused, match="cycle_paused"):
        way(c)
    assert rows(c) == before


@pytest.mark.parametrize("stage", ["ideas", "consent", "closed"])
@pytest.mark.parametrize("way", WRITING)
def test_a_cycle_that_is_paused_takes_nothing(way: str, stage: str) -> None:
    with circle(3, stage) as c:
        c.session.add(
            Note(step_run_id=c.run.id, member_id=c.members[1].id, taker_id=c.members[0].id, action="idea", body={})
        )
        assert pause(c, 3) == ""
        still(c, WRITING[way])
        assert resume(c) == ""
        assert notes.get_mine(c.turn(1), c.session.scalars(select(Note.id)).one())


@pytest.mark.parametrize(
    ("step", "action"),
    [(step, deed) for step in STEPS.by_name.values() for deed in (*step.deeds, *step.leader_deeds)],
    ids=lambda each: each.name,
)
def test_no_action_of_any_step_is_taken_by_a_cycle_that_is_paused(step: Any, action: Any) -> None:
    with circle(2, "ideas") as c:
        pause(c, 3)
        for stage in action.stages:
            run = StepRun(cycle_id=c.cycle.id, step=f"{step.name} {stage}"[:32], stage=stage)
            c.session.add(run)
            c.session.flush()
            there = Turn(c.session, c.community, c.cycle, run, c.members[0], STEPS)
            still(c, lambda _, there=there: step.perform(there, action, {}))


def test_a_date_that_comes_in_a_pause_moves_nothing_and_comes_again_so_much_later() -> None:
    with time_machine.travel("2026-10-19T10:00Z", tick=False) as clock, circle(2) as c:
        for who in range(2):
            c.do_the_task(who, "ideas")
        # Friday the 23rd, before the clock goes back on Sunday.
        cycle.set_date(turn(c), midnights.end_of(dt.date(2026, 10, 23), ZONE))
        clock.shift(2 * DAY)
        assert pause(c, 14) == ""
        clock.shift(3 * DAY)
        assert cycle.on_date(c.session, c.run.id, "ideas", STEPS, ZONE) == "cycle_paused"
        assert (c.run.stage, c.run.extended) == ("ideas", False)
        clock.shift(11 * DAY)
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        assert c.run.closes_at == midnights.end_of(dt.date(2026, 11, 6), ZONE)
        assert c.run.closes_at.hour == 23, "midnight in winter"
        assert due(c, outbox.Kind.STAGE) == [c.run.closes_at]
        assert cycle.on_date(c.session, c.run.id, "ideas", STEPS, ZONE) == "date_changed"
        clock.shift(3 * DAY)
        assert cycle.on_date(c.session, c.run.id, "ideas", STEPS, ZONE) == "moved"


def test_going_on_early_puts_days_off_by_the_days_that_were_paused_only() -> None:
    with time_machine.travel("2026-11-02T10:00Z", tick=False) as clock, circle(2) as c:
        cycle.set_date(turn(c), midnights.end_of(dt.date(2026, 11, 4), ZONE))
        pause(c, 30)
        clock.shift(dt.timedelta(hours=1))
        assert resume(c) == ""
        assert c.run.closes_at == midnights.end_of(dt.date(2026, 11, 4), ZONE), "the same day"
        assert (resume(c), c.cycle.paused_until) == ("not_paused", None)
        pause(c, 30)
        clock.shift(DAY)
        assert resume(c) == ""
        assert c.run.closes_at == midnights.end_of(dt.date(2026, 11, 5), ZONE)


@histories(200, 2000)
@given(zone=ZONES, began=MOMENTS, ahead=st.integers(0, 120), lasted=LASTED)
def test_a_day_comes_so_many_local_days_later_as_the_pause_lasted(
    zone: ZoneInfo, began: dt.datetime, ahead: int, lasted: dt.timedelta
) -> None:
    over = began + lasted
    hypothesis.assume(midnights.day_of(over, zone) > midnights.day_of(began, zone))
    announced = midnights.day_of(began, zone) + ahead * DAY
    end = midnights.end_of(announced, zone)
    found = pausing.moved(end, began, over, zone)
    last = midnights.last_day(found, zone)
    assert found == midnights.end_of(last, zone), "it ends at local midnight"
    assert found > over, "nobody comes back to a stage that is over"
    left = last - midnights.day_of(over, zone)
    assert ahead * DAY <= left <= (ahead + 2) * DAY, "as many days are left as before, or a weekend more"
    assert last.weekday() < 5 or last == midnights.day_of(over, zone)
    assert last.weekday() == 0 or left == ahead * DAY, "only a weekend is skipped"


@histories(100, 500)
@given(zone=ZONES, began=MOMENTS, ago=st.integers(1, 60), lasted=LASTED)
def test_what_was_over_before_a_pause_is_as_long_over_after_it(
    zone: ZoneInfo, began: dt.datetime, ago: int, lasted: dt.timedelta
) -> None:
    end = midnights.end_of(midnights.day_of(began, zone) - ago * DAY, zone)
    found = pausing.moved(end, began, began + lasted, zone)
    assert found <= began + lasted
    assert midnights.day_of(began + lasted, zone) - midnights.last_day(found, zone) == ago * DAY


@given(zone=ZONES, day=st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)))
def test_a_day_begins_and_ends_at_midnight_at_school(zone: ZoneInfo, day: dt.date) -> None:
    begin, end = midnights.start_of(day, zone), midnights.end_of(day, zone)
    assert midnights.day_of(begin, zone) == midnights.last_day(end, zone) == day
    assert midnights.last_day(begin, zone) == day - DAY
    assert midnights.later(end, 7, zone) == midnights.end_of(day + 7 * DAY, zone)


@given(day=st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)), holidays=st.sets(st.integers(0, 5)))
def test_a_day_without_school_gives_way_to_the_first_one_with_it(day: dt.date, holidays: set[int]) -> None:
    free = {day + number * DAY for number in holidays}
    found = on_or_after(day, free)
    assert found.weekday() < 5
    assert found not in free
    assert all(each.weekday() >= 5 or each in free for each in (day + n * DAY for n in range((found - day).days)))


@given(zone=ZONES, began=MOMENTS, ahead=st.integers(0, 120), minutes=st.integers(0, 60))
def test_a_pause_within_a_day_puts_nothing_off(zone: ZoneInfo, began: dt.datetime, ahead: int, minutes: int) -> None:
    over = began + dt.timedelta(minutes=minutes)
    hypothesis.assume(midnights.day_of(over, zone) == midnights.day_of(began, zone))
    end = midnights.end_of(midnights.day_of(began, zone) + ahead * DAY, zone)
    assert pausing.moved(end, began, over, zone) == end


def test_days_of_a_pause_count_for_nobody_s_absence() -> None:
    with time_machine.travel("2026-07-06T10:00Z", tick=False) as clock, circle(2) as c:
        guide = c.members[0]
        guide.facilitates, guide.facilitated_on = True, today()
        assert pause(c, 56) == ""

        def free() -> bool:
            return members.is_free_now(c.session, c.community, [guide.facilitated_on])

        clock.shift(56 * DAY)
        assert not free(), "in the pause"
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        assert not free(), "on the first day after the summer"
        with pytest.raises(Refused, match="guided"):
            members.take_over(c.session, c.community, c.members[1])
        clock.shift(18 * DAY)
        assert not free()
        clock.shift(4 * DAY)
        assert free(), "fourteen school days later"
        assert members.is_free_now(c.session, c.community, []), "nobody facilitates at all"


def test_in_a_pause_a_member_takes_over_where_nobody_facilitates() -> None:
    with circle(2) as c:
        assert pause(c, 14) == ""
        members.take_over(c.session, c.community, c.members[1])
        assert c.members[1].facilitates


def test_a_pulse_waits_as_long_as_it_would_have_without_the_pause() -> None:
    with time_machine.travel("2026-07-06T10:00Z", tick=False) as clock, circle(6, "closed") as c:
        for who in range(5):
            c.act(who, "pulse", pulse={"ours": 4})
        assert not pulse.read(c.turn(0)).may_publish
        assert pause(c, 30) == ""
        clock.shift(30 * DAY)
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        assert not pulse.read(c.turn(0)).may_publish, "the others had no time yet"
        clock.shift(8 * DAY)
        assert pulse.read(c.turn(0)).may_publish


def test_what_was_agreed_to_look_back_at_is_not_asked_in_a_pause_and_not_swallowed_by_it() -> None:
    with time_machine.travel("2026-07-06T10:00Z", tick=False) as clock, circle(2) as c:
        agreed = restart.LookBack(today(), "tien tellen wachten")
        assert restart.is_asked(c.turn(0), agreed)
        assert pause(c, 56) == ""
        assert not restart.is_asked(c.turn(0), agreed)
        clock.shift(56 * DAY)
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        assert restart.is_asked(c.turn(0), agreed)
        clock.shift(60 * DAY)
        assert not restart.is_asked(c.turn(0), agreed)
        assert not restart.is_asked(c.turn(0), restart.LookBack(today() + DAY, "later"))


@given(
    day=st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 1)),
    since=st.integers(0, 30),
    pauses=st.sets(st.integers(-40, 60)),
)
def test_a_day_is_put_off_by_the_days_that_were_paused_since_it_was_set(
    day: dt.date, since: int, pauses: set[int]
) -> None:
    made, paused = day - since * DAY, {day + number * DAY for number in pauses}
    found = pausing.put_off(day, made, paused)
    assert found - day == len([each for each in paused if made <= each < found]) * DAY
    assert found not in paused or found < made


def test_the_leadership_is_not_late_by_a_pause() -> None:
    with time_machine.travel("2026-07-06T10:00Z", tick=False) as clock, circle(2, "board", Consequences()) as c:
        c.act(0, "request", text="een uur per week", reply_by="2026-07-10")

        def asked() -> Any:
            return for_leader(c.turn(None)).requests[0]

        clock.shift(DAY)
        assert pause(c, 30) == ""
        clock.shift(30 * DAY)
        assert not asked().overdue
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        assert not asked().overdue
        clock.shift(5 * DAY)
        assert asked().overdue
