"""The provision list: its lines, whom they name, and a list that is being applied; what a course is found by

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)
NOTHING = sa.text("''")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    with op.batch_alter_table("course") as batch_op:
        batch_op.add_column(sa.Column("label", sa.String(255), nullable=False, server_default=NOTHING))
        batch_op.add_column(sa.Column("sis_id", sa.String(255), nullable=False, server_default=NOTHING))
        batch_op.add_column(sa.Column("shares", sa.String(32), nullable=True))
    op.create_table(
        "provision_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(300), nullable=False),
        *(sa.Column(each, sa.String(255), nullable=False) for each in ("lms_id", "sis_id", "short_name", "title")),
        *(
            sa.Column(each, sa.String(255), nullable=False, server_default=NOTHING)
            for each in ("template", "settings", "pots")
        ),
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("since", AT, nullable=False),
        _to("provision_line", "school_id", "school"),
        _to("provision_line", "course_id", "course"),
        sa.PrimaryKeyConstraint("id", name="pk_provision_line"),
        sa.UniqueConstraint("school_id", "key", name="uq_provision_line_school_id_key"),
        sa.UniqueConstraint("course_id", name="uq_provision_line_course_id"),
    )
    op.create_table(
        "provision_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("named_by", sa.String(16), nullable=False),
        sa.Column("named_hash", sa.String(64), nullable=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(16), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("since", AT, nullable=False),
        sa.Column("in_force_at", AT, nullable=True),
        _to("provision_part", "line_id", "provision_line"),
        _to("provision_part", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_provision_part"),
        sa.UniqueConstraint("line_id", "role", "mark", name="uq_provision_part_line_id_role_mark"),
    )
    op.create_index("ix_provision_part_person_id", "provision_part", ["person_id"])
    op.create_table(
        "provision_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("of", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("over", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("refused", sa.String(32), nullable=True),
        sa.Column("asked_at", AT, nullable=False),
        _to("provision_run", "school_id", "school"),
        _to("provision_run", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_provision_run"),
        sa.UniqueConstraint("school_id", name="uq_provision_run_school_id"),
    )
    op.create_index("ix_provision_run_person_id", "provision_run", ["person_id"])


def downgrade() -> None:
    for table in ("provision_run", "provision_part", "provision_line"):
        op.drop_table(table)
    with op.batch_alter_table("course") as batch_op:
        for column in ("shares", "sis_id", "label"):
            batch_op.drop_column(column)
