"""What goes on to the next period: the oldest first, gone after its periods, a surplus where the pot says so."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.hours import carry, closing
from lti_tool.domain.hours.carry import Layer, Terms
from tests.histories import histories

YEARS = [dt.date(year, 8, 1) for year in range(2020, 2026)]


def test_what_was_planned_and_not_counted_goes_on_for_the_periods_the_pot_says() -> None:
    assert carry.settle(YEARS[0], 600, [], 200, Terms()) == [], "none by default"
    (first,) = carry.settle(YEARS[0], 600, [], 200, Terms(2))
    assert first == Layer(YEARS[0], 400, 1)
    # The oldest is used first, and what is left of it goes on once more.
    second = carry.settle(YEARS[1], 600, [first], 100, Terms(2))
    assert second == [Layer(YEARS[0], 300, 0), Layer(YEARS[1], 600, 1)]
    third = carry.settle(YEARS[2], 600, second, 100, Terms(2))
    assert third == [Layer(YEARS[1], 600, 0), Layer(YEARS[2], 600, 1)], "200 of the first year are gone"


def test_a_surplus_goes_on_where_the_pot_says_so_and_is_used_first() -> None:
    assert carry.settle(YEARS[0], 600, [], 700, Terms(1)) == []
    (over,) = carry.settle(YEARS[0], 600, [], 700, Terms(1, surplus=True))
    assert over == Layer(YEARS[0], -100, 0)
    assert carry.settle(YEARS[1], 600, [over], 300, Terms(1)) == [Layer(YEARS[1], 200, 0)]
    assert carry.settle(YEARS[1], None, [over], 300, Terms(1)) == [], "an open pot plans nothing, and it was its last"


def test_what_was_taken_back_below_zero_is_still_to_be_done() -> None:
    assert carry.settle(YEARS[0], 600, [], -60, Terms(1)) == [Layer(YEARS[0], 660, 0)]


@histories(200, 4000)
@given(
    years=st.lists(
        st.tuples(st.none() | st.integers(1, 900), st.integers(-100, 1500), st.integers(0, 3), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_of_each_period_no_more_goes_on_than_there_was_and_no_longer_than_it_may(
    years: list[tuple[int | None, int, int, bool]],
) -> None:
    came: list[Layer] = []
    for number, (own, counted, periods, surplus) in enumerate(years):
        of = YEARS[number]
        goes = carry.settle(of, own, came, counted, Terms(periods, surplus))
        by = {each.of: each for each in goes}
        assert len(by) == len(goes)
        planned = (own or 0) + carry.total(came)
        assert not (any(each.minutes > 0 for each in goes) and any(each.minutes < 0 for each in goes))
        for each in goes:
            before = next((one for one in came if one.of == each.of), None)
            if each.of == of:
                assert each.left == periods - 1
                assert -max(counted, 0) <= each.minutes <= (own or 0) - min(counted, 0)
            else:
                assert before is not None
                assert each.left == before.left - 1
                assert 0 < each.minutes / before.minutes <= 1, "it only becomes less"
        if carry.total(goes) > 0:
            assert carry.total(goes) <= planned - counted, "what counted is not carried over too"
        came = goes


@pytest.mark.parametrize(
    ("first", "last", "then"),
    [
        ((2025, 8, 1), (2026, 7, 31), ((2026, 8, 1), (2027, 7, 31))),
        ((2024, 1, 1), (2025, 12, 31), ((2026, 1, 1), (2027, 12, 31))),
        ((2026, 1, 1), (2026, 6, 30), ((2026, 7, 1), (2026, 12, 28))),
    ],
)
def test_the_next_period_is_as_long(
    first: tuple[int, int, int], last: tuple[int, int, int], then: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> None:
    assert closing.following(dt.date(*first), dt.date(*last)) == (dt.date(*then[0]), dt.date(*then[1]))
