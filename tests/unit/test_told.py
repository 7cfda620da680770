"""Whoever ends a stage and takes that back sees nobody's name or score move by itself."""

from collections.abc import Iterator

import pytest

from lti_tool.domain import cycle, participation
from lti_tool.domain.cycle import ending, telling
from lti_tool.models import Ending
from tests.web.circle import STEPS, Circle, circle


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(9, "respond") as made:
        yield made


def waiting(c: Circle) -> set[int]:
    return participation.held_back(c.session, c.run)


def named(c: Circle) -> frozenset[int]:
    return telling.shown_missing(c.turn(None), c.step)[0]


def there_and_back(c: Circle) -> None:
    cycle.advance(c.turn(0), c.step, "respond", STEPS, confirmed=True)
    cycle.take_back(c.turn(0), c.step, c.run.stage)


def test_a_stage_that_is_gone_back_to_names_whom_it_named(c: Circle) -> None:
    for who in range(3):
        c.do_the_task(who, "respond")
    told = named(c)
    assert len(told) == 6
    c.do_the_task(3, "respond")
    there_and_back(c)
    assert named(c) == told
    c.do_the_task(4, "respond")
    assert named(c) == told
    c.do_the_task(5, "respond")
    assert named(c) == {each.id for each in c.members[6:]}


def test_a_score_moves_by_itself_with_a_move_that_stays_only(c: Circle) -> None:
    for who in range(4):
        c.do_the_task(who, "respond")
    assert waiting(c) == {c.members[3].id}
    there_and_back(c)
    assert waiting(c) == set(), "with the end of the stage"
    for who in range(4, 6):
        c.do_the_task(who, "respond")
        assert waiting(c)
        there_and_back(c)
        assert waiting(c) == {each.id for each in c.members[4 : who + 1]}
    c.do_the_task(6, "respond")
    there_and_back(c)
    assert waiting(c) == set(), "three move together"
    c.do_the_task(7, "respond")
    cycle.advance(c.turn(0), c.step, "respond", STEPS, confirmed=True)
    assert waiting(c) == {c.members[7].id}, "this too could be taken back"
    c.to("dots")
    assert waiting(c) == set()


@pytest.fixture
def decided() -> Iterator[Circle]:
    """Step 1 of ten people, of whom the last four were away since before the dots."""
    with circle(10, "dots") as made:
        for who in range(6, 10):
            made.away(who, own=True)
        for who in range(6):
            made.do_the_task(who, "dots")
        made.move()
        made.do_the_task(0, "draft")
        cycle.advance(made.turn(1), made.step, "draft", STEPS)
        for who in range(6):
            made.act(who, "consent", answer="agree")
        assert made.move() == "closed"
        yield made


def test_what_is_said_of_a_decision_afterwards_moves_no_score_by_itself(decided: Circle) -> None:
    """A concern that comes late is read at once: were its score to move beside it, it would say whose it is."""
    c = decided
    c.act(6, "late", answer="concern", concern="let op de tijd")
    assert "decision" in c.moments(6)
    c.act(7, "late", answer="agree")
    assert waiting(c) == {c.members[6].id, c.members[7].id}
    c.act(8, "late", answer="agree")
    assert waiting(c) == set(), "three move together"
    c.act(9, "late", answer="concern", concern="en op de ruimte")
    assert waiting(c) == {c.members[9].id}
    ending.end(c.turn(0), Ending.UNDECIDED)
    assert waiting(c) == set(), "nothing waits longer than the cycle"
