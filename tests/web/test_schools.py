"""A school: closed before its day, its settings inherited, joined with others and split."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import select, text

from lti_tool.domain import Refused
from lti_tool.domain.community import school_days
from lti_tool.domain.participation import Passback
from lti_tool.domain.school import dividing, schools, settings
from lti_tool.domain.school.settings import Level, Name, Scope
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Community, Course, Deployment, Person, ResourceLink
from lti_tool.models.school import Administrator, School, SchoolSplit
from tests.actors import World
from tests.web.test_administration import below, power
from tests.web.test_administrators import acts, as_admin, school_id
from tests.web.walk import Visit, visit

TODAY = dt.date(2027, 1, 10)
SOON = dt.date(2027, 2, 1)


@pytest.fixture
def at(world: World) -> Visit:
    """The administrators' pages."""
    as_admin(world)
    power(world, "admin")
    return below(as_admin(world))


def another(world: World) -> int:
    """A school of a second deployment; its id."""
    with world.tool.session() as session:
        known = session.scalars(select(Deployment)).first()
        assert known is not None
        made = Deployment(registration_id=known.registration_id, deployment_id="other", approved=True)
        session.add(made)
        session.commit()
        return made.school_id


def do(world: World, act: Callable[..., object], *given: object) -> object:
    """Carry out something of the domain, and keep it."""
    with world.tool.session() as session:
        done = act(session, *given)
        session.commit()
        return done


# Before its day


def test_before_its_day_a_school_is_one_sentence_and_keeps_nothing_of_anybody(any_world: World) -> None:
    world = any_world
    as_admin(world)
    power(world, "admin")
    admin = below(as_admin(world))
    wout = visit(world, "wout")
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=40)).date()
    assert admin.post("school/opens", date=day.isoformat()).status == 303
    with world.tool.session() as session:
        before = len(session.scalars(select(Person)).all())
    page = world.as_("fatima").launch("ambition")
    assert page.status == 401
    assert page.reason == "school_closed"
    assert "gaat Leerkring open op" in page.text
    with world.tool.session() as session:
        assert len(session.scalars(select(Person)).all()) == before
    # A page that was open already, too.
    for path in ("home", "step/ambition"):
        closed = wout.get(path)
        assert closed.status == 403
        assert "gaat Leerkring open op" in closed.text
    assert as_admin(world).get("home").status == 200
    assert admin.get("school").status == 200
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=42), tick=False):
        assert world.as_("fatima").launch("ambition").status == 200
    # An administrator may change their mind.
    assert admin.post("school/opens").status == 303
    assert world.as_("fatima").launch("ambition").status == 200
    assert acts(world) == ["school_opens", "school_opens"]
    assert "nu" in admin.get("trail").text


def test_whoever_the_lms_calls_administrator_comes_as_far_as_the_code(world: World) -> None:
    do(world, schools.set_opening, school_id(world), SOON + dt.timedelta(days=365), TODAY, OPERATOR)
    els = as_admin(world, "els")
    assert els.get("administer").status == 200
    for path in ("home", "sessions", "hours/accounts"):
        assert els.get(path).status == (200 if path == "sessions" else 403), path


@pytest.mark.parametrize("day", ["x", "2027-13-01", "0000-00-00", "9999-12-31", "２０２７-01-01", "2027-02-30"])
def test_what_is_no_day_closes_nothing(world: World, at: Visit, day: str) -> None:
    assert at.post("school/opens", date=day).status == 422
    assert acts(world) == []


# Settings


def test_a_setting_is_inherited_from_the_nearest(any_world: World) -> None:
    world = any_world
    with world.tool.session() as session:
        course = session.scalars(select(Course)).first()
        deployment = session.scalars(select(Deployment)).one()
        assert course is not None
        scopes = {
            Level.PLATFORM: Scope(registration_id=deployment.registration_id),
            Level.SCHOOL: Scope(school_id=deployment.school_id),
            Level.COURSE: Scope(course_id=course.id),
        }
        given = (deployment.id, deployment.school_id, course.id)

        def holds() -> tuple[str, Level]:
            shown = {each.name: each for each in settings.shown(session, scopes[Level.COURSE])}[Name.PASSBACK]
            assert settings.value(session, Name.PASSBACK, *given) == shown.value
            return shown.value, shown.level

        assert holds() == ("moments", Level.DEFAULT)
        for level, value in ((Level.PLATFORM, "none"), (Level.SCHOOL, "completed"), (Level.COURSE, "moments")):
            settings.keep(session, scopes[level], Name.PASSBACK, value, OPERATOR)
            assert holds() == (value, level)
        settings.keep(session, scopes[Level.COURSE], Name.PASSBACK, None, OPERATOR)
        assert holds() == ("completed", Level.SCHOOL)
        settings.keep(session, scopes[Level.SCHOOL], Name.PASSBACK, None, OPERATOR)
        assert holds() == ("none", Level.PLATFORM)
        session.commit()
    assert acts(world) == ["setting_set"] * 3 + ["setting_cleared"] * 2


def test_the_page_says_the_value_where_it_comes_from_and_who_set_it(world: World, at: Visit) -> None:
    assert "zoals Leerkring komt" in at.get("settings").text
    assert at.post("settings", setting="language", value="en").status == 303
    page = at.get("settings")
    assert "Engels" in page.text
    assert "van de school, gekozen door" in page.text
    of_course = at.get("settings/course/1")
    assert "van de school, gekozen door" in of_course.text
    assert at.post("settings/course/1", setting="language", value="nl").status == 303
    assert "van deze cursus, gekozen door" in at.get("settings/course/1").text
    assert at.post("settings/course/1", setting="language", inherit="1").status == 303
    assert "van deze cursus" not in at.get("settings/course/1").text
    assert "Instelling gekozen: Taal van een nieuwe gemeenschap" in at.get("trail").text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "de"), ("passback", ""), ("passback", "hours"), ("nothing", "x"), ("", ""),
        ("holidays", "morgen"), ("holidays", "2027-02-28 - 2027-02-20"), ("holidays", "2027-01-01 - 2027-12-31"),
        ("holidays", "\n".join(f"2027-01-{day:02}" for day in range(1, 26))), ("holidays", "2027-01-01 2027-01-02 x"),
        ("holidays", "=1+1"), ("holidays", "\u202e2027-01-01"),
    ],
)  # fmt: skip
def test_what_no_setting_can_be_is_refused(world: World, at: Visit, name: str, value: str) -> None:
    assert at.post("settings", setting=name, value=value).status == 422
    assert acts(world) == []


def test_a_course_of_another_school_has_no_settings_here(world: World, at: Visit) -> None:
    other = another(world)
    with world.tool.session() as session:
        deployment = session.scalars(select(Deployment.id).where(Deployment.school_id == other)).one()
        session.add(theirs := Course(deployment_id=deployment, context_id="theirs"))
        session.commit()
        course = theirs.id
    for number in (str(course), "999", "99999999999999"):
        assert at.get(f"settings/course/{number}").status == 404
        assert at.post(f"settings/course/{number}", setting="language", value="en").status == 404


def test_a_new_community_speaks_the_language_that_is_set(world: World, at: Visit) -> None:
    assert at.post("settings", setting="language", value="en").status == 303
    world.place_cycle("karin", "PLG-TEC")
    visit(world, "bram", world.activity("ambition", "PLG-TEC"))  # type: ignore[arg-type]
    with world.tool.session() as session:
        assert [each.locale for each in session.scalars(select(Community).order_by(Community.id))] == ["nl", "en"]


def test_the_picker_proposes_what_is_set_and_a_choice_there_wins(world: World, at: Visit) -> None:
    assert at.post("settings", setting="passback", value="none").status == 303
    page = world.as_("wout").select_content()
    chosen = page.soup.find("input", attrs={"name": "passback", "checked": True})
    assert chosen is not None
    assert chosen["value"] == "none"  # type: ignore[index]
    # Placed before, as moments: the activity says so itself, at each launch.
    visit(world, "wout")
    with world.tool.session() as session:
        assert {each.passback for each in session.scalars(select(ResourceLink))} == {Passback.MOMENTS}
    # One that says nothing is what is set.
    world.activity("consequences").custom.pop("passback")
    visit(world, "wout", "consequences")
    with world.tool.session() as session:
        query = select(ResourceLink.passback).where(ResourceLink.step == "consequences")
        assert session.scalars(query).one() == Passback.NONE


def test_a_day_that_is_announced_skips_the_school_s_holidays(any_world: World) -> None:
    world = any_world
    as_admin(world)
    power(world, "admin")
    at = below(as_admin(world))
    friday = dt.date(2027, 2, 19)
    assert at.post("settings", setting="holidays", value="2027-02-20 - 2027-02-28").status == 303
    with world.tool.session() as session:
        community = session.scalars(select(Community)).first()
        assert community is not None
        off = school_days.days_off(community)
        assert school_days.school_days(friday, 1, off) == dt.date(2027, 3, 1)
    # For this course another one, instead of the school's.
    assert at.post("settings/course/1", setting="holidays", value="2027-02-22").status == 303
    with world.tool.session() as session:
        community = session.get_one(Community, 1)
        assert school_days.days_off(community) == {dt.date(2027, 2, 22)}


def test_the_page_of_holidays_shows_those_of_the_school(world: World, at: Visit) -> None:
    world.begin("fatima")
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date()
    assert at.post("settings", setting="holidays", value=f"{day} - {day}").status == 303
    assert "Van de school:" in visit(world, "wout").get("pause").text


# Joined and split


def test_joining_shows_first_and_changes_nobodys_standing(any_world: World) -> None:
    world = any_world
    world.begin("fatima")
    as_admin(world)
    power(world, "admin")
    at = below(as_admin(world))
    other = another(world)
    assert at.post("school/join", school=str(other)).status == 422, "not one's own"
    power(world, "admin", school_id=other)
    with world.tool.session() as session:
        before = session.execute(text("SELECT id, standing, facilitates FROM member ORDER BY id")).all()
    mine = school_id_of_first(world)
    shown = at.post("school/join", school=str(other))
    assert shown.status == 200
    assert "Dit gebeurt er als je samenvoegt" in shown.text
    assert acts(world) == []
    assert at.post("school/join", school=str(other), seen="7").status == 422
    assert shown.form("/school/join").submit().status == 200
    with world.tool.session() as session:
        assert set(session.scalars(select(Deployment.school_id))) == {mine}
        assert session.get_one(School, other).joined_id == mine
        assert session.execute(text("SELECT id, standing, facilitates FROM member ORDER BY id")).all() == before
    assert acts(world) == ["schools_joined"]


def school_id_of_first(world: World) -> int:
    with world.tool.session() as session:
        return session.scalars(select(Deployment.school_id).order_by(Deployment.id)).first() or 0


def test_schools_that_open_on_different_days_are_not_joined(world: World) -> None:
    mine, other = school_id(world), another(world)
    do(world, schools.set_opening, other, SOON, TODAY, OPERATOR)
    with world.tool.session() as session:
        for call in (dividing.look_at_joining, lambda *ids: dividing.join(*ids, OPERATOR)):
            with pytest.raises(Refused, match="school_other_day"):
                call(session, other, mine)
        with pytest.raises(Refused, match="school_same"):
            dividing.look_at_joining(session, mine, mine)
        with pytest.raises(Refused, match="school_unknown"):
            dividing.look_at_joining(session, mine, 999)


def test_a_part_is_split_off_with_what_comes_later(any_world: World) -> None:
    world = any_world
    world.begin("fatima")
    as_admin(world)
    power(world, "admin")
    at = below(as_admin(world))
    world.place_cycle("karin", "PLG-TEC")
    with world.tool.session() as session:
        later = session.scalars(select(Course).where(Course.title.contains("Techniek"))).one()
        context, deployment = later.context_id, later.deployment_id
    mine = school_id_of_first(world)
    shown = at.post("school/split", deployment=str(deployment), courses=f"{context}\nNIEUW-*", school_name="Techniek")
    assert shown.status == 200
    assert "1 cursus gaat naar de nieuwe school" in shown.text
    assert "Nog geen cursus past bij: NIEUW-*" in shown.text
    assert shown.form("/school/split").submit().status == 200
    with world.tool.session() as session:
        made = session.scalars(select(SchoolSplit.school_id).distinct()).one()
        assert (
            schools.of_course(session, session.scalars(select(Course.id).where(Course.context_id == context)).one())
            == made
        )
        assert schools.split_for(session, deployment, "NIEUW-7") == made
        assert schools.split_for(session, deployment, "OUD-7") is None
        assert {each.name for each in schools.listed(session)} == {"", "Techniek"}
        # Who administered the whole administers both; nobody else.
        rows = session.scalars(select(Administrator).where(Administrator.ended_at.is_(None))).all()
        assert {(row.school_id, row.person_id) for row in rows} == {(of, rows[0].person_id) for of in (mine, made)}
    assert at.post("school/split", deployment=str(deployment), courses=context).status == 200
    karin = visit(world, "karin", world.activity("ambition", "PLG-TEC"))  # type: ignore[arg-type]
    assert karin.get("home").status in (200, 303)


def test_yields_are_shared_within_the_school_alone(world: World) -> None:
    from lti_tool.domain.community import sharing

    world.begin("fatima")
    world.place_cycle("karin", "PLG-TEC")
    visit(world, "karin", world.activity("ambition", "PLG-TEC"))  # type: ignore[arg-type]

    def targets() -> list[str]:
        with world.tool.session() as session:
            keys = {"course": 1, "community": 1, "cycle": 1}
            return [row[1] for row in session.execute(sharing._TARGETS, keys)]

    assert len(targets()) == 1
    with world.tool.session() as session:
        other = session.scalars(select(Course).where(Course.id != 1)).one()
        do_split = (other.deployment_id, [other.context_id])
    made = do(world, dividing.split, school_id(world), *do_split, "", OPERATOR)
    assert targets() == []
    do(world, dividing.join, made, school_id_of_first(world), OPERATOR)
    assert len(targets()) == 1


@pytest.mark.parametrize(
    ("pattern", "context", "fits"),
    [
        ("PRO-*", "PRO-1", True), ("PRO-*", "xPRO-1", False), ("*", "", True), ("a.c", "abc", False),
        ("a*c*e", "abcde", True), ("[a]", "a", False), ("12", "12", True), ("12", "123", False), ("*\\d", "1", False),
    ],
)  # fmt: skip
def test_a_pattern_means_what_it_says(pattern: str, context: str, fits: bool) -> None:
    assert schools.matches(pattern, context) == fits


@pytest.mark.parametrize("courses", ["", " \n ,", "a\u202eb", "x" * 300, "\n".join(map(str, range(501)))])
def test_what_is_no_list_of_courses_splits_nothing(world: World, at: Visit, courses: str) -> None:
    assert at.post("school/split", deployment="1", courses=courses).status == 422
    for deployment in ("", "0", "999", "-1", "99999999999999999999", "x"):
        assert at.post("school/split", deployment=deployment, courses="PRO-*").status == 422
    assert acts(world) == []


@pytest.mark.parametrize("name", ["x" * 256, "a\u202eb"])
def test_a_school_s_name_is_one_that_can_be_shown(world: World, at: Visit, name: str) -> None:
    assert at.post("school/name", school_name=name).status == 422
    assert at.post("school/name", school_name="<b>De Linde</b>").status == 303
    page = at.get("")
    assert "<b>De Linde" not in page.html
    assert "De Linde" in page.text
