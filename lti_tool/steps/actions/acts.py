"""The stages of step 5, and what members do in them."""

from collections.abc import Mapping
from typing import Any

from lti_tool.domain import Refused, participation
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn, telling
from lti_tool.domain.mechanisms import agreeing, contributions, late, rounds
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import gate
from lti_tool.domain.thread.actions import LOG, RESULT
from lti_tool.domain.ties import Tie
from lti_tool.steps.actions import experiences
from lti_tool.steps.actions.experiences import CHECK_IN, PASS, REPLY, SAY
from lti_tool.text import Text

STAGES = (
    Stage("try", Phase.RESPOND, StageKind.OPEN, Text("uitproberen en vertellen", "try it and tell"), Text("Vraag: houden, bijstellen of stoppen?", "Ask: keep, adjust or stop?"), Text("Wat deed je, en wat zag je?", "What did you do, and what did you see?"), Text("Vertel het in één minuut. Ook ‘het lukte niet’ helpt ons verder.", "Tell it in one minute. “It didn't work” helps us too."), Text("Ik probeerde …, en ik zag …", "I tried …, and I saw …"), minutes=8),
    Stage("check", Phase.DECIDE, StageKind.DECIDE, Text("houden, bijstellen of stoppen?", "keep, adjust or stop?"), Text("Sluit de ronde en toon de uitkomst", "Close the round and show the outcome"), Text("Houden, bijstellen of stoppen?", "Keep, adjust or stop?"), Text("Geef bij elke actie je keuze.", "Give your choice for each action."), minutes=6),
    Stage("close", Phase.DECIDE, StageKind.TOGETHER, Text("acties afronden", "end the actions"), Text("Rond de stap af", "Complete the step"), Text("Hoe is je actie afgelopen, en wat leerden we ervan?", "How did your action end, and what did we learn from it?"), Text("Wie een actie had, schrijft het op.", "Whoever had an action writes it down."), Text("We leerden dat …", "We learned that …"), minutes=8),
)  # fmt: skip

OPEN = frozenset(stage.name for stage in STAGES)
# What an experience says, in the order it is told.
TOLD = ("done", "seen", "pupils", "because")


def log(turn: Turn, data: dict[str, Any]) -> Kind:
    """Tell an experience with an action, or change one of one's own. That it did not work is worth as much."""
    about = experiences.card(turn, data["about"]).item
    own = gate.mine(turn, LOG)
    told = [
        _told(item.body)
        for item in experiences.held(turn).linked_to(about, Tie.ABOUT)
        if item in own and item.id != data["id"]
    ]
    contributions.refuse_blank_or_double(_told(data), told)
    body = {name: data[name] for name in (*TOLD, "course", "lens", "visit")}
    body["worked"] = experiences.worked(data["done"], data["because"])
    if data["id"] is not None:
        item = contributions.get_mine(turn, LOG, data["id"])
        contributions.revise(turn, item, body, data["version"] or item.version)
        contributions.relink(turn, item, Tie.ABOUT, [about])
    else:
        if len(own) >= experiences.MOST:
            raise Refused("enough_logs")
        theirs = experiences.held(turn).linked_to(about, Tie.ABOUT)
        contributions.refuse_what_a_colleague_said(turn, data, theirs, "agree", TOLD)
        contributions.add(turn, LOG, body, [(Tie.ABOUT, about)])
    return Kind.INPUT


def _told(body: Mapping[str, Any]) -> str:
    return "\n".join(body[name] for name in TOLD)


def reply(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer a colleague's experience."""
    item = contributions.get(turn, LOG, data["log"])
    if item.member_id == turn.me.id:
        raise Refused("own_log")
    said = [each for each in experiences.held(turn).linked_to(item, Tie.ANSWERS) if each.member_id == turn.me.id]
    contributions.refuse_blank_or_double(data["text"], (each.body["text"] for each in said))
    contributions.add(turn, REPLY, {"text": data["text"]}, [(Tie.ANSWERS, item)])
    return Kind.RESPONSE


def agree(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say of a colleague's experience that one saw the same."""
    agreeing.agree(turn, experiences.held(turn), data["id"], LOG)
    return Kind.RESPONSE


def say(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say of each action how to go on; to pass is an answer too. Until the round closes one may say otherwise."""
    round_ = rounds.open_one(turn, CHECK_IN)
    if set(data["say"]) - {each.item.id for each in experiences.cards(turn)}:
        raise Refused("not_found")
    # One contribution of each person, however many actions there are. JSON knows no numbers as keys.
    choices = {str(action): choice for action, choice in data["say"].items() if choice != PASS}
    body = {"choices": choices, "round": round_.id}
    if (earlier := experiences.mine(turn, round_)) is not None:
        # What somebody leaned to before is kept nowhere, as with dots.
        contributions.replace(turn, earlier, body)
    else:
        contributions.add(turn, SAY, body)
    return Kind.DECISION


def end(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say how an action ended and what was learned, or say it better."""
    found = experiences.card(turn, data["about"])
    if not experiences.may_end(turn, found, turn.me.id):
        raise Refused("not_your_action")
    contributions.refuse_blank_or_double(data["learned"], ())
    body = {name: data[name] for name in ("ended", "learned", "lens", "took")}
    if found.result is not None:
        contributions.revise(turn, found.result, body, data["version"])
    elif data["version"]:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, RESULT, body, [(Tie.ENDS, found.item)])
    return Kind.DECISION


def answer_late(turn: Turn, data: dict[str, Any]) -> Kind | None:
    """Say afterwards whether one can go on with what the others said; for who took no part in deciding."""
    # Here to end an action is a part in the decision too.
    decided = Kind.DECISION in participation.moments_of(turn.session, turn.run, turn.me)
    return late.answer(turn, turn.run.reopened, data, {turn.me.id} if decided else set())


def take_back(turn: Turn, data: dict[str, Any]) -> None:
    """Take an experience or a reply of one's own back; with the last of its sort goes the moment it earned."""
    item = experiences.held(turn).items.get(data["id"])
    if item is None or item.member_id != turn.me.id or item.kind not in (LOG, REPLY):
        raise Refused("not_found")
    kind = item.kind
    contributions.withdraw(turn, item)
    turn.session.flush()
    if not gate.mine(turn, kind):
        telling.taken_back(turn, Kind.INPUT if kind == LOG else Kind.RESPONSE)
