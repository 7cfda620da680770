"""Rounds, and what always holds: random communities do random things, allowed and not."""

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle, participation
from lti_tool.domain.mechanisms import objections, rounds
from lti_tool.domain.reading import deciding
from lti_tool.models import RoundOutcome, Seat
from lti_tool.models.voices import Contribution, Link
from lti_tool.steps import objecting
from tests.histories import histories
from tests.web.circle import STAGES, STEPS, Circle, circle, stored
from tests.web.ways.ambition import write
from tests.web.ways.objecting import sleep


def test_the_newest_round_of_a_kind_is_the_one_that_counts() -> None:
    with circle(1) as c:
        turn = c.turn(None)
        assert rounds.latest(turn, "dots") is None
        first = rounds.open_round(turn, "dots")
        assert rounds.open_one(turn, "dots") is first
        rounds.close(c.turn(0), first, RoundOutcome.COUNTED)
        with pytest.raises(Refused, match="round_closed"):
            rounds.open_one(turn, "dots")
        second = rounds.open_round(turn, "dots")
        assert rounds.latest(turn, "dots") is second
        assert rounds.latest(turn, "consent") is None


def test_a_round_is_about_the_version_the_text_has_when_it_opens() -> None:
    with circle(2, "draft") as c:
        write(c, 0, text="eerst in onze lessen")
        write(c, 1, text="beter in onze lessen")
        c.move()
        round_ = c.rounds("consent")[0]
        assert (round_.subject_id, round_.subject_version) == (c.proposal().id, 2)  # type: ignore[union-attr]


def test_ten_posts_by_one_person_weigh_as_one() -> None:
    with circle(3, "respond") as c:
        target = c.own(1)[0].id
        for number in range(10):
            c.act(0, "respond", idea=target, text=f"reactie {number} in onze lessen")
        turn = c.turn(0)
        assert len(deciding.author_ids(turn, "response")) == 1
        assert c.step.waiting(turn).done == 1  # type: ignore[union-attr]
        assert c.moments(0) == {"input", "response"}


# How contributions of step 1 may hang together: kind of link -> the kinds it leads from and to.
LINKED = {
    "why": {("proposal", "idea")},
    "asked into": {("merged", "idea"), ("merged", "merged")},
    "agrees with": {("agreed", "idea")},
    "answers": {("response", "idea")},
    "restates": {("restatement", "idea")},
    "answers to": {("restated", "restatement")},
    "made by": {("merged", "group"), ("apart", "group")},
    "merged into": {("idea", "merged"), ("merged", "merged")},
    "built from": {("proposal", "idea"), ("proposal", "merged")},
}
WHO = st.integers(0, 7)
SOME = st.integers(-1, 40)
WORDS = st.sampled_from(
    ["", "  ", "?!", "een", *(f"{each} voor allen" for each in ("een", "twee", "drie", "vier", "vijf"))]
)


class Random(RuleBasedStateMachine):
    """A community of two to eight people; whatever they do, the invariants hold."""

    c: Circle

    @initialize(people=st.integers(2, 8), stage=st.sampled_from(STAGES[:-1]))
    def begin(self, people: int, stage: str) -> None:
        # In a circle of two no objection is put to all.
        self._open = circle(max(people, 3) if stage == objecting.NAME else people, stage)
        self.c = self._open.__enter__()
        self.earned = {who: self.c.moments(who) for who in range(len(self.c.members))}

    def teardown(self) -> None:
        if hasattr(self, "_open"):
            self._open.__exit__(None, None, None)

    def who(self, number: int) -> int:
        return number % len(self.c.members)

    def item(self, number: int) -> int:
        ideas = self.c.ideas()
        # Sometimes an idea, sometimes whatever has that number: a response, a text, nothing.
        return ideas[number % len(ideas)].id if ideas and number % 3 else number

    @rule(people=st.integers(1, 8))
    def as_asked(self, people: int) -> None:
        """The first so many do what the stage asks of them."""
        for who in range(self.who(people) + 1):
            with contextlib.suppress(Refused):
                self.c.do_the_task(who, self.c.run.stage)

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def whole_stage(self) -> None:
        """Everybody does it, and the stage is ended."""
        self.as_asked(7)
        with self.nothing_adopted_that_should_not_be():
            self.c.move()

    @rule(number=WHO, text=WORDS, which=SOME, change=st.booleans())
    def idea(self, number: int, text: str, which: int, change: bool) -> None:
        who = self.who(number)
        more = {"id": self.item(which)} if change else {}
        self.c.refused(who, "idea", text=f"{text} van{who}" if text.strip(" ?!") else text, why=f"van{who}", **more)

    @rule(number=WHO, which=SOME)
    def withdraw(self, number: int, which: int) -> None:
        who = self.who(number)
        if self.c.refused(who, "withdraw", id=self.item(which)) == "" and not self.c.own(who):
            # The only way down: one's own last idea, taken back by oneself.
            self.earned[who].discard("input")

    @rule(number=WHO, text=WORDS, which=SOME)
    def respond(self, number: int, text: str, which: int) -> None:
        self.c.refused(self.who(number), "respond", idea=self.item(which), text=text)

    @rule(number=WHO, laid=st.dictionaries(SOME, st.integers(-1, 4), max_size=3))
    def lay(self, number: int, laid: dict[int, int]) -> None:
        self.c.refused(self.who(number), "dots", dots={self.item(key): count for key, count in laid.items()})

    @rule(number=WHO, text=WORDS, which=st.lists(SOME, max_size=3), version=st.integers(0, 3))
    def propose(self, number: int, text: str, which: list[int], version: int) -> None:
        ideas = [self.item(each) for each in which]
        self.c.refused(self.who(number), "propose", text=text, ideas=ideas, version=version)

    @rule(number=WHO, action=st.sampled_from(["take_pen", "hand_on_pen", "keep_apart"]))
    def press_a_button(self, number: int, action: str) -> None:
        self.c.refused(self.who(number), action)

    @rule(number=WHO, which=SOME, text=WORDS)
    def restate(self, number: int, which: int, text: str) -> None:
        self.c.refused(self.who(number), "restate", idea=self.item(which), text=f"{text} verteld door {number}")

    @rule(number=WHO, which=st.lists(SOME, min_size=1, max_size=4), text=WORDS)
    def merge(self, number: int, which: list[int], text: str) -> None:
        sources = [self.item(each) for each in which]
        self.c.refused(self.who(number), "merge", text=f"{text} samen {number}", sources=sources)

    @rule(number=WHO, which=SOME)
    def take_apart(self, number: int, which: int) -> None:
        self.c.refused(self.who(number), "take_apart", id=self.item(which))

    @rule(number=WHO, given=st.sampled_from(["agree", "concern", "objection", "abstain", "ja"]), words=WORDS)
    def answer(self, number: int, given: str, words: str) -> None:
        self.c.refused(self.who(number), "consent", answer=given, concern=words, harm=words, proposal=words)

    @rule(number=WHO)
    def leave_dots(self, number: int) -> None:
        self.c.refused(self.who(number), "leave_dots")

    @rule(number=WHO, text=WORDS, what=st.sampled_from(["solve", "resolve"]))
    def work_it_through(self, number: int, text: str, what: str) -> None:
        raised = [row.id for each in self.c.rounds("consent") for row in self.c.answers(each)]
        self.c.refused(self.who(number), what, consent=raised[number % len(raised)] if raised else 1, text=text)

    @rule(number=WHO, action=st.sampled_from(["put", "put", "put_back"]))
    def put_to_all(self, number: int, action: str) -> None:
        self.c.refused(self.who(number), action)

    @rule(number=WHO, given=st.sampled_from(["yes", "no", "no", "pass"]))
    def weigh(self, number: int, given: str) -> None:
        self.c.refused(self.who(number), "weigh_objection", answer=given)

    @rule()
    def a_night_goes_by(self) -> None:
        sleep(self.c)

    @rule(number=WHO, there=st.booleans())
    def come_or_go(self, number: int, there: bool) -> None:
        person = self.c.members[self.who(number)].person_id
        self.c.session.scalars(select(Seat).filter_by(person_id=person)).one().present = there
        self.c.session.flush()

    @rule(number=WHO, standing=st.sampled_from(["member", "member", "member", "outside", "leader"]))
    def change_standing(self, number: int, standing: str) -> None:
        self.c.members[self.who(number)].standing = standing
        self.c.session.flush()

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def press(self) -> None:
        with self.nothing_adopted_that_should_not_be():
            self.c.move()

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def date_comes(self) -> None:
        self.c.run.closes_at = now()
        with self.nothing_adopted_that_should_not_be():
            cycle.on_date(self.c.session, self.c.run.id, self.c.run.stage, STEPS)

    @invariant()
    def nothing_hidden_is_shown(self) -> None:
        if self.c.run.stage != "ideas":
            return
        for who in range(len(self.c.members)):
            shown = self.c.shown(who)
            assert not any(f"van{n}" in shown for n in range(len(self.c.members)) if n != who)

    @contextlib.contextmanager
    def nothing_adopted_that_should_not_be(self) -> Iterator[None]:
        """Below the quorum nothing is; over an objection only where two thirds find no harm, and it is noted."""
        stage, circle_ = self.c.run.stage, self.c.turn(None).circle
        standing = objections.open_ones(self.c.turn(None))
        yield
        if self.c.run.closed_at is None or stage == "closed":
            return
        last = max(self.c.rounds("consent") + self.c.rounds("overrule"), key=lambda each: each.id)
        given = [row.answer for row in self.c.answers(last) if row.member_id in circle_.members]
        assert len(given) >= circle_.quorum
        assert self.c.step.outcome(self.c.turn(None))
        if last.kind == "consent":
            assert last.outcome == "adopted"
            assert "objection" not in given
            assert sum(each in ("agree", "concern") for each in given) >= min(2, circle_.size)
        else:
            assert last.outcome == "overruled"
            assert circle_.size > 2
            assert 3 * given.count("no") >= 2 * len(given)
            noted = {item.body["consent"] for item in stored(self.c.turn(None), "objection_note")}
            assert {row.id for row in standing} <= noted

    @invariant()
    def dots_are_equal_and_lie_on_ideas(self) -> None:
        for round_ in self.c.rounds("dots"):
            assert all(1 <= count <= 3 for count in self.c.dots(round_).values())

    @invariant()
    def participation_only_rises(self) -> None:
        for who, before in self.earned.items():
            after = self.c.moments(who)
            assert after >= before
            assert (participation.score(len(after), "moments") or 0) >= (
                participation.score(len(before), "moments") or 0
            )
            self.earned[who] = after

    @invariant()
    def everyone_counts_once(self) -> None:
        turn = self.c.turn(None)
        present = cycle.present_members(self.c.session, self.c.community)
        waiting = self.c.step.waiting(turn)
        assert waiting is None or waiting.done <= present
        assert len(deciding.author_ids(turn, "idea")) <= len(self.c.members)
        assert all(len(self.c.own(who)) <= 3 for who in range(len(self.c.members)))

    @invariant()
    def at_most_one_round_is_open_and_only_in_its_stage(self) -> None:
        for kind, stage in (("dots", "dots"), ("consent", "consent"), ("overrule", objecting.NAME)):
            still_open = [each for each in self.c.rounds(kind) if each.closed_at is None]
            assert len(still_open) == (self.c.run.stage == stage)

    @invariant()
    def what_is_linked_belongs_together(self) -> None:
        items = {item.id: item for item in self.c.session.scalars(select(Contribution))}
        for link in self.c.session.scalars(select(Link)):
            kinds = items[link.from_id].kind, items[link.to_id].kind
            assert kinds in LINKED[link.kind], (link.kind, kinds)
            if link.kind == "answers":
                assert items[link.from_id].member_id != items[link.to_id].member_id
        text = self.c.proposal()
        if text is not None:
            assert any(
                link.from_id == text.id for link in self.c.session.scalars(select(Link).filter_by(kind="built from"))
            )


def test_whatever_people_do_what_is_promised_holds() -> None:
    run_state_machine_as_test(
        Random,
        settings=histories(12, 120, steps=25),
    )
