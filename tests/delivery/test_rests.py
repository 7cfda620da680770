"""A platform in trouble is left alone by all workers together, and never takes all senders (U19)."""

import threading

import pytest
from sqlalchemy import select

from lti_tool.delivery import worker as worker_module
from lti_tool.delivery.outcome import Done, Later, trouble
from lti_tool.delivery.worker import Worker
from lti_tool.lti.outbound import OutboundError
from lti_tool.models import PlatformRest, Registration
from tests.delivery.bench import Bench
from tests.delivery.desk import Desk

NAMES = ["fatima", "marieke", "youssef", "janwillem", "siobhan", "soren", "chantal", "ruben"]


@pytest.fixture
def class_of(desk: Desk) -> Desk:
    """Eight people who each earned a moment."""
    for name in NAMES[2:]:
        desk.world.as_(name).launch()
    for name in NAMES:
        desk.earn(name)
    desk.lms.tokens.forget()
    return desk


def rests(desk: Desk) -> list[PlatformRest]:
    """The platforms that rest."""
    with desk.tool.session() as session:
        return list(session.scalars(select(PlatformRest)))


def until(desk: Desk) -> float:
    """Seconds until somebody tries again."""
    from lti_tool.db import now

    (rest,) = rests(desk)
    return (rest.until - now()).total_seconds()


def test_a_platform_that_is_down_is_asked_by_few_and_then_by_one_at_a_time_ever_less_often(class_of: Desk) -> None:
    desk = class_of
    desk.lms.faults.fail("token", 503, times=99)
    desk.deliver()
    first = len(desk.calls("token"))
    assert 1 <= first <= 2, "a platform of which nothing is known may take a quarter of eight senders"
    pauses = []
    for number in range(1, 6):
        pauses.append(until(desk))
        desk.move(pauses[-1] - 0.5)
        desk.deliver()
        assert len(desk.calls("token")) == first + number - 1, "before its time nobody calls, whichever worker"
        desk.move(0.6)
        desk.deliver()
        assert len(desk.calls("token")) == first + number, "one tries first"
    assert pauses == sorted(pauses)
    assert pauses[-1] > 5 * pauses[0]


def test_once_it_answers_all_that_waited_goes(class_of: Desk) -> None:
    desk = class_of
    # For as long as it takes: a second sender may ask for a token of its own after the first was refused.
    desk.lms.faults.fail("token", 503, times=99)
    desk.deliver()
    assert desk.posts() == []
    desk.lms.faults.clear()
    desk.move(until(desk) + 10)
    desk.deliver()
    assert rests(desk) == []
    desk.catch_up()
    assert {name: desk.grade(name) for name in NAMES} == dict.fromkeys(NAMES, 33)


def test_when_a_platform_says_when_to_come_back_all_its_rows_wait_for_that(class_of: Desk) -> None:
    desk = class_of
    desk.lms.faults.fail("token", 429, times=99, headers={"Retry-After": "90"})
    desk.deliver()
    calls = len(desk.lms.calls)
    desk.lms.faults.clear()
    desk.move(89)
    desk.deliver()
    assert len(desk.lms.calls) == calls
    desk.move(1)
    desk.deliver()
    assert {name: desk.grade(name) for name in NAMES} == dict.fromkeys(NAMES, 33)


def test_what_is_wrong_with_one_score_holds_up_no_other(class_of: Desk) -> None:
    """M35: a locked grade is a 500."""
    desk = class_of
    desk.lms.faults.fail("scores", 500, times=3)
    desk.deliver()
    assert rests(desk) == []
    assert len(desk.posts()) == len(NAMES)
    assert [desk.grade(name) for name in NAMES].count(33) == len(NAMES) - 3


@pytest.mark.parametrize(
    ("error", "itself"),
    [
        (OutboundError("timeout"), True),
        (OutboundError("connection"), True),
        (OutboundError("status", 429), True),
        (OutboundError("status", 503, of_one=True), True),
        (OutboundError("status", 500), True),
        (OutboundError("token", 400), True),
        (OutboundError("token", 403), True),
        (OutboundError("status", 401), True),
        (OutboundError("status", 401, of_one=True), True),
        (OutboundError("status", 403, of_one=True), False),
        (OutboundError("status", 405), False),
        (OutboundError("timestamp", 400, of_one=True), False),
        (OutboundError("status", 500, of_one=True), False),
        (OutboundError("status", 400), False),
        (OutboundError("status", 404), False),
        (OutboundError("scope_not_granted"), False),
        (KeyError("a bug"), False),
        (None, False),
    ],
)
def test_what_says_that_a_platform_itself_is_in_trouble(error: Exception | None, itself: bool) -> None:
    assert (trouble(error) is error and error is not None) is itself


# At the bench: two platforms, and one of them hangs.


@pytest.fixture
def two(bench: Bench) -> tuple[int, int]:
    """The numbers of two registrations."""
    with bench.tool.session() as session:
        urls = {"auth_login_url": "", "auth_token_url": "", "key_set_url": ""}
        rows = [Registration(issuer=name, client_id="c", **urls) for name in ("hangs", "answers")]
        session.add_all(rows)
        session.flush()
        return rows[0].id, rows[1].id


@pytest.mark.parametrize("known", [False, True], ids=["a platform nobody knows yet", "one that always answered"])
def test_a_platform_that_hangs_never_takes_all_senders(
    bench: Bench, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_AGAIN", 0.02)
    hangs, answers = two
    let_go, other, full = threading.Event(), threading.Event(), threading.Semaphore(0)
    worker = bench.worker()
    if known:
        bench.put("before", platform=hangs)
        worker.drain()

    def during(key: str) -> None:
        if key == "other":
            other.set()
        else:
            full.release()
            assert let_go.wait(20)

    bench.jobs.during = during
    bench.put(*(f"hanging-{number}" for number in range(40)), platform=hangs)
    working = threading.Thread(target=worker.drain)
    working.start()
    for _ in range(7 if known else 2):
        assert full.acquire(timeout=10)
    bench.put("other", platform=answers)
    try:
        assert other.wait(10), "there is a sender left for it"
        assert not full.acquire(blocking=False)
    finally:
        let_go.set()
        working.join(20)


def test_a_worker_takes_no_more_than_it_will_soon_send(bench: Bench, two: tuple[int, int]) -> None:
    """Another worker finds the rest: of forty rows a worker with two senders claims a few."""
    bench.put(*map(str, range(40)), platform=two[0])
    with bench.tool.app.app_context():
        first = Worker(bench.tool.app, {"job": bench.jobs}, senders=2)
    assert len(first._claim(64)) == 1, "of a platform that has not answered yet"
    bench.put(*(f"n{number}" for number in range(40)))
    assert [row.platform for row, _ in first._claim(64)].count(None) == 6


def test_what_waited_in_hand_for_a_platform_that_failed_is_free_for_others_and_not_sent(
    bench: Bench, two: tuple[int, int]
) -> None:
    platform, _ = two
    worker = bench.worker()
    bench.put("before", platform=platform)
    worker.drain()
    bench.put(*map(str, range(30)), platform=platform)

    def fail(key: str) -> None:
        raise OutboundError("timeout")

    bench.jobs.during = fail
    worker.drain()
    sent = len(bench.jobs.sent) - 1
    assert sent <= 7, "those under way when the first one failed, and not a second round of them"
    assert all(row.leased_until is None for row in bench.rows())
    bench.jobs.during = lambda key: None
    bench.move(5)
    bench.worker().drain()
    bench.move(3600)
    bench.worker().drain()
    assert all(row.done_at for row in bench.rows())


def test_a_row_that_has_nothing_to_send_is_no_trial(bench: Bench, two: tuple[int, int]) -> None:
    platform, _ = two
    bench.jobs.outcomes["a"] = Later("status_503")
    bench.jobs.during = lambda key: (_ for _ in ()).throw(OutboundError("status", 503))
    bench.put("a", platform=platform)
    bench.worker().drain()
    bench.jobs.during = lambda key: None
    bench.jobs.outcomes["a"] = Done()
    bench.put("nothing", platform=platform)
    bench.move(3600)
    bench.put("b", platform=platform)
    bench.worker().drain()
    bench.worker().drain()
    assert all(row.done_at for row in bench.rows())
