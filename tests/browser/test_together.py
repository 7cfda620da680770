"""A meeting as people see it: beamer, conductor and two phones, which are in the new round by themselves."""

import re

import pytest
from playwright.sync_api import Locator, expect

from lti_tool.demo.past.people import value
from tests.browser.actors import PATIENCE, PHONE, Caller, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet

pytestmark = pytest.mark.browser
HERE = ("fatima", "marieke", "youssef")
BIG = {"width": 1920, "height": 1080}
# As when a phone is taken up again: it looks at once.
WAKE = """() => { Object.defineProperty(document, 'hidden', { value: false, configurable: true });
  dispatchEvent(new Event('online')) }"""
SLEEP = "() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
# Whether the instructions' letters are as high as an eighteenth of the screen, as the browser says how high that is.
LETTERS = """() => [...document.querySelectorAll(".beamer h1, .beamer .huge")]
  .every((each) => parseFloat(getComputedStyle(each).fontSize) >= screen.height / 18)"""


def shows(where: Person | Locator, words: str) -> None:
    """It comes to stand there by itself: nobody touches this screen."""
    place = where.place.locator("body") if isinstance(where, Person) else where
    expect(place).to_contain_text(re.compile(words), timeout=PATIENCE * 1000)


def said(person: Person, dutch: str, english: str) -> str:
    """In the language of whoever reads it."""
    return {"nl": dutch, "en": english}[person.language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_beamer_and_phones_are_in_the_new_round_and_who_types_is_told_and_not_moved(
    demo: DemoCommand, meet: Meet, language: str
) -> None:
    demo.settle(*HERE)
    wout, fatima, marieke = (meet(demo, name, language).launch() for name in ("wout", "fatima", "marieke"))
    for phone in (fatima, marieke):
        phone.page.set_viewport_size({"width": PHONE, "height": 740})
    wout.follow("/together")
    wout.inspect("agenda")
    wout.submit("/together", {}, having={"first": "ambition.ideas"})
    # Its second tab begins a session anew: a look that was under way then is refused, and the next one is not.
    wout.watch.allowed.add(401)
    screen = wout.tab().launch("home")
    screen.follow("/together/beamer")
    screen.page.set_viewport_size(BIG)
    for phone in (fatima, marieke):
        phone.place.evaluate(WAKE)

    # Instructions are read from the back of the room, whatever the frame around them.
    screen.place.wait_for_function(LETTERS, timeout=PATIENCE * 1000)
    expect(screen.place.locator("svg.qr")).to_be_visible()
    shows(screen, said(screen, "ronde 1 van", "round 1 of"))
    screen.inspect("beamer-hidden", narrow=False)

    live = screen.place.locator("#live")
    marieke.submit("/idea", {"text": "ze weten waarvoor ze iets leren", "why": "Dat geeft rust."})
    shows(live, said(screen, "1 van de 3", "1 of 3"))
    youssef = Caller(demo, "youssef").launch()
    youssef.submit("/idea", {"text": "ze lezen elke dag iets", "why": "Dat helpt later."})
    text = fatima.form("/idea").locator("textarea").first
    text.fill("ze durven iets te vragen")

    wout.inspect("conductor")
    wout.submit("/together/next", {})
    shows(wout, demo_name(demo, "fatima"))
    marieke.place.evaluate(SLEEP)
    wout.submit("/together/next", {}, having={"confirmed": "1"})
    shows(live, said(screen, "ronde 2 van", "round 2 of"))
    shows(live, "ze lezen elke dag iets")
    screen.inspect("beamer-revealed", narrow=False)

    # Who typed stays, with the words; who slept comes along on waking up.
    shows(fatima.place.locator("#told"), said(fatima, "We zijn bij ronde 2", "We are at round 2"))
    expect(text).to_have_value("ze durven iets te vragen")
    fatima.inspect("told-and-not-moved", wide=False)
    fatima.page.set_viewport_size({"width": PHONE, "height": 740})
    assert "ze lezen elke dag iets" not in marieke.text()
    marieke.place.evaluate(WAKE)
    shows(marieke, "ze lezen elke dag iets")
    fatima.press(fatima.place.locator("#told a"))
    assert "ze lezen elke dag iets" in fatima.text()
    assert fatima.place.locator("textarea").evaluate_all(
        "(all, words) => all.some((each) => each.value === words)", "ze durven iets te vragen"
    )

    # A colleague without a phone: heard at once.
    wout.follow("/note")
    who = value(wout.choices("/note", "member"), "Youssef")
    wout.submit("/note", {"member": who, "text": "daar doe ik graag aan mee"}, having={"deed": "respond"})
    shows(live, said(screen, "1 van de 3", "1 of 3"))
    wout.inspect("noted")
    wout.follow("/together/conduct")
    wout.submit("/together/park", {"thought": "hoe doen we dit met de stages?"})
    shows(live, "hoe doen we dit met de stages")
    wout.submit("/together/end", {})
    wout.inspect("taken-away")


def demo_name(demo: DemoCommand, username: str) -> str:
    """How the LMS calls somebody."""
    return next(each.name for each in demo.school.people.values() if each.username == username)
