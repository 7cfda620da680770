"""Template courses: what a copy begins with, whichever way it was made, and that nothing of anybody is in it."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.demo.model import Course
from lti_tool.domain import Refused
from lti_tool.domain.school import templates
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Community, Cycle, Deployment, StepRun
from lti_tool.models import Course as CourseRow
from lti_tool.models.copying import Template, TemplateCopy
from lti_tool.models.school import School, SchoolAct, Setting
from tests.actors import World
from tests.web.test_administration import below, power
from tests.web.test_copies import WAYS, enrol, lived_in, placed
from tests.web.walk import ADMINISTRATOR_ONLY, Visit, visit

LINES = ["We beginnen op tijd.", "Wat we hier zeggen, blijft hier."]
HOLIDAYS = "2031-12-20/2032-01-04"
SCHOOL = {"name": "passback", "value": {"value": "completed"}}


def course_row(session: Any, context_id: str) -> CourseRow:
    return session.scalars(select(CourseRow).where(CourseRow.context_id == context_id)).one()  # type: ignore[no-any-return]


def mark(world: World, course: Course | None = None) -> None:
    """Make a course a template, as the operator."""
    with world.tool.session() as session:
        row = course_row(session, (course or world.course()).id)
        school = session.scalars(select(Deployment.school_id)).one()
        templates.mark(session, school, row.id, OPERATOR)


def template(world: World) -> None:
    """The first course is a template: people were at work there, something was set, agreed and announced."""
    lived_in(world)
    with world.tool.session() as session:
        row = course_row(session, world.course().id)
        community = session.scalars(select(Community)).one()
        community.locale, community.holidays = "en", HOLIDAYS
        cycle = session.scalars(select(Cycle)).one()
        session.add(
            StepRun(cycle_id=cycle.id, step="agreements", stage="closed", closed_at=now(), outcome="\n".join(LINES))
        )
        first = session.scalars(select(StepRun).where(StepRun.step == "ambition")).one()
        first.closes_at = first.opened_at + dt.timedelta(days=10)
        someone = session.scalars(select(Setting.set_by)).first()
        session.add(Setting(course_id=row.id, set_by=someone, **SCHOOL))
    mark(world)


def begin(world: World, course: Course) -> Visit:
    """Wout opens step 1 of a course for the first time, and facilitates it; Fatima is there too."""
    enrol(world, course, wout="editingteacher", fatima="student")
    at = visit(world, "wout", placed(world, course)["ambition"])  # type: ignore[arg-type]
    at.post("welcome", choice="facilitate")
    return at


def taken(world: World, course: Course) -> dict[str, Any]:
    """What a course and its community have."""
    with world.tool.session() as session:
        row = course_row(session, course.id)
        community = session.scalars(select(Community).where(Community.course_id == row.id)).one()
        copy = session.scalars(select(TemplateCopy).where(TemplateCopy.course_id == row.id)).one_or_none()
        settings = session.scalars(select(Setting).where(Setting.course_id == row.id)).all()
        first = session.scalars(
            select(StepRun).join(Cycle).where(Cycle.community_id == community.id, StepRun.step == "ambition")
        ).one_or_none()
        return {
            "of": session.get_one(CourseRow, copy.template_id).context_id if copy else None,
            "community": (community.locale, community.holidays, community.by_roster),
            "settings": [(each.name, each.value, each.set_by) for each in settings],
            "days": (first.closes_at.date() - first.opened_at.date()).days if first and first.closes_at else None,
        }


NOTHING = {"of": None, "community": ("nl", None, True), "settings": [], "days": None}


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_begins_with_what_its_template_says_whichever_way_it_was_made(any_world: World, way: str) -> None:
    world = any_world
    world.once(template)
    course = WAYS[way][0](world, world.course())
    at = begin(world, course)
    found = taken(world, course)
    # Ten days on, or the first school day after; it ends at midnight.
    assert 10 <= found.pop("days") <= 13
    assert found == {
        "of": world.course().id,
        "community": ("en", HOLIDAYS, False),
        "settings": [(SCHOOL["name"], SCHOOL["value"], None)],
    }
    page = at.get("community")
    assert "begon op" in page.text or "began on" in page.text
    assert world.course().title in page.text


@pytest.mark.parametrize(
    ("begins", "counts"), [("+40", True), ("-40", False), ("+4000", False), ("", False), ("soon", False)]
)
def test_the_first_date_counts_from_when_the_copy_s_course_begins(world: World, begins: str, counts: bool) -> None:
    """Never before its course begins, where the LMS says when that is; else from when somebody facilitates it."""
    world.once(template)
    course = world.lms.school.copy_course(world.course().id)
    moment = now() + dt.timedelta(days=int(begins)) if begins[:1] in ("+", "-") else None
    course.begins = moment.isoformat(timespec="seconds") if moment else begins
    at = begin(world, course)
    days = taken(world, course)["days"]
    assert 50 <= days <= 53 if counts else 10 <= days <= 13
    assert ("en begint op" in at.get("community").text or "and begins on" in at.get("community").text) == counts


def test_who_facilitates_reads_that_the_day_is_the_template_s_until_they_choose_one(world: World) -> None:
    world.once(template)
    course = world.lms.school.copy_course(world.course().id)
    at = begin(world, course)
    said = "Die dag komt uit de sjablooncursus", "That day comes from the template course"
    assert any(each in at.get("home").text for each in said)
    other = visit(world, "fatima", placed(world, course)["ambition"])  # type: ignore[arg-type]
    assert not any(each in other.get("home").text for each in said), "who does not facilitate cannot change it"
    day = (now() + dt.timedelta(days=20)).date().isoformat()
    assert at.post("step/ambition/facilitate/announce", date=day).status == 303
    assert not any(each in at.get("home").text for each in said)


def test_without_a_mark_a_copy_begins_as_any_course(world: World) -> None:
    world.once(template)
    with world.tool.session() as session:
        session.delete(session.scalars(select(Template)).one())
    course = world.lms.school.copy_course(world.course().id)
    begin(world, course)
    assert taken(world, course) == NOTHING


def test_a_key_means_nothing_in_another_school(world: World) -> None:
    """A course restored into a second LMS carries nothing, and neither does one of a school that was split off."""
    world.once(template)
    with world.tool.session() as session:
        other = School()
        session.add(other)
        session.flush()
        course_row(session, world.course().id).school_id = other.id
    for upload in (False, True):
        course = world.lms.school.copy_course(world.course().id, upload=upload)
        begin(world, course)
        assert taken(world, course) == NOTHING


def test_a_course_with_a_past_of_its_own_keeps_what_it_has(world: World) -> None:
    world.once(template)
    school = world.lms.school
    other = school.add_course("Met een verleden", "OUD")
    home = school.add_activity(other.id, world.client_id, "Thuis", url=world.activity("home").url)
    enrol(world, other, wout="editingteacher")
    visit(world, "wout", home).post("welcome", choice="facilitate")
    school.import_course(world.course().id, other.id)
    visit(world, "wout", placed(world, other)["information"])  # type: ignore[arg-type]
    assert taken(world, other) == NOTHING


def test_what_was_set_for_a_course_before_stays(world: World) -> None:
    """A provision list goes before a template."""
    world.once(template)
    course = world.lms.school.copy_course(world.course().id)
    for activity in world.lms.school.course_activities(course.id):
        if activity.custom.get("step") == "information":
            activity.custom.pop("origin")
            first = activity
    world.lms.school.courses[course.id].history = []
    enrol(world, course, wout="editingteacher")
    visit(world, "wout", first)  # type: ignore[arg-type]
    with world.tool.session() as session:
        row = course_row(session, course.id)
        for name, value in (("passback", "none"), ("language", "nl")):
            session.add(Setting(course_id=row.id, name=name, value={"value": value}))
    begin(world, course)
    found = taken(world, course)
    assert found["of"] == world.course().id
    assert {name: value["value"] for name, value, _ in found["settings"]} == {"passback": "none", "language": "nl"}
    assert found["community"] == ("nl", HOLIDAYS, False)


def test_of_two_templates_with_one_key_the_nearest_goes_before_the_last_marked(world: World) -> None:
    """This year's template was copied from last year's."""
    world.once(template)
    school = world.lms.school
    this_year = school.copy_course(world.course().id)
    begin(world, this_year)
    with world.tool.session() as session:
        session.scalars(select(Community).order_by(Community.id.desc())).first().holidays = "2033-01-01/2033-01-02"  # type: ignore[union-attr]
    mark(world, this_year)
    for source, upload in ((this_year, False), (this_year, True), (world.course(), False)):
        course = school.copy_course(source.id, upload=upload)
        begin(world, course)
        assert taken(world, course)["of"] == source.id
    assert taken(world, this_year)["of"] == world.course().id


def test_the_courses_own_keys_make_it_no_copy(world: World) -> None:
    world.once(template)
    copy = world.lms.school.copy_course(world.course().id)
    begin(world, copy)
    mark(world, copy)
    visit(world, "wout", "information")
    assert taken(world, world.course())["of"] is None


def agreeing(world: World, course: Course, stage: str) -> None:
    """The agreements of a course are at a stage."""
    with world.tool.session() as session:
        row = course_row(session, course.id)
        cycle = session.scalars(select(Cycle).join(Community).where(Community.course_id == row.id)).one()
        session.add(StepRun(cycle_id=cycle.id, step="agreements", stage=stage))


@pytest.mark.parametrize(("stage", "shown"), [("propose", False), ("draft", True)])
def test_what_the_template_agreed_on_is_a_proposal_once_all_have_written(world: World, stage: str, shown: bool) -> None:
    world.once(template)
    course = world.lms.school.copy_course(world.course().id)
    begin(world, course)
    agreeing(world, course, stage)
    fatima = visit(world, "fatima", placed(world, course)["ambition"])  # type: ignore[arg-type]
    page = fatima.get("step/agreements")
    assert page.status == 200
    assert [line in page.text for line in LINES] == [shown] * 2
    assert "marieke" not in page.text.lower()
    own = visit(world, "fatima").get("community")
    assert "Deze cursus is een sjabloon" in own.text


@pytest.mark.parametrize("marked", [True, False])
def test_who_writes_the_list_reads_that_copies_read_it(world: World, marked: bool) -> None:
    world.once(lived_in)
    if marked:
        mark(world)
    agreeing(world, world.course(), "draft")
    page = visit(world, "fatima").get("step/agreements")
    assert ("leest jullie lijst als voorstel, zonder namen" in page.text) == marked


def test_a_line_that_was_hidden_in_the_template_is_gone_in_its_copies_too(world: World) -> None:
    world.once(template)
    course = world.lms.school.copy_course(world.course().id)
    begin(world, course)
    agreeing(world, course, "draft")
    with world.tool.session() as session:
        agreed = session.scalars(select(StepRun).where(StepRun.outcome.is_not(None))).one()
        agreed.outcome = f"\ue0f2\n{LINES[1]}"
    page = visit(world, "fatima", placed(world, course)["ambition"]).get("step/agreements")  # type: ignore[arg-type]
    assert (LINES[0] in page.text, LINES[1] in page.text, "\ue0f2" in page.text) == (False, True, False)


# Marking one


def acts(world: World) -> list[tuple[str, bool]]:
    """What the trail has, and whether a person did it."""
    with world.tool.session() as session:
        rows = session.execute(select(SchoolAct.kind, SchoolAct.person_id).order_by(SchoolAct.id))
        return [(kind, person is not None) for kind, person in rows]


def test_an_administrator_marks_the_course_they_are_in_and_each_act_stands_in_the_trail_once(world: World) -> None:
    world.begin("fatima")
    at = visit(world, "admin", **ADMINISTRATOR_ONLY)
    power(world, "admin")
    at = below(at)
    page = at.get("templates")
    form = page.form("/templates")
    assert world.course().title in page.text
    assert form.submit().status == 200
    with world.tool.session() as session:
        number = str(session.scalars(select(Template.course_id)).one())
    at.post("templates", course=number)
    assert "Template since" in at.get("templates").text or "Sjabloon sinds" in at.get("templates").text
    for nobody in ("", "0", "-1", "999999", "9" * 40, "x", "1 OR 1=1", "\u0663"):
        assert at.post("templates", course=nobody).status == 422, nobody
        assert at.post("templates/unmark", course=nobody).status == 422, nobody
    for _ in range(2):
        assert at.post("templates/unmark", course=number).status == 303
    assert acts(world) == [("template_marked", True), ("template_unmarked", True)]
    assert at.get("trail").status == 200


@pytest.mark.parametrize("asked", ["", " ", "%", "_", "\\", "\u202e", "\0", "🦊" * 200, "' OR 1=1 --"])
def test_looking_for_a_course_finds_nothing_by_what_is_no_part_of_a_title(any_world: World, asked: str) -> None:
    any_world.begin("fatima")
    with any_world.tool.session() as session:
        school = session.scalars(select(Deployment.school_id)).one()
        assert templates.find(session, school, asked) == []
        assert [each.context_id for each in templates.find(session, school, "leergemeenschap  PRAKTIJK")] == [
            any_world.course().id
        ]
        other = School()
        session.add(other)
        session.flush()
        assert templates.find(session, other.id, "leer") == []
        with pytest.raises(Refused, match="template_unknown"):
            templates.mark(session, other.id, course_row(session, any_world.course().id).id, OPERATOR)
