"""Template courses: an administrator marks a course, and what is copied from it begins with what it says.

Which course a copy came from, the LMS's history of its context says, or else the key that its activities carry: after
a course upload and an import that history is empty (M73). A template says settings: those of the course, and of its
community the language, the holidays and who belongs to it. What its community agreed on, and its first date, a copy
reads when it comes to them (community.from_template). Nothing of it is a person, a member's text, a score or an hour.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.school import pseudonyms, schools, trail
from lti_tool.domain.school.settings import Name
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Community, Course, Cycle, Deployment, ResourceLink, StepRun
from lti_tool.models.copying import Origin, Template, TemplateCopy
from lti_tool.models.school import Setting

# What of its community a template says.
OF_COMMUNITY = ("locale", "holidays", "by_roster")
# How many courses are shown that somebody looked for.
MOST = 20
LONGEST = 100
# A course that is said to begin later than this is not believed.
FARTHEST = dt.timedelta(days=800)


@dataclass(frozen=True)
class Listed:
    """A course of a school. marked_at: since when it is a template, None for one that is none.

    copies: how many began as a copy of it.
    """

    id: int
    context_id: str
    title: str
    marked_at: dt.datetime | None
    copies: int


_COPIES = select(func.count(TemplateCopy.id)).where(TemplateCopy.template_id == Course.id).scalar_subquery()
_LISTED = (
    select(Course.id, Course.context_id, Course.title, Template.marked_at, _COPIES)
    .join(Deployment, Deployment.id == Course.deployment_id)
    .outerjoin(Template, Template.course_id == Course.id)
    .order_by(Course.title, Course.id)
)


def listed(session: Session, school_id: int) -> list[Listed]:
    """A school's templates, by title."""
    query = _LISTED.where(schools.school_id_of() == school_id, Template.id.is_not(None))
    return [Listed(*row) for row in session.execute(query)]


def find(session: Session, school_id: int, asked: str) -> list[Listed]:
    """A school's courses by a part of their title, or by the LMS's id; at most MOST, none for nothing asked."""
    said = " ".join(asked.split())[:LONGEST]
    if not said or not said.isprintable():
        return []
    matches = or_(Course.context_id == said, func.lower(Course.title).contains(said.lower(), autoescape=True))
    return [
        Listed(*row) for row in session.execute(_LISTED.where(schools.school_id_of() == school_id, matches).limit(MOST))
    ]


def course(session: Session, school_id: int, course_id: int | None) -> Listed | None:
    """A course, where it is one of this school's."""
    query = _LISTED.where(schools.school_id_of() == school_id, Course.id == course_id)
    row = session.execute(query).one_or_none()
    return Listed(*row) if row else None


def mark(session: Session, school_id: int, course_id: int, by: Actor) -> None:
    """Make a course a template; one that is, stays it. Refused: "template_unknown" for a course of another school."""
    if course(session, school_id, course_id) is None:
        raise Refused("template_unknown")
    insert = outbox.insert_for(session)
    made = insert(Template).values(course_id=course_id, marked_at=now()).on_conflict_do_nothing().returning(Template.id)
    if session.execute(made).one_or_none() is not None:
        trail.note(session, trail.Kind.TEMPLATE_MARKED, by, school_id=school_id, course_id=course_id)


def unmark(session: Session, school_id: int, course_id: int, by: Actor) -> None:
    """Have no more copies begin with what a course says; those that did keep it. Refused as above."""
    if course(session, school_id, course_id) is None:
        raise Refused("template_unknown")
    found = session.scalars(select(Template).where(Template.course_id == course_id).with_for_update()).one_or_none()
    if found is not None:
        session.delete(found)
        trail.note(session, trail.Kind.TEMPLATE_UNMARKED, by, school_id=school_id, course_id=course_id)


def take(session: Session, course: Course, community: Community, key: str, begins: dt.datetime | None = None) -> None:
    """An activity was opened here for the first time: where the course is a template's copy, take what that says.

    Once, and only before anything was begun: a course with a past of its own that imports a template's activities
    keeps what it has. What was set for the course already (a provision list) stays. key: the activity's, or "".
    begins: when the course does, where the LMS says so.
    """
    if not key and not course.history:
        return
    template_id = _template_of(session, course, key)
    if template_id is not None and is_fresh(session, community):
        begin_with(session, course, community, template_id, begins)


def is_fresh(session: Session, community: Community) -> bool:
    """Whether nothing was begun yet in a community, nor in another of its course."""
    begun = select(StepRun.id).join(Cycle, Cycle.id == StepRun.cycle_id)
    begun = begun.join(Community, Community.id == Cycle.community_id)
    begun = begun.where(Community.course_id == community.course_id)
    return session.scalar(begun.limit(1)) is None


def begin_with(
    session: Session, course: Course, community: Community, template_id: int, begins: dt.datetime | None = None
) -> None:
    """Have a course take what a template says, unless it took that of one before. begins: as for take."""
    moment = now()
    later = begins is not None and moment < begins < moment + FARTHEST
    insert = outbox.insert_for(session)
    values = {"course_id": course.id, "template_id": template_id, "begun_at": begins if later else moment}
    copy = insert(TemplateCopy).values(values).on_conflict_do_nothing().returning(TemplateCopy.id)
    if session.execute(copy).one_or_none() is None:
        return
    before = set(session.scalars(select(Setting.name).where(Setting.course_id == course.id)))
    for setting in session.scalars(select(Setting).where(Setting.course_id == template_id)).all():
        # Who set it there set nothing here.
        taken = {"course_id": course.id, "name": setting.name, "value": setting.value, "set_by": None, "set_at": now()}
        session.execute(insert(Setting).values(taken).on_conflict_do_nothing())
        if setting.name == Name.NAMES:
            # Whoever is its first has a name by now.
            session.flush()
            pseudonyms.forget(session)
    said = session.execute(
        select(*(getattr(Community, name) for name in OF_COMMUNITY)).where(
            Community.course_id == template_id, Community.group_id == OWN
        )
    ).one_or_none()
    for name, value in said._mapping.items() if said else ():
        if name != "locale" or Name.LANGUAGE not in before:
            setattr(community, str(name), value)


def _template_of(session: Session, course: Course, key: str) -> int | None:
    """The template that a course is a copy of: the nearest in its history, else the one marked last that has the key.

    Last year's template, from which this year's was made, has the same keys.
    """
    from_here = key and session.scalar(select(Origin.id).where(Origin.key == key, Origin.course_id == course.id))
    ways: list[ColumnElement[bool]] = []
    if course.history:
        ways.append((Course.deployment_id == course.deployment_id) & Course.context_id.in_(course.history))
    if key and not from_here:
        ways.append(Course.id.in_(select(Origin.course_id).where(Origin.key == key)))
        ways.append(Course.id.in_(select(ResourceLink.course_id).where(ResourceLink.origin == key)))
    if not ways:
        return None
    found: Sequence[tuple[int, int, str]] = [
        (row.id, row.deployment_id, row.context_id)
        for row in session.execute(
            select(Course.id, Course.deployment_id, Course.context_id)
            .join(Template, Template.course_id == Course.id)
            .join(Deployment, Deployment.id == Course.deployment_id)
            .where(schools.school_id_of() == schools.of_course(session, course.id), Course.id != course.id, or_(*ways))
            .order_by(Template.marked_at.desc(), Template.id.desc())
        )
    ]
    near = {(course.deployment_id, context_id): -nearness for nearness, context_id in enumerate(course.history)}
    return max(found, key=lambda each: near.get(each[1:], -len(near) - 1), default=(None,))[0]
