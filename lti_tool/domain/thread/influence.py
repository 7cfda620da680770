"""The influence mirror: how many people stand behind what the community adopted and does. Never who, nor how much each.

Pieces count that made it: the ideas in the adopted text, its wording, the actions, the yield. A person stands behind a
piece, or does not. What leaves this module are words and, where nobody can be found by subtracting, numbers of people.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import merging
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.reading.things import Thing, require
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie

LEAST = 4  # with fewer people there is no group to hide in
APART = 3  # a number is said only when so many people are in it, and so many are not
MOST_OF_IT = 0.8

# How a choice leads to the story that was chosen.
CHOSEN = "chosen"


class Aspect(StrEnum):
    """What people can stand behind, in the order in which a cycle brings it."""

    IDEAS = "ideas"
    WORDING = "wording"
    ACTIONS = "actions"
    YIELD = "yield"


class Amount(StrEnum):
    """How many people it is, in words; SOME comes with a number."""

    FEW = "few"
    SOME = "some"
    MOST = "most"


class Share(StrEnum):
    """The part that stands to the credit of those who also lead, in words."""

    SMALL = "small"
    HALF = "half"
    LARGE = "large"


@dataclass(frozen=True)
class Spread:
    """How many of those who take part stand behind one aspect. people: None where a number would point at somebody."""

    aspect: Aspect
    amount: Amount
    people: int | None


@dataclass(frozen=True)
class Mirror:
    """What the community sees of itself. of: how many take part.

    leaders: the part of members who also lead, None where there is no group of them. skewed: the aspect
    to do something about; None when it is balanced.
    """

    of: int
    spreads: Sequence[Spread]
    leaders: Share | None
    skewed: Aspect | None


# Pieces by aspect, each as the ids of the people behind it.
Pieces = Mapping[Aspect, Sequence[Collection[int]]]


def look(pieces: Pieces, present: Collection[int], leading: Collection[int]) -> Mirror | None:
    """The mirror of these pieces; None below LEAST people, and while there is nothing to see.

    Only who takes part now is in it: what somebody made who left says nothing of those who are there.
    """
    here = set(present)
    brought = {
        a: found for a in Aspect if (found := [left for piece in pieces.get(a, ()) if (left := here & set(piece))])
    }
    if len(present) < LEAST or not brought:
        return None
    return Mirror(
        of=len(present),
        spreads=[_spread(aspect, len(_behind(found)), len(present)) for aspect, found in brought.items()],
        leaders=_led([each for found in brought.values() for each in found], present, leading),
        skewed=_skewed(brought, len(present)),
    )


def _behind(found: Iterable[Collection[int]]) -> set[int]:
    return {person for piece in found for person in piece}


def _spread(aspect: Aspect, people: int, of: int) -> Spread:
    if people < APART:
        return Spread(aspect, Amount.FEW, None)
    if of - people < APART:
        return Spread(aspect, Amount.MOST, None)
    return Spread(aspect, Amount.SOME, people)


def _led(found: Iterable[Collection[int]], present: Collection[int], leading: Collection[int]) -> Share | None:
    """The leaders' part of all that people stand behind. Of one person, leading or not, it says nothing."""
    leaders = set(leading) & set(present)
    if len(leaders) < 2 or len(present) - len(leaders) < 2:
        return None
    behind = [person in leaders for piece in found for person in piece]
    part = sum(behind) / len(behind)
    return Share.SMALL if part < 1 / 3 else Share.LARGE if part > 2 / 3 else Share.HALF


def _skewed(brought: Pieces, of: int) -> Aspect | None:
    """The aspect with the fewest people, when the whole leans on few: the newest of several alike.

    It leans on few when the smallest group that stands behind MOST_OF_IT is less than a third of those who
    take part, and less than half of as many as it could have been: three pieces can have three people at most.
    """
    shares: dict[int, int] = {}
    for found in brought.values():
        for piece in found:
            for person in piece:
                shares[person] = shares.get(person, 0) + 1
    whole, held, group = sum(shares.values()), 0, 0
    for share in sorted(shares.values(), reverse=True):
        if held >= MOST_OF_IT * whole:
            break
        held, group = held + share, group + 1
    could = min(whole, of)
    if group == 0 or 3 * group >= of or 2 * group >= MOST_OF_IT * could:
        return None
    return min(reversed(list(brought)), key=lambda aspect: len(_behind(brought[aspect])))


_OF_TEXT = (Flow.IDEA, Flow.MERGED, Flow.AMBITION, Flow.PEN)
_OF_ACTIONS = (Flow.ACTION, Flow.OWNER, Flow.BUDDY)
_OF_YIELD = (Flow.STORY, Flow.CHOSEN, Flow.CARD, Flow.YIELD)


def mirror(turn: Turn) -> Mirror | None:
    """The mirror of the turn's cycle, for its community. Two statements: who is there, and what was brought."""
    require(turn.viewer, Thing.INFLUENCE)
    leading = [member for member, somebody in turn.people.items() if somebody.leads]
    return look(_pieces(turn), turn.present_ids, leading)


def _pieces(turn: Turn) -> dict[Aspect, list[set[int]]]:
    # Only what is settled: while a step is open, a number that changes would tell who changed it.
    there = gate.of_cycle(turn, *_OF_TEXT, *_OF_ACTIONS, *_OF_YIELD).settled()
    sources = [source for text in there.of(Flow.AMBITION) for source in there.linked_from(text, Tie.BUILT_FROM)]
    ideas = {idea.id: idea for source in sources for idea in merging.ideas_of(there, source)}
    merged = {each.id: each for source in sources for each in merging.merged_in(there, source)}
    told = [story for choice in there.of(Flow.CHOSEN) for story in there.linked_from(choice, CHOSEN)]
    return {
        Aspect.IDEAS: _weighed([item.member_id for item in ideas.values()], [i.member_id for i in there.of(Flow.IDEA)]),
        # Who changed a word of it with the pen, and who wrote the sentences that ideas were merged into.
        Aspect.WORDING: [{item.member_id} for item in [*there.of(Flow.PEN), *merged.values()] if _wrote(item)],
        Aspect.ACTIONS: [
            {each.member_id for kind in (Tie.OWNS, Tie.BUDDIES) for each in there.linked_to(item, kind)}
            for item in there.of(actions.ACTION)
        ],
        Aspect.YIELD: [{item.member_id} for item in [*told, *there.of(Flow.CARD, Flow.YIELD)]],
    }


def _wrote(item: Piece) -> bool:
    return item.kind != Flow.PEN or bool(item.body.get("wrote"))


def _weighed(used: Sequence[int], brought: Sequence[int]) -> list[set[int]]:
    """Whose ideas are in the text. Where it is one person's, all that others brought gave way to that: it weighs so."""
    alone = len(set(used)) == 1
    return [{member} for member in used] * (len(set(brought)) if alone else 1)
