"""The next cycle: the facilitator's button at the end of the old one."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from lti_tool.db import db
from lti_tool.domain import Refused, restart
from lti_tool.domain.access import Audience
from lti_tool.domain.cycle import Turn
from lti_tool.models import StepRun
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.views import audience, here
from lti_tool.views.home import show_home


@audience(frozenset({Audience.FACILITATOR}))
def begin_next() -> Response:
    """Begin the next cycle. One of two who press at once comes too late, and finds it begun."""
    at = here()
    turn = Turn(db.session(), at.community, at.cycle, StepRun(), at.member)
    try:
        begun = restart.begin_next(turn, parts().steps, after_all="after_all" in request.form)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", action="begin_next", reason=refused.code)
        if refused.code == "cycle_closed":
            return redirect(at.url_in(at.newest, "home"), 303)
        return show_home(refused)
    return redirect(at.url_in(begun, "home"), 303)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/next-cycle")(begin_next)
