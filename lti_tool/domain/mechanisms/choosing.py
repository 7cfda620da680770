"""Choosing from dots: first what most people want, then what has most dots. Never by lot, and never more than it bears.

The rule for ties. People count before dots, so that one person's three dots never outweigh two people's one. Where
what stands last within the number ties with what stands first beyond it, all that tie there are put to a second
round. What ties again is kept together, up to twice the number; with more, none of it is kept. Where that would leave
nothing at all, a third round gives everybody one dot, and all that lead it are kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lti_tool.domain.reading.pieces import Tally

MOST = 3
EACH = 3  # dots of everybody; in the last of three rounds one
NONE = Tally(0, 0)


@dataclass(frozen=True)
class Choice:
    """What was chosen, best first; and either what is put to another round, or what tied and was left out.

    again: ids of what the next round is about, empty once all is settled; each: how many dots everybody has in it.
    """

    chosen: tuple[int, ...]
    again: frozenset[int] = frozenset()
    tied: frozenset[int] = frozenset()
    each: int = EACH


def choose(tallies: Sequence[Mapping[int, Tally]], most: int = MOST) -> Choice:
    """The choice that closed rounds make, the first of them and those that its ties asked for. Piece id -> its tally.

    Where everybody passed there is no dot, and nothing is chosen.
    """
    first, *more = tallies
    second, third = (*more, None, None)[:2]
    sure, tied = _cut(first, first, most)
    if not tied:
        return Choice(sure)
    if second is None:
        return Choice(sure, again=tied)
    won, still = _cut(second, tied, most - len(sure))
    sure += won
    if not still:
        return Choice(sure)
    if len(sure) + len(still) <= 2 * most:
        return Choice(sure + _ranked(second, still))
    if sure:
        return Choice(sure, tied=still)
    if third is None:
        return Choice((), again=still, each=1)
    lead = max((third.get(each, NONE).people for each in still), default=0)
    leading = frozenset(each for each in still if lead and third.get(each, NONE).people == lead)
    return Choice(_ranked(third, leading), tied=still - leading)


def _cut(tally: Mapping[int, Tally], among: Collection[int], places: int) -> tuple[tuple[int, ...], frozenset[int]]:
    """What stands above any tie for the last place; and what ties for it, where it is more than there are places."""
    ranked = _ranked(tally, among)
    if len(ranked) <= places:
        return ranked, frozenset()
    border = _rank(tally, ranked[places])
    sure = tuple(each for each in ranked[:places] if _rank(tally, each) > border)
    if len(sure) == places:
        return sure, frozenset()
    return sure, frozenset(each for each in ranked if _rank(tally, each) == border)


def _ranked(tally: Mapping[int, Tally], among: Collection[int]) -> tuple[int, ...]:
    """Best first. What is equal stands in the order of its ids, which are drawn."""
    return tuple(sorted(among, key=lambda each: (_rank(tally, each), each), reverse=True))


def _rank(tally: Mapping[int, Tally], item_id: int) -> tuple[int, int]:
    got = tally.get(item_id, NONE)
    return got.people, got.dots
