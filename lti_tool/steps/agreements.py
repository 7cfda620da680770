"""Beside the steps: how we work together. The list changes by consent only (requirement R12)."""

import hashlib
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from lti_tool.domain import Refused, consent, contributions, rounds
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import CLOSED, Phase, Stage, Turn
from lti_tool.models import Contribution
from lti_tool.steps.base import Action, Form, NoteField, Step, Task, Waiting
from lti_tool.steps.forms import ConsentForm
from lti_tool.text import Text

PROPOSAL, AGREEMENTS, BUILT_FROM = "proposal", "agreements", "built from"
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
    own = contributions.mine(turn, PROPOSAL)
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
        sources = contributions.of_kind(turn, PROPOSAL)
        contributions.add(turn, AGREEMENTS, {"lines": lines}, [(BUILT_FROM, item) for item in sources])


def answer(turn: Turn, data: dict[str, Any]) -> None:
    """Answer the consent round."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)


def _list(turn: Turn) -> Contribution | None:
    found = contributions.of_kind(turn, AGREEMENTS)
    return found[-1] if found else None


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
    stages = (
        Stage("propose", Phase.ALONE, Text("eerst ieder voor zich", "first each on your own"), Text("Toon alle voorstellen", "Reveal all proposals"), Text("Schrijf een afspraak op die jij nodig hebt.", "Write down an agreement you need.")),
        Stage("draft", Phase.RESPOND, Text("samen een lijst maken", "make one list together"), Text("Leg deze lijst voor", "Put this list to everyone"), Text("Maak samen één korte lijst.", "Make one short list together.")),
        Stage("consent", Phase.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round"), Text("Kunnen we hiermee werken?", "Can we work with this?")),
    )  # fmt: skip
    reopens_at = "draft"
    actions = (
        Action("propose", ProposalForm, frozenset({"propose"}), propose, Text("Je voorstel is bewaard.", "Your proposal has been saved."), drafts=True, noted=(NoteField("text", Text("Bij ons …", "With us …")),)),
        Action("write", ListForm, frozenset({"draft"}), write, Text("De lijst is bewaard.", "The list has been saved."), drafts=True),
        Action("consent", ConsentForm, frozenset({"consent"}), answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
    )  # fmt: skip
    sentences = {
        "enough_agreements": Text("Je hebt er al drie voorgesteld. Pas er een aan.", "You have proposed three already. Change one of them."),
        "too_many_agreements": Text("Hoogstens acht afspraken: wat niemand onthoudt, helpt niet.", "At most eight agreements: what nobody remembers does not help."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """The consent round is about the list as it now stands."""
        if turn.run.stage == "consent":
            rounds.open_round(turn, consent.KIND, _list(turn))

    def leave(self, turn: Turn) -> str:
        """There must be something to go on with, and consent decides where it goes."""
        stage = turn.run.stage
        if stage == "propose" and not contributions.author_ids(turn, PROPOSAL):
            raise Refused("no_agreements", Text("Er is nog geen voorstel.", "There is no proposal yet."))
        if stage == "draft" and _list(turn) is None:
            raise Refused("no_list", Text("Schrijf eerst een lijst.", "Write a list first."))
        if stage == "consent":
            round_ = rounds.open_one(turn, consent.KIND)
            outcome = consent.decide(turn, round_)
            rounds.close(round_, outcome)
            return CLOSED.name if outcome == consent.ADOPTED else "draft"
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who proposed or answered."""
        if turn.run.stage == "propose":
            return turn.once("done", lambda: contributions.author_ids(turn, PROPOSAL))
        if turn.run.stage == "consent":
            return {row.member_id for row in consent.answers(turn, rounds.open_one(turn, consent.KIND))}
        return set()

    def task(self, turn: Turn) -> Task | None:
        """Propose, then answer."""
        if turn.member is None or turn.member.standing != "member" or turn.run.stage not in _TASKS:
            return None
        return None if turn.member.id in self.done_members(turn) else _TASKS[turn.run.stage]

    def waiting(self, turn: Turn) -> Waiting | None:
        """How many of those present have done it."""
        if turn.run.stage not in _WAITING:
            return None
        return Waiting(*_WAITING[turn.run.stage], len(self.done_members(turn) & turn.present_ids))

    def outcome(self, turn: Turn) -> str | None:
        """The list, a line each."""
        standing = _list(turn) if turn.run.closed_at else None
        return "\n".join(standing.body["lines"]) if standing else None

    def spotlight(self, turn: Turn) -> list[str]:
        """The proposals once revealed, then the list."""
        if turn.run.stage == "propose":
            return []
        standing = _list(turn)
        return standing.body["lines"] if standing else [i.body["text"] for i in contributions.of_kind(turn, PROPOSAL)]

    def summary(self, turn: Turn) -> Mapping[str, Any]:
        """Own proposals while hidden, then all; the list; what was answered once the round has closed."""
        items, _ = contributions.visible(turn, self.stage(turn))
        me = turn.member.id if turn.member else None
        found = [item for item in items if item.kind == PROPOSAL]
        found.sort(key=lambda item: hashlib.sha256(f"{turn.run.id} {item.id}".encode()).digest())
        shown: dict[str, Any] = {
            "proposals": [{"id": i.id, "text": i.body["text"], "mine": i.member_id == me} for i in found],
            "most_each": MOST_EACH,
            "list": next((item for item in reversed(items) if item.kind == AGREEMENTS), None),
        }
        round_ = rounds.latest(turn, consent.KIND)
        if round_ is not None and round_.closed_at is None:
            shown["my_answer"] = consent.mine(turn, round_)
        elif round_ is not None:
            given = consent.answers(turn, round_)
            shown["answers"] = consent.totals(given)
            shown["concerns"] = [row.body for row in given if row.answer == Answer.CONCERN]
            shown["objections"] = [row.body for row in given if row.answer == Answer.OBJECTION]
        return shown


_TASKS = {
    "propose": Task(Text("Schrijf een afspraak op die jij nodig hebt.", "Write down an agreement you need."), 2),
    "consent": Task(Text("Geef antwoord: kunnen we hiermee werken?", "Answer: can we work with this?"), 2),
}
_WAITING = {
    "propose": (Text("heeft iets voorgesteld", "has proposed something"), Text("hebben iets voorgesteld", "have proposed something")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
}  # fmt: skip
