"""What a step is: one subclass of `Step` in a module or package of this package, and templates/steps/<name>.html.

The module is found by itself (see __init__.py), checked at start-up, and needs nothing elsewhere: its
words, its stages, its forms and what they do are all declared on the class.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema

from lti_tool.domain import Refused
from lti_tool.domain.access import COMMUNITY, Audience
from lti_tool.domain.cycle import CLOSED, Stage, Turn, stage_of
from lti_tool.domain.participation import Kind
from lti_tool.text import Text


class Form(Schema):
    """Base of a step's forms: unknown fields are dropped, texts arrive stripped (views.load_form)."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True)
class NoteField:
    """A field of an action's form as a note-taker fills it in for somebody. name: the form's own.

    options: what there is to choose from, as (value, label) in this turn; without it the field is text.
    """

    name: str
    label: Text
    options: Callable[[Turn], Sequence[tuple[str, Text | str]]] | None = None


@dataclass(frozen=True)
class Action:
    """One thing a member can do in a step, by POST to .../<step>/<name>.

    stages: in which it may be done. do: handed the turn and the loaded form; returns the moment it
    earns, or None. drafts: whether the page keeps what is typed before it is sent. file: whether its form
    may bring one, which `do` finds as data["file"], an attachments.Upload or None. noted: the fields a
    note-taker fills in for somebody who says it in a meeting; () for what nobody can say for another.
    """

    name: str
    schema: type[Form]
    stages: frozenset[str]
    do: Callable[[Turn, dict[str, Any]], Kind | None]
    done: Text
    drafts: bool = False
    file: bool = False
    noted: tuple[NoteField, ...] = ()


@dataclass(frozen=True)
class TakeOver:
    """How something the cycle before left is taken over here: by an action of the step, its form filled in.

    key: of the form on the page (`fill(action, key)`); fields: name in the form -> name in what was left;
    stages: in which that form stands there.
    """

    action: str
    key: str
    fields: Mapping[str, str]
    stages: frozenset[str]


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
    """One step of the cycle. position orders the steps; a side step stands beside them and earns no moments.

    empty: what the page says before there is anything; prompt: the question that gets people going.
    reopens_at: the stage a completed step goes back to. outcome_title and outcome_for: what its outcome
    is called at home, and who reads it. sentences: code -> words, for what its own forms
    refuse. inherits: what this page shows of the cycle before, by the names of restart.Inherited, and how a
    member takes a piece of it over (None: it is only there to read). leader_actions: what a school leader outside can do, shown on the leader's home by
    templates/steps/<name>_leader.html.
    """

    name: ClassVar[str]
    position: ClassVar[int]
    title: ClassVar[Text]
    question: ClassVar[Text]
    purpose: ClassVar[Text]
    asks: ClassVar[tuple[Text, ...]]
    stages: ClassVar[tuple[Stage, ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = ()
    side: ClassVar[bool] = False
    empty: ClassVar[Text | None] = None
    prompt: ClassVar[Text | None] = None
    reopens_at: ClassVar[str] = ""
    outcome_title: ClassVar[Text | None] = None
    outcome_for: ClassVar[frozenset[Audience]] = COMMUNITY
    sentences: ClassVar[Mapping[str, Text]] = {}
    inherits: ClassVar[Mapping[str, TakeOver | None]] = {}
    leader_actions: ClassVar[tuple[Action, ...]] = ()

    @property
    def template(self) -> str:
        """The step's page."""
        return f"steps/{self.name}.html"

    def action(self, name: str) -> Action | None:
        """The declared action of that name."""
        return next((action for action in self.actions if action.name == name), None)

    def leader_action(self, name: str) -> Action | None:
        """The declared action of that name for a school leader."""
        return next((action for action in self.leader_actions if action.name == name), None)

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

    def unheard(self, turn: Turn) -> set[int]:
        """Ids of the members present of whom the present stage still wants something."""
        return turn.present_ids - self.done_members(turn) if self.waiting(turn) else set()

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """What the big screen shows of this stage in a meeting: nothing that is still hidden."""
        return ()

    def for_leader(self, turn: Turn) -> Mapping[str, Any]:
        """What templates/steps/<name>_leader.html shows a school leader outside."""
        return {}

    def summary(self, turn: Turn) -> Mapping[str, Any]:
        """What the step's template shows this person in this stage, and nothing that is still hidden."""
        return {}

    def outcome(self, turn: Turn) -> str | None:
        """The step's result in one text, in no language's words but the people's own; asked as the step completes."""
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
    """The steps of the cycle in order of position, and beside them the side steps."""

    steps: list[Step] = field(default_factory=list)
    sides: list[Step] = field(default_factory=list)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def by_name(self) -> dict[str, Step]:
        """name -> step, side steps too."""
        return {step.name: step for step in [*self.steps, *self.sides]}

    @cached_property
    def sentences(self) -> dict[str, Text]:
        """code -> words, of all steps."""
        return {code: text for step in self.by_name.values() for code, text in step.sentences.items()}

    def following(self, step: Any) -> Step | None:
        """The step that opens when this one is completed."""
        return None if step.side else next((each for each in self.steps if each.position > step.position), None)

    def add(self, step: Step) -> None:
        """Register a step; raises TypeError at start-up for one that is not whole."""
        for attribute in ("name", "position", "title", "question", "purpose", "asks"):
            if not hasattr(step, attribute):
                raise TypeError(f"step {type(step).__name__} has no {attribute}")
        known = {stage.name for stage in step.stages} | {CLOSED.name}
        for taken in filter(None, step.inherits.values()):
            if step.action(taken.action) is None:
                raise TypeError(f"step {step.name} takes over by {taken.action}, which is none of its actions")
        for action in (*step.actions, *step.leader_actions):
            if not action.stages <= known:
                raise TypeError(f"step {step.name}: action {action.name} names a stage that does not exist")
        if step.stages and step.reopens_at and step.reopens_at not in known:
            raise TypeError(f"step {step.name} reopens at a stage that does not exist")
        if said := [code for code, text in step.sentences.items() if self.sentences.get(code, text) != text]:
            raise TypeError(f"step {step.name} and another say different things by {', '.join(said)}")
        among = self.sides if step.side else self.steps
        if step.name in self.by_name or step.position in {other.position for other in among}:
            raise TypeError(f"two steps are called {step.name} or stand at {step.position}")
        among.append(step)
        among.sort(key=lambda each: each.position)
        vars(self).pop("by_name", None)
        vars(self).pop("sentences", None)
