"""Putting one person by hand into one of a course's communities, and out of the others: where no split is meant."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.community import leaving, members, roster
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school import schools, several
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.models import Community, Member, Seat, Standing


def put(session: Session, by: Actor, community: Community, person_id: int, steps: Steps) -> None:
    """Have somebody of the course sit in this community from now on, and in no other of it, whatever the LMS's groups.

    What nobody has read of theirs in the one they leave goes (community.leaving). Refused("no_such_member") for who is
    not in the course, "left_by_choice" for who left this one by their own word, and during a meeting.
    """
    others = several.others(session, community)
    several.hold(session, community, *others)
    seat = session.scalars(
        select(Seat).filter_by(course_id=community.course_id, person_id=person_id, present=True)
    ).one_or_none()
    if seat is None:
        raise Refused("no_such_member")
    ids = [community.id, *(each.id for each in others)]
    query = select(Member).where(Member.community_id.in_(ids), Member.person_id == person_id)
    theirs = {each.community_id: each for each in session.scalars(query)}
    member = theirs.pop(community.id, None)
    if member is not None and member.standing == Standing.APART:
        raise Refused("left_by_choice")
    sat = {number: each for number, each in theirs.items() if each.standing not in several.NOWHERE}
    several.refuse_if_busy(session, community, *(each for each in others if each.id in sat))
    learner = "instructor" not in (seat.launch_role, seat.roster_role)
    standing = Standing.MEMBER if learner else Standing.ASKED
    if sat:
        member = several.seat(session, community, next(iter(sat.values())))
    elif member is None:
        member = roster.seat_in(session, community, person_id, standing)
    elif member.standing == Standing.ELSEWHERE:
        members.sit_again(member, learner)
    member.by_hand = member.sits = True
    for each in others:
        if (left := sat.get(each.id)) is not None:
            members.go_elsewhere(left)
            session.flush()
            leaving.clear(session, each, [left.id], steps)
    schools.note(session, Kind.COMMUNITY_PUT, by, community, about_id=person_id)
    session.flush()
