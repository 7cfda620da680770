"""What is planned for somebody: by the day, by their factor of that day, exact until it is rounded once."""

import datetime as dt
from decimal import Decimal, getcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain import Refused
from lti_tool.domain.hours import approvals, closing, entries, gate, holders, known_pots, planned, pots
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.ledger import Per
from lti_tool.domain.hours.planned import Stretch
from lti_tool.models import Act
from lti_tool.models.hours import HoursBalance, HoursPot, HoursRole
from lti_tool.models.hours_codes import Kind, Review
from tests.histories import histories
from tests.unit.test_hours_always import FIRST, LAST, SURE, ZONE
from tests.web.circle import Circle, circle

YEAR = (LAST - FIRST).days + 1
DAY = dt.timedelta(days=1)


def on(number: int) -> dt.date:
    return FIRST + number * DAY


def test_it_is_the_sum_over_the_days_rounded_once() -> None:
    # 84 days at 0.6 and 281 at 0.8, of 83 hours: 4980 x (50.4 + 224.8) / 365 = 3754.78.
    stretches = [Stretch(share=6000), Stretch(on(84), share=8000)]
    assert planned.total(FIRST, LAST, 4980, stretches) == 3755
    assert [each.days for each in planned.parts(FIRST, LAST, stretches)] == [84, 281]
    # Rounded by each stretch it would be a minute more or less.
    assert planned.total(FIRST, LAST, 1, [Stretch(on(each)) for each in range(YEAR)]) == 1
    assert planned.total(FIRST, LAST, 4980, []) == 0
    assert planned.total(FIRST, LAST, 4980, [Stretch()]) == 4980
    assert planned.total(FIRST, FIRST, 1, [Stretch(share=5000)]) == 1, "half a minute goes up"


def test_fixed_minutes_are_of_a_whole_period_and_half_of_it_is_half() -> None:
    first, last = dt.date(2026, 1, 1), dt.date(2026, 1, 10)
    assert planned.total(first, last, 100, [Stretch(minutes=2250)]) == 2250
    assert planned.total(first, last, 100, [Stretch(first + 5 * DAY, minutes=2250)]) == 1125


def test_a_membership_has_a_first_and_a_last_day_and_what_comes_later_holds() -> None:
    stretches = [Stretch(on(10), on(19), 5000), Stretch(on(15), on(29))]
    assert [(each.first, each.last) for each in planned.parts(FIRST, LAST, stretches)] == [
        (on(10), on(14)),
        (on(15), on(29)),
    ]
    there = [planned.belongs(FIRST, LAST, stretches, on(each)) for each in (9, 10, 14, 15, 29, 30)]
    assert there == [False, True, True, True, True, False]


@histories(200, 4000)
@given(
    minutes=st.integers(1, 120_000),
    days=st.integers(1, 731),
    stretches=st.lists(
        st.builds(
            Stretch,
            st.none() | st.integers(0, 730).map(on),
            st.none() | st.integers(0, 730).map(on),
            st.none() | st.integers(1, 10_000),
            st.none() | st.integers(1, 120_000),
        ),
        max_size=6,
    ),
)
def test_whatever_the_stretches_it_is_what_each_day_says(minutes: int, days: int, stretches: list[Stretch]) -> None:
    """A second reading: day by day, with decimals."""
    last = on(days - 1)
    getcontext().prec = 60
    exact = Decimal(0)
    for number in range(days):
        begun = [each for each in stretches if (each.first_day or FIRST) <= on(number)]
        holds = max(begun, key=lambda each: (each.first_day or FIRST, stretches.index(each)), default=None)
        # Of two that begin on one day the later one holds.
        same = [each for each in begun if holds and (each.first_day or FIRST) == (holds.first_day or FIRST)]
        holds = same[-1] if same else None
        if holds is None or (holds.last_day is not None and holds.last_day < on(number)):
            continue
        share = Decimal(minutes) * Decimal(holds.share or 10_000) / 10_000
        exact += Decimal(holds.minutes) if holds.minutes is not None else share
    assert planned.total(FIRST, last, minutes, stretches) == int(Fraction(exact) / days + Fraction(1, 2))


def a_pot(c: Circle, **more: object) -> int:
    people = [each.person_id for each in c.members]
    asked = pots.Asked("Pot", FIRST, LAST, 4980, Review.BEFORE, people[1:2], **more)  # type: ignore[arg-type]
    return pots.make(c.session, c.community, c.members[0], asked, people)


def hold(c: Circle, pot_id: int, who: int, stretch: Stretch, joins: bool = False) -> int:
    people = [each.person_id for each in c.members]
    asked = holders.Asked(c.members[who].person_id, stretch, joins)
    with c.session.begin_nested():
        return holders.hold(c.session, c.community, c.members[0], pot_id, asked, people)


def read(c: Circle, pot_id: int) -> Pot:
    return next(each for each in known_pots.pots(c.session, c.community.id) if each.id == pot_id)


def add(c: Circle, who: int, pot_id: int, minutes: int, day: dt.date) -> int:
    asker = Asker(c.session, c.community.id, c.members[who].person_id, ZONE, SURE)
    with c.session.begin_nested():
        return entries.add(asker, Typed(Kind.OWN, True, "iets", day, minutes), pot_id)


def test_said_anew_the_row_that_was_is_over_and_what_was_before_stays() -> None:
    with circle(3) as c:
        pot_id, who = a_pot(c), c.members[2].person_id
        assert hold(c, pot_id, 2, Stretch(share=6000)) == 2988
        assert hold(c, pot_id, 2, Stretch(on(84), share=8000)) == 3755
        assert hold(c, pot_id, 2, Stretch(on(84), share=9000)) == 4138, "of that day it was said anew"
        assert [each.share for each in read(c, pot_id).stretches_of(who)] == [6000, 9000]
        # A last day, of what holds then; and from then on they belong to it no longer.
        hold(c, pot_id, 2, Stretch(on(100), on(199)))
        found = read(c, pot_id)
        assert [(each.first, each.last, each.of.share) for each in found.parts(who)] == [
            (FIRST, on(83), 6000), (on(84), on(99), 9000), (on(100), on(199), 9000),
        ]  # fmt: skip
        assert [found.belongs(who, on(each)) for each in (199, 200)] == [True, False]
        assert found.planned(c.members[0].person_id) == 4980, "of nobody else anything changed"
        # Joining on a day: nothing holds before it.
        hold(c, pot_id, 2, Stretch(on(150)), joins=True)
        assert [each.first for each in read(c, pot_id).parts(who)] == [on(150)]
        rows = c.session.query(HoursRole).filter_by(person_id=who).all()
        assert len(rows) == 5, "no row is ever changed but for its end"
        assert c.session.query(Act).filter_by(kind="pot_holder").count() == 5


@pytest.mark.parametrize(
    ("stretch", "code"),
    [
        (Stretch(share=0), "hours_factor_zero"),
        (Stretch(minutes=0), "hours_factor_zero"),
        (Stretch(share=12_000), "hours_factor_above"),
        (Stretch(share=-1), "hours_factor"),
        (Stretch(minutes=10**9), "hours_factor_minutes"),
        (Stretch(minutes=-5), "hours_factor_minutes"),
        (Stretch(share=5000, minutes=10), "hours_factor_both"),
        (Stretch(FIRST - DAY, share=5000), "hours_factor_day"),
        (Stretch(LAST + DAY, share=5000), "hours_factor_day"),
        (Stretch(on(3), on(2)), "hours_factor_day"),
        (Stretch(last_day=LAST + DAY), "hours_factor_day"),
    ],
)
def test_what_cannot_be_is_refused(stretch: Stretch, code: str) -> None:
    with circle(3) as c:
        pot_id = a_pot(c)
        with pytest.raises(Refused, match=code):
            hold(c, pot_id, 2, stretch)
        assert read(c, pot_id).stretches == {}


def test_an_open_pot_has_no_part_and_only_people_of_the_community_belong() -> None:
    with circle(3) as c:
        pot_id = a_pot(c)
        c.session.get_one(HoursPot, pot_id).minutes = None
        with pytest.raises(Refused, match="hours_factor_open"):
            hold(c, pot_id, 2, Stretch(share=5000))
        hold(c, pot_id, 2, Stretch(on(9)), joins=True)
        assert read(c, pot_id).planned(c.members[2].person_id) is None
        with pytest.raises(Refused, match="hours_pot_people"):
            holders.hold(c.session, c.community, c.members[0], pot_id, holders.Asked(999, Stretch()), [1])


def test_hours_of_a_day_on_which_one_did_not_belong_go_to_another_pot() -> None:
    with circle(3) as c:
        pot_id = a_pot(c, holders=[c.members[0].person_id], whose="mentoren")
        assert (read(c, pot_id).whose, read(c, pot_id).is_for(c.members[2].person_id)) == ("mentoren", False)
        hold(c, pot_id, 2, Stretch(on(50)), joins=True)
        assert read(c, pot_id).is_for(c.members[2].person_id)
        with pytest.raises(Refused, match="hours_not_yet_yours"):
            add(c, 2, pot_id, 60, on(49))
        add(c, 2, pot_id, 60, on(50))


def test_a_cap_in_percent_is_of_what_is_planned_then_and_what_counted_stays() -> None:
    with circle(3) as c:
        pot_id = a_pot(c, caps=[pots.CapAsked(Per.PERIOD, percent=10)])
        place = (c.session, c.community.id, c.members[1].person_id)
        first = add(c, 2, pot_id, 400, on(9))
        approvals.approve(*place, [first])
        hold(c, pot_id, 2, Stretch(share=5000))
        second = add(c, 2, pot_id, 300, on(10))
        approvals.approve(*place, [second])
        counts = {each.id: each.counts for each in gate.of_person(c.session, c.members[2].person_id)}
        assert counts == {first: 400, second: 0}, "ten percent of half the pot is 249, and 400 count already"
        with pytest.raises(Refused, match="hours_most"):
            approvals.correct(*place, second, 1, "toch")
        # Somebody else has all of it.
        third = add(c, 0, pot_id, 600, on(10))
        approvals.approve(*place, [third])
        assert gate.own(c.session, c.community.id, c.members[0].person_id, third).counts == 498


def test_closing_uses_what_is_planned_for_each_and_the_next_pot_has_who_is_left() -> None:
    with circle(4) as c:
        pot_id = a_pot(c)
        people = [each.person_id for each in c.members]
        hold(c, pot_id, 2, Stretch(share=6000))
        hold(c, pot_id, 2, Stretch(on(84), share=8000))
        hold(c, pot_id, 3, Stretch(FIRST, on(99), minutes=3650))
        closing.close(c.session, c.community, c.members[0], pot_id, people, dt.date(2030, 1, 1))
        balances = {each.person_id: each.planned for each in c.session.query(HoursBalance)}
        assert balances == {people[0]: 4980, people[1]: 4980, people[2]: 3755, people[3]: 1000}
        after = next(each for each in known_pots.pots(c.session, c.community.id) if each.id != pot_id)
        assert [after.planned(each) for each in people] == [4980, 4980, 3984, 0]
        assert [after.is_for(each) for each in people] == [True, True, True, False]
        with pytest.raises(Refused, match="hours_pot_closed"):
            hold(c, pot_id, 2, Stretch(share=5000))


def test_whom_it_is_not_about_and_who_does_not_approve_reads_no_factor() -> None:
    with circle(4) as c:
        pot_id = a_pot(c)
        hold(c, pot_id, 2, Stretch(share=6000))
        reads = [
            [
                each.stretch.share
                for each in known_pots.roles(c.session, c.community.id, member.person_id)
                if each.stretch
            ]
            for member in c.members
        ]
        assert reads == [[], [6000], [6000], []]
