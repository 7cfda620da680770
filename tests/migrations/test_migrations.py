"""Migrations: head is what the models say, every revision goes up and down, and rows survive both."""

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, inspect, select

import lti_tool.models  # noqa: F401  (fills the metadata)
from lti_tool.cli import MIGRATIONS
from lti_tool.db import Base
from tests.migrations.rows import ROWS


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["url"] = url
    return made


def revisions() -> list[str]:
    """All revisions, oldest first."""
    return [found.revision for found in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


class Database:
    """An empty database, on its way up and down."""

    def __init__(self, url: str) -> None:
        self.url = url

    def up(self, revision: str = "head") -> None:
        command.upgrade(config(self.url), revision)

    def down(self, revision: str) -> None:
        command.downgrade(config(self.url), revision)

    def engine(self) -> Engine:
        return create_engine(self.url)

    def schema(self) -> dict[str, Any]:
        """All that can be known of the tables: columns, keys, constraints, indexes."""
        engine = self.engine()
        seen = inspect(engine)
        found = {}
        for table in sorted(set(seen.get_table_names()) - {"alembic_version"}):
            found[table] = {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in seen.get_columns(table)
                ],
                "primary": seen.get_pk_constraint(table),
                "foreign": sorted(map(_said, seen.get_foreign_keys(table))),
                "unique": sorted(map(_said, seen.get_unique_constraints(table))),
                "check": sorted(map(_said, seen.get_check_constraints(table))),
                "indexes": sorted(map(_said, seen.get_indexes(table))),
            }
        engine.dispose()
        return found

    def fill(self, revision: str) -> None:
        """Put in the rows of one revision, into the tables as they are now."""
        engine = self.engine()
        metadata = MetaData()
        metadata.reflect(engine)
        wanted = ROWS.get(revision, {})
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            for table in metadata.sorted_tables:
                if table.name in wanted:
                    connection.execute(table.insert(), wanted[table.name])
        engine.dispose()
        assert wanted.keys() <= metadata.tables.keys(), wanted.keys() - metadata.tables.keys()

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        engine = self.engine()
        metadata = MetaData()
        metadata.reflect(engine)
        with engine.connect() as connection:
            found = {
                table.name: [
                    {name: _plain(value) for name, value in row.items()}
                    for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in metadata.sorted_tables
                if table.name != "alembic_version"
            }
        engine.dispose()
        return found


def _said(found: Any) -> str:
    """A constraint as text: SQL expressions in it as their SQL."""
    return str({name: str(value) for name, value in found.items() if name != "dialect_options"}) + str(
        {name: str(value) for name, value in found.get("dialect_options", {}).items()}
    )


def _plain(value: Any) -> Any:
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) and value.tzinfo else value


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path / 'migrating.db'}")
        return
    url = str(request.getfixturevalue("postgresql_url"))
    made = Database(url)
    made.down("base")
    yield made


def test_head_is_what_the_models_say(database: Database) -> None:
    database.up()
    engine = database.engine()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        other = MetaData(naming_convention=Base.metadata.naming_convention)
        for table in Base.metadata.tables.values():
            table.to_metadata(other)
        Table("one_more", other, Column("id", Integer, primary_key=True))
        assert len(compare_metadata(context, other)) == 1, "or the comparison sees nothing"
    engine.dispose()


def test_each_revision_goes_down_and_up_again_and_leaves_the_schema_as_it_was(database: Database) -> None:
    schemas: dict[str, Any] = {"base": database.schema()}
    assert schemas["base"] == {}
    steps = ["base", *revisions()]
    for revision in steps[1:]:
        database.up(revision)
        schemas[revision] = database.schema()
    for below, revision in reversed(list(pairwise(steps))):
        database.down(below)
        assert database.schema() == schemas[below], f"down from {revision}"
        database.up(revision)
        assert database.schema() == schemas[revision], f"down from {revision} and up again"
        database.down(below)


def test_rows_survive_each_revision_up_and_down_and_every_table_has_some(database: Database) -> None:
    for revision in revisions():
        before = database.rows()
        database.up(revision)
        assert_kept(before, database.rows())
        database.fill(revision)
    full = database.rows()
    assert [name for name, rows in full.items() if not rows] == [], "add rows for them to tests/migrations/rows.py"
    assert full.keys() == Base.metadata.tables.keys()
    for below in reversed(revisions()[:-1]):
        above = database.rows()
        database.down(below)
        assert_kept(above, database.rows())
    lowest = database.rows()
    database.up()
    assert_kept(lowest, database.rows())


def test_what_a_completed_step_came_to_is_filled_in_from_its_text(database: Database) -> None:
    for revision in ("0001", "0002"):
        database.up(revision)
        database.fill(revision)
    database.up()
    outcomes = {row["id"]: row["outcome"] for row in database.rows()["step_run"]}
    assert outcomes == {1: None, 2: "Over een jaar vertellen ze het zelf."}


def assert_kept(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> None:
    """What both have a table and a column for is the same in both."""
    for table in before.keys() & after.keys():
        assert len(before[table]) == len(after[table]), table
        for old, new in zip(before[table], after[table], strict=True):
            shared = old.keys() & new.keys()
            assert {name: old[name] for name in shared} == {name: new[name] for name in shared}, table


def test_the_rows_name_revisions_that_exist() -> None:
    assert ROWS.keys() <= set(revisions())


def test_there_is_one_head_and_revisions_follow_each_other() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert revisions() == sorted(revisions())


def test_the_command_upgrades_an_empty_database_and_one_that_is_up_to_date(database: Database) -> None:
    from lti_tool.cli import migrate

    migrate(database.url)
    once = database.schema()
    migrate(database.url)
    assert database.schema() == once
    migrate(database.url, "base")
    assert database.schema() == {}
