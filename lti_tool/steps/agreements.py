"""Beside the steps: how we work together. The list changes by consent only (requirement R12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from lti_tool.domain import Refused
from lti_tool.domain.community import from_template
from lti_tool.domain.cycle import CLOSED, Phase, Stage, StageKind, Turn
from lti_tool.domain.mechanisms import consent, contributions, late, objections, rounds
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.ties import Tie
from lti_tool.steps import noted, objecting
from lti_tool.steps.base import Deed, Form, NoteField, Step, Task
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.forms import ConsentForm
from lti_tool.steps.shown import Decided, decided, is_mine
from lti_tool.text import Text

PROPOSAL, AGREEMENTS = "proposal", "agreements"
MOST_EACH, MOST = 3, 8

_NEEDED: dict[str, Any] = {"required": "missing"}
_SHORT = [validate.Length(min=1, error="missing"), validate.Length(max=300, error="too_long")]


class ProposalForm(Form):
    """One agreement that somebody proposes. id: the one to change."""

    text = fields.String(required=True, validate=_SHORT, error_messages=_NEEDED)
    id = fields.Integer(load_default=None, allow_none=True)


class ListForm(Form):
    """The list to decide on, an agreement a line. version: the one the writer saw, 0 for none."""

    lines = fields.String(
        required=True,
        validate=[validate.Length(min=1, error="missing"), validate.Length(max=2400, error="too_long")],
        error_messages=_NEEDED,
    )
    version = fields.Integer(load_default=0)


def propose(turn: Turn, data: dict[str, Any]) -> None:
    """Propose an agreement, or change one's own while nobody else reads it."""
    own = gate.mine(turn, PROPOSAL)
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in own if item.id != data["id"]))
    if data["id"] is not None:
        item = contributions.get_mine(turn, PROPOSAL, data["id"])
        contributions.revise(turn, item, {"text": data["text"]}, item.version)
    elif len(own) >= MOST_EACH:
        raise Refused("enough_agreements")
    else:
        contributions.add(turn, PROPOSAL, {"text": data["text"]})


def write(turn: Turn, data: dict[str, Any]) -> None:
    """Write the list, or change it; nobody's change is overwritten unseen."""
    lines = [line.strip(" -•\t") for line in data["lines"].splitlines() if contributions.says_something(line)]
    if not lines:
        raise Refused("blank")
    if len(lines) > MOST:
        raise Refused("too_many_agreements")
    standing = _list(turn)
    if standing is not None:
        contributions.revise(turn, standing, {"lines": lines}, data["version"])
    elif data["version"]:
        raise Refused("changed_meanwhile")
    else:
        sources = gate.gather(turn).of(PROPOSAL)
        contributions.add(turn, AGREEMENTS, {"lines": lines}, [(Tie.BUILT_FROM, item) for item in sources])


def answer(turn: Turn, data: dict[str, Any]) -> None:
    """Answer the consent round."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)


def _list(turn: Turn) -> Piece | None:
    return gate.gather(turn).last(AGREEMENTS)


def answer_late(turn: Turn, data: dict[str, Any]) -> None:
    """Say afterwards where one stands; for who took no part in deciding."""
    if (standing := _list(turn)) is None:
        raise Refused("not_found")
    late.answer(turn, standing.version, data)


def _from_template(turn: Turn, step: Step) -> Sequence[str]:
    """What the template's community agreed on, once everybody here has written for themselves."""
    if turn.run.stage != "draft":
        return ()
    return from_template.agreed(turn.session, turn.community.course_id, step)


def _changed(turn: Turn) -> bool:
    return objections.changed(turn, _list(turn))


@dataclass(frozen=True)
class Proposal:
    """An agreement that somebody proposes."""

    id: int
    text: str
    mine: bool


@dataclass(frozen=True)
class Agreed:
    """The list, a line an agreement."""

    lines: Sequence[str]
    version: int


@dataclass(frozen=True)
class Shown(Base):
    """Own proposals while hidden, then all; the list, as far as there is one. obstacles: why it cannot be put to all.

    from_template: what was agreed in the template course that this one is a copy of, as one more proposal. is_template:
    whether copies of this course read the list so.
    """

    proposals: Sequence[Proposal]
    agreed: Agreed | None
    decided: Decided
    obstacles: Sequence[Refused] = ()
    from_template: Sequence[str] = ()
    is_template: bool = False
    most_each: int = MOST_EACH

    @property
    def lacking(self) -> Sequence[Refused]:
        """What has to be mended first."""
        return self.obstacles if self.agreed else [Refused("no_list")]


# What the community waits for in each stage: the words for one, and for more.
_WAITING = {
    "propose": (Text("heeft iets voorgesteld", "has proposed something"), Text("hebben iets voorgesteld", "have proposed something")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
    **objecting.WAITS,
}  # fmt: skip


class Agreements(Step):
    """A short list of how we work together, that nobody objects to."""

    name = "agreements"
    position = 1
    side = True
    title = Text("Onze afspraken", "Our agreements")
    question = Text("Hoe werken we samen?", "How do we work together?")
    purpose = Text(
        "Een korte lijst met wat we van elkaar mogen verwachten. Wie hem wil veranderen, vraagt het iedereen.",
        "A short list of what we may expect of each other. Whoever wants to change it asks everyone.",
    )
    asks = (
        Text("Schrijf op wat jij nodig hebt om hier open te kunnen zijn.", "Write down what you need to be open here."),
        Text("Maak er samen een korte lijst van.", "Make one short list of it together."),
        Text("Beslis mee: kunnen we hiermee werken?", "Help decide: can we work with this?"),
    )
    empty = Text("Nog geen afspraken. Drie goede zijn genoeg.", "No agreements yet. Three good ones are enough.")
    prompt = Text("Wat heb jij van ons nodig om eerlijk te kunnen zijn?", "What do you need from us to be honest?")
    waits = _WAITING
    stages = (
        Stage("propose", Phase.ALONE, StageKind.HIDDEN, Text("eerst ieder voor zich", "first each on your own"), Text("Toon alle voorstellen", "Reveal all proposals"), Text("Welke afspraak heb jij nodig om goed samen te werken?", "Which agreement do you need to work together well?"), Text("Schrijf er één tot drie op. Nog niemand leest mee.", "Write one to three. Nobody reads along yet."), minutes=5),
        Stage("draft", Phase.RESPOND, StageKind.TOGETHER, Text("samen een lijst maken", "make one list together"), Text("Leg deze lijst voor", "Put this list to everyone"), Text("Welke afspraken maken we samen?", "Which agreements do we make together?"), Text("Maak samen één korte lijst.", "Make one short list together."), minutes=8),
        Stage("consent", Phase.DECIDE, StageKind.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round"), Text("Kunnen we hiermee werken?", "Can we work with this?"), Text("Lees de lijst en geef je antwoord.", "Read the list and give your answer."), minutes=4),
        objecting.STAGE,
    )  # fmt: skip
    reopens_at = "draft"
    holds_on = True
    keeps = {PROPOSAL: Thing.HIDDEN_INPUT, AGREEMENTS: Thing.AGREEMENT, late.KIND: Thing.LATE, **objecting.KEEPS}
    deeds = (
        Deed("propose", ProposalForm, frozenset({"propose"}), propose, Text("Je voorstel is bewaard.", "Your proposal has been saved."), drafts=True, noted=(NoteField("text", Text("Bij ons …", "With us …")),)),
        Deed("write", ListForm, frozenset({"draft"}), write, Text("De lijst is bewaard. Iedereen kan hem lezen.", "The list has been saved. Everybody can read it."), drafts=True),
        *objecting.deeds("draft", _changed),
        Deed("consent", ConsentForm, frozenset({"consent"}), answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True, noted=noted.CONSENT),
        Deed("late", ConsentForm, frozenset({CLOSED.name}), answer_late, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
    )  # fmt: skip
    sentences = {
        "enough_agreements": Text("Je hebt er al drie voorgesteld. Pas er een aan.", "You have proposed three already. Change one of them."),
        "too_many_agreements": Text("Hoogstens acht afspraken.", "At most eight agreements."),
        "no_agreements": Text("Er is nog geen voorstel.", "There is no proposal yet."),
        "no_list": Text("Schrijf eerst een lijst.", "Write a list first."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """The consent round is about the list as it now stands."""
        if turn.run.stage in objecting.DECIDING:
            objecting.enter(turn, _list(turn))

    def leave(self, turn: Turn) -> str:
        """There must be something to go on with, and consent decides where it goes."""
        stage = turn.run.stage
        if stage == "propose" and not deciding.author_ids(turn, PROPOSAL):
            raise Refused("no_agreements")
        if stage == "draft":
            if (text := _list(turn)) is None:
                raise Refused("no_list")
            for obstacle in objecting.obstacles(turn, gate.gather(turn), text):
                raise obstacle
            return objecting.next_stage(turn, _changed(turn), "consent")
        if stage in objecting.DECIDING:
            return objecting.leave(turn, "draft", CLOSED.name)
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who proposed or answered."""
        if turn.run.stage == "propose":
            return turn.once("done", lambda: deciding.author_ids(turn, PROPOSAL))
        return objecting.heard(turn) if turn.run.stage in objecting.DECIDING else set()

    def writer(self, turn: Turn) -> int | None:
        """Who wrote the list as it stands."""
        standing = _list(turn) if turn.run.stage == "draft" else None
        return standing.member_id if standing else None

    def task(self, turn: Turn) -> Task | None:
        """Propose, then answer."""
        if turn.participant is not None and turn.run.stage == "draft" and objections.asked(turn):
            return objecting.ASKED
        if turn.participant is None or turn.run.stage not in _TASKS:
            return None
        return None if turn.participant.id in self.done_members(turn) else _TASKS[turn.run.stage]

    def outcome(self, turn: Turn) -> str | None:
        """The list, a line each."""
        standing = _list(turn) if turn.run.closed_at else None
        return "\n".join(standing.body["lines"]) if standing else None

    def spotlight(self, turn: Turn) -> list[str]:
        """The proposals once revealed, then the list."""
        if turn.run.stage == "propose":
            return []
        standing = _list(turn)
        return standing.body["lines"] if standing else [i.body["text"] for i in gate.gather(turn).of(PROPOSAL)]

    def summary(self, turn: Turn) -> Shown:
        """Own proposals while hidden, then all; the list; what was answered once the round has closed."""
        there = gate.gather(turn)
        lists = there.of(AGREEMENTS)
        return Shown(
            proposals=[Proposal(item.id, item.body["text"], is_mine(turn, item)) for item in there.of(PROPOSAL)],
            agreed=Agreed(lists[-1].body["lines"], lists[-1].version) if lists else None,
            decided=decided(turn, there, lists[-1].version if lists and turn.run.closed_at else None, _changed(turn)),
            obstacles=objecting.obstacles(turn, there, lists[-1]) if lists and turn.run.stage == "draft" else (),
            from_template=_from_template(turn, self),
            is_template=turn.run.stage == "draft" and from_template.said(turn.session, turn.community.course_id).is_one,
        )


_TASKS = {
    "propose": Task(Text("Schrijf een afspraak op die jij nodig hebt.", "Write down an agreement you need."), 2),
    "consent": Task(Text("Geef antwoord: kunnen we hiermee werken?", "Answer: can we work with this?"), 2),
    objecting.NAME: objecting.TASK,
}
