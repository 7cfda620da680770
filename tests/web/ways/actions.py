"""How members do step 5, stage by stage."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import ACTION, BUDDY, CONSEQUENCE, OWNER
from lti_tool.domain.ties import Tie
from lti_tool.models import StepRun
from lti_tool.models.voices import Contribution
from lti_tool.steps import load
from lti_tool.steps.actions import experiences
from tests.web.circle import Circle, picture, stored

STEPS = load()

# An experience as somebody tells it; its action and its words come on top.
TOLD = {"course": "keep", "lens": "pupils", "no_names": "yes"}


def items(circle: Any, kind: str) -> list[Contribution]:
    """All of a kind in step 5, oldest first."""
    return list(stored(circle.turn(None), kind))


def cards(circle: Any) -> list[actions.Card]:
    """All actions as they stand now."""
    return experiences.cards(circle.turn(None))


def action(circle: Any, owner: int | None, buddy: int | None = None) -> Contribution:
    """An action as step 4 leaves it; owner None: nobody's."""
    run = circle.session.scalars(select(StepRun).filter_by(cycle_id=circle.cycle.id, step="consequences")).one()

    def turn(who: int | None) -> Turn:
        return Turn(circle.session, circle.community, circle.cycle, run, circle.members[who or 0], STEPS)

    number = next(circle.written)
    points = deciding.of_cycle(turn(0), "attention").of("attention")
    proposal = {
        "if": f"als {number}",
        "then": f"dan {number}",
        "notice": f"merkbaar {number}",
        "source": "point" if points else "new",
    }
    consequence = contributions.add(
        turn(owner), CONSEQUENCE, proposal, [(Tie.FOLLOWS_FROM, each) for each in points[:1]]
    )
    day = (now().date() + dt.timedelta(days=14)).isoformat()
    body = {"what": f"actie {number}", "sign": f"teken {number}", "date": day, "hours": 4}
    made = contributions.add(turn(owner), ACTION, body, [(Tie.REALISES, consequence)])
    if owner is not None:
        contributions.add(turn(owner), OWNER, {}, [(Tie.OWNS, made)])
    if buddy is not None:
        contributions.add(turn(buddy), BUDDY, {}, [(Tie.BUDDIES, made)])
    return made


def prepare(circle: Any) -> Any:
    """The same people at step 5, from a closed step 3: all did step 4 too. Asked again: the step 5 that is there."""
    if not circle.opened("actions"):
        circle.on("consequences").to("closed")
    return circle.on("actions")


def stand(circle: Any) -> Any:
    """The same people at step 5 straight away, the steps before it closed and empty: for what is about step 5 only."""
    circle.run.stage, circle.run.closed_at = "closed", now()
    for step in ("information", "interpretation", "consequences"):
        circle.session.add(StepRun(cycle_id=circle.cycle.id, step=step, stage="closed", closed_at=now(), told=[]))
    circle.session.flush()
    cycle.begin(circle.turn(None), STEPS.by_name["actions"])
    return circle.on("actions")


def tell(circle: Any, who: int, **changes: Any) -> Contribution:
    """Tell an experience; with one's own action, where there is one."""
    found = sorted(cards(circle), key=lambda card: circle.members[who].id not in card.owners)
    said = {**TOLD, "about": found[0].item.id, "done": f"dit gedaan {next(circle.written)}", **changes}
    circle.act(who, "log", **said)
    return items(circle, "log")[-1]


def end(circle: Any, who: int, card: actions.Card, **changes: Any) -> None:
    """End an action."""
    said = {"ended": "done", "learned": f"geleerd {next(circle.written)}", "lens": "teachers", "version": 0, **changes}
    circle.act(who, "end", about=card.item.id, **said)


def do(circle: Any, who: int, stage: str) -> None:
    """What a stage asks of each who has not done it: all tell and respond, say how to go on, end what is theirs."""
    me = circle.members[who].id
    if me in circle.step.done_members(circle.turn(None)) and stage != "close":
        return
    if stage == "try":
        theirs = next((log for log in items(circle, "log") if log.member_id != me), None)
        tell(circle, who)
        if theirs is not None:
            circle.act(who, "reply", log=theirs.id, text=f"dat is herkenbaar {next(circle.written)}")
    elif stage == "check":
        circle.act(who, "say", say={card.item.id: "keep" for card in cards(circle)})
    elif stage == "close":
        turn = circle.turn(who)
        for card in [each for each in experiences.open_cards(turn) if experiences.may_end(turn, each, me)]:
            end(circle, who, card)


@contextlib.contextmanager
def at(people: int, stage: str = "try") -> Iterator[Circle]:
    """A community at a stage of step 5, each member with an action and the next one as its buddy."""
    with picture(people, each_an_action, stage).copy() as c:
        yield c


def each_an_action(first: Circle) -> Circle:
    """Step 5 straight away, with an action for each member and the next one as its buddy."""
    c: Circle = stand(first)
    people = len(c.members)
    for who in range(people):
        action(c, who, (who + 1) % people if people > 1 else None)
    return c


def card(c: Circle, owner: int) -> actions.Card:
    """The action that somebody took on."""
    return next(each for each in cards(c) if c.members[owner].id in each.owners)


def told(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of an experience, filled in by the first."""
    return lambda c: {
        **TOLD, "about": card(c, 0).item.id, "done": "de kring gedaan",
        **{name: value(c) if callable(value) else value for name, value in changes.items()},
    }  # fmt: skip


def ended(owner: int = 0, **changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form that ends an action, filled in."""
    return lambda c: {
        "about": card(c, owner).item.id, "ended": "done", "learned": "dat het kan", "lens": "culture", "version": 0,
        **changes,
    }  # fmt: skip
