"""Provision lists of courses that hold several communities: a line names which; without a name it is the course's."""

import pytest

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.school.provision import lines, out, reading, waiting
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Community, Cycle, Member, Standing
from lti_tool.models.provision import Role
from tests.unit.provisioned import ZONE, School, keyed, listed
from tests.web.circle import STEPS

HEADS = "course id,title,community,facilitators,template,settings"


def group(s: School, name: str, *numbers: int, context: str = "c1") -> Community:
    """Another community of a course, with these people in it."""
    own = s.member(1, context)
    course_id = s.session.get_one(Community, own.community_id).course_id
    made = Community(course_id=course_id, group_id=f"hand:{name}", name=name)
    s.session.add(made)
    s.session.flush()
    s.session.add(Cycle(community_id=made.id, number=1))
    for place, number in enumerate(numbers, 1):
        person_id = s.member(number, context).person_id
        standing = {"standing": Standing.MEMBER, "opened_at": now(), "sits": True}
        s.session.add(Member(community_id=made.id, person_id=person_id, number=place, **standing))
    s.session.flush()
    return made


def facilitating(s: School, community_id: int) -> list[int]:
    query = s.session.query(Member.number).filter(Member.community_id == community_id, Member.facilitates)
    return [row[0] for row in query.order_by(Member.number)]


def test_a_line_is_about_the_community_that_it_names_and_without_a_name_about_the_course_s(any_school: School) -> None:
    s = any_school
    own = s.comes(1, "c1").community
    s.comes(2, "c1")
    made = group(s, "Groep B", 2)
    sheet = listed("c1,Zon,,id:u1,,", "c1,,groep b,id:u2,,", heads=HEADS)
    assert not s.plan(sheet).faults
    s.apply(sheet)
    assert (facilitating(s, own.id), facilitating(s, made.id)) == ([1], [1])
    assert not s.member_of(2, own.id).facilitates, "of the other one nothing is said"
    assert [(each.course_id, each.community_id) for each in s.lines()] == [
        (own.course_id, None), (own.course_id, made.id),
    ]  # fmt: skip
    after = s.state()
    assert not s.apply(sheet).changes
    assert s.state() == after
    # It stays with it, whatever either is called.
    made.name = "Groep Maan"
    s.session.flush()
    for name in ("Groep B", "groep maan"):
        again = listed("c1,Zon,,id:u1,,", f"c1,,{name},id:u2,,", heads=HEADS)
        assert not s.plan(again).faults
        assert not s.plan(again).changes, name
        assert not s.plan(again).removed, name
    assert (own.name, made.name) == ("Zon", "Groep Maan")


def test_who_comes_later_is_what_the_line_of_their_community_says(s: School) -> None:
    own = s.comes(1, "c1").community
    made = group(s, "Groep B", 1)
    s.apply(listed("c1,,Groep B,m2@school.example,,", heads=HEADS))
    s.comes(2, "c1")
    assert facilitating(s, own.id) == [], "they sit in the course's own, of which nothing is said"
    (part,) = s.parts()
    assert (part.role, part.in_force_at, part.named_hash) == (Role.FACILITATOR, None, None)
    person_id = s.member_of(2, own.id).person_id
    s.session.add(
        Member(community_id=made.id, person_id=person_id, number=2, standing=Standing.MEMBER, opened_at=now())
    )
    s.session.flush()
    s.comes(2, "c1")
    assert facilitating(s, made.id) == [2]


@pytest.mark.parametrize("name", ["Groep C", "Twee", "Oud", "zon"])
def test_an_unknown_name_is_a_mistake_by_line_and_cell(s: School, name: str) -> None:
    s.comes(1, "c1")
    s.comes(1, "c2")
    for called in ("Groep B", "Twee"):
        group(s, called)
    s.session.add(Community(course_id=s.course_id("c1"), group_id="hand:2", name="Twee"))
    s.session.add(Community(course_id=s.course_id("c1"), group_id="hand:o", name="Oud", archived_at=now()))
    s.session.flush()
    for context in ("c1", "c2", "c9"):
        made = s.plan(listed(f"{context},,{name},,,", heads=HEADS))
        two = (name, context) == ("Twee", "c1")
        code = "community_twice" if two else "community"
        assert [(each.number, each.cell, each.code) for each in made.faults] == [(2, "community", code)]
    before = s.state()
    with pytest.raises(Refused, match="provision_wrong"):
        s.apply(listed(f"c1,,{name},,,", heads=HEADS))
    assert s.state() == before


def test_one_community_is_on_one_line_and_what_is_the_course_s_is_on_its_own(s: School) -> None:
    s.comes(1, "c1")
    group(s, "Groep B")
    twice = s.plan(listed("c1,,Groep B,,,", "c1,,groep b,,,", heads=HEADS))
    assert [(each.number, each.code) for each in twice.faults] == [(3, "twice")]
    own = s.plan(listed("c1,,Cursus c1,,,", "c1,,,,,", heads=HEADS))
    assert [each.code for each in own.faults] == ["twice"], "the course's own has a name too"
    for row in ("c1,,Groep B,,Praktijk,", "c1,,Groep B,,,taal=en"):
        (fault,) = listed(row, heads=HEADS).faults
        assert fault.code == "of_course"


@pytest.mark.parametrize("write", [out.csv, out.xlsx])
def test_the_export_names_it_and_can_be_given_again(s: School, write: object) -> None:
    s.comes(1, "c1")
    group(s, "Groep B", 1)
    s.apply(listed("c1,Zon,,id:u1,,", "c1,,Groep B,id:u1,,", heads=HEADS))
    sheet = reading.read(write(s.session, s.id, "nl"), keyed)  # type: ignore[operator]
    assert sorted(each.community for each in sheet.lines) == ["", "Groep B"]
    made = s.plan(sheet)
    assert (made.faults, made.removed, made.changes) == ([], [], False)
    packed = lines.packed(sheet, named=False)
    assert lines.unpacked(packed, None).lines == sheet.lines, "nothing is lost on the way to the worker"
    packed["lines"] = [each[:-1] for each in packed["lines"]]
    assert {each.community for each in lines.unpacked(packed, None).lines} == {""}, "nor is one from before"


def test_where_the_course_is_asked_for_it_is_one_that_has_a_community_called_so(s: School) -> None:
    for context in ("c1", "c2"):
        s.comes(1, context, context_label="PRO")
    made = group(s, "Groep B", 1, context="c2")
    sheet = listed("PRO,Groep B,id:u1", heads="short name,community,facilitators")
    (ask,) = s.plan(sheet).planned[0].asks
    assert [each.more for each in ask.choices] == ["c2"]
    s.apply(sheet)
    (waits,) = [each for each in waiting.standing(s.session, s.id, keyed).waiting if each.role is None]
    assert [each.more for each in waits.choices] == ["c2"]
    waiting.bind(s.session, s.id, OPERATOR, waits.line, waits.choices[0].id, STEPS, ZONE)
    assert s.lines()[0].community_id == made.id
    s.comes(1, "c2", context_label="PRO")
    assert not s.plan(sheet).changes
