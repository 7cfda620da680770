"""What a placement opens: its own course's community, and the step that the launch names (M39, O10).

Custom values are edited by teachers (lti.md, M11) and survive a course copy (M33): they name, and grant nothing.
"""

from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.demo.vocab import MEMBERSHIP
from lti_tool.models import Community, Course, Cycle, Launch, LineItem, ResourceLink
from lti_tool.models.voices import Contribution
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
    "a very long value": ({"step": "a" * 50_000}, None, "moments"),
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
    assert opened.link.course_id == opened.course.id == opened.community.course_id
    assert opened.member is not None
    assert not opened.member.facilitates
    for script in page.soup.find_all("script"):
        assert script.get("src")
        assert not script.string


PLACED = {"step": "information", "cycle": "1", "passback": "completed"}
# What a later launch of the same link says -> what the placement then is.
PICKED_AGAIN: dict[str, tuple[Any, tuple[str | None, str]]] = {
    "another step": ({**PLACED, "step": "actions"}, ("actions", "completed")),
    "the home": ({"cycle": "1", "passback": "completed"}, (None, "completed")),
    "nothing to the gradebook": ({**PLACED, "passback": "none"}, ("information", "none")),
    "moments": ({**PLACED, "passback": "moments"}, ("information", "moments")),
    "another step and nothing": ({"step": "actions", "cycle": "1", "passback": "none"}, ("actions", "none")),
    "only a step": ({"step": "actions"}, ("actions", "completed")),
    "a step nobody knows": ({**PLACED, "step": "nobody"}, ("information", "completed")),
    "a passback nobody knows": ({**PLACED, "passback": "x"}, ("information", "completed")),
    "a cycle that is not there": ({**PLACED, "cycle": "7"}, ("information", "completed")),
    "none of it": ({"x": "y"}, ("information", "completed")),
    "no custom values": (ABSENT, ("information", "completed")),
    "custom is no object": ("step=actions", ("information", "completed")),
    "custom is null": (None, ("information", "completed")),
}


@pytest.mark.parametrize(("said", "becomes"), PICKED_AGAIN.values(), ids=PICKED_AGAIN)
def test_m39_a_placement_is_what_its_last_launch_says_it_is(
    shared: Sender, said: Any, becomes: tuple[str | None, str]
) -> None:
    """A teacher picked again for it; a launch that says nothing of it changes nothing."""
    launch = _in_new_course(custom=PLACED, roles=INSTRUCTOR)
    browser = shared.browser()
    first = shared.launch(browser, **launch)
    first.form("/welcome").submit(choice="facilitate_and_join")
    page = shared.launch(browser, **{**launch, "custom": said})
    opened = shared.opened(page)
    assert opened.link is not None
    assert (opened.link.step, opened.link.passback) == becomes
    assert (opened.launch.step, opened.launch.cycle_number) == (becomes[0], 1)
    # A page that stood open stays what it was opened as.
    with shared.tool.session() as session:
        kept = session.get_one(Launch, first.url.split("/l/")[1].split("/")[0].split("~")[0])
        assert (kept.step, kept.cycle_number) == ("information", 1)


def test_o10_several_items_behind_one_link_each_open_their_own_page(shared: Sender) -> None:
    """Open edX: only the launch says which. The placement settles on the item that came last for the first time."""
    course = _in_new_course()
    items = ["ambition", "information", None]
    seen = []
    for step in [*items, *items, *items]:
        custom = {"cycle": "1", "passback": "moments", **({"step": step} if step else {})}
        opened = shared.opened(shared.launch(**course, custom=custom))
        assert opened.launch.step == step
        assert opened.link is not None
        seen.append(opened.link.step)
    assert seen == ["ambition", "information", *[None] * 7]


def test_o10_of_several_items_behind_one_link_the_placement_has_the_key_of_the_one_it_is(shared: Sender) -> None:
    course = _in_new_course()
    keys = {"ambition": "a" * 32, "information": "b" * 32, None: "c" * 32}
    for step in (*keys, *keys, *keys):
        custom = {"cycle": "1", "origin": keys[step], "passback": "none", **({"step": step} if step else {})}
        opened = shared.opened(shared.launch(**course, custom=custom))
        assert opened.link is not None
        assert opened.link.origin == keys[opened.link.step]
    later = shared.opened(shared.launch(**course, custom={"origin": "x"})).link
    assert later is not None
    assert later.origin == opened.link.origin


def test_o10_hours_behind_one_link_with_the_steps_leave_their_columns_alone(shared: Sender) -> None:
    course = _in_new_course()
    items = [("hours", "none"), ("ambition", "moments"), ("hours", "none"), ("ambition", "moments"), ("hours", "hours")]
    seen = []
    for step, passback in items:
        opened = shared.opened(shared.launch(**course, custom={"cycle": "1", "step": step, "passback": passback}))
        assert opened.launch.step == step
        assert opened.link is not None
        seen.append((opened.link.step, opened.link.passback))
    assert seen == [("hours", "none"), *[("ambition", "moments")] * 4]


@pytest.mark.parametrize("column", [True, False], ids=["with its column", "without"])
def test_m39_a_mistake_that_is_mended_at_once_is_followed_where_the_launch_names_its_column(
    shared: Sender, column: bool
) -> None:
    course = _in_new_course()
    ags = {"lineitem": "https://lms.school.example/" + unique("column"), "scope": []} if column else ABSENT
    steps = []
    for step in ("ambition", "information", "ambition"):
        opened = shared.opened(shared.launch(**course, custom={"step": step}, ags=ags))
        assert opened.link is not None
        steps.append(opened.link.step)
    assert steps == ["ambition", "information", "ambition" if column else "information"]


def test_m82_what_was_picked_again_and_again_within_a_day_is_what_the_picker_says_too(shared: Sender) -> None:
    """Nothing goes to the gradebook, so no launch names a column; the tool knows what it handed out."""
    course = _in_new_course(roles=INSTRUCTOR)
    browser, picker = shared.browser(), Sender.picking(title="", text="Hier vertel je het")
    asked = {key: value for key, value in course.items() if key != "resource_link"}
    for step, called in (("actions", "5 Acties"), ("information", "2 Informatie"), ("actions", "5 Acties")):
        page = shared.launch(browser, **{**asked, **picker})
        page.form("/place").submit(item=step, passback="none")
        custom = {"cycle": "1", "passback": "none", "step": step}
        opened = shared.opened(shared.launch(browser, **{**course, "custom": custom}))
        assert opened.link is not None
        assert (opened.link.step, opened.launch.step) == (step, step)
        told = shared.launch(browser, **{**asked, **picker})
        assert f"staan deze al in de cursus: {called}." in told.text


def test_o1_a_link_id_that_every_course_has_is_a_placement_of_each(shared: Sender) -> None:
    """ILIAS numbers its links by course: the second course was locked out."""
    link = {"id": unique("p12")}
    steps = ("ambition", "information")
    courses = [_in_new_course(resource_link=link, custom={"step": step}) for step in steps]
    for _ in range(2):
        opened = [shared.opened(shared.launch(**course)) for course in courses]
        assert [each.link.step for each in opened if each.link] == list(steps)
        assert [each.link.course_id for each in opened if each.link] == [each.course.id for each in opened]
        assert len({each.community.id for each in opened}) == 2


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
    # Made in the first cycle, an activity goes along when its values do.
    again = shared.opened(shared.launch(**{**one, "custom": asked}))
    assert again.link is not None
    assert again.link.cycle_number == again.launch.cycle_number == 2


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
        kept = select(LineItem.url).join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        assert [session.scalars(kept.where(ResourceLink.resource_link_id == url)).one() for url in urls] == urls


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
        assert links[placed["ambition"].id].course_id == new.course_id
        assert links[placed["ambition"].id].step == "ambition"
        assert links[world.activity("ambition").id].course_id == old.course_id


def test_h1_a_copied_course_remembers_where_it_came_from(world: World) -> None:
    copy = world.lms.school.copy_course(world.course().id)
    placed = world.lms.school.course_activities(copy.id)[0]
    world.as_("admin").launch(placed)
    with world.tool.session() as session:
        newest = session.query(Community).order_by(Community.id.desc()).first()
        assert newest is not None
        assert session.get_one(Course, newest.course_id).history == [world.course().id]


def test_the_roles_of_a_launch_are_asked_for_anew_each_time(shared: Sender) -> None:
    """A role lost in the course is lost here; a value of the link cannot give it back. Who was asked still is."""
    course = _in_new_course()
    shared.opened(shared.launch(**course, roles=INSTRUCTOR))
    later = shared.opened(shared.launch(**course, custom={"roles": "Instructor"}, name=ABSENT))
    assert later.launch.roles == "learner"
    assert later.member is not None
    assert later.member.standing == "asked"
