"""Where a kept world has its rows: a file of SQLite, or a database of PostgreSQL. Each puts them back as they were."""

import shutil
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, create_engine, text

from lti_tool.db import Base
from tests.databases import OTHERS_OUT, STAYS

TABLES = [each.name for each in Base.metadata.sorted_tables]


class Store(Protocol):
    """What it holds can be kept by the name of a moment. Nobody is connected to it meanwhile."""

    def keep(self, moment: str) -> None:
        """Remember what it holds."""

    def restore(self, moment: str) -> None:
        """Hold what it held."""

    def holds(self, moment: str) -> bool:
        """Whether it holds what it held, and nothing else."""


class File:
    """A file of SQLite: copied."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, moment: str) -> None:
        """Remember what it holds."""
        shutil.copy(self.path, self.path.with_suffix(f".{moment}"))

    def restore(self, moment: str) -> None:
        """Hold what it held."""
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.path.with_suffix(f".{moment}"), self.path)

    def holds(self, moment: str) -> bool:
        """Whether it holds what it held, byte by byte."""
        if Path(f"{self.path}-wal").exists():
            return False
        return self.path.read_bytes() == self.path.with_suffix(f".{moment}").read_bytes()


class Rows:
    """A database of PostgreSQL: its rows lie in a schema beside it, for each moment one.

    A database for each moment is a second's work; to put rows back takes as long as to take them out (Databases).
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        # Moment -> which tables had rows, and what each row and sequence was.
        self._known: dict[str, tuple[list[str], list[Any]]] = {}

    def keep(self, moment: str) -> None:
        """Remember what it holds."""
        with self._engine.begin() as inside:
            filled = _filled(inside)
            tables = [f'CREATE TABLE "at {moment}"."{each}" AS TABLE public."{each}"' for each in filled]
            inside.exec_driver_sql("; ".join([f'CREATE SCHEMA "at {moment}"', *tables]))
            self._known[moment] = filled, _whole(inside, filled)

    def restore(self, moment: str) -> None:
        """Hold what it held."""
        filled, whole = self._known[moment]
        with self._engine.begin() as inside:
            inside.execute(text(OTHERS_OUT), {"name": self._engine.url.database})
            out = _filled(inside)
            stays = [each for each in STAYS if each in out]
            sequences = ", ".join(f"('{name}', {value})" for kind, name, value in whole if kind == "sequence")
            statements = [
                *(f'ALTER TABLE "{each}" DISABLE TRIGGER USER' for each in stays),
                *(f'DELETE FROM "{each}"' for each in reversed(out)),
                *(f'ALTER TABLE "{each}" ENABLE TRIGGER USER' for each in stays),
                *(f'INSERT INTO "{each}" SELECT * FROM "at {moment}"."{each}"' for each in filled),
                f"SELECT setval(name, greatest(at, 1), at > 0) FROM (VALUES {sequences}) AS known (name, at)",
            ]
            inside.exec_driver_sql("; ".join(statements))

    def holds(self, moment: str) -> bool:
        """Whether it holds what it held, row by row."""
        filled, whole = self._known[moment]
        with self._engine.begin() as inside:
            return _filled(inside) == filled and _whole(inside, filled) == whole

    def close(self) -> None:
        """Nobody is connected to it any more."""
        self._engine.dispose()


def _filled(inside: Connection) -> list[str]:
    """The tables that have rows, in their order."""
    asked = " UNION ALL ".join(f"SELECT '{each}' WHERE EXISTS (SELECT FROM \"{each}\")" for each in TABLES)
    found = set(inside.scalars(text(asked)))
    return [each for each in TABLES if each in found]


def _whole(inside: Connection, filled: list[str]) -> list[Any]:
    """Each row of these tables, and how far each sequence is: (table, row, 0) and ("sequence", its name, number)."""
    asked = [f"SELECT '{each}', row::text, 0 FROM \"{each}\" AS row" for each in filled]
    asked.append(
        "SELECT 'sequence', format('%I', sequencename), coalesce(last_value, 0)"
        " FROM pg_sequences WHERE schemaname = 'public'"
    )
    return sorted(tuple(row) for row in inside.execute(text(" UNION ALL ".join(asked))))
