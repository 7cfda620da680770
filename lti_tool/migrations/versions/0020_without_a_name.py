"""Drawn numbers instead of counted ones for what a page can name, no names of files, scores that wait for others.

What people wrote, their files, answers and notes had the numbers of their rows: whoever watched who was heard could
line the two up. All of them get one by chance, also where a form or a body holds it. Down they are counted again, in
the order of writing. Labels of evidence (E1) stay: texts speak of them.

Revision ID: 0020
Revises: 0019
"""

import secrets
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FIRST, LAST = 100_000_000, 999_999_999
Ids = dict[int, int]


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(each, sa.JSON() if each in ("body", "ids") else None) for each in columns))


# What is numbered, and what says when it was written.
DRAWN = {"contribution": "created_at", "consent": "at", "attachment": "created_at", "note": "created_at"}
# What points at a contribution.
POINTS = (
    ("link", "from_id"),
    ("link", "to_id"),
    ("dot", "contribution_id"),
    ("revision", "contribution_id"),
    ("attachment", "contribution_id"),
    ("round", "subject_id"),
)
# The fields of forms that hold the number of a contribution, and how those begin that have it in their name.
FIELDS = frozenset(
    [
        "id",
        "idea",
        "ideas",
        "sources",
        "story",
        "about",
        "log",
        "question",
        "proposal",
        "origin",
        "card",
        "request",
        "evidence",
        "source",
        "observation",
        "observations",
        "rival",
        "explanation",
        "considered",
        "point",
    ]
)
NAMED = ("dots-", "say-")


def _draw(table: str) -> Ids:
    """Old number -> a drawn one. Of what was written in the same instant the order stays."""
    rows = op.get_bind().execute(sa.text(f"SELECT id, {DRAWN[table]} FROM {table} ORDER BY {DRAWN[table]}, id")).all()
    numbers: set[int] = set()
    while len(numbers) < len(rows):
        numbers.add(FIRST + secrets.randbelow(LAST - FIRST + 1))
    left = list(numbers)
    secrets.SystemRandom().shuffle(left)
    found: Ids = {}
    for _, at_once in groupby(rows, key=lambda row: row[1]):
        olds = [row[0] for row in at_once]
        found |= dict(zip(olds, sorted(left.pop() for _ in olds), strict=True))
    return found


def _count(table: str) -> Ids:
    """Drawn number -> one that counts up, oldest first."""
    rows = op.get_bind().execute(sa.text(f"SELECT id FROM {table} ORDER BY {DRAWN[table]}, id")).all()
    return {row[0]: number for number, row in enumerate(rows, 1)}


def _many(statement: str, pairs: Iterable[tuple[int, int]]) -> None:
    if values := [{"old": old, "new": new} for old, new in pairs]:
        op.get_bind().execute(sa.text(statement), values)


def _renumber(table: str, ids: Ids) -> None:
    # By way of what nobody has: a new number may be another row's old one.
    if table != "contribution":
        _many(f"UPDATE {table} SET id = -:new WHERE id = :old", ids.items())
        op.execute(f"UPDATE {table} SET id = -id WHERE id < 0")
        return
    # What points at a row keeps it where it is: a copy takes it over.
    columns = "step_run_id, kind, member_id, body, version, created_at, updated_at, withdrawn_at"
    for sign, pairs in (("-", list(ids.items())), ("", [(-new, new) for new in ids.values()])):
        _many(f"INSERT INTO {table} (id, {columns}) SELECT {sign}:new, {columns} FROM {table} WHERE id = :old", pairs)
        for other, column in POINTS:
            _many(f"UPDATE {other} SET {column} = {sign}:new WHERE {column} = :old", pairs)
        _many(f"DELETE FROM {table} WHERE id = :old AND id <> {sign}:new", pairs)


def _bodies(contributions: Ids, consents: Ids) -> None:
    """What holds such a number in its words."""
    _rewrite("contribution", lambda row: {"body": _of_piece(row.body, contributions, consents)})
    _rewrite("revision", lambda row: {"body": _of_piece(row.body, contributions, consents)})
    _rewrite("note", lambda row: {"body": _of_form(row.body, contributions, consents)})
    _rewrite("draft", lambda row: _of_draft(row, contributions, consents), "form")


def _rewrite(name: str, anew: Callable[[Any], dict[str, Any]], *more: str) -> None:
    table = _table(name, "id", "body", *more)
    for row in op.get_bind().execute(sa.select(table)).all():
        said = anew(row)
        if any(getattr(row, column) != value for column, value in said.items()):
            op.execute(table.update().where(table.c.id == row.id).values(**said))


def _of_piece(body: Any, contributions: Ids, consents: Ids) -> Any:
    if not isinstance(body, dict):
        return body
    said = dict(body)
    if isinstance(said.get("consent"), int):
        said["consent"] = consents.get(said["consent"], said["consent"])
    if isinstance(said.get("choices"), dict):
        said["choices"] = {_text(key, contributions): value for key, value in said["choices"].items()}
    if isinstance(said.get("points"), list):
        said["points"] = [[contributions.get(each, each), version] for each, version in said["points"]]
    return said


def _of_form(body: Any, contributions: Ids, consents: Ids) -> Any:
    if not isinstance(body, dict):
        return body
    found = {}
    for field, value in body.items():
        begun = next((each for each in NAMED if field.startswith(each)), "")
        name = begun + _text(field.removeprefix(begun), contributions) if begun else field
        ids = contributions if field in FIELDS else consents if field == "consent" else {}
        found[name] = [_text(each, ids) for each in value] if isinstance(value, list) else _text(value, ids)
    return found


def _of_draft(row: Any, contributions: Ids, consents: Ids) -> dict[str, Any]:
    begun, dash, number = row.form.rpartition("-")
    of_consent = begun.endswith((":resolve", ":solve"))
    form = begun + dash + _text(number, consents if of_consent else contributions) if dash else row.form
    return {"form": form, "body": _of_form(row.body, contributions, consents)}


def _text(value: Any, ids: Ids) -> Any:
    known = isinstance(value, str) and value.isascii() and value.isdecimal()
    return str(ids.get(int(value), value)) if known else value


def _clean_again() -> None:
    """Whatever cleans files goes through them by their numbers: it begins again."""
    last = op.get_bind().scalar(sa.text("SELECT max(id) FROM attachment"))
    outbox = _table("outbox", "kind", "ids", "done_at")
    waiting = (outbox.c.kind == "clean") & outbox.c.done_at.is_(None)
    op.execute(outbox.update().where(waiting).values(ids={"after": 0, "last": last or 0}))


def _number_anew(numbers: Callable[[str], Ids]) -> None:
    found = {table: numbers(table) for table in DRAWN}
    _bodies(found["contribution"], found["consent"])
    for table, ids in found.items():
        _renumber(table, ids)
    _clean_again()


def upgrade() -> None:
    _number_anew(_draw)
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_column("name")
    with op.batch_alter_table("moment", schema=None) as batch_op:
        for name in ("held", "gone"):
            batch_op.add_column(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    # What was taken back does not count there.
    op.execute("DELETE FROM moment WHERE gone")
    with op.batch_alter_table("moment", schema=None) as batch_op:
        batch_op.drop_column("held")
        batch_op.drop_column("gone")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(255), server_default="bijlage", nullable=False))
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.alter_column("name", server_default=None)
    _number_anew(_count)
    if op.get_bind().dialect.name == "postgresql":
        for table in DRAWN:
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
            )
