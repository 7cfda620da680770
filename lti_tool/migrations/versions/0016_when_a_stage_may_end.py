"""What is needed to know when a stage may end: who passed, who is away, where it came from. Open stages end as before.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_run_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_pass_member_id_member")),
        sa.ForeignKeyConstraint(["step_run_id"], ["step_run.id"], name=op.f("fk_pass_step_run_id_step_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass")),
        sa.UniqueConstraint("step_run_id", "member_id", "stage", name=op.f("uq_pass_step_run_id_member_id_stage")),
    )
    with op.batch_alter_table("pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pass_member_id"), ["member_id"], unique=False)
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("away_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("away_own", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("step_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("came_from", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("by_circle", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("told", sa.JSON(), nullable=True))
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by_roster", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("headcount", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE member SET opened_at = joined_at")
    # A community that has begun keeps as its circle those who opened it.
    op.execute("UPDATE community SET by_roster = false")
    # A stage that was entered before there were these rules ends as it was begun.
    op.execute("UPDATE step_run SET by_circle = false")


def downgrade() -> None:
    with op.batch_alter_table("step_run", schema=None) as batch_op:
        batch_op.drop_column("told")
        batch_op.drop_column("by_circle")
        batch_op.drop_column("came_from")
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.drop_column("headcount")
        batch_op.drop_column("by_roster")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("opened_at")
        batch_op.drop_column("away_own")
        batch_op.drop_column("away_until")
    with op.batch_alter_table("pass", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pass_member_id"))
    op.drop_table("pass")
