"""Actions: who does what, when, and how one will notice. Steps 4, 5 and 6, and the red thread, read them from here.

Nobody is assigned: an owner and a buddy are contributions of the person who took it on.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select

from lti_tool.domain import Refused, cycle
from lti_tool.domain.attention import ATTENTION
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered
from lti_tool.models import Contribution, Link, StepRun
from lti_tool.text import Text

# Step 4 (run "consequences"). A consequence is a proposal "if we ..., then we see ..., and notice it by ...".
STEP, CONSEQUENCE, ACTION, OWNER, BUDDY, REQUEST, ANSWER = (
    "consequences", "consequence", "action", "owner", "buddy", "request", "answer",
)  # fmt: skip
# What is done with a proposal and on the board: joining, advising, passing this time, going on without an answer.
JOIN, ADVICE, PASS, GONE_ON = "join", "advice", "pass", "gone_on"
FOLLOWS_FROM, REALISES, OWNS, BUDDIES, ASKS_FOR, ANSWERS, JOINS, WITHOUT = (
    "follows from", "realises", "owns", "buddies", "asks for", "answers", "joins", "goes on without",
)  # fmt: skip
# The stage in which everybody still writes alone.
ALONE = "propose"
# What a proposal rests on: attention points, or nothing yet, and then it says so (requirement R10).
FROM_POINTS, NEW = "point", "new"
# Step 5 (run "actions"): how an action ended, and what was learned.
DOING, LOG, RESULT = "actions", "log", "result"
ABOUT, ENDS = "about", "ends"

MOST_OWNED = 2  # actions one person owns that have not ended


@dataclass(frozen=True)
class Card:
    """One action, with all that hangs on it. owners, buddies: member ids, in the order they took it on.

    day: by when; hours: what it may cost. consequence: the proposal it realises, if it was made from one;
    points: the attention points it follows from, empty for a new idea. requests: what is asked of the
    leadership, each with the leader's answers. logs: what happened in step 5; result: how it ended, None
    while it is open.
    """

    item: Contribution
    owners: Sequence[int] = ()
    buddies: Sequence[int] = ()
    consequence: Contribution | None = None
    points: Sequence[Contribution] = ()
    requests: Sequence[tuple[Contribution, Sequence[Contribution]]] = ()
    logs: Sequence[Contribution] = ()
    result: Contribution | None = None

    @property
    def day(self) -> dt.date | None:
        """By when."""
        found = self.item.body.get("date")
        return dt.date.fromisoformat(found) if found else None

    @property
    def hours(self) -> int:
        """What it may cost, in hours of everybody together."""
        return int(self.item.body.get("hours") or 0)

    @property
    def rooted(self) -> bool:
        """Whether it goes back to an attention point that stands, or to a proposal that says it is a new idea."""
        return bool(self.points) or (self.consequence is not None and self.consequence.body["source"] == NEW)


# What steps 1 to 3 brought that an action goes back to: with it a page tells the thread without asking again.
_ROOTS = {
    "ambition": ("proposal",),
    "information": ("evidence", "question"),
    "interpretation": (ATTENTION, "point", "observation"),
}
# Everything in these steps of the cycle, in one statement: built once, it is hot.
_HELD = (
    select(Contribution, Link)
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .outerjoin(Link, Link.from_id == Contribution.id)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        or_(
            (StepRun.step == STEP) & ((StepRun.stage != ALONE) | (Contribution.member_id == bindparam("me"))),
            (StepRun.step == DOING) & Contribution.kind.in_((LOG, RESULT)),
            *((StepRun.step == step) & Contribution.kind.in_(kinds) for step, kinds in _ROOTS.items()),
        ),
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(Contribution.id, Link.id)
)


def held(turn: Turn, cycle_id: int | None = None) -> Gathered:
    """Steps 4 and 5 with what they go back to, of the turn's cycle or another of the same community.

    While step 4's proposals are still hidden, only one's own are among them.
    """
    of = cycle_id or turn.cycle.id
    me = turn.member.id if turn.member else 0

    def find() -> Gathered:
        rows = turn.session.execute(_HELD, {"cycle": of, "me": me}).all()
        return Gathered(dict.fromkeys(item for item, _ in rows), [link for _, link in rows if link is not None])

    return turn.once_for_all(f"actions of {of}", find)


def cards(there: Gathered) -> list[Card]:
    """All actions, oldest first."""
    found = []
    for item in there.of(ACTION):
        consequence = next(iter(there.linked_from(item, REALISES)), None)
        found.append(
            Card(
                item=item,
                owners=[each.member_id for each in there.linked_to(item, OWNS)],
                buddies=[each.member_id for each in there.linked_to(item, BUDDIES)],
                consequence=consequence,
                points=there.linked_from(consequence or item, FOLLOWS_FROM),
                requests=[(each, there.linked_to(each, ANSWERS)) for each in there.linked_to(item, ASKS_FOR)],
                logs=there.linked_to(item, ABOUT),
                result=next(iter(there.linked_to(item, ENDS)), None),
            )
        )
    return found


def card(there: Gathered, item_id: int) -> Card:
    """One action; Refused("not_found") for what is none."""
    found = next((each for each in cards(there) if each.item.id == item_id), None)
    if found is None:
        raise Refused("not_found")
    return found


def active(found: Sequence[Card], member_id: int) -> list[Card]:
    """The actions that somebody owns and that have not ended: at most MOST_OWNED."""
    return [card for card in found if card.result is None and member_id in card.owners]


def holders(found: Sequence[Card]) -> set[int]:
    """Ids of the members who own or buddy an action: people, however many actions they have."""
    return {member for card in found for member in (*card.owners, *card.buddies)}


def budget(there: Gathered) -> int | None:
    """The hours that the ambition said it may cost (requirement P5)."""
    texts = there.of("proposal")
    return texts[-1].body.get("hours") if texts else None


def planned(found: Sequence[Card]) -> int:
    """The hours of all actions together."""
    return sum(card.hours for card in found)


def shortage(turn: Turn) -> int | None:
    """How many hours more are planned than the ambition may cost; None where it fits."""
    there = held(turn)
    may = budget(there)
    over = planned(cards(there)) - may if may is not None else 0
    return over if over > 0 else None


def carriers_needed(turn: Turn, there: Gathered) -> tuple[int, int]:
    """How many of those who count own or buddy an action, and how many must: half of them, rounded up.

    Everybody present counts. Once the announced date has passed, only who took part in this step does:
    who was not heard blocks nobody.
    """
    counted = turn.present_ids
    if cycle.date_passed(turn.run):
        counted = counted & {item.member_id for item in there.items.values() if item.step_run_id == turn.run.id}
    return len(holders(cards(there)) & counted), -(-len(counted) // 2)


def obstacles(turn: Turn, there: Gathered) -> list[Refused]:
    """Why the board cannot be put to everyone yet, each in a sentence: accepted, dated, observable, and shared."""
    found = cards(there)
    if not found:
        return [Refused("no_actions")]
    lacking = []
    if free := [each for each in found if not turn.present_ids.intersection(each.owners)]:
        nl = f"Niemand heeft dit nog op zich genomen: {_named(free)}."
        lacking.append(Refused("not_owned", Text(nl, f"Nobody has taken this on yet: {_named(free)}.")))
    if undated := [each for each in found if each.day is None]:
        nl = f"Spreek af wanneer dit klaar is: {_named(undated)}."
        lacking.append(Refused("not_dated", Text(nl, f"Agree by when this is done: {_named(undated)}.")))
    if unseen := [each for each in found if not each.item.body.get("sign")]:
        nl = f"Schrijf op waaraan jullie het merken: {_named(unseen)}."
        lacking.append(Refused("not_observable", Text(nl, f"Write down how you will notice: {_named(unseen)}.")))
    have, needed = carriers_needed(turn, there)
    if have < needed:
        words = Text(
            f"Minstens de helft van jullie doet een actie of is maatje. Nu zijn het er {have}, het moeten er"
            f" {needed} zijn.",
            f"At least half of you do an action or are a buddy. Now it is {have}, and it takes {needed}.",
        )
        lacking.append(Refused("too_few_carry", words))
    return lacking


def _named(found: Sequence[Card]) -> str:
    return ", ".join(f"“{each.item.body['what']}”" for each in found)
