"""The next cycle: when it may begin, that the old one is read-only for good, and what the new one knows of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from lti_tool.db import Base, now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.cycle import days, restart
from lti_tool.domain.mechanisms import notes
from lti_tool.domain.thread.attention import ATTENTION
from lti_tool.domain.thread.inquiry import QUESTION
from lti_tool.models import Cycle, Ending, StepRun
from lti_tool.models.voices import Contribution, Note
from lti_tool.steps.agreements import Agreements
from lti_tool.steps.interpretation import Interpretation
from tests.histories import histories
from tests.web.circle import STEPS, Circle, circle
from tests.web.ended import Ended
from tests.web.ways import ambition, evaluation

TODAY = dt.date(2030, 3, 1)


def refusal(c: Circle, after_all: bool = False) -> str:
    """Why the next cycle does not begin; "" when it does."""
    try:
        restart.begin_next(c.turn(0), STEPS, after_all)
    except Refused as refused:
        return refused.code
    return ""


def rows(c: Circle) -> dict[str, list[tuple[Any, ...]]]:
    """Everything there is, table by table."""
    c.session.flush()
    return {name: sorted(map(tuple, c.session.execute(select(table))), key=repr) for name, table in _tables().items()}


def _tables() -> dict[str, Any]:
    return dict(Base.metadata.tables)


@pytest.mark.parametrize("missing", [step.name for step in STEPS])
def test_the_next_cycle_waits_for_every_step(missing: str) -> None:
    with circle(2, "closed") as c:
        ended = Ended(c.session)
        ended.runs[missing].closed_at = None
        assert refusal(c) == "cycle_open"
        c.session.delete(ended.runs[missing]) if missing == "actions" else None
        assert refusal(c) == "cycle_open"
        assert c.session.scalars(select(Cycle.number)).all() == [1]


def test_a_side_step_that_is_still_open_holds_nothing_up() -> None:
    with circle(2, "closed") as c:
        Ended(c.session)
        cycle.open_step(c.session, c.community, c.cycle, Agreements(), STEPS)
        assert refusal(c) == ""


@pytest.mark.parametrize(
    ("decision", "after_all", "why"),
    [
        ("continue", False, ""),
        ("new", False, ""),
        ("", False, ""),
        ("stop", False, "cycle_stopped"),
        ("stop", True, ""),
    ],
)
def test_who_decided_to_stop_says_so_before_beginning_again(decision: str, after_all: bool, why: str) -> None:
    with circle(2, "closed") as c:
        Ended(c.session, decision=decision)
        assert refusal(c, after_all) == why


def test_two_presses_make_one_cycle_with_its_first_step_open() -> None:
    with circle(2, "closed") as c:
        Ended(c.session)
        before = c.session.scalars(select(func.count(Contribution.id))).one()
        assert [refusal(c), refusal(c)] == ["", "cycle_closed"]
        old, new = c.session.scalars(select(Cycle).order_by(Cycle.number))
        assert (old.number, new.number) == (1, 2)
        assert old.closed_at is not None
        assert new.closed_at is None
        runs = c.session.scalars(select(StepRun).filter_by(cycle_id=new.id)).all()
        assert [(run.step, run.stage) for run in runs] == [("ambition", "ideas")]
        assert c.session.scalars(select(func.count(Contribution.id))).one() == before, "nothing is copied"


def test_to_go_on_carries_the_same_ambition_into_the_next_cycle_and_opens_what_comes_after_it() -> None:
    with circle(2, "closed") as c:
        Ended(c.session, decision="continue")
        old = c.proposal()
        assert old is not None
        made = restart.begin_next(c.turn(0), STEPS)
        runs = {run.step: run for run in c.session.scalars(select(StepRun).filter_by(cycle_id=made.id))}
        assert {step: run.stage for step, run in runs.items()} == {"ambition": "closed", "information": "questions"}
        assert runs["ambition"].outcome == old.body["text"]
        now_ = Circle(
            c.session, c.course, c.community, made, runs["ambition"], STEPS.by_name["ambition"], c.members, c.written
        )
        new = now_.proposal()
        assert new is not None
        assert (new.body, new.member_id) == (old.body, old.member_id)
        shown = now_.summary(0)
        assert (shown.carried, shown.proposal.text, shown.decided.missed) == (1, old.body["text"], True)
        assert now_.act(0, "late", answer="agree") == "decision"
        assert c.refused(0, "late", answer="agree") == "cycle_closed"
        # It can be opened again, and is still built on something.
        now_.reopen("te groot")
        drafting = now_.summary(0).drafting
        assert [each[0] for each in drafting.sources] == drafting.built_from == [str(old.id)]
        now_.act(0, "take_pen")
        now_.act(
            0,
            "propose",
            version=1,
            text="kleiner in onze lessen",
            ideas=[old.id],
            horizon=ambition.horizon(),
            **ambition.WHOLE,
        )
        now_.act(0, "voice", group="pupils", name="klas 3", question="wat merk je?", date=ambition.horizon())
        assert now_.move() == "consent"


def test_a_horizon_that_is_over_is_left_for_the_community_to_set() -> None:
    with circle(2, "closed") as c:
        Ended(c.session, decision="continue")
        old = c.proposal()
        assert old is not None
        old.body = {**old.body, "horizon": "2026-01-01"}
        made = restart.begin_next(c.turn(0), STEPS)
        run = c.session.scalars(select(StepRun).filter_by(cycle_id=made.id, step="ambition")).one()
        new = c.session.scalars(select(Contribution).filter_by(step_run_id=run.id, kind="proposal")).one()
        assert new.body == {**old.body, "horizon": ""}


@pytest.mark.parametrize("choice", ["stop", "continue", "new"])
def test_a_yield_that_says_to_stop_ends_the_cycle_once_it_is_endorsed(choice: str) -> None:
    with evaluation.at(3, "yield") as c:
        c.act(0, "yield", text="wij weten meer", lessons="", version=0)
        c.act(0, "next", **evaluation.going_on(choice=choice)(c))
        assert c.move() == "endorse"
        for who in range(3):
            c.do_the_task(who, "endorse")
        assert c.move() == "closed"
        assert (c.cycle.closed_at is not None) == (c.cycle.ending is Ending.CONSENT) == (choice == "stop")


@pytest.mark.parametrize("before", [True, False], ids=["ended by it", "stopped before that ended a cycle"])
def test_a_community_that_stopped_may_begin_again_after_all_and_once(before: bool) -> None:
    with circle(2, "closed") as c:
        old = Ended(c.session, decision="stop")
        c.cycle.closed_at, c.cycle.ending = (now(), Ending.CONSENT) if before else (None, None)
        c.session.flush()
        assert restart.may_begin_next(c.turn(0), old.runs, STEPS)
        assert [refusal(c), refusal(c, after_all=True)] == ["cycle_stopped", ""]
        assert not restart.may_begin_next(c.turn(0), old.runs, STEPS)
        assert [refusal(c), refusal(c, after_all=True)] == ["cycle_closed", "cycle_closed"]
        assert c.session.scalars(select(Cycle.number).order_by(Cycle.number)).all() == [1, 2]


# Every way to write in a step, whatever stage it is in.
WRITING: dict[str, Callable[[Circle], object]] = {
    "advance": lambda c: cycle.advance(c.turn(0), c.step, c.run.stage, STEPS),
    "reopen": lambda c: c.reopen("te groot"),
    "announce": lambda c: cycle.set_date(c.turn(0), now() + dt.timedelta(days=3)),
    "take the date back": lambda c: cycle.set_date(c.turn(0), None),
    "authors": lambda c: cycle.choose_authors(c.turn(0), "named"),
    "note": lambda c: notes.take(c.turn(0), c.members[1].id, "idea", {"text": "zei ik in onze lessen", "why": "x"}),
    "drop a note": lambda c: notes.drop(c.turn(1), c.session.scalars(select(Note)).one()),
    "begin again": lambda c: restart.begin_next(c.turn(0), STEPS, after_all=True),
}


@pytest.mark.parametrize("stage", ["ideas", "consent", "closed"])
@pytest.mark.parametrize("way", WRITING)
def test_a_cycle_that_is_over_takes_nothing_more(way: str, stage: str) -> None:
    with circle(3, stage) as c:
        c.session.add(
            Note(step_run_id=c.run.id, member_id=c.members[1].id, taker_id=c.members[0].id, action="idea", body={})
        )
        c.cycle.closed_at = now()
        before = rows(c)
        with pytest.raises(Refused, match="cycle_closed"):
            WRITING[way](c)
        assert rows(c) == before


@pytest.mark.parametrize(
    ("step", "action"),
    [(step, deed) for step in STEPS.by_name.values() for deed in (*step.deeds, *step.leader_deeds)],
    ids=lambda each: each.name,
)
def test_no_action_of_any_step_is_taken_by_a_cycle_that_is_over(step: Any, action: Any) -> None:
    with circle(2, "ideas") as c:
        c.cycle.closed_at = now()
        for stage in [*action.stages]:
            run = StepRun(cycle_id=c.cycle.id, step=f"{step.name} {stage}"[:32], stage=stage)
            c.session.add(run)
            c.session.flush()
            before = rows(c)
            with pytest.raises(Refused, match="cycle_closed"):
                step.perform(cycle.Turn(c.session, c.community, c.cycle, run, c.members[0], STEPS), action, {})
            assert rows(c) == before


def test_a_date_that_comes_after_the_end_moves_nothing() -> None:
    with circle(3, "respond") as c:
        c.run.closes_at = now() - dt.timedelta(minutes=1)
        c.cycle.closed_at = now()
        before = rows(c)
        assert cycle.on_date(c.session, c.run.id, c.run.stage, STEPS) == "cycle_closed"
        assert rows(c) == before


@histories(40, 200)
@given(
    ends=st.lists(st.sampled_from(["", "done", "changed", "stopped"]), max_size=4),
    taken_up=st.lists(st.booleans(), max_size=4),
    standing=st.lists(st.booleans(), max_size=3),
    lessons=st.lists(st.text(min_size=1, max_size=20), max_size=3),
)
def test_the_new_cycle_knows_exactly_what_the_old_one_left_open(
    ends: list[str], taken_up: list[bool], standing: list[bool], lessons: list[str]
) -> None:
    with circle(2, "ideas") as c:
        old = Ended(c.session)
        acts = [old.action(f"actie {number}", end) for number, end in enumerate(ends)]
        points = [
            old.add("interpretation", ATTENTION, {"text": f"punt {n} in onze lessen"}) for n, _ in enumerate(taken_up)
        ]
        for point, taken in zip(points, taken_up, strict=True):
            if taken:
                old.add("consequences", "consequence", {"if": "x", "then": "y"}, follows_from=point)
        questions = [
            old.add("information", QUESTION, {"text": f"vraag {n} in onze lessen"}) for n, _ in enumerate(standing)
        ]
        for question, stands in zip(questions, standing, strict=True):
            question.withdrawn_at = None if stands else now()
        if lessons:
            old.result("dit leverde het op", *lessons)
        new = old.begin_next(STEPS)
        run = c.session.scalars(select(StepRun).filter_by(cycle_id=new.id)).one()
        known = restart.inherited(cycle.Turn(c.session, c.community, new, run, c.members[0], STEPS))
        assert known is not None
        assert known.number == 1
        assert {card.item.id for card in known.actions} == {
            item.id for item, end in zip(acts, ends, strict=True) if end in ("", "changed")
        }
        assert [item.id for item in known.points] == [
            point.id for point, taken in zip(points, taken_up, strict=True) if not taken
        ]
        assert [item.id for item in known.questions] == [
            each.id for each, stands in zip(questions, standing, strict=True) if stands
        ]
        assert list(known.lessons) == lessons
        assert known.result == ("dit leverde het op" if lessons else "")
        assert bool(known) == bool(known.actions or known.points or known.questions or lessons)


def test_only_the_cycle_right_before_is_inherited_from_in_few_statements() -> None:
    with circle(2, "closed", Interpretation()) as c:
        assert restart.inherited(c.turn(0)) is None, "the first has none before it"
        first = Ended(c.session)
        first.action("uit de eerste")
        first.begin_next(STEPS)
        second = Ended(c.session, number=2)
        second.action("uit de tweede")
        third = second.begin_next(STEPS)
        run = c.session.scalars(select(StepRun).filter_by(cycle_id=third.id)).one()
        seen: list[str] = []
        connection = c.session.connection()
        event.listen(connection, "before_cursor_execute", lambda *args: seen.append(args[2]))
        known = restart.inherited(cycle.Turn(c.session, c.community, third, run, c.members[0], STEPS))
        assert known is not None
        assert known.number == 2
        assert [card.item.body["what"] for card in known.actions] == ["uit de tweede"]
        assert not known.questions
        assert len(seen) == 2


@given(st.integers(min_value=-500, max_value=500))
def test_looking_back_is_asked_from_its_day_on_and_not_for_ever(after: int) -> None:
    agreed = restart.LookBack(TODAY, "tien tellen wachten")
    assert agreed.is_due(TODAY + dt.timedelta(days=after)) == (0 <= after < 56)


def test_the_days_of_a_cycle_are_those_still_to_come_in_their_order() -> None:
    with circle(3, "closed") as c:
        old = Ended(c.session)
        old.member = c.members[1]
        old.action("laatste", day=dt.date(2031, 5, 1))
        old.action("eerste", day=dt.date(2031, 1, 1))
        old.action("is al gedaan", "done", day=dt.date(2031, 2, 1))
        old.look_back(dt.date(2031, 3, 1), "wachten")
        found = days.of_community(c.turn(1), old.runs)
        assert [each.words for each in found] == ["", "eerste", "wachten", "laatste"]
        assert [each.mine for each in found] == [False, True, False, True]
        assert found == sorted(found, key=lambda each: each.day)
        assert not any(each.mine for each in days.of_community(c.turn(0), old.runs))
        assert [each.words for each in days.of_ambition(c.turn(0))] == [""], "an outsider gets the ambition's day only"
        old.runs["consequences"].closed_at = None
        c.session.flush()
        assert "eerste" not in [each.words for each in days.of_community(c.turn(1), old.runs)]


def test_what_is_no_step_s_word_yet_is_not_told() -> None:
    """A yield, a decision or an ambition counts once its step is completed, not while people are at it."""
    with circle(2, "closed") as c:
        old = Ended(c.session, decision="stop")
        old.result("nog niet af", "les")
        old.look_back(TODAY, "nog niet af")
        old.runs["evaluation"].closed_at = old.runs["ambition"].closed_at = None
        c.session.flush()
        left = restart.kept(c.turn(0))[1]
        assert (left.decision, left.look_back, left.horizon, left.there.of("yield")) == ("", None, None, [])
