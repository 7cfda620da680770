"""Pausing the cycle and going on, and ending it without a decision: what a facilitator does for all of it."""

import datetime as dt

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import ending_step, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import posted
from lti_tool.circle.step import show_step
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community.access import Audience
from lti_tool.domain.cycle import ending, midnights, pausing
from lti_tool.models import StepRun
from lti_tool.parts import parts

FACILITATOR = frozenset({Audience.FACILITATOR})


@audience(FACILITATOR)
def page() -> Response:
    """Until when to pause; or, in a pause, another day, or going on now."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    at, zone = here(), parts().settings.zone
    known = at.cycle.paused_until
    return show(
        "pause.html",
        422 if problem else 200,
        problem=problem,
        typed=posted() if problem else {},
        chosen=midnights.day_of(known, zone) if known else None,
        earliest=midnights.day_of(now(), zone) + dt.timedelta(days=1),
        latest=pausing.latest(db.session(), at.cycle, zone),
    )


@audience(FACILITATOR)
@form(_page, "pause")
def pause() -> str:
    """Pause until the morning of a day, or choose another day."""
    at = here()
    try:
        day = dt.date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise Refused("date_missing") from error
    pausing.pause(at.beside(StepRun()), day)
    return at.url("home")


@audience(FACILITATOR)
@form(_page, "go_on")
def go_on() -> str:
    """Go on before the day."""
    at = here()
    pausing.resume(at.beside(StepRun()))
    return at.url("home")


@audience(FACILITATOR)
@form(lambda refused: show_step(ending_step(), problem=refused, deed="end"), "end")
def end() -> str:
    """End the cycle without a decision, once everybody had time enough to take it."""
    at = here()
    turn = at.turn(ending_step())
    if turn is None:
        raise Refused("ending_too_early")
    ending.end_undecided(turn)
    return at.url("home")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/pause", endpoint="pause_page")(page)
    blueprint.post("/pause")(pause)
    blueprint.post("/pause/over")(go_on)
    blueprint.post("/end-cycle")(end)
