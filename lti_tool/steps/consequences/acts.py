"""The stages of step 4, and what members and the school's leadership do in them."""

from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Phase, Stage, StageKind, Turn, telling
from lti_tool.domain.mechanisms import consent, contributions, late, rounds
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import ACTION, CONSEQUENCE, FROM_POINTS, NEW, REQUEST, held
from lti_tool.domain.thread.attention import ATTENTION
from lti_tool.domain.ties import Tie
from lti_tool.steps import objecting
from lti_tool.steps.consequences import owning, support
from lti_tool.steps.consequences.forms import ADVISE
from lti_tool.text import Text

# What is done with a proposal: joining, advising.
JOIN, ADVICE = "join", "advice"

MAX_PROPOSALS = 3
MOST_FREE = 10  # actions that nobody has taken on: small is good

STAGES = (
    Stage("propose", Phase.ALONE, StageKind.HIDDEN, Text("eerst ieder voor zich: wat kunnen we doen?", "first each on your own: what can we do?"), Text("Toon alle voorstellen", "Reveal all proposals"), Text("Wat kunnen we doen?", "What can we do?"), Text("Schrijf één tot drie voorstellen. Nog niemand leest mee.", "Write one to three proposals. Nobody reads along yet."), Text("Als we …, dan zien we …, en dat merken we aan …", "If we …, then we see …, and we notice it by …"), minutes=6),
    Stage("advise", Phase.RESPOND, StageKind.OPEN, Text("vragen en adviseren", "ask and advise"), Text("Ga naar het actiebord", "Go on to the action board"), Text("Wat wil je van deze voorstellen weten?", "What do you want to know about these proposals?"), Text("Eerst vragen om het te begrijpen, dan doorvragen, dan pas advies.", "First questions to understand, then questions that go deeper, and only then advice."), Text("Wat ik wil begrijpen is …", "What I want to understand is …"), minutes=8),
    Stage("board", Phase.DECIDE, StageKind.TOGETHER, Text("wie doet wat, en wanneer?", "who does what, and when?"), Text("Leg dit bord voor", "Put this board to everyone"), Text("Wie doet wat, en wanneer?", "Who does what, and when?"), Text("Maak kleine acties. Niemand wordt aangewezen: je neemt zelf iets op je.", "Make small actions. Nobody is assigned: you take something on yourself."), minutes=12),
    Stage("consent", Phase.DECIDE, StageKind.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round"), Text("Kunnen we met deze acties aan de slag?", "Can we get going with these actions?"), Text("Lees het bord en geef je antwoord.", "Read the board and give your answer."), minutes=5),
    objecting.STAGE,
)  # fmt: skip

# What one may take back of one's own, and when.
RETURNS = {
    "propose": (CONSEQUENCE,),
    "advise": (JOIN, ADVICE),
    "board": (JOIN, ADVICE, REQUEST),
    CLOSED.name: (REQUEST,),
}


def propose(turn: Turn, data: dict[str, Any]) -> Kind:
    """Add a proposal, or change one of one's own; while it is being asked about it stays as it is."""
    own = gate.mine(turn, CONSEQUENCE)
    others = (item.body["if"] for item in own if item.id != data["id"])
    contributions.refuse_blank_or_double(data["act"], others)
    for name in ("effect", "notice"):
        contributions.refuse_blank_or_double(data[name], ())
    known = {str(item.id): item for item in held(turn).of(ATTENTION)}
    chosen = [] if data["source"] == [NEW] else list(dict.fromkeys(data["source"]))
    if not known.keys() >= set(chosen):
        raise Refused("not_found")
    rests_on = [known[each] for each in chosen]
    body = {
        "if": data["act"],
        "then": data["effect"],
        "notice": data["notice"],
        "source": FROM_POINTS if rests_on else NEW,
    }
    if data["id"] is not None:
        if turn.run.stage == "advise":
            raise Refused("asked_about")
        item = contributions.get_mine(turn, CONSEQUENCE, data["id"])
        contributions.revise(turn, item, body, data["version"] or item.version)
        contributions.relink(turn, item, Tie.FOLLOWS_FROM, rests_on)
    elif turn.run.stage == "board":
        raise Refused("not_in_this_stage")
    else:
        if len(own) >= MAX_PROPOSALS:
            raise Refused("enough_proposals")
        said = ("if", "then", "notice")
        contributions.refuse_what_a_colleague_said(turn, body, held(turn).of(CONSEQUENCE), "join", said)
        contributions.add(turn, CONSEQUENCE, body, [(Tie.FOLLOWS_FROM, each) for each in rests_on])
    return Kind.INPUT


def join(turn: Turn, data: dict[str, Any]) -> Kind:
    """Stand behind a colleague's proposal: that is one's own input too."""
    item = contributions.get(turn, CONSEQUENCE, data["proposal"])
    if item.member_id == turn.me.id:
        raise Refused("own_proposal")
    if any(each.member_id == turn.me.id for each in held(turn).linked_to(item, Tie.JOINS)):
        raise Refused("said_already")
    contributions.add(turn, JOIN, {}, [(Tie.JOINS, item)])
    return Kind.INPUT


def advise(turn: Turn, data: dict[str, Any]) -> Kind:
    """Ask about a colleague's proposal, or advise on it once somebody has asked; its own writer listens."""
    item = contributions.get(turn, CONSEQUENCE, data["proposal"])
    if item.member_id == turn.me.id:
        raise Refused("you_listen")
    said = held(turn).linked_to(item, Tie.ANSWERS)
    contributions.refuse_blank_or_double(
        data["text"], (each.body["text"] for each in said if each.member_id == turn.me.id)
    )
    if data["sort"] == ADVISE and not asked_about(held(turn), item):
        raise Refused("ask_first")
    contributions.add(turn, ADVICE, {"sort": data["sort"], "text": data["text"]}, [(Tie.ANSWERS, item)])
    return Kind.RESPONSE


def asked_about(there: Gathered, proposal: Piece) -> bool:
    """Whether the conversation about a proposal has begun: it begins with a question."""
    return bool(there.linked_to(proposal, Tie.ANSWERS))


def save_action(turn: Turn, data: dict[str, Any]) -> None:
    """Make a card of a proposal or an attention point, or change one: nobody's change is overwritten unseen."""
    found = actions.cards(held(turn))
    others = (each.item.body["what"] for each in found if each.item.id != data["id"])
    contributions.refuse_blank_or_double(data["what"], others)
    body = {name: data[name] for name in ("what", "sign", "practice", "hours", "lens")}
    body["sign"] = body["sign"] if contributions.says_something(body["sign"]) else ""
    body["date"] = data["date"].isoformat() if data["date"] else ""
    if data["id"] is not None:
        item = contributions.get(turn, ACTION, data["id"])
        if {name: item.body.get(name) or None for name in body} == {name: each or None for name, each in body.items()}:
            raise Refused("said_already")
        contributions.revise(turn, item, body, data["version"])
        owning.free(turn, held(turn), item)
        return
    if sum(not each.owners for each in found) >= MOST_FREE:
        raise Refused("enough_free")
    origin = held(turn).items.get(data["origin"])
    if origin is None or origin.kind not in (CONSEQUENCE, ATTENTION):
        raise Refused("origin_missing")
    contributions.add(turn, ACTION, body, [(Tie.REALISES if origin.kind == CONSEQUENCE else Tie.FOLLOWS_FROM, origin)])


def take_off(turn: Turn, data: dict[str, Any]) -> None:
    """Take a card off the board that nobody here has taken on and that nothing hangs on."""
    card = actions.card(held(turn), data["id"])
    if turn.present_ids.intersection([*card.owners, *card.buddies]):
        raise Refused("action_held")
    if card.requests or card.logs or card.result:
        raise Refused("action_used")
    if card.item.version != data["version"]:
        raise Refused("changed_meanwhile")
    contributions.withdraw(turn, card.item)


def own(turn: Turn, data: dict[str, Any]) -> None:
    """Take an action on oneself."""
    owning.take_on(turn, held(turn), data["id"])


def buddy(turn: Turn, data: dict[str, Any]) -> None:
    """Become the buddy of whoever does it."""
    owning.be_buddy(turn, held(turn), data["id"])


def let_go(turn: Turn, data: dict[str, Any]) -> None:
    """Let an action go."""
    owning.let_go(turn, held(turn), data["id"])


def not_this_time(turn: Turn, _data: dict[str, Any]) -> None:
    """Take nothing on this time."""
    owning.not_this_time(turn)


def request(turn: Turn, data: dict[str, Any]) -> None:
    """Ask something of the leadership, or say it better."""
    there = held(turn)
    if data["id"] is None:
        support.ask(turn, there, data["text"], data["reply_by"], data["card"], hours=data["hours"])
    else:
        support.reword(turn, there, data["id"], data["text"], data["reply_by"], data["version"])


def go_on(turn: Turn, data: dict[str, Any]) -> None:
    """Go on without an answer of the leadership."""
    support.go_on(turn, held(turn), data["id"], data["reason"])


def answer_request(turn: Turn, data: dict[str, Any]) -> None:
    """A school leader answers a request."""
    there = held(turn)
    support.answer(turn, there, data["request"], data["answer"], data["text"], data["seen"], data["version"])


def answer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer the consent round on the whole board."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)
    return Kind.DECISION


def answer_late(turn: Turn, data: dict[str, Any]) -> Kind | None:
    """Say afterwards where one stands; for who took no part in deciding."""
    return late.answer(turn, turn.run.reopened, data)


def take_back(turn: Turn, data: dict[str, Any]) -> None:
    """Take something of one's own back; with the last of its sort goes the moment it earned."""
    item = held(turn).items.get(data["id"])
    if item is None or item.member_id != turn.me.id or item.kind not in RETURNS[turn.run.stage]:
        raise Refused("not_found")
    if item.kind == REQUEST:
        support.take_back(turn, held(turn), item)
        return
    contributions.withdraw(turn, item)
    left = {each.kind for each in held(turn).items.values() if each.member_id == turn.me.id and each != item}
    if item.kind == ADVICE and ADVICE not in left:
        telling.taken_back(turn, Kind.RESPONSE)
    if item.kind in (CONSEQUENCE, JOIN) and not left & {CONSEQUENCE, JOIN}:
        telling.taken_back(turn, Kind.INPUT)


def obstacles(turn: Turn) -> list[Refused]:
    """Why the board cannot be put to everyone yet, each a refusal with its sentence."""
    there = held(turn)
    return [
        *actions.obstacles(turn, there),
        *support.obstacles(there),
        *support.hours_obstacles(there),
        *objecting.obstacles(turn, there),
    ]
