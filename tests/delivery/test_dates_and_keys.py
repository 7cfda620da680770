"""Dates and key sets are due rows like any other: they come when they come, and a failure loses nothing."""

import datetime as dt

import pytest
from sqlalchemy import select

from lti_tool.domain import cycle, outbox
from lti_tool.models import Community, Cycle, Registration, StepRun
from lti_tool.steps import load
from tests.delivery.desk import Desk

KINDS = [
    outbox.Kind.SCORE,
    outbox.Kind.LINE_ITEM,
    outbox.Kind.PLACEMENT,
    outbox.Kind.ROSTER,
    outbox.Kind.STAGE,
    outbox.Kind.KEY_SET,
]


def announce(desk: Desk, hours: float | None) -> None:
    """The facilitator announces when the present stage ends, or takes it back."""
    with desk.tool.session() as session:
        run = desk.run(session)
        held = session.get_one(Cycle, run.cycle_id)
        turn = cycle.Turn(session, session.get_one(Community, held.community_id), held, run, None, load())
        cycle.set_date(turn, None if hours is None else dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours))


def run(desk: Desk) -> StepRun:
    """Step 1 as it is now."""
    with desk.tool.session() as session:
        return desk.run(session)


def hand_in(desk: Desk) -> None:
    """Two ideas, so that there is something to reveal."""
    for name in ("fatima", "marieke"):
        desk.world.as_(name).launch().form("/idea").submit(text=f"idee van {name}", why="omdat het telt")


def test_an_announced_date_moves_the_stage_when_it_comes_and_not_before(desk: Desk) -> None:
    hand_in(desk)
    first = run(desk).stage
    announce(desk, 2)
    desk.move(2 * 3600 - 1)
    desk.deliver()
    assert run(desk).stage == first
    desk.move(1)
    desk.deliver()
    moved = run(desk)
    assert (moved.stage != first, moved.closes_at) == (True, None)
    assert desk.row(outbox.Kind.STAGE).reason == "moved"


def test_a_date_that_was_moved_or_taken_back_does_nothing_on_the_old_day(desk: Desk) -> None:
    hand_in(desk)
    first = run(desk).stage
    announce(desk, 1)
    announce(desk, 3)
    desk.move(3600)
    desk.deliver()
    assert run(desk).stage == first
    announce(desk, None)
    desk.move(3 * 3600)
    desk.deliver()
    assert run(desk).stage == first
    assert desk.row(outbox.Kind.STAGE).reason == "date_changed"


def test_a_date_whose_worker_died_moves_the_stage_once(desk: Desk) -> None:
    hand_in(desk)
    announce(desk, 1)
    desk.move(3600)
    desk.tool.worker()._claim(64)
    desk.move(601)
    desk.deliver()
    after = run(desk).stage
    desk.move(86400)
    desk.deliver()
    assert run(desk).stage == after


def test_a_date_with_nothing_to_reveal_is_over_and_leaves_the_stage_open(desk: Desk) -> None:
    first = run(desk).stage
    announce(desk, 1)
    desk.move(3600)
    desk.deliver()
    assert (run(desk).stage, run(desk).extended) == (first, True)
    desk.move(6 * 86400)
    desk.deliver()
    found = run(desk)
    assert (found.stage, found.announced, found.extended) == (first, None, True)


# Key sets


def registration(desk: Desk) -> Registration:
    """The platform as the tool knows it."""
    with desk.tool.session() as session:
        return session.scalars(select(Registration)).one()


def test_a_key_set_that_is_a_day_old_is_fetched_by_the_worker_at_the_next_launch(desk: Desk) -> None:
    before = registration(desk)
    new = desk.lms.platform.rotate_keys()
    try:
        desk.move(86_401)
        desk.lms.school.signing_keys.reverse()
        desk.world.as_("fatima").launch()
        desk.deliver()
    finally:
        desk.lms.school.signing_keys[:] = [key for key in desk.lms.school.signing_keys if key.kid != new]
    after = registration(desk)
    assert before.key_set_at is not None
    assert after.key_set_at is not None
    assert after.key_set_at > before.key_set_at
    assert new in {key["kid"] for key in (after.key_set or {})["keys"]}


@pytest.mark.parametrize("fault", ["fail", "malform", "drop"])
def test_a_key_set_that_cannot_be_fetched_leaves_the_old_one_and_is_tried_again(desk: Desk, fault: str) -> None:
    before = registration(desk)
    with desk.tool.session() as session:
        outbox.put(session, outbox.Kind.KEY_SET, str(before.id), registration=before.id)
    getattr(desk.lms.faults, fault)("jwks")
    desk.deliver()
    after = registration(desk)
    assert (after.key_set, after.key_set_at) == (before.key_set, before.key_set_at)
    row = desk.row(outbox.Kind.KEY_SET)
    assert (row.done_at, row.stopped_at, row.reason) == (None, None, "key_set")
    desk.catch_up(outbox.Kind.KEY_SET)
    assert desk.row(outbox.Kind.KEY_SET).done_at is not None


def test_a_row_of_something_that_is_no_more_is_settled(desk: Desk) -> None:
    with desk.tool.session() as session:
        outbox.put(session, outbox.Kind.KEY_SET, "999", registration=999)
        outbox.put(session, outbox.Kind.ROSTER, "999", course=999)
        outbox.put(session, outbox.Kind.LINE_ITEM, "999", column=999)
        outbox.put(session, outbox.Kind.PLACEMENT, "999", run=999)
        outbox.put(session, outbox.Kind.SCORE, "999:999", column=999, person=999)
        outbox.put(session, outbox.Kind.STAGE, "999", run=999, stage="alone")
    desk.deliver()
    for kind in KINDS:
        assert desk.row(kind).done_at is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_makes_no_sense_stops_none_of_the_others(desk: Desk, kind: str) -> None:
    with desk.tool.session() as session:
        outbox.put(session, kind, "broken", nonsense=1)
    desk.earn("fatima")
    desk.earn("marieke")
    desk.deliver()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 33)
    broken = next(row for row in desk.rows(kind) if row.key == "broken")
    assert (broken.reason, broken.done_at) == ("error", None)
