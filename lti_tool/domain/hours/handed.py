"""Hours of who leaves a community, handed over outside the LMS: an address that is good for thirty days, made once."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import members
from lti_tool.models import Community, Member, Seat, Standing
from lti_tool.models.hours import HoursEntry, HoursHanded

GOOD_FOR = dt.timedelta(days=30)


@dataclass(frozen=True)
class Handed:
    """Whose hours of which community an address opens, and until when."""

    community: Community
    owner: Member
    until: dt.datetime


def is_offered(session: Session, member: Member) -> bool:
    """Whether somebody left, or does not come through the LMS any more, has hours, and no address that still works."""
    if member.standing != Standing.APART and _comes(session, member):
        return False
    of: Mapping[str, int] = {"community_id": member.community_id, "person_id": member.person_id}
    given = select(HoursHanded.id).filter_by(**of).where(HoursHanded.until > now())
    query = select(HoursEntry.id).filter_by(**of).where(~given.exists()).limit(1)
    return session.scalar(query) is not None


def _comes(session: Session, member: Member) -> bool:
    """Whether the LMS still has somebody in the course."""
    sits = (
        select(Seat.id)
        .join(Community, Community.course_id == Seat.course_id)
        .where(Community.id == member.community_id, Seat.person_id == member.person_id, Seat.present)
    )
    return session.scalar(sits) is not None


def of_whom(session: Session, person_id: int) -> list[Member]:
    """In which communities an address is offered to somebody."""
    query = select(Member).where(Member.person_id == person_id).order_by(Member.id)
    return [each for each in session.scalars(query) if is_offered(session, each)]


def hand(session: Session, member: Member, token_hash: str) -> dt.datetime:
    """Keep an address by its hash; returns until when it is good. Refused("hours_handed") where none is offered."""
    # Two forms at once make one.
    members.hold(session, member)
    if not is_offered(session, member):
        raise Refused("hours_handed")
    until = now() + GOOD_FOR
    session.add(
        HoursHanded(
            token_hash=token_hash, community_id=member.community_id, person_id=member.person_id, until=until
        )
    )  # fmt: skip
    return until


def find(session: Session, token_hash: str) -> Handed | None:
    """What an address opens; None where it is over or never was, without a difference."""
    query = (
        select(Community, Member, HoursHanded.until)
        .select_from(HoursHanded)
        .join(Community, Community.id == HoursHanded.community_id)
        .join(Member, (Member.community_id == Community.id) & (Member.person_id == HoursHanded.person_id))
        .where(HoursHanded.token_hash == token_hash, HoursHanded.until > now())
    )
    row = session.execute(query).one_or_none()
    return Handed(*row) if row else None


def forget(session: Session) -> None:
    """Delete what is over."""
    session.execute(delete(HoursHanded).where(HoursHanded.until <= now()))
