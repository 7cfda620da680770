"""Fixtures: a migrated database, a running tool, a strict LMS it is registered at, people who use both.

Real parts only: SQLite files or PostgreSQL databases, real sockets on loopback, CSRF and access
checks on. Nothing may connect beyond loopback.
"""

import functools
import gc
import os
import random
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import settings
from sqlalchemy import event
from sqlalchemy.pool import Pool
from werkzeug.routing import Rule

from tests import report  # first: it counts the branches of what is imported after it

# isort: split

from lti_tool import chance
from lti_tool.cli import migrate
from lti_tool.demo.lms import Lms
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.outbound import Outbound, Response
from tests.actors import COMPILED, Tool, World
from tests.databases import Databases

CI = os.environ.get("CI") == "true"
POSTGRESQL = os.environ.get("LEERKRING_TEST_POSTGRESQL", "")
ALL = os.environ.get("LEERKRING_TEST_ALL") == "true"
REDIS = os.environ.get("LEERKRING_TEST_REDIS", "")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# The same without all that is around a page: half the work.
SHELL = shutil.which("chromium-headless-shell")

# Random, but the same every time, and never by the clock: a red build must be the change's own doing.
settings.register_profile("leerkring", deadline=None, database=None, derandomize=True, max_examples=400 if ALL else 40)
settings.load_profile("leerkring")


# Reading a key checks its primes, 35 ms for each application and each LMS. What is no key still says so each time.
serialization.load_pem_private_key = functools.lru_cache(maxsize=None)(serialization.load_pem_private_key)


def _once_a_rule(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Every application writes and compiles a function for each of its hundred addresses, 60 ms of the 70 it takes.

    Such a function is given the rule it is called for: that of the same rule in another application will do.
    """
    made: dict[tuple[str, ...], Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, str(rule._trace), str(rule.defaults), str(append_unknown))
        if key not in made:
            made[key] = compiled(rule, append_unknown)
        return made[key]

    return builder


Rule._compile_builder = _once_a_rule(Rule._compile_builder)  # type: ignore[method-assign]


def pytest_configure(config: pytest.Config) -> None:
    """Say at the end what it took."""
    report.configure(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slowest first."""
    report.order(items)


def pytest_collection_finish() -> None:
    """What stays until the end is not looked through again and again for what could go."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it counted."""
    report.hand_over(session)


def need(what: str, there: bool) -> None:
    """Skip where a machine lacks something; in CI that is a failure: a skipped part tests nothing."""
    if there:
        return
    if CI:
        pytest.fail(f"{what} is not there, and CI must have it", pytrace=False)
    pytest.skip(f"NOT TESTED: {what} is not there")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


# Connection of a database -> the thread that has it out of the pool.
_out: dict[Any, int] = {}


@event.listens_for(Pool, "checkout")
def _checkout(_connection: Any, record: Any, _proxy: Any) -> None:
    _out[record] = threading.get_ident()


@event.listens_for(Pool, "checkin")
def _checkin(_connection: Any, record: Any) -> None:
    _out.pop(record, None)


@pytest.fixture(autouse=True)
def _nothing_is_fetched_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the other side takes, no lock is held and no connection kept meanwhile, by any page or command."""
    call = Outbound.call

    def guarded(self: Outbound, method: str, url: str, **kwargs: Any) -> Response:
        assert threading.get_ident() not in _out.values(), f"{url} is fetched inside a transaction"
        return call(self, method, url, **kwargs)

    monkeypatch.setattr(Outbound, "call", guarded)


@pytest.fixture(autouse=True)
def _the_same_every_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn by chance is drawn alike each time this test runs."""
    monkeypatch.setattr(chance, "draw", random.Random(request.node.nodeid).randint)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not see the settings of whoever runs them."""
    for name in list(os.environ):
        if name.startswith("LEERKRING_") and not name.startswith("LEERKRING_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One signing key for all tests: making keys is slow."""
    from lti_tool.config import Settings

    folder = tmp_path_factory.mktemp("keys")
    KeyRing(Settings(keys_dir=folder, allow_private_hosts=True), demo=True).all()
    return folder


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    shutil.copy(_migrated_sqlite, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(scope="session")
def _databases() -> Iterator[Databases]:
    need("PostgreSQL (LEERKRING_TEST_POSTGRESQL)", bool(POSTGRESQL))
    databases = Databases(POSTGRESQL)
    yield databases
    databases.close()


@pytest.fixture
def postgresql_url(_databases: Databases) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    url = _databases.take()
    yield url
    _databases.give_back(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn: for what depends on how it locks, merges or returns."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def lms() -> Iterator[Lms]:
    """A strict LMS with a staff course, on a port of its own."""
    with Lms.start() as running:
        running.app.jinja_env.bytecode_cache = COMPILED
        yield running


@pytest.fixture
def tool(sqlite_url: str, keys_dir: Path) -> Iterator[Tool]:
    """The tool on http://localhost:PORT, SQLite behind it; known to no LMS yet."""
    with Tool(sqlite_url, keys_dir) as running:
        yield running


@pytest.fixture
def world(tool: Tool, lms: Lms) -> World:
    """The tool registered at the LMS, and the whole cycle placed in the first course by its facilitator."""
    return World.placed(tool, lms)


@pytest.fixture
def any_world(any_database_url: str, keys_dir: Path, lms: Lms) -> Iterator[World]:
    """The same as `world`, on each database in turn."""
    with Tool(any_database_url, keys_dir) as running:
        yield World.placed(running, lms)
