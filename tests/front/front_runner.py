"""What a front-runner and the others do, in any order: away, a number, a smaller circle, days, notes, roles."""

import dataclasses
import datetime as dt

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.community import away, belonging, members, roster
from lti_tool.domain.cycle import ending, midnights, pausing, reopening
from lti_tool.domain.mechanisms import notes
from lti_tool.models import Member, Moment, Person, Standing
from lti_tool.steps.ending import Ending
from tests.front import table
from tests.front.play import DAYS, MOST, SOME, WHO, WORDS, ZONE, answer
from tests.front.works import Works
from tests.web.circle import STEPS, arrival


class FrontRunner(Works):
    """Random people of a circle do random things, allowed and not."""

    @rule(many=SOME, first=WHO)
    def work(self, many: int, first: int) -> None:
        """So many do what the stage asks."""
        for number in range(many):
            if (who := self.one(first + number)) is not None:
                self.do(who)

    @rule(number=WHO, said=st.sampled_from(["yes", "yes", "yes", "no", "pass"]))
    def answer(self, number: int, said: str) -> None:
        """Somebody answers in a decision, or answers otherwise than before: an objection can be lifted."""
        if (who := self.one(number)) is not None:
            self.tried(lambda: answer(self.c, who, said))

    @rule(yes=SOME, no=st.integers(0, 2))
    def all_answer(self, yes: int, no: int) -> None:
        for number in range(yes):
            self.answer(number, "no" if number < no else "yes")

    @rule(number=WHO)
    def pass_on(self, number: int) -> None:
        if (who := self.one(number)) is not None:
            self.tried(lambda: cycle.pass_by(self.c.turn(who), self.c.step))

    @rule(number=WHO, confirmed=st.booleans())
    def press(self, number: int, confirmed: bool) -> None:
        """Somebody in a hurry ends the stage, or puts the text to all."""
        if (who := self.one(number)) is not None:
            self.move(who, confirmed=confirmed)

    @rule(number=WHO)
    def take_back(self, number: int) -> None:
        if (who := self.one(number)) is None:
            return
        came_from, since, did = self.c.run.came_from, self.c.run.stage_since, table.facts(self.c).own
        if self.tried(lambda: cycle.take_back(self.c.turn(who), self.c.step, self.c.run.stage)) == "":
            assert self.c.run.stage == came_from
            assert table.kind_of(self.c.step.name, self.c.run.stage) in ("open", "together"), "what was shown stays"
            assert now() - since <= dt.timedelta(minutes=10)
            assert not did, "somebody has gone on already"
            self.days.pop(self.c.run.id, None)
            self.saw()

    def first_evening(self) -> None:
        self.alone(0)

    @rule(number=WHO)
    def alone(self, number: int) -> None:
        """The front-runner does all that one person can, in one evening."""
        if (who := self.one(number)) is None:
            return
        self.do(who)
        self.tried(lambda: answer(self.c, who, "yes"))
        for other in [each for each in self.present() if each != who]:
            self.write_down(who, other)
            self.mark_away(who, other, 3)
        self.announce(0)
        self.move(who, confirmed=True)
        self.days_pass(1)
        self.days_pass(6)
        self.move(who, confirmed=True)

    @rule(number=WHO, to=WHO)
    def note(self, number: int, to: int) -> None:
        """Somebody writes down what another said."""
        who, there = self.one(number), self.present()
        if who is not None:
            self.write_down(who, there[to % len(there)])

    def write_down(self, who: int, other: int) -> None:
        deeds = [each.name for each in self.c.step.deeds if each.noted and self.c.run.stage in each.stages]
        if deeds:
            said = {"text": f"zei {next(self.c.written)}"}
            self.tried(lambda: notes.take(self.c.turn(who), self.c.members[other].id, deeds[0], said))

    @rule(number=WHO, to=WHO, days=DAYS)
    def set_away(self, number: int, to: int, days: int) -> None:
        """Somebody is set away, by another or by themselves."""
        who, there = self.one(number), self.present()
        if who is not None:
            self.mark_away(who, there[to % len(there)], days)

    def mark_away(self, who: int, other: int, days: int) -> None:
        c, me, them = self.c, self.c.members[who], self.c.members[other]
        last, before = midnights.day_of(now(), ZONE) + dt.timedelta(days=days), self.quorums()
        self.tried(lambda: away.set_other(c.session, c.community, me, them, last, zone=ZONE))
        assert who == other or self.quorums() == before, "by another's hand no decision gets easier"

    @rule(number=WHO, by_other=st.booleans())
    def be_back(self, number: int, by_other: bool) -> None:
        if (who := self.one(number)) is not None:
            self.tried(lambda: (away.take_back if by_other else away.come_back)(self.c.members[who]))

    def quorums(self) -> dict[str, int]:
        """What it takes in each decision that is open, and has somebody left with whom it began."""
        found = {}
        for name, run in self.runs().items():
            if table.kind_of(name, run.stage) == "decide":
                circle = self.at(name).turn(None).circle
                members = [self.c.session.get_one(Member, each) for each in circle.members]
                if any(each.joined_at <= run.stage_since for each in members):
                    found[name] = circle.quorum
        return found

    @rule(number=WHO, which=st.sets(WHO, min_size=1, max_size=MOST), how=st.sampled_from(["out", "aside", "in"]))
    def choose_the_circle(self, number: int, which: set[int], how: str) -> None:
        """The front-runner leaves people out, or brings them in."""
        if (who := self.one(number)) is None:
            return
        c, before, there, size = self.c, self.quorums(), self.present(), len(self.present())
        cut = belonging.Cut(c.session, c.community, c.cycle, self.runs(), c.members[who], STEPS)
        chosen = [each.id for index, each in enumerate(c.members) if index in which] or [0]
        by_roster = len(self.named) if c.course.roster_at is not None else size
        code = self.tried(
            lambda: belonging.leave_out(cut, chosen) if how == "out"
            else belonging.takes_no_part(cut, chosen[0]) if how == "aside"
            else belonging.bring_in(c.session, c.community, c.members[who], chosen)
        )  # fmt: skip
        left = self.present()
        if not code and how != "in":
            assert len(left) >= min(3, by_roster)
            first = all(stage == STEPS.by_name[name].stages[0].name for name, (stage, _) in self.stages().items())
            assert first, "after the first reveal nobody makes it smaller"
        assert len(left) >= len(there) or not code
        stale = c.community.headcount > 0 and c.course.roster_at is not None
        assert stale or self.quorums() == before, "who comes later raises no quorum, nobody is left out of a decision"

    @rule(number=WHO, how_many=st.integers(0, 20))
    def count(self, number: int, how_many: int) -> None:
        """The front-runner says how many there are."""
        if (who := self.one(number)) is not None:
            c, seen, before = self.c, len(self.present()), self.c.community.headcount
            me = c.members[who]
            if self.tried(lambda: belonging.count(c.session, c.community, c.course, me, how_many, STEPS)) == "":
                assert how_many >= max(2, seen)
                # In a cycle that ended undecided the question stands as it stood, and nobody decides it any more.
                open_ = self.runs().items() if c.cycle.under_way else ()
                decides = any(table.kind_of(name, run.stage) == "decide" for name, run in open_)
                assert how_many >= before or not decides, "nobody makes a decision easier by a number"
                assert c.course.roster_at is None

    @rule(names=st.sets(WHO, max_size=MOST))
    def roster_is_read(self, names: set[int]) -> None:
        """People are gone from the course, and others new; one that names nobody any more is never applied."""
        if names:
            self.later()
            self.named = names
            self.read()

    @rule(number=WHO)
    def come_late(self, number: int) -> None:
        """Somebody launches, perhaps for the first time, or back in the course."""
        before = self.quorums()
        known = select(Person.id).where(Person.sub == f"u{number}")
        new = self.c.session.scalar(known) is None
        self.later()
        met = roster.meet(self.c.session, arrival(number, self.c.course.deployment_id))
        if met.member is not None and met.member not in self.c.members:
            self.c.members.append(met.member)
        # A number that was given before the roster came stands again then: to be mended in Turn._circle.
        stale = self.c.community.headcount > 0 and self.c.course.roster_at is not None
        assert not new or stale or self.quorums() == before, "who comes later raises no quorum"

    @rule(number=WHO)
    def leave(self, number: int) -> None:
        if (who := self.one(number)) is not None:
            c = self.c
            self.tried(lambda: members.leave(c.session, c.community, c.members[who], STEPS))

    @rule(number=WHO)
    def say_yes(self, number: int) -> None:
        """Whoever was left out, or left, or is asked, takes part: yes is enough."""
        c, before = self.c, self.quorums()
        who = c.members[number % len(c.members)]
        if who.standing == Standing.APART:
            self.tried(lambda: members.come_back(c.session, c.community, who))
        else:
            self.tried(lambda: members.choose(c.session, c.community, who, "join", STEPS))
        stale = c.community.headcount > 0 and c.course.roster_at is not None
        assert stale or self.quorums() == before, "who comes later raises no quorum"

    @rule(number=WHO, to=WHO, how=st.sampled_from(["over", "name", "stop", "lead"]))
    def roles(self, number: int, to: int, how: str) -> None:
        """Facilitating is taken over, shared or laid down; somebody leads others and takes part."""
        if (who := self.one(number)) is None:
            return
        c, me, other = self.c, self.c.members[who], self.c.members[to % len(self.c.members)]
        if how == "over":
            self.tried(lambda: members.take_over(c.session, c.community, me))
        elif how == "name":
            self.tried(lambda: members.name(c.session, c.community, me, other))
        elif how == "stop":
            self.tried(lambda: members.stop(c.session, c.community, me))
        else:
            self.tried(lambda: members.correct(c.session, c.community, me, "join_and_lead", STEPS))

    # Days

    @rule(days=DAYS)
    def announce(self, days: int) -> None:
        """A last day is announced; 0 is today."""
        self.set_day(days)

    @rule(days=st.sampled_from([1, 1, 2, 3, 7, 21]))
    def days_pass(self, days: int) -> None:
        """Days go by; what was to end by itself ends, or is put off once."""
        self.later(days=days)
        for name in list(self.runs()):
            at = self.at(name)
            if at.run.closed_at is None and at.run.closes_at is not None:
                self.move(None, at=at)
        self.c.session.flush()
        if self.c.cycle.paused_until is not None:
            pausing.on_day(self.c.session, self.c.cycle.id, ZONE)

    @rule(days=st.integers(1, 20), over=st.booleans())
    def pause(self, days: int, over: bool) -> None:
        until = midnights.day_of(now(), ZONE) + dt.timedelta(days=days)
        turn = self.c.turn(0)
        self.tried(lambda: pausing.resume(turn) if over else pausing.pause(turn, until))
        if self.c.cycle.paused_until is not None:
            assert self.move(0, confirmed=True) == "cycle_paused"
            # A day that was announced comes later.
            self.days.clear()

    # Going on, going back, ending

    @rule(number=WHO)
    def weigh(self, number: int) -> None:
        """An objection that stayed is put to all, a night later."""
        if (who := self.one(number)) is not None and self.c.step.deed("put") is not None:
            self.later(days=1)
            self.tried(lambda: self.c.act(who, "put"))

    @precondition(lambda self: self.c.run.closed_at is not None)
    @rule(on=st.booleans(), number=WHO, second=WHO)
    def go_on(self, on: bool, number: int, second: int) -> None:
        """On to the next step; or the same one again, with a reason and a second member's yes."""
        following, who, other = STEPS.following(self.c.step), self.one(number), self.one(second)
        if on and following is not None and following.name in self.runs():
            self.c = self.at(following.name)
        elif who is not None and other is not None:
            self.open_again(who, other)

    def open_again(self, who: int, other: int) -> None:
        c, size = self.c, self.c.turn(None).circle.size
        said = self.tried(lambda: reopening.propose(c.turn(who), c.step, "er kwam iets bij"))
        if said == "" and c.run.closed_at is None:
            assert size == 1, "nobody opens a step again alone, where there are others"
        elif said in ("", "proposed_already"):
            waits = reopening.of(c.turn(None)).proposed
            assert waits is not None
            agreed = self.tried(lambda: reopening.agree(c.turn(other), c.step))
            assert agreed == ("second_yes_missing" if waits.member_id == c.members[other].id else "")
        if c.run.closed_at is None:
            self.saw()

    @rule(number=WHO, said=st.sampled_from(["agree", "objection", "abstain"]), put=st.booleans())
    def end(self, number: int, said: str, put: bool) -> None:
        """Somebody asks all whether the cycle ends, or answers that."""
        who = self.one(number)
        if who is None or not self.c.cycle.under_way:
            return
        if "ending" not in self.runs():
            cycle.open_step(self.c.session, self.c.community, self.c.cycle, Ending(), STEPS)
        at = self.at("ending")
        before, was = table.facts(at), at.run.stage
        if put and was == "say":
            version = at.summary(who).version
            self.tried(
                lambda: at.act(who, "put", text=f"wachten helpt {next(at.written)}", lessons="", version=version)
            )
        elif was == "consent":
            self.tried(lambda: at.act(who, "answer", answer=said, **WORDS))
            if at.run.closed_at is not None:
                told = table.answers(at, self.rounds(at)[-1])
                after = dataclasses.replace(before, own=before.own | {at.members[who].id})
                assert after.allows(at.members[who].id, confirmed=False)
                assert table.outcome("consent", told, after) == "adopted"
        self.tried(lambda: ending.end_undecided(at.turn(who)))
        if self.c.cycle.closed_at is not None and at.run.closed_at is None:
            asked = at.run.closes_at
            assert asked is not None
            assert now() >= asked + dt.timedelta(weeks=4)
        self.saw()

    # What always holds

    @invariant()
    def no_stage_moves_by_itself(self) -> None:
        self.c.session.flush()
        assert self.stages() == self.known

    @invariant()
    def a_quorum_is_what_the_design_says(self) -> None:
        found, read = self.c.turn(None).circle, table.facts(self.c)
        assert (found.known, found.size, found.quorum) == (read.known, read.circle, read.quorum)
        if self.c.run.closed_at is None:
            assert self.c.step.heard(self.c.turn(None)).expected == read.expected

    @invariant()
    def what_somebody_earned_stays_theirs(self) -> None:
        rows = self.c.session.execute(select(Moment.member_id, Moment.step_run_id, Moment.kind))
        now_has: dict[int, set[tuple[int, str]]] = {}
        for row in rows:
            now_has.setdefault(row.member_id, set()).add((row.step_run_id, row.kind))
        for member, before in self.earned.items():
            assert before <= now_has.get(member, set())
        self.earned = now_has
        self.sound = True
