"""Whom a list makes a facilitator and who has not come yet: for how a school's courses stand.

Not who is in trouble (two are called so, they left the circle), nor who is waited for longer than LATE: these are found
by nobody but a person, so that their course wants a hand like one without a list.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from lti_tool.db import now
from lti_tool.domain.community.circle import called
from lti_tool.domain.community.seating import OWN
from lti_tool.models import Community, Member, Person
from lti_tool.models.provision import ProvisionLine, ProvisionPart, Role
from lti_tool.text import Text

# After so long it is listed that somebody is not there yet.
LATE = dt.timedelta(days=30)

_OF_COMMUNITY = and_(
    ProvisionLine.course_id == Community.course_id,
    or_(
        ProvisionLine.community_id == Community.id,
        and_(ProvisionLine.community_id.is_(None), Community.group_id == OWN),
    ),
)
_NOT_YET = and_(
    ProvisionPart.role == Role.FACILITATOR,
    ProvisionPart.in_force_at.is_(None),
    ProvisionPart.trouble.is_(None),
    ProvisionPart.listed,
    ProvisionLine.listed,
)


@dataclass(frozen=True)
class Expected:
    """Somebody of whom it is so. name: None where nobody in the course was found by what the list calls them.

    late: whether they are waited for longer than LATE.
    """

    name: Text | None
    late: bool


def is_expected() -> ColumnElement[bool]:
    """Of a query of communities: whether somebody is to facilitate there, and is not late."""
    since = ProvisionPart.since > now() - LATE
    part = select(ProvisionPart.id).join(ProvisionLine, ProvisionLine.id == ProvisionPart.line_id)
    return exists(part.where(_OF_COMMUNITY, _NOT_YET, since).correlate(Community))


def people(community_ids: Collection[int]) -> Select[int, int | None, str | None, dt.datetime | None]:
    """A row for each who is to facilitate one of these: community, their number in it, name, since when they are
    waited for. Number and name are NULL where nobody was found."""
    return (
        select(Community.id, Member.number, Person.name, ProvisionPart.since)
        .join(ProvisionLine, _OF_COMMUNITY)
        .join(ProvisionPart, ProvisionPart.line_id == ProvisionLine.id)
        .outerjoin(Person, Person.id == ProvisionPart.person_id)
        .outerjoin(Member, (Member.community_id == Community.id) & (Member.person_id == Person.id))
        .where(Community.id.in_(community_ids), _NOT_YET)
    )


def somebody(number: int | None, name: str | None, since: dt.datetime) -> Expected:
    """One of these rows."""
    return Expected(called(name or "", number or 0) if name or number else None, since <= now() - LATE)
