"""What a note-taker writes down in a meeting for who has no phone at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import posted
from lti_tool.circle.loading import FormError, load_form
from lti_tool.circle.step import find_step, show_step
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access, away, members
from lti_tool.domain.community.access import Audience
from lti_tool.domain.cycle import Stage, Turn, telling
from lti_tool.domain.mechanisms import late, notes
from lti_tool.domain.reading import gate, words
from lti_tool.models import Member, Person, Standing, StepRun
from lti_tool.steps.base import Asked, Deed, Step

LONGEST = 4000  # characters of one note


@dataclass(frozen=True)
class Noting:
    """The names in templates/together/note.html. noted: what can be written down for somebody; people: for whom.

    failed, typed: whose form was just refused, and what it held. taken: whether a note was just taken.
    """

    step: Step
    turn: Turn
    run: StepRun
    stage: Stage
    noted: Sequence[tuple[Deed, Sequence[Asked]]]
    people: Sequence[tuple[Member, Person]]
    problem: Refused | None
    failed: str
    typed: Mapping[str, Any]
    taken: bool


@audience(access.COMMUNITY)
def noting(name: str) -> Response:
    """The note-taker's forms for the present stage."""
    return _noting(find_step(name))


def _noting(step: Step, problem: Refused | None = None, failed: str = "") -> Response:
    at = here()
    turn = at.turn(step)
    if turn is None:
        abort(404)
    people = [
        (member, person)
        for member, person in members.present_people(db.session(), at.community)
        if member.standing == Standing.MEMBER and member is not at.member and not away.is_away(member)
    ]
    page = Noting(
        step=step,
        turn=turn,
        run=turn.run,
        stage=step.stage(turn),
        noted=[
            (deed, [asked for field in deed.noted for asked in field.asked(turn)])
            for deed in noted_now(step, turn.run.stage)
            if at.cycle.under_way
        ],
        people=people,
        problem=problem,
        failed=failed,
        typed=posted() if problem else {},
        taken="taken" in request.args,
    )
    return show("together/note.html", 422 if problem else 200, **vars(page))


def noted_now(step: Step, stage: str) -> list[Deed]:
    """What somebody can have written down for them in a stage."""
    found = [deed for deed in step.deeds if deed.noted and stage in deed.stages]
    # What the round decides comes first.
    return sorted(found, key=lambda deed: not any(field.enough for field in deed.noted))


@audience(access.COMMUNITY)
@form(lambda refused, name: _noting(find_step(name), refused, request.form.get("deed", "")), "note")
def take_note(name: str) -> str:
    """Write down what a colleague said: it waits for that colleague's yes, and counts for nothing until then."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None:
        abort(404)
    chosen, member = request.form.get("deed", ""), request.form.get("member", "")
    deed = next((each for each in noted_now(step, turn.run.stage) if each.name == chosen), None)
    if deed is None:
        raise Refused("not_in_this_stage")
    body = {
        asked.name: said
        for field in deed.noted
        for asked in field.asked(turn)
        if (said := words.taken_in(request.form.get(asked.name, ""))) not in ("", "0") or field.on is None
    }
    for field in deed.noted:
        given = [int(said) for name, said in body.items() if name.startswith(f"{field.name}-") and said.isdecimal()]
        if field.most is not None and sum(given) > field.most:
            raise Refused("too_many_dots")
    if any(len(text) > LONGEST for text in body.values()):
        raise Refused("too_long")
    # Only what the form itself would take: its member can then simply say yes.
    load_form(deed.schema, MultiDict(body))
    chosen_enough = any(field.enough for field in deed.noted) and any(body.values())
    whom = int(member) if member.isdecimal() and len(member) < 10 else 0
    notes.take(turn, whom, deed.name, body, chosen=chosen_enough)
    return at.url("noting", name=name, taken="1")


def _settle_again(refused: Refused, name: str) -> Response:
    problem = Refused("not_like_this") if isinstance(refused, FormError) else refused
    return show_step(find_step(name), problem=problem, deed="settle_note")


@audience(frozenset({Audience.MEMBER}))
@form(_settle_again, "settle_note")
def settle_note(name: str) -> str:
    """Yes, I said this, or this is how I say it: it counts as if sent by this member. Or no: it is gone.

    After its stage it stands with what was said later.
    """
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None:
        abort(404)
    chosen = request.form.get("note", "")
    note = notes.get_mine(turn, int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0)
    deed = step.deed(note.action)
    if request.form.get("answer") == "yes" and deed is not None:
        written = [field.name for field in deed.noted if field.options is None and field.name in request.form]
        body = {**note.body, **{name: words.taken_in(request.form[name]) for name in written}}
        if any(len(body[each]) > LONGEST for each in written):
            raise Refused("too_long")
        data = load_form(deed.schema, MultiDict(body)) | ({"file": None} if deed.file else {})
        if turn.run.stage in deed.stages:
            step.perform(turn, deed, data)
        else:
            _say_later(step, turn, deed, body)
    notes.drop(turn, note)
    return at.url("page", name=name)


def _say_later(step: Step, turn: Turn, deed: Deed, body: Mapping[str, str]) -> None:
    turn.hold()
    there = gate.gather(turn).items
    chosen = [body.get(field.name, "") for field in deed.noted if field.options is not None]
    about = [there[int(each)] for each in chosen if each.isdecimal() and int(each) in there]
    texts = [body.get(field.name, "") for field in deed.noted if field.options is None]
    moment = late.say(turn, deed.stages, [each for each in texts if each], about)
    if moment is not None:
        telling.earned(turn, moment)
        telling.heard_more(turn, step)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/step/<name>/note")(noting)
    blueprint.post("/step/<name>/note")(take_note)
    blueprint.post("/step/<name>/note/settle")(settle_note)
