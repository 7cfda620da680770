"""A cycle can be paused, and ended before its steps are done; answers go by their own time, not by a delivery

Revision ID: 0014
Revises: 0013
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op


revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEPT = dt.timedelta(days=30)

_cycle = sa.table(
    "cycle",
    sa.column("id"),
    sa.column("community_id"),
    sa.column("number"),
    sa.column("closed_at", sa.DateTime(timezone=True)),
    sa.column("ending"),
)
_run = sa.table("step_run", sa.column("id"), sa.column("step"))
_outbox = sa.table(
    "outbox",
    sa.column("kind"),
    sa.column("key"),
    sa.column("ids", sa.JSON()),
    sa.column("due_at", sa.DateTime(timezone=True)),
    sa.column("attempts"),
    sa.column("done_at", sa.DateTime(timezone=True)),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ending", sa.String(length=16), nullable=True))
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_pause_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index("ix_pause_cycle_id", "pause", ["cycle_id"])
    # The worker looks itself, every hour, for answers whose time is over.
    op.execute(sa.delete(_outbox).where(_outbox.c.kind.in_(("forget", "resume"))))


def downgrade() -> None:
    """Below, a cycle that is paused goes on. One that was ended is open again, unless the next has begun."""
    op.execute(sa.delete(_outbox).where(_outbox.c.kind == "resume"))
    ending = sa.select(sa.cast(_run.c.id, sa.String())).where(_run.c.step == "ending")
    op.execute(sa.delete(_outbox).where(_outbox.c.kind == "stage", _outbox.c.key.in_(ending)))
    later = _cycle.alias()
    followed = sa.exists().where(later.c.community_id == _cycle.c.community_id, later.c.number > _cycle.c.number)
    op.execute(sa.update(_cycle).where(_cycle.c.ending.is_not(None), ~followed).values(closed_at=None))
    over = sa.select(_cycle.c.id, _cycle.c.closed_at).where(_cycle.c.closed_at.is_not(None))
    for row in op.get_bind().execute(over.order_by(_cycle.c.id)).all():
        values = {"kind": "forget", "key": str(row.id), "ids": {"cycle": row.id}, "attempts": 0}
        op.execute(sa.insert(_outbox).values(**values, due_at=row.closed_at + KEPT, created_at=row.closed_at))
    op.drop_table("pause")
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.drop_column("ending")
        batch_op.drop_column("paused_until")
