"""The delivery tests' own fixtures: a clock that stands still, and rules that hold for every call."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from lti_tool.db import Base
from lti_tool.demo.lms import Lms
from tests.actors import Tool, World
from tests.databases import Databases
from tests.delivery.bench import Bench
from tests.delivery.desk import Desk, Office, check_calls, opened


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still, also for the LMS, until a test moves it."""
    with time_machine.travel(dt.datetime.now(dt.UTC).replace(microsecond=0), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _rules_of_every_call(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No score may lie in the future, not by a second; no call may break what holds for all."""
    monkeypatch.setattr("lti_tool.demo.payloads.FUTURE_ALLOWED", 0)
    yield
    for name in ("desk", "any_desk", "world", "any_world"):
        if name in request.node.funcargs:
            check_calls(request.node.funcargs[name].lms.calls)


@pytest.fixture(scope="session")
def _placed(_migrated_sqlite: Path, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The whole cycle placed in the first course; made once, since that takes longer than most tests."""
    database = tmp_path_factory.mktemp("placed") / "placed.db"
    shutil.copy(_migrated_sqlite, database)
    with Lms.start() as lms, Tool(f"sqlite:///{database}", keys_dir) as tool:
        yield Office(World.placed(tool, lms))


@pytest.fixture(scope="session")
def _placed_postgresql(_databases: Databases, keys_dir: Path) -> Iterator[Office]:
    with Lms.start() as lms, Tool(_databases.take(), keys_dir) as tool:
        yield Office(World.placed(tool, lms))


@pytest.fixture
def world(_placed: Office) -> World:
    """The same for each test, as it was made."""
    return _placed.reset()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_world(request: pytest.FixtureRequest) -> World:
    """The same on each database in turn."""
    placed: Office = request.getfixturevalue("_placed" if request.param == "sqlite" else "_placed_postgresql")
    return placed.reset()


@pytest.fixture(scope="session")
def _office(_placed: Office) -> Office:
    """From there on: Fatima and Marieke take part in step 1, Wout facilitates; its column is there."""
    return Office(opened(_placed.reset(), "fatima", "marieke"))


@pytest.fixture(scope="session")
def _office_postgresql(_placed_postgresql: Office) -> Office:
    return Office(opened(_placed_postgresql.reset(), "fatima", "marieke"))


@pytest.fixture
def desk(_office: Office, clock: time_machine.Traveller) -> Desk:
    """The office as it was made, at a time that stands still."""
    return Desk(_office.reset(), clock)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_desk(request: pytest.FixtureRequest, clock: time_machine.Traveller) -> Desk:
    """The same on each database in turn."""
    made: Office = request.getfixturevalue("_office" if request.param == "sqlite" else "_office_postgresql")
    return Desk(made.reset(), clock)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def _bench_tool(
    request: pytest.FixtureRequest, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tool]:
    if request.param == "sqlite":
        database = tmp_path_factory.mktemp("bench") / "bench.db"
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), database)
        url = f"sqlite:///{database}"
    else:
        url = request.getfixturevalue("_databases").take()
    with Tool(url, keys_dir) as tool:
        yield tool


@pytest.fixture
def bench(_bench_tool: Tool, clock: time_machine.Traveller) -> Bench:
    """A worker's bench on each database in turn, cleared."""
    with _bench_tool.session() as session:
        for table in reversed(Base.metadata.sorted_tables):
            # Of acts and of hours that count there are none here, and the database itself lets nobody remove one.
            if table.name not in ("act", "hours_count", "hours_balance", "school_act"):
                session.execute(table.delete())
    return Bench(_bench_tool, clock)
