"""The number in the gradebook's column of hours: which year, how it is rounded, and that it is never a zero."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.community import placing
from lti_tool.domain.hours import column
from lti_tool.domain.participation import NO_MOMENTS, Passback, columns, score
from lti_tool.models import Beside, ResourceLink
from lti_tool.steps import load


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (-60, None), (0, None), (1, 0.02), (2, 0.03), (3, 0.05), (20, 0.33), (60, 1.0), (61, 1.02), (63, 1.05),
        (5999, 99.98), (6000, 100.0), (6001, 100.0), (10**6, 100.0),
    ],
)  # fmt: skip
def test_minutes_are_rounded_once_half_up_and_a_hundred_is_the_most(minutes: int, shown: float | None) -> None:
    assert column.score(minutes) == shown


@given(minutes=st.integers(1, 6000))
def test_one_minute_more_is_never_less_never_a_zero_and_known_apart(minutes: int) -> None:
    now, more = column.score(minutes), column.score(minutes + 1)
    assert now
    assert more
    assert 0 < now <= more <= column.MOST
    assert more - now > column.Hours.same or minutes == 6000


@pytest.mark.parametrize(
    ("day", "year"),
    [
        ((2026, 7, 31), "2025-2026"), ((2026, 8, 1), "2026-2027"), ((2026, 12, 31), "2026-2027"),
        ((2027, 1, 1), "2026-2027"), ((2027, 7, 31), "2026-2027"), ((2028, 2, 29), "2027-2028"),
    ],
)  # fmt: skip
def test_a_year_is_from_august_to_july(day: tuple[int, int, int], year: str) -> None:
    assert column.year(dt.date(*day)) == year


@pytest.mark.parametrize(("locale", "label"), [("nl", "Uren 2026-2027"), ("en", "Hours 2026-2027")])
def test_a_column_is_called_after_its_year(locale: str, label: str) -> None:
    kind = columns.KINDS[column.KIND]
    assert kind.label(columns.Placement(ResourceLink(), "Mijn uren", locale, "2026-2027")) == label
    assert kind.resource_id(ResourceLink(id=5), "2026-2027") == "leerkring-hours-2026-2027"


def test_what_is_placed_beside_the_steps_is_told_apart_from_them() -> None:
    assert set(placing.BESIDE) == set(Beside)
    assert not {str(each) for each in Beside} & {each.name for each in load()}
    assert placing.HOME not in list(Beside)


@pytest.mark.parametrize("passback", sorted(NO_MOMENTS))
def test_what_is_chosen_of_hours_sends_no_participation(passback: Passback) -> None:
    assert [score(moments, passback) for moments in range(4)] == [None] * 4
