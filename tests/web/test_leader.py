"""A school leader outside: gives a frame, labelled as such, and has no way to the ambition."""

import pytest

from lti_tool.steps import load
from tests.actors import World
from tests.web.test_forms import NUMBERS, TEXTS
from tests.web.walk import STEP, Visit, Walk, visit

FRAME = "lead/ambition/frame"
WORDS = "het moet binnen de lestijd"


@pytest.fixture
def walk(world: World) -> Walk:
    made = Walk(world, "fatima", "marieke")
    visit(world, "mieke").post("welcome", choice="follow")
    return made


@pytest.fixture
def leader(world: World, walk: Walk) -> Visit:
    return visit(world, "mieke")


def test_a_frame_is_shown_to_all_as_a_frame_and_is_no_idea(walk: Walk, leader: Visit) -> None:
    assert leader.post(FRAME, text=WORDS, version="0").status == 303
    for stage in ("ideas", "respond", "dots", "draft", "consent", "closed"):
        walk.to(stage)
        page = walk["fatima"].get(STEP)
        frame = page.soup.select_one(".frame")
        assert frame is not None, stage
        assert WORDS in frame.get_text()
        assert "schoolleiding" in frame.get_text()
        # Nothing can be laid on it, merged with it, or built from it.
        assert WORDS not in " ".join(
            found.get_text() for found in page.soup.select("article.idea, fieldset, select, .quote")
        )


def test_no_address_lets_a_leader_write_answer_or_move_anything_of_the_community(walk: Walk, leader: Visit) -> None:
    steps = load()
    for stage in ("ideas", "respond", "dots", "draft", "consent"):
        walk.to(stage)
        before = walk.rows("SELECT id, body, version FROM contribution ORDER BY id")
        for step in steps.by_name.values():
            for deed in step.deeds:
                fields = {"text": "mijn ambitie", "why": "x", "ideas": "1", "version": "1", "answer": "agree"}
                assert leader.post(f"step/{step.name}/{deed.name}", fields).status == 403
                assert leader.post(f"lead/{step.name}/{deed.name}", fields).status == 404
            for move in ("advance", "announce", "authors"):
                assert leader.post(f"step/{step.name}/facilitate/{move}", stage=stage).status == 403
            for move in ("put", "pass", "reopen", "reopen/too", "reopen/not"):
                assert leader.post(f"step/{step.name}/together/{move}", stage=stage).status == 403
        assert walk.rows("SELECT id, body, version FROM contribution ORDER BY id") == before
        assert walk.stage == stage


def test_a_frame_is_changed_and_taken_back_by_its_leader_only(walk: Walk, leader: Visit) -> None:
    leader.post(FRAME, text=WORDS, version="0")
    form = leader.get("home").form("/lead/ambition/frame")
    assert form.submit(text="liever zo").status == 200
    # On the page of before: somebody, or another device, was first.
    page = leader.post(FRAME, text="te laat", version="1")
    assert (page.status, "te laat" in page.html) == (422, True)
    assert walk["fatima"].post(FRAME, text="nee", version="2").status == 403
    assert walk.wout.post("lead/ambition/no_frame").status == 403
    assert leader.post("lead/ambition/no_frame").status == 303
    assert not walk["fatima"].get(STEP).soup.select_one(".frame")
    assert leader.post("lead/ambition/no_frame").status == 422


@pytest.mark.parametrize(
    "text", [*TEXTS.values(), "", "a" * 601, "a" * 250_000], ids=lambda text: f"{len(text)} characters"
)
def test_whatever_a_leader_sends_is_kept_or_refused_and_shown_as_text(walk: Walk, leader: Visit, text: str) -> None:
    page = leader.post(FRAME, text=text, version="0")
    assert page.status in (303, 422)
    for number in NUMBERS:
        assert leader.post(FRAME, text="x", version=number).status in (303, 422)
    home = leader.get("home")
    assert not home.soup.select("main img, main script")
