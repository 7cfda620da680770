"""In which of a course's communities somebody sits: where a hand put them, else where the LMS's groups do.

A course has one community of its own, and may have others: of a group of the LMS, or made by hand. Their placements are
shared, so that the launch says in which one it is. What is decided here is decided once, at the launch.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from lti_tool.domain import Refused

# The group_id of a course's own community, and how those begin that no group of the LMS has.
OWN = ""
BY_HAND = "hand:"
# So many groups of one person are kept; nobody's are ever counted.
MOST = 200
# Moodle's group ids are numbers of its database (M51).
LONGEST = 20


@dataclass(frozen=True)
class Place:
    """A community of a course, for one person. member: whether they are one of it; by_hand, sits: as of Member."""

    community_id: int
    group_id: str
    archived: bool = False
    by_hand: bool = False
    sits: bool = False
    member: bool = False


@dataclass(frozen=True)
class Decided:
    """In which community somebody sits (None: in none), in which they may, and of which they are none any more."""

    sits: int | None
    may: tuple[int, ...] = ()
    leaves: tuple[int, ...] = ()


class NoPlace(Refused):
    """Somebody is in no group of which the course has a community, and the course's own is no more."""

    def __init__(self) -> None:
        super().__init__("no_place_here")


def decide(places: Sequence[Place], groups: Collection[str] | None) -> Decided:
    """Where somebody sits of a course's communities. groups: those that the launch named; None: it did not say.

    Put by hand goes before the LMS's groups, these before the course's own community. Of several it is the one this
    person sat in last, else the oldest. Who has none any more reads what was archived of theirs. Before it is split a
    course has one community, archived or not.
    """
    if len(places) == 1 and places[0].group_id == OWN:
        return Decided(places[0].community_id, (places[0].community_id,))
    there = sorted((each for each in places if not each.archived), key=lambda each: each.community_id)
    by_hand = [each for each in there if each.by_hand]
    told = by_hand or groups is not None
    if groups is None:
        by_group = [each for each in there if each.sits]
    else:
        by_group = [each for each in there if each.group_id != OWN and each.group_id in groups]
    may = by_hand or by_group or [each for each in there if each.group_id == OWN]
    may = may or [each for each in places if each.archived and each.member]
    ids = tuple(each.community_id for each in may)
    sits = next((each.community_id for each in may if each.sits), ids[0] if ids else None)
    return Decided(sits, ids, tuple(each.community_id for each in there if told and each not in may))


def read_groups(said: str | None) -> frozenset[str] | None:
    """The ids of "3,4" (M51); None where the LMS does not say. What is no group's id counts for nothing."""
    if said is None:
        return None
    ids = (part.strip() for part in said.split(","))
    return frozenset(
        each.lstrip("0") for each in ids if each.isascii() and each.isdecimal() and len(each) <= LONGEST and int(each)
    )


def kept(groups: Iterable[str]) -> str:
    """As Seat.group_ids has them: in order, so that the same groups are the same text."""
    return " ".join(sorted(groups, key=int)[:MOST])


def told_apart(course: str, group_id: str, name: str) -> str:
    """What a community is called in a list of courses: as its course, and where it is not its own also by its name."""
    return course if group_id == OWN else f"{course} · {name}"


def new_group() -> str:
    """The group_id of a community that is made by hand."""
    return BY_HAND + secrets.token_hex(16)
