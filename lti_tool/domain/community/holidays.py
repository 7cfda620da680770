"""Entering the holidays of a community: no day that is announced ends in one, and none counts as a school day."""

import datetime as dt

from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.community import acts, members
from lti_tool.domain.community.school_days import Holiday, holidays
from lti_tool.models import Community, Member

# The longest one in days, how many are kept, and how far ahead they are entered: a summer, a school year and the next.
LONGEST, MOST, AHEAD = 70, 12, 730


def enter(session: Session, community: Community, by: Member, first: dt.date, last: dt.date, today: dt.date) -> None:
    """Enter one; those that are over are forgotten. What was announced already stays as it was announced."""
    if last < first:
        raise Refused("holiday_backwards")
    if last < today:
        raise Refused("date_passed")
    if (last - first).days >= LONGEST or (last - today).days > AHEAD:
        raise Refused("holiday_too_long")
    members.hold(session, community)
    known = [each for each in holidays(community) if each[1] >= today and each != (first, last)]
    if len(known) >= MOST:
        raise Refused("holidays_enough")
    _keep(session, community, by, [*known, (first, last)], first)


def remove(session: Session, community: Community, by: Member, first: str) -> None:
    """Take one out, by the first day of it as it is listed."""
    members.hold(session, community)
    known = holidays(community)
    left = [each for each in known if each[0].isoformat() != first]
    if len(left) == len(known):
        raise Refused("not_found")
    _keep(session, community, by, left, dt.date.fromisoformat(first))


def _keep(session: Session, community: Community, by: Member, kept: list[Holiday], first: dt.date) -> None:
    community.holidays = " ".join(f"{first_day}/{last_day}" for first_day, last_day in sorted(kept))
    detail: dict[str, str | int] = {"first": first.isoformat(), "kept": len(kept)}
    acts.note(session, community.id, acts.Kind.HOLIDAYS_CHANGED, by, detail=detail)
