"""What other processes on this machine used meanwhile, of which a measure knows nothing."""

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

TICK = os.sysconf("SC_CLK_TCK")
# The database server's processes for a database of the bench are the bench's own.
OURS = b"leerkring_bench_"


class Others:
    """Watches for the length of a block. cores: processor time of other processes over the time that passed."""

    cores = 0.0

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._seen: dict[int, tuple[int, int]] = {}
        self._look()
        self._begun, self._whole = time.monotonic(), _whole()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._look()
        own = sum(last - first for first, last in self._seen.values())
        self.cores = max(_whole() - self._whole - own, 0) / TICK / max(time.monotonic() - self._begun, 0.01)

    def _watch(self) -> None:
        # Now and then, so that what a process used is known although it has ended.
        while not self._stop.wait(0.3):
            self._look()

    def _look(self) -> None:
        begun = hasattr(self, "_begun")
        parents: dict[int, int] = {}
        used: dict[int, int] = {}
        for entry in os.scandir("/proc"):
            if not entry.name.isdecimal():
                continue
            try:
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)], used[int(entry.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
        for pid, ticks in used.items():
            if pid in self._seen or _descends(pid, parents) or _serves_us(pid):
                # One that was not there at the beginning began at nothing.
                self._seen[pid] = (self._seen[pid][0] if pid in self._seen else 0 if begun else ticks, ticks)


def _descends(pid: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = parents.get(pid, 0)
    return False


def _serves_us(pid: int) -> bool:
    try:
        return OURS in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _whole() -> int:
    """Processor time of everything, in ticks: user, nice, system, interrupts."""
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return fields[0] + fields[1] + fields[2] + fields[5] + fields[6]
