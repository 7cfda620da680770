"""What is set, what would go by it, and the papers on privacy, in Chromium, in both languages."""

import pytest
from playwright.sync_api import expect

from tests.browser.actors import DemoCommand
from tests.browser.conftest import ENGLISH, Meet
from tests.browser.halfway import administers

pytestmark = pytest.mark.browser


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", ENGLISH)
def test_an_administrator_sets_what_is_kept_and_reads_the_papers(demo: DemoCommand, meet: Meet, language: str) -> None:
    administers(demo, "wout")
    wout = meet(demo, "wout", language).launch("home")
    wout.press(wout.place.locator("a[href*='/b/']").first)
    wout.follow("/settings")
    wout.inspect("settings")
    names = wout.place.locator("section[aria-labelledby='step_names']")
    names.locator("summary").click()
    names.locator("input[name='part-ambition.nl']").fill("Ons doel")
    names.locator("input[name='part-ambition.en']").fill("Our aim")
    wout.inspect("settings-of-steps")
    wout.press(names.locator("button.btn"))
    expect(wout.place.locator("section[aria-labelledby='step_names'] p b")).to_contain_text("Ons doel / Our aim")
    wout.watch.allowed.add(422)
    wout.place.locator("section[aria-labelledby='step_names'] summary").click()
    wout.place.locator("input[name='part-ambition.nl']").fill("<b>")
    wout.press(names.locator("button.btn"))
    expect(wout.place.locator("input[name='part-ambition.nl']")).to_have_value("<b>")
    kept = wout.place.locator("section[aria-labelledby='retention']")
    kept.locator("select").select_option("2")
    wout.press(kept.locator("button.btn"))
    expect(wout.place.locator("dl.facts dd").first).to_have_text("1")
    wout.inspect("retention")
    wout.press(wout.place.locator("section.next button.btn"))
    wout.press(wout.place.locator(".bar a"))
    wout.follow("/packs")
    wout.inspect("packs")
    for pack in ("works-council", "processing"):
        wout.follow(f"/packs/{pack}")
        expect(wout.place.locator(".blank").first).to_be_visible()
        wout.inspect(f"pack-{pack}")
        wout.follow("/packs")
    home = wout.launch("home")
    expect(home.place.locator("body")).to_contain_text("Ons doel" if language == "nl" else "Our aim")
