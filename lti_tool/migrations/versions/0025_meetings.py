"""A meeting that runs itself: its row, what it put aside, and by what a page knows that something changed

Revision ID: 0025
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("community") as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("moved", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("activity_url", sa.String(length=1024), server_default="", nullable=False))
    with op.batch_alter_table("round") as batch_op:
        batch_op.add_column(sa.Column("noted", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("started_at", lti_tool.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", lti_tool.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("agenda", sa.JSON(), nullable=False),
        sa.Column("clock_for", lti_tool.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("clock_ends_at", lti_tool.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("next_time", sa.Time(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_meeting_community_id")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_meeting_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("ix_meeting_community_id", "meeting", ["community_id"])
    on = sa.text("ended_at IS NULL")
    op.create_index("uq_meeting_on", "meeting", ["community_id"], unique=True, sqlite_where=on, postgresql_where=on)
    op.create_table(
        "parked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_parked_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked")),
    )
    op.create_index("ix_parked_meeting_id", "parked", ["meeting_id"])


def downgrade() -> None:
    op.drop_table("parked")
    op.drop_table("meeting")
    with op.batch_alter_table("round") as batch_op:
        batch_op.drop_column("noted")
    with op.batch_alter_table("community") as batch_op:
        batch_op.drop_column("activity_url")
        batch_op.drop_column("moved")
        batch_op.drop_column("version")
