"""When somebody was away, to tell what was decided meanwhile; and of how many a round was, so many of them set away.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("away_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("away_seen_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("circle", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("set_away", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_column("set_away")
        batch_op.drop_column("circle")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("away_seen_at")
        batch_op.drop_column("away_since")
