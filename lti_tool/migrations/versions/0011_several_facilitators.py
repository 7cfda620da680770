"""When who facilitates was last here; whoever has not answered yet facilitates nothing; and standing apart

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("facilitated_on", sa.Date(), nullable=True))
    # Whoever placed the activities facilitated before they said that they do: now they are asked.
    op.execute("UPDATE member SET facilitates = false WHERE standing = 'asked'")
    # Outside without the role there is nothing to do.
    op.execute("UPDATE member SET standing = 'asked' WHERE standing = 'outside' AND NOT facilitates")
    # When they were last here was not kept: their absence is counted from today.
    op.execute("UPDATE member SET facilitated_on = CURRENT_DATE WHERE facilitates")


def downgrade() -> None:
    # Below there is no standing apart; being asked comes nearest: nothing is read, and one answer leads back.
    op.execute("UPDATE member SET standing = 'asked' WHERE standing = 'apart'")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("facilitated_on")
