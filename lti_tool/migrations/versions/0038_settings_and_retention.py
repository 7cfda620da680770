"""What a school can set besides: whether the LMS names its people, and which cycles were emptied

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course", sa.Column("launch_named", sa.Boolean(), nullable=True))
    op.add_column("course", sa.Column("roster_named", sa.Boolean(), nullable=True))
    op.add_column("cycle", sa.Column("emptied_at", lti_tool.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    # The code below knows neither these settings nor their values.
    op.execute("DELETE FROM setting WHERE name IN ('step_names', 'names', 'facilitation', 'tariff', 'retention')")
    op.drop_column("cycle", "emptied_at")
    op.drop_column("course", "roster_named")
    op.drop_column("course", "launch_named")
