"""The command in the environment of a tool that runs."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result

from lti_tool import observe
from lti_tool.cli import MIGRATIONS, main
from lti_tool.demo.lms import Lms
from tests.actors import Tool, World
from tests.databases import Databases
from tests.delivery.desk import Office

Command = Callable[..., Result]


def environment(tool: Tool) -> dict[str, str]:
    """The settings of a running tool, as its command finds them."""
    settings = tool.settings
    return {
        "LEERKRING_BASE_URL": settings.base_url,
        "LEERKRING_DATABASE_URL": settings.database_url,
        "LEERKRING_KEYS_DIR": str(settings.keys_dir),
        "LEERKRING_SECRET_KEY": str(settings.secret_key),
        "LEERKRING_TRUSTED_PROXIES": str(settings.trusted_proxies),
        "LEERKRING_ALLOW_PRIVATE_HOSTS": "1",
        **({"LEERKRING_BROKER_URL": settings.broker_url} if settings.broker_url else {}),
    }


def run(*arguments: str, **changes: str | None) -> Result:
    """The command with these settings and no others; LEERKRING_ comes before each."""
    try:
        return CliRunner().invoke(main, arguments, env={f"LEERKRING_{name}": value for name, value in changes.items()})
    finally:
        # The command logged to a stream that has ended with it.
        observe.configure()


def settings_of(tool: Tool) -> dict[str, str]:
    """The same without LEERKRING_, for `run`."""
    return {name.removeprefix("LEERKRING_"): value for name, value in environment(tool).items()}


SCRIPTS = ScriptDirectory(str(MIGRATIONS))


@pytest.fixture(autouse=True)
def _scripts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command has Alembic read every revision's file to know the newest: a fifth of what a command takes."""
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda config: SCRIPTS)


# Worlds: one is placed for each kind of database, and each test finds it as it was made.


@pytest.fixture(scope="session")
def _placed(_migrated_sqlite: Path, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
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
    """The whole cycle placed in the first course by its facilitator."""
    return _placed.reset()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_world(request: pytest.FixtureRequest) -> World:
    """The same on each database in turn."""
    placed: Office = request.getfixturevalue("_placed" if request.param == "sqlite" else "_placed_postgresql")
    return placed.reset()


@pytest.fixture
def any_tool(any_database_url: str, keys_dir: object) -> "object":
    """A tool on each database in turn; a worker was heard of."""
    with Tool(any_database_url, keys_dir) as running:  # type: ignore[arg-type]
        running.worker().beat()
        yield running
