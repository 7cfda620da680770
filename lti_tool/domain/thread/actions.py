"""Actions: who does what, when, and how one will notice. Steps 4, 5 and 6, and the red thread, read them from here.

Nobody is assigned: an owner and a buddy are contributions of the person who took it on.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie

# A consequence is a proposal "if we ..., then we see ..., and notice it by ...".
CONSEQUENCE, ACTION, OWNER, BUDDY = Flow.CONSEQUENCE, Flow.ACTION, Flow.OWNER, Flow.BUDDY
# What is asked of the leadership, its answer, and that one goes on without it.
REQUEST, ANSWER, GONE_ON = Flow.REQUEST, Flow.ANSWER, Flow.GONE_ON
# What a proposal rests on: attention points, or nothing yet, and then it says so (requirement R10).
FROM_POINTS, NEW = "point", "new"
# What happened with an action, how it ended, and what was learned.
LOG, RESULT = Flow.LOG, Flow.RESULT

MOST_OWNED = 2  # actions one person owns that have not ended


@dataclass(frozen=True)
class Card:
    """One action, with all that hangs on it. owners, buddies: member ids, in the order they took it on.

    day: by when; hours: what it may cost. consequence: the proposal it realises, if it was made from one;
    points: the attention points it follows from, empty for a new idea. requests: what is asked of the
    leadership, each with the leader's answers. logs: what happened in step 5; result: how it ended, None
    while it is open.
    """

    item: Piece
    owners: Sequence[int] = ()
    buddies: Sequence[int] = ()
    consequence: Piece | None = None
    points: Sequence[Piece] = ()
    requests: Sequence[tuple[Piece, Sequence[Piece]]] = ()
    logs: Sequence[Piece] = ()
    result: Piece | None = None

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


# What an action goes back to: with it a page tells the thread without asking again.
ROOTS = (Flow.AMBITION, Flow.QUESTION, Flow.EVIDENCE, Flow.OBSERVATION, Flow.POINT, Flow.ATTENTION)
# An action with all that hangs on it.
BOARD = (CONSEQUENCE, ACTION, OWNER, BUDDY, REQUEST, ANSWER, GONE_ON, LOG, RESULT)


def held(turn: Turn) -> Gathered:
    """All of the turn's step, with the actions and what they go back to."""
    return gate.gather(turn, *ROOTS, *BOARD)


def of_cycle(turn: Turn) -> Gathered:
    """The actions of the turn's cycle with what they go back to, from whichever of its steps one asks."""
    return gate.of_cycle(turn, *ROOTS, *BOARD)


def ends_of_cycle(turn: Turn) -> Gathered:
    """The same actions with how each ended, and nothing else that hangs on them: of sixty people that is much."""
    return gate.of_cycle(turn, ACTION, RESULT)


def ended_by(turn: Turn, numbers: Sequence[int], member_id: int) -> list[tuple[int, Card]]:
    """The actions that somebody owned or buddied and that have ended, in these cycles: number of the cycle, card."""
    found = gate.of_cycles(turn, numbers, ACTION, OWNER, BUDDY, RESULT)
    return [
        (number, each)
        for number, there in found.items()
        for each in cards(there)
        if each.result is not None and member_id in (*each.owners, *each.buddies)
    ]


def cards(there: Gathered) -> list[Card]:
    """All actions, in the order that was drawn."""
    found = []
    for item in there.of(ACTION):
        consequence = next(iter(there.linked_from(item, Tie.REALISES)), None)
        found.append(
            Card(
                item=item,
                owners=[each.member_id for each in there.linked_to(item, Tie.OWNS)],
                buddies=[each.member_id for each in there.linked_to(item, Tie.BUDDIES)],
                consequence=consequence,
                points=there.linked_from(consequence or item, Tie.FOLLOWS_FROM),
                requests=[(each, there.linked_to(each, Tie.ANSWERS)) for each in there.linked_to(item, Tie.ASKS_FOR)],
                logs=there.linked_to(item, Tie.ABOUT),
                result=next(iter(there.linked_to(item, Tie.ENDS)), None),
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
    texts = there.of(Flow.AMBITION)
    return texts[-1].body.get("hours") if texts else None


def planned(found: Sequence[Card]) -> int:
    """The hours of all actions together."""
    return sum(card.hours for card in found)


def over(there: Gathered) -> int | None:
    """How many hours more are planned than the ambition may cost; None where it fits."""
    may = budget(there)
    found = planned(cards(there)) - may if may is not None else 0
    return found if found > 0 else None


def shortage(turn: Turn) -> int | None:
    """The same number for who may know no more than that."""
    return gate.number(turn, Thing.SHORTAGE, over(deciding.of_cycle(turn, Flow.AMBITION, ACTION)))


def carriers_needed(turn: Turn, there: Gathered) -> tuple[int, int]:
    """How many of those who count own or buddy an action, and how many must: half of them, rounded up.

    Everybody who is waited for counts.
    """
    counted = turn.circle.expected
    return len(holders(cards(there)) & counted), -(-len(counted) // 2)


def obstacles(turn: Turn, there: Gathered) -> list[Refused]:
    """Why the board cannot be put to everyone yet, each in a sentence: accepted, dated, observable, and shared."""
    found = cards(there)
    if not found:
        return [Refused("no_actions")]
    lacking = []
    if free := [each for each in found if not turn.present_ids.intersection(each.owners)]:
        lacking.append(Refused("not_owned", which=_named(free)))
    if undated := [each for each in found if each.day is None]:
        lacking.append(Refused("not_dated", which=_named(undated)))
    if unseen := [each for each in found if not each.item.body.get("sign")]:
        lacking.append(Refused("not_observable", which=_named(unseen)))
    have, needed = carriers_needed(turn, there)
    if have < needed:
        lacking.append(Refused("too_few_carry", have=have, needed=needed))
    return lacking


def _named(found: Sequence[Card]) -> list[str]:
    return [each.item.body["what"] for each in found]
