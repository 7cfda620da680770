"""A pause over the summer, and a cycle that is ended together before its steps are done."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from lti_tool.db import now
from lti_tool.domain.cycle import midnights
from tests.browser.actors import DemoCommand
from tests.browser.conftest import LANGUAGES, Meet

pytestmark = pytest.mark.browser

SUMMER = dt.timedelta(weeks=6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pause_over_the_summer_and_an_end_by_consent(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle("fatima", "marieke", "youssef", away=["youssef"])
    wout, fatima, marieke, mieke = (meet(demo, name, language) for name in ("wout", "fatima", "marieke", "mieke"))
    marieke.launch()
    fatima.launch().submit("/idea", {"text": "leerlingen vragen meer aan elkaar", "why": "dat helpt ze verder"})
    mieke.launch("home").submit("/welcome", {"choice": "follow"})
    wout.launch().follow("/pause")
    wout.inspect("pause")
    day = midnights.day_of(now(), ZoneInfo("Europe/Amsterdam")) + SUMMER
    wout.submit("/pause", {"day": day.isoformat()})
    wout.inspect("paused-for-who-facilitates")
    fatima.launch()
    fatima.inspect("paused-with-one-s-own-idea")
    assert "leerlingen vragen meer aan elkaar" in fatima.text()
    assert not fatima.place.locator("form[action$='/idea']").count()
    mieke.launch("home")
    mieke.inspect("paused-for-a-leader")
    wout.follow("/pause")
    wout.inspect("pause-to-end")
    wout.submit("/pause/over", {})
    fatima.launch("home")
    fatima.follow("/community")
    fatima.inspect("community-with-pausing-and-ending")
    fatima.follow("/step/ending")
    fatima.inspect("ending-not-begun")
    fatima.submit("/begin", {})
    fatima.submit("/put", {"text": "samen lezen helpt ons", "lessons": "begin klein"})
    fatima.inspect("ending-put-to-all")
    marieke.launch("home")
    marieke.inspect("asked-whether-to-end")
    for person in (marieke, fatima):
        person.launch("home").follow("/step/ending")
        person.submit("/answer", {"answer": "agree"})
    fatima.inspect("ended-by-consent")
    fatima.launch()
    fatima.inspect("ended-in-a-step")
    wout.launch("home")
    wout.inspect("ended-to-begin-again")
    wout.submit("/next-cycle", {})
    wout.inspect("begun-again")
