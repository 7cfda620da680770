"""The rounds of step 3, and what members do in them."""

from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn, telling
from lti_tool.domain.mechanisms import adopting, choosing, consent, contributions, dots, late, rounds
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import interpreting
from lti_tool.domain.thread.interpreting import EXPLANATION, FINE, MINORITY, OBSERVATION, POINT, REACTION
from lti_tool.domain.ties import Tie
from lti_tool.steps import objecting
from lti_tool.steps.interpretation import forms, shortlist
from lti_tool.text import Text

MAX_OBSERVATIONS, MAX_POINTS = 5, 3

STAGES = (
    Stage("see", Phase.ALONE, StageKind.HIDDEN, Text("kijken, eerst ieder voor zich", "look, first each on your own"), Text("Toon aan iedereen wat ieder zag", "Show everyone what each of you saw"), Text("Wat zie je letterlijk in de gegevens?", "What do you literally see in the data?"), Text("Schrijf op wat er staat, en in welk gegeven. Nog geen oordeel, nog geen verklaring.", "Write down what is there, and in which data. No judgement yet, no explanation yet."), Text("Ik zie dat …", "I see that …"), minutes=6),
    Stage("reflect", Phase.RESPOND, StageKind.OPEN, Text("lezen wat anderen zagen", "read what others saw"), Text("Ga verder met verklaren", "Go on to explaining"), Text("Wat zag jij ook?", "What did you see too?"), Text("Lees wat anderen zagen en reageer op één waarneming.", "Read what others saw and respond to one."), Text("Dat zag ik ook bij …", "I saw that too with …"), minutes=5),
    Stage("think", Phase.RESPOND, StageKind.OPEN, Text("verklaren", "explain"), Text("Ga verder met wat aandacht nodig heeft", "Go on to what needs attention"), Text("Hoe zou het kunnen komen?", "How might it have come about?"), Text("Geef een verklaring, het liefst naast die van een collega.", "Give an explanation, preferably beside a colleague's."), Text("Dat kan komen doordat …", "That may be because …"), minutes=8),
    Stage("need", Phase.RESPOND, StageKind.OPEN, Text("wat aandacht nodig heeft", "what needs attention"), Text("Start de stippenronde", "Start the dots round"), Text("Wat heeft onze aandacht nodig?", "What needs our attention?"), Text("Schrijf een punt, of sluit je aan bij wat er staat.", "Write a point, or join what is there."), Text("Onze aandacht is nodig voor …", "What needs our attention is …"), minutes=6),
    Stage("dots", Phase.DECIDE, StageKind.DECIDE, Text("stippen verdelen", "place your dots"), Text("Sluit de stippenronde en leg de punten voor", "Close the dots round and put the points to everyone"), Text("Welke punten zijn het belangrijkst?", "Which points matter most?"), Text("Verdeel je drie stippen. Hoogstens drie punten blijven over.", "Place your three dots. At most three points remain."), minutes=3),
    Stage("consent", Phase.DECIDE, StageKind.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round"), Text("Zijn dit de punten waar we mee verdergaan?", "Are these the points we go on with?"), Text("Lees ze en geef je antwoord.", "Read them and give your answer."), minutes=5),
    objecting.STAGE,
)  # fmt: skip

# What one may take back of one's own, while the round is open that asked for it.
RETURNS = {
    "see": (OBSERVATION,),
    "reflect": (REACTION,),
    "think": (REACTION, EXPLANATION),
    "need": (REACTION, POINT),
    "dots": (REACTION,),
    **dict.fromkeys(objecting.DECIDING, (REACTION,)),
}


def changed(turn: Turn) -> bool:
    """Whether what was put to all was changed since, or another point was written."""
    return shortlist.changed(turn, held(turn))


def observe(turn: Turn, data: dict[str, Any]) -> Kind:
    """Add a fact, or change one of one's own while all still look; without evidence it is none."""
    own = gate.mine(turn, OBSERVATION)
    evidence = interpreting.chosen_evidence(turn, data["evidence"])
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in own if item.id != data["id"]))
    body = {"text": data["text"]}
    if data["id"] is not None:
        item = contributions.get_mine(turn, OBSERVATION, data["id"])
        contributions.revise(turn, item, body, data["version"] or item.version)
        contributions.relink(turn, item, Tie.EVIDENCE_OF, evidence)
    else:
        if len(own) >= MAX_OBSERVATIONS:
            raise Refused("enough_observations")
        contributions.add(turn, OBSERVATION, body, [(Tie.EVIDENCE_OF, each) for each in evidence])
    return Kind.INPUT


def react(turn: Turn, data: dict[str, Any]) -> Kind:
    """I saw it too, or a question: each once, and never to one's own."""
    item = interpreting.one(held(turn), OBSERVATION, data["observation"])
    if item.member_id == turn.me.id:
        raise Refused("own_observation")
    answers = held(turn).linked_to(item, Tie.ANSWERS)
    if any(each.member_id == turn.me.id and each.body["sort"] == data["choice"] for each in answers):
        raise Refused("said_already")
    text = data["text"] if data["choice"] == forms.QUESTION else ""
    contributions.add(turn, REACTION, {"sort": data["choice"], "text": text}, [(Tie.ANSWERS, item)])
    return Kind.RESPONSE


def explain(turn: Turn, data: dict[str, Any]) -> Kind | None:
    """How it may have come about. Another explanation beside a colleague's is a response to that colleague."""
    there = held(turn)
    observed = [interpreting.one(there, OBSERVATION, each) for each in dict.fromkeys(data["observations"])]
    rival = interpreting.one(there, EXPLANATION, data["rival"]) if data["rival"] is not None else None
    interpreting.check_explanation(there, data["text"], observed, rival, turn.me.id)
    links = [(Tie.EXPLAINS, each) for each in observed]
    contributions.add(turn, EXPLANATION, {"text": data["text"]}, links + ([(Tie.RIVAL_OF, rival)] if rival else []))
    return Kind.RESPONSE if rival is not None and rival.member_id != turn.me.id else None


def point(turn: Turn, data: dict[str, Any]) -> Kind:
    """What needs attention: with what it is built from, the likely explanation and another one considered."""
    there = held(turn)
    own = [item for item in there.of(POINT) if item.member_id == turn.me.id]
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in own))
    contributions.refuse_what_a_colleague_said(turn, data, there.of(POINT), "fine")
    observed, likely, considered = interpreting.check_point(
        turn, there, data["observations"], data["explanation"], data["considered"]
    )
    # What dots have chosen before is no longer anybody's own.
    if sum(not shortlist.was_chosen(there, item) for item in own) >= MAX_POINTS:
        raise Refused("enough_points")
    contributions.add(
        turn,
        POINT,
        {"text": data["text"], "why": data["why"]},
        [(Tie.BUILT_FROM, each) for each in observed]
        + [(Tie.EXPLAINED_BY, likely)]
        + [(Tie.CONSIDERED, each) for each in considered],
    )
    return Kind.INPUT


def mend(turn: Turn, data: dict[str, Any]) -> None:
    """Say a point in better words: one's own, or one that dots have chosen. Whoever did so was heard."""
    there = held(turn)
    item = interpreting.one(there, POINT, data["id"])
    if item.member_id != turn.me.id and not shortlist.was_chosen(there, item):
        raise Refused("not_found")
    others = (each.body["text"] for each in there.of(POINT) if each.id != item.id)
    contributions.refuse_blank_or_double(data["text"], others)
    contributions.refuse_blank_or_double(data["why"], ())
    body = {"text": data["text"], "why": data["why"]}
    if body == item.body:
        raise Refused("said_already")
    contributions.revise(turn, item, body, data["version"])
    for joined in deciding.gather(turn).of(FINE):
        if joined.member_id != turn.me.id:
            # Who joined what it said before is asked again: what it says now they have not read.
            contributions.withdraw(turn, joined)
    if turn.me.id not in heard_in_need(turn, POINT, FINE):
        contributions.add(turn, FINE, {})


def fine(turn: Turn, data: dict[str, Any]) -> None:
    """What matters to me is there already, in the points of others."""
    if all(item.member_id == turn.me.id for item in held(turn).of(POINT)):
        raise Refused("nothing_to_join")
    if turn.me.id in heard_in_need(turn, FINE):
        raise Refused("said_already")
    contributions.add(turn, FINE, {})


def lay_dots(turn: Turn, data: dict[str, Any]) -> Kind:
    """Lay one's dots on points."""
    round_ = rounds.open_one(turn, dots.KIND)
    if set(data["dots"]) - {item.id for item in held(turn).of(POINT)}:
        raise Refused("not_found")
    dots.place(turn, round_, data["dots"], choosing.MOST)
    return Kind.DECISION


def leave_dots(turn: Turn, _data: dict[str, Any]) -> Kind:
    """Leave it to the others."""
    dots.leave(turn, rounds.open_one(turn, dots.KIND))
    return Kind.DECISION


def keep_minority(turn: Turn, data: dict[str, Any]) -> None:
    """Note what should not get lost; it stays with the outcome."""
    beside = interpreting.one(held(turn), POINT, data["point"]) if data["point"] is not None else None
    notes = gate.mine(turn, MINORITY)
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in notes))
    contributions.add(turn, MINORITY, {"text": data["text"]}, [(Tie.BESIDE, beside)] if beside else [])


def answer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say whether these are the points to go on with."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)
    return Kind.DECISION


def answer_late(turn: Turn, data: dict[str, Any]) -> Kind | None:
    """Say afterwards whether one can go on with these points; for who took no part in deciding."""
    return late.answer(turn, turn.run.reopened, data)


def take_back(turn: Turn, data: dict[str, Any]) -> None:
    """Take something of one's own back; with the last of its sort goes the moment it earned."""
    there = held(turn)
    item = there.items.get(data["id"])
    if item is None or item.member_id != turn.me.id or item.kind not in RETURNS[turn.run.stage]:
        raise Refused("not_found")
    if item.kind == POINT and (shortlist.was_chosen(there, item) or adopting.was_adopted(turn, item)):
        raise Refused("already_adopted")
    contributions.withdraw(turn, item)
    left = [each for each in there.items.values() if each.member_id == turn.me.id and each != item]
    if item.kind in (OBSERVATION, POINT):
        mended = deciding.wrote_before(turn, [each.id for each in there.of(POINT)])
        if not any(each.kind in (OBSERVATION, POINT) for each in left) and turn.me.id not in mended:
            telling.taken_back(turn, Kind.INPUT)
    elif not any(each.kind == REACTION or _answers_a_colleague(turn, each) for each in left):
        telling.taken_back(turn, Kind.RESPONSE)


def _answers_a_colleague(turn: Turn, item: Piece) -> bool:
    """Whether it is another explanation beside a colleague's, also one that the colleague took back since."""
    return bool(deciding.writers_of(turn, held(turn).ids_from(item, Tie.RIVAL_OF)) - {turn.me.id})


def held(turn: Turn) -> Gathered:
    """What the member may read of the step now."""
    return gate.gather(turn)


def heard_in_need(turn: Turn, *kinds: str) -> set[int]:
    """Who gave points and nods since the round opened: one that is opened again asks everybody again."""
    given = deciding.gather(turn).of(*kinds)
    return {item.member_id for item in given if item.created_at >= turn.run.stage_since}
