"""What goes with a platform, a deployment or an invitation, and removing it: found by the foreign keys.

So that a table that is added later goes along without being named here. What stands in an LMS's gradebook stays there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from lti_tool.db import Base
from lti_tool.domain import kept
from lti_tool.models import (
    Course,
    Cycle,
    Deployment,
    LineItem,
    Member,
    OutboxRow,
    Person,
    Registration,
    Seat,
    StepRun,
)
from lti_tool.models.hours import HoursRole, HoursVisit
from lti_tool.models.school import School, SchoolSplit, YearTurn

# How many ids go into one statement: SQLite takes 32,766 values.
AT_ONCE = 1000
# What an outbox row's ids are of: they are no foreign keys.
_OUTBOX_IDS = {
    "registration": Registration,
    "deployment": Deployment,
    "course": Course,
    "column": LineItem,
    "run": StepRun,
    "cycle": Cycle,
    "turn": YearTurn,
}

# A table with a person in it whose rows stay when everything else of a school goes, and why: none.
STAYS: Mapping[str, str] = {}

Rows = dict[Table, set[Any]]


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


@dataclass(frozen=True)
class Removal:
    """Primary keys by table."""

    rows: Rows

    def count(self, name: str) -> int:
        """How many rows of a table go."""
        return sum(len(keys) for table, keys in self.rows.items() if table.name == name)

    @property
    def total(self) -> int:
        """How many rows of all tables go."""
        return sum(map(len, self.rows.values()))


def hanging(session: Session, model: type[Base], key: Any) -> Removal:
    """One row and what refers to it, and nothing else: no people, and nothing that is to be delivered."""
    rows: Rows = defaultdict(set)
    _follow(session, rows, _table(model), {key})
    return Removal({table: keys for table, keys in rows.items() if keys})


def of(
    session: Session, model: type[Base], key: Any, also: Mapping[type[Base], Iterable[Any]] | None = None
) -> Removal:
    """All that hangs on one row; of people, those who have no place left anywhere. also: other rows that go with it."""
    rows: Rows = defaultdict(set)
    _follow(session, rows, _table(model), {key})
    for other, keys in (also or {}).items():
        _follow(session, rows, _table(other), set(keys))
    _follow(session, rows, _table(School), _emptied(session, rows))
    # Who approves from outside has a place too, and so has who can be named for it.
    person, places = _table(Person), tuple(map(_table, (Seat, Member, HoursRole, HoursVisit)))
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    pointing = [column for column in columns if column.references(person.c.id)]
    met = set().union(*(_found(session, column.table, column.name, rows[column.table]) for column in pointing))
    for table in places:
        left = select(table.c.person_id, table.c.id)
        met -= {
            who
            for ids in _parts(met)
            for who, row in session.execute(left.where(table.c.person_id.in_(ids)))
            if row not in rows[table]
        }
    _follow(session, rows, person, met)
    for row_id, ids in session.execute(select(OutboxRow.id, OutboxRow.ids)):
        if any(ids.get(name) in rows[_table(of_model)] for name, of_model in _OUTBOX_IDS.items()):
            rows[_table(OutboxRow)].add(row_id)
    return Removal({table: keys for table, keys in rows.items() if keys})


def below(session: Session, of_rows: Mapping[type[Base], set[Any]], stays: Collection[str]) -> Removal:
    """All that hangs on rows, and not these themselves; nor what is in a table that stays, or hangs on that."""
    rows: Rows = defaultdict(set)
    for model, keys in of_rows.items():
        _follow(session, rows, _table(model), set(keys), stays)
    for model in of_rows:
        rows.pop(_table(model), None)
    return Removal({table: keys for table, keys in rows.items() if keys})


def which(session: Session, model: type[Base], *where: Any) -> Removal:
    """The rows of a table of which this is so, on which nothing hangs."""
    keys = set(session.scalars(select(_key(_table(model))).where(*where)))
    return Removal({_table(model): keys} if keys else {})


def joined(*parts: Removal) -> Removal:
    """One removal of several."""
    rows: Rows = defaultdict(set)
    for part in parts:
        for table, keys in part.rows.items():
            rows[table] |= keys
    return Removal(dict(rows))


def _emptied(session: Session, rows: Rows) -> set[Any]:
    """Ids of the schools that have no deployment left, and no courses of one."""
    of = tuple(map(_table, (Deployment, SchoolSplit, Course)))
    theirs = set().union(*(_found(session, table, "school_id", rows[table]) for table in of)) - {None}
    for table in of:
        left = select(table.c.school_id, _key(table)).where(table.c.school_id.in_(theirs))
        theirs -= {school for school, key in session.execute(left) if key not in rows[table]}
    return theirs


def carry_out(session: Session, removal: Removal) -> None:
    """Remove it, those first that refer to others."""
    with kept.opened(session):
        for table in reversed(Base.metadata.sorted_tables):
            for keys in _parts(removal.rows.get(table, ())):
                session.execute(delete(table).where(_key(table).in_(keys)))


def _key(table: Table) -> Any:
    (column,) = table.primary_key.columns
    return column


def _parts(keys: Iterable[Any]) -> Iterator[list[Any]]:
    listed = list(keys)
    for begin in range(0, len(listed), AT_ONCE):
        yield listed[begin : begin + AT_ONCE]


def _found(session: Session, table: Table, column: str, keys: set[Any]) -> set[Any]:
    return {
        value
        for part in _parts(keys)
        for value in session.scalars(select(table.c[column]).where(_key(table).in_(part)))
    }


def _follow(session: Session, rows: Rows, table: Table, keys: set[Any], stays: Collection[str] = ()) -> None:
    """Add rows, and what refers to them; what is in a table that stays, and what refers to that, is not added."""
    if not (fresh := keys - rows[table]):
        return
    rows[table] |= fresh
    for other in Base.metadata.tables.values():
        for foreign in other.foreign_keys if other.name not in stays else ():
            if foreign.column.table is table:
                query = select(_key(other))
                _follow(
                    session,
                    rows,
                    other,
                    {key for part in _parts(fresh) for key in session.scalars(query.where(foreign.parent.in_(part)))},
                    stays,
                )
