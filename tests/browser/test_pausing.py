"""A pause over the summer, and a cycle that is ended together before its steps are done."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from lti_tool.db import now
from lti_tool.demo.past import HOME
from lti_tool.domain.cycle import midnights
from tests.browser.actors import DemoCommand
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.halfway import Callers

pytestmark = pytest.mark.browser

IDEA = "leerlingen vragen meer aan elkaar"
SUMMER = dt.timedelta(weeks=6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pause_over_the_summer_and_an_end_by_consent(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle("fatima", "marieke", "youssef", away=["youssef"])
    go = Callers(demo)
    go("marieke", HOME)
    go("fatima", "ambition").submit("/idea", {"text": IDEA, "why": "dat helpt ze verder"})
    go("mieke", HOME).submit("/welcome", {"choice": "follow"})
    wout, fatima, marieke, mieke = (meet(demo, name, language) for name in ("wout", "fatima", "marieke", "mieke"))
    wout.launch().follow("/pause")
    wout.inspect("pause")
    day = midnights.day_of(now(), ZoneInfo("Europe/Amsterdam")) + SUMMER
    wout.submit("/pause", {"day": day.isoformat()})
    wout.inspect("paused-for-who-facilitates")
    fatima.launch()
    fatima.inspect("paused-with-one-s-own-idea")
    assert IDEA in fatima.text()
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
    go("marieke", "ending").submit("/answer", {"answer": "agree"})
    fatima.submit("/answer", {"answer": "agree"})
    fatima.inspect("ended-by-consent")
    fatima.launch()
    fatima.inspect("ended-in-a-step")
    wout.launch("home")
    wout.inspect("ended-to-begin-again")
    wout.submit("/next-cycle", {})
    wout.inspect("begun-again")
