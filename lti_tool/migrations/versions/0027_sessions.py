"""Sessions: that a community came together, who was there from when to when, and what was said about that

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _once(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def upgrade() -> None:
    op.create_table(
        "hours_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins_at", AT, nullable=False),
        sa.Column("ends_at", AT, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("cancelled_at", AT, nullable=True),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_hours_session_times")),
        _points("hours_session", "community_id", "community"),
        _points("hours_session", "cycle_id", "cycle"),
        _points("hours_session", "meeting_id", "meeting"),
        _points("hours_session", "opened_by_id", "person"),
        _key("hours_session"),
        _once("hours_session", "meeting_id"),
    )
    _index("hours_session", "community_id", "begins_at")
    op.create_table(
        "hours_attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("came_at", AT, nullable=False),
        sa.Column("left_at", AT, nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("attested_at", AT, nullable=True),
        sa.Column("disputed_at", AT, nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        _points("hours_attendance", "session_id", "hours_session"),
        _points("hours_attendance", "person_id", "person"),
        _points("hours_attendance", "entry_id", "hours_entry"),
        _key("hours_attendance"),
        _once("hours_attendance", "session_id", "person_id"),
    )
    _index("hours_attendance", "person_id")
    _index("hours_attendance", "entry_id")
    op.create_table(
        "hours_attendance_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attendance_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("came_at", AT, nullable=True),
        sa.Column("left_at", AT, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        _points("hours_attendance_note", "attendance_id", "hours_attendance"),
        _points("hours_attendance_note", "by_id", "person"),
        _key("hours_attendance_note"),
    )
    _index("hours_attendance_note", "attendance_id")
    op.create_table(
        "hours_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _points("hours_try", "session_id", "hours_session"),
        _points("hours_try", "person_id", "person"),
        _key("hours_try"),
        _once("hours_try", "session_id", "person_id"),
    )


def downgrade() -> None:
    for table in ("hours_try", "hours_attendance_note", "hours_attendance", "hours_session"):
        op.drop_table(table)
