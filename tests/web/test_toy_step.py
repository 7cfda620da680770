"""A seventh step: one module and one template. Nothing else of the product knows of it.

It merges by pairs, asks how one feels in private, and decides by consent: with what is there for any step.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader
from marshmallow import fields

from lti_tool.db import now
from lti_tool.demo.lms import Lms
from lti_tool.domain import Refused, cycle
from lti_tool.domain.cycle import CLOSED, Phase, Stage, StageKind, Turn
from lti_tool.domain.mechanisms import consent, contributions, forgetting, merging, objections, rounds, totals
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.reading.things import Thing
from lti_tool.models import Community
from lti_tool.models.voices import Contribution
from lti_tool.steps import load, objecting
from lti_tool.steps.base import Deed, Form, Step
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.forms import LINE, ConsentForm, ResolutionForm, some, written
from lti_tool.steps.pulse import SCALE, given, numbers
from lti_tool.steps.shown import Decided, Option, decided
from lti_tool.text import Text
from tests.actors import Tool, World
from tests.web.walk import visit

MOODS = {"glad": Text("Ik ben blij.", "I am glad."), "proud": Text("Ik ben trots.", "I am proud.")}
MOOD = "mood"


class CheerForm(Form):
    """What one cheers for."""

    text = fields.String(required=True)


class MergeForm(Form):
    """One cheer of several."""

    text = written(LINE)
    sources = some("sources_missing")


class MoodForm(Form):
    """How one feels, for totals only."""

    item = numbers(MOODS)


def cheer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Cheer."""
    contributions.add(turn, merging.IDEA, {"text": data["text"]})
    return Kind.INPUT


def merge(turn: Turn, data: dict[str, Any]) -> Kind:
    """Cheer together."""
    merging.merge(turn, gate.gather(turn), {"text": data["text"]}, data["sources"])
    return Kind.RESPONSE


def feel(turn: Turn, data: dict[str, Any]) -> None:
    """Say how one feels."""
    totals.answer(turn, MOOD, given(data["item"]))


def resolve(turn: Turn, data: dict[str, Any]) -> None:
    """Say what was done with an objection."""
    objections.resolve(turn, data["consent"], data["text"], data["version"])


def decide(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer in the decision round."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)
    return Kind.DECISION


@dataclass(frozen=True)
class Cheers(Base):
    """What its page shows: what stands, one's own mood and the totals, and how the decision stands."""

    cheers: Sequence[Piece]
    mood: Mapping[str, Any]
    means: Mapping[str, float | None]
    decided: Decided
    moods: Mapping[str, Text] = field(default_factory=lambda: MOODS)
    scale: Sequence[Option] = SCALE


def a_stage(name: str, phase: Phase, kind: StageKind) -> Stage:
    return Stage(name, phase, kind, Text(f"nu {name}", f"now {name}"), Text("Klaar", "Done"))


def a_deed(name: str, form: type[Form], do: Callable[..., Any], **more: Any) -> Deed:
    stage = {"cheer": "cheering", "merge": "pairing", "feel": "feeling", "resolve": "talking", "decide": "deciding"}
    return Deed(name, form, frozenset({stage[name]}), do, Text("Hoera.", "Hooray."), **more)


class Toy(Step):
    """We cheer, each and then in pairs, say how we feel, and decide."""

    name = "toy"
    position = 7
    title = Text("Vieren", "Cheers")
    question = Text("Wat vieren we?", "What do we celebrate?")
    purpose = Text("Samen vieren.", "Celebrate together.")
    asks = (Text("Juich.", "Cheer."),)
    stages = (
        *(a_stage(name, Phase.RESPOND, StageKind.OPEN) for name in ("cheering", "pairing", "feeling")),
        a_stage("talking", Phase.RESPOND, StageKind.TOGETHER),
        a_stage("deciding", Phase.DECIDE, StageKind.DECIDE),
    )
    deeds = (
        a_deed("cheer", CheerForm, cheer),
        a_deed("merge", MergeForm, merge),
        a_deed("feel", MoodForm, feel, drafts=True, private=True),
        a_deed("resolve", ResolutionForm, resolve),
        a_deed("decide", ConsentForm, decide),
    )
    keeps = {
        merging.IDEA: Thing.RESPONSE,
        merging.MERGED: Thing.RESPONSE,
        merging.GROUP: Thing.GROUP,
        MOOD: Thing.SURVEY,
        totals.SURVEY: Thing.TOTALS,
        **objecting.KEEPS,
    }
    sentences = {"no_cheers": Text("Er is nog niet gejuicht.", "There is no cheer yet.")}

    def enter(self, turn: Turn) -> None:
        """Seat the pairs; open the round."""
        if turn.run.stage == "pairing":
            merging.settle(turn, 2)
        if turn.run.stage == "deciding":
            rounds.open_round(turn, consent.KIND)

    def leave(self, turn: Turn) -> str:
        """Who cheers alone is done; the mood is published once; consent decides."""
        stage, there = turn.run.stage, gate.gather(turn)
        if stage == "cheering" and not merging.candidates(there):
            raise Refused("no_cheers")
        if stage == "cheering" and len(merging.candidates(there)) < 2:
            return CLOSED.name
        if stage == "feeling":
            totals.publish(turn, MOOD, totals.SURVEY, list(MOODS))
        if stage == "talking":
            for obstacle in objections.obstacles(turn, there):
                raise obstacle
        if stage == "deciding":
            return CLOSED.name if consent.close(turn) else "talking"
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who cheered, merged, said how they feel or answered, whichever the stage asks."""
        stage = turn.run.stage
        if stage == "pairing":
            return merging.done(turn, gate.gather(turn))
        if stage == "deciding":
            return consent.heard(turn, rounds.open_one(turn, consent.KIND))
        return deciding.author_ids(turn, MOOD if stage == "feeling" else merging.IDEA)

    def own_members(self, turn: Turn) -> set[int]:
        """In pairs, who said it for both."""
        pairing = turn.run.stage == "pairing"
        return merging.senders(turn, gate.gather(turn)) if pairing else self.done_members(turn)

    def summary(self, turn: Turn) -> Cheers:
        """All cheers that stand."""
        there = gate.gather(turn)
        own, told = there.last(MOOD), totals.published(turn, totals.SURVEY)
        return Cheers(
            cheers=merging.candidates(there),
            mood=own.body if own else {},
            means=told.body["means"] if told else {},
            decided=decided(turn, there),
        )

    def outcome(self, turn: Turn) -> str:
        """How many."""
        return f"{len(merging.candidates(gate.gather(turn)))}x hoera"


TEMPLATE = """{% extends "steps/_step.html" %}
{% block round %}
{% if run.stage == "cheering" %}
  {% set f = fill("cheer") %}
  {% call m.form(f, "Juich") %}{{ m.text(f, "text", "Hoera voor") }}{% endcall %}
{% elif run.stage == "pairing" %}
  {% set f = fill("merge") %}
  {% call m.form(f, "Samen") %}
    {{ m.text(f, "text", "Hoera voor") }}
    {% for each in shown.cheers %}<input type="checkbox" name="sources" value="{{ each.id }}">{% endfor %}
  {% endcall %}
{% elif run.stage == "feeling" %}
  {% set f = fill("feel") %}
  {% call m.form(f, "Zo is het") %}
    {% for name, words in shown.moods.items() %}
    {{ m.scale(f, "item-" ~ name, words|t, shown.scale, shown.mood.get(name, "")) }}
    {% endfor %}
    {{ m.who("survey") }}
  {% endcall %}
{% elif run.stage == "talking" %}
  {% for each in shown.decided.objections %}
  {% set f = fill("resolve", each.id|string) %}
  <p class="harm">{{ each.harm }}</p>
  {% call m.form(f, "Zo") %}
    <input type="hidden" name="consent" value="{{ each.id }}">{{ m.text(f, "text", "Gedaan") }}
  {% endcall %}
  {% endfor %}
{% elif run.stage == "deciding" %}
  {% set f = fill("decide") %}
  {% call m.form(f, "Zo") %}{{ m.consent_fields(f, shown.decided.my_answer) }}{% endcall %}
{% endif %}
<ul id="cheers">{% for each in shown.cheers %}<li>{{ each.body.text }}</li>{% endfor %}</ul>
<ul id="means">{% for mean in shown.means.values() %}<li>{{ m.mean(mean) }}</li>{% endfor %}</ul>
{% endblock %}"""


@pytest.fixture
def festive(sqlite_url: str, keys_dir: Path, lms: Lms) -> Iterator[World]:
    """A tool with seven steps, placed in the first course."""
    with Tool(sqlite_url, keys_dir, extra_steps=(Toy,)) as tool:
        tool.app.jinja_loader = ChoiceLoader([tool.app.jinja_loader, DictLoader({"steps/toy.html": TEMPLATE})])  # type: ignore[list-item, misc]
        world = World(tool, lms)
        world.register()
        picked = world.as_("wout").select_content()
        assert picked.soup.find("input", attrs={"name": "item", "value": "toy"}), "it is in the picker"
        world.place_cycle()
        yield world


def test_a_seventh_step_needs_one_class_and_one_template(festive: World) -> None:
    world = festive
    world.begin("fatima")
    assert world.activity("toy").title == "7 Vieren"
    fatima = visit(world, "fatima", "toy")
    assert "Juich." in fatima.first.text
    assert not fatima.first.has_form("/cheer")
    assert "Vieren" in fatima.get("home").text

    with world.tool.session() as session:
        community = session.query(Community).one()
        cycle.open_step(session, community, cycle.opened(session, community, None)[0], Toy(), load((Toy,)))
    page = fatima.get("step/toy").form("/cheer").submit(text="op <b>Fatima</b>")
    assert page.status == 200
    assert "Hoera." in page.text
    cheers = page.soup.find(id="cheers")
    assert cheers is not None
    assert cheers.get_text() == "op <b>Fatima</b>"
    assert fatima.post("step/toy/cheer").status == 422
    assert fatima.post("step/toy/idea", text="x", why="x").status == 404

    world.tool.deliver()
    school = world.lms.school
    labels = {column.id: column.label for column in school.columns.values()}
    assert [(labels[grade.column_id], grade.score) for grade in school.grades.values()] == [("7 Vieren", 33)]

    wout = visit(world, "wout")
    assert wout.post("step/toy/facilitate/advance", stage="cheering").status == 303
    assert "1x hoera" in fatima.get("home").text
    assert fatima.post("step/toy/cheer", text="te laat").status == 422


def test_a_seventh_step_merges_asks_in_private_and_decides_by_what_is_there(festive: World) -> None:
    world, names = festive, ("fatima", "marieke", "youssef", "soren", "chantal")
    world.begin(*names)
    people = {name: visit(world, name, "toy") for name in names}
    wout = visit(world, "wout")
    with world.tool.session() as session:
        community = session.query(Community).one()
        cycle.open_step(session, community, cycle.opened(session, community, None)[0], Toy(), load((Toy,)))

    # Where names are shown a group merges at once; it asks nobody of its own.
    assert wout.post("step/toy/facilitate/authors", authors="named").status == 303

    def on(stage: str, status: int = 303) -> None:
        assert wout.post("step/toy/facilitate/advance", stage=stage).status == status

    def listed(name: str, what: str) -> list[str]:
        return [each.get_text() for each in people[name].get("step/toy").soup.select(f"#{what} li")]

    on("cheering", 422)
    for name, one in people.items():
        assert one.get("step/toy").form("/cheer").submit(text=f"hoera van {name}").status == 200
    on("cheering")

    # Merged in a pair: what it was made of stands no longer by itself.
    page = people["fatima"].get("step/toy")
    with world.tool.session() as session:
        rows = session.query(Contribution).order_by(Contribution.id).all()
    ideas = {each.member_id: str(each.id) for each in rows if each.kind == "idea"}
    fatima = next(each.member_id for each in rows if each.body.get("text") == "hoera van fatima")
    pair = next(each.body["members"] for each in rows if each.kind == "group" and fatima in each.body["members"])
    boxes = [ideas[each] for each in pair]
    assert "Kies minstens twee" in page.form("/merge").submit(text="samen", sources=boxes[:1]).text
    assert page.form("/merge").submit(text="samen", sources=boxes[:2]).status == 200
    assert sorted(listed("soren", "cheers"))[-1] == "samen"
    assert len(listed("soren", "cheers")) == 4
    on("pairing", 422)
    for one in people.values():
        if (page := one.get("step/toy")).has_form("/together/pass"):
            assert page.form("/together/pass").submit().status == 200
    on("pairing")

    # Nobody's answers are anybody's to read: members get the totals, once; who facilitates from outside does not.
    for place, one in enumerate(people.values()):
        page = one.get("step/toy")
        assert "Niemand ziet jouw antwoorden" in page.text
        assert page.form("/feel").submit(**{"item-glad": str(3 + place % 3), "item-proud": ""}).status == 200
    assert listed("marieke", "means") == []
    on("feeling")
    assert listed("marieke", "means") == ["3,8", "te weinig antwoorden, of alle gelijk"]
    assert wout.get("step/toy").soup.select("#means li") == []
    on("talking")

    # One objection takes it back, and is worked through; then all agree.
    for name, one in people.items():
        said = (
            {"answer": "objection", "harm": "te luid", "proposal": "zachter"}
            if name == "soren"
            else {"answer": "agree"}
        )
        assert one.get("step/toy").form("/decide").submit(**said).status == 200
    on("deciding")
    on("talking", 422)
    page = people["chantal"].get("step/toy")
    assert page.soup.select_one("p.harm").get_text() == "te luid"  # type: ignore[union-attr]
    assert page.form("/resolve").submit(text="we doen het zachter").status == 200
    on("talking")
    for one in people.values():
        assert one.post("step/toy/decide", answer="agree").status == 303
    on("deciding")
    assert "4x hoera" in people["fatima"].get("home").text

    with world.tool.session() as session:
        community = session.query(Community).one()
        assert cycle.opened(session, community, None)[0].closed_at is None
        assert session.query(Contribution).filter_by(kind=MOOD).count() == 5
        shown = session.query(Contribution).filter_by(kind=totals.SURVEY).one()
        shown.created_at = now() - forgetting.KEPT - dt.timedelta(days=1)
        session.flush()
        assert forgetting.forget(session, load((Toy,))) == 5
        assert session.query(Contribution).filter_by(kind=MOOD).count() == 0
        assert session.query(Contribution).filter_by(kind=totals.SURVEY).count() == 1


def test_without_it_there_are_six(world: World) -> None:
    assert len(world.tool.app.extensions["leerkring"].steps) == 6
    world.begin("fatima")
    assert visit(world, "fatima").get("step/toy").status == 404
