"""Professional development hours: approvers who are in no community, and addresses for who leaves one

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0030"
down_revision = "0029"
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
    op.create_table(
        "hours_handed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", lti_tool.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", lti_tool.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_hours_handed_community_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_hours_handed_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hours_handed"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_hours_handed_token_hash")),
    )
    op.create_index("ix_hours_handed_person_id", "hours_handed", ["person_id"])
    op.create_index("ix_hours_handed_until", "hours_handed", ["until"])


def downgrade() -> None:
    op.drop_table("hours_handed")
    op.drop_table("hours_visit")
