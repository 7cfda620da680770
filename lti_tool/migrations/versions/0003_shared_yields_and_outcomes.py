"""Yields shared with another community of the school; what a completed step came to

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "yield_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_yield_share_community_id")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_yield_share_cycle_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_yield_share_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yield_share")),
        sa.UniqueConstraint("cycle_id", "community_id", name=op.f("uq_yield_share_cycle_id_community_id")),
    )
    op.create_index("ix_yield_share_community_id", "yield_share", ["community_id"])
    with op.batch_alter_table("step_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.Text(), nullable=True))
    _fill()


def _fill() -> None:
    """Until now only step 1 could be completed: what it came to is its last text."""
    run = sa.table("step_run", sa.column("id"), sa.column("step"), sa.column("closed_at"), sa.column("outcome"))
    text = sa.table(
        "contribution",
        *(sa.column(name) for name in ("id", "step_run_id", "kind", "withdrawn_at")),
        sa.column("body", sa.JSON()),
    )
    rows = op.get_bind().execute(
        sa.select(run.c.id, text.c.body)
        .join_from(run, text, text.c.step_run_id == run.c.id)
        .where(run.c.step == "ambition", run.c.closed_at.is_not(None))
        .where(text.c.kind == "proposal", text.c.withdrawn_at.is_(None))
        .order_by(text.c.id)
    )
    for run_id, body in rows.all():
        op.execute(sa.update(run).where(run.c.id == run_id).values(outcome=body["text"]))


def downgrade() -> None:
    with op.batch_alter_table("step_run", schema=None) as batch_op:
        batch_op.drop_column("outcome")
    op.drop_table("yield_share")
