"""Practising: a community of pretended colleagues, for one person and one day.

It is a course of its own, that no LMS knows, in a school of its own: so it is in no list, has no roster, no column and
no hours to give, and shares nothing. It goes with everything in it by the foreign keys (domain/removal).
"""

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import insert_row, now
from lti_tool.domain import cycle, outbox, removal
from lti_tool.domain.cycle import Steps
from lti_tool.models import Community, Course, Launch, Member, Person, Practice, Seat, Standing
from lti_tool.models.school import School
from lti_tool.text import Text

LASTS = dt.timedelta(days=1)
# Who is pretended comes from no LMS.
ISSUER = "practice"
CALLED = Text("Oefenen", "Practice")
# Whoever practises facilitates, whatever they are elsewhere.
ROLES = "instructor"


def of_person(session: Session, person_id: int) -> Practice | None:
    """Somebody's practice, while there is one."""
    found = session.scalars(select(Practice).where(Practice.person_id == person_id)).one_or_none()
    return found if found is not None and found.until > now() else None


def begin(session: Session, launch: Launch, names: Sequence[str], locale: str, steps: Steps) -> tuple[Community, bool]:
    """The community with whom the person of a launch practises, and whether it is new: there is one at most."""
    # Of two who press at once, on a phone and a laptop, the second waits here and finds the first one's.
    session.scalars(select(Person.id).where(Person.id == launch.person_id).with_for_update()).one()
    known = session.scalars(select(Practice).where(Practice.person_id == launch.person_id)).one_or_none()
    if known is not None and known.until > now():
        return session.scalars(select(Community).where(Community.course_id == known.course_id)).one(), False
    if known is not None:
        throw_away(session, known)
    moment, school = now(), School()
    session.add(school)
    session.flush()
    course = Course(
        deployment_id=launch.deployment_id,
        school_id=school.id,
        context_id=f"practice-{secrets.token_hex(16)}",
        title=CALLED.of(locale),
        roster={"members": len(names) + 1, "new": 0, "gone": 0},
        roster_at=moment,
    )
    session.add(course)
    session.flush()
    community = Community(course_id=course.id, name=CALLED.of(locale), locale=locale)
    practice = Practice(course_id=course.id, person_id=launch.person_id, until=moment + LASTS)
    session.add_all([community, practice])
    session.flush()
    cycle.found(session, community)
    me = _seat(session, community, launch.person_id, 1, ROLES)
    me.facilitates, me.facilitated_on = True, moment.date()
    for number, name in enumerate(names, 2):
        person = Person(issuer=ISSUER, realm=course.context_id, sub=str(number), name=name)
        session.add(person)
        session.flush()
        _seat(session, community, person.id, number, "learner")
    session.flush()
    cycle.begin_first(session, community, steps, me)
    outbox.put(session, outbox.Kind.PRACTICE, str(practice.id), due_at=practice.until, practice=practice.id)
    return community, True


def _seat(session: Session, community: Community, person_id: int, number: int, role: str) -> Member:
    session.add(Seat(course_id=community.course_id, person_id=person_id, launch_role=role, roster_role="learner"))
    member = Member(community_id=community.id, person_id=person_id, number=number, standing=Standing.MEMBER)
    session.add(member)
    return member


def enter(session: Session, launch: Launch, community: Community) -> str:
    """A launch of the practice, in the browser of another launch of the same person; its id."""
    made = secrets.token_hex(16)
    insert_row(
        session,
        Launch,
        id=made,
        session_hash=launch.session_hash,
        person_id=launch.person_id,
        deployment_id=launch.deployment_id,
        course_id=community.course_id,
        community_id=community.id,
        roles=ROLES,
        locale=launch.locale,
        reopen_url=launch.reopen_url,
        frame_ancestors=launch.frame_ancestors,
    )
    return made


def colleagues(session: Session, community: Community) -> list[Member]:
    """Who is pretended, in order."""
    query = select(Member).join(Person, Person.id == Member.person_id).where(Person.issuer == ISSUER)
    return list(session.scalars(query.where(Member.community_id == community.id).order_by(Member.number)))


def throw_away(session: Session, practice: Practice) -> None:
    """It goes, with everything in it: what was written, who was pretended, and its school."""
    session.flush()
    removal.carry_out(session, removal.of(session, Course, practice.course_id))
    session.expire_all()


def on_day(session: Session, number: int) -> str | None:
    """Its day is over; why there was nothing to do, where it had gone."""
    found = session.get(Practice, number, with_for_update=True)
    if found is None:
        return "gone_already"
    throw_away(session, found)
    return None
