"""Several groups in a course, in Chromium: split by hand and by the LMS's groups, joined, and the way to another."""

import pytest
from playwright.sync_api import expect

from tests.browser.actors import Caller, DemoCommand
from tests.browser.conftest import ENGLISH, Meet
from tests.browser.halfway import administers

pytestmark = pytest.mark.browser


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", ENGLISH)
def test_an_administrator_splits_a_group_and_joins_it_again(demo: DemoCommand, meet: Meet, language: str) -> None:
    for name in ("fatima", "marieke"):
        Caller(demo, name).launch("home")
    administers(demo, "wout")
    demo.arrange("UPDATE seat SET group_ids = '3 4' WHERE person_id = (SELECT id FROM person WHERE sub = ?)",
                 demo.person("marieke"))  # fmt: skip
    wout = meet(demo, "wout", language).launch("home")
    wout.press(wout.place.locator("a[href*='/b/']").first)
    wout.follow("/courses")
    wout.press(wout.place.locator("tbody th a"))
    wout.follow("/divide")
    wout.inspect("divide")
    wout.refused("/divide/split", {"called": "Groep B"})
    wout.inspect("divide-refused", narrow=False)
    wout.place.locator("input[name=person]").first.check()
    wout.place.locator("#called").fill("Groep B")
    wout.press(wout.place.locator("form[action$='/divide/split'] button"))
    expect(wout.place.locator("input[name=shown]")).to_have_count(1)
    wout.inspect("divide-shown")
    wout.press(wout.place.locator("main form button.btn").first)
    wout.follow("/divide")
    wout.place.locator("input[name=group]").first.check()
    wout.place.locator("input[id^=called-]").first.fill("Groep 3")
    wout.press(wout.place.locator("form[action$='/divide/groups'] button"))
    wout.inspect("divide-by-groups-shown")
    wout.press(wout.place.locator("main form button.btn").first)
    # Whoever is in two goes from one to the other by a quiet way on home.
    demo.arrange("UPDATE member SET by_hand = 1 WHERE person_id = (SELECT id FROM person WHERE sub = ?)",
                 demo.person("marieke"))  # fmt: skip
    demo.arrange("UPDATE member SET standing = 'member' WHERE person_id = (SELECT id FROM person WHERE sub = ?)",
                 demo.person("marieke"))  # fmt: skip
    marieke = meet(demo, "marieke", language).launch("home")
    # Her page of the group that she leaves asks once more whether that has gone on.
    marieke.watch.allowed.add(403)
    expect(marieke.place.locator("#seats")).to_be_visible()
    marieke.inspect("two-communities")
    marieke.press(marieke.place.locator("form[action$='/seat'] button").first)
    expect(marieke.place.locator("#seats")).to_be_visible()
    wout.follow("/divide")
    wout.place.locator("#into").select_option(index=1)
    wout.press(wout.place.locator("form[action$='/divide/join'] button"))
    wout.inspect("join-shown")
    wout.press(wout.place.locator("main form button.btn").first)
    fatima = meet(demo, "fatima", language).launch("home")
    fatima.inspect("after-joining", narrow=False)
