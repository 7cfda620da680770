"""The trend of the pulse over steps and cycles: for the members alone, of totals alone."""

from flask import Blueprint
from werkzeug.wrappers import Response

from lti_tool.db import db
from lti_tool.domain import pulse as pulses
from lti_tool.domain.access import WHO_SEES, Seen
from lti_tool.parts import parts
from lti_tool.views import audience, here, show


@audience(WHO_SEES[Seen.TOTALS][0])
def pulse() -> Response:
    """A table, and the same as lines."""
    points = pulses.trend(db.session(), here().community)
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
