"""What a run holds and its reader may read, by kind and by link: fetched once for a page or an action."""

import hashlib
from collections.abc import Iterable
from functools import cached_property

from lti_tool.domain import contributions
from lti_tool.domain.cycle import Stage, Turn
from lti_tool.models import Contribution, Link


class Gathered:
    """Contributions and how they hang together. What was withdrawn is not among them, nor a link to it."""

    def __init__(self, items: Iterable[Contribution], links: Iterable[Link]) -> None:
        self.items = {item.id: item for item in items}
        self._all = list(links)
        self._links = [link for link in self._all if link.from_id in self.items and link.to_id in self.items]

    def of(self, *kinds: str) -> list[Contribution]:
        """All of these kinds, oldest first."""
        return [item for item in self.items.values() if item.kind in kinds]

    @cached_property
    def _from(self) -> dict[tuple[str, int], list[Contribution]]:
        found: dict[tuple[str, int], list[Contribution]] = {}
        for link in self._links:
            found.setdefault((link.kind, link.from_id), []).append(self.items[link.to_id])
        return found

    @cached_property
    def _to(self) -> dict[tuple[str, int], list[Contribution]]:
        found: dict[tuple[str, int], list[Contribution]] = {}
        for link in self._links:
            found.setdefault((link.kind, link.to_id), []).append(self.items[link.from_id])
        return found

    @cached_property
    def _leads(self) -> dict[tuple[str, int], list[int]]:
        found: dict[tuple[str, int], list[int]] = {}
        for link in self._all:
            found.setdefault((link.kind, link.from_id), []).append(link.to_id)
        return found

    def ids_from(self, item: Contribution, kind: str) -> list[int]:
        """Ids of what this item links to, here or in another step."""
        return self._leads.get((kind, item.id), [])

    def linked_from(self, item: Contribution, kind: str) -> list[Contribution]:
        """What this item links to."""
        return self._from.get((kind, item.id), [])

    def linked_to(self, item: Contribution, kind: str) -> list[Contribution]:
        """What links to this item."""
        return self._to.get((kind, item.id), [])


def gather(turn: Turn, stage: Stage) -> Gathered:
    """All that may be read now: while all write alone, only one's own."""
    return turn.once("gathered", lambda: Gathered(*contributions.visible(turn, stage)))


def place(turn: Turn, number: int) -> bytes:
    """A sort key, alike for all: neither who wrote first nor who came late shows in the order."""
    return hashlib.sha256(f"{turn.run.id} {number}".encode()).digest()
