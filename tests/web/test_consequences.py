"""Step 4 by its pages: what each stage offers and hides, what a leader outside gets, and what a page costs."""

from itertools import pairwise

import pytest

from lti_tool.steps.consequences import Consequences
from tests.actors import Page, World
from tests.web.circle import fill
from tests.web.walk import Visit, meet, visit
from tests.web.ways.consequences import items, soon

STEP = "step/consequences"
STAGES = [stage.name for stage in Consequences.stages] + ["closed"]
EVERY = [deed.name for deed in Consequences.deeds if deed.name != "withdraw"]


def at_the_step(world: World, people: int) -> None:
    """Fatima, Marieke and some from nowhere, all before this step done."""
    world.begin("fatima", "marieke")
    with world.tool.session() as session:
        fill(session, people, "propose", "consequences")


class Table:
    """Fatima and Marieke, Wout who facilitates from outside, Mieke who leads the school, and two from nowhere."""

    def __init__(self, world: World, people: int = 2) -> None:
        self.world, self.people = world, people
        world.once(at_the_step, people)
        self.visits = {name: visit(world, name) for name in ("fatima", "marieke", "wout", "mieke")}
        self["mieke"].post("welcome", choice="follow")

    def __getitem__(self, name: str) -> Visit:
        return self.visits[name]

    def to(self, stage: str, then: str = "") -> "Table":
        """On to a stage by everybody doing what is asked; then: the ones who also do what that stage asks."""
        with self.world.tool.session() as session:
            c = fill(session, self.people, stage, "consequences")
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

    def ids(self, kind: str) -> list[int]:
        with self.world.tool.session() as session:
            return [item.id for item in items(fill(session, self.people, "propose", "consequences"), kind)]


@pytest.fixture
def table(world: World) -> Table:
    return Table(world)


def test_each_stage_offers_what_can_be_done_in_it(table: Table) -> None:
    offered = {
        "propose": {"propose"},
        "advise": {"propose", "join", "advise"},
        "board": {"propose", "join", "advise", "action", "request", "pass", "own", "buddy", "take_off"},
        "consent": {"consent"},
        "closed": {"own", "buddy", "let_go", "request", "pulse"},
    }
    for stage, forms in offered.items():
        table.to(stage, then="3" if stage != "board" else "")
        if stage == "board":
            table.act(
                "marieke", "action", origin=str(table.ids("consequence")[0]), what="klein", sign="rust", date=soon()
            )
        page = table.page()
        assert {form for form in EVERY if page.has_form(f"/consequences/{form}")} == forms, stage
        outside = table.page("wout")
        assert not any(outside.has_form(f"/consequences/{form}") for form in EVERY), stage
        assert outside.has_form("/advance") == (stage != "closed")
        if stage == "board":
            table.act("marieke", "own", id=str(table.ids("action")[0]))


def test_before_the_reveal_no_word_of_another_is_on_any_page(table: Table) -> None:
    point = table.page().form("/propose").tag.find("input", attrs={"name": "source"})["value"]  # type: ignore[index]
    said = {"act": "zwaluwstaart in onze lessen", "effect": "zien", "notice": "merken", "source": str(point)}
    table.act("fatima", "propose", **said)
    meet(table["wout"])
    for name in ("marieke", "wout", "mieke"):
        for path in ("", "home", STEP, f"{STEP}/note", "together/beamer", "community"):
            assert "zwaluwstaart in onze lessen" not in table[name].get(path).html, (name, path)
    assert "zwaluwstaart in onze lessen" in table.page().html


def test_a_proposal_without_a_source_is_refused_beside_the_field_with_everything_typed(table: Table) -> None:
    refused = table.page().form("/propose").submit(act="elke dag lezen", effect="rust", notice="minder gepraat")
    assert refused.status == 422
    assert "Kies een aandachtspunt, of een nieuw idee." in refused.text
    assert "elke dag lezen" in str(refused.soup.find("textarea", attrs={"name": "act"}))
    saved = refused.form("/propose").submit(source=["new"])
    assert saved.status == 200
    assert "Een nieuw idee" in saved.soup.select_one(".idea").get_text()  # type: ignore[union-attr]


def test_one_presses_and_does_it_and_the_board_says_so_by_name(table: Table) -> None:
    table.to("board")
    page = table.page().form("/action").submit(what="samen lezen", sign="stilte", date=soon(), hours="3")
    assert page.status == 200
    assert "nog niemand" in page.text
    page = page.form("/own").submit()
    assert page.status == 200
    name = table.world.person("fatima").given
    assert name in table.page("marieke").soup.select_one("article.idea").get_text()  # type: ignore[union-attr]
    assert table.page("marieke").form("/buddy").submit().status == 200
    assert not table.page("wout").has_form("/buddy")


def test_a_request_goes_to_the_leader_first_and_comes_back_with_an_answer(table: Table) -> None:
    table.to("board", then="0")
    table.act(
        "marieke", "request", text="twee roosteruren in onze lessen", reply_by=soon(7), card=str(table.ids("action")[0])
    )
    home = table["mieke"].get("home")
    first = home.soup.select(".card")[0]
    assert "twee roosteruren in onze lessen" in first.get_text()
    assert "next" in first["class"]
    for name in ("marieke", "fatima"):
        assert table.world.person(name).given not in str(home.soup.find("main"))
    with table.world.tool.session() as session:
        c = fill(session, 2, "propose", "consequences")
        words = [item.body["what"] for item in items(c, "action")]
        words += [item.body["if"] for item in items(c, "consequence")]
    assert not [each for each in words if each in home.html]
    refused = home.form("/answer").submit(answer="no", text="")
    assert refused.status == 422
    assert "waarom niet" in refused.text
    home.form("/answer").submit(answer="partly", text="één uur, vanaf maart")
    assert "één uur, vanaf maart" in table.page().text
    assert "next" not in table["mieke"].get("home").soup.select(".card")[0]["class"]
    # An answer given on what somebody else of the leadership changed meanwhile overwrites nothing.
    assert home.form("/answer").submit(answer="yes").status == 422


def test_only_a_leader_outside_answers(table: Table) -> None:
    table.to("board", then="0")
    table.act("marieke", "request", text="twee roosteruren in onze lessen", reply_by=soon(7))
    fields = {"request": str(table.ids("request")[0]), "answer": "yes", "seen": "1", "version": "0"}
    for name in ("fatima", "wout"):
        assert table[name].post("lead/consequences/answer", fields).status == 403
    assert table.ids("answer") == []


def test_more_hours_than_the_ambition_may_cost_stands_as_a_warning_and_the_leader_sees_the_number(
    table: Table,
) -> None:
    table.to("board")
    form = table.page().form("/action")
    page = form.submit(what="alles anders", sign="overal", date=soon(), hours="32")
    assert "dat is 12 uur te veel" in page.text
    home = table["mieke"].get("home")
    assert "12 uur meer" in home.text
    assert "alles anders" not in home.html


def test_no_id_stands_twice_and_headings_follow_each_other(table: Table) -> None:
    for stage in STAGES:
        table.to(stage, then="0")
        if stage == "board":
            table.act(
                "marieke",
                "request",
                text="twee roosteruren in onze lessen",
                reply_by=soon(7),
                card=str(table.ids("action")[0]),
            )
            table.act("marieke", "go_on", id=str(table.ids("request")[0]), reason="het kan ook zo")
        pages = [table.page(name) for name in ("fatima", "marieke", "wout")] + [table["mieke"].get("home")]
        for page in pages:
            soup = page.soup
            ids = [str(each["id"]) for each in soup.find_all(id=True)]
            assert len(ids) == len(set(ids)), (stage, sorted(i for i in ids if ids.count(i) > 1))
            levels = [int(each.name[1]) for each in soup.find_all(["h1", "h2", "h3", "h4"])]
            assert levels[0] == 1
            assert all(after <= before + 1 for before, after in pairwise(levels)), (stage, levels)
            for described in soup.find_all(attrs={"aria-describedby": True}):
                assert set(str(described["aria-describedby"]).split()) <= set(ids), (stage, described)
            for label in soup.find_all("label", attrs={"for": True}):
                assert label["for"] in ids
            assert not soup.find_all(style=True)
