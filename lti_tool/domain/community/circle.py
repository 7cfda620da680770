"""The circle: who counts in a community, and who of them is waited for."""

from dataclasses import dataclass

NOBODY: frozenset[int] = frozenset()

# A decision takes two people, however few are left; in a circle of one that one.
LEAST = 2


@dataclass(frozen=True)
class Circle:
    """members: ids of who belongs to it and is in the course. away: who of them said so themselves; set_away: by
    another's hand. number: how many colleagues there are where the LMS names not all of them, 0 where it does."""

    members: frozenset[int]
    away: frozenset[int] = NOBODY
    set_away: frozenset[int] = NOBODY
    number: int = 0

    @property
    def size(self) -> int:
        """How many belong to it, known by name or not."""
        return max(len(self.members), self.number)

    @property
    def unknown(self) -> int:
        """How many of them nobody here knows by name."""
        return self.size - len(self.members)

    @property
    def expected(self) -> frozenset[int]:
        """Ids of the members who are waited for: in the course and not away."""
        return self.members - self.away - self.set_away

    @property
    def quorum(self) -> int:
        """How many have to answer for a decision: more than half, not counting who set themselves away.

        Whom another set away is not waited for, and still counts: nobody makes a decision easier by it.
        """
        counted = self.size - len(self.away & self.members)
        return 1 if self.size == 1 else max(LEAST, counted // 2 + 1)
