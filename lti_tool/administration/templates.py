"""Template courses: which there are, and marking one."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from marshmallow import EXCLUDE, Schema, fields, validate
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.circle.loading import load_form
from lti_tool.db import MAX_ID, db
from lti_tool.domain import Refused
from lti_tool.domain.school import templates
from lti_tool.domain.school.access import ADMINISTRATORS, READERS
from lti_tool.domain.school.templates import Listed
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.YEAR,
        "templates",
        Text("Sjablooncursussen", "Template courses"),
        Text("Waarmee kopieën van een cursus beginnen.", "What copies of a course begin with."),
    ),
)


@dataclass(frozen=True)
class TemplatesPage:
    """The names in templates/administration/templates.html. asked: what was looked for; this: the launch's course."""

    listed: Sequence[Listed]
    this: Listed | None
    asked: str
    found: Sequence[Listed]
    problem: Refused | None


class _Chosen(Schema):
    class Meta:
        unknown = EXCLUDE

    course = fields.Integer(
        required=True,
        validate=validate.Range(1, MAX_ID, error="template_unknown"),
        error_messages={"required": "template_unknown", "invalid": "template_unknown"},
    )


@audience(READERS)
def show_templates() -> Response:
    """The school's templates; for who administers also this course, and looking for another."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    at, session = here(), db.session()
    asked = request.values.get("asked", "")[: templates.LONGEST] if at.administers else ""
    page = TemplatesPage(
        listed=templates.listed(session, at.school.id),
        this=templates.course(session, at.school.id, at.launch.course_id) if at.administers else None,
        asked=asked,
        found=templates.find(session, at.school.id, asked),
        problem=problem,
    )
    return show("administration/templates.html", 422 if problem else 200, **vars(page))


@audience(ADMINISTRATORS)
@form(_page, "mark_template")
def mark_template() -> str:
    """Make a course a template."""
    at = here()
    templates.mark(db.session(), at.school.id, load_form(_Chosen, request.form)["course"], at.actor)
    return at.url("templates")


@audience(ADMINISTRATORS)
@form(_page, "unmark_template")
def unmark_template() -> str:
    """Make it one no longer."""
    at = here()
    templates.unmark(db.session(), at.school.id, load_form(_Chosen, request.form)["course"], at.actor)
    return at.url("templates")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/templates", endpoint="templates")(show_templates)
    blueprint.post("/templates")(mark_template)
    blueprint.post("/templates/unmark")(unmark_template)
