"""Where else in a course somebody may sit, or read what was archived of theirs: a quiet way, for who has any.

A launch is in one community for as long as it lasts: whoever goes to another goes there with a launch of its own, so
that a page left open in the first stays in that one, and what is typed there goes nowhere else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from lti_tool.db import insert_row
from lti_tool.domain import Refused
from lti_tool.domain.community import members, roster, seating
from lti_tool.models import Community, Course, Launch, Member, Seat, Standing


@dataclass(frozen=True)
class Other:
    """Another community of the course, for somebody. archived: it is there to be read."""

    community_id: int
    name: str
    archived: bool


def others(session: Session, course: Course, person_id: int, but: int) -> Sequence[Other]:
    """Where else somebody may sit in this course, and what was archived of theirs; but: the id of where they are."""
    query = (
        select(Community, Member, Seat.group_ids)
        .join(Seat, (Seat.course_id == Community.course_id) & (Seat.person_id == person_id))
        .outerjoin(Member, (Member.community_id == Community.id) & (Member.person_id == person_id))
        .where(Community.course_id == course.id)
        .order_by(Community.id)
    )
    rows = session.execute(query).all()
    told = rows[0][2] if rows else None
    places = [roster.place_of(community, member) for community, member, _ in rows]
    may = seating.decide(places, None if told is None else told.split()).may
    member_of = {place.community_id for place in places if place.member}
    return [
        Other(community.id, community.name, community.archived_at is not None)
        for community, member, _ in rows
        if community.id != but
        and (
            (community.archived_at is None and community.id in may)
            or (community.archived_at is not None and community.id in member_of and member.standing != Standing.APART)
        )
    ]


def memberships(session: Session, course: Course, member: Member) -> list[tuple[Community, Member]]:
    """The other communities of the course that somebody is or was one of, with what they are there."""
    query = (
        select(Community, Member)
        .join(Member, Member.community_id == Community.id)
        .where(Community.course_id == course.id, Member.person_id == member.person_id, Member.id != member.id)
        .order_by(Community.id)
    )
    return [(community, mine) for community, mine in session.execute(query)]


def go(session: Session, launch: Launch, course: Course, community_id: int, new_id: str) -> None:
    """Open a launch in another community, as `launch` was opened in this one; Refused("not_your_place").

    Of those at work it is the one this person sits in from now on. new_id: of the new launch; opened twice it is one.
    """
    found = others(session, course, launch.person_id, launch.community_id or 0)
    to = next((each for each in found if each.community_id == community_id), None)
    if to is None:
        raise Refused("not_your_place")
    if not to.archived:
        _sit(session, course, community_id, launch.person_id)
    if session.get(Launch, new_id) is None:
        kept = {each.key: getattr(launch, each.key) for each in inspect(Launch).column_attrs}
        for name in ("created_at", "handover_hash", "handover_expires_at", "storage_proof"):
            kept.pop(name)
        insert_row(session, Launch, **kept | {"id": new_id, "community_id": community_id})


def _sit(session: Session, course: Course, community_id: int, person_id: int) -> None:
    community = session.get_one(Community, community_id)
    seat = session.scalars(select(Seat).filter_by(course_id=course.id, person_id=person_id)).one()
    learner = "instructor" not in (seat.launch_role, seat.roster_role)
    standing = Standing.MEMBER if learner else Standing.ASKED
    query = select(Member).join(Community, Community.id == Member.community_id)
    theirs = session.scalars(query.where(Community.course_id == course.id, Member.person_id == person_id)).all()
    member = next((each for each in theirs if each.community_id == community_id), None)
    if member is None:
        member = roster.seat_in(session, community, person_id, standing)
    if member.standing == Standing.ELSEWHERE:
        members.sit_again(member, learner)
    members.open_first(member, standing)
    for each in {member, *theirs}:
        each.sits = each is member
    session.flush()


def seat_also(session: Session, member: Member) -> None:
    """Somebody was put into a community of a course that has several, and stays in those where they sit already."""
    course = select(Community.course_id).where(Community.id == member.community_id).scalar_subquery()
    sits = (
        select(Member, Seat.group_ids)
        .join(Community, Community.id == Member.community_id)
        .join(Seat, (Seat.course_id == Community.course_id) & (Seat.person_id == Member.person_id))
        .where(Community.course_id == course, Community.archived_at.is_(None))
        .where(Member.person_id == member.person_id, Member.standing.not_in((Standing.ELSEWHERE, Standing.APART)))
        .order_by(Member.id != member.id, Member.id)
    )
    for each, groups in session.execute(sits).all():
        keep_here(session, each, (groups or "").split())


def keep_here(session: Session, member: Member, groups: Collection[str]) -> None:
    """Somebody stays where they are: where the LMS's groups would put them elsewhere, by hand."""
    course = select(Community.course_id).where(Community.id == member.community_id).scalar_subquery()
    query = (
        select(Community, Member)
        .outerjoin(Member, (Member.community_id == Community.id) & (Member.person_id == member.person_id))
        .where(Community.course_id == course)
    )
    places = [roster.place_of(*row) for row in session.execute(query).all()]
    if member.community_id not in seating.decide(places, frozenset(groups)).may:
        member.by_hand = True
        session.flush()
