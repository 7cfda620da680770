"""The database of this installation: its tables brought up to date, and whether they are those of this code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lti_tool.cli.failures import UPGRADE, Problem

if TYPE_CHECKING:
    from alembic.config import Config
    from flask import Flask
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class State(Enum):
    """Which revision a database has, seen from this code."""

    EMPTY = auto()
    BEHIND = auto()
    CURRENT = auto()
    AHEAD = auto()


# What to do about it.
SAID = {
    State.EMPTY: f"The database has no tables yet: {UPGRADE}.",
    State.BEHIND: f"The database is older than this Leerkring: {UPGRADE}.",
    State.AHEAD: "The database was brought up to date by a newer Leerkring than this one: install that version"
    " (git pull), or put the backup from before back.",
}


def app() -> Flask:
    """The application with the settings of the environment; its logging is set up."""
    from lti_tool import create_app

    return create_app()


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision; "base" empties it. Raises Problem for one of a newer version."""
    from alembic import command as alembic
    from alembic.util import CommandError

    config = _config()
    config.attributes["url"] = url
    try:
        (alembic.downgrade if revision in ("base",) or revision.startswith("-") else alembic.upgrade)(config, revision)
    except CommandError as error:
        # Alembic finds a revision in the database that it has no file of.
        raise Problem(SAID[State.AHEAD]) from error


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def state_of(engine: Engine) -> State:
    """How the database stands; raises SQLAlchemy's errors where it cannot be read. Makes no file."""
    from alembic.script import ScriptDirectory
    from sqlalchemy import inspect, text

    name = engine.url.database
    if engine.dialect.name == "sqlite" and name and not Path(name).exists():
        return State.EMPTY
    known = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return State.EMPTY
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is None:
        return State.EMPTY
    if revision == known.get_current_head():
        return State.CURRENT
    return State.BEHIND if revision in {each.revision for each in known.walk_revisions()} else State.AHEAD


def ready() -> Flask:
    """The application, on a database with the tables of this version; raises Problem on another."""
    from lti_tool.db import db, reading

    made = app()
    with made.app_context(), reading():
        if (state := state_of(db.engine)) is not State.CURRENT:
            raise Problem(SAID[state])
    return made


@contextmanager
def looking() -> Iterator[Session]:
    """A session of a command that only reads: it takes no lock, and nothing is committed."""
    from lti_tool.db import db, reading

    with ready().app_context(), reading():
        yield db.session()


@contextmanager
def writing() -> Iterator[Session]:
    """A session of a command that writes: one commit at its end, none if it fails."""
    from lti_tool.db import command

    with command(ready()) as session:
        yield session


@click.group("db")
def database() -> None:
    """The database."""


@database.command("upgrade")
def upgrade() -> None:
    """Create the tables or bring them up to date."""
    migrate(app().config["SQLALCHEMY_DATABASE_URI"])
    click.echo("The database is up to date.")
