"""A demo as a copy of a process that has imported all of it: two seconds less for each of some fifty.

The first of them is the command itself (test_demo.py, test_check.py); what they run is the same.
"""

import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from lti_tool.demo.__main__ import run

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.browser.forked", "tests.browser.warm"])


def _begin(folder: Path, port: int, environment: dict[str, str], said: Connection) -> None:
    """As `python -m lti_tool.demo --bare --port` there, what it says into this pipe."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream in (1, 2):
        os.dup2(said.fileno(), stream)
    said.close()
    sys.stdout = sys.stderr = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.exit(run(port, fresh=False, bare=True))


class Forked:
    """As much of a `subprocess.Popen` as a demo's needs."""

    def __init__(self, folder: Path, port: int, environment: dict[str, str]) -> None:
        reader, writer = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_begin, args=(folder, port, environment, writer))
        self._process.start()
        writer.close()
        self.stdout: IO[str] = os.fdopen(os.dup(reader.fileno()))
        reader.close()

    def send_signal(self, number: signal.Signals) -> None:
        """Tell it to end."""
        assert self._process.pid
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode
