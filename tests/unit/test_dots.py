"""Dots: the same number for each, on ideas only, counted once."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain import Refused
from lti_tool.domain.mechanisms import dots, rounds
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Tally
from tests.histories import histories
from tests.web.circle import circle


@histories(60, 300)
@given(counts=st.dictionaries(st.integers(0, 3), st.integers(-4, 5), max_size=4))
def test_a_laying_is_one_to_three_dots_or_it_is_refused(counts: dict[int, int]) -> None:
    with circle(4, "dots") as c:
        ideas = [item.id for item in c.ideas()]
        round_ = rounds.open_one(c.turn(0), dots.KIND)
        laid = {ideas[index]: count for index, count in counts.items()}
        fits = min(laid.values(), default=0) >= 0 and 0 < sum(laid.values()) <= dots.EACH
        if fits:
            dots.place(c.turn(0), round_, laid)
            assert gate.my_dots(c.turn(0), round_) == {item: count for item, count in laid.items() if count}
        else:
            with pytest.raises(Refused, match=r"too_many_dots|no_dots"):
                dots.place(c.turn(0), round_, laid)
            assert c.dots(round_) == {}


def test_laying_again_replaces_what_lay_there() -> None:
    with circle(3, "dots") as c:
        first, second, third = (item.id for item in c.ideas())
        for laid in ({first: 3}, {second: 1, third: 2}, {third: 1}):
            c.act(0, "dots", dots=laid)
            assert gate.my_dots(c.turn(0), c.rounds("dots")[0]) == laid


def test_dots_are_refused_by_the_form_beyond_three_on_one_idea() -> None:
    with circle(2, "dots") as c:
        for wrong in (4, -1, "veel", "", 10**30, "1.5"):
            assert "dots" in c.refused(0, "dots", dots={c.ideas()[0].id: wrong})
        for key in ("x", "", "1e3", "٣٣٣٣٣"):
            assert c.refused(0, "dots", dots={key: 1}) != ""
        assert c.dots(c.rounds("dots")[0]) == {}


def test_dots_of_another_communitys_idea_are_refused() -> None:
    with circle(2, "dots") as c:
        stranger = max(item.id for item in c.ideas()) + 1
        assert c.refused(0, "dots", dots={c.ideas()[0].id: 1, stranger: 1}) == "not_found"
        response = c.act(0, "respond", idea=c.own(1)[0].id, text="een reactie is geen idee")
        assert response == "response"
        assert c.refused(0, "dots", dots={stranger: 1}) == "not_found"
        assert c.dots(c.rounds("dots")[0]) == {}


def test_the_tally_is_refused_while_the_round_is_open_and_then_counts_dots_and_people() -> None:
    with circle(3, "dots") as c:
        first, second, _ = (item.id for item in c.ideas())
        c.act(0, "dots", dots={first: 3})
        c.act(1, "dots", dots={first: 1, second: 2})
        round_ = c.rounds("dots")[0]
        with pytest.raises(Refused, match="tally_hidden"):
            gate.tally(c.turn(0), round_)
        c.rest("leave_dots")
        assert c.move() == "draft"
        assert gate.tally(c.turn(0), round_) == {
            first: Tally(4, 2, told=False, of=3),
            second: Tally(2, 1, told=False, of=3),
        }
        assert c.refused(2, "dots", dots={first: 3}) == "not_in_this_stage"


def test_a_leader_who_takes_part_has_dots_like_everyone() -> None:
    for leads, who in product((True, False), (0, 1)):
        with circle(2, "dots") as c:
            c.members[who].leads = leads
            assert c.refused(who, "dots", dots={c.ideas()[0].id: 4}) != ""
            assert c.refused(who, "dots", dots={c.ideas()[0].id: 3}) == ""
            assert c.dots(c.rounds("dots")[0]) == {c.members[who].id: 3}
