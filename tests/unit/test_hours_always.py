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
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import approvals, balances, closing, entries, gate, out, pack, pots, suggestions
from lti_tool.domain.hours.carry import Terms
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.gate import Entry, Moved, Pot
from lti_tool.domain.hours.ledger import Cap, Claim, Ledger, Per, Rules
from lti_tool.domain.hours.pack import Policy, Record
from lti_tool.domain.hours.states import COUNTING, OF_APPROVER, State
from lti_tool.domain.hours.suggestions import Finished, Worth
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import Member, Moment
from lti_tool.models.hours import HoursAct, HoursBalance, HoursCount, HoursEntry, HoursPot, HoursSuggestion
from lti_tool.models.hours_codes import Done, Kind, Review
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
    st.sampled_from([*sorted(Done), *[Done.APPROVED] * 6, *[Done.CORRECTED] * 3]),
    st.sampled_from([0, 1, 2, 3]), st.integers(0, 30), st.integers(0, 250),
)  # fmt: skip
CLOSED = st.tuples(st.just("close"), st.integers(0, 5))
ACCEPTED = st.tuples(st.just("accept"), st.sampled_from([3, 3, 2, 0]), st.integers(0, 2), st.integers(-1, 5))
HISTORIES = st.lists(ADDED | ADDED | DONE | DONE | CLOSED | ACCEPTED, min_size=4, max_size=25)
LATER = dt.date(2030, 1, 1)  # when every period is over


@dataclass
class Books:
    """The second reading: of each person the minutes that count, as moments; of an untimed entry as its own."""

    c: Circle
    pots: list[int] = field(default_factory=list)
    once: dict[int, int] = field(default_factory=dict)
    corrected: Counter[int] = field(default_factory=Counter)
    closed: dict[int, tuple[object, ...]] = field(default_factory=dict)

    def asker(self, who: int) -> Asker:
        member = self.c.members[who]
        return Asker(self.c.session, self.c.community.id, member.person_id, ZONE, SURE)

    def do(self, what: tuple[object, ...]) -> None:
        with self.c.session.begin_nested():
            if what[0] == "add":
                self.add(*what[1:])  # type: ignore[arg-type]
            elif what[0] == "close":
                self.close(*what[1:])  # type: ignore[arg-type]
            elif what[0] == "accept":
                self.accept(*what[1:])  # type: ignore[arg-type]
            else:
                self.done(*what)  # type: ignore[arg-type]

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
        people = [each.person_id for each in self.c.members]
        pot_id = self.pots[number % len(self.pots)]
        if closing.close(self.c.session, self.c.community, self.c.members[0], pot_id, people, LATER):
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
        elif done in (Done.ANSWERED, Done.DISPUTED):
            entries.speak(self.asker(who), entry_id, done, "zo was het")
        elif done == Done.SENT:
            entries.send(self.asker(who), entry_id, self.pots[minutes % len(self.pots)])
        elif done == Done.RESENT:
            again = Typed(Kind.OWN, True, "nog eens", dt.date(2025, 11, 4), 45)
            entries.add(self.asker(who), again, self.pots[0], again=entry_id)

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
            if act.kind in OF_APPROVER:
                assert act.by_id != made[act.entry_id].person_id
            if act.kind in (Done.RETURNED, Done.QUERIED, Done.CORRECTED, Done.DISPUTED):
                assert act.words
        # What once counted changes only by a correction or by its owner taking it back; a row is never changed.
        first = {}
        kinds = {act.id: act.kind for act in acts}
        for row in rows:
            if row.entry_id in first:
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
        assert set(owners) >= {each.person_id for each in made.values()}

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
            assert each.counted == booked[each.pot_id, each.person_id]
            sums = (each.planned, each.came, each.counted, each.unaccounted, each.carried, str(each.layers))
            assert self.closed.setdefault(each.id, sums) == sums
            assert each.carried == sum(layer["minutes"] for layer in each.layers)
            assert pot.carries or not [one for one in each.layers if one["of"] == pot.first_day.isoformat()]
            before = [one for one in found if one.person_id == each.person_id
                      and pots_there[one.pot_id].next_id == each.pot_id]  # fmt: skip
            assert each.came == sum(one.carried for one in before)
        whose = {(each.pot_id, each.person_id) for each in found}
        assert len(whose) == len(found)
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
            page = gate.sums([each for each in mine if each.pot_id == pot.id], into)
            assert page.counts == of_rows.get(pot.id, 0)
            if labels[pot.label] == 1:
                assert lines[pot.label] == page.counts
            for approver in self.c.members:
                if approver.person_id in pot.approving and approver.id != member.id:
                    theirs = [
                        each
                        for each in approving[approver]
                        if each.person_id == member.person_id and each.pot_id == pot.id
                    ]
                    booked = [each for each in gate.moved_into(session, [pot.id], approver.person_id)
                              if each.person_id == member.person_id]  # fmt: skip
                    assert gate.sums(theirs, booked).counts == page.counts

    def taken_along(self) -> None:
        """At the end: workbook and pack of each person add up with the rows."""
        session = self.c.session
        for member in self.c.members:
            viewer = Viewer(frozenset({Audience.MEMBER}), member.id)
            mine, known = gate.mine(session, viewer, member), gate.pots(session, self.c.community.id)
            moved = [row for each in mine for row in each.moved]
            total = sum(each.counts for each in mine)
            self.per_pot(member, mine, moved, known)
            book = zipfile.ZipFile(io.BytesIO(out.xlsx(out.lines(mine, known, {}, "nl", moved=moved), "nl")))
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            # Not the heading, which is a text.
            cells = re.findall(r'<c r="K(?!1")\d+"[^>]*><v>(-?\d+)</v>', sheet)
            assert sum(map(int, cells)) == total
            of_mine = balances.mine(session, viewer, member)
            policy = Policy(known, gate.roles(session, self.c.community.id), [])
            record = Record("x", mine, moved, list(of_mine.balances.values()), policy, {}, named=False)
            packed = zipfile.ZipFile(io.BytesIO(pack.make(record, "nl", ZONE, now().date())))
            manifest = json.loads(packed.read("manifest.json"))
            assert sum(each["counts"] for each in manifest["minutes"].values()) == total
            ledger = json.loads(packed.read("record.json"))
            assert sum(row["minutes"] for each in ledger["entries"] for row in each["ledger"]) == total

    def adds_up(self, who: int, member: Member, community: int, net: Counter[int], made: dict[int, HoursEntry]) -> None:
        session = self.c.session
        mine = gate.mine(session, Viewer(frozenset({Audience.MEMBER}), member.id), member)
        of_rows = sum(net[each.id] for each in made.values() if each.person_id == member.person_id)
        moved = [row for each in mine for row in each.moved]
        assert gate.sums(mine, moved).counts == of_rows, "the page's total is the sum of the rows"
        known = gate.pots(session, community)
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
            for cap in pot.caps:
                held = [each for each in of_pot if not cap.kinds or each.kind in cap.kinds]
                groups: dict[object, int] = defaultdict(int)
                for each in held:
                    groups[{Per.ENTRY: each.id, Per.DAY: each.day, Per.PERIOD: 0}[cap.per]] += each.counts
                assert all(total <= cap.minutes for total in groups.values()), cap
            if not pot.arranging:
                assert not sum(each.counts for each in of_pot if not each.learning)
        # A day has no more than 24 hours, whatever is claimed.
        days: Counter[dt.date] = Counter()
        for each in mine:
            if each.state in COUNTING | {State.SENT, State.KEPT} and each.state != State.CORRECTED:
                days[each.day] += each.minutes
        assert all(total <= 24 * 60 for total in days.values())
        # Whoever approves reads the same of it, and no entry of their own.
        for approver in self.c.members:
            pots_of, seen = gate.of_approver(session, community, approver.person_id)
            assert all(each.person_id != approver.person_id for each in seen)
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


@histories(25, 300)
@given(wanted=POTS, history=HISTORIES)
def test_it_always_adds_up(wanted: Wanted, history: list[tuple[object, ...]]) -> None:
    with circle(PEOPLE) as c:
        _lived(c, wanted, history)


@pytest.mark.postgresql
@histories(8, 100)
@given(wanted=POTS, history=HISTORIES)
def test_it_always_adds_up_on_postgresql(
    postgresql_url: str, wanted: Wanted, history: list[tuple[object, ...]]
) -> None:
    engine = create_engine(postgresql_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as began, Session(connection) as session:
        _lived(_new(session, PEOPLE, STEPS.by_name["ambition"]), wanted, history)
        # Of each history nothing stays.
        began.rollback()
    engine.dispose()


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
