"""Making the people of two clients of one platform one: what an operator says, and no launch can."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Table, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Session, aliased

from lti_tool.db import Base
from lti_tool.domain import kept
from lti_tool.models import OutboxRow, Person, Registration

# How many ids go into one statement.
AT_ONCE = 1000
# "table.column" -> [primary key, the number that stood there], of each row that bears another one now.
Changed = dict[str, list[list[Any]]]


class Whose(NamedTuple):
    """Whose people: of an issuer, and of those who sign with the same keys (Registration.realm)."""

    issuer: str
    realm: str


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
    twice = known_to_both(session, Whose(joined.issuer, joined.realm), Whose(to.issuer, to.realm))
    here = (Registration.issuer == joined.issuer, Registration.realm == joined.realm)
    rename(waiting_of(session, session.scalars(select(Registration.id).where(*here)).all()), twice)
    redirect(session, twice)
    for some in portions(twice):
        session.execute(delete(Person).where(Person.id.in_(some)))
    session.execute(
        update(Person).where(Person.issuer == to.issuer, Person.realm == joined.realm).values(realm=to.realm)
    )
    session.execute(update(Registration).where(*here).values(realm=to.realm))
    session.flush()
    return len(twice)


def known_to_both(session: Session, left: Whose, right: Whose) -> dict[int, int]:
    """Number of a person of `left` -> of the person of `right` whom the LMS calls by the same id."""
    one, other = aliased(Person), aliased(Person)
    query = (
        select(one.id, other.id)
        .join(other, other.sub == one.sub)
        .where(one.issuer == left.issuer, one.realm == left.realm)
        .where(other.issuer == right.issuer, other.realm == right.realm)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def redirect(session: Session, twice: Mapping[int, int]) -> Changed:
    """Have all that bears the number of the one bear that of the other; returns what to `restore`."""
    changed: Changed = {}
    with kept.opened(session) if twice else nullcontext():
        for table, column in naming_people():
            (key,) = table.primary_key.columns
            rows = [
                [found, was]
                for some in portions(twice)
                for found, was in session.execute(select(key, table.c[column]).where(table.c[column].in_(some)))
            ]
            if rows:
                changed[f"{table.name}.{column}"] = rows
                _number(session, table, column, [(found, twice[was]) for found, was in rows])
    return changed


def restore(session: Session, changed: Mapping[str, list[list[Any]]]) -> None:
    """Give the rows that are still there the numbers back that stood in them."""
    known = {f"{table.name}.{column}": (table, column) for table, column in naming_people()}
    named = {person for rows in changed.values() for _, person in rows}
    here = {each for some in portions(named) for each in session.scalars(select(Person.id).where(Person.id.in_(some)))}
    with kept.opened(session) if changed else nullcontext():
        for name, rows in changed.items():
            if name in known:
                _number(session, *known[name], [(key, was) for key, was in rows if was in here])


def clashes(session: Session, twice: Mapping[int, int]) -> list[str]:
    """Tables in which both have a row where one person can have one only: they cannot become one."""
    found = set()
    for table, column in naming_people():
        for unique in table.constraints:
            if not isinstance(unique, UniqueConstraint) or column not in unique.columns:
                continue
            others = [each for each in unique.columns if each.name != column]
            rows: dict[int, set[Any]] = {}
            for some in portions({*twice, *twice.values()}):
                query = select(table.c[column], *others).where(table.c[column].in_(some))
                for person, *rest in session.execute(query):
                    rows.setdefault(person, set()).add(tuple(rest))
            if any(rows.get(one, set()) & rows.get(other, set()) for one, other in twice.items()):
                found.add(table.name)
    return sorted(found)


def waiting_of(session: Session, registrations: Collection[int]) -> list[OutboxRow]:
    """What is still to be delivered to these platforms."""
    query = select(OutboxRow).where(OutboxRow.registration_id.in_(registrations), OutboxRow.done_at.is_(None))
    return list(session.scalars(query))


def rename(waiting: Iterable[OutboxRow], twice: Mapping[int, int]) -> None:
    """What is still to be delivered names people by number."""
    for row in waiting:
        new = twice.get(row.ids.get("person", 0))
        if new is not None:
            head, _, _ = row.key.rpartition(":")
            row.ids, row.key = {**row.ids, "person": new}, f"{head}:{new}"


def naming_people() -> list[tuple[Table, str]]:
    """Every column that names a person."""
    person = Base.metadata.tables[Person.__tablename__]
    keys: list[ForeignKey] = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
    return [(key.parent.table, key.parent.name) for key in keys if key.column is person.c.id]


def _number(session: Session, table: Table, column: str, rows: Iterable[tuple[Any, int]]) -> None:
    (key,) = table.primary_key.columns
    by_person: dict[int, list[Any]] = {}
    for found, person in rows:
        by_person.setdefault(person, []).append(found)
    for person, keys in by_person.items():
        for some in portions(keys):
            session.execute(update(table).where(key.in_(some)).values({column: person}))


def portions(ids: Iterable[Any]) -> Iterator[list[Any]]:
    """As many as go into one statement."""
    listed = list(ids)
    for begin in range(0, len(listed), AT_ONCE):
        yield listed[begin : begin + AT_ONCE]
