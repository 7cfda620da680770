"""The command in the environment of a tool that runs."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from lti_tool import observe
from lti_tool.cli import main
from tests.actors import Tool

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


@pytest.fixture
def any_tool(any_database_url: str, keys_dir: object) -> "object":
    """A tool on each database in turn; a worker was heard of."""
    with Tool(any_database_url, keys_dir) as running:  # type: ignore[arg-type]
        running.worker().beat()
        yield running
