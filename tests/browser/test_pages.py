"""The pages outside a community: what administrators see, and what is said when something is wrong."""

import subprocess
import sys

import pytest

from tests.browser.actors import ROOT, DemoCommand, environment
from tests.browser.conftest import ENGLISH, LANGUAGES, Meet

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ENGLISH)
def test_registering_in_the_lms(placed: DemoCommand, meet: Meet, language: str) -> None:
    """The administrator pastes the link that `leerkring invite` prints."""
    settings = {
        "LEERKRING_BASE_URL": placed.tool_url,
        "LEERKRING_DATABASE_URL": f"sqlite:///{placed.state / 'leerkring.db'}",
        "LEERKRING_KEYS_DIR": str(placed.state / "keys"),
        "LEERKRING_ALLOW_PRIVATE_HOSTS": "true",
    }
    link = subprocess.run(
        [sys.executable, "-m", "lti_tool.cli", "invite"],
        cwd=ROOT,
        env={**environment(), **settings},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout.strip()
    anneke = meet(placed, "admin", language)
    anneke.open(link)
    anneke.inspect("registration-link")
    anneke.page.goto(f"{placed.url}as/{placed.person('admin')}/tools")
    anneke.inspect_lms("lms-tools")
    anneke.page.locator("#address").fill(link)
    anneke.page.locator("form.next button").click()
    anneke.page.locator("iframe#contentframe").wait_for()
    anneke.settle()
    anneke.inspect("registered")
    with anneke.page.expect_navigation(url="**/tools*"):
        anneke.place.locator("[data-close]").click()
    anneke.watch.allowed.add(400)
    anneke.open(link + "&openid_configuration=" + placed.url)
    anneke.inspect("registration-link-used")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_without_a_launch(placed: DemoCommand, meet: Meet, language: str) -> None:
    somebody = meet(placed, "fatima", language)
    for name, path, status in (
        ("address-of-an-activity", "/lti/launch", 200),
        ("login-of-nobody", "/lti/login?iss=http://127.0.0.1:1&login_hint=1&target_link_uri=x", 401),
        ("no-such-page", "/nothing", 404),
        ("lost-session-at-once", "/l/unknown/", 401),
    ):
        somebody.watch.allowed = {status}
        answer = somebody.page.goto(placed.tool_url + path)
        assert answer
        assert answer.status == status
        somebody.inspect(name)
