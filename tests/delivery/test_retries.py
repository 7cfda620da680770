"""Whatever goes wrong on the way, a score arrives once, as it was first written down (U4, U6, M24, M27)."""

import datetime as dt
from collections.abc import Callable
from email.utils import format_datetime

import pytest
import time_machine

from lti_tool.delivery.outcome import BACKOFF, BACKOFF_MAX, Later, Stop, answer_to, backoff
from lti_tool.demo.faults import FaultPlan
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_RESULT
from tests.delivery.desk import Desk, at_call, moment

Break = Callable[[FaultPlan], None]

# What breaks, the reason that is noted, and how often the score itself is posted until it arrives.
FAULTS: dict[str, tuple[Break, str, int]] = {
    "500": (lambda f: f.fail("scores", 500), "status_500", 2),
    "502": (lambda f: f.fail("scores", 502), "status_502", 2),
    "503": (lambda f: f.fail("scores", 503), "status_503", 2),
    "408": (lambda f: f.fail("scores", 408), "status_408", 2),
    "429": (lambda f: f.fail("scores", 429), "status_429", 2),
    "302 to a maintenance page": (
        lambda f: f.fail("scores", 302, headers={"Location": "/maintenance"}),
        "status_302",
        2,
    ),
    "taken, then 500": (lambda f: f.lose("scores"), "status_500", 1),
    "taken, then the connection breaks": (lambda f: f.drop("scores"), "connection", 1),
    "results 500": (lambda f: f.fail("results", 500), "status_500", 1),
    "results 429": (lambda f: f.fail("results", 429), "status_429", 1),
    "results are half a document": (lambda f: f.malform("results"), "not_json_200", 1),
    "results break off": (lambda f: f.drop("results"), "connection", 1),
    "token 500": (lambda f: f.fail("token", 500), "token_500", 1),
    "token 429": (lambda f: f.fail("token", 429), "token_429", 1),
    "token is half a document": (lambda f: f.malform("token"), "not_json_200", 1),
    "token breaks off": (lambda f: f.drop("token"), "connection", 1),
    # What the platform has against us it has against all scores: none of them is refused by it.
    "token 400": (lambda f: f.fail("token", 400), "token_400", 1),
    "token 401": (lambda f: f.fail("token", 401), "token_401", 1),
    "token 404": (lambda f: f.fail("token", 404), "token_404", 1),
    "token 409": (lambda f: f.fail("token", 409), "token_409", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_waited_out_and_the_same_payload_is_said_again(desk: Desk, fault: str) -> None:
    breaks, reason, posted = FAULTS[fault]
    desk.earn("fatima")
    breaks(desk.lms.faults)
    desk.deliver()
    row, score = desk.row(), desk.score("fatima")
    assert (row.reason, row.attempts, row.done_at, row.stopped_at, row.leased_until) == (reason, 1, None, None, None)
    pause = (row.due_at - dt.datetime.now(dt.UTC)).total_seconds()
    assert BACKOFF * 0.8 <= pause <= BACKOFF * 1.2
    assert score is not None
    assert (score.state, score.reason) == ("waiting", reason)
    assert "blijven het proberen" in desk.receipt("fatima")
    calls = len(desk.lms.calls)
    desk.deliver()
    assert len(desk.lms.calls) == calls, "not before its time"
    payload = score.payload
    assert payload is not None
    desk.move(pause)
    desk.deliver()
    assert desk.posts("fatima") == [payload] * posted
    assert desk.grade("fatima") == 33
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, score.arrived, score.payload, score.reason) == ("arrived", 33, None, None)
    assert desk.row().done_at is not None
    assert "33 van 100" in desk.receipt("fatima")


def test_the_payload_is_in_the_database_before_it_leaves(desk: Desk) -> None:
    desk.earn("fatima")
    kept = []
    at_call(desk.lms, 1, "scores", lambda: kept.append(desk.score("fatima")))
    desk.deliver()
    assert [each.payload for each in kept] == desk.posts("fatima")
    assert [each.tried for each in kept] == [[33]]


def _in(seconds: float) -> str:
    return format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (lambda: "120", 120),
        (lambda: " 7 ", 7),
        (lambda: _in(300), 300),
        (lambda: "0", 1),
        (lambda: _in(-50), 1),
        (lambda: "99999999", 86400),
        (lambda: _in(10 * 86400), 86400),
        (lambda: "soon", None),
        (lambda: "\u00b2", None),
        (lambda: "-5", None),
        (lambda: "", None),
    ],
    ids=["seconds", "spaces", "date", "zero", "past", "far", "far-date", "word", "superscript", "minus", "empty"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_in_seconds_and_as_a_date(
    clock: time_machine.Traveller, status: int, retry_after: Callable[[], str], seconds: float | None
) -> None:
    outcome = answer_to(OutboundError("status", status, retry_after()))
    assert outcome == Later(f"status_{status}", seconds)


def test_a_429_says_when_to_come_back_and_until_then_nobody_calls(desk: Desk) -> None:
    desk.lms.faults.fail("scores", 429, headers={"Retry-After": "90"})
    desk.earn("fatima")
    desk.deliver()
    calls = len(desk.lms.calls)
    desk.move(89)
    desk.deliver()
    assert len(desk.lms.calls) == calls
    desk.move(1)
    desk.deliver()
    assert desk.grade("fatima") == 33


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (OutboundError("status", 400), Stop("status_400")),
        (OutboundError("status", 401), Later("status_401")),
        (OutboundError("status", 403), Later("status_403")),
        (OutboundError("status", 405), Later("status_405")),
        (OutboundError("status", 415), Later("status_415")),
        (OutboundError("status", 404), Stop("status_404")),
        (OutboundError("token", 403), Later("token_403")),
        (OutboundError("no_scope_for_columns", 403), Stop("no_scope_for_columns_403")),
        (OutboundError("status", 422), Stop("status_422")),
        (OutboundError("private_address"), Stop("private_address")),
        (OutboundError("address_not_https"), Stop("address_not_https")),
        (OutboundError("timeout"), Later("timeout")),
        (OutboundError("scope_not_granted"), Later("scope_not_granted")),
        (ValueError("a bug"), Later("error")),
    ],
    ids=str,
)
def test_other_4xx_stop_and_everything_else_is_tried_again(error: Exception, outcome: Later | Stop) -> None:
    assert answer_to(error) == outcome


def test_the_pause_doubles_with_jitter_up_to_six_hours() -> None:
    for attempts in range(1, 40):
        usual = min(BACKOFF * 2 ** (attempts - 1), BACKOFF_MAX)
        found = {backoff(attempts) for _ in range(20)}
        assert len(found) > 1
        assert all(0.8 * usual <= each <= 1.2 * usual for each in found)
    assert backoff(0) > 0


@pytest.mark.parametrize("status", [400, 422])
def test_a_learners_score_that_is_refused_is_shown_as_refused_and_not_tried_again(desk: Desk, status: int) -> None:
    desk.lms.faults.fail("scores", status, times=9)
    desk.earn("fatima")
    desk.deliver()
    score, row = desk.score("fatima"), desk.row()
    assert score is not None
    assert (score.state, score.payload, score.reason) == ("refused", None, f"status_{status}")
    assert (row.stopped_at is not None, row.reason) == (True, f"status_{status}")
    desk.move(86400)
    desk.deliver()
    assert desk.values("fatima") == [33]
    assert "niet aan" in desk.receipt("fatima")
    desk.lms.faults.clear()
    desk.earn("fatima")
    desk.deliver()
    assert desk.grade("fatima") == 67, "what follows is tried afresh"


def test_a_person_who_left_the_course_is_refused_by_moodle_and_stops(desk: Desk) -> None:
    desk.lms.school.drop(desk.world.course().id, desk.world.person("fatima").id)
    desk.earn("fatima")
    desk.earn("marieke")
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert score.state == "refused"
    assert desk.grade("marieke") == 33


# Something newer happens while an older score waits


def test_a_change_meanwhile_makes_a_new_payload_and_the_older_retry_never_overwrites_it(desk: Desk) -> None:
    desk.lms.faults.fail("scores", 500)
    desk.earn("fatima")
    desk.deliver()
    desk.move(1)
    desk.earn("fatima")
    desk.deliver()
    assert desk.grade("fatima") == 67
    desk.move(3600)
    desk.deliver()
    first, second = desk.posts("fatima")
    assert (first["scoreGiven"], second["scoreGiven"]) == (33, 67)
    assert moment(second) > moment(first)
    assert all(row.done_at for row in desk.rows()), "the older row has nothing left to say"
    assert desk.grade("fatima") == 67


def test_a_change_while_the_score_is_under_way_follows_it(desk: Desk) -> None:
    desk.earn("fatima")
    at_call(desk.lms, 1, "scores", lambda: desk.earn("fatima"))
    desk.deliver()
    desk.catch_up()
    assert desk.values("fatima") == [33, 67]
    assert desk.grade("fatima") == 67


def test_a_change_while_a_lost_answer_waits_replaces_what_was_taken(desk: Desk) -> None:
    desk.lms.faults.lose("scores")
    desk.earn("fatima")
    desk.deliver()
    assert desk.grade("fatima") == 33, "taken, though nobody told us"
    desk.move(1)
    desk.earn("fatima", 2)
    desk.catch_up()
    assert desk.values("fatima") == [33, 100], "a grade that may be ours is not taken for a teacher's"
    assert desk.grade("fatima") == 100


# 409: what stands there decides


def test_409_and_the_same_score_stands_there_means_it_arrived(desk: Desk) -> None:
    desk.lms.faults.lose("scores", status=409)
    desk.earn("fatima")
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, score.arrived) == ("arrived", 33)
    assert desk.values("fatima") == [33], "not doubled"


def test_409_and_nothing_of_ours_stands_there_means_to_say_it_again_later(desk: Desk) -> None:
    desk.lms.faults.fail("scores", 409)
    desk.earn("fatima")
    desk.deliver()
    assert desk.row().reason == "conflict"
    desk.catch_up()
    first, second = desk.posts("fatima")
    assert moment(second) > moment(first)
    assert desk.grade("fatima") == 33


def test_a_platform_that_says_409_for_ever_is_asked_ever_less_often(desk: Desk) -> None:
    desk.lms.faults.fail("scores", 409, times=99)
    desk.earn("fatima")
    pauses = []
    for _ in range(6):
        desk.deliver()
        pauses.append((desk.row().due_at - dt.datetime.now(dt.UTC)).total_seconds())
        desk.move(pauses[-1])
    assert pauses == sorted(pauses)
    assert pauses[-1] > 60
    assert len({each["timestamp"] for each in desk.posts("fatima")}) == 6


def test_409_because_a_teacher_was_faster_leaves_the_teachers_grade(desk: Desk) -> None:
    desk.earn("fatima")
    at_call(desk.lms, 1, "scores", lambda: desk.set_by_hand("fatima", 80))
    desk.deliver()
    desk.catch_up()
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, score.reason) == ("held", "set_by_hand")
    assert desk.grade("fatima") == 80


def test_without_the_results_service_a_409_is_settled_by_a_later_timestamp(desk: Desk) -> None:
    desk.change_link(scopes=desk.link().scopes.replace(SCOPE_RESULT, ""))
    desk.lms.faults.lose("scores")
    desk.earn("fatima")
    desk.deliver()
    desk.catch_up()
    assert desk.calls("results") == []
    first, again, last = desk.posts("fatima")
    assert first == again, "the retry repeats it, and Moodle refuses that with 409"
    assert moment(last) > moment(first)
    assert [call.status for call in desk.calls("scores")] == [500, 409, 200]
    assert desk.grade("fatima") == 33


def test_an_answer_of_200_that_makes_no_sense_is_still_a_yes(desk: Desk) -> None:
    desk.lms.faults.malform("scores")
    desk.earn("fatima")
    desk.deliver()
    assert desk.values("fatima") == [33]
    assert desk.row().done_at is not None
