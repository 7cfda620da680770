"""A login leaves no row: its state is signed, and the nonce is burnt when it is answered

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Who is between login and launch right now opens the activity once more.
    op.drop_table("login_attempt")
    op.create_table(
        "burnt_nonce",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_burnt_nonce")),
    )
    op.create_index(op.f("ix_burnt_nonce_created_at"), "burnt_nonce", ["created_at"])


def downgrade() -> None:
    op.drop_table("burnt_nonce")
    op.create_table(
        "login_attempt",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=True),
        sa.Column("target_link_uri", sa.String(length=1024), nullable=False),
        sa.Column("storage_target", sa.String(length=255), nullable=True),
        sa.Column("reopen_url", sa.String(length=1024), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_login_attempt_registration_id")
        ),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_login_attempt")),
    )
    op.create_index(op.f("ix_login_attempt_created_at"), "login_attempt", ["created_at"])
