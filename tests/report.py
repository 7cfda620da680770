"""What a run took, by folder and by slowest file, and how many branches it came through; slowest first.

Branches are counted where every test runs (./run test sets LEERKRING_TEST_BRANCHES), in the workers' own
processes: slipcover takes its counters out of the code again once they have counted, so this costs a few
seconds in all. What runs as a process of its own (the demo, serve, a worker) is not counted.
"""

import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
# What takes longest, so that no worker is left with it alone at the end; and the rest of the browser later, so that
# two of them do not wait for each other's processors. A file stays whole: what its tests share is made once.
SLOWEST = (
    *("browser/test_whole_cycle.py", "browser/test_every_stage.py", "lti/demo/test_check.py", "web/test_hidden.py"),
    *("test_package.py", "delivery/", "lti/", "browser/"),
)

# So many files are named, where more than these were run.
LISTED = 20


def _counting() -> Any:
    """Counts in what is imported from here on; nothing where only some tests run."""
    if "PYTEST_XDIST_WORKER" not in os.environ or "LEERKRING_TEST_BRANCHES" not in os.environ:
        return None
    assert "lti_tool" not in sys.modules
    from slipcover import FileMatcher, ImportManager, Slipcover

    counting = Slipcover(branch=True)
    omit = ["*/lti_tool/demo/*", "*/lti_tool/migrations/*"]
    ImportManager(counting, FileMatcher(sources=[TESTS.parent / "lti_tool"], omit=omit)).__enter__()
    return counting


COUNTING = _counting()


class Report:
    """Adds up what the workers say."""

    def __init__(self) -> None:
        self.branches: dict[str, Any] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended."""
        from slipcover import merge_coverage

        if found := getattr(node, "workeroutput", {}).get("branches"):
            one = json.loads(found)
            self.branches = merge_coverage(self.branches, one) if self.branches else one

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Before the line that pytest ends with."""
        tests: dict[str, set[str]] = defaultdict(set)
        took: dict[str, float] = defaultdict(float)
        files: dict[str, float] = defaultdict(float)
        for report in [each for reports in terminalreporter.stats.values() for each in reports]:
            if isinstance(report, pytest.TestReport):
                file = report.nodeid.partition("::")[0]
                folder = "/".join(file.split("/")[:2])
                files[file] += report.duration
                tests[folder].add(report.nodeid)
                took[folder] += report.duration
        terminalreporter.section("what it took")
        for folder in sorted(tests, key=lambda each: -took[each]):
            terminalreporter.write_line(f"{folder:<22}{len(tests[folder]):>6} tests{took[folder]:>8.1f} s")
        for file in sorted(files, key=lambda each: -files[each])[:LISTED] if len(files) > LISTED else ():
            terminalreporter.write_line(f"  {file:<50}{files[file]:>8.1f} s")
        if self.branches:
            counted = self.branches["files"].values()
            through = sum(len(each["executed_branches"]) for each in counted)
            missed = sum(len(each["missing_branches"]) for each in counted)
            terminalreporter.write_line(
                f"Branches of lti_tool taken: {through} of {through + missed} ({100 * through // (through + missed)}%)"
            )


def configure(config: pytest.Config) -> None:
    """The controller reports; the order of files is ours, not that of how many tests they hold."""
    config.option.loadscopereorder = False
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Report(), "what-it-took")


def order(items: list[pytest.Item]) -> None:
    """Slowest first; within a file nothing moves."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(TESTS).as_posix()
        return next((at for at, name in enumerate(SLOWEST) if path.startswith(name)), len(SLOWEST))

    items.sort(key=place)


def hand_over(session: pytest.Session) -> None:
    """A worker hands over what it counted."""
    if COUNTING is not None:
        session.config.workeroutput["branches"] = json.dumps(COUNTING.get_coverage())  # type: ignore[attr-defined]
