"""A platform that moved, and what it takes to undo that; since when a community is where it is

Revision ID: 0040
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0040"
down_revision = "0036"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "platform_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("moved_at", AT, nullable=False),
        sa.Column("undone_at", AT, nullable=True),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["old_id"], ["registration.id"], name="fk_platform_move_old_id"),
        sa.ForeignKeyConstraint(["new_id"], ["registration.id"], name="fk_platform_move_new_id"),
        sa.PrimaryKeyConstraint("id", name="pk_platform_move"),
    )
    for column in ("old_id", "new_id"):
        op.create_index(f"ix_platform_move_{column}", "platform_move", [column])


def downgrade() -> None:
    op.drop_table("platform_move")
