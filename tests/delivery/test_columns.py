"""One column a placement: stored, claimed, found, and only then made (U3, M21, M22, A-8)."""

import json
import threading
from typing import Any

import pytest
from sqlalchemy import event, select

from lti_tool.db import db
from lti_tool.delivery.worker import Worker
from lti_tool.demo.model import Activity, Column
from lti_tool.domain import outbox
from lti_tool.lti.services import SCOPE_LINE_ITEM
from lti_tool.models import OutboxRow, ResourceLink
from tests.delivery.desk import Desk, at_call

NAME = {"resource_id": "leerkring-1-ambition", "tag": "participation"}


def place(desk: Desk, title: str = "Nog een plek", **custom: str) -> Activity:
    """One more placement of step 1, that has no column of its own: its launches name the container only (A1)."""
    first = desk.world.activity("ambition")
    return desk.lms.school.add_activity(
        first.course_id, first.client_id, title, url=first.url, custom={**first.custom, **custom}
    )


def columns(desk: Desk, activity: Activity) -> list[Column]:
    """The columns of the activity's course that name it."""
    return [c for c in desk.lms.school.course_columns(activity.course_id) if c.resource_link_id == activity.id]


def extra_columns(desk: Desk) -> list[Column]:
    """The columns that no activity has of its own: made by the tool, or by the test."""
    return [c for c in desk.lms.school.columns.values() if not c.coupled]


def link_of(desk: Desk, activity: Activity) -> ResourceLink:
    """The placement as the tool knows it."""
    with desk.tool.session() as session:
        return session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == activity.id)).one()


def grade_in(desk: Desk, column: Column, name: str) -> float | None:
    """Somebody's grade in a column."""
    found = desk.lms.school.grade(column.id, desk.world.person(name).id)
    return found.score if found else None


def add_column(desk: Desk, activity: Activity, resource_link_id: str | None = None, **values: str) -> Column:
    """A column made through the service some time ago."""
    return desk.lms.school.add_column(
        activity.course_id, activity.client_id, "Van vroeger", 100, resource_link_id=resource_link_id, **values
    )


def made(desk: Desk) -> list[dict[str, Any]]:
    """What was asked to be made."""
    return [json.loads(call.sent) for call in desk.calls("lineitems") if call.method == "POST"]


def test_a_placement_whose_launch_names_only_the_container_gets_one_column_and_its_score(desk: Desk) -> None:
    activity = place(desk)
    desk.world.as_("fatima").launch(activity)
    assert link_of(desk, activity).line_item_url == ""
    desk.earn("fatima")
    desk.deliver()
    (column,) = columns(desk, activity)
    assert made(desk) == [
        {
            "label": "Nog een plek",
            "scoreMaximum": 100,
            "resourceId": "leerkring-1-ambition",
            "tag": "participation",
            "resourceLinkId": activity.id,
        }
    ]
    assert grade_in(desk, column, "fatima") == 33
    desk.earn("marieke")
    desk.deliver()
    assert grade_in(desk, column, "marieke") == 33
    assert len(made(desk)) == 1


def test_moments_earned_before_the_placement_was_known_are_caught_up(desk: Desk) -> None:
    desk.earn("fatima", 2)
    desk.earn("marieke")
    activity = place(desk)
    desk.world.as_("wout").launch(activity)
    desk.deliver()
    (column,) = columns(desk, activity)
    assert (grade_in(desk, column, "fatima"), grade_in(desk, column, "marieke")) == (67, 33)


@pytest.mark.parametrize("by_link", [True, False], ids=["resource link", "resource id and tag"])
def test_a_column_that_is_there_already_is_found_and_not_made_again(desk: Desk, by_link: bool) -> None:
    """M21: with only a standalone column Moodle's claim says lineitem "", which is no address."""
    activity = place(desk)
    column = add_column(desk, activity, activity.id) if by_link else add_column(desk, activity, **NAME)
    claims = desk.lms.platform.claims(desk.world.person("fatima").id, activity)
    endpoint = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert endpoint.get("lineitem") == ("" if by_link else None)
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.deliver()
    assert made(desk) == []
    assert grade_in(desk, column, "fatima") == 33


@pytest.mark.parametrize("whose", ["another placement's", "another name", "taken"])
def test_a_column_that_is_not_this_placements_is_never_taken_for_it(desk: Desk, whose: str) -> None:
    activity = place(desk)
    if whose == "another placement's":
        other = add_column(desk, activity, desk.world.activity("home").id, **NAME)
    elif whose == "another name":
        other = add_column(desk, activity, resource_id="leerkring-2-ambition", tag="participation")
    else:
        before = place(desk, "Daarvoor")
        other = add_column(desk, before, **NAME)
        desk.world.as_("fatima").launch(before)
        desk.earn("fatima")
        desk.deliver()
        assert link_of(desk, before).line_item_url.endswith(f"/{other.id}/lineitem?type_id=2")
        desk.move(5)
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.deliver()
    (own,) = columns(desk, activity)
    assert own.id != other.id
    assert grade_in(desk, own, "fatima") == (67 if whose == "taken" else 33)


def test_two_placements_of_one_step_in_one_course_each_have_their_own_column(desk: Desk) -> None:
    first, second = place(desk, "Eén"), place(desk, "Twee")
    for activity in (first, second):
        desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.deliver()
    for activity in (first, second):
        (column,) = columns(desk, activity)
        assert grade_in(desk, column, "fatima") == 33
    assert len(extra_columns(desk)) == 2


def test_the_stored_column_stays_when_the_claim_vanishes_or_names_another(desk: Desk) -> None:
    """M22: a second column that names the activity makes Moodle's claim vanish."""
    activity, own = desk.world.activity("ambition"), desk.column
    stored = desk.link().line_item_url
    other = add_column(desk, activity, activity.id)
    desk.world.as_("fatima").launch()
    assert desk.link().line_item_url == stored
    endpoint = {
        "scope": desk.link().scopes.split(),
        "lineitems": desk.link().line_items_url,
        "lineitem": stored.replace(f"/{own.id}/", f"/{other.id}/"),
    }
    desk.world.as_("fatima").launch(**{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
    assert desk.link().line_item_url == stored
    desk.earn("fatima")
    desk.deliver()
    assert (grade_in(desk, own, "fatima"), grade_in(desk, other, "fatima")) == (33, None)


def test_a_launch_that_brings_the_column_while_ours_is_still_looked_for_lets_all_scores_go(desk: Desk) -> None:
    activity = place(desk)
    desk.earn("marieke")
    desk.world.as_("fatima").launch(activity)
    desk.lms.faults.fail("lineitems", 500, times=2)
    desk.earn("fatima")
    desk.deliver()
    column = desk.lms.school.couple(activity, 100)
    desk.world.as_("fatima").launch(activity)
    desk.catch_up()
    assert (grade_in(desk, column, "fatima"), grade_in(desk, column, "marieke")) == (33, 33)
    assert made(desk) == []


def test_a_platform_that_lets_nobody_make_columns_is_taken_at_its_word_until_a_launch_brings_one(desk: Desk) -> None:
    activity = place(desk)
    endpoint = {
        "scope": [scope for scope in desk.link().scopes.split() if scope != SCOPE_LINE_ITEM],
        "lineitems": desk.link().line_items_url,
    }
    desk.world.as_("fatima").launch(activity, **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
    desk.earn("fatima")
    desk.deliver()
    assert desk.row(outbox.LINE_ITEM).reason == "no_scope_for_columns_403"
    assert made(desk) == []
    column = desk.lms.school.couple(activity, 100)
    desk.world.as_("marieke").launch(activity)
    desk.deliver()
    assert grade_in(desk, column, "fatima") == 33


@pytest.mark.parametrize("endpoint", [{}, {"scope": []}], ids=["empty", "no address"])
def test_a_platform_without_columns_gets_no_calls(desk: Desk, endpoint: dict[str, Any]) -> None:
    activity = place(desk)
    desk.world.as_("fatima").launch(activity, **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
    desk.earn("fatima")
    desk.deliver()
    assert desk.rows(outbox.LINE_ITEM) == []
    assert desk.grade("fatima") == 33, "in the first placement, as ever"


def test_no_column_is_made_for_the_home_nor_where_nothing_is_handed_on(desk: Desk) -> None:
    silent = place(desk, passback="none")
    desk.world.as_("fatima").launch(silent)
    desk.world.as_("fatima").launch(desk.world.activity("home"))
    desk.earn("fatima")
    desk.deliver()
    assert desk.calls("lineitems") == []
    assert columns(desk, silent) == []


@pytest.mark.parametrize("fault", ["lose", "drop", "malform"])
def test_a_column_made_although_its_answer_was_lost_is_found_and_not_doubled(desk: Desk, fault: str) -> None:
    activity = place(desk)
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    # First it looks by resource link, then by name, then it makes one.
    at_call(desk.lms, 3, "lineitems", lambda: getattr(desk.lms.faults, fault)("lineitems"))
    desk.deliver()
    assert link_of(desk, activity).line_item_url == ""
    desk.catch_up()
    for _ in range(2):
        desk.move(60)
        desk.deliver()
    (column,) = columns(desk, activity)
    assert len(made(desk)) == 1
    assert grade_in(desk, column, "fatima") == 33


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("fault", ["fail", "malform", "drop"])
def test_nothing_is_made_while_looking_fails(desk: Desk, number: int, fault: str) -> None:
    activity = place(desk)
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    at_call(desk.lms, number, "lineitems", lambda: getattr(desk.lms.faults, fault)("lineitems"))
    desk.deliver()
    assert len(made(desk)) == (1 if number == 3 else 0)
    for _ in range(3):
        desk.move(60)
        desk.deliver()
    (column,) = columns(desk, activity)
    assert grade_in(desk, column, "fatima") == 33


def test_a_copied_course_makes_its_own_column_and_leaves_the_old_one_alone(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    school = desk.lms.school
    old = dict(school.grades)
    new = school.copy_course(desk.world.course().id)
    for column in school.course_columns(new.id):
        school.delete_column(column.id)
    for name, role in (("wout", "editingteacher"), ("fatima", "student")):
        school.enrol(new.id, desk.world.person(name).id, role)  # type: ignore[arg-type]
    copied = next(a for a in school.course_activities(new.id) if a.custom.get("step") == "ambition")
    desk.world.as_("wout").launch(copied).form("/welcome").submit(choice="facilitate")
    page = desk.world.as_("fatima").launch(copied).form("/idea").submit(text="opnieuw beginnen", why="het telt")
    assert page.status == 200, page.text
    desk.deliver()
    (column,) = columns(desk, copied)
    assert grade_in(desk, column, "fatima") == 33
    assert [c for c in school.course_columns(new.id) if c.resource_id == NAME["resource_id"]] == [column]
    assert {key: grade for key, grade in school.grades.items() if key[0] != column.id} == old


# Several workers at once


def test_two_workers_at_once_make_one_column(any_desk: Desk) -> None:
    desk = any_desk
    activities = [place(desk, f"Plek {number}") for number in range(4)]
    for activity in activities:
        desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.earn("marieke")
    together = threading.Barrier(2)

    def work(worker: Worker) -> None:
        together.wait(10)
        worker.drain()

    threads = [threading.Thread(target=work, args=(desk.tool.worker(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    desk.catch_up()
    for activity in activities:
        (column,) = columns(desk, activity)
        assert (grade_in(desk, column, "fatima"), grade_in(desk, column, "marieke")) == (33, 33)


def test_a_row_put_in_just_as_a_worker_claims_is_not_claimed_beside_it(any_desk: Desk) -> None:
    """The lease is the lock that keeps a column single: two workers never hold one key at once."""
    tool = any_desk.tool
    with tool.session() as session:
        outbox.put(session, outbox.LINE_ITEM, "1", link=1)
    with tool.session() as session:
        # Tried before and due again: a new row beside it does not merge any more.
        session.scalars(select(OutboxRow).where(OutboxRow.kind == outbox.LINE_ITEM)).one().attempts = 1
    leased, commit = threading.Event(), threading.Event()
    first, second = tool.worker(), tool.worker()
    claims: dict[str, list[int]] = {}

    def hold(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread().name == "first" and statement.startswith("UPDATE outbox"):
            leased.set()
            commit.wait(10)

    def put() -> None:
        with tool.session() as session:
            outbox.put(session, outbox.LINE_ITEM, "1", link=1)

    def claim(name: str, worker: Worker) -> None:
        claims[name] = [row.id for row, _ in worker._claim(64)]

    with tool.app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", hold)
    try:
        threads = [threading.Thread(target=claim, args=("first", first), name="first")]
        threads[0].start()
        assert leased.wait(10)
        for target, args in ((put, ()), (claim, ("second", second))):
            threads.append(threading.Thread(target=target, args=args))
            threads[-1].start()
            # On SQLite the put itself waits for the first one's commit; where it does not, it is done by then.
            threads[-1].join(0.3)
        commit.set()
        for thread in threads:
            thread.join(20)
    finally:
        event.remove(engine, "after_cursor_execute", hold)
    assert len(claims["first"]) == 1
    assert claims["second"] == []
    assert len(any_desk.rows(outbox.LINE_ITEM)) == 2
