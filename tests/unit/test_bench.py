"""The bench: a limit may be a least as well, and only what was asked for is measured."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.load import __main__ as bench
from tests.load.house import Asked


@pytest.mark.parametrize(
    ("at_least", "value", "kept"), [(False, 2.0, True), (False, 2.1, False), (True, 2.0, True), (True, 1.9, False)]
)
def test_a_limit_is_a_most_or_a_least(at_least: bool, value: float, kept: bool) -> None:
    limit = bench.Limit(2.0, figures, at_least=at_least)
    assert limit.kept(value) is kept


@contextmanager
def figures(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """Counts its rounds, and gives the figures that were asked for."""
    rounds = iter((3.0, 1.0, 2.0))

    def once() -> dict[str, float]:
        value = next(rounds)
        return dict.fromkeys(asked.keys, value)

    yield once


@contextmanager
def never(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    raise AssertionError("nobody asked for it")
    yield


@pytest.mark.parametrize(("bound", "code", "verdict"), [(2.0, 0, "ok"), (2.5, 1, "over")])
def test_only_what_is_asked_for_is_measured_three_times_and_its_median_counts(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bound: float,
    code: int,
    verdict: str,
    tmp_path: Path,
) -> None:
    limits = {
        "a_one": bench.Limit(bound, figures, at_least=True),
        "a_two": bench.Limit(0.0, figures),
        "b": bench.Limit(0.0, never),
    }
    monkeypatch.setattr(bench, "LIMITS", limits)
    monkeypatch.setattr(bench, "NOISY", float("inf"))
    monkeypatch.setattr("sys.argv", ["bench", "a_one"])
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    assert bench.main() == code
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["a_one", "2.000", "at", "least", f"{bound:g}", verdict]


def test_a_noisy_round_is_run_again_and_the_quietest_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = iter((0.9, 0.5, 0.7))

    class Others:
        def __enter__(self) -> "Others":
            self.cores = next(loads)
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(bench, "Others", Others)
    found, noise = bench.run(figures, Asked(frozenset({"a"}), lambda line: None, None), 1, 3)
    assert (found, noise) == ({"a": [1.0]}, 0.5)
