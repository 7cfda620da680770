"""Several communities in a course: who goes where when one is split, and when two become one; and who sits where."""

import datetime as dt
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import belonging, elsewhere, roster, seating
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.meeting import running
from lti_tool.domain.school import communities, putting, several
from lti_tool.domain.school.several import Part
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Community, Cycle, Ending, Launch, Meeting, Member, Person, Seat, Standing
from lti_tool.models.school import SchoolAct
from lti_tool.models.voices import Contribution
from tests.web.circle import STEPS, Circle, arrival, circle

ZONE = dt.UTC


def launch(c: Circle, who: int, groups: Collection[str] | None = (), **said: object) -> roster.Met:
    """Somebody comes from the LMS, which names these groups."""
    told = None if groups is None else frozenset(groups)
    met = roster.meet(c.session, arrival(who, c.course.deployment_id, groups=told, **said))
    c.session.flush()
    return met


def part(c: Circle, *who: int, name: str = "Team B", guide: int | None = None, group: str = "") -> Part:
    people = tuple(c.members[each].person_id for each in who)
    return Part(name, people, None if guide is None else c.members[guide].person_id, group)


def split(c: Circle, *parts: Part) -> list[Community]:
    return several.split(c.session, OPERATOR, c.community, parts, STEPS, ZONE)


def standings(c: Circle, community: Community) -> dict[int, str]:
    """Index of a person -> how they stand there."""
    number = {each.person_id: who for who, each in enumerate(c.members)}
    rows = c.session.scalars(select(Member).where(Member.community_id == community.id))
    return {number[each.person_id]: str(each.standing) for each in rows if each.person_id in number}


def test_who_has_no_name_is_listed_by_number_and_after_who_has_one() -> None:
    with circle(12, "ideas") as c:
        c.session.execute(update(Person).where(Person.name != "").values(name=""))
        named = c.session.get_one(Person, c.members[3].person_id)
        named.name = "Zoë"
        numbers = sorted(each.number for who, each in enumerate(c.members) if who != 3)
        assert max(numbers) > 9, "by letters 10 comes before 2"
        expected = ["Zoë", *(f"Lid {each}" for each in numbers)]
        assert [each.name.nl for each in several.sitting(c.session, c.community)] == expected
        assert [each.name.nl for each in communities.seated(c.session, c.community)] == expected


def test_who_goes_sits_in_the_new_one_and_is_waited_for_nowhere_else() -> None:
    with circle(5) as c:
        c.act(3, "idea", text="Dit las nog niemand van mij", why="omdat het telt")
        (new,) = split(c, part(c, 3, 4, guide=3))
        assert standings(c, c.community) == {0: "member", 1: "member", 2: "member", 3: "elsewhere", 4: "elsewhere"}
        assert standings(c, new) == {3: "member", 4: "member"}
        assert c.turn(0).circle.members == {c.members[each].id for each in (0, 1, 2)}
        assert c.session.scalars(select(Contribution).where(Contribution.withdrawn_at.is_(None))).all() == []
        assert [each.number for each in c.session.scalars(select(Cycle).where(Cycle.community_id == new.id))] == [1]
        assert launch(c, 3).community.id == new.id
        assert launch(c, 0).community.id == c.community.id
        guide = c.session.scalars(select(Member).filter_by(community_id=new.id, facilitates=True)).one()
        assert guide.person_id == c.members[3].person_id
        trail = c.session.scalars(select(SchoolAct).where(SchoolAct.kind == "community_split")).one()
        assert trail.detail == {"people": 2, "made": new.id, "by_group": 0}


def test_settings_go_along_and_what_was_agreed_stays() -> None:
    with circle(3) as c:
        c.community.holidays, c.community.locale = "2027-02-20/2027-02-28", "en"
        (new,) = split(c, part(c, 2))
        assert (new.holidays, new.locale, new.by_roster) == ("2027-02-20/2027-02-28", "en", c.community.by_roster)
        assert new.group_id.startswith(seating.BY_HAND)


def test_by_the_lmss_groups_everybody_goes_where_the_launch_says() -> None:
    with circle(4) as c:
        for who, groups in ((0, {"3"}), (1, {"3"}), (2, {"4"}), (3, set())):
            launch(c, who, groups)
        known = several.sitting(c.session, c.community)
        told = several.told_groups(c.session, c.community, known)
        assert {group: len(people) for group, people in told.items()} == {"3": 2, "4": 1}
        (new,) = split(c, part(c, 2, name="Groep 4", group="4"))
        assert launch(c, 2, {"4"}).community.id == new.id
        assert launch(c, 2, None).community.id == new.id, "an LMS that says nothing sends nobody away"
        moved = launch(c, 2, {"3"})
        assert moved.community.id == c.community.id
        assert [member.person_id for _, member in moved.left] == [c.members[2].person_id]
        assert launch(c, 1, {"4"}).community.id == new.id
        both = launch(c, 0, {"3", "4"})
        assert both.community.id == new.id
        late = launch(c, 60, {"4", "999"})
        assert late.community.id == new.id, "who comes later by the group sits there too"
        assert launch(c, 61, {"999"}).community.id == c.community.id
        assert seating.OWN not in several.told_groups(c.session, c.community, several.sitting(c.session, c.community))


def test_who_was_put_by_hand_stays_there_whatever_the_groups_say() -> None:
    with circle(4) as c:
        for who in (0, 1, 2):
            launch(c, who, {"3"})
        (third,) = split(c, part(c, 0, name="Groep 3", group="3"))
        assert launch(c, 1, {"3"}).community.id == c.community.id, "the list said that they stay"
        (new,) = split(c, part(c, 2))
        assert launch(c, 2, {"3"}).community.id == new.id
        assert launch(c, 0, {"3"}).community.id == third.id


def test_of_two_it_is_the_one_they_sat_in_last_and_going_to_the_other_lasts() -> None:
    with circle(4) as c:
        for who in range(4):
            launch(c, who, {"3", "4"} if who == 0 else {"3"} if who == 1 else ())
        first, second = split(c, part(c, 0, 1, name="Groep 3", group="3"), part(c, 0, name="Groep 4", group="4"))
        met = launch(c, 0, {"3", "4"})
        assert met.community.id in (first.id, second.id)
        other = second if met.community.id == first.id else first
        person = met.person.id
        assert [each.community_id for each in elsewhere.others(c.session, c.course, person, met.community.id)] == [
            other.id
        ]
        here = Launch(
            id="a", person_id=person, deployment_id=c.course.deployment_id, course_id=c.course.id,
            community_id=met.community.id,
        )  # fmt: skip
        c.session.add(here)
        c.session.flush()
        for _ in range(2):
            elsewhere.go(c.session, here, c.course, other.id, "b")
        assert (here.community_id, c.session.get_one(Launch, "b").community_id) == (met.community.id, other.id)
        assert launch(c, 0, {"3", "4"}).community.id == other.id
        for wrong in (c.community.id, 999, 0):
            with pytest.raises(Refused, match="not_your_place"):
                elsewhere.go(c.session, here, c.course, wrong, "c")


def test_a_roster_seats_everybody_in_the_courses_own_but_who_sits_elsewhere() -> None:
    with circle(3) as c:
        (new,) = split(c, part(c, 2))
        late = launch(c, 70).person
        for each in (late.id, c.members[2].person_id):
            c.session.scalars(select(Seat).filter_by(person_id=each)).one().roster_role = "learner"
        c.session.flush()
        belonging.join_listed(c.session, c.course)
        of = select(func.count(Member.id)).where(Member.community_id == new.id)
        assert c.session.scalar(of) == 1
        assert standings(c, c.community)[2] == "elsewhere"


REFUSED = {
    "split_nobody": lambda c: [part(c)],
    "split_everybody": lambda c: [part(c, 0, 1, 2)],
    "split_unknown": lambda c: [Part("Team B", (999,))],
    "split_name": lambda c: [part(c, 1, name="")],
    "split_group": lambda c: [part(c, 1, group="3")],
    "split_twice": lambda c: [part(c, 1), part(c, 1, name="Team C")],
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_split_is_refused_and_changes_nothing(code: str) -> None:
    with circle(3) as c:
        with pytest.raises(Refused, match=code):
            split(c, *REFUSED[code](c))
        assert c.session.scalar(select(func.count(Community.id))) == 1
        assert set(standings(c, c.community).values()) == {"member"}


@pytest.mark.parametrize("name", ["Cursus", "x" * 256, "a\0b"])
def test_a_name_that_is_taken_or_cannot_be_kept_is_refused(name: str) -> None:
    with circle(3) as c, pytest.raises(Refused, match="split_name"):
        split(c, part(c, 1, name=name))


def test_who_does_not_go_and_does_not_facilitate_cannot_be_named_for_the_new_one() -> None:
    with circle(3) as c:
        with pytest.raises(Refused, match="split_unknown"):
            split(c, part(c, 1, guide=2))
        c.members[2].facilitates = True
        c.session.flush()
        (new,) = split(c, part(c, 1, guide=2))
        assert standings(c, new) == {1: "member", 2: "outside"}
        assert launch(c, 2).community.id == c.community.id, "who facilitates both sat here last"
        person = c.members[2].person_id
        assert [each.community_id for each in elsewhere.others(c.session, c.course, person, c.community.id)] == [new.id]


def test_whom_an_administrator_names_for_one_stays_in_the_one_they_sat_in() -> None:
    with circle(4) as c:
        (new,) = split(c, part(c, 3))
        communities.name_facilitator(c.session, OPERATOR, new, c.members[0].person_id)
        met = launch(c, 0)
        (other,) = elsewhere.others(c.session, c.course, met.person.id, met.community.id)
        assert {met.community.id, other.community_id} == {c.community.id, new.id}
        assert standings(c, c.community)[0] == "member"


def test_of_who_sits_elsewhere_an_administrator_corrects_nothing_in_the_one_they_left() -> None:
    with circle(4) as c:
        (new,) = split(c, part(c, 3))
        person = c.members[3].person_id
        seated = {each.person_id: each.standing for each in communities.seated(c.session, c.community)}
        assert seated[person] is None
        with pytest.raises(Refused, match="no_such_member"):
            communities.correct(c.session, OPERATOR, c.community, person, "join", STEPS)
        communities.name_facilitator(c.session, OPERATOR, c.community, person)
        assert standings(c, c.community)[3] == "outside"
        met = launch(c, 3)
        assert len(elsewhere.others(c.session, c.course, person, met.community.id)) == 1
        assert standings(c, new)[3] == "member", "they sit in both"


def test_one_person_is_put_into_one_and_leaves_the_others_whatever_the_groups_say() -> None:
    with circle(4) as c:
        c.act(0, "idea", text="Dit las nog niemand van mij", why="omdat het telt")
        (new,) = split(c, part(c, 3))
        putting.put(c.session, OPERATOR, new, c.members[0].person_id, STEPS)
        assert standings(c, c.community)[0] == "elsewhere"
        assert standings(c, new) == {0: "member", 3: "member"}
        assert c.session.scalars(select(Contribution).where(Contribution.withdrawn_at.is_(None))).all() == []
        assert launch(c, 0, {"3"}).community.id == new.id
        putting.put(c.session, OPERATOR, c.community, c.members[0].person_id, STEPS)
        assert launch(c, 0).community.id == c.community.id
        assert (standings(c, c.community)[0], standings(c, new)[0]) == ("member", "elsewhere")
        newcomer = roster.whoever(c.session, roster.Who("https://lms.example", "", "u99", "Nieuw"))
        with pytest.raises(Refused, match="no_such_member"):
            putting.put(c.session, OPERATOR, new, newcomer.id, STEPS)
        c.session.add(Seat(course_id=c.course.id, person_id=newcomer.id, roster_role="learner"))
        c.session.flush()
        putting.put(c.session, OPERATOR, new, newcomer.id, STEPS)
        assert launch(c, 99).community.id == new.id


def test_nothing_is_divided_during_a_meeting_or_after_something_moved() -> None:
    with circle(3) as c:
        shown = several.plan(c.session, c.community, [part(c, 2)]).digest
        launch(c, 2, {"3"})
        with pytest.raises(Refused, match="several_moved"):
            several.split(c.session, OPERATOR, c.community, [part(c, 2)], STEPS, ZONE, shown)
        c.session.add(Meeting(community_id=c.community.id, cycle_id=c.cycle.id, started_at=now(), agenda=[]))
        c.session.flush()
        assert running.running(c.session, c.community)
        with pytest.raises(Refused, match="several_in_meeting"):
            split(c, part(c, 2))


def test_a_split_that_nobody_worked_in_is_joined_back_and_leaves_nothing() -> None:
    with circle(4) as c:
        was = {each.id: each.joined_at for each in c.members}
        (new,) = split(c, part(c, 2, 3, guide=3))
        number = new.id
        planned = several.join(c.session, OPERATOR, new, c.community, STEPS, ZONE)
        assert (len(planned.comes), planned.untouched) == (2, True)
        assert set(standings(c, c.community).values()) == {"member"}
        assert {each.id: each.joined_at for each in c.members} == was, "nobody counts as come later"
        assert c.session.get(Community, number) is None
        assert launch(c, 2).community.id == c.community.id


def test_joined_its_people_sit_in_the_other_one_its_cycle_ends_and_it_can_be_read() -> None:
    with circle(5) as c:
        for who in (3, 4):
            launch(c, who, {"3"})
        (new,) = split(c, part(c, 3, 4, name="Groep 3", group="3"))
        c.act(0, "idea", text="Dit is het idee van mij", why="omdat het telt")
        idea = c.session.scalars(select(Contribution)).one()
        several.join(c.session, OPERATOR, c.community, new, STEPS, ZONE)
        assert idea.withdrawn_at is None, "no piece goes with it"
        assert c.community.archived_at is not None
        assert (c.cycle.ending, c.cycle.closed_at is None) == (Ending.UNDECIDED, False)
        assert set(standings(c, new).values()) == {"member"}
        assert new.group_id == OWN, "whoever comes new to the course sits in the one that is left"
        assert launch(c, 0).community.id == new.id
        assert launch(c, 80).community.id == new.id
        person = c.members[0].person_id
        (read,) = elsewhere.others(c.session, c.course, person, new.id)
        assert (read.community_id, read.archived) == (c.community.id, True)
        assert standings(c, c.community)[0] == "member", "who made it can read it"


def test_joining_itself_or_an_archived_one_is_refused() -> None:
    with circle(4) as c:
        (new,) = split(c, part(c, 3))
        with pytest.raises(Refused, match="join_same"):
            several.join(c.session, OPERATOR, new, new, STEPS, ZONE)
        new.archived_at = now()
        c.session.flush()
        for gone, into in ((new, c.community), (c.community, new)):
            with pytest.raises(Refused, match="community_archived"):
                several.join(c.session, OPERATOR, gone, into, STEPS, ZONE)


def test_merged_into_another_course_come_who_sit_in_that_course_too() -> None:
    with circle(3) as c:
        other = launch(c, 0, context="c2", context_title="Andere cursus").community
        c.act(0, "idea", text="Dit is het idee van mij", why="omdat het telt")
        planned = several.join(c.session, OPERATOR, c.community, other, STEPS, ZONE)
        assert [each.person_id for each in planned.comes] == [c.members[0].person_id]
        assert len(planned.absent) == 2
        assert launch(c, 1).community.id == c.community.id, "the placements stay where they are, and open what was"
        assert c.community.archived_at is not None


def test_a_course_whose_own_is_archived_says_whom_to_ask_to_who_is_in_no_other() -> None:
    with circle(3) as c:
        (new,) = split(c, part(c, 2))
        c.community.archived_at = now()
        c.session.flush()
        assert launch(c, 2).community.id == new.id
        assert launch(c, 0).community.id == c.community.id, "who was in it reads it"
        with pytest.raises(seating.NoPlace):
            launch(c, 90)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from([None, (), ("3",), ("4",), ("3", "4"), ("999",)])), max_size=8
    )
)
def test_however_people_come_each_sits_in_one_and_is_waited_for_where_they_may_sit(
    came: list[tuple[int, tuple[str, ...] | None]],
) -> None:
    with circle(6) as c:
        for who in range(6):
            launch(c, who, ("3",) if who == 0 else ("4",) if who == 1 else ())
        made = split(c, part(c, 0, name="Groep 3", group="3"), part(c, 1, name="Groep 4", group="4"))
        for who, groups in came:
            met = launch(c, who, groups)
            for _, member in met.left:
                member.standing = Standing.ELSEWHERE
            c.session.flush()
            assert met.member is not None
            assert met.member.standing == Standing.MEMBER
            assert met.member.community_id == met.community.id
            if groups is not None:
                theirs = {each.group_id for each in made} & set(groups) or {OWN}
                assert met.community.group_id in theirs
                there = select(Community.group_id).join(Member).where(Member.standing == "member")
                assert set(c.session.scalars(there.where(Member.person_id == met.person.id))) <= theirs
