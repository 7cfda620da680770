"""Tokens serve many scores and are replaced once; a slow LMS is given up and comes again (U19, M4, M19)."""

import threading
import time
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.delivery import worker as worker_module
from lti_tool.demo.model import Column
from lti_tool.domain import outbox
from lti_tool.lti import outbound
from lti_tool.lti.services import SCOPE_RESULT, SCOPE_SCORE
from lti_tool.models import PlatformRest, Registration
from tests.delivery.desk import Desk, at_call
from tests.lti.site import Dripping


def test_a_forgotten_token_is_replaced_once_and_the_score_arrives(desk: Desk) -> None:
    desk.earn("fatima")
    desk.deliver()
    desk.move(60)
    before = len(desk.calls("token"))
    desk.lms.tokens.forget()
    desk.earn("fatima")
    desk.deliver()
    assert desk.grade("fatima") == 67
    assert len(desk.calls("token")) - before == 1, "one for all that the tool may do"
    assert [call.status for call in desk.calls("results")] == [200, 401, 200]
    assert [call.status for call in desk.calls("scores")] == [200, 200]


def test_a_token_that_is_refused_twice_stops_the_asking(desk: Desk) -> None:
    desk.lms.faults.fail("scores", 401, times=9)
    desk.earn("fatima")
    desk.deliver()
    assert len(desk.calls("scores")) == 2
    assert desk.row().reason == "status_401"


def test_one_token_and_one_reading_of_the_grades_serve_a_whole_class(desk: Desk) -> None:
    names = ["youssef", "janwillem", "siobhan", "soren", "chantal", "ruben"]
    for name in names:
        desk.world.as_(name).launch()
    begun = len(desk.lms.calls)
    for name in ["fatima", "marieke", *names]:
        desk.earn(name)
    desk.deliver()
    count = {name: sum(call.name == name for call in desk.lms.calls[begun:]) for name in ("token", "results", "scores")}
    assert count == {"token": 1, "results": 1, "scores": 8}


def test_a_token_is_asked_for_again_shortly_before_it_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.earn("fatima")
    desk.work()
    monotonic = time.monotonic
    for passed, tokens in ((3500, 1), (3541, 2)):
        monkeypatch.setattr("lti_tool.lti.services.time.monotonic", lambda passed=passed: monotonic() + passed)
        desk.move(2)
        desk.earn("fatima")
        desk.work()
        assert len(desk.calls("token")) == tokens
    assert desk.grade("fatima") == 100


def test_scores_are_sent_where_a_token_does_not_allow_to_read_results(desk: Desk) -> None:
    """M4: the scopes of the registration and of the launch may promise what the token does not hold."""
    tool = desk.lms.school.tools[desk.world.client_id]
    tool.scopes.remove(SCOPE_RESULT)
    desk.earn("fatima")
    desk.deliver()
    assert desk.grade("fatima") == 33
    assert desk.calls("results") == []


def test_a_scope_that_is_not_granted_keeps_the_score_until_it_is(desk: Desk) -> None:
    tool = desk.lms.school.tools[desk.world.client_id]
    tool.scopes.remove(SCOPE_SCORE)
    desk.earn("fatima")
    desk.deliver()
    assert desk.row().reason == "scope_not_granted"
    tool.scopes.append(SCOPE_SCORE)
    desk.catch_up()
    assert desk.grade("fatima") == 33


def test_a_tool_that_is_switched_off_for_a_while_loses_no_score(desk: Desk) -> None:
    tool = desk.lms.school.tools[desk.world.client_id]
    tool.active = False
    desk.earn("fatima")
    desk.earn("marieke")
    desk.deliver()
    assert {row.reason for row in desk.rows()} == {"token_400"}
    desk.move(7 * 86400)
    tool.active = True
    desk.catch_up()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 33)


# A slow LMS


def test_a_call_that_takes_too_long_is_given_up_and_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    at_call(desk.lms, 1, "scores", lambda: let_go.wait(10))
    desk.earn("fatima")
    with monkeypatch.context() as patch:
        patch.setattr(outbound, "TIMEOUT", (1, 0.15))
        desk.deliver()
    assert desk.row().reason == "timeout"
    let_go.set()
    desk.catch_up()
    assert desk.grade("fatima") == 33


def test_a_platform_that_drips_rests_and_others_are_served(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte now and then is no answer, and keeps no sender for longer than a call may take."""
    with Dripping(
        b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 400 + b'\r\nContent-Length: 11\r\n\r\n{"keys":[]}'
    ) as dripping:
        with desk.tool.session() as session:
            urls = {"auth_login_url": "", "auth_token_url": "", "key_set_url": dripping.url}
            other = Registration(issuer="https://drips.example", client_id="c", **urls)
            session.add(other)
            session.flush()
            outbox.put(session, outbox.Kind.KEY_SET, "drips", platform=other.id, registration=other.id)
        desk.earn("fatima")
        monkeypatch.setattr(outbound, "WHOLE", 1.0)
        desk.deliver()
    assert desk.grade("fatima") == 33
    with desk.tool.session() as session:
        (rest,) = session.scalars(select(PlatformRest))
        assert rest.registration_id == other.id
    assert desk.row(outbox.Kind.KEY_SET).reason == "key_set"


def test_what_a_slow_platform_holds_up_does_not_keep_others_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_AGAIN", 0.02)
    held, let_go, arrived = threading.Event(), threading.Event(), threading.Event()
    record = desk.lms.school.record_score
    slow = desk.world.person("fatima").id

    def hold(column: Column, person_id: str, *rest: Any) -> None:
        if person_id == slow:
            held.set()
            assert let_go.wait(10)
        record(column, person_id, *rest)
        arrived.set()

    monkeypatch.setattr(desk.lms.school, "record_score", hold)
    desk.earn("fatima")
    working = threading.Thread(target=desk.deliver)
    working.start()
    assert held.wait(10)
    desk.earn("marieke")
    assert arrived.wait(10)
    assert (desk.grade("marieke"), desk.grade("fatima")) == (33, None)
    let_go.set()
    working.join(10)
    assert desk.grade("fatima") == 33
