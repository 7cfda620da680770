"""One community of a school: how it stands, and what an administrator can do about it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.administration import here, show
from lti_tool.administration.console import WANTS, step_of
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.db import db
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community import members
from lti_tool.domain.school import communities, overview, putting, several
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.trail import Actor
from lti_tool.i18n import say as _
from lti_tool.models import Community
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = ()

# What a standing is called to somebody else: members.CHOICES, and asking anew.
STANDINGS: Mapping[str, Text] = {
    "facilitate_and_join": Text("begeleidt en doet mee", "facilitates and takes part"),
    "facilitate": Text("begeleidt, doet zelf niet mee", "facilitates without taking part"),
    "join": Text("doet mee", "takes part"),
    "join_and_lead": Text("doet mee en geeft leiding", "takes part and leads colleagues"),
    "follow": Text("volgt als schoolleider", "follows as school leader"),
    members.ASK: Text("kiest opnieuw, bij de volgende keer openen", "chooses anew on opening it next"),
}


def not_there() -> Response:
    """To who asks for a group that this school does not have."""
    words = _(
        "Deze leergemeenschap is er niet (meer) op deze school.",
        "This community is not (or no longer) of this school.",
    )
    return make_response(web.error_page(words, status=404))


@audience(ADMINISTRATORS)
def course(number: int) -> Response:
    """How it stands."""
    return _page(None, number)


def _page(problem: Refused | None, number: int, failed: str = "") -> Response:
    session, at = db.session(), here()
    row = overview.one(session, at.school.id, number)
    if row is None:
        return not_there()
    community, _course = communities.find(session, at.school.id, number)
    return show(
        "administration/course.html",
        422 if problem else 200,
        row=row,
        seated=communities.seated(session, community),
        others=several.others(session, community),
        standings=STANDINGS,
        wants=WANTS,
        step_of=step_of,
        reading=outbox.waiting(session, outbox.Kind.ROSTER, str(row.course_id)),
        problem=problem,
        failed=failed,
        typed=request.form if problem else {},
    )


def _do(called: str) -> Callable[[Callable[[Community, Actor], None]], Callable[..., Response]]:
    """A form of this page: it does something for the community, which is held to the school."""

    def wrap(act: Callable[[Community, Actor], None]) -> Callable[..., Response]:
        @audience(ADMINISTRATORS)
        @form(lambda refused, number: _page(refused, number, called), called)
        def view(number: int) -> str:
            at = here()
            community, _course = communities.find(db.session(), at.school.id, number)
            act(community, at.actor)
            return at.url("course", number=number)

        view.__doc__ = act.__doc__
        return view

    return wrap


def _person() -> int:
    given = request.form.get("person", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise Refused("answer_missing")
    return int(given)


@_do("name_facilitator")
def facilitator(community: Community, by: Actor) -> None:
    """Name a facilitator from the course's roster."""
    communities.name_facilitator(db.session(), by, community, _person())


@_do("correct_standing")
def standing(community: Community, by: Actor) -> None:
    """Correct what somebody does here."""
    chosen = request.form.get("standing", "")
    communities.correct(db.session(), by, community, _person(), chosen, parts().steps)


@_do("put_here")
def put(community: Community, by: Actor) -> None:
    """Have somebody of the course sit in this group, and in no other of the course."""
    putting.put(db.session(), by, community, _person(), parts().steps)


@_do("ask_roster")
def roster(community: Community, by: Actor) -> None:
    """Have the roster read anew."""
    _community, of = communities.find(db.session(), here().school.id, community.id)
    communities.ask_roster(db.session(), by, community, of)


@_do("archive")
def archive(community: Community, by: Actor) -> None:
    """Lay it aside, or take it up again."""
    (communities.restore if community.archived_at else communities.archive)(db.session(), by, community)


@audience(ADMINISTRATORS)
def delete_page(number: int) -> Response:
    """What would go, and what stays in the LMS."""
    return _delete_page(None, number)


def _delete_page(problem: Refused | None, number: int) -> Response:
    session, at = db.session(), here()
    row = overview.one(session, at.school.id, number)
    if row is None:
        return not_there()
    community, _course = communities.find(session, at.school.id, number)
    goes = communities.remains(session, community)
    return show("administration/delete.html", 422 if problem else 200, row=row, goes=goes, problem=problem)


@audience(ADMINISTRATORS)
@form(_delete_page, "delete_community")
def delete(number: int) -> str:
    """Delete it, once it was read what goes."""
    at = here()
    community, _course = communities.find(db.session(), at.school.id, number)
    if "sure" not in request.form:
        raise Refused("not_confirmed")
    communities.delete(db.session(), at.actor, community)
    return at.url("courses")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    views: Mapping[str, Callable[..., Any]] = {
        "facilitator": facilitator,
        "standing": standing,
        "put": put,
        "roster": roster,
        "archive": archive,
    }
    blueprint.get("/courses/<int:number>", endpoint="course")(course)
    for name, view in views.items():
        blueprint.post(f"/courses/<int:number>/{name}", endpoint=f"course_{name}")(view)
    blueprint.get("/courses/<int:number>/delete", endpoint="course_delete")(delete_page)
    blueprint.post("/courses/<int:number>/delete", endpoint="course_deleted")(delete)
