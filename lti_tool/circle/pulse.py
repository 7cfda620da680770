"""The trend of the pulse over steps and cycles: for the members alone, of totals alone."""

from flask import Blueprint
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.domain.mechanisms import pulse as pulses
from lti_tool.domain.reading.things import Thing, readers
from lti_tool.models import StepRun
from lti_tool.parts import parts


@audience(readers(Thing.TOTALS))
def pulse() -> Response:
    """A table, and the same as lines."""
    points = pulses.trend(here().beside(StepRun()))
    known = parts().steps.by_name
    return show(
        "pulse.html",
        points=[(point, known[point.step]) for point in points if point.step in known],
        lines=[(words, [point.means.get(name) for point in points]) for name, words in pulses.ITEMS.items()],
        items=pulses.ITEMS,
    )


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/pulse")(pulse)
