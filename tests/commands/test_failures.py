"""Every command's failure is one sentence and an exit code, and never a traceback or what people wrote."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from lti_tool.cli.failures import Cli, explain
from tests.actors import Tool
from tests.commands.conftest import run, settings_of
from tests.databases import ahead, behind, empty

ROOT = Path(__file__).resolve().parents[2]
ADD = [
    part
    for name in ("issuer", "client-id", "auth-login-url", "auth-token-url", "key-set-url")
    for part in (f"--{name}", "https://lms.example/x")
]
COMMANDS = (
    ("db", "upgrade"),
    ("doctor",),
    ("worker", "--once"),
    ("invite",),
    ("platform", "list"),
    ("platform", "show", "1"),
    ("platform", "approve", "1", "1"),
    ("platform", "add", *ADD),
)


def settings(tmp_path: Path, **changes: str) -> dict[str, str]:
    """An installation without a database."""
    return {
        "KEYS_DIR": str(tmp_path / "keys"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/leerkring.db",
        "ALLOW_PRIVATE_HOSTS": "1",
        "BASE_URL": "http://localhost:1",
        **changes,
    }


def check(words: tuple[str, ...], code: int, sentence: str, given: dict[str, str]) -> None:
    """The command ends with this code and this one sentence, on stderr (doctor says what it finds on stdout)."""
    result = run(*words, **given)
    assert result.exit_code == code, (words, result.output)
    lines = result.stderr.splitlines() or result.stdout.splitlines()[1:]
    assert sentence in lines[0], (words, lines)
    assert lines[0].startswith("leerkring: ") or words == ("doctor",)
    assert result.stderr == "" or len(lines) == 1, (words, lines)
    assert "Traceback" not in result.output
    assert "geheim-wachtwoord" not in result.output


@pytest.mark.parametrize(
    ("make", "sentence", "mends"),
    [
        (empty, "The database has no tables yet: run `leerkring db upgrade`", True),
        (behind, "The database is older than this Leerkring: run `leerkring db upgrade`", True),
        (ahead, "The database was brought up to date by a newer Leerkring than this one", False),
    ],
)
def test_tables_of_another_version(
    any_database_url: str, tmp_path: Path, make: Callable[[str], None], sentence: str, mends: bool
) -> None:
    make(any_database_url)
    for words in COMMANDS:
        if not (mends and words == ("db", "upgrade")):
            check(words, 1, sentence, settings(tmp_path, DATABASE_URL=any_database_url))
    if mends:
        assert run("db", "upgrade", **settings(tmp_path, DATABASE_URL=any_database_url)).exit_code == 0
        assert run("platform", "list", **settings(tmp_path, DATABASE_URL=any_database_url)).exit_code == 0


# LEERKRING_DATABASE_URL -> exit code and what the sentence holds.
ADDRESSES = {
    "postgresql+psycopg://u:geheim-wachtwoord@127.0.0.1:1/x": (1, "127.0.0.1:1/x does not answer: is it running"),
    "postgres://u:geheim-wachtwoord@127.0.0.1/x": (2, "must begin with postgresql+psycopg://"),
    "postgresql://u:geheim-wachtwoord@127.0.0.1/x": (2, "must begin with postgresql+psycopg://"),
    "postgresql+psycopg2://u:geheim-wachtwoord@127.0.0.1/x": (2, "must begin with postgresql+psycopg://"),
    "mysql://u:geheim-wachtwoord@127.0.0.1/x": (2, "must begin with postgresql+psycopg://"),
    "postgresql+psycopg://u:geheim-wachtwoord@127.0.0.1:port/x": (2, "LEERKRING_DATABASE_URL"),
    "sqlite:////proc/leerkring/x.db": (1, "/proc/leerkring"),
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_database_that_is_not_there_or_is_none_we_know(tmp_path: Path, url: str) -> None:
    code, sentence = ADDRESSES[url]
    for words in COMMANDS:
        check(words, code, sentence, settings(tmp_path, DATABASE_URL=url))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "leerkring.db").write_text("geen database, wel een bestand " * 99)
    for words in COMMANDS:
        check(words, 1, "is no SQLite database, or damaged: put it back from a backup", settings(tmp_path))


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"username": "nobody_of_that_name"}, "refuses this user or password"),
        ({"database": "no_database_of_that_name"}, "is not there: make an empty one of that name"),
    ],
)
def test_a_server_that_refuses(postgresql_url: str, tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    url = create_engine(postgresql_url).url.set(**change)  # type: ignore[arg-type]
    given = settings(tmp_path, DATABASE_URL=url.render_as_string(hide_password=False))
    for words in COMMANDS:
        check(words, 1, sentence, given)


@pytest.mark.parametrize(
    ("module", "changes", "words", "what"),
    [
        ("psycopg", {"DATABASE_URL": "postgresql+psycopg://u@127.0.0.1/x"}, ("invite",), "PostgreSQL's driver"),
        ("celery", {"BROKER_URL": "redis://127.0.0.1:1/0"}, ("invite",), "Celery with Redis"),
    ],
)
def test_what_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, changes: dict[str, str], words: tuple[str], what: str
) -> None:
    for name in [name for name in sys.modules if name == "lti_tool.delivery.celery" or name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    # As Python has it where a package is not there.
    monkeypatch.setitem(sys.modules, module, None)
    check(words, 2, f"{what} is not installed: python -m pip install 'leerkring[scale]'", settings(tmp_path, **changes))


@contextmanager
def taken() -> Iterator[int]:
    """A port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with taken() as port:
        check(("serve", "--bind", f"127.0.0.1:{port}"), 1, "Nothing can listen at 127.0.0.1:", settings(tmp_path))


@pytest.mark.parametrize("bind", ["8000", "localhost", "localhost:99999", ":8000", "localhost:http"])
def test_an_address_to_listen_on_that_is_none(tmp_path: Path, bind: str) -> None:
    result = run("serve", "--bind", bind, **settings(tmp_path))
    assert result.exit_code == 2
    assert "an address is HOST:PORT" in result.stderr


def test_serve_says_what_its_database_says_and_ends_with_its_code(tmp_path: Path) -> None:
    url = "postgresql+psycopg://u:geheim-wachtwoord@127.0.0.1:1/x"
    given = {f"LEERKRING_{name}": value for name, value in settings(tmp_path, DATABASE_URL=url).items()}
    done = subprocess.run(
        [sys.executable, "-m", "lti_tool.cli", "serve", "--bind", "127.0.0.1:0"],
        env=os.environ | given,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("leerkring: The database postgresql+psycopg://u:***@127.0.0.1:1/x does not answer")
    assert done.stderr.count("\n") == 1


def test_who_reads_no_further_is_told_of_no_fault(tmp_path: Path) -> None:
    """`leerkring platform list | head` said that Leerkring was at fault."""
    given = {f"LEERKRING_{name}": value for name, value in settings(tmp_path).items()}
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "lti_tool.cli", "keys", "list"]
    done = subprocess.run(
        command, env=os.environ | given, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writes)
    assert done.stderr == ""
    assert done.returncode == 1


def test_a_connection_that_broke_is_still_said() -> None:
    @click.group(cls=Cli)
    def group() -> None: ...

    @group.command()
    def breaks() -> None:
        raise BrokenPipeError

    result = CliRunner().invoke(group, ["breaks"])
    assert result.exit_code == 1
    assert result.stderr.startswith("leerkring: This is a fault of Leerkring")


MARKER = "zwaluwstaart-in-de-werkplaats"


def test_what_a_platform_is_called_is_not_said_when_saving_it_fails(any_tool: Tool) -> None:
    """The database's own error holds the row, on PostgreSQL whole; SQLAlchemy's would hold the parameters."""
    refuse_rows(any_tool, "registration")
    result = run("platform", "add", *ADD, "--name", MARKER, **settings_of(any_tool))
    assert result.exit_code == 1
    assert result.stderr.startswith("leerkring: ")
    assert MARKER not in result.output


def refuse_rows(tool: Tool, table: str) -> None:
    """Let the database refuse each new row, as it does one that breaks a rule: with all that is in it."""
    with tool.session() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK (false) NOT VALID"))
        else:
            session.execute(
                text(f"CREATE TRIGGER refused BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
            )


def test_an_unforeseen_failure_is_named_by_kind_and_place_alone() -> None:
    try:
        json.loads(MARKER)
    except ValueError as error:
        said, code = explain(error)
    assert code == 1
    assert "JSONDecodeError" in said
    assert MARKER not in said
