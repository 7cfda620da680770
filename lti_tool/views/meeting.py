"""Meeting mode: a step on the big screen, and what a note-taker writes down for who has neither phone nor paper."""

from flask import Blueprint, abort, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lti_tool.db import db
from lti_tool.domain import Refused, access, notes, participation, roster
from lti_tool.domain.access import Audience
from lti_tool.observe import log
from lti_tool.steps.base import Action, Step
from lti_tool.views import FormError, audience, here, load_form, show
from lti_tool.views.forms import posted
from lti_tool.views.step import find_step, show_step

LONGEST = 4000  # characters of one note


@audience(access.COMMUNITY)
def meeting(name: str) -> Response:
    """The step's question, a timer, what is revealed, how many were heard; and the note-taker's forms."""
    return _meeting(find_step(name))


def _meeting(step: Step, problem: Refused | None = None, failed: str = "") -> Response:
    at = here()
    turn = at.turn(step)
    if turn is None:
        abort(404)
    people = [
        (member, person)
        for member, person in roster.present_people(db.session(), at.community)
        if member.standing == roster.MEMBER and member is not at.member
    ]
    return show(
        "meeting.html",
        422 if problem else 200,
        step=step,
        turn=turn,
        run=turn.run,
        stage=step.stage(turn),
        waiting=step.waiting(turn),
        present=len(turn.present_ids),
        spotlight=step.spotlight(turn),
        noted=[
            (action, [(field, field.options(turn) if field.options else None) for field in action.noted])
            for action in noted_now(step, turn.run.stage)
            if at.cycle.closed_at is None
        ],
        people=people,
        problem=problem,
        failed=failed,
        typed=posted() if problem else {},
        taken=request.args.get("taken"),
    )


def noted_now(step: Step, stage: str) -> list[Action]:
    """What somebody can have written down for them in a stage."""
    return [action for action in step.actions if action.noted and stage in action.stages]


@audience(access.COMMUNITY)
def take_note(name: str) -> Response:
    """Write down what a colleague said: it waits for that colleague's yes, and counts for nothing until then."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None:
        abort(404)
    chosen, member = request.form.get("action", ""), request.form.get("member", "")
    try:
        action = next((each for each in noted_now(step, turn.run.stage) if each.name == chosen), None)
        if action is None:
            raise Refused("not_in_this_stage")
        body = {
            field.name: request.form.get(field.name, "").replace("\r\n", "\n").replace("\0", "").strip()
            for field in action.noted
        }
        if any(len(text) > LONGEST for text in body.values()):
            raise Refused("too_long")
        # Only what the form itself would take: its member can then simply say yes.
        load_form(action.schema, MultiDict(body))
        notes.take(turn, int(member) if member.isdecimal() and len(member) < 10 else 0, action.name, body)
    except FormError as error:
        log.info("form_refused", step=name, action="note", reason=str(error.errors))
        code = next(code for codes in error.errors.values() for code in codes)
        return _meeting(step, Refused(code), chosen)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action="note", reason=refused.code)
        return _meeting(step, refused, chosen)
    return redirect(at.url("meeting", name=name, taken="1"), 303)


@audience(frozenset({Audience.MEMBER}))
def settle_note(name: str) -> Response:
    """Yes, I said this: it counts as if sent by this member. Or no: it is gone."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None:
        abort(404)
    chosen = request.form.get("note", "")
    try:
        note = notes.get_mine(turn, int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0)
        action = step.action(note.action)
        if request.form.get("answer") == "yes" and action is not None:
            data = load_form(action.schema, MultiDict(note.body)) | ({"file": None} if action.file else {})
            moment = step.perform(turn, action, data)
            if moment is not None:
                participation.mark(db.session(), turn.run, turn.me, moment)
        notes.drop(turn, note)
    except FormError as error:
        log.info("form_refused", step=name, action="settle_note", reason=str(error.errors))
        return show_step(step, problem=Refused("not_like_this"), action="settle_note")
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action="settle_note", reason=refused.code)
        return show_step(step, problem=refused, action="settle_note")
    return redirect(at.url("page", name=name), 303)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/step/<name>/meeting")(meeting)
    blueprint.post("/step/<name>/meeting/note")(take_note)
    blueprint.post("/step/<name>/meeting/settle")(settle_note)
