"""Step 1, the collective ambition: ideas alone, reveal, responses, equal dots, a text, consent."""

import hashlib
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lti_tool.domain import Refused, consent, contributions, dots, participation, rounds
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import CLOSED, Phase, Stage, Turn
from lti_tool.domain.participation import Kind
from lti_tool.models import Contribution
from lti_tool.steps.base import Action, Form, Step, Task, Waiting
from lti_tool.text import Text

IDEA, RESPONSE, PROPOSAL = "idea", "response", "proposal"
ANSWERS, BUILT_FROM = "answers", "built from"
MAX_IDEAS = 3

LONG = validate.Length(max=1000, error="too_long")
SHORT = validate.Length(max=600, error="too_long")


def _text(limit: validate.Length, required: bool = True) -> fields.String:
    if not required:
        return fields.String(load_default="", validate=limit)
    return fields.String(
        required=True, validate=[validate.Length(min=1, error="missing"), limit], error_messages={"required": "missing"}
    )


class IdeaForm(Form):
    """An idea: what pupils notice in a year, and why it matters to the writer. id: the one to change."""

    text = _text(SHORT)
    why = _text(LONG)
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)


class WhichForm(Form):
    """Just one of the member's own contributions."""

    id = fields.Integer(required=True)


class ResponseForm(Form):
    """A response to a colleague's idea."""

    idea = fields.Integer(required=True)
    text = _text(LONG)


class DotsForm(Form):
    """idea id -> 0 to 3 dots."""

    dots = fields.Dict(
        keys=fields.Integer(), values=fields.Integer(validate=validate.Range(0, dots.EACH)), load_default=dict
    )


class ProposalForm(Form):
    """The text to decide on, and the ideas it is made from. version: the one the writer saw, 0 for none."""

    text = _text(SHORT)
    ideas = fields.List(
        fields.Integer(),
        required=True,
        validate=validate.Length(min=1, error="ideas_missing"),
        error_messages={"required": "ideas_missing"},
    )
    version = fields.Integer(load_default=0)


class ConsentForm(Form):
    """An answer in the consent round, with what it needs."""

    answer = fields.Enum(
        Answer, by_value=True, required=True, error_messages={"required": "answer_missing", "unknown": "answer_missing"}
    )
    concern = _text(LONG, required=False)
    harm = _text(LONG, required=False)
    proposal = _text(LONG, required=False)

    @validates_schema
    def words(self, data: dict[str, Any], **_: Any) -> None:
        """Say beside the field which words are lacking."""
        if lacking := consent.lacking(data["answer"], data):
            raise ValidationError({name: [f"{name}_missing"] for name in lacking})


def save_idea(turn: Turn, data: dict[str, Any]) -> Kind:
    """Add an idea, or change one of one's own while all still write."""
    own = contributions.mine(turn, IDEA)
    body = {"text": data["text"], "why": data["why"]}
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in own if item.id != data["id"]))
    if data["id"] is not None:
        if turn.run.stage != "ideas":
            raise Refused("already_revealed")
        item = contributions.get_mine(turn, IDEA, data["id"])
        contributions.revise(turn, item, body, data["version"] or item.version)
    else:
        if len(own) >= MAX_IDEAS:
            raise Refused("enough_ideas")
        contributions.add(turn, IDEA, body)
    return Kind.INPUT


def withdraw_idea(turn: Turn, data: dict[str, Any]) -> None:
    """Take one's own idea back before the reveal; with the last one goes the moment it earned."""
    item = contributions.get_mine(turn, IDEA, data["id"])
    contributions.withdraw(turn, item)
    turn.session.flush()
    if not contributions.mine(turn, IDEA):
        participation.unmark(turn.session, turn.run, turn.me, Kind.INPUT)


def respond(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer a colleague's idea; one's own earns nothing and is refused."""
    idea = contributions.get(turn, IDEA, data["idea"])
    if idea.member_id == turn.me.id:
        raise Refused("own_idea")
    contributions.refuse_blank_or_double(
        data["text"], (item.body["text"] for item in contributions.mine(turn, RESPONSE))
    )
    contributions.add(turn, RESPONSE, {"text": data["text"]}, [(ANSWERS, idea)])
    return Kind.RESPONSE


def lay_dots(turn: Turn, data: dict[str, Any]) -> Kind:
    """Lay one's three dots on ideas of this step."""
    round_ = rounds.open_one(turn, dots.KIND)
    ideas = {item.id for item in contributions.of_kind(turn, IDEA)}
    if set(data["dots"]) - ideas:
        raise Refused("not_found")
    dots.place(turn, round_, data["dots"])
    return Kind.DECISION


def propose(turn: Turn, data: dict[str, Any]) -> None:
    """Write the text to decide on, or a new version of it, and say which ideas it comes from."""
    contributions.refuse_blank_or_double(data["text"], ())
    ideas = [contributions.get(turn, IDEA, idea) for idea in dict.fromkeys(data["ideas"])]
    standing = _proposal(turn)
    if standing is None:
        if data["version"]:
            raise Refused("changed_meanwhile")
        contributions.add(turn, PROPOSAL, {"text": data["text"]}, [(BUILT_FROM, idea) for idea in ideas])
        return
    contributions.revise(turn, standing, {"text": data["text"]}, data["version"])
    contributions.relink(turn.session, standing, BUILT_FROM, ideas)


def answer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer the consent round."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)
    return Kind.DECISION


def _proposal(turn: Turn) -> Contribution | None:
    found = contributions.of_kind(turn, PROPOSAL)
    return found[-1] if found else None


class Ambition(Step):
    """Everybody's ideas become one text that nobody objects to."""

    name = "ambition"
    position = 1
    title = Text("Ambitie", "Ambition")
    question = Text(
        "Wat willen we bereiken? Wat willen we leren?", "What do we want to achieve? What do we want to learn?"
    )
    purpose = Text(
        "Samen kiezen we één ambitie die leerlingen gaan merken en die van ons allemaal is.",
        "Together we choose one ambition that pupils will notice and that belongs to all of us.",
    )
    asks = (
        Text(
            "Schrijf in drie minuten een idee op. Niemand leest mee.",
            "Write down an idea in three minutes. Nobody reads along.",
        ),
        Text("Lees de ideeën van je collega's en reageer op één.", "Read your colleagues' ideas and respond to one."),
        Text("Verdeel drie stippen en beslis mee over de tekst.", "Place three dots and help decide on the text."),
    )
    stages = (
        Stage("ideas", Phase.ALONE, Text("eerst ieder voor zich", "first each on your own"), Text("Toon alle ideeën", "Reveal all ideas")),
        Stage("respond", Phase.RESPOND, Text("lezen en reageren", "read and respond"), Text("Start de stippenronde", "Start the dots round")),
        Stage("dots", Phase.DECIDE, Text("stippen verdelen", "place your dots"), Text("Sluit de stippenronde", "Close the dots round")),
        Stage("draft", Phase.DECIDE, Text("samen een tekst maken", "make one text together"), Text("Leg deze tekst voor", "Put this text to everyone")),
        Stage("consent", Phase.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round")),
    )  # fmt: skip
    actions = (
        Action("idea", IdeaForm, frozenset({"ideas", "respond"}), save_idea, Text("Je idee is bewaard.", "Your idea has been saved."), drafts=True),
        Action("withdraw", WhichForm, frozenset({"ideas"}), withdraw_idea, Text("Je idee is teruggenomen.", "Your idea has been taken back.")),
        Action("respond", ResponseForm, frozenset({"respond", "dots", "draft"}), respond, Text("Je reactie staat erbij.", "Your response has been added."), drafts=True),
        Action("dots", DotsForm, frozenset({"dots"}), lay_dots, Text("Je stippen liggen.", "Your dots are in place.")),
        Action("propose", ProposalForm, frozenset({"draft"}), propose, Text("De tekst is bewaard.", "The text has been saved."), drafts=True),
        Action("consent", ConsentForm, frozenset({"consent"}), answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
    )  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round that a stage needs."""
        if turn.run.stage == "dots":
            rounds.open_round(turn, dots.KIND)
        elif turn.run.stage == "consent":
            rounds.open_round(turn, consent.KIND, _proposal(turn))

    def leave(self, turn: Turn) -> str:
        """Ideas need one idea, the text must be there, and consent decides where it goes."""
        stage = turn.run.stage
        if stage == "ideas" and not contributions.author_ids(turn, IDEA):
            raise Refused("no_ideas", Text("Er is nog geen idee om te tonen.", "There is no idea to reveal yet."))
        if stage == "dots":
            round_ = rounds.open_one(turn, dots.KIND)
            if not dots.voter_ids(turn, round_):
                raise Refused("no_dots_yet", Text("Er ligt nog geen enkele stip.", "Not one dot has been placed yet."))
            rounds.close(round_, "counted")
        if stage == "draft" and _proposal(turn) is None:
            raise Refused(
                "no_text", Text("Schrijf eerst een tekst om over te beslissen.", "Write a text to decide on first.")
            )
        if stage == "consent":
            round_ = rounds.open_one(turn, consent.KIND)
            outcome = consent.decide(turn, round_)
            rounds.close(round_, outcome)
            return CLOSED.name if outcome == consent.ADOPTED else "draft"
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who has written, responded, laid dots or answered, whichever the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage in ("ideas", "respond"):
            return contributions.author_ids(turn, IDEA if stage == "ideas" else RESPONSE)
        if stage == "dots":
            return dots.voter_ids(turn, rounds.open_one(turn, dots.KIND))
        if stage == "consent":
            return {row.member_id for row in consent.answers(turn, rounds.open_one(turn, consent.KIND))}
        return set()

    def task(self, turn: Turn) -> Task | None:
        """Each stage has one task; it is gone once done."""
        stage = turn.run.stage
        if turn.member is None or turn.member.standing != "member" or stage not in _TASKS:
            return None
        return None if turn.member.id in self.done_members(turn) else _TASKS[stage]

    def waiting(self, turn: Turn) -> Waiting | None:
        """How many of those present have done what the stage asks."""
        if turn.run.stage not in _WAITING:
            return None
        return Waiting(*_WAITING[turn.run.stage], len(self.done_members(turn) & turn.present_ids))

    def outcome(self, turn: Turn) -> str | None:
        """The adopted ambition."""
        text = _proposal(turn) if turn.run.closed_at else None
        return text.body["text"] if text else None

    def summary(self, turn: Turn) -> Mapping[str, Any]:
        """What the page shows: own ideas while hidden; then all, shuffled alike for all and nameless."""
        stage = self.stage(turn)
        items, links = contributions.visible(turn, stage)
        me = turn.member.id if turn.member else None
        shown: dict[str, Any] = {
            "max_ideas": MAX_IDEAS,
            "each": dots.EACH,
            "ideas": [_idea(item, me) for item in items if item.kind == IDEA],
        }
        if stage.phase == Phase.ALONE:
            return shown
        # Neither who wrote first nor who came late shows in the order.
        shown["ideas"].sort(key=lambda idea: hashlib.sha256(f"{turn.run.id} {idea['id']}".encode()).digest())
        by_id = {item.id: item for item in items}
        responses = contributions.targets(links, ANSWERS)
        for idea in shown["ideas"]:
            idea["responses"] = [by_id[i].body["text"] for i in responses.get(idea["id"], []) if i in by_id]
        dot_round = rounds.latest(turn, dots.KIND)
        if dot_round is not None and dot_round.closed_at is None:
            shown["my_dots"] = dots.mine(turn, dot_round)
        elif dot_round is not None:
            tally = dots.tally(turn, dot_round)
            for idea in shown["ideas"]:
                idea["tally"] = tally.get(idea["id"])
            shown["ideas"].sort(key=lambda idea: -(idea["tally"].dots if idea["tally"] else 0))
        proposals = [item for item in items if item.kind == PROPOSAL]
        if proposals:
            shown["proposal"] = proposals[-1]
            shown["built_from"] = set(contributions.targets(links, BUILT_FROM))
        consent_round = rounds.latest(turn, consent.KIND)
        if consent_round is not None:
            shown["consent"] = consent_round
            if consent_round.closed_at is None:
                shown["my_answer"] = consent.mine(turn, consent_round)
            else:
                given = consent.answers(turn, consent_round)
                shown["answers"] = consent.totals(given)
                shown["concerns"] = [row.body for row in given if row.answer == Answer.CONCERN]
                shown["objections"] = [row.body for row in given if row.answer == Answer.OBJECTION]
        return shown


def _idea(item: Contribution, me: int | None) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": item.body["text"],
        "why": item.body["why"],
        "version": item.version,
        "mine": item.member_id == me,
        "responses": [],
        "tally": None,
    }


_TASKS = {
    "ideas": Task(Text("Schrijf je idee voor onze ambitie.", "Write your idea for our ambition."), 3),
    "respond": Task(Text("Reageer op een idee van een collega.", "Respond to a colleague's idea."), 3),
    "dots": Task(Text("Verdeel je drie stippen.", "Place your three dots."), 2),
    "consent": Task(Text("Geef antwoord: kunnen we hiermee aan de slag?", "Answer: can we get going with this?"), 2),
}
_WAITING = {
    "ideas": (Text("heeft een idee geschreven", "has written an idea"), Text("hebben een idee geschreven", "have written an idea")),
    "respond": (Text("heeft op een collega gereageerd", "has responded to a colleague"), Text("hebben op een collega gereageerd", "have responded to a colleague")),
    "dots": (Text("heeft stippen verdeeld", "has placed dots"), Text("hebben stippen verdeeld", "have placed dots")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
}  # fmt: skip
