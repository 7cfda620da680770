"""Who one is in which window: two tabs, a window of its own, and browsers that keep no cookies in frames."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lti_tool.demo.chromium import ARGUMENTS, SETTLED
from tests.browser.actors import DemoCommand, Person, Shots, new_page
from tests.browser.conftest import Meet
from tests.conftest import CHROMIUM

pytestmark = pytest.mark.browser
Strict = Callable[[str, str], Person]


class Site(BaseHTTPRequestHandler):
    """A page with a frame of another site, or that frame: it says which cookies came, and sets two."""

    frame = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        said = f'<iframe src="{self.frame}"></iframe>'
        if self.path == "/frame":
            said = f"<p>{self.headers.get('Cookie', '')}</p>"
            for cookie in ("anybody=1", "partition=1; Partitioned"):
                self.send_header("Set-Cookie", f"{cookie}; Secure; SameSite=None")
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: object) -> None:
        pass


def test_in_these_browsers_a_frame_of_another_site_keeps_partitioned_cookies_only(browser: Browser) -> None:
    """What all these tests rest on: as in private windows, whichever Chromium this is."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Site.frame = f"http://localhost:{server.server_port}/frame"
        context = browser.new_context()
        page = new_page(context)
        for kept in ("", "partition=1"):
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            expect(page.frame_locator("iframe").locator("p")).to_have_text(kept)
        context.close()
        server.shutdown()


def test_two_people_in_two_tabs(placed: DemoCommand, meet: Meet) -> None:
    """Both are right about who they are: a page acts for its own person, or says that it is too late."""
    youssef = meet(placed, "youssef").launch()
    siobhan = youssef.tab()
    siobhan.username = "siobhan"
    siobhan.launch()
    mine = "ze hun fouten durven te laten zien aan de hele groep"
    youssef.refused("/idea", {"text": mine, "why": "Daar leert iedereen van."}, 401)
    assert mine in youssef.place.locator("textarea").first.input_value()
    youssef.inspect("lost-session")
    siobhan.submit("/idea", {"text": "pupils ask each other first", "why": "It makes them bold."})
    assert "pupils ask each other first" in siobhan.text()
    # The way back that the page offers, and then Siobhán is the one who is late.
    youssef.page.bring_to_front()
    youssef.place.locator("a.btn").click()
    youssef.page.get_by_role("link", name="Youssef Amrani").click()
    youssef.page.locator("iframe#contentframe").wait_for()
    youssef.settle()
    youssef.submit("/idea", {"text": mine, "why": "Daar leert iedereen van."})
    assert mine in youssef.text()
    assert "pupils ask" not in youssef.text()
    siobhan.watch.allowed.add(401)
    siobhan.place.goto(siobhan.place.url.partition("#")[0])
    assert "pupils ask" not in siobhan.text()
    assert mine not in siobhan.text()


def test_one_person_in_two_tabs(placed: DemoCommand, meet: Meet) -> None:
    chantal = meet(placed, "chantal").launch()
    other = chantal.tab().launch("home")
    chantal.submit("/idea", {"text": "de stage en de les bij elkaar horen", "why": "Dan is het echt."})
    other.follow("/step/ambition")
    assert "de stage en de les bij elkaar horen" in other.text()


def test_a_window_of_its_own_from_the_course(placed: DemoCommand, meet: Meet) -> None:
    soren = meet(placed, "soren")
    soren.page.goto(f"{placed.url}as/{placed.person('soren')}/course/2")
    activity = placed.activity().id
    with soren.context.expect_page() as opened:
        soren.page.locator(f'a[href*="/activity/{activity}/open"]').click()
    soren.page = opened.value
    soren.settle()
    soren.inspect("own-window")
    soren.submit("/idea", {"text": "ze zelf hun week plannen", "why": "Dat is later ook zo."})
    assert "ze zelf hun week plannen" in soren.text()


@pytest.fixture
def strict(browser: Browser, placed: DemoCommand, shots: Shots, tmp_path: Path) -> Iterator[Strict]:
    """Somebody at a browser that keeps no cookie of the tool's at all, within pages of these sites."""
    contexts = []

    def make(username: str, within: str) -> Person:
        profile = tmp_path / username
        (profile / "Default").mkdir(parents=True)
        exceptions = {f"{placed.tool_url},{within}": {"setting": 2, "last_modified": "13300000000000000"}}
        preferences = {
            "profile": {"cookie_controls_mode": 1, "content_settings": {"exceptions": {"cookies": exceptions}}}
        }
        (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
        context = browser.browser_type.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=list(ARGUMENTS), locale="nl-NL"
        )
        contexts.append(context)
        return Person(placed, context, shots, username)

    yield make
    for context in contexts:
        context.close()


def test_without_cookies_in_frames_a_window_of_its_own_works(strict: Strict, placed: DemoCommand) -> None:
    janwillem = strict("janwillem", placed.url.rstrip("/")).launch()
    janwillem.inspect("one-more-click")
    with janwillem.context.expect_page() as opened:
        janwillem.place.locator("button").first.click()
    janwillem.page = opened.value
    janwillem.settle()
    expect(janwillem.page.locator("main")).to_contain_text("Jan-Willem van den Berg")
    janwillem.inspect("is-this-you")
    janwillem.submit("/confirm", {})
    janwillem.submit("/idea", {"text": "niemand alleen zit", "why": "Samen is beter."})
    assert "niemand alleen zit" in janwillem.text()
    assert not janwillem.watch.complaints


def test_without_any_cookies_the_window_says_so(strict: Strict) -> None:
    ruben = strict("ruben", "*").launch()
    with ruben.context.expect_page() as opened:
        ruben.place.locator("button").first.click()
    ruben.page = opened.value
    ruben.settle()
    ruben.refused("/confirm", {}, 401)
    ruben.inspect("no-cookies-at-all")
    assert not ruben.place.locator("form").count()
    assert ruben.page.evaluate(SETTLED)
    assert not ruben.watch.complaints
