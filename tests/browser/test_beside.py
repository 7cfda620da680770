"""What stands beside the steps: looked at in the LMS's frame; with --all in both languages."""

from collections.abc import Sequence
from typing import TypeVar

import pytest
from playwright.sync_api import expect

from tests.browser.actors import Anybody, Caller, DemoCommand, Person
from tests.browser.conftest import ENGLISH, LANGUAGES, Meet

pytestmark = pytest.mark.browser
Anyone = TypeVar("Anyone", Person, Caller, Anybody)
MEMBERS = ("fatima", "marieke", "youssef", "janwillem", "soren")


@pytest.mark.parametrize("language", ENGLISH)
def test_the_journal_the_line_about_oneself_and_the_announcement(
    placed: DemoCommand, meet: Meet, language: str
) -> None:
    fatima = meet(placed, "fatima", language).launch("home")
    fatima.inspect("home")
    fatima.follow("/journal")
    fatima.inspect("journal-empty" if language == "nl" else "journal")
    fatima.submit("/journal", {"text": "Vandaag lieten ze zelf zien wat ze konden.\n\nDat verraste me."})
    fatima.inspect("journal-written")
    fatima.refused("/journal", {"text": " "})
    fatima.inspect("journal-refused")
    fatima.follow("/home")
    fatima.follow("/community")
    fatima.submit("/community/ask-me", {"ask_me": "stages in de zorg"})
    fatima.inspect("community")
    wout = meet(placed, "wout", language).launch()
    wout.follow("/invitations")
    wout.inspect("announcement")
    wout.place.locator("[data-copy]").click()
    expect(wout.place.locator("[data-copy]")).to_have_text({"nl": "Gekopieerd", "en": "Copied"}[language])


def everybody(people: Sequence[Anybody], step: str, action: str, fields: dict[str, str]) -> None:
    for person in people:
        go(person, step).submit(action, fields)


def go(person: Anyone, step: str) -> Anyone:
    """To a side step, by the home's link."""
    person.launch("home").follow(f"/step/{step}")
    return person


@pytest.mark.parametrize("language", LANGUAGES)
def test_agreements_and_the_conditions_check(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*MEMBERS)
    wout = meet(demo, "wout", language)
    fatima = meet(demo, MEMBERS[0], language)
    people = [fatima, *(Caller(demo, name) for name in MEMBERS[1:])]
    for person in people:
        person.launch("home")
    fatima.follow("/step/agreements")
    fatima.inspect("agreements-ahead")
    fatima.submit("/begin", {})
    fatima.inspect("agreements-propose")
    everybody(people, "agreements", "/propose", {"text": "We laten elkaar uitspreken."})
    go(fatima, "agreements").inspect("agreements-proposed")
    go(wout, "agreements").submit("/facilitate/advance", {})
    go(fatima, "agreements").inspect("agreements-list")
    fatima.submit("/write", {"lines": "We laten elkaar uitspreken.\nWat hier gezegd wordt, blijft hier."})
    go(wout, "agreements").submit("/facilitate/advance", {})
    go(fatima, "agreements").inspect("agreements-decide")
    everybody(people, "agreements", "/consent", {"answer": "agree"})
    go(wout, "agreements").submit("/facilitate/advance", {})
    wout.inspect("agreements-adopted")
    go(fatima, "conditions").submit("/begin", {})
    fatima.inspect("conditions")
    items = ("practice", "workplace", "inquiry", "interaction", "time", "policy")
    for number, person in enumerate(people):
        go(person, "conditions").submit(
            "/fill", {f"item-{item}": str(1 + (number + place) % 5) for place, item in enumerate(items)}
        )
    go(wout, "conditions").submit("/facilitate/advance", {})
    go(fatima, "conditions").inspect("conditions-totals")
