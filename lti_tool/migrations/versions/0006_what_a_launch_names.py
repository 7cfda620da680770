"""A link's id is its course's; a launch keeps the page it named; a platform's pages may stand in more frames

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.drop_constraint("uq_resource_link_deployment_id_resource_link_id", type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_resource_link_course_id_resource_link_id"), ["course_id", "resource_link_id"]
        )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("frame_origins", sa.String(length=512), nullable=False, server_default=""))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.alter_column("frame_origins", server_default=None)
    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("step", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("cycle_number", sa.Integer(), nullable=True))
        batch_op.alter_column(
            "frame_ancestors",
            type_=sa.String(length=1024),
            existing_type=sa.String(length=512),
            existing_nullable=False,
        )
    # Pages that are open go on as what they were opened as.
    op.execute(
        "UPDATE launch SET (step, cycle_number) = "
        "(SELECT step, cycle_number FROM resource_link WHERE resource_link.id = launch.resource_link_id)"
    )


def downgrade() -> None:
    """Of links with one id in several courses, all but the first are called by their course too: nothing is lost."""
    op.execute(
        "UPDATE resource_link SET resource_link_id = substr(resource_link_id, 1, 230) || '@' || course_id "
        "WHERE EXISTS (SELECT 1 FROM resource_link AS first WHERE first.deployment_id = resource_link.deployment_id "
        "AND first.resource_link_id = resource_link.resource_link_id AND first.id < resource_link.id)"
    )
    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.alter_column(
            "frame_ancestors",
            type_=sa.String(length=512),
            existing_type=sa.String(length=1024),
            existing_nullable=False,
        )
        batch_op.drop_column("cycle_number")
        batch_op.drop_column("step")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("frame_origins")
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.drop_constraint("uq_resource_link_course_id_resource_link_id", type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_resource_link_deployment_id_resource_link_id"), ["deployment_id", "resource_link_id"]
        )
