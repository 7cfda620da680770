"""Accepting what a finished step or action suggests, and the tariff by which it does."""

from flask import Blueprint, request

from lti_tool.audience import audience
from lti_tool.circle import finished, here
from lti_tool.circle.answering import form
from lti_tool.circle.forms import whole
from lti_tool.circle.hours import forms, mine, shown
from lti_tool.circle.hours import pots as page
from lti_tool.circle.loading import load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.hours import suggestions
from lti_tool.domain.hours.suggestions import Worth
from lti_tool.models import Standing as Stands
from lti_tool.parts import parts


@audience(access.COMMUNITY)
@form(lambda refused: mine.show_mine(refused, "accept"), "accept_hours")
def accept_hours() -> str:
    """Accept what a finished step or action suggests."""
    at, data = here(), load_form(forms.Accept, request.form)
    assert at.member is not None
    if at.member.standing != Stands.MEMBER:
        raise Refused("hours_suggestion")
    if data["learning"] not in ("learning", "arranging"):
        raise Refused("hours_learning")
    session = db.session()
    done = finished.finished(suggestions.standing(session, at.reader, at.member))
    made = suggestions.accept(
        shown.asker(data["sure"]), at.reader, at.member, done, (data["run"], data["piece"]),
        data["learning"] == "learning", data["pot"],
    )  # fmt: skip
    return at.url("my_hours", done=made, _anchor="done")


@audience(FACILITATOR)
@form(lambda refused: page.with_problem(refused, "tariff"), "set_tariff")
def set_tariff() -> str:
    """Set what steps are worth, or turn it off."""
    at, steps = here(), [each.name for each in parts().steps.steps]
    assert at.member is not None
    wanted = {} if forms.one("off") else {step: worth for step in steps if (worth := _worth(step)) != Worth()}
    if not wanted and not forms.one("off"):
        raise Refused("hours_tariff")
    suggestions.set_tariff(db.session(), at.community, at.member, wanted, steps)
    return at.url("hours_pots", _anchor="tariff")


def _worth(step: str) -> Worth:
    """What was typed for a step. Without a most, it is what the step and one action are worth."""
    amounts = {}
    for name in ("minutes", "action", "most"):
        number = whole(forms.one(f"{name}-{step}") or "0", 6)
        if number is None:
            raise Refused("hours_tariff")
        amounts[name] = number
    if not amounts["most"]:
        amounts["most"] = amounts["minutes"] + amounts["action"]
    return Worth(**amounts)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/hours/accept")(accept_hours)
    blueprint.post("/hours/tariff")(set_tariff)
