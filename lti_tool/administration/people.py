"""Who administers the school: naming others, ending it, and who asks to be let in."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.administration.forms import Form, number
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.circle.loading import load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.school import administrators
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.administrators import Asked, Known, Named
from lti_tool.models.school import Power
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.PEOPLE,
        "administrators",
        Text("Wie beheert", "Who administers"),
        Text(
            "Beheerders benoemen, en wie voor de privacy meekijkt.",
            "Name administrators, and who looks on for privacy.",
        ),
    ),
)
# What each power is called.
POWERS = {
    Power.ADMINISTRATOR: Text("beheerder", "administrator"),
    Power.OFFICER: Text("functionaris gegevensbescherming", "data protection officer"),
}


@dataclass(frozen=True)
class PeoplePage:
    """The names in templates/administration/administrators.html. asked: the name that was looked for."""

    listed: Sequence[Named]
    requests: Sequence[Asked]
    asked: str
    found: Sequence[Known]
    powers: dict[Power, Text]
    problem: Refused | None


class _Name(Form):
    person = number("administrator_whom")
    power = fields.String(
        required=True,
        validate=validate.OneOf([str(each) for each in Power], error="administrator_power"),
        error_messages={"required": "administrator_power"},
    )


class _End(Form):
    administrator = number("administrator_gone")


class _Answer(Form):
    request = number("administrator_request_gone")
    answer = fields.String(
        required=True,
        validate=validate.OneOf(["yes", "no"], error="answer_missing"),
        error_messages={"required": "answer_missing"},
    )


@audience(ADMINISTRATORS)
def people() -> Response:
    """Who administers, who asks, and looking for somebody to name."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    session, school = db.session(), here().school.id
    asked = request.values.get("name", "")[: administrators.LONGEST_NAME]
    page = PeoplePage(
        listed=administrators.listed(session, school),
        requests=administrators.requests(session, school),
        asked=asked,
        found=administrators.found(session, school, asked),
        powers=POWERS,
        problem=problem,
    )
    return show("administration/administrators.html", 422 if problem else 200, **vars(page))


@audience(ADMINISTRATORS)
@form(_page, "name_administrator")
def name_administrator() -> str:
    """Give somebody of the school a power."""
    at, data = here(), load_form(_Name, request.form)
    administrators.name(db.session(), at.school.id, data["person"], Power(data["power"]), at.actor)
    return at.url("administrators")


@audience(ADMINISTRATORS)
@form(_page, "end_administrator")
def end_administrator() -> str:
    """End one, one's own too."""
    at, data = here(), load_form(_End, request.form)
    own = any(
        each.id == data["administrator"] and each.person_id == at.person.id and each.power == Power.ADMINISTRATOR
        for each in administrators.listed(db.session(), at.school.id)
    )
    administrators.end(db.session(), at.school.id, data["administrator"], at.actor)
    return at.url("arrive" if own else "administrators")


@audience(ADMINISTRATORS)
@form(_page, "answer_administrator")
def answer_administrator() -> str:
    """Let somebody in who asks, or not."""
    at, data = here(), load_form(_Answer, request.form)
    administrators.answer(db.session(), at.school.id, data["request"], data["answer"] == "yes", at.actor)
    return at.url("administrators")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/administrators", endpoint="administrators")(people)
    blueprint.post("/administrators")(name_administrator)
    blueprint.post("/administrators/end")(end_administrator)
    blueprint.post("/administrators/answer")(answer_administrator)
