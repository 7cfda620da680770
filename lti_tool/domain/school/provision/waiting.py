"""What a list still waits for, and answering it by hand: which course a line is, whom it means."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school import trail
from lti_tool.domain.school.provision import applying, beginning, force, known
from lti_tool.domain.school.provision.expected import LATE
from lti_tool.domain.school.provision.known import Known
from lti_tool.domain.school.provision.lines import Keyed
from lti_tool.domain.school.provision.planned import Choice
from lti_tool.domain.school.trail import Actor
from lti_tool.models.provision import Named, ProvisionLine, ProvisionPart, Role, Trouble


@dataclass(frozen=True)
class Waiting:
    """A line that waits for its course (role None), or for somebody. part: the id of that part.

    choices: courses it may be, or people of its course; the latter only where nobody will be found by themselves.
    late: whether it takes longer than LATE; listed: whether the last list still has it. by_name: it has a short name
    alone. found: whether somebody in the course is known to be meant, who has not opened Leerkring there; who: what
    they are called, "" where the LMS does not say.
    """

    line: int
    called: str
    since: dt.datetime
    late: bool
    listed: bool
    role: Role | None = None
    by: Named | None = None
    part: int | None = None
    trouble: Trouble | None = None
    choices: Sequence[Choice] = ()
    by_name: bool = False
    found: bool = False
    who: str = ""

    @property
    def alike(self) -> tuple[object, ...]:
        """The same for what is said in the same words of several lines."""
        return (self.role, self.by if not self.found else None, self.found, self.trouble, self.late, self.listed)


@dataclass(frozen=True)
class Standing:
    """How the list of a school stands."""

    lines: int
    bound: int
    unlisted: int
    waiting: Sequence[Waiting]

    @property
    def asked(self) -> Sequence[Waiting]:
        """Of what it waits for that which somebody can answer."""
        return [each for each in self.waiting if each.choices]

    @property
    def alike(self) -> Sequence[Sequence[Waiting]]:
        """The rest, what is said in the same words together; the longest waiting first."""
        found: dict[tuple[object, ...], list[Waiting]] = {}
        for each in self.waiting:
            if not each.choices:
                found.setdefault(each.alike, []).append(each)
        return list(found.values())

    @property
    def unfound(self) -> int:
        """How many people nobody was found for yet."""
        return sum(1 for each in self.waiting if each.role and not each.found)

    @property
    def unopened(self) -> int:
        """How many were found in their course, and have not opened Leerkring there."""
        return sum(1 for each in self.waiting if each.role and each.found and not each.trouble)


def standing(session: Session, school_id: int, keyed: Keyed) -> Standing:
    """What it has, and what it waits for: the longest first."""
    has = known.load(session, school_id)
    asked = {
        line.course_id
        for line in has.lines
        if line.course_id is not None
        and any(each.in_force_at is None and _by_hand(has, line, each) for each in has.parts.get(line.id, []))
    }
    sitting = known.sitters(session, asked, keyed)
    people = {each: [Choice(one.person_id, one.name) for one in sitting.get(each, [])] for each in asked}
    ids = {each.person_id for of in has.parts.values() for each in of if each.in_force_at is None and each.person_id}
    names = known.names(session, ids)
    found = []
    for line in has.lines:
        place = has.places.get(line.course_id or 0)
        called = has.called(line)
        if place is None:
            told = (line.id, called, line.since, _late(line.since), line.listed)
            by_name = not line.lms_id and not line.sis_id
            found.append(Waiting(*told, choices=_courses(has, line), by_name=by_name))
        for part in has.parts.get(line.id, []):
            if part.in_force_at is None:
                choices = people.get(line.course_id or 0, ()) if _by_hand(has, line, part) else ()
                told = (line.id, called, part.since, _late(part.since), part.listed)
                whom = (part.role, part.named_by, part.id, part.trouble, choices)
                who = names.get(part.person_id or 0, "")
                found.append(Waiting(*told, *whom, found=part.person_id is not None, who=who))
    found.sort(key=lambda each: (each.since, each.line, each.part or 0))
    bound = sum(1 for each in has.lines if each.course_id is not None)
    return Standing(len(has.lines), bound, sum(1 for each in has.lines if not each.listed), found)


def _late(since: dt.datetime) -> bool:
    return since + LATE < now()


def _courses(has: Known, line: ProvisionLine) -> list[Choice]:
    found = has.by_lms.get(line.lms_id, []) if line.lms_id else has.by_sis.get(line.sis_id, [])
    if not line.lms_id and not line.sis_id:
        found = has.by_label.get(line.short_name.casefold(), [])
    if line.community:
        groups = ((each, has.group(each.id, line.community)) for each in found)
        found = [each for each, group in groups if group is not None and (each.id, group) not in has.of_place]
    else:
        found = [each for each in found if (each.id, 0) not in has.of_place]
    return [Choice(each.id, each.title, each.lms_id) for each in found]


def _by_hand(has: Known, line: ProvisionLine, part: ProvisionPart) -> bool:
    """Whether nobody will be found by themselves: two are called so, the LMS does not share it, or it takes long."""
    place = has.places.get(line.course_id or 0)
    if place is None or part.person_id is not None:
        return False
    shares = has.shares.get(place.deployment_id)
    hidden = part.named_by != Named.ID and shares is not None and part.named_by not in shares
    return hidden or part.trouble == Trouble.SEVERAL or _late(part.since)


def bind(
    session: Session, school_id: int, by: Actor, line_id: int, course_id: int, steps: Steps, zone: dt.tzinfo
) -> None:
    """Say which course a line is. Refused("not_found") for one that is not asked about."""
    applying.hold(session, school_id)
    has = known.load(session, school_id)
    line = next((each for each in has.lines if each.id == line_id and each.course_id is None), None)
    if line is None or course_id not in {each.id for each in _courses(has, line)}:
        raise Refused("not_found")
    community = has.group(course_id, line.community) or 0 if line.community else 0
    applying.bind(session, line, course_id, community)
    if not community:
        applying.name_community(session, course_id, has.places[course_id].title, line.title)
    session.flush()
    beginning.begin(session, line, by)
    parts = has.parts.get(line.id, [])
    force.make(session, parts, {line.id: known.at(line)}, steps, zone)
    if any(each.named_hash for each in parts):
        applying.compare(session, {course_id})
    kind = trail.Kind.PROVISION_BOUND
    trail.note(session, kind, by, school_id=school_id, course_id=course_id, detail={"line": line_id})


def pick(
    session: Session,
    school_id: int,
    by: Actor,
    part_id: int,
    person_id: int,
    keyed: Keyed,
    steps: Steps,
    zone: dt.tzinfo,
) -> None:
    """Say whom a line means, from its course's roster. Refused("not_found") for whom nothing is asked about."""
    applying.hold(session, school_id)
    found = next((each for each in standing(session, school_id, keyed).waiting if each.part == part_id), None)
    part = session.get(ProvisionPart, part_id)
    if found is None or part is None or person_id not in {each.id for each in found.choices}:
        raise Refused("not_found")
    line = session.get_one(ProvisionLine, part.line_id)
    part.person_id, part.named_hash, part.named_by, part.trouble = person_id, None, Named.PICKED, None
    force.make(session, [part], {line.id: known.at(line)}, steps, zone)
    told = {"school_id": school_id, "course_id": line.course_id, "about_id": person_id}
    trail.note(session, trail.Kind.PROVISION_PICKED, by, **told, detail={"role": part.role})
