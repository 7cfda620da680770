"""How often the way in may be tried: more than a school needs, bounded, and never at the cost of a launch."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage

from lti_tool.door.rates import ARRIVING, OF_PLATFORM, RATES, SWEEP, Counts, Rate
from tests.actors import Browser, Page, Tool, asked
from tests.conftest import REDIS, need
from tests.lti.sender import Sender

SMALL, LARGE = RateLimitItemPerHour(5), RateLimitItemPerHour(1000)
Make = Callable[..., Tool]


@pytest.fixture
def tools(sqlite_url: str, keys_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Tools of one database, each a web process of its own, with the rate of a test."""
    with ExitStack() as stack:

        def make(rate: Rate = Rate(SMALL, LARGE), **settings: Any) -> Tool:  # noqa: B008
            for endpoint in RATES:
                monkeypatch.setitem(RATES, endpoint, rate)
            return stack.enter_context(Tool(sqlite_url, keys_dir, **settings))

        yield make


def _from(tool: Tool, address: str) -> Browser:
    browser = Browser(tool)
    browser.client.environ_base = {**browser.client.environ_base, "REMOTE_ADDR": address}
    return browser


def _login(sender: Sender, address: str, tool: Tool | None = None, **changes: Any) -> Page:
    return sender.login(_from(tool or sender.tool, address), **changes)


WAYS = {
    "lti.login": lambda browser: browser.post("/lti/login", {"iss": "x"}, site="cross-site"),
    "lti.launch": lambda browser: browser.post("/lti/launch", {"state": "x"}, site="cross-site"),
    "lti.storage": lambda browser: browser.post("/lti/storage", {"code": "x"}),
    "lti.window": lambda browser: browser.post("/lti/window", {"code": "x"}),
    "lti.confirm": lambda browser: browser.post("/lti/confirm", {"code": "x"}),
    "lti.register": lambda browser: browser.get("/lti/register?invite=x"),
    "lti.agreed": lambda browser: browser.post("/lti/register", {"invite": "x"}),
}


def test_each_way_in_has_a_rate(tools: Make) -> None:
    rules = [rule for rule in tools().app.url_map.iter_rules() if rule.endpoint.startswith("lti.")]
    # What everybody may read: the key set, and the page behind an activity's address.
    assert {rule.endpoint for rule in rules} - {"lti.jwks", "lti.item_address"} == RATES.keys() == WAYS.keys()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("way", WAYS)
def test_beyond_its_rate_an_address_is_told_how_long_to_wait(tools: Make, way: str, language: str) -> None:
    tool = tools()
    one, other = _from(tool, "192.0.2.1"), _from(tool, "192.0.2.2")
    for browser in (one, other):
        browser.client.environ_base = {**browser.client.environ_base, "HTTP_ACCEPT_LANGUAGE": language}
    assert {WAYS[way](one).status for _ in range(5)} <= {400, 401}
    page = WAYS[way](one)
    assert page.status == 429
    assert 1 <= int(page.response.headers["Retry-After"]) <= 3600
    assert page.soup.html["lang"] == language
    assert not page.soup.find("textarea")
    assert WAYS[way](other).status in (400, 401)


def test_a_platform_has_a_rate_of_its_own_over_all_addresses(tools: Make) -> None:
    sender = Sender(tools(Rate(LARGE, SMALL)))
    other = Sender(sender.tool, client_id="other")
    assert [_login(sender, f"192.0.2.{number}").status for number in range(6)] == [302] * 5 + [429]
    browser = sender.browser()
    question = asked(other.login(browser))
    # Launches are counted by the login they answer, not by what anybody says.
    pages = [sender.post(browser, question["state"], "x") for _ in range(6)]
    assert [page.status for page in pages] == [401] * 5 + [429]
    assert sender.post(browser, "x", "x").status == 401


def test_sixty_people_of_ten_schools_behind_one_address_stay_below_it() -> None:
    people, activities, schools = 60, 5, 10
    assert people * activities * schools <= ARRIVING.amount
    assert ARRIVING.get_expiry() == OF_PLATFORM.get_expiry() == 60
    assert OF_PLATFORM.amount >= 4 * ARRIVING.amount


def test_behind_a_proxy_the_address_is_the_browser_s(tools: Make) -> None:
    sender = Sender(tools(trusted_proxies=1))
    for number in range(8):
        headers = {"X-Forwarded-For": f"198.51.100.1, 192.0.2.{number}"}
        page = sender.browser().post("/lti/login", sender.login_fields(), site="cross-site", follow=False, **headers)
        assert page.status == 302


@pytest.mark.redis
def test_machines_with_redis_count_together(tools: Make) -> None:
    need("Redis (LEERKRING_TEST_REDIS)", bool(REDIS))
    first, second = tools(broker_url=REDIS), tools(broker_url=REDIS)
    sender, address = Sender(first), f"test {uuid.uuid4().hex}"
    assert {_login(sender, address, tool).status for tool in (first, second, first, second, first)} <= {302, 401}
    assert [_login(sender, address, tool).status for tool in (first, second)] == [429, 429]


@pytest.mark.redis
def test_a_redis_that_is_away_keeps_nobody_out(tools: Make) -> None:
    tool = tools(broker_url="redis://127.0.0.1:9/0")
    sender = Sender(tool)
    with structlog.testing.capture_logs() as lines:
        for number in range(3):
            sender.opened(sender.launch(_from(tool, f"192.0.2.{number}")))
        assert [_login(sender, "192.0.2.9").status for _ in range(6)] == [302] * 5 + [429]
    assert [line["event"] for line in lines].count("rates_apart") == 1


@given(
    steps=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([60.0, 3600.0]), st.floats(0, 4000)), min_size=1, max_size=60
    )
)
def test_counts_are_those_of_the_library_and_forget_what_is_over(steps: list[tuple[str, float, float]]) -> None:
    # Each key has one window, as each rate has.
    ours, theirs, clock = Counts(), MemoryStorage(), Clock()
    with clock.stopped():
        for name, expiry, later in steps:
            clock.moment += later
            key = f"{name} {expiry}"
            assert ours.incr(key, expiry) == theirs.incr(key, expiry)
            assert ours.get_expiry(key) == theirs.get_expiry(key)
            # Of whoever came last longer than a sweep after their window was over nothing is kept.
            assert all(until > clock.moment - SWEEP for until in ours.expirations.values())


class Clock:
    """The time as the counts read it."""

    def __init__(self) -> None:
        self.moment = 1_000_000.0

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It goes on only by hand."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time", lambda: self.moment)
            yield


def test_counting_starts_no_thread() -> None:
    counts = Counts()
    counts.timer.join()
    before = threading.active_count()
    for number in range(50):
        counts.incr(f"{number}", 60)
    assert threading.active_count() == before
