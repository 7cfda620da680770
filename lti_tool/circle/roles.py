"""What somebody does here: taking facilitating over and coming back to it, correcting an answer, leaving the circle."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import Here, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.arrive import ensure_open
from lti_tool.circle.home import show_home
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access, members
from lti_tool.domain.community.access import Audience
from lti_tool.parts import parts

MEMBER = frozenset({Audience.MEMBER})


def _yes() -> Here:
    if request.form.get("answer", "") != "yes":
        raise Refused("answer_missing")
    return here()


@audience(access.FOLLOWERS)
def role() -> Response:
    """What this person does here, and what else they can say of it."""
    return _role()


def _role(problem: Refused | None = None) -> Response:
    at = here()
    assert at.member is not None
    present = members.chosen_by(at.member)
    return show(
        "role.html",
        422 if problem else 200,
        choices=members.offered(db.session(), at.community, at.member),
        present=next((name for name, choice in members.CHOICES.items() if choice == present), ""),
        # Nobody else does, or has been here: the page says what follows.
        alone=len(members.facilitators(db.session(), at.community)) < 2,
        problem=problem,
    )


@audience(access.COMMUNITY)
@form(_role, "role")
def correct() -> str:
    """Another answer than was given before."""
    at = here()
    assert at.member is not None
    members.correct(db.session(), at.community, at.member, request.form.get("choice", ""), parts().steps)
    return at.url("home")


@audience(access.COMMUNITY)
@form(_role, "stop")
def stop() -> str:
    """Facilitate no longer."""
    at = _yes()
    assert at.member is not None
    members.stop(db.session(), at.community, at.member)
    return at.url("home")


@audience(MEMBER)
def taking_over() -> Response:
    """What follows from taking facilitating over."""
    return _taking_over()


def _taking_over(problem: Refused | None = None) -> Response:
    at = here()
    assert at.member is not None
    names = dict(members.present_people(db.session(), at.community))
    there = members.facilitators(db.session(), at.community)
    free = members.is_free_now(db.session(), at.community, [each.facilitated_on for each in there])
    why = "" if free else "guided"
    if not members.may_facilitate(db.session(), at.community, at.member):
        why = f"facilitating_{at.community.facilitation}"
    return show(
        "take_over.html",
        422 if problem else 200,
        free=not why,
        why=why,
        holders=[(member, names[member]) for member in there],
        begun=bool(at.runs),
        problem=problem,
    )


@audience(MEMBER)
@form(_taking_over, "take_over")
def take_over() -> str:
    """Yes: facilitate from now on."""
    at = _yes()
    assert at.member is not None
    members.take_over(db.session(), at.community, at.member)
    ensure_open(at)
    return at.url("home")


@audience(MEMBER)
@form(lambda refused: show_home(refused, "resume"), "resume")
def resume() -> str:
    """Who facilitated before somebody took it over comes back beside them, or leaves it to them."""
    at, answer = here(), request.form.get("answer", "")
    assert at.member is not None
    if answer == "yes":
        members.resume(db.session(), at.community, at.member)
    elif answer == "no":
        members.let_be(at.member)
    else:
        raise Refused("answer_missing")
    return at.url("home")


@audience(MEMBER)
def leaving() -> Response:
    """What follows from leaving the circle."""
    return _leaving()


def _leaving(problem: Refused | None = None) -> Response:
    return show("leave.html", 422 if problem else 200, problem=problem)


@audience(MEMBER)
@form(_leaving, "leave")
def leave() -> str:
    """Leave it."""
    at = _yes()
    assert at.member is not None
    members.leave(db.session(), at.community, at.member, parts().steps)
    return at.url("welcome")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/role")(role)
    blueprint.post("/role", endpoint="correct")(correct)
    blueprint.post("/role/stop")(stop)
    blueprint.get("/take-over")(taking_over)
    blueprint.post("/take-over", endpoint="take_over")(take_over)
    blueprint.post("/resume")(resume)
    blueprint.get("/leave")(leaving)
    blueprint.post("/leave", endpoint="leave")(leave)
