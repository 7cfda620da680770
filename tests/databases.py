"""PostgreSQL databases for tests: made from a migrated one, emptied and used again.

Making one and dropping it takes a second, most of it the server's waiting for the disk; emptying it takes 30 ms. One
whose structure or settings a test changed is dropped.
"""

import uuid
from typing import Any

import psycopg
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from lti_tool.cli import migrate
from lti_tool.db import Base

# What a test could leave behind beside rows: tables, their columns, keys and triggers, functions, and the revision.
_STRUCTURE = """
SELECT array_agg(each ORDER BY each) FROM (
    SELECT format('%s.%s %s %s %s', c.relname, a.attname, a.atttypid::regtype, a.attnotnull, a.attidentity) AS each
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s %s', tgname, tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT version_num FROM alembic_version
) AS whole
"""
_SETTINGS = """
SELECT datallowconn, datconnlimit,
    (SELECT array_agg(setconfig::text ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid)
FROM pg_database d WHERE datname = :name
"""
_AT_FIRST = """
SELECT setval(c.oid::regclass, s.seqstart, false)
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.relnamespace = 'public'::regnamespace
"""
_OTHERS_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
_ALL_OTHERS_OUT = _OTHERS_OUT.replace(":name", "current_database()")


class Databases:
    """Migrated databases at one server, one a test."""

    def __init__(self, url: str) -> None:
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._template = f"leerkring_template_{uuid.uuid4().hex[:8]}"
        self._made: list[str] = []
        self._free: list[str] = []
        self._settings: Any = None
        self._on_the_server(f"CREATE DATABASE {self._template}")
        migrate(self.url(self._template))
        inside = create_engine(self.url(self._template), poolclass=NullPool)
        with inside.connect() as connection:
            self._structure = connection.scalar(text(_STRUCTURE))
            for table in Base.metadata.sorted_tables:
                assert connection.scalar(select(table.c[0]).limit(1)) is None, "a migrated database begins with rows"

    def url(self, name: str) -> str:
        """The address of one of them."""
        return self._admin.url.set(database=name).render_as_string(hide_password=False)

    def take(self) -> str:
        """An empty one's address."""
        if not self._free:
            name = f"leerkring_test_{uuid.uuid4().hex[:12]}"
            self._on_the_server(f"CREATE DATABASE {name} TEMPLATE {self._template}")
            self._made.append(name)
            # A commit is one without waiting for the disk: no test takes away the machine's power.
            self._on_the_server(f"ALTER DATABASE {name} SET synchronous_commit = off")
            self._settings = self._ask(_SETTINGS, name)
            self._free.append(name)
        return self.url(self._free.pop())

    def give_back(self, url: str) -> None:
        """Whoever is connected to it still is not any more, and its rows are gone."""
        name = str(make_url(url).database)
        self._ask(_OTHERS_OUT, name)
        if self._ask(_SETTINGS, name) == self._settings and self._emptied(name):
            self._free.append(name)
        else:
            self._drop(name)

    def copy_of(self, url: str) -> str:
        """The address of a copy of one as it is now, to which nobody is connected; its structure may be any."""
        name = f"leerkring_copy_{uuid.uuid4().hex[:12]}"
        self._made.append(name)
        self._on_the_server(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
        self._on_the_server(f"ALTER DATABASE {name} SET synchronous_commit = off")
        return self.url(name)

    def close(self) -> None:
        """Drop them all."""
        for name in (*self._made, self._template):
            self._drop(name)
        self._admin.dispose()

    def _emptied(self, name: str) -> bool:
        """Whether it is as it was made; not where a test changed its structure."""
        inside = create_engine(self.url(name), poolclass=NullPool)
        try:
            with inside.begin() as connection:
                if connection.scalar(text(_STRUCTURE)) != self._structure:
                    return False
                connection.exec_driver_sql("; ".join([*_unguarded("DISABLE"), *_emptying(), *_unguarded("ENABLE")]))
                connection.execute(text(_AT_FIRST))
        except DBAPIError:
            return False
        return True

    def _on_the_server(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def _ask(self, question: str, name: str) -> Any:
        with self._admin.connect() as connection:
            return connection.execute(text(question), {"name": name}).all()

    def _drop(self, name: str) -> None:
        self._on_the_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def without_tables(url: str) -> None:
    """Leave it without anything, whatever was in it and whoever is connected to it."""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as inside:
        inside.execute(_ALL_OTHERS_OUT)
        inside.execute("DROP SCHEMA public CASCADE")
        inside.execute("CREATE SCHEMA public")


def _unguarded(how: str) -> list[str]:
    """Nobody may remove an act, or what counts and what a period came to."""
    return [f"ALTER TABLE {each} {how} TRIGGER USER" for each in ("act", "hours_count", "hours_balance", "school_act")]


def _emptying() -> list[str]:
    return [f'DELETE FROM "{each.name}"' for each in reversed(Base.metadata.sorted_tables)]


class Rows:
    """What the tables of a PostgreSQL database hold, to be put back: that takes less than making them come about."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(self._url) as connection:
            self._structure = connection.execute(_STRUCTURE).fetchone()
            self._numbers = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
            names = [each.name for each in Base.metadata.sorted_tables]
            rows = {name: self._copied(connection, name) for name in names}
            self._rows = {name: found for name, found in rows.items() if found}

    def holds(self) -> bool:
        """Whether every table holds what it held, and nothing else; in whatever order."""
        now = Rows(self._url)
        return self._numbers == now._numbers and self._whole() == now._whole()

    def restore(self) -> None:
        """Whoever is connected is not any more, and every table holds what it held."""
        with psycopg.connect(self._url) as connection:
            connection.execute(_ALL_OTHERS_OUT)
            assert connection.execute(_STRUCTURE).fetchone() == self._structure, "a test changed what others share"
            connection.execute("; ".join([*_unguarded("DISABLE"), *_emptying()]).encode())
            for name, rows in self._rows.items():
                with connection.cursor().copy(f'COPY "{name}" FROM STDIN'.encode()) as into:
                    into.write(rows)
            connection.execute("; ".join(_unguarded("ENABLE")).encode())
            for name, last in self._numbers:
                connection.execute("SELECT setval(%s, %s, %s)", (f'"{name}"', last or 1, last is not None))

    def _whole(self) -> dict[str, list[bytes]]:
        return {name: sorted(rows.splitlines()) for name, rows in self._rows.items()}

    def _copied(self, connection: psycopg.Connection[Any], name: str) -> bytes:
        with connection.cursor().copy(f'COPY "{name}" TO STDOUT'.encode()) as out:
            return b"".join(bytes(each) for each in out)


def behind(url: str) -> None:
    """Leave a migrated database as the version before had it."""
    migrate(url, "-1")


def ahead(url: str) -> None:
    """Leave it as a version that is still to come had it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()


def empty(url: str) -> None:
    """Leave it without tables."""
    migrate(url, "base")
