"""The trail: everything an administrator or the operator did, one row each, by page and by command alike.

Written with what was done, and never changed: the database itself refuses it (migration 0032).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.domain.school import access
from lti_tool.models import Course, Deployment, Person
from lti_tool.models.school import School, SchoolAct
from lti_tool.text import Text


class Kind(StrEnum):
    """What was done; in brackets what is noted of it. A code of at most 32 characters."""

    ADMINISTRATOR_ASKED = "administrator_asked"  # to be let in
    ADMINISTRATOR_CAME = "administrator_came"  # by the one-time code
    ADMINISTRATOR_NAMED = "administrator_named"  # power; about whom
    ADMINISTRATOR_ENDED = "administrator_ended"  # power; about whom
    ADMINISTRATOR_REFUSED = "administrator_refused"  # about whom
    TEMPLATE_MARKED = "template_marked"
    TEMPLATE_UNMARKED = "template_unmarked"
    COMMUNITY_ARCHIVED = "community_archived"
    COMMUNITY_DELETED = "community_deleted"  # rows: how many went with it
    COMMUNITY_JOINED = "community_joined"  # people, into: the community that they sit in now
    COMMUNITY_MOVED = (
        "community_moved"  # school: the other one; to: 1 where its course went there, 0 where it came from
    )
    COMMUNITY_PUT = "community_put"  # about whom: they sit in this one of their course by hand
    COMMUNITY_SPLIT = "community_split"  # people, made: the new community; by_group: 1 by a group of the LMS
    COMMUNITY_RESTORED = "community_restored"
    CONTENTS_REMOVED = "contents_removed"  # cycles: how many; yields: kept or gone; by the worker
    CYCLE_BEGUN = "cycle_begun"
    CYCLE_ENDED = "cycle_ended"
    CYCLE_PAUSED = "cycle_paused"  # until
    DEPLOYMENT_HELD = "deployment_held"  # deployment, how: paused or withdrawn
    DEPLOYMENT_APPROVED = "deployment_approved"  # deployment
    FACILITATOR_NAMED = "facilitator_named"  # about whom
    ROSTER_ASKED = "roster_asked"
    STANDING_CORRECTED = "standing_corrected"  # chosen; about whom
    PLATFORM_MOVED = "platform_moved"  # platform: which one came in; courses: how many
    PLATFORM_MOVED_BACK = "platform_moved_back"  # the same
    YEAR_TURN_APPLIED = "year_turn_applied"  # what, communities
    HOURS_HANDED = "hours_handed"  # about whom: an address of their own hours was made for them
    HOURS_CARRIED = "hours_carried"  # of a community: its pots whose period was over, closed
    POT_APPROVER = "pot_approver"  # pot, named: 1, or 0 for no longer; about whom, nobody for who is still to be met
    POT_CARRIES = "pot_carries"  # pot, periods, surplus
    POT_CLOSED = "pot_closed"  # pot, next
    POT_DECIDED = "pot_decided"  # pot
    POT_HOLDER = "pot_holder"  # pot; about whom
    POT_LIFTED = "pot_lifted"  # pot, joined: how many others became one with it
    POT_MADE = "pot_made"  # pot
    POT_OPENED = "pot_opened"  # pot, communities: how many it is open to; or everywhere
    POT_STOPPED = "pot_stopped"  # pot
    PROVISION_APPLIED = "provision_applied"  # lines: in the list; changed: how many of them
    PROVISION_BOUND = "provision_bound"  # line: which course it is, chosen by hand
    PROVISION_PICKED = "provision_picked"  # role; about whom: chosen by hand from the roster
    PROVISION_TAKEN_BACK = "provision_taken_back"  # role; about whom: no longer on the list
    SCHOOL_NAMED = "school_named"
    SCHOOL_OPENS = "school_opens"  # day, before which it is closed; or open
    SCHOOL_SPLIT = "school_split"  # courses: how many; school: which was made of them
    SCHOOLS_JOINED = "schools_joined"  # school: which one came in
    SETTING_CLEARED = "setting_cleared"  # setting
    SETTING_SET = "setting_set"  # setting, value: of a list how many there are


@dataclass(frozen=True)
class Actor:
    """Who does something to a school: an administrator, or with None the operator by a command."""

    person_id: int | None = None


OPERATOR = Actor()


def note(
    session: Session,
    kind: Kind,
    by: Actor,
    *,
    school_id: int | None = None,
    registration_id: int | None = None,
    course_id: int | None = None,
    community_id: int | None = None,
    about_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add what was done to the trail; detail: numbers and codes, never what somebody wrote or is called."""
    session.add(
        SchoolAct(
            kind=kind,
            person_id=by.person_id,
            school_id=school_id,
            registration_id=registration_id,
            course_id=course_id,
            community_id=community_id,
            about_id=about_id,
            detail=dict(detail or {}),
        )
    )


def last(session: Session, school_id: int, kind: Kind) -> Actor:
    """Who did this last in a school: by whom it is what follows of it later."""
    query = select(SchoolAct.person_id).where(SchoolAct.school_id == school_id, SchoolAct.kind == kind)
    return Actor(session.scalar(query.order_by(SchoolAct.id.desc()).limit(1)))


# Reading it


@dataclass(frozen=True)
class Read:
    """An act as it is read. by: who did it, None for a command; about: whom it concerns, None for nobody; course:
    which course, "" for none, or one that is gone."""

    kind: Kind
    by: Text | None
    about: Text | None
    course: str
    detail: Mapping[str, Any]
    at: dt.datetime


# Of whom there is no name, and yet somebody did it.
NAMELESS = Text("–", "–")
# What concerns somebody as an administrator: there they have a number. What concerns them in a community does not say
# which administrator it was.
_AS_ADMINISTRATOR = frozenset(
    {
        Kind.ADMINISTRATOR_ASKED,
        Kind.ADMINISTRATOR_CAME,
        Kind.ADMINISTRATOR_NAMED,
        Kind.ADMINISTRATOR_ENDED,
        Kind.ADMINISTRATOR_REFUSED,
    }
)


def read(session: Session, school_id: int, kind: Kind | None, begin: int, number: int) -> list[Read]:
    """The acts of a school, newest first: so many from the one at `begin`, counted from 0; of one kind, or all."""
    by, about = aliased(Person), aliased(Person)
    query = (
        select(SchoolAct, by, about, Course.title)
        .outerjoin(by, by.id == SchoolAct.person_id)
        .outerjoin(about, about.id == SchoolAct.about_id)
        .outerjoin(Course, Course.id == SchoolAct.course_id)
        .where(_of(school_id), SchoolAct.kind.in_([kind] if kind else list(Kind)))
        .order_by(SchoolAct.id.desc())
        .offset(begin)
        .limit(number)
    )
    numbered = access.numbered(session, school_id)
    return [
        Read(
            kind=Kind(act.kind),
            by=called(who, numbered) if who is not None else None,
            about=called(whom, numbered if act.kind in _AS_ADMINISTRATOR else {}) if whom is not None else None,
            course=course or "",
            detail=act.detail,
            at=act.at,
        )
        for act, who, whom, course in session.execute(query)
    ]


def called(person: Person, numbered: Mapping[int, Text]) -> Text:
    """What somebody who did something is called. numbered: who has no name, as access.numbered says."""
    return Text(person.name, person.name) if person.name else numbered.get(person.id, NAMELESS)


def kinds(session: Session, school_id: int) -> list[Kind]:
    """Of which kinds there are any."""
    there = set(session.scalars(select(SchoolAct.kind).where(_of(school_id)).distinct()))
    return [kind for kind in Kind if kind in there]


def _of(school_id: int) -> ColumnElement[bool]:
    """What was done for a school, for one that was joined with it, or for the platform of its deployments."""
    joined = select(School.id).where(School.joined_id == school_id)
    platforms = select(Deployment.registration_id).where(Deployment.school_id == school_id)
    return or_(
        SchoolAct.school_id == school_id,
        SchoolAct.school_id.in_(joined),
        SchoolAct.school_id.is_(None) & SchoolAct.registration_id.in_(platforms),
    )
