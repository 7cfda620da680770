"""Worlds for pages: one tool and one LMS run on, and each test finds them as they were made."""

import contextlib
import copy
import dataclasses
import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
import time_machine

from lti_tool import chance
from lti_tool.db import db, now
from lti_tool.demo.lms import Lms
from tests.actors import COMPILED, Tool, World
from tests.databases import Databases
from tests.web.stores import File, Server, Store

T = TypeVar("T")
# User name -> the cookies of the browser that somebody sits at.
Jars = dict[str, dict[Any, Any]]


class Kept:
    """A tool registered at an LMS, whose database and school can be put back to a moment by name.

    Making an application takes half a second and putting a file back takes none.
    """

    def __init__(self, tool: Tool, lms: Lms, store: Store) -> None:
        self.tool, self.lms, self.store = tool, lms, store
        self.client_id = ""
        # The moment that was kept or put back last.
        self.at = ""
        # Moment -> what was given there, and whose browser held which cookies.
        self.left: dict[str, tuple[Any, Jars]] = {}
        self._school: dict[str, dict[str, Any]] = {}
        self._names = [field.name for field in dataclasses.fields(lms.school)]

    def _close(self) -> None:
        with self.tool.app.app_context():
            db.engine.dispose()

    def keep(self, moment: str) -> None:
        """Remember how everything is."""
        self._close()
        self.store.keep(moment)
        self._school[moment] = {name: copy.deepcopy(getattr(self.lms.school, name)) for name in self._names}
        self.at = moment

    def back_to(self, moment: str) -> World:
        """As it was; people at browsers that have seen nothing."""
        self.restore(moment)
        world = KeptWorld(self)
        world.client_id = self.client_id
        return world

    def knows(self, moment: str) -> bool:
        """Whether it was kept."""
        return moment in self._school

    def restore(self, moment: str) -> None:
        """Put the database and the school back to how they were."""
        self.rows_of(moment)
        for name, value in self._school[moment].items():
            setattr(self.lms.school, name, copy.deepcopy(value))
        self.lms.faults.clear()
        self.at = moment

    def rows_of(self, moment: str) -> None:
        """Put the database back, where nobody did anything at the LMS."""
        self._close()
        self.store.restore(moment)

    def untouched(self) -> bool:
        """Whether everything still is as it was at that moment."""
        self._close()
        faults = self.lms.faults
        if faults._faults or faults._seconds or not self.store.holds(self.at):
            return False
        return all(getattr(self.lms.school, name) == value for name, value in self._school[self.at].items())


def of_moment(told: str) -> str:
    """A name for it that a file can have."""
    return hashlib.sha256(told.encode()).hexdigest()[:16]


class KeptWorld(World):
    """A world whose beginnings are kept: what many tests begin with is walked once."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept.tool, kept.lms)
        self.kept = kept

    def once(self, make: Callable[..., None], *given: Any) -> None:
        # Dates are counted from today.
        moment = of_moment(f"{make.__module__} {make.__qualname__} {given} {now().date()}")
        if not self.kept.knows(moment):
            make(self, *given)
            self.kept.keep(moment)
        self.kept.restore(moment)
        self._people.clear()

    def on_from_here(self, name: str, make: Callable[[], T]) -> T:
        # Whatever else a test did before stays: then this is no moment that others come to. And no other test's time.
        if time_machine.escape_hatch.is_travelling() or not self._as_left():
            return make()
        moment = of_moment(f"{self.kept.at} {name} {now().date()}")
        if moment in self.kept.left:
            gave, jars = self.kept.left[moment]
            self.kept.restore(moment)
            for username, jar in jars.items():
                self.as_(username).browser.client._cookies = dict(jar)
            return cast(T, gave)
        # Drawn alike whichever test comes first.
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(chance, "draw", random.Random(name).randint)
            made = make()
        self.kept.keep(moment)
        self.kept.left[moment] = made, self._jars()
        return made

    def _jars(self) -> "Jars":
        held = {username: dict(actor.browser.client._cookies or {}) for username, actor in self._people.items()}
        return {username: jar for username, jar in held.items() if jar}

    def _as_left(self) -> bool:
        jars = self.kept.left[self.kept.at][1] if self.kept.at in self.kept.left else {}
        return self._jars() == jars and self.kept.untouched()


@contextlib.contextmanager
def placed(url: str, store: Store, keys_dir: Path) -> Iterator[Kept]:
    """A tool at that database and an LMS, as they are once it is registered, and once the cycle is placed."""
    with Lms.start() as lms, Tool(url, keys_dir) as tool:
        lms.app.jinja_env.bytecode_cache = COMPILED
        kept = Kept(tool, lms, store)
        world = World(tool, lms)
        world.register()
        kept.client_id = world.client_id
        kept.keep("registered")
        world.place_cycle()
        kept.keep("placed")
        yield kept


@contextlib.contextmanager
def placed_file(folder: Path, migrated: Path, keys_dir: Path) -> Iterator[Kept]:
    """The same at a file of SQLite of its own."""
    path = folder / "kept.db"
    shutil.copy(migrated, path)
    with placed(f"sqlite:///{path}", File(path), keys_dir) as kept:
        yield kept


@pytest.fixture(scope="session")
def _kept(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys_dir: Path) -> Iterator[Kept]:
    with placed_file(tmp_path_factory.mktemp("kept"), _migrated_sqlite, keys_dir) as kept:
        yield kept


@pytest.fixture(scope="session")
def _kept_rows(_databases: Databases, keys_dir: Path) -> Iterator[Kept]:
    url = _databases.take()
    with placed(url, Server(url), keys_dir) as kept:
        yield kept
    _databases.give_back(url)


@pytest.fixture
def unplaced(_kept: Kept) -> World:
    """A registered tool that nobody has placed yet."""
    return _kept.back_to("registered")


@pytest.fixture
def world(_kept: Kept) -> World:
    """The whole cycle placed in the first course, by Wout."""
    return _kept.back_to("placed")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_world(request: pytest.FixtureRequest) -> World:
    """The same on each database in turn."""
    kept: Kept = request.getfixturevalue("_kept" if request.param == "sqlite" else "_kept_rows")
    return kept.back_to("placed")


@pytest.fixture(scope="module")
def shared_world(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys_dir: Path) -> Iterator[World]:
    """As `world`, but one for a whole module: for tests that change nothing."""
    path = tmp_path_factory.mktemp("shared") / "shared.db"
    shutil.copy(_migrated_sqlite, path)
    with Lms.start() as lms, Tool(f"sqlite:///{path}", keys_dir) as tool:
        yield World.placed(tool, lms)
