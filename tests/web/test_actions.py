"""Step 5 by its pages: what each stage offers, shows and hides; and what a page costs."""

import re
from itertools import pairwise

import pytest

from lti_tool.domain.mechanisms import contributions
from lti_tool.steps.actions import Actions
from tests.actors import Page, World
from tests.web.circle import fill
from tests.web.walk import Visit, meet, visit
from tests.web.ways.actions import action, cards, items, stand

STEP = "step/actions"
STAGES = [stage.name for stage in Actions.stages] + ["closed"]
EVERY = ("log", "reply", "say", "end", "late")
LIGHT = 60_000  # bytes over the wire


class Table:
    """Fatima and Marieke at their browsers, each with an action, and Wout who facilitates from outside."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.begin("fatima", "marieke")
        with world.tool.session() as session:
            first = stand(fill(session, 0, "ideas"))
            for who in (0, 1):
                action(first, who)
        self.visits = {name: visit(world, name, "actions") for name in ("fatima", "marieke", "wout")}

    def __getitem__(self, name: str) -> Visit:
        return self.visits[name]

    def to(self, stage: str, then: str = "") -> "Table":
        """On to a stage by everybody doing what is asked; then: the ones who also do what that stage asks."""
        with self.world.tool.session() as session:
            c = fill(session, 0, "ideas").on("actions").to(stage)
            for who in then:
                c.do_the_task(int(who), stage)
        return self

    def over(self) -> None:
        """The announced day and its extension are over."""
        with self.world.tool.session() as session:
            fill(session, 0, "ideas").on("actions").date_over()

    def page(self, name: str = "fatima", query: str = "") -> Page:
        page = self[name].get(STEP + query)
        assert page.status == 200
        return page

    def act(self, name: str, action: str, data: object = None, **fields: str) -> Page:
        page = self[name].post(f"{STEP}/{action}", data, **fields)
        assert page.status == 303, (action, page.status, page.text[:600])
        return page

    def ids(self, kind: str) -> list[int]:
        with self.world.tool.session() as session:
            return [item.id for item in items(fill(session, 0, "ideas").on("actions"), kind)]

    def actions(self) -> list[int]:
        with self.world.tool.session() as session:
            return [card.item.id for card in cards(fill(session, 0, "ideas").on("actions"))]

    def tell(self, name: str, done: str, **fields: str) -> None:
        said = {"about": str(self.actions()[0]), "course": "keep", "lens": "pupils", "no_names": "yes", **fields}
        self.act(name, "log", done=done, **said)


@pytest.fixture
def table(world: World) -> Table:
    return Table(world)


def test_each_stage_offers_what_can_be_done_in_it_and_nothing_else(table: Table) -> None:
    offered = {
        "try": {"log"},
        "check": {"log", "reply", "say"},
        "close": {"log", "reply", "end"},
        "closed": set(),
    }
    for stage, forms in offered.items():
        table.to(stage)
        page = table.page()
        assert {form for form in EVERY if page.has_form(f"/actions/{form}")} == forms, stage
        outside = table.page("wout")
        assert not any(outside.has_form(f"/actions/{form}") for form in EVERY), stage
        assert outside.has_form("/advance") == (stage != "closed")


def test_the_one_form_of_a_round_comes_first(table: Table) -> None:
    for stage in STAGES[:-1]:
        table.to(stage)
        [answer] = table.page().soup.select("main form.answer")
        # No card and no other form stands before it.
        assert not answer.find_previous("form", action=re.compile("/step/actions/")), stage
        assert not answer.find_previous(class_="card"), stage


def test_in_a_minute_an_experience_is_saved_with_three_touches_beyond_typing(table: Table) -> None:
    page = table.page()
    assert "Ook ‘het lukte niet’ helpt ons verder." in page.text
    form = page.form("/log")
    # The action is chosen already, and what it is about: a choice, a tick and the button remain.
    refused = form.submit(done="de kring gedaan")
    assert refused.status == 422
    assert "Kies: houden, bijstellen of stoppen." in refused.text
    assert "de kring gedaan" in refused.html
    still = refused.form("/log").submit(course="adjust")
    assert "Kijk nog eens: staat er geen naam" in still.text
    saved = still.form("/log").submit(no_names="yes")
    assert saved.status == 200
    assert "Je ervaring is toegevoegd." in saved.text
    assert "de kring gedaan" in saved.soup.select_one("article.idea").get_text()  # type: ignore[union-attr]
    assert "Nog geen ervaringen. Ook" not in saved.text


def test_why_it_did_not_work_is_enough(table: Table) -> None:
    saved = table.page().form("/log").submit(because="de bel ging", course="stop", no_names="yes")
    assert "Het lukte niet, omdat: de bel ging" in saved.text
    assert "✓ zelf iets ingebracht" in saved.text


def test_one_s_own_is_changed_and_taken_back_and_a_colleague_s_is_answered(table: Table) -> None:
    table.tell("fatima", "de kring gedaan")
    theirs = table.page("marieke")
    assert not theirs.has_form("/withdraw")
    answered = theirs.form("/reply").submit(text="bij mij ook")
    assert answered.status == 200
    assert "bij mij ook" in table.page().text
    assert not table.page().has_form("/reply")
    changed = table.page().form("/log", "de kring gedaan").submit(done="de kring geprobeerd", no_names="yes")
    assert changed.status == 200
    assert "de kring geprobeerd" in table.page("marieke").text
    taken = table.page().form("/withdraw").submit()
    assert table.ids("log") == []
    assert "Je hebt het teruggenomen." in taken.text


def test_experiences_and_results_can_be_read_by_what_they_are_about(table: Table) -> None:
    table.tell("fatima", "kring in de klas", lens="culture")
    table.tell("fatima", "de les samen voorbereid", lens="collaboration")
    for query, there in (("", {0, 1}), ("?lens=culture", {0}), ("?lens=collaboration", {1}), ("?lens=x'><b", {0, 1})):
        text = table.page("marieke", query).soup.find(id="experiences").get_text()  # type: ignore[union-attr]
        assert {n for n, said in enumerate(("kring in de klas", "de les samen voorbereid")) if said in text} == there
    table.to("closed")
    learned = table.page("marieke", "?lens=teachers").soup.select(".next article")
    assert len(learned) == 2
    assert not table.page("marieke", "?lens=pupils").soup.select(".next article")


def test_what_each_says_shows_to_nobody_before_the_round_has_closed(table: Table) -> None:
    table.to("check")
    one = table.actions()[0]
    table.act("fatima", "say", {f"say-{one}": "stop"})
    before = table.page("marieke").html
    table.act("fatima", "say", {f"say-{one}": "adjust"})
    assert table.page("marieke").html == before
    assert "De groep kiest" not in before
    table.to("close")
    assert "De groep kiest: houden, bijstellen." in table.page("marieke").text


def test_an_action_is_ended_by_whoever_took_it_on_and_says_what_is_left(table: Table) -> None:
    table.to("close")
    refused = table["wout"].post(f"{STEP}/facilitate/advance", stage="close")
    assert refused.status == 422
    assert "2 acties zijn nog niet afgerond." in refused.text
    page = table.page()
    shown = page.form("/end").submit(ended="changed", learned="kort werkt beter", took="3")
    assert shown.status == 200
    assert "bijgesteld: kort werkt beter" in shown.text
    assert "gepland 4 uur, het werd 3 uur" in shown.text
    other = str(table.actions()[1])
    said = {"about": other, "ended": "done", "learned": "x", "lens": "pupils", "version": "0"}
    assert table["fatima"].post(f"{STEP}/end", said).status == 422


def test_closed_it_says_what_was_learned_also_at_home_and_in_english(table: Table) -> None:
    table.to("closed")
    page = table.page()
    assert "Dit leerden we" in page.text
    assert page.text.count("gedaan: geleerd") == 2
    assert table["fatima"].get("home").text.count("✓ actie") == 2
    table["fatima"].post("language", language="en")
    assert "This is what we learned" in table.page().text
    assert "done: geleerd" in table.page().text


def test_who_missed_the_round_is_asked_afterwards(table: Table) -> None:
    table.visits["youssef"] = visit(table.world, "youssef", "actions")
    table.to("check", then="01")
    table.over()
    assert table["wout"].post(f"{STEP}/facilitate/advance", stage="check").status == 303
    asked = {name: table.page(name).has_form("/late") for name in ("fatima", "marieke", "youssef")}
    assert sorted(asked.values()) == [False, False, True]
    late = next(name for name, missed in asked.items() if missed)
    done = table.page(late).form("/late").submit(answer="agree")
    assert done.status == 200
    assert not done.has_form("/late")


def test_a_meeting_shows_what_was_told_and_takes_down_what_somebody_says(table: Table) -> None:
    table.tell("fatima", "de kring gedaan")
    meet(table["wout"])
    assert "de kring gedaan" in table["wout"].get("together/beamer").text
    page = table["wout"].get(f"{STEP}/note")
    form = page.form("/note", "Bij welke actie?")
    # Nobody is chosen beforehand: what one said must not stand under another's name.
    assert form.submit(done="het bord gebruikt").status == 422
    noted = form.submit(done="het bord gebruikt", member=form.option("member", "Fatima"))
    assert noted.status == 200, noted.text[:500]
    said = [name for name in ("fatima", "marieke") if "het bord gebruikt" in table.page(name).text]
    settled = table.page(said[0]).form("/settle").submit(answer="yes")
    assert settled.status == 200
    assert len(table.ids("log")) == 2


def test_without_actions_the_page_says_where_they_come_from(table: Table) -> None:
    with table.world.tool.session() as session:
        c = fill(session, 0, "ideas").on("actions")
        for card in cards(c):
            contributions.withdraw(c.turn(0), card.item)
    page = table.page()
    assert "Er zijn geen acties" in page.text
    assert not any(page.has_form(f"/actions/{form}") for form in EVERY)


def test_no_id_stands_twice_and_headings_follow_each_other(table: Table) -> None:
    for stage in STAGES:
        table.to(stage, then="0")
        for name in ("fatima", "marieke", "wout"):
            soup = table.page(name).soup
            ids = [str(each["id"]) for each in soup.find_all(id=True)]
            assert len(ids) == len(set(ids)), (stage, name, sorted(i for i in ids if ids.count(i) > 1))
            levels = [int(each.name[1]) for each in soup.find_all(["h1", "h2", "h3", "h4"])]
            assert levels[0] == 1
            assert all(after <= before + 1 for before, after in pairwise(levels)), (stage, levels)
            for described in soup.find_all(attrs={"aria-describedby": True}):
                assert set(str(described["aria-describedby"]).split()) <= set(ids), (stage, described)
            for label in soup.find_all("label", attrs={"for": True}):
                assert label["for"] in ids
            assert not soup.find_all(style=True)
            assert not soup.select("form form")
