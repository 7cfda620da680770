"""Where a launch arrives, the question what somebody does here, the language, drafts."""

from flask import Blueprint, Response, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.audience import audience
from lti_tool.circle import Here, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import DRAFTS_EACH, draft_name, typed_draft
from lti_tool.circle.home import home
from lti_tool.circle.hours.mine import show_mine
from lti_tool.circle.step import show_step
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access, drafts, from_template, members
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import handed
from lti_tool.i18n import LANGUAGES
from lti_tool.models import Beside, Standing
from lti_tool.parts import parts
from lti_tool.steps.base import Step


@audience(access.EVERYBODY)
def arrive() -> BaseResponse:
    """The placement's own page: its step, one's hours, or the community's home; home too where it asks first: are you
    here?"""
    at = here()
    asked = at.viewer & access.COMMUNITY and at.at_hand is not None and at.at_hand.asks(at.member)
    if at.viewer & access.COMMUNITY and at.launch.step == Beside.HOURS and not asked:
        return show_mine()
    placed = at.launch.step if at.launch.cycle_number == at.cycle.number else None
    if at.viewer & access.COMMUNITY and placed in parts().steps.by_name and not asked:
        # Who was not heard by the announced date is asked first, whichever activity they open.
        return show_step(_unheard_in(at) or parts().steps.by_name[placed])
    return home()


def _unheard_in(at: Here) -> Step | None:
    """The step whose date was put off because this person, among others, had not been heard."""
    if not at.cycle.under_way:
        return None
    for step in parts().steps:
        run = at.runs.get(step.name)
        if run is not None and run.extended and run.closed_at is None:
            turn = at.turn(step)
            return step if turn and step.task(turn) else None
    return None


@audience(frozenset({Audience.ASKED}))
def welcome() -> BaseResponse:
    """The question what somebody does here; or, to who left, whether they take part again."""
    return show_welcome()


def show_welcome(problem: Refused | None = None) -> BaseResponse:
    """The question; after a form on it that was refused, with what is wrong."""
    at, status = here(), 422 if problem else 200
    assert at.member is not None
    if at.member.standing == Standing.APART:
        left, offered = members.has_left(db.session(), at.member), handed.is_offered(db.session(), at.member)
        return show("back.html", status, left=left, offered=offered, problem=problem)
    roles = set(at.launch.roles.split())
    return show(
        "welcome.html",
        status,
        choices=members.offered(db.session(), at.community, at.member),
        former=members.may_resume(at.member),
        teacher="instructor" in roles,
        problem=problem,
        administrator=Audience.ADMINISTRATOR in at.viewer,
    )


@audience(frozenset({Audience.ASKED}))
@form(show_welcome, "choose")
def choose() -> str:
    """The answer: asked once, and open to correction (circle.roles)."""
    at, chosen = here(), request.form.get("choice", "")
    assert at.member is not None
    if at.member.standing == Standing.APART:
        if chosen != "back":
            raise Refused("answer_missing")
        members.come_back(db.session(), at.community, at.member)
        return at.url("arrive")
    members.choose(db.session(), at.community, at.member, chosen, parts().steps)
    if at.member.facilitates:
        ensure_open(at)
    return at.url("arrive")


def ensure_open(at: Here) -> None:
    """A community in which somebody facilitates has its first step open."""
    assert at.member is not None
    zone = parts().settings.zone
    from_template.begin(db.session(), at.community, parts().steps, at.member, zone, at.cycle.number)


@audience(access.EVERYBODY)
def language() -> BaseResponse:
    """Change the language of the pages, for this person."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        here().person.locale = chosen
    return redirect(here().url("arrive" if here().launch.deep_linking is None else "pick"), 303)


def _not_kept(_refused: Refused) -> Response:
    """Answered so that the line under the form says that nothing was kept."""
    return make_response(jsonify(saved=None), 422)


@audience(access.COMMUNITY)
@form(_not_kept, "draft")
def draft() -> Response:
    """Keep what is being typed. Answers with the time it was kept, for the line under the form."""
    at = here()
    assert at.member is not None
    name = draft_name()
    if at.cycle.closed_at is not None and not name.startswith(f"{drafts.OWN}:"):
        raise Refused("cycle_closed")
    body = typed_draft()
    if not name or body is None:
        raise Refused("too_long")
    # One draft of somebody at a time: a page that is left sends its own while another is under way.
    db.session.refresh(at.member, with_for_update=True)
    drafts.keep(db.session(), at.member, name, body, DRAFTS_EACH)
    return jsonify(saved=now().astimezone(parts().settings.zone).strftime("%H:%M"))


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/")(arrive)
    blueprint.get("/welcome")(welcome)
    blueprint.post("/welcome", endpoint="choose")(choose)
    blueprint.post("/language")(language)
    blueprint.post("/draft")(draft)
