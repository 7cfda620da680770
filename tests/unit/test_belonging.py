"""Who belongs to the circle: whom a roster names, how many somebody says there are, who is left out, who is away."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.orm import Session

from lti_tool.db import _prepare, now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import away, belonging, listing, members, roster
from lti_tool.domain.cycle import midnights, restart
from lti_tool.domain.cycle.may_end import Lack
from lti_tool.domain.mechanisms import rounds
from lti_tool.models import Act, Course, Member, Person, Round, RoundOutcome, Standing, StepRun
from tests.histories import histories
from tests.web.circle import ISSUER, STEPS, Circle, a_deployment, arrival
from tests.web.circle import circle as circle_of


@dataclass(frozen=True)
class Entry:
    """A membership as a roster names it."""

    sub: str
    name: str
    role: str


def entry(number: int, role: str = "learner") -> Entry:
    return Entry(f"u{number}", f"Persoon {number}", role)


def read(session: Session, course: Course, *entries: Entry) -> None:
    """A roster of these is read, as the worker does."""
    before = course.roster_at
    listing.apply(session, course, ISSUER, entries)
    members.ask_unknown(session, course, before)
    belonging.join_listed(session, course)
    session.flush()
    session.expire_all()


def named(c: Circle, learners: int, *teachers: int) -> None:
    """A roster names so many learners, u0 and on, of whom some opened it already; and these teachers."""
    c.community.by_roster = True
    read(c.session, c.course, *map(entry, range(learners)), *(entry(each, "instructor") for each in teachers))


def standings(session: Session) -> dict[str, tuple[str, bool]]:
    """sub -> standing, and whether they opened it."""
    query = select(Person.sub, Member.standing, Member.opened_at).join(Member, Member.person_id == Person.id)
    return {row.sub: (str(row.standing), row.opened_at is not None) for row in session.execute(query)}


def member(c: Circle, number: int) -> Member:
    """The member of u<number>."""
    query = select(Member).join(Person, Person.id == Member.person_id).where(Person.sub == f"u{number}")
    return c.session.scalars(query.where(Member.community_id == c.community.id)).one()


def cut(c: Circle, by: int = 0) -> belonging.Cut:
    """A change of the circle by the member of this index."""
    runs = cycle.opened(c.session, c.community, None)[1]
    return belonging.Cut(c.session, c.community, c.cycle, runs, c.members[by], STEPS)


def kinds(c: Circle) -> list[tuple[str, int | None, int | None, dict[str, Any]]]:
    """The acts, oldest first."""
    c.session.flush()
    rows = c.session.scalars(select(Act).order_by(Act.id))
    return [(row.kind, row.member_id, row.about_id, row.detail) for row in rows]


# Joining by a roster


@pytest.fixture
def any_session(any_database_url: str) -> Iterator[Session]:
    engine = create_engine(any_database_url)
    _prepare(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


def counted(engine: Engine) -> list[str]:
    """The statements executed from now on."""
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: seen.append(statement))
    return seen


@pytest.mark.parametrize("people", [30, 10_000])
def test_everybody_whom_a_roster_calls_learner_belongs_by_a_handful_of_statements(
    any_session: Session, people: int
) -> None:
    session = any_session
    met = roster.meet(session, arrival(0, a_deployment(session).id))
    mentor = [Entry("m", "Mentor", "")]
    listing.apply(session, met.course, ISSUER, [*map(entry, range(people)), entry(people, "instructor"), *mentor])
    session.flush()
    acts = session.scalars(select(Act.id)).all()
    seen = counted(session.get_bind())  # type: ignore[arg-type]
    belonging.join_listed(session, met.course)
    assert len(seen) <= 5, seen
    found = standings(session)
    assert len(found) == people, "neither the teacher nor who has no role"
    assert found.pop("u0") == ("member", True)
    assert set(found.values()) == {("member", False)}
    assert sorted(session.scalars(select(Member.number))) == list(range(1, people + 1))
    assert session.scalars(select(Act.id)).all() == acts, "nobody did anything"
    belonging.join_listed(session, met.course)
    assert len(standings(session)) == people


def test_numbers_do_not_follow_the_roster() -> None:
    """Where names are not shown, "Lid 7" is not the seventh in the list of the course."""
    with circle_of(1) as c:
        named(c, 40)
        numbers = [member(c, number).number for number in range(1, 40)]
        assert numbers != sorted(numbers)


def test_of_who_opened_it_alone_no_roster_makes_more() -> None:
    with circle_of(2) as c:
        read(c.session, c.course, *map(entry, range(17)))
        assert len(standings(c.session)) == 2
        assert c.turn(None).circle.size == 2
        assert c.turn(None).circle.known


def test_who_is_named_is_waited_for_and_counts_until_they_leave_the_course() -> None:
    with circle_of(2) as c:
        named(c, 8)
        assert (c.turn(None).circle.size, len(c.turn(None).circle.expected), c.turn(None).circle.quorum) == (8, 8, 5)
        assert [each.name.nl for each in c.turn(None).people.values()] == [f"Persoon {n}" for n in _order(c)]
        # Of those who are gone nobody is waited for; whoever comes into the course belongs at once.
        named(c, 6)
        read(c.session, c.course, *map(entry, [0, 1, 2, 9]))
        there = {each.name.nl for each in c.turn(None).people.values() if each.present}
        assert there == {f"Persoon {number}" for number in (0, 1, 2, 9)}


def _order(c: Circle) -> list[int]:
    rows = c.session.execute(select(Person.sub).join(Member, Member.person_id == Person.id).order_by(Member.id))
    return [int(row.sub.removeprefix("u")) for row in rows]


@pytest.mark.parametrize(
    ("role", "standing"),
    [("learner", "member"), ("instructor", "asked")],
)
def test_who_was_named_and_opens_it_is_what_a_launch_makes_of_them(role: str, standing: str) -> None:
    """An assistant stands in the roster as Learner and launches as Instructor (M30): asked, as ever."""
    with circle_of(1) as c:
        named(c, 4)
        known = len(kinds(c))
        met = roster.meet(c.session, arrival(2, c.course.deployment_id, role=role))
        assert met.member is not None
        assert standings(c.session)["u2"] == (standing, True)
        assert met.member.id == member(c, 2).id
        assert len(kinds(c)) == known, "that somebody came is no news"
        assert len(standings(c.session)) == 4


@pytest.mark.parametrize("standing", ["asked", "apart"])
def test_whom_another_left_out_is_asked_when_they_open_it(standing: str) -> None:
    with circle_of(1) as c:
        named(c, 6)
        left = member(c, 3)
        if standing == "apart":
            belonging.leave_out(cut(c), [left.id])
        else:
            belonging.takes_no_part(cut(c), left.id)
        roster.meet(c.session, arrival(3, c.course.deployment_id))
        assert standings(c.session)["u3"] == (standing, True)
        named(c, 6)
        assert standings(c.session)["u3"] == (standing, True), "no roster answers for them"
        if standing == "apart":
            members.come_back(c.session, c.community, left)
        else:
            members.choose(c.session, c.community, left, "join", STEPS)
        assert standings(c.session)["u3"] == ("member", True)


@pytest.mark.parametrize("standing", ["asked", "apart"])
def test_whom_another_left_out_stands_in_a_list_until_they_say_yes_themselves(standing: str) -> None:
    with circle_of(2) as c:
        named(c, 6)
        left = member(c, 3)

        def lists() -> list[str]:
            found = belonging.colleagues(c.session, c.community)
            named = {"circle": found.circle, "left out": found.left_out, "asked": found.asked}
            return [name for name, some in named.items() if left.id in {each.id for each, _ in some}]

        of = c.turn(None).circle.of
        assert lists() == ["circle"]
        take_out = belonging.leave_out if standing == "apart" else belonging.takes_no_part
        take_out(cut(c), [left.id] if standing == "apart" else left.id)  # type: ignore[operator]
        assert lists() == ["left out"]
        roster.meet(c.session, arrival(3, c.course.deployment_id))
        assert lists() == ["asked"]
        assert c.turn(None).circle.of == (of if standing == "apart" else of - 1), "a smaller circle hides nobody"
        if standing == "asked":
            members.choose(c.session, c.community, left, "join", STEPS)
        else:
            members.come_back(c.session, c.community, left)
        assert lists() == ["circle"]
        members.leave(c.session, c.community, left, STEPS)
        assert lists() == [], "who leaves by their own word was asked nothing"
        assert members.has_left(c.session, left)
        members.come_back(c.session, c.community, left)
        belonging.leave_out(cut(c), [left.id])
        assert lists() == ["asked"]
        assert not members.has_left(c.session, left), "this time it was another's hand"


def test_who_comes_later_is_in_from_the_next_stage_on_and_raises_no_quorum() -> None:
    with circle_of(4, "consent") as c:
        quorum = c.turn(None).circle.quorum
        named(c, 12)
        found = c.turn(None).circle
        assert (found.quorum, found.size, len(found.late), len(found.expected)) == (quorum, 4, 8, 4)
        late = roster.meet(c.session, arrival(7, c.course.deployment_id)).member
        assert late is not None
        assert late.id in found.members, "they have a say all the same"
        for who in range(4):
            c.act(who, "consent", answer="agree")
        assert cycle.ending_of(c.turn(0), c.step).lack is None
        cycle.advance(c.turn(0), c.step, "consent", STEPS)
        assert c.on("information").turn(None).circle.size == 12


def test_who_comes_while_all_still_write_alone_is_waited_for_like_everybody() -> None:
    with circle_of(4) as c:
        named(c, 12)
        assert len(c.turn(None).circle.expected) == 12


# How many there are, where no roster says


HOUR = dt.timedelta(hours=1, seconds=1)


def unread(c: Circle, url: str | None = None, age: dt.timedelta = dt.timedelta()) -> None:
    """A community by its roster, which was never read; url: where the LMS has it."""
    c.community.by_roster, c.course.memberships_url = True, url
    c.community.founded_at = now() - age
    c.session.flush()


@pytest.mark.parametrize(
    ("url", "age", "may"),
    [(None, dt.timedelta(), True), ("https://lms.example/m", dt.timedelta(), False),
     ("https://lms.example/m", HOUR, True)],
)  # fmt: skip
def test_nothing_moves_before_the_roster_was_read_or_a_number_was_given(
    url: str | None, age: dt.timedelta, may: bool
) -> None:
    with circle_of(3) as c:
        unread(c, url, age)
        for who in range(3):
            c.do_the_task(who, "ideas")
        assert cycle.ending_of(c.turn(0), c.step).lack == Lack.UNKNOWN
        assert c.move() == "circle_unknown"
        c.date_over()
        assert cycle.on_date(c.session, c.run.id, "ideas", STEPS) == "circle_unknown"
        assert c.run.stage == "ideas"
        if may:
            belonging.count(c.session, c.community, c.course, c.members[0], 3, STEPS)
        else:
            with pytest.raises(Refused, match="roster_counts"):
                belonging.count(c.session, c.community, c.course, c.members[0], 3, STEPS)
            named(c, 3)
        assert c.move() == "respond"


@pytest.mark.parametrize(
    ("seen", "number", "least"),
    [(1, 0, 2), (1, 1, 2), (1, 2, None), (3, 2, 3), (3, 3, None), (3, 17, None), (2, -5, 2)],
)
def test_a_number_given_by_hand_is_at_least_two_and_never_below_those_seen(
    seen: int, number: int, least: int | None
) -> None:
    with circle_of(seen) as c:
        unread(c)
        if least is None:
            belonging.count(c.session, c.community, c.course, c.members[0], number, STEPS)
            assert c.turn(None).circle.size == number
            assert c.turn(None).circle.unknown == number - seen
            return
        with pytest.raises(Refused, match="number_too_small") as refused:
            belonging.count(c.session, c.community, c.course, c.members[0], number, STEPS)
        assert refused.value.values == {"least": least}
        assert c.community.headcount == 0


def test_each_change_of_the_number_is_an_act_and_can_be_read() -> None:
    with circle_of(3) as c:
        unread(c)
        known = len(kinds(c))
        me = c.members[1]
        for number in (17, 17, 12):
            belonging.count(c.session, c.community, c.course, me, number, STEPS)
        assert kinds(c)[known:] == [
            ("circle_counted", me.id, None, {"number": 17, "was": 0}),
            ("circle_counted", me.id, None, {"number": 12, "was": 17}),
        ]
        assert [(each.number, each.by) for each in belonging.counts(c.session, c.community)] == [
            (12, me.id),
            (17, me.id),
        ]
        with pytest.raises(Refused, match="number_too_large"):
            belonging.count(c.session, c.community, c.course, me, 10_001, STEPS)


def test_once_a_roster_is_read_it_counts_and_no_number_does() -> None:
    with circle_of(3) as c:
        unread(c)
        belonging.count(c.session, c.community, c.course, c.members[0], 17, STEPS)
        named(c, 5)
        assert c.turn(None).circle.size == 5
        with pytest.raises(Refused, match="roster_counts"):
            belonging.count(c.session, c.community, c.course, c.members[0], 17, STEPS)


def test_a_roster_that_comes_during_a_decision_makes_it_no_easier() -> None:
    with circle_of(4, "draft") as c:
        unread(c)
        belonging.count(c.session, c.community, c.course, c.members[0], 17, STEPS)
        for who in range(4):
            c.do_the_task(who, "draft")
        assert c.move() == "consent"
        quorum = c.turn(None).circle.quorum
        named(c, 17)
        assert c.turn(None).circle.quorum == quorum == 9


# A community that was there before


def test_a_community_that_has_begun_is_asked_once_whether_the_others_belong() -> None:
    with circle_of(3) as c:
        read(c.session, c.course, *map(entry, range(9)))
        assert not belonging.was_asked(c.session, c.community)
        belonging.answer(c.session, c.community, c.members[0], yes=False)
        assert belonging.was_asked(c.session, c.community)
        assert c.turn(None).circle.size == 3
        belonging.answer(c.session, c.community, c.members[0], yes=True)
        assert c.turn(None).circle.size == 9
        assert kinds(c)[-2:] == [
            ("circle_by_roster", c.members[0].id, None, {"belongs": 0}),
            ("circle_by_roster", c.members[0].id, None, {"belongs": 1}),
        ]
        with pytest.raises(Refused, match="already_chosen"):
            belonging.answer(c.session, c.community, c.members[0], yes=False)


# Smaller, before the first reveal


@pytest.mark.parametrize(
    ("learners", "opened", "out", "least"),
    [
        # Three stay, whatever is ticked; opened or not makes no difference to that.
        (8, 1, 5, None), (8, 1, 6, 3), (8, 4, 5, None), (4, 1, 1, None), (4, 1, 2, 3),
        # Where the roster names fewer, all of them stay.
        (3, 1, 1, 3), (2, 1, 1, 2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["ticked out", "takes no part"])
def test_what_is_done_for_others_leaves_three_or_all_whom_the_roster_names(
    learners: int, opened: int, out: int, least: int | None, how: str
) -> None:
    with circle_of(opened) as c:
        named(c, learners)
        chosen = [member(c, learners - 1 - number).id for number in range(out)]
        if how == "takes no part" and learners - opened < out:
            return

        def do() -> None:
            if how == "ticked out":
                belonging.leave_out(cut(c), chosen)
            else:
                for each in chosen:
                    belonging.takes_no_part(cut(c), each)

        if least is None:
            do()
            assert c.turn(None).circle.size == learners - out
            return
        with pytest.raises(Refused, match="circle_too_small") as refused:
            do()
        assert refused.value.values == {"least": least}
        assert c.turn(None).circle.size >= least


@pytest.mark.parametrize("stage", ["ideas", "respond", "draft", "dots", "consent"])
def test_a_number_by_hand_never_falls_while_anything_is_being_decided(stage: str) -> None:
    with circle_of(4, stage) as c:
        unread(c)
        me = c.members[0]
        belonging.count(c.session, c.community, c.course, me, 17, STEPS)
        quorum = c.turn(None).circle.quorum
        belonging.count(c.session, c.community, c.course, me, 20, STEPS)
        assert c.turn(None).circle.quorum > quorum, "more may always be said"
        if stage in ("dots", "consent"):
            with pytest.raises(Refused, match="number_while_deciding") as refused:
                belonging.count(c.session, c.community, c.course, me, 19, STEPS)
            assert refused.value.values == {"least": 20}
            assert c.community.headcount == 20
            c.cycle.closed_at = now()
            c.session.flush()
        belonging.count(c.session, c.community, c.course, me, 4, STEPS)
        assert c.community.headcount == 4


def test_without_a_roster_nobody_is_left_out_of_a_circle_of_three() -> None:
    with circle_of(4) as c:
        unread(c)
        belonging.count(c.session, c.community, c.course, c.members[0], 17, STEPS)
        belonging.leave_out(cut(c), [c.members[3].id])
        with pytest.raises(Refused, match="circle_too_small"):
            belonging.leave_out(cut(c), [c.members[2].id])


def test_a_circle_that_people_made_small_themselves_is_made_no_smaller_by_others() -> None:
    with circle_of(4) as c:
        named(c, 4)
        for who in (1, 2):
            members.leave(c.session, c.community, c.members[who], STEPS)
        assert c.turn(None).circle.size == 2
        with pytest.raises(Refused, match="circle_too_small"):
            belonging.leave_out(cut(c), [c.members[3].id])


def test_whoever_wrote_or_facilitates_or_is_oneself_is_not_left_out() -> None:
    with circle_of(6) as c:
        named(c, 9)
        c.do_the_task(2, "ideas")
        members.name(c.session, c.community, _facilitating(c, 0), c.members[3])
        for who, why in ((2, "heard_already"), (3, "facilitates_here"), (0, "facilitates_here")):
            with pytest.raises(Refused, match=why):
                belonging.leave_out(cut(c), [c.members[who].id])
        with pytest.raises(Refused, match="opened_already"):
            belonging.takes_no_part(cut(c), c.members[4].id)
        with pytest.raises(Refused, match="not_in_circle"):
            belonging.leave_out(cut(c), [987_654])
        belonging.leave_out(cut(c), [c.members[4].id])
        assert c.members[4].standing == Standing.APART


def _facilitating(c: Circle, who: int) -> Member:
    c.members[who].facilitates, c.members[who].facilitated_on = True, now().date()
    return c.members[who]


def test_leaving_out_names_nobody_in_any_act() -> None:
    with circle_of(1) as c:
        named(c, 8)
        known = len(kinds(c))
        belonging.leave_out(cut(c), [member(c, 5).id, member(c, 6).id])
        belonging.takes_no_part(cut(c), member(c, 7).id)
        assert kinds(c)[known:] == [("left_out", None, None, {})] * 2


def test_after_the_first_reveal_the_circle_only_grows() -> None:
    with circle_of(4) as c:
        named(c, 9, 20, 21)
        belonging.leave_out(cut(c), [member(c, 7).id, member(c, 8).id])
        for who in range(4):
            c.do_the_task(who, "ideas")
        others = [member(c, number) for number in range(4, 7)]
        c.members += others
        assert c.move() == "respond"
        with pytest.raises(Refused, match="revealed_already"):
            belonging.leave_out(cut(c), [others[0].id])
        with pytest.raises(Refused, match="revealed_already"):
            belonging.takes_no_part(cut(c), others[0].id)
        belonging.bring_in(c.session, c.community, c.members[0], [member(c, 7).id])
        teachers = {each.sub: each.id for each in belonging.colleagues(c.session, c.community).teachers}
        assert teachers.keys() == {"u20", "u21"}
        belonging.take_in(c.session, c.community, c.members[0], [teachers["u20"]])
        assert standings(c.session)["u20"] == ("member", False)
        assert "u21" not in standings(c.session)
        assert kinds(c)[-2:] == [("circle_widened", c.members[0].id, None, {"people": 1})] * 2
        # They are in from the next stage on.
        assert len(c.turn(None).circle.late) == 2


@pytest.mark.parametrize("past", ["ideas", "respond", "pairs", "draft", "closed"])
def test_a_reveal_is_to_have_left_the_first_stage_of_any_step(past: str) -> None:
    with circle_of(4, past) as c:
        runs = cycle.opened(c.session, c.community, None)[1]
        assert belonging.revealed(runs, STEPS) is (past != "ideas")
        assert not belonging.revealed({}, STEPS)


def test_an_ambition_that_was_carried_on_reveals_nothing_in_the_next_cycle() -> None:
    from lti_tool.steps.evaluation import Evaluation

    with circle_of(4, "closed", Evaluation()) as c:
        made = restart.begin_next(c.turn(0), STEPS, after_all=True)
        runs = cycle.opened(c.session, c.community, made.number)[1]
        assert not belonging.revealed(runs, STEPS)
        first = c.session.scalars(select(StepRun).where(StepRun.cycle_id == made.id, StepRun.step == "ambition")).one()
        # As restart._carry_on leaves it: completed, and entered by no move.
        first.stage, first.closed_at = "closed", now()
        assert not belonging.revealed({"ambition": first}, STEPS)


def test_a_teacher_whom_a_facilitator_took_in_is_asked_when_they_open_it() -> None:
    with circle_of(2) as c:
        named(c, 4, 20)
        (teacher,) = belonging.colleagues(c.session, c.community).teachers
        belonging.take_in(c.session, c.community, c.members[0], [teacher.id])
        assert c.turn(None).circle.size == 5
        roster.meet(c.session, arrival(20, c.course.deployment_id, role="instructor"))
        assert standings(c.session)["u20"] == ("asked", True)
        with pytest.raises(Refused, match="not_found"):
            belonging.take_in(c.session, c.community, c.members[0], [teacher.id])
        with pytest.raises(Refused, match="nobody_chosen"):
            belonging.take_in(c.session, c.community, c.members[0], [])


def test_nobody_is_brought_back_who_left_or_who_answers_themselves() -> None:
    with circle_of(4) as c:
        named(c, 6)
        members.leave(c.session, c.community, c.members[2], STEPS)
        for each in (c.members[2], c.members[1]):
            with pytest.raises(Refused, match="not_found"):
                belonging.bring_in(c.session, c.community, c.members[0], [each.id])


MOVES = st.lists(st.tuples(st.sampled_from(["out", "no part", "in", "leave", "back"]), st.integers(0, 9)), max_size=25)


@histories(25, 300)
@given(learners=st.integers(1, 9), opened=st.integers(1, 4), moves=MOVES)
def test_whatever_is_done_for_others_never_fewer_than_three_are_left(
    learners: int, opened: int, moves: list[tuple[str, int]]
) -> None:
    with circle_of(min(opened, learners)) as c:
        named(c, learners)
        everybody = {number: member(c, number) for number in range(learners)}
        for what, number in moves:
            one = everybody[number % learners]
            before = c.turn(None).circle.size
            try:
                with c.session.begin_nested():
                    if what == "out":
                        belonging.leave_out(cut(c), [one.id])
                    elif what == "no part":
                        belonging.takes_no_part(cut(c), one.id)
                    elif what == "in":
                        belonging.bring_in(c.session, c.community, c.members[0], [one.id])
                    elif what == "leave" and one.opened_at and one is not c.members[0]:
                        members.leave(c.session, c.community, one, STEPS)
                    elif what == "back":
                        members.come_back(c.session, c.community, one)
            except Refused:
                continue
            after = c.turn(None).circle.size
            if what in ("out", "no part") and after < before:
                assert after >= min(3, learners)
            if what in ("in", "back"):
                assert after >= before


# Away


ZONE = ZoneInfo("Europe/Amsterdam")
DAY = dt.timedelta(days=1)


def today() -> dt.date:
    return midnights.day_of(now(), ZONE)


def test_away_by_oneself_or_by_another_and_back_in_one_tap() -> None:
    with circle_of(5) as c:
        me, you = c.members[1], c.members[2]
        away.set_own(c.session, c.community, me, today() + DAY, zone=ZONE)
        away.set_other(c.session, c.community, c.members[0], you, today(), zone=ZONE)
        found = c.turn(None).circle
        assert (found.away, found.set_away) == (frozenset({me.id}), frozenset({you.id}))
        assert found.expected == {each.id for each in c.members} - {me.id, you.id}
        for each in (me, you):
            away.come_back(each)
            with pytest.raises(Refused, match="not_away"):
                away.come_back(each)
        assert c.turn(None).circle.expected == {each.id for each in c.members}
        assert kinds(c)[-2:] == [("set_away", None, None, {})] * 2


@pytest.mark.parametrize(
    ("days", "refused"), [(-1, "date_passed"), (0, ""), (1, ""), (366, ""), (367, "away_too_long")]
)
def test_away_is_until_the_end_of_a_day_within_a_year(days: int, refused: str) -> None:
    with circle_of(3) as c:
        last = today() + days * DAY
        if refused:
            with pytest.raises(Refused, match=refused):
                away.set_own(c.session, c.community, c.members[0], last, zone=ZONE)
            return
        away.set_own(c.session, c.community, c.members[0], last, zone=ZONE)
        until = c.members[0].away_until
        assert until is not None
        assert midnights.day_of(until - dt.timedelta(seconds=1), ZONE) == last
        assert midnights.day_of(until, ZONE) == last + DAY


def test_the_day_passes_and_whoever_was_away_is_waited_for_again() -> None:
    with circle_of(3) as c, time_machine.travel(now(), tick=False) as clock:
        away.set_own(c.session, c.community, c.members[0], today(), zone=ZONE)
        assert c.members[0].id not in c.turn(None).circle.expected
        clock.shift(2 * DAY)
        assert c.members[0].id in c.turn(None).circle.expected
        assert away.was_away(c.members[0]), "until they come, to be told"


def test_one_s_own_word_stands_and_replaces_another_s() -> None:
    with circle_of(4) as c:
        by, me = c.members[0], c.members[1]
        away.set_other(c.session, c.community, by, me, today() + DAY, zone=ZONE)
        away.set_own(c.session, c.community, me, today() + 2 * DAY, zone=ZONE)
        assert c.turn(None).circle.away == {me.id}
        with pytest.raises(Refused, match="away_already"):
            away.set_other(c.session, c.community, by, me, today() + DAY, zone=ZONE)
        with pytest.raises(Refused, match="away_own"):
            away.take_back(me)
        away.set_other(c.session, c.community, by, by, today(), zone=ZONE)
        assert by.away_own, "whoever says it of themselves"
        you = c.members[2]
        away.set_other(c.session, c.community, by, you, today(), zone=ZONE)
        away.take_back(you)
        assert (you.away_until, you.away_since) == (None, None)


def test_only_who_belongs_is_set_away() -> None:
    with circle_of(4) as c:
        c.go(3)
        members.leave(c.session, c.community, c.members[2], STEPS)
        for who in (2, 3):
            with pytest.raises(Refused, match="not_in_circle"):
                away.set_other(c.session, c.community, c.members[0], c.members[who], today(), zone=ZONE)


def test_who_was_set_away_may_object_for_fourteen_days_from_their_launch_and_then_it_is_forgotten() -> None:
    with circle_of(4) as c, time_machine.travel(now(), tick=False) as clock:
        me, you = c.members[1], c.members[2]
        away.set_own(c.session, c.community, me, today() + DAY, zone=ZONE)
        away.set_other(c.session, c.community, c.members[0], you, today() + DAY, zone=ZONE)
        decided_at = now()
        clock.shift(30 * DAY)
        for who in (1, 2):
            roster.meet(c.session, arrival(who, c.course.deployment_id))
        assert (away.may_object(me, decided_at), away.may_object(you, decided_at)) == (False, True)
        away.come_back(me)
        away.come_back(you)
        assert (me.away_since, me.away_seen_at) == (None, None), "by one's own word there is nothing to object to"
        clock.shift(13 * DAY)
        away.forget_past(c.session, c.course.id)
        assert away.may_object(you, decided_at)
        assert not away.may_object(you, now()), "they were here when that was decided"
        clock.shift(2 * DAY)
        assert not away.may_object(you, decided_at)
        away.forget_past(c.session, c.course.id)
        c.session.expire_all()
        assert (you.away_until, you.away_own, you.away_since, you.away_seen_at) == (None, False, None, None)


def test_how_many_were_set_away_stands_with_a_decision_and_never_who() -> None:
    with circle_of(5, "consent") as c:
        away.set_other(c.session, c.community, c.members[0], c.members[3], today() + DAY, zone=ZONE)
        away.set_own(c.session, c.community, c.members[4], today() + DAY, zone=ZONE)
        for who in range(3):
            c.act(who, "consent", answer="agree")
        assert c.move() == "closed"
        (decided,) = c.rounds("consent")
        assert (decided.circle, decided.set_away, decided.outcome) == (5, 1, RoundOutcome.ADOPTED)
        assert [each.id for each in rounds.without_some(c.turn(None))] == [decided.id]
        columns = {column.name for column in Round.__table__.columns}
        assert not {name for name in columns if "member" in name}
