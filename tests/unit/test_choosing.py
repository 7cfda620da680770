"""Choosing from dots: people before dots, at most the number, ties put to all again, and never by lot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.mechanisms.choosing import MOST, Choice, choose
from lti_tool.domain.mechanisms.dots import EACH
from lti_tool.domain.reading.pieces import Tally
from tests.histories import histories

Tallies = list[dict[int, Tally]]


def tallies(**got: tuple[int, int]) -> dict[int, Tally]:
    """a=(people, dots) -> {1: Tally}."""
    return {ord(name) - 96: Tally(dots, people) for name, (people, dots) in got.items()}


@pytest.mark.parametrize(
    ("tally", "chosen", "again"),
    [
        ({}, (), set()),
        (tallies(a=(1, 1)), (1,), set()),
        (tallies(a=(1, 3), b=(2, 2)), (2, 1), set()),
        (tallies(a=(2, 3), b=(2, 4), c=(1, 3)), (2, 1, 3), set()),
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(1, 3)), (1, 2, 3), set()),
        # A tie for the third place is put to all again; what stands above it is sure.
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(2, 2)), (1, 2), {3, 4}),
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(2, 2), e=(1, 3)), (1, 2), {3, 4}),
        # Dots tell apart what as many people want.
        (tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(2, 3)), (1, 2, 4), set()),
        # A tie for the second place that runs past the third.
        (tallies(a=(4, 4), b=(2, 2), c=(2, 2), d=(2, 2)), (1,), {2, 3, 4}),
        # A tie within the three hurts nobody.
        (tallies(a=(2, 2), b=(2, 2), c=(2, 2), d=(1, 1)), {1, 2, 3}, set()),
        (tallies(a=(1, 1), b=(1, 1), c=(1, 1), d=(1, 1)), (), {1, 2, 3, 4}),
    ],
)
def test_the_first_round_by_example(tally: dict[int, Tally], chosen: tuple[int, ...], again: set[int]) -> None:
    made = choose([tally])
    assert (set(made.chosen) if isinstance(chosen, set) else made.chosen) == chosen
    assert (made.again, made.tied, made.each) == (again, set(), EACH)


TWO = tallies(a=(4, 4), b=(3, 3), c=(2, 2), d=(2, 2))
FOUR = tallies(a=(1, 1), b=(1, 1), c=(1, 1), d=(1, 1))
SEVEN = tallies(**dict.fromkeys("abcdefg", (1, 1)))


@pytest.mark.parametrize(
    ("first", "second", "most", "chosen", "again", "tied"),
    [
        # The second round decides; what was sure stays sure, whatever is said now.
        (TWO, tallies(d=(3, 3), c=(1, 1)), 3, (1, 2, 4), set(), set()),
        # What ties again is kept together: four where three were asked for.
        (TWO, tallies(c=(2, 2), d=(2, 2)), 3, {1, 2, 3, 4}, set(), set()),
        # Nobody laid a dot in it: that is a tie too.
        (TWO, {}, 3, {1, 2, 3, 4}, set(), set()),
        (FOUR, {}, 3, {1, 2, 3, 4}, set(), set()),
        # Two stories stand side by side, three do not: they get one dot each.
        (tallies(a=(2, 2), b=(2, 2)), tallies(a=(2, 2), b=(2, 2)), 1, {1, 2}, set(), set()),
        (tallies(a=(2, 2), b=(2, 2), c=(2, 2)), {}, 1, set(), {1, 2, 3}, set()),
        # Seven is more than twice three, and nothing is sure.
        (SEVEN, {}, 3, set(), set(SEVEN), set()),
        # Seven tie, one wins, and six tie again: with it more than twice three. None of the six.
        (SEVEN, tallies(a=(4, 4), **dict.fromkeys("bcdefg", (1, 1))), 3, {1}, set(), set(SEVEN) - {1}),
    ],
)
def test_the_second_round_by_example(
    first: dict[int, Tally],
    second: dict[int, Tally],
    most: int,
    chosen: tuple[int, ...] | set[int],
    again: set[int],
    tied: set[int],
) -> None:
    made = choose([first, second], most)
    assert (set(made.chosen) if isinstance(chosen, set) else made.chosen) == chosen
    assert (made.again, made.tied, made.each) == (again, tied, 1 if again else EACH)


@pytest.mark.parametrize(
    ("third", "chosen"),
    [
        (tallies(a=(3, 3), b=(1, 1)), {1}),
        # All that lead are kept, however many.
        (tallies(a=(2, 2), b=(2, 2), c=(1, 1)), {1, 2}),
        (tallies(**dict.fromkeys("abcdefg", (1, 1))), set(SEVEN)),
        # Where everybody passes nothing is chosen.
        ({}, set()),
    ],
)
def test_the_third_round_keeps_all_that_lead_it(third: dict[int, Tally], chosen: set[int]) -> None:
    made = choose([SEVEN, {}, third])
    assert (set(made.chosen), made.again, made.tied) == (chosen, set(), set(SEVEN) - chosen)


def test_nothing_comes_of_nothing() -> None:
    assert choose([{}]) == Choice(())


# Who lays how many dots on which of eight points: at most three each. Some lay none: they pass.
LAID = st.dictionaries(st.integers(1, 8), st.integers(1, EACH), max_size=3).filter(
    lambda laid: sum(laid.values()) <= EACH
)
LAYINGS = st.lists(LAID, max_size=12)


def counted(layings: list[dict[int, int]]) -> dict[int, Tally]:
    points = {point for laid in layings for point in laid}
    return {
        point: Tally(sum(laid.get(point, 0) for laid in layings), sum(point in laid for laid in layings))
        for point in points
    }


@st.composite
def askings(draw: st.DrawFn) -> tuple[Tallies, int]:
    """Rounds as they follow from one another: each about what the one before tied on, until all is settled."""
    most, people = draw(st.sampled_from([1, MOST])), draw(st.integers(0, 12))
    rounds: Tallies = [counted([draw(LAID) for _ in range(people)])]
    while (so_far := choose(rounds, most)).again:
        laid = st.dictionaries(st.sampled_from(sorted(so_far.again)), st.integers(1, so_far.each), max_size=so_far.each)
        fits = laid.filter(lambda each, most=so_far.each: sum(each.values()) <= most)
        rounds.append(counted([draw(fits) for _ in range(people)]))
    return rounds, most


@histories(50, 500)
@given(of=askings())
def test_all_is_settled_within_three_rounds(of: tuple[Tallies, int]) -> None:
    assert len(of[0]) <= 3


@histories(50, 500)
@given(of=askings())
def test_nothing_is_chosen_only_where_everybody_passed(of: tuple[Tallies, int]) -> None:
    rounds, most = of
    assert bool(choose(rounds, most).chosen) == bool(rounds[0] and (len(rounds) < 3 or rounds[2]))


@histories(50, 500)
@given(of=askings())
def test_at_most_the_number_and_with_a_tie_at_most_twice_it_unless_all_of_them_lead(of: tuple[Tallies, int]) -> None:
    rounds, most = of
    made = choose(rounds, most)
    assert len(made.chosen) == len(set(made.chosen))
    assert set(made.chosen) | made.tied <= set(rounds[0])
    assert made.tied.isdisjoint(made.chosen)
    if len(rounds) == 1:
        assert len(made.chosen) <= most
    elif len(rounds) == 2:
        assert len(made.chosen) <= 2 * most


@histories(50, 500)
@given(of=askings())
def test_nothing_wanted_is_passed_over_for_what_fewer_wanted_and_equals_are_kept_or_left_together(
    of: tuple[Tallies, int],
) -> None:
    """No lot: what was not told apart in any round is chosen together, or not at all."""
    rounds, most = of
    made = choose(rounds, most)
    for out in set(rounds[0]) - set(made.chosen):
        for chosen in made.chosen:
            ranks = [
                ((t.people, t.dots), (o.people, o.dots))
                for each in rounds
                for t, o in [(each.get(chosen, Tally(0, 0)), each.get(out, Tally(0, 0)))]
            ]
            told = next(((mine, theirs) for mine, theirs in ranks if mine != theirs), None)
            assert told is not None, (chosen, out)
            assert told[0] > told[1], (chosen, out)


@histories(50, 500)
@given(of=askings())
def test_what_was_sure_in_one_round_stays_sure(of: tuple[Tallies, int]) -> None:
    rounds, most = of
    final = set(choose(rounds, most).chosen)
    for count in range(1, len(rounds)):
        so_far = choose(rounds[:count], most)
        assert set(so_far.chosen) <= final <= set(so_far.chosen) | so_far.again


@histories(50, 500)
@given(layings=LAYINGS, more=st.integers(1, 100))
def test_ten_dots_of_one_person_are_one_voice(layings: list[dict[int, int]], more: int) -> None:
    # However many dots one person had laid on one point, it does not pass what more people want.
    tally = counted(layings)
    for point, got in tally.items():
        heaped = {**tally, point: Tally(got.dots + more, got.people)}
        better = {each for each, other in tally.items() if other.people > got.people}
        if point in choose([heaped]).chosen:
            assert better <= set(choose([heaped]).chosen)


@histories(50, 500)
@given(of=askings(), order=st.randoms())
def test_the_order_of_writing_and_of_laying_makes_no_difference(of: tuple[Tallies, int], order: object) -> None:
    rounds, most = of
    mixed = []
    for tally in rounds:
        items = list(tally.items())
        order.shuffle(items)  # type: ignore[attr-defined]
        mixed.append(dict(items))
    assert choose(mixed, most) == choose(rounds, most)
