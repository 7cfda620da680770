"""Several groups in a course: splitting one, joining two, moving a course. First shown, then done by a second press."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.administration import here, show
from lti_tool.administration.course import not_there
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.school import communities, moving, overview, several, templates
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.settings import SETTINGS, Name
from lti_tool.domain.school.several import Part
from lti_tool.models import Community, Standing
from lti_tool.parts import parts

SECTIONS = ()


@audience(ADMINISTRATORS)
def divide(number: int) -> Response:
    """What can be done: splitting it, joining it with another, moving its course."""
    return _page(None, number)


def _page(problem: Refused | None, number: int, failed: str = "") -> Response:
    session, at = db.session(), here()
    row = overview.one(session, at.school.id, number)
    if row is None:
        return not_there()
    community, _course = communities.find(session, at.school.id, number)
    known = several.sitting(session, community)
    return show(
        "administration/several.html",
        422 if problem else 200,
        row=row,
        known=known,
        guides=[each for each in known if each.standing != Standing.LEADER],
        groups=several.told_groups(session, community, known),
        others=several.others(session, community),
        schools=moving.targets(session, at.actor, at.school.id),
        problem=problem,
        failed=failed,
        typed=request.form if problem else {},
        ticked=request.form.getlist("person") if problem and failed == "split" else [],
        picked=request.form.getlist("group") if problem and failed == "groups" else [],
    )


def _number(given: str) -> int:
    """0, which is nobody's, for what is no number."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _person(name: str) -> int | None:
    given = request.form.get(name, "")
    return _number(given) if given else None


def _name(name: str) -> str:
    return " ".join(request.form.get(name, "").split())


def _shown(number: int, what: str, **plan: Any) -> Response:
    """What would happen, with everything that was typed, to be confirmed as it was shown."""
    row = overview.one(db.session(), here().school.id, number)
    given = [(name, value) for name, value in request.form.items(multi=True) if name != "shown"]
    return show("administration/several_plan.html", row=row, what=what, given=given, **plan)


def _split(number: int, asked: list[Part], what: str) -> Response | str:
    session, at = db.session(), here()
    community, _course = communities.find(session, at.school.id, number)
    shown = request.form.get("shown", "")
    if not shown:
        planned = several.plan(session, community, asked)
        return _shown(number, what, split=planned, facilitation=community.facilitation)
    tool = parts()
    several.split(session, at.actor, community, asked, tool.steps, tool.settings.zone, shown)
    return at.url("course", number=number)


@audience(ADMINISTRATORS)
@form(lambda refused, number: _page(refused, number, "split"), "split_community")
def split(number: int) -> Response | str:
    """Split off by hand: who goes, what it is called, and who facilitates it."""
    people = [_number(each) for each in request.form.getlist("person")]
    return _split(number, [Part(_name("called"), tuple(sorted(set(people))), _person("guide"))], "split")


@audience(ADMINISTRATORS)
@form(lambda refused, number: _page(refused, number, "groups"), "split_by_groups")
def groups(number: int) -> Response | str:
    """Split off by the LMS's groups: whoever launches told of."""
    session, at = db.session(), here()
    community, _course = communities.find(session, at.school.id, number)
    known = several.told_groups(session, community, several.sitting(session, community))
    asked = []
    for each in dict.fromkeys(request.form.getlist("group")):
        if each not in known:
            raise Refused("split_group")
        people = tuple(sorted(one.person_id for one in known[each]))
        asked.append(Part(_name(f"called-{each}"), people, _person(f"guide-{each}"), each))
    return _split(number, asked, "groups")


def _into(community: Community) -> Community:
    """The group to join with: another of this course, or that of the one course that is called as was typed."""
    session, at = db.session(), here()
    if given := request.form.get("into", ""):
        return communities.find(session, at.school.id, _number(given))[0]
    found = [each for each in templates.find(session, at.school.id, _name("course")) if each.id != community.course_id]
    exact = [each for each in found if _name("course") in (each.title, each.context_id)]
    if len(exact or found) != 1:
        raise Refused("join_unknown")
    own = several.of_course(session, (exact or found)[0].id)
    if own is None:
        raise Refused("join_unknown")
    return own


@audience(ADMINISTRATORS)
@form(lambda refused, number: _page(refused, number, "join"), "join_communities")
def join(number: int) -> Response | str:
    """Have its people sit in another group, and archive it."""
    session, at = db.session(), here()
    community, _course = communities.find(session, at.school.id, number)
    into, shown = _into(community), request.form.get("shown", "")
    if not shown:
        planned = several.plan_join(session, community, into)
        return _shown(number, "join", join=planned, into=into, merged=into.course_id != community.course_id)
    tool = parts()
    several.join(session, at.actor, community, into, tool.steps, tool.settings.zone, shown)
    return at.url("course", number=into.id)


@audience(ADMINISTRATORS)
@form(lambda refused, number: _page(refused, number, "move"), "move_course")
def move(number: int) -> Response | str:
    """Move its course to another school that this person administers too."""
    session, at = db.session(), here()
    _community, course = communities.find(session, at.school.id, number)
    to, steps = _number(request.form.get("school", "")), [each.name for each in parts().steps]
    if "shown" not in request.form:
        planned = moving.plan(session, at.actor, course, to, steps)
        words = SETTINGS[Name.RETENTION].choices
        return _shown(number, "move", move=planned, kept=words[planned.kept.said], kept_now=words[planned.kept_now])
    moving.move(session, at.actor, course, to, steps, request.form["shown"])
    return at.url("courses")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/courses/<int:number>/divide", endpoint="course_divide")(divide)
    for name, view in (("split", split), ("groups", groups), ("join", join), ("move", move)):
        blueprint.post(f"/courses/<int:number>/divide/{name}", endpoint=f"course_{name}")(view)
