"""What stands beside the steps: looked at in the LMS's frame; with --all in both languages."""

import pytest
from playwright.sync_api import expect

from tests.browser.actors import DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.halfway import Callers, anew

pytestmark = pytest.mark.browser
MEMBERS = ("fatima", "marieke", "youssef", "janwillem", "soren")
ITEMS = ("practice", "workplace", "inquiry", "interaction", "time", "policy")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_journal_the_announcement_agreements_and_the_conditions_check(
    demo: DemoCommand, meet: Meet, language: str
) -> None:
    """Søren, who keeps the journal, reads English."""
    demo.settle(*MEMBERS)
    the_journal_and_the_line_about_oneself(meet(demo, "soren", "en"))
    wout = meet(demo, "wout", language).launch()
    the_announcement(wout)
    fatima = meet(demo, "fatima", language)
    go = Callers(demo)
    for name in MEMBERS:
        go(name, "home")
    agreements_and_the_conditions_check(go, wout, fatima)


def the_journal_and_the_line_about_oneself(soren: Person) -> None:
    soren.launch("home").inspect("home")
    soren.follow("/journal")
    soren.inspect("journal-empty")
    soren.submit("/journal", {"text": "Vandaag lieten ze zelf zien wat ze konden.\n\nDat verraste me."})
    soren.inspect("journal-written")
    soren.refused("/journal", {"text": " "})
    soren.inspect("journal-refused")
    soren.follow("/home")
    soren.follow("/community")
    soren.submit("/community/ask-me", {"ask_me": "stages in de zorg"})
    soren.inspect("community")


def the_announcement(wout: Person) -> None:
    wout.follow("/invitations")
    wout.inspect("announcement")
    wout.place.locator("[data-copy]").click()
    expect(wout.place.locator("[data-copy]")).to_have_text({"nl": "Gekopieerd", "en": "Copied"}[wout.language])


def agreements_and_the_conditions_check(go: Callers, wout: Person, fatima: Person) -> None:
    fatima.launch("home").follow("/step/agreements")
    fatima.inspect("agreements-ahead")
    fatima.submit("/begin", {})
    fatima.inspect("agreements-propose")
    for name in MEMBERS:
        go(name, "agreements").submit("/propose", {"text": "We laten elkaar uitspreken."})
    anew(fatima).inspect("agreements-proposed")
    go("wout", "agreements").submit("/facilitate/advance", {})
    anew(fatima).inspect("agreements-list")
    fatima.submit("/write", {"lines": "We laten elkaar uitspreken.\nWat hier gezegd wordt, blijft hier."})
    go("wout", "agreements").submit("/facilitate/advance", {})
    anew(fatima).inspect("agreements-decide")
    for name in MEMBERS:
        go(name, "agreements").submit("/consent", {"answer": "agree"})
    wout.launch("home").follow("/step/agreements")
    wout.submit("/facilitate/advance", {})
    wout.inspect("agreements-adopted")
    fatima.follow("/home")
    fatima.follow("/step/conditions")
    fatima.submit("/begin", {})
    fatima.inspect("conditions")
    for number, name in enumerate(MEMBERS):
        # Everybody something else.
        filled = {f"item-{item}": str(1 + (number + place) % 5) for place, item in enumerate(ITEMS)}
        go(name, "conditions").submit("/fill", filled)
    go("wout", "conditions").submit("/facilitate/advance", {})
    anew(fatima).inspect("conditions-totals")
