"""What Open edX's LTI component (11.4) and WordPress with ceLTIc's library (2.3) sent, sent again (O10, O11).

Each recorded login, launch, deep linking message, key set and configuration; only nonce, times and signature are
fresh. What they answer to services is played back by tests/delivery.
"""

import dataclasses
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from lti_tool import create_app
from lti_tool.db import db
from lti_tool.demo.vocab import CLAIM, DL_CLAIM
from lti_tool.lti.key_sets import RSA, parse_key_set
from tests.actors import Page, Tool, asked
from tests.lti.sender import Sender, our_key

RECORDINGS = Path(__file__).parents[1] / "recordings"
SHARED = Path(__file__).parents[3] / "shared"
TOOL_HOST = "https://tool.example"
FRESH = ("state", "nonce")


class Opens(NamedTuple):
    """What a recorded launch opens: the person's roles and standing, and the page that its own values name."""

    roles: str
    standing: str
    step: str | None
    line_item: bool = False


COURSE_TEAM = Opens("instructor administrator", "asked", "ambition", True)
OPEN_EDX = {
    "launch-learner": Opens("learner", "member", "ambition", True),
    "launch-declarative": Opens("learner", "member", "ambition", True),
    "launch-course-staff-as-administrator": COURSE_TEAM,
    "launch-global-staff": COURSE_TEAM,
    # All items of a component have one resource link: only the launch says which, and it names no column.
    "launch-deep-linked-item-4-of-7": Opens("learner", "member", "interpretation"),
}
OTHERS = ("login", "keyset", "studio-shows", "content-items-stored", "deep-linking-request", "deep-linking-response")
# An exchange each: login, authentication request, launch. What it opens, or why it is refused.
WORDPRESS: dict[str, Opens | str] = {
    "launch-wout": Opens("instructor", "asked", None),
    "launch-fatima-step-custom": Opens("learner", "member", "ambition"),
    "window-storagetrue": Opens("learner", "member", None),
    "deeplink-request-wout": Opens("instructor", "asked", None),
    "deeplink-ambition": Opens("instructor", "asked", None),
    # A visitor of the site who is not signed in there.
    "embed-blockedfalse-storagetrue": "platform_error",
    # The site's settings share neither.
    "variant-no-id": "no_sub",
    "variant-no-role": "no_roles",
}


def recorded(platform: str, name: str) -> Any:
    return json.loads((RECORDINGS / platform / f"{name}.json").read_text())


def test_each_recording_is_used_and_as_recorded() -> None:
    here = {path.stem for path in (RECORDINGS / "wordpress").glob("*.json")}
    assert here == set(WORDPRESS)
    ours = ("launch", "login", "deep-linking", "keyset", "studio", "content-items")
    here = {path.stem for path in (RECORDINGS / "open-edx").glob("*.json") if path.stem.startswith(ours)}
    assert here == {*OPEN_EDX, *OTHERS}
    for platform, source in (("open-edx", "open-edx-11.4"), ("wordpress", "wordpress-lti-2.3")):
        for path in (RECORDINGS / platform).glob("*.json"):
            text = path.read_text()
            assert not [word for word in ("eyJ", "localhost", "127.0.0.1") if word in text], path
            if (SHARED / source).is_dir():
                assert path.read_bytes() == (SHARED / source / path.name).read_bytes()


@pytest.fixture
def there(sqlite_url: str, keys_dir: Path) -> Iterator[Tool]:
    """The tool, told that it is the recorded host."""
    tool = Tool(sqlite_url, keys_dir)
    tool.url = TOOL_HOST
    tool.settings = dataclasses.replace(tool.settings, base_url=TOOL_HOST)
    tool.app = create_app(tool.settings)
    tool.app.config["TESTING"] = True
    yield tool
    tool.server.server_close()
    with tool.app.app_context():
        db.engine.dispose()


@pytest.fixture
def open_edx(there: Tool) -> Sender:
    """One component as Studio shows it, added by hand; the test holds its key."""
    shown = recorded("open-edx", "studio-shows")
    return Sender(
        there,
        issuer="https://openedx.example",
        client_id=shown["Client ID:"],
        deployment_id=shown["Deployment ID:"],
        auth_login_url=shown["Login URL:"],
        key_set_url=shown["Keyset URL:"],
    )


@pytest.fixture
def wordpress(there: Tool) -> Sender:
    """The site's endpoints have a query of their own."""
    return Sender(
        there,
        issuer="https://wordpress.example",
        client_id="leerkring",
        deployment_id="1",
        auth_login_url="https://wordpress.example/?lti-platform&auth",
        jwks={"keys": [{**our_key().jwk(), "kid": "wpkid1"}]},
    )


def signed(sender: Sender, claims: dict[str, Any], nonce: str, kid: str = "") -> str:
    """A recorded message, fresh."""
    now = int(time.time())
    said = {**claims, "nonce": nonce, "iat": now, "exp": now + claims["exp"] - claims["iat"]}
    return sender.sign(said, {"kid": kid} if kid else None)


def check(sender: Sender, page: Page, opens: Opens) -> None:
    """It opened what it should."""
    opened = sender.opened(page)
    assert (opened.launch.roles, opened.launch.step) == (opens.roles, opens.step)
    assert opened.member is not None
    assert opened.member.standing == opens.standing
    assert opened.person.name
    assert opened.community.name


# Open edX


def launch_there(sender: Sender, claims: dict[str, Any]) -> Page:
    """A recorded launch, after the recorded login; each component has a client id of its own."""
    browser = sender.browser()
    fields = {**recorded("open-edx", "login")["login_initiation"], "client_id": claims["aud"]}
    question = asked(browser.post("/lti/login", fields, site="cross-site", follow=False))
    return sender.post(browser, question["state"], signed(sender, claims, question["nonce"]))


def test_open_edx_is_asked_as_it_was_when_it_answered(open_edx: Sender) -> None:
    said = recorded("open-edx", "login")
    answer = open_edx.browser().post("/lti/login", said["login_initiation"], site="cross-site", follow=False)
    wanted = {name: value for name, value in said["authentication_request"].items() if name not in FRESH}
    assert {name: value for name, value in asked(answer).items() if name not in FRESH} == wanted
    location = answer.response.headers["Location"]
    assert location.startswith(recorded("open-edx", "studio-shows")["Login URL:"])


def test_open_edxs_key_names_neither_use_nor_algorithm_and_verifies() -> None:
    body = recorded("open-edx", "keyset")["response"]["body"]
    (key,) = parse_key_set(body).values()
    assert key.algorithms == RSA


@pytest.mark.parametrize(("name", "opens"), OPEN_EDX.items())
def test_open_edx_launches(there: Tool, name: str, opens: Opens) -> None:
    claims = recorded("open-edx", name)
    sender = Sender(
        there,
        issuer=claims["iss"],
        client_id=claims["aud"],
        deployment_id=claims[CLAIM + "deployment_id"],
        auth_login_url=recorded("open-edx", "studio-shows")["Login URL:"],
    )
    page = launch_there(sender, claims)
    check(sender, page, opens)
    link = sender.opened(page).link
    assert link is not None
    assert link.line_items_url.startswith("https://openedx.example/")
    assert bool(claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"].get("lineitem")) is opens.line_item


def test_open_edxs_items_behind_one_link_each_open_their_own_page(there: Tool) -> None:
    """What it stored of one deep linking answer, and launches again and again by turns."""
    claims = recorded("open-edx", "launch-deep-linked-item-4-of-7")
    sender = Sender(there, issuer=claims["iss"], client_id=claims["aud"], deployment_id="1")
    stored = [item["attributes"]["custom"] for item in recorded("open-edx", "content-items-stored")]
    assert claims[CLAIM + "custom"] in stored
    for custom in (*stored, *stored):
        opened = sender.opened(launch_there(sender, {**claims, CLAIM + "custom": custom}))
        assert opened.launch.step == custom.get("step")


def keyless(items: list[dict[str, Any]]) -> None:
    """Take out the key that each item is placed with since these were recorded: a draw of its own each time."""
    keys = [item["custom"].pop("origin") for item in items]
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    assert len(set(keys)) == len(keys)


def test_open_edx_gets_the_items_that_it_took(open_edx: Sender) -> None:
    page = launch_there(open_edx, recorded("open-edx", "deep-linking-request"))
    check(open_edx, page, Opens("instructor", "asked", None))
    sent = page.form("/place").submit()
    form = sent.soup.find("form", attrs={"data-submit": True})
    assert form["action"] == "https://openedx.example/api/lti_consumer/v1/lti/1/lti-dl/response"
    ours = jwt.decode(form.find("input", attrs={"name": "JWT"})["value"], options={"verify_signature": False})
    taken = recorded("open-edx", "deep-linking-response")
    assert set(ours) == set(taken)
    keyless(ours[DL_CLAIM + "content_items"])
    changing = ("iat", "exp", "nonce")
    assert {k: v for k, v in ours.items() if k not in changing} == {k: v for k, v in taken.items() if k not in changing}


# WordPress


def exchange(sender: Sender, name: str) -> Page:
    """A recorded exchange: the login, then the launch by which WordPress answers the authentication request."""
    login, question, answer, *_response = recorded("wordpress", name)
    browser = sender.browser()
    page = browser.post(login["url"], login["post"], site="cross-site", follow=False)
    ours = asked(page)
    address = urlsplit(question["url"])
    wanted = dict(parse_qsl(address.query))
    assert {k: v for k, v in ours.items() if k not in FRESH} == {k: v for k, v in wanted.items() if k not in FRESH}
    fields = {**answer["post"], "state": ours["state"]}
    if "decoded" in answer:
        decoded = answer["decoded"]
        fields["id_token"] = signed(sender, decoded["claims"], ours["nonce"], decoded["header"]["kid"])
    return browser.post(answer["url"], fields, site="cross-site")


@pytest.mark.parametrize(("name", "opens"), WORDPRESS.items())
def test_wordpress_launches_or_is_told_why_not(wordpress: Sender, name: str, opens: Opens | str) -> None:
    before = wordpress.founded()
    page = exchange(wordpress, name)
    if isinstance(opens, str):
        assert (page.status, page.reason) == (401, opens)
        assert wordpress.founded() == before
    else:
        check(wordpress, page, opens)
        link = wordpress.opened(page).link
        assert (link is None) is name.startswith("deeplink")
        # No services at all.
        assert link is None or link.line_items_url == ""


def test_wordpress_gets_the_item_that_it_took(wordpress: Sender) -> None:
    page = exchange(wordpress, "deeplink-ambition")
    sent = page.form("/place").submit(item="ambition")
    form = sent.soup.find("form", attrs={"data-submit": True})
    answer = recorded("wordpress", "deeplink-ambition")[3]
    assert form["action"] == answer["url"]
    ours = jwt.decode(form.find("input", attrs={"name": "JWT"})["value"], options={"verify_signature": False})
    keyless(ours[DL_CLAIM + "content_items"])
    assert ours[DL_CLAIM + "content_items"] == answer["decoded"]["claims"][DL_CLAIM + "content_items"]
