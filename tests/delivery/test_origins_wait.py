"""An origin that nobody has allowed is told as an alarm is: to the operator, the metrics and the facilitator."""

from typing import Any

import structlog
from sqlalchemy import select

from lti_tool.db import db
from lti_tool.delivery import alarms
from lti_tool.demo.vocab import NRPS_CLAIM
from lti_tool.lti import origins
from lti_tool.models import Registration
from tests.actors import Page
from tests.delivery.desk import Desk
from tests.delivery.test_refusals import said

ELSEWHERE = "https://api.elders.example"
ADMIT = f"leerkring platform admit 1 {ELSEWHERE}"
CLAIM: dict[str, Any] = {
    NRPS_CLAIM: {"context_memberships_url": ELSEWHERE + "/people", "service_versions": ["2.0"]},
}


def community(page: Page) -> Page:
    """The community's page, also for who has no link to it."""
    return page.browser.get(page.url.rpartition("/")[0] + "/community")


def told(desk: Desk) -> tuple[str, int]:
    """What the operator reads, and what the metrics count."""
    with desk.tool.app.app_context():
        return said(desk), alarms.count(db.session())


def admit(desk: Desk) -> None:
    with desk.tool.session() as session:
        origins.admit(session, session.scalars(select(Registration)).one(), ELSEWHERE)


def test_the_roster_that_a_launch_names_elsewhere_is_told_until_it_is_allowed(any_desk: Desk) -> None:
    desk = any_desk
    assert told(desk) == ("", 0)
    page = desk.world.as_("wout").launch(**CLAIM)
    sentences, count = told(desk)
    dutch, english = sentences.splitlines()
    for sentence in (dutch, english):
        assert f"{ELSEWHERE}. " in sentence
        assert sentence.endswith(ADMIT)
        assert "%" not in sentence
    assert ("niets heen" in dutch, "Nothing is sent" in english, count) == (True, True, 1)
    assert f"een adres dat Leerkring nog niet kent: {ELSEWHERE}." in community(page).text
    other = community(desk.world.as_("marieke").launch(**CLAIM))
    assert (other.status, ELSEWHERE in other.text) == (200, False), "it is the facilitator's business"
    admit(desk)
    assert ELSEWHERE not in community(page).text
    assert told(desk) == ("", 0)


def test_a_column_that_the_lms_lists_elsewhere_is_told_too_and_once(desk: Desk) -> None:
    """No launch names it: it waited without a word."""
    page = desk.world.as_("wout").launch()
    desk.change_item(url=ELSEWHERE + "/columns/1")
    for name in ("fatima", "marieke"):
        desk.earn(name)
    with structlog.testing.capture_logs() as lines:
        desk.deliver()
        desk.move(3600)
        desk.deliver()
    assert {row.reason for row in desk.rows()} == {"origin_waits"}
    assert [line["origins"] for line in lines if line["event"] == "origin_waits"] == [[ELSEWHERE]]
    assert told(desk)[1] == 1
    assert ADMIT in told(desk)[0]
    assert ELSEWHERE in community(page).text
