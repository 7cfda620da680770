"""What somebody has typed and not sent: kept for them, given back to them, gone when sent."""

import json

import pytest
from flask import template_rendered
from sqlalchemy import select

from lti_tool.circle.forms import DRAFT_LENGTH, DRAFTS_EACH
from lti_tool.models.voices import Draft
from tests.actors import Browser, Page, World
from tests.web.walk import ADMINISTRATOR_ONLY, STEP, Walk, visit


def kept(world: World) -> dict[str, dict[str, str]]:
    """All drafts in the database, by name."""
    with world.tool.session() as session:
        return {f"{row.member_id}/{row.form}": dict(row.body) for row in session.scalars(select(Draft))}


def field(page: Page, name: str, action: str = "/idea") -> str:
    return dict(page.form(action).values())[name]


@pytest.mark.parametrize(
    ("stage", "action", "fields"),
    [
        ("ideas", "/idea", {"text": "half af in onze lessen", "why": "omdat"}),
        ("respond", "/respond", {"text": "wat mij opviel"}),
        ("draft", "/propose", {"text": "onze ambitie is"}),
        ("consent", "/consent", {"concern": "let op de tijd"}),
    ],
)
def test_a_draft_is_back_in_its_form_at_the_next_launch_at_another_browser_and_gone_when_sent(
    world: World, stage: str, action: str, fields: dict[str, str]
) -> None:
    walk = Walk(world, "fatima", "marieke").to(stage)
    if stage == "draft":
        walk["fatima"].act("take_pen")
    page = walk["fatima"].get(STEP)
    form = dict(page.form(action).values())
    # As the page's script does: the whole form, hidden fields and all.
    answer = walk["fatima"].post("draft", {**form, **fields})
    assert answer.status == 200
    assert len(answer.response.get_json()["saved"]) == len("12:34")
    elsewhere = visit(world, "fatima", browser=Browser(world.tool))
    for name, typed in fields.items():
        assert field(elsewhere.get(STEP), name, action) == typed
    # Nobody else's form knows of it.
    assert not any(typed in walk["marieke"].get(STEP).html for typed in fields.values())
    extra = {"stage": stage, "ideas": str(walk.ids()[0])} if stage == "draft" else {}
    answer = elsewhere.get(STEP).form(action).submit(**extra, **({"answer": "concern"} if stage == "consent" else {}))
    assert answer.status == 200, answer.text
    assert kept(world) == {}


def test_what_was_chosen_is_back_too(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("consent")
    form = dict(walk["fatima"].get(STEP).form("/consent").values())
    walk["fatima"].post("draft", {**form, "answer": "concern", "concern": "let op de tijd"})
    assert field(visit(world, "fatima").get(STEP), "answer", "/consent") == "concern"


def test_a_draft_on_an_older_text_still_knows_which_it_was(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    walk.write("fatima", "de eerste tekst")
    walk["marieke"].act("take_pen")
    form = dict(walk["marieke"].get(STEP).form("/propose").values())
    walk["marieke"].post("draft", {**form, "text": "mijn verbetering van de eerste"})
    walk["marieke"].act("hand_on_pen")
    walk.write("fatima", "de tweede tekst")
    # Marieke comes back, and sends what she typed without having seen the second text.
    walk["marieke"].act("take_pen")
    assert walk["marieke"].get(STEP).form("/propose").submit().status == 422


def test_each_form_has_a_draft_of_its_own(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("respond")
    fatima = walk["fatima"]
    for idea in walk.of_others("fatima"):
        fatima.post("draft", draft=f"1:respond-{idea}", idea=str(idea), text=f"over {idea} in onze lessen")
    page = fatima.get(STEP)
    for idea in walk.of_others("fatima"):
        assert field(page, "text", "/respond") in {f"over {each} in onze lessen" for each in walk.of_others("fatima")}
        assert (
            page.form("/respond", containing=f'value="{idea}"').tag.find("textarea").get_text()
            == f"over {idea} in onze lessen"
        )  # type: ignore[union-attr]
    first = walk.of_others("fatima")[0]
    page.form("/respond", containing=f'value="{first}"').submit()
    assert [name.split("/")[1] for name in kept(world)] == [
        f"1:respond-{each}" for each in walk.of_others("fatima")[1:]
    ]


def test_a_refused_form_keeps_its_draft(world: World) -> None:
    walk = Walk(world, "fatima")
    fatima = walk["fatima"]
    fatima.post("draft", draft="1:idea-new", text="half af in onze lessen")
    assert fatima.post(f"{STEP}/idea", draft="1:idea-new", text="half af in onze lessen", why="").status == 422
    assert fatima.post(f"{STEP}/idea", draft="1:idea-new", text="?!", why="x").status == 422
    assert len(kept(world)) == 1


def test_emptying_a_form_takes_its_draft_away(world: World) -> None:
    walk = Walk(world, "fatima")
    fatima = walk["fatima"]
    fatima.post("draft", draft="1:idea-new", text="half af in onze lessen")
    fatima.post("draft", draft="1:idea-new", text="  ", why="")
    assert kept(world) == {}


def test_sending_a_form_takes_nobody_else_s_draft_away(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    for name in ("fatima", "marieke"):
        walk[name].post("draft", draft="1:idea-new", text=f"half af van {name}")
    walk["fatima"].act("idea", draft="1:idea-new", text="af in onze lessen", why="x")
    assert [body["text"] for body in kept(world).values()] == ["half af van marieke"]


def test_the_newest_drafts_are_kept_and_no_more_than_fifty(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk["marieke"].post("draft", draft="1:idea-new", text="van marieke in onze lessen")
    for number in range(DRAFTS_EACH + 5):
        assert walk["fatima"].post("draft", draft=f"1:x{number}", text=f"nummer {number} in onze lessen").status == 200
    texts = {body["text"] for body in kept(world).values()}
    assert len(texts) == DRAFTS_EACH + 1
    assert f"nummer {DRAFTS_EACH + 4} in onze lessen" in texts
    assert "nummer 0 in onze lessen" not in texts
    assert "van marieke in onze lessen" in texts


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"draft": "1:a", "text": "a" * DRAFT_LENGTH}, 422),
        ({"draft": "1:a", "text": "a" * (DRAFT_LENGTH - 4)}, 200),
        ({"draft": "1:a", "a" * DRAFT_LENGTH: "x"}, 422),
        ({"draft": "x" * 96, "text": "x"}, 200),
        ({"draft": "x" * 97, "text": "x"}, 422),
        ({"draft": "", "text": "x"}, 422),
        ({"text": "x"}, 422),
        ({"draft": "1:a\n", "text": "x"}, 422),
        ({"draft": "1:a"}, 200),
    ],
)
def test_a_draft_has_a_name_and_fits_or_is_said_not_to_be_kept(
    shared_world: World, fields: dict[str, str], status: int
) -> None:
    fatima = visit(shared_world, "fatima")
    answer = fatima.post("draft", fields)
    assert answer.status == status
    saved = json.loads(answer.html)["saved"]
    assert (saved is None) == (status == 422)


def test_who_writes_nothing_here_keeps_no_draft(world: World) -> None:
    Walk(world, "fatima")
    visit(world, "mieke").post("welcome", choice="follow")
    for name, claims in (("mieke", {}), ("els", {}), ("admin", ADMINISTRATOR_ONLY)):
        assert visit(world, name, **claims).post("draft", draft="1:idea-new", text="x").status == 403
    assert kept(world) == {}


def test_a_draft_made_before_somebody_else_used_the_computer_is_there_afterwards(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    shared = walk["fatima"].browser
    walk["fatima"].post("draft", draft="1:idea-new", text="van fatima in onze lessen")
    marieke = visit(world, "marieke", browser=shared)
    assert "van fatima in onze lessen" not in marieke.get(STEP).html
    assert walk["fatima"].post("draft", draft="1:idea-new", text="te laat in onze lessen").status == 401
    assert field(visit(world, "fatima").get(STEP), "text") == "van fatima in onze lessen"


def test_what_has_no_field_any_more_is_given_back_and_the_page_is_made_once(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk["fatima"].act("idea", text="rust in de les", why="voor iedereen")
    made: list[str] = []
    with template_rendered.connected_to(lambda _app, template, **_: made.append(template.name), world.tool.app):
        # Its form is there: the text stands in it, and nowhere else.
        page = walk["fatima"].post(f"{STEP}/idea", text="rust in de les", why="nog eens", draft="1:idea-new")
        assert page.status == 422
        assert page.soup.select_one("#idea-new-why").get_text().strip() == "nog eens"  # type: ignore[union-attr]
        assert "Wat je typte" not in page.text
        assert page.html.count("nog eens") == 1
        # A field that no form has, beside those that are there.
        page = walk["fatima"].post(
            f"{STEP}/idea", text="rust in de les", why="weer", draft="1:idea-new", onbekend="kwijt anders"
        )
        given = [each.get_text().strip() for each in page.soup.select("textarea[readonly]")]
        assert given == ["kwijt anders"]
        # Gone with its stage. What is looked at on the way there does not count.
        before = len(made)
        walk.to("dots")
        del made[before:]
        page = walk["fatima"].post(f"{STEP}/idea", text="te laat bedacht", why="toch")
        given = [each.get_text().strip() for each in page.soup.select("textarea[readonly]")]
        assert given == ["te laat bedacht", "toch"]
    assert made.count("steps/ambition.html") == 3
