"""A facilitator whom a list replaces: they stay until the successor is there, and no community is left without."""

from sqlalchemy import select

from lti_tool.domain.school.provision import said
from lti_tool.domain.school.provision.planned import Change, Plan
from lti_tool.models import Seat, Standing
from lti_tool.models.provision import ProvisionPart, Role, Trouble
from lti_tool.models.school import SchoolAct
from tests.unit.provisioned import School, listed

FIRST = listed("c1,,,,id:u1,,")
NEXT = listed("c1,,,,m2@school.example,,")


def ticks(plan: Plan) -> dict[str, int]:
    return {each.name: 1 for each in plan.removed}


def facilitating(s: School, *numbers: int) -> list[bool]:
    return [s.member(number, "c1").facilitates for number in numbers]


def test_who_is_replaced_stays_until_the_successor_is_there_and_goes_then(any_school: School) -> None:
    s = any_school
    s.comes(1, "c1")
    s.apply(FIRST)
    (gone,) = s.plan(NEXT).removed
    assert gone.stays, "it is said before it is done"
    assert not gone.settled
    s.apply(NEXT, **ticks(s.plan(NEXT)))
    assert facilitating(s, 1) == [True]
    assert [(each.listed, each.trouble) for each in s.parts()] == [(False, Trouble.REPLACED), (True, None)]
    (gone,) = s.plan(NEXT).removed
    assert gone.settled
    after = s.state()
    for answers in ({}, ticks(s.plan(NEXT))):
        assert not s.apply(NEXT, **answers).changes, "applied twice, it is as applied once"
        assert s.state() == after
    s.comes(3, "c1")
    assert facilitating(s, 1, 3) == [True, False], "somebody else is no successor"
    s.comes(2, "c1")
    assert facilitating(s, 1, 2) == [False, True]
    assert [each.role for each in s.parts()] == [Role.FACILITATOR]
    kinds = s.session.scalars(select(SchoolAct.kind).order_by(SchoolAct.id)).all()
    assert kinds[-1] == "provision_taken_back", "it has its line in the trail when it is so"
    assert not s.plan(NEXT).removed
    assert not s.plan(NEXT).changes


def test_a_roster_that_names_the_successor_is_not_enough_and_one_who_left_the_course_is_not_there(s: School) -> None:
    s.comes(1, "c1")
    s.comes(2, "c1")
    s.apply(FIRST)
    seat = s.session.scalars(select(Seat).where(Seat.person_id == s.member(2, "c1").person_id)).one()
    seat.present = False
    sheet = listed("c1,,,,id:u2,,")
    (gone,) = s.plan(sheet).removed
    assert gone.stays
    s.apply(sheet, **ticks(s.plan(sheet)))
    assert facilitating(s, 1, 2) == [True, False]
    s.comes(2, "c1")
    assert facilitating(s, 1, 2) == [False, True]


def test_where_the_successor_is_there_the_one_before_goes_at_once(s: School) -> None:
    s.comes(1, "c1")
    s.comes(2, "c1")
    s.apply(FIRST)
    sheet = listed('c1,,,,"id:u2,m9@school.example",,')
    assert [each.stays for each in s.plan(sheet).removed] == [False]
    s.apply(sheet, **ticks(s.plan(sheet)))
    assert facilitating(s, 1, 2) == [False, True]


def test_whom_nobody_is_named_instead_of_goes_with_the_tick(s: School) -> None:
    s.comes(1, "c1")
    s.apply(FIRST)
    sheet = listed("c1,,,,,,")
    assert [each.stays for each in s.plan(sheet).removed] == [False]
    s.apply(sheet, **ticks(s.plan(sheet)))
    assert facilitating(s, 1) == [False]


def test_who_is_named_again_before_the_successor_came_stays(s: School) -> None:
    s.comes(1, "c1")
    s.apply(FIRST)
    s.apply(NEXT, **ticks(s.plan(NEXT)))
    both = listed('c1,,,,"id:u1,m2@school.example",,')
    assert [each.kind for each in s.plan(both).planned[0].changes] == [Change.NAMED_AGAIN]
    s.apply(both)
    s.comes(2, "c1")
    assert facilitating(s, 1, 2) == [True, True]


def test_who_becomes_a_deputy_and_stays_for_a_while_is_a_deputy_afterwards(s: School) -> None:
    s.comes(1, "c1")
    s.apply(FIRST)
    sheet = listed("c1,,,,m2@school.example,id:u1,")
    s.apply(sheet, **ticks(s.plan(sheet)))
    assert facilitating(s, 1) == [True]
    s.comes(2, "c1")
    member = s.member(1, "c1")
    assert (member.standing, member.facilitates) == (Standing.MEMBER, False)
    assert member.facilitated_on is not None, "who may take it up again"


def test_killed_while_the_successor_comes_leaves_the_one_before(any_school: School) -> None:
    s = any_school
    s.comes(1, "c1")
    s.apply(FIRST)
    s.apply(NEXT, **ticks(s.plan(NEXT)))
    s.session.commit()
    s.comes(2, "c1")
    s.session.rollback()
    s.session.expire_all()
    assert facilitating(s, 1) == [True]
    s.comes(2, "c1")
    s.session.commit()
    assert facilitating(s, 1, 2) == [False, True]
    assert len(s.session.scalars(select(ProvisionPart)).all()) == 1


def test_only_of_who_is_not_there_it_is_said_that_they_are_waited_for(s: School) -> None:
    s.comes(1, "c1")
    (planned,) = s.plan(listed('c1,,,,"id:u1,id:u7",,')).planned
    here, away = [said.change(each) for each in planned.changes if each.kind == Change.NAMED]
    assert "zodra die er is" not in here.nl
    assert "once they are here" not in here.en
    assert away.nl.endswith("zodra die er is")
    assert away.en.endswith("once they are here")
