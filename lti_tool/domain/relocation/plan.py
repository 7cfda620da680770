"""What would move from one platform to another, and what cannot; nothing is changed by looking."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.domain import removal
from lti_tool.domain.community import joining
from lti_tool.domain.relocation import CannotMove
from lti_tool.domain.relocation.proof import Proof, compare
from lti_tool.models import Community, Course, Deployment, LineItem, Person, PlatformMove, Registration, ResourceLink
from lti_tool.models.provision import ProvisionLine
from lti_tool.models.school import Administrator, SchoolSplit, Setting

# What a launch by itself makes of a course: whatever else hangs on its community somebody did.
FOUNDED = frozenset(
    {"community", "cycle", "step_run", "member", "launch", "resource_link", "line_item", "score", "act"}
)


class Stays(StrEnum):
    """Why a course stays behind. OTHER: the new platform has another course under its id; WORKED: people worked in it
    at the new address too; UNSEEN: ids of other courses mean other ones there, so that of this one nothing is known."""

    OTHER = "other"
    WORKED = "worked"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Pair:
    """A deployment, by number, and the one that takes its place. swaps: whether their schools change places too, as
    nothing but what was opened to try belongs to the new one's."""

    old: int
    new: int
    swaps: bool


@dataclass(frozen=True)
class Going:
    """A course that moves, by number, to a deployment; aside: the one that was opened there in its place."""

    course: int
    title: str
    context_id: str
    new: int
    aside: int | None


@dataclass(frozen=True)
class Left:
    """A course that stays behind."""

    course: int
    title: str
    context_id: str
    why: Stays


@dataclass(frozen=True)
class Plan:
    """All of it. columns: how many there are; known: of how many the new address is known already, by launches.

    settings: numbers of those of the old platform that come along; losing: what people are called who administer a
    school that stands aside, and not the one that takes its place.
    """

    old: int
    new: int
    pairs: Sequence[Pair]
    going: Sequence[Going]
    left: Sequence[Left]
    proof: Proof = field(compare=False)
    placements: int
    columns: int
    known: int
    settings: Sequence[int]
    losing: Sequence[str]

    @property
    def is_shown(self) -> object:
        """What the operator agreed to: whether it still is so is asked before it is done."""
        return (self, self.proof.twice, self.proof.people)


def look(
    session: Session,
    old: Registration,
    new: Registration,
    given: Mapping[str, str],
    vouched: Collection[int] = (),
) -> Plan:
    """What moving would come to. given: the LMS's id of a deployment -> of the one that takes its place, where that
    does not go without saying. Raises CannotMove."""
    if old.id == new.id:
        raise CannotMove("same")
    if _moved(session, old.id):
        raise CannotMove("moved_already")
    _alone(session, old, new)
    targets = _deployments(session, old, new, given)
    going, left = _courses(session, targets)
    proof = compare(session, old, new, vouched)
    if proof.doubts:
        raise CannotMove("doubts", *(f"{each.person}: {each.old} / {each.new}" for each in proof.doubts))
    if proof.agreed < proof.wanted:
        raise CannotMove("not_proven", str(proof.agreed), str(proof.wanted))
    if clash := joining.clashes(session, proof.twice):
        raise CannotMove("twice", *clash)
    if not going:
        raise CannotMove("nothing", *(f"{each.title} ({each.context_id}): {each.why}" for each in left))
    placements, columns, known = _placements(session, going)
    taken = select(Setting.name).where(Setting.registration_id == new.id)
    own = select(Setting.id).where(Setting.registration_id == old.id, Setting.name.not_in(taken)).order_by(Setting.id)
    pairs = [Pair(one, other, _swaps(session, one, other, going)) for one, other in sorted(targets.items())]
    settings = session.scalars(own).all()
    losing = _losing(session, pairs, proof.twice)
    return Plan(old.id, new.id, pairs, going, left, proof, placements, columns, known, settings, losing)


def _moved(session: Session, old_id: int) -> bool:
    query = select(PlatformMove.id).where(PlatformMove.old_id == old_id, PlatformMove.undone_at.is_(None))
    return session.scalars(query.limit(1)).first() is not None


def _alone(session: Session, old: Registration, new: Registration) -> None:
    """A third platform whose people are those of the old one would be left without any."""
    if (old.issuer, old.realm) == (new.issuer, new.realm):
        return
    others = session.scalars(
        select(Registration.id).where(
            Registration.issuer == old.issuer, Registration.realm == old.realm, Registration.id != old.id
        )
    ).all()
    if others:
        raise CannotMove("shares_people", *map(str, others))


def _deployments(session: Session, old: Registration, new: Registration, given: Mapping[str, str]) -> dict[int, int]:
    """Number of each old deployment that has courses -> of the one that takes its place: as was said, the one of the
    same id, or the only one."""
    there = {each.deployment_id: each for each in _of(session, new.id) if each.approved}
    has_courses = set(session.scalars(select(Course.deployment_id).distinct()))
    mine = {each.deployment_id: each for each in _of(session, old.id)}
    if unknown := [name for name in given if name not in mine]:
        raise CannotMove("deployment_unknown", *unknown)
    wanted = [each for each in mine.values() if each.id in has_courses]
    found: dict[int, int] = {}
    for each in wanted:
        if each.deployment_id in given:
            to = there.get(given[each.deployment_id])
        else:
            to = there.get(each.deployment_id) or (
                next(iter(there.values())) if len(there) == len(wanted) == 1 else None
            )
        if to is None:
            raise CannotMove("deployment_which", each.deployment_id, ", ".join(sorted(there)) or "-")
        found[each.id] = to.id
    if not found:
        raise CannotMove("nothing")
    return found


def _of(session: Session, registration_id: int) -> Sequence[Deployment]:
    query = select(Deployment).where(Deployment.registration_id == registration_id)
    return session.scalars(query.order_by(Deployment.id)).all()


def _courses(session: Session, targets: Mapping[int, int]) -> tuple[list[Going], list[Left]]:
    """Which courses move. An id means the same course at both where the LMS calls it the same there."""
    of = defaultdict[int, dict[str, Course]](dict)
    query = select(Course).where(Course.deployment_id.in_([*targets, *targets.values()]))
    for course in session.scalars(query.order_by(Course.id)):
        of[course.deployment_id][course.context_id] = course
    met = [
        (course, of[new].get(context_id), new) for old, new in targets.items() for context_id, course in of[old].items()
    ]
    seen = [(course, there) for course, there, _ in met if there is not None]
    if not seen:
        raise CannotMove("no_course_seen")
    trusted = all(_is_same(course, there) for course, there in seen)
    going, left, taken = [], [], set[tuple[int, str]]()
    for course, there, new in met:
        why = None
        if there is None:
            why = None if trusted and (new, course.context_id) not in taken else Stays.UNSEEN
        elif not _is_same(course, there):
            why = Stays.OTHER
        elif (new, course.context_id) in taken or _worked_in(session, there):
            why = Stays.WORKED
        if why is None:
            taken.add((new, course.context_id))
            going.append(Going(course.id, course.title, course.context_id, new, there.id if there else None))
        else:
            left.append(Left(course.id, course.title, course.context_id, why))
    return going, left


def _is_same(one: Course, other: Course) -> bool:
    """Whether two courses of one id are one: by the school's own id, else by what they are called."""
    if one.sis_id and other.sis_id:
        return one.sis_id == other.sis_id
    named = ((one.title, other.title), (one.label, other.label))
    return any(mine and mine.strip().casefold() == its.strip().casefold() for mine, its in named)


def _worked_in(session: Session, course: Course) -> bool:
    for community_id in session.scalars(select(Community.id).where(Community.course_id == course.id)).all():
        if any(table.name not in FOUNDED for table in removal.hanging(session, Community, community_id).rows):
            return True
    return False


def _placements(session: Session, going: Sequence[Going]) -> tuple[int, int, int]:
    """How many placements, how many columns, and of how many of these the new address is known."""
    aside = {each.course: each.aside for each in going}
    links = {
        course: set(session.scalars(select(ResourceLink.resource_link_id).where(ResourceLink.course_id == course)))
        for course in aside
    }
    columns = select(ResourceLink.course_id, ResourceLink.resource_link_id).join(
        LineItem, LineItem.resource_link_id == ResourceLink.id
    )
    wanted = [*aside, *(each for each in aside.values() if each is not None)]
    columns = columns.where(ResourceLink.course_id.in_(wanted), LineItem.url != "")
    have = {(row[0], row[1]) for row in session.execute(columns)}
    mine = [(course, link) for course, link in have if course in aside]
    known = [link for course, link in mine if (aside[course], link) in have]
    return sum(map(len, links.values())), len(mine), len(known)


def _swaps(session: Session, old_id: int, new_id: int, going: Sequence[Going]) -> bool:
    """Whether the new deployment's school is one that nobody began with: its deployment alone, and no course in it
    but what now stands aside."""
    old, new = session.get_one(Deployment, old_id), session.get_one(Deployment, new_id)
    school = new.school_id
    if old.school_id == school:
        return False
    aside = {each.aside for each in going}
    courses = session.scalars(
        select(Course.id).where(or_(Course.deployment_id == new_id, Course.school_id == school))
    ).all()
    others = select(func.count(Deployment.id)).where(Deployment.school_id == school, Deployment.id != new_id)
    used = [
        select(func.count()).select_from(table).where(table.school_id == school)
        for table in (SchoolSplit, Setting, ProvisionLine)
    ]
    return set(courses) <= aside and not any(session.scalar(each) for each in (others, *used))


def _losing(session: Session, pairs: Sequence[Pair], twice: Mapping[int, int]) -> list[str]:
    """Who administers a school that is put aside, and not the one that comes in its place."""
    found: dict[int, str] = {}
    for pair in pairs:
        if pair.swaps:
            stay, gone = (
                select(Administrator.person_id)
                .join(Deployment, Deployment.school_id == Administrator.school_id)
                .where(Deployment.id == each, Administrator.ended_at.is_(None))
                for each in (pair.old, pair.new)
            )
            kept = {twice.get(each, each) for each in session.scalars(stay)}
            for person in session.scalars(select(Person).where(Person.id.in_(gone))):
                if person.id not in kept:
                    found[person.id] = person.name or str(person.id)
    return [found[each] for each in sorted(found)]
