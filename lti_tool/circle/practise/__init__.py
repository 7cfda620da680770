"""Practising: what it is, beginning it, having the pretended colleagues take part, and throwing it away."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.practise import taking_part
from lti_tool.circle.practise.colleagues import NAMES
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access, practice
from lti_tool.i18n import choose_locale
from lti_tool.i18n import say as _
from lti_tool.models import Launch, Practice
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.steps.base import Step


def may_practise() -> bool:
    """Whoever may place activities or facilitates: those who lead a group through the steps."""
    at = here()
    return at.guides or bool({"instructor", "administrator"} & set(at.launch.roles.split()))


@audience(access.EVERYBODY)
def practise() -> Response:
    """What practising is, and the way into it."""
    return _page() if may_practise() else _not_yours()


def _page(problem: Refused | None = None) -> Response:
    if not may_practise():
        return _not_yours()
    known = practice.of_person(db.session(), here().person.id)
    return show("practise.html", 422 if problem else 200, known=known, names=NAMES, problem=problem)


def _not_yours() -> Response:
    log.warning("refused", reason="may_not_practise")
    words = _("Oefenen is voor wie een groep begeleidt.", "Practising is for whoever facilitates a group.")
    page, status = web.error_page(words, status=403)
    return make_response(page, status)


@audience(access.EVERYBODY)
@form(_page, "practise")
def begin() -> str | Response:
    """Go to one's practice: the one there is, or a new one in which all have written already."""
    at, session = here(), db.session()
    if not may_practise():
        return _not_yours()
    if request.form.get("do") != "begin":
        raise Refused("answer_missing")
    if at.practises:
        return at.url("home")
    steps = parts().steps
    community, fresh = practice.begin(session, at.launch, NAMES, choose_locale(), steps)
    made = practice.enter(session, at.launch, community)
    if fresh:
        first = next(iter(steps))
        taking_part.at_first(session, community, first, steps, parts().settings.zone)
    return url_for("circle.home", launch_id=made)


def _again(refused: Refused) -> Response:
    """The step that they were to take part in, with what is lacking there; or what practising is."""
    from lti_tool.circle.step import show_step

    step = under_way() if here().practises else None
    return show_step(step, problem=refused) if step is not None else _page(refused)


@audience(access.FACILITATOR)
@form(_again, "practise_colleagues")
def colleagues() -> str:
    """The pretended colleagues do what the present stage asks."""
    at = here()
    if not at.practises:
        abort(404)
    step = under_way()
    turn = at.turn(step) if step is not None else None
    if step is None or turn is None:
        raise Refused("step_not_ready")
    taking_part.take_part(turn, step, parts().steps)
    return at.url("page", name=step.name)


def under_way() -> Step | None:
    """The step that this community is in: the first of the cycle that is not completed."""
    at = here()
    return next((each for each in parts().steps if (run := at.runs.get(each.name)) and run.closed_at is None), None)


@audience(access.EVERYBODY)
@form(_page, "end_practice")
def end() -> str | Response:
    """Throw it away now, with everything in it."""
    at, session = here(), db.session()
    if not may_practise():
        return _not_yours()
    if request.form.get("do") != "end":
        raise Refused("answer_missing")
    known = practice.of_person(session, at.person.id)
    back = _other_page()
    if known is not None:
        practice.throw_away(session, known)
    return back or make_response(
        render_template(
            "notice.html",
            title=_("Weggegooid", "Thrown away"),
            sentence=_(
                "Je oefening is weg, met alles wat erin stond. Open Leerkring weer vanuit je cursus.",
                "Your practice is gone, with all that was in it. Open Leerkring again from your course.",
            ),
        )
    )


@audience(access.EVERYBODY)
def back() -> Response:
    """Back to where one came from."""
    if not here().practises:
        abort(404)
    return redirect(_other_page() or here().url("practise"), 303)


def _other_page() -> str:
    """The latest page of this browser that is no practice; "" for none."""
    at = here()
    practising = select(Practice.course_id)
    query = select(Launch).where(
        Launch.session_hash == at.launch.session_hash,
        Launch.person_id == at.person.id,
        Launch.course_id.is_not(None),
        Launch.course_id.not_in(practising),
    )
    found = db.session.scalars(query.order_by(Launch.created_at.desc()).limit(1)).first()
    if found is None:
        return ""
    page = "circle.pick" if found.deep_linking is not None else "circle.home"
    return url_for(page, launch_id=found.id)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/practise")(practise)
    blueprint.post("/practise", endpoint="begin_practice")(begin)
    blueprint.post("/practise/colleagues", endpoint="practise_colleagues")(colleagues)
    blueprint.post("/practise/end", endpoint="end_practice")(end)
    blueprint.get("/practise/back", endpoint="leave_practice")(back)
