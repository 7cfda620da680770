"""Sharing a yield with another community of the same school: the text that was endorsed, and nothing else.

What is shared is a copy: no page of the other community reads anything of this one.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading.things import Thing, require
from lti_tool.domain.school.schools import school_id_of
from lti_tool.domain.thread import yields
from lti_tool.models import Community, Course, Cycle, Deployment, YieldShare


@dataclass(frozen=True)
class Received:
    """A yield that another community shared: whose it is, of which cycle, what it says, and when it was shared."""

    community: str
    cycle: int
    text: str
    lessons: Sequence[str]
    at: dt.datetime


@dataclass(frozen=True)
class Target:
    """Another community of the school. since: when this cycle's yield was shared with it; None: it is not."""

    id: int
    name: str
    since: dt.datetime | None


_RECEIVED = (
    select(YieldShare, Cycle.number, Community.name)
    .join(Cycle, Cycle.id == YieldShare.cycle_id)
    .join(Community, Community.id == Cycle.community_id)
    .where(YieldShare.community_id == bindparam("community"))
    .order_by(YieldShare.at.desc(), YieldShare.id.desc())
)
_OWN_COURSE, _OWN_DEPLOYMENT = aliased(Course), aliased(Deployment)
_OWN_SCHOOL = func.coalesce(_OWN_COURSE.school_id, _OWN_DEPLOYMENT.school_id)
# The communities of the school but one's own, each with what this cycle shared with it.
_TARGETS = (
    select(Community.id, Community.name, YieldShare.at)
    .join(Course, Course.id == Community.course_id)
    .join(Deployment, Deployment.id == Course.deployment_id)
    .join(_OWN_COURSE, _OWN_COURSE.id == bindparam("course"))
    .join(_OWN_DEPLOYMENT, _OWN_DEPLOYMENT.id == _OWN_COURSE.deployment_id)
    .outerjoin(YieldShare, (YieldShare.community_id == Community.id) & (YieldShare.cycle_id == bindparam("cycle")))
    .where(school_id_of() == _OWN_SCHOOL, Community.id != bindparam("community"))
    .order_by(Community.name, Community.id)
)
_SHARED = (
    select(YieldShare, Cycle.number, Community.name)
    .join(Cycle, Cycle.id == YieldShare.cycle_id)
    .join(Community, Community.id == Cycle.community_id)
    .where(Cycle.community_id == bindparam("community"))
    .order_by(Cycle.number.desc(), YieldShare.at.desc(), YieldShare.id.desc())
    .limit(1)
)


def received(session: Session, community: Community) -> list[Received]:
    """What other communities share with this one, the newest first."""
    return [_read(*row) for row in session.execute(_RECEIVED, {"community": community.id})]


def shared_yield(turn: Turn) -> Received | None:
    """The newest yield that the turn's own community shared: a school leader outside may read that, and no other."""
    require(turn.viewer, Thing.SHARED_YIELD)
    row = turn.session.execute(_SHARED, {"community": turn.community.id}).one_or_none()
    return _read(*row) if row else None


def _read(share: YieldShare, number: int, name: str) -> Received:
    return Received(name, number, share.body["text"], share.body["lessons"], share.at)


def targets(turn: Turn) -> list[Target]:
    """The other communities of the school, by name: for who decides with whom to share."""
    keys = {"course": turn.community.course_id, "community": turn.community.id, "cycle": turn.cycle.id}
    return [Target(*row) for row in turn.session.execute(_TARGETS, keys)]


def share(turn: Turn, community_id: int, by: int) -> None:
    """Share this cycle's yield, as it was endorsed, with another community of the school; again: as it is now.

    Once the circle has decided so (steps/sharing.py). by: id of who put it to all. Refused for one that was not
    endorsed, and for a community that is one's own or of another school.
    """
    text = yields.standing(turn)
    if text is None or not yields.endorsed(turn):
        raise Refused("not_endorsed_yet")
    target = _target(turn, community_id)
    body = {"text": text.body["text"], "lessons": list(text.body.get("lessons") or [])}
    known = _find(turn, target.id)
    if known is None:
        turn.session.add(YieldShare(cycle_id=turn.cycle.id, community_id=target.id, member_id=by, body=body))
    else:
        known.body, known.member_id = body, by
    turn.note(acts.Kind.YIELD_SHARED, community=target.id)
    turn.session.flush()


def take_back(turn: Turn, community_id: int) -> None:
    """Share it no longer: the other community does not see it any more."""
    turn.lock()
    # Also with one that is of another school by now.
    found = _find(turn, community_id)
    if found is None:
        raise Refused("not_found")
    turn.session.delete(found)
    turn.note(acts.Kind.YIELD_TAKEN_BACK, community=community_id)
    turn.session.flush()


def _target(turn: Turn, community_id: int) -> Target:
    found = next((each for each in targets(turn) if each.id == community_id), None)
    if found is None:
        raise Refused("not_found")
    return found


def _find(turn: Turn, community_id: int) -> YieldShare | None:
    return turn.session.scalar(
        select(YieldShare).where(YieldShare.cycle_id == turn.cycle.id, YieldShare.community_id == community_id)
    )
