"""Acts: who did what that changes things for others, and when; never changed, and known from what there is

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REFUSED = "an act is never changed"


def upgrade() -> None:
    act = op.create_table(
        "act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=True),
        sa.Column("step_run_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind NOT IN ('set_away', 'left_out') OR (member_id IS NULL AND about_id IS NULL)",
            name=op.f("ck_act_no_person"),
        ),
        sa.ForeignKeyConstraint(["about_id"], ["member.id"], name=op.f("fk_act_about_id")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_act_community_id")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_act_cycle_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_act_member_id")),
        sa.ForeignKeyConstraint(["step_run_id"], ["step_run.id"], name=op.f("fk_act_step_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
    )
    op.create_index("ix_act_community_id", "act", ["community_id"])
    _fill(act)
    _guard()


REOPENED = """
SELECT cycle.community_id, step_run.cycle_id, reopening.step_run_id, reopening.member_id, reopening.at
FROM reopening
JOIN step_run ON step_run.id = reopening.step_run_id
JOIN cycle ON cycle.id = step_run.cycle_id
ORDER BY reopening.id
"""
SHARED = """
SELECT cycle.community_id, yield_share.cycle_id, yield_share.member_id, yield_share.at,
       yield_share.community_id AS target
FROM yield_share
JOIN cycle ON cycle.id = yield_share.cycle_id
ORDER BY yield_share.id
"""


def _fill(act: sa.Table) -> None:
    """What was done before and is still known: steps opened again, and yields shared."""
    connection = op.get_bind()

    def found(query: str) -> list[dict[str, Any]]:
        typed = sa.text(query).columns(at=sa.DateTime(timezone=True))
        return [dict(row) for row in connection.execute(typed).mappings()]

    rows = [row | {"kind": "step_reopened", "detail": {}} for row in found(REOPENED)]
    rows += [
        row | {"kind": "yield_shared", "step_run_id": None, "detail": {"community": row.pop("target")}}
        for row in found(SHARED)
    ]
    if rows:
        connection.execute(act.insert(), rows)


def _guard() -> None:
    """Neither UPDATE nor DELETE. A later migration that makes the table anew on SQLite makes these anew too."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION act_stays() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER act_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON act"
            " FOR EACH STATEMENT EXECUTE FUNCTION act_stays()"
        )
    else:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER act_stays_{what.lower()} BEFORE {what} ON act"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )


def downgrade() -> None:
    op.drop_table("act")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION act_stays()")
