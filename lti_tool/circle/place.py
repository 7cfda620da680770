"""Choosing activities for a course (deep linking): the whole cycle, single steps, the home, or what is beside these."""

from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.audience import audience
from lti_tool.circle import Here, here, show
from lti_tool.circle.answering import form
from lti_tool.db import db
from lti_tool.domain import Refused, participation
from lti_tool.domain.community import access, placing, twins
from lti_tool.domain.community.placing import BESIDE, HOME, Page
from lti_tool.domain.hours import outside
from lti_tool.domain.participation import Passback
from lti_tool.domain.school import settings as school_settings
from lti_tool.i18n import say as _
from lti_tool.i18n import speaking
from lti_tool.lti import deeplink, quirks
from lti_tool.lti.claims import RESOURCE_LINK
from lti_tool.models import Beside, Deployment, Registration, ResourceLink
from lti_tool.observe import log
from lti_tool.parts import parts

# What somebody can choose for participation.
OF_STEPS = frozenset({Passback.MOMENTS, Passback.COMPLETED, Passback.NONE})


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
        _(
            "Alleen wie deze cursus mag aanpassen, kan er activiteiten in zetten.",
            "Only whoever may change this course can add activities to it.",
        ),
        advice=_(
            "Vraag het aan wie deze cursus beheert.",
            "Ask the teacher who manages this course.",
        ),
        status=403,
    )
    return make_response(page, status)


_CALLED = select(ResourceLink.id).where(
    ResourceLink.course_id == bindparam("course"), ResourceLink.title == bindparam("title")
)


def _edits(at: Here) -> bool:
    """Whether an activity that is there may be edited: Moodle would save several items over that one in turn, the
    last of them winning (M83).

    It sends what stands in its form (M81): a description, which everything placed from here has, or the activity's
    name. For a new activity the form holds the tool's own name, which an administrator may change (recorded).
    """
    settings = at.launch.deep_linking or {}
    title, text = ((settings.get(name) or "").strip() for name in ("title", "text"))
    if text or not title:
        return bool(text)
    return (
        title in _titles(at).values()
        or db.session.scalar(_CALLED, {"course": at.course.id, "title": title}) is not None
    )


def _takes_many(at: Here) -> bool:
    return bool((at.launch.deep_linking or {}).get("accept_multiple")) and not _edits(at)


def _pick(problem: Refused | None = None) -> Response:
    at = here()
    settings = at.launch.deep_linking or {}
    placed = _placed(at)
    return show(
        "place.html",
        422 if problem else 200,
        multiple=_takes_many(at),
        edits=bool(settings.get("accept_multiple")) and _edits(at),
        # Not every LMS says here what it takes; what the course's activities came with says it too.
        columns=settings.get("accept_lineitem") is not False
        and participation.has_gradebook(db.session(), at.course.id) is not False,
        accepted=RESOURCE_LINK in settings.get("accept_types", []),
        number=at.newest.number,
        called=_titles(at),
        beside=BESIDE,
        course_has=placed,
        whole=_whole(at, placed),
        placed=[step for step in parts().steps if step.name in placed],
        passback=school_settings.passback(db.session(), at.course),
        problem=problem,
        typed=request.form,
    )


_PLACED = select(ResourceLink.step).where(
    ResourceLink.course_id == bindparam("course"),
    (ResourceLink.cycle_number == bindparam("number"))
    | ResourceLink.step.is_(None)
    | ResourceLink.step.in_(list(Beside)),
)


def _placed(at: Here) -> set[str]:
    """What is in the course already of the newest cycle, as far as anybody opened it.

    HOME is one for all cycles, and so is what is beside these.
    """
    found = db.session.scalars(_PLACED, {"course": at.course.id, "number": at.newest.number})
    return {step or HOME for step in found}


def _whole(at: Here, placed: set[str]) -> list[str]:
    """The whole cycle: the home, which a later cycle finds in the course already, and the steps."""
    home = [] if at.newest.number > 1 and HOME in placed else [HOME]
    return [*home, *(step.name for step in parts().steps)]


@audience(access.EVERYBODY)
@form(_pick, "place")
def place() -> Response:
    """Send the chosen activities to the LMS by a form that the browser posts (no script needed)."""
    if not _may_place():
        return _not_yours()
    at = here()
    settings = at.launch.deep_linking or {}
    names: list[str] = []
    if "cancel" not in request.form and RESOURCE_LINK in settings.get("accept_types", []):
        multiple = _takes_many(at)
        chosen = request.form.getlist("item")
        names = [name for name in (*_of_cycle(), *BESIDE, outside.APPROVE) if name in chosen]
        if request.form.get("what") == "cycle" and multiple:
            names = [*_whole(at, _placed(at)), *(name for name in names if name in (*BESIDE, outside.APPROVE))]
        if not multiple:
            names = names[:1]
        passback = request.form.get("passback", "")
        if not names:
            raise Refused("choose_items")
        if passback not in OF_STEPS:
            raise Refused("choose_passback")
        graded = Passback.NONE
        if (given := request.form.get("graded")) is not None:
            if given not in [each.graded for each in BESIDE.values()]:
                raise Refused("choose_graded")
            graded = Passback(given)
        # Whoever opens the approve activity opens nothing of this community.
        pages = [Page(None if name == HOME else name, at.newest.number) for name in names if name != outside.APPROVE]
        if pages:
            placing.hand_out(db.session(), at.community, at.member, pages, Passback(passback), graded)
        with speaking(at.community.locale):
            items = [_beside(name, graded) if name in BESIDE else _item(name, passback) for name in names]
    else:
        items = []
    deployment = db.session.get_one(Deployment, at.launch.deployment_id)
    registration = db.session.get_one(Registration, deployment.registration_id)
    token = deeplink.response(parts().keys, registration, deployment.deployment_id, settings, items)
    return_url = settings["deep_link_return_url"]
    response = make_response(
        render_template("deep_link_return.html", here=at, url=return_url, token=token, count=len(items))
    )
    response.headers["Content-Security-Policy"] = web.content_security_policy(form_action=quirks.origin(return_url))
    return response


def _item(name: str, passback: str) -> dict[str, Any]:
    """One activity. Its custom values carry names, never ids of the database: they survive a course copy."""
    at, tool = here(), parts()
    number = at.newest.number
    url = tool.settings.base_url + url_for("lti.item_address")
    icon = tool.settings.base_url + url_for("static", filename=f"icons/{name if name == HOME else 'step'}.svg")
    title = _title(name)
    if name == HOME:
        text = _(
            "Waar we in de cyclus zijn, en wat jij nu kunt doen.",
            "Where we are in the cycle, and what is yours to do now.",
        )
        return deeplink.item(title=title, text=text, url=url, custom=_custom(passback), icon=icon)
    if name == outside.APPROVE:
        text = _("De uren die op jou wachten.", "The hours that wait for you.")
        return deeplink.item(title=title, text=text, url=url, custom={outside.PAGE: outside.APPROVE}, icon=icon)
    step = tool.steps.by_name[name]
    return deeplink.item(
        title=title,
        text=step.question.of(at.community.locale),
        url=url,
        custom=_custom(passback, step=name),
        icon=icon,
        resource_id=participation.resource_id(number, name) if passback != Passback.NONE else "",
        tag=participation.TAG,
    )


def _custom(passback: str, **more: str) -> dict[str, str]:
    """What an activity carries: what it is, and a key of its own."""
    at = here()
    key = twins.new_key(db.session(), at.course)
    return {"cycle": str(at.newest.number), "passback": str(passback), twins.NAME: key, **more}


def _beside(name: str, graded: Passback) -> dict[str, Any]:
    """One that is of no cycle. A column of it is made when there is something to show, so it comes with none."""
    at, tool, other = here(), parts(), BESIDE[Beside(name)]
    on = graded == other.graded
    return deeplink.item(
        title=_title(name),
        text=other.text.of(at.community.locale),
        url=tool.settings.base_url + url_for("lti.item_address"),
        custom=_custom(graded if on else Passback.NONE, step=name),
        icon=tool.settings.base_url + url_for("static", filename=f"icons/{name}.svg"),
    )


def _of_cycle() -> list[str]:
    """The home and the steps, by name."""
    return [HOME, *(step.name for step in parts().steps)]


def _titles(at: Here) -> dict[str, str]:
    """What everything that can be placed will be called in the LMS, and its column: in the community's language."""
    with speaking(at.community.locale):
        return {name: _title(name) for name in (*_of_cycle(), *BESIDE, outside.APPROVE)}


def _title(name: str) -> str:
    """What an activity is called in the LMS, in the language spoken now."""
    if name == HOME:
        return _("Onze leergemeenschap", "Our learning community")
    if name in list(Beside):
        return BESIDE[Beside(name)].title.of(here().community.locale)
    if name == outside.APPROVE:
        return _("Leerkring · goedkeuren", "Leerkring · approve")
    at, step = here(), parts().steps.by_name[name]
    title, number = f"{step.position} {at.title(step).of(at.community.locale)}", at.newest.number
    # The course's first cycle stands alone; from the second on, activities and columns tell them apart.
    return title if number == 1 else _("Cyclus %(n)s · %(title)s", "Cycle %(n)s · %(title)s", n=number, title=title)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/place")(pick)
    blueprint.post("/place")(place)
