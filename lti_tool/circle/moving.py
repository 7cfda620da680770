"""Ending a stage together: whom it still waits for, putting a text to all, going on without somebody, passing."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.step import again, find_step
from lti_tool.db import db
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import access, members
from lti_tool.domain.community.access import FACILITATOR, Audience
from lti_tool.domain.cycle import Stage, StageKind, Turn, telling
from lti_tool.domain.cycle.may_end import Ending, Lack
from lti_tool.domain.reading.things import Thing, readers
from lti_tool.i18n import last_day, speak
from lti_tool.i18n import say as _
from lti_tool.models import Member, Person
from lti_tool.parts import parts
from lti_tool.steps.base import Step


def opened(name: str) -> tuple[Turn, Step]:
    """This person's turn at a step; Refused while it was not opened."""
    step = find_step(name)
    turn = here().turn(step)
    if turn is None:
        raise Refused("step_not_ready")
    return turn, step


@audience(FACILITATOR)
@form(again("advance"), "advance")
def advance(name: str) -> str:
    """End the present stage; the form names the stage that was on the screen. Without everybody: asked first."""
    turn, step = opened(name)
    seen, confirmed = request.form.get("stage", ""), "confirmed" in request.form
    if turn.run.stage == seen and not confirmed and cycle.ending_of(turn, step).lack == Lack.CONFIRM:
        return here().url("confirm", name=name)
    cycle.advance(turn, step, seen, parts().steps, confirmed=confirmed)
    stages = [each.name for each in step.stages]
    back = turn.run.stage in stages and stages.index(turn.run.stage) < stages.index(seen)
    return here().url("page", name=name, done="back" if back else "moved")


@dataclass(frozen=True)
class Confirm:
    """The names in templates/_confirm.html. people: who may be named as missing; missing: how many of them are."""

    step: Step
    turn: Turn
    stage: Stage
    ending: Ending
    people: list[tuple[Member, Person]]
    missing: int
    back: bool


@audience(FACILITATOR)
def confirm(name: str) -> Response:
    """Who was not heard yet, what follows for them, and whether it can be taken back: asked before going on."""
    step = find_step(name)
    turn = here().turn(step)
    if turn is None:
        abort(404)
    asked = without(turn, step)
    if asked is None:
        # Meanwhile they were heard, or the community has gone on.
        return redirect(here().url("page", name=name), 303)
    return show("confirm.html", **vars(asked))


def without(turn: Turn, step: Step) -> Confirm | None:
    """What is asked before a stage ends without some; None where it can end without asking, or cannot end."""
    ending = cycle.ending_of(turn, step)
    if ending.lack != Lack.CONFIRM:
        return None
    named, missing = telling.shown_missing(turn, step)
    stage = step.stage(turn)
    return Confirm(
        step=step,
        turn=turn,
        stage=stage,
        ending=ending,
        people=[each for each in members.present_people(db.session(), turn.community) if each[0].id in named],
        missing=missing,
        back=stage.kind == StageKind.OPEN,
    )


@audience(access.COMMUNITY)
@form(again("put"), "put")
def put(name: str) -> str:
    """Put to all what was written together: anybody may but who wrote last."""
    turn, step = opened(name)
    if step.stage(turn).kind != StageKind.TOGETHER:
        raise Refused("not_in_this_stage")
    cycle.advance(turn, step, request.form.get("stage", ""), parts().steps)
    return here().url("page", name=name, done="moved")


@audience(FACILITATOR)
@form(again("take_back"), "take_back")
def take_back(name: str) -> str:
    """Take the last move back."""
    turn, step = opened(name)
    cycle.take_back(turn, step, request.form.get("stage", ""))
    return here().url("page", name=name)


@audience(frozenset({Audience.MEMBER}))
@form(again("pass"), "pass")
def pass_by(name: str) -> str:
    """Pass in the present stage."""
    turn, step = opened(name)
    if turn.run.stage != request.form.get("stage", ""):
        raise Refused("stage_moved")
    cycle.pass_by(turn, step)
    return here().url("page", name=name)


@audience(readers(Thing.INVITATIONS))
def invitations(name: str) -> Response:
    """Who could still be invited in the open stage: names, no counts, no history."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None or turn.run.closed_at is not None or at.cycle.closed_at is not None:
        abort(404)
    if not at.cycle.under_way:
        # In a pause nobody is asked for anything.
        return redirect(at.url("page", name=name), 303)
    named, missing = telling.shown_missing(turn, step)
    people = [
        (person, member.number)
        for member, person in members.present_people(db.session(), at.community)
        if member.id in named
    ]
    return show(
        "invitations.html",
        step=step,
        turn=turn,
        stage=step.stage(turn),
        people=people,
        missing=missing,
        announcement=_announcement(step, turn),
    )


def _announcement(step: Step, turn: Turn) -> str:
    """What the facilitator may put in the LMS's own announcements: nothing about anybody in particular."""
    lines = [
        _(
            "%(name)s: stap %(number)s, %(title)s",
            "%(name)s: step %(number)s, %(title)s",
            name=turn.community.name,
            number=step.position,
            title=speak(here().title(step)),
        )
    ]
    lines += [speak(step.question), ""]
    if waiting := step.waiting(turn):
        said = {
            "done": waiting.done,
            "all": step.waited_for(turn),
            "did": speak(waiting.one if waiting.done == 1 else waiting.many),
        }
        lines.append(_("%(done)s van de %(all)s leden %(did)s.", "%(done)s of the %(all)s members %(did)s.", **said))
    if turn.run.announced:
        lines.append(
            _("Het kan nog tot en met %(when)s.", "There is time until %(when)s.", when=last_day(turn.run.announced))
        )
    lines.append(
        _(
            "Jouw stem telt mee: open de activiteit in de cursus. Een paar minuten is genoeg.",
            "Your voice counts: open the activity in the course. A few minutes is enough.",
        )
    )
    return "\n".join(lines)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/step/<name>/invitations")(invitations)
    blueprint.post("/step/<name>/facilitate/advance")(advance)
    blueprint.get("/step/<name>/facilitate/confirm")(confirm)
    blueprint.post("/step/<name>/facilitate/back")(take_back)
    blueprint.post("/step/<name>/together/put")(put)
    blueprint.post("/step/<name>/together/pass")(pass_by)
