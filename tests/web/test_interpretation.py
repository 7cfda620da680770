"""Step 3 by its pages: what each stage offers, shows and hides; and what a page costs."""

import re
from itertools import pairwise

import pytest

from lti_tool.models.voices import Contribution
from lti_tool.steps.interpretation import Interpretation
from tests.actors import Page, World
from tests.web.circle import fill
from tests.web.walk import Visit, meet, visit
from tests.web.ways.interpretation import STAGES, evidence, items, prepare

STEP = "step/interpretation"
EVERY = (
    "observe", "react", "explain", "point", "mend", "fine", "dots", "consent", "resolve", "minority", "late",
    "withdraw",
)  # fmt: skip


def at_the_step(world: World, people: int) -> None:
    """Fatima, Marieke and some from nowhere, all before this step done."""
    world.begin("fatima", "marieke")
    with world.tool.session() as session:
        prepare(fill(session, people, "closed"))


class Table:
    """Fatima and Marieke at their browsers, Wout who facilitates from outside, and two from nowhere."""

    def __init__(self, world: World, people: int = 2) -> None:
        self.world, self.people = world, people
        world.once(at_the_step, people)
        self.visits = {name: visit(world, name) for name in ("fatima", "marieke", "wout")}

    def __getitem__(self, name: str) -> Visit:
        return self.visits[name]

    def to(self, stage: str, then: str = "") -> "Table":
        """On to a stage by everybody doing what is asked; then: the ones who also do what that stage asks."""
        with self.world.tool.session() as session:
            c = prepare(fill(session, self.people, "closed")).to(stage)
            for who in then:
                c.do_the_task(int(who), stage)
        return self

    def page(self, name: str = "fatima") -> Page:
        page = self[name].get(STEP)
        assert page.status == 200
        return page

    def act(self, name: str, action: str, data: object = None, **fields: str) -> Page:
        page = self[name].post(f"{STEP}/{action}", data, **fields)
        assert page.status == 303, (action, page.status, page.text[:600])
        return page

    def over(self) -> None:
        """The announced day and its extension are over."""
        with self.world.tool.session() as session:
            prepare(fill(session, self.people, "closed")).date_over()

    def all_heard(self) -> None:
        """Whoever was not heard passes."""
        with self.world.tool.session() as session:
            prepare(fill(session, self.people, "closed")).all_heard()

    def ids(self, kind: str) -> list[int]:
        with self.world.tool.session() as session:
            return [item.id for item in items(prepare(fill(session, self.people, "closed")), kind)]

    def evidence(self) -> list[int]:
        with self.world.tool.session() as session:
            return evidence(prepare(fill(session, self.people, "closed")))


@pytest.fixture
def table(world: World) -> Table:
    return Table(world)


def test_each_stage_offers_what_can_be_done_in_it_and_nothing_else(table: Table) -> None:
    offered = {
        "see": {"observe"},
        "reflect": {"react"},
        "think": {"explain", "react"},
        "need": {"point", "minority", "react"},
        "dots": {"dots", "minority", "react"},
        "consent": {"consent", "minority", "react"},
        "closed": {"minority"},
    }
    for stage, forms in offered.items():
        table.to(stage)
        page = table.page()
        # What somebody has done before can be taken back where its round still lasts.
        assert {form for form in EVERY if page.has_form(f"/interpretation/{form}")} - {"withdraw"} == forms, stage
        outside = table.page("wout")
        assert not any(outside.has_form(f"/interpretation/{form}") for form in EVERY), stage
        assert outside.has_form("/advance") == (stage != "closed")


def test_whoever_looks_sees_the_question_and_one_answer_to_it(table: Table) -> None:
    for stage in Interpretation.stages:
        if stage.seldom:
            continue
        table.to(stage.name)
        soup = table.page().soup
        heading = soup.find("h1")
        assert heading is not None
        assert heading.get_text() == stage.asks.nl, stage.name
        # Reading what colleagues saw has an answer at each of them.
        assert len(soup.select("form[data-answer]")) == (stage.name != "reflect"), stage.name
        assert "Nu voor jou" not in soup.get_text()


def test_what_was_sent_stands_first_and_another_is_folded(table: Table) -> None:
    table.to("see", then="0123")
    soup = table.page().soup
    assert soup.select("form[data-answer]") == []
    first = soup.select_one(".card")
    assert first is not None
    assert "Jouw waarnemingen" in first.get_text()
    assert "Aanpassen of terugnemen" in first.get_text()
    assert next(each.get_text() for each in soup.select("details.card:not([open]) > summary")) == "Zie je nog meer?"


def test_in_three_minutes_a_fact_is_saved_and_a_judgement_in_it_is_only_nudged(table: Table) -> None:
    form = table.page().form("/observe")
    refused = form.submit(text="Vier lezen thuis, want dat moet.")
    assert refused.status == 422
    assert "Vier lezen thuis, want dat moet." in refused.soup.find("textarea").get_text()  # type: ignore[union-attr]
    assert "Zonder gegeven" in refused.text
    saved = refused.form("/observe").submit(evidence=[str(table.evidence()[1])])
    assert saved.status == 200
    mine = saved.soup.select_one(".idea")
    assert mine is not None
    assert "Vier lezen thuis" in mine.get_text()
    assert re.search(r"#\d\d", mine.get_text())
    assert "judgement or an explanation" in mine.get_text() or "oordeel of verklaring" in mine.get_text()
    changed = saved.form("/observe", "Vier lezen thuis").submit(text="Vier van de tien lezen thuis")
    assert "judgement or an explanation" not in changed.text
    assert "oordeel of verklaring" not in changed.text


def test_before_the_reveal_no_word_of_another_is_on_any_page(table: Table) -> None:
    table.act("fatima", "observe", text="zwaluwstaart in onze lessen", evidence=str(table.evidence()[0]))
    meet(table["wout"])
    for name in ("marieke", "wout"):
        for path in ("", "home", STEP, f"{STEP}/note", "together/beamer", "community"):
            page = table[name].get(path)
            assert "zwaluwstaart in onze lessen" not in page.html, (name, path)
    assert "zwaluwstaart in onze lessen" in table.page().html
    # How many facts somebody wrote shows to nobody: it is counted who has written.
    before = table.page("marieke").html
    table.act("fatima", "observe", text="nog een in onze lessen", evidence=str(table.evidence()[0]))
    assert table.page("marieke").html == before


def test_facts_are_revealed_without_a_name_also_where_names_were_chosen(table: Table) -> None:
    assert table["wout"].post(f"{STEP}/facilitate/authors", authors="named").status == 303
    table.act("fatima", "observe", text="zwaluwstaart in onze lessen", evidence=str(table.evidence()[0]))
    with table.world.tool.session() as session:
        prepare(fill(session, 2, "closed")).move()
    names = [table.world.person(name).given for name in ("fatima", "marieke")]
    page = table.page("marieke")
    assert "zwaluwstaart in onze lessen" in page.html
    assert not [name for name in names if name in str(page.soup.find("main"))]
    fact = str(table.ids("observation")[0])
    table.act("marieke", "react", observation=fact, choice="question", text="in welke klas?")
    shown = table.page().soup.find("main")
    assert names[1] in str(shown)
    assert names[0] not in str(shown)


def test_seen_too_is_one_press_and_can_be_taken_back(table: Table) -> None:
    table.to("reflect")
    page = table.page().form("/react", "seen_too").submit()
    assert page.status == 200
    assert table.ids("reaction")
    assert "Jij zag dit ook." in page.text
    page.form("/withdraw").submit()
    assert table.ids("reaction") == []


def test_one_s_own_fact_has_no_form_to_react_to_it(table: Table) -> None:
    table.to("reflect")
    offered = {str(each["value"]) for each in table.page().soup.find_all("input", attrs={"name": "observation"})}
    with table.world.tool.session() as session:
        c = prepare(fill(session, 2, "closed"))
        fatima = next(m.id for m in c.members if m.number == 1 or m.number < 1000)
        others = {str(item.id) for item in items(c, "observation") if item.member_id != fatima}
    assert offered == others


def test_another_explanation_stands_beside_the_first_and_asks_which_other_is_possible(table: Table) -> None:
    table.to("think")
    fact = table.ids("observation")[0]
    table.act("fatima", "explain", observations=str(fact), text="door de zomer")
    page = table.page("marieke")
    assert "Welke andere verklaring is ook mogelijk?" in page.text
    done = page.form("/explain", "Welke andere verklaring is ook mogelijk?").submit(text="door de winter")
    assert done.status == 200
    first, second = table.ids("explanation")
    with table.world.tool.session() as session:
        rows = prepare(fill(session, 2, "closed")).session.query(Contribution).filter_by(id=second).one()
        assert rows.body == {"text": "door de winter"}
    assert "beside: door de zomer" in done.text or "naast: door de zomer" in done.text
    assert first != second


def test_the_facilitator_reads_how_many_still_have_one_explanation(table: Table) -> None:
    table.to("think")
    table.act("fatima", "explain", observations=str(table.ids("observation")[0]), text="door de zomer")
    table.all_heard()
    page = table["wout"].post(f"{STEP}/facilitate/advance", stage="think")
    assert page.status == 422
    assert "Eén waarneming heeft alleen nog verklaringen van één collega" in page.text


def test_a_point_of_two_explanations_takes_three_touches_beyond_typing(world: World) -> None:
    table = Table(world, 0).to("need")
    form = table.page().form("/point")
    # Of two explanations, choosing the likely one makes the other the one considered.
    choices = [str(each["value"]) for each in form.tag.find_all("input", attrs={"name": "explanation"})]
    refused = form.submit(text="dit vraagt aandacht", why="daarom")
    assert refused.status == 422
    assert "Kies welke verklaring" in refused.text
    assert refused.form("/point", "dit vraagt aandacht").submit(explanation=choices[0]).status == 200
    card = next(each for each in table.page().soup.select(".idea") if "dit vraagt aandacht" in each.get_text())
    assert card.select_one("dl") is not None
    assert re.search(r"#\d\d", card.get_text())


def test_who_finds_it_covered_presses_one_button(table: Table) -> None:
    table.to("need", then="0")
    with table.world.tool.session() as session:
        writer = items(prepare(fill(session, 2, "closed")), "point")[0].member_id
        c = prepare(fill(session, 2, "closed"))
        first = c.members[0].id
    assert writer == first
    page = table.page("marieke").form("/fine").submit()
    assert page.status == 200
    assert not page.has_form("/fine")


def test_where_dots_lie_shows_to_nobody_before_the_round_has_closed(table: Table) -> None:
    table.to("dots")
    first, second = table.ids("point")[:2]
    table.act("fatima", "dots", {f"dots-{first}": "3"})
    before = table.page("marieke").html
    table.act("fatima", "dots", {f"dots-{second}": "2"})
    assert table.page("marieke").html == before
    table.to("closed")
    assert table.page("marieke").soup.select("progress.tally")


def test_the_closed_page_shows_what_was_chosen_and_where_it_comes_from_on_each_database(any_world: World) -> None:
    table = Table(any_world).to("dots")
    table.act("fatima", "minority", text="vergeet de stille leerlingen niet")
    table.to("closed")
    page = table.page()
    first = page.soup.select_one(".card.next")
    assert first is not None
    # What ties twice is kept together, at most twice as many as there are to choose.
    assert 1 <= len(first.select("article")) <= 6
    for article in first.select("article"):
        thread = article.find("dl")
        assert thread is not None
        assert "wat weten we van" in thread.get_text(), "the question of step 2"
        assert "samen" in thread.get_text(), "the ambition"
        assert "gegeven" in thread.get_text()
    assert "vergeet de stille leerlingen niet" in page.text
    names = [part for person in table.world.lms.school.people.values() for part in (person.given, person.family)]
    assert not [name for name in names if name in str(page.soup.find("main"))]
    assert table["fatima"].get("home").text.count("aandacht") >= 1


def test_the_points_are_put_to_all_and_an_objection_leads_back_to_where_they_are_mended(table: Table) -> None:
    table.to("consent", then="123")
    page = table.page()
    assert "Zijn dit de punten waar we mee verdergaan?" in page.text
    assert page.soup.select("progress.tally")
    said = {"answer": "objection", "harm": "niet in onze hand", "proposal": "zeg het kleiner"}
    assert page.form("/consent").submit(**said).status == 200
    assert "niet in onze hand" not in table.page("marieke").text, "before the round has closed"
    assert table["wout"].post(f"{STEP}/facilitate/advance", stage="consent").status == 303
    page = table.page("marieke")
    assert "niet in onze hand" in page.text
    assert "Voordat we opnieuw kunnen kiezen" in page.text
    assert not table.page("wout").has_form("/resolve")
    page = page.form("/resolve").submit(text="kleiner gezegd in onze lessen")
    chosen = next(
        each for each in page.soup.select(".idea") if "gekozen" in [tag.get_text() for tag in each.select(".tag")]
    )
    words = chosen.select_one("textarea")
    assert words is not None
    page = page.form("/mend", words.get_text().strip()).submit(text="veel kleiner gezegd")
    assert page.status == 200
    assert "veel kleiner gezegd" in page.text
    assert "Voordat we opnieuw kunnen kiezen" not in page.text
    table.all_heard()
    assert table["wout"].post(f"{STEP}/facilitate/advance", stage="need").status == 303
    assert table.page().has_form("/dots")


def test_who_missed_the_decision_is_asked_afterwards(table: Table) -> None:
    for stage in ("dots", "consent"):
        table.to(stage, then="023")
        table.over()
        assert table["wout"].post(f"{STEP}/facilitate/advance", stage=stage).status == 303
    by_name = {name: table.page(name).has_form("/late") for name in ("fatima", "marieke")}
    assert sorted(by_name.values()) == [False, True]
    late = next(name for name, asked in by_name.items() if asked)
    refused = table.page(late).form("/late").submit(answer="concern")
    assert refused.status == 422
    done = refused.form("/late").submit(answer="concern", concern="let op de tijd")
    assert done.status == 200
    assert not done.has_form("/late")
    assert "let op de tijd" in done.text


def test_a_note_taker_sees_nothing_hidden_and_takes_down_what_somebody_says(table: Table) -> None:
    table.act("fatima", "observe", text="zwaluwstaart in onze lessen", evidence=str(table.evidence()[0]))
    page = table["wout"].get(f"{STEP}/note")
    assert "zwaluwstaart in onze lessen" not in page.html
    form = page.form("/note")
    said = {"text": "de klas was stil", "evidence": str(table.evidence()[2])}
    noted = form.submit(**said, member=form.option("member", "Marieke"))
    assert noted.status == 200
    waiting = [name for name in ("fatima", "marieke") if "de klas was stil" in table.page(name).text]
    if waiting:
        settled = table.page(waiting[0]).form("/settle").submit(answer="yes")
        assert settled.status == 200
        assert "de klas was stil" in settled.text
        assert len(table.ids("observation")) == 2


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
