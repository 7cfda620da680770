"""Opening a completed step again, together: one says why, a second says yes."""

from flask import Blueprint, request

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.answering import form
from lti_tool.circle.moving import opened
from lti_tool.circle.step import again
from lti_tool.domain.community import access
from lti_tool.domain.community.access import Audience
from lti_tool.domain.cycle import reopening
from lti_tool.domain.reading import words


@audience(access.COMMUNITY)
@form(again("reopen"), "reopen")
def reopen(name: str) -> str:
    """Propose to open a completed step again, with a reason that all read."""
    turn, step = opened(name)
    now_open = reopening.propose(turn, step, words.taken_in(request.form.get("reason", "")))
    return here().url("page", name=name, done="reopened" if now_open else "proposed")


@audience(frozenset({Audience.MEMBER}))
@form(again("reopen_too"), "reopen_too")
def reopen_too(name: str) -> str:
    """Say yes to what a colleague proposed."""
    turn, step = opened(name)
    reopening.agree(turn, step)
    return here().url("page", name=name, done="reopened")


@audience(access.COMMUNITY)
@form(again("leave_closed"), "leave_closed")
def leave_closed(name: str) -> str:
    """Take back what one proposed."""
    turn, step = opened(name)
    reopening.withdraw(turn, step)
    return here().url("page", name=name)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/step/<name>/together/reopen")(reopen)
    blueprint.post("/step/<name>/together/reopen/too")(reopen_too)
    blueprint.post("/step/<name>/together/reopen/not")(leave_closed)
