"""A step that nobody opened yet: what is handed on until somebody does, and what that launch makes of it."""

import pytest
from sqlalchemy import select

from lti_tool.demo.vocab import AGS_CLAIM
from lti_tool.domain import outbox
from lti_tool.domain.participation import Kind
from lti_tool.models import Cycle, ResourceLink
from tests.delivery.desk import Desk, at_call
from tests.delivery.unopened import STEP, column_of, earn, grade, links, place_again

# What is handed on


def test_where_nothing_is_handed_on_nothing_is_asked_nor_sent(desk: Desk) -> None:
    desk.change_link(passback="none")
    earn(desk, "fatima", *Kind)
    assert desk.rows(outbox.Kind.PLACEMENT) == []
    desk.change_link(passback="moments")
    earn(desk, "marieke", *Kind)
    desk.change_link(passback="none")
    desk.deliver()
    assert (desk.calls("lineitems"), desk.posts(), links(desk)) == ([], [], [])


@pytest.mark.parametrize(
    ("steps", "home", "grades"),
    [
        (("moments", "moments"), "none", (33, 100)),
        (("moments", "completed"), "moments", (None, 100)),
        (("moments", "none"), "moments", (None, None)),
        ((), "moments", (33, 100)),
        ((), "completed", (None, 100)),
        ((), "none", (None, None)),
    ],
)
def test_until_it_is_opened_the_cycles_most_reserved_choice_holds(
    desk: Desk, steps: tuple[str, ...], home: str, grades: tuple[float | None, float | None]
) -> None:
    """A home is placed alone as well, with whatever choice: it speaks only where no step does."""
    for activity, passback in (("home", home), *zip(("ambition", "actions"), steps, strict=False)):
        desk.world.as_("fatima").launch(activity)
        with desk.tool.session() as session:
            found = session.scalars(
                select(ResourceLink).filter_by(resource_link_id=desk.world.activity(activity).id)
            ).one()
            found.passback = passback
    if not steps:
        desk.change_link(line_items_url="")
        desk.change_item(url="")
    earn(desk, "fatima")
    earn(desk, "marieke", *Kind)
    desk.deliver()
    assert (grade(desk, "fatima"), grade(desk, "marieke")) == grades


def test_in_a_cycle_of_which_nothing_was_opened_only_a_full_score_goes(desk: Desk) -> None:
    """A full score is right whatever was chosen for the new cycle's activities."""
    with desk.tool.session() as session:
        session.add(Cycle(community_id=desk.member(session, "fatima").community_id, number=2))
    activity = place_again(desk, cycle="2")
    column = column_of(desk, activity)
    column.resource_id = "leerkring-2-information"
    earn(desk, "fatima", number=2)
    earn(desk, "marieke", *Kind, number=2)
    desk.deliver()
    (link,) = links(desk)
    assert (link.resource_link_id, link.cycle_number) == (activity.id, 2)
    assert (grade(desk, "fatima", column), grade(desk, "marieke", column)) == (None, 100)
    desk.world.as_("wout").launch(activity)
    desk.deliver()
    assert (grade(desk, "fatima", column), grade(desk, "marieke", column)) == (33, 100)
    assert grade(desk, "marieke") is None, "the first cycle's column"


# Opened after all


@pytest.mark.parametrize("passback", ["moments", "completed", "none"])
def test_a_later_launch_completes_the_same_placement(any_desk: Desk, passback: str) -> None:
    desk = any_desk
    earn(desk, "fatima")
    desk.deliver()
    (found,) = links(desk)
    url = desk.item(found).url
    activity = desk.world.activity(STEP)
    activity.title, activity.custom["passback"] = "Wat weten we al?", passback
    desk.world.as_("marieke").launch(STEP)
    (link,) = links(desk)
    assert (link.id, desk.item(link).url) == (found.id, url)
    assert (link.title, link.passback) == ("Wat weten we al?", passback)
    assert link.line_items_url == desk.link().line_items_url
    earn(desk, "marieke")
    desk.move(5)
    desk.deliver()
    assert grade(desk, "fatima") == 33, "what was sent is not called back"
    assert grade(desk, "marieke") == (33 if passback == "moments" else None)
    assert [call for call in desk.calls("lineitems") if call.method == "POST"] == []
    assert len([c for c in desk.lms.school.columns.values() if c.resource_link_id == activity.id]) == 1


def test_once_opened_it_follows_what_its_launches_say(desk: Desk) -> None:
    earn(desk, "fatima")
    desk.deliver()
    activity = desk.world.activity(STEP)
    for passback in ("completed", "none"):
        activity.custom["passback"] = passback
        desk.world.as_("marieke").launch(STEP)
    (link,) = links(desk)
    assert link.passback == "none"


def test_a_launch_without_grades_changes_nothing_and_makes_no_second_placement(desk: Desk) -> None:
    earn(desk, "fatima")
    desk.deliver()
    (found,) = links(desk)
    url = desk.item(found).url
    desk.world.as_("marieke").launch(STEP, **{AGS_CLAIM: {}})
    (link,) = links(desk)
    assert (link.id, link.passback, desk.item(link).url) == (found.id, "moments", url)


def test_opened_while_the_lms_is_being_asked_it_is_one_placement_with_all_scores(any_desk: Desk) -> None:
    desk = any_desk
    earn(desk, "fatima")
    at_call(desk.lms, 1, "lineitems", lambda: desk.world.as_("marieke").launch(STEP))
    desk.deliver()
    (link,) = links(desk)
    assert link.line_items_url, "the launch's own"
    assert grade(desk, "fatima") == 33
    assert len(desk.posts("fatima")) == 1


def test_opened_before_the_worker_came_round_nobody_is_asked(desk: Desk) -> None:
    earn(desk, "fatima")
    desk.world.as_("marieke").launch(STEP)
    desk.deliver()
    assert desk.calls("lineitems") == []
    assert grade(desk, "fatima") == 33
