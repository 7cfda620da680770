"""The six letters: they change every two minutes, hold ten more for whose login began in time, and nowhere else."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.hours import letters
from lti_tool.domain.hours.letters import ALPHABET, HOLD, LAG, LENGTH, WINDOW

SECRETS = st.binary(min_size=32, max_size=32)
MOMENTS = st.integers(0, 366 * 86400).map(
    lambda each: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=each)
)
SECONDS = st.integers(0, 3 * 3600)
NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
SECRET = b"s" * 32
LONG_AGO = NOON - dt.timedelta(hours=5)


def seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)


@given(SECRETS, MOMENTS)
def test_there_are_six_of_sixteen_that_do_not_look_alike(secret: bytes, moment: dt.datetime) -> None:
    found = letters.shown(secret, moment)
    assert len(found) == LENGTH
    assert set(found) <= set(ALPHABET)
    assert not set("AEIOUYLQN01") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 16
    assert 256 % len(ALPHABET) == 0, "none of them comes more often"
    assert 1 <= letters.seconds_left(moment) <= WINDOW
    assert letters.shown(secret, moment + seconds(letters.seconds_left(moment) - 1)) == found


@given(SECRETS, SECRETS, MOMENTS)
def test_those_of_another_session_never_hold(one: bytes, other: bytes, moment: dt.datetime) -> None:
    shown = letters.shown(other, moment)
    assert letters.hold(one, shown, moment, moment) == (letters.shown(one, moment) == shown)


@given(MOMENTS, SECONDS, SECONDS)
def test_they_hold_while_shown_and_ten_minutes_more_for_whose_login_began_then(
    shown_at: dt.datetime, later: int, login_before: int
) -> None:
    """A second reading of the rule, by moments and not by windows."""
    moment, login = shown_at + seconds(later), shown_at + seconds(later - login_before)
    number = letters.window(shown_at)
    begin, end = number * WINDOW, (number + 1) * WINDOW
    lag = LAG.total_seconds()
    is_shown = begin <= moment.timestamp() < end + lag
    began_then = begin <= login.timestamp() < end + lag
    expected = is_shown or (began_then and moment.timestamp() < end + HOLD.total_seconds())
    found = letters.hold(SECRET, letters.of_window(SECRET, number), moment, login)
    # Two windows have the same letters once in sixteen million.
    assert found == expected


def test_a_photo_sent_home_is_refused_a_quarter_of_an_hour_later() -> None:
    shown = letters.shown(SECRET, NOON)
    assert letters.hold(SECRET, shown, NOON, LONG_AGO)
    assert not letters.hold(SECRET, shown, NOON + seconds(WINDOW + 11), LONG_AGO), "who was signed in already"
    for login in (LONG_AGO, NOON, NOON + seconds(WINDOW - 1), NOON + dt.timedelta(minutes=15)):
        assert not letters.hold(SECRET, shown, NOON + dt.timedelta(minutes=15), login)


def test_a_slow_login_at_the_lms_costs_nothing() -> None:
    shown = letters.shown(SECRET, NOON)
    login = NOON + seconds(WINDOW - 1)
    assert letters.hold(SECRET, shown, NOON + dt.timedelta(minutes=11), login)
    assert not letters.hold(SECRET, shown, NOON + dt.timedelta(minutes=12), login)


def test_a_login_that_is_still_to_come_opens_nothing() -> None:
    later = NOON + dt.timedelta(minutes=4)
    assert not letters.hold(SECRET, letters.shown(SECRET, later), NOON, later)


def test_they_are_taken_as_people_type_them() -> None:
    shown = letters.shown(SECRET, NOON)
    for typed in (shown.lower(), f" {shown[:3]} {shown[3:]} ", "-".join(shown), f"{shown}\n"):
        assert letters.taken_in(typed) == shown
    for typed in ("", "ÉÉÉÉÉÉ", "\u202e" + shown[:5], "１２３４５６"):
        assert not letters.hold(SECRET, letters.taken_in(typed), NOON, NOON)


def test_every_window_and_session_has_its_own() -> None:
    number = letters.window(NOON)
    assert len({letters.of_window(SECRET, number + each) for each in range(500)}) == 500
    assert len({letters.of_window(letters.new_secret(), number) for _ in range(500)}) == 500
