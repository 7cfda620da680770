"""Merging by pairs, then fours: which ideas belong together, and what became of each.

Who sits with whom is settled when a stage begins and stays: somebody who comes later joins a group, and
nobody is moved for it. An idea keeps its own text; what it was merged into is a link, kept for ever.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.ties import Tie

IDEA, MERGED, APART, GROUP = "idea", "merged", "apart", "group"


def groups(member_ids: Iterable[int], size: int, seed: int) -> list[list[int]]:
    """People in groups of about this size, by chance but always alike for a seed; nobody sits alone.

    As even as can be: pairs and trios for 2; for 4 fours and fives, and six together where six are present.
    """
    order = sorted(set(member_ids), key=lambda each: hashlib.sha256(f"{seed} seat {each}".encode()).digest())
    if not order:
        return []
    count = max(1, (len(order) + size // 2 - 1) // size)
    least, more = divmod(len(order), count)
    found, start = [], 0
    for number in range(count):
        end = start + least + (number < more)
        found.append(order[start:end])
        start = end
    return found


def seated(settled: Sequence[Collection[int]], present: Collection[int]) -> list[list[int]]:
    """The groups as they sit now, in the same order: without who left, with who came, nobody left alone."""
    seats = [[each for each in group if each in present] for group in settled]
    # Who came first is seated first, so that nobody is moved by who comes next.
    for newcomer in sorted(set(present) - {each for group in settled for each in group}):
        _smallest(seats).append(newcomer)
    for group in seats:
        if len(group) == 1 and any(other for other in seats if other is not group):
            alone = group.pop()
            _smallest(seats).append(alone)
    return seats


def _smallest(seats: list[list[int]]) -> list[int]:
    return min([group for group in seats if group] or seats, key=len)


def settle(turn: Turn, size: int) -> None:
    """Settle who sits with whom in the stage that begins; anew where going there had been taken back."""
    for earlier in deciding.of_kind(turn, GROUP):
        if earlier.body["stage"] == turn.run.stage:
            contributions.withdraw(turn, earlier)
    for group in groups(turn.arrived, size, turn.run.id):
        contributions.add(turn, GROUP, {"stage": turn.run.stage, "members": group}, by=group[0])


def seats(turn: Turn, held: Gathered) -> list[tuple[Piece, list[int]]]:
    """The groups of the present stage, each with who sits in it now."""
    settled = [group for group in held.of(GROUP) if group.body["stage"] == turn.run.stage]
    return list(zip(settled, seated([group.body["members"] for group in settled], turn.arrived), strict=True))


def my_group(turn: Turn, held: Gathered) -> tuple[Piece, list[int]] | None:
    """The group that the member sits in, and with whom."""
    me = turn.member.id if turn.member else 0
    return next(((group, people) for group, people in seats(turn, held) if me in people), None)


def _mine(turn: Turn, held: Gathered) -> Piece:
    found = my_group(turn, held)
    if found is None:
        raise Refused("no_group")
    return found[0]


def done(turn: Turn, held: Gathered) -> set[int]:
    """Who is done: everybody of a group in which anybody merged ideas or kept them apart for all of it."""
    return {each for group, people in seats(turn, held) if held.linked_to(group, Tie.MADE_BY) for each in people}


def senders(turn: Turn, held: Gathered) -> set[int]:
    """Who of the groups of the present stage said it for theirs."""
    return {made.member_id for group, _ in seats(turn, held) for made in held.linked_to(group, Tie.MADE_BY)}


def into(held: Gathered, item: Piece) -> Piece | None:
    """What an item was merged into."""
    return next(iter(held.linked_from(item, Tie.INTO)), None)


def top(held: Gathered, item: Piece) -> Piece:
    """The standing item that an idea ended up in: itself, where it was not merged."""
    while (found := into(held, item)) is not None:
        item = found
    return item


def ideas_of(held: Gathered, item: Piece) -> list[Piece]:
    """The ideas an item is made of; an idea is made of itself."""
    if item.kind == IDEA:
        return [item]
    return [idea for source in held.linked_to(item, Tie.INTO) for idea in ideas_of(held, source)]


def candidates(held: Gathered) -> list[Piece]:
    """What stands: ideas and merged ones that were not merged into another."""
    return [item for item in held.of(IDEA, MERGED) if into(held, item) is None]


def merge(turn: Turn, held: Gathered, body: Mapping[str, Any], sources: Iterable[int]) -> Piece:
    """Make one sentence of two or more standing items, for the member's group."""
    group = _mine(turn, held)
    found = [_source(held, each, None) for each in dict.fromkeys(sources)]
    _enough(found)
    contributions.refuse_blank_or_double(
        body["text"], (each.body["text"] for each in held.linked_to(group, Tie.MADE_BY) if each.kind == MERGED)
    )
    for decision in held.linked_to(group, Tie.MADE_BY):
        if decision.kind == APART:
            contributions.withdraw(turn, decision)
    made = contributions.add(turn, MERGED, body, [(Tie.MADE_BY, group)])
    contributions.link_all(turn, found, Tie.INTO, made)
    return made


def rewrite(
    turn: Turn, held: Gathered, item_id: int, body: Mapping[str, Any], sources: Iterable[int], version: int
) -> None:
    """Change what one's own group made in this stage: its words, and what it was made of."""
    item = _made_by_us(turn, held, item_id)
    found = [_source(held, each, item) for each in dict.fromkeys(sources)]
    _enough(found)
    contributions.refuse_blank_or_double(body["text"], ())
    contributions.revise(turn, item, body, version)
    contributions.link_all(turn, found, Tie.INTO, item, anew=True)


def take_apart(turn: Turn, held: Gathered, item_id: int) -> None:
    """Undo what one's own group made in this stage: its sources stand by themselves again."""
    contributions.withdraw(turn, _made_by_us(turn, held, item_id))


def keep_apart(turn: Turn, held: Gathered) -> None:
    """Say for one's group that the ideas stay as they are."""
    group = _mine(turn, held)
    if held.linked_to(group, Tie.MADE_BY):
        raise Refused("group_done")
    contributions.add(turn, APART, {}, [(Tie.MADE_BY, group)])


def _source(held: Gathered, item_id: int, whole: Piece | None) -> Piece:
    item = held.items.get(item_id)
    if item is None or item.kind not in (IDEA, MERGED) or item == whole:
        raise Refused("not_found")
    if into(held, item) not in (None, whole):
        raise Refused("merged_already")
    return item


def _enough(sources: Sequence[Piece]) -> None:
    if len(sources) < 2:
        raise Refused("sources_missing")


def _made_by_us(turn: Turn, held: Gathered, item_id: int) -> Piece:
    group = _mine(turn, held)
    item = held.items.get(item_id)
    if item is None or item.kind != MERGED or group not in held.linked_from(item, Tie.MADE_BY):
        raise Refused("not_found")
    if into(held, item) is not None:
        # What stands above it would lose its ground; and no circle can come about.
        raise Refused("merged_already")
    return item
