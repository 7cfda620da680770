"""Front-runners: section 2 of the circle's design row by row, each way on by its name, and random circles.

Of a late objection by whoever was set away, a reopening with a second member's yes, and the extension of three school
days the tests come with their issues: a rule each in tests/front/front_runner.py, an example here.
"""

import dataclasses
import datetime as dt

import pytest
import time_machine
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import away, belonging, members
from lti_tool.domain.cycle import ending, midnights, pausing
from lti_tool.domain.mechanisms import notes
from lti_tool.models import Ending as How
from lti_tool.models import Standing
from lti_tool.steps.ending import Ending
from tests.front import table
from tests.front.front_runner import FrontRunner
from tests.front.play import ZONE, Local, answer
from tests.front.works import Taker
from tests.histories import ALL, histories
from tests.unit.test_belonging import named
from tests.web.circle import STEPS, Circle, Start, circle, picture
from tests.web.ways import actions, objecting

DAY = dt.timedelta(days=1)
# Of each row a stage, and what makes somebody heard in it.
HIDDEN, OPEN, DECIDE = ("ideas", "respond", "consent")


def local(c: Circle) -> Local:
    """The same circle, in Amsterdam."""
    return Local(**{each.name: getattr(c, each.name) for each in dataclasses.fields(c)})


def heard(c: Circle, *who: int) -> None:
    """These do what the stage asks, or pass where there is nothing to do."""
    for each in who:
        if c.run.stage in (HIDDEN, DECIDE):
            c.do_the_task(each, c.run.stage)
        else:
            cycle.pass_by(c.turn(each), c.step)


def end(c: Circle, who: int | None = 0, *, confirmed: bool = False) -> str:
    """Somebody ends the stage; the next one, or why not."""
    try:
        with c.session.begin_nested():
            cycle.advance(c.turn(who), c.step, c.run.stage, STEPS, confirmed=confirmed)
    except Refused as refused:
        return refused.code
    return c.run.stage


def aside(c: Circle, *who: int, by: int = 0) -> None:
    """Somebody sets these away, for two days."""
    last = midnights.day_of(now(), ZONE) + 2 * DAY
    for each in who:
        away.set_other(c.session, c.community, c.members[by], c.members[each], last, zone=ZONE)


# The rows of the table


def test_each_stage_of_each_step_stands_in_the_row_that_the_design_names() -> None:
    stages = [(step.name, stage) for step in STEPS.by_name.values() for stage in step.stages]
    assert {(step, each.name): str(each.kind) for step, each in stages if step != "ending"} == {
        (step, each.name): table.kind_of(step, each.name) for step, each in stages if step != "ending"
    }


def test_hidden_ends_with_everybody_or_more_than_half_and_a_yes_or_the_date() -> None:
    with circle(8, HIDDEN) as c:
        heard(c, 0, 1, 2, 3)
        c.date_over()
        assert end(c, confirmed=True) == "half_missing", "half is not more than half"
        c.run.closes_at = None
        heard(c, 4)
        assert end(c) == "confirm_first"
        assert end(c, confirmed=True) == OPEN
    with circle(8, HIDDEN) as c:
        heard(c, *range(5))
        c.date_over()
        assert end(c, None) == OPEN
    with circle(8, HIDDEN) as c:
        heard(c, *range(8))
        assert end(c) == OPEN


def test_hidden_ends_with_two_voices_of_their_own_however_much_was_written_down_for_others() -> None:
    with circle(8, HIDDEN) as c:
        heard(c, 0)
        for each in c.members[1:]:
            notes.take(c.turn(0), each.id, "idea", {"text": "zei zij", "why": "daarom"})
        c.date_over()
        assert not c.unheard()
        assert end(c, confirmed=True) == "voices_missing"
        heard(c, 1)
        assert end(c) == OPEN


@pytest.mark.parametrize(("people", "enough"), [(8, 3), (6, 3), (5, 2), (3, 2), (2, 2)])
def test_open_ends_with_three_or_with_two_below_six_and_a_yes_or_the_date(people: int, enough: int) -> None:
    for by_date in (False, True):
        with circle(people, OPEN) as c:
            for who in range(enough):
                if by_date:
                    c.date_over()
                assert end(c, None if by_date else 0, confirmed=True) in table.BY_THE_TABLE
                heard(c, who)
            assert by_date or enough == people or end(c) == "confirm_first"
            assert end(c, None if by_date else 0, confirmed=not by_date) != OPEN
            assert c.run.stage in ("pairs", "dots")


def test_while_all_try_owners_and_buddies_are_waited_for_and_where_there_are_none_everybody() -> None:
    with picture(6, actions.stand, "try").copy() as c:
        assert len(table.facts(c).expected) == 6
        actions.action(c, 1, 2)
        assert c.step.heard(c.turn(None)).expected == {c.members[1].id, c.members[2].id}
        for who in (1, 2):
            actions.tell(c, who)
        assert end(c) == "check"


def test_what_is_written_together_is_put_to_all_by_a_second_person_and_never_by_the_clock() -> None:
    with circle(3, "draft") as c:
        c.do_the_task(0, "draft")
        c.date_over()
        assert end(c, 0, confirmed=True) == "second_missing"
        assert end(c, None) == "second_missing"
        assert end(c, 1) == DECIDE


def test_a_decision_takes_a_quorum_and_everybody_or_the_date_and_no_press_shortens_it() -> None:
    with circle(8, DECIDE) as c:
        heard(c, *range(7))
        assert end(c, confirmed=True) == "waits_for_rest"
        heard(c, 7)
        assert end(c) == "closed"
    with circle(8, DECIDE) as c:
        heard(c, *range(4))
        c.date_over()
        assert end(c, confirmed=True) == end(c, None) == "quorum_missing", "four of eight"
        heard(c, 4)
        assert end(c, None) == "closed"


def test_whom_another_sets_away_is_not_waited_for_and_still_counts_and_who_says_so_themselves_does_not() -> None:
    for own, wanted in ((False, "quorum_missing"), (True, "closed")):
        with circle(8, DECIDE) as c:
            for who in range(4, 8):
                c.away(who, own=own)
            heard(c, *range(4))
            assert end(c) == wanted


@pytest.mark.parametrize("stage", [HIDDEN, OPEN, "draft", DECIDE])
def test_without_anybody_who_is_expected_nothing_moves_date_or_not(stage: str) -> None:
    with circle(3, stage) as c:
        for who in range(3):
            c.do_the_task(who, stage)
            c.away(who)
        c.members[2].standing = Standing.OUTSIDE
        for _ in range(2):
            assert end(c, 2, confirmed=True) == end(c, None) == "nobody_expected"
            c.date_over()
        assert c.run.stage == stage


def test_a_circle_of_one_goes_through_all_six_steps_on_its_own() -> None:
    start: Start = "ambition"
    with picture(1, start, HIDDEN).copy() as c:
        for step in STEPS:
            at = c.on(step.name)
            for _ in range(12):
                if at.run.closed_at is None:
                    at.do_the_task(0, at.run.stage)
                    if table.facts(at).kind in ("hidden", "open"):
                        cycle.pass_by(at.turn(0), at.step)
                    assert end(at, 0) not in table.BY_THE_TABLE, at.run.stage
            assert at.run.closed_at is not None, step.name


def test_in_a_circle_of_two_both_are_needed_in_every_stage() -> None:
    with circle(2, HIDDEN) as c:
        while c.run.closed_at is None:
            was = c.run.stage
            if table.facts(c).kind == "together":
                c.do_the_task(0, was)
                assert end(c, 0, confirmed=True) == "second_missing"
            else:
                heard(c, 0) if was != "dots" else answer(c, 0, "pass")
                c.date_over()
                assert end(c, 0, confirmed=True) in table.BY_THE_TABLE
                heard(c, 1) if was != "dots" else answer(c, 1, "pass")
            assert end(c, 1) != was


# The ways on


def test_by_away_six_of_eight_decide_tonight_and_overruling_an_objection_waits_for_tomorrow() -> None:
    with circle(8, DECIDE) as c:
        for who in range(6):
            answer(c, who, "yes")
        assert end(c) == "waits_for_rest"
        aside(c, 6, 7)
        assert end(c) == "closed"
    with circle(8, DECIDE) as c:
        objecting.object_once(c, 1)
        objecting.again(c)
        objecting.object_once(c, 1)
        assert c.refused(0, "put") == "overrule_today"
        objecting.sleep(c)
        c.act(0, "put")
        assert end(c, 2) == "weigh_objection"
        for who in range(6):
            answer(c, who, "no" if who == 1 else "yes")
        aside(c, 6, 7)
        assert end(c) == "closed"


@pytest.mark.parametrize(
    ("announced", "midnight"),
    # The clock goes back in the night to 25 October 2026, and forward in the night to 28 March 2027.
    [("2026-10-24", "2026-10-24T22:00Z"), ("2026-10-25", "2026-10-25T23:00Z"),
     ("2027-03-27", "2027-03-27T23:00Z"), ("2027-03-28", "2027-03-28T22:00Z")],
)  # fmt: skip
def test_by_another_day_over_a_clock_change_it_ends_at_local_midnight(announced: str, midnight: str) -> None:
    with (
        time_machine.travel(dt.datetime.fromisoformat(midnight) - 4 * DAY, tick=False) as clock,
        picture(3, "ambition", HIDDEN).copy() as made,
    ):
        c = local(made)
        cycle.set_date(c.turn(0), midnights.end_of(dt.date.fromisoformat(announced), ZONE))
        heard(c, 0, 1, 2)
        clock.move_to(dt.datetime.fromisoformat(midnight) - dt.timedelta(seconds=1))
        assert cycle.on_date(c.session, c.run.id, HIDDEN, STEPS, ZONE) == "date_changed"
        clock.shift(1)
        assert now().astimezone(ZONE).hour == 0
        assert cycle.on_date(c.session, c.run.id, HIDDEN, STEPS, ZONE) == "moved"


def test_by_another_day_and_its_extension_a_decision_ends_without_who_stayed_silent() -> None:
    with time_machine.travel("2027-02-01T10:00Z", tick=False) as clock, picture(5, "ambition", DECIDE).copy() as c:
        for who in range(3):
            answer(c, who, "yes")
        cycle.set_date(c.turn(0), now() + DAY)
        for wanted in ("extended", "moved"):
            clock.move_to(c.run.closes_at)
            assert cycle.on_date(c.session, c.run.id, DECIDE, STEPS, ZONE) == wanted
        assert c.run.stage == "closed"


def test_by_a_smaller_circle_before_anything_is_shown_and_after_it_by_nobody_s_hand_but_one_s_own() -> None:
    with circle(1, HIDDEN) as c:
        named(c, 8)
        out = [each for each in table.facts(c).there if each != c.members[0].id]

        def cut() -> belonging.Cut:
            return belonging.Cut(c.session, c.community, c.cycle, {"ambition": c.run}, c.members[0], STEPS)

        belonging.leave_out(cut(), out[:5])
        assert table.facts(c).circle == 3
        with pytest.raises(Refused, match="circle_too_small"):
            belonging.leave_out(cut(), out[5:6])
    with circle(8, DECIDE) as c:
        run = {"ambition": c.run}
        with pytest.raises(Refused, match="revealed_already"):
            belonging.leave_out(belonging.Cut(c.session, c.community, c.cycle, run, c.members[0], STEPS), [7])
        heard(c, *range(4))
        for who in (6, 7):
            members.leave(c.session, c.community, c.members[who], STEPS)
        aside(c, 4, 5)
        assert end(c) == "closed", "four of six"


def test_by_a_pause_nothing_moves_and_the_day_comes_as_much_later() -> None:
    with time_machine.travel("2027-02-01T10:00Z", tick=False) as clock, picture(3, "ambition", DECIDE).copy() as made:
        c = local(made)
        for who in range(3):
            answer(c, who, "yes")
        cycle.set_date(c.turn(0), midnights.end_of(dt.date(2027, 2, 3), ZONE))
        pausing.pause(c.turn(0), dt.date(2027, 2, 8))
        clock.move_to("2027-02-04T10:00Z")
        assert end(c, confirmed=True) == "cycle_paused"
        assert cycle.on_date(c.session, c.run.id, DECIDE, STEPS, ZONE) == "cycle_paused"
        clock.move_to("2027-02-08T10:00Z")
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        assert c.run.closes_at is not None
        assert midnights.last_day(c.run.closes_at, ZONE) == dt.date(2027, 2, 10)
        assert end(c) == "closed"


def test_by_the_end_one_who_is_left_is_never_stuck_and_adopts_nothing() -> None:
    with time_machine.travel("2027-02-01T10:00Z", tick=False) as clock, circle(8, DECIDE) as c:
        run = cycle.open_step(c.session, c.community, c.cycle, Ending(), STEPS)
        at = dataclasses.replace(c, run=run, step=STEPS.by_name["ending"])
        at.act(0, "put", text="niemand kan meer", lessons="", version=0)
        at.act(0, "answer", answer="agree")
        answer(c, 0, "yes")
        free = ending.free_from(at.turn(None))
        assert free is not None
        assert free >= now() + dt.timedelta(weeks=5)
        with pytest.raises(Refused, match="ending_too_early"):
            ending.end_undecided(at.turn(0))
        clock.move_to(free)
        assert end(c, confirmed=True) == "quorum_missing"
        ending.end_undecided(at.turn(0))
        assert c.cycle.ending is How.UNDECIDED
        assert c.run.closed_at is None, "nothing undecided counts as adopted"


# Who comes later


@pytest.mark.parametrize("how", ["left and came back", "was asked and joins"])
def test_who_takes_part_again_is_in_from_the_next_stage_on_and_raises_no_quorum(how: str) -> None:
    with circle(4, "draft") as c:
        one = c.members[3]
        one.standing = Standing.APART if how == "left and came back" else Standing.ASKED
        c.do_the_task(0, "draft")
        assert end(c, 1) == DECIDE
        assert table.facts(c).quorum == 2
        if how == "left and came back":
            members.come_back(c.session, c.community, one)
        else:
            members.choose(c.session, c.community, one, "join", STEPS)
        assert c.turn(None).circle.quorum == table.facts(c).quorum == 2
        assert one.id not in c.step.heard(c.turn(None)).expected
        assert one.id in c.turn(None).circle.members, "a say they have"
        heard(c, 0, 1, 2)
        assert end(c) == "closed"
        assert c.on("information").turn(None).circle.size == 4


def test_where_nobody_is_left_of_those_with_whom_a_stage_began_it_does_not_wait_for_ever() -> None:
    with circle(2, OPEN) as c:
        named(c, 5)
        for who in (0, 1):
            c.go(who)
        assert table.facts(c).circle == c.turn(None).circle.size == 3
        assert len(c.step.heard(c.turn(None)).expected) == 3


# At random


@pytest.mark.parametrize("opened", [1, 3])
def test_a_front_runner_opens_a_completed_step_again_alone_only_in_a_circle_of_one(opened: int) -> None:
    """The rule of the random histories by itself: few of them complete a step and look back at it."""
    machine = FrontRunner()
    try:
        machine.begin(opened, 0, 0, 0, "roster", False, "one is left", False)
        machine.complete(machine.present(), dated=False)
        assert machine.c.run.closed_at is not None
        machine.saw()
        machine.open_again(0, 0)
        assert (machine.c.run.closed_at is None) == (opened == 1)
        machine.open_again(0, opened - 1)
        assert machine.c.run.closed_at is None
    finally:
        machine.sound = False
        machine.teardown()


@pytest.mark.parametrize(
    ("step", "stage"),
    [("ambition", "pairs"), ("ambition", "draft"), ("consequences", "board"), ("evaluation", "yield")],
)
def test_whatever_a_front_runner_does_with_others_work_nothing_of_theirs_is_changed_and_no_yes_is_kept_for_them(
    step: str, stage: str
) -> None:
    machine = type("Taker", (Taker,), {"first": step, "stage": stage})
    run_state_machine_as_test(seed(sum(map(ord, stage)))(machine), settings=histories(10, 200, steps=20))


@pytest.mark.parametrize("step", [each.name for each in STEPS])
def test_whatever_a_front_runner_does_no_stage_ends_against_the_table_and_each_decision_stays_reachable(
    step: str,
) -> None:
    machine = type("FrontRunner", (FrontRunner,), {"first": step})
    # A seed of its own each, or all six would draw the same.
    run_state_machine_as_test(
        machine if ALL else seed(sum(map(ord, step)))(machine), settings=histories(4, 334, steps=25)
    )
