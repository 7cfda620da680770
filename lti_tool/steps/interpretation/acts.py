"""The rounds of step 3, and what members do in them."""

from typing import Any

from lti_tool.domain import Refused, adopting, contributions, dots, gathered, interpreting, participation, rounds
from lti_tool.domain.cycle import CLOSED, Phase, Stage, Turn
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.interpreting import (
    ANSWERS,
    BESIDE,
    BUILT_FROM,
    CONSIDERED,
    EVIDENCE_OF,
    EXPLAINED_BY,
    EXPLAINS,
    EXPLANATION,
    FINE,
    LATE,
    MINORITY,
    OBSERVATION,
    POINT,
    REACTION,
    RIVAL_OF,
)
from lti_tool.domain.participation import Kind
from lti_tool.models import Contribution
from lti_tool.steps.interpretation import forms
from lti_tool.text import Text

MAX_OBSERVATIONS, MAX_POINTS = 5, 3

STAGES = (
    Stage("see", Phase.ALONE, Text("kijken, eerst ieder voor zich", "look, first each on your own"), Text("Toon wat ieder zag", "Reveal what everyone saw"), Text("Schrijf op wat je letterlijk ziet, en in welk gegeven. Nog geen oordeel, nog geen verklaring.", "Write down what you literally see, and in which data. No judgement yet, no explanation yet.")),
    Stage("reflect", Phase.RESPOND, Text("lezen wat anderen zagen", "read what others saw"), Text("Ga verder met verklaren", "Go on to explaining"), Text("Wat zag jij ook? Waar heb je een vraag bij?", "What did you see too? What do you have a question about?")),
    Stage("think", Phase.RESPOND, Text("verklaren", "explain"), Text("Ga verder met wat aandacht nodig heeft", "Go on to what needs attention"), Text("Hoe zou het kunnen komen? Welke andere verklaring is ook mogelijk?", "How might it have come about? What other explanation is possible?")),
    Stage("need", Phase.RESPOND, Text("wat aandacht nodig heeft", "what needs attention"), Text("Start de stippenronde", "Start the dots round"), Text("Wat heeft onze aandacht nodig? Schrijf een punt, of sluit je aan bij wat er staat.", "What needs our attention? Write a point, or join what is there.")),
    Stage("dots", Phase.DECIDE, Text("stippen verdelen", "place your dots"), Text("Sluit de stippenronde en rond de stap af", "Close the dots round and complete the step"), Text("Verdeel je drie stippen. Hoogstens drie punten blijven over.", "Place your three dots. At most three points remain.")),
)  # fmt: skip

# What one may take back of one's own, while the round is open that asked for it.
RETURNS = {
    "see": (OBSERVATION,),
    "reflect": (REACTION,),
    "think": (REACTION, EXPLANATION),
    "need": (REACTION, POINT),
    "dots": (REACTION,),
}


def observe(turn: Turn, data: dict[str, Any]) -> Kind:
    """Add a fact, or change one of one's own while all still look; without evidence it is none."""
    own = contributions.mine(turn, OBSERVATION)
    evidence = interpreting.chosen_evidence(turn, data["evidence"])
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in own if item.id != data["id"]))
    body = {"text": data["text"]}
    if data["id"] is not None:
        item = contributions.get_mine(turn, OBSERVATION, data["id"])
        contributions.revise(turn, item, body, data["version"] or item.version)
        contributions.relink(turn.session, item, EVIDENCE_OF, evidence)
    else:
        if len(own) >= MAX_OBSERVATIONS:
            raise Refused("enough_observations")
        contributions.add(turn, OBSERVATION, body, [(EVIDENCE_OF, each) for each in evidence])
    return Kind.INPUT


def react(turn: Turn, data: dict[str, Any]) -> Kind:
    """I saw it too, or a question: each once, and never to one's own."""
    item = interpreting.one(held(turn), OBSERVATION, data["observation"])
    if item.member_id == turn.me.id:
        raise Refused("own_observation")
    answers = held(turn).linked_to(item, ANSWERS)
    if any(each.member_id == turn.me.id and each.body["sort"] == data["choice"] for each in answers):
        raise Refused("said_already")
    text = data["text"] if data["choice"] == forms.QUESTION else ""
    contributions.add(turn, REACTION, {"sort": data["choice"], "text": text}, [(ANSWERS, item)])
    return Kind.RESPONSE


def explain(turn: Turn, data: dict[str, Any]) -> Kind | None:
    """How it may have come about. Another explanation beside a colleague's is a response to that colleague."""
    there = held(turn)
    observed = [interpreting.one(there, OBSERVATION, each) for each in dict.fromkeys(data["observations"])]
    rival = interpreting.one(there, EXPLANATION, data["rival"]) if data["rival"] is not None else None
    interpreting.check_explanation(there, data["text"], observed, rival, turn.me.id)
    links = [(EXPLAINS, each) for each in observed]
    contributions.add(turn, EXPLANATION, {"text": data["text"]}, links + ([(RIVAL_OF, rival)] if rival else []))
    return Kind.RESPONSE if rival is not None and rival.member_id != turn.me.id else None


def point(turn: Turn, data: dict[str, Any]) -> Kind:
    """What needs attention: with what it is built from, the likely explanation and another one considered."""
    there = held(turn)
    own = [item for item in there.of(POINT) if item.member_id == turn.me.id]
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in own))
    observed, likely, considered = interpreting.check_point(
        turn, there, data["observations"], data["explanation"], data["considered"]
    )
    # What was chosen before the step was opened again is no longer anybody's own.
    if sum(not there.linked_to(item, adopting.ADOPTED_FROM) for item in own) >= MAX_POINTS:
        raise Refused("enough_points")
    contributions.add(
        turn,
        POINT,
        {"text": data["text"], "why": data["why"]},
        [(BUILT_FROM, each) for each in observed]
        + [(EXPLAINED_BY, likely)]
        + [(CONSIDERED, each) for each in considered],
    )
    return Kind.INPUT


def fine(turn: Turn, data: dict[str, Any]) -> None:
    """The points of others cover it for me."""
    if all(item.member_id == turn.me.id for item in held(turn).of(POINT)):
        raise Refused("nothing_to_join")
    if any(item.member_id == turn.me.id for item in heard_in_need(turn, FINE)):
        raise Refused("said_already")
    contributions.add(turn, FINE, {})


def lay_dots(turn: Turn, data: dict[str, Any]) -> Kind:
    """Lay one's dots on points."""
    round_ = rounds.open_one(turn, dots.KIND)
    if set(data["dots"]) - {item.id for item in held(turn).of(POINT)}:
        raise Refused("not_found")
    dots.place(turn, round_, data["dots"])
    return Kind.DECISION


def keep_minority(turn: Turn, data: dict[str, Any]) -> None:
    """Note what may not get lost; it stays with the outcome."""
    beside = interpreting.one(held(turn), POINT, data["point"]) if data["point"] is not None else None
    notes = contributions.mine(turn, MINORITY)
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in notes))
    contributions.add(turn, MINORITY, {"text": data["text"]}, [(BESIDE, beside)] if beside else [])


def answer_late(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say afterwards what one thinks of the outcome: for who had no part in the decision."""
    if Kind.DECISION in participation.moments_of(turn.session, turn.run, turn.me):
        raise Refused("already_heard")
    text = data["text"] if data["answer"] == forms.CONCERN else ""
    contributions.add(turn, LATE, {"answer": data["answer"], "text": text, "closing": turn.run.reopened})
    return Kind.DECISION


def take_back(turn: Turn, data: dict[str, Any]) -> None:
    """Take something of one's own back; with the last of its sort goes the moment it earned."""
    there = held(turn)
    item = there.items.get(data["id"])
    if item is None or item.member_id != turn.me.id or item.kind not in RETURNS[turn.run.stage]:
        raise Refused("not_found")
    if item.kind == POINT and adopting.was_adopted(turn, item):
        raise Refused("already_adopted")
    contributions.withdraw(turn, item)
    left = [each for each in there.items.values() if each.member_id == turn.me.id and each is not item]
    if item.kind in (OBSERVATION, POINT):
        if not any(each.kind in (OBSERVATION, POINT) for each in left):
            participation.unmark(turn.session, turn.run, turn.me, Kind.INPUT)
    elif not any(each.kind == REACTION or _answers_a_colleague(turn, each) for each in left):
        participation.unmark(turn.session, turn.run, turn.me, Kind.RESPONSE)


def _answers_a_colleague(turn: Turn, item: Contribution) -> bool:
    """Whether it is another explanation beside a colleague's, also one that the colleague took back since."""
    beside = [turn.session.get_one(Contribution, each) for each in held(turn).ids_from(item, RIVAL_OF)]
    return any(each.member_id != turn.me.id for each in beside)


def held(turn: Turn) -> Gathered:
    """What the member may read of the step now."""
    stage = next((stage for stage in STAGES if stage.name == turn.run.stage), CLOSED)
    return gathered.gather(turn, stage)


def heard_in_need(turn: Turn, *kinds: str) -> list[Contribution]:
    """Points and nods given since the round opened: one that is opened again asks everybody again."""
    given = [item for kind in kinds for item in held(turn).of(kind)]
    return [item for item in given if item.created_at >= turn.run.stage_since]
