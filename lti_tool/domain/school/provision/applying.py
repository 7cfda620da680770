"""A list applied: all of it or nothing, and again without doubling. One at a time a school."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.community import roster
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school import trail
from lti_tool.domain.school.provision import beginning, force, known, plan
from lti_tool.domain.school.provision.known import sliced
from lti_tool.domain.school.provision.lines import Keyed, Sheet
from lti_tool.domain.school.provision.planned import Answers, Change, Plan, Planned, Removed
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Community, Course
from lti_tool.models.provision import Named, ProvisionLine, ProvisionPart, Trouble
from lti_tool.models.school import School

# What a change of makes a course begin, or be set, anew.
_OF_COURSE = {Change.BOUND, Change.TEMPLATE, Change.SETTINGS, Change.POTS}


def apply(
    session: Session,
    school_id: int,
    by: Actor,
    sheet: Sheet,
    keyed: Keyed,
    steps: Steps,
    zone: dt.tzinfo,
    answers: Answers | None = None,
    shown: str | None = None,
) -> Plan:
    """Do what a list says, in the caller's transaction; returns what it did.

    shown: the digest of what was agreed to; None for whoever was shown nothing. Refused: "provision_moved" where it
    would do something else by now, "provision_wrong" for a list with anything wrong in it, "provision_answer".
    """
    hold(session, school_id)
    made = plan.make(session, school_id, sheet, keyed)
    if shown is not None and made.digest != shown:
        raise Refused("provision_moved")
    if answers:
        made = plan.make(session, school_id, sheet, keyed, answers)
    if made.faults:
        raise Refused("provision_wrong")
    if not made.changes:
        return made
    called = _called(session, {each.place.id for each in made.planned if each.place and each.changes})
    had = [each.stored.pots if each.stored else "" for each in made.planned]
    lines = [(each, _line(session, school_id, each, called)) for each in made.planned]
    session.flush()
    for (of, line), pots in zip(lines, had, strict=True):
        if {change.kind for change in of.changes} & _OF_COURSE:
            beginning.begin(session, line, by, pots)
    parts = [part for each, line in lines for part in _parts(session, each, line, keyed)]
    for each in made.removed:
        _removed(session, by, each)
    session.flush()
    places = {line.id: known.at(line) for _, line in lines if line.course_id is not None}
    force.make(session, parts, places, steps, zone)
    compare(session, {places[each.line_id][0] for each in parts if each.named_hash and each.line_id in places})
    changed = sum(1 for each in made.planned if each.changes)
    detail = {"lines": len(made.planned), "changed": changed}
    trail.note(session, trail.Kind.PROVISION_APPLIED, by, school_id=school_id, detail=detail)
    return made


@dataclass(frozen=True)
class Applied:
    """What the last list of a school did: how many lines it has, and how many of them it changed."""

    lines: int
    changed: int


def last(session: Session, school_id: int) -> Applied | None:
    """None where none was applied."""
    found = trail.read(session, school_id, trail.Kind.PROVISION_APPLIED, 0, 1)
    return Applied(found[0].detail["lines"], found[0].detail["changed"]) if found else None


def hold(session: Session, school_id: int) -> School:
    """Let nobody else apply a list in this school meanwhile, and see what the one before did."""
    held = session.scalars(select(School).where(School.id == school_id).with_for_update(key_share=True)).one_or_none()
    if held is None:
        raise Refused("not_found")
    session.expire_all()
    return held


# A course's id -> its community, and what the LMS calls it.
Called = Mapping[int, tuple[Community, str]]


def _line(session: Session, school_id: int, of: Planned, called: Called) -> ProvisionLine:
    """The line as the list has it."""
    given, line = of.line, of.stored
    if line is None:
        line = ProvisionLine(school_id=school_id, key=given.key, title=given.title)
        session.add(line)
    if not of.changes and of.stored is not None:
        return line
    for name in ("lms_id", "sis_id", "short_name"):
        setattr(line, name, getattr(given, name) or getattr(line, name) or "")
    for name in ("template", "settings", "pots"):
        setattr(line, name, (getattr(line, name) if (value := getattr(given, name)) is None else value) or "")
    before, line.title, line.listed, line.community = line.title, given.title or line.title, True, given.community
    if of.place is not None:
        bind(session, line, of.place.id, of.community)
        if not line.community_id:
            _name(called, of.place.id, before, line.title)
    elif line.course_id is None:
        line.key = given.key
    return line


def bind(session: Session, line: ProvisionLine, course_id: int, community: int = 0) -> None:
    """Have a line be about this course from now on, whatever it is renamed to. community: which of its communities, 0
    for its own."""
    if line.course_id is None:
        line.course_id, line.community_id = course_id, community or None
        line.key = f"course:{course_id}" + (f":{community}" if community else "")


def name_community(session: Session, course_id: int, before: str, title: str) -> None:
    """Call a course's community as the list does, unless somebody gave it a name of its own."""
    _name(_called(session, {course_id}), course_id, before, title)


def _name(called: Called, course_id: int, before: str, title: str) -> None:
    if title and course_id in called:
        community, name = called[course_id]
        if community.name != title and community.name in (name, before):
            community.name = title


def _called(session: Session, course_ids: set[int]) -> Called:
    found: dict[int, tuple[Community, str]] = {}
    for ids in sliced(course_ids):
        query = select(Community, Course.title).join(Course, Course.id == Community.course_id)
        rows = session.execute(query.where(Course.id.in_(ids), Community.group_id == OWN))
        found |= {community.course_id: (community, title) for community, title in rows}
    return found


def _parts(session: Session, of: Planned, line: ProvisionLine, keyed: Keyed) -> Iterable[ProvisionPart]:
    picked = {each.who for each in of.asks if each.chosen is not None}
    for whom in of.people:
        part, who = whom.part, whom.someone
        if part is None:
            by_hand = who.value in picked and who.by != Named.ID
            part = ProvisionPart(
                line_id=line.id,
                role=who.role,
                named_by=Named.PICKED if by_hand else who.by,
                named_hash=None if whom.person_id else who.hash,
                mark=plan.mark(keyed, line.id, who),
                person_id=whom.person_id,
                listed=True,
            )
            session.add(part)
        elif part.person_id is None and whom.person_id is not None:
            part.person_id, part.named_hash, part.trouble = whom.person_id, None, None
        if not part.listed:
            part.listed = True
        if part.trouble == Trouble.REPLACED:
            part.trouble = None
        if part.in_force_at is None:
            yield part


def _removed(session: Session, by: Actor, of: Removed) -> None:
    """What is on the list no longer stays as it is, and is known to; what was ticked is taken back: who is replaced,
    once the successor is there (force.make)."""
    if of.kept and not of.ticked:
        return
    if not of.ticked or of.stays:
        (of.part or of.line).listed = False
        if of.part is not None and of.ticked:
            of.part.trouble = Trouble.REPLACED
        return
    query = select(ProvisionPart).where(ProvisionPart.line_id == of.line.id)
    force.take_back(session, of.line, [of.part] if of.part else list(session.scalars(query)), by)
    if of.part is None:
        session.delete(of.line)


def compare(session: Session, course_ids: set[int]) -> None:
    """Have the rosters read of courses in which somebody is looked for: by the worker, nobody waits for the LMS."""
    for ids in sliced(course_ids):
        for course in session.scalars(select(Course).where(Course.id.in_(ids), Course.memberships_url.is_not(None))):
            roster.read_again(session, course)
