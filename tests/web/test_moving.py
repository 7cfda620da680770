"""Ending a stage by its pages: who is missing is asked first, a text is put to all by a second person, taking back."""

import datetime as dt

import pytest
from sqlalchemy import text

from lti_tool.db import now
from tests.actors import Page, World
from tests.web.walk import STEP, Visit, Walk

CONFIRM, BACK = f"{STEP}/facilitate/confirm", f"{STEP}/facilitate/back"
PUT, PASS = f"{STEP}/together/put", f"{STEP}/together/pass"
LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])
SIX = ("fatima", "marieke", "youssef", "siobhan", "janwillem", "soren")


def named(world: World, page: Page) -> set[str]:
    """Who of the six is named in the page's own words."""
    main = page.soup.find("main")
    assert main is not None
    return {name for name in SIX if world.person(name).name in main.get_text(" ")}


def sound(page: Page, language: str) -> None:
    """One heading first, every field with a label, no id twice, in the language that was chosen."""
    assert page.status == 200
    assert page.soup.html is not None
    assert page.soup.html["lang"] == language
    assert len(page.soup.find_all("h1")) == 1
    ids = [str(each["id"]) for each in page.soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for button in page.soup.select("main button"):
        assert button.get_text().strip()


def write(walk: Walk, *names: str) -> None:
    for name in names:
        walk[name].act("idea", text=f"een idee van {name}", why="daarom")


def later(world: World, minutes: int) -> None:
    """So many minutes go by since the stage was entered."""
    with world.tool.session() as session:
        for when, what in ((minutes, "step_run SET stage_since"), (minutes + 1, "contribution SET updated_at")):
            session.execute(text(f"UPDATE {what} = :at"), {"at": now() - dt.timedelta(minutes=when)})


def to_page(walk: Walk, at: Visit) -> Page:
    page = at.get(STEP)
    assert page.status == 200
    return page


@LANGUAGES
def test_where_somebody_is_missing_it_is_asked_first_and_said_who_what_follows_and_that_it_cannot_be_taken_back(
    world: World, language: str
) -> None:
    walk = Walk(world, *SIX)
    walk.wout.post("language", language=language)
    write(walk, *SIX[:4])
    asked = walk.move()
    assert (asked.status, walk.stage) == (303, "ideas")
    assert asked.response.headers["Location"].endswith(CONFIRM)
    page = walk.wout.get(CONFIRM)
    sound(page, language)
    assert named(world, page) == {"janwillem", "soren"}
    follows, final = {
        "nl": (
            "Wie later komt, krijgt eerst deze vraag en kan er dan nog iets bij zetten.",
            "Dat kan niet meer terug.",
        ),
        "en": ("Whoever comes later gets this question first, and can still add something", "cannot be taken back."),
    }[language]
    assert follows in page.text
    assert final in page.text
    done = page.form("/advance").submit()
    assert done.status == 200
    assert walk.stage == "respond"
    # What was revealed stays so.
    assert not done.has_form("/back")
    assert walk.wout.post(BACK, stage="respond").status == 422


def test_it_is_asked_only_where_somebody_is_missing_and_only_of_whoever_facilitates(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    write(walk, "fatima")
    # Too few: no yes helps.
    assert walk.wout.get(CONFIRM).status == 303
    assert walk.move().status == 422
    assert walk.move(confirmed="1").status == 422
    write(walk, "marieke")
    assert walk.wout.get(CONFIRM).status == 200
    assert walk["fatima"].get(CONFIRM).status == 403
    assert walk["fatima"].post(f"{STEP}/facilitate/advance", stage="ideas", confirmed="1").status == 403
    write(walk, "youssef")
    assert walk.wout.get(CONFIRM).status == 303
    moved = walk.move()
    assert moved.response.headers["Location"].endswith(f"{STEP}?done=moved")
    assert walk.stage == "respond"


def test_a_press_on_the_question_after_the_others_have_gone_on_moves_nothing(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    write(walk, "fatima", "marieke")
    page = walk.wout.get(CONFIRM)
    write(walk, "youssef")
    assert walk.move().status == 303
    refused = page.form("/advance").submit()
    assert refused.status == 422
    assert walk.stage == "respond"


def test_in_an_open_stage_the_question_names_people_in_leaps_and_counts_them_at_once(world: World) -> None:
    walk = Walk(world, *SIX).to("respond")
    for name in SIX[:2]:
        walk.do_the_task(name, SIX.index(name), "respond")
    walk["youssef"].act("respond", idea=str(walk.of_others("youssef")[0]), text="mooi gevonden in onze lessen")
    page = walk.wout.get(CONFIRM)
    # Three more were heard and three are left: the names follow.
    assert named(world, page) == set(SIX[3:])
    assert "Deze 3 collega's zijn nog niet gehoord:" in page.text
    walk["siobhan"].act("respond", idea=str(walk.of_others("siobhan")[0]), text="ook mooi in onze lessen")
    for path in (CONFIRM, f"{STEP}/invitations"):
        page = walk.wout.get(path)
        assert named(world, page) == set(SIX[3:]), path
        assert "Van deze 3 collega's zijn er nog 2 niet gehoord:" in page.text, path


@LANGUAGES
def test_a_move_that_showed_nothing_is_taken_back_for_ten_minutes(world: World, language: str) -> None:
    walk = Walk(world, *SIX).to("respond")
    walk.wout.post("language", language=language)
    for name in SIX[:3]:
        walk.do_the_task(name, SIX.index(name), "respond")
    page = walk.wout.get(CONFIRM)
    sound(page, language)
    said = {"nl": "Je kunt dit tien minuten lang terugnemen", "en": "You can take this back for ten minutes"}
    assert said[language] in page.text
    page = page.form("/advance").submit()
    assert walk.stage == "pairs"
    later(world, 9)
    back = page.form("/back").submit()
    sound(back, language)
    assert walk.stage == "respond"
    # As it was left: who was heard still is, and the others can still respond.
    assert len(walk.ids("response")) == 3
    assert walk["siobhan"].get(STEP).has_form("/respond")
    assert not back.has_form("/back")
    page = walk.wout.get(CONFIRM).form("/advance").submit()
    later(world, 11)
    assert not walk.wout.get(STEP).has_form("/back")
    refused = page.form("/back").submit()
    assert (refused.status, walk.stage) == (422, "pairs")


def test_it_is_not_taken_back_once_somebody_has_done_anything(world: World) -> None:
    walk = Walk(world, *SIX).to("respond")
    walk.all_heard()
    assert walk.move().status == 303
    page = walk.wout.get(STEP)
    assert page.has_form("/back")
    assert not walk["fatima"].get(STEP).has_form("/back")
    assert walk["fatima"].post(BACK, stage="pairs").status == 403
    walk["fatima"].act("keep_apart")
    assert not walk.wout.get(STEP).has_form("/back")
    refused = page.form("/back").submit()
    assert (refused.status, walk.stage) == (422, "pairs")
    assert "er is al iets gedaan" in refused.text


@LANGUAGES
def test_what_is_written_together_is_put_to_all_by_a_second_person(world: World, language: str) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    for name in walk.visits:
        walk[name].post("language", language=language)
    # Where nothing is written there is nothing to put to anybody.
    assert not to_page(walk, walk["marieke"]).has_form("/together/put")
    walk.write("fatima")
    mine, theirs = to_page(walk, walk["fatima"]), to_page(walk, walk["marieke"])
    sound(mine, language)
    sound(theirs, language)
    assert not mine.has_form("/together/put")
    why = {"nl": "Een collega legt het aan iedereen voor.", "en": "A colleague puts it to everyone."}[language]
    assert why in mine.text
    refused = walk["fatima"].post(PUT, stage="draft")
    assert (refused.status, walk.stage) == (422, "draft")
    assert why in refused.text
    assert theirs.form("/together/put").submit().status == 200
    assert walk.stage == "consent"
    # Only what is written together is put.
    assert walk["marieke"].post(PUT, stage="consent").status == 422
    assert walk.stage == "consent"


def test_a_text_that_is_not_whole_is_put_by_nobody_and_says_what_it_lacks(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    for name in walk.visits:
        refused = walk[name].post(PUT, stage="draft")
        assert refused.status == 422
        assert "Schrijf eerst een tekst" in refused.text
    assert walk.stage == "draft"


@LANGUAGES
def test_whoever_passes_is_heard_earns_nothing_and_is_asked_no_more(world: World, language: str) -> None:
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    fatima.post("language", language=language)
    write(walk, "marieke")
    page = fatima.get(STEP)
    sound(page, language)
    assert {"nl": "niets toe te voegen", "en": "nothing to add"}[language] in page.text
    passed = page.form("/together/pass").submit()
    sound(passed, language)
    assert not passed.has_form("/together/pass")
    assert fatima.get("home").soup.select_one(".next") is None
    assert not passed.soup.select("ul.moments li.yes")
    # Still free to write, as long as it is open.
    assert passed.has_form("/idea")
    assert walk.move().response.headers["Location"].endswith("?done=moved")
    assert walk.stage == "respond"
    # Gone with the stage: the next one asks anew.
    assert fatima.get(STEP).has_form("/together/pass")
    assert walk.rows("SELECT count(*) FROM pass")[0][0] == 0


def test_passing_is_for_whoever_takes_part_where_all_write_or_respond(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    for stage in ("draft", "consent"):
        walk.to(stage)
        assert not walk["fatima"].get(STEP).has_form("/together/pass")
        assert walk["fatima"].post(PASS, stage=stage).status == 422
    assert not walk.wout.get(STEP).has_form("/together/pass")
    assert walk.wout.post(PASS, stage="consent").status == 403
    assert walk["fatima"].post(PASS, stage="ideas").status == 422


@pytest.mark.parametrize("stage", ["dots", "consent"])
def test_no_press_shortens_a_decision(world: World, stage: str) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef", "siobhan").to(stage)
    for index, name in enumerate(("fatima", "marieke", "youssef")):
        for confirmed in ({}, {"confirmed": "1"}):
            assert walk.move(**confirmed).status == 422, (stage, index)
        walk.do_the_task(name, index, stage)
    # A quorum was heard, and one is still waited for.
    page = walk.move(confirmed="1")
    assert (page.status, walk.stage) == (422, stage)
    assert "zet op afwezig wie er niet is" in page.text
    assert walk.wout.get(CONFIRM).status == 303
    walk.do_the_task("siobhan", 3, stage)
    assert walk.move().status == 303
    assert walk.stage != stage


def test_closing_a_step_is_not_taken_back(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("closed")
    assert not walk.wout.get(STEP).has_form("/back")
    for stage in ("closed", "consent"):
        assert walk.wout.post(BACK, stage=stage).status == 422
    assert walk.stage == "closed"


def test_who_sits_together_is_settled_once_however_often_it_was_taken_back(world: World) -> None:
    walk = Walk(world, *SIX).to("respond")
    walk.all_heard()
    for _ in range(2):
        assert walk.move().status == 303
        assert len(walk.ids("group")) == 3
        assert walk.wout.get(STEP).form("/back").submit().status == 200
    assert walk.move().status == 303
    walk.to("dots")


def test_while_something_is_lacking_the_page_says_what_and_asks_nobody_to_put_it_to_all(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    walk["fatima"].act("take_pen")
    walk["fatima"].act("propose", {"text": "ze vragen zelf verder", "ideas": str(walk.ids()[0]), "version": "0"})
    walk["fatima"].act("hand_on_pen")
    page = walk["marieke"].get(STEP)
    assert "Voordat je dit kunt voorleggen" in page.text
    assert "Klaar om voor te leggen?" not in page.text
    assert not page.has_form("/together/put")
