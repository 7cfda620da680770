"""What PyLTI1p3 2.0.0 lets in as shipped, and this tool does not; what it refuses, and should not (lti.md, section 5).

Each attack runs against both: the bare library must fall for it, or the test guards nothing.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

from lti_tool.door.cookies import SESSION_COOKIE
from tests.actors import Browser, asked
from tests.lti.bare import Bare, bare_app
from tests.lti.sender import ABSENT, CLIENT, DEPLOYMENT, ISSUER, Sender, another_key, our_key
from tests.lti.site import Answer, Site

OTHER_CLIENT = "another-client-of-that-lms"
MONTH = 30 * 86_400


class Ours:
    """The tool, with the same few verbs as Bare."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender

    def browser(self, cookies: bool = True) -> Browser:
        return self.sender.browser(cookies)

    def plant(self, browser: Browser, value: str) -> None:
        browser.client.set_cookie(SESSION_COOKIE, value, domain="localhost", secure=True)

    def login(self, browser: Browser, fields: dict[str, str]) -> dict[str, str]:
        return asked(browser.post("/lti/login", fields, site="cross-site", follow=False))

    def launch(self, browser: Browser, state: str, token: str) -> str:
        page = self.sender.post(browser, state, token)
        assert page.status in (200, 401), page.text
        return page.url if page.status == 200 and "/l/" in page.url else ""

    def reads(self, browser: Browser, page: str) -> bool:
        return browser.get(page).status == 200


class Attack:
    """What an attacker has: a good login of their own, and tokens that the platform really signed."""

    def __init__(self, side: Any, sender: Sender) -> None:
        self.side, self.sender = side, sender
        self.browser: Client | Browser = side.browser()
        self.question = self.login()

    def login(self, **changes: Any) -> dict[str, str]:
        question: dict[str, str] = self.side.login(self.browser, self.sender.login_fields(**changes))
        return question

    def token(self, **changes: Any) -> str:
        return self.sender.sign(self.sender.claims(self.question["nonce"], **changes))

    def opens(self, token: str = "", browser: Any = None, state: str = "") -> str:
        page: str = self.side.launch(browser or self.browser, state or self.question["state"], token or self.token())
        return page


def a_nonce_used_twice(by: Attack) -> bool:
    first = by.opens()
    assert first
    # The page that this browser holds already is no launch of somebody else.
    return by.opens(by.token(sub="somebody else")) not in ("", first)


def the_nonce_of_another_login(by: Attack) -> bool:
    return bool(by.opens(by.token(), state=by.login()["state"]))


def azp_is_somebody_else(by: Attack) -> bool:
    return bool(by.opens(by.token(azp="somebody else")))


def aud_is_another_client_of_that_lms(by: Attack) -> bool:
    return bool(by.opens(by.token(aud=OTHER_CLIENT)))


def without_exp(by: Attack) -> bool:
    return bool(by.opens(by.token(exp=ABSENT)))


def without_iat(by: Attack) -> bool:
    return bool(by.opens(by.token(iat=ABSENT)))


def issued_a_month_ago(by: Attack) -> bool:
    return bool(by.opens(by.token(iat=int(time.time()) - MONTH)))


def replayed_without_cookies(by: Attack) -> bool:
    token = by.token()
    assert by.opens(token)
    return bool(by.opens(token, by.side.browser(cookies=False)))


def in_a_session_that_was_planted(by: Attack) -> bool:
    victim, attacker = by.side.browser(), by.side.browser()
    for browser in (victim, attacker):
        by.side.plant(browser, "planted")
    by.browser, by.question = victim, by.side.login(victim, by.sender.login_fields())
    page = by.opens()
    assert page
    assert by.side.reads(victim, page)
    return bool(by.side.reads(attacker, page))


ATTACKS: list[Callable[[Attack], bool]] = [
    a_nonce_used_twice,
    the_nonce_of_another_login,
    azp_is_somebody_else,
    aud_is_another_client_of_that_lms,
    without_exp,
    without_iat,
    issued_a_month_ago,
    replayed_without_cookies,
    in_a_session_that_was_planted,
]


def some_seconds_ahead(by: Attack) -> bool:
    now = int(time.time()) + 20
    return bool(by.opens(by.token(iat=now, exp=now + 60)))


def some_seconds_late(by: Attack) -> bool:
    now = int(time.time())
    return bool(by.opens(by.token(iat=now - 6, exp=now - 5)))


def our_id_second_in_aud(by: Attack) -> bool:
    return bool(by.opens(by.token(aud=["other", CLIENT], azp=CLIENT)))


NEEDED: list[Callable[[Attack], bool]] = [some_seconds_ahead, some_seconds_late, our_id_second_in_aud]


def _keys(*keys: Any) -> dict[str, Any]:
    return {"keys": [key.jwk() for key in keys]}


@pytest.fixture
def ours(sender: Sender) -> Attack:
    Sender(sender.tool, client_id=OTHER_CLIENT)
    return Attack(Ours(sender), sender)


@pytest.fixture
def bare(sender: Sender, request: pytest.FixtureRequest) -> Attack:
    app = bare_app(ISSUER, [CLIENT, OTHER_CLIENT], DEPLOYMENT, _keys(our_key()))
    # Without https the library keeps no session at all; a planted one needs https.
    return Attack(Bare(app, secure="planted" in request.node.name), sender)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_the_library_as_shipped_lets_it_in(bare: Attack, attack: Callable[[Attack], bool]) -> None:
    assert attack(bare)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_the_tool_refuses_it(ours: Attack, attack: Callable[[Attack], bool]) -> None:
    assert not attack(ours)


@pytest.mark.parametrize("launch", NEEDED, ids=lambda launch: launch.__name__)
def test_the_library_as_shipped_refuses_what_is_needed(bare: Attack, launch: Callable[[Attack], bool]) -> None:
    assert not launch(bare)


@pytest.mark.parametrize("launch", NEEDED, ids=lambda launch: launch.__name__)
def test_the_tool_lets_in_what_is_needed(ours: Attack, launch: Callable[[Attack], bool]) -> None:
    assert launch(ours)


@pytest.fixture(params=["bare", "ours"])
def with_key_address(request: pytest.FixtureRequest, sender: Sender, site: Site) -> tuple[bool, Attack]:
    """Each side in turn, reading the platform's keys from the site; whether it is ours."""
    site.answers["/jwks"] = Answer(_keys(our_key()))
    if request.param == "bare":
        return False, Attack(Bare(bare_app(ISSUER, [CLIENT], DEPLOYMENT, site.url + "/jwks")), sender)
    other = Sender(sender.tool, client_id="by-address", jwks={"keys": []}, key_set_url=site.url + "/jwks")
    return True, Attack(Ours(other), other)


def test_a_rotated_platform_key_opens_at_once(with_key_address: tuple[bool, Attack], site: Site) -> None:
    ours, by = with_key_address
    assert by.opens()
    site.answers["/jwks"] = Answer(_keys(our_key(), another_key()))
    by.question = by.login()
    claims = by.sender.claims(by.question["nonce"])
    token = by.sender.sign(claims, {"kid": another_key().kid}, another_key().private)
    assert bool(by.opens(token)) is ours


def test_a_failed_fetch_of_keys_is_not_kept(with_key_address: tuple[bool, Attack], site: Site) -> None:
    ours, by = with_key_address
    good = site.answers["/jwks"]
    site.answers["/jwks"] = Answer({"error": "maintenance"}, status=500)
    assert not by.opens()
    site.answers["/jwks"] = good
    by.question = by.login()
    assert bool(by.opens()) is ours
