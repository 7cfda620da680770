"""What is one person's own: a journal nobody else has a way to, a line about oneself, everything as a file."""

import json

import pytest

from tests.actors import World
from tests.web.walk import STEP, Visit, Walk, paths, visit

SECRET = "vandaag twijfelde ik"


def diary(walk: Walk, name: str = "fatima", text: str = SECRET) -> str:
    """Somebody writes a page; its id."""
    assert walk[name].post("journal", text=text).status == 303
    return str(walk.rows("SELECT id FROM journal_entry ORDER BY id DESC")[0][0])


def test_a_journal_is_read_changed_and_thrown_away_by_its_owner(any_world: World) -> None:
    walk = Walk(any_world, "fatima")
    number = diary(walk)
    assert SECRET in walk["fatima"].get("journal").text
    assert walk["fatima"].post("journal", text="toch niet", entry=number).status == 303
    page = walk["fatima"].get("journal").text
    assert "toch niet" in page
    assert SECRET not in page
    assert walk["fatima"].post("journal/remove", entry=number).status == 303
    assert walk.rows("SELECT count(*) FROM journal_entry")[0][0] == 0


def test_nobody_else_reads_changes_or_removes_a_page(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    visit(world, "mieke").post("welcome", choice="follow")
    number = diary(walk)
    others: list[Visit] = [walk["marieke"], walk.wout, visit(world, "mieke")]
    for at in others:
        for path in paths(world, "GET"):
            assert SECRET not in at.get(path).html
        assert at.post("journal", text="gekaapt", entry=number).status in (403, 422)
        assert at.post("journal/remove", entry=number).status in (403, 422)
    assert walk.rows("SELECT text FROM journal_entry")[0][0] == SECRET


@pytest.mark.parametrize("text", ["", " … ", "x" * 8001])
def test_a_page_that_says_nothing_or_is_too_long_is_refused_and_given_back(world: World, text: str) -> None:
    walk = Walk(world, "fatima")
    page = walk["fatima"].post("journal", text=text)
    assert page.status == 422
    field = page.soup.find("textarea", id="journal-new")
    assert field is not None
    assert field.get_text().strip() == text.strip()


def test_what_leerkring_has_of_somebody_is_theirs_to_keep_and_nobody_else_s(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("dots")
    diary(walk)
    diary(walk, "marieke", "van marieke alleen")
    walk["fatima"].act("dots", {f"dots-{walk.of_others('fatima')[0]}": "3"})
    walk["fatima"].post("draft", draft="1:x", text="half af")
    answer = walk["fatima"].get("mine.json").response
    assert answer.headers["Content-Disposition"].startswith("attachment")
    found = json.loads(answer.get_data(as_text=True))
    assert [page["text"] for page in found["journal"]] == [SECRET]
    assert {item["content"]["text"] for item in found["contributions"]} == {"idee van fatima", "reactie van fatima"}
    assert [dot["dots"] for dot in found["dots"]] == [3]
    assert {each["moment"] for each in found["participation"]} == {"input", "response", "decision"}
    assert found["drafts"][0]["content"] == {"text": "half af"}
    assert "marieke" not in json.dumps(found).replace(STEP, "").casefold()


def test_ask_me_about_stands_beside_a_name_only_where_that_person_wrote_it(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk["fatima"].post("community/ask-me", ask_me="  stages \n in de zorg ")
    assert "Vraag mij over: stages in de zorg" in walk["marieke"].get("community").text
    assert walk["fatima"].post("community/ask-me", ask_me="x" * 301).status == 422
    walk["fatima"].post("community/ask-me", ask_me="")
    assert "Vraag mij over:" not in walk["marieke"].get("community").text
