"""Deciding by its pages: to leave dots to the others, ties that are asked again, objections that are put to all."""

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from lti_tool.models import Round, RoundKind
from lti_tool.steps import objecting
from tests.actors import Page, World
from tests.web.circle import fill
from tests.web.test_evaluation import Table
from tests.web.walk import STEP, Walk, visit
from tests.web.ways import information
from tests.web.ways.evaluation import items, prepare
from tests.web.ways.objecting import WORDS, sleep

BESIDE = "Dit bezwaar blijft erbij staan"


def object_once(walk: Walk) -> None:
    """Youssef objects and the others agree; the round closes."""
    for name in ("fatima", "marieke"):
        walk[name].act("consent", answer="agree")
    walk["youssef"].act("consent", answer="objection", **WORDS)
    assert walk.move().status == 303
    assert walk.stage == "draft"


def weighing(walk: Walk) -> Walk:
    """An objection of Youssef's that two rounds did not solve is put to all."""
    walk.to("consent")
    object_once(walk)
    raised = walk.rows("SELECT max(id) FROM consent WHERE answer = 'objection'")[0][0]
    walk["marieke"].act("resolve", consent=str(raised), text="we noemen iedereen", version="0")
    walk.write("marieke", "tekst voor iedereen")
    assert walk.move().status == 303
    object_once(walk)
    with walk.world.tool.session() as session:
        sleep(SimpleNamespace(session=session))
    assert walk["fatima"].get(STEP).form("/ambition/put").submit().status == 200
    assert walk.move().status == 303
    assert walk.stage == objecting.NAME
    return walk


def test_an_objection_is_put_to_all_weighed_unseen_and_stands_beside_the_text_on_each_database(
    any_world: World,
) -> None:
    walk = weighing(Walk(any_world, "fatima", "marieke", "youssef"))
    # That somebody was heard is told, and nothing else.
    walk["fatima"].act("weigh_objection", answer="yes")
    before = walk["marieke"].get(STEP).html
    for said in ("pass", "no"):
        page = walk["fatima"].get(STEP).form("/weigh_objection").submit(answer=said)
        assert page.status == 200
        assert walk["marieke"].get(STEP).html == before, "who answered what shows to nobody"
    assert WORDS["harm"] in before
    assert "Niemand. Als de ronde sluit" in walk["marieke"].get(STEP).text
    assert walk.move().status == 422, "one of three is no quorum"
    for name, said in (("marieke", "no"), ("youssef", "yes")):
        walk[name].act("weigh_objection", answer=said)
    assert walk.move().status == 303
    assert walk.stage == "closed"
    visit(any_world, "mieke").post("welcome", choice="follow")
    for at in (walk["fatima"], walk.wout):
        assert BESIDE in at.get(STEP).text
        assert WORDS["harm"] in at.get(STEP).text
        assert "Youssef" not in str(at.get(STEP).soup.find(attrs={"aria-labelledby": "beside"}))
    assert WORDS["harm"] not in visit(any_world, "mieke").get("home").text


def test_an_objection_that_is_upheld_leads_back_and_says_so(world: World) -> None:
    walk = weighing(Walk(world, "fatima", "marieke", "youssef"))
    for name, said in (("fatima", "no"), ("marieke", "pass"), ("youssef", "yes")):
        walk[name].act("weigh_objection", answer=said)
    assert walk.move().status == 303
    assert walk.stage == "draft"
    page = walk["fatima"].get(STEP)
    assert "Daarom blijft het staan" in page.text
    assert not page.has_form("/ambition/put")
    assert BESIDE not in page.text
    assert walk.move().status == 422, "there has to be another text"


def test_whoever_objected_is_asked_at_home_and_on_the_page_what_would_solve_it(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("consent")
    object_once(walk)
    asked = "Je had bezwaar. Wat zou het oplossen?"
    assert asked in walk["youssef"].get("home").text
    assert asked not in walk["fatima"].get("home").text + walk["fatima"].get(STEP).text
    first = walk["youssef"].get(STEP)
    assert len(first.soup.select(".next")) == 1
    done = first.form("/solve").submit(text="als het vrijwillig blijft")
    assert done.status == 200
    assert "als het vrijwillig blijft" in walk["marieke"].get(STEP).text
    assert asked not in walk["youssef"].get("home").text
    raised = walk.rows("SELECT max(id) FROM consent WHERE answer = 'objection'")[0][0]
    page = walk["fatima"].post(f"{STEP}/solve", consent=str(raised), text="namens hem in onze lessen", version="0")
    assert page.status == 422


def test_too_few_in_favour_leads_back_and_says_so(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("consent")
    walk["fatima"].act("consent", answer="agree")
    for name in ("marieke", "youssef"):
        walk[name].act("consent", answer="abstain")
    assert walk.move().status == 303
    assert walk.stage == "draft"
    assert "er waren te weinig mensen voor" in walk["marieke"].get(STEP).text


def test_one_of_three_adopts_nothing_and_is_told_how_many_it_takes(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("consent")
    walk["fatima"].act("consent", answer="agree")
    page = walk.move()
    assert page.status == 422
    assert "Er is nog één antwoord nodig." in page.text
    assert walk.stage == "consent"


def said_of_dots(page: Page) -> list[str]:
    return [each.get_text() for each in page.soup.select(".box") if "stip" in each.get_text()]


def test_dots_may_be_left_to_the_others_and_a_text_without_a_dot_says_so_to_all_who_decide(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("dots")
    ideas = walk.ids()
    page = walk["fatima"].get(STEP).form("/leave_dots").submit()
    assert page.status == 200
    assert "Je laat het aan de anderen" in page.text
    before = walk["youssef"].get(STEP).html
    walk["marieke"].act("dots", {f"dots-{ideas[1]}": "3"})
    walk["marieke"].act("leave_dots")
    walk["marieke"].act("dots", {f"dots-{ideas[1]}": "3"})
    # How many were heard is told, once, and nothing else.
    number = int(re.findall(r'data-version="(\d+)"', before)[0])
    assert walk["youssef"].get(STEP).html == before.replace(
        "1 van de 3 leden heeft stippen", "2 van de 3 leden hebben stippen"
    ).replace(f'data-version="{number}"', f'data-version="{number + 1}"')
    walk["youssef"].act("leave_dots")
    assert walk.move().status == 303
    # Built on the first idea, on which nobody laid a dot.
    walk.write("fatima")
    assert walk.move().status == 303
    for at in (walk["fatima"], walk["marieke"], walk.wout):
        (said,) = said_of_dots(at.get(STEP))
        assert "niemand een stip op legde" in said
        assert "idee van fatima" in said


def test_of_dots_it_is_said_of_how_many_they_came(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("dots")
    first, second, *_ = walk.ids()
    for name, laid in (("fatima", {first: 3}), ("marieke", {first: 2, second: 1}), ("youssef", {first: 3})):
        walk[name].act("dots", {f"dots-{idea}": str(count) for idea, count in laid.items()})
    assert walk.move().status == 303
    said = [" ".join(each.get_text().split()) for each in walk["marieke"].get(STEP).soup.select(".dots")]
    assert said == ["8 stippen, van 3 van de 3 leden", "1 stip, van 1 van de 3 leden"]


def test_where_all_leave_it_to_the_others_nothing_is_chosen_and_the_text_says_so(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("dots")
    for name in ("fatima", "marieke"):
        walk[name].act("leave_dots")
    assert walk.move().status == 303
    assert "Er is dus niets gekozen" in walk["marieke"].get(STEP).text
    walk.write("fatima")
    assert walk.move().status == 303
    (said,) = said_of_dots(walk["marieke"].get(STEP))
    assert "Er is dus niets gekozen" in said


def stories(table: Table) -> list[int]:
    """Ids of the stories, oldest first."""
    with table.world.tool.session() as session:
        return [item.id for item in items(prepare(fill(session, table.people, "closed")), "story")]


def lay(table: Table, *laid: dict[int, int] | None) -> None:
    """What each of them lays; None: leaves it to the others."""
    with table.world.tool.session() as session:
        c = prepare(fill(session, table.people, "closed"))
        for who, dots in enumerate(laid):
            if dots is None:
                c.act(who, "leave_dots")
            else:
                c.act(who, "dots", dots=dots)
        c.rest("leave_dots")
        c.move()


def test_two_stories_that_tie_twice_stand_side_by_side_and_one_reason_is_asked_for(world: World) -> None:
    table = Table(world, 4).to("choose")
    one, two, three, *_ = stories(table)
    lay(table, {one: 1}, {one: 1}, {two: 1}, {two: 1})
    page = table.page()
    assert "Deze stonden gelijk" in page.text
    form = page.form("/dots").tag
    assert {str(each["name"]) for each in form.select("input[name^=dots-]")} == {f"dots-{one}", f"dots-{two}"}
    refused = table["fatima"].post("step/evaluation/dots", {f"dots-{three}": "1"})
    assert refused.status == 422
    lay(table, {one: 3}, None, {two: 3}, None)
    page = table.page()
    # For whoever is asked why they were chosen, that question is the heading.
    assert "De verhalen die we kozen" in table.page("wout").text
    assert "Daarom staan ze naast elkaar" in page.text
    assert len(page.soup.select("article[aria-labelledby^=chosen]")) == 2
    assert page.form("/why").submit(text="ze horen bij elkaar").status == 200


def test_three_stories_that_tie_twice_get_one_dot_each(world: World) -> None:
    table = Table(world, 4).to("choose")
    one, two, three, *_ = stories(table)
    lay(table, {one: 1}, {two: 1}, {three: 1}, None)
    lay(table, None, None, None, None)
    page = table.page()
    assert "Daarom heeft iedereen nog één stip" in page.text
    page = table["fatima"].post("step/evaluation/dots", {f"dots-{one}": "1", f"dots-{two}": "1"})
    assert page.status == 422
    assert "heeft iedereen één stip" in page.text
    lay(table, {one: 1}, {one: 1}, {two: 1}, None)
    assert "Het verhaal dat we kozen" in table.page("wout").text


def test_without_a_chosen_story_no_reason_is_asked_and_the_verdict_is_put_to_all(world: World) -> None:
    table = Table(world, 4).to("choose")
    lay(table, None, None, None, None)
    page = table.page()
    assert "Er is dus geen verhaal gekozen" in page.text
    assert not page.has_form("/why")
    [answer] = page.soup.select("main form.answer")
    assert str(answer["action"]).endswith("/verdict")


def test_without_a_chosen_question_what_exists_is_gathered_all_the_same(world: World) -> None:
    people = 3
    world.begin("fatima", "marieke")
    with world.tool.session() as session:
        c = fill(session, people, "closed").on("information").to("questions")
        for who in range(people):
            for number in range(2):
                c.act(who, "question", text=f"vraag {who} {number}")
        assert c.move() == "choose"
        c.rest("leave_dots")
        assert c.move() == "gather"
        assert information.items(c, "question") == []
    at = visit(world, "fatima")
    page = at.get("step/information")
    assert "Er is dus geen vraag gekozen" in page.text
    said = {name: value for name, value in information.PIECE.items() if name != "question"}
    done = page.form("/evidence").submit(**said, text="twaalf keer om hulp")
    assert done.status == 200
    assert "twaalf keer om hulp" in done.text
    assert done.soup.find(attrs={"aria-labelledby": "loose"}) is not None
    with world.tool.session() as session:
        c = fill(session, people, "closed").on("information")
        c.act(1, "no_voice", reason="deze keer niet", version=0)
        assert c.move() == "enough"


@pytest.mark.parametrize("step", ["ambition", "information"])
def test_what_was_decided_says_by_how_many_of_how_many(world: World, step: str) -> None:
    world.begin("fatima", "marieke")
    with world.tool.session() as session:
        c = fill(session, 5, "closed")
        c = c if step == "ambition" else c.on(step).to("closed")
        heard = c.summary(0).decided.heard
        session.execute(update(Round).where(Round.kind == RoundKind.CONSENT).values(circle=17))
    assert f"{heard} van de 17 leden antwoordden" in visit(world, "fatima").get(f"step/{step}").text
