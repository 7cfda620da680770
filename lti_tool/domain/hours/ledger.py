"""Counting, written once: what an entry counts for when it comes to count, against what counts then.

The order is the order of counting, not of days. Minutes at which something counts already do not count again: what
counted first keeps them. Then the pot's caps. Nothing later changes it but a correction, which is a row too, so that
every total is a sum of rows.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from lti_tool.domain import Refused
from lti_tool.models.hours_codes import Kind

# Above so many minutes a day somebody is asked; above so many it is refused.
DAY_ASKED, DAY_MOST = 12 * 60, 24 * 60
MINUTE = dt.timedelta(minutes=1)


class Per(StrEnum):
    """Over what a cap reaches."""

    ENTRY = "entry"
    DAY = "day"
    PERIOD = "period"


@dataclass(frozen=True)
class Cap:
    """At most so many minutes count. kinds: of entries; none: of all. percent: of what is planned they are, if any."""

    per: Per
    minutes: int
    kinds: frozenset[Kind] = frozenset()
    percent: int | None = None

    def holds(self, kind: Kind) -> bool:
        """Whether it is about entries of a kind."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True)
class Rules:
    """What a pot says about counting. arranging: whether that counts, beside learning."""

    caps: Sequence[Cap] = ()
    arranging: bool = True


@dataclass(frozen=True)
class Claim:
    """An entry as far as counting is about it, with the pot it is for. With times its minutes are those between."""

    entry: int
    pot: int
    kind: Kind
    learning: bool
    minutes: int
    day: dt.date
    begins: dt.datetime | None = None
    ends: dt.datetime | None = None

    @property
    def span(self) -> range:
        """Its minutes, numbered; none where no times are known."""
        if self.begins is None or self.ends is None:
            return range(0)
        first = _minute(self.begins)
        return range(first, first + self.minutes)


@dataclass(frozen=True)
class Verdict:
    """What an entry counts for; overlap, above: how much of it does not, because of others and because of the pot."""

    minutes: int
    overlap: int
    above: int


class Ledger:
    """One person's rows of all pots, in the order of counting."""

    def __init__(self, rows: Iterable[tuple[Claim, int]] = ()) -> None:
        self._claims: dict[int, Claim] = {}
        self._net: dict[int, int] = defaultdict(int)
        self._held: dict[int, list[int]] = defaultdict(list)
        self._taken: set[int] = set()
        for claim, minutes in rows:
            self.enter(claim, minutes)

    def enter(self, claim: Claim, minutes: int) -> None:
        """A row: minutes, negative where a correction takes some back; those of the latest time go first."""
        self._claims[claim.entry] = claim
        self._net[claim.entry] += minutes
        held = self._held[claim.entry]
        if minutes >= 0:
            fresh = self._free(claim)[:minutes]
            held += fresh
            self._taken.update(fresh)
        elif held:
            self._taken.difference_update(held[minutes:])
            del held[minutes:]

    def net(self, entry: int) -> int:
        """What an entry counts for now."""
        return self._net.get(entry, 0)

    def _free(self, claim: Claim) -> list[int]:
        return [each for each in claim.span if each not in self._taken]

    def verdict(self, claim: Claim, rules: Rules) -> Verdict:
        """What this entry can count for now, everything else as it is; of one that counts already: at most."""
        own = self.net(claim.entry)
        open_ = claim.minutes - own
        if claim.span:
            open_ = min(open_, len(self._free(claim)))
        there = own + open_
        room = min([there, *(self._room(claim, cap) for cap in rules.caps if cap.holds(claim.kind))])
        if not claim.learning and not rules.arranging:
            room = 0
        return Verdict(room, claim.minutes - there, there - room)

    def _room(self, claim: Claim, cap: Cap) -> int:
        used = sum(
            net
            for entry, net in self._net.items()
            if (other := self._claims[entry]).pot == claim.pot
            and entry != claim.entry
            and cap.per != Per.ENTRY
            and cap.holds(other.kind)
            and (cap.per == Per.PERIOD or other.day == claim.day)
        )
        return max(0, cap.minutes - used)


def _minute(moment: dt.datetime) -> int:
    return int(moment.timestamp()) // 60


def elapsed(
    day: dt.date, begins: dt.time, ends: dt.time, zone: ZoneInfo, *, overnight: bool = False
) -> tuple[dt.datetime, dt.datetime]:
    """When that was: from the one time on a day to the other, which after an overnight is of the next day.

    What lies between them is elapsed time, also where the clock changes. Refused: "hours_end_first" (they may have
    meant overnight), "hours_no_time" (the clock jumped over it).
    """
    start, end = _moment(day, begins, zone), _moment(day, ends, zone)
    if end <= start:
        # The hour that comes twice, when the clock goes back.
        again = end.replace(fold=1)
        if end < start and again.utcoffset() != end.utcoffset() and _utc(again) > _utc(start):
            end = again
        elif overnight:
            end = _moment(day + dt.timedelta(days=1), ends, zone)
        else:
            raise Refused("hours_end_first")
    return _utc(start), _utc(end)


def _moment(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    made = dt.datetime.combine(day, time.replace(second=0, microsecond=0, tzinfo=None, fold=0), zone)
    if _utc(made).astimezone(zone).replace(fold=0) != made:
        raise Refused("hours_no_time")
    return made


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)


def figure(minutes: int) -> Decimal:
    """Minutes as hours with two decimals: the one place where anything is rounded, but a paper that says so."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)


def rounded(minutes: int, to: int) -> int:
    """Minutes to the nearest so many, as a paper has an entry; half of it goes away from zero."""
    whole = (2 * abs(minutes) + to) // (2 * to) * to
    return whole if minutes >= 0 else -whole


def school_year(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the school year that a day is in: 1 August to 31 July."""
    first = day.year if day.month >= 8 else day.year - 1
    return dt.date(first, 8, 1), dt.date(first + 1, 7, 31)
