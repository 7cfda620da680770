"""What a school has, as far as a provision list asks: its courses, the list's lines as they stand, who sits where."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain.hours import school_pots
from lti_tool.domain.school import schools, templates
from lti_tool.domain.school.provision.lines import Keyed, hashed
from lti_tool.domain.school.templates import Listed
from lti_tool.models import Course, Deployment, Person, Seat
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


@dataclass(frozen=True)
class Sitter:
    """Somebody in a course, as its roster or a launch told. hash: of the LMS's id."""

    person_id: int
    name: str
    hash: str


@dataclass
class Known:
    """All of it, found by what a line may say. shares: of a deployment, by what any of its courses knows people."""

    places: dict[int, Place]
    lines: list[ProvisionLine]
    parts: dict[int, list[ProvisionPart]]
    templates: list[Listed]
    pots: set[str]  # names of the school's pots of hours, without capitals
    by_lms: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    by_sis: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    by_label: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    of_course: dict[int, ProvisionLine] = field(default_factory=dict)
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
                self.of_course[line.course_id] = line
            # By all that it was ever called; a bound line goes before one that still waits.
            for key in keys(line.lms_id, line.sis_id, line.short_name):
                held = self._by_key.get(key)
                if held is None or held.course_id is None:
                    self._by_key[key] = line
        for line in self.lines:
            if line.course_id is None:
                self._by_key.setdefault(line.key, line)

    def stored(self, lms_id: str, sis_id: str, short_name: str) -> ProvisionLine | None:
        """The line of the list as it stands that is called so. By a short name only where nothing else is said."""
        wanted = keys(lms_id, sis_id, "" if lms_id or sis_id else short_name)
        return next((self._by_key[key] for key in wanted if key in self._by_key), None)


def keys(lms_id: str, sis_id: str, short_name: str) -> list[str]:
    """What a line can be found by, the surest first."""
    named = (("id", lms_id), ("sis", sis_id), ("name", short_name.casefold()))
    return [f"{kind}:{value}" for kind, value in named if value]


def load(session: Session, school_id: int) -> Known:
    """Of one school: five statements, however much there is."""
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
    return Known(
        places, list(lines), parts, templates.listed(session, school_id), set(school_pots.by_name(session, school_id))
    )


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
