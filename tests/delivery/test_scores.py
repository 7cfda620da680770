"""What is sent to the gradebook: 33, 67 and 100, from the first moment on, and never a zero."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import select, update

from lti_tool.domain import participation
from lti_tool.models import Community, Moment, OutboxRow
from tests.actors import World
from tests.delivery.desk import Desk, moment, opened


@pytest.mark.parametrize(
    ("passback", "posted"),
    [("moments", [33, 67, 100]), ("completed", [100]), ("none", []), ("nonsense", [33, 67, 100])],
)
def test_each_moment_is_a_third_and_a_placement_chooses_how_they_are_handed_on(
    world: World, clock: time_machine.Traveller, passback: str, posted: list[int]
) -> None:
    world.activity("ambition").custom["passback"] = passback
    desk = Desk(opened(world, "fatima", "marieke"), clock)
    desk.deliver()
    assert desk.posts() == [], "who did nothing yet gets no zero"
    for _ in range(3):
        desk.earn("fatima")
        desk.deliver()
        desk.move(2)
    assert desk.values("fatima") == posted
    assert desk.grade("fatima") == (posted[-1] if posted else None)
    assert desk.values("marieke") == []


@pytest.mark.parametrize(
    ("locale", "comments"),
    [
        ("nl", ["Deelname: 1 van 3 momenten.", "Deelname: 2 van 3 momenten.", "Deelname: 3 van 3 momenten."]),
        ("en", ["Participation: 1 of 3 moments.", "Participation: 2 of 3 moments.", "Participation: 3 of 3 moments."]),
    ],
)
def test_a_score_says_everything_ags_asks_and_its_comment_speaks_the_communitys_language(
    desk: Desk, locale: str, comments: list[str]
) -> None:
    with desk.tool.session() as session:
        session.execute(update(Community).values(locale=locale))
    start = dt.datetime.now(dt.UTC)
    for _ in range(3):
        desk.earn("fatima")
        desk.deliver()
        desk.move(1)
    assert desk.posts() == [
        {
            "userId": desk.world.person("fatima").id,
            "scoreGiven": given,
            "scoreMaximum": 100,
            "activityProgress": progress,
            "gradingProgress": "FullyGraded",
            "timestamp": (start + dt.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "comment": comment,
        }
        for second, (given, progress, comment) in enumerate(
            zip((33, 67, 100), ("InProgress", "InProgress", "Completed"), comments, strict=True)
        )
    ]
    found = desk.standing("fatima")
    assert found is not None
    assert found.comment == comments[-1]


def test_two_scores_for_one_person_lie_a_whole_second_apart_and_none_in_the_future(desk: Desk) -> None:
    desk.move(0.7)
    desk.earn("fatima")
    desk.earn("marieke")
    desk.deliver()
    desk.earn("fatima")
    desk.deliver()
    assert desk.values("fatima") == [33], "the second of the first score is not over"
    assert desk.values("marieke") == [33], "other people's seconds are their own"
    row = desk.row()
    assert (row.reason, row.done_at, row.stopped_at) == ("next_second", None, None)
    desk.move(0.31)
    desk.deliver()
    first, second = desk.posts("fatima")
    assert second["scoreGiven"] == 67
    assert moment(second) - moment(first) == dt.timedelta(seconds=1)
    assert moment(second) <= dt.datetime.now(dt.UTC)


def test_moments_earned_together_leave_as_one_score(desk: Desk) -> None:
    desk.earn("fatima", 3)
    assert len(desk.rows()) == 1
    desk.deliver()
    assert desk.values("fatima") == [100]


def test_a_moment_taken_back_lowers_our_own_score_but_never_to_zero(desk: Desk) -> None:
    desk.earn("fatima", 2)
    desk.deliver()
    desk.move(5)
    desk.lose("fatima")
    desk.deliver()
    assert desk.values("fatima") == [67, 33]
    desk.move(5)
    desk.lose("fatima")
    desk.deliver()
    assert desk.values("fatima") == [67, 33]
    assert desk.grade("fatima") == 33


def test_a_moment_marked_twice_is_sent_once(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    with desk.tool.session() as session:
        participation.mark(session, desk.run(session), desk.member(session, "fatima"), participation.Kind.INPUT)
    desk.deliver()
    assert len(desk.rows()) == 1
    assert desk.values("fatima") == [33]


def test_a_score_that_arrived_is_not_sent_again(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    with desk.tool.session() as session:
        participation.catch_up(session, desk.link())
    desk.move(60)
    desk.deliver()
    assert desk.values("fatima") == [33]
    assert desk.row().reason == "arrived_before"


def test_a_moment_that_is_rolled_back_leaves_no_row_behind(any_desk: Desk) -> None:
    class Trouble(Exception):
        pass

    def earn_in_vain() -> None:
        with any_desk.tool.session() as session:
            run, member = any_desk.run(session), any_desk.member(session, "fatima")
            participation.mark(session, run, member, participation.Kind.INPUT)
            session.flush()
            raise Trouble

    with pytest.raises(Trouble):
        earn_in_vain()
    assert any_desk.rows() == []
    any_desk.deliver()
    assert any_desk.posts() == []


def test_a_request_that_fails_after_the_moment_leaves_neither_moment_nor_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = desk.world.as_("fatima").launch().form("/idea")

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("lti_tool.circle.answering.redirect", fails)
    with pytest.raises(RuntimeError):
        form.submit(text="ze zelf vertellen", why="omdat het telt")
    with desk.tool.session() as session:
        assert session.scalars(select(Moment)).all() == []
        assert session.scalars(select(OutboxRow).where(OutboxRow.kind == "score")).all() == []


def test_a_row_holds_ids_and_nothing_of_anybody(desk: Desk) -> None:
    page = desk.world.as_("fatima").launch().form("/idea").submit(text="ze zelf vertellen", why="omdat het telt")
    assert page.status == 200
    row = desk.row()
    assert set(row.ids) == {"column", "person"}
    assert all(isinstance(value, int) for value in row.ids.values())


def test_the_receipt_follows_the_score(desk: Desk) -> None:
    desk.world.as_("fatima").launch().form("/idea").submit(text="ze zelf vertellen", why="omdat het telt")
    assert "Nog niet doorgegeven" in desk.receipt("fatima")
    desk.deliver()
    assert "Staat in het cijferoverzicht: 33 van 100" in desk.receipt("fatima")


def test_two_placements_of_one_step_each_get_the_score(desk: Desk) -> None:
    first = desk.world.activity("ambition")
    school = desk.lms.school
    second = school.add_activity(first.course_id, first.client_id, "Nog eens", url=first.url, custom=dict(first.custom))
    column = school.couple(second, 100, "leerkring-1-ambition", "participation")
    desk.earn("fatima", 2)
    desk.world.as_("marieke").launch(second)
    desk.deliver()
    assert desk.grade("fatima") == 67
    found = school.grade(column.id, desk.world.person("fatima").id)
    assert found is not None
    assert found.score == 67, "earned before this placement was known, and caught up"
