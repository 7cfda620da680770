"""A facilitator who falls ill is replaced and comes back beside; somebody leaves and comes back; in the LMS's frame."""

import sqlite3

import pytest

from tests.browser.actors import DemoCommand
from tests.browser.conftest import LANGUAGES, Meet

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_facilitator_who_falls_ill_and_a_member_who_leaves(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.place()
    fatima, marieke = (meet(demo, name, language).launch() for name in ("fatima", "marieke"))
    with sqlite3.connect(demo.state / "leerkring.db") as database:
        database.execute("UPDATE member SET facilitated_on = '2020-01-06' WHERE facilitates")
    database.close()
    fatima.follow("/home")
    fatima.inspect("nobody-facilitates")
    fatima.follow("/take-over")
    fatima.inspect("take-over")
    fatima.submit("/take-over", {})
    fatima.follow("/role")
    fatima.inspect("role-of-who-facilitates")
    wout = meet(demo, "wout", language).launch()
    wout.inspect("welcome-of-who-facilitated")
    wout.place.locator("form button[name=choice]").click()
    wout.settle()
    wout.follow("/home")
    wout.follow("/role")
    marieke.follow("/home")
    marieke.inspect("who-facilitates-now")
    assert fatima.text() != marieke.text()
    marieke.follow("/role")
    marieke.inspect("role")
    marieke.follow("/leave")
    marieke.inspect("leave")
    marieke.submit("/leave", {})
    marieke.inspect("back")
    marieke.submit("/welcome", {})
    assert marieke.place.locator("form[action$='/idea']").count()
    mieke = meet(demo, "mieke", language).launch("home")
    mieke.inspect("welcome-beside-facilitators")
    mieke.submit("/welcome", {"choice": "follow"})
    mieke.follow("/role")
    mieke.inspect("role-of-a-leader")
