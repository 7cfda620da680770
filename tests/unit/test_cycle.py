"""How a step moves: by a press that saw the stage, or by a date that still stands."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle, outbox
from lti_tool.domain.cycle import Turn, midnights
from lti_tool.models import Authors, Cycle, OutboxRow
from lti_tool.steps import load, objecting
from tests.web.circle import STAGES, STEPS, Circle, circle

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

PAST, SOON = dt.timedelta(seconds=-1), dt.timedelta(days=2)


def test_each_stage_follows_the_one_before_and_the_last_closes_the_step() -> None:
    with circle(5) as c:
        # An objection is weighed only where two rounds did not solve it.
        usual = [each for each in STAGES if each != objecting.NAME]
        walked = [c.run.stage]
        for stage in usual[1:]:
            c.to(stage)
            walked.append(c.run.stage)
        assert walked == usual
        assert c.run.closed_at is not None
        assert cycle.stage_of(c.step, c.run) is cycle.CLOSED


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_a_second_press_on_the_same_screen_moves_nothing(stage: str) -> None:
    with circle(5, stage) as c:
        for who in range(5):
            c.do_the_task(who, stage)
        moved = c.move(seen=stage)
        assert moved != stage
        assert c.move(seen=stage) == "stage_moved"
        assert c.run.stage == moved


@pytest.mark.parametrize("seen", ["", "respond", "closed", "IDEAS", "ideas ", "nergens"])
def test_a_stage_that_is_not_the_one_on_the_screen_moves_nothing(seen: str) -> None:
    with circle(2) as c:
        c.do_the_task(0, "ideas")
        assert c.move(seen=seen) == "stage_moved"
        assert c.run.stage == "ideas"


def test_a_closed_step_neither_moves_nor_takes_a_date() -> None:
    with circle(2, "closed") as c:
        assert c.move(seen="closed") == "step_closed"
        with pytest.raises(Refused, match="step_closed"):
            cycle.set_date(c.turn(None), now() + SOON)


def test_moving_on_takes_the_date_away() -> None:
    with circle(2, "respond") as c:
        cycle.set_date(c.turn(None), now() + SOON)
        c.move()
        assert c.run.closes_at is None


def test_a_date_must_be_still_to_come() -> None:
    with circle(2) as c, pytest.raises(Refused, match="date_passed"):
        cycle.set_date(c.turn(None), now() + PAST)


def test_a_date_is_one_row_for_its_moment_and_a_new_date_takes_it_over() -> None:
    with circle(2) as c:
        for days in (5, 9, 2):
            cycle.set_date(c.turn(None), now() + dt.timedelta(days=days))
            row = c.session.scalars(select(OutboxRow).filter_by(kind=outbox.Kind.STAGE)).one()
            c.session.refresh(row)
            assert row.due_at == c.run.closes_at
            assert row.ids == {"run": c.run.id, "stage": "ideas"}


def _on_date(c: Circle, stage: str, run_id: int | None = None) -> str:
    return cycle.on_date(c.session, run_id or c.run.id, stage, load())


# what happened before the row came due -> what it says and where the step then stands
def _still_standing(c: Circle) -> None:
    c.run.closes_at, c.run.extended = now() + PAST, True


def _taken_back(c: Circle) -> None:
    cycle.set_date(c.turn(None), None)


def _later(c: Circle) -> None:
    cycle.set_date(c.turn(None), now() + SOON)


def _moved_by_hand(c: Circle) -> None:
    c.move()


def _moved_by_hand_and_dated_again(c: Circle) -> None:
    c.move()
    c.run.closes_at, c.run.extended = now() + PAST, True


@pytest.mark.parametrize(
    ("before", "said", "stage"),
    [
        (_still_standing, "moved", "respond"),
        (_taken_back, "date_changed", "ideas"),
        (_later, "date_changed", "ideas"),
        (_moved_by_hand, "date_changed", "respond"),
        (_moved_by_hand_and_dated_again, "date_changed", "respond"),
    ],
)
def test_a_date_moves_only_the_stage_it_was_announced_for_and_while_it_stands(
    before: object, said: str, stage: str
) -> None:
    with circle(2) as c:
        for who in range(2):
            c.do_the_task(who, "ideas")
        cycle.set_date(c.turn(None), now() + SOON)
        before(c)  # type: ignore[operator]
        assert _on_date(c, "ideas") == said
        assert c.run.stage == stage


@pytest.mark.parametrize(
    ("stage", "why"),
    [("ideas", "voices_missing"), ("dots", "quorum_missing"), ("draft", "no_text"), ("consent", "quorum_missing")],
)
def test_a_date_on_a_stage_with_nothing_in_it_moves_nothing_and_is_over(stage: str, why: str) -> None:
    with circle(2, stage) as c:
        c.run.closes_at, c.run.extended = now() + PAST, True
        assert _on_date(c, stage) == why
        assert (c.run.stage, cycle.date_passed(c.run), c.run.announced) == (stage, True, None)


@pytest.mark.parametrize(
    ("ends", "later"),
    [
        # The last day, and the last day of the extension: no weekend counts, and the day ends at local midnight.
        ("2027-03-22", "2027-03-25"),
        ("2027-03-24", "2027-03-29"),
        ("2027-03-26", "2027-03-31"),
        ("2027-10-27", "2027-11-01"),
    ],
)
def test_a_day_is_put_off_by_three_school_days_across_weekends_and_clock_changes(ends: str, later: str) -> None:
    last, until = (midnights.end_of(dt.date.fromisoformat(each), AMSTERDAM) for each in (ends, later))
    assert cycle.put_off(last, AMSTERDAM) == until


def test_who_was_not_heard_by_the_date_gets_three_school_days_more_once_and_then_nobody_blocks() -> None:
    with circle(3) as c:
        for who in range(2):
            c.do_the_task(who, "ideas")
        c.run.closes_at = before = now() + PAST
        assert _on_date(c, "ideas") == "extended"
        assert (c.run.stage, c.run.extended, c.run.closes_at) == ("ideas", True, cycle.put_off(before, dt.UTC))
        row = c.session.scalars(select(OutboxRow).filter_by(kind=outbox.Kind.STAGE)).one()
        assert row.due_at == cycle.put_off(before, dt.UTC)
        assert _on_date(c, "ideas") == "date_changed"
        c.run.closes_at = now() + PAST
        assert _on_date(c, "ideas") == "moved"
        assert (c.run.stage, c.run.extended, c.run.closes_at) == ("respond", False, None)


def test_where_everyone_was_heard_the_date_needs_no_extension() -> None:
    with circle(2) as c:
        for who in (0, 1):
            c.do_the_task(who, "ideas")
        c.run.closes_at = now() + PAST
        assert _on_date(c, "ideas") == "moved"


def test_a_new_date_gives_the_extension_again() -> None:
    with circle(2) as c:
        c.do_the_task(0, "ideas")
        c.run.closes_at, c.run.extended = now() + PAST, True
        cycle.set_date(c.turn(None), now() + SOON)
        assert c.run.extended is False


def test_the_next_step_opens_when_one_is_completed_and_only_once() -> None:
    with circle(2, "closed") as c:
        _, runs = cycle.opened(c.session, c.community, None)
        following = STEPS.following(c.step)
        assert following is not None
        assert set(runs) == ({"ambition", following.name} if following.stages else {"ambition"})
        cycle.begin(c.turn(None), following)
        assert set(cycle.opened(c.session, c.community, None)[1]) == set(runs)


def test_an_ended_cycle_is_read_only() -> None:
    with circle(2, "closed") as c:
        c.cycle.closed_at = now()
        with pytest.raises(Refused, match="cycle_closed"):
            c.reopen("te groot")
        c.run.stage = "ideas"
        assert c.refused(0, "idea", text="nog een in onze lessen", why="x") == "cycle_closed"


def test_how_names_are_shown_is_settled_before_anybody_writes() -> None:
    with circle(2) as c:
        assert c.turn(0).names == {}
        cycle.choose_authors(c.turn(None), Authors.NAMED)
        assert set(c.turn(0).names) == {member.id for member in c.members}
        c.do_the_task(0, "ideas")
        with pytest.raises(Refused, match="authors_too_late"):
            cycle.choose_authors(c.turn(None), Authors.HIDDEN)
        with pytest.raises(Refused, match="answer_missing"):
            cycle.choose_authors(c.turn(None), "sometimes")
        assert c.run.authors == Authors.NAMED


def test_a_row_runs_twice_and_moves_once() -> None:
    with circle(2, "respond") as c:
        for who in range(2):
            c.do_the_task(who, "respond")
        c.run.closes_at, c.run.extended = now() + PAST, True
        assert [_on_date(c, "respond"), _on_date(c, "respond")] == ["moved", "date_changed"]
        assert c.run.stage == "dots"
        assert len(c.rounds("dots")) == 1


def test_a_row_of_a_run_that_is_no_more_does_nothing() -> None:
    with circle(2) as c:
        assert _on_date(c, "ideas", run_id=999) == "date_changed"


def test_who_takes_part_and_is_present_is_the_denominator() -> None:
    with circle(5) as c:
        assert cycle.present_members(c.session, c.community) == 5
        c.go(0)
        for who, standing in ((1, "outside"), (2, "leader"), (3, "asked")):
            c.members[who].standing = standing
        c.session.flush()
        assert cycle.present_members(c.session, c.community) == 1
        assert cycle.present_member_ids(c.session, c.community) == {c.members[4].id}


@pytest.mark.parametrize(("wanted", "found"), [(None, 2), (1, 1), (2, 2), (3, 2), (0, 2)])
def test_a_placement_asks_for_a_cycle_and_gets_it_or_the_newest(wanted: int | None, found: int) -> None:
    with circle(1) as c:
        c.session.add(Cycle(community_id=c.community.id, number=2))
        c.session.flush()
        assert cycle.existing_number(c.session, c.community, wanted) == found
        opened, runs = cycle.opened(c.session, c.community, wanted)
        assert opened.number == found
        assert set(runs) == ({"ambition"} if found == 1 else set())


@pytest.mark.parametrize("standing", ["outside", "leader", "asked", None])
def test_a_turn_has_a_me_only_for_who_takes_part(standing: str | None) -> None:
    with circle(1) as c:
        turn: Turn = c.turn(None if standing is None else 0)
        if standing:
            c.members[0].standing = standing
        with pytest.raises(Refused, match="not_a_member"):
            _ = turn.me
