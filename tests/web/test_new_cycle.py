"""Into the second cycle by the pages: the button, the old cycle that changes no more, what the new one shows of it."""

import dataclasses
import datetime as dt
import re
from typing import Any

import pytest
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.thread.inquiry import QUESTION
from lti_tool.steps import load
from lti_tool.steps.agreements import Agreements
from tests.actors import COURSE, Page, World
from tests.conftest import ALL
from tests.web.circle import fill
from tests.web.ended import Ended
from tests.web.test_at_once import at_once, tabs
from tests.web.walk import STEP, Visit, base_of, paths, visit

STEPS = load()
# Whatever somebody might send; every field of every form of the steps that were done.
FIELDS = {
    "text": "nog een ding", "why": "zo", "answer": "agree", "idea": "1", "id": "1", "version": "1", "stage": "closed",
    "reason": "te groot", "date": "2031-01-01", "authors": "named", "deed": "idea", "note": "1", "dots-1": "3",
    "draft": "1:late", "concern": "zorg", "point": "1", "observation": "1", "question": "1", "choice": "question",
}  # fmt: skip
# Addresses that belong to the community, or to a person, and not to a cycle.
OF_NO_CYCLE = {"language", "journal", "journal/remove", "community/ask-me", "community/name", "community/ask-again",
               "community/roster", "community/column", "community/twins", "welcome", "role", "role/stop",
               "take-over", "resume", "leave",
               "place", "sessions/end", "hours", "hours/send", "hours/withdraw", "hours/answer", "hours/dispute",
               "hours/approve", "hours/return", "hours/query", "hours/uphold", "hours/correct", "hours/pots",
               "hours/pots/stop", "hours/pots/approver"}  # fmt: skip
KEPT = ("cycle", "step_run", "contribution", "revision", "link", "round", "dot", "consent", "moment", "reopening",
        "draft", "note", "attachment")  # fmt: skip


def end(world: World, **how: Any) -> None:
    """Fatima and Marieke have done a cycle together, Wout facilitates, Mieke follows."""
    world.once(ended, *how.items())


def ended(world: World, *how: tuple[str, Any]) -> None:
    """The same, walked."""
    world.begin("fatima", "marieke")
    visit(world, "mieke").post("welcome", choice="follow")
    with world.tool.session() as session:
        fill(session, 3, "closed", "interpretation")
        over = Ended(session, **dict(how))
        over.action("vraagkaart op tafel")
        over.action("al gedaan", "done")
        over.result("ze vragen vaker", "wachten helpt")
        over.look_back(now().date() - dt.timedelta(days=1), "tien tellen wachten")


def begin_next(world: World) -> None:
    """Wout presses the button."""
    assert visit(world, "wout", "home").post("next-cycle").status == 303


def rows(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Everything of the cycles."""
    with world.tool.session() as session:
        return {name: sorted(map(tuple, session.execute(text(f"SELECT * FROM {name}"))), key=repr) for name in KEPT}


def forms(page: Page) -> set[str]:
    """The addresses that a page has forms for, but for the language and for signing out (sessions/end)."""
    return {str(form["action"]).rpartition("/")[2] for form in page.soup.find_all("form")} - {"language", "end"}


def test_the_facilitator_begins_the_next_cycle_and_nobody_else(world: World) -> None:
    end(world)
    fatima, mieke, wout = (visit(world, name, "home") for name in ("fatima", "mieke", "wout"))
    assert not fatima.first.has_form("/next-cycle")
    assert not mieke.first.has_form("/next-cycle")
    assert fatima.post("next-cycle").status == mieke.post("next-cycle").status == 403
    page = wout.first.form("/next-cycle").submit()
    assert page.status == 200
    assert "Cyclus 2" in page.text
    assert visit(world, "fatima", "home").first.soup.select_one(".next h2") is not None, "there is an idea to write"


def test_it_does_not_begin_before_every_step_is_done(world: World) -> None:
    world.begin("fatima")
    wout = visit(world, "wout", "home")
    assert not wout.first.has_form("/next-cycle")
    page = wout.post("next-cycle")
    assert page.status == 422
    assert page.soup.find(role="alert") is not None


def test_who_decided_to_stop_can_begin_again_after_all(world: World) -> None:
    end(world, decision="stop")
    wout = visit(world, "wout", "home")
    assert wout.post("next-cycle").status == 422
    form = wout.first.form("/next-cycle")
    assert form.tag.find_parent("details") is not None
    assert form.submit(after_all="yes").status == 200
    assert "Cyclus 2" in visit(world, "fatima", "home").first.text


def test_two_presses_at_once_make_one_cycle(any_world: World) -> None:
    end(any_world)
    wout = visit(any_world, "wout", "home")
    wout.base = base_of(wout.first.link("/step/ambition"))
    presses = [lambda at=at: at.post("next-cycle") for at in tabs(wout, 4)]
    answers = at_once(*presses)
    assert {page.status for page in answers} == {303}
    assert all(page.response.headers["Location"].endswith("~2/home") for page in answers)
    with any_world.tool.session() as session:
        assert session.execute(text("SELECT number, closed_at IS NULL FROM cycle ORDER BY number")).all() == [
            (1, False), (2, True),
        ]  # fmt: skip
        assert session.scalars(text("SELECT count(*) FROM step_run WHERE step = 'ambition'")).one() == 2


def test_what_is_sent_at_the_moment_of_closing_is_in_time_or_refused(any_world: World) -> None:
    end(any_world)
    wout = visit(any_world, "wout")
    reopen = {"reason": "er ontbreekt iets"}
    assert wout.post(f"{STEP}/together/reopen", reopen).status == 303
    fatima = visit(any_world, "fatima")
    reopened, begun = at_once(
        lambda: fatima.post(f"{STEP}/together/reopen/too").status,
        lambda: tabs(wout, 1)[0].post("next-cycle").status,
    )
    # Either it was opened again, and then the cycle was not complete; or the cycle was over.
    assert (reopened, begun) in ((303, 422), (422, 303))


def asked(world: World, one: int, of: int) -> list[str]:
    """What the one of so many posts to: the first to every address, the others to those of the steps in turn."""
    found = paths(world, "POST", *((one, of - 1, "") if one else ()))
    steps = [path for path in found if path.startswith("step/")] if one and not ALL else []
    left = steps[one - 1 :: of - 1]
    return [path for path in found if path not in steps or path in left]


@pytest.mark.parametrize("address", ["", "~1"])
def test_a_cycle_that_is_over_takes_nothing_from_anybody_at_any_address(world: World, address: str) -> None:
    end(world)
    begin_next(world)
    visits = [visit(world, name) for name in ("fatima", "marieke", "wout", "mieke")]
    before = rows(world)
    for number, at in enumerate(visits):
        old = Visit(at.browser, at.first, at.base.rstrip("/") + address + "/")
        # Which cycle it is hangs on the address, that it is over on the cycle: neither on who asks nor on the deed.
        for path in asked(world, number, len(visits)):
            if path in OF_NO_CYCLE:
                continue
            # An empty form says no more of one than of another.
            for fields in ({}, FIELDS) if ALL or (at is visits[0] and not address) else (FIELDS,):
                page = old.post(path, fields)
                assert page.status in (303, 403, 404, 422), (path, page.status)
                if page.status == 303:
                    assert path in ("next-cycle", "together/address") or path.endswith(("/begin", "/draft")), path
    assert rows(world) == before


def test_a_refusal_says_that_the_cycle_is_over_and_gives_the_words_back(world: World) -> None:
    end(world)
    fatima = visit(world, "fatima")
    begin_next(world)
    page = fatima.post(f"{STEP}/late", answer="concern", concern="mijn late zorg")
    assert page.status == 422
    assert "Deze cyclus is" in page.soup.find(role="alert").get_text()  # type: ignore[union-attr]
    assert "mijn late zorg" in page.html


def test_old_pages_are_read_only_and_kindly_say_where_to_go(world: World) -> None:
    end(world)
    begin_next(world)
    for name in ("fatima", "wout"):
        at = visit(world, name)
        for path in ("", "home", *(f"step/{step.name}" for step in STEPS.by_name.values())):
            page = at.get(path)
            assert page.status == 200
            assert forms(page) == set(), (name, path)
            assert "We zijn nu in cyclus 2" in page.text
            assert not page.soup.select(".next h2") or "Nu voor jou" not in page.text
        assert at.get(f"{STEP}/note").status == 200
        assert forms(at.get(f"{STEP}/note")) == set()
        assert at.get(f"{STEP}/invitations").status in (403, 404)
        there = at.get("").soup.select_one(".over a")
        assert there is not None
        page = at.browser.get(str(there["href"]))
        assert "Cyclus 2" in page.text
        assert "We zijn nu in cyclus 2" not in page.text


def test_a_leader_s_old_home_has_no_form_either(world: World) -> None:
    end(world)
    begin_next(world)
    mieke = visit(world, "mieke")
    assert forms(mieke.first) == set()
    assert "We zijn nu in cyclus 2" in mieke.first.text


def test_the_home_in_the_course_moves_along_and_the_old_cycle_can_be_read_from_it(world: World) -> None:
    end(world)
    before = visit(world, "fatima", "home")
    begin_next(world)
    after = visit(world, "fatima", "home").first
    assert "Cyclus 2" in after.text
    old = next(str(a["href"]) for a in after.soup.find_all("a") if str(a["href"]).endswith("~1/home"))
    assert "We zijn nu in cyclus 2" in before.browser.get(old).text


def test_a_form_opened_in_one_cycle_never_lands_in_another(world: World) -> None:
    """Every address on a page of the home names its cycle: what was opened before the end stays with it."""
    end(world)
    home = visit(world, "fatima", "home")
    begin_next(world)
    for page, number in ((home.first, 1), (visit(world, "fatima", "home").first, 2)):
        addresses = [str(tag[name]) for tag, name in (
            *((a, "href") for a in page.soup.find_all("a")), *((form, "action") for form in page.soup.find_all("form")),
        )]  # fmt: skip
        ours = [each for each in addresses if each.startswith("/l/") and not each.endswith("~1/home")]
        assert ours
        assert all(re.match(rf"/l/[\w-]+~{number}/", each) for each in ours), ours


@pytest.mark.parametrize("number", ["~3", "~0", "~", "~x", "~1~2", "~-1", "~٢", "~1e0", "~99999999999", "~1%00"])
def test_a_cycle_that_is_not_there_is_not_found(world: World, number: str) -> None:
    world.begin("fatima")
    at = visit(world, "fatima")
    place = at.base.rstrip("/")
    for path in ("", "home", STEP):
        page = at.browser.get(f"{place}{number}/{path}")
        assert page.status == 404
        assert page.html.count("Leergemeenschap") == 0
    assert at.browser.post(f"{place}{number}/{STEP}/idea", {"text": "x", "why": "y"}, follow=False).status == 404


def place(world: World) -> Page:
    """Wout places what the picker offers."""
    return world.place_cycle()


def activity(world: World, step: str, number: str) -> Any:
    """A placement of a step in a cycle."""
    found = [each for each in world.lms.school.activities.values() if each.custom.get("step") == step]
    return next(each for each in found if each.custom["cycle"] == number)


def test_the_new_cycle_s_activities_are_placed_with_columns_of_their_own(world: World) -> None:
    end(world)
    visit(world, "fatima", "home")
    begin_next(world)
    home = visit(world, "wout", "home").first
    assert "Zet cyclus 2 in de cursus" in home.text
    picked = world.as_("wout").select_content()
    assert "cyclus 2" in picked.text
    assert "staan deze al in de cursus" not in picked.text
    homes = sum("step" not in each.custom for each in world.lms.school.activities.values())
    place(world)
    new = [each for each in world.lms.school.activities.values() if each.custom.get("cycle") == "2"]
    assert [each.title for each in new][:2] == ["Cyclus 2 · 1 Ambitie", "Cyclus 2 · 2 Informatie"]
    assert len(new) == 6
    assert sum("step" not in each.custom for each in world.lms.school.activities.values()) == homes, "one home"
    ids = {column.resource_id for column in world.lms.school.columns.values()}
    assert {"leerkring-1-ambition", "leerkring-2-ambition"} <= ids

    world.as_("fatima").launch(activity(world, "ambition", "2"))
    assert "Zet cyclus 2 in de cursus" not in visit(world, "wout", "home").first.text
    assert "staan deze al in de cursus: Cyclus 2 · 1 Ambitie" in world.as_("wout").select_content().text
    old = world.as_("marieke").launch(activity(world, "ambition", "1"))
    assert "In de cursus open je nu ‘Cyclus 2 · 1 Ambitie’" in old.text


def test_what_is_done_in_the_new_cycle_goes_to_its_own_column_wherever_it_is_done(world: World) -> None:
    end(world)
    begin_next(world)
    place(world)
    world.as_("wout").launch(activity(world, "ambition", "2"))
    fatima = visit(world, "fatima", "home")
    page = fatima.first.link("~2/step/ambition")
    assert page.form("/idea").submit(text="nieuw idee in onze lessen", why="daarom").status == 200
    world.tool.deliver()
    school = world.lms.school
    grades = {
        (school.columns[grade.column_id].label, grade.score)
        for grade in school.grades.values()
        if grade.person_id == world.person("fatima").id
    }
    assert ("Cyclus 2 · 1 Ambitie", 33) in grades


def test_the_first_step_shows_what_was_left_and_the_second_lets_a_question_be_taken_over(world: World) -> None:
    end(world)
    begin_next(world)
    at = visit(world, "fatima", "home")
    first = at.get(STEP)
    folded = first.soup.find("summary", string=re.compile("Wat we meenemen uit cyclus 1"))
    assert folded is not None
    kept = folded.find_parent("details").get_text()  # type: ignore[union-attr]
    for words in ("ze vragen vaker", "wachten helpt", "vraagkaart op tafel"):
        assert words in kept
    assert "al gedaan" not in kept
    assert "Neem dit over" not in kept, "only to read"

    with world.tool.session() as session:
        community = Ended.community_of(session)
        cycle.open_step(session, community, cycle.opened(session, community, 2)[0], STEPS.by_name["information"], STEPS)
        question = session.scalars(
            text(f"SELECT body FROM contribution WHERE kind = '{QUESTION}' ORDER BY created_at")
        ).first()
    words = re.search(r'"text": "([^"]+)"', str(question))
    assert words
    page = at.get("step/information")
    offered = next(a for a in page.soup.find_all("a") if "take=" in str(a["href"]))
    before = rows(world)
    prefilled = at.browser.get(str(offered["href"]))
    assert rows(world) == before, "looking takes nothing over"
    form = prefilled.form("/question")
    assert dict(form.values())["text"] == words[1]
    assert form.submit().status == 200
    assert len(rows(world)["contribution"]) == len(before["contribution"]) + 1
    for wrong in ("0", "999999", "x", "1%00", "-1", ""):
        page = at.get(f"step/information?take={wrong}")
        assert dict(page.form("/question", "question-new").values())["text"] == ""


def test_agreements_hold_on_until_others_are_made(world: World) -> None:
    end(world)
    with world.tool.session() as session:
        there = fill(session, 3, "closed", "interpretation")
        run = cycle.open_step(session, there.community, there.cycle, Agreements(), STEPS)
        settled = dataclasses.replace(there, run=run, step=Agreements()).to("closed")
        said = str(settled.step.outcome(settled.turn(None))).splitlines()[0]
    begin_next(world)
    at = visit(world, "fatima", "home")
    page = at.get("step/agreements")
    assert said in page.text
    assert "uit cyclus 1" in page.text
    begun = page.form("/begin").submit()
    assert said in begun.text
    assert said in at.browser.get(at.base.rstrip("/") + "~1/step/agreements").text


def test_changing_the_language_stays_in_the_cycle_one_is_reading(world: World) -> None:
    end(world)
    begin_next(world)
    home = visit(world, "fatima", "home")
    old = home.browser.get(home.base.rstrip("/") + "~1/home")
    assert base_of(old).endswith("~1/")
    page = old.form("/language").submit(language="en")
    assert "We are now in cycle 2" in page.text


def test_the_picker_calls_what_it_places_as_its_column_will_be_called(world: World) -> None:
    end(world)
    begin_next(world)
    page = world.as_("wout").select_content(COURSE)
    offered = [label.get_text(" ", strip=True) for label in page.soup.select("label:has(input[name=item])")]
    assert offered[1].startswith("Cyclus 2 · 1 Ambitie")
    assert "Elke stap die je plaatst, krijgt één kolom: Cyclus 2 · 1 Ambitie, Cyclus 2 · 2 " in page.text
