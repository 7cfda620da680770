"""Oneself: away until a day, and back in one tap."""

from flask import Blueprint

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.answering import form
from lti_tool.circle.forms import given_day
from lti_tool.circle.home import show_home
from lti_tool.db import db
from lti_tool.domain.community import away
from lti_tool.domain.community.access import Audience
from lti_tool.parts import parts

MEMBER = frozenset({Audience.MEMBER})


@audience(MEMBER)
@form(lambda refused: show_home(refused, "be_away"), "be_away")
def be_away() -> str:
    """Nobody waits for oneself until a day."""
    at = here()
    assert at.member is not None
    away.set_own(db.session(), at.community, at.member, given_day(), zone=parts().settings.zone)
    return at.url("home")


@audience(MEMBER)
@form(lambda refused: show_home(refused, "be_back"), "be_back")
def be_back() -> str:
    """I am here."""
    at = here()
    assert at.member is not None
    away.come_back(at.member)
    return at.url("home")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/away")(be_away)
    blueprint.post("/back")(be_back)
