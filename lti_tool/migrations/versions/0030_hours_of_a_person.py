"""Professional development hours: for how much of a pot somebody is, and from when on

Revision ID: 0030
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op


revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

def upgrade() -> None:
    op.add_column("hours_pot", sa.Column("whose", sa.String(length=80), nullable=False, server_default=sa.text("''")))
    for day in ("first_day", "last_day"):
        op.add_column("hours_role", sa.Column(day, sa.Date(), nullable=True))
    for number in ("share", "minutes"):
        op.add_column("hours_role", sa.Column(number, sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("minutes", "share", "last_day", "first_day"):
        op.drop_column("hours_role", name)
    op.drop_column("hours_pot", "whose")
