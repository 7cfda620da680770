"""Away until a date: nobody waits for whoever is. No reason is asked, and no act or log names a person.

How many were set away by another's hand stands with each decision (rounds.close), never who. When somebody was away is
kept until they tap that they are here, or, where another set them away, until their time to object is over.
"""

import datetime as dt

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, object_session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, version
from lti_tool.domain.community.school_days import days_off, school_days
from lti_tool.domain.cycle import midnights
from lti_tool.models import Community, Member, Seat, Standing

LONGEST = dt.timedelta(days=366)
# Whoever was away by another's hand has so long from their first launch after it to object to what was decided.
OBJECTING = dt.timedelta(days=14)
# What a form proposes: a week of school, from tomorrow on.
USUAL = 5


def proposed(community: Community, today: dt.date) -> dt.date:
    """The last day that a form proposes."""
    return school_days(today, USUAL, days_off(community))


def is_away(member: Member) -> bool:
    """Whether nobody waits for this person now."""
    return member.away_until is not None and member.away_until > now()


def was_away(member: Member) -> bool:
    """Whether this person is to be told what was decided while they were away."""
    return member.away_until is not None


def may_object(member: Member, decided_at: dt.datetime) -> bool:
    """Whether what was decided then may still meet this person's objection: they were away, by another's hand."""
    since, seen = member.away_since, member.away_seen_at
    if since is None or member.away_own or decided_at < since:
        return False
    # What was decided after they had come back, they were there for.
    return seen is None or (now() < seen + OBJECTING and (decided_at < seen or member.away_until is not None))


def set_own(session: Session, community: Community, member: Member, last: dt.date, *, zone: dt.tzinfo) -> None:
    """Be away until the end of a day, by one's own word; also where another had said so."""
    _set(session, community, member, last, own=True, zone=zone)


def set_other(
    session: Session, community: Community, by: Member, member: Member, last: dt.date, *, zone: dt.tzinfo
) -> None:
    """Set somebody else of the circle away. Refused("away_already") where they said so themselves."""
    if member.id == by.id:
        set_own(session, community, member, last, zone=zone)
        return
    if is_away(member) and member.away_own:
        raise Refused("away_already")
    _set(session, community, member, last, own=False, zone=zone)


def _set(session: Session, community: Community, member: Member, last: dt.date, *, own: bool, zone: dt.tzinfo) -> None:
    today = midnights.day_of(now(), zone)
    if last < today:
        raise Refused("date_passed")
    if last > today + LONGEST:
        raise Refused("away_too_long")
    if member.community_id != community.id or member.standing != Standing.MEMBER or not _is_here(session, member):
        raise Refused("not_in_circle")
    forget_past(session, community.course_id)
    if not was_away(member):
        # Whoever is not back yet was away since the first of it.
        member.away_since, member.away_seen_at = now(), None
    member.away_until, member.away_own = midnights.end_of(last, zone), own
    acts.note_unnamed(session, community.id, acts.Unnamed.SET_AWAY)
    version.changed(session, community.id)


def _is_here(session: Session, member: Member) -> bool:
    seat = select(Seat.id).join(Community, Community.course_id == Seat.course_id)
    return bool(
        session.scalar(
            seat.where(Community.id == member.community_id, Seat.person_id == member.person_id, Seat.present)
        )
    )


def take_back(member: Member) -> None:
    """Whoever facilitates set somebody away by mistake. Refused("away_own") where they said so themselves."""
    if not is_away(member) or member.away_own:
        raise Refused("away_own")
    member.away_until = member.away_since = member.away_seen_at = None
    _waited_for_again(member)


def come_back(member: Member) -> None:
    """Be here again: the person themselves, in one tap. What another's hand decided for them stays open a while."""
    if not was_away(member):
        raise Refused("not_away")
    member.away_until = None
    _waited_for_again(member)
    if member.away_own:
        member.away_since = member.away_seen_at = None
        member.away_own = False
    else:
        member.away_seen_at = member.away_seen_at or now()


def _waited_for_again(member: Member) -> None:
    if (session := object_session(member)) is not None:
        version.changed(session, member.community_id)


def launched(member: Member) -> None:
    """This person came from the LMS."""
    until, seen = member.away_until, member.away_seen_at
    if until is not None and (seen is None or seen < until):
        member.away_seen_at = now()


def forget_past(session: Session, course_id: int) -> None:
    """Forget when people of a course were away, of whom nobody needs to know it any more: one statement."""
    of_course = select(Community.id).where(Community.course_id == course_id)
    session.execute(
        update(Member)
        .where(
            Member.community_id.in_(of_course),
            Member.away_seen_at < now() - OBJECTING,
            or_(Member.away_until.is_(None), Member.away_until < now()),
        )
        .values(away_until=None, away_own=False, away_since=None, away_seen_at=None)
        .execution_options(synchronize_session="fetch")
    )
