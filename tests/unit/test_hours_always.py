"""Whatever people do with hours, in whatever order: the sums add up, on the pages, in the exports and in the rows.

A second reading keeps its own books beside it, minute by minute, and knows nothing of ledger.py.
"""

import csv
import datetime as dt
import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.domain import Refused
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import approvals, entries, gate, out, pots
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.ledger import Cap, Claim, Ledger, Per, Rules
from lti_tool.domain.hours.states import COUNTING, OF_APPROVER, State
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import Member
from lti_tool.models.hours import HoursAct, HoursCount, HoursEntry
from lti_tool.models.hours_codes import Done, Kind, Review
from tests.histories import histories
from tests.web.circle import Circle, circle

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
POTS = st.lists(st.tuples(st.sampled_from(Review), CAPS, st.booleans()), min_size=1, max_size=3)
# Few days and near times, so that much overlaps; on one of the days the clock changes.
DAYS = st.sampled_from([dt.date(2026, 3, 29), dt.date(2025, 11, 3)])
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
HISTORIES = st.lists(ADDED | ADDED | DONE, min_size=4, max_size=25)


@dataclass
class Books:
    """The second reading: of each person the minutes that count, as moments; of an untimed entry as its own."""

    c: Circle
    pots: list[int] = field(default_factory=list)
    once: dict[int, int] = field(default_factory=dict)
    corrected: Counter[int] = field(default_factory=Counter)

    def asker(self, who: int) -> Asker:
        member = self.c.members[who]
        return Asker(self.c.session, self.c.community.id, member.person_id, ZONE, SURE)

    def do(self, what: tuple[object, ...]) -> None:
        with self.c.session.begin_nested():
            if what[0] == "add":
                self.add(*what[1:])  # type: ignore[arg-type]
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
        for number, member in enumerate(self.c.members):
            self.adds_up(number, member, community, net, made)
        assert set(owners) >= {each.person_id for each in made.values()}

    def adds_up(self, who: int, member: Member, community: int, net: Counter[int], made: dict[int, HoursEntry]) -> None:
        session = self.c.session
        mine = gate.mine(session, Viewer(frozenset({Audience.MEMBER}), member.id), member)
        of_rows = sum(net[each.id] for each in made.values() if each.person_id == member.person_id)
        assert gate.sums(mine).counts == of_rows, "the page's total is the sum of the rows"
        known = gate.pots(session, community)
        lines = out.lines(mine, known, {}, "nl")
        assert sum(int(line.counts) for line in lines) == of_rows, "and so is the export's"
        for locale, delimiter in (("nl", ";"), ("en", ",")):
            text = out.csv(out.lines(mine, known, {}, locale), locale).decode("utf-8-sig")
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
            theirs = {each.id: each for each in mine}
            ids = {each.id for each in pots_of}
            for each in seen:
                if each.person_id == member.person_id and each.state != State.REPLACED:
                    assert each == theirs[each.id]
                    assert each.pot_id in ids


def books(c: Circle, wanted: list[tuple[Review, list[pots.CapAsked], bool]]) -> Books:
    """A community whose members 0 and 1 approve of every pot, 2 beside them."""
    people = [each.person_id for each in c.members]
    made = Books(c)
    for review, caps, arranging in wanted:
        asked = pots.Asked(
            "Professionele ontwikkeling", FIRST, LAST, 600, review, people[:2], people[2:3],
            arranging=arranging, caps=caps,
        )  # fmt: skip
        made.pots.append(pots.make(c.session, c.community, c.members[0], asked, people))
    return made


@histories(25, 300)
@given(wanted=POTS, history=HISTORIES)
def test_it_always_adds_up(
    wanted: list[tuple[Review, list[pots.CapAsked], bool]], history: list[tuple[object, ...]]
) -> None:
    with circle(PEOPLE) as c:
        made = books(c, wanted)
        for what in history:
            try:
                made.do(what)
            except Refused:
                pass
            made.look()


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
