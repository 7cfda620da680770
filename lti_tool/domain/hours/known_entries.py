"""Entries as they are read, and what some of them come to."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lti_tool.domain.hours.ledger import Claim
from lti_tool.domain.hours.states import State
from lti_tool.models.hours_codes import Done, Kind


@dataclass(frozen=True, slots=True)
class Event:
    """Something done with an entry. by: a person's id, None for the clock and for who was erased."""

    done: Done
    at: dt.datetime
    by: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of the ledger that is booked in another pot than its entry's own (of_id), which was closed by then."""

    entry_id: int
    person_id: int | None
    pot_id: int
    of_id: int
    minutes: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the ledger, with what was done that caused it; pot_id, of_id: as models.hours.HoursCount says."""

    pot_id: int
    of_id: int | None
    done: Done
    by: int | None
    words: str
    minutes: int
    overlap: int
    above: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its owner and its approvers read it. counts, overlap, above: sums of its rows in the ledger.

    rows: these; moved: those that are booked in a later pot. locked: the period of its own pot is closed.
    """

    id: int
    person_id: int | None
    kind: Kind
    learning: bool
    minutes: int
    day: dt.date
    begins: dt.datetime | None
    ends: dt.datetime | None
    line: str
    provider: str
    proof: str
    pot_id: int | None
    state: State
    events: Sequence[Event]
    counts: int
    overlap: int
    above: int
    moved: Sequence[Moved] = ()
    locked: bool = False
    rows: Sequence[Row] = ()

    @property
    def booked(self) -> int:
        """What it counts for in its own pot."""
        return self.counts - sum(each.minutes for each in self.moved)

    def claim(self, pot_id: int | None = None) -> Claim:
        """It, as far as counting is about it."""
        pot = pot_id or self.pot_id or 0
        return Claim(self.id, pot, self.kind, self.learning, self.minutes, self.day, self.begins, self.ends)

    @property
    def words(self) -> Event | None:
        """What was last said about it in words."""
        return next((each for each in reversed(self.events) if each.words), None)


@dataclass(frozen=True)
class Sums:
    """Minutes of some entries: what counts, what waits for an approver, what does not count by overlap or rules.

    late: what still waited when its period was closed, and does no longer.
    """

    counts: int = 0
    waiting: int = 0
    above: int = 0
    late: int = 0


def sums(entries: Iterable[Entry], moved: Iterable[Moved] = ()) -> Sums:
    """Of these entries of a pot, and of what was booked in it of earlier pots' entries; or of all pots' together."""
    listed = list(entries)
    return Sums(
        sum(each.booked for each in listed) + sum(each.minutes for each in moved),
        sum(each.minutes for each in listed if each.state == State.SENT and not each.locked),
        sum(each.overlap + each.above for each in listed),
        sum(each.minutes for each in listed if each.state == State.SENT and each.locked),
    )
