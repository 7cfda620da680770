"""Professional development hours: pots, entries, what was done with them, and the ledger

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

REFUSED = "rows of hours_count are never changed"
AT = lti_tool.db.UtcDateTime(timezone=True)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def upgrade() -> None:
    op.create_table(
        "hours_pot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("review", sa.String(length=16), nullable=False),
        sa.Column("for_all", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        sa.Column("arranging", sa.Boolean(), nullable=False),
        sa.Column("caps", sa.JSON(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("stopped_at", AT, nullable=True),
        _points("hours_pot", "community_id", "community"),
        _key("hours_pot"),
    )
    _index("hours_pot", "community_id")
    op.create_table(
        "hours_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("until", AT, nullable=True),
        _points("hours_role", "pot_id", "hours_pot"),
        _points("hours_role", "person_id", "person"),
        _key("hours_role"),
    )
    _index("hours_role", "pot_id")
    _index("hours_role", "person_id")
    op.create_table(
        "hours_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("learning", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins_at", AT, nullable=True),
        sa.Column("ends_at", AT, nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_hours_entry_minutes")),
        _points("hours_entry", "person_id", "person"),
        _points("hours_entry", "community_id", "community"),
        _key("hours_entry"),
    )
    _index("hours_entry", "person_id", "day")
    _index("hours_entry", "community_id")
    op.create_table(
        "hours_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _points("hours_proof", "entry_id", "hours_entry"),
        _key("hours_proof"),
        sa.UniqueConstraint("entry_id", name=op.f("uq_hours_proof_entry_id")),
    )
    op.create_table(
        "hours_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("pot_id", sa.Integer(), nullable=True),
        sa.Column("next_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        _points("hours_act", "entry_id", "hours_entry"),
        _points("hours_act", "by_id", "person"),
        _points("hours_act", "pot_id", "hours_pot"),
        _points("hours_act", "next_id", "hours_entry"),
        _key("hours_act"),
    )
    _index("hours_act", "entry_id")
    _index("hours_act", "pot_id")
    op.create_table(
        "hours_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("overlap", sa.Integer(), nullable=False),
        sa.Column("above", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        _points("hours_count", "entry_id", "hours_entry"),
        _points("hours_count", "pot_id", "hours_pot"),
        _points("hours_count", "act_id", "hours_act"),
        _key("hours_count"),
    )
    _index("hours_count", "entry_id")
    _index("hours_count", "pot_id")
    _guard()


def _guard() -> None:
    """Neither UPDATE nor DELETE of what counts, as of acts (0004)."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION hours_count_stays() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER hours_count_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON hours_count"
            " FOR EACH STATEMENT EXECUTE FUNCTION hours_count_stays()"
        )
    else:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER hours_count_stays_{what.lower()} BEFORE {what} ON hours_count"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )


def downgrade() -> None:
    for table in ("hours_count", "hours_act", "hours_proof", "hours_entry", "hours_role", "hours_pot"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION hours_count_stays()")
