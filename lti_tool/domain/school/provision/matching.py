"""Whom and what a list waits for, compared with who comes from the LMS: at a launch, and with a roster."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.domain.community.roster import Met
from lti_tool.domain.cycle import Steps
from lti_tool.domain.hours import school_pots
from lti_tool.domain.school import schools
from lti_tool.domain.school.provision import applying, beginning, force, known
from lti_tool.domain.school.provision.lines import Keyed, hashed
from lti_tool.models import Course, Deployment, Person, Seat
from lti_tool.models.provision import Named, ProvisionLine, ProvisionPart, Trouble


def identified(keyed: Keyed, sub: str, email: str, login: str) -> frozenset[str]:
    """By what a list may name somebody, as it is kept; of what the LMS does not share, nothing."""
    said = ((Named.ID, sub), (Named.EMAIL, email.strip()), (Named.LOGIN, login.strip()))
    return frozenset(hashed(keyed, by, value) for by, value in said if value)


def came(session: Session, deployment_id: int, person_id: int, hashes: frozenset[str]) -> None:
    """Somebody launched, whatever they opened: a pot of a school of the deployment may wait for them to approve."""
    school_pots.met(session, schools.near(deployment_id), dict.fromkeys(hashes, person_id))


def shared(email: str, login: str) -> frozenset[str]:
    """By what a person is known here, beside the LMS's id (Course.shares)."""
    return frozenset(str(by) for by, value in ((Named.EMAIL, email), (Named.LOGIN, login)) if value.strip())


def arrived(session: Session, met: Met, hashes: frozenset[str], steps: Steps, zone: dt.tzinfo) -> None:
    """Somebody came: their course may be one that a line waits for, and they may be whom a line names."""
    lines = _lines_of(session, met.course)
    if not lines:
        return
    parts = [each for each in _waiting(session, met.course.id) if each.trouble != Trouble.SEVERAL]
    theirs = [each for each in parts if each.person_id == met.person.id or each.named_hash in hashes]
    for part in theirs:
        part.person_id, part.named_hash = met.person.id, None
    force.make(session, theirs, {line.id: known.at(line) for line in lines}, steps, zone)


def _lines_of(session: Session, course: Course) -> list[ProvisionLine]:
    """The lines that are about a course's communities; one that waited for it is so from now on, where no other course
    fits it."""
    lines = session.scalars(select(ProvisionLine).where(ProvisionLine.course_id == course.id)).all()
    if lines:
        return list(lines)
    school_id = schools.of_course(session, course.id)
    named = [ProvisionLine.lms_id == course.context_id]
    if course.sis_id:
        named.append((ProvisionLine.sis_id == course.sis_id) & (ProvisionLine.lms_id == ""))
    query = select(ProvisionLine).where(
        ProvisionLine.school_id == school_id, ProvisionLine.course_id.is_(None), or_(*named)
    )
    # A course that is opened for the first time has no other community than its own.
    query = query.where(ProvisionLine.community == "")
    lines = [each for each in session.scalars(query.with_for_update()) if _fits(each, course)]
    if len(lines) != 1:
        return []
    (line,) = lines
    others = (
        select(Course)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(schools.school_id_of() == school_id, Course.id != course.id)
        .where(Course.context_id == line.lms_id if line.lms_id else Course.sis_id == line.sis_id)
    )
    if any(_fits(line, each) for each in session.scalars(others)):
        # Two courses bear this number: the list asks which.
        return []
    applying.bind(session, line, course.id)
    applying.name_community(session, course.id, course.title, line.title)
    session.flush()
    beginning.begin(session, line)
    return [line]


def _fits(line: ProvisionLine, course: Course) -> bool:
    """Whether nothing that both say contradicts."""
    return not (line.lms_id and line.sis_id and course.sis_id) or line.sis_id == course.sis_id


def _waiting(session: Session, course_id: int) -> list[ProvisionPart]:
    query = (
        select(ProvisionPart)
        .join(ProvisionLine, ProvisionLine.id == ProvisionPart.line_id)
        .where(ProvisionLine.course_id == course_id, ProvisionPart.in_force_at.is_(None))
        .order_by(ProvisionPart.id)
    )
    return list(session.scalars(query))


def compared(
    session: Session, course: Course, listed: Mapping[str, frozenset[str]], steps: Steps, zone: dt.tzinfo
) -> None:
    """A roster was read whole: sub -> by what a list may name that person. Two who are called so: nobody is meant.

    Pots of the school may wait for them too, to approve.
    """
    parts, pots_wait = _waiting(session, course.id), school_pots.waits_for_anybody(session)
    if not parts and not pots_wait:
        return
    subs: dict[str, list[str]] = defaultdict(list)
    for sub, hashes in listed.items():
        for each in hashes:
            subs[each].append(sub)
    met = {sub for part in parts if part.named_hash for sub in subs.get(part.named_hash, ())}
    once = {each: of[0] for each, of in subs.items() if len(of) == 1} if pots_wait else {}
    met |= set(once.values())
    query = (
        select(Person.sub, Person.id)
        .join(Seat, Seat.person_id == Person.id)
        .where(Seat.course_id == course.id, Person.sub.in_(met))
    )
    ids = {row[0]: row[1] for row in session.execute(query)}
    if once:
        school_pots.met(
            session,
            [schools.of_course(session, course.id)],
            {each: ids[sub] for each, sub in once.items() if sub in ids},
        )
    for part in parts:
        hits = [ids[sub] for sub in subs.get(part.named_hash or "", ()) if sub in ids]
        if part.named_hash and len(hits) == 1:
            part.person_id, part.named_hash, part.trouble = hits[0], None, None
        elif part.named_hash:
            part.trouble = Trouble.SEVERAL if hits else None
    of = session.scalars(select(ProvisionLine).where(ProvisionLine.id.in_({each.line_id for each in parts})))
    force.make(session, parts, {line.id: known.at(line) for line in of}, steps, zone)
