"""What went wrong with a command: one sentence for an administrator, and an exit code.

2: the settings are wrong, 1: something else is. Never the words of an exception: a database's hold what people wrote.
"""

from __future__ import annotations

import re
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from lti_tool.config import ConfigError, from_environment

UPGRADE = "run `leerkring db upgrade`, or start `leerkring serve`, which does it too"
SCALE = "python -m pip install 'leerkring[scale]' (in a checkout: ./run with scale)"


class Problem(Exception):
    """Why a command cannot do what it was asked, as a sentence that says what to do."""


class Cli(click.Group):
    """A group whose every failure is one sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, BrokenPipeError) and _nobody_reads():
                # Click ends quietly then, as `| head` and `| less` expect.
                raise
            said, code = explain(error)
            click.echo(f"leerkring: {said}", err=True)
            raise SystemExit(code) from None


def _nobody_reads() -> bool:
    """Whether it is what was said that nobody reads any more, and not a connection of ours that broke."""
    out = select.poll()
    try:
        out.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        return False
    return any(found & (select.POLLERR | select.POLLHUP) for _, found in out.poll(0))


@contextmanager
def refusing(quietly: str = "") -> Iterator[None]:
    """What is refused, as a sentence; quietly: the code of what is none to whoever asked for it."""
    from lti_tool.circle.messages import SENTENCES
    from lti_tool.domain import Refused
    from lti_tool.text import Text

    try:
        yield
    except Refused as refused:
        if refused.code == quietly:
            return
        words = SENTENCES.get(refused.code, SENTENCES["not_like_this"])
        given = refused.values.items()
        values = {name: each if isinstance(each, int) else ", ".join(map(str, each)) for name, each in given}
        raise Problem(words.en % values if isinstance(words, Text) else refused.code) from refused


def explain(error: Exception) -> tuple[str, int]:
    """What to say of a failure, and the exit code."""
    if isinstance(error, ConfigError):
        return str(error), 2
    if isinstance(error, Problem):
        return str(error), 1
    if isinstance(error, ModuleNotFoundError) and error.name in ("psycopg", "celery", "redis"):
        what = "PostgreSQL's driver" if error.name == "psycopg" else "Celery with Redis"
        return f"{what} is not installed: {SCALE}.", 2
    from sqlalchemy import exc

    if isinstance(error, exc.ArgumentError):
        return "LEERKRING_DATABASE_URL is not a database's address, such as postgresql+psycopg://user@host/name.", 2
    if isinstance(error, exc.DBAPIError):
        return _of_database(error), 1
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}.", 1
    from lti_tool.observe import fault

    return f"This is a fault of Leerkring ({', '.join(fault(error).values())}).", 1


# What SQLite's error is called, or PostgreSQL's SQLSTATE is, begins with -> what to do. First match.
_KINDS = {
    "SQLITE_CANTOPEN": "cannot be opened: file and folder must be there, and belong to the user that runs Leerkring",
    "SQLITE_READONLY": "cannot be written: file and folder must belong to the user that runs Leerkring",
    "SQLITE_BUSY": "is held by another process: try again, and see with `lsof` who it is",
    "SQLITE_FULL": "has no room left on its disk: make some",
    "SQLITE_CORRUPT": "is damaged: put it back from a backup",
    "SQLITE_NOTADB": "is no SQLite database, or damaged: put it back from a backup",
    "SQLITE_IOERR": "cannot be read from its disk: look at the disk",
    "SQLITE_ERROR": f"has not the tables of this version: {UPGRADE}",
    "42P01": f"has not the tables of this version: {UPGRADE}",
    "42703": f"has not the tables of this version: {UPGRADE}",
    "42501": "does not let this user do what Leerkring does: make the user its owner",
    "28": "refuses this user or password: look at LEERKRING_DATABASE_URL",
    "3D000": "is not there: make an empty one of that name (createdb)",
    "53": "has no connection or room left: look at its log",
    "57": "is stopping or starting: try again",
}
# A connection that was never made has no SQLSTATE.
_NEVER_MADE = {
    "28": re.compile("authentication failed|no password|role .* does not exist|pg_hba"),
    "3D000": re.compile("database .* does not exist"),
}


def _of_database(error: Any) -> str:
    from sqlalchemy import make_url

    url = make_url(from_environment().database_url)
    said = str(error.orig)
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    code = code or next((code for code, words in _NEVER_MADE.items() if words.search(said)), "")
    does = next((does for known, does in _KINDS.items() if code.startswith(known)), None)
    if does is None and not code:
        does = "does not answer: is it running, and is LEERKRING_DATABASE_URL right (and its host reachable)"
    where = url.render_as_string(hide_password=True)
    return f"The database {where} {does or f'refused ({type(error.orig).__name__} {code}): look at its log'}."
