"""Pots from an example, a session assigned beforehand, and room that comes free: each of the pages once, looked at."""

import datetime as dt
from typing import TypeVar

import pytest
from playwright.sync_api import expect

from lti_tool.demo.past.people import value
from tests.browser.actors import Caller, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet

pytestmark = pytest.mark.browser
Anyone = TypeVar("Anyone", Person, Caller)
HERE = ("fatima", "marieke", "youssef", "siobhan")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pots_from_an_example_and_what_comes_of_them(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*HERE)
    wout = meet(demo, "wout", language).launch("home")
    fatima, siobhan, _ = (Caller(demo, name).launch("home") for name in ("fatima", "siobhan", "youssef"))
    wout.follow("/hours")
    wout.follow("/hours/pots")
    wout.follow("/hours/pots/profiles")
    wout.inspect("profiles")
    wout.follow("?of=vo")
    wout.inspect("profile-pot")
    for _ in range(3):
        who = [value(wout.choices("/hours/pots", "approvers"), "Siobh")]
        wout.submit("/hours/pots", {"approvers": who, "cap1_most": "60", "cap1_per": "period"})
    wout.inspect("pots")

    wout.launch("home").follow("/hours/sessions")
    day = (dt.date.today() + dt.timedelta(days=7)).isoformat()  # noqa: DTZ011
    wout.submit("/hours/sessions", {"title": "Studiedag taal", "day": day, "begins": "13:00", "ends": "16:00"})
    to_approve(siobhan).submit("/hours/assign", {})

    # Two hours where one fits; what the first gives back is told, asked for, and given.
    fatima.follow("/hours")
    for line in ("Cursus feedback", "Boek over taal"):
        fatima.submit("/hours", {"line": line, "chip": "60"})
    # The form that takes all of them.
    to_approve(siobhan).submit("/hours/approve", {})
    looks = meet(demo, "fatima", language).launch("home")
    looks.follow("/hours")
    looks.submit("/hours/withdraw", {"words": "Ik was er niet."}, having={"entry": "1"})
    looks.inspect("room")
    looks.submit("/hours/room", {})
    asked = to_approve(meet(demo, "siobhan", language))
    expect(asked.place.locator("#coming .tag")).to_have_count(1)
    asked.inspect("room-asked")
    asked.submit("/hours/room/give", {})


def to_approve(siobhan: Anyone) -> Anyone:
    """To what waits for her."""
    siobhan.launch("home").follow("/hours")
    siobhan.follow("/hours/approve")
    return siobhan
