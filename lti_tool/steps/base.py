"""What a step is: one subclass of `Step` in a module of this package, and templates/steps/<name>.html.

The module is found by itself (see __init__.py), checked at start-up, and needs nothing elsewhere: its
words, its stages, its forms and what they do are all declared on the class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Stage, Turn, stage_of
from lti_tool.domain.participation import Kind
from lti_tool.text import Text


class Form(Schema):
    """Base of a step's forms: unknown fields are dropped, texts arrive stripped (views.load_form)."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True)
class Action:
    """One thing a member can do in a step, by POST to .../<step>/<name>.

    stages: in which it may be done. do: handed the turn and the loaded form; returns the moment it
    earns, or None. drafts: whether the page keeps what is typed before it is sent.
    """

    name: str
    schema: type[Form]
    stages: frozenset[str]
    do: Callable[[Turn, dict[str, Any]], Kind | None]
    done: Text
    drafts: bool = False


@dataclass(frozen=True)
class Task:
    """The one thing that is this person's to do now: a sentence, and the minutes it takes."""

    text: Text
    minutes: int


@dataclass(frozen=True)
class Waiting:
    """What the community waits for: how many people have done it; the words for one, and for more."""

    one: Text
    many: Text
    done: int


class Step:
    """One step of the cycle. position orders the steps; icon is a file in static/icons/ or ""."""

    name: ClassVar[str]
    position: ClassVar[int]
    title: ClassVar[Text]
    question: ClassVar[Text]
    purpose: ClassVar[Text]
    asks: ClassVar[tuple[Text, ...]]
    stages: ClassVar[tuple[Stage, ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = ()

    @property
    def template(self) -> str:
        """The step's page."""
        return f"steps/{self.name}.html"

    def action(self, name: str) -> Action | None:
        """The declared action of that name."""
        return next((action for action in self.actions if action.name == name), None)

    def enter(self, turn: Turn) -> None:
        """Prepare the stage the run has just come to: open its round, for instance."""

    def leave(self, turn: Turn) -> str:
        """End the present stage: the name of the next one; Refused when it cannot end yet."""
        names = [stage.name for stage in self.stages] + [CLOSED.name]
        return names[names.index(turn.run.stage) + 1]

    def task(self, turn: Turn) -> Task | None:
        """What is this member's to do in the present stage; None: nothing, or done."""
        return None

    def waiting(self, turn: Turn) -> Waiting | None:
        """What the community still waits for in the present stage."""
        return None

    def done_members(self, turn: Turn) -> set[int]:
        """Ids of the members who have done what the present stage asks: to invite the others, never to rank."""
        return set()

    def summary(self, turn: Turn) -> Mapping[str, Any]:
        """What the step's template shows this person in this stage, and nothing that is still hidden."""
        return {}

    def outcome(self, turn: Turn) -> str | None:
        """The step's result in one text once it is closed, for the home."""
        return None

    def stage(self, turn: Turn) -> Stage:
        """The stage the run is in."""
        return stage_of(self, turn.run)

    def perform(self, turn: Turn, action: Action, data: dict[str, Any]) -> Kind | None:
        """Do an action if this is its time; Refused otherwise."""
        turn.hold()
        if turn.run.stage not in action.stages:
            raise Refused("not_in_this_stage")
        return action.do(turn, data)


@dataclass
class Registry:
    """The steps in order of position."""

    steps: list[Step] = field(default_factory=list)

    def __iter__(self) -> Any:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def by_name(self) -> dict[str, Step]:
        """name -> step."""
        return {step.name: step for step in self.steps}

    def add(self, step: Step) -> None:
        """Register a step; raises TypeError at start-up for one that is not whole."""
        for attribute in ("name", "position", "title", "question", "purpose", "asks"):
            if not hasattr(step, attribute):
                raise TypeError(f"step {type(step).__name__} has no {attribute}")
        known = {stage.name for stage in step.stages} | {CLOSED.name}
        for action in step.actions:
            if not action.stages <= known:
                raise TypeError(f"step {step.name}: action {action.name} names a stage that does not exist")
        if step.name in self.by_name or step.position in {other.position for other in self.steps}:
            raise TypeError(f"two steps are called {step.name} or stand at {step.position}")
        self.steps.append(step)
        self.steps.sort(key=lambda each: each.position)
