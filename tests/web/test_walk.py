"""Step 1 by its pages: what each stage offers, what it refuses and how it says so."""

import pytest

from lti_tool.models import Cycle, StepRun
from lti_tool.models.voices import Contribution
from lti_tool.steps.ambition import Ambition
from tests.actors import Page, World
from tests.web.walk import STEP, Visit, Walk, visit

LONG = "Elke leerling kiest in juni een vak en vertelt wat hij daarin wil leren"


def alert(page: Page) -> str:
    found = page.soup.find(role="alert")
    assert found is not None, page.text[:400]
    return found.get_text()


def typed(page: Page, value: str) -> bool:
    """Whether the page gives a text back where it can be used: in a field."""
    return any(value in field.get_text() for field in page.soup.find_all("textarea"))


def test_each_stage_offers_what_can_be_done_in_it_and_nothing_else(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    every = {deed.name for deed in Ambition.deeds}
    talk = {"respond", "agree", "restate", "voice"}
    offered = {
        "ideas": {"idea"},
        "respond": {"idea", "no_voice", *talk},
        "pairs": {"merge", "keep_apart", "no_voice", *talk},
        "dots": {"dots", "leave_dots", "no_voice", *talk},
        "draft": {"take_pen", "no_voice", *talk},
        "consent": {"consent", *talk},
        "closed": {"pulse"},
    }
    for stage, forms in offered.items():
        walk.to(stage)
        page = walk["fatima"].get(STEP)
        assert {form for form in every if page.has_form(f"/ambition/{form}")} == forms, stage
        outside = walk.wout.get(STEP)
        assert not any(outside.has_form(f"/ambition/{form}") for form in every), stage
        assert outside.has_form("/advance") == (stage != "closed")


def test_only_who_holds_the_pen_writes_the_text_and_a_refused_one_is_given_back(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    text = {"ideas": str(walk.ids()[0]), "version": "0", "text": LONG}
    assert not walk["fatima"].get(STEP).has_form("/propose")
    page = walk["fatima"].post(f"{STEP}/propose", text)
    assert (page.status, typed(page, LONG)) == (422, True)
    walk["fatima"].act("take_pen")
    assert walk["fatima"].get(STEP).has_form("/propose")
    assert walk["marieke"].post(f"{STEP}/take_pen").status == 422
    page = walk["marieke"].post(f"{STEP}/propose", text)
    assert (page.status, typed(page, LONG)) == (422, True)
    assert not walk.ids("proposal")


def test_one_s_own_idea_has_no_form_to_respond_to_it(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("respond")
    page = walk["fatima"].get(STEP)
    answers = {field["value"] for field in page.soup.find_all("input", attrs={"name": "idea"})}
    assert answers == {str(number) for number in walk.of_others("fatima")}


def test_who_edits_an_older_text_is_told_and_gets_both_texts(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    fatima = walk["fatima"]
    fatima.act("take_pen")
    fatima.act("propose", text="de eerste tekst", ideas=str(walk.ids()[0]), version="0")
    # On two devices at once.
    laptop, phone = (fatima.get(STEP).form("/propose") for _ in range(2))
    assert laptop.submit(text="de tekst van de laptop").status == 200
    page = phone.submit(text="de tekst van de telefoon")
    assert page.status == 422
    assert alert(page)
    assert typed(page, "de tekst van de telefoon")
    assert "de tekst van de laptop" in page.soup.select_one(".quote").get_text()  # type: ignore[union-attr]
    kept = walk.rows("SELECT body, version FROM contribution WHERE kind = 'proposal'")
    assert ("de tekst van de laptop" in kept[0][0], kept[0][1]) == (True, 2)
    # Having compared, what she then keeps is the newest.
    assert page.form("/propose").submit(text="de tekst van beide").status == 200
    assert "de tekst van beide" in walk["marieke"].get(STEP).text


def test_two_first_texts_at_once_are_two_versions_of_nothing(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    fatima, first = walk["fatima"], {"ideas": str(walk.ids()[0]), "version": "0", "draft": "1:propose"}
    fatima.act("take_pen")
    fatima.act("propose", first, text="de eerste in onze lessen")
    page = fatima.post(f"{STEP}/propose", {**first, "text": LONG})
    assert page.status == 422
    assert typed(page, LONG)
    assert len(walk.ids("proposal")) == 1


def test_an_objection_is_read_where_the_text_is_written_on(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("consent")
    walk["fatima"].act("consent", answer="agree")
    walk["marieke"].act("consent", answer="concern", concern="let op de tijd")
    walk["youssef"].act("consent", answer="objection", harm="dit sluit uit", proposal="dan liever zo")
    walk.move()
    for name in ("fatima", "marieke", "youssef"):
        page = walk[name].get(STEP)
        for words in ("dit sluit uit", "dan liever zo", "let op de tijd"):
            assert words in page.text
        assert page.has_form("/resolve")
    walk["marieke"].act("take_pen")
    assert "tekst van fatima" in dict(walk["marieke"].get(STEP).form("/propose").values())["text"]


def test_what_was_adopted_is_on_the_step_and_on_the_home_with_its_origins(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("consent")
    visit(world, "mieke").post("welcome", choice="follow")
    leader = visit(world, "mieke")
    assert "tekst van fatima" not in leader.get("home").text
    for name in ("fatima", "marieke"):
        walk[name].act("consent", answer="agree")
    walk.move()
    assert walk.stage == "closed"
    for at in (walk["fatima"], walk.wout, leader):
        assert "tekst van fatima" in at.get("home").text
    page = walk["marieke"].get(STEP)
    quote, first = page.soup.select_one(".quote"), page.soup.select_one("article.idea")
    assert quote is not None
    assert "tekst van fatima" in quote.get_text()
    # The idea it was made from, with its dots, before all others.
    assert first is not None
    assert "idee van fatima" in first.get_text()
    assert "kreeg stippen" in first.get_text()


def test_the_home_leads_to_the_one_thing_to_do_now(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    home = walk["fatima"].get("home")
    assert home.soup.select_one(".next a.btn")["href"].endswith(STEP)  # type: ignore[union-attr, index]
    walk["fatima"].act("idea", text="een idee in onze lessen", why="x")
    assert walk["fatima"].get("home").soup.select_one(".next") is None
    assert walk["marieke"].get("home").soup.select_one(".next") is not None
    # Placed on a step, the launch opens that step; placed as the home, the home.
    assert visit(world, "fatima").first.has_form("/idea")
    assert not visit(world, "fatima", "home").first.has_form("/idea")


def test_a_step_that_is_still_to_come_says_what_it_will_ask(world: World) -> None:
    walk = Walk(world, "fatima")
    for step in world.tool.app.extensions["leerkring"].steps:
        if step.name != "ambition":
            page = walk["fatima"].get(f"step/{step.name}")
            assert page.status == 200
            assert all(words.nl in page.text for words in step.asks)
            assert visit(world, "fatima", step.name).first.status == 200


def _idea_too_late(walk: Walk) -> Page:
    form = walk["fatima"].get(STEP).form("/idea")
    walk["marieke"].act("idea", text="een ander idee", why="x")
    walk.to("dots")
    return form.submit(text=LONG, why="een goede reden")


def _change_after_the_reveal(walk: Walk) -> Page:
    walk["fatima"].act("idea", text="mijn idee in onze lessen", why="x")
    walk["marieke"].act("idea", text="een ander idee", why="x")
    form = walk["fatima"].get(STEP).form("/idea", containing='name="id"')
    walk.move()
    return form.submit(text=LONG)


def _fourth_idea(walk: Walk) -> Page:
    form = walk["fatima"].get(STEP).form("/idea")
    for number in range(3):
        walk["fatima"].act("idea", text=f"idee {number} in onze lessen", why="x")
    return form.submit(text=LONG, why="een goede reden")


def _response_too_late(walk: Walk) -> Page:
    walk.to("respond")
    form = walk["fatima"].get(STEP).form("/respond")
    walk.to("closed")
    return form.submit(text=LONG)


def _text_too_late(walk: Walk) -> Page:
    walk.to("draft").write("fatima")
    walk["marieke"].act("take_pen")
    form = walk["marieke"].get(STEP).form("/propose")
    assert walk.move().status == 303
    return form.submit(text=LONG)


def _answer_too_late(walk: Walk) -> Page:
    walk.to("consent")
    form = walk["fatima"].get(STEP).form("/consent")
    walk.to("closed")
    return form.submit(answer="objection", harm=LONG, proposal="iets anders")


@pytest.mark.parametrize(
    "late",
    [_idea_too_late, _change_after_the_reveal, _fourth_idea, _response_too_late, _text_too_late, _answer_too_late],
)
def test_what_was_typed_is_given_back_when_its_form_is_gone(world: World, late: object) -> None:
    walk = Walk(world, "fatima", "marieke")
    page = late(walk)  # type: ignore[operator]
    assert page.status == 422
    assert alert(page)
    assert typed(page, LONG)


def test_what_was_typed_is_given_back_when_the_session_has_ended(world: World) -> None:
    walk = Walk(world, "fatima")
    form = walk["fatima"].get(STEP).form("/idea")
    world.as_("marieke").launch(browser=walk["fatima"].browser)
    page = form.submit(text=LONG, why="een goede reden om dit te willen")
    assert page.status == 401
    assert typed(page, LONG)
    assert typed(page, "een goede reden om dit te willen")
    assert page.soup.select_one("a.btn")["href"].startswith(world.lms.url)  # type: ignore[union-attr, index]


def test_a_short_text_is_given_back_too_when_the_session_has_ended(world: World) -> None:
    walk = Walk(world, "fatima")
    form = walk["fatima"].get(STEP).form("/idea")
    world.as_("marieke").launch(browser=walk["fatima"].browser)
    assert typed(form.submit(text="meer lezen in onze lessen", why="nodig"), "meer lezen in onze lessen")


def _withdraw(at: Visit, number: int) -> int:
    return at.post(f"{STEP}/withdraw", id=str(number)).status


def test_taking_an_idea_back_twice_is_told_and_changes_nothing(world: World) -> None:
    walk = Walk(world, "fatima")
    walk["fatima"].act("idea", text="een idee in onze lessen", why="x")
    number = walk.ids()[0]
    assert [_withdraw(walk["fatima"], number) for _ in range(2)] == [303, 422]


def test_an_idea_of_another_cycle_of_the_same_community_is_not_this_one_s(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("dots")
    with world.tool.session() as session:
        second = Cycle(community_id=1, number=2)
        session.add(second)
        session.flush()
        run = StepRun(cycle_id=second.id, step="ambition", stage="dots")
        session.add(run)
        session.flush()
        body = {"text": "vreemd idee in onze lessen", "why": "x"}
        session.add(item := Contribution(step_run_id=run.id, kind="idea", member_id=1, body=body))
        session.flush()
        stranger = item.id
    at = walk["fatima"]
    for action, fields in (
        ("respond", {"idea": str(stranger), "text": "aan een vreemde"}),
        ("dots", {f"dots-{stranger}": "1"}),
    ):
        page = at.post(f"{STEP}/{action}", fields)
        assert page.status == 422
        assert "vreemd idee in onze lessen" not in page.html
    walk.to("draft")
    at.act("take_pen")
    assert at.post(f"{STEP}/propose", text="samen in onze lessen", ideas=str(stranger), version="0").status == 422
    assert walk.rows("SELECT count(*) FROM link WHERE to_id = :id", id=stranger)[0][0] == 0


def test_everybody_reads_what_became_of_their_own_ideas_once_the_text_is_written(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    # The first idea is what the text is made of.
    walk.write("marieke")
    for stage in ("draft", "closed"):
        walk.to(stage)
        for name, became in (("fatima", "Het zit in onze ambitie."), ("marieke", "Dit idee is nu niet gekozen.")):
            cards = walk[name].get(STEP).soup.select("section.card")
            said = next(each.get_text() for each in cards if "Wat er met jouw ideeën is gebeurd" in each.get_text())
            assert [who for who in ("fatima", "marieke") if f"idee van {who}" in said] == [name]
            assert became in said
        assert "Wat er met jouw ideeën is gebeurd" not in walk.wout.get(STEP).text
