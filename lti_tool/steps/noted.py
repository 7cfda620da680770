"""What a note-taker fills in for somebody in a decision: an answer, dots, how to go on with each action."""

from collections.abc import Callable, Mapping, Sequence

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import dots
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.reading.pieces import Piece
from lti_tool.steps.base import NoteField
from lti_tool.steps.shown import short
from lti_tool.text import Text

_ANSWERS: Sequence[tuple[str, Text | str]] = (
    (Answer.AGREE, Text("Akkoord", "I agree")),
    (Answer.CONCERN, Text("Akkoord, met een zorg", "I agree, with a concern")),
    (Answer.OBJECTION, Text("Bezwaar, met een voorstel", "I object, with a proposal")),
    (Answer.ABSTAIN, Text("Ik onthoud me", "I abstain")),
)
CONSENT = (
    NoteField("answer", Text("Wat was het antwoord?", "What was the answer?"), lambda _turn: _ANSWERS, enough=True),
    NoteField("concern", Text("Bij een zorg: welke?", "With a concern: which?")),
    NoteField("harm", Text("Bij een bezwaar: wat gaat er mis?", "With an objection: what goes wrong?")),
    NoteField("proposal", Text("En wat is het voorstel?", "And what is the proposal?")),
)


def briefly(items: Sequence[Piece], name: str = "text") -> list[tuple[int, str]]:
    """(id, how it begins) of what one decides on."""
    return [(each.id, short(str(each.body[name]))) for each in items]


def laid(on: Callable[[Turn], Sequence[tuple[int, str]]]) -> tuple[NoteField]:
    """The dots of somebody. on: what they can be laid on."""
    numbers = [(str(each), str(each)) for each in range(dots.EACH + 1)]
    label = Text("Hoeveel stippen?", "How many dots?")
    return (NoteField("dots", label, lambda _turn: numbers, on=on, most=dots.EACH, enough=True),)


def said(on: Callable[[Turn], Sequence[tuple[int, str]]], choices: Mapping[str, Text]) -> tuple[NoteField]:
    """What somebody says of each of several things."""
    options = list(choices.items())
    return (NoteField("say", Text("Hoe verder?", "How to go on?"), lambda _turn: options, on=on, enough=True),)
