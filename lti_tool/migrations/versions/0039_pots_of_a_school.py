"""Pots of a school: open to communities of it, with approvers who may still have to be met; hours carried over for many

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)

_pot = sa.table(
    "hours_pot", sa.column("id", sa.Integer), sa.column("community_id", sa.Integer), sa.column("school_id", sa.Integer),
    sa.column("joined_id", sa.Integer), sa.column("next_id", sa.Integer),
)  # fmt: skip
_place = sa.table("hours_pot_place", sa.column("pot_id", sa.Integer), sa.column("community_id", sa.Integer))
_act = sa.table("hours_act", sa.column("pot_id", sa.Integer), sa.column("entry_id", sa.Integer))
_entry = sa.table("hours_entry", sa.column("id", sa.Integer), sa.column("community_id", sa.Integer))
_community = sa.table("community", sa.column("id", sa.Integer), sa.column("course_id", sa.Integer))
_course = sa.table(
    "course", sa.column("id", sa.Integer), sa.column("deployment_id", sa.Integer), sa.column("school_id", sa.Integer)
)
_deployment = sa.table("deployment", sa.column("id", sa.Integer), sa.column("school_id", sa.Integer))


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    with op.batch_alter_table("hours_pot") as batch_op:
        batch_op.alter_column("community_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("school_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("everywhere", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("joined_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_hours_pot_school_id", "school", ["school_id"], ["id"])
        batch_op.create_foreign_key("fk_hours_pot_joined_id", "hours_pot", ["joined_id"], ["id"])
        batch_op.create_check_constraint(op.f("ck_hours_pot_of_one"), "(community_id IS NULL) <> (school_id IS NULL)")
    for each in ("school_id", "joined_id", "next_id"):
        op.create_index(f"ix_hours_pot_{each}", "hours_pot", [each])
    op.create_table(
        "hours_pot_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("until", AT, nullable=True),
        _to("hours_pot_place", "pot_id", "hours_pot"),
        _to("hours_pot_place", "community_id", "community"),
        sa.PrimaryKeyConstraint("id", name="pk_hours_pot_place"),
        sa.UniqueConstraint("pot_id", "community_id", name="uq_hours_pot_place_pot_id_community_id"),
    )
    op.create_index("ix_hours_pot_place_community_id", "hours_pot_place", ["community_id"])
    op.create_table(
        "hours_named",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("named_by", sa.String(16), nullable=False),
        sa.Column("named_hash", sa.String(64), nullable=False),
        sa.Column("at", AT, nullable=False),
        _to("hours_named", "pot_id", "hours_pot"),
        sa.PrimaryKeyConstraint("id", name="pk_hours_named"),
        sa.UniqueConstraint("pot_id", "named_hash", name="uq_hours_named_pot_id_named_hash"),
    )
    op.create_index("ix_hours_named_named_hash", "hours_named", ["named_hash"])
    with op.batch_alter_table("year_turn_line") as batch_op:
        batch_op.add_column(sa.Column("left_open", sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """A school's pot becomes that of one community: of one it was open to, else of one that used it, else of any of
    the school. Of a school without any it goes."""
    with op.batch_alter_table("year_turn_line") as batch_op:
        batch_op.drop_column("left_open")
    bind = op.get_bind()
    opened = sa.select(sa.func.min(_place.c.community_id)).where(_place.c.pot_id == _pot.c.id)
    used = sa.select(sa.func.min(_entry.c.community_id)).where(
        _entry.c.id == _act.c.entry_id, _act.c.pot_id == _pot.c.id
    )
    of_school = (
        sa.select(sa.func.min(_community.c.id))
        .where(_community.c.course_id == _course.c.id, _deployment.c.id == _course.c.deployment_id)
        .where(sa.func.coalesce(_course.c.school_id, _deployment.c.school_id) == _pot.c.school_id)
    )
    found = sa.func.coalesce(opened.scalar_subquery(), used.scalar_subquery(), of_school.scalar_subquery())
    rows = bind.execute(sa.select(_pot.c.id, found).where(_pot.c.school_id.is_not(None))).all()
    op.drop_table("hours_named")
    op.drop_table("hours_pot_place")
    for each in ("school_id", "joined_id", "next_id"):
        op.drop_index(f"ix_hours_pot_{each}", "hours_pot")
    with op.batch_alter_table("hours_pot") as batch_op:
        batch_op.drop_constraint(op.f("ck_hours_pot_of_one"), type_="check")
        batch_op.drop_constraint("fk_hours_pot_joined_id", type_="foreignkey")
        batch_op.drop_constraint("fk_hours_pot_school_id", type_="foreignkey")
    for pot_id, community_id in rows:
        if community_id is not None:
            bind.execute(sa.update(_pot).where(_pot.c.id == pot_id).values(community_id=community_id))
    gone = [pot_id for pot_id, community_id in rows if community_id is None]
    if gone:
        for name in ("hours_role", "hours_plan"):
            table = sa.table(name, sa.column("pot_id", sa.Integer))
            bind.execute(sa.delete(table).where(table.c.pot_id.in_(gone)))
        bind.execute(sa.update(_pot).where(_pot.c.id.in_(gone)).values(next_id=None))
        bind.execute(sa.delete(_pot).where(_pot.c.id.in_(gone)))
    with op.batch_alter_table("hours_pot") as batch_op:
        batch_op.drop_column("joined_id")
        batch_op.drop_column("everywhere")
        batch_op.drop_column("school_id")
        batch_op.alter_column("community_id", existing_type=sa.Integer(), nullable=False)
