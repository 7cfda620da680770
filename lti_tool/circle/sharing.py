"""Yields of other communities, and with which of them one's own is shared: the circle decides (steps/sharing.py)."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import whole
from lti_tool.db import MAX_ID, db
from lti_tool.domain import Refused
from lti_tool.domain.community import access, sharing
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.cycle import Turn
from lti_tool.domain.thread import yields
from lti_tool.domain.thread.flow import Flow
from lti_tool.parts import parts


@audience(access.COMMUNITY)
def shared_yields() -> Response:
    """What others shared with this community, and what it shares itself."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    at, turn = here(), _turn()
    return show(
        "yields.html",
        422 if problem else 200,
        received=sharing.received(db.session(), at.community),
        problem=problem,
        own=yields.standing(turn) if turn and yields.endorsed(turn) else None,
        shared=[each for each in sharing.targets(turn) if each.since] if turn else [],
    )


def _turn() -> Turn | None:
    at = here()
    return at.turn(parts().steps.keeping(Flow.YIELD))


@audience(FACILITATOR)
@form(_page, "yield_take_back")
def take_yield_back() -> str:
    """Share it no longer: any facilitator may, at once, as nothing is lost by it."""
    given, turn = request.form.get("community", ""), _turn()
    if turn is None:
        raise Refused("step_not_ready")
    sharing.take_back(turn, whole(given, len(str(MAX_ID))) or 0)
    return here().url("shared_yields")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/yields")(shared_yields)
    blueprint.post("/yields/take-back")(take_yield_back)
