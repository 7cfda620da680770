"""A roster that loses many people at once is read once more before it is believed."""

import pytest
from sqlalchemy import select

from lti_tool.domain import cycle
from lti_tool.domain.community import doubt, listing
from lti_tool.lti.services import RosterEntry
from lti_tool.models import Community, Course, Seat
from tests.delivery.desk import Desk
from tests.delivery.test_roster import ENROLLED, ROSTER, again, everything


def drop(desk: Desk, *names: str) -> None:
    for name in names:
        desk.lms.school.drop(desk.world.course().id, desk.world.person(name).id)


def present(desk: Desk) -> int:
    with desk.tool.session() as session:
        return len(session.scalars(select(Seat).where(Seat.present)).all())


MANY = ("fatima", "youssef", "janwillem", "ruben")


def test_a_roster_that_loses_many_is_applied_when_a_second_one_an_hour_later_says_the_same(any_desk: Desk) -> None:
    desk = any_desk
    before = everything(desk)
    drop(desk, *MANY)
    again(desk)
    assert everything(desk) == before, "nothing of it is applied"
    row = desk.row(ROSTER)
    assert (row.reason, row.done_at, row.stopped_at) == ("roster_shrank", None, None)
    page = desk.world.as_("wout").launch().link("/community")
    assert "4 van jullie niet meer" in page.text
    assert "een uur later" in page.text
    desk.move(1800)
    again(desk)
    assert everything(desk) == before, "pressed too early it is not believed either"
    desk.move(1801)
    desk.deliver()
    assert present(desk) == ENROLLED - 4
    assert desk.course().roster == {"members": ENROLLED - 4, "new": 0, "gone": 4}
    assert "van jullie niet meer" not in desk.world.as_("wout").launch().link("/community").text


def test_a_second_roster_that_has_them_again_is_applied_at_once_and_nobody_was_gone(desk: Desk) -> None:
    drop(desk, *MANY)
    again(desk)
    for name in MANY:
        desk.lms.school.enrol(desk.world.course().id, desk.world.person(name).id, "student")
    desk.move(3601)
    desk.deliver()
    assert present(desk) == ENROLLED
    assert desk.course().roster == {"members": ENROLLED, "new": 0, "gone": 0}


def test_a_second_roster_that_loses_many_others_is_doubted_anew(desk: Desk) -> None:
    drop(desk, *MANY)
    again(desk)
    for name in MANY:
        desk.lms.school.enrol(desk.world.course().id, desk.world.person(name).id, "student")
    drop(desk, "marieke", "siobhan", "soren", "chantal")
    desk.move(3601)
    desk.deliver()
    assert (present(desk), desk.row(ROSTER).reason) == (ENROLLED, "roster_shrank")
    desk.move(3601)
    desk.deliver()
    assert present(desk) == ENROLLED - 4


@pytest.mark.parametrize(
    ("lost", "of", "believed"),
    [(3, 4, True), (4, 11, False), (4, 12, True), (5, 15, True), (5, 14, False), (9, 10, False)],
)
def test_many_are_more_than_three_and_more_than_a_third(any_desk: Desk, lost: int, of: int, believed: bool) -> None:
    with any_desk.tool.session() as session:
        course = Course(deployment_id=session.scalars(select(Course)).one().deployment_id, context_id="another")
        session.add(course)
        session.flush()
        entries = [RosterEntry(f"s{number}", "", "learner") for number in range(of)]
        listing.apply(session, course, "https://x.example", entries)
        waits = doubt.doubted(session, course, {entry.sub for entry in entries[lost:]})
        assert (waits is None) == believed


def test_while_a_roster_is_doubted_no_round_closes_because_people_seem_gone(desk: Desk) -> None:
    """Those whom it does not list are waited for as before."""
    names = ["fatima", "marieke", "youssef", "janwillem", "ruben"]
    for name in names[2:]:
        desk.world.as_(name).launch()
    drop(desk, *names[1:])
    again(desk)
    with desk.tool.session() as session:
        community = session.get_one(Community, desk.member(session, "fatima").community_id)
        assert cycle.present_members(session, community) == len(names)
