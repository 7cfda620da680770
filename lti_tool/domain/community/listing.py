"""A course's roster, as the LMS tells it: taken over whole, into people and seats."""

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.community import members
from lti_tool.domain.school import pseudonyms
from lti_tool.models import Course, Deployment, Person, Registration, Seat

CHUNK = 500


class Entry(Protocol):
    """One membership of a roster."""

    @property
    def sub(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


def apply(session: Session, course: Course, issuer: str, entries: Iterable[Entry]) -> dict[str, int]:
    """Take over a complete roster: upsert people and seats, mark who vanished, delete nobody.

    Who has no role in the course (a guest, a mentor) gets no seat by it; whoever is known keeps theirs, since a roster
    alone demotes nobody (M30). Returns the receipt: members, new, gone. Never call it with part of a roster.

    A name that the LMS shares no longer goes: of one person, where the roster names others; of all whom it named,
    where it names nobody any more, and no launch does either (M40).
    """
    listed = {entry.sub: entry for entry in entries}
    # Columns, not entities: there may be ten thousand, and hardly any changes.
    known = {
        row.sub: row
        for row in session.execute(
            select(Seat.id, Seat.person_id, Person.sub, Person.name, Seat.launch_role, Seat.roster_role)
            .add_columns(Seat.present, Seat.gone_at)
            .join(Person, Person.id == Seat.person_id)
            .where(Seat.course_id == course.id)
        )
    }
    listed = {sub: entry for sub, entry in listed.items() if entry.role or sub in known}
    unknown = [entry for sub, entry in listed.items() if sub not in known]
    numbers = pseudonyms.hold(session, course.id)
    _add_seats(session, course, issuer, unknown, numbers)
    named = sum(bool(entry.name) for entry in listed.values())
    other = {row.person_id for sub, row in known.items() if sub in listed and listed[sub].name != row.name}
    by_number = other if numbers else pseudonyms.of(session, other)
    moment, renamed, seated = now(), [], []
    came_back: dict[int, dt.datetime | None] = {}
    gone = 0
    for sub, row in known.items():
        entry = listed.get(sub)
        if entry is None:
            # Somebody the roster never knew (an administrator who launched) cannot vanish from it.
            if row.present and row.roster_role is not None:
                seated.append({"id": row.id, "roster_role": row.roster_role, "present": False, "gone_at": moment})
                gone += 1
            continue
        name = "" if row.person_id in by_number else entry.name
        gone_with = named or row.person_id in by_number or row.launch_role is None or course.launch_named is False
        if row.name != name and (name or gone_with):
            renamed.append({"id": row.person_id, "name": name})
        if not row.present or row.roster_role != entry.role:
            seated.append({"id": row.id, "roster_role": entry.role, "present": True, "gone_at": None})
            if not row.present:
                came_back[row.person_id] = row.gone_at
    for table, changes in ((Person, renamed), (Seat, seated)):
        if changes:
            session.execute(update(table), changes)
    members.back_in_course(session, course, came_back)
    receipt = {"members": len(listed), "new": len(unknown) + len(came_back), "gone": gone}
    course.roster, course.roster_at = dict(receipt), moment
    if course.roster_named != bool(named):
        course.roster_named = bool(named)
    return receipt


def _add_seats(session: Session, course: Course, issuer: str, entries: list[Entry], numbers: bool) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    realm = session.scalars(
        select(Registration.realm).join(Deployment).where(Deployment.id == course.deployment_id)
    ).one()
    for start in range(0, len(entries), CHUNK):
        chunk = entries[start : start + CHUNK]
        session.execute(
            insert(Person).on_conflict_do_nothing(),
            [
                {
                    "issuer": issuer,
                    "realm": realm,
                    "sub": entry.sub,
                    "name": "" if numbers else entry.name,
                    "created_at": now(),
                }
                for entry in chunk
            ],
        )
        ids: dict[str, int] = {
            sub: person_id
            for person_id, sub in session.execute(
                select(Person.id, Person.sub).where(
                    Person.issuer == issuer,
                    Person.realm == realm,
                    Person.sub.in_([entry.sub for entry in chunk]),
                )
            )
        }
        if numbers:
            # Who has a name from another course has none from here on.
            session.execute(update(Person).where(Person.id.in_(ids.values()), Person.name != "").values(name=""))
        session.execute(
            insert(Seat).on_conflict_do_nothing(),
            [
                {
                    "course_id": course.id,
                    "person_id": ids[entry.sub],
                    "roster_role": entry.role,
                    "present": True,
                    "first_seen_at": now(),
                }
                for entry in chunk
            ],
        )
