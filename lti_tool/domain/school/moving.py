"""A course with its communities goes to another school: sharing, leaders and totals go by that one from then on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.hours import school_pots
from lti_tool.domain.school import access, pseudonyms, retention, schools, settings, trail
from lti_tool.domain.school.retention import Seen
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.models import Community, Course
from lti_tool.models.provision import ProvisionLine
from lti_tool.models.school import Power, School, YearTurnLine


@dataclass(frozen=True)
class Move:
    """What moving would do: which communities go, to which school.

    kept: what how long contents are kept there would do to them; kept_now: how long they are kept where they are.
    """

    communities: Sequence[str]
    to: str
    kept: Seen
    kept_now: str

    @property
    def tells(self) -> bool:
        """Whether anything is to be said of how long contents are kept."""
        return bool(self.kept.said) or self.kept.said != self.kept_now

    @property
    def digest(self) -> str:
        """The same for what would be done in the same way."""
        return f"{len(self.communities)}.{self.kept.seal}"


def targets(session: Session, by: Actor, school_id: int) -> list[School]:
    """The schools that a course of this one can be moved to: for an administrator those they administer too."""
    found = list(session.scalars(schools.every().where(School.id != school_id)))
    if by.person_id is None:
        return found
    return [each for each in found if Power.ADMINISTRATOR in access.powers(session, each.id, by.person_id)]


def plan(session: Session, by: Actor, course: Course, school_id: int, steps: Collection[str]) -> Move:
    """What it would do. steps: names of the six steps.

    Refused("school_unknown") for a school that it cannot go to, "move_listed" while it is on the list of courses of
    the school it leaves, which would go on naming people in it.
    """
    now_of = schools.of_course(session, course.id)
    to = next((each for each in targets(session, by, now_of) if each.id == school_id), None)
    if to is None:
        raise Refused("school_unknown")
    listed = select(ProvisionLine.id).where(ProvisionLine.course_id == course.id, ProvisionLine.listed)
    if session.scalar(listed.limit(1)) is not None:
        raise Refused("move_listed")
    query = select(Community.name).where(Community.course_id == course.id).order_by(Community.id)
    kept = retention.look_there(session, course, to.id, steps)
    kept_now = str(settings.value(session, settings.Name.RETENTION, course.deployment_id, now_of, course.id))
    return Move(list(session.scalars(query)), to.name or str(to.id), kept, kept_now)


def move(
    session: Session, by: Actor, course: Course, school_id: int, steps: Collection[str], shown: str | None = None
) -> Move:
    """Do it; a line stands in the trail of both schools. shown: the digest of what was agreed to; None for whoever was
    shown nothing. Refused as above, and "several_moved" where it would do something else by now.
    """
    left = schools.of_course(session, course.id)
    schools.hold(session, {left, school_id})
    session.refresh(course, with_for_update={"key_share": True})
    planned = plan(session, by, course, school_id, steps)
    if shown is not None and planned.digest != shown:
        raise Refused("several_moved")
    # Nobody's sum is cut in two: the pots that they have they keep until these are closed.
    school_pots.leave(session, left, [course.id])
    course.school_id = school_id
    theirs = select(Community.id).where(Community.course_id == course.id)
    # What the school it leaves had asked of its communities, and was not done yet, is not its to do any more.
    session.execute(delete(YearTurnLine).where(YearTurnLine.community_id.in_(theirs), YearTurnLine.done_at.is_(None)))
    for of, other in ((left, school_id), (school_id, left)):
        detail = {"school": other, "to": int(of == left)}
        trail.note(session, Kind.COMMUNITY_MOVED, by, school_id=of, course_id=course.id, detail=detail)
    session.flush()
    pseudonyms.forget(session)
    return planned
