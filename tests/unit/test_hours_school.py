"""Pots of a school: whatever people of several communities do with them, the sums add up to the minute in each of them,
and neither lifting a pot, nor joining or splitting schools, changes what counts.

The rows of the ledger are read here by themselves, beside what the pages, the files and the packs say.
"""

import contextlib
import datetime as dt
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import roster
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import (
    approvals,
    balances,
    calling,
    closing,
    entries,
    exports,
    figures,
    gate,
    known_entries,
    known_pots,
    lifting,
    out,
    outside,
    pack,
    pots,
    school_pots,
    taken,
)
from lti_tool.domain.hours.carry import Terms
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.ledger import Per
from lti_tool.domain.hours.places import OfSchool
from lti_tool.domain.hours.pots import Asked, CapAsked
from lti_tool.domain.hours.school_pots import Called
from lti_tool.domain.hours.states import State
from lti_tool.domain.reading.things import Viewer
from lti_tool.domain.school import dividing, moving, schools, several, trail, year_turn
from lti_tool.domain.school.trail import OPERATOR, Actor
from lti_tool.models import Community, Course, Deployment, Member, Person
from lti_tool.models.hours import HoursBalance, HoursCount, HoursEntry, HoursPlan, HoursPot, HoursRole
from lti_tool.models.hours_codes import Kind, Review, Role
from lti_tool.models.provision import HoursNamed, Named
from lti_tool.models.school import School, SchoolAct, Turning
from tests.histories import histories
from tests.web.circle import STEPS, _database, _tables, a_deployment, arrival

ZONE = ZoneInfo("Europe/Amsterdam")
FIRST, LAST = dt.date(2025, 8, 1), dt.date(2026, 7, 31)
DAY = dt.date(2025, 11, 3)
LATER = dt.date(2026, 8, 5)
SURE = frozenset({"hours_end_first", "hours_day_long", "hours_overlap", "hours_same"})
ADMIN = Actor()


@dataclass
class Two:
    """A school with communities PRO and VSO: person 0 approves in both, 1 and 2 sit in both, 3 in PRO, 4 in VSO."""

    session: Session
    school: int
    communities: list[Community]
    people: list[int]
    pots: list[int] = field(default_factory=list)

    def member(self, who: int, where: int) -> Member:
        return self.session.scalars(
            select(Member).filter_by(community_id=self.communities[where].id, person_id=self.people[who])
        ).one()

    def asker(self, who: int, where: int) -> Asker:
        return Asker(self.session, self.communities[where].id, self.people[who], ZONE, SURE)

    def viewer(self, who: int, where: int) -> Viewer:
        return Viewer(frozenset({Audience.MEMBER}), self.member(who, where).id)

    def own(self, where: int, name: str = "Scholing", **more: object) -> int:
        """A pot of one community, of which person 0 approves."""
        asked = Asked(name, FIRST, LAST, 600, Review.BEFORE, [self.people[0]], **more)  # type: ignore[arg-type]
        by = self.member(0, where)
        return pots.make(self.session, self.communities[where], by, asked, self.people)

    def of_school(self, name: str = "Scholing", review: Review = Review.BEFORE, **more: object) -> int:
        """A pot of the school, of which person 0 approves."""
        asked = Asked(name, FIRST, LAST, 600, review, **more)  # type: ignore[arg-type]
        called = [Called(Role.APPROVER, Named.ID, "u0", "hash")] if review != Review.NONE else []
        return school_pots.make(self.session, self.school, ADMIN, asked, called, None)

    def add(self, who: int, where: int, pot: int | None, minutes: int = 60, day: dt.date = DAY) -> int:
        typed = Typed(Kind.OWN, True, f"iets {minutes} {day} {who}", day, minutes)
        return entries.add(self.asker(who, where), typed, pot)

    def approve(self, where: int, *ids: int) -> None:
        approvals.approve(self.session, self.communities[where].id, self.people[0], ids)

    def rows(self) -> list[tuple[object, ...]]:
        columns = HoursCount.__table__.columns
        return [tuple(each) for each in self.session.execute(select(*columns).order_by(HoursCount.id))]

    def page(self, who: int, where: int) -> dict[int, known_entries.Sums]:
        """pot -> what the page of my hours says of it."""
        session, member, viewer = self.session, self.member(who, where), self.viewer(who, where)
        known = known_pots.pots(session, self.communities[where].id)
        mine = [*gate.mine(session, viewer, member), *gate.beside(session, viewer, member, known)]
        moved = [row for each in mine for row in each.moved]
        return {
            pot.id: known_entries.sums(
                [each for each in mine if each.pot_id == pot.id], [each for each in moved if each.pot_id == pot.id]
            )
            for pot in known
        }

    def pot(self, number: int, where: int = 0) -> Pot:
        return next(each for each in known_pots.pots(self.session, self.communities[where].id) if each.id == number)

    def of_rows(self) -> Counter[tuple[int, int | None]]:
        """(pot, person) -> minutes, by the rows alone; those of a pot that became one with another are that one's."""
        became = {each.id: each.joined_id or each.id for each in self.session.scalars(select(HoursPot))}
        found: Counter[tuple[int, int | None]] = Counter()
        query = select(HoursCount.pot_id, HoursEntry.person_id, HoursCount.minutes)
        for pot_id, person_id, minutes in self.session.execute(
            query.join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
        ):
            found[became[pot_id], person_id] += minutes
        return found

    def acts(self, *kinds: trail.Kind) -> list[SchoolAct]:
        query = select(SchoolAct).where(SchoolAct.kind.in_(kinds)).order_by(SchoolAct.id)
        return list(self.session.scalars(query))


def two_of(session: Session) -> Two:
    deployment = a_deployment(session)
    where = {0: ["PRO", "VSO"], 1: ["PRO", "VSO"], 2: ["PRO", "VSO"], 3: ["PRO"], 4: ["VSO"]}
    met = {
        (number, context): roster.meet(session, arrival(number, deployment.id, context, context_title=context))
        for number, contexts in where.items()
        for context in contexts
    }
    people = [next(each.person.id for (one, _), each in met.items() if one == number) for number in where]
    communities = [next(each.community for (_, one), each in met.items() if one == name) for name in ("PRO", "VSO")]
    for each in met.values():
        assert each.member is not None
        each.member.standing = "member"  # type: ignore[assignment]
    session.flush()
    return Two(session, schools.of_course(session, communities[0].course_id), communities, people)


@pytest.fixture
def two() -> Iterator[Two]:
    with _database(_tables()) as session:
        yield two_of(session)


# One pot, one sum, one cap


def test_a_member_of_two_communities_has_one_pot_one_sum_and_one_cap(two: Two) -> None:
    number = two.of_school(review=Review.NONE, caps=[CapAsked(Per.PERIOD, 90)])
    two.add(1, 0, number, 60)
    two.add(1, 1, number, 60)
    for where in (0, 1):
        sums = two.page(1, where)[number]
        assert (sums.counts, sums.above) == (90, 30), "the cap is over both"
    assert two.page(3, 0)[number].counts == 0
    assert number not in {each.pot_id for each in gate.mine(two.session, two.viewer(3, 0), two.member(3, 0))}


def test_who_approves_of_a_schools_pot_does_so_for_all_of_it_and_nobody_of_their_own(two: Two) -> None:
    number = two.of_school()
    school_pots.name(two.session, two.school, ADMIN, number, two.people[1], Role.DEPUTY)
    there = [two.add(3, 0, number), two.add(4, 1, number), two.add(0, 1, number)]
    _pots, seen = gate.of_approver(two.session, two.communities[0].id, two.people[0])
    assert {each.id for each in seen} == set(there[:2]), "of both communities, and none of one's own"
    names = calling.names(two.session, two.communities[0].id, [two.pot(number)])
    assert "(VSO" in names[two.people[4]].nl, "who is of another community is called after it"
    assert "(" not in names[two.people[3]].nl
    two.approve(0, *there[:2])
    with pytest.raises(Refused, match="not_found"):
        two.approve(0, there[2])
    assert approvals.waits(two.session, two.communities[1].id, two.people[0]) == 0


def test_who_does_not_approve_learns_nobody_of_another_community(two: Two) -> None:
    number = two.of_school()
    two.add(4, 1, number)
    assert two.people[4] not in calling.names(two.session, two.communities[0].id)
    assert gate.of_approver(two.session, two.communities[0].id, two.people[3]) == ([], [])


def test_a_pot_is_open_to_all_or_to_those_chosen_and_what_was_in_it_stays_readable(two: Two) -> None:
    number, (pro, vso) = two.of_school(review=Review.NONE), [each.id for each in two.communities]
    two.add(4, 1, number)
    school_pots.open_for(two.session, two.school, ADMIN, number, [pro])
    assert two.pot(number, 0).is_for(two.people[1])
    assert two.pot(number, 1).stopped, "it is read there as it was"
    with pytest.raises(Refused, match="hours_pot"):
        two.add(4, 1, number)
    assert two.page(4, 1)[number].counts == 60
    school_pots.open_for(two.session, two.school, ADMIN, number, [pro, vso])
    two.add(4, 1, number)
    for chosen in ([], [999]):
        with pytest.raises(Refused, match="pot_nowhere"):
            school_pots.open_for(two.session, two.school, ADMIN, number, chosen)
    assert [each.detail for each in two.acts(trail.Kind.POT_OPENED)] == [
        {"pot": number, "communities": 1}, {"pot": number, "communities": 2},
    ]  # fmt: skip


def test_a_facilitator_changes_no_pot_of_the_school(two: Two) -> None:
    number, place = two.of_school(), (two.session, two.communities[0], two.member(0, 0))
    for do in (
        lambda: pots.stop(*place, number),
        lambda: pots.carries(*place, number, Terms(1)),
        lambda: pots.unname(*place, number, two.people[0]),
        lambda: closing.close(*place, number, [], LATER),
        lambda: closing.foresee(two.session, two.communities[0], number, []),
    ):
        with pytest.raises(Refused, match="not_found"):
            do()
    with pytest.raises(Refused, match="not_found"):
        pots.stop(two.session, OfSchool(two.school + 1), ADMIN, number)


def test_who_is_to_approve_and_is_not_known_yet_approves_once_they_are_met(two: Two) -> None:
    asked = Asked("Scholing", FIRST, LAST, 600, Review.BEFORE)
    called = [Called(Role.APPROVER, Named.EMAIL, "d@x.nl", "hash-d")]
    number = school_pots.make(two.session, two.school, ADMIN, asked, called, None)
    with pytest.raises(Refused, match="hours_nobody_approves"):
        two.add(3, 0, number)
    assert school_pots.met(two.session, [two.school + 1], {"hash-d": two.people[1]}) == 0, "of another school"
    assert school_pots.met(two.session, [two.school], {"hash-d": two.people[1]}) == 1
    assert two.pot(number).approving == {two.people[1]}
    assert not two.session.scalars(select(HoursNamed)).all(), "no hash is kept longer than it is needed"
    two.add(3, 0, number)
    with pytest.raises(Refused, match="hours_pot_approver"):
        school_pots.make(two.session, two.school, ADMIN, asked, [], None)


def test_an_approver_of_the_school_comes_in_by_the_approve_activity(two: Two) -> None:
    number = two.of_school()
    outsider = Person(issuer="https://lms.example", sub="boss", name="Directeur")
    two.session.add(outsider)
    two.session.flush()
    two.session.add(HoursRole(pot_id=number, person_id=outsider.id, role=Role.APPROVER))
    two.add(4, 1, number)
    deployment = two.session.scalars(select(Deployment.id)).first() or 0
    places = outside.places(two.session, deployment, outsider.id)
    assert [each.waiting for each in places] == [1], "the school's pots are in one place, whatever they are open to"


# Lifting


def test_lifting_is_shown_first_and_changes_nothing_that_counts(two: Two) -> None:
    one, other, apart = two.own(0), two.own(1), two.own(1, "Iets anders")
    waits = two.add(3, 0, one)
    counted = two.add(1, 0, one), two.add(1, 1, other)
    two.approve(0, counted[0])
    two.approve(1, counted[1])
    before = two.rows()
    pages = {(who, where): two.page(who, where) for who, where in ((1, 0), (1, 1), (3, 0))}
    shown = lifting.look(two.session, two.school, one)
    assert [(each.id, each.can, each.differs) for each in shown.alike] == [(other, True, [])]
    assert two.rows() == before
    assert two.pot(one).school_id is None, "looking changes nothing"
    assert lifting.lift(two.session, two.school, ADMIN, one, [other]) == 1
    assert two.rows() == before, "no row was changed, none was added"
    for where in (0, 1):
        assert two.page(1, where)[one].counts == pages[1, 0][one].counts + pages[1, 1][other].counts
    assert two.page(3, 0)[one] == pages[3, 0][one]
    assert apart in two.page(4, 1), "another name is another pot"
    assert other not in two.page(4, 1)
    two.approve(1, waits)
    assert two.page(3, 0)[one].counts == 60
    (act,) = two.acts(trail.Kind.POT_LIFTED)
    assert act.detail == {"pot": one, "joined": 1}


def test_pots_of_another_period_or_people_or_way_of_approving_stay_apart(two: Two) -> None:
    one = two.own(0)
    later = Asked("scholing", FIRST.replace(year=2026), LAST.replace(year=2027), 600, Review.BEFORE, [two.people[0]])
    none = Asked("Scholing", FIRST, LAST, 300, Review.NONE)
    few = Asked("Scholing", FIRST, LAST, 600, Review.BEFORE, [two.people[0]], holders=[two.people[4]])
    place = (two.session, two.communities[1], two.member(0, 1))
    others = [pots.make(*place, each, two.people) for each in (later, none, few)]
    shown = lifting.look(two.session, two.school, one)
    assert [(each.can, each.differs) for each in shown.alike] == [
        (False, ["first_day", "last_day"]), (False, ["review", "minutes"]), (False, ["for_all"]),
    ]  # fmt: skip
    for other in others:
        with pytest.raises(Refused, match="pot_not_alike"):
            lifting.lift(two.session, two.school, ADMIN, one, [other])
    with pytest.raises(Refused, match="not_found"):
        lifting.look(two.session, two.school + 1, one)


def test_of_lifted_pots_plans_factors_and_who_approves_go_along(two: Two) -> None:
    one, other = two.own(0), two.own(1)
    pots.name(two.session, two.communities[1], two.member(0, 1), other, two.people[4], Role.DEPUTY, two.people)
    for where, number, minutes in ((0, one, 100), (1, other, 50)):
        balances.plan(two.asker(1, where), number, minutes)
    assert lifting.look(two.session, two.school, one).approving == 2
    lifting.lift(two.session, two.school, ADMIN, one, [other])
    assert two.pot(one).approving == {two.people[0], two.people[4]}
    assert [(each.pot_id, each.minutes) for each in two.session.scalars(select(HoursPlan))] == [(one, 150)]


def test_what_was_carried_over_of_closed_periods_goes_on_in_the_one_pot(two: Two) -> None:
    one, other = (two.own(where, terms=Terms(1)) for where in (0, 1))
    for where, number, minutes in ((0, one, 200), (1, other, 100)):
        two.approve(where, two.add(1, where, number, minutes))
        by = two.member(0, where)
        assert closing.close(two.session, two.communities[where], by, number, two.people[1:3], LATER)
    closed = two.session.scalars(select(HoursBalance)).all()
    said = [(each.pot_id, each.person_id, each.planned, each.counted, each.carried) for each in closed]
    after = [two.session.get_one(HoursPot, each).next_id or 0 for each in (one, other)]
    lifting.lift(two.session, two.school, ADMIN, after[0], after[1:])
    assert [two.session.get_one(HoursPot, each).next_id for each in (one, other)] == [after[0], after[0]]
    for where in (0, 1):
        mine = balances.mine(two.session, two.viewer(1, where), two.member(1, where))
        assert balances.came(two.pot(after[0], where), list(mine.balances.values())) == 400 + 500
    assert school_pots.close(two.session, two.school, ADMIN, after[0], dt.date(2027, 8, 2))
    row = two.session.scalars(select(HoursBalance).filter_by(pot_id=after[0], person_id=two.people[1])).one()
    assert (row.planned, row.came) == (600 + 900, 900)
    assert [(e.pot_id, e.person_id, e.planned, e.counted, e.carried) for e in closed] == said, "closed periods stay"


# Schools joined and split


def test_of_a_split_school_those_who_go_keep_the_pot_until_its_period_is_closed(two: Two) -> None:
    number = two.of_school(review=Review.NONE, terms=Terms(1))
    two.add(1, 0, number)
    two.add(1, 1, number)
    deployment = two.session.scalars(select(Deployment.id)).first() or 0
    before, pages = two.rows(), [two.page(1, where)[number] for where in (0, 1)]
    shown = dividing.look_at_splitting(two.session, two.school, deployment, ["VSO"])
    assert shown.pots == ["Scholing"]
    assert two.pot(number, 1).school_id == two.school, "looking changes nothing"
    west = dividing.split(two.session, two.school, deployment, ["VSO"], "West", OPERATOR)
    assert (two.rows(), [two.page(1, where)[number] for where in (0, 1)]) == (before, pages)
    two.add(4, 1, number)
    assert school_pots.listed(two.session, west) == [], "it is not the other school's to change"
    assert school_pots.listed(two.session, two.school)[0].guests == 1
    assert school_pots.close(two.session, two.school, ADMIN, number, LATER)
    people = set(two.session.scalars(select(HoursBalance.person_id)))
    assert people >= {two.people[1], two.people[4]}, "who goes has a balance too"
    after = two.session.get_one(HoursPot, number).next_id or 0
    assert after in {each.id for each in known_pots.pots(two.session, two.communities[0].id)}
    assert after not in {each.id for each in known_pots.pots(two.session, two.communities[1].id)}
    assert two.pot(number, 1).closed, "and reads what that period came to"


def test_a_course_that_moves_to_another_school_keeps_the_pot_until_its_period_is_closed(two: Two) -> None:
    number = two.of_school(review=Review.NONE)
    two.add(4, 1, number)
    before = two.page(4, 1)[number]
    there = School(name="West")
    two.session.add(there)
    two.session.flush()
    course = two.session.get_one(Course, two.communities[1].course_id)
    moving.move(two.session, OPERATOR, course, there.id, [step.name for step in STEPS])
    assert two.page(4, 1)[number] == before
    two.add(4, 1, number)
    assert school_pots.listed(two.session, there.id) == []


def test_a_community_that_is_split_off_has_the_pots_that_were_opened_to_the_one_it_was_in(two: Two) -> None:
    chosen = two.of_school(review=Review.NONE)
    school_pots.open_for(two.session, two.school, ADMIN, chosen, [two.communities[0].id])
    part = several.Part("Groep B", (two.people[3],))
    (new,) = several.split(two.session, OPERATOR, two.communities[0], [part], STEPS, ZONE)
    assert chosen in {each.id for each in known_pots.pots(two.session, new.id)}


def test_of_joined_schools_the_pots_go_along_and_stay_open_to_those_who_had_them(two: Two) -> None:
    deployment = two.session.scalars(select(Deployment.id)).first() or 0
    west = dividing.split(two.session, two.school, deployment, ["VSO"], "West", OPERATOR)
    here = two.of_school(review=Review.NONE)
    asked = Asked("Scholing", FIRST, LAST, 600, Review.NONE)
    there = school_pots.make(two.session, west, ADMIN, asked, [], None)
    two.add(1, 0, here)
    two.add(1, 1, there)
    before = two.rows()
    shown = dividing.look_at_joining(two.session, west, two.school)
    assert (shown.pots, shown.twice) == (["Scholing"], ["Scholing"])
    dividing.join(two.session, west, two.school, OPERATOR)
    assert two.rows() == before
    with pytest.raises(Refused, match="hours_pot"):
        two.add(3, 0, there)
    assert two.page(4, 1).keys() == {here, there}, "the school's, which is open to all of it, and their own"
    (candidate,) = lifting.candidates(two.session, two.school)
    assert (candidate.id, candidate.others) == (here, 1)
    lifting.lift(two.session, two.school, ADMIN, here, [there])
    assert two.rows() == before
    assert [two.page(1, where)[here].counts for where in (0, 1)] == [120, 120]
    assert two.session.get_one(School, west).joined_id == two.school


# The turn of a year


def test_the_turn_of_a_year_carries_over_hours_of_many_looked_at_first(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, shared = two.own(0, "Eigen", terms=Terms(1)), two.of_school(terms=Terms(1))
    two.add(3, 0, own)
    two.add(4, 1, shared)
    monkeypatch.setattr("lti_tool.domain.cycle.midnights.day_of", lambda *_: LATER)
    turn = year_turn.ask(two.session, ADMIN, two.school, Turning.CARRY)
    assert year_turn.portion(two.session, turn.id, STEPS, ZONE) == "looking"
    assert not two.session.scalars(select(HoursBalance)).all(), "looking changes nothing"
    open_ = {each.community_id: each.left_open for each in year_turn.lines(two.session, turn.id, cannot=False)}
    assert {each.id: open_[each.id] for each in two.communities} == {two.communities[0].id: 1, two.communities[1].id: 0}
    (of_school,) = year_turn.pots_of(two.session, turn, ZONE)
    assert (of_school.pot.id, closing.unsettled(of_school)) == (shared, 1)
    year_turn.apply(two.session, ADMIN, turn)
    year_turn.portion(two.session, turn.id, STEPS, ZONE)
    for number in (own, shared):
        assert two.session.get_one(HoursPot, number).closed_at is not None
        assert two.session.get_one(HoursPot, number).next_id is not None
    kinds = {each.kind for each in two.acts(*trail.Kind)}
    assert {trail.Kind.HOURS_CARRIED, trail.Kind.POT_CLOSED, trail.Kind.YEAR_TURN_APPLIED} <= kinds
    again = year_turn.ask(two.session, ADMIN, two.school, Turning.CARRY)
    year_turn.portion(two.session, again.id, STEPS, ZONE)
    assert {each.why for each in year_turn.lines(two.session, again.id, cannot=True)} == {"no_pot_over"}


def test_a_leader_has_a_figure_of_a_community_whose_only_pot_is_the_schools(two: Two) -> None:
    leader = Viewer(frozenset({Audience.LEADER}), 0)
    assert figures.shown(two.session, leader, two.communities[0].id, 0, LATER) is None
    two.of_school()
    assert figures.shown(two.session, leader, two.communities[0].id, 0, LATER) is not None


# Whatever is done, in whatever order

WHO = st.tuples(st.integers(1, 4), st.integers(0, 1))
STEPS_DONE = st.one_of(
    st.tuples(st.just("add"), WHO, st.integers(0, 3), st.integers(1, 200), st.sampled_from([0, 0, 0, 280])),
    st.tuples(st.just("add"), WHO, st.integers(0, 3), st.integers(1, 200), st.sampled_from([0, 0, 0, 280])),
    st.tuples(st.just("approve"), st.integers(0, 1), st.integers(0, 12)),
    st.tuples(st.just("approve"), st.integers(0, 1), st.integers(0, 12)),
    st.tuples(st.just("correct"), st.integers(0, 1), st.integers(0, 12), st.integers(0, 200)),
    st.tuples(st.just("back"), st.integers(0, 12)),
    st.tuples(st.just("lift"), st.integers(0, 3)),
    st.tuples(st.just("close"), st.integers(0, 5)),
    st.tuples(st.just("open"), st.integers(0, 5), st.integers(0, 3)),
    st.tuples(st.just("split")),
    st.tuples(st.just("join")),
)
HISTORY = st.lists(STEPS_DONE, min_size=6, max_size=16)
LIVED: list[tuple[object, ...]] = [
    ("add", (1, 0), 1, 120, 0), ("add", (1, 1), 2, 120, 0), ("approve", 0, 0), ("approve", 1, 1),
    ("add", (3, 0), 1, 45, 0), ("lift", 1), ("add", (1, 1), 1, 200, 0), ("approve", 0, 3), ("approve", 1, 2),
    ("correct", 1, 0, 30), ("split",), ("add", (4, 1), 0, 60, 0), ("join",), ("back", 1), ("close", 0), ("close", 1),
    ("correct", 0, 3, 10), ("add", (2, 0), 4, 90, 280), ("open", 4, 1),
]  # fmt: skip


class History:
    def __init__(self, two: Two) -> None:
        self.two, self.west = two, 0
        caps = [CapAsked(Per.PERIOD, 240)]
        self.shared = two.of_school("Gedeeld", caps=caps, terms=Terms(1))
        self.pots = [
            self.shared,
            *(two.own(where, caps=caps, terms=Terms(2)) for where in (0, 1)),
            two.of_school("Vrij", Review.NONE),
        ]
        self.once: dict[object, tuple[object, ...]] = {}
        self.closed: dict[int, tuple[object, ...]] = {}

    def do(self, what: tuple[object, ...]) -> None:
        with contextlib.suppress(Refused), self.two.session.begin_nested():
            getattr(self, str(what[0]))(*what[1:])

    def add(self, place: tuple[int, int], pot: int, minutes: int, days: int) -> None:
        day = DAY + dt.timedelta(days=days)
        self.two.add(*place, self.pots[pot % len(self.pots)], minutes, day)

    def _entry(self, number: int) -> int:
        ids = self.two.session.scalars(select(HoursEntry.id).order_by(HoursEntry.id)).all()
        if not ids:
            raise Refused("nothing")
        return ids[number % len(ids)]

    def approve(self, where: int, number: int) -> None:
        self.two.approve(where, self._entry(number))

    def correct(self, where: int, number: int, minutes: int) -> None:
        place = (self.two.session, self.two.communities[where].id, self.two.people[0])
        approvals.correct(*place, self._entry(number), minutes, "anders")

    def back(self, number: int) -> None:
        entry = self.two.session.get_one(HoursEntry, self._entry(number))
        asker = Asker(self.two.session, entry.community_id, entry.person_id or 0, ZONE, SURE)
        entries.withdraw(asker, entry.id, "toch niet")

    def lift(self, number: int) -> None:
        before, two = self.two.rows(), self.two
        sums = two.of_rows()
        pot = self.pots[number % len(self.pots)]
        shown = lifting.look(two.session, two.school, pot)
        lifting.lift(two.session, two.school, ADMIN, pot, [each.id for each in shown.alike if each.can])
        assert two.rows() == before
        assert sum(two.of_rows().values()) == sum(sums.values())

    def close(self, number: int) -> None:
        pot = self.two.session.get_one(HoursPot, self.pots[number % len(self.pots)])
        today = pot.last_day + dt.timedelta(days=2)
        if pot.school_id is not None:
            school_pots.close(self.two.session, pot.school_id, ADMIN, pot.id, today)
        elif pot.joined_id is None:
            where = [each.id for each in self.two.communities].index(pot.community_id or 0)
            by, place = self.two.member(0, where), self.two.communities[where]
            closing.close(self.two.session, place, by, pot.id, self.two.people[1:4], today)
        if pot.next_id is not None and pot.next_id not in self.pots:
            self.pots.append(pot.next_id)

    def open(self, number: int, which: int) -> None:
        ids = [each.id for number, each in enumerate(self.two.communities) if which >> number & 1]
        school_pots.open_for(self.two.session, self.two.school, ADMIN, self.pots[number % len(self.pots)], ids or None)

    def split(self) -> None:
        before, deployment = self.two.rows(), self.two.session.scalars(select(Deployment.id)).first() or 0
        self.west = dividing.split(self.two.session, self.two.school, deployment, ["VSO"], "West", OPERATOR)
        assert self.two.rows() == before

    def join(self) -> None:
        if self.west:
            before = self.two.rows()
            dividing.join(self.two.session, self.west, self.two.school, OPERATOR)
            self.west = 0
            assert self.two.rows() == before

    def look(self) -> None:
        two, session = self.two, self.two.session
        for row in two.rows():
            assert self.once.setdefault(row[0], row) == row, "a row is never changed"
        of_rows = two.of_rows()
        seats = {0: (0, 1), 1: (0, 1), 2: (0, 1), 3: (0,), 4: (1,)}
        for who, places in seats.items():
            pages = {where: two.page(who, where) for where in places}
            for where, page in pages.items():
                for number, sums in page.items():
                    pot = two.pot(number, where)
                    assert sums.counts == of_rows[number, two.people[who]], "the page is the sum of the rows"
                    for cap in pot.rules(two.people[who]).caps:
                        # Two that became one may be above it together.
                        assert sums.counts <= cap.minutes or pot.joined
                    self.same_to_who_approves(who, pot, sums)
            shared = set.intersection(*(set(page) for page in pages.values()))
            for number in shared:
                assert len({page[number] for page in pages.values()}) == 1, "in each community the same"
            self.files(who, places)
        for each in session.scalars(select(HoursBalance)):
            sums_ = (each.planned, each.came, each.counted, each.carried, str(each.layers))
            assert self.closed.setdefault(each.id, sums_) == sums_, "what a period came to stays"

    def same_to_who_approves(self, who: int, pot: Pot, sums: known_entries.Sums) -> None:
        two = self.two
        if who == 0 or two.people[0] not in pot.approving:
            return
        seen = [
            each
            for each in gate.sent_to(two.session, [pot], two.people[0])
            if each.person_id == two.people[who] and each.pot_id == pot.id
        ]
        moved = [
            each for each in gate.moved_into(two.session, [pot], two.people[0]) if each.person_id == two.people[who]
        ]
        assert known_entries.sums(seen, moved) == sums
        by_query = gate.sums_of_approver(two.session, [pot], two.people[0]).get(
            (pot.id, two.people[who]), known_entries.Sums()
        )
        assert (by_query.counts, by_query.above) == (sums.counts, sums.above)
        page = gate.seen_of_approver(two.session, [pot], two.people[0], 0, 1000)
        theirs = gate.sent_to(two.session, [pot], two.people[0])
        assert sorted(each.id for each in (*page.open, *page.settled)) == sorted(each.id for each in theirs)
        assert page.number == len(page.settled)
        for each in page.open:
            assert each.state == State.DISPUTED or (each.state in (State.SENT, State.CLAIMED) and not each.locked)
        for each in page.settled:
            assert each.locked or each.state not in (State.SENT, State.CLAIMED, State.DISPUTED)

    def files(self, who: int, places: tuple[int, ...]) -> None:
        """A file of one's own, from whichever community, has of each pot there what the page has."""
        two = self.two
        for where in places:
            whole = taken.of_owner(two.session, two.viewer(who, where), two.member(who, where))
            lines: Counter[str] = Counter()
            for line in out.lines(whole.entries, whole.all_pots, {}, "nl", moved=whole.moved):
                lines[line.pot] += line.counts
            labels = Counter(each.label for each in whole.all_pots)
            for number, sums in two.page(who, where).items():
                label = two.pot(number, where).label
                if labels[label] == 1:
                    assert lines[label] == sums.counts

    def packs(self) -> None:
        """The pack of a pot says of it what its rows come to, but for whoever fetches it."""
        two = self.two
        of_rows = two.of_rows()
        for where, community in enumerate(two.communities):
            for pot in known_pots.approved(two.session, community.id, two.people[0]):
                record = exports.of_pot(two.session, community.id, two.people[0], pot.id)
                assert record is not None
                packed = zipfile.ZipFile(io.BytesIO(pack.make(record, "nl", ZONE, now().date())))
                minutes = json.loads(packed.read("manifest.json"))["minutes"]
                others = sum(each for (of, whose), each in of_rows.items() if of == pot.id and whose != two.people[0])
                assert sum(each["counts"] for each in minutes.values()) == others, where
                assert all(each["who"] for each in json.loads(packed.read("record.json"))["entries"])


def _lived(two: Two, history: list[tuple[object, ...]]) -> None:
    made = History(two)
    for number, what in enumerate(history):
        made.do(what)
        # After each would be dear: what goes wrong in the ledger stays wrong.
        if number % 4 == 3 or number == len(history) - 1:
            made.look()
    made.packs()


@histories(5, 300)
@given(history=HISTORY)
@example(history=LIVED)
def test_it_always_adds_up_over_communities_of_a_school(history: list[tuple[object, ...]]) -> None:
    with _database(_tables()) as session:
        _lived(two_of(session), history)


@pytest.mark.postgresql
@histories(2, 100)
@given(history=HISTORY)
@example(history=LIVED)
def test_it_always_adds_up_over_communities_on_postgresql(
    postgresql_url: str, history: list[tuple[object, ...]]
) -> None:
    engine = create_engine(postgresql_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as began, Session(connection) as session:
        _lived(two_of(session), history)
        began.rollback()
    engine.dispose()
