"""Settings of the school and of its courses: each with its value, where that comes from, and who set it last."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, request
from marshmallow import fields
from werkzeug.wrappers import Response

from lti_tool.administration import Section, here, show
from lti_tool.administration.forms import Form
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.circle.loading import load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.school import settings
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.settings import SETTINGS, Kept, Level, Name, Scope, Shown
from lti_tool.i18n import speak
from lti_tool.text import Text

SECTIONS = (
    Section(
        "settings",
        Text("Instellingen", "Settings"),
        Text("Voor de school, of voor één cursus anders.", "For the school, or different for one course."),
    ),
)
# Where a value comes from.
FROM = {
    Level.DEFAULT: Text("zoals Leerkring komt", "as Leerkring comes"),
    Level.PLATFORM: Text("van de leeromgeving", "of the learning platform"),
    Level.SCHOOL: Text("van de school", "of the school"),
    Level.COURSE: Text("van deze cursus", "of this course"),
}


@dataclass(frozen=True)
class SettingsPage:
    """The names in templates/administration/settings.html. course: whose, None for the school's; failed: of which."""

    shown: Sequence[Shown]
    kept: dict[Name, Kept]
    origins: dict[Level, Text]
    course: tuple[int, str, str] | None
    courses: Sequence[tuple[int, str, str]]
    asked: str
    problem: Refused | None
    failed: str


class _Set(Form):
    setting = fields.String(load_default="")
    value = fields.String(load_default="")
    inherit = fields.String(load_default="")


@audience(ADMINISTRATORS)
def of_school() -> Response:
    """Those of the school."""
    return _page()


@audience(ADMINISTRATORS)
def of_course(number: int) -> Response:
    """Those of a course."""
    return _page(number=number)


def _scope(number: int | None) -> tuple[Scope, tuple[int, str, str] | None]:
    """What a page is about; 404 for a course of another school."""
    if number is None:
        return Scope(school_id=here().school.id), None
    found = settings.course(db.session(), here().school.id, number)
    if found is None:
        abort(404)
    return Scope(course_id=number), found


def _page(problem: Refused | None = None, number: int | None = None) -> Response:
    session, asked = db.session(), request.args.get("title", "")[:100]
    scope, course = _scope(number)
    page = SettingsPage(
        shown=settings.shown(session, scope),
        kept=dict(SETTINGS),
        origins=FROM,
        course=course,
        courses=settings.courses(session, here().school.id, asked) if course is None else [],
        asked=asked,
        problem=problem,
        failed=request.form.get("setting", "") if problem else "",
    )
    return show("administration/settings.html", 422 if problem else 200, **vars(page))


def said(kept: Kept, value: object) -> list[str]:
    """A value in words, one a line."""
    if isinstance(value, list):
        return [str(each).replace("/", " – ") for each in value]
    return [speak(kept.choices[str(value)])] if str(value) in kept.choices else [str(value)]


def _keep(number: int | None) -> None:
    at, data = here(), load_form(_Set, request.form)
    scope, _course = _scope(number)
    settings.keep(db.session(), scope, data["setting"], None if data["inherit"] else data["value"], at.actor)


@audience(ADMINISTRATORS)
@form(_page, "set_for_school")
def set_for_school() -> str:
    """Set one for the school, or have it inherited again."""
    _keep(None)
    return here().url("settings")


@audience(ADMINISTRATORS)
@form(_page, "set_for_course")
def set_for_course(number: int) -> str:
    """The same for a course."""
    _keep(number)
    return here().url("course_settings", number=number)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/settings", endpoint="settings")(of_school)
    blueprint.post("/settings")(set_for_school)
    blueprint.get("/settings/course/<int:number>", endpoint="course_settings")(of_course)
    blueprint.post("/settings/course/<int:number>")(set_for_course)
    blueprint.add_app_template_global(said, "setting_said")
