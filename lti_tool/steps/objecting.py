"""What a step that decides by consent makes of objections that stay: the stage in which one is weighed, and its forms.

A step takes KEEPS, STAGE, `deeds`, WAITS, TASK and ASKED into its own tables, and asks `obstacles` and `next_stage`
where a better text is made, `enter`, `leave` and `heard` where it is decided on.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn
from lti_tool.domain.mechanisms import consent, minority, objections, overruling, rounds
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.reading.things import Thing
from lti_tool.steps import forms
from lti_tool.steps.base import Deed, Task
from lti_tool.text import Text

NAME = "weigh_objection"
STAGE = Stage(NAME, Phase.DECIDE, StageKind.DECIDE, Text("een bezwaar wegen", "weigh an objection"), Text("Sluit de ronde over het bezwaar", "Close the round on the objection"), Text("Schaadt deze tekst wat we samen willen?", "Does this text harm what we want together?"), Text("Lees het bezwaar en geef je antwoord.", "Read the objection and give your answer."), minutes=5, seldom=True)  # fmt: skip

# The stages in which a text is decided on.
DECIDING = frozenset({"consent", NAME})

KEEPS: Mapping[str, Thing] = {
    objections.RESOLUTION: Thing.DRAFT_TEXT,
    objections.SOLUTION: Thing.MINORITY,
    overruling.PUT: Thing.NOD,
    minority.KIND: Thing.MINORITY,
}
WAITS = {NAME: (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered"))}
TASK = Task(Text("Geef antwoord: schaadt dit wat we samen willen?", "Answer: does this harm what we want together?"), 2)
# Asked of whoever objected, while the others look for a better text.
ASKED = Task(Text("Je had bezwaar. Wat zou het oplossen?", "You objected. What would solve it?"), 2)


def deeds(back: str, changed: Callable[[Turn], bool]) -> tuple[Deed, ...]:
    """Its deeds. back: the stage in which a better text is made; changed: whether it was since the last decision."""
    making = frozenset({back})

    def put(turn: Turn, _data: dict[str, Any]) -> None:
        overruling.put(turn, changed(turn))

    return (
        Deed("resolve", forms.ResolutionForm, making, _resolve, Text("Dat staat er nu bij.", "That stands beside it now."), drafts=True),
        Deed("solve", forms.ResolutionForm, making, _solve, Text("Jullie lezen nu wat het zou oplossen.", "You all read now what would solve it."), drafts=True),
        Deed("put", forms.NothingForm, making, put, Text("Het bezwaar wordt aan iedereen voorgelegd zodra jullie verdergaan.", "The objection will be put to everyone once you go on.")),
        Deed("put_back", forms.NothingForm, making, _put_back, Text("Jullie zoeken verder naar een andere tekst.", "You go on looking for another text.")),
        Deed("weigh_objection", forms.HarmForm, frozenset({NAME}), _weigh, Text("Je antwoord telt mee.", "Your answer counts.")),
    )  # fmt: skip


def _resolve(turn: Turn, data: dict[str, Any]) -> None:
    objections.resolve(turn, data["consent"], data["text"], data["version"])


def _solve(turn: Turn, data: dict[str, Any]) -> None:
    objections.solve(turn, data["consent"], data["text"], data["version"])


def _put_back(turn: Turn, _data: dict[str, Any]) -> None:
    overruling.put_back(turn)


def _weigh(turn: Turn, data: dict[str, Any]) -> Kind:
    overruling.answer(turn, data["answer"])
    return Kind.DECISION


def obstacles(turn: Turn, there: Gathered, text: Piece | None = None) -> list[Refused]:
    """Why a text cannot be put to everyone again because of what was said of it; nothing where that is put to all."""
    put = overruling.is_put(turn, objections.changed(turn, text))
    return [] if put else objections.obstacles(turn, there, text)


def next_stage(turn: Turn, changed: bool, usual: str) -> str:
    """Where the stage leads in which a better text is made."""
    return NAME if overruling.is_put(turn, changed) else usual


def enter(turn: Turn, text: Piece | None) -> None:
    """Open the round of the stage that was come to: of consent about a text, or of weighing an objection to it."""
    if turn.run.stage == NAME:
        overruling.ask(turn, text)
    else:
        rounds.open_round(turn, consent.KIND, text)


def leave(turn: Turn, back: str, on: str) -> str:
    """Close the round of consent, or of weighing an objection. back and on: where it leads if not adopted, and if so."""
    adopted = overruling.close(turn) if turn.run.stage == NAME else consent.close(turn)
    return on if adopted else back


def heard(turn: Turn) -> set[int]:
    """Who answered in the round of such a stage."""
    kind = overruling.KIND if turn.run.stage == NAME else consent.KIND
    return consent.heard(turn, rounds.open_one(turn, kind))
