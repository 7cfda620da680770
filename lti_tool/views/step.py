"""A step's page, and what members do on it. Knows no step by name."""

from typing import Any

from flask import Blueprint, abort, redirect, request
from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, select
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.db import db
from lti_tool.domain import Refused, access, participation, roster
from lti_tool.domain.access import Audience, Seen
from lti_tool.domain.cycle import Turn
from lti_tool.models import Draft
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.steps.base import Step
from lti_tool.views import FormError, audience, here, load_form, show


def find_step(name: str) -> Step:
    """The step of that name, or 404."""
    step = parts().steps.by_name.get(name)
    if step is None:
        abort(404)
    return step


@audience(access.COMMUNITY)
def page(name: str) -> Response:
    """A step of the launch's own cycle."""
    return show_step(find_step(name))


def show_step(
    step: Step,
    *,
    problem: Refused | None = None,
    errors: dict[str, list[str]] | None = None,
    typed: dict[str, Any] | None = None,
    action: str = "",
) -> Response:
    """The step's page; after a refused form with what is wrong beside the field, and everything typed."""
    at = here()
    turn = at.turn(step)
    values: dict[str, Any] = {
        "step": step,
        "turn": turn,
        "problem": problem,
        "errors": errors or {},
        "typed": typed or {},
        "failed": action,
        "given_back": web.typed_texts() if problem and _form_gone(step, turn, action, problem) else [],
        "message": _done_message(step),
    }
    if turn is not None:
        values.update(
            run=turn.run,
            present=len(turn.present_ids),
            stage=step.stage(turn),
            task=step.task(turn),
            waiting=step.waiting(turn),
            drafts=_drafts(turn.run.id),
            **step.summary(turn),
        )
        if at.member and access.may_see(at.viewer, Seen.OWN_MOMENTS):
            values["moments"] = participation.moments_of(db.session(), turn.run, at.member)
            values["receipt"] = participation.receipt(
                db.session(), turn.run, at.community.id, at.cycle.number, at.person.id
            )
    status = 422 if problem or errors else 200
    return show(step.template, status, **values)


def _form_gone(step: Step, turn: Turn | None, action: str, problem: Refused) -> bool:
    """Whether the page no longer has the form that was just refused, so that its texts would be lost."""
    declared = step.action(action)
    if declared is None or turn is None:
        return False
    return turn.run.stage not in declared.stages or problem.code in ("enough_ideas", "already_revealed")


def _done_message(step: Step) -> Any:
    action = step.action(request.args.get("done", ""))
    if action:
        return action.done
    return _("The community has moved on.") if request.args.get("done") == "moved" else None


_DRAFTS = select(Draft).where(Draft.member_id == bindparam("member"), Draft.form.like(bindparam("forms")))


def _drafts(run_id: int) -> dict[str, Draft]:
    at = here()
    if at.member is None:
        return {}
    rows = db.session.scalars(_DRAFTS, {"member": at.member.id, "forms": f"{run_id}:%"})
    return {row.form.partition(":")[2]: row for row in rows}


def draft_name() -> str:
    """The name of the draft that the posted form is or had; "" for what cannot be one."""
    name = request.form.get("draft", "")
    return name if len(name) <= 96 and name.isprintable() else ""


@audience(frozenset({Audience.MEMBER}))
def act(name: str, action: str) -> Response:
    """Do one of the step's actions: its form, its rows, its moment and its score in one transaction."""
    at, step = here(), find_step(name)
    declared, turn = step.action(action), at.turn(step)
    if declared is None or turn is None:
        abort(404)
    typed = request.form.to_dict()
    try:
        data = load_form(declared.schema, request.form)
        moment = step.perform(turn, declared, data)
        if moment is not None:
            participation.mark(db.session(), turn.run, turn.me, moment)
        if draft := draft_name():
            db.session.execute(delete(Draft).where(Draft.member_id == turn.me.id, Draft.form == draft))
    except FormError as error:
        log.info("form_refused", step=name, action=action, reason=str(error.errors))
        # Said above the page too: the field may be none that is seen, or gone since the page was opened.
        problem = Refused("not_like_this" if turn.run.stage in declared.stages else "not_in_this_stage")
        return show_step(step, problem=problem, errors=dict(error.errors), typed=typed, action=action)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action=action, reason=refused.code)
        return show_step(step, problem=refused, typed=typed, action=action)
    return redirect(at.url("page", name=name, done=action), 303)


@audience(frozenset({Audience.FACILITATOR}))
def invitations(name: str) -> Response:
    """Who could still be invited in the open stage: names, no counts, no history."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None or turn.run.closed_at is not None:
        abort(404)
    done = step.done_members(turn)
    people = [
        (person, member.number)
        for member, person in roster.present_people(db.session(), at.community)
        if member.standing == roster.MEMBER and member.id not in done
    ]
    return show("invitations.html", step=step, turn=turn, stage=step.stage(turn), people=people)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/step/<name>")(page)
    blueprint.get("/step/<name>/invitations")(invitations)
    blueprint.post("/step/<name>/<action>")(act)
