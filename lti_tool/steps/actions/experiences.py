"""Experiences: what members did and saw, what they say of each action, and how it ended (step 5)."""

from collections.abc import Sequence

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import rounds
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import Card
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Round, RoundKind
from lti_tool.text import Text

REPLY, SAY = "reply", "say"
CHECK_IN = RoundKind.CHECK_IN  # the round in which all say of each action how to go on
MOST = 20  # experiences one person tells: enough, and no flood

COURSES = {
    "keep": Text("houden", "keep"),
    "adjust": Text("bijstellen", "adjust"),
    "stop": Text("stoppen", "stop"),
}
PASS = ""
CHOICES = {**COURSES, PASS: Text("geen mening", "no opinion")}
ENDINGS = {
    "done": Text("gedaan", "done"),
    "changed": Text("bijgesteld", "changed"),
    "stopped": Text("gestopt", "stopped"),
}
# The same where one line has to say it in either language.
MARKS = {"done": "✓", "changed": "↻", "stopped": "✕"}

_ABOUT = (Flow.ATTENTION, Flow.CONSEQUENCE, Flow.ACTION, Flow.OWNER, Flow.BUDDY)


def held(turn: Turn) -> Gathered:
    """What the member may read of this step, with the actions it is about."""
    return gate.gather(turn, *_ABOUT)


def cards(turn: Turn) -> list[Card]:
    """All actions with their experiences, oldest first."""
    return turn.once("cards", lambda: actions.cards(held(turn)))


def card(turn: Turn, action_id: int) -> Card:
    """The action of that id; Refused("not_found") when there is none."""
    found = next((each for each in cards(turn) if each.item.id == action_id), None)
    if found is None:
        raise Refused("not_found")
    return found


def worked(done: str, because: str) -> str:
    """Whether it worked: what was done and why it did not work, told together, is partly."""
    return "yes" if not because else "partly" if done else "no"


def words(log: Piece) -> str:
    """An experience in one line: what was done, else why it did not work."""
    return str(log.body["done"] or log.body["because"])


def open_cards(turn: Turn) -> list[Card]:
    """The actions that have no result yet."""
    return [each for each in cards(turn) if each.result is None]


def time_is_up(turn: Turn) -> bool:
    """Whether the announced date is over, extension included.

    The date is gone once it came and found an action without a result; that it was extended is not.
    """
    closes_at = turn.run.closes_at
    return turn.run.extended and (closes_at is None or closes_at <= now())


def may_end(turn: Turn, found: Card, member_id: int) -> bool:
    """Whether it is this member's to say how an action ended.

    Its owner's, while that owner is there; anybody's when it has none, and once the announced date is over. What
    somebody said of it already is theirs to say better, and its owner's.
    """
    if found.result is not None:
        return member_id in found.owners or found.result.member_id == member_id
    return member_id in found.owners or not set(found.owners) & turn.present_ids or time_is_up(turn)


def hours(found: Sequence[Card]) -> tuple[int, int | None]:
    """Hours planned, and what it came to where that was told (requirement P5); of everybody together."""
    told = [each.result.body["took"] for each in found if each.result and each.result.body.get("took") is not None]
    return sum(each.hours for each in found), sum(told) if told else None


def line(found: Card) -> str:
    """An action that ended in one line: how, what it was, and what was learned."""
    assert found.result is not None
    return f"{MARKS[found.result.body['ended']]} {found.item.body['what']}: {found.result.body['learned']}"


def said(turn: Turn, round_: Round) -> set[int]:
    """Who said something in a check-in: never what."""
    given = deciding.gather(turn, *_ABOUT).of(SAY)
    return {item.member_id for item in given if item.body["round"] == round_.id}


def mine(turn: Turn, round_: Round) -> Piece | None:
    """What this member said of the actions."""
    return next((item for item in held(turn).of(SAY) if item.body["round"] == round_.id), None)


def latest(turn: Turn) -> Round | None:
    """The newest check-in, open or closed."""
    return rounds.latest(turn, CHECK_IN)
