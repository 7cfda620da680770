"""How members do step 2, stage by stage."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from lti_tool.models.voices import Contribution
from tests.web.circle import Circle, picture, stored

EVIDENCE = 4  # pieces there are at least, of however few people

# A piece of evidence as somebody brings it in; its question and its words come on top.
PIECE = {"sort": "observation", "source": "eigen les", "lens": "pupils", "voice": "own", "no_names": "yes"}


def items(circle: Any, kind: str) -> list[Contribution]:
    """All of a kind in step 2, oldest first."""
    return list(stored(circle.turn(None), kind))


def bring(circle: Any, who: int, **changes: Any) -> Contribution:
    """Bring in a piece of evidence."""
    number = next(circle.written)
    question = items(circle, "question")[0].id
    circle.act(who, "evidence", **{**PIECE, "text": f"een gegeven {number}", "question": question, **changes})
    return items(circle, "evidence")[-1]


def do(circle: Any, who: int, stage: str) -> None:
    """What a stage asks of each; the first lets somebody from outside speak and plans what has no data."""
    if circle.members[who].id in circle.step.done_members(circle.turn(None)):
        return
    number = next(circle.written)
    if stage == "questions":
        circle.act(who, "question", text=f"wat weten we van {number}")
    elif stage == "choose" and (tied := circle.ballot(3)):
        circle.act(who, "dots", dots={tied[0]: 1})
    elif stage == "choose":
        first, *others = [item.id for item in items(circle, "wondered")]
        mine = others[who % min(2, len(others))]
        circle.act(who, "dots", dots={first: 1, mine: 2})
    elif stage == "gather":
        theirs = [item for item in items(circle, "evidence") if item.member_id != circle.members[who].id]
        if theirs:
            circle.act(who, "weigh", evidence=theirs[0].id, can=f"dit wel {number}", cannot=f"dit niet {number}")
        if who > 0:
            bring(circle, who)
            return
        bring(circle, who, voice="employers")
        for _ in range(EVIDENCE - len(circle.members)):
            bring(circle, who)
        for question in items(circle, "question")[1:]:
            circle.act(who, "plan", question=question.id, source=f"bron {number} {question.id}", exists="yes")
    elif stage == "enough":
        circle.act(who, "enough", answer="agree")


@contextlib.contextmanager
def at(people: int, stage: str = "questions") -> Iterator[Circle]:
    """A community at a stage of step 2, everybody having done what was asked before."""
    with picture(people, "information", stage).copy() as c:
        yield c


def piece(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of a piece of evidence, filled in."""
    return lambda c: {
        **PIECE, "text": "twaalf vragen om hulp", "question": items(c, "question")[0].id,
        **{name: value(c) if callable(value) else value for name, value in changes.items()},
    }  # fmt: skip
