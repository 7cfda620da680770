"""A seventh step: one class and one template. Nothing else of the product knows of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader
from marshmallow import fields

from lti_tool.demo.lms import Lms
from lti_tool.domain import contributions, cycle
from lti_tool.domain.cycle import Phase, Stage, Turn
from lti_tool.domain.participation import Kind
from lti_tool.models import Community
from lti_tool.steps.base import Action, Form, Step
from lti_tool.text import Text
from tests.actors import Tool, World
from tests.web.walk import visit


class CheerForm(Form):
    """What one cheers for."""

    text = fields.String(required=True)


def cheer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Cheer."""
    contributions.add(turn, "cheer", {"text": data["text"]})
    return Kind.INPUT


class Toy(Step):
    """We cheer."""

    name = "toy"
    position = 7
    title = Text("Vieren", "Cheers")
    question = Text("Wat vieren we?", "What do we celebrate?")
    purpose = Text("Samen vieren.", "Celebrate together.")
    asks = (Text("Juich.", "Cheer."),)
    stages = (Stage("cheering", Phase.RESPOND, Text("juichen", "cheering"), Text("Klaar", "Done")),)
    actions = (Action("cheer", CheerForm, frozenset({"cheering"}), cheer, Text("Hoera.", "Hooray.")),)

    def summary(self, turn: Turn) -> dict[str, Any]:
        """All cheers."""
        return {"cheers": [item.body["text"] for item in contributions.of_kind(turn, "cheer")]}

    def outcome(self, turn: Turn) -> str:
        """How many."""
        return f"{len(contributions.of_kind(turn, 'cheer'))}x hoera"


TEMPLATE = """{% extends "steps/_step.html" %}
{% block step %}
<form method="post" action="{{ here.url('act', name=step.name, action='cheer') }}"><textarea name="text"></textarea>
</form>
<ul id="cheers">{% for text in cheers %}<li>{{ text }}</li>{% endfor %}</ul>
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
        cycle.open_step(session, community, cycle.opened(session, community, None)[0], Toy())
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


def test_without_it_there_are_six(world: World) -> None:
    assert len(world.tool.app.extensions["leerkring"].steps) == 6
    world.begin("fatima")
    assert visit(world, "fatima").get("step/toy").status == 404
