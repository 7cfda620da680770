"""Pretended colleagues do what a stage asks, by the steps' own forms: whatever a step declares, they can do.

A step says of each of its forms what somebody can have written down for them in a meeting (Deed.noted): by that they
fill it in. Where a stage asks something else they pass. What is written together they leave to whoever practises; they
only put it to all, which takes a second person.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_tool.circle.loading import load_form
from lti_tool.circle.noting import noted_now
from lti_tool.circle.practise.colleagues import LINES
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import practice
from lti_tool.domain.cycle import StageKind, Turn
from lti_tool.domain.mechanisms import endorsing, rounds
from lti_tool.domain.thread import actions
from lti_tool.models import Community, Member
from lti_tool.steps.base import Deed, Registry, Step

# A decision: what nobody can have written down is answered so.
_ANSWERS = ("agree", "endorse")
# What they take on of an action.
_ON_THE_BOARD = "buddy"


def take_part(turn: Turn, step: Step, steps: Registry) -> int:
    """Each of them who was not heard yet does what the stage asks; how many did.

    turn: of whoever practises. Refused where what is written together is not whole yet.
    """
    turn.hold()
    people = practice.colleagues(turn.session, turn.community)
    if step.stage(turn).kind == StageKind.TOGETHER:
        # An action is not done alone: half of all must be on the board before it is put to them.
        joined = sum(_join(_as(turn, member), step, number) for number, member in enumerate(people))
        if joined:
            return joined
        cycle.advance(_as(turn, people[0]), step, turn.run.stage, steps)
        return 1
    return sum(_act(_as(turn, member), step, number) for number, member in enumerate(people))


def at_first(session: Session, community: Community, step: Step, steps: Registry, zone: dt.tzinfo) -> None:
    """What they have done already when somebody comes to practise: all wrote in the first step."""
    of, runs = cycle.opened(session, community, None)
    for number, member in enumerate(practice.colleagues(session, community)):
        _act(Turn(session, community, of, runs[step.name], member, steps, zone=zone), step, number)


def _as(turn: Turn, member: Member) -> Turn:
    return Turn(turn.session, turn.community, turn.cycle, turn.run, member, turn.steps, zone=turn.zone)


def _act(turn: Turn, step: Step, number: int) -> bool:
    if turn.me.id in step.heard(turn).own:
        return False
    decides = step.stage(turn).kind == StageKind.DECIDE
    for deed, body in _forms(turn, step, number):
        if _try(turn.session, partial(_perform, turn, step, deed, body)):
            return True
        turn.forget()
    return not decides and _try(turn.session, partial(cycle.pass_by, turn, step))


def _join(turn: Turn, step: Step, number: int) -> bool:
    """Become the buddy of whoever does one of the actions on the board, where that is asked and they are on none."""
    deed = step.deed(_ON_THE_BOARD)
    if deed is None or turn.run.stage not in deed.stages:
        return False
    there = actions.cards(actions.held(turn))
    if not there or any(turn.me.id in (*each.owners, *each.buddies) for each in there):
        return False
    body = {"id": str(there[number % len(there)].item.id)}
    return _try(turn.session, partial(_perform, turn, step, deed, body))


def _forms(turn: Turn, step: Step, number: int) -> Iterator[tuple[Deed, Mapping[str, str]]]:
    """What they could send here, what the stage decides first."""
    stage = turn.run.stage
    for deed in noted_now(step, stage):
        yield deed, filled(turn, step, deed, number)
    for deed in step.deeds:
        if stage in deed.stages and not deed.noted and "answer" in deed.schema().fields:
            # A form of the yield says which round was seen.
            seen = rounds.latest(turn, endorsing.KIND) if "round" in deed.schema().fields else None
            for answer in _ANSWERS:
                yield deed, {"answer": answer} | ({"round": str(seen.id)} if seen else {})


def filled(turn: Turn, step: Step, deed: Deed, number: int) -> dict[str, str]:
    """A form as one of them fills it in. number: of the colleague, from 0; each says something else."""
    body: dict[str, str] = {}
    for field in deed.noted:
        asked = field.asked(turn)
        if field.most is not None:
            # Most for the first, so that there is an outcome; the rest is spread.
            body |= {each.name: "0" for each in asked}
            for place, dots in ((0, "2"), (1 + number % max(1, len(asked) - 1), "1")):
                if place < len(asked):
                    body[asked[place].name] = dots
            continue
        for each in asked:
            values = [value for value, _ in each.options or () if value]
            if field.enough:
                body[each.name] = values[0] if values else ""
            elif values:
                body[each.name] = values[number % len(values)]
            elif (lines := LINES.get((step.name, deed.name, field.name))) is not None:
                body[each.name] = lines[number % len(lines)]
    return body


def _perform(turn: Turn, step: Step, deed: Deed, body: Mapping[str, str]) -> None:
    data = load_form(deed.schema, MultiDict(body)) | ({"file": None} if deed.file else {})
    step.perform(turn, deed, data)


def _try(session: Session, do: Callable[[], None]) -> bool:
    """Do it, or leave nothing of it."""
    try:
        with session.begin_nested():
            do()
    except Refused:
        return False
    return True
