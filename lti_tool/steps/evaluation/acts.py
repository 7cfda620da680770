"""The stages of step 6, and what members do in them."""

from collections.abc import Collection
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn, telling
from lti_tool.domain.mechanisms import agreeing, consent, contributions, dots, endorsing, objections, rounds
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions, threads, yields
from lti_tool.domain.thread.yields import CARD, VERDICT
from lti_tool.steps import objecting
from lti_tool.steps.evaluation import stories, survey
from lti_tool.steps.evaluation.stories import RESPONSE, STORY
from lti_tool.steps.evaluation.survey import SURVEY
from lti_tool.steps.forms import lines
from lti_tool.steps.pulse import given
from lti_tool.text import Text

STAGES = (
    Stage("survey", Phase.ALONE, StageKind.HIDDEN, Text("eerst ieder voor zich: terugkijken", "first each on your own: look back"), Text("Sluit de vragenlijst en toon de verhalen", "Close the survey and reveal the stories"), Text("Hoe kijk jij op deze cyclus terug?", "How do you look back on this cycle?"), Text("Vul de vragenlijst in en schrijf daarna je verhaal.", "Fill in the survey, then write your story."), Text("De belangrijkste verandering was voor mij …", "The most important change for me was …"), minutes=10),
    Stage("stories", Phase.RESPOND, StageKind.OPEN, Text("elkaars verhalen lezen", "read each other's stories"), Text("Ga één verhaal kiezen", "Go and choose one story"), Text("Wat valt je op in de verhalen van je collega's?", "What strikes you in your colleagues' stories?"), Text("Lees ze en reageer op één.", "Read them and respond to one."), Text("In dit verhaal valt me op dat …", "What strikes me in this story is …"), minutes=8),
    Stage("choose", Phase.DECIDE, StageKind.DECIDE, Text("één verhaal kiezen", "choose one story"), Text("Sluit de stippenronde", "Close the dots round"), Text("Welk verhaal laat het best zien wat er veranderde?", "Which story shows best what has changed?"), Text("Verdeel je drie stippen.", "Place your three dots."), minutes=3),
    Stage("verdict", Phase.RESPOND, StageKind.TOGETHER, Text("samen de balans opmaken", "take stock together"), Text("Leg dit oordeel voor", "Put this verdict to everyone"), Text("Is onze ambitie waar geworden?", "Has our ambition come true?"), Text("Maak samen de balans op: waarom dit verhaal, en wat weten, kunnen en vinden we nu?", "Take stock together: why this story, and what do we know, can we do and do we believe now?"), Text("Nu weten, kunnen of vinden we …", "Now we know, can do or believe …"), minutes=12, read_at_once=True),
    Stage("consent", Phase.DECIDE, StageKind.DECIDE, Text("beslissen over het oordeel", "decide on the verdict"), Text("Sluit de beslisronde", "Close the decision round"), Text("Klopt dit oordeel over onze ambitie?", "Is this verdict on our ambition right?"), Text("Lees het en geef je antwoord.", "Read it and give your answer."), minutes=4),
    objecting.STAGE,
    Stage("yield", Phase.RESPOND, StageKind.TOGETHER, Text("samen de opbrengst schrijven", "write the outcome together"), Text("Leg de opbrengst voor", "Put the outcome to everyone"), Text("Wat hebben we geleerd, en hoe gaan we verder?", "What have we learned, and how do we go on?"), Text("Schrijf het samen op. Eén begint, een ander vult aan.", "Write it down together. One begins, another adds to it."), Text("We weten nu dat …", "We know now that …"), minutes=10),
    Stage("endorse", Phase.DECIDE, StageKind.DECIDE, Text("de opbrengst vaststellen", "settle the outcome"), Text("Sluit de beslisronde", "Close the decision round"), Text("Sta je achter deze opbrengst?", "Do you stand behind what we learned?"), Text("Lees de tekst en geef je antwoord.", "Read the text and give your answer."), minutes=4, read_at_once=True),
)  # fmt: skip

# Where stories have been revealed and the step goes on.
REVEALED = frozenset({"stories", "choose", "verdict", "yield", "endorse"} | objecting.DECIDING)

# What one may take back of one's own, and when.
RETURNS = {
    "survey": (SURVEY, STORY),
    "stories": (STORY, RESPONSE),
    "verdict": (RESPONSE, CARD),
    **dict.fromkeys(("choose", "yield", "endorse", *objecting.DECIDING), (RESPONSE,)),
}


def held(turn: Turn) -> Gathered:
    """What the member may read of the step now: of survey and pulse only their own answers, in every stage."""
    return gate.gather(turn)


def proof(turn: Turn) -> dict[int, Piece]:
    """What a verdict or a card can point to: evidence of step 2, actions of step 4, results of step 5."""
    done = actions.ends_of_cycle(turn).of(actions.RESULT, actions.ACTION)
    return {**threads.sources(turn).evidence, **{item.id: item for item in done}}


def with_proof(turn: Turn) -> Gathered:
    """The same with what it points to."""
    return held(turn).beside(proof(turn).values())


def _proof(turn: Turn, ids: list[int], *kinds: str) -> list[Piece]:
    known = proof(turn)
    if not all(each in known and known[each].kind in kinds for each in ids):
        raise Refused("not_found")
    return [known[each] for each in dict.fromkeys(ids)]


def fill_in(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer the survey, or change one's answers."""
    survey.answer(turn, given(data["item"]), given(data["pulse"]))
    return Kind.INPUT


def tell(turn: Turn, data: dict[str, Any]) -> Kind:
    """Write one's story; once all are revealed only who had none still can."""
    if data["id"] is not None and turn.run.stage != "survey":
        raise Refused("story_revealed")
    body = {name: data[name] for name in ("text", "why", "lens")}
    contributions.refuse_what_a_colleague_said(turn, body, held(turn).of(STORY), "agree")
    stories.write(turn, body, data["id"], data["version"])
    return Kind.INPUT


def respond(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say something to a colleague's story."""
    stories.respond(turn, held(turn), contributions.get(turn, STORY, data["story"]), data["text"])
    return Kind.RESPONSE


def agree(turn: Turn, data: dict[str, Any]) -> Kind:
    """Agree with a colleague's story or knowledge card."""
    agreeing.agree(turn, held(turn), data["id"], STORY, CARD)
    return Kind.RESPONSE


def lay_dots(turn: Turn, data: dict[str, Any]) -> Kind:
    """Lay one's dots on stories."""
    round_ = rounds.open_one(turn, dots.KIND)
    if set(data["dots"]) - {item.id for item in held(turn).of(STORY)}:
        raise Refused("not_found")
    dots.place(turn, round_, data["dots"], stories.MOST)
    return Kind.DECISION


def leave_dots(turn: Turn, _data: dict[str, Any]) -> Kind:
    """Leave it to the others."""
    dots.leave(turn, rounds.open_one(turn, dots.KIND))
    return Kind.DECISION


def explain(turn: Turn, data: dict[str, Any]) -> None:
    """Record why this story was chosen."""
    item = stories.chosen(held(turn))
    if item is None:
        raise Refused("not_found")
    stories.explain(turn, item, data["text"], data["version"])


def judge(turn: Turn, data: dict[str, Any]) -> None:
    """Say whether the ambition has come true, and what shows it."""
    sources = _proof(turn, data["sources"], "evidence", actions.RESULT)
    body = {"answer": data["answer"], "text": data["text"]}
    yields.judge(turn, verdict(held(turn)), body, sources, data["version"])


def learn(turn: Turn, data: dict[str, Any]) -> Kind:
    """Add a knowledge card."""
    sources = _proof(turn, data["sources"], "evidence", actions.RESULT, actions.ACTION)
    _refuse_one_sided(sources, list(proof(turn).values()))
    contributions.refuse_what_a_colleague_said(turn, data, held(turn).of(CARD), "agree")
    yields.learn(turn, {"sort": data["sort"], "text": data["text"]}, sources)
    return Kind.INPUT


def _refuse_one_sided(sources: Collection[Piece], known: Collection[Piece]) -> None:
    """Refused unless what is known now links what was gathered and what was done, where both are there."""
    for kinds in (("evidence",), (actions.RESULT, actions.ACTION)):
        if not any(each.kind in kinds for each in sources) and any(each.kind in kinds for each in known):
            raise Refused("card_one_sided")


def answer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say whether the verdict is right."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)
    return Kind.DECISION


def write(turn: Turn, data: dict[str, Any]) -> None:
    """Write the yield, or write it better."""
    there = held(turn)
    built_from = [each for each in (verdict(there), stories.chosen(there), *there.of(CARD)) if each]
    yields.write(turn, data["text"], lines(data["lessons"]), data["version"], built_from)


def go_on(turn: Turn, data: dict[str, Any]) -> None:
    """Decide how it goes on."""
    yields.go_on(turn, data["choice"], data["text"], data["date"], data["what"], data["version"])


def endorse(turn: Turn, data: dict[str, Any]) -> Kind:
    """Stand behind the yield, pass, or say what is missing still."""
    round_ = rounds.open_one(turn, endorsing.KIND)
    if data["round"] != round_.id:
        raise Refused("yield_changed")
    endorsing.answer(turn, round_, data["answer"], data["missing"])
    return Kind.DECISION


def endorse_late(turn: Turn, data: dict[str, Any]) -> Kind:
    """Stand behind the yield afterwards; for who was not asked in time."""
    endorsing.answer_late(turn, held(turn), data["answer"])
    return Kind.DECISION


def take_back(turn: Turn, data: dict[str, Any]) -> None:
    """Take something of one's own back; with the last of its sort goes the moment it earned."""
    item: Piece | None = held(turn).items.get(data["id"])
    if item is None or item.member_id != turn.me.id or item.kind not in RETURNS[turn.run.stage]:
        raise Refused("not_found")
    earned = Kind.RESPONSE if item.kind == RESPONSE else Kind.INPUT
    if item.kind == SURVEY:
        survey.take_back(turn)
    else:
        contributions.withdraw(turn, item)
    turn.session.flush()
    sorts = (RESPONSE,) if earned == Kind.RESPONSE else (SURVEY, STORY, CARD)
    if not gate.mine(turn, *sorts):
        telling.taken_back(turn, earned)


def verdict(there: Gathered) -> Piece | None:
    """The verdict, if there is one."""
    return next(iter(there.of(VERDICT)), None)


def changed(turn: Turn) -> bool:
    """Whether the verdict was, since it was last decided on."""
    return objections.changed(turn, verdict(held(turn)))


def obstacles(turn: Turn) -> list[Refused]:
    """Why the stage cannot end yet, each a refusal with its sentence."""
    there, found = held(turn), []
    if turn.run.stage == "verdict":
        choice, text = stories.chosen(there), verdict(there)
        if choice is not None and not choice.body["why"]:
            found.append(Refused("why_missing"))
        if text is None:
            found.append(Refused("no_verdict"))
        found += objecting.obstacles(turn, there, text)
    if turn.run.stage == "yield":
        found += yields.obstacles(turn, there)
    return found
