"""The state of the LMS, and what may happen to it.

Everything hangs on one School, guarded by one lock, and is written to a JSON file after
each change when it has a path, so that a restarted demo goes on where it was.
"""

import dataclasses
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from lti_tool.demo.keys import SigningKey
from lti_tool.demo.model import (
    Activity,
    Column,
    Course,
    Enrolment,
    Grade,
    Person,
    Role,
    ToolRegistration,
)

KEPT: dict[str, type] = {
    "people": Person,
    "courses": Course,
    "activities": Activity,
    "columns": Column,
    "tools": ToolRegistration,
    "grades": Grade,
    "enrolments": Enrolment,
    "signing_keys": SigningKey,
}
"""What is written to the file: the fields of a School, and what their rows are."""


class StaleScoreError(Exception):
    """A score whose second is not later than the recorded one (M24)."""


class LockedColumnError(Exception):
    """A column that is locked in the gradebook (M26)."""


@dataclass
class School:
    """One site of the LMS. `clock` may be replaced by a test that needs another time."""

    name: str = "Demo-LMS"
    people: dict[str, Person] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    enrolments: list[Enrolment] = field(default_factory=list)
    activities: dict[str, Activity] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    grades: dict[tuple[str, str], Grade] = field(default_factory=dict)
    tools: dict[str, ToolRegistration] = field(default_factory=dict)
    signing_keys: list[SigningKey] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)
    path: Path | None = None
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        if not self.signing_keys:
            self.signing_keys.append(SigningKey.generate())

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock for a change, and save when it is made."""
        with self.lock:
            yield
            self.save()

    def next_id(self, kind: str) -> str:
        """A number never given before, also when what bore the last one is deleted."""
        with self.lock:
            self.counters[kind] = self.counters.get(kind, 1) + 1
            return str(self.counters[kind])

    # People and courses

    def add_person(
        self, given: str, family: str, username: str, *, language: str = "nl", admin: bool = False
    ) -> Person:
        """Make an account. It is enrolled nowhere yet."""
        with self.changing():
            email = f"{username}@school.example"
            person = Person(self.next_id("person"), given, family, username, email, language, admin)
            self.people[person.id] = person
            return person

    def add_course(self, title: str, label: str, sourced_id: str = "") -> Course:
        """Make an empty course."""
        with self.changing():
            course = Course(self.next_id("course"), title, label, sourced_id)
            self.courses[course.id] = course
            return course

    def enrol(self, course_id: str, person_id: str, role: Role) -> None:
        """Give somebody a role in a course, in place of the one they had."""
        with self.changing():
            self.drop(course_id, person_id)
            self.enrolments.append(Enrolment(course_id, person_id, role))

    def drop(self, course_id: str, person_id: str) -> None:
        """End an enrolment. The roster just forgets the person (M31); grades stay."""
        with self.changing():
            self.enrolments = [e for e in self.enrolments if (e.course_id, e.person_id) != (course_id, person_id)]

    def group(self, course_id: str, person_id: str, *ids: str) -> None:
        """Put somebody into these groups of a course, and no others."""
        with self.changing():
            for each in self.enrolments:
                if (each.course_id, each.person_id) == (course_id, person_id):
                    each.groups = ",".join(ids)

    def groups(self, course_id: str, person_id: str) -> str:
        """The ids of the groups that somebody is in, as $Moodle.Person.userGroupIds has them (M51)."""
        with self.lock:
            found = (e.groups for e in self.enrolments if (e.course_id, e.person_id) == (course_id, person_id))
            return next(found, "")

    def roster(self, course_id: str) -> list[tuple[Person, Role]]:
        """Who is enrolled, in the order of enrolment."""
        with self.lock:
            return [(self.people[e.person_id], e.role) for e in self.enrolments if e.course_id == course_id]

    def role(self, course_id: str, person_id: str) -> Role | None:
        """Somebody's role in a course; None for who is not enrolled."""
        return next((r for p, r in self.roster(course_id) if p.id == person_id), None)

    def may_open(self, course_id: str, person_id: str) -> bool:
        """Whether somebody may see the course."""
        return self.people[person_id].admin or self.role(course_id, person_id) is not None

    def may_edit(self, course_id: str, person_id: str) -> bool:
        """Whether somebody may add content to the course."""
        return self.people[person_id].admin or self.role(course_id, person_id) == "editingteacher"

    def gradable(self, course_id: str, person_id: str) -> bool:
        """Only students have a grade: not an assistant, not a leader, not who left (M24)."""
        return self.role(course_id, person_id) == "student"

    # Activities and columns

    def course_activities(self, course_id: str) -> list[Activity]:
        """The resource links of a course."""
        with self.lock:
            return [a for a in self.activities.values() if a.course_id == course_id]

    def uses(self, course_id: str, client_id: str) -> bool:
        """Whether the tool has an activity in the course."""
        return any(a.client_id == client_id for a in self.course_activities(course_id))

    def course_columns(self, course_id: str) -> list[Column]:
        """The gradebook's columns of a course."""
        with self.lock:
            return [c for c in self.columns.values() if c.course_id == course_id]

    def add_activity(
        self,
        course_id: str,
        client_id: str,
        title: str,
        *,
        text: str = "",
        url: str = "",
        custom: dict[str, str] | None = None,
        icon: str = "",
    ) -> Activity:
        """Place a resource link. It has no column until couple() gives it one."""
        with self.changing():
            activity = Activity(self.next_id("activity"), course_id, client_id, title, text, url, custom or {}, icon)
            self.activities[activity.id] = activity
            return activity

    def couple(self, activity: Activity, score_maximum: float = 100, resource_id: str = "", tag: str = "") -> Column:
        """Give an activity its own column, as saving it with a grade does."""
        return self.add_column(
            activity.course_id,
            activity.client_id,
            activity.title,
            score_maximum,
            resource_id=resource_id,
            tag=tag,
            resource_link_id=activity.id,
            activity_id=activity.id,
        )

    def add_column(
        self,
        course_id: str,
        client_id: str,
        label: str,
        score_maximum: float,
        *,
        resource_id: str = "",
        tag: str = "",
        resource_link_id: str | None = None,
        activity_id: str | None = None,
    ) -> Column:
        """Add a column to the gradebook."""
        with self.changing():
            column = Column(
                self.next_id("column"),
                course_id,
                client_id,
                label,
                score_maximum,
                resource_id,
                tag,
                resource_link_id,
                activity_id,
            )
            self.columns[column.id] = column
            return column

    def replace_column(
        self,
        column: Column,
        label: str,
        score_maximum: float,
        resource_id: str,
        tag: str,
        resource_link_id: str | None,
    ) -> None:
        """Rewrite a line item as a PUT does; grades keep their share of the maximum."""
        with self.changing():
            for grade in self.grades.values():
                if grade.column_id == column.id and grade.score is not None:
                    grade.score *= score_maximum / column.score_maximum
            column.label, column.score_maximum = label, score_maximum
            column.resource_id, column.tag = resource_id, tag
            column.resource_link_id = resource_link_id

    def delete_column(self, column_id: str) -> None:
        """Delete a column with all its grades. Its id is never used again."""
        with self.changing():
            del self.columns[column_id]
            self.grades = {k: g for k, g in self.grades.items() if k[0] != column_id}

    def copy_course(self, course_id: str, *, people: bool = False, upload: bool = False) -> Course:
        """Copy a course as Moodle does (M33, M73, M74, recorded): new ids, and as they are told of the old ones.

        people: its enrolments come along, and their grades with comment, timestamp and the override mark. upload: made
        from a template by course upload, which keeps no history.
        """
        with self.changing():
            old = self.courses[course_id]
            number = 1 + sum(each.label.startswith(f"{old.label}_") for each in self.courses.values())
            new = self.add_course(f"{old.title} (kopie)", f"{old.label}_{number}")
            new.history = [] if upload else [old.id, *old.history]
            made = self._copy_activities(old.id, new.id)
            if people:
                for each in [each for each in self.enrolments if each.course_id == old.id]:
                    self.enrol(new.id, each.person_id, each.role)
                for grade in list(self.grades.values()):
                    if grade.column_id in made:
                        column_id = made[grade.column_id]
                        copied = dataclasses.replace(grade, column_id=column_id)
                        self.grades[column_id, grade.person_id] = copied
            return new

    def import_course(self, course_id: str, into: str) -> None:
        """Take over a course's activities into another, which keeps its own (M73, M76): done again, they are twice."""
        with self.changing():
            self._copy_activities(course_id, into)

    def duplicate(self, activity_id: str) -> Activity:
        """Duplicate an activity in its course: a link and a column of its own (M77, recorded)."""
        with self.changing():
            old = self.activities[activity_id]
            return self._copy_activity(old, old.course_id, f"{old.title} (copy)")

    def _copy_activities(self, course_id: str, into: str) -> dict[str, str]:
        """Copy all activities, each with its own column; returns which column is which one's copy."""
        made = self._copy_standalone(course_id, into)
        for activity in self.course_activities(course_id):
            copy = self._copy_activity(activity, into, activity.title)
            ours = {column.activity_id: column.id for column in self.course_columns(into)}
            for column in self.course_columns(course_id):
                if column.activity_id == activity.id:
                    made[column.id] = ours[copy.id]
        return made

    def _copy_activity(self, activity: Activity, into: str, title: str) -> Activity:
        number = self.next_id("activity")
        copy = dataclasses.replace(activity, id=number, course_id=into, title=title, custom=dict(activity.custom))
        self.activities[copy.id] = copy
        for column in self.course_columns(activity.course_id):
            if column.activity_id == activity.id:
                self.couple(copy, column.score_maximum, column.resource_id, column.tag)
        return copy

    def _copy_standalone(self, course_id: str, into: str) -> dict[str, str]:
        """Columns that belong to no activity come too, and only once (M76)."""
        made = {}
        there = {(each.resource_id, each.tag) for each in self.course_columns(into) if not each.coupled}
        for old in [each for each in self.course_columns(course_id) if not each.coupled]:
            if (old.resource_id, old.tag) in there:
                continue
            new = self.add_column(
                into, old.client_id, old.label, old.score_maximum, resource_id=old.resource_id, tag=old.tag
            )
            made[old.id] = new.id
        return made

    # Grades

    def record_score(self, column: Column, person_id: str, score: float | None, comment: str, second: int) -> None:
        """Take a score from a tool, scaled to the column; no score erases the grade (M25)."""
        with self.changing():
            known = self.grades.get((column.id, person_id))
            if known and second <= known.second:
                raise StaleScoreError
            if column.locked or (known and known.locked):
                raise LockedColumnError
            if known and known.overridden:
                known.second = second
                return
            self.grades[column.id, person_id] = Grade(column.id, person_id, score, comment, second)

    def override(self, column_id: str, person_id: str, score: float) -> None:
        """Set a grade by hand: from now on what a tool sends changes nothing (M26)."""
        with self.changing():
            self.grades[column_id, person_id] = Grade(
                column_id, person_id, score, "", int(self.clock()), overridden=True
            )

    def lock_grade(self, column_id: str, person_id: str, locked: bool = True) -> None:
        """Lock or unlock one person's grade: a tool's score for it is refused, others' are taken (M61)."""
        with self.changing():
            known = self.grades.get((column_id, person_id)) or Grade(column_id, person_id, None, "", 0)
            self.grades[column_id, person_id] = dataclasses.replace(known, locked=locked)

    def grade(self, column_id: str, person_id: str) -> Grade | None:
        """What the gradebook holds for somebody, if anything."""
        with self.lock:
            return self.grades.get((column_id, person_id))

    # Keeping

    def save(self) -> None:
        """Write everything to `path`, whole or not at all."""
        if self.path is None:
            return
        kept: dict[str, Any] = {"name": self.name, "counters": self.counters}
        for name in KEPT:
            held = getattr(self, name)
            rows = held.values() if isinstance(held, dict) else held
            kept[name] = [dataclasses.asdict(row) for row in rows]
        draft = self.path.with_suffix(".new")
        # The file holds private keys, so it is never readable to others, not even for a moment.
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file, ensure_ascii=False, indent=1)
        os.replace(draft, self.path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """A school as it was saved."""
        kept: dict[str, Any] = json.loads(path.read_text())
        rows: dict[str, list[Any]] = {name: [kind(**row) for row in kept[name]] for name, kind in KEPT.items()}
        by_id: dict[str, dict[str, Any]] = {
            name: {row.id: row for row in rows[name]} for name in ("people", "courses", "activities", "columns")
        }
        return cls(
            name=kept["name"],
            people=by_id["people"],
            courses=by_id["courses"],
            enrolments=rows["enrolments"],
            activities=by_id["activities"],
            columns=by_id["columns"],
            grades={(grade.column_id, grade.person_id): grade for grade in rows["grades"]},
            tools={tool.client_id: tool for tool in rows["tools"]},
            signing_keys=rows["signing_keys"],
            counters=kept["counters"],
            path=path,
        )
