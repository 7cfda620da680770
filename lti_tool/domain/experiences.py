"""Experiences: what members did and saw, what they say of each action, and how it ended (step 5)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select

from lti_tool.db import now
from lti_tool.domain import Refused, actions, rounds
from lti_tool.domain.actions import ACTION, BUDDY, CONSEQUENCE, DOING, OWNER, STEP, Card
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered
from lti_tool.models import Contribution, Link, Round, StepRun
from lti_tool.text import Text

REPLY, SAY = "reply", "say"
CHECK_IN = "check-in"  # the round in which all say of each action how to go on
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

# Actions with what led to them, and all of this step, in one statement: built once, it is hot.
_HELD = (
    select(Contribution, Link)
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .outerjoin(Link, Link.from_id == Contribution.id)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        (StepRun.step == DOING)
        | (StepRun.step == STEP) & Contribution.kind.in_((CONSEQUENCE, ACTION, OWNER, BUDDY))
        | (StepRun.step == "interpretation") & (Contribution.kind == "attention"),
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(Contribution.id, Link.id)
)


def held(turn: Turn) -> Gathered:
    """All of this step with the actions it is about. What members say at the check-in is in it too: see `totals`."""

    def find() -> Gathered:
        rows = turn.session.execute(_HELD, {"cycle": turn.cycle.id}).all()
        return Gathered(dict.fromkeys(item for item, _ in rows), [link for _, link in rows if link is not None])

    return turn.once("experiences", find)


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


def words(log: Contribution) -> str:
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

    Its owner's, while that owner is there; anybody's when it has none, and once the announced date is over.
    """
    return member_id in found.owners or not set(found.owners) & turn.present_ids or time_is_up(turn)


def hours(found: Sequence[Card]) -> tuple[int, int | None]:
    """Hours planned, and what it came to where that was told (requirement P5); of everybody together."""
    told = [each.result.body["took"] for each in found if each.result and each.result.body.get("took") is not None]
    return sum(each.hours for each in found), sum(told) if told else None


def line(found: Card) -> str:
    """An action that ended in one line: how, what it was, and what was learned."""
    assert found.result is not None
    return f"{MARKS[found.result.body['ended']]} {found.item.body['what']}: {found.result.body['learned']}"


def says(turn: Turn, round_: Round) -> list[Contribution]:
    """What was said in a check-in, one contribution of each who took part: for counting people, and for one's own."""
    return [item for item in held(turn).of(SAY) if item.body["round"] == round_.id]


def totals(turn: Turn, round_: Round) -> Mapping[int, Mapping[str, int]]:
    """action id -> choice -> how many people, once the check-in has closed."""
    if round_.closed_at is None:
        raise Refused("tally_hidden")
    found: dict[int, Counter[str]] = {}
    for item in says(turn, round_):
        for action, choice in item.body["choices"].items():
            found.setdefault(int(action), Counter())[choice] += 1
    return found


def mine(turn: Turn, round_: Round) -> Contribution | None:
    """What this member said of the actions."""
    return next((item for item in says(turn, round_) if turn.member and item.member_id == turn.member.id), None)


def latest(turn: Turn) -> Round | None:
    """The newest check-in, open or closed."""
    return rounds.latest(turn, CHECK_IN)
