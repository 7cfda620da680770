"""What is kept on disk is for the user who runs Leerkring alone, and what is deleted is gone from it."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from lti_tool import create_app, files
from lti_tool.cli import migrate
from lti_tool.config import Settings
from lti_tool.db import command, db, insert_row, migrating
from lti_tool.models import Person

NAME = "Wilhelmina Dusseldorp-Roosendaal"


@pytest.fixture(autouse=True)
def _everybody_is_let_in() -> Iterator[None]:
    """The mask of a service that nobody thought about, and worse."""
    mask = os.umask(0)
    yield
    os.umask(mask)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def write(url: str, keys_dir: Path, look: Path) -> dict[str, str]:
    """Have the application write, and say of all that lies in a folder then what mode it has."""
    app = create_app(Settings(database_url=url, keys_dir=keys_dir, secret_key="s" * 40, allow_private_hosts=True))
    with command(app) as session:
        insert_row(session, Person, issuer="x", sub="1", name=NAME)
    found = {path.name: mode(path) for path in look.iterdir() if path.is_file()}
    with command(app) as session:
        session.execute(delete(Person))
    with app.app_context():
        db.engine.dispose()
    return found


ALL = {"leerkring.db": "0o600", "leerkring.db-wal": "0o600", "leerkring.db-shm": "0o600"}


def test_the_tool_makes_a_database_and_its_folders_for_its_owner_only(
    tmp_path: Path, keys_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    settings = Settings(database_url="sqlite:///data/school/leerkring.db", keys_dir=keys_dir, allow_private_hosts=True)
    migrate(create_app(settings).config["SQLALCHEMY_DATABASE_URI"])
    assert mode(tmp_path / "data" / "school" / "leerkring.db") == "0o600", "as it was made"
    assert write(settings.database_url, keys_dir, folder := tmp_path / "data" / "school") == ALL
    assert (mode(folder), mode(folder.parent)) == ("0o700", "0o700")
    assert mode(tmp_path) == "0o755", "what was there before stays as it was"


@pytest.mark.parametrize("before", [0o755, 0o1777])
def test_a_folder_that_was_there_and_the_current_one_stay_as_they_are(
    tmp_path: Path, keys_dir: Path, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    tmp_path.chmod(before)
    monkeypatch.chdir(tmp_path)
    migrate("sqlite:///leerkring.db")
    write("sqlite:///leerkring.db", keys_dir, tmp_path)
    assert mode(tmp_path) == oct(before)
    assert mode(tmp_path / "leerkring.db") == "0o600"


def test_a_database_of_an_older_leerkring_is_taken_from_others(sqlite_url: str, keys_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    path.chmod(0o644)
    keeps_them_there = sqlite3.connect(path)
    keeps_them_there.execute("PRAGMA journal_mode=WAL")
    keeps_them_there.execute("CREATE TABLE more (x)")
    beside = files.with_beside(path)[1:3]
    assert [mode(each) for each in beside] == ["0o644", "0o644"], "SQLite gives them the database's"
    found = write(sqlite_url, keys_dir, tmp_path)
    assert set(found.values()) == {"0o600"}
    assert len(found) == 3
    keeps_them_there.close()


def test_of_what_is_somebody_elses_and_of_what_is_no_file_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, theirs, read_only = tmp_path / "folder", tmp_path / "theirs", tmp_path / "read-only"
    folder.mkdir(0o755)
    theirs.touch(0o644)
    read_only.touch()
    read_only.chmod(0o444)
    files.take_from_others([folder, read_only, tmp_path / "none"])
    monkeypatch.setattr(os, "geteuid", lambda: -1)
    files.take_from_others([theirs])
    assert [mode(folder), mode(theirs), mode(read_only)] == ["0o755", "0o644", "0o400"]


def test_making_a_file_that_is_there_lets_no_lock_of_sqlite_go(tmp_path: Path) -> None:
    """To open and close it would: POSIX locks are a process's, not a connection's."""
    path = tmp_path / "x.db"
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    files.make_private(path)
    asks = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    asked = subprocess.run([sys.executable, "-c", asks, str(path)], capture_output=True, text=True, check=False)
    assert "database is locked" in asked.stderr
    held.close()


def test_what_is_deleted_is_gone_from_the_file_however_sqlite_was_built(
    tmp_path: Path, keys_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.dbapi2.connect

    def forgetful(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)
        connection.execute("PRAGMA secure_delete=OFF")
        return connection

    monkeypatch.setattr(sqlite3.dbapi2, "connect", forgetful)
    path = tmp_path / "leerkring.db"
    migrate(f"sqlite:///{path}")
    write(f"sqlite:///{path}", keys_dir, tmp_path)
    assert not path.with_name("leerkring.db-wal").exists(), "all is in the file now"
    assert NAME.encode() not in path.read_bytes()
    with migrating(f"sqlite:///{path}") as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
