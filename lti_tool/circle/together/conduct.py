"""Conducting a meeting, beside the big screen or on a phone: on, back, a minute more, park, write for somebody, away.

Everything goes by the rules that hold without a meeting; each form names the round that it saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.belonging import one
from lti_tool.circle.forms import Typed, posted, whole
from lti_tool.circle.moving import Confirm, without
from lti_tool.circle.noting import noted_now
from lti_tool.circle.together.beamer import seconds_left
from lti_tool.circle.together.standing import Heard, Standing, conducted, standing
from lti_tool.circle.together.start import propose
from lti_tool.db import MAX_ID, db, now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import away, members
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.cycle import StageKind, midnights
from lti_tool.domain.cycle.may_end import Ending, Lack
from lti_tool.domain.hours import sessions
from lti_tool.domain.meeting import running
from lti_tool.models import Member, Parked, Person
from lti_tool.models import Standing as Stands
from lti_tool.parts import parts
from lti_tool.text import Text

_DONE = {
    "park": Text(
        "Geparkeerd: iedereen in de bijeenkomst kan het lezen.", "Parked: everybody in the meeting can read it."
    ),
    "take_out": Text("Weggehaald.", "Taken out."),
    "away": Text("Tot vannacht wacht niemand op deze collega.", "Until tonight nobody waits for this colleague."),
    "here": Text("Deze collega doet weer mee.", "This colleague takes part again."),
}


@dataclass(frozen=True)
class Conduct:
    """The names in templates/together/conduct.html. ending: whether the round may end; lack: what a text that is
    written together needs first; asked: who is missing, asked before it does. back: whether the last move can be taken
    back; noting: whether anything can be written for somebody. around: who can be set away today; set_away: who was,
    and not by their own word. left: seconds of the round. done: what was just done, in words.
    """

    at: Standing
    heard: Heard | None
    ending: Ending | None
    lack: Refused | None
    asked: Confirm | None
    back: bool
    noting: bool
    around: Sequence[tuple[Member, Person]]
    set_away: Sequence[tuple[Member, Person]]
    parked: Sequence[Parked]
    left: int | None
    done: Text | None
    problem: Refused | None
    failed: str
    typed: Typed


@audience(FACILITATOR)
def conduct() -> Response:
    """The round that is on, and what whoever facilitates can do; where no meeting is, the agenda of one."""
    return _conduct(asking="ask" in request.args)


def _conduct(problem: Refused | None = None, failed: str = "", *, asking: bool = False) -> Response:
    at, there = here(), standing()
    if there is None:
        # Somebody else has ended it: what was typed stands there.
        return propose(problem, failed) if problem else redirect(at.url("together"), 303)
    at.follows = there.place.key
    going = there.place.run.closed_at is None and there.turn.cycle.under_way
    people = [each for each in members.present_people(db.session(), at.community) if each[0].standing == Stands.MEMBER]
    page = Conduct(
        at=there,
        heard=there.heard(there.turn) if going else None,
        ending=cycle.ending_of(there.turn, there.step) if going else None,
        lack=_lack(there) if going else None,
        asked=without(there.turn, there.step) if going and asking else None,
        back=going and cycle.may_take_back(there.turn, there.step),
        noting=going and bool(noted_now(there.step, there.place.run.stage)),
        around=[each for each in people if not away.is_away(each[0])],
        set_away=[each for each in people if away.is_away(each[0]) and not each[0].away_own],
        parked=running.parked(db.session(), there.meeting),
        left=seconds_left(there),
        done=None if problem else _DONE.get(request.args.get("done", "")),
        problem=problem,
        failed=failed,
        typed=posted() if problem else Typed({}),
    )
    return show("together/conduct.html", 422 if problem else 200, **vars(page))


def _lack(there: Standing) -> Refused | None:
    """The first thing that a text lacks yet before it can be put to all."""
    if there.stage.kind != StageKind.TOGETHER:
        return None
    return next(iter(there.step.summary(there.turn).lacking), None)


def _seen(there: Standing) -> None:
    """Refused where the form saw another round than the one that is on: somebody else was first."""
    if request.form.get("step", there.place.run.step) != there.place.run.step:
        raise Refused("stage_moved")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "next"), "go_next")
def go_next() -> str:
    """End the round that was on the screen; without everybody, that is asked first."""
    at, there = here(), conducted()
    _seen(there)
    turn, step, confirmed = there.turn, there.step, "confirmed" in request.form
    seen = request.form.get("stage", "")
    if turn.run.stage == seen and not confirmed and cycle.ending_of(turn, step).lack == Lack.CONFIRM:
        return at.url("conduct", ask="1")
    cycle.advance(turn, step, seen, parts().steps, confirmed=confirmed)
    return at.url("conduct")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "back"), "go_back")
def go_back() -> str:
    """Take the last move back."""
    at, there = here(), conducted()
    _seen(there)
    cycle.take_back(there.turn, there.step, request.form.get("stage", ""))
    return at.url("conduct")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "time"), "give_time")
def give_time() -> str:
    """One minute more."""
    at, there = here(), conducted()
    seen = f"{request.form.get('step', '')}.{request.form.get('stage', '')}"
    running.give_time(db.session(), there.meeting, there.place, seen)
    return at.url("conduct")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "park"), "park")
def park() -> str:
    """Put a thought aside for later, without whose it is."""
    at = here()
    running.park(db.session(), running.held(db.session(), at.community), request.form.get("thought", ""))
    return at.url("conduct", done="park")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "take_out"), "take_out")
def take_out() -> str:
    """Take a thought out again."""
    at = here()
    number = whole(request.form.get("thought", ""), len(str(MAX_ID))) or 0
    running.take_out(db.session(), running.held(db.session(), at.community), min(number, MAX_ID))
    return at.url("conduct", done="take_out")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "away"), "away_today")
def away_today() -> str:
    """Nobody waits for a colleague until tonight's midnight."""
    at, zone = here(), parts().settings.zone
    assert at.member is not None
    away.set_other(db.session(), at.community, at.member, one(), midnights.day_of(now(), zone), zone=zone)
    return at.url("conduct", done="away")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "here"), "here_after_all")
def here_after_all() -> str:
    """A colleague who was set away is there."""
    away.take_back(one())
    return here().url("conduct", done="here")


@audience(FACILITATOR)
@form(lambda refused: _conduct(refused, "end"), "end_meeting")
def end_meeting() -> str:
    """End the meeting, and go to what one takes away of it."""
    at = here()
    ended = running.end(db.session(), at.community, at.member)
    sessions.meeting_ended(db.session(), ended)
    return at.url("taken_away", number=ended.id)
