"""Holidays, pausing the cycle and going on, ending it without a decision: what a facilitator does for all of it."""

import datetime as dt

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import ending_step, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import given_day, posted, without_school
from lti_tool.circle.step import show_step
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import holidays, school_days
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.cycle import ending, midnights, pausing
from lti_tool.models import StepRun
from lti_tool.parts import parts


@audience(FACILITATOR)
def page() -> Response:
    """Until when to pause; or, in a pause, another day, or going on now."""
    return _page()


def _page(problem: Refused | None = None, failed: str = "") -> Response:
    at, zone = here(), parts().settings.zone
    known = at.cycle.paused_until
    return show(
        "pause.html",
        422 if problem else 200,
        problem=problem,
        failed=failed,
        typed=posted() if problem else {},
        chosen=(chosen := midnights.day_of(known, zone) if known else None),
        message=without_school(chosen) if chosen else "",
        earliest=midnights.day_of(now(), zone) + dt.timedelta(days=1),
        latest=pausing.latest(db.session(), at.cycle, zone),
        of_school=[each for each in school_days.of_school(at.community) if each[1] >= midnights.day_of(now(), zone)],
        holidays=[each for each in school_days.holidays(at.community) if each[1] >= midnights.day_of(now(), zone)],
    )


@audience(FACILITATOR)
@form(lambda refused: _page(refused, "enter_holiday"), "enter_holiday")
def enter_holiday() -> str:
    """Enter the first and the last day of a holiday."""
    at, today = here(), midnights.day_of(now(), parts().settings.zone)
    assert at.member is not None
    holidays.enter(db.session(), at.community, at.member, given_day("first"), given_day("last"), today)
    return at.url("pause_page")


@audience(FACILITATOR)
@form(_page, "remove_holiday")
def remove_holiday() -> str:
    """Take a holiday out."""
    at = here()
    assert at.member is not None
    holidays.remove(db.session(), at.community, at.member, request.form.get("first", ""))
    return at.url("pause_page")


@audience(FACILITATOR)
@form(_page, "pause")
def pause() -> str:
    """Pause until the morning of a day, or choose another day."""
    at = here()
    given = given_day("day")
    goes_on = pausing.pause(at.beside(StepRun()), given)
    return at.url("home") if goes_on == given else at.url("pause_page", asked=given.isoformat())


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
    blueprint.post("/holidays")(enter_holiday)
    blueprint.post("/holidays/remove")(remove_holiday)
    blueprint.post("/pause/over")(go_on)
    blueprint.post("/end-cycle")(end)
