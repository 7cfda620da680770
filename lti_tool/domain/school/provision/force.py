"""Whom a list names, made what it says: once they are known and came from the LMS; taken back where somebody ticks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.community import listed
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school import trail
from lti_tool.domain.school.provision import known
from lti_tool.domain.school.provision.known import AT_ONCE, At, sliced
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Community, Member, Seat, Standing
from lti_tool.models.provision import ProvisionLine, ProvisionPart, Role, Trouble


def make(
    session: Session, parts: Iterable[ProvisionPart], places: Mapping[int, At], steps: Steps, zone: dt.tzinfo
) -> int:
    """Have those be so whose person is known and has come; how many. places: line's id -> its community.

    Whom they replace there facilitates no longer, as soon as one of them does.
    """
    wanted = [each for each in parts if each.person_id and each.in_force_at is None and each.line_id in places]
    found = _members(session, {places[each.line_id] for each in wanted}, {each.person_id or 0 for each in wanted})
    made = 0
    for part in wanted:
        community, member, sits = found.get((places[part.line_id], part.person_id or 0), (None, None, False))
        if community is None or member is None:
            continue
        part.trouble = Trouble.LEFT if member.standing == Standing.APART else None
        # Who is in the course no longer is waited for too.
        if sits and listed.may_be(member):
            listed.make(session, community, member, part.role, steps, zone)
            part.in_force_at = now()
            made += 1
    _replace(session, places)
    return made


# Of a query of communities: which one of its course it is.
_IN_COURSE = case((Community.group_id == OWN, 0), else_=Community.id)


def here(session: Session, course_ids: Collection[int]) -> dict[tuple[At, int], bool]:
    """(community, person) -> whether they facilitate there, of those of whom a list can make something at once."""
    found: dict[tuple[At, int], bool] = {}
    for ids in sliced(course_ids):
        query = (
            select(Community.course_id, _IN_COURSE, Member.person_id, Member.facilitates)
            .join(Member, Member.community_id == Community.id)
            .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == Community.course_id))
            .where(Community.course_id.in_(ids), Seat.present, listed.MAY_BE)
        )
        found |= {((row[0], row[1]), row[2]): row[3] for row in session.execute(query)}
    return found


def _replace(session: Session, places: Mapping[int, At]) -> None:
    """Take back those who stayed for their successors, where one of these facilitates and sits in the course."""
    for ids in sliced(places):
        query = select(ProvisionPart).where(ProvisionPart.line_id.in_(ids), ProvisionPart.trouble == Trouble.REPLACED)
        staying: dict[int, list[ProvisionPart]] = defaultdict(list)
        # Two who come at once: the second finds that it was done.
        for part in session.scalars(query.with_for_update()):
            staying[part.line_id].append(part)
        if not staying:
            continue
        facilitates = here(session, {places[each][0] for each in staying})
        named = select(ProvisionPart.line_id, ProvisionPart.person_id).where(
            ProvisionPart.line_id.in_(staying), ProvisionPart.role == Role.FACILITATOR, ProvisionPart.listed
        )
        rows = session.execute(named.where(ProvisionPart.in_force_at.is_not(None))).all()
        for line_id in {each for each, person_id in rows if facilitates.get((places[each], person_id or 0))}:
            line = session.get_one(ProvisionLine, line_id)
            by = trail.last(session, line.school_id, trail.Kind.PROVISION_APPLIED)
            take_back(session, line, staying[line_id], by)


def take_back(session: Session, line: ProvisionLine, parts: Collection[ProvisionPart], by: Actor) -> None:
    """Make them no longer what the list said, where no other part of the line still says it; they go."""
    ids = {each.id for each in parts}
    query = select(ProvisionPart).where(ProvisionPart.line_id == line.id, ProvisionPart.in_force_at.is_not(None))
    others = {(each.role, each.person_id) for each in session.scalars(query) if each.id not in ids and each.listed}
    were = [each for each in parts if each.in_force_at is not None and (each.role, each.person_id) not in others]
    found = _members(session, {known.at(line)}, {each.person_id or 0 for each in were})
    for part in were:
        community, member, _ = found.get((known.at(line), part.person_id or 0), (None, None, False))
        if community is not None and member is not None:
            still = {role for role, person_id in others if person_id == part.person_id}
            listed.take_back(session, community, member, part.role, still)
        told = {"school_id": line.school_id, "course_id": line.course_id, "about_id": part.person_id}
        trail.note(session, trail.Kind.PROVISION_TAKEN_BACK, by, **told, detail={"role": part.role})
    session.execute(delete(ProvisionPart).where(ProvisionPart.id.in_(ids)))


def _members(
    session: Session, places: Collection[At], person_ids: Collection[int]
) -> dict[tuple[At, int], tuple[Community, Member, bool]]:
    """(community, person) -> what they are there, and whether they sit in its course."""
    found = {}
    for ids in sliced({course_id for course_id, _ in places}):
        query = (
            select(Community, Member, Seat.present, _IN_COURSE)
            .join(Member, Member.community_id == Community.id)
            .outerjoin(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == Community.course_id))
            .where(Community.course_id.in_(ids))
        )
        if len(person_ids) <= AT_ONCE:
            query = query.where(Member.person_id.in_(person_ids))
        for community, member, sits, which in session.execute(query):
            if member.person_id in person_ids and (community.course_id, which) in places:
                found[(community.course_id, which), member.person_id] = (community, member, bool(sits))
    return found
