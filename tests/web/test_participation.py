"""Participation as its owner sees it, and as it stands in the gradebook."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from tests.actors import Page, World
from tests.web.walk import STEP, Walk, visit


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that can be put on: a second score of somebody leaves at least a second after the first."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as traveller:
        yield traveller


def grades(world: World, clock: time_machine.Traveller) -> dict[str, float]:
    """user name -> what step 1's column holds, once everything has been delivered."""
    for _ in range(2):
        world.tool.deliver()
        clock.shift(10)
    school = world.lms.school
    columns = {column.id: column.label for column in school.columns.values()}
    return {
        school.people[grade.person_id].username: float(grade.score or 0)
        for grade in school.grades.values()
        if columns[grade.column_id].startswith("1 ")
    }


def earned(page: Page) -> int:
    """How many moments the page shows its reader."""
    return len(page.soup.select("ul.moments li.yes"))


def test_three_moments_make_the_score_and_more_posts_make_no_more(clock: time_machine.Traveller, world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    assert earned(fatima.get(STEP)) == 0
    assert grades(world, clock) == {}
    for number in range(3):
        fatima.act("idea", text=f"idee {number}", why="x")
        assert earned(fatima.get(STEP)) == 1
    walk["marieke"].act("idea", text="van marieke", why="x")
    assert grades(world, clock) == {"fatima": 33, "marieke": 33}
    walk.move()
    for number in range(4):
        fatima.act("respond", idea=str(walk.ids()[-1]), text=f"reactie {number}")
    assert grades(world, clock) == {"fatima": 67, "marieke": 33}
    walk.move()
    for _ in range(3):
        fatima.act("dots", {f"dots-{walk.ids()[-1]}": "1"})
    assert grades(world, clock) == {"fatima": 100, "marieke": 33}
    assert earned(fatima.get(STEP)) == 3
    walk.to("consent")
    fatima.act("consent", answer="agree")
    assert grades(world, clock)["fatima"] == 100
    # Marieke laid her dots meanwhile; nobody's score fell.
    assert grades(world, clock)["marieke"] >= 67


def test_passing_in_the_decision_is_taking_part_in_it(clock: time_machine.Traveller, world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("consent")
    late = visit(world, "youssef")
    walk.visits["youssef"] = late
    assert earned(late.get(STEP)) == 0
    late.act("consent", answer="abstain")
    assert earned(late.get(STEP)) == 1
    assert grades(world, clock)["youssef"] == 33


def test_only_one_s_own_withdrawal_takes_a_moment_back(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    fatima.act("idea", text="een idee", why="x")
    assert earned(fatima.get(STEP)) == 1
    fatima.act("withdraw", id=str(walk.ids()[0]))
    assert earned(fatima.get(STEP)) == 0
    fatima.act("idea", text="een ander idee", why="x")
    walk.to("consent")
    before = earned(fatima.get(STEP))
    walk["marieke"].act("consent", answer="objection", harm="dit sluit uit", proposal="dan liever zo")
    walk.move()
    assert walk.stage == "draft"
    assert earned(fatima.get(STEP)) == before == 3


def test_the_card_is_on_one_s_own_pages_and_on_nobody_else_s(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("respond")
    for name, there in (("fatima", 1), ("marieke", 1), ("wout", 0)):
        at = walk.wout if name == "wout" else walk[name]
        assert [len(at.get(path).soup.select("ul.moments")) for path in (STEP, "home", "")] == [there] * 3
    visit(world, "mieke").post("welcome", choice="follow")
    assert not visit(world, "mieke").get("home").soup.select("ul.moments")


def test_the_facilitator_sees_no_score_and_no_history_of_anybody(clock: time_machine.Traveller, world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("dots")
    grades(world, clock)
    for path in ("community", f"{STEP}/invitations", STEP, "home", ""):
        main = walk.wout.get(path).soup.find("main")
        assert main is not None
        assert not any(word in main.get_text(" ") for word in ("67", "33 ", "100", "momenten", "moments")), path


def test_who_may_not_have_a_grade_has_moments_all_the_same(clock: time_machine.Traveller, world: World) -> None:
    walk = Walk(world, "fatima")
    visit(world, "els").post("welcome", choice="join")
    els = visit(world, "els")
    els.act("idea", text="van de assistent", why="x")
    assert earned(els.get(STEP)) == 1
    assert "els" not in grades(world, clock)
    page = els.get(STEP)
    assert page.status == 200
    assert walk.rows("SELECT count(*) FROM moment")[0][0] == 1
