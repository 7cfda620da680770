"""Professional development hours: for how much of a pot somebody is, the leader's figure, two accounts, and erasure

Revision ID: 0029
Revises: 0028
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)
KIND = "figure"

_pots = sa.table("hours_pot", sa.column("community_id", sa.Integer))
_outbox = sa.table(
    "outbox",
    sa.column("kind", sa.String),
    sa.column("key", sa.String),
    sa.column("ids", sa.JSON),
    sa.column("due_at", AT),
    sa.column("created_at", AT),
)


def _id(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    op.add_column("person", sa.Column("erased_at", AT, nullable=True))
    op.add_column("hours_pot", sa.Column("whose", sa.String(length=80), nullable=False, server_default=sa.text("''")))
    for day in ("first_day", "last_day"):
        op.add_column("hours_role", sa.Column(day, sa.Date(), nullable=True))
    for number in ("share", "minutes"):
        op.add_column("hours_role", sa.Column(number, sa.Integer(), nullable=True))
    op.create_table(
        "hours_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("at", AT, nullable=False),
        _points("hours_figure", "community_id", "community"),
        _id("hours_figure"),
        sa.UniqueConstraint("community_id", "month", name=op.f("uq_hours_figure_community_id_month")),
    )
    op.create_table(
        "hours_figure_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("figure_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        _points("hours_figure_part", "figure_id", "hours_figure"),
        _points("hours_figure_part", "person_id", "person"),
        _id("hours_figure_part"),
    )
    _index("hours_figure_part", "figure_id")
    _index("hours_figure_part", "person_id")
    op.create_table(
        "hours_join",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", AT, nullable=False),
        sa.Column("one_yes_at", AT, nullable=True),
        sa.Column("other_yes_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        _points("hours_join", "deployment_id", "deployment"),
        _points("hours_join", "one_id", "person"),
        _points("hours_join", "other_id", "person"),
        _points("hours_join", "by_id", "person"),
        _id("hours_join"),
    )
    _index("hours_join", "one_id")
    _index("hours_join", "other_id")
    moment = dt.datetime.now(dt.UTC)
    found = op.get_bind().scalars(sa.select(_pots.c.community_id).distinct()).all()
    for each in found:
        values = {"kind": KIND, "key": str(each), "ids": {"community": each}, "due_at": moment, "created_at": moment}
        op.execute(_outbox.insert().values(values))


def downgrade() -> None:
    op.execute(_outbox.delete().where(_outbox.c.kind == KIND))
    for table in ("hours_join", "hours_figure_part", "hours_figure"):
        op.drop_table(table)
    for name in ("minutes", "share", "last_day", "first_day"):
        op.drop_column("hours_role", name)
    op.drop_column("hours_pot", "whose")
    op.drop_column("person", "erased_at")
