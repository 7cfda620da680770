"""Somebody leaves the circle and comes back, and what a school leader finds; in the LMS's frame."""

import pytest

from tests.browser.actors import DemoCommand
from tests.browser.conftest import LANGUAGES, Meet

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_member_who_leaves_and_comes_back_and_a_school_leader(demo: DemoCommand, meet: Meet, language: str) -> None:
    marieke = meet(demo, "marieke", language).launch("home")
    marieke.follow("/role")
    marieke.inspect("role")
    marieke.follow("/leave")
    marieke.inspect("leave")
    marieke.submit("/leave", {})
    marieke.inspect("back")
    marieke.submit("/welcome", {})
    assert marieke.launch().has("/idea")
    mieke = meet(demo, "mieke", language).launch("home")
    mieke.inspect("welcome-beside-facilitators")
    mieke.submit("/welcome", {"choice": "follow"})
    mieke.follow("/role")
    mieke.inspect("role-of-a-leader")
