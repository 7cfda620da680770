"""Hours: whose decision a pot is, how a paper rounds, and sessions that an approver assigned to a pot

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    own = sa.text("'own'")
    op.add_column("hours_pot", sa.Column("decision", sa.String(length=16), nullable=False, server_default=own))
    op.add_column("hours_pot", sa.Column("rounds", sa.Integer(), nullable=True))
    op.create_table(
        "hours_assigned",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", AT, nullable=False),
        sa.Column("until", AT, nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["hours_session.id"], name="fk_hours_assigned_session_id"),
        sa.ForeignKeyConstraint(["pot_id"], ["hours_pot.id"], name="fk_hours_assigned_pot_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_hours_assigned_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hours_assigned"),
    )
    for column in ("session_id", "pot_id"):
        op.create_index(f"ix_hours_assigned_{column}", "hours_assigned", [column])


def downgrade() -> None:
    op.drop_table("hours_assigned")
    for column in ("rounds", "decision"):
        op.drop_column("hours_pot", column)
