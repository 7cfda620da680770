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
from lti_tool.domain.community import version
from lti_tool.domain.community.access import COMMUNITY, Audience
from lti_tool.domain.cycle import CLOSED, Stage, StageKind, Turn, stage_of, telling
from lti_tool.domain.cycle.may_end import Heard
from lti_tool.domain.mechanisms import minority, objections
from lti_tool.domain.mechanisms.forgetting import FORGOTTEN
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread.flow import Flow
from lti_tool.text import Counted, Text


class Form(Schema):
    """Base of a step's forms: unknown fields are dropped, texts arrive stripped (circle.load_form)."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True)
class NoteField:
    """A field of a deed's form as a note-taker fills it in for somebody. name: the form's own.

    options: what there is to choose from, as (value, label) in this turn; without it the field is text. on: for a field
    that is asked of each of several things, these as (id, words); most: what its numbers can be together. enough:
    whether to choose something here says something.
    """

    name: str
    label: Text
    options: Callable[[Turn], Sequence[tuple[str, Text | str]]] | None = None
    on: Callable[[Turn], Sequence[tuple[int, str]]] | None = None
    most: int | None = None
    enough: bool = False

    def asked(self, turn: Turn) -> "list[Asked]":
        """The fields of a form that it is in this turn."""
        options = self.options(turn) if self.options else None
        if self.on is None:
            return [Asked(self.name, self.label, options)]
        return [Asked(f"{self.name}-{each}", words, options) for each, words in self.on(turn)]


@dataclass(frozen=True)
class Asked:
    """A field of a note-taker's form. options: what there is to choose from, None where it is text."""

    name: str
    label: Text | str
    options: Sequence[tuple[str, Text | str]] | None

    def said(self, body: Mapping[str, Any]) -> Text | str:
        """What a note says in it, in words."""
        given = body.get(self.name, "")
        return next((words for value, words in self.options or () if value == given), given)


@dataclass(frozen=True)
class Deed:
    """One thing a member can do in a step, by POST to .../<step>/<name>.

    stages: in which it may be done. do: handed the turn and the loaded form; returns the moment it
    earns, or None. drafts: whether the page keeps what is typed before it is sent. file: whether its form
    may bring one, which `do` finds as data["file"], an attachments.Upload or None. noted: the fields a
    note-taker fills in for somebody who says it in a meeting; () for what nobody can say for another.
    private: it is answered alone, for totals only: the answers are deleted in time, and so is what was kept of the form.
    """

    name: str
    schema: type[Form]
    stages: frozenset[str]
    do: Callable[[Turn, dict[str, Any]], Kind | None]
    done: Text
    drafts: bool = False
    file: bool = False
    noted: tuple[NoteField, ...] = ()
    private: bool = False


@dataclass(frozen=True)
class TakeOver:
    """How something the cycle before left is taken over here: by a deed of the step, its form filled in.

    key: of the form on the page (`fill(deed, key)`); fields: name in the form -> name in what was left;
    stages: in which that form stands there.
    """

    deed: str
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


@dataclass(frozen=True)
class Shown:
    """What a step's template finds under `shown`. Each step's own subclass names the fields; the template no others."""

    @property
    def lacking(self) -> Sequence[Refused]:
        """What the page says is lacking yet before what is written together can be put to all."""
        return ()


@dataclass(frozen=True)
class ForLeader:
    """The same for templates/steps/<name>_leader.html. waiting: whether it waits for the leader's answer."""

    waiting: bool = False


def _or_passed(words: Text) -> Text:
    """The same of who passed: they are heard, and wrote nothing."""
    return Text(f"{words.nl} of gepast", f"{words.en} or passed")


def _by_note(words: Text, number: int) -> Text:
    """The same where some were only written down, and have not said yes to it yet."""
    nl, en = ("één", "one") if number == 1 else (str(number), str(number))
    return Text(f"{words.nl}, {nl} per notitie", f"{words.en}, {en} by note")


class Step:
    """One step of the cycle. position orders the steps; a side step stands beside them and earns no moments.

    waits: stage -> the words for what is waited for, of one person and of more.
    empty: what the page says before there is anything; prompt: the question that gets people going.
    keeps: kind of contribution -> which thing it is, for who may read it when: a kind that is not here nobody can
    bring in or read. One that flows on to other steps has a name in thread/flow.py. becomes: the same for what
    changes once the step is completed. codes: kind -> names in its body that hold no words, and are none of
    reading/words.py's CODES: all else goes when it is taken back or hidden. asks_pulse: whether the pulse is asked then.
    reopens_at: the stage a completed step goes back to. outcome_title and outcome_for: what its outcome
    is called at home, and who reads it. sentences: code -> words, for what is refused in
    it. inherits: what this page shows of the cycle before, by the names of restart.Inherited, and how a
    member takes a piece of it over (None: it is only there to read). leader_deeds: what a school leader outside
    can do, shown on the leader's home by templates/steps/<name>_leader.html. unlisted: a side step that home does not
    offer before it was opened. dates_itself: whether the step announces its days itself, and no facilitator does.
    holds_on: whether what a side step settled holds in later cycles, until something else is settled there.
    """

    name: ClassVar[str]
    position: ClassVar[int]
    title: ClassVar[Text]
    question: ClassVar[Text]
    purpose: ClassVar[Text]
    asks: ClassVar[tuple[Text, ...]]
    stages: ClassVar[tuple[Stage, ...]] = ()
    deeds: ClassVar[tuple[Deed, ...]] = ()
    side: ClassVar[bool] = False
    empty: ClassVar[Text | None] = None
    prompt: ClassVar[Text | None] = None
    waits: ClassVar[Mapping[str, tuple[Text, Text]]] = {}
    reopens_at: ClassVar[str] = ""
    outcome_title: ClassVar[Text | None] = None
    outcome_for: ClassVar[frozenset[Audience]] = COMMUNITY
    keeps: ClassVar[Mapping[str, Thing]] = {}
    becomes: ClassVar[Mapping[str, Thing]] = {}
    codes: ClassVar[Mapping[str, frozenset[str]]] = {}
    asks_pulse: ClassVar[bool] = False
    sentences: ClassVar[Mapping[str, Text | Counted]] = {}
    inherits: ClassVar[Mapping[str, TakeOver | None]] = {}
    leader_deeds: ClassVar[tuple[Deed, ...]] = ()
    unlisted: ClassVar[bool] = False
    dates_itself: ClassVar[bool] = False
    holds_on: ClassVar[bool] = False

    @property
    def template(self) -> str:
        """The step's page."""
        return f"steps/{self.name}.html"

    @property
    def private_forms(self) -> Sequence[str]:
        """The names of the private deeds."""
        return [deed.name for deed in self.deeds if deed.private]

    def deed(self, name: str) -> Deed | None:
        """The declared deed of that name."""
        return next((deed for deed in self.deeds if deed.name == name), None)

    def leader_deed(self, name: str) -> Deed | None:
        """The declared deed of that name for a school leader."""
        return next((deed for deed in self.leader_deeds if deed.name == name), None)

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
        """What the community still waits for in the present stage: how many of those present have done it."""
        if turn.run.stage not in self.waits:
            return None
        heard = self.heard(telling.as_shown(turn, self))
        words = self.waits[turn.run.stage]
        if deciding.passed(turn) & heard.expected:
            words = (_or_passed(words[0]), _or_passed(words[1]))
        if by_note := len((deciding.noted_members(turn) - heard.own) & heard.expected):
            words = (_by_note(words[0], by_note), _by_note(words[1], by_note))
        return Waiting(*words, len(heard.everybody & heard.expected))

    def waited_for(self, turn: Turn) -> int:
        """Of how many that is: those who are waited for in the present stage, known by name or not."""
        seen = telling.as_shown(turn, self)
        return len(self.expected(seen)) + seen.circle.unknown

    def done_members(self, turn: Turn) -> set[int]:
        """Ids of the members who have done what the present stage asks: to invite the others, never to rank."""
        return set()

    def own_members(self, turn: Turn) -> set[int]:
        """Those of `done_members` who did it themselves: where one of a group does it for all of it, only that one."""
        return self.done_members(turn)

    def expected(self, turn: Turn) -> frozenset[int]:
        """Ids of the members who are waited for in the present stage."""
        return turn.circle.expected

    def writer(self, turn: Turn) -> int | None:
        """Who wrote last what this stage writes together; somebody else puts it to all."""
        return None

    def heard(self, turn: Turn) -> Heard:
        """Who did what the stage asks, passed, or had it written down for them."""
        done, passed = self.done_members(turn), deciding.passed(turn)
        own = frozenset(self.own_members(turn) | passed)
        noted = deciding.noted_members(turn)
        return Heard(frozenset(done | passed | noted), own, self.expected(turn), self.writer(turn))

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """What the big screen shows of this stage in a meeting: nothing that is still hidden."""
        return ()

    def for_leader(self, turn: Turn) -> ForLeader:
        """What templates/steps/<name>_leader.html shows a school leader outside."""
        return ForLeader()

    def summary(self, turn: Turn) -> Shown:
        """What the step's template shows this person in this stage, and nothing that is still hidden."""
        return Shown()

    def outcome(self, turn: Turn) -> str | None:
        """The step's result in one text, in no language's words but the people's own; asked as the step completes."""
        return None

    def over(self, turn: Turn) -> None:
        """What follows for the cycle once the step is completed."""

    def stage(self, turn: Turn) -> Stage:
        """The stage the run is in."""
        return stage_of(self, turn.run)

    @property
    def rounds(self) -> list[Stage]:
        """The stages that every community comes through."""
        return [stage for stage in self.stages if not stage.seldom]

    def following_stage(self, stage: Stage) -> Stage | None:
        """The round that usually comes after a stage; None after the last."""
        later = self.stages[self.stages.index(stage) + 1 :] if stage in self.stages else ()
        return next((each for each in later if not each.seldom), None)

    def place(self, stage: Stage) -> tuple[int, int]:
        """Which round a stage is, and of how many; an extra one is as far as the round before it."""
        until = self.stages[: self.stages.index(stage) + 1] if stage in self.stages else self.stages
        return len([each for each in until if not each.seldom]), len(self.rounds)

    def perform(self, turn: Turn, deed: Deed, data: dict[str, Any]) -> Kind | None:
        """Do a deed if this is its time, and note the moment it earns; Refused otherwise."""
        turn.hold(seen=False)
        if turn.run.stage not in deed.stages:
            raise Refused("not_in_this_stage")
        if deed in self.deeds:
            # Before anything is looked for: who does not take part reads nothing, and would be told so.
            _ = turn.me
        before = self._counts(turn)
        moment = deed.do(turn, data)
        if moment is not None:
            telling.earned(turn, moment)
        if turn.run.closed_at is None:
            telling.heard_more(turn, self)
        elif moment is not None:
            telling.said_later(turn)
        if before is None or before != self._counts(turn):
            version.changed(turn.session, turn.community.id)
        return moment

    def _counts(self, turn: Turn) -> bool | None:
        """Whether this member is among those who were heard, where that is all that others see of an act.

        Where all write alone or decide, a page that only knew that something happened would tell when somebody changed
        their mind. None where others see what is written too.
        """
        if self.stage(turn).kind not in (StageKind.HIDDEN, StageKind.DECIDE) or turn.participant is None:
            return None
        return turn.participant.id in self.done_members(turn.beside(turn.run))


def _flowing(step: Step) -> frozenset[Flow]:
    return frozenset(kind for kind in step.keeps if isinstance(kind, Flow))


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
    def sentences(self) -> dict[str, Text | Counted]:
        """code -> words, of all steps."""
        return {code: text for step in self.by_name.values() for code, text in step.sentences.items()}

    def following(self, step: Any) -> Step | None:
        """The step that opens when this one is completed."""
        return None if step.side else next((each for each in self.steps if each.position > step.position), None)

    def keeping(self, kind: str) -> Step:
        """The step that keeps a kind that flows on; LookupError for a kind that none does."""
        for step in self.by_name.values():
            if kind in _flowing(step):
                return step
        raise LookupError(f"no step keeps {kind!r}")

    def add(self, step: Step) -> None:
        """Register a step; raises TypeError at start-up for one that is not whole."""
        for attribute in ("name", "position", "title", "question", "purpose", "asks"):
            if not hasattr(step, attribute):
                raise TypeError(f"step {type(step).__name__} has no {attribute}")
        known = {stage.name for stage in step.stages} | {CLOSED.name}
        for taken in filter(None, step.inherits.values()):
            if step.deed(taken.deed) is None:
                raise TypeError(f"step {step.name} takes over by {taken.deed}, which is none of its deeds")
        for deed in (*step.deeds, *step.leader_deeds):
            if not deed.stages <= known:
                raise TypeError(f"step {step.name}: deed {deed.name} names a stage that does not exist")
        if step.stages and step.reopens_at and step.reopens_at not in known:
            raise TypeError(f"step {step.name} reopens at a stage that does not exist")
        if said := [code for code, text in step.sentences.items() if self.sentences.get(code, text) != text]:
            raise TypeError(f"step {step.name} and another say different things by {', '.join(said)}")
        if not FORGOTTEN.isdisjoint(step.keeps.values()) and not step.private_forms:
            raise TypeError(f"step {step.name} keeps what is forgotten in time, by no deed that says so")
        if objections.RESOLUTION in step.keeps and minority.KIND not in step.keeps:
            raise TypeError(f"step {step.name} works objections through, and does not keep what stays of them")
        if not step.becomes.keys() <= step.keeps.keys():
            raise TypeError(f"step {step.name} says what a kind becomes that it does not keep")
        if shared := [kind for kind in _flowing(step) if any(kind in _flowing(each) for each in self.by_name.values())]:
            raise TypeError(f"step {step.name} and another both keep what flows on: {', '.join(shared)}")
        among = self.sides if step.side else self.steps
        if step.name in self.by_name or step.position in {other.position for other in among}:
            raise TypeError(f"two steps are called {step.name} or stand at {step.position}")
        among.append(step)
        among.sort(key=lambda each: each.position)
        vars(self).pop("by_name", None)
        vars(self).pop("sentences", None)
