"""What a school's provision list makes of somebody in a community: said to them and to all, and theirs to correct."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.community import acts, from_template, members
from lti_tool.domain.community.access import FACILITATING
from lti_tool.domain.cycle import Steps
from lti_tool.models import Community, Member, Standing
from lti_tool.models.provision import Role

_AWAY = (Standing.APART, Standing.ELSEWHERE)
# `may_be`, of a query of members.
MAY_BE = Member.opened_at.is_not(None) & Member.standing.not_in(_AWAY)


def may_be(member: Member) -> bool:
    """Whether a list makes anything of this person: not of whom never came (nobody facilitates before they know of
    it), nor of who left the circle, who comes back by their own word, or sits in another community of the course."""
    return member.opened_at is not None and member.standing not in _AWAY


def make(session: Session, community: Community, member: Member, role: Role, steps: Steps, zone: dt.tzinfo) -> bool:
    """Make somebody what a list says; whether that changed anything."""
    before = _held(member)
    if role == Role.LEADER and member.standing not in FACILITATING:
        member.standing = Standing.LEADER
    elif role == Role.LEADER:
        member.leads = True
    else:
        if member.standing == Standing.LEADER:
            member.leads = True
        if member.standing == Standing.LEADER or (role == Role.FACILITATOR and member.standing == Standing.ASKED):
            # In from the next stage on, like everybody who comes later.
            member.standing, member.joined_at = Standing.MEMBER, now()
        if role == Role.FACILITATOR and not member.facilitates:
            members.take_up(member)
        elif role == Role.DEPUTY and not member.facilitates and member.facilitated_on is None:
            # As whom somebody took it over from, who can come back to it.
            member.facilitated_on = now().date()
    if _held(member) == before:
        return False
    acts.note(session, community.id, acts.Kind.LISTED, None, about=member, detail={"role": role})
    if member.facilitates:
        from_template.begin(session, community, steps, member, zone)
    return True


def take_back(session: Session, community: Community, member: Member, role: Role, still: Collection[Role] = ()) -> bool:
    """Make somebody no longer what a list said; whether that changed anything. still: what it says of them yet."""
    before = _held(member)
    if role == Role.LEADER:
        member.leads = False
        if member.standing == Standing.LEADER:
            member.standing = Standing.ASKED
    elif role == Role.FACILITATOR or not member.facilitates:
        members.lay_down(member)
        member.facilitated_on = now().date() if Role.DEPUTY in still else None
    if _held(member) == before:
        return False
    acts.note(session, community.id, acts.Kind.LISTED, None, about=member, detail={"role": role, "back": 1})
    return True


def _held(member: Member) -> tuple[Standing, bool, bool, bool]:
    return member.standing, member.facilitates, member.leads, member.facilitated_on is not None
