"""Answers on a scale that nobody may trace to a person: published once, at close, never below five.

Dutch survey practice is a minimum of five. A single publication leaves nothing to subtract (differencing).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Piece, shows_each

LEAST = 5
SCALE = range(1, 6)

# The kinds that hold published totals: the community's, whoever's name the row has.
SURVEY, PULSE = "totals", "pulse_totals"
PUBLISHED = (SURVEY, PULSE)


@dataclass(frozen=True)
class Total:
    """The mean of an item, 1 to 5, rounded to a tenth; and how many gave a number."""

    mean: float
    people: int


def totals(answers: Iterable[Mapping[str, int | None]], items: Sequence[str]) -> dict[str, Total | None]:
    """item -> its total, or None where fewer than LEAST people gave a number, or all the same: that is each one's."""
    given = list(answers)
    found: dict[str, Total | None] = {}
    for item in items:
        numbers = [number for each in given if (number := each.get(item)) is not None]
        hidden = len(numbers) < LEAST or shows_each(numbers)
        found[item] = None if hidden else Total(round(sum(numbers) / len(numbers), 1), len(numbers))
    return found


def published(turn: Turn, kind: str) -> Piece | None:
    """What was published of a kind in this step, for who may read it."""
    return gate.gather(turn).last(kind)


def answer(turn: Turn, kind: str, numbers: Mapping[str, int]) -> None:
    """Answer alone, or change one's answers: kept as this kind, which nobody else may read. Refused without any."""
    if not numbers:
        raise Refused("answer_missing")
    keep(turn, kind, numbers)


def keep(turn: Turn, kind: str, numbers: Mapping[str, int]) -> None:
    """Keep one's answers in place of what one answered before: nothing of that stays."""
    own = gate.mine(turn, kind)
    if own:
        contributions.replace(turn, own[0], numbers)
    else:
        contributions.add(turn, kind, numbers)


def publish(turn: Turn, answers: str, kind: str, items: Sequence[str]) -> Piece:
    """Freeze the totals of answers, as another kind, for good: Refused twice, for two could be subtracted.

    Kept are the mean of each item and how many answered in all, below LEAST neither; and of how many that is. How many
    gave a number to one item is not kept: beside the other it would tell how many did not.
    """
    if deciding.of_kind(turn, kind):
        raise Refused("published_already")
    said = [row.body for row in deciding.of_kind(turn, answers)]
    given = [each for each in said if any(number is not None for number in each.values())]
    found = totals(given, items)
    body: dict[str, Any] = {
        "means": {item: total.mean if total else None for item, total in found.items()},
        "people": len(given) if len(given) >= LEAST else None,
        "of": max(turn.circle.of, len(given)),
    }
    # Where the clock made it, it bears the name of whoever came in first: it is shown nowhere.
    return contributions.add(turn, kind, body, by=turn.member.id if turn.member else min(turn.people))
