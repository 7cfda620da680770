"""The database: one declarative base, SQLite made fit for several writers, and the only commits.

Only this module and lti_tool.delivery commit: a request ends in one commit or one rollback. What
must outlive a refused request (a login attempt that was consumed) uses `short_transaction`, before
the request's own session has begun.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, cast

from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Engine, Insert, MetaData, Table, event, insert
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

# SQLite only: whether the next transaction takes the write lock as it begins. A page that only reads
# must not wait for a writer; a transaction that reads first and writes later must hold the lock from
# the start, or fails with SQLITE_BUSY_SNAPSHOT. Reading is the exception, so it is what one asks for.
_read_only: ContextVar[bool] = ContextVar("read_only", default=False)

# Busy wait for another writer, in seconds.
BUSY_TIMEOUT = 15


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


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": True})


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def write(session: Session, row: Base) -> None:
    """INSERT a new row as it stands, without a unit of work: what changes on it afterwards is not noticed."""
    statement, columns = _insert(type(row))
    session.execute(statement, {name: value for name, value in vars(row).items() if name in columns})


@cache
def _insert(model: type[Base]) -> tuple[Insert, frozenset[str]]:
    table = cast(Table, model.__table__)
    return insert(table), frozenset(table.columns.keys())


def init_app(app: Flask) -> None:
    """Attach the database: engine settings, and one commit or rollback at the end of a request."""
    db.init_app(app)
    with app.app_context():
        _prepare(db.engine)

    @app.before_request
    def begin() -> None:
        _read_only.set(request.method in ("GET", "HEAD", "OPTIONS"))

    @app.after_request
    def end(response: Response) -> Response:
        try:
            if response.status_code < 400:
                db.session.commit()
                # Something was put into the outbox: on several machines a worker is woken (delivery.celery).
                if db.session.info.pop("outbox_put", False) and (wake := app.extensions.get("leerkring.wake")):
                    wake()
            else:
                db.session.rollback()
        finally:
            _read_only.set(False)
        return response


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # None: the driver begins nothing by itself, the "begin" event below does.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT}000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if _read_only.get() else "BEGIN IMMEDIATE")


@contextmanager
def command(app: Flask) -> Iterator[Session]:
    """A command's session: one commit at its end, none if it fails."""
    with app.app_context():
        yield db.session()
        db.session.commit()


@contextmanager
def reading() -> Iterator[None]:
    """Within it, transactions do not take SQLite's write lock."""
    token = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(token)


@contextmanager
def short_transaction() -> Iterator[Session]:
    """A transaction of its own, committed at the end of the block whatever the request does later.

    Use it before the request's session has written: SQLite has one writer, and would wait for itself.
    """
    token = _read_only.set(False)
    try:
        with Session(db.engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        _read_only.reset(token)
