"""What a meeting goes through: the rounds that come next, as many as fit, with the minutes of each.

A round is a stage of a step, in the order in which the cycle takes them, from where it stands. None can be left out in
the middle: the cycle takes them all. A meeting stops earlier, or gives a round less time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Stage, Step, Turn
from lti_tool.models import StepRun

# A meeting after school; and what can be asked of one.
USUAL, LONGEST = 45, 480  # minutes
# Whoever gets through more in one afternoon leaves something behind.
MOST_STEPS = 2


@dataclass(frozen=True)
class Item:
    """A round of an agenda, by the names of its step and stage."""

    step: str
    stage: str
    minutes: int

    @property
    def key(self) -> str:
        """As a form names it."""
        return f"{self.step}.{self.stage}"

    @classmethod
    def kept(cls, agenda: Sequence[Mapping[str, Any]]) -> list[Self]:
        """The rounds of an agenda as the table holds it."""
        return [cls(str(each["step"]), str(each["stage"]), int(each["minutes"])) for each in agenda]


def ahead(turn: Turn, runs: Mapping[str, StepRun]) -> list[Item]:
    """The rounds that come next: of the step that is open, and of the one after it. None where no step is open.

    turn: at any step of the cycle, for how many people there are. A round that so few people pass by is not among
    them, nor one that only comes where something asks for it.
    """
    left = [step for step in turn.steps if not ((run := runs.get(step.name)) and run.closed_at)]
    if not left or left[0].name not in runs:
        return []
    people = len(turn.present_ids)
    return [
        Item(step.name, stage.name, stage.minutes)
        for step in left[:MOST_STEPS]
        for stage in _left(step, runs.get(step.name))
        if (stage.people <= people and not stage.seldom) or _is_on(stage, runs.get(step.name))
    ]


def _left(step: Step, run: StepRun | None) -> Iterator[Stage]:
    """The stages of a step from where it stands."""
    reached = run is None
    for stage in step.stages:
        reached = reached or _is_on(stage, run)
        if reached:
            yield stage


def _is_on(stage: Stage, run: StepRun | None) -> bool:
    return run is not None and run.stage == stage.name


def fitting(rounds: Sequence[Item], total: int) -> list[Item]:
    """As many of these rounds as fit in so many minutes; of a first one that does not, as much of it as does."""
    found, left = [], total
    for each in rounds:
        if each.minutes > left:
            break
        found.append(each)
        left -= each.minutes
    return found or [Item(each.step, each.stage, total) for each in rounds[:1]]


def chosen(rounds: Sequence[Item], first: str, minutes: Sequence[int], last: str) -> list[Item]:
    """The agenda as it was changed: these minutes, and no further than the round of that key.

    first: the round that stood first when it was changed. Refused("stage_moved") where the cycle has gone on since,
    Refused("agenda_minutes") for times that are none.
    """
    if not rounds:
        raise Refused("agenda_empty")
    keys = [each.key for each in rounds]
    if first != keys[0]:
        raise Refused("stage_moved")
    if last not in keys[: len(minutes)]:
        raise Refused("agenda_empty")
    found = [
        Item(each.step, each.stage, number)
        for each, number in zip(rounds[: keys.index(last) + 1], minutes, strict=False)
    ]
    if any(each.minutes < 1 for each in found) or sum(each.minutes for each in found) > LONGEST:
        raise Refused("agenda_minutes")
    return found
