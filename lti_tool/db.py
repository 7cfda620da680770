"""The database: one declarative base, SQLite made fit for several writers, and the only commits.

Only this module and lti_tool.delivery commit: a request ends in one commit or one rollback. What
must outlive a refused request (a login attempt that was consumed) uses `short_transaction`, before
the request's own session has begun.
"""

import datetime as dt
import select
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Any, cast

from flask import Flask, Response
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from sqlalchemy import (
    JSON,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Insert,
    MetaData,
    Row,
    Table,
    create_engine,
    event,
    insert,
    text,
)
from sqlalchemy import Enum as CodeType
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from lti_tool import files

# What an id can be in a column of either database: PostgreSQL compares no larger number with one.
MAX_ID = 2**31 - 1

# Of a connection: whether anything but a question was put to it in its transaction.
_WROTE = "wrote"
# What this module itself keeps in a session's info; anything else says what a commit is to do.
_OWN = {"connection", "engine"}


class _Kind(Enum):
    """What the next transaction is for. Reading is the exception, so it is what one asks for.

    On SQLite a page that only reads must not wait for a writer, and a transaction that reads first and writes
    later must hold the write lock from the start, or fails with SQLITE_BUSY_SNAPSHOT. On PostgreSQL each
    statement sees what is committed by then, in a transaction or not: who only reads needs none, and saves
    two round trips.
    """

    WRITE = auto()
    READ = auto()
    SINGLE = auto()


_kind: ContextVar[_Kind] = ContextVar("transaction", default=_Kind.WRITE)

# Busy wait for another writer, in seconds.
BUSY_TIMEOUT = 15
# The same for who finds the tables being brought up to date: tens of thousands of rows may have to be written anew.
MIGRATION_TIMEOUT = 600
# Whoever brings PostgreSQL's tables up to date holds this advisory lock; a number of our own.
MIGRATION_LOCK = 0x1EE2C219
# A connection to PostgreSQL that rested this many seconds is asked whether it still lives: a firewall may have
# dropped it without a word.
RESTED = 30.0


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware datetime, stored in UTC. Refuses naive ones: nobody would know their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _plain(codes: type[StrEnum]) -> list[str]:
    return [each.value for each in codes]


def coded(codes: type[StrEnum], length: int = 16) -> CodeType:
    """A column that holds one of an enum's codes, as plain text: as strict as the enum, in either database."""
    return CodeType(codes, native_enum=False, length=length, values_callable=_plain, validate_strings=True)


class Base(DeclarativeBase):
    """Base of all tables. Constraint names are fixed, so that migrations can name them."""

    # One registry, and no type map of its own: Flask-SQLAlchemy copies this class's namespace.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={dt.datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON},
    )


class _OneDatabase(BoundSession):
    """Flask-SQLAlchemy looks up for every statement which of several databases it is for; there is one."""

    def get_bind(self, *_: Any, **__: Any) -> Engine:
        engine: Engine | None = self.info.get("engine")
        if engine is None:
            engine = self.info["engine"] = db.engine
        return engine


db = SQLAlchemy(
    model_class=Base, session_options={"class_": _OneDatabase, "expire_on_commit": False, "autoflush": True}
)


@event.listens_for(_OneDatabase, "before_flush")
def _changes_nothing(*_: Any) -> None:
    # A link on another site opens pages with nobody's consent; and on PostgreSQL half of it would stay.
    if _kind.get() is _Kind.READ:
        raise RuntimeError("a page that is only read would change something")


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def insert_row(session: Session, model: type[Base], **values: Any) -> None:
    """INSERT a row of these values, without a unit of work: nothing is left of it here that could be changed."""
    plain(session, _insert(model), values)


@cache
def _insert(model: type[Base]) -> Insert:
    return insert(cast(Table, model.__table__))


def plain(session: Session, statement: Executable, values: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
    """A statement of columns, within the session's transaction and after what it has to write.

    Executed by the connection itself: half of what such a statement costs is what the session does around it.
    Entities it gives none; of those that are loaded, a statement that writes here tells nothing.
    """
    if session.autoflush:
        session.flush()
    connection: Connection | None = session.info.get("connection")
    if connection is None or connection.closed or not (session.in_transaction() and connection.in_transaction()):
        connection = session.info["connection"] = session.connection()
    return connection.execute(statement, values)


def init_app(app: Flask) -> None:
    """Attach the database: engine settings, and one commit or rollback at the end of a request."""
    db.init_app(app)
    with app.app_context():
        _prepare(db.engine)

    @app.before_request
    def begin() -> None:
        # Who is asking is read, whatever is asked: see `may_write`.
        _kind.set(_Kind.READ)

    @app.after_request
    def end(response: Response) -> Response:
        if not db.session.registry.has():
            # Nobody asked for a session: there is nothing to end, and to begin one costs as much as a statement.
            return response
        if response.status_code < 400:
            db.session.commit()
            # Something was put into the outbox: on several machines a worker is woken (delivery.celery).
            if db.session.info.pop("outbox_put", False) and (wake := app.extensions.get("leerkring.wake")):
                wake()
        else:
            db.session.rollback()
        return response

    @app.teardown_request
    def over(_error: BaseException | None) -> None:
        _kind.set(_Kind.WRITE)


def may_write() -> None:
    """From here on this request may write: its sender is known, and its body here.

    What was read of the sender stays as it was read: a transaction that has read cannot take SQLite's write lock
    once somebody else has written (SQLITE_BUSY_SNAPSHOT), and one that holds it keeps everybody else from saving.
    """
    if db.session.registry.has():
        db.session.commit()
    _kind.set(_Kind.WRITE)


def keep() -> None:
    """What this request did so far stays, also if the rest of it is refused: that a try was made is no part of it."""
    db.session.commit()


def undo() -> None:
    """Nothing of this request is kept. From here on it only reads: the page that says so keeps nobody waiting.

    Where nothing was written, what was read stays as it was read: after a rollback each row would be asked for anew,
    one by one, for the page that says what is wrong.
    """
    if db.session.registry.has():
        if _has_written(db.session()):
            db.session.rollback()
        else:
            db.session.commit()
    _kind.set(_Kind.READ)


def _has_written(session: Session) -> bool:
    """Whether a commit would keep anything of this transaction, or do anything besides (`session.info` says what)."""
    if session.new or session.dirty or session.deleted or session.info.keys() - _OWN:
        return True
    if not session.is_active:
        # A transaction that failed has to be rolled back, whatever it did.
        return True
    if not session.in_transaction():
        return False
    connection = session.connection()
    return connection.invalidated or connection.info[_WROTE]


def _prepare(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info[_WROTE] = False

    @event.listens_for(engine, "before_cursor_execute")
    def execute(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("SELECT"):
            connection.info[_WROTE] = True

    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)


def _prepare_sqlite(engine: Engine) -> None:
    begins = {_Kind.WRITE: "BEGIN IMMEDIATE", _Kind.READ: "BEGIN"}
    _open_sqlite(engine, lambda: begins.get(_kind.get()), "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT}000")


def _open_sqlite(engine: Engine, begins: Callable[[], str | None], *pragmas: str) -> None:
    """Have SQLite's file made for its owner only, and what is deleted be gone from it, in every connection.

    begins: what a transaction begins by; None: it begins with what it does.
    """
    database = engine.url.database or ":memory:"
    path = Path(database).absolute()
    if database != ":memory:" and not path.name.startswith("file:"):
        files.take_from_others(files.with_beside(path))

        @event.listens_for(engine, "do_connect")
        def make(*_: Any) -> None:
            # What SQLite writes beside it gets its mode from the database (os_unix.c, findCreateFileMode).
            files.make_private(path)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # None: the driver begins nothing by itself, the "begin" event below does.
        connection.isolation_level = None
        # How long to wait for others comes last: of a file that is no database SQLite says at first that it is busy.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if statement := begins():
            # By the driver: two statements of each launch need nothing of what SQLAlchemy does around one.
            connection.connection.dbapi_connection.execute(statement)


@contextmanager
def migrating(url: str) -> Iterator[Connection]:
    """A connection to bring the tables up to date by: `held` is the first thing done in its transaction."""
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        # Foreign keys stay off, as they are at first: tables are written anew, and others point at them.
        _open_sqlite(engine, lambda: "BEGIN IMMEDIATE", f"busy_timeout={MIGRATION_TIMEOUT}000")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def held(connection: Connection) -> None:
    """Wait until nobody else brings the tables up to date, and keep others from it until this transaction ends.

    On SQLite to have begun is enough. Of PostgreSQL's tables only those are locked that are changed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        driver, alone = connection.connection.dbapi_connection, _kind.get() is not _Kind.WRITE
        if driver.autocommit is not alone:
            driver.autocommit = alone

    @event.listens_for(engine, "checkin")
    def checkin(_connection: Any, record: Any) -> None:
        record.info["rested_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, record: Any, _proxy: Any) -> None:
        # pool_pre_ping would ask the server each time, and wait for its answer.
        since = record.info.get("rested_since", time.monotonic())
        doubtful = _hung_up(connection) or time.monotonic() - since > RESTED
        if doubtful and not _answers(engine, connection):
            raise InvalidatePoolError


def _hung_up(connection: Any) -> bool:
    """Whether something is to be read where nothing was asked: a server that ends a connection says so."""
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _answers(engine: Engine, connection: Any) -> bool:
    dbapi: Any = engine.dialect.dbapi
    try:
        return engine.dialect.do_ping(connection)
    except dbapi.Error:
        return False


@contextmanager
def command(app: Flask) -> Iterator[Session]:
    """A command's session: one commit at its end, none if it fails."""
    with app.app_context():
        yield db.session()
        db.session.commit()


@contextmanager
def reading() -> Iterator[None]:
    """Within it nothing is written: transactions do not take SQLite's write lock."""
    token = _kind.set(_Kind.READ)
    try:
        yield
    finally:
        _kind.reset(token)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """A session that reads all as it stood when it began, in as many statements as it takes, and keeps nobody waiting.

    It is to write nothing; other sessions may meanwhile, of this thread too.
    """
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not sqlite:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        token = _kind.set(_Kind.READ if sqlite else _Kind.WRITE)
        try:
            connection.begin()
        finally:
            _kind.reset(token)
        with Session(connection) as session:
            yield session


@contextmanager
def short_transaction() -> Iterator[Session]:
    """A transaction of its own, committed at the end of the block whatever the request does later.

    Use it before the request's session has written: SQLite has one writer, and would wait for itself.
    """
    token = _kind.set(_Kind.WRITE)
    try:
        with Session(db.engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        _kind.reset(token)


def if_free(statement: Executable, values: Mapping[str, Any]) -> None:
    """One statement that nobody should wait for, committed by itself; left out while somebody else writes (SQLite)."""
    token = _kind.set(_Kind.SINGLE)
    try:
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA busy_timeout=0")
            try:
                connection.execute(statement, values)
                connection.commit()
            except OperationalError:
                connection.rollback()
            finally:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT}000")
    finally:
        _kind.reset(token)


def at_once(statement: Executable, values: Mapping[str, Any]) -> Row[Any] | None:
    """One statement that is a short transaction by itself: committed as it returns, with the one row it returned."""
    token = _kind.set(_Kind.SINGLE)
    try:
        with db.engine.begin() as connection:
            result = connection.execute(statement, values)
            return result.one_or_none() if result.returns_rows else None
    finally:
        _kind.reset(token)
