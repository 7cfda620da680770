"""What a school has, as far as a provision list asks: its courses, the list's lines as they stand, who sits where."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain.community.seating import OWN
from lti_tool.domain.hours import school_pots
from lti_tool.domain.school import schools, templates
from lti_tool.domain.school.provision.lines import Keyed, hashed, within
from lti_tool.domain.school.templates import Listed
from lti_tool.models import Community, Course, Deployment, Person, Seat
from lti_tool.models.provision import Named, ProvisionLine, ProvisionPart

# How many ids go into one statement.
AT_ONCE = 1000


@dataclass(frozen=True)
class Place:
    """A course as the list knows it. shares: by what its LMS lets people be known; None: nobody was seen yet."""

    id: int
    deployment_id: int
    lms_id: str
    sis_id: str
    label: str
    title: str
    shares: str | None


# A course, and which of its communities: 0 for its own.
At = tuple[int, int]


@dataclass(frozen=True)
class Group:
    """A community of a course that has several. id: 0 for the course's own. archived: no list names it."""

    id: int
    name: str
    archived: bool


def at(line: ProvisionLine) -> At:
    """Of which community a bound line is."""
    return (line.course_id or 0, line.community_id or 0)


@dataclass(frozen=True)
class Sitter:
    """Somebody in a course, as its roster or a launch told. hash: of the LMS's id."""

    person_id: int
    name: str
    hash: str


@dataclass
class Known:
    """All of it, found by what a line may say. shares: of a deployment, by what any of its courses knows people.

    groups: of courses that have several communities, those; of_place: the bound lines.
    """

    places: dict[int, Place]
    lines: list[ProvisionLine]
    parts: dict[int, list[ProvisionPart]]
    templates: list[Listed]
    pots: set[str]  # names of the school's pots of hours, without capitals
    groups: dict[int, list[Group]] = field(default_factory=dict)
    by_lms: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    by_sis: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    by_label: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    of_place: dict[At, ProvisionLine] = field(default_factory=dict)
    shares: dict[int, set[str]] = field(default_factory=dict)
    _by_key: dict[str, ProvisionLine] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.places.values():
            self.by_lms[each.lms_id].append(each)
            if each.sis_id:
                self.by_sis[each.sis_id].append(each)
            if each.label:
                self.by_label[each.label.casefold()].append(each)
            if each.shares is not None:
                self.shares.setdefault(each.deployment_id, set()).update(each.shares.split())
        for line in self.lines:
            if line.course_id is not None:
                self.of_place[at(line)] = line
            # By all that it was ever called; a bound line goes before one that still waits.
            for key in keys(line.lms_id, line.sis_id, line.short_name, line.community):
                held = self._by_key.get(key)
                if held is None or held.course_id is None:
                    self._by_key[key] = line
        for line in self.lines:
            if line.course_id is None:
                self._by_key.setdefault(line.key, line)

    def stored(self, lms_id: str, sis_id: str, short_name: str, community: str = "") -> ProvisionLine | None:
        """The line of the list as it stands that is called so. By a short name only where nothing else is said."""
        wanted = keys(lms_id, sis_id, "" if lms_id or sis_id else short_name, community)
        return next((self._by_key[key] for key in wanted if key in self._by_key), None)

    def group(self, course_id: int, name: str) -> int | None:
        """Which of a course's communities is called so: 0 for its own; None for none, or two."""
        found = self.groups_called(course_id, name)
        return found[0] if len(found) == 1 else None

    def groups_called(self, course_id: int, name: str) -> list[int]:
        """All of a course's communities that are called so."""
        there = [each for each in self.groups.get(course_id, ()) if not each.archived]
        return [each.id for each in there if each.name.casefold() == name.casefold()]

    def called(self, line: ProvisionLine) -> str:
        """What a page calls a line as it stands."""
        place = self.places.get(line.course_id or 0)
        course = line.title or (place.title if place else "") or line.short_name or line.lms_id or line.sis_id
        return f"{course}, {name}" if (name := self.community(line)) else course

    def community(self, line: ProvisionLine) -> str:
        """What its community is called now, "" for a course's own."""
        known = (each.name for each in self.groups.get(line.course_id or 0, ()) if each.id == line.community_id)
        return next(known, line.community)


def keys(lms_id: str, sis_id: str, short_name: str, community: str = "") -> list[str]:
    """What a line can be found by, the surest first."""
    named = (("id", lms_id), ("sis", sis_id), ("name", short_name.casefold()))
    return [within(f"{kind}:{value}", community) for kind, value in named if value]


def load(session: Session, school_id: int) -> Known:
    """Of one school: six statements, however much there is."""
    columns = (Course.id, Course.deployment_id, Course.context_id, Course.sis_id, Course.label, Course.title)
    courses = (
        select(*columns, Course.shares)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(schools.school_id_of() == school_id)
        .order_by(Course.id)
    )
    places = {row.id: Place(*row) for row in session.execute(courses)}
    lines = session.scalars(
        select(ProvisionLine).where(ProvisionLine.school_id == school_id).order_by(ProvisionLine.id)
    ).all()
    parts: dict[int, list[ProvisionPart]] = defaultdict(list)
    of_school = select(ProvisionPart).join(ProvisionLine).where(ProvisionLine.school_id == school_id)
    for part in session.scalars(of_school.order_by(ProvisionPart.id)):
        parts[part.line_id].append(part)
    pots = set(school_pots.by_name(session, school_id))
    return Known(places, list(lines), parts, templates.listed(session, school_id), pots, _groups(session, school_id))


def _groups(session: Session, school_id: int) -> dict[int, list[Group]]:
    several = select(Community.course_id).where(Community.group_id != OWN)
    query = (
        select(Community.course_id, Community.id, Community.group_id, Community.name, Community.archived_at)
        .where(Community.course_id.in_(several), Community.course_id.in_(schools.courses_of(school_id)))
        .order_by(Community.id)
    )
    found: dict[int, list[Group]] = defaultdict(list)
    for course_id, number, group_id, name, archived_at in session.execute(query):
        found[course_id].append(Group(0 if group_id == OWN else number, name, archived_at is not None))
    return dict(found)


def sitters(session: Session, course_ids: Collection[int], keyed: Keyed) -> dict[int, list[Sitter]]:
    """Who sits in these courses, by name."""
    found: dict[int, list[Sitter]] = defaultdict(list)
    for ids in sliced(course_ids):
        query = (
            select(Seat.course_id, Person.id, Person.name, Person.sub)
            .join(Person, Person.id == Seat.person_id)
            .where(Seat.course_id.in_(ids), Seat.present, Person.erased_at.is_(None))
        )
        for course_id, person_id, name, sub in session.execute(query):
            found[course_id].append(Sitter(person_id, name, hashed(keyed, Named.ID, sub)))
    for people in found.values():
        people.sort(key=lambda each: (not each.name, each.name.casefold(), each.person_id))
    return found


def names(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """What the LMS calls these people."""
    found: dict[int, str] = {}
    for ids in sliced(person_ids):
        query = select(Person.id, Person.name).where(Person.id.in_(ids))
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


def sliced(ids: Iterable[int]) -> Iterator[list[int]]:
    """In as many as go into one statement."""
    listed = sorted(ids)
    for begin in range(0, len(listed), AT_ONCE):
        yield listed[begin : begin + AT_ONCE]
