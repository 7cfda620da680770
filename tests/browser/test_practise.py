"""Practising in the LMS's frame: from the home to colleagues who take part, and thrown away."""

import pytest
from playwright.sync_api import expect

from tests.browser.actors import DemoCommand
from tests.browser.conftest import ENGLISH, Meet

pytestmark = pytest.mark.browser
MARK = {
    "nl": "Oefenen: niets hiervan telt of blijft.",
    "en": "Practice: nothing of this counts or stays.",
}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", ENGLISH)
def test_a_facilitator_practises_with_colleagues_who_do_not_exist(demo: DemoCommand, meet: Meet, language: str) -> None:
    wout = meet(demo, "wout", language).launch("home")
    wout.follow("/practise")
    wout.inspect("practise")
    wout.submit("/practise", {})
    mark = wout.place.locator("aside.practises")
    expect(mark).to_contain_text(MARK[language])
    wout.inspect("practise-home")
    wout.follow("/step/ambition")
    expect(mark).to_contain_text(MARK[language])
    wout.inspect("practise-step")
    wout.submit("/practise/colleagues", {})
    wout.follow("/practise")
    wout.inspect("practise-stop")
    wout.submit("/practise/end", {})
    expect(mark).to_have_count(0)
