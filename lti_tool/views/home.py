"""The community's home: where we are, what is mine to do now, what the steps yielded, the days that matter."""

from typing import Any

from flask import Blueprint, abort, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool.db import db, now
from lti_tool.domain import Refused, access, days, influence, participation, pulse, restart, sharing
from lti_tool.domain.access import Audience
from lti_tool.domain.cycle import Turn
from lti_tool.models import ResourceLink
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.steps.base import Step
from lti_tool.views import FormError, Here, audience, here, inherit, load_form, show
from lti_tool.views.forms import posted
from lti_tool.views.step import find_step
from lti_tool.views.wheel import segments


@audience(access.EVERYBODY)
def home() -> Response:
    """The home; for somebody outside the community, that it is one."""
    if not here().viewer & access.FOLLOWERS:
        return show("guest.html")
    return show_home()


def show_home(problem: Refused | None = None, failed: str = "") -> Response:
    """The home of a cycle, for its community or for a school leader, and what went wrong with a form on it."""
    at, steps, turns = here(), parts().steps, here().turns()
    current = current_step(at, list(steps))
    turn = turns.get(current.name) if current else None
    values: dict[str, Any] = {
        "current": current,
        "run": turn.run if turn else None,
        "stage": current.stage(turn) if current and turn else None,
        "segments": segments(len(steps)),
        "outcomes": _outcomes(at, list(steps)),
        "present": len(turn.present_ids) if turn else at.present,
        "moved_on": inherit.moved_on(at),
        "others": [each for each in at.cycles if each is not at.cycle],
        "problem": problem,
        "failed": failed,
        "typed": posted() if problem else {},
    }
    if Audience.LEADER in at.viewer:
        values |= _for_leader(at, list(steps), turns)
    else:
        values |= _for_community(at, current, turns)
    return show("board.html", 422 if problem else 200, **values)


def _outcomes(at: Here, steps: list[Step]) -> list[tuple[Step, str]]:
    """What each completed step came to, as far as it is for this reader."""
    mine = [step for step in steps if step.name in at.runs and at.viewer & step.outcome_for]
    return [(step, outcome) for step in mine if (outcome := at.runs[step.name].outcome)]


def _for_leader(at: Here, steps: list[Step], turns: dict[str, Turn]) -> dict[str, Any]:
    """What there is for a school leader to do, what waits for an answer first; nothing that people wrote."""
    there = [step for step in steps if step.leader_actions and step.name in turns and at.cycle.closed_at is None]
    asked = [(step, turns[step.name], step.for_leader(turns[step.name])) for step in there]
    return {
        "waiting_for_leader": [each for each in asked if each[2].get("waiting")],
        "leading": [each for each in asked if not each[2].get("waiting")],
        "days": days.of_ambition(next(iter(turns.values()))) if turns else [],
        "shared": sharing.shared_yield(next(iter(turns.values()))) if turns else None,
    }


def _for_community(at: Here, current: Step | None, turns: dict[str, Turn]) -> dict[str, Any]:
    """What is this member's to do, and what is the community's alone."""
    values: dict[str, Any] = {
        "sides": [side for side in parts().steps.sides if side.name in at.runs or at.cycle.closed_at is None],
    }
    if not turns:
        return values
    first = next(iter(turns.values()))
    kept = restart.kept(first)
    agreed = [each.look_back for each in kept.values() if each.look_back]
    values |= {
        "days": days.of_community(first, at.runs),
        "looking_back": next((each for each in agreed if each.is_due(now().date())), None),
        "may_begin_next": restart.may_begin_next(first, at.runs, parts().steps),
        "stopped": kept[at.cycle.number].decision == restart.STOP,
        "to_place": at.facilitates and at.cycle.number > 1 and not _is_placed(at),
        "pulse_open": _pulse_open(at),
        "mirror": influence.mirror(first),
    }
    turn = turns.get(current.name) if current else None
    if current and turn and at.cycle.closed_at is None:
        values["task"] = current.task(turn)
        values["waiting"] = current.waiting(turn)
        if access.may_see(at.viewer, access.Seen.OWN_MOMENTS) and at.member:
            values["moments"] = participation.moments_of(db.session(), turn.run, at.member)
            values["receipt"] = participation.receipt(
                db.session(), turn.run, at.community.id, at.cycle.number, at.person.id
            )
    return values


def _pulse_open(at: Here) -> Step | None:
    """The step of which this person can still answer the pulse."""
    names = pulse.unanswered(db.session(), at.cycle, at.member) if at.member else ()
    return parts().steps.by_name[names[0]] if names else None


def _is_placed(at: Here) -> bool:
    """Whether any step of this cycle was opened as an activity of the course yet."""
    query = select(ResourceLink.id).filter_by(community_id=at.community.id, cycle_number=at.cycle.number)
    return db.session.scalar(query.where(ResourceLink.step.is_not(None)).limit(1)) is not None


def current_step(at: Here, steps: list[Step]) -> Step | None:
    """The first step that is not closed; None when all are."""
    return next((s for s in steps if not ((run := at.runs.get(s.name)) and run.closed_at)), None)


@audience(frozenset({Audience.LEADER}))
def lead(name: str, action: str) -> Response:
    """What a school leader outside may do in a step: nothing but what the step declares for leaders."""
    at, step = here(), find_step(name)
    declared, turn = step.leader_action(action), at.turn(step)
    if declared is None or turn is None:
        abort(404)
    try:
        step.perform(turn, declared, load_form(declared.schema, request.form))
    except FormError as error:
        log.info("form_refused", step=name, action=action, reason=str(error.errors))
        return show_home(Refused(next(code for codes in error.errors.values() for code in codes)), action)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action=action, reason=refused.code)
        return show_home(refused, action)
    return redirect(at.url("home"), 303)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/home")(home)
    blueprint.post("/lead/<name>/<action>")(lead)
