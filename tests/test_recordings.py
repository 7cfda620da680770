"""Every message recorded from a live Moodle 4.5.6 is used by a test, or says why not."""

import ast
import json
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
RECORDINGS = TESTS / "recordings"
# Where they came from, when this repository lies beside it.
SOURCE = TESTS.parents[1] / "shared" / "moodle-4.5"
NAMES = sorted(path.name for path in RECORDINGS.glob("*.json"))

# Recording -> why no test needs it.
NOT_USED: dict[str, str] = {}


def _literals(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _composed(tree: ast.AST, literals: set[str]) -> list[re.Pattern[str]]:
    """Names put together by f"ags-score-{name}-{kind}", from texts of the same file."""
    parts = "|".join(sorted(map(re.escape, literals), key=len, reverse=True))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in node.values):
            pieces = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else f"(?:{parts})" for part in node.values
            ]
            if re.match(r"\w+\\-", pieces[0]):
                found.append(re.compile("".join(pieces)))
    return found


@cache
def _used() -> set[str]:
    """The recordings that the source of the tests names: in full, by a pattern ("ags-score-*"), or put together."""
    found = set()
    for path in TESTS.rglob("*.py"):
        if path == Path(__file__):
            continue
        tree = ast.parse(path.read_text())
        literals = _literals(tree)
        # A pattern counts when it says which recordings it means: "ags-score-*", not "*".
        patterns = {word for word in literals if re.match(r"\w+-[\w-]*\*", word)}
        composed = _composed(tree, {word for word in literals if len(word) < 40})
        for name in NAMES:
            for form in (name, name.removesuffix(".json")):
                if (
                    form in literals
                    or any(fnmatchcase(form, pattern) for pattern in patterns)
                    or any(pattern.fullmatch(form) for pattern in composed)
                ):
                    found.add(name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_used_or_says_why_not(name: str) -> None:
    if name in NOT_USED:
        assert name not in _used(), "it is used after all"
        assert NOT_USED[name]
    else:
        assert name in _used()


def test_all_of_them_are_here_and_as_recorded() -> None:
    assert len(NAMES) == 71
    assert set(NOT_USED) <= set(NAMES)
    for name in NAMES:
        assert isinstance(json.loads((RECORDINGS / name).read_text()), dict)
        if SOURCE.is_dir():
            assert (RECORDINGS / name).read_bytes() == (SOURCE / name).read_bytes()


def test_no_recording_holds_a_secret_or_a_real_host() -> None:
    for name in NAMES:
        text = (RECORDINGS / name).read_text()
        assert "eyJ" not in text, "a token"
        for host in ("localhost", "127.0.0.1", "10.0.", "192.168."):
            assert host not in text


# What Open edX answers to services; launches and choices are tests/lti/test_other_platforms.py's. WordPress answers
# none (O11).
SERVICES = ("ags-", "line-item", "results", "roster-", "score", "service-", "stale-token", "token")
ANSWERS = sorted(path for path in (RECORDINGS / "open-edx").glob("*.json") if path.stem.startswith(SERVICES))


def test_every_answer_of_open_edx_to_a_service_is_here() -> None:
    assert len(ANSWERS) == 13
    source = SOURCE.parent / "open-edx-11.4"
    if source.is_dir():
        assert {path.name for path in ANSWERS} == {
            path.name for path in source.glob("*.json") if path.stem.startswith(SERVICES)
        }


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_of_open_edx_is_played_and_holds_no_secret_and_no_real_host(path: Path) -> None:
    assert f'"{path.stem}"' in (TESTS / "delivery" / "test_open_edx.py").read_text()
    text = path.read_text()
    for secret in ("eyJ", "localhost", "127.0.0.1", "10.0.", "192.168."):
        assert secret not in text
