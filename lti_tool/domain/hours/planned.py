"""What is planned for somebody: a sum over the days of a period, rounded once to a whole minute. No database here.

Somebody belongs to a pot from a day on, for a part of its minutes (a factor, exact) or for minutes of their own where
the rule is not linear; both as for a whole period, so that half of it plans half of them.
"""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

# Factors are kept in parts of so many: 0.6 is 6000.
WHOLE = 10_000
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """From when on somebody belongs to a pot, for how much.

    first_day: None for the period's first; last_day: None for its last, or until the next stretch. share: of WHOLE,
    None for all of it; minutes: in place of it, of a whole period.
    """

    first_day: dt.date | None = None
    last_day: dt.date | None = None
    share: int | None = None
    minutes: int | None = None

    @property
    def factor(self) -> Fraction:
        """The part of the pot's minutes, where no minutes are fixed."""
        return Fraction(WHOLE if self.share is None else self.share, WHOLE)


@dataclass(frozen=True)
class Part:
    """So many days, in a row, of which a stretch holds; from first to last, both in it."""

    first: dt.date
    last: dt.date
    of: Stretch

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def parts(first: dt.date, last: dt.date, stretches: Sequence[Stretch]) -> Iterator[Part]:
    """A period by what holds when, of somebody with these stretches; days on which they do not belong are left out.

    Of two that begin on one day the later one holds.
    """
    begun = sorted(stretches, key=lambda each: each.first_day or first)
    for number, each in enumerate(begun):
        begin = max(first, each.first_day or first)
        end = min(last, each.last_day or last)
        if number + 1 < len(begun):
            end = min(end, (begun[number + 1].first_day or first) - DAY)
        if begin <= end:
            yield Part(begin, end, each)


def total(first: dt.date, last: dt.date, minutes: int, stretches: Sequence[Stretch]) -> int:
    """What is planned for them, of a pot of so many minutes: exact until it is rounded, half a minute up."""
    days = (last - first).days + 1
    exact = sum(
        (Fraction(each.days, days) * _whole(each.of, minutes) for each in parts(first, last, stretches)), Fraction()
    )
    return math.floor(exact + Fraction(1, 2))


def _whole(of: Stretch, minutes: int) -> Fraction:
    return Fraction(of.minutes) if of.minutes is not None else minutes * of.factor


def belongs(first: dt.date, last: dt.date, stretches: Sequence[Stretch], day: dt.date) -> bool:
    """Whether they belong to it on a day of the period."""
    return any(each.first <= day <= each.last for each in parts(first, last, stretches))
