"""Beside the steps: do we have what learning together needs? The six principles, P1 to P6, once a cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields, validate

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn
from lti_tool.domain.mechanisms import totals
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.things import Thing
from lti_tool.steps.base import Deed, Form, Step, Task, Waiting
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.pulse import Published, read
from lti_tool.steps.shown import Option
from lti_tool.text import Text

ANSWERS = "answers"

PRINCIPLES = {
    "practice": Text("Wat we hier doen, gaat over onze eigen lessen, werkplaatsen en stages.", "What we do here is about our own lessons, workshops and internships."),
    "workplace": Text("We leren op school, in gewone werkweken.", "We learn at school, in ordinary working weeks."),
    "inquiry": Text("We zoeken dingen uit in plaats van te raden.", "We find things out instead of guessing."),
    "interaction": Text("We reageren echt op elkaar.", "We really respond to each other."),
    "time": Text("We hebben er genoeg tijd voor.", "We have enough time for it."),
    "policy": Text("Het past bij waar onze school naartoe wil, en de schoolleiding steunt het.", "It fits where our school wants to go, and the leadership supports it."),
}  # fmt: skip
SCALE: tuple[Option, ...] = (
    *((str(number), str(number)) for number in totals.SCALE),
    ("", Text("weet ik niet", "I cannot say")),
)


class AnswersForm(Form):
    """item -> 1 to 5; what is left empty is "I cannot say"."""

    item = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(PRINCIPLES), error="not_found")),
        values=fields.String(validate=validate.OneOf([value for value, _ in SCALE], error="not_found")),
        load_default=dict,
    )


def fill_in(turn: Turn, data: dict[str, Any]) -> None:
    """Answer, or change one's answers while the check is open."""
    totals.answer(turn, ANSWERS, {item: int(given) for item, given in data["item"].items() if given})


@dataclass(frozen=True)
class Shown(Base):
    """One's own answers while the check is open, the totals once it has closed."""

    own: Mapping[str, int] = field(default_factory=dict)
    published: Published | None = None
    principles: Mapping[str, Text] = field(default_factory=lambda: PRINCIPLES)
    scale: Sequence[Option] = SCALE
    least: int = totals.LEAST


class Conditions(Step):
    """Six statements about how we stand for learning together."""

    name = "conditions"
    position = 2
    side = True
    title = Text("Onze voorwaarden", "Our conditions")
    question = Text("Hebben we wat we nodig hebben?", "Do we have what we need?")
    purpose = Text(
        "Zes zinnen over wat samen leren nodig heeft. Iedereen antwoordt voor zich; samen kijken jullie terug.",
        "Six sentences about what learning together needs. Each answers alone; you look back together.",
    )
    asks = (
        Text("Geef bij zes zinnen aan hoe goed ze bij ons passen.", "Say of six sentences how well they fit us."),
        Text("Vul ze alleen in; niemand ziet jouw antwoorden.", "Fill them in alone; nobody sees your answers."),
        Text("Praat samen over wat opvalt.", "Talk about what stands out."),
    )
    empty = Text("Nog geen antwoorden.", "No answers yet.")
    prompt = Text("Wat helpt ons, en wat staat in de weg?", "What helps us, and what stands in the way?")
    stages = (
        Stage("fill", Phase.ALONE, StageKind.HIDDEN, Text("ieder voor zich", "each on your own"), Text("Sluit de check en toon de uitkomst", "Close the check and show the outcome"), Text("Hoe goed passen deze zinnen bij ons?", "How well do these sentences fit us?"), Text("Vul ze alleen in. Niemand ziet jouw antwoorden.", "Fill them in alone. Nobody sees your answers."), minutes=4),
    )  # fmt: skip
    keeps = {ANSWERS: Thing.CONDITIONS, totals.SURVEY: Thing.CHECKED}
    deeds = (
        Deed("fill", AnswersForm, frozenset({"fill"}), fill_in, Text("Je antwoorden tellen mee.", "Your answers count."), drafts=True, private=True),
    )  # fmt: skip
    sentences = {"no_answers": Text("Er zijn nog geen antwoorden.", "There are no answers yet.")}

    def leave(self, turn: Turn) -> str:
        """Published once: not before somebody answered."""
        if not deciding.author_ids(turn, ANSWERS):
            raise Refused("no_answers")
        totals.publish(turn, ANSWERS, totals.SURVEY, list(PRINCIPLES))
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who has answered."""
        return turn.once("done", lambda: deciding.author_ids(turn, ANSWERS)) if not turn.run.closed_at else set()

    def task(self, turn: Turn) -> Task | None:
        """Answer once."""
        if turn.participant is None or turn.run.closed_at or turn.participant.id in self.done_members(turn):
            return None
        return Task(
            Text("Geef bij zes zinnen aan hoe goed ze bij ons passen.", "Say of six sentences how well they fit us."), 2
        )

    def waiting(self, turn: Turn) -> Waiting | None:
        """How many of those present have answered."""
        if turn.run.closed_at:
            return None
        words = Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")
        return Waiting(*words, len(self.heard(turn).everybody & turn.circle.expected))

    def summary(self, turn: Turn) -> Shown:
        """One's own answers; the totals once closed. Nobody's answers are ever in it, not even counted apart."""
        if turn.run.closed_at is None:
            own = gate.mine(turn, ANSWERS)
            return Shown(own=own[0].body) if own else Shown()
        found = totals.published(turn, totals.SURVEY)
        return Shown(published=read(found.body)) if found else Shown()
