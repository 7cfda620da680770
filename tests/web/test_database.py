"""What requests may rely on of the database: connections that were lost, transactions that are not needed."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, inspect, select, text, update
from sqlalchemy.exc import InvalidRequestError, OperationalError
from sqlalchemy.orm import Session

from lti_tool import create_app
from lti_tool.config import Settings
from lti_tool.db import at_once, command, db, insert_row, may_write, reading, short_transaction, undo
from lti_tool.lti.platforms import Platforms
from lti_tool.models import Person, Registration
from tests.conftest import POSTGRESQL

ALL = select(Person.sub)


def _app(url: str, keys_dir: Path) -> Iterator[Flask]:
    app = create_app(Settings(database_url=url, keys_dir=keys_dir, secret_key="s" * 40, allow_private_hosts=True))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(any_database_url: str, keys_dir: Path) -> Iterator[Flask]:
    """The application, on each database in turn."""
    yield from _app(any_database_url, keys_dir)


@pytest.fixture
def on_postgresql(postgresql_url: str, keys_dir: Path) -> Iterator[Flask]:
    """The application on PostgreSQL."""
    yield from _app(postgresql_url, keys_dir)


def _end_all_connections(url: str) -> None:
    admin = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        of = {"name": url.rpartition("/")[2]}
        connection.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"), of
        )
    admin.dispose()


@pytest.mark.postgresql
def test_a_request_after_the_server_ended_all_connections_notices_nothing(
    on_postgresql: Flask, postgresql_url: str
) -> None:
    """A restart of PostgreSQL costs no teacher a page."""
    browser = on_postgresql.test_client()
    for _ in range(2):
        assert browser.get("/readyz").json != {"status": "no database"}
        _end_all_connections(postgresql_url)
    with command(on_postgresql) as session:
        insert_row(session, Person, issuer="x", sub="1", name="")
    with on_postgresql.app_context():
        assert db.session.scalars(ALL).all() == ["1"]


@pytest.mark.postgresql
def test_a_connection_that_rested_is_asked_whether_it_lives_and_no_other(
    on_postgresql: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall drops a connection that rests without a word: nothing can be read from it."""
    asked: list[object] = []

    with on_postgresql.app_context():
        engine = db.engine
        dbapi = engine.dialect.dbapi
        assert dbapi is not None

        def dead(connection: object) -> bool:
            asked.append(connection)
            raise dbapi.OperationalError("dropped")

        monkeypatch.setattr(engine.dialect, "do_ping", dead)
        for _ in range(3):
            with engine.connect() as connection:
                first = connection.connection.dbapi_connection
        assert asked == []
        monkeypatch.setattr("lti_tool.db.RESTED", -1.0)
        with pytest.raises(InvalidRequestError), engine.connect():
            pass
        assert asked[0] is first


def test_what_is_written_at_once_stays_whatever_becomes_of_the_request(app: Flask) -> None:
    with app.app_context():
        insert_row(db.session(), Person, issuer="x", sub="kept", name="before")
        db.session.commit()
        renamed = update(Person.__table__).values(name="after").returning(Person.__table__.c.sub)
        with app.test_request_context():
            row = at_once(renamed, {})
            db.session.rollback()
        assert row is not None
        assert row.sub == "kept"
        assert at_once(renamed.where(Person.__table__.c.sub == "nobody"), {}) is None
        assert db.session.scalars(select(Person.name)).all() == ["after"]


def _fail_having_written() -> None:
    with short_transaction() as session:
        insert_row(session, Person, issuer="x", sub="1", name="")
        session.scalars(ALL).all()
        raise ZeroDivisionError


def test_a_transaction_that_fails_leaves_nothing_also_after_a_page_was_read(app: Flask) -> None:
    """On PostgreSQL the same connection serves pages that need no transaction."""
    with app.app_context():
        with reading():
            assert db.session.scalars(ALL).all() == []
            db.session.commit()
        with pytest.raises(ZeroDivisionError):
            _fail_having_written()
        assert db.session.scalars(ALL).all() == []


def test_a_page_that_is_only_read_cannot_change_anything(app: Flask) -> None:
    with app.app_context(), reading():
        db.session.add(Person(issuer="x", sub="1", name=""))
        with pytest.raises(RuntimeError):
            db.session.flush()
        db.session.rollback()


def _person(sub: str) -> Person:
    return Person(issuer="x", sub=sub, name="")


WAYS: dict[str, Callable[[Session], object]] = {
    "an entity that waits": lambda session: session.add(_person("2")),
    "an entity, flushed": lambda session: (session.add(_person("2")), session.flush()),
    "one that was changed": lambda session: setattr(session.scalars(select(Person)).one(), "sub", "2"),
    "one that was taken away": lambda session: session.delete(session.scalars(select(Person)).one()),
    "a statement of columns": lambda session: insert_row(session, Person, issuer="x", sub="2", name=""),
    "a statement with what it changed": lambda session: session.execute(
        update(Person).values(sub="2").returning(Person.sub)
    ).all(),
    "SQL": lambda session: session.execute(text("UPDATE person SET sub = '2'")),
    "in a part of it": lambda session: session.begin_nested().session.execute(update(Person).values(sub="2")),
    "what a commit would do besides": lambda session: (session.scalars(ALL).all(), session.info.update(heard=1)),
}


@pytest.mark.parametrize("way", WAYS)
def test_of_what_is_refused_nothing_stays_in_whichever_way_it_was_written(app: Flask, way: str) -> None:
    rolled_back: list[Session] = []
    with app.app_context():
        insert_row(db.session(), Person, issuer="x", sub="1", name="")
        db.session.commit()
        event.listen(db.session, "after_rollback", rolled_back.append)
        with app.test_request_context():
            db.session.scalars(ALL).all()
            may_write()
            WAYS[way](db.session())
            undo()
            assert rolled_back
            assert db.session.scalars(ALL).all() == ["1"]
            db.session.commit()
        db.session.remove()
        assert db.session.scalars(ALL).all() == ["1"]


def test_what_was_read_is_read_once_where_a_form_is_refused_before_it_wrote_anything(app: Flask) -> None:
    """Each row was asked for anew, one by one, for the page that says what is wrong."""
    with app.app_context():
        insert_row(db.session(), Person, issuer="x", sub="1", name="")
        db.session.commit()
        with app.test_request_context():
            person = db.session.scalars(select(Person)).one()
            may_write()
            db.session.scalars(ALL).all()
            undo()
            assert not inspect(person).expired_attributes
            assert not db.session().in_transaction(), "nobody is kept waiting"


@pytest.mark.postgresql
def test_what_was_refused_since_the_database_was_lost_is_said_once_it_is_back(
    on_postgresql: Flask, postgresql_url: str
) -> None:
    """A connection that is no more cannot be asked whether anything was written by it."""
    with on_postgresql.app_context(), on_postgresql.test_request_context():
        may_write()
        db.session.scalars(ALL).all()
        _end_all_connections(postgresql_url)
        with pytest.raises(OperationalError):
            db.session.scalars(ALL).all()
        undo()
        assert db.session.scalars(ALL).all() == []


def test_what_threads_share_of_a_platform_cannot_be_changed(app: Flask) -> None:
    values = dict.fromkeys(("auth_login_url", "auth_token_url", "key_set_url"), "https://lms.example")
    with command(app) as session:
        session.add(Registration(issuer="https://lms.example", client_id="c", **values))
    with app.app_context():
        found = Platforms().platform("https://lms.example", "c")
    assert found is not None
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.issuer = "https://evil.example"  # type: ignore[misc]
    with pytest.raises(TypeError):
        found.keys["kid"] = object()  # type: ignore[index]


def test_neither_the_pages_nor_the_command_load_what_only_a_pdf_or_a_migration_needs(tmp_path: Path) -> None:
    """WeasyPrint is 25 MB and half a second; a process that makes no PDF pays for none."""
    loads = "import sys; {}; print([m for m in ('weasyprint', 'celery', 'alembic', 'flask') if m in sys.modules])"
    environment = {"LEERKRING_KEYS_DIR": str(tmp_path), "LEERKRING_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}
    for does, loaded in (("import lti_tool; lti_tool.create_app()", "['flask']"), ("import lti_tool.cli", "[]")):
        done = subprocess.run(
            [sys.executable, "-c", loads.format(does)],
            env=environment,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == loaded, does
