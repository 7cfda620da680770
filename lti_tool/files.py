"""What Leerkring keeps on disk is for the user who runs it alone: files are 0600, folders that it makes 0700.

A folder that is there already stays as it is: it may be the current one, or everybody's (/tmp).
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# What others could read a file or a folder by, or put in another one for it.
OTHERS = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


def make_folder(path: Path) -> None:
    """Make a folder where there is none, and those that it lies in, each for its owner only."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(missing):
        # Not by `parents`: its mode is the last folder's only.
        each.mkdir(mode=0o700, exist_ok=True)


def with_beside(database: Path) -> list[Path]:
    """A file of SQLite's, and those that SQLite writes beside it (https://www.sqlite.org/tempfiles.html)."""
    return [Path(f"{database}{ending}") for ending in ("", "-wal", "-shm", "-journal")]


def make_private(path: Path) -> None:
    """Make an empty file of mode 0600 where there is none. One that cannot be made is left to who opens it then."""
    with suppress(OSError):
        # Only if it is not there: to close a file that SQLite has open in this process gives up its locks
        # (https://www.sqlite.org/howtocorrupt.html, 2.2).
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def take_from_others(paths: Iterable[Path]) -> None:
    """Let nobody but its owner at a file, where that is who runs this."""
    for path in paths:
        with suppress(OSError):
            found = path.stat()
            if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
                path.chmod(stat.S_IMODE(found.st_mode) & 0o700)


def open_to_others(path: Path) -> bool:
    """Whether others on this machine may read or write a file, or what is in a folder."""
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False


def is_shared(folder: Path) -> bool:
    """Whether a folder is for other things too: it is somebody else's, everybody's, or the current one."""
    found = folder.stat()
    return found.st_uid != os.geteuid() or bool(found.st_mode & stat.S_ISVTX) or folder.samefile(Path.cwd())
