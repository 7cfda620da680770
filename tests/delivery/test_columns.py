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
from lti_tool.models import Alarm, LineItem, OutboxRow, ResourceLink
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
    assert desk.item(link_of(desk, activity)).url == ""
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


@pytest.mark.parametrize("listed", ["without a link", "under a link of the platform's own making", "without a tag"])
def test_a_column_that_bears_our_name_is_found_before_a_second_is_made(desk: Desk, listed: str) -> None:
    """O1: Chamilo lists columns under the parent tool, which no launch ever names."""
    activity = place(desk)
    parent = desk.lms.school.add_activity(activity.course_id, activity.client_id, "Parent", url=activity.url).id
    link = parent if listed.startswith("under") else None
    column = add_column(desk, activity, link, **{**NAME, **({"tag": ""} if listed.endswith("tag") else {})})
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.deliver()
    assert made(desk) == []
    assert grade_in(desk, column, "fatima") == 33


def test_a_placement_known_by_its_column_only_is_no_other_when_it_is_opened_under_another_name(desk: Desk) -> None:
    """As above, but the step's placement was looked for by its column before anybody opened it."""
    activity = place(desk)
    parent = desk.lms.school.add_activity(activity.course_id, activity.client_id, "Parent", url=activity.url).id
    column = add_column(desk, activity, parent, **NAME)
    first, url = desk.link(), desk.item().url.replace(f"items/{desk.column.id}/", f"items/{column.id}/")
    with desk.tool.session() as session:
        same = {name: getattr(first, name) for name in ("deployment_id", "course_id", "scopes", "step")}
        session.add(unopened := ResourceLink(resource_link_id=parent, **same))
        session.flush()
        session.add(LineItem(resource_link_id=unopened.id, kind="participation", url=url))
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.deliver()
    assert made(desk) == []
    assert desk.item(link_of(desk, activity)).url == url
    desk.catch_up()
    assert grade_in(desk, column, "fatima") == 33


def test_of_two_columns_on_one_link_the_one_that_bears_our_name_is_taken(desk: Desk) -> None:
    """M54: a teacher made another one on the activity; the claim names none of them then."""
    activity = place(desk)
    add_column(desk, activity, activity.id, resource_id="essay", tag="")
    ours = add_column(desk, activity, activity.id, **NAME)
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.deliver()
    assert made(desk) == []
    assert grade_in(desk, ours, "fatima") == 33


def test_after_a_reset_of_grade_items_the_column_is_found_again_by_the_link(any_desk: Desk) -> None:
    """M69: every address dies, and the activity's column comes back with a new one, without resource id and tag."""
    desk = any_desk
    desk.earn("marieke")
    desk.deliver()
    school, activity = desk.lms.school, desk.world.activity("ambition")
    school.delete_column(desk.column.id)
    anew = school.couple(activity, 100, "", "")
    desk.move(10)
    desk.earn("fatima")
    desk.deliver()
    desk.catch_up()
    assert made(desk) == []
    assert desk.item().url.endswith(f"/{anew.id}/lineitem?type_id=2")
    assert (grade_in(desk, anew, "fatima"), grade_in(desk, anew, "marieke")) == (33, 33)
    assert not desk.item().gone


def test_a_column_that_somebody_removed_is_looked_for_once_and_never_made_unasked(desk: Desk) -> None:
    desk.lms.school.delete_column(desk.column.id)
    desk.earn("fatima")
    desk.earn("marieke")
    desk.deliver()
    assert desk.item().gone
    (row,) = desk.rows(outbox.Kind.LINE_ITEM)
    assert (row.done_at is not None, row.reason) == (True, "no_column")
    desk.move(86_400)
    desk.deliver()
    assert made(desk) == []
    desk.world.as_("wout").launch().link("/community").form("/column").submit()
    desk.deliver()
    assert len(made(desk)) == 1
    assert not desk.item().gone


@pytest.mark.parametrize("whose", ["another placement's", "another name", "taken"])
def test_a_column_that_is_not_this_placements_is_never_taken_for_it(desk: Desk, whose: str) -> None:
    activity = place(desk)
    if whose == "another placement's":
        desk.world.as_("wout").launch(desk.world.activity("home"))
        other = add_column(desk, activity, desk.world.activity("home").id, **NAME)
    elif whose == "another name":
        other = add_column(desk, activity, resource_id="leerkring-2-ambition", tag="participation")
    else:
        before = place(desk, "Daarvoor")
        other = add_column(desk, before, **NAME)
        desk.world.as_("fatima").launch(before)
        desk.earn("fatima")
        desk.deliver()
        assert desk.item(link_of(desk, before)).url.endswith(f"/{other.id}/lineitem?type_id=2")
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
    stored = desk.item().url
    other = add_column(desk, activity, activity.id)
    desk.world.as_("fatima").launch()
    assert desk.item().url == stored
    endpoint = {
        "scope": desk.link().scopes.split(),
        "lineitems": desk.link().line_items_url,
        "lineitem": stored.replace(f"/{own.id}/", f"/{other.id}/"),
    }
    desk.world.as_("fatima").launch(**{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
    assert desk.item().url == stored
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
    assert desk.row(outbox.Kind.LINE_ITEM).reason == "no_scope_for_columns_403"
    assert made(desk) == []
    column = desk.lms.school.couple(activity, 100)
    desk.world.as_("marieke").launch(activity)
    desk.deliver()
    assert grade_in(desk, column, "fatima") == 33


def test_columns_that_may_be_made_from_now_on_are_made_at_the_next_launch(desk: Desk) -> None:
    """M67: "grade sync only" was on; the administrator grants column management too."""
    activity = place(desk)
    endpoint = {
        "scope": [scope for scope in desk.link().scopes.split() if scope != SCOPE_LINE_ITEM],
        "lineitems": desk.link().line_items_url,
    }
    desk.world.as_("fatima").launch(activity, **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
    desk.earn("fatima")
    desk.deliver()
    with desk.tool.session() as session:
        (alarm,) = session.scalars(select(Alarm))
        assert (alarm.about, alarm.reason) == ("line_item", "scope_not_granted")
    desk.world.as_("marieke").launch(activity)
    desk.deliver()
    (column,) = columns(desk, activity)
    assert grade_in(desk, column, "fatima") == 33
    with desk.tool.session() as session:
        assert session.scalars(select(Alarm)).all() == []


@pytest.mark.parametrize("endpoint", [{}, {"scope": []}], ids=["empty", "no address"])
def test_a_platform_without_columns_gets_no_calls(desk: Desk, endpoint: dict[str, Any]) -> None:
    activity = place(desk)
    desk.world.as_("fatima").launch(activity, **{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
    desk.earn("fatima")
    desk.deliver()
    assert desk.rows(outbox.Kind.LINE_ITEM) == []
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
    assert desk.item(link_of(desk, activity)).url == ""
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
    page = desk.world.as_("fatima").launch(copied).form("/idea").submit(text="samen opnieuw beginnen", why="het telt")
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
        outbox.put(session, outbox.Kind.LINE_ITEM, "1", column=1)
    with tool.session() as session:
        # Tried before and due again: a new row beside it does not merge any more.
        session.scalars(select(OutboxRow).where(OutboxRow.kind == outbox.Kind.LINE_ITEM)).one().attempts = 1
    leased, commit = threading.Event(), threading.Event()
    first, second = tool.worker(), tool.worker()
    claims: dict[str, list[int]] = {}

    def hold(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread().name == "first" and statement.startswith("UPDATE outbox"):
            leased.set()
            commit.wait(10)

    def put() -> None:
        with tool.session() as session:
            outbox.put(session, outbox.Kind.LINE_ITEM, "1", column=1)

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
    assert len(any_desk.rows(outbox.Kind.LINE_ITEM)) == 2
