"""Professional development hours: who opened an approve activity, and can be named by whoever makes pots

Revision ID: 0031
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0031"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hours_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=255), nullable=False),
        sa.Column("at", lti_tool.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name="fk_hours_visit_deployment_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_hours_visit_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hours_visit"),
        sa.UniqueConstraint("deployment_id", "person_id", name=op.f("uq_hours_visit_deployment_id_person_id")),
    )
    op.create_index("ix_hours_visit_person_id", "hours_visit", ["person_id"])
    op.create_index("ix_hours_visit_at", "hours_visit", ["at"])


def downgrade() -> None:
    op.drop_table("hours_visit")
