"""What always holds in step 6: random communities do random things, allowed and not."""

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
from lti_tool.domain.mechanisms import totals
from lti_tool.domain.reading import gate
from lti_tool.domain.thread import yields
from lti_tool.models import Moment, Seat
from lti_tool.models.voices import Contribution, Link
from lti_tool.steps import objecting
from lti_tool.steps.evaluation import survey
from tests.histories import histories
from tests.web.circle import STEPS, Circle, picture
from tests.web.ways.evaluation import STAGES, items, later, proof, quick
from tests.web.ways.objecting import sleep

WHO = st.integers(0, 7)
SOME = st.integers(-1, 60)
MANY = st.lists(SOME, max_size=3)
WORDS = st.sampled_from(["", "  ", "?!", "een", "twee", "drie", "omdat het goed is"])
PRIVATE = (survey.SURVEY, "pulse")

# What may lead to what, by link.
LEADS = {
    "answers": {("response", "story")},
    "chosen": {("chosen", "story")},
    "evidence of": {("verdict", "evidence"), ("verdict", "result")},
    "learned from": {("card", "evidence"), ("card", "action"), ("card", "result")},
    "built from": {("yield", "verdict"), ("yield", "chosen"), ("yield", "card")},
}


class Random(RuleBasedStateMachine):
    """A community of two to eight people at step 6; whatever they do, the invariants hold."""

    c: Circle

    @initialize(people=st.integers(2, 8), stage=st.sampled_from(STAGES[:-1]))
    def begin(self, people: int, stage: str) -> None:
        # In a circle of two no objection is put to all.
        self._open = picture(max(people, 3) if stage == objecting.NAME else people, quick, stage).copy()
        self.c = self._open.__enter__()
        self.earned = {who: self.moments(who) for who in range(len(self.c.members))}
        self.published: dict[str, object] = {}

    def teardown(self) -> None:
        if hasattr(self, "_open"):
            self._open.__exit__(None, None, None)

    def who(self, number: int) -> int:
        return number % len(self.c.members)

    def moments(self, who: int) -> set[str]:
        query = select(Moment.kind).filter_by(member_id=self.c.members[who].id, step_run_id=self.c.run.id)
        return set(self.c.session.scalars(query))

    def some(self, kind: str, number: int) -> int:
        """Often something of that kind, sometimes whatever has that number: of another kind, step or nobody."""
        there = [item.id for item in items(self.c, kind)]
        return there[number % len(there)] if there and number % 4 else number

    def sources(self, which: list[int]) -> list[int]:
        known = list(proof(self.c).values())
        return [known[each % len(known)] if each % 5 else each for each in which]

    @rule(people=WHO)
    def as_asked(self, people: int) -> None:
        for who in range(self.who(people) + 1):
            with contextlib.suppress(Refused, IndexError):
                self.c.do_the_task(who, self.c.run.stage)

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def whole_stage(self) -> None:
        self.as_asked(7)
        self.c.move()

    @rule(number=WHO, given=st.dictionaries(st.sampled_from(list(survey.ITEMS)), st.integers(0, 6)))
    def answer(self, number: int, given: dict[str, int]) -> None:
        self.c.refused(self.who(number), "survey", item=given, pulse={"ours": 3})

    @rule(number=WHO, text=WORDS, which=SOME)
    def tell(self, number: int, text: str, which: int) -> None:
        who = self.who(number)
        more = {"id": self.some("story", which)} if which % 3 == 0 else {}
        words = f"{text} van{who}" if text.strip(" ?!") else text
        self.c.refused(who, "story", text=words, why="daarom", lens="pupils", **more)

    @rule(number=WHO, which=SOME, text=WORDS)
    def respond(self, number: int, which: int, text: str) -> None:
        self.c.refused(self.who(number), "respond", story=self.some("story", which), text=text)

    @rule(number=WHO, laid=st.dictionaries(SOME, st.integers(-1, 4), max_size=3))
    def lay(self, number: int, laid: dict[int, int]) -> None:
        dots = {self.some("story", key): count for key, count in laid.items()}
        self.c.refused(self.who(number), "dots", dots=dots)

    @rule(number=WHO, put=st.sampled_from(["put", "put_back"]), given=st.sampled_from(["yes", "no", "no", "pass"]))
    def leave_it_to_the_others_or_weigh(self, number: int, put: str, given: str) -> None:
        self.c.refused(self.who(number), "leave_dots")
        sleep(self.c)
        self.c.refused(self.who(number), put)
        self.c.refused(self.who(number), objecting.NAME, answer=given)

    @rule(number=WHO, text=WORDS, which=MANY, version=st.integers(0, 3))
    def judge(self, number: int, text: str, which: list[int], version: int) -> None:
        who = self.who(number)
        self.c.refused(who, "why", text=text, version=version)
        self.c.refused(who, "verdict", answer="yes", text=text, sources=self.sources(which), version=version)
        self.c.refused(who, "card", sort="can", text=text, sources=self.sources(which))

    @rule(number=WHO, given=st.sampled_from(["agree", "concern", "objection", "abstain"]), words=WORDS)
    def consent(self, number: int, given: str, words: str) -> None:
        self.c.refused(self.who(number), "consent", answer=given, concern=words, harm=words, proposal=words)

    @rule(number=WHO, text=WORDS, version=st.integers(0, 3), choice=st.sampled_from(["stop", "new", "anders"]))
    def write(self, number: int, text: str, version: int, choice: str) -> None:
        who = self.who(number)
        self.c.refused(who, "yield", text=text, lessons=text, version=version)
        self.c.refused(who, "next", choice=choice, text=text, what=text, date=later(), version=version)

    @rule(number=WHO, given=st.sampled_from(["endorse", "endorse", "pass", "not_yet"]), words=WORDS, old=st.booleans())
    def endorse(self, number: int, given: str, words: str, old: bool) -> None:
        asked = self.c.rounds("endorse")
        seen = asked[0 if old else -1].id if asked else 1
        self.c.refused(self.who(number), "endorse", answer=given, missing=words, round=seen)
        self.c.refused(self.who(number), "late", answer=given)

    @invariant()
    def a_yield_is_asked_about_as_it_stands_and_only_in_its_stage(self) -> None:
        asked = [each for each in self.c.rounds("endorse") if each.closed_at is None]
        assert len(asked) == (self.c.run.stage == "endorse")
        for each in asked:
            text = yields.standing(self.c.turn(None))
            assert text is not None
            assert (each.subject_id, each.subject_version) == (text.id, text.version)

    @rule(number=WHO, kind=st.sampled_from(["story", "response", "survey", "card", "verdict", "yield"]), which=SOME)
    def take_back(self, number: int, kind: str, which: int) -> None:
        who, item = self.who(number), self.some(kind, which)
        body = self.c.session.get(Contribution, item)
        if self.c.refused(who, "withdraw", id=item) == "":
            assert body is not None
            assert body.member_id == self.c.members[who].id
            assert body.kind not in ("verdict", "yield")
            # The only way down: by one's own withdrawal, and only the moment of that sort.
            self.earned[who] -= {"response"} if body.kind == "response" else {"input"}

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
        people = range(len(self.c.members))
        for who in people:
            turn = self.c.turn(who)
            shown = self.c.shown(who) + repr(self.c.step.spotlight(turn)) + repr(self.c.step.outcome(turn))
            if self.c.run.stage == "survey":
                assert not any(f"van{n}" in shown for n in people if n != who)
            for item in gate.gather(turn).items.values():
                assert item.kind not in PRIVATE or item.member_id == self.c.members[who].id
            if self.c.run.stage != "survey":
                assert self.c.summary(who).survey is None

    @invariant()
    def totals_are_frozen_once_and_of_five_at_least(self) -> None:
        for kind in totals.PUBLISHED:
            found = items(self.c, kind)
            assert len(found) == (self.c.run.stage != "survey")
            for item in found:
                assert set(item.body) == {"means", "people", "of"}
                assert self.published.setdefault(kind, item.body) == item.body
        answers = [item.body for item in items(self.c, "survey")]
        for item in items(self.c, totals.SURVEY):
            for name, mean in item.body["means"].items():
                assert (mean is not None) == (sum(name in each for each in answers) >= totals.LEAST)

    @invariant()
    def one_story_and_one_voice_each(self) -> None:
        authors = [item.member_id for item in items(self.c, "story")]
        assert len(authors) == len(set(authors))
        for round_ in self.c.rounds("endorse"):
            said = [row.member_id for row in self.c.answers(round_)]
            assert len(said) == len(set(said))
        for round_ in self.c.rounds("dots"):
            assert all(1 <= count <= 3 for count in self.c.dots(round_).values())

    @invariant()
    def what_is_settled_was_endorsed_as_it_stands(self) -> None:
        turn = self.c.turn(None)
        assert yields.endorsed(turn) == (self.c.run.closed_at is not None)
        if self.c.run.closed_at is None:
            return
        last, text = self.c.rounds("endorse")[-1], yields.standing(turn)
        assert text is not None
        assert (last.outcome, last.subject_id, last.subject_version) == ("endorsed", text.id, text.version)
        said = [row.answer for row in self.c.answers(last)]
        assert "endorse" in said
        assert items(self.c, "verdict")
        # Where everybody left it to the others no story was chosen, and no why was asked.
        assert all(each.body["why"] for each in items(self.c, "chosen"))
        assert yields.read(turn).keys() == {"yield", "next", "look_back"}
        noted = {item.body["consent"] for item in items(self.c, "objection_note")}
        raised = [row.id for row in self.c.answers(self.c.rounds("consent")[-1]) if row.answer == "objection"]
        assert set(raised) <= noted

    @invariant()
    def links_lead_where_they_should_and_no_one_answers_themselves(self) -> None:
        rows = {item.id: item for item in self.c.session.scalars(select(Contribution))}
        for link in self.c.session.scalars(select(Link)):
            one, other = rows[link.from_id], rows[link.to_id]
            if one.step_run_id == self.c.run.id:
                assert (one.kind, other.kind) in LEADS[link.kind]
                assert link.kind != "answers" or one.member_id != other.member_id
        there = {(link.from_id, link.kind) for link in self.c.session.scalars(select(Link))}
        for kind, needed in (("verdict", "evidence of"), ("card", "learned from")):
            assert all((item.id, needed) in there for item in items(self.c, kind))

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


def test_whatever_people_do_what_is_promised_holds() -> None:
    run_state_machine_as_test(
        Random,
        settings=histories(8, 60, steps=20),
    )
