"""Files of many hours, made by the worker and kept for a day

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hours_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("made_at", AT, nullable=True),
        sa.Column("failed_at", AT, nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("pots", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_hours_export_community_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_hours_export_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hours_export"),
        sa.UniqueConstraint(
            "community_id", "person_id", "what", name=op.f("uq_hours_export_community_id_person_id_what")
        ),
    )
    op.create_index("ix_hours_export_person_id", "hours_export", ["person_id"])


def downgrade() -> None:
    op.drop_table("hours_export")
