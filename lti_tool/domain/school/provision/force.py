"""Whom a list names, made what it says: once they are known and came from the LMS; taken back where somebody ticks."""

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.community import listed
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school.provision.known import AT_ONCE, sliced
from lti_tool.models import Community, Member, Standing
from lti_tool.models.provision import ProvisionLine, ProvisionPart, Trouble


def make(
    session: Session, parts: Iterable[ProvisionPart], courses: dict[int, int], steps: Steps, zone: dt.tzinfo
) -> int:
    """Have those be so whose person is known and has come; how many. courses: line's id -> its course."""
    wanted = [each for each in parts if each.person_id and each.in_force_at is None and each.line_id in courses]
    found = _members(session, {courses[each.line_id] for each in wanted}, {each.person_id or 0 for each in wanted})
    made = 0
    for part in wanted:
        community, member = found.get((courses[part.line_id], part.person_id or 0), (None, None))
        if community is None or member is None:
            continue
        part.trouble = Trouble.LEFT if member.standing == Standing.APART else None
        if listed.may_be(member):
            listed.make(session, community, member, part.role, steps, zone)
            part.in_force_at = now()
            made += 1
    return made


def take_back(session: Session, line: ProvisionLine, parts: Collection[ProvisionPart]) -> list[ProvisionPart]:
    """Make them no longer what the list said, where no other part of the line still says it; those who were."""
    ids = {each.id for each in parts}
    query = select(ProvisionPart).where(ProvisionPart.line_id == line.id, ProvisionPart.in_force_at.is_not(None))
    others = {(each.role, each.person_id) for each in session.scalars(query) if each.id not in ids and each.listed}
    were = [each for each in parts if each.in_force_at is not None and (each.role, each.person_id) not in others]
    found = _members(session, {line.course_id or 0}, {each.person_id or 0 for each in were})
    for part in were:
        community, member = found.get((line.course_id or 0, part.person_id or 0), (None, None))
        if community is not None and member is not None:
            listed.take_back(session, community, member, part.role)
    return were


def _members(
    session: Session, course_ids: Collection[int], person_ids: Collection[int]
) -> dict[tuple[int, int], tuple[Community, Member]]:
    """(course, person) -> what they are there; of a course's own community."""
    found = {}
    for ids in sliced(course_ids):
        query = (
            select(Community, Member)
            .join(Member, Member.community_id == Community.id)
            .where(Community.course_id.in_(ids), Community.group_id == OWN)
        )
        if len(person_ids) <= AT_ONCE:
            query = query.where(Member.person_id.in_(person_ids))
        for community, member in session.execute(query):
            if member.person_id in person_ids:
                found[community.course_id, member.person_id] = (community, member)
    return found
