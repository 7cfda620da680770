"""The pulse in a step: `*pulse.ACTIONS` among its actions and `pulse.shown(turn)` in its summary, and it has one.

It stands below a completed step (templates/steps/_pulse.html). Step 6 asks it with its survey instead.
"""

from typing import Any

from marshmallow import fields, validate

from lti_tool.domain import access, pulse, totals
from lti_tool.domain.access import Seen
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.pulse import ITEMS
from lti_tool.steps.base import Action, Form
from lti_tool.steps.forms import NothingForm
from lti_tool.text import Text

# "" is for who cannot or will not say.
NUMBERS = tuple((str(number), str(number)) for number in totals.SCALE)
SCALE = (*NUMBERS, ("", Text("n.v.t.", "n/a")))


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


ACTIONS = (
    Action("pulse", PulseForm, frozenset({CLOSED.name}), answer, Text("Dank je. Je antwoorden tellen mee.", "Thank you. Your answers count.")),
    Action("publish_pulse", NothingForm, frozenset({CLOSED.name}), publish, Text("Dit is de uitkomst.", "This is the outcome.")),
)  # fmt: skip


def for_members(turn: Turn) -> bool:
    """Whether this person may see totals: who takes part, not who guides from outside."""
    return access.may_see(access.audiences(turn.member, administrator=False), Seen.TOTALS)


def shown(turn: Turn) -> dict[str, Any]:
    """One's own answers, and the totals once published: for members, and once the step has closed."""
    if turn.run.closed_at is None or not for_members(turn):
        return {}
    state = pulse.read(turn)
    found = {
        "own": state.own.body if state.own else None,
        "published": state.published,
        "may_publish": state.may_publish,
        "few": len(turn.present_ids) < totals.LEAST,
    }
    return {"pulse": {**found, "items": ITEMS, "scale": SCALE, "least": totals.LEAST}}
