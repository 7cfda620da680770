"""Choosing activities for a course (deep linking): the whole cycle, single steps, or the home alone."""

from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.db import db
from lti_tool.domain import access, participation, roster
from lti_tool.domain.participation import Passback
from lti_tool.lti import deeplink
from lti_tool.models import Deployment, Registration, ResourceLink
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.views import Here, audience, here, show
from lti_tool.views.board import ensure_open

HOME = "home"


def _may_place() -> bool:
    at = here()
    # The LMS offers this to whoever may change the course; a Learner who gets here did not come that way.
    return at.launch.deep_linking is not None and bool({"instructor", "administrator"} & set(at.launch.roles.split()))


@audience(access.EVERYBODY)
def pick() -> Response:
    """What to place, and what it means for the gradebook."""
    if not _may_place():
        return _not_yours()
    return _pick()


def _not_yours() -> Response:
    log.warning("refused", reason="may_not_place")
    page, status = web.error_page(
        _("Only whoever may change this course can add activities to it."),
        advice=_("Ask the teacher who manages this course."),
        status=403,
    )
    return make_response(page, status)


def _pick(problem: str = "") -> Response:
    at = here()
    settings = at.launch.deep_linking or {}
    placed = _placed(at)
    return show(
        "place.html",
        422 if problem else 200,
        multiple=bool(settings.get("accept_multiple")),
        columns=settings.get("accept_lineitem") is not False,
        accepted=deeplink.RESOURCE_LINK in settings.get("accept_types", []),
        number=at.newest.number,
        whole=_whole(at, placed),
        placed=[step for step in parts().steps if step.name in placed],
        problem=problem,
        typed=request.form,
    )


_PLACED = select(ResourceLink.step).where(
    ResourceLink.community_id == bindparam("community"),
    (ResourceLink.cycle_number == bindparam("number")) | ResourceLink.step.is_(None),
)


def _placed(at: Here) -> set[str]:
    """What is in the course already of the newest cycle, as far as anybody opened it: HOME is one for all cycles."""
    found = db.session.scalars(_PLACED, {"community": at.community.id, "number": at.newest.number})
    return {step or HOME for step in found}


def _whole(at: Here, placed: set[str]) -> list[str]:
    """The whole cycle: the home, which a later cycle finds in the course already, and the steps."""
    home = [] if at.newest.number > 1 and HOME in placed else [HOME]
    return [*home, *(step.name for step in parts().steps)]


@audience(access.EVERYBODY)
def place() -> Response:
    """Send the chosen activities to the LMS by a form that the browser posts (no script needed)."""
    if not _may_place():
        return _not_yours()
    at = here()
    settings = at.launch.deep_linking or {}
    names: list[str] = []
    if "cancel" not in request.form and deeplink.RESOURCE_LINK in settings.get("accept_types", []):
        multiple = bool(settings.get("accept_multiple"))
        chosen = request.form.getlist("item")
        if request.form.get("what") == "cycle" and multiple:
            names = _whole(at, _placed(at))
        else:
            names = [name for name in (HOME, *(step.name for step in parts().steps)) if name in chosen]
        if not multiple:
            names = names[:1]
        passback = request.form.get("passback", "")
        if not names:
            return _pick("choose_items")
        if passback not in list(Passback):
            return _pick("choose_passback")
        _found(at)
        with force_locale(at.community.locale):
            items = [_item(name, passback) for name in names]
    else:
        items = []
    deployment = db.session.get_one(Deployment, at.launch.deployment_id)
    registration = db.session.get_one(Registration, deployment.registration_id)
    token = deeplink.response(parts().keys, registration, deployment.deployment_id, settings, items)
    return_url = settings["deep_link_return_url"]
    response = make_response(
        render_template("deep_link_return.html", here=at, url=return_url, token=token, count=len(items))
    )
    response.headers["Content-Security-Policy"] = web.content_security_policy(form_action=web.origin_of(return_url))
    return response


def _found(at: Here) -> None:
    """The first Instructor to place the tool facilitates, and is asked later whether to take part too.

    Not an administrator, who sets up for others, and not a leader, who stays outside.
    """
    administrator = "administrator" in at.launch.roles.split()
    if at.member is None or administrator or at.member.standing == roster.LEADER:
        return
    if roster.facilitator(db.session(), at.community) is None:
        roster.take_over(db.session(), at.community, at.member)
        ensure_open(at)


def _item(name: str, passback: str) -> dict[str, Any]:
    """One activity. Its custom values carry names, never ids of the database: they survive a course copy."""
    at, tool = here(), parts()
    number = at.newest.number
    url = tool.settings.base_url + url_for("lti.item_address")
    icon = tool.settings.base_url + url_for("static", filename=f"icons/{name if name == HOME else 'step'}.svg")
    custom = {"cycle": str(number), "passback": passback}
    if name == HOME:
        title = _("Our learning community")
        text = _("Where we are in the cycle, and what is yours to do now.")
        return deeplink.item(title=title, text=text, url=url, custom=custom, icon=icon)
    step = tool.steps.by_name[name]
    locale = at.community.locale
    title = f"{step.position} {step.title.of(locale)}"
    return deeplink.item(
        # The course's first cycle stands alone; from the second on, activities and columns tell them apart.
        title=title if number == 1 else _("Cycle %(n)s · %(title)s", n=number, title=title),
        text=step.question.of(locale),
        url=url,
        custom={**custom, "step": name},
        icon=icon,
        resource_id=participation.resource_id(number, name) if passback != Passback.NONE else "",
        tag=participation.TAG,
    )


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/place")(pick)
    blueprint.post("/place")(place)
