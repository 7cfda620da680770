"""Ways to copy a course, as the strict LMS does them: a community of its own each time, and nothing of anybody.

What is placed carries a key through all of them (M73); where it stands in a course twice, who facilitates reads so.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.demo.model import Activity, Course
from lti_tool.domain.community import twins
from lti_tool.models import Community, LineItem, Member, Person, ResourceLink, Score
from lti_tool.models import Course as CourseRow
from lti_tool.models.copying import Origin
from lti_tool.models.voices import Contribution
from tests.actors import World
from tests.web.walk import visit

IDEA = "Dit schreef ik in de eerste cursus"


def _lms(world: World) -> Any:
    return world.lms.school


def _import(world: World, course: Course, times: int = 1) -> Course:
    new: Course = _lms(world).add_course("Leeg", "LEEG")
    for _ in range(times):
        _lms(world).import_course(course.id, new.id)
    return new


def _copy_of_copy(world: World, course: Course) -> Course:
    school = _lms(world)
    return school.copy_course(school.copy_course(course.id).id)  # type: ignore[no-any-return]


def _duplicated(world: World, course: Course) -> Course:
    new: Course = _lms(world).copy_course(course.id)
    _lms(world).duplicate(placed(world, new)["ambition"].id)
    return new


# Way -> how it is done, and how often each activity stands in the course then.
WAYS: dict[str, tuple[Callable[[World, Course], Course], int]] = {
    "copy course, or restored without users": (lambda world, course: _lms(world).copy_course(course.id), 1),
    "copy of a copy": (_copy_of_copy, 1),
    "backup and restore with users": (lambda world, course: _lms(world).copy_course(course.id, people=True), 1),
    "course upload from a template": (lambda world, course: _lms(world).copy_course(course.id, upload=True), 1),
    "imported into an empty course": (_import, 1),
    "imported twice": (lambda world, course: _import(world, course, 2), 2),
    "one activity duplicated": (_duplicated, 2),
}


def placed(world: World, course: Course) -> dict[str, Activity]:
    """Step (or "home") -> its first activity in a course."""
    found: dict[str, Activity] = {}
    for each in _lms(world).course_activities(course.id):
        found.setdefault(each.custom.get("step", "home"), each)
    return found


def lived_in(world: World) -> None:
    """People were at work in the course, and a score arrived."""
    world.begin("fatima", "marieke")
    for name in ("fatima", "marieke"):
        world.as_(name).launch().form("/idea").submit(text=f"{IDEA}, {name}", why="omdat het telt")
    world.tool.deliver()


def enrol(world: World, course: Course, **roles: str) -> None:
    """Give people a role in a course."""
    for name, role in roles.items():
        _lms(world).enrol(course.id, world.person(name).id, role)


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_a_community_of_its_own_with_its_own_columns_and_nothing_of_anybody(
    any_world: World, way: str
) -> None:
    world = any_world
    world.once(lived_in)
    make, times = WAYS[way]
    course = make(world, world.course())
    enrol(world, course, wout="editingteacher", fatima="student")
    there = [a for a in _lms(world).course_activities(course.id) if a.custom.get("step") == "ambition"]
    assert len(there) == times
    for number, activity in enumerate(there):
        page = visit(world, "wout", activity)  # type: ignore[arg-type]
        if number == 0:
            assert page.post("welcome", choice="facilitate").status == 303
    page = world.as_("fatima").launch(there[0])
    assert page.has_form("/idea"), page.text
    assert IDEA not in page.html
    with world.tool.session() as session:
        old, new = session.scalars(select(Community).order_by(Community.id)).all()
        assert new.course_id != old.course_id
        who = select(Person.name).join(Member).where(Member.community_id == new.id)
        assert sorted(session.scalars(who)) == ["Fatima Öztürk", "Wout Schipper"]
        assert (
            session.scalar(select(func.count(Contribution.id)).join(Member).where(Member.community_id == new.id)) == 0
        )
        links = session.scalars(select(ResourceLink).where(ResourceLink.course_id == new.course_id)).all()
        assert [link.resource_link_id for link in links] == [each.id for each in there]
        assert {link.origin for link in links} == {world.activity("ambition").custom["origin"]}
        urls = session.scalars(
            select(LineItem.url).join(ResourceLink).where(ResourceLink.course_id == new.course_id)
        ).all()
        assert len(set(urls)) == times
        assert not set(urls) & set(
            session.scalars(select(LineItem.url).join(ResourceLink).where(ResourceLink.course_id == old.course_id))
        )
        scores = select(func.count(Score.id)).join(LineItem).join(ResourceLink)
        assert session.scalar(scores.where(ResourceLink.course_id == new.course_id)) == 0
    told = visit(world, "wout", there[0]).get("community")  # type: ignore[arg-type]
    assert ("Dubbel in de cursus" in told.text) == (times > 1)
    titles = [each.title for each in there]
    assert all(title in told.text for title in titles) or times == 1


def test_each_placed_activity_has_a_key_of_its_own_that_says_nothing(world: World) -> None:
    keys = [each.custom["origin"] for each in _lms(world).course_activities(world.course().id)]
    assert len(set(keys)) == len(keys) == 7
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    with world.tool.session() as session:
        course = session.scalars(select(CourseRow)).one()
        kept = dict(session.execute(select(Origin.key, Origin.course_id)).all())  # type: ignore[arg-type]
    assert kept == dict.fromkeys(keys, course.id)


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "1",
        "A" * 32,
        "0" * 31,
        "0" * 33,
        "0" * 32 + "\n",
        "٣" * 32,
        "g" * 32,
        "$Origin",
        "' OR 1=1 --",
        "0" * 50_000,
    ],
)
def test_a_key_that_is_none_of_ours_is_none(said: str | None) -> None:
    assert twins.read_key(said) == ""


def test_an_old_placement_without_a_key_goes_on_and_has_no_twin(world: World) -> None:
    for activity in _lms(world).course_activities(world.course().id):
        activity.custom.pop("origin")
    world.begin("fatima")
    copy = _lms(world).duplicate(world.activity("ambition").id)
    assert world.as_("fatima").launch(copy).has_form("/idea")
    assert "Dubbel in de cursus" not in visit(world, "wout").get("community").text
    with world.tool.session() as session:
        assert {link.origin for link in session.scalars(select(ResourceLink))} == {""}


def doubled(world: World, *who: str) -> Activity:
    """Step 1 stands in the course twice, and both were opened."""
    world.begin("fatima")
    copy: Activity = _lms(world).duplicate(world.activity("ambition").id)
    world.as_("wout").launch(copy)
    return copy


def test_who_facilitates_reads_of_twins_until_they_have_seen_it_and_of_a_third_anew(world: World) -> None:
    """And nobody else does: nobody else can do anything about it."""
    copy = doubled(world)
    wout, fatima = visit(world, "wout"), visit(world, "fatima")
    page = wout.get("community")
    assert f"{world.activity('ambition').title} + {copy.title}" in page.text
    assert "Dubbel in de cursus" not in fatima.get("community").text
    with world.tool.session() as session:
        first = session.scalars(select(ResourceLink.id).order_by(ResourceLink.id)).first()
    for nobody in ("", "0", "9" * 30, "x", str(first) + " "):
        assert wout.post("community/twins", link=nobody).status == 303
        assert "Dubbel in de cursus" in wout.get("community").text
    assert wout.post("community/twins", link=str(first)).status == 303
    assert "Dubbel in de cursus" not in wout.get("community").text
    third = _lms(world).duplicate(copy.id)
    wout = visit(world, "wout", third)
    assert third.title in wout.get("community").text


def test_one_whose_column_is_gone_is_no_twin_any_more(world: World) -> None:
    copy = doubled(world)
    with world.tool.session() as session:
        link = session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == copy.id)).one()
        session.scalars(select(LineItem).where(LineItem.resource_link_id == link.id)).one().gone = True
    assert "Dubbel in de cursus" not in visit(world, "wout").get("community").text


def test_a_copy_for_which_something_else_was_picked_is_no_twin_any_more(world: World) -> None:
    """M82: the link stays, its custom values are others, and so is its key."""
    copy = doubled(world)
    copy.custom = {**world.activity("information").custom, "origin": "1" * 32}
    wout = visit(world, "wout", copy)  # type: ignore[arg-type]
    assert "Dubbel in de cursus" not in wout.get("community").text


def test_a_key_typed_by_hand_opens_nothing_of_another_course(world: World) -> None:
    """M11: teachers edit custom values."""
    world.once(lived_in)
    school = _lms(world)
    other = world.course("PLG-TEC")
    custom = dict(world.activity("ambition").custom)
    typed = school.add_activity(
        other.id, world.client_id, "Nagemaakt", url=world.activity("ambition").url, custom=custom
    )
    enrol(world, other, wout="editingteacher")
    page = visit(world, "wout", typed)
    page.post("welcome", choice="facilitate")
    assert IDEA not in page.get("home").html
    with world.tool.session() as session:
        link = session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == typed.id)).one()
        assert session.get_one(CourseRow, link.course_id).context_id == other.id
