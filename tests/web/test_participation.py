"""Participation as its owner sees it, and as it stands in the gradebook."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from lti_tool.demo.messages import ABSENT
from tests.actors import Page, World
from tests.web.walk import STEP, Walk, picker, visit


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
        fatima.act("idea", text=f"idee {number} in onze lessen", why="x")
        assert earned(fatima.get(STEP)) == 1
    walk["marieke"].act("idea", text="van marieke in onze lessen", why="x")
    assert grades(world, clock) == {"fatima": 33, "marieke": 33}
    walk.move()
    for number in range(4):
        fatima.act("respond", idea=str(walk.ids()[-1]), text=f"reactie {number} in onze lessen")
    assert grades(world, clock) == {"fatima": 67, "marieke": 33}
    # Passing is heard, and earns nothing.
    walk.all_heard()
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
    fatima.act("idea", text="een idee in onze lessen", why="x")
    assert earned(fatima.get(STEP)) == 1
    fatima.act("withdraw", id=str(walk.ids()[0]))
    assert earned(fatima.get(STEP)) == 0
    fatima.act("idea", text="een ander idee", why="x")
    walk.to("consent")
    before = earned(fatima.get(STEP))
    fatima.act("consent", answer="agree")
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


AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
PAGES = ("", "home", "community", STEP, f"{STEP}/note", "journal", "thread", "yields", "pulse", "place")


@pytest.mark.parametrize("grades", [False, True], ids=["no grades", "grades"])
def test_where_an_lms_takes_no_grades_no_page_speaks_of_a_gradebook_and_the_facilitator_is_told(
    unplaced: World, grades: bool
) -> None:
    """O11: WordPress has neither grades nor a list of people."""
    unplaced.place_cycle()
    absent = {} if grades else {AGS: ABSENT, NRPS: ABSENT}
    if not grades:
        unplaced.lms.school.columns.clear()
    for name in ("wout", "fatima"):
        for activity in ("home", "ambition"):
            unplaced.as_(name).launch(unplaced.activity(activity), **absent)
    pages: dict[str, str] = {}
    for name in ("wout", "fatima"):
        visited = unplaced.as_(name).launch(unplaced.activity("ambition"), **absent)
        if name == "wout" and visited.url.endswith("/welcome"):
            visited = visited.form("/welcome").submit(choice="facilitate_and_join")
        if name == "fatima":
            visited = visited.form("/idea").submit(text="samen lezen in onze lessen", why="het helpt")
        base = visited.url.partition("/l/")[0] + "/l/" + visited.url.partition("/l/")[2].partition("/")[0]
        for page in PAGES:
            found = visited.browser.get(f"{base}/{page}")
            pages[f"{name} {page}"] = found.text if found.status == 200 else ""
    unplaced.tool.deliver()
    pages["picker"] = picker(unplaced, "wout", **absent).first.text
    speaking = {page for page, text in pages.items() if "cijferoverzicht" in text or "gradebook" in text}
    assert sum(map(bool, pages.values())) > 10
    if grades:
        assert {f"fatima {STEP}", "picker"} <= speaking
        assert "geen cijfers aan" not in pages["wout community"]
    else:
        assert speaking == set()
        assert "neemt van Leerkring geen cijfers aan" in pages["wout community"]
        assert "deelt de deelnemerslijst van de cursus niet" in pages["wout community"]
        assert "geen cijfers aan" not in pages["fatima community"]
