"""Who facilitates: by whose word, who may take it over from whom, and who comes back to it."""

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.community.access import FACILITATING
from lti_tool.domain.community.holding import hold
from lti_tool.domain.community.school_days import NONE, days_off, school_days
from lti_tool.domain.cycle import pausing
from lti_tool.domain.school.setting_kinds import Facilitation
from lti_tool.models import Act, Community, Member, Seat, Standing

# Where nobody who facilitates was here for so many school days, any member may take it over.
ABSENCE = 14


def may_facilitate(session: Session, community: Community, member: Member) -> bool:
    """Whether somebody may facilitate by their own word or a facilitator's, as the school set it.

    What the school's list or an administrator says needs no more than that (listed.make, appoint, set_standing).
    """
    rule = community.facilitation or Facilitation.ANYBODY
    if rule != Facilitation.TEACHERS:
        return rule == Facilitation.ANYBODY
    roles = select(Seat.launch_role, Seat.roster_role).where(
        Seat.course_id == community.course_id, Seat.person_id == member.person_id
    )
    row = session.execute(roles).one_or_none()
    return row is not None and "instructor" in row


def _require(session: Session, community: Community, member: Member) -> None:
    if not may_facilitate(session, community, member):
        teachers = community.facilitation == Facilitation.TEACHERS
        raise Refused("facilitating_teachers") if teachers else Refused("facilitating_named")


def was_named(session: Session, member: Member) -> bool:
    """Whether an administrator or the school's list once had this person facilitate, or deputise."""
    kinds = (acts.Kind.ROLE_NAMED, acts.Kind.LISTED)
    named = select(Act.id).where(Act.about_id == member.id, Act.member_id.is_(None), Act.kind.in_(kinds)).limit(1)
    return session.scalar(named) is not None


def facilitators(session: Session, community: Community) -> list[Member]:
    """Who facilitates and still sits in the course, by number."""
    query = (
        select(Member)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == community.course_id))
        .where(Member.community_id == community.id, Member.facilitates, Member.standing.in_(FACILITATING), Seat.present)
        .order_by(Member.number)
    )
    return list(session.scalars(query))


def is_free(here_on: Iterable[dt.date | None], off: Collection[dt.date] = NONE) -> bool:
    """Whether any member may take facilitating over: nobody does it, or none of them was here for ABSENCE school days.

    here_on: the day on which each who facilitates, and sits in the course, was last here.
    """
    today = now().date()
    return all(day is None or school_days(day, ABSENCE, off) < today for day in here_on)


def is_free_now(session: Session, community: Community, here_on: Collection[dt.date | None]) -> bool:
    """The same, where holidays do not count, nor the days on which the community paused: nobody is waited for then."""
    off = days_off(community)
    return is_free(here_on, off) and is_free(here_on, off | pausing.days(session, community))


def take_over(session: Session, community: Community, member: Member) -> None:
    """Facilitate in place of those who were not here; each of them can come back beside (`resume`).

    Refused("guided") while one of them was here; a second one who takes it over at the same moment reads that too.
    """
    # Two at once: the one who waits finds the other here.
    hold(session, community, member)
    if member.standing != Standing.MEMBER or member.facilitates:
        raise Refused("cannot_take_over")
    _require(session, community, member)
    if not is_free_now(session, community, [each.facilitated_on for each in facilitators(session, community)]):
        raise Refused("guided")
    # Whoever left the course with the role has it no longer either.
    query = select(Member).where(Member.community_id == community.id, Member.facilitates)
    formers = session.scalars(query).all()
    for former in formers:
        lay_down(former)
    take_up(member)
    acts.note(session, community.id, acts.Kind.ROLE_TAKEN, member, detail={"over": len(formers)})


def name(session: Session, community: Community, by: Member, to: Member) -> None:
    """Have somebody who takes part facilitate too; Refused("not_here_yet") where they have not opened it."""
    if not by.facilitates or to.community_id != community.id or to.standing != Standing.MEMBER or to.facilitates:
        raise Refused("cannot_name")
    if to.opened_at is None:
        # Nobody facilitates before they know of it.
        raise Refused("not_here_yet")
    _require(session, community, to)
    take_up(to)
    acts.note(session, community.id, acts.Kind.ROLE_NAMED, by, about=to)


def stop(session: Session, community: Community, member: Member) -> None:
    """Facilitate no longer; who stood outside with it is asked what they do here."""
    if not member.facilitates:
        raise Refused("facilitates_not")
    lay_down(member)
    member.facilitated_on = None
    acts.note(session, community.id, acts.Kind.ROLE_STOPPED, member)


def may_resume(member: Member) -> bool:
    """Whether somebody took facilitating over from this person, who can come back to it."""
    return not member.facilitates and member.facilitated_on is not None


def resume(session: Session, community: Community, member: Member) -> None:
    """Facilitate again, beside whoever took it over."""
    if not may_resume(member) or member.standing != Standing.MEMBER:
        raise Refused("cannot_resume")
    if not was_named(session, member):
        _require(session, community, member)
    take_up(member)
    acts.note(session, community.id, acts.Kind.ROLE_RESUMED, member)


def let_be(member: Member) -> None:
    """Leave facilitating to whoever took it over."""
    if not member.facilitates:
        member.facilitated_on = None


def take_up(member: Member) -> None:
    """Have somebody facilitate from today on; who calls it notes the act."""
    member.facilitates, member.facilitated_on = True, now().date()


def lay_down(member: Member) -> None:
    """Have somebody facilitate no longer; who calls it notes the act."""
    member.facilitates = False
    if member.standing == Standing.OUTSIDE:
        # Without the role there is nothing left to do from outside: ask again.
        member.standing = Standing.ASKED


def appoint(session: Session, community: Community, to: Member) -> None:
    """Have somebody facilitate whom an administrator names, who knows it by the first page they open.

    Refused("cannot_appoint") for who left the circle or follows as school leader: they are asked first.
    """
    if to.facilitates or to.standing in (Standing.APART, Standing.LEADER):
        raise Refused("cannot_appoint")
    if to.standing in (Standing.ASKED, Standing.ELSEWHERE):
        to.standing = Standing.OUTSIDE
    take_up(to)
    acts.note(session, community.id, acts.Kind.ROLE_NAMED, None, about=to)
