"""Undoing a move, once: courses, people and addresses are where they were. What was done meanwhile stays done.

Whoever came to a course after it moved is known to the new platform alone, and comes to the old one as somebody new.
"""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.community import joining, roster
from lti_tool.domain.participation import columns
from lti_tool.domain.relocation import CannotMove, carry
from lti_tool.domain.relocation.record import Place, Record
from lti_tool.domain.school.trail import Kind
from lti_tool.models import Course, Deployment, Launch, LineItem, OutboxRow, Person, PlatformMove, ResourceLink
from lti_tool.models.school import School, SchoolSplit, Setting


def last(session: Session, old_id: int, new_id: int) -> PlatformMove:
    """The move of one platform to another that can be undone; CannotMove("not_moved") where there is none."""
    found = session.scalars(
        select(PlatformMove)
        .where(PlatformMove.old_id == old_id, PlatformMove.new_id == new_id, PlatformMove.undone_at.is_(None))
        .order_by(PlatformMove.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise CannotMove("not_moved")
    return found


def undo(session: Session, old_id: int, new_id: int) -> int:
    """Undo it, in the caller's transaction; how many courses are back. Raises CannotMove."""
    both = carry.hold(session, [old_id, new_id])
    done = last(session, old_id, new_id)
    record = Record.read(done.record)
    here = _still(session, record.places)
    touched = {place.deployment for place in (*record.places, *record.aside)} | {int(each) for each in record.schools}
    touched |= set(session.scalars(select(Course.deployment_id).where(Course.id.in_(here))))
    session.execute(delete(Launch).where(Launch.deployment_id.in_(touched)))
    waiting = carry.about(session, new_id, list(here))
    _people(session, record, waiting, both[old_id].issuer, both[old_id].realm)
    for row in waiting:
        row.registration_id = old_id
    _courses(session, record)
    _placements(session, record, list(here))
    _schools(session, record)
    session.execute(update(Setting).where(Setting.id.in_(record.settings)).values(registration_id=old_id))
    session.flush()
    for course in session.scalars(select(Course).where(Course.id.in_(here), Course.memberships_url.is_not(None))).all():
        roster.read_again(session, course)
    done.undone_at, done.record = now(), {}
    of = record.places[0].deployment
    carry.note(session, Kind.PLATFORM_MOVED_BACK, of, old_id, new_id, len(here))
    return len(here)


def _still(session: Session, places: list[Place]) -> set[int]:
    """Numbers of the courses that are still there: one may have been deleted."""
    return set(session.scalars(select(Course.id).where(Course.id.in_([each.course for each in places]))))


def _people(session: Session, record: Record, waiting: list[OutboxRow], issuer: str, realm: str) -> None:
    twice = {int(one): other for one, other in record.twice.items()}
    known = select(Person.id, Person.name, Person.locale).where(Person.erased_at.is_(None))
    names = {
        row.id: (row.name, row.locale)
        for some in joining.portions(twice.values())
        for row in session.execute(known.where(Person.id.in_(some)))
    }
    # Who was erased meanwhile stays so.
    back = {one: other for one, other in twice.items() if other in names}
    kept = {name: [row for row in rows if row[1] in back] for name, rows in record.merged.items()}
    joining.rename(waiting, {other: one for one, other in back.items()})
    session.flush()
    joining.restore(session, kept)
    for one, other in back.items():
        name, locale = names[other]
        session.execute(update(Person).where(Person.id == one).values(name=name, locale=locale, erased_at=None))
    for some in joining.portions(record.people):
        session.execute(update(Person).where(Person.id.in_(some)).values(issuer=issuer, realm=realm))
    session.expire_all()


def _courses(session: Session, record: Record) -> None:
    places = []
    for place in (*record.places, *record.aside):
        course = session.get(Course, place.course)
        if course is not None:
            places.append((course, place.deployment, place.context_id))
            course.school_id, course.memberships_url = place.school, place.memberships_url
    carry.put(session, places)


def _placements(session: Session, record: Record, courses: list[int]) -> None:
    """Those that came since were placed at the new address alone: nothing is known of them here."""
    links = select(ResourceLink).where(ResourceLink.course_id.in_(courses)).order_by(ResourceLink.id)
    for link in session.scalars(links).all():
        link.line_items_url = record.links.get(str(link.id), "")
        for item in session.scalars(select(LineItem).where(LineItem.resource_link_id == link.id)).all():
            columns.forget(item)
            if url := record.items.get(str(item.id)):
                columns.set_url(session, link, item, url)


def _schools(session: Session, record: Record) -> None:
    for number, school_id in record.schools.items():
        # One that was joined with another meanwhile is that one.
        school = session.get(School, school_id)
        deployment = session.get(Deployment, int(number))
        if deployment is not None and school is not None:
            deployment.school_id = school.joined_id or school.id
    for number, deployment_id in record.splits.items():
        session.execute(update(SchoolSplit).where(SchoolSplit.id == int(number)).values(deployment_id=deployment_id))
    session.execute(update(Deployment).where(Deployment.id.in_(record.held)).values(approved=True, held=None))
    session.flush()
