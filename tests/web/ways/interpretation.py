"""How members do step 3, stage by stage."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from lti_tool.domain.reading import deciding
from lti_tool.models.voices import Contribution
from lti_tool.steps.interpretation import Interpretation
from tests.web.circle import Circle, picture, stored

STAGES = [stage.name for stage in Interpretation.stages] + ["closed"]


def prepare(circle: Any) -> Any:
    """The same people at step 3, from a closed step 1: all did step 2 too. Asked again: the step 3 that is there."""
    if not circle.opened("interpretation"):
        circle.on("information").to("closed")
    return circle.on("interpretation")


def evidence(circle: Any) -> list[int]:
    """Ids of the evidence, oldest first."""
    return [item.id for item in deciding.of_cycle(circle.turn(None), "evidence").written("evidence")]


def items(circle: Any, kind: str) -> list[Contribution]:
    """All of a kind in step 3, oldest first."""
    return list(stored(circle.turn(None), kind))


def do(circle: Any, who: int, stage: str) -> None:
    """What a stage asks of each who has not done it. All explain the first observation; four write a point.

    The first works through the objections there are.
    """
    if stage == "need" and who == 0:
        resolve(circle, who)
    if circle.members[who].id in circle.step.done_members(circle.turn(None)):
        return
    number = next(circle.written)
    seen, explained, points = (items(circle, kind) for kind in ("observation", "explanation", "point"))
    me = circle.members[who].id
    if stage == "see":
        known = evidence(circle)
        circle.act(who, "observe", text=f"te zien {number}", evidence=[known[number % len(known)]])
    elif stage == "reflect" and (other := next((each for each in seen if each.member_id != me), None)):
        circle.act(who, "react", observation=other.id, choice="question", text=f"mijn vraag {number}")
    elif stage == "think":
        beside = {"rival": explained[0].id} if explained else {}
        circle.act(who, "explain", observations=[seen[0].id], text=f"dat komt {number}", **beside)
        if len(circle.members) == 1:
            circle.act(who, "explain", observations=[seen[0].id], text=f"of komt doordat {number}")
    elif stage == "need" and who < 4:
        circle.act(
            who, "point", text=f"meer aandacht {number}", why=f"reden {number}", observations=[seen[0].id],
            explanation=explained[0].id, considered=[explained[1].id],
        )  # fmt: skip
    elif stage == "need":
        circle.act(who, "fine")
    elif stage == "dots" and (tied := circle.ballot(3)):
        circle.act(who, "dots", dots={tied[0]: 1})
    elif stage == "dots":
        circle.act(who, "dots", dots={points[who % len(points)].id: 3})
    elif stage == "consent":
        circle.act(who, "consent", answer="agree")


def resolve(circle: Any, who: int) -> None:
    """Say of each objection what was done with it."""
    for row in [row for round_ in circle.rounds("consent")[-1:] for row in circle.answers(round_)]:
        if row.answer == "objection" and not circle.resolved(row.id):
            circle.act(who, "resolve", consent=row.id, text=f"verwerkt {next(circle.written)}", version=0)


@contextlib.contextmanager
def at(people: int, stage: str = "see") -> Iterator[Circle]:
    """A community at a stage of step 3, everybody having done what was asked before."""
    with picture(people, "interpretation", stage).copy() as c:
        yield c


def need(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of a point, filled in."""

    def made(c: Any) -> dict[str, Any]:
        first, second, *_ = [item.id for item in items(c, "explanation")]
        fields = {"observations": [items(c, "observation")[0].id], "explanation": first, "considered": [second]}
        given = {name: value(c) if callable(value) else value for name, value in changes.items()}
        return {"text": "dit vraagt aandacht", "why": "om de leerlingen", **fields, **given}

    return made
