"""The stages of step 1, and what members do in them."""

from collections.abc import Mapping
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Phase, Stage, StageKind, Turn, restart, telling
from lti_tool.domain.mechanisms import (
    agreeing,
    consent,
    contributions,
    dots,
    late,
    merging,
    objections,
    pen,
    rounds,
    stakeholders,
)
from lti_tool.domain.mechanisms.merging import IDEA
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie
from lti_tool.steps import objecting
from lti_tool.steps.ambition import frames, restating
from lti_tool.text import Text

RESPONSE, PROPOSAL = "response", Flow.AMBITION
MAX_IDEAS = 3

STAGES = (
    Stage("ideas", Phase.ALONE, StageKind.HIDDEN, Text("eerst ieder voor zich", "first each on your own"), Text("Toon alle ideeën", "Reveal all ideas"), Text("Wat gun je onze leerlingen dat nu nog niet lukt?", "What do you wish for our pupils that isn't working yet?"), Text("Schrijf één tot drie ideeën. Nog niemand leest mee.", "Write one to three ideas. Nobody reads along yet."), Text("Over een jaar merken onze leerlingen dat …", "In a year our pupils notice that …"), minutes=5),
    Stage("respond", Phase.RESPOND, StageKind.OPEN, Text("lezen en reageren", "read and respond"), Text("Ga in tweetallen verder", "Go on in pairs"), Text("Wat vind je van de ideeën van je collega's?", "What do you think of your colleagues' ideas?"), Text("Lees ze en reageer op één.", "Read them and respond to one."), Text("Dit idee doet me denken aan …", "This idea makes me think of …"), minutes=6),
    Stage("pairs", Phase.RESPOND, StageKind.OPEN, Text("in tweetallen: wat hoort bij elkaar?", "in pairs: what belongs together?"), Text("Ga verder na de tweetallen", "Go on after the pairs"), Text("Welke ideeën horen bij elkaar?", "Which ideas belong together?"), Text("Zoek elkaar op en maak er met z'n tweeën één zin van.", "Find each other and make one sentence of them, the two of you."), Text("Onze leerlingen merken dat …", "Our pupils notice that …"), minutes=6, people=3),
    Stage("fours", Phase.RESPOND, StageKind.OPEN, Text("in viertallen: wat hoort bij elkaar?", "in fours: what belongs together?"), Text("Start de stippenronde", "Start the dots round"), Text("Welke zinnen kunnen samen?", "Which sentences can go together?"), Text("Doe het nu met z'n vieren.", "Now do it with the four of you."), Text("Onze leerlingen merken dat …", "Our pupils notice that …"), minutes=6, people=5),
    Stage("dots", Phase.DECIDE, StageKind.DECIDE, Text("stippen verdelen", "place your dots"), Text("Sluit de stippenronde", "Close the dots round"), Text("Wat hebben onze leerlingen het hardst nodig?", "What do our pupils need most?"), Text("Verdeel je drie stippen.", "Place your three dots."), minutes=3),
    Stage("draft", Phase.DECIDE, StageKind.TOGETHER, Text("samen een tekst maken", "make one text together"), Text("Leg deze tekst voor", "Put this text to everyone"), Text("Hoe zeggen we onze ambitie in één tekst?", "How do we say our ambition in one text?"), Text("Eén heeft de pen, de anderen denken mee. De pen gaat rond.", "One holds the pen, the others think along. The pen goes round."), Text("Over een jaar merken onze leerlingen dat …", "In a year our pupils notice that …"), minutes=12),
    Stage("consent", Phase.DECIDE, StageKind.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round"), Text("Is dit goed genoeg voor nu, en veilig genoeg om te proberen?", "Is this good enough for now, and safe enough to try?"), Text("Lees de tekst en geef je antwoord.", "Read the text and give your answer."), minutes=5),
    objecting.STAGE,
)  # fmt: skip
AFTER_ALONE = frozenset(stage.name for stage in STAGES if stage.phase != Phase.ALONE)
# Where nobody decides on it yet: who is asked outside, or why nobody, stands with the text that all decide on.
UNDECIDED = AFTER_ALONE - objecting.DECIDING


def held(turn: Turn) -> Gathered:
    """What the member may read of the step now."""
    return gate.gather(turn)


def proposal(turn: Turn) -> Piece | None:
    """The text to decide on, once there is one."""
    return held(turn).last(PROPOSAL)


def changed(turn: Turn) -> bool:
    """Whether the text was, since it was last decided on."""
    return objections.changed(turn, proposal(turn))


def save_idea(turn: Turn, data: dict[str, Any]) -> Kind:
    """Add an idea, or change one of one's own while all still write."""
    own = gate.mine(turn, IDEA)
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
        if turn.run.stage != "ideas":
            contributions.refuse_what_a_colleague_said(turn, data, held(turn).of(IDEA), "agree")
        contributions.add(turn, IDEA, body)
    return Kind.INPUT


def withdraw_idea(turn: Turn, data: dict[str, Any]) -> None:
    """Take one's own idea back before the reveal; with the last one goes the moment it earned."""
    item = contributions.get_mine(turn, IDEA, data["id"])
    contributions.withdraw(turn, item)
    turn.session.flush()
    if not gate.mine(turn, IDEA):
        telling.taken_back(turn, Kind.INPUT)


def respond(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer a colleague's idea; one's own earns nothing and is refused."""
    idea = contributions.get(turn, IDEA, data["idea"])
    if idea.member_id == turn.me.id:
        raise Refused("own_idea")
    contributions.refuse_blank_or_double(data["text"], (item.body["text"] for item in gate.mine(turn, RESPONSE)))
    contributions.add(turn, RESPONSE, {"text": data["text"]}, [(Tie.ANSWERS, idea)])
    return Kind.RESPONSE


def agree(turn: Turn, data: dict[str, Any]) -> Kind:
    """Agree with a colleague's idea."""
    agreeing.agree(turn, held(turn), data["id"], IDEA)
    return Kind.RESPONSE


def restate(turn: Turn, data: dict[str, Any]) -> Kind:
    """Say a colleague's idea in one's own words, for that colleague to confirm."""
    restating.restate(turn, held(turn), data["idea"], data["text"])
    return Kind.RESPONSE


def confirm(turn: Turn, data: dict[str, Any]) -> None:
    """Say whether a colleague understood one's own idea."""
    restating.confirm(turn, held(turn), data["id"], data["answer"], data["text"], data["version"])


def merge(turn: Turn, data: dict[str, Any]) -> None:
    """Make, or change, one sentence of what belongs together, for one's group."""
    body = {"text": data["text"], "why": data["why"]}
    if data["id"] is None:
        merging.merge(turn, held(turn), body, data["sources"])
    else:
        merging.rewrite(turn, held(turn), data["id"], body, data["sources"], data["version"])


def let_in(turn: Turn, data: dict[str, Any]) -> None:
    """Let one of one's group's own join what another group made."""
    merging.let_in(turn, held(turn), data["id"], data["made"], data["version"])


def keep_out(turn: Turn, data: dict[str, Any]) -> None:
    """Let it stand by itself."""
    merging.keep_out(turn, held(turn), data["id"], data["made"])


def take_apart(turn: Turn, data: dict[str, Any]) -> None:
    """Undo a merge of one's group."""
    merging.take_apart(turn, held(turn), data["id"])


def keep_apart(turn: Turn, _data: dict[str, Any]) -> None:
    """Leave the ideas as they are, for one's group."""
    merging.keep_apart(turn, held(turn))


def lay_dots(turn: Turn, data: dict[str, Any]) -> Kind:
    """Lay one's three dots on what stands."""
    round_ = rounds.open_one(turn, dots.KIND)
    if set(data["dots"]) - {item.id for item in merging.candidates(held(turn))}:
        raise Refused("not_found")
    dots.place(turn, round_, data["dots"])
    return Kind.DECISION


def leave_dots(turn: Turn, _data: dict[str, Any]) -> Kind:
    """Leave it to the others."""
    dots.leave(turn, rounds.open_one(turn, dots.KIND))
    return Kind.DECISION


def take_pen(turn: Turn, _data: dict[str, Any]) -> None:
    """Take the pen."""
    pen.take(turn, held(turn).written(pen.KIND))


def hand_on_pen(turn: Turn, _data: dict[str, Any]) -> None:
    """Lay the pen down for the next."""
    pen.hand_on(turn, held(turn).written(pen.KIND))


def not_me(turn: Turn, _data: dict[str, Any]) -> None:
    """Leave the pen to whoever had it last."""
    pen.not_me(turn, held(turn).written(pen.KIND))


def propose(turn: Turn, data: dict[str, Any]) -> None:
    """Write the text to decide on, or a new version of it, with the pen; and say what it comes from."""
    there = held(turn)
    mine = pen.require(turn, there.written(pen.KIND))
    contributions.refuse_blank_or_double(data["text"], ())
    known = {item.id: item for item in (*merging.candidates(there), restart.carried(turn)) if item is not None}
    if not set(data["ideas"]) <= set(known):
        raise Refused("not_found")
    sources = [known[each] for each in dict.fromkeys(data["ideas"])]
    lines = {item.id: item for item in there.of(IDEA)}
    if not set(data["whys"]) <= set(lines):
        raise Refused("not_found")
    whys = [lines[each] for each in dict.fromkeys(data["whys"])]
    body = {
        **{name: data[name] for name in ("text", "learn", "shared", "practice", "policy", "hours")},
        "signs": _lines(data["sign"]),
        "subgoals": _lines(data["subgoal"]),
        "horizon": data["horizon"].isoformat() if data["horizon"] else "",
        "checks": {name: given for name, given in data["checks"].items() if given},
    }
    standing = proposal(turn)
    if standing is not None:
        contributions.revise(turn, standing, body, data["version"])
        contributions.relink(turn, standing, Tie.BUILT_FROM, sources)
        contributions.relink(turn, standing, Tie.WHY, whys)
    elif data["version"]:
        raise Refused("changed_meanwhile")
    else:
        links = [(Tie.BUILT_FROM, each) for each in sources] + [(Tie.WHY, each) for each in whys]
        contributions.add(turn, PROPOSAL, body, links)
    pen.saved(turn, mine, standing is None or _says(standing.body) != _says(body))


def _says(body: Mapping[str, Any]) -> list[str]:
    """What stands in a text, without its numbers and choices: who changed no word wrote none."""
    told = [body[name] for name in ("text", "learn", "shared", "practice", "policy")] + body["signs"] + body["subgoals"]
    return [" ".join(contributions.words(each)) for each in told]


def _lines(given: dict[str, str]) -> list[str]:
    return [line for _, line in sorted(given.items()) if contributions.says_something(line)]


def answer(turn: Turn, data: dict[str, Any]) -> Kind:
    """Answer the consent round."""
    consent.answer(turn, rounds.open_one(turn, consent.KIND), data["answer"], data)
    return Kind.DECISION


def answer_late(turn: Turn, data: dict[str, Any]) -> Kind | None:
    """Say afterwards where one stands; for who took no part in deciding."""
    text = proposal(turn)
    if text is None:
        raise Refused("not_found")
    return late.answer(turn, text.version, data)


def take_on_voice(turn: Turn, data: dict[str, Any]) -> None:
    """Take it on oneself to ask somebody outside."""
    stakeholders.take_on(turn, data["group"], data["question"], data["date"], data["name"])


def drop_voice(turn: Turn, data: dict[str, Any]) -> None:
    """Take that back."""
    stakeholders.drop(turn, data["id"])


def ask_nobody(turn: Turn, data: dict[str, Any]) -> None:
    """Say why nobody outside is asked."""
    stakeholders.ask_nobody(turn, data["reason"], data["version"])


def give_frame(turn: Turn, data: dict[str, Any]) -> None:
    """A school leader gives a frame."""
    frames.give(turn, data["text"], data["version"])


def take_frame_back(turn: Turn, _data: dict[str, Any]) -> None:
    """A school leader takes the frame back."""
    frames.take_back(turn)
