"""What always holds in step 4: random communities do random things, allowed and not."""

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
from werkzeug.datastructures import MultiDict

from lti_tool.circle.loading import FormError, load_form
from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.thread import actions
from lti_tool.models import Member, Moment, Seat
from lti_tool.models.voices import Contribution, Link
from lti_tool.steps import objecting
from lti_tool.steps.consequences import Consequences, support
from tests.histories import histories
from tests.web.circle import STEPS, Circle, circle, stored
from tests.web.ways.consequences import items, points, soon
from tests.web.ways.objecting import sleep

STAGES = [stage.name for stage in Consequences.stages]
WHO = st.integers(0, 5)
SOME = st.integers(-1, 90)
WORDS = st.sampled_from(["", "  ", "?!", "een", "twee", "drie", "vier"])

# What may lead to what, by link, of what belongs to step 4.
LEADS = {
    "follows from": {("consequence", "attention"), ("action", "attention")},
    "joins": {("join", "consequence")},
    "answers": {("advice", "consequence"), ("answer", "request")},
    "realises": {("action", "consequence")},
    "owns": {("owner", "action")},
    "buddies": {("buddy", "action")},
    "asks for": {("request", "action")},
    "goes on without": {("gone_on", "request")},
}


class Random(RuleBasedStateMachine):
    """A community of two to six people at step 4, and who leads the school; whatever they do, the invariants hold."""

    c: Circle

    @initialize(people=st.integers(2, 6), stage=st.sampled_from(STAGES))
    def begin(self, people: int, stage: str) -> None:
        # In a circle of two no objection is put to all.
        self._open = circle(max(people, 3) if stage == objecting.NAME else people, stage, Consequences())
        self.c = self._open.__enter__()
        self.earned = {who: self.moments(who) for who in range(len(self.c.members))}
        self.took_on: set[tuple[int, int]] = {(item.id, item.member_id) for item in self.taken()}

    def teardown(self) -> None:
        if hasattr(self, "_open"):
            self._open.__exit__(None, None, None)

    def who(self, number: int) -> int:
        return number % len(self.c.members)

    def moments(self, who: int) -> set[str]:
        query = select(Moment.kind).filter_by(member_id=self.c.members[who].id, step_run_id=self.c.run.id)
        return set(self.c.session.scalars(query))

    def taken(self) -> list[Contribution]:
        query = select(Contribution).where(Contribution.kind.in_(("owner", "buddy")))
        return list(self.c.session.scalars(query))

    def some(self, kind: str, number: int) -> int:
        """Often something of that kind, sometimes whatever has that number: of another kind, step or nobody."""
        there = [item.id for item in items(self.c, kind)]
        return there[number % len(there)] if there and number % 4 else number

    def press(self, who: int, action: str, **fields: object) -> None:
        """Do it; what was taken on by it was taken on by whoever pressed."""
        self.c.refused(who, action, **fields)
        for item in self.taken():
            if (item.id, item.member_id) not in self.took_on:
                assert item.member_id == self.c.members[who].id
                assert action in ("own", "buddy")
                self.took_on.add((item.id, item.member_id))

    @rule(people=st.integers(1, 6))
    def as_asked(self, people: int) -> None:
        for who in range(self.who(people) + 1):
            with contextlib.suppress(Refused, FormError, IndexError, ZeroDivisionError):
                self.c.do_the_task(who, self.c.run.stage)
        self.took_on |= {(item.id, item.member_id) for item in self.taken()}

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def whole_stage(self) -> None:
        self.as_asked(5)
        self.c.move()

    @rule(number=WHO, text=WORDS, which=SOME, change=SOME)
    def propose(self, number: int, text: str, which: int, change: int) -> None:
        who, known = self.who(number), points(self.c)
        source: list[object] = ["new"] if which % 3 == 0 else [known[which % len(known)] if which % 5 else which]
        more = {"id": self.some("consequence", change)} if change % 3 == 0 else {}
        words = f"{text} van{who}." if text.strip(" ?!") else text
        self.press(who, "propose", act=words, effect=words, notice=words, source=source, **more)

    @rule(number=WHO, which=SOME, sort=st.sampled_from(["clarify", "probe", "advise", "anders"]), text=WORDS)
    def talk(self, number: int, which: int, sort: str, text: str) -> None:
        target = self.some("consequence", which)
        self.press(self.who(number), "advise", proposal=target, sort=sort, text=text)
        if which % 2:
            self.press(self.who(number), "join", proposal=target)

    @rule(number=WHO, which=SOME, text=WORDS, change=SOME, hours=st.integers(-1, 30), day=st.integers(-2, 30))
    def make(self, number: int, which: int, text: str, change: int, hours: int, day: int) -> None:
        kind = "consequence" if which % 2 else "action"
        origin = points(self.c)[0] if which % 7 == 0 else self.some(kind, which)
        more = {"id": self.some("action", change), "version": change % 3} if change % 3 == 0 else {}
        fields = {"what": f"{text} {which}" if text else text, "sign": text, "date": soon(day), "hours": hours}
        self.press(self.who(number), "action", origin=origin, **fields, **more)

    @rule(number=WHO, which=SOME, action=st.sampled_from(["own", "own", "buddy", "let_go", "take_off", "pass"]))
    def take_on(self, number: int, which: int, action: str) -> None:
        fields = {} if action == "pass" else {"id": self.some("action", which)}
        self.press(self.who(number), action, **fields, **({"version": 1} if action == "take_off" else {}))

    @rule(number=WHO, which=SOME, text=WORDS, day=st.integers(-2, 30))
    def ask(self, number: int, which: int, text: str, day: int) -> None:
        more = {"card": self.some("action", which)} if which % 2 else {}
        self.press(self.who(number), "request", text=text, reply_by=soon(day), **more)
        if which % 3 == 0:
            self.press(self.who(number), "go_on", id=self.some("request", which), reason=text)

    @rule(number=WHO, which=SOME, given=st.sampled_from(["yes", "no", "ooit"]), text=WORDS, leads=st.booleans())
    def reply(self, number: int, which: int, given: str, text: str, leads: bool) -> None:
        who: Member = self.c.members[self.who(number)]
        before, was = len(items(self.c, "answer")), who.standing
        who.standing = "leader" if leads else was
        declared = self.c.step.leader_deed("answer")
        assert declared is not None
        said = {"request": self.some("request", which), "answer": given, "text": text, "seen": 1, "version": which % 2}
        with contextlib.suppress(Refused, FormError):
            turn = cycle.Turn(self.c.session, self.c.community, self.c.cycle, self.c.run, who, STEPS)
            form = load_form(declared.schema, MultiDict({name: str(value) for name, value in said.items()}))
            self.c.step.perform(turn, declared, form)
        assert leads or len(items(self.c, "answer")) == before
        who.standing = was
        self.c.session.flush()

    @rule(number=WHO, kind=st.sampled_from(["consequence", "join", "advice", "request", "owner", "action"]), which=SOME)
    def take_back(self, number: int, kind: str, which: int) -> None:
        who, item = self.who(number), self.some(kind, which)
        body = self.c.session.get(Contribution, item)
        if self.c.refused(who, "withdraw", id=item) == "":
            assert body is not None
            assert body.member_id == self.c.members[who].id
            # The only way down: by one's own withdrawal, and only the moment of that sort.
            self.earned[who] -= {"consequence": {"input"}, "join": {"input"}, "advice": {"response"}}.get(
                body.kind, set()
            )

    @rule(number=WHO, given=st.sampled_from(["agree", "concern", "objection", "abstain", "ja"]), words=WORDS)
    def answer(self, number: int, given: str, words: str) -> None:
        for action in ("consent", "late"):
            self.press(self.who(number), action, answer=given, concern=words, harm=words, proposal=words)

    @rule(text=WORDS, number=WHO)
    def resolve(self, text: str, number: int) -> None:
        for round_ in self.c.rounds("consent"):
            for row in self.c.answers(round_):
                self.press(self.who(number), "resolve", consent=row.id, text=text, version=0)

    @rule(number=WHO, put=st.sampled_from(["put", "put_back"]), given=st.sampled_from(["yes", "no", "no", "pass"]))
    def weigh(self, number: int, put: str, given: str) -> None:
        sleep(self.c)
        self.press(self.who(number), put)
        self.press(self.who(number), objecting.NAME, answer=given)

    @rule(number=WHO, there=st.booleans())
    def come_or_go(self, number: int, there: bool) -> None:
        person = self.c.members[self.who(number)].person_id
        self.c.session.scalars(select(Seat).filter_by(person_id=person)).one().present = there
        self.c.session.flush()

    @precondition(lambda self: self.c.run.closed_at is None)
    @rule()
    def date_comes(self) -> None:
        self.c.run.closes_at = now()
        cycle.on_date(self.c.session, self.c.run.id, self.c.run.stage, STEPS)

    @precondition(lambda self: self.c.run.closed_at is not None)
    @rule()
    def reopen(self) -> None:
        self.c.reopen("er kwam iets bij")

    def cards(self) -> list[actions.Card]:
        return actions.cards(actions.held(self.c.turn(None)))

    @invariant()
    def nothing_hidden_is_shown(self) -> None:
        if self.c.run.stage != "propose":
            return
        everywhere = repr(self.c.step.for_leader(self.c.turn(None))) + repr(actions.held(self.c.turn(None)).items)
        for who in range(len(self.c.members)):
            turn = self.c.turn(who)
            shown = self.c.shown(who) + repr(self.c.step.spotlight(turn)) + everywhere
            shown += repr([f.options(turn) for a in self.c.step.deeds for f in a.noted if f.options])
            assert not any(f"van{n}." in shown for n in range(len(self.c.members)) if n != who)

    @invariant()
    def never_more_than_two_active_of_one_owner_and_no_owner_is_their_own_buddy(self) -> None:
        found = self.cards()
        for member in self.c.members:
            assert len(actions.active(found, member.id)) <= 2
        for card in found:
            assert set(card.owners).isdisjoint(card.buddies)
            assert len(set(card.owners)) == len(card.owners)
            assert len(set(card.buddies)) == len(card.buddies)

    @invariant()
    def every_action_knows_its_origin_and_every_proposal_its_source(self) -> None:
        for card in self.cards():
            assert card.rooted
        links = list(self.c.session.scalars(select(Link).filter_by(kind="follows from")))
        for item in items(self.c, "consequence"):
            rests_on = [link for link in links if link.from_id == item.id]
            assert bool(rests_on) == (item.body["source"] == "point")
            assert item.body["source"] in ("point", "new")

    @invariant()
    def links_lead_where_they_should_and_no_one_answers_or_joins_themselves(self) -> None:
        rows = {item.id: item for item in self.c.session.scalars(select(Contribution))}
        for link in self.c.session.scalars(select(Link)):
            one, other = rows[link.from_id], rows[link.to_id]
            if one.step_run_id == self.c.run.id:
                assert (one.kind, other.kind) in LEADS[link.kind]
                if one.kind in ("join", "advice"):
                    assert one.member_id != other.member_id

    @invariant()
    def what_was_put_to_everyone_was_whole_and_no_objection_is_passed_over(self) -> None:
        if self.c.run.closed_at is None:
            return
        last = max(self.c.rounds("consent") + self.c.rounds("overrule"), key=lambda each: each.id)
        given = [row.answer for row in self.c.answers(last)]
        assert last.outcome == ("adopted" if last.kind == "consent" else "overruled")
        assert {"agree", "concern", "no"} & set(given)
        # Of who left, or was overruled, the objection stands beside it.
        noted = {item.body["consent"] for item in stored(self.c.turn(None), "objection_note")}
        raised = [row.id for row in self.c.answers(self.c.rounds("consent")[-1]) if row.answer == "objection"]
        assert set(raised) <= noted
        assert self.c.step.outcome(self.c.turn(None))
        assert all(card.day and card.item.body["sign"] for card in self.cards())

    @invariant()
    def a_round_is_open_only_while_all_decide(self) -> None:
        still_open = [each for each in self.c.rounds("consent") if each.closed_at is None]
        assert len(still_open) == (self.c.run.stage == "consent")
        weighing = [each for each in self.c.rounds("overrule") if each.closed_at is None]
        assert len(weighing) == (self.c.run.stage == objecting.NAME)

    @invariant()
    def a_request_has_one_answer_at_most_and_only_a_leader_gave_it(self) -> None:
        there = actions.held(self.c.turn(None))
        for request in there.of("request"):
            assert len(there.linked_to(request, "answers")) <= 1
        assert len(there.of("answer")) <= len(support.requests(there))

    @invariant()
    def participation_only_rises_unless_one_takes_back(self) -> None:
        for who, before in self.earned.items():
            after = self.moments(who)
            assert after >= before
            self.earned[who] = after

    @invariant()
    def who_is_not_there_blocks_nobody(self) -> None:
        turn = self.c.turn(None)
        assert self.c.unheard() <= turn.present_ids
        waiting = self.c.step.waiting(turn)
        assert waiting is None or waiting.done <= len(turn.present_ids)
        have, needed = actions.carriers_needed(turn, actions.held(turn))
        assert needed <= -(-len(turn.present_ids) // 2)
        assert have <= len(turn.present_ids)


def test_whatever_people_do_what_is_promised_holds() -> None:
    run_state_machine_as_test(
        Random,
        settings=histories(10, 90, steps=25),
    )
