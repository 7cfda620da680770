"""The school itself: its name, from when on it is open, joining it with another, splitting a part off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, request
from marshmallow import fields
from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.administration.forms import Form, number
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.circle.loading import Day, load_form
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import midnights
from lti_tool.domain.school import dividing, schools
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.dividing import Joining, Splitting
from lti_tool.domain.school.schools import Listed
from lti_tool.models.school import Administrator, Power
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.SETTINGS,
        "school",
        Text("De school", "The school"),
        Text(
            "Naam, vanaf wanneer Leerkring open is, scholen samenvoegen of splitsen.",
            "Name, from when on Leerkring is open, joining or splitting schools.",
        ),
    ),
)


@dataclass(frozen=True)
class SchoolPage:
    """The names in templates/administration/school.html. others: schools this person administers too.

    joining, splitting: what that would do, to be confirmed; failed: which form was refused; tomorrow: the first day
    until which it can be closed.
    """

    school: Listed
    others: Sequence[Listed]
    tomorrow: str
    closed: bool
    problem: Refused | None = None
    failed: str = ""
    joining: Joining | None = None
    joined: Listed | None = None
    splitting: Splitting | None = None


class _Name(Form):
    school_name = fields.String(load_default="")


class _Opens(Form):
    date = Day("school_day", load_default=None, allow_none=True)


class _Join(Form):
    school = number("school_unknown")
    seen = fields.String(load_default="")


class _Split(Form):
    deployment = number("school_unknown")
    courses = fields.String(load_default="")
    school_name = fields.String(load_default="")
    seen = fields.String(load_default="")


@audience(ADMINISTRATORS)
def page() -> Response:
    """The school as it is."""
    return show("administration/school.html", **vars(_page()))


def _page() -> SchoolPage:
    at, session = here(), db.session()
    mine = session.scalars(
        select(Administrator.school_id).where(
            Administrator.person_id == at.person.id,
            Administrator.power == Power.ADMINISTRATOR,
            Administrator.ended_at.is_(None),
        )
    )
    known = {each.id: each for each in schools.listed(session, {*mine, at.school.id})}
    today = midnights.day_of(now(), parts().settings.zone)
    opens_on = at.school.opens_on
    return SchoolPage(
        school=known.pop(at.school.id),
        others=list(known.values()),
        tomorrow=midnights.day_of(now(), parts().settings.zone).isoformat(),
        closed=opens_on is not None and opens_on > today,
    )


def _again(refused: Refused) -> Response:
    failed = (request.endpoint or "").rpartition(".")[2]
    return show("administration/school.html", 422, **vars(replace(_page(), problem=refused, failed=failed)))


@audience(ADMINISTRATORS)
@form(_again, "name_school")
def name_school() -> str:
    """Give it a name."""
    at, data = here(), load_form(_Name, request.form)
    schools.rename(db.session(), at.school.id, data["school_name"], at.actor)
    return at.url("school")


@audience(ADMINISTRATORS)
@form(_again, "open_school")
def open_school() -> str:
    """Keep its activities closed before a day; none: they are open."""
    at, data = here(), load_form(_Opens, request.form)
    today = midnights.day_of(now(), parts().settings.zone)
    schools.set_opening(db.session(), at.school.id, data["date"], today, at.actor)
    return at.url("school")


@audience(ADMINISTRATORS)
@form(_again, "join_schools")
def join_schools() -> Response | str:
    """Show what joining another school with this one would do; confirmed as it was shown, do it."""
    at, session, data = here(), db.session(), load_form(_Join, request.form)
    shown = _page()
    joined = next((each for each in shown.others if each.id == data["school"]), None)
    if joined is None:
        raise Refused("school_unknown")
    found = dividing.look_at_joining(session, joined.id, at.school.id)
    if not data["seen"]:
        return show("administration/school.html", **vars(replace(shown, joining=found, joined=joined)))
    if data["seen"] != seen(found):
        raise Refused("school_changed")
    dividing.join(session, joined.id, at.school.id, at.actor)
    return at.url("school")


@audience(ADMINISTRATORS)
@form(_again, "split_school")
def split_school() -> Response | str:
    """Show what splitting a part off would do; confirmed as it was shown, do it."""
    at, session, data = here(), db.session(), load_form(_Split, request.form)
    patterns = dividing.patterns_of(data["courses"])
    found = dividing.look_at_splitting(session, at.school.id, data["deployment"], patterns)
    if not data["seen"]:
        return show("administration/school.html", **vars(replace(_page(), splitting=found)))
    if data["seen"] != seen(found):
        raise Refused("school_changed")
    dividing.split(session, at.school.id, data["deployment"], patterns, data["school_name"], at.actor)
    return at.url("school")


def seen(shown: Joining | Splitting) -> str:
    """What was shown, as the form that confirms it says so: so many courses go."""
    courses = shown.courses if isinstance(shown, Joining) else len(shown.courses)
    return str(courses)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/school", endpoint="school")(page)
    blueprint.post("/school/name")(name_school)
    blueprint.post("/school/opens")(open_school)
    blueprint.post("/school/join")(join_schools)
    blueprint.post("/school/split")(split_school)
