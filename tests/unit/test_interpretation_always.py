"""What always holds in step 3: random communities do random things, allowed and not."""

import contextlib

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
from lti_tool.domain import Refused, cycle
from lti_tool.domain.mechanisms import choosing, dots
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.pieces import Gathered
from lti_tool.domain.thread import attention, threads
from lti_tool.models import Moment, Seat
from lti_tool.models.voices import Contribution, Link
from lti_tool.steps import objecting
from lti_tool.steps.interpretation import acts
from tests.histories import histories
from tests.web.circle import STEPS, Circle, picture
from tests.web.ways.interpretation import STAGES, evidence, items, resolve

WHO = st.integers(0, 5)
SOME = st.integers(-1, 60)
MANY = st.lists(SOME, max_size=3)
WORDS = st.sampled_from(["", "  ", "?!", "een", "twee", "drie", "vier", "omdat het goed is"])

# What may lead to what, by link.
LEADS = {
    "evidence of": {("observation", "evidence")},
    "answers": {("reaction", "observation")},
    "explains": {("explanation", "observation")},
    "rival of": {("explanation", "explanation")},
    "built from": {("point", "observation"), ("shortlist", "point")},
    "explained by": {("point", "explanation")},
    "considered": {("point", "explanation")},
    "beside": {("minority", "point")},
    "adopted from": {("attention", "point")},
    "about": {("evidence", "question")},
}


class Random(RuleBasedStateMachine):
    """A community of two to six people at step 3; whatever they do, the invariants hold."""

    c: Circle

    @initialize(people=st.integers(2, 6), stage=st.sampled_from(STAGES[:-1]))
    def begin(self, people: int, stage: str) -> None:
        # In a circle of two no objection is put to all.
        self._open = picture(max(people, 3) if stage == objecting.NAME else people, "interpretation", stage).copy()
        self.c = self._open.__enter__()
        self.earned = {who: self.moments(who) for who in range(len(self.c.members))}

    def teardown(self) -> None:
        if hasattr(self, "_open"):
            self._open.__exit__(None, None, None)

    def who(self, number: int) -> int:
        return number % len(self.c.members)

    def moments(self, who: int) -> set[str]:
        query = select(Moment.kind).filter_by(member_id=self.c.members[who].id, step_run_id=self.c.run.id)
        return set(self.c.session.scalars(query))

    def held(self) -> Gathered:
        return acts.held(self.c.turn(None))

    def some(self, kind: str, number: int) -> int:
        """Often something of that kind, sometimes whatever has that number: of another kind, step or nobody."""
        there = [item.id for item in items(self.c, kind)]
        return there[number % len(there)] if there and number % 4 else number

    @rule(people=st.integers(1, 6))
    def as_asked(self, people: int) -> None:
        for who in range(self.who(people) + 1):
            with contextlib.suppress(Refused, IndexError):
                self.c.do_the_task(who, self.c.run.stage)

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def whole_stage(self) -> None:
        self.as_asked(5)
        self.c.move()

    @rule(number=WHO, text=WORDS, which=MANY, change=SOME)
    def observe(self, number: int, text: str, which: list[int], change: int) -> None:
        who, known = self.who(number), evidence(self.c)
        more = {"id": self.some("observation", change)} if change % 3 == 0 else {}
        ids = [known[each % len(known)] if each % 5 else each for each in which]
        words = f"{text} van{who}" if text.strip(" ?!") else text
        self.c.refused(who, "observe", text=words, evidence=ids, **more)

    @rule(number=WHO, which=SOME, choice=st.sampled_from(["seen_too", "question", "anders"]), text=WORDS)
    def react(self, number: int, which: int, choice: str, text: str) -> None:
        which = self.some("observation", which)
        self.c.refused(self.who(number), "react", observation=which, choice=choice, text=text)

    @rule(number=WHO, which=MANY, text=WORDS, rival=SOME)
    def explain(self, number: int, which: list[int], text: str, rival: int) -> None:
        more = {"rival": self.some("explanation", rival)} if rival % 2 else {}
        seen = [self.some("observation", each) for each in which]
        self.c.refused(self.who(number), "explain", observations=seen, text=text, **more)

    @rule(number=WHO, which=MANY, text=WORDS, likely=SOME, others=MANY)
    def point(self, number: int, which: list[int], text: str, likely: int, others: list[int]) -> None:
        seen = [self.some("observation", each) for each in which]
        considered = [self.some("explanation", each) for each in others]
        self.c.refused(
            self.who(number), "point", text=text, why="daarom", observations=seen,
            explanation=self.some("explanation", likely), considered=considered,
        )  # fmt: skip

    @rule(number=WHO, text=WORDS, which=SOME)
    def others(self, number: int, text: str, which: int) -> None:
        who = self.who(number)
        self.c.refused(who, "fine")
        self.c.refused(who, "minority", text=text, **({"point": self.some("point", which)} if which % 2 else {}))
        self.c.refused(who, "late", answer="concern", concern=text)

    @rule(number=WHO, which=SOME, text=WORDS, version=st.integers(1, 3))
    def mend(self, number: int, which: int, text: str, version: int) -> None:
        self.c.refused(self.who(number), "mend", id=self.some("point", which), text=text, why=text, version=version)

    @rule(number=WHO, given=st.sampled_from(["agree", "agree", "concern", "objection", "abstain"]), words=WORDS)
    def consent(self, number: int, given: str, words: str) -> None:
        self.c.refused(self.who(number), "consent", answer=given, concern=words, harm=words, proposal=words)

    @precondition(lambda self: self.c.run.stage == "need")
    @rule(number=WHO)
    def work_through(self, number: int) -> None:
        resolve(self.c, self.who(number))

    @rule(number=WHO, laid=st.dictionaries(SOME, st.integers(-1, 4), max_size=3))
    def lay(self, number: int, laid: dict[int, int]) -> None:
        on = {self.some("point", key): count for key, count in laid.items()}
        self.c.refused(self.who(number), "dots", dots=on)

    @rule(number=WHO)
    def leave_dots(self, number: int) -> None:
        self.c.refused(self.who(number), "leave_dots")

    @rule(number=WHO, kind=st.sampled_from(["observation", "reaction", "explanation", "point", "minority"]), which=SOME)
    def take_back(self, number: int, kind: str, which: int) -> None:
        who, item = self.who(number), self.some(kind, which)
        body = self.c.session.get(Contribution, item)
        if self.c.refused(who, "withdraw", id=item) == "":
            assert body is not None
            assert body.member_id == self.c.members[who].id
            # The only way down: by one's own withdrawal, and only the moment of that sort.
            self.earned[who] -= {"input"} if body.kind in ("observation", "point") else {"response"}

    @rule(number=WHO, there=st.booleans())
    def come_or_go(self, number: int, there: bool) -> None:
        person = self.c.members[self.who(number)].person_id
        self.c.session.scalars(select(Seat).filter_by(person_id=person)).one().present = there
        self.c.session.flush()

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def press(self) -> None:
        self.c.move()

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def date_comes(self) -> None:
        self.c.run.closes_at = now()
        cycle.on_date(self.c.session, self.c.run.id, self.c.run.stage, STEPS)

    @precondition(lambda self: self.c.run.closed_at is not None)
    @rule()
    def reopen(self) -> None:
        self.c.reopen("er kwam iets bij")

    @invariant()
    def nothing_hidden_is_shown(self) -> None:
        if self.c.run.stage != "see":
            return
        for who in range(len(self.c.members)):
            shown = self.c.shown(who) + repr(self.c.step.spotlight(self.c.turn(who)))
            assert not any(f"van{n}" in shown for n in range(len(self.c.members)) if n != who)

    @invariant()
    def every_fact_has_evidence_and_every_explanation_a_fact(self) -> None:
        links = list(self.c.session.scalars(select(Link)))
        for kind, needed in (("observation", {"evidence of"}), ("explanation", {"explains"}),
                             ("point", {"built from", "explained by", "considered"})):  # fmt: skip
            for item in items(self.c, kind):
                assert {link.kind for link in links if link.from_id == item.id} >= needed

    @invariant()
    def a_point_names_two_different_explanations_of_what_it_is_built_from(self) -> None:
        for thread in threads.of_points(self.held(), threads.sources(self.c.turn(None))):
            assert thread.explanation is not None
            assert thread.explanation not in thread.considered
            assert thread.considered

    @invariant()
    def links_lead_where_they_should_and_no_one_answers_themselves(self) -> None:
        rows = {item.id: item for item in self.c.session.scalars(select(Contribution))}
        step3 = self.c.run.id
        for link in self.c.session.scalars(select(Link)):
            one, other = rows[link.from_id], rows[link.to_id]
            if one.step_run_id == step3:
                assert (one.kind, other.kind) in LEADS[link.kind]
            if link.kind == "answers" and one.step_run_id == step3:
                assert one.member_id != other.member_id

    @invariant()
    def what_is_adopted_is_what_the_dots_chose_and_knows_its_origins(self) -> None:
        standing = attention.standing(self.c.turn(None))
        counted = [each for each in self.c.rounds("dots") if each.closed_at is not None]
        if counted and self.c.run.closed_at is not None:
            asked = dots.series(self.c.turn(None), counted[-1])
            choice = choosing.choose([deciding.tally(self.c.turn(None), each) for each in asked])
            assert len(standing) == len(choice.chosen)
            assert len(standing) <= (3, 6, 99)[len(asked) - 1]
        found = threads.of_cycle(self.c.turn(None))
        assert len(found) == len(standing)
        assert threads.orphans(found) == []
        if self.c.run.closed_at is not None:
            # Where everybody left it to the others nothing stands.
            assert bool(self.c.step.outcome(self.c.turn(None))) == bool(standing)

    @invariant()
    def what_is_adopted_is_the_list_that_nobody_objected_to(self) -> None:
        rounds, [listed] = self.c.rounds("consent"), items(self.c, "shortlist") or [None]
        mine = [each for each in rounds if listed is not None and each.subject_id == listed.id]
        # Each list is put once, and in the stage that asks about it as it stands.
        assert len({each.subject_version for each in mine}) == len(mine)
        assert sum(each.closed_at is None for each in mine) == (self.c.run.stage == "consent")
        if self.c.run.closed_at is None:
            return
        last, ids = mine[-1], [each for each, _ in listed.body["points"]]  # type: ignore[union-attr]
        assert last.subject_version == listed.version  # type: ignore[union-attr]
        # Nobody objects, or all found that it does no harm: then the objection stands beside it.
        raised = {row.id for row in self.c.answers(last) if row.answer == "objection"}
        assert last.outcome == ("objected" if raised else "adopted")
        assert raised <= {item.body["consent"] for item in items(self.c, "objection_note")}
        points = {item.id: item.body for item in items(self.c, "point")}
        standing = attention.standing(self.c.turn(None))
        assert {frozenset(item.body.items()) for item in standing} == {frozenset(points[i].items()) for i in ids}

    @invariant()
    def after_thinking_there_is_something_to_carry_on(self) -> None:
        if self.c.run.stage in ("need", "dots", "consent", "closed"):
            assert any(each.carried for each in self.c.summary(None).observations)

    @invariant()
    def dots_are_equal(self) -> None:
        for round_ in self.c.rounds("dots"):
            assert all(1 <= count <= 3 for count in self.c.dots(round_).values())
        still_open = [each for each in self.c.rounds("dots") if each.closed_at is None]
        assert len(still_open) == (self.c.run.stage == "dots")

    @invariant()
    def participation_only_rises_unless_one_takes_back(self) -> None:
        for who, before in self.earned.items():
            after = self.moments(who)
            assert after >= before
            self.earned[who] = after

    @invariant()
    def people_count_and_not_posts(self) -> None:
        waiting = self.c.step.waiting(self.c.turn(None))
        assert waiting is None or waiting.done <= cycle.present_members(self.c.session, self.c.community)
        for who in range(len(self.c.members)):
            mine = [item for item in items(self.c, "observation") if item.member_id == self.c.members[who].id]
            assert len(mine) <= 5


def test_whatever_people_do_what_is_promised_holds() -> None:
    run_state_machine_as_test(
        Random,
        settings=histories(10, 90, steps=25),
    )
