"""Home: one warm card first, the wheel and the same as a list, what the steps yielded, the days; and for a leader."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select

from lti_tool.circle.wheel import OUTER, RAISED, SIZE, TIP, segments
from lti_tool.db import now
from lti_tool.demo.lms import Lms
from lti_tool.domain import cycle
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn, reopening
from lti_tool.models import Member, Standing, StepRun
from lti_tool.models.voices import Contribution
from lti_tool.steps import load
from lti_tool.steps.base import Deed, ForLeader, Form, Registry, Step, TakeOver
from lti_tool.text import Text
from tests.actors import Page, Tool, World
from tests.web.circle import fill
from tests.web.ended import Ended
from tests.web.walk import Walk, visit

STEPS = [step.name for step in load()]


def community(world: World) -> None:
    """Fatima and Marieke take part, Wout facilitates, Mieke follows."""
    world.begin("fatima", "marieke")
    visit(world, "mieke").post("welcome", choice="follow")


def states(page: Page) -> list[str]:
    """done, here or ahead, of each segment of the wheel."""
    return [str(each["class"][0]) for each in page.soup.select("svg.wheel > a, svg.wheel > g")]


def at(world: World, step: str, stage: str) -> None:
    """On to a stage of a step."""
    with world.tool.session() as session:
        fill(session, 3, stage, step)


def test_the_wheel_and_the_list_tell_the_same_in_shape_and_words(world: World) -> None:
    community(world)
    at(world, "information", "gather")
    page = visit(world, "fatima", "home").first
    assert states(page) == ["done", "here", "ahead", "ahead", "ahead", "ahead"]
    listed = page.soup.select("ol.cycle > li")
    assert [str(each["class"][0]) for each in listed] == states(page)
    assert "afgerond" in listed[0].get_text()
    assert "nu:" in listed[1].get_text()
    assert "komt nog" in listed[2].get_text()
    assert [each.get("aria-current") for each in listed] == [None, "step", None, None, None, None]
    segment = page.soup.select("svg.wheel > a")
    assert segment[0].polyline is not None, "done has a tick"
    assert "nu" in segment[1].get_text().split(), "the open one says so"
    assert segment[2].polyline is None
    assert [each.find("text").get_text() for each in segment] == list("123456")  # type: ignore[union-attr]


def test_the_wheel_is_only_to_look_at_and_the_list_is_what_is_read_and_reached(world: World) -> None:
    community(world)
    page = visit(world, "fatima", "home").first
    wheel = page.soup.select_one("svg.wheel")
    assert wheel is not None
    assert wheel["aria-hidden"] == "true"
    assert {link["tabindex"] for link in wheel.find_all("a")} == {"-1"}
    there = [str(link["href"]) for link in wheel.find_all("a")]
    assert there == [str(link["href"]) for link in page.soup.select("ol.cycle a")]
    assert "style=" not in page.html, "the policy of the page takes no inline style"


@given(st.integers(min_value=2, max_value=12))
def test_segments_lie_in_the_picture_one_after_the_other(count: int) -> None:
    found = segments(count)
    assert len(found) == count
    middle = SIZE / 2
    for each in found:
        distance = ((each.x - middle) ** 2 + (each.y - middle) ** 2) ** 0.5
        assert distance < OUTER, "its number stands inside it"
    assert middle > OUTER + RAISED
    assert 360 / count > TIP
    assert len({each.path for each in found}) == len({each.raised for each in found}) == count


@pytest.mark.parametrize(
    ("who", "step", "stage", "warm"),
    [
        ("fatima", "ambition", "ideas", True),
        ("wout", "ambition", "ideas", True),
        ("fatima", "information", "gather", True),
        ("fatima", "interpretation", "closed", True),
    ],
)
def test_what_is_mine_to_do_comes_first_in_one_warm_card(
    world: World, who: str, step: str, stage: str, warm: bool
) -> None:
    community(world)
    if stage != "ideas":
        at(world, step, stage)
    page = visit(world, who, "home").first
    first = page.soup.select("section")[0]
    assert len(page.soup.select(".card.next")) == warm
    assert ("next" in first["class"]) == warm
    # Whoever facilitates and takes no part has the others to wait for.
    assert ("We wachten nog op" if who == "wout" else "Nu voor jou") in first.get_text()


def test_who_facilitates_is_told_when_everybody_has_been_heard(world: World) -> None:
    community(world)
    for name in ("fatima", "marieke"):
        [card] = visit(world, "wout", "home").first.soup.select(".card.next")
        assert "We wachten nog op" in card.get_text()
        visit(world, name).act("idea", text=f"idee van {name}", why="x")
    [card] = visit(world, "wout", "home").first.soup.select(".card.next")
    assert "Iedereen heeft meegedaan" in card.get_text()
    assert str(card.a["href"]).endswith("/step/ambition#facilitate")  # type: ignore[index]
    assert not visit(world, "fatima", "home").first.soup.select(".card.next")


def test_days_stand_together_and_an_action_says_whose_it_is(world: World) -> None:
    community(world)
    at(world, "interpretation", "closed")
    year = now().date().year + 1
    with world.tool.session() as session:
        over = Ended(session)
        over.action("kaart op tafel", day=dt.date(year, 2, 3))
        over.action("al gedaan", "done", day=dt.date(year, 2, 4))
        over.look_back(dt.date(year, 5, 6), "tien tellen wachten")
    said = visit(world, "fatima", "home").first.soup.select_one(".days")
    assert said is not None
    rows = [" ".join(each.get_text(" ").split()) for each in said.select("div")]
    # The weekday before it, in short: "wo 3 februari 2027".
    assert f"3 februari {year} Actie klaar: kaart op tafel van jou" in [row.partition(" ")[2] for row in rows]
    assert f"6 mei {year} Doen we dit nog? tien tellen wachten" in [row.partition(" ")[2] for row in rows]
    assert any("ambitie" in row for row in rows)
    assert not any("al gedaan" in row for row in rows)
    others = visit(world, "marieke", "home").first.soup.select_one(".days")
    assert others is not None
    assert "van jou" not in others.get_text()


@pytest.mark.parametrize(("days", "asked"), [(-1, False), (0, True), (55, True), (56, False)])
def test_do_we_still_do_this_is_asked_when_its_day_has_come(world: World, days: int, asked: bool) -> None:
    community(world)
    at(world, "ambition", "closed")
    with world.tool.session() as session:
        Ended(session).look_back(now().date() - dt.timedelta(days=days), "tien tellen wachten")
    for cycles in (1, 2):
        if cycles == 2:
            assert visit(world, "wout", "home").post("next-cycle").status == 303
        page = visit(world, "fatima", "home").first
        assert f"Cyclus {cycles}" in page.text
        assert (page.soup.find(id="look-back") is not None) == asked
        assert not visit(world, "mieke", "home").first.soup.find(id="look-back")


class AskForm(Form):
    """Nothing to fill in."""


class Asking(Step):
    """A step whose leader is asked for something."""

    name = "asking"
    position = 8
    title = Text("Vragen", "Asking")
    question = Text("Wat vragen we?", "What do we ask?")
    purpose = Text("Vragen.", "Ask.")
    asks = (Text("Vraag.", "Ask."),)
    stages = (Stage("open", Phase.RESPOND, StageKind.OPEN, Text("open", "open"), Text("Klaar", "Done")),)
    leader_deeds = (Deed("yes", AskForm, frozenset({"open", "closed"}), lambda turn, data: None, Text("Ja.", "Yes.")),)

    def for_leader(self, turn: Turn) -> ForLeader:
        """One request, while the step is open."""
        return ForLeader(waiting=turn.run.stage == "open")


TEMPLATE = """<section class="card" id="asked"><h2>Gevraagd</h2><form method="post"
 action="{{ here.url('lead', name=its.name, deed='yes') }}"><button>Ja</button></form></section>"""


@pytest.fixture
def asking(sqlite_url: str, keys_dir: Path, lms: Lms) -> Iterator[World]:
    """A tool with a step that asks its leader."""
    with Tool(sqlite_url, keys_dir, extra_steps=(Asking,)) as tool:
        tool.app.jinja_loader = ChoiceLoader(
            [tool.app.jinja_loader, DictLoader({"steps/asking_leader.html": TEMPLATE})]
        )  # type: ignore[list-item, misc]
        yield World.placed(tool, lms)


def test_what_waits_for_a_leader_s_answer_comes_first_and_what_does_not_later(asking: World) -> None:
    community(asking)
    mieke = visit(asking, "mieke", "home")
    assert "Er zijn nu geen vragen voor jou" in mieke.first.text
    with asking.tool.session() as session:
        own = Ended.community_of(session)
        run = cycle.open_step(session, own, cycle.opened(session, own, None)[0], Asking(), load((Asking,)))
    assert mieke.get("home").soup.select("section.card")[0].get("id") == "asked"
    assert "Er zijn nu geen vragen" not in mieke.get("home").text
    with asking.tool.session() as session:
        found = session.get(StepRun, run.id)
        assert found is not None
        found.stage, found.closed_at = "closed", now()
    page = mieke.get("home")
    assert [each.get("id") for each in page.soup.select("section.card")].index("asked") > 0
    assert "Er zijn nu geen vragen" in page.text


@pytest.mark.parametrize(("step", "stage"), [
    ("ambition", "ideas"), ("ambition", "respond"), ("ambition", "dots"), ("ambition", "consent"),
    ("ambition", "closed"),
    ("information", "gather"), ("information", "closed"), ("interpretation", "think"), ("interpretation", "closed"),
    ("end", ""), ("second", ""),
])  # fmt: skip
def test_a_leader_reads_nothing_of_what_people_wrote_but_the_adopted_ambition(
    world: World, step: str, stage: str
) -> None:
    community(world)
    adopted = ""
    with world.tool.session() as session:
        fill(session, 3, *(("closed", "interpretation") if step in ("end", "second") else (stage, step)))
        if step in ("end", "second"):
            over = Ended(session)
            over.action("geheime actie van iemand", day=dt.date(2031, 1, 1))
            over.add("evaluation", "survey", {"trust": 1, "text": "geheim antwoord in onze lessen"})
            over.add("evaluation", "story", {"text": "geheim verhaal in onze lessen"})
            over.result("niet gedeelde opbrengst", "niet gedeelde les")
            over.look_back(now().date(), "niet gedeelde afspraak")
            if step == "second":
                over.begin_next(load())
        session.flush()
        wrote = {
            str(part)
            for item in session.query(Contribution)
            for part in _texts(item.body)
            if len(str(part)) > 6 and not str(part).isdecimal()
        }
        proposal = session.query(Contribution).filter_by(kind="proposal").first()
        closed = session.query(StepRun).filter_by(step="ambition").first()
        if proposal and closed and closed.closed_at:
            adopted = proposal.body["text"]
    for activity in ("home", "ambition"):
        page = visit(world, "mieke", activity).first
        assert page.status == 200
        # The question beside each field is ours, though somebody is called "een leerling" here.
        shown = page.html.replace("geen naam van een leerling", "")
        shown = shown.replace(adopted, "") if adopted else shown
        assert [text for text in wrote if text in shown] == []
        assert "Extra 10" not in page.html, "nor who they are"
        for name in ("Fatima", "Marieke"):
            assert name not in page.html
        assert not any("step/" in str(a["href"]) for a in page.soup.find_all("a"))
        assert "meeting" not in page.html
        if adopted and step != "second":
            assert adopted in page.text


def _texts(body: Any) -> list[str]:
    """Every text in a body, however deep."""
    if isinstance(body, dict):
        return [text for each in body.values() for text in _texts(each)]
    if isinstance(body, list):
        return [text for each in body for text in _texts(each)]
    return [body] if isinstance(body, str) else []


def test_a_step_that_takes_over_by_an_action_it_does_not_have_is_refused_at_the_start() -> None:
    class Wrong(Asking):
        """Takes over by nothing."""

        name = "wrong"
        inherits = {"actions": TakeOver("nothing", "nothing", {}, frozenset())}

    with pytest.raises(TypeError, match="takes over by nothing"):
        Registry().add(Wrong())


def test_a_step_that_was_opened_again_is_something_for_who_facilitates_to_watch(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("closed")
    assert "is weer open" not in walk.wout.get("home").text
    # As a late objection does it: nobody proposed it, nobody said yes.
    with world.tool.session() as session:
        c = fill(session, 0, "closed", "ambition")
        one = session.scalars(select(Member).where(Member.standing == Standing.MEMBER)).first()
        turn = dataclasses.replace(c.turn(None), member=one)
        reopening.by_objection(turn, c.step)
    home = walk.wout.get("home").text
    assert "Stap 1 is weer open" in home
    assert "help de groep verder" in home
    assert "Even niets voor jou" not in home
    told = [walk[name].get("home").text for name in ("fatima", "marieke")]
    assert all("Even niets voor jou" not in each for each in told)
