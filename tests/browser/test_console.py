"""The administrators' console in Chromium: all courses, one of them, what goes with it, and the turn of a year."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from lti_tool.db import now
from tests.browser.actors import PATIENCE, DemoCommand
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.halfway import administers

pytestmark = pytest.mark.browser
# By them the course wants a hand.
WANTING = (
    "UPDATE member SET facilitates = 0 WHERE community_id = 1",
    "UPDATE cycle SET moved_at = '2026-01-05 09:00:00' WHERE community_id = 1",
)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_administrator_sees_what_wants_a_hand_and_does_something_about_it(
    demo: DemoCommand, meet: Meet, language: str
) -> None:
    administers(demo, "wout")
    for statement in WANTING:
        demo.arrange(statement)
    wout = meet(demo, "wout", language).launch("home")
    wout.press(wout.place.locator("a[href*='/b/']").first)
    wout.inspect("administration")
    wout.follow("/courses")
    expect(wout.place.locator("tbody tr")).to_have_count(1)
    wout.inspect("courses")
    wout.press(wout.place.locator("a[href*='want=no_facilitator']"))
    expect(wout.place.locator("tbody tr")).to_have_count(1)
    wout.inspect("courses-without-a-facilitator")
    wout.press(wout.place.locator("tbody th a"))
    wout.inspect("course")
    wout.refused("/facilitator", {"person": ""})
    wout.inspect("course-refused", narrow=False)
    name = wout.place.locator("#facilitator option").nth(1).get_attribute("value")
    wout.submit("/facilitator", {"person": str(name)})
    wout.follow("/delete")
    wout.inspect("course-delete")
    wout.press(wout.place.locator(".bar a"))
    wout.follow("/deployments")
    wout.inspect("deployments")
    wout.press(wout.place.locator(".bar a"))
    wout.follow("/year")
    wout.inspect("year")
    wout.submit("/year", {"what": "pause", "until": (now() + dt.timedelta(days=9)).date().isoformat()})
    expect(wout.place.locator("form.next button")).to_be_visible(timeout=PATIENCE * 1000)
    wout.inspect("year-shown")
    wout.press(wout.place.locator("form.next button"))
    expect(wout.place.locator("p.box[role=status]")).to_be_visible(timeout=PATIENCE * 1000)
    wout.inspect("year-done")
