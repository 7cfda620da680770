"""The pulse: answered below a completed step, published once for all, and its trend the members' own."""

import datetime as dt

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.mechanisms import pulse, totals
from lti_tool.domain.reading import gate
from lti_tool.models import Cycle, Moment, Seat, StepRun
from lti_tool.models.voices import Contribution
from tests.histories import histories
from tests.web.circle import Circle, circle, stored

FULL = dict.fromkeys(pulse.ITEMS, 4)


def published(c: Circle) -> list[Contribution]:
    return list(stored(c.turn(None), totals.PULSE))


def a_week_later(c: Circle) -> None:
    c.run.closed_at = now() - pulse.PATIENCE
    c.session.flush()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "answer_missing"),
        ({"ours": ""}, "answer_missing"),
        ({"ours": 6}, {"pulse": ["not_found"]}),
        ({"ours": 0}, {"pulse": ["not_found"]}),
        ({"salary": 3}, {"pulse": ["not_found"]}),
    ],
)
def test_an_answer_off_the_scale_is_refused(given: dict[str, object], why: object) -> None:
    with circle(2, "closed") as c:
        assert c.refused(0, "pulse", pulse=given) == why


def test_it_is_asked_once_the_step_is_closed_and_not_while_it_is_open_again() -> None:
    with circle(2, "consent") as c:
        assert c.refused(0, "pulse", pulse=FULL) == "not_in_this_stage"
        assert c.summary(0).pulse is None
        c.to("closed")
        c.act(0, "pulse", pulse=FULL)
        c.reopen("er kwam iets bij")
        assert c.refused(1, "pulse", pulse=FULL) == "not_in_this_stage"
        assert pulse.unanswered(c.turn(1)) == []


def test_it_is_published_when_all_answered_or_after_a_week_from_five_and_never_before() -> None:
    with circle(7, "closed") as c:
        for who in range(4):
            c.act(who, "pulse", pulse=FULL)
        a_week_later(c)
        assert c.refused(0, "publish_pulse") == "pulse_too_early", "four would be too few, however long one waits"
        c.act(4, "pulse", pulse=FULL)
        c.run.closed_at = now() - pulse.PATIENCE + dt.timedelta(minutes=5)
        c.session.flush()
        assert not c.summary(0).pulse.may_publish
        assert c.refused(0, "publish_pulse") == "pulse_too_early", "five, but the week is not over"
        c.act(5, "pulse", pulse=FULL)
        assert not published(c), "the seventh can still answer"
        a_week_later(c)
        c.act(0, "publish_pulse")
        assert len(published(c)) == 1


def test_it_earns_no_moment_and_shows_nobody_s_answer_to_another() -> None:
    with circle(3, "closed") as c:
        before = c.session.query(Moment).count()
        c.act(0, "pulse", pulse={"ours": 1})
        c.act(0, "pulse", pulse={"ours": 2})
        assert c.session.query(Moment).count() == before
        assert c.summary(0).pulse.own == {"ours": 2}
        shown = c.summary(1).pulse
        assert (shown.own, shown.published) == (None, None)
        assert set(vars(shown)) == {"own", "published", "may_publish", "few", "statements", "scale", "least"}
        assert c.summary(None).pulse is None


@pytest.mark.parametrize("people", [1, 4, 5, 7])
def test_it_is_published_with_the_last_answer_and_below_five_without_a_number(people: int) -> None:
    with circle(people, "closed") as c:
        for who in range(people):
            assert not published(c)
            c.act(who, "pulse", pulse={"ours": 3 + who % 2})
        body = published(c)[0].body
        if people < totals.LEAST:
            assert body == {"means": dict.fromkeys(pulse.ITEMS), "people": None, "of": people}
        else:
            assert (body["people"], body["of"]) == (people, people)
            assert 3 < body["means"]["ours"] < 4
            assert body["means"]["energy"] is None
        assert c.refused(0, "pulse", pulse=FULL) == "published_already"
        with pytest.raises(Refused, match="published_already"):
            pulse.publish(c.turn(None))


def test_a_member_may_publish_after_a_week_from_five_answers_on() -> None:
    with circle(7, "closed") as c:
        for who in range(4):
            c.act(who, "pulse", pulse=FULL)
        assert c.refused(0, "publish_pulse") == "pulse_too_early"
        a_week_later(c)
        assert c.refused(0, "publish_pulse") == "pulse_too_early"
        c.act(4, "pulse", pulse=FULL)
        c.act(6, "publish_pulse")
        assert published(c)[0].body["people"] == 5
        assert c.refused(5, "pulse", pulse=FULL) == "published_already"
        assert c.refused(5, "publish_pulse") == "pulse_too_early"


def test_the_home_hears_whose_answer_is_wanted() -> None:
    with circle(3, "closed") as c:
        one = c.members[1]
        assert pulse.unanswered(c.turn(0)) == ["ambition"]
        c.act(0, "pulse", pulse=FULL)
        assert pulse.unanswered(c.turn(0)) == []
        assert pulse.unanswered(c.turn(1)) == ["ambition"]
        one.standing = "leader"
        assert pulse.unanswered(c.turn(1)) == ()
        one.standing = "member"
        c.cycle.closed_at = now()
        assert pulse.unanswered(c.turn(1)) == ()


def test_the_trend_is_of_totals_in_the_order_of_cycles_and_steps() -> None:
    with circle(5, "closed") as c:
        for who in range(5):
            c.act(who, "pulse", pulse=FULL if who else dict.fromkeys(FULL, 5))
        second = Cycle(community_id=c.community.id, number=2)
        c.session.add(second)
        c.session.flush()
        run = StepRun(cycle_id=second.id, step="ambition", stage="closed", closed_at=now())
        c.session.add(run)
        c.session.flush()
        means = {"ours": 2.5, "counts": None, "energy": None}
        row = {"means": means, "people": 6}
        c.session.add(Contribution(step_run_id=run.id, kind=totals.PULSE, member_id=c.members[0].id, body=row))
        c.session.flush()
        found = pulse.trend(c.turn(0))
        assert [(point.cycle, point.step) for point in found] == [(1, "ambition"), (2, "ambition")]
        assert found[0].means == dict.fromkeys(pulse.ITEMS, 4.2)
        assert found[1].means == means


class Random(RuleBasedStateMachine):
    """Five to eight people below a closed step 1, who answer, come and go."""

    c: Circle

    @initialize(people=st.integers(3, 8))
    def begin(self, people: int) -> None:
        self._open = circle(people)
        self.c = self._open.__enter__()
        self.c.run.stage, self.c.run.closed_at = "closed", now()
        self.c.session.flush()
        self.frozen: dict[str, object] | None = None

    def teardown(self) -> None:
        if hasattr(self, "_open"):
            self._open.__exit__(None, None, None)

    @rule(number=st.integers(0, 7), given=st.dictionaries(st.sampled_from(list(pulse.ITEMS)), st.integers(0, 6)))
    def answer(self, number: int, given: dict[str, int]) -> None:
        self.c.refused(number % len(self.c.members), "pulse", pulse=given)

    @rule(number=st.integers(0, 7), there=st.booleans())
    def come_or_go(self, number: int, there: bool) -> None:
        person = self.c.members[number % len(self.c.members)].person_id
        self.c.session.scalars(select(Seat).filter_by(person_id=person)).one().present = there
        self.c.session.flush()

    @rule(number=st.integers(0, 7), wait=st.booleans())
    def press(self, number: int, wait: bool) -> None:
        if wait:
            a_week_later(self.c)
        self.c.refused(number % len(self.c.members), "publish_pulse")

    @invariant()
    def published_at_most_once_for_good_and_never_of_fewer_than_five(self) -> None:
        found = published(self.c)
        assert len(found) <= 1
        if not found:
            assert self.frozen is None
            return
        body = found[0].body
        self.frozen = self.frozen or body
        assert body == self.frozen
        answers = [item.body for item in stored(self.c.turn(None), pulse.ANSWER)]
        for name, mean in body["means"].items():
            assert (mean is not None) == (sum(name in each for each in answers) >= totals.LEAST)
        assert body["people"] is None or body["people"] >= totals.LEAST

    @invariant()
    def nobody_sees_another_s(self) -> None:
        for who, member in enumerate(self.c.members):
            turn = self.c.turn(who)
            for item in gate.gather(turn).items.values():
                assert item.kind != pulse.ANSWER or item.member_id == member.id


def test_whatever_people_do_the_pulse_exposes_nobody() -> None:
    run_state_machine_as_test(
        Random,
        settings=histories(10, 60, steps=20),
    )
