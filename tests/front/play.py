"""Circles of one to twelve over all six steps, as a state machine: a front-runner, the absent, the gone and the new.

Whatever they do, each move of a stage is held against tests/table.py; at the end somebody walks a way on by its name.
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import ClassVar
from zoneinfo import ZoneInfo

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import belonging, leaving, listing, members
from lti_tool.domain.cycle import Turn, midnights
from lti_tool.models import Member, Round, Seat, Standing, StepRun
from tests.front import table
from tests.unit.test_belonging import Entry
from tests.web.circle import ISSUER, STEPS, Circle, Start, picture
from tests.web.ways import actions, ambition, consequences, evaluation, interpretation

ZONE = ZoneInfo("Europe/Amsterdam")
# All circles are walked on this Monday; histories begin then, before the clock goes back or forward, or at Christmas.
WALKED = dt.datetime(2026, 10, 19, 9, tzinfo=dt.UTC)
BEGINNINGS = st.sampled_from([0, 4, 64, 156])
STARTS: dict[str, Start] = {step.name: step.name for step in STEPS} | {
    "actions": actions.each_an_action,
    "evaluation": evaluation.quick,
}
MOST = 12
WHO, SOME, DAYS = st.integers(0, MOST - 1), st.integers(1, MOST), st.integers(0, 6)
# What is said in a decision, whichever it is: for it, against it, or neither.
SAID = {
    "consent": {"yes": "agree", "no": "objection", "pass": "abstain"},
    "weigh_objection": {"yes": "no", "no": "yes", "pass": "pass"},
    "endorse": {"yes": "endorse", "no": "not_yet", "pass": "pass"},
    "check": {"yes": "keep", "no": "stop", "pass": ""},
}
WORDS = {"harm": "dit sluit een groep uit", "proposal": "noem iedereen", "concern": "het is veel tegelijk"}


def answer(c: Circle, who: int, said: str) -> None:
    """Somebody answers in the decision that is open."""
    stage = c.run.stage
    if stage in ("dots", "choose"):
        if said == "yes":
            c.do_the_task(who, stage)
        else:
            c.act(who, "leave_dots")
    elif stage == "check":
        choice = SAID[stage][said]
        c.act(who, "say", say={card.item.id: choice for card in actions.cards(c)})
    elif stage == "endorse":
        c.act(who, stage, answer=SAID[stage][said], missing="nog een zin", round=c.rounds(stage)[-1].id)
    elif stage == "weigh_objection":
        c.act(who, stage, answer=SAID[stage][said])
    elif stage in ("consent", "enough"):
        c.act(who, stage, answer=SAID["consent"][said], **WORDS)


class Local(Circle):
    """A circle at school: its days are those of Amsterdam."""

    def turn(self, who: int | None) -> Turn:
        found = super().turn(who)
        found.zone = ZONE
        return found


class Play(RuleBasedStateMachine):
    """A community at the step `first`, and later ones. People are named by their index."""

    first: ClassVar[str] = "ambition"
    # Where a machine looks at one stage: which, and with how many.
    stage: ClassVar[str] = ""
    people: ClassVar[int] = 0
    c: Local

    def __init__(self) -> None:
        super().__init__()
        self._open, self.sound = contextlib.ExitStack(), False

    @initialize(
        opened=st.sampled_from([3, 2, 4, 1]), unopened=st.sampled_from([5, 2, 0, 8, 1, 3, 7]), stage=st.integers(0, 7),
        beginning=BEGINNINGS, by=st.sampled_from(["roster", "roster", "opening", "number", "nobody"]),
        outside=st.booleans(), way=st.sampled_from(["all come back", "without the absent", "one is left"]),
        evening=st.sampled_from([True, True, False]),
    )  # fmt: skip
    def begin(
        self, opened: int, unopened: int, stage: int, beginning: int, by: str, outside: bool, way: str, evening: bool
    ) -> None:
        self.clock = self._open.enter_context(time_machine.travel(WALKED, tick=False))
        names = [each.name for each in STEPS.by_name[self.first].stages if each.name != "weigh_objection"]
        opened = self.people or opened
        made = picture(opened, STARTS[self.first], self.stage or names[stage % len(names)])
        c = self._open.enter_context(made.copy())
        self.c = Local(**{each.name: getattr(c, each.name) for each in dataclasses.fields(c)})
        self.clock.shift(dt.timedelta(days=beginning))
        self.way = way
        self.c.community.by_roster = by != "opening"
        self.named = set(range(opened + unopened))
        if by == "roster":
            self.read()
        elif by == "number":
            self.c.community.headcount = max(2, opened + unopened)
        for each in self.c.members:
            # They were all named before this stage began.
            each.joined_at = self.c.run.stage_since
        one = self.c.members[0]
        one.facilitates, one.facilitated_on = True, now().date()
        if outside and opened > 2:
            one.standing = Standing.OUTSIDE
        self.earned: dict[int, set[tuple[int, str]]] = {}
        self.days: dict[int, dt.datetime] = {}
        # What another group was let into: (an idea or sentence, what it joined).
        self.yes: set[tuple[int, int]] = set()
        self.c.session.flush()
        self.saw()
        if evening:
            self.first_evening()

    def first_evening(self) -> None:
        """What somebody did before the others came."""

    def teardown(self) -> None:
        try:
            if self.sound:
                self.walk_on()
        finally:
            self._open.close()

    # What it takes

    def later(self, **time: float) -> None:
        # Until all invariants have been looked at.
        self.sound = False
        self.clock.shift(dt.timedelta(seconds=7, **time))

    def tried(self, do: Callable[[], object]) -> str:
        """Do it; why it is refused, and then nothing of it is kept, or ""."""
        self.later()
        try:
            with self.c.session.begin_nested():
                do()
        except Refused as refused:
            self.c.session.expire_all()
            return refused.code or "form"
        return ""

    def read(self) -> None:
        """A roster is read that names who is in the course, as the worker does."""
        session, course, before = self.c.session, self.c.course, self.c.course.roster_at
        listing.apply(session, course, ISSUER, [Entry(f"u{n}", f"P{n}", "learner") for n in self.named])
        members.ask_unknown(session, course, before)
        belonging.join_listed(session, course)
        leaving.left_course(session, course, STEPS)
        session.flush()
        session.expire_all()
        query = select(Member).where(Member.community_id == self.c.community.id).order_by(Member.id)
        self.c.members = list(session.scalars(query))

    def present(self) -> list[int]:
        """Who takes part and is in the course."""
        there = set(self.c.session.scalars(select(Seat.person_id).where(Seat.present)))
        query = enumerate(self.c.members)
        return [who for who, each in query if each.standing == Standing.MEMBER and each.person_id in there]

    def one(self, number: int) -> int | None:
        """Somebody who takes part, who has opened it by now."""
        there = self.present()
        if not there:
            return None
        who = there[number % len(there)]
        if self.c.members[who].opened_at is None:
            members.open_first(self.c.members[who], Standing.MEMBER)
            self.c.session.flush()
        return who

    def runs(self) -> dict[str, StepRun]:
        """All opened steps."""
        return cycle.opened(self.c.session, self.c.community, None)[1]

    def stages(self) -> dict[str, tuple[str, dt.datetime]]:
        return {name: (run.stage, run.stage_since) for name, run in self.runs().items()}

    def saw(self) -> None:
        """It is known where all steps stand: by what was done here, and by nothing else."""
        self.known = self.stages()

    def at(self, name: str) -> Local:
        """The same people at another step that was opened."""
        return dataclasses.replace(self.c, run=self.runs()[name], step=STEPS.by_name[name])

    # Moving: held against the table

    def move(self, mover: int | None, *, confirmed: bool = False, at: Local | None = None) -> str:
        """Somebody ends the stage, or the clock does; why not, or ""."""
        c = at or self.c
        self.later()
        before, was = table.facts(c), c.run.stage
        turn = c.turn(mover)
        known = {each.id for each in self.rounds(c) if each.closed_at is not None}
        if mover is None:
            code = cycle.on_date(c.session, c.run.id, was, STEPS, ZONE)
            code = "" if code == "moved" else code
        else:
            code = self.tried(lambda: cycle.advance(turn, c.step, was, STEPS, confirmed=confirmed))
        if code == "extended" or code.startswith(("cycle_", "date_changed")):
            assert code != "extended" or before.expected - before.heard, "nobody is waited for any longer"
            assert c.run.stage == was
            return code
        allowed = before.allows(c.members[mover].id if mover is not None else None, confirmed=confirmed)
        if code:
            assert c.run.stage == was
            assert not (allowed and code in table.BY_THE_TABLE), f"{code}, and the table lets {was} end: {before}"
            return code
        assert allowed, f"{was} ended against the table: {before}"
        if mover is None:
            assert c.run.id not in self.days or now() >= self.days[c.run.id], "before its day"
        self.days.pop(c.run.id, None)
        self.decided(c, before, known)
        self.saw()
        return ""

    def set_day(self, days: int) -> None:
        """A last day is announced, so many from today."""
        end = midnights.end_of(midnights.day_of(now(), ZONE) + dt.timedelta(days=days), ZONE)
        if self.tried(lambda: cycle.set_date(self.c.turn(0), end)) == "":
            self.days[self.c.run.id] = end

    def rounds(self, c: Circle) -> list[Round]:
        return list(c.session.scalars(select(Round).where(Round.step_run_id == c.run.id).order_by(Round.id)))

    def decided(self, c: Local, before: table.Facts, known: set[int]) -> None:
        """What the stage that ended was decided by, section 3 says too; and without it nothing was adopted."""
        closed = [each for each in self.rounds(c) if each.closed_at is not None and each.id not in known]
        for each in closed:
            assert table.outcome(each.kind, table.answers(c, each), before) in (
                str(each.outcome), "counted" if each.outcome == "tied" else "",
            ), (each.kind, each.outcome, table.answers(c, each), before)  # fmt: skip
            if each.outcome == "overruled":
                self.was_asked_of_its_owner(c, each)
        if c.run.closed_at is not None and c.step.name != "actions":
            assert closed[-1].outcome in ("adopted", "overruled", "endorsed"), "nothing else completes a step"

    def was_asked_of_its_owner(self, c: Local, weighed: Round) -> None:
        """Two rounds did not solve it, the first on an earlier day; and it stands beside the text."""
        past = [each for each in self.rounds(c) if each.id < weighed.id]
        last = max(number for number, each in enumerate(past) if each.kind == "consent")
        for owner, said in table.answers(c, past[last]).items():
            if said == "objection" and owner in c.turn(None).circle.members:
                raised = [e for e in past if e.kind == "consent" and table.answers(c, e).get(owner) == "objection"]
                days = [midnights.day_of(each.closed_at or now(), ZONE) for each in raised]
                assert len(days) > 1
                assert days[0] < midnights.day_of(weighed.opened_at, ZONE)

    # What a stage asks

    def do(self, who: int) -> None:
        """Somebody does what the stage asks, writes what is written together, or has nothing to do."""
        with contextlib.suppress(LookupError, StopIteration, ZeroDivisionError):
            self.tried(lambda: self._do(who))

    def _do(self, who: int) -> None:
        name, stage = self.c.step.name, self.c.run.stage
        interpretation.resolve(self.c, who)
        if stage == "draft":
            self.later(minutes=16)
            ambition.write(self.c, who)
        elif stage == "verdict":
            evaluation.write(self.c, who)
        elif stage == "yield":
            evaluation.settle(self.c, who)
        elif stage == "board" and not consequences.items(self.c, "action"):
            self.c.act(who, "own", id=consequences.card(self.c, who).id)
        elif name != "ambition" or stage != "closed":
            self.c.do_the_task(who, stage)

    def walk_on(self) -> None:
        """At the end of a history: a way on, by its name."""
