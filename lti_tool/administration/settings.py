"""Settings of the school and of its courses: each with its value, where that comes from, and who set it last.

What takes something away is looked at before it is set: the same form, sent once more with what its reader saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, request
from marshmallow import fields
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.administration.forms import Form
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.circle.loading import load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.school import retention, settings
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.setting_kinds import LONGEST_STEP, as_typed
from lti_tool.domain.school.settings import SETTINGS, Kept, Level, Name, Scope, Shown
from lti_tool.domain.thread.flow import Flow
from lti_tool.i18n import say, speak
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.SETTINGS,
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
    """The names in templates/administration/settings.html. course: whose, None for the school's; failed: of which
    it could not be; saved: of which it was.

    fields: of a setting that is typed by step, step by step, its fields; typed: part -> what is typed in it.
    """

    shown: Sequence[Shown]
    kept: dict[Name, Kept]
    origins: dict[Level, Text]
    course: tuple[int, str, str] | None
    courses: Sequence[tuple[int, str, str]]
    asked: str
    problem: Refused | None
    failed: str
    saved: str
    fields: Mapping[Name, Sequence["Fields"]]
    typed: Mapping[Name, Mapping[str, str]]
    longest: int


@dataclass(frozen=True)
class Fields:
    """The fields of one step: (part, what it is called, what holds where it is empty)."""

    title: str
    parts: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class RetentionPage:
    """The names in templates/administration/retention.html. said: what was chosen, None: to have it inherited."""

    seen: retention.Seen
    words: str
    said: str | None
    action: str


class _Set(Form):
    setting = fields.String(load_default="")
    value = fields.String(load_default="")
    inherit = fields.String(load_default="")
    seen = fields.String(load_default="")
    part = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


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
        saved="" if problem else request.args.get("saved", ""),
        fields={Name.STEPS: _names_of_steps(), Name.TARIFF: _minutes_of_steps()},
        typed={},
        longest=LONGEST_STEP,
    )
    typed = {each.name: as_typed(each.name, each.value) for each in page.shown if SETTINGS[each.name].by_step}
    if page.failed in typed:
        typed[Name(page.failed)] = _parts()
    page = replace(page, typed=typed)
    return show("administration/settings.html", 422 if problem else 200, **vars(page))


def _names_of_steps() -> list[Fields]:
    return [
        Fields(
            say("Stap %(n)s: %(title)s", "Step %(n)s: %(title)s", n=each.position, title=speak(each.title)),
            [
                (f"{each.name}.nl", say("In het Nederlands", "In Dutch"), each.title.nl),
                (f"{each.name}.en", say("In het Engels", "In English"), each.title.en),
            ],
        )
        for each in parts().steps
    ]


def _minutes_of_steps() -> list[Fields]:
    acting = parts().steps.keeping(Flow.RESULT).name
    found = []
    for each in parts().steps:
        its = [(each.name, say("De stap", "The step"), "")]
        if each.name == acting:
            its += [
                (f"{each.name}.action", say("Elke afgeronde actie", "Each finished action"), ""),
                (f"{each.name}.most", say("Samen hoogstens", "At most together"), ""),
            ]
        title = say("Stap %(n)s: %(title)s", "Step %(n)s: %(title)s", n=each.position, title=speak(each.title))
        found.append(Fields(title, its))
    return found


def _parts() -> dict[str, str]:
    """What was typed in the fields of a setting that is typed by step: part -> value."""
    return {name.partition("-")[2]: value for name, value in request.form.items() if name.startswith("part-")}


def said(kept: Kept, value: object) -> list[str]:
    """A value in words, one a line."""
    if isinstance(value, dict):
        return [line for each in parts().steps if (line := _of_step(value.get(each.name), each.position))]
    if isinstance(value, list):
        return [str(each).replace("/", " – ") for each in value]
    return [speak(kept.choices[str(value)])] if str(value) in kept.choices else [str(value)]


def _of_step(of: Mapping[str, str] | Mapping[str, int] | None, position: int) -> str:
    if not of:
        return ""
    if "minutes" in of:
        each = say(", %(n)s per actie", ", %(n)s for each action", n=of["action"]) if of["action"] else ""
        minutes = of["minutes"]
        return say("Stap %(n)s: %(much)s minuten", "Step %(n)s: %(much)s minutes", n=position, much=minutes) + each
    return f"{position}. {' / '.join(str(of[language]) for language in ('nl', 'en') if language in of)}"


def _keep(number: int | None) -> str | Response:
    at, data = here(), load_form(_Set, request.form)
    scope, _course = _scope(number)
    session, name, steps = db.session(), data["setting"], [each.name for each in parts().steps]
    back = at.url("settings") if number is None else at.url("course_settings", number=number)
    kept = f"{back}?saved={name}#{name}"
    wanted = None if data["inherit"] else data["value"]
    if name == Name.RETENTION:
        if not data["seen"]:
            seen = retention.look(session, scope, wanted, steps)
            words = speak(SETTINGS[Name.RETENTION].choices[seen.said])
            return show("administration/retention.html", **vars(RetentionPage(seen, words, wanted, back)))
        retention.keep(session, scope, wanted, data["seen"], at.actor, steps)
        return kept
    if name in list(Name) and SETTINGS[Name(name)].by_step and wanted is not None:
        wanted = "\n".join(f"{part}={' '.join(value.split())}" for part, value in data["part"].items())
    settings.keep(session, scope, name, wanted, at.actor, steps)
    return kept


@audience(ADMINISTRATORS)
@form(_page, "set_for_school")
def set_for_school() -> str | Response:
    """Set one for the school, or have it inherited again."""
    return _keep(None)


@audience(ADMINISTRATORS)
@form(_page, "set_for_course")
def set_for_course(number: int) -> str | Response:
    """The same for a course."""
    return _keep(number)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/settings", endpoint="settings")(of_school)
    blueprint.post("/settings")(set_for_school)
    blueprint.get("/settings/course/<int:number>", endpoint="course_settings")(of_course)
    blueprint.post("/settings/course/<int:number>")(set_for_course)
    blueprint.add_app_template_global(said, "setting_said")
