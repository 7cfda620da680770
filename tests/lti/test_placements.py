"""What a placement opens: its own course's community and the step it was made for, whatever its values say later.

Custom values are edited by teachers (lti.md, M11) and survive a course copy (M33): they name, and grant nothing.
"""

from typing import Any

import pytest

from lti_tool.demo.vocab import MEMBERSHIP
from lti_tool.models import Community, Contribution, Course, Cycle, ResourceLink
from tests.actors import World
from tests.lti.sender import ABSENT, Sender, unique

INSTRUCTOR = [MEMBERSHIP + "Instructor"]
# What somebody typed into "Custom parameters" -> the step and the passback that the placement then has.
EDITED: dict[str, tuple[Any, str | None, str]] = {
    "as placed": ({"step": "ambition", "cycle": "1", "passback": "completed"}, "ambition", "completed"),
    "names in capitals (M11)": ({"STEP": "actions", "Cycle": "1", "PassBack": "none"}, "actions", "none"),
    "nothing": ({}, None, "moments"),
    "null": (None, None, "moments"),
    "a step nobody knows": ({"step": "graduation"}, None, "moments"),
    "a step's number (as recorded)": ({"step": "2", "nl": "één"}, None, "moments"),
    "a step in capitals": ({"step": "Ambition"}, None, "moments"),
    "a step with a space": ({"step": " ambition"}, None, "moments"),
    "a path": ({"step": "../../etc/passwd"}, None, "moments"),
    "an attribute of the code": ({"step": "__class__"}, None, "moments"),
    "HTML": ({"step": "<script>alert(1)</script>", "passback": "<b>", "cycle": "<i>"}, None, "moments"),
    "a list": ({"step": ["ambition"], "cycle": [1], "passback": ["none"]}, None, "moments"),
    "an object": ({"step": {"ambition": 1}}, None, "moments"),
    "another cycle": ({"step": "ambition", "cycle": "2"}, "ambition", "moments"),
    "no cycle": ({"step": "ambition", "cycle": "0"}, "ambition", "moments"),
    "a cycle below": ({"step": "ambition", "cycle": "-1"}, "ambition", "moments"),
    "a huge cycle": ({"step": "ambition", "cycle": "9" * 5000}, "ambition", "moments"),
    "a cycle as a number": ({"step": "ambition", "cycle": 10**400}, "ambition", "moments"),
    "a cycle in other digits": ({"step": "ambition", "cycle": "٣²"}, "ambition", "moments"),
    "a cycle as a fraction": ({"step": "ambition", "cycle": "1e9"}, "ambition", "moments"),
    "SQL": ({"step": "ambition' OR '1'='1", "cycle": "1 OR 1=1"}, None, "moments"),
    "a way to pass back nobody knows": ({"passback": "everything"}, None, "moments"),
    "a very long value": ({"step": "a" * 100_000}, None, "moments"),
    "a parameter too many": (
        {"step": "ambition", "person": "1", "community": "1", "role": "facilitator"},
        "ambition",
        "moments",
    ),
}


def _in_new_course(**changes: Any) -> dict[str, Any]:
    return {
        "sub": unique("who"),
        "context": {"id": unique("course"), "title": "Samen"},
        "resource_link": {"id": unique("link"), "title": "Stap"},
        **changes,
    }


@pytest.mark.parametrize(("custom", "step", "passback"), EDITED.values(), ids=EDITED)
def test_hand_edited_values_reach_no_further_than_the_launch(
    shared: Sender, custom: Any, step: str | None, passback: str
) -> None:
    page = shared.launch(**_in_new_course(custom=custom))
    opened = shared.opened(page)
    assert opened.link is not None
    assert (opened.link.step, opened.link.cycle_number, opened.link.passback) == (step, 1, passback)
    assert opened.link.course_id == opened.course.id
    assert opened.link.community_id == opened.community.id
    assert opened.member is not None
    assert not opened.member.facilitates
    for script in page.soup.find_all("script"):
        assert script.get("src")
        assert not script.string


@pytest.mark.parametrize(
    "changed", [{"step": "actions"}, {"step": "nobody"}, {"cycle": "7"}, {"passback": "none"}, {}, None]
)
def test_a_placement_keeps_the_step_it_was_first_opened_with(shared: Sender, changed: Any) -> None:
    """Its column holds that step's participation: values edited later move neither the column nor the page."""
    launch = _in_new_course(custom={"step": "information", "cycle": "1", "passback": "completed"})
    first = shared.opened(shared.launch(**launch))
    again = shared.opened(shared.launch(**{**launch, "sub": unique("who"), "custom": changed}))
    assert first.link is not None
    assert again.link is not None
    assert first.link.id == again.link.id
    assert (again.link.step, again.link.cycle_number, again.link.passback) == ("information", 1, "completed")


def test_a_cycle_is_the_communitys_own(shared: Sender) -> None:
    """Cycle 2 of one course is no cycle of another."""
    one, two = _in_new_course(custom={"step": "ambition"}), _in_new_course(custom={"step": "ambition"})
    first = shared.opened(shared.launch(**one))
    with shared.tool.session() as session:
        session.add(Cycle(community_id=first.community.id, number=2))
    asked = {"step": "ambition", "cycle": "2"}
    for course, number in ((one, 2), (two, 1)):
        opened = shared.opened(shared.launch(**{**course, "resource_link": {"id": unique("link")}, "custom": asked}))
        assert opened.link is not None
        assert opened.link.cycle_number == number
    # Made in the first cycle, an activity stays there.
    again = shared.opened(shared.launch(**{**one, "custom": asked}))
    assert again.link is not None
    assert again.link.cycle_number == 1


def test_titles_are_text(shared: Sender) -> None:
    title = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    changes = {"context": {"id": unique("course"), "title": title}, "name": title, "roles": INSTRUCTOR}
    page = shared.launch(**_in_new_course(**changes))
    shared.opened(page)
    assert not page.soup.find("img")
    assert "{{ 7*7 }}" in page.text


def test_the_line_item_of_a_placement_is_of_its_own_course(shared: Sender) -> None:
    """Two activities of the same step each keep their own column."""
    course = _in_new_course(custom={"step": "ambition"})
    urls = [f"https://lms.school.example/lineitems/{number}" for number in (1, 2)]
    for url in urls:
        shared.launch(**{**course, "resource_link": {"id": url}, "ags": {"lineitem": url, "scope": []}})
    with shared.tool.session() as session:
        assert [session.query(ResourceLink).filter_by(resource_link_id=url).one().line_item_url for url in urls] == urls


# With the strict platform: several placements, several courses, a copy.


def test_a_cycle_placed_twice_in_a_course_is_one_community_with_two_columns_a_step(world: World) -> None:
    world.place_cycle()
    school, course = world.lms.school, world.course().id
    ambitions = [a for a in school.course_activities(course) if a.custom.get("step") == "ambition"]
    assert (len(school.course_activities(course)), len(school.course_columns(course)), len(ambitions)) == (14, 12, 2)
    world.begin("fatima")
    pages = [world.as_("fatima").launch(activity) for activity in ambitions]
    pages[1].form("/idea").submit(text="Wat we samen willen bereiken", why="omdat het telt")
    assert "Wat we samen willen bereiken" in world.as_("fatima").launch(ambitions[0]).text
    world.tool.deliver()
    columns = [c.id for c in school.course_columns(course) if c.activity_id in {a.id for a in ambitions}]
    assert sorted(grade.column_id for grade in school.grades.values()) == sorted(columns)
    assert {grade.score for grade in school.grades.values()} == {33}
    with world.tool.session() as session:
        assert session.query(Community).filter_by(group_id="").count() == 1


def test_two_courses_stay_apart_for_whoever_is_in_both(world: World) -> None:
    world.place_cycle("karin", "PLG-TEC")
    world.begin("youssef")
    idea = "Alleen voor praktijkonderwijs bedoeld"
    youssef = world.as_("youssef")
    youssef.launch().form("/idea").submit(text=idea, why="omdat het telt")
    there = youssef.launch(world.activity("ambition", "PLG-TEC"))
    assert idea not in there.text
    assert "Techniek" in youssef.browser.get(there.url + "home").text
    with world.tool.session() as session:
        assert session.query(Community).count() == 2
        assert session.query(Contribution).filter_by(kind="idea").count() == 1
    world.tool.deliver()
    school, technology = world.lms.school, world.course("PLG-TEC").id
    assert {school.columns[grade.column_id].course_id for grade in school.grades.values()} == {world.course().id}
    assert school.course_columns(technology)


def test_m33_a_copied_course_founds_a_community_of_its_own_without_what_people_wrote(world: World) -> None:
    world.begin("fatima")
    idea = "Dit schreef ik in de eerste cursus"
    world.as_("fatima").launch().form("/idea").submit(text=idea, why="omdat het telt")
    school = world.lms.school
    copy = school.copy_course(world.course().id)
    school.enrol(copy.id, world.person("fatima").id, "student")
    school.enrol(copy.id, world.person("wout").id, "editingteacher")
    placed = {a.custom.get("step", "home"): a for a in school.course_activities(copy.id)}
    assert set(placed) == {"home", "ambition", "information", "interpretation", "consequences", "actions", "evaluation"}
    welcome = world.as_("wout").launch(placed["ambition"])
    welcome.form("/welcome").submit(choice="facilitate")
    page = world.as_("fatima").launch(placed["ambition"])
    assert page.has_form("/idea")
    assert idea not in page.html
    with world.tool.session() as session:
        old, new = session.query(Community).order_by(Community.id)
        links = {link.resource_link_id: link for link in session.query(ResourceLink)}
        assert links[placed["ambition"].id].community_id == new.id
        assert links[placed["ambition"].id].step == "ambition"
        assert links[world.activity("ambition").id].community_id == old.id


def test_h1_a_copied_course_remembers_where_it_came_from(world: World) -> None:
    copy = world.lms.school.copy_course(world.course().id)
    placed = world.lms.school.course_activities(copy.id)[0]
    world.as_("admin").launch(placed)
    with world.tool.session() as session:
        newest = session.query(Community).order_by(Community.id.desc()).first()
        assert newest is not None
        assert session.get_one(Course, newest.course_id).history == [world.course().id]


def test_the_roles_of_a_launch_are_asked_for_anew_each_time(shared: Sender) -> None:
    """A role lost in the course is lost here; a value of the link cannot give it back."""
    course = _in_new_course()
    shared.opened(shared.launch(**course, roles=INSTRUCTOR))
    later = shared.opened(shared.launch(**course, custom={"roles": "Instructor"}, name=ABSENT))
    assert later.launch.roles == "learner"
    assert later.member is not None
    assert later.member.standing == "member"
