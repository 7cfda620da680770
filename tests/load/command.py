"""What the command costs to start: CPU of `leerkring keys list`, over that of importing Flask-SQLAlchemy alone."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from lti_tool.lti.keys import KeyRing
from tests.load.house import ROOT, Asked, house

PROCESSES = 7
OURS = (sys.executable, "-m", "lti_tool.cli", "keys", "list")
THEIRS = (sys.executable, "-c", "import flask_sqlalchemy")


@contextmanager
def measure(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """cli_ratio: the two sides take turns, after one of each that is not counted."""
    with house() as at:
        kid = KeyRing(at.settings, demo=at.settings.allow_private_hosts).all()[0].kid
        environment = at.environment()
        assert kid in _run(OURS, environment)[1]
        _run(THEIRS, environment)

        def once() -> dict[str, float]:
            pairs = [(_run(OURS, environment)[0], _run(THEIRS, environment)[0]) for _ in range(PROCESSES)]
            ours, theirs = (median(side) for side in zip(*pairs, strict=True))
            asked.tell(f"cli: {ours:.3f} s and importing flask_sqlalchemy {theirs:.3f} s of CPU")
            return {"cli_ratio": ours / theirs}

        yield once


def _run(command: tuple[str, ...], environment: dict[str, str]) -> tuple[float, str]:
    """Seconds of processor time (user and system) of a process, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, env=environment | {"PYTHONPATH": os.fspath(ROOT)}, stdout=subprocess.PIPE, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout
