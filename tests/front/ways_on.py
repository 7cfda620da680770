"""The ways on by their names, each walked to where a decision is: another day, away, a smaller circle, pause, end."""

import contextlib
import datetime as dt

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import away, belonging, members
from lti_tool.domain.cycle import ending, midnights, pausing
from lti_tool.models import Standing
from lti_tool.steps.ending import Ending
from tests.front import table
from tests.front.play import ZONE, Play, answer
from tests.web.circle import STEPS, stored
from tests.web.ways import consequences, information

# More than any step has stages, with a decision or two that goes back.
TURNS = 24


class WaysOn(Play):
    """What can be done from wherever a history ended."""

    def walk_on(self) -> None:
        """However it stands: the step is completed, or the cycle ended."""
        if self.c.cycle.closed_at is not None or self.c.run.closed_at is not None:
            return
        if self.way == "all come back":
            self.all_come_back()
            self.complete(self.present(), dated=False)
        elif self.way == "without the absent":
            self.all_come_back()
            self.complete(self.just_enough(), dated=True)
        else:
            self.end_alone()

    def all_come_back(self) -> None:
        """Nobody is away, gone or asked any more, and it is known how many they are; a pause is over."""
        c = self.c
        for who, each in enumerate(c.members):
            c.come(who)
            if each.standing in (Standing.APART, Standing.ASKED):
                each.standing = Standing.MEMBER
            if away.was_away(each):
                away.come_back(each)
        c.session.flush()
        self.a_number()
        self.no_pause()

    def a_number(self) -> None:
        """Without a roster a number is given: as many as were seen; or what was said before, where all decide on it."""
        c, there = self.c, self.present()
        if c.community.by_roster and c.course.roster_at is None and there:
            me, many = c.members[there[0]], max(2, len(there))
            try:
                belonging.count(c.session, c.community, c.course, me, many, STEPS)
            except Refused as refused:
                if refused.code != "number_while_deciding":
                    raise

    def no_pause(self) -> None:
        if self.c.cycle.paused_until is not None:
            pausing.resume(self.c.turn(0))

    def just_enough(self) -> list[int]:
        """A majority of the circle; all others are set away by one of them, for good."""
        c, there = self.c, self.present()
        size = max(len(there), table.facts(c).circle)
        here = there[: max(min(len(there), 2), size // 2 + 1)]
        last = midnights.day_of(now(), ZONE) + dt.timedelta(days=360)
        for who in there[len(here) :]:
            away.set_other(c.session, c.community, c.members[here[0]], c.members[who], last, zone=ZONE)
        return here

    def complete(self, here: list[int], *, dated: bool) -> None:
        """These people complete the step. dated: by a day that is announced for each stage, and its extension."""
        if len(here) < table.facts(self.c).quorum:
            # They said that they are more than were ever seen: others come, or it ends.
            self.end_alone()
            return
        seen = []
        for _ in range(TURNS):
            if self.c.run.closed_at is not None:
                return
            seen.append(self.c.run.stage)
            for who in here:
                self.do(who)
                self.tried(lambda who=who: answer(self.c, who, "yes"))  # type: ignore[misc]
            self.mend(here)
            if table.facts(self.c).kind in ("hidden", "open"):
                for who in here:
                    self.tried(lambda who=who: cycle.pass_by(self.c.turn(who), self.c.step))  # type: ignore[misc]
            seen.append(self.leave_the_stage(here, dated=dated))
        raise AssertionError(f"{here} do not get on: {seen}, {table.facts(self.c)}")

    def leave_the_stage(self, here: list[int], *, dated: bool) -> str:
        c, code = self.c, ""
        if dated or table.facts(c).nameless:
            self.set_day(0)
            for _ in range(2):
                was = c.run.stage_since
                if c.run.closes_at is not None and c.run.stage_since == was:
                    self.clock.move_to(max(now(), c.run.closes_at))
                    if (code := self.move(None)) == "":
                        return ""
            for who in here:
                # The time is up: whoever is here ends what is open.
                self.do(who)
        for who in here:
            if (code := self.move(who, confirmed=True)) == "":
                return ""
        return code

    def mend(self, here: list[int]) -> None:
        """What a stage needs besides, of whichever of them can."""
        number = next(self.c.written)
        for who in here:
            if self.c.run.stage == "gather":
                self.gather(who, number)
            self.tried(lambda who=who: self.mend_one(who, number))  # type: ignore[misc]

    def gather(self, who: int, number: int) -> None:
        """A voice from outside, and for each question somebody who finds out."""
        c = self.c
        if not information.items(c, "evidence"):
            with contextlib.suppress(LookupError):
                self.tried(lambda: information.bring(c, who, voice="employers"))
        for each in information.items(c, "question"):
            said = {"question": each.id, "source": f"bron {number} {each.id}", "exists": "yes"}
            self.tried(lambda said=said: c.act(who, "plan", **said))  # type: ignore[misc]

    def mend_one(self, who: int, number: int) -> None:
        c = self.c
        if c.run.stage == "need" and (lists := stored(c.turn(None), "shortlist")):
            for listed, version in lists[-1].body["points"][:1]:
                c.act(who, "mend", id=listed, version=version, text=f"meer aandacht {number}", why=f"reden {number}")
        if c.run.stage == "gather":
            c.act(who, "no_voice", reason="deze keer niet", version=0)
        if c.run.stage == "board":
            # Whose owner has gone is on the board, free.
            there = c.turn(None).present_ids
            mine = c.members[who].id
            cards = [each for each in consequences.cards(c) if not there & {*each.owners} and mine not in each.buddies]
            for each in cards[:1]:
                c.act(who, "own", id=each.item.id)

    def end_alone(self) -> None:
        """One person is left who does anything: they ask all whether to end, wait as long as it takes, and end it."""
        c, there = self.c, self.present()
        if not there:
            # Then only the administrator can; by command, once nobody was at work for four weeks.
            self.clock.shift(ending.WAIT + dt.timedelta(days=1))
            assert ending.is_abandoned(c.session, c.cycle)
            return
        me = there[0]
        self.no_pause()
        if "ending" not in self.runs():
            cycle.open_step(c.session, c.community, c.cycle, Ending(), STEPS)
        at = self.at("ending")
        adopted = self.adopted()
        if at.run.stage == "say":
            at.act(me, "put", text="niemand kan meer", lessons="", version=at.summary(me).version)
        self.tried(lambda: at.act(me, "answer", answer="agree"))
        if c.cycle.closed_at is None:
            with contextlib.suppress(Refused):
                ending.end_undecided(at.turn(me))
        if c.cycle.closed_at is None:
            free = ending.free_from(at.turn(None))
            assert free is not None
            self.clock.move_to(max(free, now()))
            if not c.members[me].facilitates:
                assert self.tried(lambda: members.take_over(c.session, c.community, c.members[me])) == ""
            ending.end_undecided(at.turn(me))
        assert c.cycle.closed_at is not None
        assert self.adopted() == adopted or at.run.closed_at is not None, "nothing undecided counts as adopted"

    def adopted(self) -> set[int]:
        """The rounds by which anything was adopted so far."""
        runs = [self.at(name) for name in self.runs()]
        return {
            each.id for at in runs for each in self.rounds(at) if each.outcome in ("adopted", "overruled", "endorsed")
        }
