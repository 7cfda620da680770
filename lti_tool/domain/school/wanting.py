"""What wants a hand: each as a condition of a query of communities, so that a list of them is found by the database."""

import datetime as dt
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, ColumnExpressionArgument, Select, and_, exists, or_, select, union_all
from sqlalchemy.orm import aliased

from lti_tool.db import now
from lti_tool.domain.community.access import FACILITATING
from lti_tool.domain.hours import approvals
from lti_tool.domain.participation import Passback
from lti_tool.domain.school.provision import expected
from lti_tool.domain.thread import requests
from lti_tool.models import (
    Alarm,
    Community,
    Course,
    Cycle,
    Deployment,
    LineItem,
    Member,
    PlatformRest,
    Practice,
    ResourceLink,
    Seat,
    Standing,
)
from lti_tool.models.copying import Template

Columns = TypeVarTuple("Columns")

# A cycle that went to no other stage for so long stands still.
STILL = dt.timedelta(weeks=4)


class Want(StrEnum):
    """What may want a hand. ARCHIVED: nothing; it is where what was laid aside is found. Of a template course nothing
    does: nobody works there.

    NO_FACILITATOR: and the school's list names nobody who is still to come.

    OVERDUE: something was asked, and nobody answers: of the leadership by the day that was asked for, of who approves
    hours for two weeks; or whoever leads left, and nobody came after.
    """

    UNOPENED = "unopened"
    NO_FACILITATOR = "no_facilitator"
    STILL = "still"
    COLUMN_GONE = "column_gone"
    PLATFORM_DOWN = "platform_down"
    LEADER_GONE = "leader_gone"
    OVERDUE = "overdue"
    ARCHIVED = "archived"


def of_school(query: Select[*Columns], school_id: int | None) -> Select[*Columns]:
    """Of a query of courses those that belong to a school; None: all, for the operator."""
    if school_id is None:
        return query.where(Course.id.not_in(select(Practice.course_id)))
    own = select(Deployment.id).where(Deployment.school_id == school_id)
    return query.where(
        or_(Course.school_id == school_id, and_(Course.school_id.is_(None), Course.deployment_id.in_(own)))
    )


def _here(*conditions: ColumnExpressionArgument[bool]) -> ColumnElement[bool]:
    """Whether the community has a member like this who sits in its course."""
    return exists(
        select(Member.id)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == Community.course_id))
        .where(Member.community_id == Community.id, Seat.present, *conditions)
        .correlate(Community)
    )


LEADS = or_(Member.standing == Standing.LEADER, Member.leads)
_OPENED = exists().where(
    Member.community_id == Community.id,
    Member.standing == Standing.MEMBER,
    Member.opened_at.is_not(None),
    Member.facilitates.is_(False),
)
_GUIDED = _here(Member.facilitates, Member.standing.in_(FACILITATING))
# Whether nobody does something any more is asked of those communities only that somebody left: they are few.
_LEFT = aliased(Community)
_SEATS = select(Seat.course_id, Seat.person_id).where(~Seat.present).distinct().cte("left")
_LEAVERS = (
    select(Member.community_id)
    .select_from(_SEATS)
    .join(_LEFT, _LEFT.course_id == _SEATS.c.course_id)
    .join(Member, (Member.community_id == _LEFT.id) & (Member.person_id == _SEATS.c.person_id))
)
_LED = _LEAVERS.where(LEADS)
_APPOINTED = exists().where(Member.community_id == Community.id, Member.facilitates, Member.standing.in_(FACILITATING))
_GONE = (
    select(ResourceLink.course_id)
    .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
    .where(LineItem.gone, ResourceLink.passback != Passback.NONE)
)
TEMPLATES = select(Template.course_id)
DOWN = select(PlatformRest.registration_id).union(select(Alarm.registration_id).where(Alarm.course_id.is_(None)))


def _is_still() -> ColumnElement[bool]:
    under_way = (Cycle.closed_at.is_(None), Cycle.paused_until.is_(None))
    return Community.id.in_(select(Cycle.community_id).where(*under_way, Cycle.moved_at < now() - STILL))


def hours_overdue(communities: Collection[int] | None = None) -> Select[int]:
    """The communities (all, or of these) in which hours wait too long for whoever approves them."""
    return approvals.overdue(now() - approvals.LONG, communities)


def condition(want: Want) -> ColumnElement[bool]:
    """Of a query of communities and courses those that want this."""
    if want == Want.ARCHIVED:
        return Community.archived_at.is_not(None)
    led = Community.id.in_(_LED) & ~_here(LEADS)
    # As one list of communities: of several joined by "or" each is looked up for every community there is.
    leaderless = select(Community.id).where(led).correlate(None)
    asked = Community.id.in_(union_all(requests.of(now().date()), hours_overdue(), leaderless))
    unguided = or_(~_APPOINTED, Community.id.in_(_LEAVERS.where(Member.facilitates))) & ~_GUIDED
    of: Mapping[Want, ColumnElement[bool]] = {
        Want.UNOPENED: ~_OPENED,
        Want.NO_FACILITATOR: unguided & ~expected.is_expected(),
        Want.COLUMN_GONE: Community.course_id.in_(_GONE),
        Want.PLATFORM_DOWN: Course.deployment_id.in_(select(Deployment.id).where(Deployment.registration_id.in_(DOWN))),
        Want.LEADER_GONE: led,
        Want.OVERDUE: asked,
    }
    wants = _is_still() if want == Want.STILL else of[want]
    # Last: of five thousand few are asked it then.
    return Community.archived_at.is_(None) & wants & Community.course_id.not_in(TEMPLATES)
