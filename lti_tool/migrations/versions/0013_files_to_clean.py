"""Files of before they were cleaned on the way in: a row of the outbox has the worker clean them

Revision ID: 0013
Revises: 0012
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The worker cleans, one after the other: no library for pictures belongs in a migration, nor the time it takes.
KIND, KEY = "clean", "files"
_attachment = sa.table("attachment", sa.column("id", sa.Integer()))
_outbox = sa.table(
    "outbox",
    sa.column("kind", sa.String()),
    sa.column("key", sa.String()),
    sa.column("ids", sa.JSON()),
    sa.column("due_at", sa.DateTime(timezone=True)),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    last = op.get_bind().scalar(sa.select(sa.func.max(_attachment.c.id)))
    if last is not None:
        moment = dt.datetime.now(dt.timezone.utc)
        values = {"kind": KIND, "key": KEY, "ids": {"after": 0, "last": last}, "due_at": moment, "created_at": moment}
        op.execute(_outbox.insert().values(values))


def downgrade() -> None:
    op.execute(_outbox.delete().where(_outbox.c.kind == KIND))
