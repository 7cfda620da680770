"""Merging by pairs, then fours: which ideas belong together, and what became of each.

Who sits with whom is settled when a stage begins and stays: somebody who comes later joins a group, and
nobody is moved for it. An idea keeps its own text; what it was merged into is a link, kept for ever. A group merges
what is its own; what is another group's joins when one of that group says yes.

Where a step shows no names, that would tell whose each idea is: what joins at once, or is refused, or can be answered
for, is one's partner's. There everybody says yes for what is their own only, whoever asks; what was said is nobody
else's to see, and ideas join as the stage ends.
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
from lti_tool.models import Authors

# More than so many do not make one sentence together.
AT_A_TABLE = 7
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
    """The groups as they sit now, in the same order: without who left, nobody left alone."""
    seats = [[each for each in group if each in present] for group in settled]
    for group in seats:
        if len(group) == 1 and any(other for other in seats if other is not group):
            alone = group.pop()
            _smallest(seats).append(alone)
    return seats


def _smallest(seats: list[list[int]]) -> list[int]:
    return min([group for group in seats if group] or seats, key=len)


def put_together(earlier: Sequence[Collection[int]], people: Collection[int]) -> list[list[int]]:
    """Groups made of two of these groups, or three, as even as can be: who sat together stays together.

    people: who sits now; of them who sat in none joins the smallest. Where that makes more than AT_A_TABLE of one
    group, a group stays as it is.
    """
    held = sorted([list(group) for group in seated(earlier, people) if group], key=len, reverse=True)
    alone = sorted(set(people).difference(*held))
    for count in range(max(1, len(held) // 2), len(held) + 2):
        found: list[list[int]] = [[] for _ in range(count)]
        for group in [*held, *([each] for each in alone)]:
            min(found, key=len).extend(group)
        if max(map(len, found)) <= AT_A_TABLE:
            break
    return [group for group in found if group]


def settle(turn: Turn, size: int) -> None:
    """Settle who sits with whom in the stage that begins, of those heard in the step; anew where that was taken back.

    Groups of four are made of pairs that sat together. Whoever nobody heard yet would leave the others of a group
    waiting: they join one when they come.
    """
    before = []
    for earlier in deciding.of_kind(turn, GROUP):
        if earlier.body["stage"] == turn.run.stage:
            contributions.withdraw(turn, earlier)
        else:
            before.append(earlier.body["members"])
    people = deciding.heard_in_step(turn) & turn.arrived
    sat = put_together(before, people) if before and people else groups(people, size, turn.run.id)
    for group in sat:
        contributions.add(turn, GROUP, {"stage": turn.run.stage, "members": group}, by=group[0])


def seats(turn: Turn, held: Gathered) -> list[tuple[Piece, list[int]]]:
    """The groups of the present stage, each with who sits in it now."""
    settled = [group for group in held.of(GROUP) if group.body["stage"] == turn.run.stage]
    return list(zip(settled, seated([group.body["members"] for group in settled], turn.arrived), strict=True))


def my_group(turn: Turn, held: Gathered) -> tuple[Piece, list[int]] | None:
    """The group that the member sits in, and with whom; of who comes later the one they would join."""
    me, there = turn.member.id if turn.member else 0, seats(turn, held)
    mine = next(((group, people) for group, people in there if me in people), None)
    if mine is not None or not there or turn.participant is None:
        return mine
    return min([each for each in there if each[1]] or there, key=lambda each: len(each[1]))


def _mine(turn: Turn, held: Gathered) -> Piece:
    """One's group, of which one is from now on: nobody is moved by who comes next."""
    found = my_group(turn, held)
    if found is None:
        return contributions.add(turn, GROUP, {"stage": turn.run.stage, "members": [turn.me.id]})
    group, _ = found
    members = group.body["members"]
    if turn.me.id in members:
        return group
    body = {**group.body, "members": [*members, turn.me.id]}
    return contributions.revise(turn, group, body, group.version, by=group.member_id)


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


def merged_in(held: Gathered, item: Piece) -> list[Piece]:
    """The sentences by which an item came to be of its ideas, itself among them; none for an idea."""
    if item.kind == IDEA:
        return []
    return [item, *(each for source in held.linked_to(item, Tie.INTO) for each in merged_in(held, source))]


def candidates(held: Gathered) -> list[Piece]:
    """What stands: ideas and merged ones that were not merged into another; no sentence that nothing joined."""
    return [
        item
        for item in held.of(IDEA, MERGED)
        if into(held, item) is None and (held.linked_to(item, Tie.INTO) or not asked(held, item))
    ]


def each_for_their_own(turn: Turn) -> bool:
    """Whether nobody may find out whose an idea is: all say yes for what is theirs, not for who sits with them."""
    return turn.run.authors != Authors.NAMED


def home(held: Gathered, item: Piece) -> set[int]:
    """Whose it is: of an idea its writer, of a merged one those who sat in the group that made it."""
    if item.kind == IDEA:
        return {item.member_id}
    return {each for group in held.linked_from(item, Tie.MADE_BY) for each in group.body["members"]}


def is_ours(turn: Turn, held: Gathered, item: Piece) -> bool:
    """Whether it is the member's group's own: somebody whose it is sits there; another group's sentence never.

    Where no names are shown only what is the member's, alone or with those they made it with.
    """
    found = my_group(turn, held)
    if found is None:
        return False
    group, people = found
    made_by = held.linked_from(item, Tie.MADE_BY)
    if any(each.body["stage"] == turn.run.stage and each != group for each in made_by):
        return False
    mates = () if each_for_their_own(turn) else people
    return bool(home(held, item) & {*mates, turn.me.id if turn.participant else 0})


def asked(held: Gathered, item: Piece) -> list[Piece]:
    """Whose yes a merged one waits for: what of another group would join it.

    Where no names are shown all that it would be made of, also what said yes: nobody sees who did.
    """
    return held.linked_from(item, Tie.ASKED_INTO)


def _let_in(held: Gathered, made: Piece) -> list[Piece]:
    """What said yes to it, where no names are shown."""
    return list(dict.fromkeys([*held.linked_to(made, Tie.LET_INTO), *held.linked_to(made, Tie.INTO)]))


def asked_of_us(turn: Turn, held: Gathered) -> list[tuple[Piece, Piece]]:
    """What somebody would let one of our own join, as (ours, theirs): in the present stage, as far as it can."""
    return [
        (item, made)
        for made in held.of(MERGED)
        if _of_now(turn, held, made) and into(held, made) is None
        for item in asked(held, made)
        if into(held, item) is None and item not in _let_in(held, made) and is_ours(turn, held, item)
    ]


def joined_of_us(turn: Turn, held: Gathered) -> list[tuple[Piece, Piece]]:
    """What of our own joined another group's, as (ours, theirs): as long as nobody built on it.

    Where no names are shown, what the member let join any.
    """
    found, alone = my_group(turn, held), each_for_their_own(turn)
    return [
        (item, made)
        for made in held.of(MERGED)
        if _of_now(turn, held, made) and into(held, made) is None
        and found is not None and (alone or found[0] not in held.linked_from(made, Tie.MADE_BY))
        for item in _let_in(held, made)
        if is_ours(turn, held, item)
    ]  # fmt: skip


def _of_now(turn: Turn, held: Gathered, made: Piece) -> bool:
    return any(each.body["stage"] == turn.run.stage for each in held.linked_from(made, Tie.MADE_BY))


def merge(turn: Turn, held: Gathered, body: Mapping[str, Any], sources: Iterable[int]) -> Piece:
    """Make one sentence of two or more standing items, for the member's group.

    One of its own is among them. What is another group's joins once one of that group says yes. Where no names are
    shown it may be of anybody's, and what is not one's own is asked.
    """
    group = _mine(turn, held)
    found = [_source(turn, held, each, None) for each in dict.fromkeys(sources)]
    own, others = _parted(turn, held, found)
    contributions.refuse_blank_or_double(
        body["text"], (each.body["text"] for each in held.linked_to(group, Tie.MADE_BY) if each.kind == MERGED)
    )
    for decision in held.linked_to(group, Tie.MADE_BY):
        if decision.kind == APART:
            contributions.withdraw(turn, decision)
    alone = each_for_their_own(turn)
    links = [(Tie.MADE_BY, group), *((Tie.ASKED_INTO, each) for each in (found if alone else others))]
    made = contributions.add(turn, MERGED, body, links)
    if alone:
        _say_yes(turn, held, own, made)
    else:
        contributions.link_all(turn, own, Tie.INTO, made)
    return made


def rewrite(
    turn: Turn, held: Gathered, item_id: int, body: Mapping[str, Any], sources: Iterable[int], version: int
) -> None:
    """Change what one's own group made in this stage: its words, and what it was made of.

    Another group said yes to the words that were there: to other words it is asked anew.
    """
    item = _made_by_us(turn, held, item_id)
    found = [_source(turn, held, each, item) for each in dict.fromkeys(sources)]
    own, others = _parted(turn, held, found)
    contributions.refuse_blank_or_double(body["text"], ())
    same = contributions.words(item.body["text"]) == contributions.words(body["text"])
    joined = [each for each in others if same and each in _let_in(held, item)]
    contributions.revise(turn, item, body, version)
    if each_for_their_own(turn):
        contributions.link_all(turn, (), Tie.INTO, item, anew=True)
        contributions.relink(turn, item, Tie.ASKED_INTO, found)
        _say_yes(turn, held, [*own, *joined], item, anew=True)
        return
    contributions.link_all(turn, [*own, *joined], Tie.INTO, item, anew=True)
    contributions.relink(turn, item, Tie.ASKED_INTO, [each for each in others if each not in joined])


def let_in(turn: Turn, held: Gathered, item_id: int, made_id: int, version: int) -> None:
    """Say yes for one's group: one of its own joins what another group made, in the words that were read."""
    item, made = _pair(asked_of_us(turn, held), item_id, made_id)
    if made.version != version:
        raise Refused("changed_meanwhile")
    _mine(turn, held)
    if each_for_their_own(turn):
        _say_yes(turn, held, [item], made)
        return
    contributions.relink(turn, made, Tie.ASKED_INTO, [each for each in asked(held, made) if each != item])
    contributions.link_all(turn, [item], Tie.INTO, made)


def _say_yes(turn: Turn, held: Gathered, items: Collection[Piece], made: Piece, anew: bool = False) -> None:
    """Keep a yes for these until the stage ends, and none to anything else: an idea joins one sentence.

    anew: and nobody else's.
    """
    for other in held.of(MERGED):
        said = held.linked_to(other, Tie.LET_INTO)
        if other == made or not set(said) & set(items):
            continue
        contributions.link_all(turn, [each for each in said if each not in items], Tie.LET_INTO, other, anew=True)
    before = () if anew else held.linked_to(made, Tie.LET_INTO)
    contributions.link_all(turn, dict.fromkeys([*before, *items]), Tie.LET_INTO, made, anew=True)


def join(turn: Turn, held: Gathered) -> None:
    """The stage of groups ends: what said yes joins, where it waited for that."""
    for made in held.of(MERGED):
        if _of_now(turn, held, made):
            said = [each for each in held.linked_to(made, Tie.LET_INTO) if into(held, each) is None]
            contributions.link_all(turn, said, Tie.INTO, made)


def keep_out(turn: Turn, held: Gathered, item_id: int, made_id: int) -> None:
    """Say no for one's group, or take its yes back: one of its own stands by itself."""
    item, made = _pair([*asked_of_us(turn, held), *joined_of_us(turn, held)], item_id, made_id)
    _mine(turn, held)
    contributions.relink(turn, made, Tie.ASKED_INTO, [each for each in asked(held, made) if each != item])
    for kind in (Tie.INTO, Tie.LET_INTO):
        left = [each for each in held.linked_to(made, kind) if each != item]
        contributions.link_all(turn, left, kind, made, anew=True)


def take_apart(turn: Turn, held: Gathered, item_id: int) -> None:
    """Undo what one's own group made in this stage: its sources stand by themselves again."""
    contributions.withdraw(turn, _made_by_us(turn, held, item_id))


def keep_apart(turn: Turn, held: Gathered) -> None:
    """Say for one's group that the ideas stay as they are."""
    group = _mine(turn, held)
    if held.linked_to(group, Tie.MADE_BY):
        raise Refused("group_done")
    contributions.add(turn, APART, {}, [(Tie.MADE_BY, group)])


def _pair(among: Iterable[tuple[Piece, Piece]], item_id: int, made_id: int) -> tuple[Piece, Piece]:
    found = next((each for each in among if (each[0].id, each[1].id) == (item_id, made_id)), None)
    if found is None:
        raise Refused("not_found")
    return found


def _source(turn: Turn, held: Gathered, item_id: int, whole: Piece | None) -> Piece:
    item = held.items.get(item_id)
    if item is None or item.kind not in (IDEA, MERGED) or item == whole:
        raise Refused("not_found")
    if each_for_their_own(turn) and _of_now(turn, held, item):
        # Nothing joined it yet, and two could be made of each other.
        raise Refused("not_found")
    if into(held, item) not in (None, whole):
        raise Refused("merged_already")
    return item


def _parted(turn: Turn, held: Gathered, sources: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """What of these is the group's own, and what another's: a refusal would tell whose, where no names are shown."""
    if len(sources) < 2:
        raise Refused("sources_missing")
    own = [each for each in sources if is_ours(turn, held, each)]
    if not own and not each_for_their_own(turn):
        raise Refused("none_of_yours")
    return own, [each for each in sources if each not in own]


def _made_by_us(turn: Turn, held: Gathered, item_id: int) -> Piece:
    group = _mine(turn, held)
    item = held.items.get(item_id)
    if item is None or item.kind != MERGED or group not in held.linked_from(item, Tie.MADE_BY):
        raise Refused("not_found")
    if into(held, item) is not None:
        # What stands above it would lose its ground; and no circle can come about.
        raise Refused("merged_already")
    return item
