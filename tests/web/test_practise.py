"""Practising: pretended colleagues, for one person and one day; nothing of it counts, stays, or is anybody else's."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
import time_machine
from sqlalchemy import func, select

from lti_tool.circle.practise.colleagues import LINES, NAMES
from lti_tool.db import Base, now
from lti_tool.domain.community import practice
from lti_tool.domain.school import overview, schools
from lti_tool.models import Course, Cycle, Launch, OutboxRow, Person, Practice, Score, StepRun
from tests.actors import World
from tests.web.walk import Visit, Walk, base_of, picker, visit

MARK = "Oefenen: niets hiervan telt of blijft."


def practising(at: Visit) -> Visit:
    """Begin, or go on."""
    page = at.post("practise", do="begin")
    assert page.status == 303, page.text[:300]
    first = at.browser.get(page.response.headers["Location"])
    assert first.status == 200, first.text[:400]
    return Visit(at.browser, first, base_of(first))


def rows(world: World) -> dict[str, int]:
    """How many rows there are of everything, but for what only a browser or a worker has."""
    passing = ("browser_session", "burnt_nonce", "outbox", "launch", "worker_beat", "act")
    with world.tool.session() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name not in passing
        }


def stage(world: World) -> tuple[str, str]:
    """In which step and stage the practice is."""
    with world.tool.session() as session:
        run = session.scalars(
            select(StepRun).join(Cycle).where(StepRun.closed_at.is_(None)).order_by(StepRun.id.desc())
        ).first()
        assert run is not None
        return run.step, run.stage


@pytest.fixture
def at(world: World) -> Visit:
    """Wout, at the page on which one chooses what to place."""
    return picker(world, "wout")


def test_it_begins_in_the_picker_with_colleagues_who_have_written_and_is_marked_on_each_page(any_world: World) -> None:
    at = picker(any_world, "wout")
    assert at.get("place").soup.find("a", href=lambda href: bool(href) and href.endswith("/practise"))
    me = practising(at)
    for path in ("home", "step/ambition", "community", "journal", "role", "practise", "sessions"):
        page = me.get(path)
        assert (page.status, MARK in page.text) == (200, True), path
    assert "6" in me.get("step/ambition").text
    assert [each for each in NAMES if each in me.get("community").text] == list(NAMES)
    assert MARK not in at.get("place").text


def test_nothing_of_it_is_in_any_list_and_nothing_leaves(any_world: World) -> None:
    me = practising(picker(any_world, "wout"))
    with any_world.tool.session() as session:
        of = session.scalars(select(Practice)).one()
        assert not [row for row in overview.page(session, None).rows if row.course_id == of.course_id]
        course = session.get_one(Course, of.course_id)
        assert course.school_id not in [each.id for each in schools.listed(session)]
        assert of.course_id not in session.scalars(schools.courses_of(1)).all()
        assert set(session.scalars(select(OutboxRow.kind).where(OutboxRow.kind.in_(("score", "roster"))))) <= {"roster"}
        assert session.scalar(select(func.count(Score.id))) == 0
    for path in ("hours", "hours/pots", "hours/sessions", "hours.csv", "hours/approve"):
        refused = me.get(path)
        assert (refused.status, "Bij oefenen horen geen uren" in refused.text) == (403, True), path
    assert me.post("hours", minutes="30").status == 403


def test_there_is_one_at_a_time_for_a_person_on_whichever_device(any_world: World) -> None:
    laptop = practising(picker(any_world, "wout"))
    laptop.post("journal", text="Dit typte ik op mijn laptop.")
    phone = practising(picker(any_world, "wout"))
    assert "Dit typte ik op mijn laptop." in phone.get("journal").text
    with any_world.tool.session() as session:
        assert session.scalar(select(func.count(Practice.id))) == 1
    assert phone.post("practise", do="begin").status == 303


def test_nobody_else_sees_it_by_any_address(any_world: World) -> None:
    me = practising(picker(any_world, "wout"))
    other = picker(any_world, "karin") if "karin" in any_world.lms.school.people else visit(any_world, "fatima")
    for path in ("home", "step/ambition", "practise", "mine.json"):
        assert other.browser.get(me.base + path).status == 401, path


def test_who_takes_part_only_does_not_practise(world: World) -> None:
    walk = Walk(world, "fatima")
    assert walk["fatima"].get("practise").status == 403
    assert walk["fatima"].post("practise", do="begin").status == 403
    with world.tool.session() as session:
        assert session.scalar(select(func.count(Practice.id))) == 0


@pytest.mark.parametrize("do", ["", "x", "END", "begin\0"])
def test_a_form_that_says_nothing_begins_and_ends_nothing(world: World, at: Visit, do: str) -> None:
    assert at.post("practise", do=do).status == 422
    assert at.post("practise/end", do=do).status == 422
    with world.tool.session() as session:
        assert session.scalar(select(func.count(Practice.id))) == 0


def test_colleagues_of_a_real_community_cannot_be_pretended(world: World) -> None:
    walk = Walk(world, "fatima")
    assert walk.wout.post("practise/colleagues").status == 404


def test_after_a_day_the_worker_throws_it_away_with_everything_in_it(any_world: World) -> None:
    world = any_world
    at = picker(world, "wout")
    # The course's own list is read first.
    world.tool.deliver()
    before = rows(world)
    me = practising(at)
    me.post("journal", text="Een bladzij om te oefenen.")
    me.post("step/ambition/idea", text="ze zelf zien wat de volgende stap is", why="daarom")
    assert rows(world) != before
    with time_machine.travel(now() + practice.LASTS + dt.timedelta(minutes=1), tick=False):
        world.tool.deliver()
    assert {name: many for name, many in rows(world).items() if many != before[name]} == {}
    with world.tool.session() as session:
        assert session.scalars(select(Person.name).where(Person.issuer == practice.ISSUER)).all() == []
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "practice")).one()
        assert row.done_at is not None
    assert me.get("home").status == 401


def test_it_is_thrown_away_at_once_by_who_made_it_and_leads_back(any_world: World) -> None:
    at = picker(any_world, "wout")
    any_world.tool.deliver()
    before = rows(any_world)
    me = practising(at)
    done = me.post("practise/end", do="end")
    assert done.status == 303
    assert urlsplit(done.response.headers["Location"]).path == at.base + "place"
    assert rows(any_world) == before
    # And another can be begun; what was still to be thrown away of the first does no harm.
    practising(at)
    with time_machine.travel(now() + practice.LASTS + dt.timedelta(minutes=1), tick=False):
        any_world.tool.deliver()
    assert rows(any_world) == before


def test_the_first_steps_are_walked_with_colleagues_who_do_what_each_stage_asks(world: World, at: Visit) -> None:
    """Up to the text that is written together, which is the facilitator's own to write; then it takes a second."""
    me = practising(at)
    me.post("step/ambition/idea", text="ze zelf zien wat de volgende stap is", why="Dan wachten ze niet.")
    seen = [stage(world)]
    for _ in range(12):
        step, where = stage(world)
        if where == "draft":
            break
        page = me.get(f"step/{step}")
        asked = me.post("practise/colleagues")
        assert asked.status == 303, asked.text[:300]
        assert page.status == 200
        me.post(f"step/{step}/together/pass")
        if where == "dots":
            me.post(f"step/{step}/leave_dots")
        moved = me.post(f"step/{step}/facilitate/advance", stage=where)
        if moved.status == 303 and "confirm" in moved.response.headers["Location"]:
            me.post(f"step/{step}/facilitate/advance", stage=where, confirmed="1")
        if stage(world) != seen[-1]:
            seen.append(stage(world))
    assert [where for _, where in seen] == ["ideas", "respond", "pairs", "fours", "dots", "draft"]
    lacking = me.post("practise/colleagues")
    assert lacking.status == 422, "there is nothing yet that a colleague could put to all"


def test_each_line_has_six_and_stands_in_a_field_that_a_step_has(world: World) -> None:
    steps = world.tool.app.extensions["leerkring"].steps.by_name
    for (step, deed, field), lines in LINES.items():
        declared = steps[step].deed(deed)
        assert declared is not None, (step, deed)
        assert field in [each.name for each in declared.noted], (step, deed, field)
        assert len(lines) == len(NAMES)


def test_two_who_press_at_once_find_the_same_practice(any_world: World) -> None:
    at = picker(any_world, "wout")
    with any_world.tool.app.app_context(), any_world.tool.session() as session:
        launch = session.scalars(select(Launch).order_by(Launch.created_at.desc())).first()
        assert launch is not None
        steps = any_world.tool.app.extensions["leerkring"].steps
        made = [practice.begin(session, launch, NAMES, "nl", steps) for _ in range(2)]
        assert (made[0][0].id, made[0][1]) == (made[1][0].id, True)
        assert made[1][1] is False
    assert at.get("practise").status == 200
