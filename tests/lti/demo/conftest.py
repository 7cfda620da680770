"""One LMS and one fake tool for the tests of a file; each test finds their state as it was at first."""

from collections.abc import Iterator

import pytest

from lti_tool.demo.lms import Lms
from tests.lti.demo.fake import FakeTool, World


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeTool]:
    tool = FakeTool()
    yield tool
    tool.server.shutdown()


@pytest.fixture(scope="module")
def running(fake: FakeTool) -> Iterator[World]:
    with Lms.start() as lms:
        yield World(lms, fake, lms.register_tool(f"{fake.url}/register?invite=CODE"))


@pytest.fixture
def world(running: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The one LMS of this module, with its state put back and its faults cleared."""
    school = running.school
    kept = ("enrolments", "activities", "columns", "grades", "courses", "tools", "people")
    for name in kept:
        held = getattr(school, name)
        monkeypatch.setattr(school, name, held.copy())
    yield running
    running.lms.faults.clear()
    running.lms.deep_links.options = type(running.lms.deep_links.options)()
