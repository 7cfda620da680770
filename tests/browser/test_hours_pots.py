"""Pots from an example, a session assigned beforehand, and room that comes free: each of the pages once, looked at."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from lti_tool.demo.past.people import value
from tests.browser.actors import Caller, DemoCommand
from tests.browser.conftest import LANGUAGES, Meet

pytestmark = pytest.mark.browser
HERE = ("fatima", "marieke", "youssef", "siobhan")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pots_from_an_example_and_what_comes_of_them(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*HERE)
    wout, fatima, siobhan = (meet(demo, name, language).launch("home") for name in ("wout", "fatima", "siobhan"))
    Caller(demo, "youssef").launch("home")
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
    siobhan.follow("/hours")
    siobhan.follow("/hours/approve")
    siobhan.submit("/hours/assign", {})
    expect(siobhan.place.locator("#coming .tag")).to_have_count(1)

    # Two hours where one fits; what the first gives back is told, asked for, and given.
    for line in ("Cursus feedback", "Boek over taal"):
        fatima.launch("home").follow("/hours")
        fatima.submit("/hours", {"line": line, "chip": "60"})
    siobhan.launch("home").follow("/hours")
    siobhan.follow("/hours/approve")
    # The form that takes all of them.
    siobhan.submit("/hours/approve", {})
    fatima.launch("home").follow("/hours")
    fatima.submit("/hours/withdraw", {"words": "Ik was er niet."}, having={"entry": "1"})
    fatima.inspect("room")
    fatima.submit("/hours/room", {})
    siobhan.launch("home").follow("/hours")
    siobhan.follow("/hours/approve")
    siobhan.inspect("room-asked")
    siobhan.submit("/hours/room/give", {})
