"""Choosing from dots: people before dots, at most three, and fewer rather than by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.mechanisms.choosing import MOST, Choice, choose
from lti_tool.domain.mechanisms.dots import EACH
from lti_tool.domain.reading.pieces import Tally


def tallies(**got: tuple[int, int]) -> dict[int, Tally]:
    """a=(people, dots) -> {1: Tally}."""
    return {ord(name) - 96: Tally(dots, people) for name, (people, dots) in got.items()}


@pytest.mark.parametrize(
    ("tally", "chosen", "tied"),
    [
        ({}, (), set()),
        (tallies(a=(1, 1)), (1,), set()),
        (tallies(a=(1, 3), b=(2, 2)), (2, 1), set()),
        (tallies(a=(2, 3), b=(2, 4), c=(1, 3)), (2, 1, 3), set()),
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(1, 3)), (1, 2, 3), set()),
        # A tie for the third place: two are chosen, not four.
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(2, 2)), (1, 2), {3, 4}),
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(2, 2), e=(1, 3)), (1, 2), {3, 4}),
        # Dots tell apart what as many people want.
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(2, 3)), (1, 2, 4), set()),
        # A tie for the second place that runs past the third.
        (tallies(a=(4, 4), b=(2, 2), c=(2, 2), d=(2, 2)), (1,), {2, 3, 4}),
        # A tie within the three hurts nobody.
        (tallies(a=(2, 2), b=(2, 2), c=(2, 2), d=(1, 1)), {1, 2, 3}, set()),
    ],
)
def test_the_rule_by_example(tally: dict[int, Tally], chosen: tuple[int, ...], tied: set[int]) -> None:
    made = choose(tally, lot=7)
    assert (set(made.chosen) if isinstance(chosen, set) else made.chosen) == chosen
    assert made.tied == tied
    assert not made.by_lot


def test_where_all_tie_one_is_drawn_the_same_for_whoever_counts_again() -> None:
    tally = tallies(a=(1, 1), b=(1, 1), c=(1, 1), d=(1, 1))
    made = choose(tally, lot=7)
    assert (len(made.chosen), made.by_lot, made.tied) == (1, True, frozenset(tally) - set(made.chosen))
    assert choose(dict(reversed(tally.items())), lot=7) == made
    # Not always the one that was written first.
    assert {choose(tally, lot=lot).chosen[0] for lot in range(50)} == {1, 2, 3, 4}


# Who lays how many dots on which of eight points: at most three each.
LAYINGS = st.lists(
    st.dictionaries(st.integers(1, 8), st.integers(1, EACH), min_size=1, max_size=3).filter(
        lambda laid: sum(laid.values()) <= EACH
    ),
    max_size=12,
)


def counted(layings: list[dict[int, int]]) -> dict[int, Tally]:
    points = {point for laid in layings for point in laid}
    return {
        point: Tally(sum(laid.get(point, 0) for laid in layings), sum(point in laid for laid in layings))
        for point in points
    }


@given(layings=LAYINGS, lot=st.integers(1, 10**6))
def test_at_most_three_and_at_least_one_where_anybody_laid_a_dot(layings: list[dict[int, int]], lot: int) -> None:
    tally = counted(layings)
    made = choose(tally, lot)
    assert len(made.chosen) == len(set(made.chosen)) <= MOST
    assert set(made.chosen) | made.tied <= set(tally)
    assert bool(made.chosen) == bool(tally)
    assert made.tied.isdisjoint(made.chosen)


@given(layings=LAYINGS, lot=st.integers(1, 10**6))
def test_nobody_s_choice_is_passed_over_for_something_fewer_people_wanted(
    layings: list[dict[int, int]], lot: int
) -> None:
    tally = counted(layings)
    made = choose(tally, lot)
    for out in set(tally) - set(made.chosen):
        for chosen in made.chosen:
            assert tally[chosen].people >= tally[out].people
            assert made.by_lot or (tally[chosen].people, tally[chosen].dots) > (tally[out].people, tally[out].dots)


@given(layings=LAYINGS, lot=st.integers(1, 10**6), more=st.integers(1, 100))
def test_ten_dots_of_one_person_are_one_voice(layings: list[dict[int, int]], lot: int, more: int) -> None:
    # However many dots one person had laid on one point, it does not pass what more people want.
    tally = counted(layings)
    for point, got in tally.items():
        heaped = {**tally, point: Tally(got.dots + more, got.people)}
        better = {each for each, other in tally.items() if other.people > got.people}
        made = choose(heaped, lot)
        if point in made.chosen:
            assert better <= set(made.chosen)


@given(layings=LAYINGS, lot=st.integers(1, 10**6), order=st.randoms())
def test_the_order_of_writing_and_of_laying_makes_no_difference(
    layings: list[dict[int, int]], lot: int, order: object
) -> None:
    tally = counted(layings)
    mixed = list(tally.items())
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert choose(dict(mixed), lot) == choose(tally, lot)


def test_nothing_comes_of_nothing() -> None:
    assert choose({}, 1) == Choice(())
