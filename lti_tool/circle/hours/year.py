"""The end of a pot's period: what closing it will do, and closing it. By who may make pots; it shows nobody's hours."""

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import whole
from lti_tool.circle.hours import forms
from lti_tool.circle.hours import pots as page
from lti_tool.circle.loading import load_form
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import closing, places
from lti_tool.domain.hours import pots as domain
from lti_tool.domain.hours.carry import Terms
from lti_tool.domain.hours.states import State
from lti_tool.parts import parts

# In this order they are listed: what is lost first.
OPEN = (State.SENT, State.KEPT, State.CLAIMED, State.QUERIED, State.DISPUTED)


def _for_all() -> list[int]:
    return places.meant_for(db.session(), [here().community.id])


@audience(FACILITATOR)
def closing_pot(number: int) -> Response:
    """What closing a pot will do."""
    return _page(number)


def _page(number: int, problem: Refused | None = None) -> Response:
    at = here()
    try:
        foreseen = closing.foresee(db.session(), at.community, number, _for_all())
    except Refused:
        abort(404)
    today = midnights.day_of(now(), parts().settings.zone)
    return show(
        "hours/close.html",
        422 if problem else 200,
        foreseen=foreseen,
        open=[(state, foreseen.open[state]) for state in OPEN if state in foreseen.open],
        early=today <= foreseen.pot.last_day,
        problem=problem,
    )


def _again(refused: Refused) -> Response:
    number = whole(request.form.get("pot", ""))
    if number is not None and refused.code == "hours_close_early":
        return _page(number, refused)
    return page.with_problem(refused, "close")


@audience(FACILITATOR)
@form(_again, "close_pot")
def close_pot() -> str:
    """Close a pot's period."""
    at, data = here(), load_form(forms.Named, request.form)
    assert at.member is not None
    today = midnights.day_of(now(), parts().settings.zone)
    closing.close(db.session(), at.community, at.member, data["pot"], _for_all(), today)
    return at.url("hours_pots", _anchor=f"pot-{data['pot']}")


@audience(FACILITATOR)
@form(lambda refused: page.with_problem(refused, "carries"), "carry_pot")
def carry_pot() -> str:
    """Say what is carried over of a pot."""
    at, data = here(), load_form(forms.Carries, request.form)
    assert at.member is not None
    terms = Terms(data["carries"] or 0, data["surplus"])
    domain.carries(db.session(), at.community, at.member, data["pot"], terms)
    return at.url("hours_pots", _anchor=f"pot-{data['pot']}")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/pots/close/<int:number>")(closing_pot)
    blueprint.post("/hours/pots/close")(close_pot)
    blueprint.post("/hours/pots/carries")(carry_pot)
