"""The outbox is the truth: nothing is lost, nothing is done by two at once, nothing holds up the rest (U5)."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery import worker as worker_module
from lti_tool.delivery.claim import LEASE
from lti_tool.delivery.outcome import Done, Later, Outcome, Stop
from lti_tool.delivery.rest import TRIAL
from lti_tool.delivery.worker import BEAT, Worker
from lti_tool.domain import outbox
from tests.delivery.bench import KIND, Bench, Hurried

# Putting in


def test_puts_with_one_key_merge_until_the_first_attempt_and_the_last_one_counts(bench: Bench) -> None:
    later = now() + dt.timedelta(hours=1)
    bench.put("a", id=1)
    bench.put("a", id=2, due_at=later)
    bench.put("a", kind="other", id=3)
    bench.put("b", id=4)
    assert [(row.kind, row.key, row.ids) for row in bench.rows()] == [
        (KIND, "a", {"id": 2}),
        ("other", "a", {"id": 3}),
        (KIND, "b", {"id": 4}),
    ]
    assert bench.row("b").due_at == now()
    assert bench.rows()[0].due_at == later


def test_a_put_after_the_first_attempt_or_the_end_is_a_row_of_its_own(bench: Bench) -> None:
    bench.jobs.outcomes = {"a": Later("status_500"), "b": Stop("refused")}
    for _ in range(2):
        bench.put("a", "b", "c")
        bench.worker().drain()
    assert Counter(row.key for row in bench.rows()) == {"a": 2, "b": 2, "c": 2}


def test_puts_from_many_threads_at_once_leave_one_row(bench: Bench) -> None:
    together = threading.Barrier(6)

    def put(number: int) -> None:
        together.wait(10)
        bench.put("a", id=number)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (row,) = bench.rows()
    assert row.ids["id"] in range(6)


def test_waiting_knows_what_is_still_to_be_done(bench: Bench) -> None:
    bench.put("a")
    with bench.tool.session() as session:
        assert outbox.waiting(session, KIND, "a")
        assert not outbox.waiting(session, KIND, "b")
        assert not outbox.waiting(session, "other", "a")
    bench.worker().drain()
    with bench.tool.session() as session:
        assert not outbox.waiting(session, KIND, "a")


# Claiming


def test_what_is_due_is_done_once_and_what_is_not_due_waits(bench: Bench) -> None:
    bench.put("now")
    bench.put("later", due_at=now() + dt.timedelta(seconds=30))
    assert bench.worker().drain() == 1
    assert bench.worker().drain() == 0
    bench.move(30)
    assert bench.worker().drain() == 1
    assert bench.jobs.sent == ["now", "later"]
    assert all(row.done_at and row.leased_until is None and row.attempts == 1 for row in bench.rows())


def test_a_kind_that_a_worker_does_not_know_is_left_for_one_that_does(bench: Bench) -> None:
    bench.put("a", kind="other")
    assert bench.worker().drain() == 0
    assert bench.row("a").attempts == 0


def test_what_a_dead_worker_had_claimed_is_taken_over_once_its_lease_ends(bench: Bench) -> None:
    bench.put("a", "b")
    bench.worker()._claim(64)
    assert bench.worker().drain() == 0
    bench.move(LEASE.total_seconds() - 1)
    assert bench.worker().drain() == 0, "the lease is still good"
    bench.move(2)
    assert bench.worker().drain() == 2
    assert sorted(bench.jobs.sent) == ["a", "b"]
    assert all(row.done_at and row.attempts == 2 for row in bench.rows())


def test_a_dead_workers_rows_and_trials_are_free_within_a_minute() -> None:
    assert max(LEASE, TRIAL) < dt.timedelta(minutes=1)
    assert min(LEASE, TRIAL).total_seconds() > 2 * BEAT, "a living worker may miss one beat"


def test_what_a_living_worker_has_in_hand_stays_there_however_long_it_takes(bench: Bench) -> None:
    """A roster of many pages, a platform that thinks for minutes: its lease is renewed, nobody sends it too."""
    under_way, go_on = threading.Event(), threading.Event()

    def slowly(_key: str) -> None:
        under_way.set()
        assert go_on.wait(30)

    bench.put("a", "b")
    bench.jobs.during = slowly
    patient = bench.worker()
    drained = threading.Thread(target=patient.drain)
    drained.start()
    try:
        assert under_way.wait(30)
        for _ in range(5):
            bench.move(LEASE.total_seconds() - 1)
            patient._beat = float("-inf")
            patient.beat()
            assert bench.worker().drain() == 0
    finally:
        go_on.set()
        drained.join()
    assert sorted(bench.jobs.sent) == ["a", "b"]
    assert all(row.done_at and row.attempts == 1 for row in bench.rows())


def test_a_row_put_in_while_its_key_is_under_way_waits_for_the_end_and_then_goes(bench: Bench) -> None:
    bench.put("a", id=1)
    first = bench.worker()
    claimed = first._claim(64)
    bench.put("a", id=2)
    assert bench.worker().drain() == 0, "two workers never hold one key"
    first._settle([(row, prepared, None) for row, prepared in claimed])
    assert bench.worker().drain() == 1
    assert all(row.done_at for row in bench.rows())


@pytest.mark.parametrize(
    ("outcome", "older"), [(Done(), "done_at"), (Stop("refused"), "stopped_at"), (Later("status_500"), None)]
)
def test_a_newer_row_takes_the_place_of_an_older_retry(bench: Bench, outcome: Outcome, older: str | None) -> None:
    bench.jobs.outcomes["a"] = Later("status_500")
    bench.put("a", id=1)
    bench.worker().drain()
    bench.put("a", id=2)
    bench.move(3600)
    bench.jobs.outcomes["a"] = outcome
    bench.worker().drain()
    assert len(bench.jobs.sent) == 2, "of the two that are due only the newer one is sent"
    first, second = bench.rows()
    for row in (first, second):
        assert [name for name in ("done_at", "stopped_at") if getattr(row, name)] == ([older] if older else [])
    assert (first.attempts, second.attempts) == (1, 1)


def test_an_older_row_settled_late_does_not_settle_a_newer_one(bench: Bench) -> None:
    bench.put("a")
    first = bench.worker()
    claimed = first._claim(64)
    bench.put("a")
    first._settle([(row, prepared, None) for row, prepared in claimed])
    old, new = bench.rows()
    assert (old.done_at is not None, new.done_at) == (True, None)


def test_rows_put_in_while_the_worker_works_are_done_in_the_same_go(bench: Bench) -> None:
    def more(key: str) -> None:
        if key == "a":
            bench.put("b")

    bench.jobs.during = more
    bench.put("a")
    assert bench.worker().drain() == 2


def test_more_rows_than_fit_in_a_batch_are_all_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "BATCH", 7)
    bench.put(*map(str, range(30)))
    assert bench.worker().drain() == 30
    assert sorted(bench.jobs.sent, key=int) == [str(n) for n in range(30)]


def test_two_workers_at_once_do_each_job_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "BATCH", 5)
    with bench.tool.session() as session:
        for number in range(150):
            outbox.put(session, KIND, str(number))
    together = threading.Barrier(3)
    done: list[int] = []

    def work(worker: Worker) -> None:
        together.wait(10)
        done.append(worker.drain())

    threads = [threading.Thread(target=work, args=(bench.worker(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(done) == 150
    assert Counter(bench.jobs.sent) == {str(number): 1 for number in range(150)}
    assert all(row.done_at and row.attempts == 1 for row in bench.rows())


# What goes wrong


def _python(_session: Session | None) -> None:
    raise KeyError("a bug")


def _sql(session: Session | None) -> None:
    if session is None:
        raise KeyError("a bug")
    session.execute(text("INSERT INTO person (id) VALUES (NULL)"))


@pytest.mark.parametrize("where", ["prepare", "send", "settle"])
@pytest.mark.parametrize("how", [_python, _sql])
def test_one_broken_row_does_not_stop_the_others(bench: Bench, where: str, how: Callable[..., None]) -> None:
    bench.jobs.broken = lambda at, session: how(session) if at == where else None
    bench.put("a", "bad", "b")
    for key in ("c", "d"):
        bench.put(key)
    assert bench.worker().drain() == 5
    assert {row.key: row.done_at is not None for row in bench.rows()} == {
        **dict.fromkeys("abcd", True),
        "bad": False,
    }
    bad = bench.row("bad")
    assert (bad.reason, bad.attempts, bad.leased_until, bad.stopped_at) == ("error", 1, None, None)
    assert bad.due_at > now()
    bench.jobs.broken = lambda at, session: None
    bench.move(10)
    assert bench.worker().drain() == 1
    assert bench.row("bad").done_at is not None


def test_a_row_of_which_nothing_is_left_is_settled(bench: Bench) -> None:
    bench.put("nothing")
    bench.worker().drain()
    row = bench.row("nothing")
    assert (row.done_at is not None, row.reason) == (True, "nothing_to_do")
    assert bench.jobs.sent == []


def test_a_retry_comes_later_each_time_and_keeps_its_reason(bench: Bench) -> None:
    bench.jobs.outcomes["a"] = Later("status_503")
    bench.put("a")
    pauses = []
    for attempts in range(1, 6):
        bench.worker().drain()
        row = bench.row("a")
        assert (row.attempts, row.reason) == (attempts, "status_503")
        pauses.append((row.due_at - now()).total_seconds())
        bench.move(pauses[-1])
    assert pauses == sorted(pauses)
    bench.jobs.outcomes["a"] = Later("status_429", 77.0)
    bench.worker().drain()
    assert (bench.row("a").due_at - now()).total_seconds() == 77


def test_a_worker_survives_a_database_that_is_away_for_a_while(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, claim = bench.worker(), Worker._claim
    away = iter([True, True])

    def sometimes(self: Worker, limit: int) -> Any:
        if next(away, False):
            raise OperationalError("", {}, Exception())
        return claim(self, limit)

    monkeypatch.setattr(Worker, "_claim", sometimes)
    bench.put("a")
    worker.run(Hurried(8))
    assert bench.jobs.sent == ["a"]


def test_a_worker_that_is_told_to_stop_finishes_what_it_holds_and_claims_no_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "BATCH", 1)
    stop = threading.Event()
    bench.jobs.during = lambda key: stop.set()
    bench.put("a", "b", "c")
    bench.worker().run(stop)
    done = [row.key for row in bench.rows() if row.done_at]
    assert done == bench.jobs.sent
    assert len(done) == 1
    assert all(row.leased_until is None for row in bench.rows())
