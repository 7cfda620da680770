"""The pulse in a step: `asks_pulse`, `**pulse.KEEPS`, `*pulse.DEEDS`, and `pulse.shown(turn)` as its summary's `pulse`.

It stands below a completed step, whose template includes steps/_pulse.html. Step 6 asks it with its survey instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.mechanisms import pulse, totals
from lti_tool.domain.mechanisms.pulse import ANSWER, ITEMS
from lti_tool.domain.reading.things import Thing, gets
from lti_tool.steps.base import Deed, Form
from lti_tool.steps.forms import NothingForm
from lti_tool.steps.shown import Option
from lti_tool.text import Text

# "" is for who cannot or will not say.
NUMBERS: tuple[Option, ...] = tuple((str(number), str(number)) for number in totals.SCALE)
SCALE: tuple[Option, ...] = (*NUMBERS, ("", Text("n.v.t.", "n/a")))


def numbers(items: Any) -> fields.Dict:
    """item -> "1" to "5", or ""."""
    return fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(items), error="not_found")),
        values=fields.String(validate=validate.OneOf([value for value, _ in SCALE], error="not_found")),
        load_default=dict,
    )


def given(typed: dict[str, str]) -> dict[str, int]:
    """What was answered with a number."""
    return {item: int(number) for item, number in typed.items() if number}


class PulseForm(Form):
    """The three items."""

    pulse = numbers(ITEMS)


def answer(turn: Turn, data: dict[str, Any]) -> None:
    """Answer the pulse."""
    pulse.answer(turn, given(data["pulse"]))


def publish(turn: Turn, _: dict[str, Any]) -> None:
    """Have it published without who did not answer."""
    pulse.publish_now(turn)


KEEPS = {ANSWER: Thing.PULSE, totals.PULSE: Thing.TOTALS}
DEEDS = (
    Deed("pulse", PulseForm, frozenset({CLOSED.name}), answer, Text("Dank je. Je antwoorden tellen mee.", "Thank you. Your answers count."), private=True),
    Deed("publish_pulse", NothingForm, frozenset({CLOSED.name}), publish, Text("Dit is de uitkomst.", "This is the outcome.")),
)  # fmt: skip


def for_members(turn: Turn) -> bool:
    """Whether this person may see totals: who takes part, not who guides from outside."""
    return turn.member is not None and gets(turn.viewer, Thing.TOTALS)


@dataclass(frozen=True)
class Published:
    """What was published of a survey or a pulse: item -> its mean; None, people too, where too few answered.

    of: how many the circle was then, 0 where nobody kept that.
    """

    people: int | None
    of: int
    means: Mapping[str, float | None]


@dataclass(frozen=True)
class Pulse:
    """The pulse of a completed step. own: item -> what one answered; few: too few take part for any totals."""

    own: Mapping[str, int] | None
    published: Published | None
    may_publish: bool
    few: bool
    statements: Mapping[str, Text]
    scale: Sequence[Option]
    least: int


def shown(turn: Turn) -> Pulse | None:
    """One's own answers, and the totals once published: for members, and once the step has closed."""
    if turn.run.closed_at is None or not for_members(turn):
        return None
    state = pulse.read(turn)
    return Pulse(
        own=state.own.body if state.own else None,
        published=read(state.published) if state.published else None,
        may_publish=state.may_publish,
        few=len(turn.present_ids) < totals.LEAST,
        statements=ITEMS,
        scale=SCALE,
        least=totals.LEAST,
    )


def read(body: Mapping[str, Any]) -> Published:
    """What `totals.publish` kept."""
    return Published(body["people"], body.get("of", 0), body["means"])
