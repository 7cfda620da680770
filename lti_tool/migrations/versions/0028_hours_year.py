"""Professional development hours: the end of a period, what steps suggest, and what somebody means to use

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

REFUSED = "rows of hours_balance are never changed"
AT = lti_tool.db.UtcDateTime(timezone=True)
# All of a balance but whose it is: where somebody is erased the name goes and the sums stay.
SUMS = "pot_id, planned, came, counted, unaccounted, carried, layers, at"


def _id(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    # Foreign keys go with their column: SQLite takes no other, and making the table anew would lose its triggers.
    op.add_column("hours_pot", sa.Column("carries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("hours_pot", sa.Column("surplus", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("hours_pot", sa.Column("closed_at", AT, nullable=True))
    _to_pot("hours_pot", "next_id")
    _to_pot("hours_count", "of_id")
    op.create_table(
        "hours_balance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.Column("came", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("unaccounted", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("layers", sa.JSON(), nullable=False),
        sa.Column("at", AT, nullable=False),
        _points("hours_balance", "pot_id", "hours_pot"),
        _points("hours_balance", "person_id", "person"),
        _id("hours_balance"),
        sa.UniqueConstraint("pot_id", "person_id", name=op.f("uq_hours_balance_pot_id_person_id")),
    )
    _index("hours_balance", "person_id")
    op.create_table(
        "hours_tariff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("at", AT, nullable=False),
        _points("hours_tariff", "community_id", "community"),
        _id("hours_tariff"),
    )
    _index("hours_tariff", "community_id")
    op.create_table(
        "hours_suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("step_run_id", sa.Integer(), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        _points("hours_suggestion", "entry_id", "hours_entry"),
        _points("hours_suggestion", "step_run_id", "step_run"),
        _id("hours_suggestion"),
        sa.UniqueConstraint("entry_id", name=op.f("uq_hours_suggestion_entry_id")),
    )
    _index("hours_suggestion", "step_run_id")
    op.create_table(
        "hours_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        _points("hours_plan", "pot_id", "hours_pot"),
        _points("hours_plan", "person_id", "person"),
        _id("hours_plan"),
        sa.UniqueConstraint("pot_id", "person_id", name=op.f("uq_hours_plan_pot_id_person_id")),
    )
    _index("hours_plan", "person_id")
    _guard()


def _to_pot(table: str, column: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
        op.create_foreign_key(f"fk_{table}_{column}", table, "hours_pot", [column], ["id"])
    else:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT fk_{table}_{column} REFERENCES hours_pot (id)"
        )


def _guard() -> None:
    """Neither UPDATE nor DELETE of what a period came to, as of what counts (0026); only a name may go."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION hours_balance_stays() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER hours_balance_stays BEFORE UPDATE OF id, {SUMS} OR DELETE OR TRUNCATE ON hours_balance"
            " FOR EACH STATEMENT EXECUTE FUNCTION hours_balance_stays()"
        )
        op.execute(
            "CREATE TRIGGER hours_balance_of BEFORE UPDATE OF person_id ON hours_balance"
            " FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION hours_balance_stays()"
        )
    else:
        abort = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        op.execute(f"CREATE TRIGGER hours_balance_stays_update BEFORE UPDATE OF id, {SUMS} ON hours_balance {abort}")
        op.execute(f"CREATE TRIGGER hours_balance_stays_delete BEFORE DELETE ON hours_balance {abort}")
        op.execute(
            "CREATE TRIGGER hours_balance_of BEFORE UPDATE OF person_id ON hours_balance"
            f" WHEN NEW.person_id IS NOT NULL {abort}"
        )


def downgrade() -> None:
    for table in ("hours_plan", "hours_suggestion", "hours_tariff", "hours_balance"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION hours_balance_stays()")
    op.drop_column("hours_count", "of_id")
    # Made anew since, its foreign keys go no longer with their columns; it has no trigger to lose.
    with op.batch_alter_table("hours_pot") as batch_op:
        for column in ("next_id", "closed_at", "surplus", "carries"):
            batch_op.drop_column(column)
