"""Schools: what a deployment is, who administers it, what is set for it, and what was done

Revision ID: 0032
Revises: 0031
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

import lti_tool.db


revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

AT = lti_tool.db.UtcDateTime(timezone=True)
REFUSED = "what administrators did is never changed"


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.create_table(
        "school",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False, server_default=sa.text("''")),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("joined_id", sa.Integer(), nullable=True),
        sa.Column("created_at", AT, nullable=False),
        _to("school", "joined_id", "school"),
        sa.PrimaryKeyConstraint("id", name="pk_school"),
    )
    op.create_index("ix_school_joined_id", "school", ["joined_id"])
    _deployments()
    _belongs("course")
    op.create_table(
        "school_split",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("matches", sa.String(255), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        _to("school_split", "deployment_id", "deployment"),
        _to("school_split", "school_id", "school"),
        sa.PrimaryKeyConstraint("id", name="pk_school_split"),
        sa.UniqueConstraint("deployment_id", "matches", name="uq_school_split_deployment_id_matches"),
    )
    op.create_index("ix_school_split_school_id", "school_split", ["school_id"])
    _administrators()
    _settings()
    _acts()


def _belongs(table: str) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.add_column(sa.Column("school_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(f"fk_{table}_school_id", "school", ["school_id"], ["id"])
        batch_op.create_index(f"ix_{table}_school_id", ["school_id"])


def _deployments() -> None:
    """A school for each deployment there is, under the id of the deployment: there were none before."""
    _belongs("deployment")
    moment = sa.bindparam("moment", dt.datetime.now(dt.UTC), AT)
    op.get_bind().execute(
        sa.text("INSERT INTO school (id, created_at) SELECT id, :moment FROM deployment").bindparams(moment)
    )
    op.execute("UPDATE deployment SET school_id = id")
    if op.get_bind().dialect.name == "postgresql":
        free = "(SELECT coalesce(max(id), 0) + 1 FROM school)"
        op.execute(f"SELECT setval(pg_get_serial_sequence('school', 'id'), {free}, false)")
    with op.batch_alter_table("deployment") as batch_op:
        batch_op.alter_column("school_id", existing_type=sa.Integer(), nullable=False)


def _administrators() -> None:
    op.create_table(
        "administrator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("power", sa.String(16), nullable=False),
        sa.Column("named_by", sa.Integer(), nullable=True),
        sa.Column("named_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        _to("administrator", "school_id", "school"),
        _to("administrator", "person_id", "person"),
        _to("administrator", "named_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_administrator"),
    )
    op.create_index("ix_administrator_school_id", "administrator", ["school_id"])
    op.create_index("ix_administrator_person_id", "administrator", ["person_id"])
    op.create_table(
        "administrator_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answered_at", AT, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        _to("administrator_request", "school_id", "school"),
        _to("administrator_request", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_administrator_request"),
        sa.UniqueConstraint("school_id", "person_id", name="uq_administrator_request_school_id_person_id"),
    )
    op.create_index("ix_administrator_request_person_id", "administrator_request", ["person_id"])
    op.create_table(
        "administrator_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tried_at", AT, nullable=True),
        _to("administrator_code", "registration_id", "registration"),
        sa.PrimaryKeyConstraint("id", name="pk_administrator_code"),
        sa.UniqueConstraint("code_hash", name="uq_administrator_code_code_hash"),
    )
    op.create_index("ix_administrator_code_registration_id", "administrator_code", ["registration_id"])


def _settings() -> None:
    scopes = ("registration", "school", "course")
    op.create_table(
        "setting",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(f"{each}_id", sa.Integer(), nullable=True) for each in scopes),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.Column("set_at", AT, nullable=False),
        *(_to("setting", f"{each}_id", each) for each in scopes),
        _to("setting", "set_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_setting"),
        *(sa.UniqueConstraint(f"{each}_id", "name", name=f"uq_setting_{each}_id_name") for each in scopes),
        sa.CheckConstraint(
            " + ".join(f"CASE WHEN {each}_id IS NULL THEN 0 ELSE 1 END" for each in scopes) + " = 1",
            name=op.f("ck_setting_of_one"),
        ),
    )


def _acts() -> None:
    op.create_table(
        "school_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", AT, nullable=False),
        *(_to("school_act", f"{each}_id", each) for each in ("school", "registration", "course", "community")),
        _to("school_act", "person_id", "person"),
        _to("school_act", "about_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_school_act"),
    )
    op.create_index("ix_school_act_school_id", "school_act", ["school_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION school_act_stays() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER school_act_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON school_act"
            " FOR EACH STATEMENT EXECUTE FUNCTION school_act_stays()"
        )
    else:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER school_act_stays_{what.lower()} BEFORE {what} ON school_act"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )


def downgrade() -> None:
    op.drop_table("school_act")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION school_act_stays()")
    for table in ("setting", "administrator_code", "administrator_request", "administrator", "school_split"):
        op.drop_table(table)
    for table in ("course", "deployment"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_index(f"ix_{table}_school_id")
            batch_op.drop_constraint(f"fk_{table}_school_id", type_="foreignkey")
            batch_op.drop_column("school_id")
    op.drop_table("school")
