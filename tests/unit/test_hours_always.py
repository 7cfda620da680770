"""Whatever people do with hours, in whatever order: the sums add up, on the pages, in the exports and in the rows.

A second reading keeps its own books beside it, minute by minute, and knows nothing of ledger.py.
"""

import contextlib
import csv
import datetime as dt
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from lti_tool.db import now
from lti_tool.domain import Refused, erasure
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import (
    approvals,
    balances,
    closing,
    column,
    entries,
    gate,
    holders,
    joining,
    joins,
    known_entries,
    known_pots,
    out,
    pack,
    pots,
    room,
    suggestions,
    taken,
)
from lti_tool.domain.hours.carry import Terms
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.known_entries import Entry, Moved
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.ledger import Cap, Claim, Ledger, Per, Rules
from lti_tool.domain.hours.pack import Policy, Record
from lti_tool.domain.hours.planned import Stretch
from lti_tool.domain.hours.states import COUNTING, OF_APPROVER, State
from lti_tool.domain.hours.suggestions import Finished, Worth
from lti_tool.domain.participation import Passback, columns
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import Beside, LineItem, Member, Moment, OutboxRow, ResourceLink
from lti_tool.models.hours import HoursAct, HoursBalance, HoursCount, HoursEntry, HoursPot, HoursSuggestion
from lti_tool.models.hours_codes import Done, Kind, Review, Role
from tests.histories import histories
from tests.web.circle import STEPS, Circle, _new, circle

ZONE = ZoneInfo("Europe/Amsterdam")
FIRST = dt.date(2025, 8, 1)
LAST = dt.date(2026, 7, 31)
SURE = frozenset({"hours_end_first", "hours_day_long", "hours_overlap", "hours_same"})
PEOPLE = 4

CAPS = st.lists(
    st.builds(
        pots.CapAsked,
        per=st.sampled_from(Per),
        minutes=st.integers(0, 300),
        kinds=st.lists(st.sampled_from(Kind), max_size=2, unique=True),
    )
    | st.builds(pots.CapAsked, per=st.just(Per.PERIOD), percent=st.integers(0, 100)),
    max_size=2,
)
TERMS = st.builds(Terms, st.integers(0, 2), st.booleans())
POTS = st.lists(st.tuples(st.sampled_from(Review), CAPS, st.booleans(), TERMS), min_size=1, max_size=3)
Wanted = list[tuple[Review, list[pots.CapAsked], bool, Terms]]
# Few days and near times, so that much overlaps; on one of the days the clock changes, and one is of the next period.
DAYS = st.sampled_from([dt.date(2026, 3, 29), dt.date(2025, 11, 3), dt.date(2025, 11, 3), dt.date(2026, 8, 3)])
TIMES = st.builds(dt.time, st.integers(0, 5), st.sampled_from([0, 20, 40]))
WHO = st.integers(0, PEOPLE - 1)
ADDED = st.tuples(
    st.just("add"), st.sampled_from([3, 3, 2, 0]), st.sampled_from(Kind), st.booleans(), DAYS,
    st.integers(1, 200) | st.tuples(TIMES, TIMES), st.sampled_from([0, 0, 1, 2, -1]),
)  # fmt: skip
DONE = st.tuples(
    st.sampled_from([*sorted(Done), *[Done.APPROVED] * 6, *[Done.CORRECTED] * 3, *[Done.CLAIMED] * 3]),
    st.sampled_from([0, 1, 2, 3]), st.integers(0, 30), st.integers(0, 250),
)  # fmt: skip
CLOSED = st.tuples(st.just("close"), st.integers(0, 5))
# From when on somebody belongs to a pot, and for how much of it; what a pot offers; two accounts; who leaves.
HELD = st.tuples(
    st.just("hold"), st.sampled_from([3, 3, 2, 0]), st.integers(0, 5), st.integers(0, 364),
    st.none() | st.integers(1, 10_000) | st.tuples(st.integers(1, 3000)), st.none() | st.integers(0, 364),
    st.booleans(),
)  # fmt: skip
CHANGED = st.tuples(st.just("change"), st.sampled_from(["stop", "carries", "name", "unname"]), WHO, st.integers(0, 5))
JOINED = st.tuples(st.just("join"), st.sampled_from([(3, 2), (3, 1), (2, 0), (3, 0)]))
PARTED = st.tuples(st.just("part"))
GONE = st.tuples(st.just("erase"), st.sampled_from([3, 3, 2, 1])) | st.tuples(st.just("leave"), WHO)
AT_ONCE = st.tuples(st.just("both"), st.integers(0, 30))
ACCEPTED = st.tuples(st.just("accept"), st.sampled_from([3, 3, 2, 0]), st.integers(0, 2), st.integers(-1, 5))
BESIDE = HELD | HELD | CHANGED | JOINED | JOINED | PARTED | GONE | AT_ONCE | CLOSED | ACCEPTED
# As one of five, and not as eleven of fifteen: alternatives of alternatives would be put beside the others.
HISTORIES = st.lists(ADDED | ADDED | DONE | DONE | BESIDE.map(tuple), min_size=8, max_size=26)
NINE, TEN, HALF = dt.time(1, 0), dt.time(2, 0), dt.time(1, 40)
DAY = dt.date(2025, 11, 3)
# One in which everything happens: a factor in mid-year, two accounts, two at once, an erasure, a closing, what follows.
WANTED: Wanted = [
    (Review.NONE, [pots.CapAsked(Per.PERIOD, percent=20)], True, Terms(1)),
    (Review.BEFORE, [pots.CapAsked(Per.DAY, minutes=90)], True, Terms(2, surplus=True)),
]
LIVED: list[tuple[object, ...]] = [
    ("add", 3, Kind.OWN, True, DAY, (NINE, TEN), 0),
    ("hold", 3, 0, 94, 6000, None, False),
    ("hold", 3, 0, 200, (300,), None, False),
    ("hold", 2, 1, 20, 5000, 300, True),
    ("join", (3, 2)),
    ("add", 2, Kind.OWN, True, DAY, (HALF, dt.time(3, 0)), 1),
    ("add", 3, Kind.ELSEWHERE, True, DAY, (HALF, dt.time(2, 40)), 0),
    ("add", 3, Kind.OWN, True, DAY, 100, 0),
    ("both", 1),
    ("add", 0, Kind.OWN, True, DAY, (NINE, HALF), 1),
    (Done.APPROVED, 1, 4, 0),
    (Done.CORRECTED, 0, 1, 20),
    (Done.QUERIED, 1, 0, 0),
    ("part",),
    ("add", 2, Kind.OWN, False, DAY, (NINE, TEN), 0),
    ("add", 2, Kind.OWN, True, DAY, 30, 1),
    ("change", "name", 3, 1),
    ("add", 3, Kind.OWN, True, DAY, 45, 1),
    ("join", (3, 0)),
    (Done.APPROVED, 0, 7, 0),
    ("leave", 2),
    ("erase", 2),
    ("close", 1),
    ("close", 0),
    ("hold", 3, 2, 0, 9000, None, False),
    (Done.CORRECTED, 1, 0, 10),
    ("add", 3, Kind.OWN, True, dt.date(2026, 8, 3), 120, 2),
    ("erase", 1),
    (Done.APPROVED, 0, 8, 0),
    ("erase", 3),
    ("change", "stop", 0, 2),
]
# Room that a reversal leaves: asked for in vain before it, counted at once after it, and given by who approves.
CAPPED: Wanted = [
    (Review.NONE, [pots.CapAsked(Per.PERIOD, minutes=60)], True, Terms(0)),
    (Review.BEFORE, [pots.CapAsked(Per.DAY, minutes=60)], True, Terms(0)),
]
FREED: list[tuple[object, ...]] = [
    ("add", 3, Kind.OWN, True, DAY, 60, 0),
    ("add", 3, Kind.OWN, True, DAY, 45, 0),
    (Done.CLAIMED, 3, 1, 0),
    (Done.WITHDRAWN, 3, 0, 0),
    (Done.CLAIMED, 2, 1, 0),
    (Done.CLAIMED, 3, 1, 0),
    ("add", 3, Kind.OWN, True, DAY, 60, 1),
    ("add", 3, Kind.OWN, True, DAY, 50, 1),
    ("add", 3, Kind.OWN, True, DAY, 30, 1),
    *[(Done.APPROVED, 0, each, 0) for each in (2, 3, 4)],
    (Done.CORRECTED, 0, 2, 20),
    (Done.CLAIMED, 3, 3, 0),
    (Done.CLAIMED, 3, 4, 0),
    (Done.APPROVED, 1, 3, 0),
    (Done.APPROVED, 1, 4, 0),
    (Done.UPHELD, 0, 4, 0),
    (Done.CLAIMED, 3, 2, 0),
    ("close", 1),
    (Done.CLAIMED, 3, 3, 0),
]
LATER = dt.date(2030, 1, 1)  # when every period is over


@dataclass
class Books:
    """The second reading: of each person the minutes that count, as moments; of an untimed entry as its own.

    most: what each cap of a pot ever was for somebody, at the highest. gone: who was erased, by index. pair: two
    accounts that are one now, with the entries that count since. acted: the last act that was looked at.
    """

    c: Circle
    pots: list[int] = field(default_factory=list)
    once: dict[int, int] = field(default_factory=dict)
    corrected: Counter[int] = field(default_factory=Counter)
    closed: dict[int, tuple[object, ...]] = field(default_factory=dict)
    most: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    gone: set[int] = field(default_factory=set)
    pair: frozenset[int] = frozenset()
    since: set[int] = field(default_factory=set)
    acted: int = 0
    graded: dict[tuple[int, str], int] = field(default_factory=dict)

    def asker(self, who: int) -> Asker:
        member = self.c.members[who]
        if who in self.gone:
            raise Refused("gone")
        return Asker(self.c.session, self.c.community.id, member.person_id, ZONE, SURE)

    def do(self, what: tuple[object, ...]) -> None:
        with self.c.session.begin_nested():
            if what[0] in set(Done):
                self.done(*what)  # type: ignore[arg-type]
            else:
                getattr(self, str(what[0]))(*what[1:])

    @property
    def people(self) -> list[int]:
        """Persons who are still somebody."""
        return [each.person_id for who, each in enumerate(self.c.members) if who not in self.gone]

    def hold(
        self,
        who: int,
        pot: int,
        first: int,
        much: int | tuple[int] | None,
        last: int | None,
        joins: bool,
    ) -> None:
        fixed = isinstance(much, tuple)
        pot_id = self.pots[pot % len(self.pots)]
        begin = self.c.session.get_one(HoursPot, pot_id).first_day
        stretch = Stretch(
            begin + dt.timedelta(days=first), None if last is None else begin + dt.timedelta(days=last),
            None if fixed else much, much[0] if fixed else None,  # type: ignore[index, arg-type]
        )  # fmt: skip
        asked = holders.Asked(self.c.members[who].person_id, stretch, joins)
        before = self.rows()
        holders.hold(self.c.session, self.c.community, self.c.members[0], pot_id, asked, self.people)
        assert self.rows() == before, "what counted stays"

    def change(self, what: str, who: int, pot: int) -> None:
        place = (self.c.session, self.c.community, self.c.members[0], self.pots[pot % len(self.pots)])
        person = self.c.members[who].person_id
        if what == "stop":
            pots.stop(*place)
        elif what == "carries":
            pots.carries(*place, Terms(who, surplus=bool(pot % 2)))
        elif what == "name":
            pots.name(*place, person, Role.DEPUTY, self.people)
        else:
            pots.unname(*place, person)

    def join(self, two: tuple[int, int]) -> None:
        if not self.gone & set(two):
            session, members = self.c.session, [self.c.members[each] for each in two]
            people, before = [each.person_id for each in members], self.rows()
            asker = joining.Asker(people[0], None, ())
            made = joining.propose(session, self.c.community, self.c.course, asker, people)
            assert not joining.agree(session, self.c.community, members[0], made)
            assert joins.accounts(session, people[:1]) == {people[0]}, "one yes joins nothing"
            assert joining.agree(session, self.c.community, members[1], made)
            self.pair, self.since = frozenset(people), set()
            assert self.rows() == before

    def part(self) -> None:
        known, before = joining.of_school(self.c.session, self.c.course), self.rows()
        for each in known:
            joining.end_for(self.c.session, self.c.community, self.c.course, None, each.id)
        self.pair, self.since = frozenset(), set()
        assert self.rows() == before

    def erase(self, who: int) -> None:
        if who not in self.gone:
            before, waits = self.rows(), self.waiting()
            erasure.erase(self.c.session, self.c.members[who].person_id, STEPS)
            self.gone.add(who)
            if self.c.members[who].person_id in self.pair:
                self.pair, self.since = frozenset(), set()
            assert (self.rows(), self.waiting()) == (before, waits)

    def leave(self, who: int) -> None:
        self.c.go(who)

    def both(self, number: int) -> None:
        """Two approvers press at once: one of them did it."""
        ids = self.c.session.scalars(select(HoursEntry.id).order_by(HoursEntry.id)).all()
        done = 0
        for who in (0, 1) if ids else ():
            with contextlib.suppress(Refused):
                place = (self.c.session, self.c.community.id, self.c.members[who].person_id)
                done += approvals.approve(*place, [ids[number % len(ids)]])
        assert done <= 1

    def rows(self) -> list[tuple[object, ...]]:
        columns = HoursCount.__table__.columns
        return [tuple(each) for each in self.c.session.execute(select(*columns).order_by(HoursCount.id))]

    def waiting(self) -> int:
        """Minutes that wait, of everybody's entries."""
        there = [each for pot in self.pots for each in gate.in_pot(self.c.session, [pot])]
        return sum(each.minutes for each in there if each.state == State.SENT)

    def add(
        self, who: int, kind: Kind, learning: bool, day: dt.date, length: int | tuple[dt.time, dt.time], pot: int
    ) -> None:
        timed = isinstance(length, tuple)
        typed = Typed(
            kind, learning, f"iets van {who}", day, None if timed else length,  # type: ignore[arg-type]
            length[0] if timed else None, length[1] if timed else None, "bureau",  # type: ignore[index]
        )  # fmt: skip
        entries.add(self.asker(who), typed, None if pot < 0 else self.pots[pot % len(self.pots)])

    def close(self, number: int) -> None:
        people = self.people
        pot_id = self.pots[number % len(self.pots)]
        known = next(each for each in known_pots.pots(self.c.session, self.c.community.id) if each.id == pot_id)
        meant = {each: known.planned(each) for each in people if known.for_all or each in known.stretches}
        if closing.close(self.c.session, self.c.community, self.c.members[0], pot_id, people, LATER):
            for row in self.c.session.scalars(select(HoursBalance).where(HoursBalance.pot_id == pot_id)):
                own = meant.get(row.person_id or 0, 0)
                assert row.planned == (own or 0) + row.came, "what was planned is what their days came to"
            after = self.c.session.get_one(HoursPot, pot_id).next_id
            assert after is not None
            if after not in self.pots:
                self.pots.append(after)

    def accept(self, who: int, piece: int, pot: int) -> None:
        run, member = self.c.run.id, self.c.members[who]
        done = [Finished(run, "ambition", each, dt.date(2025, 11, 3), f"stuk {each}") for each in (0, 1)]
        viewer = Viewer(frozenset({Audience.MEMBER}), member.id)
        chosen = None if pot < 0 else self.pots[pot % len(self.pots)]
        suggestions.accept(self.asker(who), viewer, member, done, (run, piece), True, chosen)

    def done(self, done: Done, who: int, number: int, minutes: int) -> None:
        ids = self.c.session.scalars(select(HoursEntry.id).order_by(HoursEntry.id)).all()
        if not ids:
            return
        entry_id, person = ids[number % len(ids)], self.c.members[who].person_id
        place = (self.c.session, self.c.community.id, person)
        if done == Done.APPROVED:
            # Many at once, those of others that are named with it among them.
            approvals.approve(*place, [entry_id, *ids[number % len(ids) : minutes % (len(ids) + 1)]])
        elif done == Done.CORRECTED:
            approvals.correct(*place, entry_id, minutes, "omdat het anders was")
        elif done in OF_APPROVER:
            approvals.speak(*place, entry_id, done, "woorden")
        elif done == Done.WITHDRAWN:
            entries.withdraw(self.asker(who), entry_id, "toch niet")
        elif done == Done.CLAIMED:
            self.claim(who, entry_id)
        elif done in (Done.ANSWERED, Done.DISPUTED):
            entries.speak(self.asker(who), entry_id, done, "zo was het")
        elif done == Done.SENT:
            entries.send(self.asker(who), entry_id, self.pots[minutes % len(self.pots)])
        elif done == Done.RESENT:
            again = Typed(Kind.OWN, True, "nog eens", dt.date(2025, 11, 4), 45)
            # To the same pot, or to another one.
            entries.add(self.asker(who), again, self.pots[minutes % len(self.pots)], again=entry_id)

    def claim(self, who: int, entry_id: int) -> None:
        """Room is what is left under every cap of the pot, and comes to count only by being asked for."""
        session, asker = self.c.session, self.asker(who)
        known, before = known_pots.pots(session, self.c.community.id), self.rows()
        entry = gate.own(session, asker.community_id, asker.person_id, entry_id)
        found = room.offered(session, asker.person_id, [entry], known, {})
        assert all(0 < each.minutes <= each.entry.above for each in found)
        assert not (found and entry.locked)
        assert self.rows() == before, "offered, and not filled"
        room.ask(asker, entry_id)
        assert found, "what is not offered cannot be asked for"
        fresh = self.rows()[len(before) :]
        pot = next(each for each in known if each.id == entry.pot_id)
        assert len(fresh) == (pot.review != Review.BEFORE)
        assert sum(each.minutes for each in gate.own(session, asker.community_id, asker.person_id, entry_id).rows) == (
            entry.counts + (found[0].minutes if fresh else 0)
        )

    def look(self) -> None:
        """All that must hold, now."""
        session, community = self.c.session, self.c.community.id
        rows = session.scalars(select(HoursCount).order_by(HoursCount.id)).all()
        made = {each.id: each for each in session.scalars(select(HoursEntry))}
        acts = session.scalars(select(HoursAct).order_by(HoursAct.id)).all()
        net: Counter[int] = Counter()
        for row in rows:
            net[row.entry_id] += row.minutes
        owners = {each.person_id: number for number, each in enumerate(self.c.members)}
        # Nobody approves, returns, asks or corrects their own; nothing of that is without words.
        for act in acts:
            whose = made[act.entry_id].person_id
            if act.kind in OF_APPROVER and act.by_id is not None and act.id > self.acted:
                assert whose is None or act.by_id not in joins.accounts(session, [whose])
            if whose is None:
                # Of who was erased no word is left.
                assert not act.words
            elif act.kind in (Done.RETURNED, Done.QUERIED, Done.CORRECTED, Done.DISPUTED):
                assert act.words
        # What once counted changes only by a correction or by its owner taking it back; a row is never changed.
        self.acted = acts[-1].id if acts else 0
        first = {}
        kinds = {act.id: act.kind for act in acts}
        self.since |= {
            row.entry_id
            for row in rows
            if row.id not in self.once and self.pair and made[row.entry_id].person_id in self.pair
        }
        for row in rows:
            if row.entry_id in first and kinds[row.act_id] in (Done.APPROVED, Done.COUNTED):
                # More of it, once its owner asked for it: out of what did not count, and of one entry alone.
                assert row.minutes > 0
                assert (row.overlap, row.above) == (0, -row.minutes)
                assert any(
                    act.kind == Done.CLAIMED and act.id < row.act_id for act in acts if act.entry_id == row.entry_id
                )
            elif row.entry_id in first:
                assert kinds[row.act_id] in (Done.CORRECTED, Done.WITHDRAWN)
            else:
                assert kinds[row.act_id] in (Done.APPROVED, Done.COUNTED)
                first[row.entry_id] = row.minutes
        for row in rows:
            assert self.once.setdefault(row.id, row.minutes) == row.minutes
        assert len(self.once) == len(rows)
        self.closed_stay_closed(rows, made)
        for number, member in enumerate(self.c.members):
            self.adds_up(number, member, community, net, made)
        self.gradebook_hears()
        assert set(owners) | {None} >= {each.person_id for each in made.values()}
        self.over_both(net, made)
        self.approvers(rows, made)

    def over_both(self, net: Counter[int], made: dict[int, HoursEntry]) -> None:
        """Of two accounts that are one, no minute counts twice since they are."""
        timed = [made[each] for each in self.since if made[each].begins_at]
        for one in timed:
            for other in timed:
                begin, end = min(one.begins_at, other.begins_at), max(one.ends_at, other.ends_at)  # type: ignore[type-var]
                within = [each for each in timed if each.begins_at >= begin and each.ends_at <= end]  # type: ignore[operator]
                assert sum(net[each.id] for each in within) <= int((end - begin).total_seconds()) // 60  # type: ignore[operator]

    def approvers(self, rows: Sequence[HoursCount], made: dict[int, HoursEntry]) -> None:
        """What whoever approves takes along is what is booked in their pots, of all others, whoever was erased too."""
        session = self.c.session
        for member in self.c.members:
            known, seen = gate.of_approver(session, self.c.community.id, member.person_id)
            own, ids = joins.accounts(session, [member.person_id]), {each.id for each in known}
            moved = gate.moved_into(session, known, member.person_id)
            lines = out.lines(seen, known, {}, "nl", moved=moved)
            booked = [row.minutes for row in rows if row.pot_id in ids and made[row.entry_id].person_id not in own]
            assert sum(line.counts for line in lines) == sum(booked)
            assert all(each.person_id not in own for each in seen)

    def gradebook_hears(self) -> None:
        """Whose hours of a year changed, has a score to be sent in the same transaction."""
        session = self.c.session
        found, begins = gate.of_course(session, self.c.course.id, None)
        now_there: dict[tuple[int, str], int] = {}
        for member in self.c.members:
            theirs = [each for each in found if each.person_id == member.person_id]
            for year, minutes in column.by_year(theirs, begins).items():
                now_there[member.person_id, year] = minutes
        changed = {key for key, minutes in now_there.items() if self.graded.get(key, 0) != minutes}
        periods = {item.id: item.period for item in session.scalars(select(LineItem).where(LineItem.kind == "hours"))}
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "score"))
        put = {(row.ids["person"], periods[row.ids["column"]]) for row in rows if row.ids["column"] in periods}
        assert changed <= put
        session.execute(delete(OutboxRow))
        self.graded = now_there

    def of_years(self, member: Member, mine: list[Entry], known: list[Pot], record: dict[str, Any]) -> None:
        """Of each school year the same to the minute: the page, the file, the pack, and so the gradebook's column."""
        page = column.by_year(mine, {pot.id: pot.first_day for pot in known})
        moved = [row for each in mine for row in each.moved]
        text = out.csv(out.lines(mine, known, {}, "nl", moved=moved), "nl").decode("utf-8-sig")
        of_file: Counter[str] = Counter()
        for line in list(csv.reader(io.StringIO(text), delimiter=";"))[1:]:
            of_file[column.year(dt.date(*map(int, reversed(line[2].split("-")))))] += int(line[out.COUNTS])
        first = {pot.label: pot.first_day for pot in known}
        of_pack: Counter[str] = Counter()
        for each in record["entries"]:
            for row in each["ledger"]:
                day = first[row["booked_in"]] if row["of_closed_pot"] else dt.date.fromisoformat(each["day"])
                of_pack[column.year(day)] += row["minutes"]
        kind, link = (
            columns.KINDS[column.KIND],
            self.c.session.scalars(select(ResourceLink).where(ResourceLink.step == "hours")).one(),
        )
        for year in {*page, *of_file, *of_pack}:
            assert page.get(year, 0) == of_file[year] == of_pack[year]
            value = kind.values(self.c.session, link, year, [member.person_id]).get(member.person_id)
            assert (value.score if value else None) == column.score(page.get(year, 0))
            everybody = kind.values(self.c.session, link, year, None)
            assert everybody.get(member.person_id) == value

    def closed_stay_closed(self, rows: Sequence[HoursCount], made: dict[int, HoursEntry]) -> None:
        """What a period came to is what was booked in it, for good; what is suggested is accepted once and capped."""
        session = self.c.session
        booked: Counter[tuple[int, int | None]] = Counter()
        for row in rows:
            booked[row.pot_id, made[row.entry_id].person_id] += row.minutes
        found = session.scalars(select(HoursBalance)).all()
        pots_there = {each.id: each for each in session.scalars(select(HoursPot))}
        for each in found:
            pot = pots_there[each.pot_id]
            alike = [one for one in found if (one.pot_id, one.person_id) == (each.pot_id, each.person_id)]
            assert sum(one.counted for one in alike) == booked[each.pot_id, each.person_id]
            sums = (each.planned, each.came, each.counted, each.unaccounted, each.carried, str(each.layers))
            assert self.closed.setdefault(each.id, sums) == sums
            assert each.carried == sum(layer["minutes"] for layer in each.layers)
            assert pot.carries or not [one for one in each.layers if one["of"] == pot.first_day.isoformat()]
            before = [one for one in found if one.person_id == each.person_id
                      and pots_there[one.pot_id].next_id == each.pot_id]  # fmt: skip
            assert sum(one.came for one in alike) == sum(one.carried for one in before)
        whose = {(each.pot_id, each.person_id) for each in found}
        named = [each for each in found if each.person_id is not None]
        assert len({(each.pot_id, each.person_id) for each in named}) == len(named)
        for pot in pots_there.values():
            assert (pot.closed_at is None) == (pot.next_id is None)
            if pot.closed_at:
                assert {who for of, who in booked if of == pot.id} <= {who for of, who in whose if of == pot.id}
        for row in rows:
            assert row.of_id is None or pots_there[row.of_id].closed_at
        taken: Counter[int | None] = Counter()
        accepted = session.scalars(select(HoursSuggestion)).all()
        for one in accepted:
            taken[made[one.entry_id].person_id] += made[one.entry_id].minutes
        assert all(minutes <= WORTH.most for minutes in taken.values())
        assert len({(made[one.entry_id].person_id, one.piece) for one in accepted}) == len(accepted)

    def per_pot(self, member: Member, mine: list[Entry], moved: list[Moved], known: list[Pot]) -> None:
        """Of each pot the same to the minute: the page, the files, the rows, and what an approver reads."""
        session = self.c.session
        query = (
            select(HoursCount.pot_id, func.sum(HoursCount.minutes))
            .join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
            .where(HoursEntry.person_id == member.person_id)
            .group_by(HoursCount.pot_id)
        )
        of_rows = {pot_id: int(minutes) for pot_id, minutes in session.execute(query)}
        lines: Counter[str] = Counter()
        for line in out.lines(mine, known, {}, "nl", moved=moved):
            lines[line.pot] += line.counts
        labels = Counter(each.label for each in known)
        approving = {each: gate.of_approver(session, self.c.community.id, each.person_id)[1] for each in self.c.members}
        for pot in known:
            into = [each for each in moved if each.pot_id == pot.id]
            page = known_entries.sums([each for each in mine if each.pot_id == pot.id], into)
            assert page.counts == of_rows.get(pot.id, 0)
            if labels[pot.label] == 1:
                assert lines[pot.label] == page.counts
            for approver in self.c.members:
                others = member.person_id not in joins.accounts(session, [approver.person_id])
                if approver.person_id in pot.approving and others:
                    theirs = [
                        each
                        for each in approving[approver]
                        if each.person_id == member.person_id and each.pot_id == pot.id
                    ]
                    booked = [each for each in gate.moved_into(session, [pot], approver.person_id)
                              if each.person_id == member.person_id]  # fmt: skip
                    assert known_entries.sums(theirs, booked).counts == page.counts

    def taken_along(self) -> None:
        """At the end: workbook and pack of each person add up with the rows."""
        session = self.c.session
        for member in self.c.members:
            viewer = Viewer(frozenset({Audience.MEMBER}), member.id)
            mine, known = gate.mine(session, viewer, member), known_pots.pots(session, self.c.community.id)
            moved = [row for each in mine for row in each.moved]
            total = sum(each.counts for each in mine)
            # With two accounts that are one, what is taken along is of both.
            whole = taken.of_owner(session, viewer, member)
            both = joins.accounts(session, [member.person_id])
            lines = out.lines(whole.entries, whole.all_pots, {}, "nl", moved=whole.moved)
            of_both = select(func.sum(HoursCount.minutes)).join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
            rows = session.scalar(of_both.where(HoursEntry.person_id.in_(both)))
            assert sum(line.counts for line in lines) == (rows or 0)
            assert len({each.id for each in whole.entries}) == len(whole.entries)
            self.per_pot(member, mine, moved, known)
            book = zipfile.ZipFile(io.BytesIO(out.xlsx(out.lines(mine, known, {}, "nl", moved=moved), "nl")))
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            # Not the heading, which is a text.
            cells = re.findall(r'<c r="K(?!1")\d+"[^>]*><v>(-?\d+)</v>', sheet)
            assert sum(map(int, cells)) == total
            of_mine = balances.mine(session, viewer, member)
            policy = Policy(known, known_pots.roles(session, self.c.community.id, member.person_id), [])
            record = Record("x", mine, moved, list(of_mine.balances.values()), policy, {}, named=False)
            packed = zipfile.ZipFile(io.BytesIO(pack.make(record, "nl", ZONE, now().date())))
            manifest = json.loads(packed.read("manifest.json"))
            assert sum(each["counts"] for each in manifest["minutes"].values()) == total
            ledger = json.loads(packed.read("record.json"))
            self.of_years(member, mine, known, ledger)
            assert sum(row["minutes"] for each in ledger["entries"] for row in each["ledger"]) == total

    def adds_up(self, who: int, member: Member, community: int, net: Counter[int], made: dict[int, HoursEntry]) -> None:
        session = self.c.session
        mine = gate.mine(session, Viewer(frozenset({Audience.MEMBER}), member.id), member)
        of_rows = sum(net[each.id] for each in made.values() if each.person_id == member.person_id)
        moved = [row for each in mine for row in each.moved]
        assert known_entries.sums(mine, moved).counts == of_rows, "the page's total is the sum of the rows"
        known = known_pots.pots(session, community)
        lines = out.lines(mine, known, {}, "nl", moved=moved)
        assert sum(int(line.counts) for line in lines) == of_rows, "and so is the export's"
        for locale, delimiter in (("nl", ";"), ("en", ",")):
            text = out.csv(out.lines(mine, known, {}, locale, moved=moved), locale).decode("utf-8-sig")
            read = list(csv.reader(io.StringIO(text), delimiter=delimiter))
            assert sum(int(each[out.COUNTS]) for each in read[1:]) == of_rows
        for each in mine:
            whole = each.counts + each.overlap + each.above
            assert whole == (each.minutes if each.state in COUNTING else 0), each
            assert 0 <= each.counts <= each.minutes
            assert each.state in COUNTING or each.counts == 0
        # No minute twice: of any stretch of time no more counts than there is of it.
        timed = [each for each in mine if each.begins and each.counts]
        for one in timed:
            for other in timed:
                begin, end = min(one.begins, other.begins), max(one.ends, other.ends)  # type: ignore[type-var]
                within = [each for each in timed if each.begins >= begin and each.ends <= end]  # type: ignore[operator]
                minutes = int((end - begin).total_seconds()) // 60  # type: ignore[operator]
                assert sum(each.counts for each in within) <= minutes
        # Every cap holds, however the pot was filled.
        for pot in known:
            of_pot = [each for each in mine if each.pot_id == pot.id]
            for number, cap in enumerate(pot.rules(member.person_id).caps):
                # What was planned may have become less since; then no more counted than could, when it did.
                place = (pot.id, member.person_id, number)
                self.most[place] = max(self.most[place], cap.minutes)
                held = [each for each in of_pot if not cap.kinds or each.kind in cap.kinds]
                groups: dict[object, int] = defaultdict(int)
                for each in held:
                    groups[{Per.ENTRY: each.id, Per.DAY: each.day, Per.PERIOD: 0}[cap.per]] += each.counts
                assert all(total <= self.most[place] for total in groups.values()), cap
            if not pot.arranging:
                assert not sum(each.counts for each in of_pot if not each.learning)
        # A day has no more than 24 hours, whatever is claimed.
        viewer = Viewer(frozenset({Audience.MEMBER}), member.id)
        there = sum(each.counts for _where, each in gate.elsewhere(session, viewer, member))
        other = joins.accounts(session, [member.person_id]) - {member.person_id}
        assert there == sum(net[each.id] for each in made.values() if each.person_id in other)
        days: Counter[dt.date] = Counter()
        for each in mine:
            if each.state in COUNTING | {State.SENT, State.KEPT} and each.state != State.CORRECTED:
                days[each.day] += each.minutes
        assert all(total <= 24 * 60 for total in days.values())
        # Whoever approves reads the same of it, and no entry of their own.
        for approver in self.c.members:
            pots_of, seen = gate.of_approver(session, community, approver.person_id)
            parts = gate.slices_of_approver(session, pots_of, approver.person_id, 2)
            assert [each for _before, _total, part in parts for each in part] == seen, "a file reads what the page does"
            theirs = {each.id: each for each in mine}
            ids = {each.id for each in pots_of}
            for each in seen:
                if each.person_id == member.person_id and each.state != State.REPLACED:
                    assert each == theirs[each.id]
                    assert each.pot_id in ids


WORTH = Worth(25, 20, 40)


def books(c: Circle, wanted: Wanted) -> Books:
    """A community whose members 0 and 1 approve of every pot, 2 beside them; all took part in a step that is worth
    something."""
    people = [each.person_id for each in c.members]
    made = Books(c)
    c.session.add(
        ResourceLink(
            deployment_id=c.course.deployment_id, resource_link_id="hours", course_id=c.course.id,
            step=Beside.HOURS, passback=Passback.HOURS, line_items_url="https://lms/items",
        )
    )  # fmt: skip
    suggestions.set_tariff(c.session, c.community, c.members[0], {"ambition": WORTH}, {"ambition"})
    c.session.add_all(Moment(step_run_id=c.run.id, member_id=each.id, kind="input") for each in c.members)
    for number, (review, caps, arranging, terms) in enumerate(wanted):
        asked = pots.Asked(
            f"Pot {number}", FIRST, LAST, 600, review, people[:2], people[2:3],
            arranging=arranging, caps=caps, terms=terms,
        )  # fmt: skip
        made.pots.append(pots.make(c.session, c.community, c.members[0], asked, people))
    return made


def _lived(c: Circle, wanted: Wanted, history: list[tuple[object, ...]]) -> None:
    made = books(c, wanted)
    for what in history:
        with contextlib.suppress(Refused):
            made.do(what)
        made.look()
    made.taken_along()


@histories(11, 300)
@given(wanted=POTS, history=HISTORIES)
@example(wanted=WANTED, history=LIVED)
@example(wanted=CAPPED, history=FREED)
def test_it_always_adds_up(wanted: Wanted, history: list[tuple[object, ...]]) -> None:
    with circle(PEOPLE) as c:
        _lived(c, wanted, history)


@pytest.mark.postgresql
@histories(3, 100)
@given(wanted=POTS, history=HISTORIES)
@example(wanted=WANTED, history=LIVED)
@example(wanted=CAPPED, history=FREED)
def test_it_always_adds_up_on_postgresql(
    postgresql_url: str, wanted: Wanted, history: list[tuple[object, ...]]
) -> None:
    engine = create_engine(postgresql_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as began, Session(connection) as session:
        _lived(_new(session, PEOPLE, STEPS.by_name["ambition"]), wanted, history)
        # Of each history nothing stays.
        began.rollback()
    engine.dispose()


def test_room_is_given_once_it_is_asked_for_and_no_sooner() -> None:
    """The history above, to the minute."""
    with circle(PEOPLE) as c:
        _lived(c, CAPPED, FREED)
        query = select(HoursCount.entry_id, HoursCount.minutes, HoursCount.above).order_by(HoursCount.id)
        first = c.session.scalar(select(func.min(HoursEntry.id))) or 0
        assert [(entry - first, minutes, above) for entry, minutes, above in c.session.execute(query)] == [
            (0, 60, 0), (1, 0, 45), (0, -60, 0), (1, 45, -45),
            (2, 60, 0), (3, 0, 50), (4, 0, 30), (2, -40, 40), (3, 40, -40),
        ]  # fmt: skip


NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SPANS = st.tuples(st.integers(0, 90), st.integers(1, 60), st.integers(1, 2), st.integers(0, 60))


@histories(200, 4000)
@given(spans=st.lists(SPANS, max_size=8), most=st.integers(0, 120))
def test_no_minute_counts_twice_and_no_cap_is_passed_whatever_is_corrected(
    spans: list[tuple[int, int, int, int]], most: int
) -> None:
    """Without a database, so that many are tried: what counts fits into the time there was, in every stretch of it."""
    book, claims, rules = Ledger(), list[Claim](), Rules([Cap(Per.PERIOD, most)])
    for number, (begin, minutes, pot, less) in enumerate(spans, 1):
        begins = NOON + dt.timedelta(minutes=begin)
        ends = begins + dt.timedelta(minutes=minutes)
        claims.append(Claim(number, pot, Kind.OWN, True, minutes, NOON.date(), begins, ends))
        verdict = book.verdict(claims[-1], rules)
        assert verdict.minutes + verdict.overlap + verdict.above == minutes
        book.enter(claims[-1], verdict.minutes)
        # An earlier one is corrected: down, or up to what it can count for now.
        other = claims[less % len(claims)]
        book.enter(other, min(less, book.verdict(other, rules).minutes) - book.net(other.entry))
        for first in {each[0] for each in spans}:
            for last in {sum(each[:2]) for each in spans}:
                within = [
                    each for each, span in zip(claims, spans, strict=False) if first <= span[0] <= sum(span[:2]) <= last
                ]
                assert sum(book.net(each.entry) for each in within) <= max(0, last - first)
        for pot_id in (1, 2):
            assert sum(book.net(each.entry) for each in claims if each.pot == pot_id) <= most
