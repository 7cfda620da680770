"""An activity's column was taken away and made anew, as picking again does (M82): it is another then, and the launch
may say nothing of it (M69). It is looked for, everything arrives there once, and no second one is made."""

import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.demo.model import Column
from lti_tool.demo.vocab import AGS_CLAIM
from lti_tool.domain import outbox, participation
from lti_tool.lti.services import SCOPE_LINE_ITEM
from lti_tool.models import Act, Alarm, LineItem, ResourceLink
from tests.delivery.desk import Desk, at_call


def hush(desk: Desk, *without: str) -> dict[str, Any]:
    """What a launch says of columns where Moodle names none: of two on the link, or for rows left behind (M22, M69)."""
    link = desk.link()
    scopes = [scope for scope in link.scopes.split() if scope not in without]
    return {AGS_CLAIM: {"scope": scopes, "lineitems": link.line_items_url}}


def choose(desk: Desk, passback: str, name: str = "fatima", said: dict[str, Any] | None = None) -> None:
    """Save the activity of step 1 with this passback, its column untouched, and have somebody open it."""
    activity = desk.world.activity("ambition")
    activity.custom["passback"] = passback
    desk.world.as_(name).launch(activity, **(said or {}))


def anew(desk: Desk) -> Column:
    """The column of step 1 is deleted, and made again as saving the activity does: another one."""
    school, activity = desk.lms.school, desk.world.activity("ambition")
    school.delete_column(desk.column.id)
    return school.couple(activity, resource_id="leerkring-1-ambition", tag="participation")


def made(desk: Desk) -> int:
    """How many columns the tool asked for."""
    return sum(call.method == "POST" for call in desk.calls("lineitems"))


def posted(desk: Desk, column: Column) -> list[str]:
    """For whom scores were taken in a column, by user name."""
    names = {desk.world.person(name).id: name for name in ("fatima", "marieke")}
    calls = [call for call in desk.calls("scores") if call.status == 200 and f"/lineitems/{column.id}/" in call.path]
    return sorted(name for sub, name in names.items() for call in calls if f'"{sub}"' in call.sent)


@pytest.mark.parametrize("named", [True, False], ids=["the launch names it", "the launch names none"])
def test_m82_all_that_had_arrived_arrives_in_the_column_that_was_made_anew_once(desk: Desk, named: bool) -> None:
    """Where nobody has a new score, nothing would ever have met the dead address."""
    desk.earn("fatima")
    desk.earn("marieke", 2)
    desk.deliver()
    said = {} if named else hush(desk)
    choose(desk, "none", said=hush(desk))
    column = anew(desk)
    choose(desk, "moments", said=said)
    desk.deliver()
    desk.catch_up(outbox.Kind.LINE_ITEM)
    desk.catch_up()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 67)
    assert posted(desk, column) == ["fatima", "marieke"]
    assert desk.item().url.endswith(f"/{column.id}/lineitem?type_id=2")
    assert (made(desk), desk.item().gone) == (0, False)
    desk.move(86_400)
    desk.deliver()
    assert posted(desk, column) == ["fatima", "marieke"]


def test_where_the_new_choice_brought_no_column_one_is_made_under_the_lock(any_desk: Desk) -> None:
    desk = any_desk
    desk.earn("fatima")
    desk.deliver()
    choose(desk, "none", said=hush(desk))
    desk.earn("marieke", 2)
    desk.lms.school.delete_column(desk.column.id)
    choose(desk, "completed", said=hush(desk))
    choose(desk, "moments", "marieke", said=hush(desk))
    together = threading.Barrier(2)
    workers = [desk.tool.worker() for _ in range(2)]

    def work(number: int) -> None:
        together.wait(10)
        workers[number].drain()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    desk.catch_up(outbox.Kind.LINE_ITEM)
    desk.catch_up()
    assert made(desk) == 1
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 67)
    assert posted(desk, desk.column) == ["fatima", "marieke"]


@pytest.mark.parametrize("there", [True, False], ids=["made by the LMS", "made by us"])
def test_a_column_known_to_be_gone_is_found_or_made_when_a_column_is_picked_again(desk: Desk, there: bool) -> None:
    desk.earn("fatima")
    desk.deliver()
    desk.lms.school.delete_column(desk.column.id)
    desk.earn("marieke")
    desk.deliver()
    assert desk.item().gone
    choose(desk, "none", said=hush(desk))
    desk.deliver()
    if there:
        desk.lms.school.couple(desk.world.activity("ambition"), resource_id="", tag="")
    choose(desk, "moments", said=hush(desk))
    desk.deliver()
    desk.catch_up(outbox.Kind.LINE_ITEM)
    desk.catch_up()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 33)
    assert made(desk) == (0 if there else 1)
    assert not desk.item().gone


def test_a_choice_that_leaves_the_column_where_it_is_has_nothing_sent_twice(desk: Desk) -> None:
    """Also where a teacher made another on the activity, that looks more like ours (M22, M54)."""
    desk.earn("fatima")
    desk.earn("marieke", 3)
    desk.deliver()
    known, own = desk.item().url, desk.column
    own.resource_id = own.tag = ""
    name = {"resource_id": "leerkring-1-ambition", "tag": "participation"}
    desk.lms.school.add_column(own.course_id, own.client_id, "Essay", 10, resource_link_id=own.resource_link_id, **name)
    for passback in ("completed", "none", "moments"):
        choose(desk, passback, said=hush(desk))
        desk.deliver()
    assert (desk.item().url, desk.item().gone) == (known, False)
    assert posted(desk, desk.column) == ["fatima", "marieke"]
    assert made(desk) == 0


def test_a_column_known_to_be_gone_is_none_of_the_step_that_is_picked_next(desk: Desk) -> None:
    """In which nobody has a moment yet: its column is made with the first."""
    desk.lms.school.delete_column(desk.column.id)
    desk.earn("fatima")
    desk.deliver()
    assert desk.item().gone
    desk.begin("information")
    activity = desk.world.activity("ambition")
    desk.lms.school.delete_column(next(c.id for c in desk.lms.school.columns.values() if c.label == "2 Informatie"))
    activity.custom["step"] = "information"
    desk.world.as_("fatima").launch(activity, **hush(desk))
    desk.deliver()
    assert made(desk) == 0
    desk.earn_in("information", "marieke")
    desk.deliver()
    desk.catch_up()
    (column,) = (c for c in desk.lms.school.columns.values() if c.resource_link_id == activity.id)
    assert (made(desk), column.resource_id, posted(desk, column)) == (1, "leerkring-1-information", ["marieke"])


def test_picked_before_there_is_anything_to_send_the_column_is_made_with_the_first_score(desk: Desk) -> None:
    desk.lms.school.delete_column(desk.column.id)
    choose(desk, "none", said=hush(desk))
    choose(desk, "moments", said=hush(desk))
    desk.deliver()
    assert (made(desk), desk.item().url, desk.item().gone) == (0, "", False)
    desk.earn("fatima")
    desk.deliver()
    desk.catch_up()
    assert (made(desk), desk.grade("fatima")) == (1, 33)


# Nobody opened it while nothing was picked: no launch tells of a change


def test_a_launch_that_names_another_column_has_the_stored_one_asked(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    column = anew(desk)
    desk.world.as_("marieke").launch()
    desk.deliver()
    desk.catch_up()
    assert (desk.grade("fatima"), posted(desk, column), made(desk)) == (33, ["fatima"], 0)


def pick_one(desk: Desk, passback: str, *items: str) -> None:
    """A teacher edits the activity of step 1 in the LMS: what the tool gives, and nothing saved yet."""
    page = desk.world.as_("wout").select_content()
    page.form("/place").submit(what="single", item=list(items), passback=passback)


def test_after_a_pick_the_column_is_looked_for_though_no_launch_tells_of_it(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    pick_one(desk, "moments", "ambition")
    column = anew(desk)
    desk.world.as_("marieke").launch(**hush(desk))
    desk.deliver()
    assert desk.calls("lineitem") == [], "whoever picked has still to press save"
    desk.move(participation.LATER.total_seconds())
    desk.deliver()
    desk.catch_up()
    assert (desk.grade("fatima"), posted(desk, column), made(desk)) == (33, ["fatima"], 0)
    with desk.tool.session() as session:
        act = session.scalars(select(Act).where(Act.kind == "placed").order_by(Act.id.desc())).first()
        assert act is not None
        assert act.detail == {"cycle": 1, "passback": "moments", "item_1": "ambition"}


@pytest.mark.parametrize(
    ("passback", "items"), [("none", ["ambition"]), ("moments", ["ambition", "information"]), ("moments", ["home"])]
)
def test_a_pick_that_cannot_have_moved_a_column_asks_nothing(desk: Desk, passback: str, items: list[str]) -> None:
    """Who edits an activity is given one item (M83), and "nothing" takes its column away for good."""
    pick_one(desk, passback, *items)
    assert desk.rows(outbox.Kind.LINE_ITEM) == []


def test_a_column_that_is_back_is_found_by_whoever_opens_the_activity(desk: Desk) -> None:
    desk.lms.school.delete_column(desk.column.id)
    desk.earn("fatima")
    desk.deliver()
    assert desk.item().gone
    for _ in range(3):
        desk.world.as_("marieke").launch(**hush(desk))
    desk.lms.school.couple(desk.world.activity("ambition"))
    desk.move(participation.LATER.total_seconds())
    desk.deliver()
    desk.catch_up()
    assert (desk.grade("fatima"), made(desk), desk.item().gone) == (33, 0, False)
    assert len(desk.rows(outbox.Kind.LINE_ITEM)) == 2, "one look for all who opened it"


def test_where_no_columns_may_be_read_nothing_is_asked_and_nobody_alarmed(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    for passback in ("completed", "moments"):
        choose(desk, passback, said=hush(desk, SCOPE_LINE_ITEM))
    desk.earn("marieke")
    desk.deliver()
    assert (desk.grade("marieke"), desk.calls("lineitem"), desk.calls("lineitems")) == (33, [], [])
    with desk.tool.session() as session:
        assert session.scalars(select(Alarm)).all() == []


# Meanwhile


def test_a_score_on_its_way_to_the_old_column_arrives_in_the_new_one_too(desk: Desk) -> None:
    """Both exist for a moment: that the old one took it says nothing of the new one."""
    activity, school = desk.world.activity("ambition"), desk.lms.school
    desk.earn("fatima")
    old = desk.column

    def move() -> None:
        old.resource_link_id = old.activity_id = None
        school.couple(activity, resource_id="leerkring-1-ambition", tag="participation")
        choose(desk, "none")
        choose(desk, "moments")

    at_call(desk.lms, 1, "scores", move)
    desk.deliver()
    desk.catch_up()
    assert posted(desk, old) == posted(desk, desk.column) == ["fatima"]
    score = desk.score("fatima")
    assert score is not None
    assert (desk.grade("fatima"), score.arrived, desk.column.id == old.id) == (33, 33, False)


def test_a_worker_that_finds_the_old_column_gone_says_nothing_of_the_new_one(desk: Desk) -> None:
    """It says so between a launch's reading and writing."""
    with desk.tool.session() as session:
        link = session.get_one(ResourceLink, desk.link().id)
        item = participation.columns.column(session, link, participation.TAG)
        unseen = {"synchronize_session": False}
        session.execute(update(LineItem).where(LineItem.id == item.id).values(gone=True), execution_options=unseen)
        participation.set_column(session, link, item.url.replace("/lineitems/", "/lineitems/9"))
    assert not desk.item().gone


def test_what_met_the_dead_address_while_the_column_got_another_goes_to_that_one(any_desk: Desk) -> None:
    desk = any_desk
    desk.earn("fatima")
    desk.deliver()
    desk.earn("marieke")
    old = desk.column

    def move() -> None:
        # Another worker found it there, between the 404 and what this one makes of it.
        url = desk.item().url
        desk.change_item(url=url.replace(f"/{old.id}/", f"/{anew(desk).id}/"))

    at_call(desk.lms, 1, "scores", move)
    desk.work()
    score = desk.score("marieke")
    assert score is not None
    assert (desk.item().gone, score.state, score.reason) == (False, "waiting", "column_moved")


def test_what_a_worker_read_in_the_old_column_is_not_believed_of_the_new_one(desk: Desk) -> None:
    desk.earn("fatima")
    desk.work()
    column = anew(desk)
    choose(desk, "none")
    choose(desk, "moments")
    # Grades are believed for some seconds, and timestamps rise by one.
    desk.move(2)
    desk.work()
    assert posted(desk, column) == ["fatima"]
