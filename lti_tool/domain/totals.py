"""Answers on a scale that nobody may trace to a person: published once, at close, never below five.

Dutch survey practice is a minimum of five. A single publication leaves nothing to subtract (differencing).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lti_tool.domain import Refused, contributions
from lti_tool.domain.cycle import Turn
from lti_tool.models import Contribution, Member
from lti_tool.text import Text

LEAST = 5
SCALE = range(1, 6)

# The kinds that hold published totals: the community's, whoever's name the row has.
SURVEY, PULSE = "totals", "pulse_totals"
PUBLISHED = (SURVEY, PULSE)
PUBLISHED_ALREADY = Text(
    "De uitkomst is al getoond. Daarna verandert er niets meer aan, zodat niemands antwoord te herleiden is.",
    "The outcome has been shown. Nothing changes after that, so that nobody's answer can be worked out.",
)


@dataclass(frozen=True)
class Total:
    """The mean of an item, 1 to 5, rounded to a tenth; and how many gave a number."""

    mean: float
    people: int


def totals(answers: Iterable[Mapping[str, int | None]], items: Sequence[str]) -> dict[str, Total | None]:
    """item -> its total, or None where fewer than LEAST people gave a number."""
    given = list(answers)
    found: dict[str, Total | None] = {}
    for item in items:
        numbers = [number for each in given if (number := each.get(item)) is not None]
        found[item] = Total(round(sum(numbers) / len(numbers), 1), len(numbers)) if len(numbers) >= LEAST else None
    return found


def published(turn: Turn, kind: str) -> Contribution | None:
    """What was published of a kind in this step."""
    return turn.session.scalar(select(Contribution).filter_by(step_run_id=turn.run.id, kind=kind))


def publish(turn: Turn, kind: str, answers: Iterable[Mapping[str, int | None]], items: Sequence[str]) -> Contribution:
    """Freeze the totals for good: Refused a second time, because two of them could be subtracted.

    Kept are the mean of each item and how many answered in all; below LEAST neither. How many gave a number
    to one item is not kept: beside the other it would tell how many did not.
    """
    if published(turn, kind) is not None:
        raise Refused("published_already", PUBLISHED_ALREADY)
    given = [each for each in answers if any(number is not None for number in each.values())]
    found = totals(given, items)
    body: dict[str, Any] = {
        "means": {item: total.mean if total else None for item, total in found.items()},
        "people": len(given) if len(given) >= LEAST else None,
    }
    return contributions.add(turn, kind, body, by=turn.member or _first(turn))


def _first(turn: Turn) -> Member:
    """Whose name a row gets that the clock made: it is shown nowhere."""
    query = select(Member).where(Member.community_id == turn.community.id).order_by(Member.id).limit(1)
    return turn.session.scalars(query).one()
