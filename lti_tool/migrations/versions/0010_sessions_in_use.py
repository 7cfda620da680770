"""When a session was last used, and in what kind of browser: for the limit on idleness, and for its person

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("browser", sa.String(length=32), nullable=False, server_default=sa.text("''")))
        batch_op.create_index(batch_op.f("ix_browser_session_person_id"), ["person_id"], unique=False)
    op.execute("UPDATE browser_session SET used_at = created_at")
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.alter_column("used_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_browser_session_person_id"))
        batch_op.drop_column("browser")
        batch_op.drop_column("used_at")
