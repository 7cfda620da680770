"""A step whose activity nobody opened: its placement is found by the column that deep linking made for it."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import time_machine
from sqlalchemy import select

from lti_tool.domain import outbox
from lti_tool.domain.participation import Kind
from lti_tool.lti.services import SCOPE_LINE_ITEM
from lti_tool.models import OutboxRow
from tests.actors import World
from tests.delivery.desk import Desk, at_call
from tests.delivery.unopened import HOUR, NAME, STEP, column_of, earn, grade, links, looks, place_again, reasons


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """The log lines written meanwhile."""
    with structlog.testing.capture_logs() as lines:
        yield lines


# Found


def test_scores_of_a_step_nobody_opened_arrive_in_the_column_that_placing_it_made(any_desk: Desk) -> None:
    desk = any_desk
    earn(desk, "fatima", Kind.INPUT, Kind.RESPONSE)
    earn(desk, "marieke")
    assert desk.calls("lineitems") == [], "nobody waits for the LMS"
    (row,) = desk.rows(outbox.Kind.PLACEMENT)
    assert all(isinstance(value, int) for value in row.ids.values())
    desk.deliver()
    assert (grade(desk, "fatima"), grade(desk, "marieke")) == (67, 33)
    (link,) = links(desk)
    activity = desk.world.activity(STEP)
    assert (link.resource_link_id, link.title, link.step) == (activity.id, column_of(desk).label, STEP)
    assert (link.cycle_number, link.passback, link.scopes) == (1, "moments", desk.link().scopes)
    earn(desk, "marieke", Kind.DECISION)
    desk.move(5)
    desk.deliver()
    assert grade(desk, "marieke") == 67
    assert len(desk.calls("lineitems")) == 1, "found once"
    assert {call.method for call in desk.calls("lineitems")} == {"GET"}, "and nothing made"


def test_from_the_home_alone_a_community_fills_the_columns_of_steps_it_never_opens(
    any_world: World, clock: time_machine.Traveller
) -> None:
    desk = Desk(any_world, clock)
    any_world.as_("wout").launch("home").form("/welcome").submit(choice="facilitate")
    home = any_world.as_("fatima").launch("home")
    form = home.link("/step/ambition").form("/idea")
    assert form.submit(text="ze zelf vertellen", why="omdat het telt").status == 200
    assert links(desk, "ambition") == []
    desk.deliver()
    assert desk.grade("fatima") == 33
    assert "Staat in het cijferoverzicht: 33 van 100" in desk.receipt("fatima")


def test_a_grade_that_a_person_set_in_the_found_column_stays(desk: Desk) -> None:
    desk.lms.school.override(column_of(desk).id, desk.world.person("fatima").id, 80)
    earn(desk, "fatima")
    desk.deliver()
    assert grade(desk, "fatima") == 80
    score = desk.score("fatima", STEP)
    assert score is not None
    assert score.state == "held"


def test_while_the_lms_is_ill_it_is_tried_again_at_its_own_pace_and_nothing_is_lost(desk: Desk) -> None:
    earn(desk, "fatima")
    desk.lms.faults.fail("lineitems", 500, times=2)
    desk.deliver()
    due_at = desk.row(outbox.Kind.PLACEMENT).due_at
    earn(desk, "marieke")
    assert [row.due_at for row in desk.rows(outbox.Kind.PLACEMENT)] == [due_at], (
        "a moment hurries no platform in trouble"
    )
    desk.deliver()
    assert len(desk.calls("lineitems")) == 1
    desk.catch_up(outbox.Kind.PLACEMENT)
    desk.deliver()
    assert (grade(desk, "fatima"), grade(desk, "marieke")) == (33, 33)
    assert len(links(desk)) == 1


def test_a_moment_earned_while_the_lms_is_being_asked_goes_too(any_desk: Desk) -> None:
    desk = any_desk
    earn(desk, "fatima")
    at_call(desk.lms, 1, "lineitems", lambda: earn(desk, "marieke"))
    desk.deliver()
    assert (grade(desk, "fatima"), grade(desk, "marieke")) == (33, 33)


def test_a_moment_not_yet_committed_when_the_placement_is_found_goes_too(any_desk: Desk) -> None:
    """Who found it could not see that moment; what the moment put in beside the row being done does."""
    desk = any_desk
    written, never = threading.Event(), threading.Event()

    def wait() -> None:
        written.set()
        # On PostgreSQL the worker gets as far as the row itself meanwhile, on SQLite it waits at once.
        never.wait(0.5)

    slow = threading.Thread(target=earn, args=(desk, "marieke"), kwargs={"slowly": wait})

    def begin() -> None:
        slow.start()
        assert written.wait(10)

    earn(desk, "fatima")
    at_call(desk.lms, 1, "lineitems", begin)
    desk.deliver()
    slow.join(10)
    desk.deliver()
    assert (grade(desk, "fatima"), grade(desk, "marieke")) == (33, 33)
    assert len(links(desk)) == 1


# Not found


def test_where_nothing_is_found_it_is_quiet_and_asked_again_only_after_an_hour_with_moments(
    desk: Desk, logged: list[Any]
) -> None:
    desk.world.as_("youssef").launch()
    desk.lms.school.delete_column(column_of(desk).id)
    earn(desk, "fatima")
    desk.deliver()
    assert reasons(desk) == ["no_column"]
    said = [line for line in logged if line["event"] == "placement_not_found"]
    assert [(line["log_level"], line["reason"]) for line in said] == [("info", "no_column")]
    for _ in range(3):
        desk.move(2 * HOUR)
        desk.deliver()
    assert looks(desk) == 1, "nobody did anything: nothing is asked"
    earn(desk, "marieke")
    desk.deliver()
    earn(desk, "youssef")
    for name in ("fatima", "marieke", "youssef"):
        earn(desk, name, Kind.RESPONSE)
        desk.move(60)
        desk.deliver()
    assert looks(desk) == 2, "not at each moment"
    column = desk.lms.school.couple(desk.world.activity(STEP), 100, *NAME.values())
    desk.move(HOUR)
    desk.deliver()
    assert looks(desk) == 3
    assert [grade(desk, name, column) for name in ("fatima", "marieke", "youssef")] == [67, 67, 67]


def test_while_one_look_waits_there_is_no_second_row(any_desk: Desk) -> None:
    desk = any_desk
    earn(desk, "fatima", *Kind)
    earn(desk, "marieke")
    assert len(desk.rows(outbox.Kind.PLACEMENT)) == 1
    desk.lms.school.delete_column(column_of(desk).id)
    desk.deliver()
    earn(desk, "marieke", Kind.RESPONSE, Kind.DECISION)
    assert len(desk.rows(outbox.Kind.PLACEMENT)) == 2, "the one that was done, and one that waits out its hour"


def test_of_two_activities_that_could_be_meant_none_is_taken(desk: Desk, logged: list[Any]) -> None:
    second = place_again(desk)
    earn(desk, "fatima")
    desk.deliver()
    assert reasons(desk) == ["several_columns"]
    assert "several_columns" in [line.get("reason") for line in logged]
    assert links(desk) == []
    desk.world.as_("marieke").launch(second)
    desk.deliver()
    assert (grade(desk, "fatima"), grade(desk, "fatima", column_of(desk, second))) == (None, 33)


@pytest.mark.parametrize(
    "column",
    [
        {**NAME, "resource_id": "leerkring-2-information"},
        {**NAME, "resource_id": "leerkring-1-actions"},
        {**NAME, "tag": "hours"},
        NAME,
    ],
    ids=["another cycle's", "another step's", "another tag", "of no activity"],
)
def test_a_column_that_does_not_say_whose_it_is_is_not_taken(desk: Desk, column: dict[str, str]) -> None:
    activity, school = desk.world.activity(STEP), desk.lms.school
    school.delete_column(column_of(desk).id)
    school.add_column(
        activity.course_id,
        activity.client_id,
        "Van vroeger",
        100,
        resource_link_id=None if column is NAME else activity.id,
        **column,
    )
    earn(desk, "fatima")
    desk.deliver()
    assert reasons(desk) == ["no_column"]
    assert links(desk) == []


@pytest.mark.parametrize("known", ["the activity", "the column"])
def test_what_is_known_as_another_steps_is_not_taken(desk: Desk, known: str) -> None:
    """Somebody edited the activity's values before it was first opened: it opened, and stays, as step 3."""
    activity, column = desk.world.activity(STEP), column_of(desk)
    if known == "the activity":
        activity.custom["step"] = "interpretation"
        desk.world.as_("fatima").launch(activity)
    else:
        url = desk.item().url
        desk.change_item(url=url.replace(f"/{desk.column.id}/lineitem?", f"/{column.id}/lineitem?"))
    earn(desk, "fatima")
    desk.deliver()
    assert reasons(desk) == ["column_taken"]
    assert links(desk) == []
    assert grade(desk, "fatima", column) is None


@pytest.mark.parametrize("name", [7, "", None, ["1"], "x" * 256], ids=["number", "empty", "null", "list", "long"])
def test_a_name_that_is_none_names_no_activity(desk: Desk, name: Any) -> None:
    column_of(desk).resource_link_id = name
    earn(desk, "fatima")
    desk.deliver()
    assert reasons(desk) == ["no_column"]
    assert links(desk) == []


def test_a_platform_that_lets_nobody_read_columns_is_not_asked(desk: Desk) -> None:
    scopes = [scope for scope in desk.link().scopes.split() if scope != SCOPE_LINE_ITEM]
    desk.change_link(scopes=" ".join(scopes))
    earn(desk, "fatima")
    desk.deliver()
    assert reasons(desk) == ["no_scope_for_columns"]
    assert desk.calls("lineitems") == []


def test_where_no_placement_told_of_columns_nobody_is_asked(desk: Desk) -> None:
    desk.change_link(line_items_url="")
    earn(desk, "fatima")
    assert desk.rows(outbox.Kind.PLACEMENT) == []


# Of one course only


def test_a_copied_course_finds_its_own_activity_and_leaves_the_old_one_alone(any_desk: Desk) -> None:
    """M33: the copy's columns bear the same resource ids."""
    desk = any_desk
    school, world = desk.lms.school, desk.world
    new = school.copy_course(world.course().id)
    for name, role in (("wout", "editingteacher"), ("fatima", "student")):
        school.enrol(new.id, world.person(name).id, role)  # type: ignore[arg-type]
    copies = {a.custom.get("step"): a for a in school.course_activities(new.id)}
    world.as_("wout").launch(copies["ambition"]).form("/welcome").submit(choice="facilitate")
    world.as_("fatima").launch(copies["ambition"])
    earn(desk, "fatima", course=new.id)
    desk.deliver()
    (link,) = links(desk)
    assert (link.resource_link_id, link.course_id) == (copies[STEP].id, desk.course().id + 1)
    assert (grade(desk, "fatima", column_of(desk, copies[STEP])), grade(desk, "fatima")) == (33, None)
    earn(desk, "fatima", *Kind)
    desk.deliver()
    assert [link.resource_link_id for link in links(desk)] == [copies[STEP].id, world.activity(STEP).id]
    assert (grade(desk, "fatima", column_of(desk, copies[STEP])), grade(desk, "fatima")) == (33, 100)


def test_an_activity_known_in_another_course_is_never_taken(desk: Desk) -> None:
    """Whatever a platform lists: an activity is of one course (core 1.3, 5.3.5)."""
    school = desk.lms.school
    new = school.copy_course(desk.world.course().id)
    school.enrol(new.id, desk.world.person("wout").id, "editingteacher")
    copy = next(a for a in school.course_activities(new.id) if a.custom.get("step") == STEP)
    desk.world.as_("wout").launch(copy)
    column_of(desk).resource_link_id = copy.id
    earn(desk, "fatima")
    desk.deliver()
    assert reasons(desk) == ["column_taken"]
    assert [link.course_id for link in links(desk)] == [desk.course().id + 1]
    assert desk.posts() == []


def test_what_a_dying_worker_was_looking_for_is_found_by_the_next(desk: Desk) -> None:
    """Its lease ends; a moment earned meanwhile has a row of its own, and one look serves both."""
    earn(desk, "fatima")
    with desk.tool.session() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == outbox.Kind.PLACEMENT)).one()
        row.attempts, row.leased_until = 1, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)
    earn(desk, "marieke")
    desk.deliver()
    assert links(desk) == []
    desk.move(601)
    desk.deliver()
    assert len(links(desk)) == 1
    assert (grade(desk, "fatima"), grade(desk, "marieke")) == (33, 33)
    assert len(desk.calls("lineitems")) == 1
