"""Several communities in a course: a launch is in one of them, a placement in none

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op


revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# A course's own community comes first: its group_id is "".
_OWN = "(SELECT id FROM community WHERE community.course_id = {table}.course_id ORDER BY group_id, id LIMIT 1)"


def upgrade() -> None:
    with op.batch_alter_table("launch") as batch_op:
        batch_op.add_column(sa.Column("community_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_launch_community_id", "community", ["community_id"], ["id"])
    # Pages that are open stay in the community they were opened in.
    op.execute(
        "UPDATE launch SET community_id = coalesce("
        "(SELECT community_id FROM resource_link WHERE resource_link.id = launch.resource_link_id), "
        f"{_OWN.format(table='launch')}) WHERE course_id IS NOT NULL"
    )
    # Of a course whose community was deleted: nobody can act on them any more.
    op.execute("DELETE FROM launch WHERE course_id IS NOT NULL AND community_id IS NULL")
    with op.batch_alter_table("launch") as batch_op:
        batch_op.create_check_constraint("ck_launch_in_one", "(course_id IS NULL) = (community_id IS NULL)")
        batch_op.create_index("ix_launch_community_id", ["community_id"])
    with op.batch_alter_table("resource_link") as batch_op:
        batch_op.drop_index("ix_resource_link_community_id")
        batch_op.drop_constraint("fk_resource_link_community_id", type_="foreignkey")
        batch_op.drop_column("community_id")
    for name in ("by_hand", "sits"):
        op.add_column("member", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("seat", sa.Column("group_ids", sa.Text(), nullable=True))


def downgrade() -> None:
    """Placements become the course's own community's; who sits elsewhere in the course has left the one they left."""
    op.drop_column("seat", "group_ids")
    op.execute("UPDATE member SET standing = 'apart' WHERE standing = 'elsewhere'")
    with op.batch_alter_table("member") as batch_op:
        batch_op.drop_column("sits")
        batch_op.drop_column("by_hand")
    with op.batch_alter_table("resource_link") as batch_op:
        batch_op.add_column(sa.Column("community_id", sa.Integer(), nullable=True))
    op.execute(f"UPDATE resource_link SET community_id = {_OWN.format(table='resource_link')}")
    with op.batch_alter_table("resource_link") as batch_op:
        batch_op.alter_column("community_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key("fk_resource_link_community_id", "community", ["community_id"], ["id"])
        batch_op.create_index("ix_resource_link_community_id", ["community_id"])
    with op.batch_alter_table("launch") as batch_op:
        batch_op.drop_index("ix_launch_community_id")
        batch_op.drop_constraint("ck_launch_in_one", type_="check")
        batch_op.drop_constraint("fk_launch_community_id", type_="foreignkey")
        batch_op.drop_column("community_id")
