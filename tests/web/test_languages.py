"""Which language a page speaks: what the LMS says, until the person says otherwise."""

from typing import Any

import pytest

from lti_tool.demo.messages import ABSENT
from tests.actors import Page, World
from tests.web.walk import STEP, Walk, picker, visit


def language(page: Page) -> str:
    return str(page.soup.find("html")["lang"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("presentation", "speaks"),
    [
        ({"locale": "nl"}, "nl"), ({"locale": "nl_NL"}, "nl"), ({"locale": "nl-BE"}, "nl"),
        ({"locale": "en-US"}, "en"), ({"locale": "en"}, "en"), ({"locale": "pt_br"}, "en"), ({"locale": "de"}, "en"),
        # Nothing said: the community's own.
        ({"locale": ""}, "nl"), ({}, "nl"), (ABSENT, "nl"), ({"locale": None}, "nl"),
    ],
)  # fmt: skip
def test_the_launch_says_the_language(shared_world: World, presentation: Any, speaks: str) -> None:
    at = visit(shared_world, "fatima", launch_presentation=presentation)
    assert language(at.first) == speaks
    # Whatever the browser prefers.
    headers = {"Accept-Language": "en" if speaks == "nl" else "nl"}
    answer = at.browser.client.get(at.base, base_url=at.browser.tool.url, headers=headers)
    assert f'<html lang="{speaks}">' in answer.get_data(as_text=True)


def test_the_person_s_own_choice_stays_at_every_launch(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    assert language(fatima.get(STEP)) == "nl"
    page = fatima.get(STEP).form("/language").submit(language="en")
    assert (page.status, language(page)) == (200, "en")
    assert language(visit(world, "fatima").first) == "en"
    assert language(walk["marieke"].get(STEP)) == "nl"
    fatima.post("language", language="nl")
    assert language(visit(world, "fatima", launch_presentation={"locale": "en"}).first) == "nl"


@pytest.mark.parametrize("wrong", ["de", "", "NL", "nl_NL", "xx"])
def test_a_language_not_spoken_here_changes_nothing(shared_world: World, wrong: str) -> None:
    at = visit(shared_world, "marieke")
    assert at.post("language", language=wrong).status == 303
    assert language(at.get("")) == "nl"


def test_who_may_not_see_the_community_may_still_choose_their_language(world: World) -> None:
    Walk(world, "fatima")
    for at in (visit(world, "els"), visit(world, "admin", roles=[])):
        page = at.first.form("/language").submit(language="en")
        assert language(page) == "en"


def test_the_picker_stays_the_picker_in_another_language(world: World) -> None:
    at = picker(world, "wout")
    page = at.first.form("/language").submit(language="en")
    assert language(page) == "en"
    assert page.has_form("/place")


@pytest.mark.parametrize("speaks", ["nl", "en"])
def test_no_page_mixes_the_languages(world: World, speaks: str) -> None:
    walk = Walk(world, "fatima", "marieke")
    texts = {"nl": set(), "en": set()}  # type: ignore[var-annotated]
    for step in world.tool.app.extensions["leerkring"].steps:
        for words in [step.title, step.question, step.purpose, *step.asks, *(s.title for s in step.stages)]:
            texts["nl"].add(words.nl)
            texts["en"].add(words.en)
    other = {words for words in texts["en" if speaks == "nl" else "nl"] - texts[speaks] if " " in words}
    visits = {"fatima": walk["fatima"], "wout": walk.wout}
    for at in visits.values():
        at.post("language", language=speaks)
    for stage in ("ideas", "respond", "dots", "draft", "consent", "closed"):
        walk.to(stage)
        for at in visits.values():
            for path in (STEP, "home", "step/information", "community"):
                page = at.get(path)
                if page.status == 200:
                    assert language(page) == speaks
                    assert not [words for words in other if words in page.text], (stage, path)


def test_placed_activities_are_called_in_the_community_s_language(unplaced: World) -> None:
    unplaced.place_cycle("wout")
    assert unplaced.activity("ambition").title == "1 Ambitie"
