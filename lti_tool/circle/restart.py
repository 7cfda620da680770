"""The next cycle: the facilitator's button at the end of the old one."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.answering import form
from lti_tool.circle.home import show_home
from lti_tool.domain import Refused
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.cycle import restart
from lti_tool.models import StepRun
from lti_tool.parts import parts


def _again(refused: Refused) -> Response:
    at = here()
    if refused.code == "cycle_closed":
        # What follows it began since this page was asked for.
        vars(at).pop("cycles", None)
        return redirect(at.url_in(at.newest, "home"), 303)
    return show_home(refused)


@audience(FACILITATOR)
@form(_again, "begin_next")
def begin_next() -> str:
    """Begin the next cycle. One of two who press at once comes too late, and finds it begun."""
    at = here()
    turn = at.beside(StepRun())
    begun = restart.begin_next(turn, parts().steps, after_all="after_all" in request.form)
    return at.url_in(begun, "home")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/next-cycle")(begin_next)
