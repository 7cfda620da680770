"""What a person set in the LMS stays, who has no grade there is sent none, and a column that is gone is said to be."""

from typing import Any

import pytest
from sqlalchemy import update

from lti_tool.demo.model import Grade
from lti_tool.models import Seat
from tests.delivery.desk import Desk, at_call, moment

# Set before anything was sent, or after 33 had arrived; guarded by the LMS itself (Moodle) or not (others).
HAND_SET = [
    (before, value, flagged) for before in (True, False) for value in (0, 20, 66, 80, 150) for flagged in (True, False)
]


@pytest.mark.parametrize(("before", "value", "flagged"), HAND_SET)
def test_a_grade_that_a_person_set_is_never_overwritten(desk: Desk, before: bool, value: int, flagged: bool) -> None:
    sent = 0
    if not before:
        desk.earn("fatima")
        desk.deliver()
        sent = 1
        desk.move(60)
    desk.set_by_hand("fatima", value, flagged)
    desk.earn("fatima")
    desk.earn("marieke")
    desk.deliver()
    score, row = desk.score("fatima"), next(row for row in desk.rows() if row.stopped_at)
    assert score is not None
    assert (score.state, score.reason, score.payload) == ("held", "set_by_hand", None)
    assert row.reason == "set_by_hand"
    assert len(desk.posts("fatima")) == sent
    assert desk.grade("marieke") == 33, "others are sent as ever"
    assert "met de hand" in desk.receipt("fatima")
    desk.move(60)
    desk.earn("fatima")
    desk.deliver()
    desk.move(86400)
    desk.deliver()
    assert desk.grade("fatima") == value
    assert len(desk.posts("fatima")) == sent


@pytest.mark.parametrize(("value", "arrived"), [(33, False), (67, False), (100, False), (67, True), (100, True)])
def test_a_grade_set_by_hand_to_a_score_that_was_only_held_back_stays_too(
    desk: Desk, value: int, arrived: bool
) -> None:
    """Held scores never left: finding one of them in the column does not make it ours."""
    if arrived:
        desk.earn("fatima")
        desk.deliver()
        desk.move(60)
    desk.set_by_hand("fatima", 80, flagged=False)
    while desk.current("fatima") < value:
        desk.earn("fatima")
        desk.deliver()
        desk.move(60)
    desk.set_by_hand("fatima", value, flagged=False)
    posts = len(desk.posts("fatima"))
    if value < 100:
        desk.earn("fatima")
    desk.deliver()
    assert desk.grade("fatima") == value
    assert len(desk.posts("fatima")) == posts


def test_a_grade_by_hand_that_is_taken_away_again_lets_the_next_moment_through(desk: Desk) -> None:
    desk.set_by_hand("fatima", 80)
    desk.earn("fatima")
    desk.deliver()
    desk.lms.school.grades.clear()
    desk.move(5)
    desk.earn("fatima")
    desk.deliver()
    assert desk.values("fatima") == [67]
    assert desk.grade("fatima") == 67


def test_a_grade_by_hand_that_happens_to_be_the_score_counts_as_arrived(desk: Desk) -> None:
    desk.set_by_hand("fatima", 33)
    desk.earn("fatima")
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert score.state == "arrived"
    assert desk.posts("fatima") == []


@pytest.mark.parametrize("fault", ["fail", "lose", "drop"])
def test_a_grade_set_by_hand_while_a_retry_waits_stays(desk: Desk, fault: str) -> None:
    getattr(desk.lms.faults, fault)("scores")
    desk.earn("fatima")
    desk.deliver()
    desk.move(2)
    desk.set_by_hand("fatima", 80, flagged=False)
    desk.catch_up()
    assert desk.grade("fatima") == 80
    assert len(desk.posts("fatima")) == 1
    score = desk.score("fatima")
    assert score is not None
    assert score.state == "held"


@pytest.mark.parametrize("maximum", [10, 20, 40, 3])
def test_our_own_grade_is_known_again_in_a_column_of_another_maximum(desk: Desk, maximum: int) -> None:
    desk.earn("fatima")
    desk.deliver()
    column = desk.column
    desk.lms.school.replace_column(
        column, column.label, maximum, column.resource_id, column.tag, column.resource_link_id
    )
    for _ in range(2):
        desk.move(60)
        desk.earn("fatima")
        desk.deliver()
    assert desk.values("fatima") == [33, 67, 100]
    assert desk.grade("fatima") == maximum


def test_moments_that_follow_each_other_fast_are_not_taken_for_a_grade_by_hand(desk: Desk) -> None:
    """The worker believes what it read of a column for some seconds, and its own scores change it meanwhile."""
    desk.earn("fatima")
    desk.deliver()
    for _ in range(2):
        desk.move(1)
        desk.earn("fatima")
        desk.work()
    assert desk.values("fatima") == [33, 67, 100]
    assert len(desk.calls("results")) == 2, "or the worker reads each time and this test shows nothing"


def test_a_lost_answer_followed_fast_by_another_moment_is_not_taken_for_a_grade_by_hand(desk: Desk) -> None:
    desk.earn("fatima")
    desk.work()
    desk.move(1)
    desk.lms.faults.lose("scores")
    desk.earn("fatima")
    desk.work()
    desk.move(1)
    desk.earn("fatima")
    desk.work()
    desk.move(30)
    desk.work()
    assert desk.grade("fatima") == 100


# Who has no grade in the course (M9, M24, M30, U18)


def _choose(desk: Desk, name: str, choice: str) -> None:
    page = desk.world.as_(name).launch().form("/welcome").submit(choice=choice)
    assert page.status == 200, page.text


@pytest.mark.parametrize("name", ["els", "mieke", "admin"])
def test_who_teaches_in_the_lms_is_never_sent_a_score_and_not_retried(desk: Desk, name: str) -> None:
    """A teaching assistant launches as Instructor and stands in the roster as Learner: Moodle would answer 400."""
    _choose(desk, name, "join")
    desk.earn(name)
    desk.earn("fatima")
    desk.deliver()
    score = desk.score(name)
    assert score is not None
    assert (score.state, score.payload) == ("not_gradable", None)
    settled = [row for row in desk.rows() if row.reason]
    assert [(row.reason, row.attempts, row.done_at is not None) for row in settled] == [("not_gradable", 1, True)]
    desk.move(86400)
    desk.earn(name)
    desk.deliver()
    assert desk.posts(name) == []
    assert desk.grade("fatima") == 33
    assert "geen cijfer" in desk.receipt(name)


@pytest.mark.parametrize(
    ("launch_role", "roster_role", "gradable"),
    [
        ("learner", "learner", True),
        ("learner", None, True),
        (None, "learner", True),
        ("instructor", "learner", False),
        ("learner", "instructor", False),
        ("instructor", None, False),
        (None, "instructor", False),
        ("", "", False),
        ("", None, False),
    ],
)
def test_only_a_learner_by_launch_and_by_roster_is_graded(
    launch_role: str | None, roster_role: str | None, gradable: bool
) -> None:
    assert Seat(launch_role=launch_role, roster_role=roster_role).gradable is gradable


def test_a_score_follows_once_somebody_has_become_a_learner(desk: Desk) -> None:
    _choose(desk, "els", "join")
    desk.earn("els")
    desk.deliver()
    sub = desk.world.person("els").id
    desk.lms.school.enrol(desk.world.course().id, sub, "student")
    desk.world.as_("els").launch()
    desk.earn("els")
    desk.deliver()
    assert desk.grade("els") == 67


# A column that is gone


def test_a_grade_that_is_no_number_was_set_by_hand(desk: Desk) -> None:
    """O7: a letter stands there; a score of ours would replace it."""
    desk.earn("fatima")
    sub = desk.world.person("fatima").id
    desk.lms.school.grades[desk.column.id, sub] = Grade(desk.column.id, sub, "B", "", 0)  # type: ignore[arg-type]
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, desk.posts()) == ("held", [])


def _column_is_gone(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    desk.lms.school.delete_column(desk.column.id)
    desk.move(60)
    desk.earn("fatima")
    desk.earn("marieke")
    desk.deliver()


def test_a_column_that_is_gone_stops_its_scores_and_says_so(desk: Desk) -> None:
    _column_is_gone(desk)
    assert desk.item().gone
    for name in ("fatima", "marieke"):
        score = desk.score(name)
        assert score is not None
        assert (score.state, score.reason, score.payload) == ("gone", "column_gone", None)
        assert "verwijderd" in desk.receipt(name)
    assert {row.reason for row in desk.rows() if row.stopped_at} == {"column_gone"}
    calls = len(desk.lms.calls)
    desk.move(86400)
    desk.earn("marieke")
    desk.deliver()
    later = desk.lms.calls[calls:]
    assert [call for call in later if call.name in ("scores", "results")] == []
    assert {call.method for call in later if call.name == "lineitems"} == {"GET"}, "looked for, as the page was opened"


def test_a_column_found_gone_when_the_score_is_posted_is_the_same(desk: Desk) -> None:
    at_call(desk.lms, 1, "scores", lambda: desk.lms.school.delete_column(desk.column.id))
    desk.earn("fatima")
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, desk.item().gone) == ("gone", True)


def test_a_later_launch_with_a_new_column_brings_back_all_scores_also_those_that_had_arrived(desk: Desk) -> None:
    """U4: the new column is empty, so what arrived in the old one has not arrived here."""
    desk.earn("marieke")
    _column_is_gone(desk)
    desk.world.as_("wout").launch()
    desk.deliver()
    assert desk.item().gone, "a launch without a column changes nothing"
    desk.move(1)
    desk.lms.school.couple(desk.world.activity("ambition"), 100, "leerkring-1-ambition", "participation")
    desk.world.as_("wout").launch()
    assert not desk.item().gone
    desk.deliver()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (67, 67)
    assert "67 van 100" in desk.receipt("fatima")


def test_another_column_named_by_the_launch_after_the_old_one_went_gets_scores_that_had_arrived(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    desk.change_item(gone=True)
    desk.lms.school.delete_column(desk.column.id)
    desk.lms.school.couple(desk.world.activity("ambition"), 100)
    desk.move(1)
    desk.world.as_("marieke").launch()
    desk.deliver()
    assert desk.grade("fatima") == 33
    first, second = desk.posts("fatima")
    assert moment(second) > moment(first)


def test_a_launch_that_still_names_the_lost_column_makes_one_more_attempt_and_no_more(desk: Desk) -> None:
    _column_is_gone(desk)
    lost: dict[str, Any] = {
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
            "scope": desk.link().scopes.split(),
            "lineitems": desk.link().line_items_url,
            "lineitem": desk.item().url,
        }
    }
    desk.world.as_("fatima").launch(**lost)
    calls = len(desk.lms.calls)
    for _ in range(3):
        desk.deliver()
        desk.move(60)
    assert [call.name for call in desk.lms.calls[calls:] if call.name in ("scores", "results")].count("results") <= 2
    assert desk.item().gone


def test_a_seat_that_is_gone_by_the_time_leaves_the_score_unsent(desk: Desk) -> None:
    desk.earn("fatima")
    with desk.tool.session() as session:
        member = desk.member(session, "fatima")
        session.execute(update(Seat).where(Seat.person_id == member.person_id).values(launch_role="", roster_role=""))
    desk.deliver()
    assert desk.posts() == []
    assert desk.row().reason == "not_gradable"
