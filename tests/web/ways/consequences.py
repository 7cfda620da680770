"""How members do step 4, stage by stage."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from lti_tool.db import now
from lti_tool.domain.thread import actions, attention
from lti_tool.models.voices import Contribution
from lti_tool.steps.consequences import Consequences, support
from tests.web.circle import Circle, circle, stored

CARDS = 3  # actions there are at most: the first members each do one, the others are their buddies


def items(circle: Any, kind: str) -> list[Contribution]:
    """All of a kind in step 4, oldest first."""
    return list(stored(circle.turn(None), kind))


def points(circle: Any) -> list[int]:
    """Ids of the attention points of step 3."""
    return [item.id for item in attention.standing(circle.turn(None))]


def soon(days: int = 14) -> str:
    """A day so many days from now."""
    return (now().date() + dt.timedelta(days=days)).isoformat()


def propose(circle: Any, who: int, **changes: Any) -> Contribution:
    """Write a proposal that rests on an attention point."""
    number = next(circle.written)
    said = {"act": f"iets doen {number}", "effect": f"zien {number}", "notice": f"merken {number}"}
    circle.act(who, "propose", **{**said, "source": [points(circle)[0]], **changes})
    return items(circle, "consequence")[-1]


def card(circle: Any, who: int, **changes: Any) -> Contribution:
    """Put an action on the board, whole."""
    number, there = next(circle.written), len(items(circle, "action"))
    said = {"what": f"actie {number} naast {there}", "sign": f"teken {number}", "date": soon(), "hours": 2}
    circle.act(who, "action", **{"origin": items(circle, "consequence")[0].id, **said, **changes})
    return items(circle, "action")[-1]


def do(circle: Any, who: int, stage: str) -> None:
    """What a stage asks of each who has not done it."""
    me = circle.members[who].id
    if me in circle.step.done_members(circle.turn(None)):
        return
    number = next(circle.written)
    if stage == "propose":
        propose(circle, who)
    elif stage == "advise":
        theirs = next(item for item in items(circle, "consequence") if item.member_id != me)
        circle.act(who, "advise", proposal=theirs.id, sort="clarify", text=f"mijn vraag {number}")
    elif stage == "board":
        there = items(circle, "action")
        if who < CARDS:
            circle.act(who, "own", id=card(circle, who).id)
        else:
            circle.act(who, "buddy", id=there[who % len(there)].id)
    elif stage == "consent":
        circle.act(who, "consent", answer="agree")


@contextlib.contextmanager
def at(people: int, stage: str = "propose") -> Iterator[Circle]:
    """A community at a stage of step 4, everybody having done what was asked before."""
    with circle(people, stage, Consequences()) as c:
        yield c


def cards(c: Any) -> list[actions.Card]:
    """The board's actions as they stand now."""
    return actions.cards(actions.held(c.turn(None)))


def requests(c: Any) -> list[support.Request]:
    """The requests as they stand now."""
    return support.requests(actions.held(c.turn(None)))


def said(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of a proposal, filled in."""

    def made(c: Any) -> dict[str, Any]:
        fields = {"act": "iets nieuws doen", "effect": "rust", "notice": "stilte", "source": [points(c)[0]]}
        return {**fields, **{name: value(c) if callable(value) else value for name, value in changes.items()}}

    return made


def to_do(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of an action, filled in."""

    def made(c: Any) -> dict[str, Any]:
        fields = {"origin": items(c, "consequence")[0].id, "what": "iets kleins", "sign": "rust", "date": soon()}
        return {**fields, **{name: value(c) if callable(value) else value for name, value in changes.items()}}

    return made
