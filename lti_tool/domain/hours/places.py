"""Whose a pot is, and in which communities it is open: its community's own, or a school's in many of them."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Select, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.domain import outbox
from lti_tool.domain.community import acts
from lti_tool.domain.school import schools, trail
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Community, Course, Deployment, Member, Seat, Standing
from lti_tool.models.hours import HoursPot, HoursPotPlace


@dataclass(frozen=True)
class OfSchool:
    """A school, as whose pots are."""

    id: int


# Whose pots are, and who makes and changes them: a community's facilitator, a school's administrator or the operator.
Owner = Community | OfSchool
By = Member | Actor | None

_TRAIL = {
    acts.Kind.POT_MADE: trail.Kind.POT_MADE,
    acts.Kind.POT_STOPPED: trail.Kind.POT_STOPPED,
    acts.Kind.POT_CARRIES: trail.Kind.POT_CARRIES,
    acts.Kind.POT_DECIDED: trail.Kind.POT_DECIDED,
    acts.Kind.POT_CLOSED: trail.Kind.POT_CLOSED,
    acts.Kind.POT_HOLDER: trail.Kind.POT_HOLDER,
    acts.Kind.POT_APPROVER: trail.Kind.POT_APPROVER,
    acts.Kind.POT_APPROVER_OUTSIDE: trail.Kind.POT_APPROVER,
}


def note(
    session: Session, of: Owner, kind: acts.Kind, by: By, about_id: int | None = None, **detail: int | str
) -> None:
    """Note what was done with a pot: where everybody of its community reads it, or in its school's trail.

    about_id: the person whom it concerns, for the trail.
    """
    if isinstance(of, OfSchool):
        actor = by if isinstance(by, Actor) else Actor()
        trail.note(session, _TRAIL[kind], actor, school_id=of.id, about_id=about_id, detail=detail)
    else:
        acts.note(session, of.id, kind, by if isinstance(by, Member) else None, detail=detail)


def owned(of: Owner) -> ColumnElement[bool]:
    """Of a query of pots: those that are somebody's own, to make and to change."""
    if isinstance(of, OfSchool):
        return and_(HoursPot.school_id == of.id, HoursPot.joined_id.is_(None))
    return and_(HoursPot.community_id == of.id, HoursPot.joined_id.is_(None))


# Made once: a page of hours asks for this several times, and to make one costs as much as to ask the database.
_one, _course, _deployment = aliased(Community), aliased(Course), aliased(Deployment)


def _school(community_id: SQLColumnExpression[int] | int) -> ScalarSelect[int]:
    """The school of a community, as a part of a query."""
    query = (
        select(func.coalesce(_course.school_id, _deployment.school_id))
        .select_from(_one)
        .join(_course, _course.id == _one.course_id)
        .join(_deployment, _deployment.id == _course.deployment_id)
        .where(_one.id == community_id)
    )
    return query.correlate(Community).scalar_subquery()


def seen_in(community_id: SQLColumnExpression[int] | int) -> ColumnElement[bool]:
    """Of a query of pots: those that a community reads, its own and its school's, whether still open there or not."""
    there = select(HoursPotPlace.pot_id).where(HoursPotPlace.community_id == community_id).correlate(Community)
    return or_(
        and_(HoursPot.community_id == community_id, HoursPot.joined_id.is_(None)),
        HoursPot.id.in_(there),
        and_(HoursPot.everywhere, HoursPot.school_id == _school(community_id), HoursPot.joined_id.is_(None)),
    )


def everywhere_in(community_id: SQLColumnExpression[int] | int) -> ColumnElement[bool]:
    """Whether a pot is open to a community because it is to each one of its school."""
    return and_(HoursPot.everywhere, HoursPot.school_id == _school(community_id))


def _of_school(school_id: int) -> Select[int]:
    return select(Community.id).where(Community.course_id.in_(schools.courses_of(school_id)))


def communities(session: Session, row: HoursPot, *, also_past: bool = False) -> list[int]:
    """Ids of the communities that a pot is open to now; also_past: or was."""
    if row.community_id is not None:
        return [row.community_id]
    there = select(HoursPotPlace.community_id).where(HoursPotPlace.pot_id == row.id)
    if not also_past:
        there = there.where(HoursPotPlace.until.is_(None))
    found = set(session.scalars(there))
    if row.everywhere and row.school_id is not None:
        found |= set(session.scalars(_of_school(row.school_id)))
    return sorted(found)


def courses_of(pot_ids: Collection[int]) -> Select[int]:
    """Ids of the courses whose communities a pot is or was open to, as a part of another query."""
    there = select(HoursPotPlace.community_id).where(HoursPotPlace.pot_id.in_(pot_ids))
    of = select(HoursPot.school_id).where(HoursPot.id.in_(pot_ids), HoursPot.school_id.is_not(None))
    own = select(HoursPot.community_id).where(HoursPot.id.in_(pot_ids), HoursPot.community_id.is_not(None))
    return (
        select(_course.id)
        .join(_deployment, _deployment.id == _course.deployment_id)
        .outerjoin(Community, Community.course_id == _course.id)
        .where(
            or_(
                func.coalesce(_course.school_id, _deployment.school_id).in_(of),
                Community.id.in_(there),
                Community.id.in_(own),
            )
        )
        .correlate(None)
    )


def own_communities(session: Session, school_id: int) -> list[int]:
    """Ids of a school's communities."""
    return sorted(session.scalars(_of_school(school_id)))


def meant_for(session: Session, ids: Collection[int]) -> list[int]:
    """Ids of the persons for whom a pot for everybody is, in these communities: who takes part and sits in the course.

    Who only facilitates or leads keeps no hours there.
    """
    query = (
        select(Member.person_id)
        .join(Community, Community.id == Member.community_id)
        .join(Seat, and_(Seat.person_id == Member.person_id, Seat.course_id == Community.course_id))
        .where(Community.id.in_(ids), Member.standing == Standing.MEMBER, Seat.present)
        .distinct()
    )
    return sorted(session.scalars(query))


def keeps_hours(session: Session, community_id: int) -> None:
    """From the first hours in a school's pot on there may be a figure of a community each month."""
    if not outbox.waiting(session, outbox.Kind.FIGURE, str(community_id)):
        outbox.put(session, outbox.Kind.FIGURE, str(community_id), community=community_id)


def open_to(session: Session, pot_id: int, ids: Iterable[int], moment: dt.datetime) -> int:
    """Have a pot be open to these communities too; how many it was not yet. Nothing is noted."""
    known = {each.community_id: each for each in session.scalars(select(HoursPotPlace).filter_by(pot_id=pot_id))}
    fresh = 0
    for each in sorted(set(ids)):
        row = known.get(each)
        if row is None:
            session.add(HoursPotPlace(pot_id=pot_id, community_id=each, since=moment))
        elif row.until is not None:
            row.since, row.until = moment, None
        else:
            continue
        fresh += 1
    session.flush()
    return fresh


def shut(session: Session, pot_id: int, ids: Collection[int], moment: dt.datetime) -> int:
    """Have a pot take no new hours in these communities; how many did until now."""
    query = select(HoursPotPlace).where(
        HoursPotPlace.pot_id == pot_id, HoursPotPlace.community_id.in_(ids), HoursPotPlace.until.is_(None)
    )
    rows = session.scalars(query).all()
    for each in rows:
        each.until = moment
    session.flush()
    return len(rows)
