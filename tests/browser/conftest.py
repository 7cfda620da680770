"""Chromium once for all tests here, the demo as its command, people whose browsers must stay without a complaint."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lti_tool.demo.chromium import running
from tests.browser.actors import DemoCommand, ForkedDemo, Person, Shots, new_page
from tests.conftest import ALL, CHROMIUM, SHELL, need

Meet = Callable[..., Person]
# A long way through many pages is gone in Dutch; what English does to a page shows in the whole cycle, stage by stage.
LANGUAGES = (
    "nl",
    pytest.param("en", marks=pytest.mark.skipif(not ALL, reason="once more in English: ./run test --all")),
)
# Beside the cycle some ways are gone in Dutch, and these in English.
ENGLISH = (
    pytest.param("nl", marks=pytest.mark.skipif(not ALL, reason="once more in Dutch: ./run test --all")),
    "en",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium; a page made by `new_page` blocks third-party cookies, as private windows do."""
    need("Chromium", bool(CHROMIUM))
    with running(SHELL or CHROMIUM) as started:
        yield started


@pytest.fixture
def unplaced(tmp_path: Path) -> Iterator[DemoCommand]:
    """A demo that nobody used before."""
    need("Chromium", bool(CHROMIUM))
    with DemoCommand(tmp_path) as started:
        yield started


@pytest.fixture(scope="session")
def _begun(tmp_path_factory: pytest.TempPathFactory) -> DemoCommand:
    """A demo whose step 1 is open and facilitated by Wout, stopped: what it keeps is what others begin with.

    Making tables, keys and a registration takes longer than starting.
    """
    need("Chromium", bool(CHROMIUM))
    with ForkedDemo(tmp_path_factory.mktemp("begun")) as started:
        started.place()
    return started


@contextmanager
def _again(begun: DemoCommand, folder: Path) -> Iterator[DemoCommand]:
    shutil.copytree(begun.folder, folder, dirs_exist_ok=True)
    with ForkedDemo(folder, begun.first) as started:
        # Where its ports are taken a demo is at others, with people of its own.
        if started.url != begun.url:
            started.place()
        yield started


@pytest.fixture
def demo(_begun: DemoCommand, tmp_path: Path) -> Iterator[DemoCommand]:
    """A demo whose step 1 is open and facilitated by Wout, for this test alone."""
    with _again(_begun, tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def placed(_begun: DemoCommand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCommand]:
    """The same for the tests of one file."""
    with _again(_begun, tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> Shots:
    """The pictures of one test, named after its file."""
    return Shots(request.module.__name__.rpartition("test_")[2])


@pytest.fixture
def meet(browser: Browser, shots: Shots) -> Iterator[Meet]:
    """Makes people: meet(demo, "fatima", "en"). At the end nothing may have gone wrong in their browsers."""
    people: list[Person] = []

    def make(demo: DemoCommand, username: str, language: str = "nl", kind: type[Person] = Person) -> Person:
        # Reduced motion: what moves for six seconds is painted all that time, and tells no test anything.
        locale = "en-GB" if language == "en" else "nl-NL"
        context = browser.new_context(locale=locale, reduced_motion="reduce")
        new_page(context)
        people.append(kind(demo, context, shots, username, language))
        return people[-1]

    yield make
    complaints = [f"{person.username}: {each}" for person in people for each in person.watch.complaints]
    for person in people:
        person.context.close()
    assert not complaints, "\n".join(complaints)
