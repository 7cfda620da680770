"""The stages of step 2, and what members do in them."""

from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn, telling
from lti_tool.domain.mechanisms import agreeing, consent, contributions, dots, late, rounds, stakeholders
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import evidence, inquiry
from lti_tool.domain.thread.evidence import EVIDENCE, WEIGHING
from lti_tool.domain.thread.inquiry import PLAN, QUESTION, WONDERED
from lti_tool.domain.ties import Tie
from lti_tool.steps import objecting
from lti_tool.text import Text

STAGES = (
    Stage("questions", Phase.ALONE, StageKind.HIDDEN, Text("eerst ieder voor zich: wat willen we weten?", "first each on your own: what do we want to know?"), Text("Toon alle vragen aan iedereen", "Show all questions to everyone"), Text("Wat moeten we weten om onze ambitie te begrijpen?", "What do we need to know to understand our ambition?"), Text("Schrijf één tot drie vragen. Nog niemand leest mee.", "Write one to three questions. Nobody reads along yet."), Text("Ik wil weten …", "I want to know …"), minutes=5),
    Stage("choose", Phase.DECIDE, StageKind.DECIDE, Text("vragen kiezen", "choose the questions"), Text("Sluit de stippenronde", "Close the dots round"), Text("Welke vragen willen we beantwoorden?", "Which questions do we want to answer?"), Text("Verdeel je drie stippen. Hoogstens drie vragen blijven over.", "Place your three dots. At most three questions remain."), minutes=3),
    Stage("gather", Phase.RESPOND, StageKind.OPEN, Text("verzamelen", "gather"), Text("Vraag of dit genoeg is", "Ask whether this is enough"), Text("Wat weten we al, en wie weet meer?", "What do we know already, and who knows more?"), Text("Breng één gegeven in dat er al is.", "Bring in one thing that exists already."), Text("In mijn klas, werkplaats of stage zie ik …", "In my class, workshop or internship I see …"), minutes=10),
    Stage("enough", Phase.DECIDE, StageKind.DECIDE, Text("weten we genoeg?", "do we know enough?"), Text("Sluit de beslisronde", "Close the decision round"), Text("Weten we genoeg om samen te gaan kijken?", "Do we know enough to start looking together?"), Text("Bekijk wat er is en geef je antwoord.", "Look at what there is and give your answer."), minutes=4),
    objecting.STAGE,
)  # fmt: skip

# What one may take back of one's own, and when.
RETURNS = {
    "questions": (WONDERED,),
    "gather": (EVIDENCE, PLAN, WEIGHING),
    "enough": (WEIGHING,),
}


def held(turn: Turn) -> Gathered:
    """What the member may read of the step now."""
    return gate.gather(turn)


def ask(turn: Turn, data: dict[str, Any]) -> None:
    """Add a question to choose from, or change one's own."""
    inquiry.wonder(turn, {"text": data["text"], "sign": data["sign"]}, data["id"], data["version"])


def lay_dots(turn: Turn, data: dict[str, Any]) -> Kind:
    """Lay one's dots on questions."""
    round_ = rounds.open_one(turn, dots.KIND)
    if set(data["dots"]) - {item.id for item in held(turn).of(WONDERED)}:
        raise Refused("not_found")
    dots.place(turn, round_, data["dots"], inquiry.MOST)
    return Kind.DECISION


def leave_dots(turn: Turn, _data: dict[str, Any]) -> Kind:
    """Leave it to the others."""
    dots.leave(turn, rounds.open_one(turn, dots.KIND))
    return Kind.DECISION


def reword(turn: Turn, data: dict[str, Any]) -> None:
    """Say a question that stands in better words."""
    item = contributions.get(turn, QUESTION, data["id"])
    others = (each.body["text"] for each in held(turn).of(QUESTION) if each.id != item.id)
    contributions.refuse_blank_or_double(data["text"], others)
    contributions.revise(turn, item, {**item.body, "text": data["text"]}, data["version"])


def plan(turn: Turn, data: dict[str, Any]) -> None:
    """Take it on oneself to find something out."""
    about = contributions.get(turn, QUESTION, data["question"])
    inquiry.plan(turn, about, data["source"], data["date"], data["exists"])


def bring(turn: Turn, data: dict[str, Any]) -> Kind:
    """Add a piece of evidence, or change one's own."""
    about = _question(turn, data["question"])
    own = gate.mine(turn, EVIDENCE)
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in own if item.id != data["id"]))
    sort = data["sort"]
    body = {name: data[name] for name in ("sort", "text", "source", "lens", "voice", "can", "cannot")}
    body |= {name: data[name] for name in ("amount", "unit") if sort == "count"}
    body |= {"url": data["url"]} if sort == "link" else {}
    if data["id"] is None:
        contributions.refuse_what_a_colleague_said(turn, body, held(turn).of(EVIDENCE), "agree", ("text", "source"))
        if sort == "file" and data.get("file") is None:
            raise Refused("file_missing")
        evidence.bring(turn, body, about, data.get("file") if sort == "file" else None)
    else:
        item = contributions.get_mine(turn, EVIDENCE, data["id"])
        # A file stays with what it was brought in with; another file is another piece of evidence.
        if (sort == "file") != (item.body["sort"] == "file") or data.get("file") is not None:
            raise Refused("file_stays")
        evidence.change(turn, item, body, about, data["version"] or item.version)
    return Kind.INPUT


def agree(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say of a colleague's evidence that one knows the same."""
    agreeing.agree(turn, held(turn), data["id"], EVIDENCE)
    return Kind.RESPONSE


def _question(turn: Turn, chosen: int | None) -> Piece | None:
    """The question that a piece of evidence helps with: none only where none was chosen."""
    if chosen is not None:
        return contributions.get(turn, QUESTION, chosen)
    if held(turn).of(QUESTION):
        raise Refused("question_missing")
    return None


def weigh(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say what a colleague's evidence can and cannot tell; of one's own one says it where one brings it in."""
    item = contributions.get(turn, EVIDENCE, data["evidence"])
    if item.member_id == turn.me.id:
        raise Refused("own_evidence")
    said = [each for each in held(turn).linked_to(item, Tie.WEIGHS) if each.member_id == turn.me.id]
    if any(each.body == {"can": data["can"], "cannot": data["cannot"]} for each in said):
        raise Refused("said_already")
    contributions.add(turn, WEIGHING, {"can": data["can"], "cannot": data["cannot"]}, [(Tie.WEIGHS, item)])
    return Kind.RESPONSE


def ask_nobody(turn: Turn, data: dict[str, Any]) -> None:
    """Say why nobody outside is heard."""
    stakeholders.ask_nobody(turn, data["reason"], data["version"])


def answer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say whether this is enough."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)
    return Kind.DECISION


def answer_late(turn: Turn, data: dict[str, Any]) -> Kind | None:
    """Say afterwards whether it was enough; for who took no part in deciding."""
    return late.answer(turn, turn.run.reopened, data)


def take_back(turn: Turn, data: dict[str, Any]) -> None:
    """Take something of one's own back; with the last of its sort goes the moment it earned."""
    item: Piece | None = held(turn).items.get(data["id"])
    if item is None or item.member_id != turn.me.id or item.kind not in RETURNS[turn.run.stage]:
        raise Refused("not_found")
    kind = item.kind
    if kind == EVIDENCE:
        evidence.take_back(turn, item)
    else:
        contributions.withdraw(turn, item)
    turn.session.flush()
    earned = {EVIDENCE: Kind.INPUT, WEIGHING: Kind.RESPONSE}.get(kind)
    if earned and not gate.mine(turn, kind):
        telling.taken_back(turn, earned)


def obstacles(turn: Turn) -> list[Refused]:
    """Why it cannot be asked yet whether this is enough, each a refusal with its sentence."""
    there = held(turn)
    return [
        *evidence.obstacles(there, there.of(QUESTION), inquiry.planned(there)),
        *objecting.obstacles(turn, there),
    ]
