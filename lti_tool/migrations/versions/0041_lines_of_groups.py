"""A line of a provision list may be about one of several communities of its course

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op


revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("provision_line") as batch:
        batch.add_column(sa.Column("community", sa.String(255), nullable=False, server_default=sa.text("''")))
        batch.add_column(sa.Column("community_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_provision_line_community_id", "community", ["community_id"], ["id"])
        # That a community has one line is seen to by what names it (key).
        batch.drop_constraint("uq_provision_line_course_id", type_="unique")
    for column in ("course_id", "community_id"):
        op.create_index(f"ix_provision_line_{column}", "provision_line", [column])


def downgrade() -> None:
    for column in ("course_id", "community_id"):
        op.drop_index(f"ix_provision_line_{column}", "provision_line")
    # Without it nothing says of which of a course's communities they were.
    of_groups = "SELECT id FROM provision_line WHERE community <> ''"
    op.execute(f"DELETE FROM provision_part WHERE line_id IN ({of_groups})")
    op.execute("DELETE FROM provision_line WHERE community <> ''")
    with op.batch_alter_table("provision_line") as batch:
        batch.drop_constraint("fk_provision_line_community_id", type_="foreignkey")
        batch.drop_column("community_id")
        batch.drop_column("community")
        batch.create_unique_constraint("uq_provision_line_course_id", ["course_id"])
