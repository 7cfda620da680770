"""Whose people a registration brings, where its services are, and whom an invitation is for.

Registrations of one issuer shared their people until now, whatever their keys: those that stand keep doing so.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_registration = sa.table(
    "registration", sa.column("id"), sa.column("issuer"), sa.column("key_set_url"), sa.column("realm")
)
_person = sa.table("person", sa.column("id"), sa.column("issuer"), sa.column("realm"), sa.column("sub"))


def upgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("realm", sa.String(length=1024), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("service_origins", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("origins_waiting", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        for name in ("realm", "service_origins", "origins_waiting"):
            batch_op.alter_column(name, server_default=None)
    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.add_column(sa.Column("issuer", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.alter_column("tries", server_default=None)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("realm", sa.String(length=1024), nullable=False, server_default=""))
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.alter_column("realm", server_default=None)
        batch_op.drop_constraint("uq_person_issuer_sub", type_="unique")
        batch_op.create_unique_constraint(op.f("uq_person_issuer_realm_sub"), ["issuer", "realm", "sub"])
    first: dict[str, str] = {}
    for row in op.get_bind().execute(sa.select(_registration).order_by(_registration.c.id)).all():
        first.setdefault(row.issuer, row.key_set_url)
    for issuer, realm in first.items():
        for table in (_registration, _person):
            op.execute(sa.update(table).where(table.c.issuer == issuer).values(realm=realm))


def downgrade() -> None:
    """People of two registrations of one issuer may have the same id: below, there is no place for the second."""
    older = _person.alias()
    twice = op.get_bind().scalar(
        sa.select(sa.func.count())
        .select_from(_person)
        .join(
            older, (older.c.issuer == _person.c.issuer) & (older.c.sub == _person.c.sub) & (older.c.id < _person.c.id)
        )
    )
    if twice:
        raise RuntimeError(f"{twice} people have the id of another person of their issuer: join these platforms first")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_constraint("uq_person_issuer_realm_sub", type_="unique")
        batch_op.create_unique_constraint(op.f("uq_person_issuer_sub"), ["issuer", "sub"])
        batch_op.drop_column("realm")
    with op.batch_alter_table("invite", schema=None) as batch_op:
        for name in ("issuer", "tries", "tried_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("registration", schema=None) as batch_op:
        for name in ("realm", "service_origins", "origins_waiting"):
            batch_op.drop_column(name)
