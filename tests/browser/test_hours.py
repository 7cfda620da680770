"""A session that becomes hours: letters on the wall, a list, what somebody says of it, a pot, and who approves."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from lti_tool.demo.past.people import value
from tests.browser.actors import PHONE, Caller, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet

pytestmark = pytest.mark.browser
HERE = ("fatima", "marieke", "youssef", "siobhan")
WINDOW = {"width": 1300, "height": 900}
BIG = {"width": 1920, "height": 1080}
NAMES = {"fatima": "Fatima", "marieke": "Marieke", "youssef": "Youssef", "siobhan": "Siobh"}


def pot(wout: Person) -> None:
    """A pot that Siobhán approves, made by the form as it stands."""
    wout.follow("/hours")
    wout.follow("/hours/pots")
    siobhan = value(wout.choices("/hours/pots", "approvers"), NAMES["siobhan"])
    youssef = value(wout.choices("/hours/pots", "deputies"), NAMES["youssef"])
    wout.submit("/hours/pots", {"hours": "50", "approvers": [siobhan], "deputies": [youssef]})


def session(demo: DemoCommand, wout: Person) -> None:
    """A session that began three quarters of an hour ago."""
    wout.follow("/hours/sessions")
    wout.inspect("sessions")
    wout.submit("/hours/sessions", {"title": "Studiemiddag taal"})
    # The clock of the database: nobody waits for a session to last.
    demo.arrange("UPDATE hours_session SET begins_at = datetime('now', '-45 minutes')")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_becomes_hours(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*HERE)
    wout, fatima, siobhan = (meet(demo, name, language).launch("home") for name in ("wout", "fatima", "siobhan"))
    fatima.page.set_viewport_size({"width": PHONE, "height": 740})
    # Everybody has opened it: a list has names.
    youssef, _ = (Caller(demo, name).launch("home") for name in ("youssef", "marieke"))
    pot(wout)
    wout.inspect("pots")
    wout.launch("home")
    session(demo, wout)

    # The letters on the wall, typed on a phone.
    wout.follow("/letters")
    wout.page.set_viewport_size(BIG)
    wout.inspect("letters", narrow=False)
    shown = "".join(wout.place.locator(".letters b").all_inner_texts())
    assert re.fullmatch("[A-Z]{6}", shown)
    fatima.launch("home").inspect("are-you-here", wide=False)
    fatima.refused("/here", {"letters": "QQQQQQ"})
    assert fatima.form("/here").locator("[name=letters]").input_value() == "QQQQQQ"
    fatima.submit("/here", {"letters": shown.lower()})
    fatima.inspect("here")
    demo.arrange("UPDATE hours_attendance SET came_at = datetime('now', '-40 minutes')")

    # The others are ticked; then the list is closed, and one who is not on it says so.
    wout.page.set_viewport_size(WINDOW)
    wout.launch("home").follow("/hours/sessions/1")
    names = value(wout.choices("/list", "here"), NAMES["marieke"])
    wout.submit("/list", {"here": [names]})
    wout.inspect("list")
    wout.press(wout.place.locator('button[formaction$="/close"]'))
    wout.inspect("list-closed")
    youssef.follow("/hours/sessions")
    youssef.follow("/hours/sessions/1")
    youssef.submit("/dispute", {"came": ago(30), "left": ago(5), "words": "Ik zat achterin, mijn telefoon was leeg."})
    wout.launch("home").follow("/hours/sessions/1")
    wout.inspect("disputed")
    wout.submit("/correct", {"words": "Klopt, ik zag je."}, having={"person": person_of(wout, "dispute-")})

    # On a phone: what the session came to, and work of one's own in three taps.
    fatima.page.set_viewport_size({"width": PHONE, "height": 740})
    fatima.launch("home").follow("/hours#offers")
    fatima.inspect("offered")
    fatima.submit("/hours/attended", {})
    fatima.submit("/hours", {"line": "Film bekeken over taal in de keuken", "chip": "30"})
    fatima.inspect("my-hours")
    waits = said(fatima, r"1 uur 1\d min wacht", r"1 h 1\d min waits")
    expect(fatima.place.locator("main")).to_contain_text(re.compile(waits))

    # Approved by the keyboard.
    siobhan.launch("home").follow("/hours")
    siobhan.follow("/hours/approve")
    siobhan.inspect("to-approve")
    keys = siobhan.page.keyboard
    siobhan.place.locator("[data-entry] input").first.focus()
    keys.press("a")
    keys.press("j")
    keys.press("a")
    siobhan.enter(siobhan.place.locator("[data-entry] input").nth(1))
    expect(siobhan.place.locator("#done")).to_contain_text("2")
    counts = said(fatima, r"1 uur 1\d min van 50 uur telt mee", r"1 h 1\d min of 50 h counts")
    fatima.launch("home").follow("/hours")
    expect(fatima.place.locator("main")).to_contain_text(re.compile(counts))


def ago(minutes: int) -> str:
    """A time of day of the school, so many minutes ago."""
    return f"{dt.datetime.now(ZoneInfo('Europe/Amsterdam')) - dt.timedelta(minutes=minutes):%H:%M}"


def said(person: Person, dutch: str, english: str) -> str:
    """In the language of whoever reads it."""
    return {"nl": dutch, "en": english}[person.language]


def person_of(wout: Person, prefix: str) -> str:
    """The number in the id of the one card whose id begins so."""
    found = wout.place.locator(f'section[id^="{prefix}"]').get_attribute("id")
    return str(found).removeprefix(prefix)
