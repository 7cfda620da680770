"""Making the people of two clients of one platform one: what an operator says, and no launch can."""

from contextlib import nullcontext

from sqlalchemy import ForeignKey, Table, delete, select, update
from sqlalchemy.orm import Session, aliased

from lti_tool.db import Base
from lti_tool.domain import kept
from lti_tool.models import OutboxRow, Person, Registration


class CannotJoin(Exception):
    """Two registrations whose people cannot be made one; its code is for the command to say in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def join(session: Session, joined: Registration, to: Registration) -> int:
    """Make the people of `joined`, and of all whose people they are, people of `to`; returns how many were known twice.

    Somebody known to both keeps the name that `to` gave; what they did in either community stays theirs. Their
    courses are of different deployments, so that nobody comes to sit in one course twice. Raises CannotJoin.
    """
    if joined.issuer != to.issuer:
        raise CannotJoin("other_issuer")
    if joined.realm == to.realm:
        raise CannotJoin("joined_already")
    left, stays = aliased(Person), aliased(Person)
    known_to_both = (
        select(left.id, stays.id)
        .join(stays, (stays.issuer == left.issuer) & (stays.sub == left.sub))
        .where(left.issuer == to.issuer, left.realm == joined.realm, stays.realm == to.realm)
    )
    twice: dict[int, int] = {row[0]: row[1] for row in session.execute(known_to_both)}
    here = (Registration.issuer == joined.issuer, Registration.realm == joined.realm)
    _waiting(session, list(session.scalars(select(Registration.id).where(*here))), twice)
    with kept.opened(session) if twice else nullcontext():
        for old, new in twice.items():
            for table, column in _naming_people():
                session.execute(update(table).where(table.c[column] == old).values({column: new}))
            session.execute(delete(Person).where(Person.id == old))
    session.execute(
        update(Person).where(Person.issuer == to.issuer, Person.realm == joined.realm).values(realm=to.realm)
    )
    session.execute(update(Registration).where(*here).values(realm=to.realm))
    session.flush()
    return len(twice)


def _naming_people() -> list[tuple[Table, str]]:
    """Every column that names a person."""
    person = Base.metadata.tables[Person.__tablename__]
    keys: list[ForeignKey] = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
    return [(key.parent.table, key.parent.name) for key in keys if key.column is person.c.id]


def _waiting(session: Session, registrations: list[int], twice: dict[int, int]) -> None:
    """What is still to be delivered names people by number."""
    rows = session.scalars(
        select(OutboxRow).where(OutboxRow.registration_id.in_(registrations), OutboxRow.done_at.is_(None))
    )
    for row in rows:
        new = twice.get(row.ids.get("person", 0))
        if new is not None:
            head, _, _ = row.key.rpartition(":")
            row.ids, row.key = {**row.ids, "person": new}, f"{head}:{new}"
    session.flush()
