"""What a person types: without a mouse, and not lost when the page is closed."""

import pytest
from playwright.sync_api import expect

from tests.browser.actors import DemoCommand, Person
from tests.browser.conftest import Meet

pytestmark = pytest.mark.browser
TEXT = 'form[action$="/idea"] textarea[name="text"]'
WHY = 'form[action$="/idea"] textarea[name="why"]'
BUTTON = 'form[action$="/idea"] button'


def test_an_idea_is_written_by_keyboard_alone(placed: DemoCommand, meet: Meet) -> None:
    fatima = meet(placed, "fatima").launch()
    typed = fatima.page.keyboard
    tab_to(fatima, TEXT)
    typed.type("iedereen zijn werk durft te laten zien")
    tab_to(fatima, WHY)
    typed.type("Dat geeft rust.")
    tab_to(fatima, BUTTON)
    fatima.enter(fatima.place.locator(":focus"))
    assert "iedereen zijn werk durft te laten zien" in fatima.place.locator("article.idea").inner_text()
    # And changed: the fields are behind a summary that the keyboard opens too.
    tab_to(fatima, "article.idea summary")
    typed.press("Enter")
    tab_to(fatima, "article.idea textarea[name=text]")
    typed.press("End")
    typed.type(", ook thuis")
    tab_to(fatima, "article.idea form button")
    fatima.enter(fatima.place.locator(":focus"))
    assert "te laten zien, ook thuis" in fatima.place.locator("article.idea > p").first.inner_text()


def tab_to(person: Person, selector: str) -> None:
    """Press Tab until that has the focus; whatever has it on the way shows that it does."""
    for _ in range(40):
        person.page.keyboard.press("Tab")
        if not person.place.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            continue
        outline, focused = person.place.evaluate(
            "(selector) => { const at = document.activeElement; return ["
            " getComputedStyle(at).outlineStyle !== 'none' && parseFloat(getComputedStyle(at).outlineWidth) >= 2"
            " && at.checkVisibility() ? '' : at.outerHTML.slice(0, 120), at.matches(selector)]; }",
            selector,
        )
        assert not outline, f"has the focus and does not show it: {outline}"
        if focused:
            return
    raise AssertionError(f"Tab never comes to {selector}")


def test_a_draft_survives_closing_the_page(placed: DemoCommand, meet: Meet) -> None:
    marieke = meet(placed, "marieke").launch()
    marieke.place.locator(TEXT).fill("ze elkaar uitleggen hoe iets werkt")
    # Its time is shown once it is kept.
    expect(marieke.place.locator('form[action$="/idea"] [data-saved]')).to_contain_text(":")
    marieke.page.close()
    marieke = marieke.tab().launch()
    expect(marieke.place.locator(TEXT)).to_have_value("ze elkaar uitleggen hoe iets werkt")
    # And when there was no time to keep it: the page does so as it goes.
    marieke.place.locator(WHY).fill("Uitleggen is twee keer leren.")
    marieke.page.goto(placed.url)
    assert any(marieke.launch().place.locator(WHY).input_value() == "Uitleggen is twee keer leren." for _ in range(30))
    marieke.submit("/idea", {})
    assert marieke.launch().place.locator(TEXT).last.input_value() == ""


def test_who_goes_back_finds_what_was_typed_and_a_page_made_anew(placed: DemoCommand, meet: Meet) -> None:
    """A page is kept by no browser: going back asks for it again, and what was typed came to be kept as one left."""
    youssef = meet(placed, "youssef").launch()
    text = "ze durven vragen te stellen"
    youssef.place.locator(TEXT).fill(text)
    youssef.follow("/home")
    # It came to be kept as the page was left; a tab of its own tells when that is done.
    assert any(youssef.tab().launch().place.locator(TEXT).input_value() == text for _ in range(30))
    with youssef.leaving():
        youssef.place.evaluate("history.back()")
    expect(youssef.place.locator(TEXT)).to_have_value(text)
