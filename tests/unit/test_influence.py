"""The influence mirror: it says when much leans on few, is silent when not, and never tells of one person."""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from lti_tool.domain.thread import influence
from lti_tool.domain.thread.influence import APART, LEAST, Amount, Aspect, Mirror, Share, look
from lti_tool.models.voices import Link
from lti_tool.steps.interpretation import Interpretation
from tests.web.circle import Circle, circle
from tests.web.ways.seeded import Seeded, whole

EIGHT = range(8)


def of(*people: int) -> list[set[int]]:
    """A piece behind which one person stands, for each."""
    return [{person} for person in people]


def spread(mirror: Mirror | None, aspect: Aspect) -> tuple[Amount, int | None]:
    assert mirror is not None
    return next((each.amount, each.people) for each in mirror.spreads if each.aspect == aspect)


# When it leans on few


def test_two_of_eight_behind_eighty_percent_is_said_with_one_thing_to_do() -> None:
    found = look({Aspect.IDEAS: of(0, 0, 1, 1, 2), Aspect.ACTIONS: of(0, 1, 0, 1, 3)}, EIGHT, [])
    assert found is not None
    assert found.skewed in set(Aspect)


def test_a_balanced_community_is_not_told_anything() -> None:
    found = look({Aspect.IDEAS: of(*range(6)), Aspect.WORDING: of(0, 3, 6), Aspect.ACTIONS: of(*range(8))}, EIGHT, [])
    assert found is not None
    assert found.skewed is None


@pytest.mark.parametrize(
    ("people", "pieces", "skewed"),
    [
        (4, of(0, 0, 0, 0, 1), True),  # one of four
        (4, of(0, 0, 1, 1), False),  # half of them
        (6, of(0, 0, 0, 1, 1, 1), False),  # two of six is a third
        (7, of(0, 0, 0, 1, 1, 1), True),
        (8, of(0, 0, 0, 0, 1, 1, 1, 1, 2, 3), True),
        (8, of(0, 1, 2, 0, 1, 2), False),  # three of eight is more than a third
        (8, of(0, 1), False),  # two pieces cannot have more people
        (60, of(*range(15), *range(5)), False),  # twenty pieces cannot have sixty
        (60, of(*[0, 1, 2] * 10), True),
    ],
)
def test_it_leans_on_few_below_a_third_where_it_could_have_been_more(
    people: int, pieces: list[set[int]], skewed: bool
) -> None:
    found = look({Aspect.ACTIONS: pieces}, range(people), [])
    assert found is not None
    assert (found.skewed is not None) == skewed


def test_what_to_do_is_about_the_aspect_with_the_fewest_people() -> None:
    many = of(*[0] * 8, 1, 2)
    for aspect in Aspect:
        pieces = {each: of(0, 0, 0) if each == aspect else many for each in Aspect}
        found = look(pieces, EIGHT, [])
        assert found is not None
        assert found.skewed == aspect


# What it says in numbers


@pytest.mark.parametrize(
    ("of_all", "people", "said"),
    [
        (8, 1, (Amount.FEW, None)), (8, 2, (Amount.FEW, None)), (8, 3, (Amount.SOME, 3)), (8, 5, (Amount.SOME, 5)),
        (8, 6, (Amount.MOST, None)), (8, 7, (Amount.MOST, None)), (8, 8, (Amount.MOST, None)),
        (4, 1, (Amount.FEW, None)), (4, 2, (Amount.FEW, None)), (4, 3, (Amount.MOST, None)),
        (5, 2, (Amount.FEW, None)), (5, 3, (Amount.MOST, None)), (6, 3, (Amount.SOME, 3)),
    ],
)  # fmt: skip
def test_a_number_is_said_only_where_it_points_at_nobody(
    of_all: int, people: int, said: tuple[Amount, int | None]
) -> None:
    assert spread(look({Aspect.IDEAS: of(*range(people))}, range(of_all), []), Aspect.IDEAS) == said


def test_whoever_left_is_in_it_no_more() -> None:
    pieces = {Aspect.IDEAS: of(0, 1, 2, 3), Aspect.WORDING: of(0)}
    found = look(pieces, [each for each in range(9) if each != 0], [])
    assert spread(found, Aspect.IDEAS) == (Amount.SOME, 3)
    assert Aspect.WORDING not in {each.aspect for each in found.spreads}, "only they stood behind that"
    assert spread(look(pieces, range(8), []), Aspect.IDEAS) == (Amount.SOME, 4)


@pytest.mark.parametrize(
    ("leading", "pieces", "share"),
    [
        ([], of(0, 1, 2), None),
        ([0], of(0, 0, 0), None),  # it would be one person's
        ([0, 1], of(0, 1, 0, 1, 2), Share.LARGE),
        ([0, 1], of(0, 1, 2, 3), Share.HALF),
        ([0, 1], of(2, 3, 4, 5, 0), Share.SMALL),
        ([0, 1, 2, 3, 4, 5, 6], of(0, 1, 2), None),  # then one person would be left
        ([0, 9], of(0, 9), None),  # the other one left
    ],
)
def test_those_who_also_lead_stand_apart_as_a_part_and_never_as_one_person(
    leading: list[int], pieces: list[set[int]], share: Share | None
) -> None:
    found = look({Aspect.IDEAS: pieces}, EIGHT, leading)
    assert found is not None
    assert found.leaders == share


PIECES = st.dictionaries(
    st.sampled_from(list(Aspect)), st.lists(st.sets(st.integers(0, 11), max_size=3), max_size=12), max_size=4
)


@given(pieces=PIECES, people=st.integers(0, LEAST - 1), leading=st.sets(st.integers(0, 11)))
def test_below_four_people_it_is_silent(pieces: Any, people: int, leading: set[int]) -> None:
    assert look(pieces, range(people), leading) is None


@given(pieces=PIECES, people=st.integers(LEAST, 12), leading=st.sets(st.integers(0, 11)))
def test_every_number_in_it_is_of_a_group_with_others_beside_it(pieces: Any, people: int, leading: set[int]) -> None:
    found = look(pieces, range(people), leading)
    if found is None:
        return
    assert found.of == people
    for each in found.spreads:
        assert each.people is None or APART <= each.people <= people - APART
    numbers = {value for value in _values(dataclasses.asdict(found)) if isinstance(value, int)}
    assert numbers <= {people, *(each.people for each in found.spreads)}


def _values(found: Any) -> Iterator[Any]:
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list | tuple):
        for each in found:
            yield from _values(each)
    else:
        yield found


@given(
    pieces=PIECES,
    people=st.integers(LEAST, 12),
    leading=st.sets(st.integers(0, 11)),
    order=st.permutations(range(12)),
)
def test_who_did_what_makes_no_difference_only_how_it_is_spread(
    pieces: Any, people: int, leading: set[int], order: list[int]
) -> None:
    # People change places, with those who stand as they do: here or gone, leading or not.
    places = dict(enumerate(range(12)))
    for here, leads in itertools.product((True, False), repeat=2):
        alike = [each for each in range(12) if (each < people) == here and (each in leading) == leads]
        places.update(zip(alike, [each for each in order if each in alike], strict=True))
    moved = {aspect: [{places[each] for each in piece} for piece in found] for aspect, found in pieces.items()}
    assert look(moved, range(people), leading) == look(pieces, range(people), leading)


# From the tables


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(8, "closed", Interpretation()) as made:
        yield made


def test_it_reads_ideas_pen_actions_and_yield_in_two_statements(c: Circle) -> None:
    s = Seeded(c.session, c.cycle, c.members)
    whole(s)
    seen: list[str] = []
    engine, turn = c.session.get_bind(), c.turn(0)

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        found = influence.mirror(turn)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 2
    assert found is not None
    assert [each.aspect for each in found.spreads] == list(Aspect)
    # Owners and buddies: three people; the first member wrote the text, and all of the yield.
    assert spread(found, Aspect.ACTIONS) == (Amount.SOME, 3)
    assert spread(found, Aspect.WORDING) == (Amount.FEW, None)


def test_a_text_made_of_merged_ideas_has_the_people_of_them_all(c: Circle) -> None:
    s = Seeded(c.session, c.cycle, c.members)
    text, ideas = s.of("ambition", "proposal")[0], s.of("ambition", "idea")
    merged = s.add("ambition", "merged", {"text": "samen"})
    built_from = {link.to_id for link in s.session.scalars(select(Link).filter_by(from_id=text.id, kind="built from"))}
    for idea in [each for each in ideas if each.id not in built_from][:4]:
        s.session.add(Link(from_id=idea.id, to_id=merged.id, kind="merged into"))
    s.session.add(Link(from_id=text.id, to_id=merged.id, kind="built from"))
    s.session.flush()
    # The one the text was made of, and the four that were merged.
    assert spread(influence.mirror(c.turn(0)), Aspect.IDEAS) == (Amount.SOME, 5)


def test_of_stories_only_the_chosen_one_counts(c: Circle) -> None:
    s = Seeded(c.session, c.cycle, c.members)
    stories = [s.add("evaluation", "story", {"text": str(who)}, who) for who in range(8)]
    s.add("evaluation", "chosen", {"why": "x"}, 1, chosen=stories[3])
    assert spread(influence.mirror(c.turn(0)), Aspect.YIELD) == (Amount.FEW, None)


def test_of_a_step_that_is_still_open_it_says_nothing(c: Circle) -> None:
    s = Seeded(c.session, c.cycle, c.members)
    s.action([], owners=(0, 1, 2))
    s.run("consequences").closed_at = None
    c.session.flush()
    found = influence.mirror(c.turn(0))
    assert found is not None
    assert Aspect.ACTIONS not in {each.aspect for each in found.spreads}


def test_in_a_community_of_three_it_is_silent() -> None:
    with circle(3, "closed") as c:
        assert influence.mirror(c.turn(0)) is None


def test_before_anything_is_settled_it_is_silent() -> None:
    with circle(8, "consent") as c:
        assert influence.mirror(c.turn(0)) is None


def test_no_name_and_no_id_is_in_it(c: Circle) -> None:
    s = Seeded(c.session, c.cycle, c.members)
    whole(s)
    said = repr(influence.mirror(c.turn(0)))
    assert "Persoon" not in said
    assert "member" not in said


def wording(c: Circle) -> set[int]:
    """Who stands behind the words of the text: what the mirror looks at."""
    return {member for piece in influence._pieces(c.turn(0))[Aspect.WORDING] for member in piece}


def test_of_the_wording_is_who_wrote_and_not_who_held_the_pen(c: Circle) -> None:
    s = Seeded(c.session, c.cycle, c.members)
    wrote = wording(c)
    assert wrote == {c.members[0].id}
    s.add("ambition", "pen", {"state": "handed_on"}, 5)
    assert wording(c) == wrote
    s.add("ambition", "pen", {"state": "handed_on", "wrote": True}, 6)
    assert wording(c) == wrote | {c.members[6].id}


def test_who_merged_what_was_adopted_wrote_too_and_who_merged_anything_else_did_not(c: Circle) -> None:
    s = Seeded(c.session, c.cycle, c.members)
    text, ideas = s.of("ambition", "proposal")[0], s.of("ambition", "idea")
    for who, used in ((3, True), (4, False)):
        merged = s.add("ambition", "merged", {"text": "samen iets doen"}, who)
        s.session.add(Link(from_id=ideas[who].id, to_id=merged.id, kind="merged into"))
        if used:
            s.session.add(Link(from_id=text.id, to_id=merged.id, kind="built from"))
    s.session.flush()
    assert wording(c) == {c.members[0].id, c.members[3].id}


def test_a_sole_idea_weighs_as_much_as_all_that_gave_way_to_it(c: Circle) -> None:
    alone = influence._pieces(c.turn(0))[Aspect.IDEAS]
    assert len(alone) == 8
    assert len(set().union(*alone)) == 1, "whosever it is: which idea comes first is drawn"
    found = influence.mirror(c.turn(0))
    assert found is not None
    assert spread(found, Aspect.IDEAS) == (Amount.FEW, None)
    assert found.skewed is not None
