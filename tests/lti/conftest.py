"""Fixtures of the protocol tests: a platform that signs anything, and the log."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.actors import Tool
from tests.lti.sender import Sender
from tests.lti.site import Site


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
