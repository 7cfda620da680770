"""Moving what a plan says, in the caller's transaction: whoever is killed halfway has moved nothing."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import outbox
from lti_tool.domain.community import joining, roster
from lti_tool.domain.community.joining import Whose
from lti_tool.domain.participation import columns
from lti_tool.domain.relocation import CannotMove
from lti_tool.domain.relocation.plan import Plan, look
from lti_tool.domain.relocation.record import Place, Record
from lti_tool.domain.school import trail
from lti_tool.domain.school.trail import OPERATOR, Kind
from lti_tool.models import (
    Alarm,
    Community,
    Course,
    Cycle,
    Deployment,
    Launch,
    LineItem,
    OutboxRow,
    Person,
    PlatformMove,
    Registration,
    ResourceLink,
    StepRun,
)
from lti_tool.models.platform import Held
from lti_tool.models.school import SchoolSplit, Setting

# Rows of these are about one person's browser, and gone within a day: nothing to go back to.
_PASSING = ("browser_session", "launch")
# What talks to a platform about its courses.
_ABOUT_COURSES = (outbox.Kind.SCORE, outbox.Kind.LINE_ITEM, outbox.Kind.PLACEMENT, outbox.Kind.ROSTER)


def hold(session: Session, ids: Collection[int]) -> dict[int, Registration]:
    """Platforms, as nobody else moves them meanwhile."""
    query = select(Registration).where(Registration.id.in_(ids)).order_by(Registration.id).with_for_update()
    return {each.id: each for each in session.scalars(query.execution_options(populate_existing=True))}


def move(session: Session, shown: Plan, given: Mapping[str, str], vouched: Collection[int]) -> None:
    """Move what was shown. Raises CannotMove: as `look`, and "changed" where it is not so any more."""
    both = hold(session, [shown.old, shown.new])
    if len(both) != 2:
        raise CannotMove("changed")
    old, new = both[shown.old], both[shown.new]
    plan = look(session, old, new, given, vouched)
    if plan.is_shown != shown.is_shown:
        raise CannotMove("changed")
    done = Record()
    forget_launches(session, plan)
    _courses(session, plan, done)
    _schools(session, plan, done)
    _placements(session, plan, done)
    _deliveries(session, plan)
    _people(session, plan, old, new, done)
    for setting in session.scalars(select(Setting).where(Setting.id.in_(plan.settings))):
        setting.registration_id = new.id
        done.settings.append(setting.id)
    session.flush()
    for course_id in session.scalars(_with_a_list([each.course for each in plan.going])).all():
        roster.read_again(session, session.get_one(Course, course_id))
    session.add(PlatformMove(old_id=old.id, new_id=new.id, record=done.kept()))
    note(session, Kind.PLATFORM_MOVED, plan.pairs[0].new, old.id, new.id, len(plan.going))


def forget_launches(session: Session, plan: Plan) -> None:
    """Whoever has a page open comes in anew: it was of another place."""
    touched = [number for pair in plan.pairs for number in (pair.old, pair.new)]
    session.execute(delete(Launch).where(Launch.deployment_id.in_(touched)))


def note(session: Session, kind: Kind, deployment_id: int, old_id: int, new_id: int, courses: int) -> None:
    """Write it into the trail of the school that it happened to."""
    session.flush()
    trail.note(
        session,
        kind,
        OPERATOR,
        school_id=session.get_one(Deployment, deployment_id).school_id,
        registration_id=new_id,
        detail={"platform": old_id, "courses": courses},
    )


def _place(course: Course) -> Place:
    return Place(course.id, course.deployment_id, course.context_id, course.school_id, course.memberships_url)


def put(session: Session, places: Iterable[tuple[Course, int, str]]) -> None:
    """Give courses a deployment and an id of the LMS, all at once: they may change places with each other."""
    listed = list(places)
    for course, _, _ in listed:
        course.context_id = f"moves {course.id}"
    session.flush()
    for course, deployment_id, context_id in listed:
        course.deployment_id, course.context_id = deployment_id, context_id
        session.execute(
            update(ResourceLink).where(ResourceLink.course_id == course.id).values(deployment_id=deployment_id)
        )
    session.flush()


def _courses(session: Session, plan: Plan, done: Record) -> None:
    places: list[tuple[Course, int, str]] = []
    for each in plan.going:
        course = session.get_one(Course, each.course)
        done.places.append(_place(course))
        aside = session.get(Course, each.aside) if each.aside is not None else None
        if aside is not None:
            done.aside.append(_place(aside))
            places.append((aside, course.deployment_id, each.context_id))
        places.append((course, each.new, each.context_id))
        # Where its list is read only the new platform says: by launches that there were already, or by the next.
        course.memberships_url = aside.memberships_url if aside is not None else None
    put(session, places)


def _schools(session: Session, plan: Plan, done: Record) -> None:
    """Every course stays of the school that it is of."""
    for pair in plan.pairs:
        old, new = session.get_one(Deployment, pair.old), session.get_one(Deployment, pair.new)
        mine, its = old.school_id, new.school_id
        if pair.swaps:
            done.schools |= {str(old.id): mine, str(new.id): its}
            old.school_id, new.school_id = its, mine
            for split in session.scalars(select(SchoolSplit).where(SchoolSplit.deployment_id == old.id)):
                done.splits[str(split.id)] = old.id
                split.deployment_id = new.id
        elif mine != its:
            for place in done.places:
                if place.deployment == old.id and place.school is None:
                    session.get_one(Course, place.course).school_id = mine
            for place in done.aside:
                if place.deployment == new.id and place.school is None:
                    session.get_one(Course, place.course).school_id = its
        if old.approved:
            # Who came in there now would be a stranger to their own community.
            old.approved, old.held = False, Held.WITHDRAWN
            done.held.append(old.id)
    session.flush()


def _placements(session: Session, plan: Plan, done: Record) -> None:
    """Columns are asked for where the new platform's launches said; of others nothing is known until a launch."""
    for each in plan.going:
        there = {link.resource_link_id: link for link in links_of(session, each.aside)} if each.aside else {}
        for link in links_of(session, each.course):
            twin = there.get(link.resource_link_id)
            done.links[str(link.id)] = link.line_items_url
            link.line_items_url = twin.line_items_url if twin else ""
            for item in items_of(session, link):
                done.items[str(item.id)] = item.url
                columns.forget(item)
                known = columns.known(session, twin, item.kind, item.period) if twin else None
                if known and known.url:
                    columns.set_url(session, link, item, known.url)


def links_of(session: Session, course_id: int) -> list[ResourceLink]:
    """A course's placements."""
    query = select(ResourceLink).where(ResourceLink.course_id == course_id).order_by(ResourceLink.id)
    return list(session.scalars(query))


def items_of(session: Session, link: ResourceLink) -> list[LineItem]:
    """A placement's columns."""
    return list(session.scalars(select(LineItem).where(LineItem.resource_link_id == link.id).order_by(LineItem.id)))


def _deliveries(session: Session, plan: Plan) -> None:
    """What is still to be delivered for a course goes to its new platform; for one that stands aside, nowhere."""
    courses = [each.course for each in plan.going]
    for row in about(session, plan.old, courses):
        row.registration_id = plan.new
    session.flush()
    gone = [row.id for row in about(session, plan.new, [each.aside for each in plan.going if each.aside is not None])]
    session.execute(delete(OutboxRow).where(OutboxRow.id.in_(gone)))
    over = or_(Alarm.course_id.in_(courses), Alarm.course_id.is_(None))
    session.execute(delete(Alarm).where(Alarm.registration_id == plan.old, over))


def about(session: Session, registration_id: int, courses: Collection[int]) -> list[OutboxRow]:
    """What is still to be delivered to a platform for some of its courses."""
    of_links = select(LineItem.id).join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
    of_runs = select(StepRun.id).join(Cycle, Cycle.id == StepRun.cycle_id)
    of_runs = of_runs.join(Community, Community.id == Cycle.community_id)
    theirs: dict[str, set[Any]] = {
        "column": set(session.scalars(of_links.where(ResourceLink.course_id.in_(courses)))),
        "run": set(session.scalars(of_runs.where(Community.course_id.in_(courses)))),
        "course": set(courses),
    }
    rows = joining.waiting_of(session, [registration_id])
    return [
        row
        for row in rows
        if row.kind in _ABOUT_COURSES and any(row.ids.get(name) in ids for name, ids in theirs.items())
    ]


def _people(session: Session, plan: Plan, old: Registration, new: Registration, done: Record) -> None:
    theirs, ours = Whose(old.issuer, old.realm), Whose(new.issuer, new.realm)
    if theirs == ours:
        return
    twice = plan.proof.twice
    joining.rename(about(session, plan.new, [each.course for each in plan.going]), twice)
    session.flush()
    done.merged = joining.redirect(session, twice)
    for name in [each for each in done.merged if each.partition(".")[0] in _PASSING]:
        del done.merged[name]
    done.twice = {str(one): other for one, other in twice.items()}
    at_old = (Person.issuer == theirs.issuer, Person.realm == theirs.realm)
    done.people = [each for each in session.scalars(select(Person.id).where(*at_old)) if each not in twice]
    # Whom both knew is one account now. The other is kept without a name, so that they can be two again.
    for some in joining.portions(twice):
        session.execute(update(Person).where(Person.id.in_(some)).values(name="", locale=None, erased_at=now()))
    for some in joining.portions(done.people):
        session.execute(update(Person).where(Person.id.in_(some)).values(issuer=ours.issuer, realm=ours.realm))
    session.expire_all()


def _with_a_list(courses: Collection[int]) -> Any:
    return select(Course.id).where(Course.id.in_(courses), Course.memberships_url.is_not(None)).order_by(Course.id)
