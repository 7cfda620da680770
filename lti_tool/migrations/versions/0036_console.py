"""What an administrator's console shows and does: deployments held, communities archived, turns of the year

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.add_column("deployment", sa.Column("held", sa.String(16), nullable=True))
    op.add_column("community", sa.Column("archived_at", AT, nullable=True))
    op.create_index("ix_course_title", "course", ["title", "id"])
    op.create_index(
        "ix_line_item_gone",
        "line_item",
        ["resource_link_id"],
        sqlite_where=sa.text("gone = 1"),
        postgresql_where=sa.text("gone"),
    )
    op.create_index(
        "ix_member_facilitates",
        "member",
        ["community_id", "standing", "person_id"],
        sqlite_where=sa.text("facilitates = 1"),
        postgresql_where=sa.text("facilitates"),
    )
    op.create_index(
        "ix_seat_gone",
        "seat",
        ["course_id", "person_id"],
        sqlite_where=sa.text("present = 0"),
        postgresql_where=sa.text("NOT present"),
    )
    for name, table, columns, where in (
        ("ix_member_opened", "member", ["community_id", "standing", "facilitates"], "opened_at IS NOT NULL"),
        ("ix_cycle_under_way", "cycle", ["community_id", "started_at"], "closed_at IS NULL AND paused_until IS NULL"),
    ):
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_step_run_since", "step_run", ["cycle_id", "stage_since"])
    op.create_table(
        "year_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", AT, nullable=True),
        _to("year_turn", "school_id", "school"),
        _to("year_turn", "asked_by", "person"),
        _to("year_turn", "applied_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_year_turn"),
    )
    op.create_index("ix_year_turn_school_id", "year_turn", ["school_id"])
    op.create_table(
        "year_turn_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year_turn_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("looked_at", AT, nullable=True),
        sa.Column("why", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("done_at", AT, nullable=True),
        _to("year_turn_line", "year_turn_id", "year_turn"),
        _to("year_turn_line", "community_id", "community"),
        sa.PrimaryKeyConstraint("id", name="pk_year_turn_line"),
        sa.UniqueConstraint("year_turn_id", "community_id", name="uq_year_turn_line_year_turn_id_community_id"),
    )
    op.create_index("ix_year_turn_line_community_id", "year_turn_line", ["community_id"])


def downgrade() -> None:
    op.drop_table("year_turn_line")
    op.drop_table("year_turn")
    op.drop_index("ix_step_run_since", "step_run")
    op.drop_index("ix_cycle_under_way", "cycle")
    op.drop_index("ix_member_opened", "member")
    op.drop_index("ix_member_facilitates", "member")
    op.drop_index("ix_line_item_gone", "line_item")
    op.drop_index("ix_seat_gone", "seat")
    op.drop_index("ix_course_title", "course")
    op.drop_column("community", "archived_at")
    op.drop_column("deployment", "held")
