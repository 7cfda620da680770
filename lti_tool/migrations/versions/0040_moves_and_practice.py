"""A platform that moved, and what it takes to undo that; since when a cycle is where it is; practising

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0040"
down_revision = "0039"
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
    op.add_column("cycle", sa.Column("moved_at", AT, nullable=True))
    # When it began is earlier than any stage of it.
    op.execute(
        "UPDATE cycle SET moved_at = COALESCE("
        "(SELECT MAX(stage_since) FROM step_run WHERE step_run.cycle_id = cycle.id AND stage_since > cycle.started_at),"
        " started_at)"
    )
    op.drop_index("ix_step_run_since", "step_run")
    op.drop_index("ix_cycle_under_way", "cycle")
    with op.batch_alter_table("cycle") as batch:
        batch.alter_column("moved_at", existing_type=AT, nullable=False)
    _under_way(["moved_at", "community_id"])
    where = sa.text("kind = 'request' AND withdrawn_at IS NULL")
    op.create_index(
        "ix_contribution_request", "contribution", ["step_run_id"], sqlite_where=where, postgresql_where=where
    )

    op.create_table(
        "practice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("until", AT, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_practice_course_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_practice_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_practice"),
        sa.UniqueConstraint("course_id", name="uq_practice_course_id"),
        sa.UniqueConstraint("person_id", name="uq_practice_person_id"),
    )


def _under_way(columns: list[str]) -> None:
    where = sa.text("closed_at IS NULL AND paused_until IS NULL")
    op.create_index("ix_cycle_under_way", "cycle", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_table("practice")
    op.drop_index("ix_contribution_request", "contribution")
    op.drop_index("ix_cycle_under_way", "cycle")
    op.drop_column("cycle", "moved_at")
    _under_way(["community_id", "started_at"])
    op.create_index("ix_step_run_since", "step_run", ["cycle_id", "stage_since"])
    op.drop_table("platform_move")
