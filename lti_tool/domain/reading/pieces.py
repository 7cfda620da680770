"""What is read, as values that nobody can change: pieces, how they hang together, and what was said in a round."""

import datetime as dt
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lti_tool.domain.reading.things import Phase


@dataclass(frozen=True)
class Piece:
    """Something a member brought in, as it was when it was read. Two are the same when their ids are.

    id: drawn, so that it says nothing of who wrote first. phase: of the step it is in; settled: whether that step is
    completed.
    """

    id: int
    kind: str = field(compare=False)
    run_id: int = field(compare=False)
    member_id: int = field(compare=False)
    body: Mapping[str, Any] = field(compare=False)
    version: int = field(compare=False)
    created_at: dt.datetime = field(compare=False)
    updated_at: dt.datetime = field(compare=False)
    phase: Phase = field(compare=False)
    settled: bool = field(compare=False)


@dataclass(frozen=True)
class Tie:
    """How one piece stands to another: answers, merged into, evidence of, built from, realises."""

    from_id: int
    kind: str
    to_id: int


@dataclass(frozen=True)
class Earlier:
    """What a piece said before it was changed. until: when it was."""

    version: int
    member_id: int
    body: Mapping[str, Any]
    until: dt.datetime


@dataclass(frozen=True)
class Given:
    """An answer in a round, and what was said with it: a concern, an objection's harm and proposal, what is missing."""

    id: int
    round_id: int
    member_id: int
    answer: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class File:
    """A file of a piece, without its content. size: in bytes."""

    id: int
    piece_id: int
    media_type: str
    size: int


@dataclass(frozen=True)
class Noted:
    """What a note-taker wrote down for somebody, waiting for that person's yes. body: the form as it would be sent."""

    id: int
    action: str
    body: Mapping[str, Any]
    taker_id: int


@dataclass(frozen=True)
class Tally:
    """What one piece got: dots, and from how many people. told: whether a page may say these numbers.

    of: how many the circle was, 0 where nobody kept that.
    """

    dots: int
    people: int
    told: bool = True
    of: int = 0


@dataclass(frozen=True)
class Answers:
    """How many people answered in a round, and how often each answer was given: None where that is not told."""

    people: int
    given: Mapping[str, int] | None

    def of(self, *answers: str) -> int | None:
        """How often one of these was given."""
        return None if self.given is None else sum(self.given.get(each, 0) for each in answers)


# A total over no more people than this tells each of them what the other said.
TRACED = 2


def shows_each(said: Collection[Hashable]) -> bool:
    """Whether a total of what so many said would show what each did: it is of one or two, or they all said the same."""
    return 0 < len(said) <= TRACED or len(set(said)) == 1


class Gathered:
    """Pieces and how they hang together. What was withdrawn is not among them, nor a tie to it.

    They come in the order of their ids, which is drawn, is the same for everybody, and tells neither who wrote first
    nor who came late. items: by id, oldest first.
    """

    def __init__(self, items: Iterable[Piece], ties: Iterable[Tie]) -> None:
        self.items = {item.id: item for item in items}
        self._all = list(ties)
        self._ties = [tie for tie in self._all if tie.from_id in self.items and tie.to_id in self.items]

    def of(self, *kinds: str) -> list[Piece]:
        """All of these kinds, in the order that was drawn."""
        return _drawn(item for item in self.items.values() if item.kind in kinds)

    def written(self, *kinds: str) -> list[Piece]:
        """The same, oldest first: for what is the community's, or bears a name; other pieces never, on a page."""
        return [item for item in self.items.values() if item.kind in kinds]

    def last(self, kind: str) -> Piece | None:
        """The newest of a kind."""
        return next((item for item in reversed(self.items.values()) if item.kind == kind), None)

    def settled(self) -> "Gathered":
        """Only what is of completed steps."""
        return Gathered((item for item in self.items.values() if item.settled), self._all)

    def revealed(self) -> "Gathered":
        """Nothing of a step in which everybody still writes alone, one's own neither."""
        return Gathered((item for item in self.items.values() if item.phase != Phase.ALONE), self._all)

    def of_run(self, run_id: int) -> "Gathered":
        """Only what is of one step."""
        return Gathered((item for item in self.items.values() if item.run_id == run_id), self._all)

    def beside(self, others: Iterable[Piece]) -> "Gathered":
        """The same with pieces of elsewhere that it leads to."""
        return Gathered([*self.items.values(), *others], self._all)

    @cached_property
    def _from(self) -> dict[tuple[str, int], list[Piece]]:
        found: dict[tuple[str, int], list[Piece]] = {}
        for tie in self._ties:
            found.setdefault((tie.kind, tie.from_id), []).append(self.items[tie.to_id])
        return found

    @cached_property
    def _to(self) -> dict[tuple[str, int], list[Piece]]:
        found: dict[tuple[str, int], list[Piece]] = {}
        for tie in self._ties:
            found.setdefault((tie.kind, tie.to_id), []).append(self.items[tie.from_id])
        return {key: _drawn(items) for key, items in found.items()}

    @cached_property
    def _leads(self) -> dict[tuple[str, int], list[int]]:
        found: dict[tuple[str, int], list[int]] = {}
        for tie in self._all:
            found.setdefault((tie.kind, tie.from_id), []).append(tie.to_id)
        return found

    def ids_from(self, item: Piece, kind: str) -> list[int]:
        """Ids of what this item leads to, here or in another step."""
        return self._leads.get((kind, item.id), [])

    def linked_from(self, item: Piece, kind: str) -> list[Piece]:
        """What this item leads to, as whoever made it put it."""
        return self._from.get((kind, item.id), [])

    def linked_to(self, item: Piece, kind: str) -> list[Piece]:
        """What leads to this item, in the order that was drawn."""
        return self._to.get((kind, item.id), [])


def _drawn(items: Iterable[Piece]) -> list[Piece]:
    return sorted(items, key=lambda item: item.id)
