"""What the facilitator does for the community: move the step, announce a date, hand on the role, read the roster."""

import datetime as dt

from flask import Blueprint, redirect, request
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from lti_tool.db import db, now
from lti_tool.domain import Refused, access, cycle, outbox, roster
from lti_tool.domain.access import Audience
from lti_tool.models import Member, ResourceLink
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.views import Here, audience, here, show
from lti_tool.views.step import find_step, show_step

FACILITATOR = frozenset({Audience.FACILITATOR})


@audience(FACILITATOR)
def advance(name: str) -> Response:
    """End the present stage; the form names the stage that was on the screen."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    try:
        if turn is None:
            raise Refused("step_not_ready")
        cycle.advance(turn, step, request.form.get("stage", ""), parts().steps)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action="advance", reason=refused.code)
        return show_step(step, problem=refused, action="advance")
    return redirect(at.url("page", name=name, done="moved"), 303)


@audience(FACILITATOR)
def announce(name: str) -> Response:
    """Announce the last day of the present stage: it ends at midnight in the school's time zone."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    try:
        if turn is None:
            raise Refused("step_not_ready")
        cycle.set_date(turn, None if "none" in request.form else _end_of_day(request.form.get("date", "")))
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action="announce", reason=refused.code)
        return show_step(step, problem=refused, typed=request.form.to_dict(), action="announce")
    return redirect(at.url("page", name=name), 303)


@audience(FACILITATOR)
def reopen(name: str) -> Response:
    """Open a completed step again, with a reason that all read."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    try:
        if turn is None or not step.reopens_at:
            raise Refused("step_not_ready")
        cycle.reopen(turn, step, request.form.get("reason", "").strip())
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action="reopen", reason=refused.code)
        return show_step(step, problem=refused, typed=request.form.to_dict(), action="reopen")
    return redirect(at.url("page", name=name, done="moved"), 303)


@audience(FACILITATOR)
def authors(name: str) -> Response:
    """Settle, as the community agreed, whether this step shows who wrote what."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    try:
        if turn is None:
            raise Refused("step_not_ready")
        cycle.choose_authors(turn, request.form.get("authors", ""))
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action="authors", reason=refused.code)
        return show_step(step, problem=refused, action="authors")
    return redirect(at.url("page", name=name), 303)


def _end_of_day(day: str) -> dt.datetime:
    try:
        date = dt.date.fromisoformat(day)
        midnight = dt.datetime.combine(date + dt.timedelta(days=1), dt.time(), parts().settings.zone)
    except (ValueError, OverflowError) as error:
        raise Refused("date_missing") from error
    if midnight > now() + dt.timedelta(days=730):
        raise Refused("date_missing")
    return midnight


@audience(access.COMMUNITY)
def community() -> Response:
    """Who is in the community, for all of it; for the facilitator also the roster's receipt and the roles."""
    return show_community()


def show_community(problem: Refused | None = None) -> Response:
    """The community's page, after a refused form with what is wrong."""
    at = here()
    people = roster.present_people(db.session(), at.community)
    reading = outbox.waiting(db.session(), outbox.ROSTER, str(at.course.id))
    lost = db.session.scalars(_lost_columns(at)).all()
    return show("community.html", 422 if problem else 200, people=people, reading=reading, lost=lost, problem=problem)


def _lost_columns(at: Here) -> Select[ResourceLink]:
    return select(ResourceLink).where(ResourceLink.community_id == at.community.id, ResourceLink.line_item_gone)


@audience(FACILITATOR)
def hand_on() -> Response:
    """Hand the facilitator's role to somebody else."""
    at = here()
    assert at.member is not None
    chosen = request.form.get("member", "")
    try:
        there = (member for member, _ in roster.present_people(db.session(), at.community))
        found = next((member for member in there if str(member.id) == chosen), None)
        if found is None or found is at.member:
            raise Refused("cannot_hand_on")
        roster.hand_on(db.session(), at.community, at.member, found)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", action="hand_on", reason=refused.code)
        return show_community(refused)
    return redirect(at.url("home"), 303)


@audience(FACILITATOR)
def ask_again() -> Response:
    """Have a school leader asked again how they take part."""
    at = here()
    chosen = request.form.get("member", "")
    try:
        found = db.session.get(Member, int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
        if found is None:
            raise Refused("cannot_ask_again")
        roster.ask_again(at.community, found)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", action="ask_again", reason=refused.code)
        return show_community(refused)
    return redirect(at.url("community"), 303)


@audience(FACILITATOR)
def read_roster() -> Response:
    """Have the roster read again: by the worker, nobody waits for the LMS."""
    at = here()
    if at.course.memberships_url:
        outbox.put(db.session(), outbox.ROSTER, str(at.course.id), course=at.course.id)
    return redirect(at.url("community"), 303)


@audience(FACILITATOR)
def restore_column() -> Response:
    """Have a new column made where somebody removed one: never by itself, removing may have been meant."""
    at = here()
    chosen = request.form.get("link", "")
    for link in db.session.scalars(_lost_columns(at)):
        if str(link.id) == chosen:
            outbox.put(db.session(), outbox.LINE_ITEM, str(link.id), link=link.id)
    return redirect(at.url("community"), 303)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/step/<name>/facilitate/advance")(advance)
    blueprint.post("/step/<name>/facilitate/announce")(announce)
    blueprint.post("/step/<name>/facilitate/reopen")(reopen)
    blueprint.post("/step/<name>/facilitate/authors")(authors)
    blueprint.get("/community")(community)
    blueprint.post("/community/hand-on")(hand_on)
    blueprint.post("/community/ask-again")(ask_again)
    blueprint.post("/community/roster")(read_roster)
    blueprint.post("/community/column")(restore_column)
