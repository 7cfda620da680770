"""Processes that start at once on an empty database: one makes the tables, the others wait and find them made."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from lti_tool.cli import migrate
from lti_tool.db import Base

# Each says that it is there, and begins once all are.
STARTS = """
import sys
from lti_tool.cli import migrate
print("there", flush=True)
sys.stdin.readline()
migrate(sys.argv[1])
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    found = str(request.getfixturevalue("postgresql_url"))
    migrate(found, "base")
    return found


def start(url: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", STARTS, url], stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_two_that_start_at_once_on_an_empty_database_both_find_it_made(url: str) -> None:
    both = [start(url) for _ in range(2)]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "there\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    said = [each.communicate(timeout=600)[1] for each in both]
    assert [each.returncode for each in both] == [0, 0], "\n".join(said)
    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_what_breaks_halfway_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on SQLite: who is killed meanwhile begins again from where it was."""
    from alembic.operations import Operations

    made = Operations.create_table
    names: list[str] = []

    def breaks(self: Operations, name: str, *columns: object, **options: object) -> object:
        names.append(name)
        if len(names) == 5:
            raise OSError("killed")
        return made(self, name, *columns, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Operations, "create_table", breaks)
        with pytest.raises(OSError, match="killed"):
            migrate(url)
    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == set()
    engine.dispose()
    migrate(url)
