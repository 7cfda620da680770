"""A teacher picks again for an activity that stands in the course (M39, M82): what was sent is said, nothing is
made or sent against the choice, and what the new choice asks for is."""

import pytest
from sqlalchemy import select

from lti_tool.domain import participation
from lti_tool.models import LineItem, ResourceLink
from tests.delivery.desk import Desk

EARLIER = "Scores van een eerdere keuze"


def pick(desk: Desk, *, column: bool = True, **custom: str) -> None:
    """Save the activity of step 1 with other values, and have somebody open it; column: whether the LMS keeps it."""
    activity = desk.world.activity("ambition")
    if not column:
        desk.lms.school.delete_column(desk.column.id)
    activity.custom.update(custom)
    desk.world.as_("fatima").launch(activity)


def community_page(desk: Desk, activity: str = "ambition") -> str:
    """What the facilitator reads about the community."""
    page = desk.world.as_("wout").launch(activity)
    return page.browser.get(page.url.split("?")[0] + "community").text


@pytest.mark.parametrize("column", [True, False], ids=["column kept", "column removed"])
def test_m39_after_nothing_was_picked_nothing_is_sent_and_no_column_made(any_desk: Desk, column: bool) -> None:
    desk = any_desk
    desk.earn("fatima")
    desk.deliver()
    assert desk.grade("fatima") == 33
    # Under way when the choice is made.
    desk.earn("marieke")
    sent, columns = len(desk.posts()), set(desk.lms.school.columns)
    pick(desk, column=column, passback="none")
    desk.earn("fatima")
    desk.deliver()
    assert len(desk.posts()) == sent
    assert set(desk.lms.school.columns) <= columns
    page = community_page(desk)
    assert EARLIER in page
    assert "1 Ambitie : 1 score" in page
    assert "Kolommen die verwijderd zijn" not in page


def test_a_column_that_was_being_looked_for_is_not_made_once_nothing_was_picked(any_desk: Desk) -> None:
    desk = any_desk
    first = desk.world.activity("ambition")
    place = desk.lms.school.add_activity(
        first.course_id, first.client_id, "Nog een", url=first.url, custom=dict(first.custom)
    )
    desk.world.as_("fatima").launch(place)
    with desk.tool.session() as session:
        link = session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == place.id)).one()
        participation.columns.look_for(session, link, participation.columns.column(session, link, participation.TAG))
    desk.earn("fatima")
    place.custom["passback"] = "none"
    desk.world.as_("fatima").launch(place)
    desk.deliver()
    assert [c for c in desk.lms.school.columns.values() if c.resource_link_id == place.id] == []
    assert [row.done_at is not None for row in desk.rows("line_item")] == [True]


def test_m82_after_moments_were_picked_again_the_new_column_takes_all_that_was_earned_meanwhile(any_desk: Desk) -> None:
    desk = any_desk
    desk.earn("fatima")
    desk.deliver()
    pick(desk, column=False, passback="none")
    desk.earn("marieke", 2)
    desk.deliver()
    desk.lms.school.couple(desk.world.activity("ambition"), resource_id="leerkring-1-ambition", tag="participation")
    pick(desk, passback="moments")
    desk.deliver()
    desk.catch_up()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 67)
    assert len(desk.lms.school.course_columns(desk.world.activity("ambition").course_id)) == 6
    assert EARLIER not in community_page(desk)


def test_m39_after_another_step_was_picked_the_column_takes_that_steps_participation(any_desk: Desk) -> None:
    desk = any_desk
    desk.begin("information")
    desk.earn("fatima")
    desk.deliver()
    desk.earn_in("information", "marieke")
    pick(desk, step="information")
    with desk.tool.session() as session:
        item = session.scalars(select(LineItem).where(LineItem.url != "")).first()
        assert item is not None
    column = next(c for c in desk.lms.school.columns.values() if item.url.split("?")[0].endswith(f"/{c.id}/lineitem"))
    desk.deliver()
    school, people = desk.lms.school, {name: desk.world.person(name).id for name in ("fatima", "marieke")}
    grades = {name: school.grade(column.id, person) for name, person in people.items()}
    assert {name: grade.score for name, grade in grades.items() if grade} == {"fatima": 33, "marieke": 33}
    sent = len(desk.posts())
    desk.earn("marieke")
    desk.deliver()
    assert len(desk.posts()) == sent, "step 1 has no activity any more"
    page = community_page(desk, "home")
    assert EARLIER in page
    assert " : 1 score" in page


def test_fewer_scores_than_were_sent_are_said_and_none_is_taken_back(any_desk: Desk) -> None:
    desk = any_desk
    desk.earn("fatima")
    desk.earn("marieke", 3)
    desk.deliver()
    assert EARLIER not in community_page(desk)
    sent = len(desk.posts())
    pick(desk, passback="completed")
    desk.deliver()
    assert len(desk.posts()) == sent
    assert "1 Ambitie : 1 score" in community_page(desk)
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 100)


def test_what_is_handed_on_to_nobody_is_said_to_be_ones_own(desk: Desk) -> None:
    desk.earn("fatima")
    activity = desk.world.activity("ambition")
    assert "In het cijferoverzicht ook wie daar cijfers mag zien." in desk.world.as_("fatima").launch(activity).text
    pick(desk, passback="none")
    page = desk.world.as_("fatima").launch(activity).text
    assert "Alleen jij." in page
    assert "cijferoverzicht" not in page
