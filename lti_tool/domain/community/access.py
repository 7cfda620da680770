"""What somebody is in a community. What that lets them read stands in reading/things.py, in one table.

The LMS role gives no power here; it only tells who is asked what they want to be.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol

from lti_tool.models import Standing


class Audience(StrEnum):
    """What somebody is, for one community."""

    MEMBER = "member"
    FACILITATOR = "facilitator"
    LEADER = "leader"
    ASKED = "asked"
    ADMINISTRATOR = "administrator"
    GUEST = "guest"
    APPROVER = "approver"  # of hours, who came by an approve activity and as nothing else


COMMUNITY = frozenset({Audience.MEMBER, Audience.FACILITATOR})
FACILITATOR = frozenset({Audience.FACILITATOR})
FOLLOWERS = COMMUNITY | {Audience.LEADER}
# Whom a pot can name as approver.
APPROVERS = FOLLOWERS | {Audience.APPROVER}
EVERYBODY = frozenset(Audience)

# Who is asked something first: what they do here, or whether they take part again.
UNANSWERED = frozenset({Standing.ASKED, Standing.APART})
# As what somebody can facilitate.
FACILITATING = frozenset({Standing.MEMBER, Standing.OUTSIDE})


# In what role of the LMS somebody belongs to a course at all.
COURSE_ROLES = frozenset({"instructor", "learner"})


class Standed(Protocol):
    """A member, as far as it tells what somebody is: the whole row, or these two columns of it."""

    @property
    def standing(self) -> Standing: ...
    @property
    def facilitates(self) -> bool: ...


def in_course(member: Standed | None, roles: Collection[str]) -> frozenset[Audience]:
    """All that somebody is who came with these roles of the LMS: who has none in the course any more is no member."""
    return audiences(member if COURSE_ROLES & set(roles) else None, "administrator" in roles)


def audiences(member: Standed | None, administrator: bool) -> frozenset[Audience]:
    """All that somebody is at once: a facilitator who takes part is a member too."""
    found = set()
    if member is not None:
        if member.standing == Standing.MEMBER:
            found.add(Audience.MEMBER)
        if member.standing == Standing.LEADER:
            found.add(Audience.LEADER)
        if member.standing in UNANSWERED:
            found.add(Audience.ASKED)
        # A leader stays outside, and so does who has not answered yet, whatever else is noted of them.
        if member.facilitates and member.standing in FACILITATING:
            found.add(Audience.FACILITATOR)
    if administrator:
        found.add(Audience.ADMINISTRATOR)
    return frozenset(found or {Audience.GUEST})
