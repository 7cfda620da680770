"""Whoever wrote what was hidden is told

On the way down the marks of what was taken back or hidden become words: earlier code shows what stands there.

Revision ID: 0022
Revises: 0021
"""

from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MARKS = {"\ue0f1": "(teruggenomen)", "\ue0f2": "(weggehaald)"}
PLACES = (
    ("contribution", "body", sa.JSON()),
    ("revision", "body", sa.JSON()),
    ("consent", "body", sa.JSON()),
    ("note", "body", sa.JSON()),
    ("yield_share", "body", sa.JSON()),
    ("reopening", "reason", sa.Text()),
    ("reopening", "outcome", sa.Text()),
    ("step_run", "outcome", sa.Text()),
)


def _said(value: Any) -> Any:
    if isinstance(value, str):
        for mark, words in MARKS.items():
            value = value.replace(mark, words)
        return value
    if isinstance(value, dict):
        return {name: _said(each) for name, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, list) else value


def upgrade() -> None:
    with op.batch_alter_table("member") as batch_op:
        batch_op.add_column(sa.Column("to_mend", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    connection = op.get_bind()
    for name, column, kind in PLACES:
        table = sa.table(name, sa.column("id"), sa.column(column, kind))
        for number, value in connection.execute(sa.select(table.c.id, table.c[column])).all():
            said = _said(value)
            if said != value:
                connection.execute(sa.update(table).where(table.c.id == number).values({column: said}))
    with op.batch_alter_table("member") as batch_op:
        batch_op.drop_column("to_mend")
