"""A column is a row of its own, per placement, kind and period; an outbox row knows its platform, which may rest

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("done_at IS NULL AND stopped_at IS NULL")
UNTRIED = sa.text("attempts = 0 AND done_at IS NULL AND stopped_at IS NULL")

_outbox = sa.table(
    "outbox",
    *(sa.column(name) for name in ("id", "kind", "key", "done_at", "stopped_at", "registration_id")),
    sa.column("ids", sa.JSON()),
)
_line_item = sa.table("line_item", *(sa.column(name) for name in ("id", "resource_link_id", "kind", "url", "gone")))
_link = sa.table(
    "resource_link",
    *(sa.column(name) for name in ("id", "deployment_id", "course_id", "community_id", "line_item_url")),
    sa.column("line_item_gone", sa.Boolean()),
)


def upgrade() -> None:
    op.create_table(
        "line_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("url", sa.String(length=1024), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["resource_link_id"], ["resource_link.id"], name=op.f("fk_line_item_resource_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_item")),
        sa.UniqueConstraint(
            "resource_link_id", "kind", "period", name=op.f("uq_line_item_resource_link_id_kind_period")
        ),
    )
    # A column takes its placement's number, so that scores and deliveries under way name it already.
    op.execute(
        "INSERT INTO line_item (id, resource_link_id, kind, period, url, gone) "
        "SELECT id, id, 'participation', '', line_item_url, line_item_gone FROM resource_link "
        "WHERE step IS NOT NULL OR line_item_url <> '' OR id IN (SELECT resource_link_id FROM score)"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('line_item_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM line_item), false)")
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_constraint("uq_score_resource_link_id_person_id", type_="unique")
        batch_op.drop_constraint("fk_score_resource_link_id", type_="foreignkey")
        batch_op.alter_column("resource_link_id", new_column_name="line_item_id")
        batch_op.alter_column("arrived", type_=sa.Double(), existing_type=sa.Integer())
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_foreign_key(op.f("fk_score_line_item_id"), "line_item", ["line_item_id"], ["id"])
        batch_op.create_unique_constraint(op.f("uq_score_line_item_id_person_id"), ["line_item_id", "person_id"])
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.drop_column("line_item_url")
        batch_op.drop_column("line_item_gone")
    op.create_table(
        "platform_rest",
        sa.Column("registration_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_platform_rest_registration_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_platform_rest")),
    )
    _outbox_up()


def _outbox_up() -> None:
    op.drop_index("ix_outbox_due", "outbox")
    op.drop_index("uq_outbox_untried", "outbox")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registration_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_outbox_registration_id"), "registration", ["registration_id"], ["id"])
    _index("uq_outbox_untried", ["kind", "key"], UNTRIED, unique=True)
    _index("ix_outbox_due", ["registration_id", "due_at"], UNFINISHED)
    _index("ix_outbox_unfinished", ["kind", "key", "id"], UNFINISHED)
    deployment = sa.table("deployment", sa.column("id"), sa.column("registration_id"))
    course = sa.table("course", sa.column("id"), sa.column("deployment_id"))
    run = sa.table("step_run", sa.column("id"), sa.column("cycle_id"))
    cycle = sa.table("cycle", sa.column("id"), sa.column("community_id"))
    of_link = sa.select(_link.c.id, deployment.c.registration_id).join_from(
        _link, deployment, deployment.c.id == _link.c.deployment_id
    )
    of_course = sa.select(course.c.id, deployment.c.registration_id).join_from(
        course, deployment, deployment.c.id == course.c.deployment_id
    )
    of_run = (
        sa.select(run.c.id, deployment.c.registration_id)
        .join_from(run, cycle, cycle.c.id == run.c.cycle_id)
        .join(_link, _link.c.community_id == cycle.c.community_id)
        .join(deployment, deployment.c.id == _link.c.deployment_id)
    )
    by_link, by_course, by_run = (
        dict(map(tuple, op.get_bind().execute(each))) for each in (of_link, of_course, of_run)
    )
    for row in _unfinished():
        platform = None
        if row.kind in ("score", "line_item"):
            platform = by_link.get(row.ids["link"])
            ids = {"column" if name == "link" else name: value for name, value in row.ids.items()}
            _change(row.id, ids=ids)
        elif row.kind == "roster":
            platform = by_course.get(row.ids["course"])
        elif row.kind == "placement":
            platform = by_run.get(row.ids["run"])
        elif row.kind == "key_set":
            platform = row.ids["registration"]
        if platform is not None:
            _change(row.id, registration_id=platform)


def _index(name: str, columns: list[str], where: Any, unique: bool = False) -> None:
    op.create_index(name, "outbox", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _unfinished() -> Any:
    found = sa.select(_outbox.c.id, _outbox.c.kind, _outbox.c.ids)
    return op.get_bind().execute(found.where(_outbox.c.done_at.is_(None), _outbox.c.stopped_at.is_(None))).all()


def _change(row_id: int, **values: Any) -> None:
    op.execute(sa.update(_outbox).where(_outbox.c.id == row_id).values(**values))


def downgrade() -> None:
    """Columns of other kinds than participation have no place below: what was sent to them stays in the LMS."""
    other = sa.select(_line_item.c.id).where(_line_item.c.kind != "participation")
    others = set(op.get_bind().scalars(other))
    placements = dict(map(tuple, op.get_bind().execute(sa.select(_line_item.c.id, _line_item.c.resource_link_id))))
    for row in _unfinished():
        if row.kind in ("score", "line_item"):
            if row.ids["column"] in others:
                op.execute(sa.delete(_outbox).where(_outbox.c.id == row.id))
                continue
            link = placements[row.ids["column"]]
            ids = {"link" if name == "column" else name: value for name, value in row.ids.items()} | {"link": link}
            # Numbers move; a sign keeps one that was not yet moved from meeting one that was.
            _change(
                row.id,
                ids=ids,
                key="-" + ":".join(str(each) for each in (link, *([ids["person"]] if "person" in ids else []))),
            )
    op.execute(
        sa.update(_outbox)
        .where(_outbox.c.kind.in_(("score", "line_item")), _outbox.c.key.like("-%"))
        .values(key=sa.func.substr(_outbox.c.key, 2))
    )
    for name in ("ix_outbox_unfinished", "ix_outbox_due", "uq_outbox_untried"):
        op.drop_index(name, "outbox")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint("fk_outbox_registration_id", type_="foreignkey")
        batch_op.drop_column("registration_id")
    _index("uq_outbox_untried", ["kind", "key"], UNTRIED, unique=True)
    _index("ix_outbox_due", ["due_at"], UNFINISHED)
    op.drop_table("platform_rest")
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("line_item_url", sa.String(length=1024), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("line_item_gone", sa.Boolean(), nullable=False, server_default=sa.false()))
    for item in op.get_bind().execute(sa.select(_line_item).where(_line_item.c.kind == "participation")).all():
        op.execute(
            sa.update(_link)
            .where(_link.c.id == item.resource_link_id)
            .values(line_item_url=item.url, line_item_gone=bool(item.gone))
        )
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.alter_column("line_item_url", server_default=None)
        batch_op.alter_column("line_item_gone", server_default=None)
    score = sa.table("score", sa.column("line_item_id"))
    op.execute(sa.delete(score).where(score.c.line_item_id.in_(other)))
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_constraint("uq_score_line_item_id_person_id", type_="unique")
        batch_op.drop_constraint("fk_score_line_item_id", type_="foreignkey")
        batch_op.alter_column("line_item_id", new_column_name="resource_link_id")
        batch_op.alter_column("arrived", type_=sa.Integer(), existing_type=sa.Double())
    op.execute(
        "UPDATE score SET resource_link_id = "
        "(SELECT line_item.resource_link_id FROM line_item WHERE line_item.id = score.resource_link_id)"
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_foreign_key(op.f("fk_score_resource_link_id"), "resource_link", ["resource_link_id"], ["id"])
        batch_op.create_unique_constraint(
            op.f("uq_score_resource_link_id_person_id"), ["resource_link_id", "person_id"]
        )
    op.drop_table("line_item")
