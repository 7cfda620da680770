"""The circle: who counts in a community, and who of them is waited for."""

import datetime as dt
from dataclasses import dataclass

from lti_tool.db import now
from lti_tool.models import Community, Course
from lti_tool.text import Text


def called(name: str, number: int) -> Text:
    """What somebody is called: by their name, where the LMS shares it, else by their number in the community."""
    return Text(name or f"Lid {number}", name or f"Member {number}")


def in_a_list(name: str, number: int | None) -> tuple[bool, str, int]:
    """Where somebody is looked for in a list: by name; who has none comes last, by number."""
    return not name, name.casefold(), number or 0


NOBODY: frozenset[int] = frozenset()

# A roster that could not be read for so long is as good as none: somebody says how many colleagues there are.
UNREAD = dt.timedelta(hours=1)

# A decision takes two people, however few are left; in a circle of one that one.
LEAST = 2


@dataclass(frozen=True)
class Circle:
    """members: ids of who belongs to it and is in the course. away: who of them said so themselves; set_away: by
    another's hand. number: how many colleagues there are where the LMS names not all of them, 0 where it does.
    late: who of them came since the stage began: they have a say, nobody waits for them, and no quorum rises by them.
    known: whether it is known who belongs; nothing moves before. left_out: how many others another's hand left out, who
    have not said yes since. lately: who of set_away was set away since the stage began."""

    members: frozenset[int]
    away: frozenset[int] = NOBODY
    set_away: frozenset[int] = NOBODY
    number: int = 0
    late: frozenset[int] = NOBODY
    known: bool = True
    left_out: int = 0
    lately: frozenset[int] = NOBODY

    @property
    def of(self) -> int:
        """Of how many a result is said to be: a circle that was made smaller does not hide of whom it was made."""
        return self.size + self.left_out

    @property
    def size(self) -> int:
        """How many belong to it, known by name or not."""
        return max(len(self.members - self.late), self.number)

    @property
    def everybody(self) -> int:
        """How many there are, whoever came since the stage began among them."""
        return max(self.size, len(self.members))

    @property
    def unknown(self) -> int:
        """How many of them nobody here knows by name."""
        return self.everybody - len(self.members)

    @property
    def expected(self) -> frozenset[int]:
        """Ids of the members who are waited for: in the course and not away."""
        return self.members - self.away - self.set_away - self.late

    @property
    def quorum(self) -> int:
        """How many have to answer for a decision: more than half, not counting who set themselves away.

        Whom another set away is not waited for, and still counts: nobody makes a decision easier by it.
        """
        counted = self.size - len((self.away & self.members) - self.late)
        return 1 if self.size == 1 else max(LEAST, counted // 2 + 1)


def may_be_counted(community: Community, course: Course) -> bool:
    """Whether somebody has to say how many colleagues there are: the LMS names nobody, or did not for UNREAD."""
    unread = course.roster_at is None
    return community.by_roster and unread and (not course.memberships_url or community.founded_at + UNREAD < now())


def is_known(community: Community, course: Course) -> bool:
    """Whether it is known who belongs: who opened it, whom a roster named, or how many somebody said."""
    return not community.by_roster or course.roster_at is not None or community.headcount > 0
