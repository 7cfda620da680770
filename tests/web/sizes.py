"""Communities of different sizes that go through every stage of every step, for what may not grow with people."""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from lti_tool.demo.lms import Lms
from tests.actors import Tool, World
from tests.web.circle import STEPS
from tests.web.walk import Visit, visit

# In the order in which a community comes through them.
STAGES = [(step.name, stage) for step in STEPS for stage in [*(each.name for each in step.stages), "closed"]]

Sized = tuple[World, dict[str, Visit]]


@contextlib.contextmanager
def of_sizes(sizes: Sequence[int], empty: Path, folder: Path, keys_dir: Path) -> Iterator[dict[int, Sized]]:
    """A tool and an LMS each, with a community that has begun; empty: a migrated SQLite database. See circle.fill."""
    with contextlib.ExitStack() as running:
        made = {}
        for people in sizes:
            path = folder / f"{people}.db"
            shutil.copy(empty, path)
            lms = running.enter_context(Lms.start())
            world = World.placed(running.enter_context(Tool(f"sqlite:///{path}", keys_dir)), lms)
            world.begin("fatima")
            visit(world, "mieke").post("welcome", choice="follow")
            made[people] = world, {name: visit(world, name) for name in ("fatima", "wout", "mieke", "els")}
        yield made
