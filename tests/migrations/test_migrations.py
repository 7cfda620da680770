"""Migrations: head is what the models say, every revision goes up and down, and rows survive both."""

import datetime as dt
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
from tests.conftest import ALL
from tests.databases import Databases, without_tables
from tests.migrations.rows import AT, LATER, ROWS


@pytest.fixture(autouse=True)
def _scripts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alembic reads every revision's file again for each command; here there are hundreds."""
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda config: SCRIPTS)


SCRIPTS = ScriptDirectory(str(MIGRATIONS))


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["url"] = url
    return made


def revisions() -> list[str]:
    """All revisions, oldest first."""
    return [found.revision for found in SCRIPTS.walk_revisions()][::-1]


COLUMNS = "0005"
NAMED = "0006"
ENDED = "0014"
# What a revision says in other words, and a test of its own looks at.
SAID_ANEW = {("outbox", "ids")}
DRAWN = "0020"
WROTE = "0021"
# Numbers that 0020 draws.
SAID_ANEW |= {(table, "id") for table in ("contribution", "consent", "attachment", "note")}
SAID_ANEW |= {("link", "from_id"), ("link", "to_id"), ("round", "subject_id")}
# Below 0039 a pot of a school is that of one of its communities.
SAID_ANEW |= {("hours_pot", "community_id"), ("hours_pot", "school_id")}
SAID_ANEW |= {(table, "contribution_id") for table in ("dot", "revision", "attachment")}


class Database:
    """An empty database, on its way up and down."""

    def __init__(self, url: str, databases: Databases | None = None) -> None:
        self.url = url
        self._databases = databases
        # One for all: what it made to look into tables is made once. Who disposes of it lets its connections go.
        self._engine = create_engine(url)
        self._known: dict[tuple[str, str], Table] = {}
        self._looked: dict[tuple[str, str], Any] = {}

    def up(self, revision: str = "head") -> None:
        command.upgrade(config(self.url), revision)

    def down(self, revision: str) -> None:
        command.downgrade(config(self.url), revision)

    def engine(self) -> Engine:
        return self._engine

    def keep(self, revision: str) -> None:
        """What it holds is that revision's rows and those of every one before: a test that begins there need not go."""
        kind, file = self._engine.dialect.name, self._engine.url.database or ""
        if (kind, revision) in _STOOD or revision not in _beginnings():
            return
        _STOOD[kind, revision] = self._databases.copy_of(self.url) if self._databases else Path(file).read_bytes()

    def stand(self, revision: str) -> None:
        """Hold the rows of this revision and every one before it, in the tables as they were then."""
        kind, file = self._engine.dialect.name, self._engine.url.database or ""
        way = revisions()[: revisions().index(revision) + 1]
        known = next((each for each in reversed(way) if (kind, each) in _STOOD), None)
        if known:
            kept = _STOOD[kind, known]
            if isinstance(kept, bytes):
                Path(file).write_bytes(kept)
            elif self._databases:
                self.url = self._databases.copy_of(kept)
                self._engine = create_engine(self.url)
        for each in way[way.index(known) + 1 if known else 0 :]:
            self.up(each)
            self.fill(each)
            self.keep(each)

    def schema(self) -> dict[str, Any]:
        """All that can be known of the tables: columns, keys, constraints, indexes."""
        engine = self.engine()
        # Most tables are as they were a revision ago: looking into them is what takes the time.
        with engine.connect() as connection:
            wrote = {name: str(said) for name, said in connection.exec_driver_sql(WRITTEN[engine.dialect.name])}
        new = [name for name, said in wrote.items() if (name, said) not in self._looked]
        for name, each in self._look(new).items() if new else ():
            self._looked[name, wrote[name]] = each
        engine.dispose()
        return {name: self._looked[name, said] for name, said in wrote.items()}

    def _look(self, tables: list[str]) -> dict[str, Any]:
        seen = inspect(self.engine())
        of_all = {
            # Their order says nothing, and PostgreSQL cannot bring it back.
            "columns": lambda: {
                key: sorted((c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in columns)
                for key, columns in seen.get_multi_columns(filter_names=tables).items()
            },
            "primary": lambda: seen.get_multi_pk_constraint(filter_names=tables),
            "foreign": lambda: _all_said(seen.get_multi_foreign_keys(filter_names=tables)),
            "unique": lambda: _all_said(seen.get_multi_unique_constraints(filter_names=tables)),
            "check": lambda: _all_said(seen.get_multi_check_constraints(filter_names=tables)),
            "indexes": lambda: _all_said(seen.get_multi_indexes(filter_names=tables)),
        }
        found: dict[str, Any] = {}
        for what, look in of_all.items():
            for (_, table), said in look().items():
                found.setdefault(table, {})[what] = said
        return found

    def fill(self, revision: str) -> None:
        """Put in the rows of one revision, into the tables as they are now."""
        engine = self.engine()
        metadata = MetaData()
        wanted = ROWS.get(revision, {})
        metadata.reflect(engine, only=lambda name, _: name in wanted)
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            for table in metadata.sorted_tables:
                if table.name in wanted:
                    connection.execute(table.insert(), wanted[table.name])
                    if engine.dialect.name == "postgresql" and isinstance(
                        getattr(table.c.get("id"), "type", None), Integer
                    ):
                        # Numbers that were given are none that PostgreSQL gave out.
                        connection.exec_driver_sql(
                            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
                        )
        engine.dispose()
        assert wanted.keys() <= metadata.tables.keys(), wanted.keys() - metadata.tables.keys()

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        engine = self.engine()
        found = {}
        with engine.connect() as connection:
            for name, said in connection.exec_driver_sql(DEFINED[engine.dialect.name]):
                # Most tables are what they were a revision ago: looking into them is what takes the time.
                if (table := self._known.get((name, said))) is None:
                    table = self._known[name, said] = Table(
                        name, MetaData(), autoload_with=connection, resolve_fks=False
                    )
                rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
                found[name] = [{column: _plain(value) for column, value in row.items()} for row in rows]
        engine.dispose()
        return found


# Every table, and how the database itself writes its columns, constraints and indexes.
WRITTEN = {
    "sqlite": """
SELECT tbl_name, group_concat(sql, ';') FROM (SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL
    AND tbl_name NOT LIKE 'sqlite_%' AND tbl_name != 'alembic_version' ORDER BY tbl_name, sql) GROUP BY tbl_name
""",
    "postgresql": """
SELECT relname, string_agg(said, ';' ORDER BY said) FROM pg_class JOIN (
    SELECT attrelid AS of, concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
        pg_get_expr(adbin, adrelid)) AS said
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
    UNION ALL SELECT conrelid, concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint
    UNION ALL SELECT indrelid, pg_get_indexdef(indexrelid) FROM pg_index
) AS each ON each.of = pg_class.oid
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version' GROUP BY relname
""",
}
# Every table, and all that its columns are.
DEFINED = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    " AND name != 'alembic_version'",
    "postgresql": "SELECT table_name, string_agg(concat_ws(' ', column_name, udt_name, column_default), ','"
    " ORDER BY ordinal_position) FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name != 'alembic_version' GROUP BY table_name",
}


def _all_said(found: dict[Any, list[Any]]) -> dict[Any, list[str]]:
    return {key: sorted(map(_said, each)) for key, each in found.items()}


def _said(found: Any) -> str:
    """A constraint as text: SQL expressions in it as their SQL."""
    return str({name: str(value) for name, value in found.items() if name != "dialect_options"}) + str(
        {name: str(value) for name, value in found.get("dialect_options", {}).items()}
    )


def _plain(value: Any) -> Any:
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) and value.tzinfo else value


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'migrating.db'}")
    url = request.getfixturevalue("_one_postgresql")
    without_tables(url)
    return Database(url, request.getfixturevalue("_databases"))


@pytest.fixture(scope="module")
def _one_postgresql(_databases: Databases) -> str:
    """One for all tests, which is dropped with the others at the end: each begins by emptying it."""
    return _databases.take()


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


def test_each_revision_goes_up_and_down_with_rows_and_leaves_the_schema_as_it_was(database: Database) -> None:
    """And what it left below lets all of them go up again. Every table has rows."""
    schemas: dict[str, Any] = {}
    for revision in revisions():
        before = database.rows()
        database.up(revision)
        assert_kept(before, database.rows())
        database.fill(revision)
        schemas[revision] = database.schema()
        database.keep(revision)
    full = database.rows()
    assert [name for name, rows in full.items() if not rows] == [], "add rows for them to tests/migrations/rows.py"
    assert full.keys() == Base.metadata.tables.keys()
    above = full
    for below, revision in reversed(list(pairwise(revisions()))):
        database.down(below)
        left = database.rows()
        # Comparing takes out what a migration has the worker do.
        lowest = {table: list(rows) for table, rows in left.items()}
        assert_kept(above, left)
        above = lowest
        assert database.schema() == schemas[below], f"down from {revision}"
    database.up()
    assert_kept(lowest, database.rows())
    assert database.schema() == schemas[revisions()[-1]], "down and up again"


@pytest.mark.skipif(not ALL, reason="each revision up again from where it went down to: ./run test --all")
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


def test_what_a_completed_step_came_to_is_filled_in_from_its_text(database: Database) -> None:
    for revision in ("0001", "0002"):
        database.up(revision)
        database.fill(revision)
    database.up()
    outcomes = {row["id"]: row["outcome"] for row in database.rows()["step_run"]}
    assert outcomes == {1: None, 2: "Over een jaar vertellen ze het zelf."}


def test_acts_begin_with_what_earlier_rows_still_tell(database: Database) -> None:
    for revision in ("0001", "0002", "0003"):
        database.up(revision)
        database.fill(revision)
    before = database.rows()
    database.up("0004")
    known = {"reopening": "step_reopened", "yield_share": "yield_shared"}
    told = [(known[table], row["member_id"], row["at"]) for table in known for row in before[table]]
    assert [(row["kind"], row["member_id"], row["at"]) for row in database.rows()["act"]] == told
    assert [row["detail"] for row in database.rows()["act"]] == [{}, {"community": 2}]


def test_columns_and_what_is_under_way_to_them_move_to_their_own_table_and_back(database: Database) -> None:
    for revision in ("0001", "0002", "0003", "0004"):
        database.up(revision)
        database.fill(revision)
    before = database.rows()
    (link,) = before["resource_link"]
    database.up(COLUMNS)
    above = database.rows()
    (item,) = above["line_item"]
    assert item == {
        "id": link["id"],
        "resource_link_id": link["id"],
        "kind": "participation",
        "period": "",
        "url": link["line_item_url"],
        "gone": link["line_item_gone"],
    }
    assert [row["line_item_id"] for row in above["score"]] == [item["id"]]
    assert [(row["ids"], row["registration_id"]) for row in above["outbox"]] == [({"column": 1, "person": 1}, 1)] * 2
    engine = database.engine()
    with engine.begin() as connection:
        # A placement whose column got another number, and a column of another kind, which has no place below.
        connection.exec_driver_sql(
            "INSERT INTO resource_link (id, deployment_id, resource_link_id, course_id, community_id, title, step,"
            " cycle_number, passback, line_items_url, scopes, created_at)"
            " SELECT 7, deployment_id, '7', course_id, community_id, title, step, 2, passback, line_items_url, scopes,"
            " created_at FROM resource_link"
        )
        connection.exec_driver_sql(
            "INSERT INTO line_item (id, resource_link_id, kind, period, url, gone)"
            " VALUES (8, 7, 'participation', '', 'https://lms.example/8', true), (9, 7, 'hours', '', '', false)"
        )
        connection.exec_driver_sql(
            "INSERT INTO score (id, line_item_id, person_id, state, tried, arrived)"
            " VALUES (101, 8, 2, 'arrived', '[67]', 67), (102, 9, 2, 'arrived', '[1.25]', 1.25)"
        )
        connection.exec_driver_sql(
            "INSERT INTO outbox (id, kind, key, ids, due_at, created_at)"
            " SELECT 101, kind, '8:2', '{\"column\": 8, \"person\": 2}', due_at, created_at FROM outbox WHERE id = 1"
        )
        connection.exec_driver_sql(
            "INSERT INTO outbox (id, kind, key, ids, due_at, created_at)"
            " SELECT 102, 'line_item', '9', '{\"column\": 9}', due_at, created_at FROM outbox WHERE id = 1"
        )
    engine.dispose()
    database.down("0004")
    below = database.rows()
    first, second = below["resource_link"]
    assert first == link
    assert (second["line_item_url"], second["line_item_gone"]) == ("https://lms.example/8", True)
    assert below["outbox"][:2] == before["outbox"]
    assert [(row["key"], row["ids"]) for row in below["outbox"][2:]] == [("7:2", {"link": 7, "person": 2})]
    assert [(row["resource_link_id"], row["arrived"]) for row in below["score"]] == [(1, None), (7, 67)]


def test_a_links_id_becomes_its_courses_and_an_open_page_stays_what_it_was_opened_as(database: Database) -> None:
    _stands_below(database, NAMED)
    database.up(NAMED)
    (launch,) = database.rows()["launch"]
    assert (launch["step"], launch["cycle_number"]) == ("ambition", 1)
    engine = database.engine()
    with engine.begin() as connection:
        # ILIAS: the same id in another course.
        connection.exec_driver_sql(
            "INSERT INTO course (id, deployment_id, context_id, title, history, created_at)"
            " SELECT 7, deployment_id, '7', title, history, created_at FROM course WHERE id = 1"
        )
        connection.exec_driver_sql(
            "INSERT INTO resource_link (id, deployment_id, resource_link_id, course_id, community_id, title, step,"
            " cycle_number, passback, line_items_url, scopes, created_at)"
            " SELECT 7, deployment_id, resource_link_id, 7, community_id, title, step, cycle_number, passback,"
            " line_items_url, scopes, created_at FROM resource_link WHERE id = 1"
        )
    engine.dispose()
    database.down(revisions()[revisions().index(NAMED) - 1])
    assert [row["resource_link_id"] for row in database.rows()["resource_link"]] == ["3", "3@7"]


def _clean(database: Database) -> list[dict[str, Any]]:
    return [row for row in database.rows()["outbox"] if row["kind"] == "clean"]


def test_files_of_before_are_to_be_cleaned_once(database: Database) -> None:
    for revision in ("0001", "0002"):
        database.up(revision)
        database.fill(revision)
    database.up("0012")
    assert _clean(database) == []
    database.up("0013")
    (row,) = _clean(database)
    assert (row["key"], row["ids"], row["attempts"], row["done_at"]) == ("files", {"after": 0, "last": 1}, 0, None)
    assert abs(row["due_at"] - dt.datetime.now(dt.UTC).replace(tzinfo=row["due_at"].tzinfo)) < dt.timedelta(hours=1)
    database.down("0012")
    assert _clean(database) == []


def test_without_files_nothing_is_to_be_cleaned(database: Database) -> None:
    database.up("0013")
    assert database.rows()["outbox"] == []


def test_what_was_paused_or_ended_goes_on_below_and_answers_have_a_delivery_there(database: Database) -> None:
    database.stand(revisions()[-1])
    engine = database.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO cycle (id, community_id, number, started_at, moved_at, closed_at, ending)"
            " SELECT 11, 2, 1, started_at, started_at, started_at, 'undecided' FROM cycle WHERE id = 1"
            " UNION ALL SELECT 12, 2, 2, started_at, started_at, started_at, 'consent' FROM cycle WHERE id = 1"
        )
        connection.exec_driver_sql(
            "INSERT INTO step_run (id, cycle_id, step, stage, stage_since, opened_at)"
            " SELECT 11, 12, 'ending', 'consent', stage_since, opened_at FROM step_run WHERE id = 1"
        )
        connection.exec_driver_sql(
            "INSERT INTO outbox (id, kind, key, ids, due_at, created_at)"
            " SELECT 101, 'stage', '11', ids, due_at, created_at FROM outbox WHERE id = 1"
            " UNION ALL SELECT 102, 'resume', '12', ids, due_at, created_at FROM outbox WHERE id = 1"
        )
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT setval('outbox_id_seq', 1000)")
    engine.dispose()
    database.down(revisions()[revisions().index(ENDED) - 1])
    below = database.rows()
    assert {row["id"]: row["closed_at"] is None for row in below["cycle"]} == {1: True, 2: True, 11: False, 12: True}
    assert [(row["kind"], row["ids"]) for row in below["outbox"] if row["kind"] in ("forget", "resume", "stage")] == [
        ("forget", {"cycle": 11})
    ]
    database.up(ENDED)
    assert not {"forget", "resume", "stage"} & {row["kind"] for row in database.rows()["outbox"]}


def assert_kept(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> None:
    """What both have a table and a column for is the same in both."""
    for found in (before, after):
        # What a migration has the worker do.
        found["outbox"] = [row for row in found.get("outbox", []) if row["kind"] not in ("clean", "figure")]
    for table in before.keys() & after.keys():
        assert len(before[table]) == len(after[table]), table
        for old, new in zip(before[table], after[table], strict=True):
            shared = {name for name in old.keys() & new.keys() if (table, name) not in SAID_ANEW}
            assert {name: old[name] for name in shared} == {name: new[name] for name in shared}, table


def test_what_a_page_can_name_gets_a_drawn_number_and_keeps_what_hangs_on_it(database: Database) -> None:
    _stands_below(database, DRAWN)
    engine = database.engine()
    with engine.begin() as connection:
        # Where words hold such a number: an answer's, a choice's, a list's, a form's.
        for number, kind, body in (
            (21, "resolution", '{"consent": 1, "text": "zo"}'),
            (22, "say", '{"choices": {"2": "keep"}, "round": 2}'),
            (23, "shortlist", '{"points": [[2, 2], [11, 1]]}'),
        ):
            connection.exec_driver_sql(
                "INSERT INTO contribution (id, step_run_id, kind, member_id, body, version, created_at, updated_at)"
                f" SELECT {number}, step_run_id, '{kind}', member_id, '{body}', 1, created_at, updated_at"
                " FROM contribution WHERE id = 1"
            )
        connection.exec_driver_sql(
            "INSERT INTO draft (id, member_id, form, body, saved_at) SELECT 21, member_id, '1:respond-2',"
            ' \'{"idea": "2", "text": "2", "dots-11": "3"}\', saved_at FROM draft WHERE id = 1'
        )
    engine.dispose()
    before = database.rows()
    database.up(DRAWN)
    above = database.rows()
    drawn = dict(zip((row["id"] for row in before["contribution"]), _in_order(above["contribution"]), strict=True))
    assert all(100_000_000 <= number <= 999_999_999 for number in drawn.values())
    assert "name" not in above["attachment"][0]
    (consent,), (link,), (dot,) = above["consent"], above["link"], above["dot"]
    assert (link["from_id"], link["to_id"], dot["contribution_id"]) == (drawn[2], drawn[1], drawn[2])
    assert {row["contribution_id"] for row in (*above["revision"], *above["attachment"])} == {drawn[1], drawn[2]}
    bodies = {row["kind"]: row["body"] for row in above["contribution"]}
    assert bodies["resolution"] == {"consent": consent["id"], "text": "zo"}
    assert bodies["say"] == {"choices": {str(drawn[2]): "keep"}, "round": 2}
    assert bodies["shortlist"] == {"points": [[drawn[2], 2], [drawn[11], 1]]}
    draft = next(row for row in above["draft"] if row["id"] == 21)
    assert draft["form"] == f"1:respond-{drawn[2]}"
    assert draft["body"] == {"idea": str(drawn[2]), "text": "2", f"dots-{drawn[11]}": "3"}
    database.down(revisions()[revisions().index(DRAWN) - 1])
    below = database.rows()
    assert [row["id"] for row in below["contribution"]] == list(range(1, len(drawn) + 1))
    assert [row["kind"] for row in below["contribution"]] == [row["kind"] for row in before["contribution"]]
    assert below["attachment"][0]["name"] == "bijlage"
    assert next(row for row in below["draft"] if row["id"] == 21)["form"] == "1:respond-2"


def _in_order(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in sorted(rows, key=lambda row: (row["created_at"], row["id"]))]


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


def _tenants(database: Database, **changes: Any) -> None:
    """A second client of the school's issuer."""
    engine = database.engine()
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        tables = metadata.tables
        first = dict(connection.execute(select(tables["registration"])).mappings().first() or {})
        connection.execute(tables["registration"].insert(), {**first, "id": 2, "client_id": "second", **changes})
    engine.dispose()


def test_registrations_that_shared_their_people_keep_doing_so(database: Database) -> None:
    database.up("0001")
    database.fill("0001")
    database.up("0008")
    _tenants(database, key_set_url="https://moodle.example/other-keys")
    database.up("0009")
    rows = database.rows()
    assert {row["realm"] for row in rows["registration"]} == {"https://moodle.example/mod/lti/certs.php"}
    assert {row["realm"] for row in rows["person"]} == {"https://moodle.example/mod/lti/certs.php"}


# Kind of database, revision -> one with the rows of it and of every one before: a file, or the address of a copy.
_STOOD: dict[tuple[str, str], bytes | str] = {}


def _below(revision: str) -> str:
    return revisions()[revisions().index(revision) - 1]


def _beginnings() -> set[str]:
    """Where tests begin: here and in test_who_wrote.py."""
    return {*map(_below, (NAMED, DECIDED, WEIGHED, DRAWN, WROTE, SEVERAL)), revisions()[-1]}


def _stands_below(database: Database, revision: str) -> None:
    """The rows of every revision before this one."""
    database.stand(_below(revision))


def _put(database: Database, **rows: list[dict[str, Any]]) -> None:
    """More rows, by table, in the tables as they are now."""
    engine = database.engine()
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for table, wanted in rows.items():
            connection.execute(metadata.tables[table].insert(), wanted)
    engine.dispose()


def _of(database: Database, table: str, first: int) -> dict[int, dict[str, Any]]:
    """id -> row, from an id on."""
    return {row["id"]: row for row in database.rows()[table] if row["id"] >= first}


def _run(number: int, step: str, stage: str, **more: Any) -> dict[str, Any]:
    """A step in a cycle of its own community, at a stage."""
    closed = AT if stage == "closed" else None
    since = {"stage_since": AT, "opened_at": AT, "closes_at": None, "closed_at": closed, "extended": False}
    return {"id": number, "cycle_id": number, "step": step, "stage": stage, **since, **more}


def _piece(number: int, run: int, kind: str, **body: Any) -> dict[str, Any]:
    times = {"created_at": AT, "updated_at": AT}
    return {"id": number, "step_run_id": run, "kind": kind, "member_id": 1, "body": body, "version": 1, **times}


def _cycles(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": each, "community_id": 1, "number": each, "started_at": AT} for each in numbers]


DECIDED = "0012"
WEIGHED = "0015"


def _round(number: int, run: int, kind: str, outcome: str | None, subject: int | None = None) -> dict[str, Any]:
    closed = AT if outcome else None
    about = {"subject_id": subject, "subject_version": 1 if subject else None}
    return {
        "id": number,
        "step_run_id": run,
        "kind": kind,
        "opened_at": AT,
        "closed_at": closed,
        "outcome": outcome,
        **about,
    }


def _date(number: int, run: int, stage: str) -> dict[str, Any]:
    """A day that was announced for a stage."""
    times = {"due_at": LATER, "created_at": AT, "attempts": 0}
    return {"id": number, "kind": "stage", "key": str(run), "ids": {"run": run, "stage": stage}, **times}


def test_where_people_stand_who_decide_in_steps_three_and_six(database: Database) -> None:
    below = revisions()[revisions().index(DECIDED) - 1]
    _stands_below(database, DECIDED)
    _put(
        database,
        cycle=_cycles(100, 101, 102, 103),
        step_run=[
            _run(100, "interpretation", "closed"),
            _run(101, "evaluation", "closed"),
            _run(102, "evaluation", "yield", closes_at=LATER),
            _run(103, "evaluation", "yield", closes_at=LATER),
        ],
        contribution=[
            _piece(101, 100, "late", answer="concern", text="de tijd", closing=1),
            _piece(102, 100, "late"),
            _piece(103, 101, "late", answer="endorse", round=7),
            _piece(104, 102, "yield", text="wij weten", lessons=[]),
        ],
        round=[
            _round(100, 101, "endorse", "endorsed"),
            _round(101, 102, "endorse", "changed", 104),
            _round(102, 102, "endorse", None, 104),
        ],
        outbox=[_date(101, 102, "yield"), _date(102, 103, "yield")],
    )
    before = database.rows()
    database.up(DECIDED)
    bodies = {number: row["body"] for number, row in _of(database, "contribution", 101).items()}
    assert bodies[101] == {"answer": "concern", "concern": "de tijd", "version": 1}
    assert [bodies[each] for each in (102, 103)] == [{}, {"answer": "endorse", "round": 7}]
    stages = {number: row["stage"] for number, row in _of(database, "step_run", 100).items()}
    # Who is asked is in the stage that asks; what is completed, or still being written, stays where it is.
    assert stages == {100: "closed", 101: "closed", 102: "endorse", 103: "yield"}
    assert {row["ids"]["run"]: row["ids"]["stage"] for row in _of(database, "outbox", 101).values()} == {
        102: "endorse",
        103: "yield",
    }
    database.down(below)
    assert_kept(before, database.rows())


def test_below_nobody_stands_where_points_are_decided_on_and_a_whole_yield_is_asked_about(database: Database) -> None:
    below = revisions()[revisions().index(DECIDED) - 1]
    _stands_below(database, DECIDED)
    database.up(DECIDED)
    _put(
        database,
        cycle=_cycles(100, 101, 102),
        step_run=[
            _run(100, "interpretation", "consent", closes_at=LATER, extended=True),
            _run(101, "evaluation", "yield"),
            _run(102, "evaluation", "yield"),
        ],
        contribution=[
            _piece(101, 101, "yield", text="wij weten", lessons=[]),
            _piece(102, 101, "next", choice="new", text="er is meer"),
            _piece(103, 102, "yield", text="wij weten", lessons=[]),
        ],
        round=[
            _round(100, 100, "dots", "counted"),
            _round(101, 100, "consent", None),
            _round(102, 101, "endorse", "objected", 101),
        ],
        consent=[{"id": 100, "round_id": 101, "member_id": 1, "answer": "agree", "body": {}, "at": AT}],
    )
    _numbers_go_on(database, "round")
    database.down(below)
    run = _of(database, "step_run", 100)[100]
    assert (run["stage"], run["closes_at"], bool(run["extended"])) == ("need", None, False)
    *known, asked = _of(database, "round", 100).values()
    assert [each["outcome"] for each in known] == ["counted", "changed", "objected"]
    assert all(each["closed_at"] for each in known)
    assert (asked["step_run_id"], asked["kind"], asked["closed_at"]) == (101, "endorse", None)
    assert (asked["subject_id"], asked["subject_version"]) == (101, 1)
    database.up(DECIDED)
    assert {row["id"]: row["stage"] for row in _of(database, "step_run", 101).values()} == {
        101: "endorse",
        102: "yield",
    }


def test_below_whoever_weighs_an_objection_makes_a_better_text_and_a_tie_was_a_count(database: Database) -> None:
    below = revisions()[revisions().index(WEIGHED) - 1]
    _stands_below(database, WEIGHED)
    database.up(WEIGHED)
    steps = {100: "ambition", 101: "information", 102: "interpretation", 103: "consequences", 104: "evaluation"}
    _put(
        database,
        cycle=_cycles(*steps, 105),
        step_run=[
            *(_run(each, step, "weigh_objection", closes_at=LATER, extended=True) for each, step in steps.items()),
            _run(105, "agreements", "weigh_objection"),
        ],
        contribution=[_piece(101, 104, "chosen", why="het raakt ons"), _piece(102, 104, "chosen")],
        round=[
            _round(100, 100, "consent", "objected"),
            _round(101, 100, "overrule", None),
            _round(102, 104, "dots", "tied"),
            _round(103, 104, "dots", None),
            _round(104, 105, "consent", "too_few"),
        ],
        consent=[
            {"id": number, "round_id": round_, "member_id": 1, "answer": said, "body": {}, "at": AT}
            for number, round_, said in ((100, 100, "objection"), (101, 101, "no"), (102, 103, "pass"))
        ],
    )
    database.down(below)
    runs = _of(database, "step_run", 100)
    assert {each: row["stage"] for each, row in runs.items()} == {
        100: "draft", 101: "gather", 102: "need", 103: "board", 104: "verdict", 105: "draft"
    }  # fmt: skip
    assert not any(row["closes_at"] or row["extended"] for row in runs.values())
    assert {each: row["outcome"] for each, row in _of(database, "round", 100).items()} == {
        100: "objected", 102: "counted", 103: None, 104: "objected"
    }  # fmt: skip
    assert list(_of(database, "consent", 100)) == [100]
    bodies = {each: row["body"] for each, row in _of(database, "contribution", 101).items()}
    assert bodies == {101: {"why": "het raakt ons", "by_lot": False}, 102: {}}
    database.up(WEIGHED)


def _numbers_go_on(database: Database, table: str) -> None:
    """After rows that came with their ids: PostgreSQL counts by itself, and from one."""
    engine = database.engine()
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000)")
    engine.dispose()


def test_people_of_two_realms_have_no_place_below(database: Database) -> None:
    database.up("0001")
    database.fill("0001")
    database.up("0009")
    engine = database.engine()
    metadata = MetaData()
    metadata.reflect(engine)
    person = metadata.tables["person"]
    with engine.begin() as connection:
        known = dict(connection.execute(select(person)).mappings().first() or {})
        connection.execute(person.insert(), {**known, "id": 77, "realm": "other"})
    before = database.rows()
    with pytest.raises(RuntimeError, match="1 people have the id of another"):
        database.down("0008")
    assert database.rows() == before
    with engine.begin() as connection:
        connection.execute(person.delete().where(person.c.id == 77))
    engine.dispose()
    database.down("0008")


SEVERAL = "0037"


def test_an_open_page_stays_in_its_community_and_below_a_placement_is_the_courses_own(database: Database) -> None:
    _stands_below(database, SEVERAL)
    before = database.rows()
    engine = database.engine()
    with engine.begin() as connection:
        # An approve activity is of no course, and a course may have lost its community.
        connection.exec_driver_sql(
            "INSERT INTO course (id, deployment_id, context_id, title, history, created_at)"
            " SELECT 7, deployment_id, '7', title, history, created_at FROM course WHERE id = 1"
        )
        for number, course in (("L7", "7"), ("L8", "NULL"), ("L9", "course_id")):
            connection.exec_driver_sql(
                "INSERT INTO launch (id, person_id, deployment_id, course_id, roles, locale, reopen_url,"
                f" frame_ancestors, created_at) SELECT '{number}', person_id, deployment_id, {course}, roles, locale,"
                " reopen_url, frame_ancestors, created_at FROM launch WHERE id = 'L1'"
            )
    engine.dispose()
    database.up(SEVERAL)
    launches = {each["id"]: each["community_id"] for each in database.rows()["launch"]}
    assert {"L1": 1, "L8": None, "L9": 1}.items() <= launches.items()
    assert "L7" not in launches, "nobody can act on it any more"
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE member SET standing = 'elsewhere' WHERE id = 2")
    engine.dispose()
    database.down("0036")
    below = database.rows()
    assert [each["community_id"] for each in below["resource_link"]] == [
        each["community_id"] for each in before["resource_link"]
    ]
    assert {each["id"]: each["standing"] for each in below["member"]}[2] == "apart"
