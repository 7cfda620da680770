"""Choosing from a tally: first what most people want, then what has most dots, and never more than a few.

The rule for ties. People count before dots, so that one person's three dots never outweigh two people's
one. Where what stands last within the number ties with what stands first beyond it, none of those that
tie is chosen: fewer, rather than more or by chance. Only where that would leave nothing is one drawn
from those that tie for the first place, by a lot that is the same for whoever counts again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.domain.reading.pieces import Tally

MOST = 3


@dataclass(frozen=True)
class Choice:
    """What was chosen, best first; what tied with it at the border and was not; whether lot decided."""

    chosen: tuple[int, ...]
    tied: frozenset[int] = frozenset()
    by_lot: bool = False


def choose(tally: Mapping[int, Tally], lot: int, most: int = MOST) -> Choice:
    """The choice that a closed round's tally makes. lot: what is drawn with, the round's id."""
    ranked = sorted(tally, key=lambda each: (_rank(tally[each]), _drawn(lot, each)), reverse=True)
    if len(ranked) <= most:
        return Choice(tuple(ranked))
    border = _rank(tally[ranked[most]])
    chosen = tuple(each for each in ranked[:most] if _rank(tally[each]) > border)
    if len(chosen) == most:
        return Choice(chosen)
    tied = frozenset(each for each in ranked if _rank(tally[each]) == border)
    if chosen:
        return Choice(chosen, tied)
    return Choice((ranked[0],), tied - {ranked[0]}, by_lot=True)


def _rank(tally: Tally) -> tuple[int, int]:
    return tally.people, tally.dots


def _drawn(lot: int, item_id: int) -> bytes:
    return hashlib.sha256(f"{lot} {item_id}".encode()).digest()
