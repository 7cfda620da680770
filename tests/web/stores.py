"""Where a kept world has its rows: a file of SQLite, or a database of PostgreSQL. Each puts them back as they were."""

import shutil
from pathlib import Path
from typing import Protocol

from tests.databases import Rows


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


class Server:
    """A database of PostgreSQL: its rows are put back (a database for each moment would be a second's work)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept: dict[str, Rows] = {}

    def keep(self, moment: str) -> None:
        """Remember what it holds."""
        self._kept[moment] = Rows(self._url)

    def restore(self, moment: str) -> None:
        """Hold what it held."""
        self._kept[moment].restore()

    def holds(self, moment: str) -> bool:
        """Whether it holds what it held, row by row."""
        return self._kept[moment].holds()
