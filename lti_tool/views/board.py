"""Where a launch arrives, an Instructor's question, the language, drafts."""

from flask import Blueprint, Response, jsonify, make_response, redirect, request
from sqlalchemy import delete, select
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.db import db, now
from lti_tool.domain import Refused, access, cycle, roster
from lti_tool.domain.access import Audience
from lti_tool.i18n import LANGUAGES
from lti_tool.models import Draft
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.steps.base import Step
from lti_tool.views import Here, audience, here, show
from lti_tool.views.home import home
from lti_tool.views.step import draft_name, show_step

DRAFTS_EACH = 50
DRAFT_LENGTH = 20_000


@audience(access.EVERYBODY)
def board() -> BaseResponse:
    """The placement's own page: its step, or the community's home."""
    at = here()
    placed = at.link.step if at.link and at.link.cycle_number == at.cycle.number else None
    if at.viewer & access.COMMUNITY and placed in parts().steps.by_name:
        # Who was not heard by the announced date is asked first, whichever activity they open.
        return show_step(_unheard_in(at) or parts().steps.by_name[placed])
    return home()


def _unheard_in(at: Here) -> Step | None:
    """The step whose date was put off because this person, among others, had not been heard."""
    for step in parts().steps:
        run = at.runs.get(step.name)
        if run is not None and run.extended and run.closed_at is None:
            turn = at.turn(step)
            return step if turn and step.task(turn) else None
    return None


@audience(frozenset({Audience.ASKED}))
def welcome() -> BaseResponse:
    """The question to an Instructor."""
    return _welcome()


def _welcome(problem: Refused | None = None) -> BaseResponse:
    at = here()
    holder = roster.facilitator(db.session(), at.community)
    return show(
        "welcome.html",
        422 if problem else 200,
        facilitated=holder is not None and holder is not at.member,
        already=at.member is not None and at.member.facilitates,
        problem=problem,
        administrator=Audience.ADMINISTRATOR in at.viewer,
    )


# choice -> (standing, facilitate, leads)
CHOICES = {
    "facilitate_and_join": (roster.MEMBER, True, False),
    "facilitate": (roster.OUTSIDE, True, False),
    "join": (roster.MEMBER, False, False),
    "join_and_lead": (roster.MEMBER, False, True),
    "follow": (roster.LEADER, False, False),
}


@audience(frozenset({Audience.ASKED}))
def choose() -> BaseResponse:
    """The answer: asked once."""
    at = here()
    assert at.member is not None
    choice = CHOICES.get(request.form.get("choice", ""))
    # Who facilitates already, for having placed the tool, is only asked whether to take part too.
    if choice is None or (at.member.facilitates and not choice[1]):
        return _welcome(Refused("answer_missing"))
    standing, facilitate, leads = choice
    try:
        roster.choose(db.session(), at.community, at.member, standing, facilitate=facilitate, leads=leads)
    except Refused as problem:
        return _welcome(problem)
    if facilitate:
        ensure_open(at)
    return redirect(at.url("board"), 303)


def ensure_open(at: Here) -> None:
    """A community that has a facilitator has its first step open."""
    first = next(iter(parts().steps))
    if first.name not in at.runs:
        cycle.open_step(db.session(), at.community, at.cycle, first)


@audience(access.EVERYBODY)
def language() -> BaseResponse:
    """Change the language of the pages, for this person."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        here().person.locale = chosen
    return redirect(here().url("board" if here().launch.deep_linking is None else "pick"), 303)


@audience(access.COMMUNITY)
def draft() -> Response:
    """Keep what is being typed. Answers with the time it was kept, for the line under the form."""
    at = here()
    assert at.member is not None
    if at.cycle.closed_at is not None:
        log.info("form_refused", action="draft", reason="cycle_closed")
        return make_response(jsonify(saved=None), 422)
    body: dict[str, str | list[str]] = {}
    for field, values in request.form.lists():
        kept = [value.replace("\0", "") for value in values if value.strip()]
        if field != "draft" and kept:
            body[field.replace("\0", "")] = kept[0] if len(kept) == 1 else kept
    name = draft_name()
    length = sum(len(field) + sum(map(len, value)) for field, value in body.items())
    if not name or length > DRAFT_LENGTH:
        # Answered so that the line under the form says that nothing was kept.
        log.info("form_refused", action="draft", reason="too_long")
        return make_response(jsonify(saved=None), 422)
    # One draft of somebody at a time: a page that is left sends its own while another is under way.
    db.session.refresh(at.member, with_for_update=True)
    drafts = db.session.scalars(select(Draft).where(Draft.member_id == at.member.id).order_by(Draft.saved_at)).all()
    found = next((each for each in drafts if each.form == name), None)
    if not body:
        db.session.execute(delete(Draft).where(Draft.member_id == at.member.id, Draft.form == name))
    elif found:
        found.body, found.saved_at = body, now()
    else:
        for oldest in drafts[: max(0, len(drafts) + 1 - DRAFTS_EACH)]:
            db.session.delete(oldest)
        db.session.add(Draft(member_id=at.member.id, form=name, body=body))
    return jsonify(saved=now().astimezone(parts().settings.zone).strftime("%H:%M"))


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/")(board)
    blueprint.get("/welcome")(welcome)
    blueprint.post("/welcome", endpoint="choose")(choose)
    blueprint.post("/language")(language)
    blueprint.post("/draft")(draft)
