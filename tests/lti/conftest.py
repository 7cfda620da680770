"""Fixtures of the protocol tests: a platform that signs anything, and the log."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from alembic.script import ScriptDirectory

from lti_tool.cli import MIGRATIONS
from lti_tool.demo.lms import Lms
from tests.actors import Tool, World
from tests.delivery.desk import Office
from tests.lti.sender import Sender
from tests.lti.site import Site

SCRIPTS = ScriptDirectory(str(MIGRATIONS))


@pytest.fixture(autouse=True)
def _scripts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command has Alembic read every revision's file to know the newest."""
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda config: SCRIPTS)


@pytest.fixture(scope="session")
def _placed(_migrated_sqlite: Path, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    database = tmp_path_factory.mktemp("placed") / "placed.db"
    shutil.copy(_migrated_sqlite, database)
    with Lms.start() as lms, Tool(f"sqlite:///{database}", keys_dir) as tool:
        yield Office(World.placed(tool, lms))


@pytest.fixture
def world(_placed: Office) -> World:
    """The whole cycle placed in the first course; placed once, and as it was for each test."""
    return _placed.reset()


@pytest.fixture
def sender(tool: Tool) -> Sender:
    """A platform known to the tool."""
    return Sender(tool)


@pytest.fixture(scope="module")
def shared(_migrated_sqlite: Path, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """One tool and platform for a whole table of messages that leave nothing behind."""
    path = tmp_path_factory.mktemp("shared") / "shared.db"
    shutil.copy(_migrated_sqlite, path)
    with Tool(f"sqlite:///{path}", keys_dir) as running:
        yield Sender(running)


@pytest.fixture
def any_tool(any_database_url: str, keys_dir: Path) -> Iterator[Tool]:
    """A tool on each database in turn."""
    with Tool(any_database_url, keys_dir) as running:
        yield running


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """The log lines written meanwhile."""
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def site() -> Iterator[Site]:
    """A web site that answers what the test says."""
    with Site() as running:
        yield running
