"""All courses of a school and how they stand; and the deployments they come from."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import naming
from lti_tool.domain.school import deployments, overview, settings
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.overview import LONGEST
from lti_tool.domain.school.wanting import Want
from lti_tool.models.platform import Held
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.YEAR,
        "courses",
        Text("Alle cursussen", "All courses"),
        Text("Hoe het ervoor staat, en wat een hand nodig heeft.", "How each one is doing, and which need attention."),
    ),
    Section(
        Group.PEOPLE,
        "deployments",
        Text("Koppelingen", "Deployments"),
        Text(
            "Waarlangs mensen binnenkomen; pauzeren of intrekken.", "By which people come in; pausing or withdrawing."
        ),
    ),
)

# What a filter is called, and what is said of a row that it fits.
WANTS: Mapping[Want, Text] = {
    Want.UNOPENED: Text("Nog door geen collega geopend", "No colleague has opened it yet"),
    Want.NO_FACILITATOR: Text("Geen begeleider", "No facilitator"),
    Want.STILL: Text("Staat al vier weken stil", "Has not moved for four weeks"),
    Want.COLUMN_GONE: Text("Kolom verdwenen", "Column gone"),
    Want.PLATFORM_DOWN: Text("Leeromgeving antwoordt niet goed", "Platform does not answer well"),
    Want.LEADER_GONE: Text("Schoolleider vertrokken", "School leader left"),
    Want.OVERDUE: Text("Verzoeken over tijd", "Requests overdue"),
    Want.ARCHIVED: Text("Gearchiveerd", "Archived"),
}
LAST_PAGE = 1000


def step_of(row: overview.Row) -> Text | None:
    """The title of the step that a community is at, as the school calls it; None between two."""
    known = {step.name: step for step in parts().steps}
    step = next((known[each] for each in row.steps if each in known), None)
    if step is None:
        return None
    if "step_names" not in g:
        at = here()
        said = settings.value(db.session(), settings.Name.STEPS, at.launch.deployment_id, at.school.id)
        g.step_names = {"value": said}
    title = naming.of(g.step_names, step.name, step.title)
    return Text(f"{step.position}. {title.nl}", f"{step.position}. {title.en}")


@audience(ADMINISTRATORS)
def courses() -> Response:
    """A page of them, of all or of those that want something."""
    want = next((each for each in Want if each == request.args.get("want")), None)
    title, page = request.args.get("title", "").replace("\0", "").strip()[:LONGEST], request.args.get("page", "1")
    number = min(int(page), LAST_PAGE) if page.isascii() and page.isdecimal() and len(page) < 5 else 1
    found = overview.page(db.session(), here().school.id, want=want, title=title, number=max(number, 1))
    return show("administration/console.html", found=found, want=want, title=title, wants=WANTS, step_of=step_of)


@audience(ADMINISTRATORS)
def deployments_page() -> Response:
    """The deployments of the school."""
    return _deployments()


def _deployments(problem: Refused | None = None, **_values: Any) -> Response:
    found = deployments.tenants(db.session(), here().school.id)
    through = here().launch.deployment_id
    return show(
        "administration/deployments.html", 422 if problem else 200, found=found, through=through, problem=problem
    )


@audience(ADMINISTRATORS)
@form(_deployments, "deployment")
def deployment(number: int) -> str:
    """Let one launch, or hold it."""
    at, do = here(), request.form.get("do", "")
    found = deployments.find(db.session(), at.school.id, number)
    if do == "approve":
        deployments.approve(db.session(), at.actor, found)
    elif do in list(Held):
        deployments.hold(db.session(), at.actor, found, Held(do), through=at.launch.deployment_id)
    else:
        raise Refused("answer_missing")
    parts().platforms.forget()
    return at.url("deployments")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/courses")(courses)
    blueprint.get("/deployments", endpoint="deployments")(deployments_page)
    blueprint.post("/deployments/<int:number>")(deployment)
