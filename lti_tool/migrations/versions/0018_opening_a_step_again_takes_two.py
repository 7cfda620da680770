"""A completed step is opened again once a second member says yes: until then it is proposed.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op


revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reopening", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    # Until now one person opened it.
    op.execute("UPDATE reopening SET opened_at = at")


def downgrade() -> None:
    op.execute("DELETE FROM reopening WHERE opened_at IS NULL")
    with op.batch_alter_table("reopening", schema=None) as batch_op:
        batch_op.drop_column("opened_at")
