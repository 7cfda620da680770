"""The pulse: three sentences about owning, counting and wanting to go on, after the steps that ask it.

Each step's answers are published once and stay as they are. The trend over them is the members' own.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn, pausing
from lti_tool.domain.mechanisms import totals
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.text import Text

ANSWER = "pulse"
ITEMS = {
    "ours": Text("Dit is van ons samen.", "This belongs to all of us."),
    "counts": Text("Wat ik inbreng, telt mee.", "What I bring in counts."),
    "energy": Text("Ik heb zin om hiermee verder te gaan.", "I look forward to going on with this."),
}
# So long everybody gets to answer, before a member may have it published without the others.
PATIENCE = dt.timedelta(days=7)


@dataclass(frozen=True)
class State:
    """How the pulse of a step stands. people: how many answered; published: the frozen totals."""

    own: Piece | None
    people: frozenset[int]
    published: Mapping[str, Any] | None
    waited: bool

    @property
    def may_publish(self) -> bool:
        """Whether a member may publish it now."""
        return self.published is None and self.waited and len(self.people) >= totals.LEAST


def read(turn: Turn) -> State:
    """How it stands in the turn's step, after the step has closed."""
    there = gate.gather(turn)
    published = there.last(totals.PULSE)
    me, closed_at = turn.viewer.member_id, turn.run.closed_at
    return State(
        own=next((item for item in there.of(ANSWER) if item.member_id == me), None),
        people=frozenset(item.member_id for item in deciding.gather(turn).of(ANSWER)),
        published=published.body if published else None,
        waited=published is None and closed_at is not None and pausing.has_passed(turn, closed_at, PATIENCE),
    )


def answer(turn: Turn, numbers: Mapping[str, int]) -> None:
    """Answer, or change one's answers until they are published: by the answer of the last one present."""
    state = read(turn)
    if state.published is not None:
        raise Refused("published_already")
    totals.answer(turn, ANSWER, numbers)
    if turn.present_ids <= state.people | {turn.me.id}:
        publish(turn)


def publish_now(turn: Turn) -> None:
    """Publish it without who has not answered: once there was time to, and not below the least."""
    if not read(turn).may_publish:
        raise Refused("pulse_too_early")
    publish(turn)


def publish(turn: Turn) -> None:
    """Publish what was answered, once; with too few answers that there were too few."""
    totals.publish(turn, ANSWER, totals.PULSE, list(ITEMS))


def publish_if_open(turn: Turn) -> None:
    """Publish what was answered of a completed step, where nobody did."""
    if deciding.author_ids(turn, ANSWER) and not deciding.of_kind(turn, totals.PULSE):
        publish(turn)


def unanswered(turn: Turn) -> Sequence[str]:
    """The names of the steps of whose pulse this member's answer is still wanted, for a quiet line at home."""
    if turn.cycle.closed_at is not None or turn.participant is None:
        return ()
    asking = [step.name for step in turn.steps.by_name.values() if step.asks_pulse]
    return deciding.unanswered(turn, asking, ANSWER, totals.PULSE)


@dataclass(frozen=True)
class Point:
    """One published pulse: of which cycle and step, the means, and how many answered; None where too few did.

    of: how many the circle was then, 0 where nobody kept that.
    """

    cycle: int
    step: str
    means: Mapping[str, float | None]
    people: int | None = None
    of: int = 0


def trend(turn: Turn) -> list[Point]:
    """All that was published, over steps and cycles, oldest first."""
    return [
        Point(number, step, item.body["means"], item.body["people"], item.body.get("of", 0))
        for number, step, item in gate.everywhere(turn, totals.PULSE)
    ]
