"""The self-check without a browser: it passes where all is well, and says what was missing where not."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.demo import chromium
from lti_tool.demo.__main__ import main
from lti_tool.demo.check import Walk, over_http, walk
from lti_tool.demo.run import LMS_STATE, Demo
from lti_tool.demo.school import School


@pytest.fixture
def demo(unused: Path, tmp_path: Path) -> Iterator[Demo]:
    shutil.copytree(unused, tmp_path, dirs_exist_ok=True)
    # It is at other ports, and registers itself there.
    school = School.load(tmp_path / LMS_STATE)
    school.tools.clear()
    school.save()
    with Demo(tmp_path) as running:
        yield running


def only(monkeypatch: pytest.MonkeyPatch, *stages: str) -> None:
    """A shorter walk, for what is not about the steps."""
    monkeypatch.setattr(Walk, "stages", lambda self: iter([getattr(self, name) for name in stages]))


def test_the_walk_ends_in_the_gradebook(demo: Demo) -> None:
    said: list[str] = []
    assert walk(demo, over_http, said.append), said
    assert len(said) == 14
    assert "cycle 2" in said[-1]
    columns = [each for each in demo.lms.school.course_columns("2") if each.tag == "participation"]
    assert len(demo.lms.school.course_columns("2")) > len(columns), "hours have theirs"
    assert "a session became 90 minutes" in said[11]
    found = [
        sorted(g.score for g in demo.lms.school.grades.values() if g.column_id == column.id and g.score)
        for column in columns
    ]
    # The six of cycle 1, and those of cycle 2, in which one person has brought in an idea.
    assert found == [[67, *[100] * 5], *[[100] * 6] * 5, [33], *[[]] * 5]


def test_scores_that_do_not_arrive_fail_the_check(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.demo.check.ARRIVE", 0.5)
    only(monkeypatch, "registered", "placed", "facilitated", "belongs", "ambition", "scored")
    demo.lms.faults.fail("scores", 500, times=1000)
    said: list[str] = []
    assert not walk(demo, over_http, said.append)
    last = "\n".join(said)
    assert "should hold {'Fatima Öztürk': 100" in last
    assert "holds nothing" in last
    assert "The LMS refused POST scores (500)" in last
    assert "The tool logged" in last


def test_hours_that_do_not_arrive_fail_the_check(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """That they do arrive is seen at the end of the whole walk."""
    only(monkeypatch, "registered", "placed", "facilitated", "belongs", "kept_hours")
    monkeypatch.setattr("lti_tool.demo.check.ARRIVE", 2.0)
    demo.lms.faults.fail("scores", 500, times=1000)
    said: list[str] = []
    assert not walk(demo, over_http, said.append), said
    assert "a session became" not in said[-1]
    assert "the columns of hours should hold" in "".join(said)


def test_a_page_that_is_missing_fails_the_check(demo: Demo) -> None:
    demo.lms.faults.fail("auth", 500, times=1000)
    said: list[str] = []
    assert not walk(demo, over_http, said.append)
    assert "Wout selects content" in said[1]
    assert "was answered 500" in said[1]


@pytest.mark.parametrize("scores", ["arrive", "do not arrive"])
def test_the_command_says_it_by_its_status(
    scores: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chromium, "path", lambda: None)
    monkeypatch.setattr("sys.argv", ["demo", "--check"])
    monkeypatch.setattr("lti_tool.demo.check.ARRIVE", 0.5)
    only(monkeypatch, "registered", "placed", *(["scored"] if scores == "do not arrive" else []))
    status = main()
    said = capsys.readouterr().out
    assert "Over HTTP, without a browser (there is no Chromium on this machine)" in said
    assert status == (0 if scores == "arrive" else 1), said
    assert re.search(r"The demo (works|does not work) \(\d+ seconds\)", said)
