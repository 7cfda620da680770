"""A cycle ends before its time by a quorum's consent; where none comes, only after everybody had time enough."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle, outbox
from lti_tool.domain.cycle import ending, midnights, pausing, restart
from lti_tool.domain.mechanisms import rounds
from lti_tool.domain.reading import gate
from lti_tool.domain.thread.attention import ATTENTION
from lti_tool.models import Act, Cycle, Moment, OutboxRow, RoundKind, RoundOutcome, StepRun
from lti_tool.models import Ending as How
from lti_tool.steps.ending import Ending
from tests.histories import histories
from tests.unit.test_restart import refusal, rows
from tests.web.circle import STEPS, Circle, circle
from tests.web.ended import Ended
from tests.web.ways.ending import put

ZONE = ZoneInfo("Europe/Amsterdam")
DAY = dt.timedelta(days=1)
WORDS = {"concern": {"concern": "jammer"}, "objection": {"harm": "we zijn er bijna", "proposal": "nog een week"}}


def beside(c: Circle) -> Circle:
    """The same people, who have begun to ask whether to end the cycle."""
    run = cycle.open_step(c.session, c.community, c.cycle, Ending(), STEPS)
    return dataclasses.replace(c, run=run, step=STEPS.by_name["ending"])


def answer(c: Circle, who: int, given_: str) -> None:
    c.act(who, "answer", answer=given_, **WORDS.get(given_, {}))


def comes(c: Circle) -> str:
    """The date comes that was announced."""
    return cycle.on_date(c.session, c.run.id, c.run.stage, STEPS, ZONE)


@pytest.mark.parametrize("people", [1, 2, 3, 7])
def test_it_ends_with_the_last_answer_and_nobody_presses_anything(people: int) -> None:
    with circle(people, "say", Ending()) as c:
        put(c, 0)
        for who in range(people):
            assert c.cycle.closed_at is None
            answer(c, who, "agree")
        assert c.cycle.closed_at is not None
        assert c.cycle.ending is How.CONSENT
        assert c.run.outcome == "wachten helpt\nbegin klein\nvraag door"
        act = c.session.scalars(select(Act).order_by(Act.id.desc())).first()
        assert act is not None
        assert (act.kind, act.detail, act.cycle_id) == ("cycle_ended", {"ending": "consent"}, c.cycle.id)
        assert not c.session.scalars(select(Moment)).all(), "it earns nothing"
        before = rows(c)
        assert c.refused(0, "answer", answer="agree") == "cycle_closed"
        assert rows(c) == before


@histories(60, 600)
@given(
    people=st.integers(1, 9),
    said=st.lists(st.sampled_from(["", "agree", "concern", "objection", "abstain"]), min_size=9, max_size=9),
    over=st.booleans(),
    press=st.booleans(),
)
def test_only_a_quorum_s_consent_ends_it(people: int, said: list[str], over: bool, press: bool) -> None:
    given_ = [each for each in said[:people] if each]
    with circle(people, "say", Ending()) as c:
        put(c, 0)
        if over:
            c.run.closes_at, c.run.extended = now() - DAY, True
        for who, each in enumerate(said[:people]):
            if each and c.cycle.closed_at is None:
                answer(c, who, each)
        if press and c.cycle.closed_at is None:
            c.move()
        if c.cycle.closed_at is None:
            assert c.cycle.ending is None
            heard = len(given_)
        else:
            # With the answer that made the decision it ended; who came after it came too late.
            heard = len(c.answers(c.rounds("consent")[-1]))
        quorum = max(min(2, people), people // 2 + 1)
        counted = given_[:heard]
        decided = heard >= quorum and (heard == people or over)
        agreed = sum(each in ("agree", "concern") for each in counted) >= min(2, people)
        assert (c.cycle.closed_at is not None) == (decided and agreed and "objection" not in counted)
        assert (c.run.stage == "say") == (press and decided and "objection" in counted)


def test_an_objection_takes_it_back_to_be_said_better_and_put_again() -> None:
    with circle(3, "say", Ending()) as c:
        put(c, 0)
        answer(c, 0, "agree")
        answer(c, 1, "objection")
        answer(c, 2, "agree")
        assert c.cycle.closed_at is None, "its owner can still take it back"
        assert c.move() == "say"
        assert [each.harm for each in c.summary(0).decided.objections] == ["we zijn er bijna"]
        assert c.refused(2, "put", text="nog eens", version=0) == "changed_meanwhile"
        put(c, 2, c.summary(2).version, "wachten helpt, en vragen ook")
        assert c.run.stage == "consent"
        for who in range(3):
            answer(c, who, "agree")
        assert c.cycle.ending is How.CONSENT


def test_before_it_is_put_to_all_nobody_can_press_it_through() -> None:
    with circle(2, "say", Ending()) as c:
        assert c.move() == "ending_unsaid"
        assert c.refused(0, "put", text=" … ", version=0) == "blank"
        assert c.refused(0, "put", text="x", lessons="\n".join("abcdef"), version=0) == {
            "lessons": ["too_many_lessons"]
        }
        with pytest.raises(Refused, match="ending_too_early"):
            ending.end_undecided(c.turn(0))


def test_without_a_quorum_the_day_stays_over_and_an_answer_that_comes_later_decides() -> None:
    with time_machine.travel("2026-10-20T10:00Z", tick=False) as clock, circle(4, "say", Ending()) as c:
        turn = c.turn(0)
        turn.zone = ZONE
        c.step.perform(turn, c.step.deed("put"), {"text": "wachten helpt", "lessons": "", "version": 0})
        # A week, to the end of a day, over the night in which the clock goes back.
        assert c.run.closes_at == midnights.end_of(dt.date(2026, 10, 27), ZONE)
        answer(c, 0, "agree")
        clock.move_to(c.run.closes_at)
        assert comes(c) == "extended"
        clock.move_to(c.run.closes_at)
        assert comes(c) == "quorum_missing"
        assert c.run.closes_at is not None
        assert c.summary(1).over
        answer(c, 1, "agree")
        assert c.cycle.closed_at is None, "two of four are no quorum"
        answer(c, 2, "abstain")
        assert c.cycle.ending is How.CONSENT


def test_who_facilitates_ends_it_after_the_day_its_extension_and_four_weeks_and_not_before() -> None:
    with time_machine.travel("2027-03-01T10:00Z", tick=False) as clock, circle(4, "say", Ending()) as c:
        turn = c.turn(0)
        turn.zone = ZONE
        c.step.perform(turn, c.step.deed("put"), {"text": "wachten helpt", "lessons": "", "version": 0})
        planned = ending.free_from(turn)
        clock.move_to(c.run.closes_at)
        assert comes(c) == "extended"
        assert ending.free_from(turn) == planned == midnights.end_of(dt.date(2027, 4, 8), ZONE), (
            "in summer time by then"
        )
        clock.move_to(midnights.start_of(dt.date(2027, 3, 20), ZONE))
        assert comes(c) == "quorum_missing"
        pausing.pause(turn, dt.date(2027, 4, 5))
        with pytest.raises(Refused, match="cycle_paused"):
            ending.end_undecided(turn)
        clock.move_to(midnights.start_of(dt.date(2027, 4, 5), ZONE))
        assert pausing.on_day(c.session, c.cycle.id, ZONE) == "resumed"
        free = midnights.end_of(dt.date(2027, 4, 24), ZONE)
        assert ending.free_from(turn) == free, "a pause is no time to answer"
        clock.move_to(free - dt.timedelta(seconds=1))
        with pytest.raises(Refused, match="ending_too_early"):
            ending.end_undecided(turn)
        assert c.cycle.closed_at is None
        clock.move_to(free)
        ending.end_undecided(turn)
        assert c.cycle.ending is How.UNDECIDED
        with pytest.raises(Refused, match="cycle_closed"):
            ending.end_undecided(turn)


def objected(c: Circle, *outcomes: RoundOutcome, days_ago: int = 1) -> None:
    """Decisions of this step came back, the first so long ago and the others now; or went like this."""
    for number, outcome in enumerate(outcomes or (RoundOutcome.OBJECTED, RoundOutcome.OBJECTED)):
        turn = c.turn(0)
        made = rounds.open_round(turn, RoundKind.CONSENT)
        rounds.close(turn, made, outcome)
        assert made.closed_at is not None
        made.closed_at -= (days_ago if number == 0 else 0) * DAY
    c.session.flush()


def parts(c: Circle) -> str:
    return str(c.refused(0, "part"))


@pytest.mark.parametrize("people", [1, 2, 3])
@pytest.mark.parametrize("objection", [False, True])
def test_of_two_either_ends_it_after_an_objection_that_two_rounds_did_not_solve_and_nobody_else_does(
    people: int, objection: bool
) -> None:
    with circle(people, "ideas") as first:
        if objection:
            objected(first)
        c = beside(first)
        ends = people == 2 and objection
        assert c.summary(0).divided == ends
        assert parts(c) == ("" if ends else "ending_no_pair")
        assert c.cycle.ending is (How.UNDECIDED if ends else None)


def test_one_objection_or_two_of_one_day_let_nobody_end_it_alone() -> None:
    once, solved = RoundOutcome.OBJECTED, RoundOutcome.ADOPTED
    for outcomes, days_ago in (((once,), 9), ((once, once), 0), ((once, solved), 9), ((once, once, solved, once), 9)):
        with circle(2, "ideas") as first:
            c = beside(first)
            objected(first, *outcomes, days_ago=days_ago)
            assert parts(c) == "ending_no_pair", (outcomes, days_ago)


def test_of_two_an_objection_to_ending_itself_counts_and_one_of_a_step_that_is_completed_does_not() -> None:
    with (
        time_machine.travel("2027-03-01T10:00Z", tick=False) as clock,
        circle(2, "ideas") as first,
    ):
        c = beside(first)
        objected(first)
        first.run.closed_at = now()
        c.session.flush()
        assert parts(c) == "ending_no_pair", "that step is completed"
        for version in (0, 1):
            put(c, 0, version, f"wachten helpt {version}")
            answer(c, 0, "agree")
            answer(c, 1, "objection")
            assert parts(c) == "ending_no_pair", "it is still being decided"
            assert c.move() == "say"
            assert parts(c) == "ending_no_pair", "slept on it for no night"
        clock.shift(DAY)
        assert c.refused(1, "part") == ""
        assert c.cycle.ending is How.UNDECIDED


def test_with_one_yes_and_the_others_passing_it_does_not_end() -> None:
    with circle(3, "say", Ending()) as c:
        put(c, 0)
        answer(c, 0, "agree")
        for who in (1, 2):
            answer(c, who, "abstain")
        assert c.cycle.closed_at is None
        assert c.move() == "say", "it goes back to be said better"
        assert c.cycle.closed_at is None


def test_nothing_undecided_counts_and_what_was_hidden_stays_hidden() -> None:
    with circle(2, "ideas") as first:
        old = Ended(first.session)
        card, question = old.action("op het bord"), old.add("information", "question", {"text": "wat helpt?"})
        point = old.add("interpretation", ATTENTION, {"text": "een punt"})
        old.add("consequences", "consequence", {"if": "x", "then": "y"}, follows_from=point)
        old.result("nog niet af", "een les")
        first.session.refresh(first.run)
        for name, stage in (("ambition", "ideas"), ("consequences", "board"), ("evaluation", "yield")):
            old.runs[name].closed_at, old.runs[name].stage = None, stage
        first.session.flush()
        first.act(0, "idea", text="een idee van een", why="daarom")
        ending.end(first.turn(0), How.UNDECIDED)
        assert first.run.closed_at is None
        assert not gate.gather(first.turn(1)).of("idea"), "what nobody revealed, nobody reads"
        left = restart.kept(first.turn(0))[1]
        assert (left.decision, left.horizon, left.there.of("yield")) == ("", None, [])
        made = restart.begin_next(first.turn(0), STEPS)
        run = first.session.scalars(select(StepRun).filter_by(cycle_id=made.id)).one()
        found = restart.inherited(cycle.Turn(first.session, first.community, made, run, first.members[0], STEPS))
        assert found is not None
        assert (found.result, list(found.lessons), list(found.actions)) == ("", [], []), card
        assert [each.id for each in found.questions] == [question.id], "that step was completed"
        assert [each.id for each in found.points] == [point.id], "nothing that was decided takes it up"


def test_the_next_cycle_begins_once_with_what_was_learned() -> None:
    with circle(2, "say", Ending()) as c:
        put(c, 0)
        for who in range(2):
            answer(c, who, "agree")
        assert refusal(c) == ""
        assert refusal(c) == "cycle_closed"
        old, new = c.session.scalars(select(Cycle).order_by(Cycle.number))
        assert (old.ending, new.ending, new.closed_at) == (How.CONSENT, None, None)
        run = c.session.scalars(select(StepRun).filter_by(cycle_id=new.id)).one()
        found = restart.inherited(cycle.Turn(c.session, c.community, new, run, c.members[0], STEPS))
        assert found is not None
        assert (found.result, list(found.lessons)) == ("wachten helpt", ["begin klein", "vraag door"])


def test_scores_under_way_are_sent_all_the_same_and_a_date_moves_nothing_any_more() -> None:
    with circle(2, "respond") as c:
        cycle.set_date(c.turn(0), now() + DAY)
        known = len(c.session.scalars(select(OutboxRow).filter_by(kind=outbox.Kind.SCORE)).all())
        moments = len(c.session.scalars(select(Moment)).all())
        ending.end(c.turn(0), How.UNDECIDED)
        with time_machine.travel(now() + 2 * DAY, tick=False):
            assert comes(c) == "cycle_closed"
        assert len(c.session.scalars(select(OutboxRow).filter_by(kind=outbox.Kind.SCORE)).all()) == known
        assert len(c.session.scalars(select(Moment)).all()) == moments > 0


def test_a_cycle_is_abandoned_once_nobody_was_at_work_for_four_weeks() -> None:
    with circle(2, "ideas") as c, time_machine.travel(now() + ending.WAIT - DAY, tick=False) as clock:
        assert not ending.is_abandoned(c.session, c.cycle)
        clock.shift(2 * DAY)
        assert ending.is_abandoned(c.session, c.cycle)
        c.act(0, "idea", text="toch nog iets", why="daarom")
        assert not ending.is_abandoned(c.session, c.cycle)
        clock.shift(ending.WAIT)
        assert ending.is_abandoned(c.session, c.cycle)
        beside(c)
        assert not ending.is_abandoned(c.session, c.cycle)
