"""Copies of courses: keys that placed activities carry, twins that somebody wants to keep, template courses

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("resource_link") as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(32), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("twin_kept", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("ix_resource_link_origin", ["origin"])
    op.create_table(
        "origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_origin_course_id"),
        sa.PrimaryKeyConstraint("id", name="pk_origin"),
        sa.UniqueConstraint("key", name="uq_origin_key"),
    )
    op.create_index("ix_origin_course_id", "origin", ["course_id"])
    op.create_table(
        "template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_template_course_id"),
        sa.PrimaryKeyConstraint("id", name="pk_template"),
        sa.UniqueConstraint("course_id", name="uq_template_course_id"),
    )
    op.create_table(
        "template_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_template_copy_course_id"),
        sa.ForeignKeyConstraint(["template_id"], ["course.id"], name="fk_template_copy_template_id"),
        sa.PrimaryKeyConstraint("id", name="pk_template_copy"),
        sa.UniqueConstraint("course_id", name="uq_template_copy_course_id"),
    )
    op.create_index("ix_template_copy_template_id", "template_copy", ["template_id"])


def downgrade() -> None:
    for table in ("template_copy", "template", "origin"):
        op.drop_table(table)
    with op.batch_alter_table("resource_link") as batch_op:
        batch_op.drop_index("ix_resource_link_origin")
        batch_op.drop_column("twin_kept")
        batch_op.drop_column("origin")
