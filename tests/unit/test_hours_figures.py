"""The one figure a school leader reads: from it, and from any two of them, nobody's hours can be computed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from lti_tool.db import now
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import figures, pots
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import OutboxRow
from lti_tool.models.hours import HoursAct, HoursCount, HoursEntry, HoursFigure, HoursFigurePart, HoursJoin
from lti_tool.models.hours_codes import Done, Kind, Review
from tests.histories import histories
from tests.web.circle import Circle, circle

ZONE = ZoneInfo("Europe/Amsterdam")
PEOPLE = 8
MONTHS = [dt.date(2025, month, 1) for month in (9, 10, 11, 12)] + [dt.date(2026, month, 1) for month in range(1, 11)]
LEADER = Viewer(frozenset({Audience.LEADER}), None)


def a_pot(c: Circle) -> int:
    asked = pots.Asked("Pot", dt.date(2025, 8, 1), dt.date(2026, 7, 31), None, Review.NONE)
    return pots.make(c.session, c.community, c.members[0], asked, [])


def counts(c: Circle, pot: int, who: int | None, minutes: int, at: dt.datetime, day: dt.date | None = None) -> None:
    """A row of the ledger, as of a moment."""
    person = c.members[who].person_id if who is not None else None
    entry = HoursEntry(
        person_id=person, community_id=c.community.id, kind=Kind.OWN, learning=True, minutes=abs(minutes) or 1,
        day=day or at.date(), line="iets", provider="",
    )  # fmt: skip
    c.session.add(entry)
    c.session.flush()
    act = HoursAct(entry_id=entry.id, kind=Done.SENT, by_id=person, pot_id=pot, words="")
    c.session.add(act)
    c.session.flush()
    row = HoursCount(entry_id=entry.id, pot_id=pot, act_id=act.id, minutes=minutes, overlap=0, above=0, at=at)
    c.session.add(row)
    c.session.flush()


def before(month: dt.date, days: int = 3) -> dt.datetime:
    return dt.datetime.combine(month, dt.time(), ZONE) - dt.timedelta(days=days)


def publish(c: Circle, month: dt.date, day: int = 1) -> str:
    return figures.publish(c.session, c.community.id, month.replace(day=day), ZONE)


def shown(c: Circle, month: dt.date, reader: int = 0, day: int = 9) -> int | None:
    found = figures.shown(c.session, LEADER, c.community.id, reader, month.replace(day=day))
    assert found is not None
    return found.minutes


def test_it_is_over_five_people_other_than_the_reader_and_as_of_the_first_of_the_month() -> None:
    with circle(PEOPLE) as c:
        assert figures.shown(c.session, LEADER, c.community.id, 0, MONTHS[2]) is None, "no hours are kept here"
        pot, month = a_pot(c), MONTHS[2]
        for who in range(4):
            counts(c, pot, who, 60, before(month))
        assert publish(c, month) == "none_this_month"
        assert shown(c, month) is None
        counts(c, pot, 4, 60, before(month))
        # What comes on the first, in the morning, is of next month, whenever somebody looks.
        counts(c, pot, 5, 600, before(month, -1))
        assert publish(c, month, 20) == "published"
        assert publish(c, month, 28) == "there_already"
        assert shown(c, month) == 300
        # Of who reads it and is in it themselves it is over four others.
        assert shown(c, month, c.members[0].person_id) is None
        assert shown(c, month, c.members[6].person_id) == 300


def test_a_leader_s_own_minutes_are_not_in_it_and_all_others_read_the_same() -> None:
    with circle(PEOPLE) as c:
        pot, month = a_pot(c), MONTHS[2]
        for who in range(6):
            counts(c, pot, who, 10 * (who + 1), before(month))
        publish(c, month)
        assert [shown(c, month, c.members[who].person_id) for who in (0, 5, 7)] == [200, 150, 210]


def test_there_is_one_again_once_nobody_or_three_people_changed_beside_all_there_were() -> None:
    with circle(PEOPLE) as c:
        pot = a_pot(c)
        for who in range(6):
            counts(c, pot, who, 60, before(MONTHS[1]))
        assert publish(c, MONTHS[1]) == "published"
        assert publish(c, MONTHS[2]) == "published", "nobody changed: it is the same figure"
        assert shown(c, MONTHS[2]) == 360
        for who in (0, 1):
            counts(c, pot, who, 30, before(MONTHS[3]))
        assert publish(c, MONTHS[3]) == "none_this_month"
        assert shown(c, MONTHS[3]) is None
        counts(c, pot, 2, 30, before(MONTHS[4]))
        assert publish(c, MONTHS[4]) == "published"
        assert shown(c, MONTHS[4]) == 450
        # One of the three has it in their own hands: to them it is two, and they read nothing.
        assert shown(c, MONTHS[4], c.members[2].person_id) is None
        # Two go back and a fourth comes: beside the last one that is three, beside the first one two.
        for who, minutes in ((0, -30), (1, -30), (3, 5)):
            counts(c, pot, who, minutes, before(MONTHS[5]))
        assert publish(c, MONTHS[5]) == "none_this_month"


def test_it_is_the_school_year_s_and_begins_anew() -> None:
    with circle(PEOPLE) as c:
        pot, august = a_pot(c), dt.date(2026, 9, 1)
        for who in range(6):
            counts(c, pot, who, 60, before(MONTHS[1]))
            counts(c, pot, who, 20, before(august))
        publish(c, dt.date(2026, 7, 1))
        assert publish(c, august) == "published"
        assert (shown(c, dt.date(2026, 7, 1)), shown(c, august)) == (360, 120)


def test_nobody_but_a_leader_reads_it() -> None:
    with circle(PEOPLE) as c:
        a_pot(c)
        for audience in set(Audience) - {Audience.LEADER}:
            with pytest.raises(Refused, match="not_yours_to_read"):
                figures.shown(c.session, Viewer(frozenset({audience}), 1), c.community.id, 1, MONTHS[0])


def test_the_clock_comes_again_next_month() -> None:
    with circle(PEOPLE) as c:
        a_pot(c)
        row = c.session.scalars(select(OutboxRow).where(OutboxRow.kind == outbox.Kind.FIGURE)).one()
        assert row.due_at <= now()
        row.done_at = now()
        c.session.flush()
        publish(c, dt.date(2025, 12, 5))
        due = [each.due_at for each in c.session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None)))
               if each.kind == outbox.Kind.FIGURE]  # fmt: skip
        assert due == [dt.datetime(2026, 1, 1, tzinfo=ZONE)]


STEPS = st.lists(
    st.tuples(st.just("count"), st.integers(0, PEOPLE - 1), st.sampled_from([-30, -10, 10, 10, 30, 30]))
    | st.tuples(st.just("many"), st.integers(0, PEOPLE - 1), st.integers(2, 6))
    | st.tuples(st.just("month"), st.just(0), st.just(0))
    | st.tuples(st.just("month"), st.just(0), st.just(0))
    | st.tuples(st.just("erase"), st.integers(0, PEOPLE - 1), st.just(0))
    | st.tuples(st.just("join"), st.integers(0, PEOPLE - 2), st.just(0))
    | st.tuples(st.just("undo"), st.just(0), st.just(0)),
    min_size=6,
    max_size=30,
)


@histories(40, 600)
@given(start=st.integers(0, PEOPLE), steps=STEPS)
def test_any_two_figures_shown_to_one_reader_differ_by_nothing_or_by_three_people(
    start: int, steps: list[tuple[str, int, int]]
) -> None:
    with circle(PEOPLE) as c:
        pot, month, gone = a_pot(c), 0, set[int]()
        ids = [each.person_id for each in c.members]
        sums: dict[int, int] = defaultdict(int)
        seen: dict[int, list[tuple[int, Mapping[int, int]]]] = defaultdict(list)

        def count(who: int, minutes: int) -> None:
            if ids[who] not in gone:
                counts(c, pot, who, minutes, before(MONTHS[month]), dt.date(2025, 10, 5))
                sums[ids[who]] += minutes

        for who in range(start):
            count(who, 60)
        for what, who, number in steps:
            if what == "count":
                count(who, number)
            elif what == "many":
                for each in range(number):
                    count((who + each) % PEOPLE, 15)
            elif what == "erase":
                gone.add(ids[who])
                for table in (HoursEntry, HoursFigurePart):
                    c.session.execute(update(table).where(table.person_id == ids[who]).values(person_id=None))
            elif what == "join":
                taken = c.session.scalars(select(HoursJoin).where(HoursJoin.ended_at.is_(None))).first()
                if taken is None and not {ids[who], ids[who + 1]} & gone:
                    c.session.add(HoursJoin(
                        deployment_id=c.course.deployment_id, one_id=ids[who], other_id=ids[who + 1],
                        one_yes_at=now(), other_yes_at=now(),
                    ))  # fmt: skip
                    c.session.flush()
            elif what == "undo":
                c.session.execute(update(HoursJoin).values(ended_at=now()))
            elif month < 10:
                publish(c, MONTHS[month])
                # The last is a leader of whom nobody here has any hours.
                for reader in (*ids, 10**6):
                    if (minutes := shown(c, MONTHS[month], reader)) is not None:
                        seen[reader].append((minutes, dict(sums)))
                month += 1
        # Who was joined to another account once knows what is theirs; who was erased reads nothing any more.
        known = {each for row in c.session.scalars(select(HoursJoin)) for each in (row.one_id, row.other_id)}
        for reader, found in seen.items():
            if reader in known | gone:
                continue
            for at, (one, then) in enumerate(found):
                assert sum(each != 0 for who, each in then.items() if who != reader) >= 5
                for other, later in found[at + 1 :]:
                    apart = sum(then.get(who, 0) != later.get(who, 0) for who in {*then, *later} - {reader})
                    assert apart >= 3 or one == other, (reader, one, other, apart)


def test_the_parts_are_kept_with_the_figure() -> None:
    with circle(PEOPLE) as c:
        pot = a_pot(c)
        for who in range(6):
            counts(c, pot, who, 60, before(MONTHS[1]))
        publish(c, MONTHS[1])
        assert c.session.query(HoursFigure).count() == 1
        assert {each.minutes for each in c.session.query(HoursFigurePart)} == {60}
