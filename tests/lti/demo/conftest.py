"""One LMS and one fake tool for the tests of a file; each test finds their state as it was at first."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lti_tool.demo.lms import Lms
from lti_tool.demo.run import DATABASE, Demo
from tests.lti.demo.fake import FakeTool, World


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeTool]:
    tool = FakeTool()
    yield tool
    tool.server.shutdown()


@pytest.fixture(scope="module")
def running(fake: FakeTool) -> Iterator[World]:
    with Lms.start() as lms:
        yield World(lms, fake, lms.register_tool(f"{fake.url}/register?invite=CODE"))


@pytest.fixture(scope="module")
def unused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a demo keeps that nobody used: making its tables and keys takes longer than starting."""
    begun, folder = tmp_path_factory.mktemp("begun"), tmp_path_factory.mktemp("unused")
    with Demo(begun):
        pass
    shutil.copytree(begun, folder, ignore=shutil.ignore_patterns(f"{DATABASE}*"), dirs_exist_ok=True)
    # In one file: what is spoilt in a copy is not whole beside it.
    with closing(sqlite3.connect(begun / DATABASE)) as kept, closing(sqlite3.connect(folder / DATABASE)) as copy:
        kept.backup(copy)
    return folder


@pytest.fixture
def world(running: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The one LMS of this module, with its state put back and its faults cleared."""
    school = running.school
    kept = ("enrolments", "activities", "columns", "grades", "courses", "tools", "people")
    for name in kept:
        held = getattr(school, name)
        monkeypatch.setattr(school, name, held.copy())
    yield running
    running.lms.faults.clear()
    running.lms.deep_links.options = type(running.lms.deep_links.options)()
