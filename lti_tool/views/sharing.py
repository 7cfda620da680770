"""Yields of other communities, and sharing one's own: for the facilitator, once it is endorsed."""

from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from lti_tool.db import db
from lti_tool.domain import Refused, access, sharing, yields
from lti_tool.domain.access import Audience
from lti_tool.domain.contributions import MAX_ID
from lti_tool.domain.cycle import Turn
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.views import audience, here, show

FACILITATOR = frozenset({Audience.FACILITATOR})


@audience(access.COMMUNITY)
def shared_yields() -> Response:
    """What others shared with this community; for its facilitator also what it shares itself."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    at, turn = here(), _turn()
    values: dict[str, Any] = {"received": sharing.received(db.session(), at.community), "problem": problem}
    if Audience.FACILITATOR in at.viewer:
        values["own"] = yields.standing(turn) if turn and yields.endorsed(turn) else None
        values["targets"] = sharing.targets(turn) if turn else []
    return show("yields.html", 422 if problem else 200, **values)


def _turn() -> Turn | None:
    at = here()
    step = parts().steps.by_name.get(yields.STEP)
    return at.turn(step) if step else None


@audience(FACILITATOR)
def share_yield() -> Response:
    """Share this cycle's yield with another community of the school."""
    return _settle("share")


@audience(FACILITATOR)
def take_yield_back() -> Response:
    """Share it no longer."""
    return _settle("take_back")


def _settle(action: str) -> Response:
    given, turn = request.form.get("community", ""), _turn()
    try:
        if turn is None:
            raise Refused("step_not_ready")
        number = int(given) if given.isascii() and given.isdecimal() and len(given) <= len(str(MAX_ID)) else 0
        (sharing.share if action == "share" else sharing.take_back)(turn, number)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", action=f"yield_{action}", reason=refused.code)
        return _page(refused)
    return redirect(here().url("shared_yields"), 303)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/yields")(shared_yields)
    blueprint.post("/yields/share")(share_yield)
    blueprint.post("/yields/take-back")(take_yield_back)
