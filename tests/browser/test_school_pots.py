"""The school's pots in Chromium, for who administers: made, changed, lifted, closed; each page looked at."""

import pytest

from lti_tool.demo.past.people import value
from tests.browser.actors import Caller, DemoCommand
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.halfway import administers

pytestmark = pytest.mark.browser


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pots_of_a_school_from_the_first_to_the_end_of_a_period(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle("fatima", "marieke", "youssef")
    Caller(demo, "marieke").launch("home")
    administers(demo, "wout")
    maker = Caller(demo, "wout").launch("home")
    maker.follow("/hours")
    maker.follow("/hours/pots")
    who = [value(maker.choices("/hours/pots", "approvers"), "Mari")]
    maker.submit("/hours/pots", {"name": "Ontwikkeltijd van een team", "hours": "50", "approvers": who})
    wout = meet(demo, "wout", language)
    way = wout.launch("home").place.locator("a[href*='/b/']").first.get_attribute("href")
    assert way
    wout.follow(way)
    wout.follow("/pots")
    wout.inspect("pots-first")
    wout.follow("/lift")
    wout.inspect("lift")
    wout.submit("/lift", {})
    wout.inspect("pot-lifted")
    wout.follow("/pots")
    wout.watch.allowed.add(422)
    wout.submit("/pots", {"name": "Scholing", "hours": "83", "approves": "Jan de Vries"})
    wout.inspect("pots-wrong")
    year = {"first_day": "2024-08-01", "last_day": "2025-07-31"}
    named = f"id:{demo.person('fatima')}, directeur@school.example"
    wout.submit("/pots", {"name": "Scholing", "hours": "83", "approves": named, **year})
    wout.inspect("pot")
    wout.follow("/close")
    wout.inspect("close")
    wout.submit("/close", {})
    wout.inspect("pots-closed")
