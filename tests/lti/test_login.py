"""Third-party initiated login: what is asked of the platform, for whom, and what is refused (lti.md, 1b: S, K, P)."""

import base64
import zlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lti_tool.lti import LaunchRefused
from lti_tool.lti.states import Attempt, States
from lti_tool.models import BurntNonce
from tests.actors import Page, asked
from tests.lti.sender import ABSENT, AUTH, CLIENT, ISSUER, Sender

HINTS = {
    "as Moodle's": '{"cmid":3,"launchid":"ltilaunch1_1508610293"}',
    "everything a query may break on": ' a+b%20&c=d;e#f?"<é\u2028🙂\t',
    "long": "x" * 4000,
}
ELSEWHERE = {
    "another host": "https://evil.example/lti/launch",
    "another port": "http://localhost:1/lti/launch",
    "a host that begins like ours": "{url}.evil.example/lti/launch",
    "our host as a user name": "{url}@evil.example/lti/launch",
    "a relative address": "/lti/launch",
    "no address": "http://[",
    "a script": "javascript:alert(1)",
}
MISSING = {"iss": "login_iss", "login_hint": "login_login_hint", "target_link_uri": "login_target_link_uri"}
ODD = {
    "K6 a deployment beyond 255": {"lti_deployment_id": "7" * 256},
    "a zero byte in the target": {"target_link_uri": "\0"},
    "a zero byte in the issuer": {"iss": "\0"},
    "a zero byte in the hint": {"lti_message_hint": "\0"},
}


def _by(sender: Sender, method: str, **changes: Any) -> Page:
    browser, fields = sender.browser(), sender.login_fields(**changes)
    if method == "POST":
        return sender.login(browser, **changes)
    return Page(browser, browser.client.get("/lti/login", base_url=sender.tool.url, query_string=fields))


def _attempt(sender: Sender, state: str) -> Attempt:
    found: Attempt = sender.tool.app.extensions["leerkring"].states.read(state)
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_s1_s2_a_login_by_get_or_post_becomes_an_authentication_request(shared: Sender, method: str) -> None:
    page = _by(shared, method)
    assert page.status == 302
    location = urlsplit(page.response.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == ISSUER + AUTH
    question = {name: values[0] for name, values in parse_qs(location.query).items() if len(values) == 1}
    assert len(question.pop("state")) >= 32
    assert len(question.pop("nonce")) >= 32
    assert question == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": CLIENT,
        "redirect_uri": f"{shared.tool.url}/lti/launch",
        "login_hint": "wout",
        "lti_message_hint": '{"cmid":3,"launchid":"ltilaunch3_1"}',
    }


def test_s3_s9_each_login_has_a_state_and_a_nonce_of_its_own(shared: Sender) -> None:
    questions = [asked(shared.login(shared.browser())) for _ in range(5)]
    assert len({question["state"] for question in questions}) == 5
    assert len({question["nonce"] for question in questions}) == 5
    assert not {q["state"] for q in questions} & {q["nonce"] for q in questions}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("hint", HINTS.values(), ids=HINTS)
def test_k1_hints_are_echoed_byte_for_byte(shared: Sender, method: str, hint: str) -> None:
    question = asked(_by(shared, method, lti_message_hint=hint, login_hint=hint))
    assert question["lti_message_hint"] == hint
    assert question["login_hint"] == hint


def test_k1_a_hint_that_did_not_come_is_not_echoed(shared: Sender) -> None:
    assert "lti_message_hint" not in asked(shared.login(shared.browser(), lti_message_hint=ABSENT))


def test_an_authentication_address_may_have_a_query_of_its_own(shared: Sender) -> None:
    other = Sender(shared.tool, client_id="with-query", auth_login_url=ISSUER + "/auth?tenant=5&x=")
    location = other.login(other.browser()).response.headers["Location"]
    assert location.startswith(ISSUER + "/auth?tenant=5&x=&scope=openid&")
    assert location.count("?") == 1


@pytest.mark.parametrize("name", MISSING)
@pytest.mark.parametrize("value", [ABSENT, ""], ids=["missing", "empty"])
def test_a_login_without_what_it_needs_is_refused(shared: Sender, logged: list[Any], name: str, value: Any) -> None:
    page = _by(shared, "POST", **{name: value})
    assert (page.status, page.reason) == (401, MISSING[name])
    assert logged[-1]["reason"] == MISSING[name]
    assert not page.soup.find("textarea"), "what the LMS sent is nothing a person typed"


def test_a_login_that_says_nothing_is_refused(shared: Sender) -> None:
    for method in ("get", "post"):
        answer = getattr(shared.browser().client, method)("/lti/login", base_url=shared.tool.url)
        assert (answer.status_code, answer.headers["X-Leerkring-Reason"]) == (401, "login_iss")


@pytest.mark.parametrize(
    "changes",
    [{"iss": "https://nobody.example"}, {"iss": ISSUER + "/"}, {"client_id": "nobody"}, {"client_id": CLIENT.upper()}],
    ids=str,
)
def test_k6_a_platform_nobody_registered_is_refused(shared: Sender, changes: dict[str, str]) -> None:
    page = _by(shared, "POST", **changes)
    assert (page.status, page.reason) == (401, "unknown_platform")
    assert "Set-Cookie" not in page.response.headers


def test_k2_one_issuer_may_have_many_clients(shared: Sender) -> None:
    issuer = "https://many.example"
    first = Sender(shared.tool, issuer=issuer, client_id="first")
    assert asked(first.login(first.browser(), client_id=ABSENT))["client_id"] == "first"
    Sender(shared.tool, issuer=issuer, client_id="second")
    for client in ("first", "second"):
        assert asked(first.login(first.browser(), client_id=client))["client_id"] == client
    # Which of the two is meant cannot be known.
    assert first.login(first.browser(), client_id=ABSENT).reason == "unknown_platform"


@pytest.mark.parametrize("target", ELSEWHERE.values(), ids=ELSEWHERE)
def test_k3_a_target_elsewhere_is_refused(shared: Sender, target: str) -> None:
    page = _by(shared, "POST", target_link_uri=target.format(url=shared.tool.url))
    assert (page.status, page.reason) == (401, "target_link_uri")
    assert "Location" not in page.response.headers


@pytest.mark.parametrize("changes", ODD.values(), ids=ODD)
def test_what_no_database_can_hold_is_refused(shared: Sender, changes: dict[str, str]) -> None:
    assert (_by(shared, "POST", **changes).status, _by(shared, "GET", **changes).status) == (401, 401)


def test_three_thousand_logins_leave_no_row(sender: Sender) -> None:
    """Anybody can ask for a login, as often as they like."""
    fields, client = sender.login_fields(), sender.browser(cookies=False).client
    with sender.tool.statements() as statements:
        for _ in range(3000):
            assert client.post("/lti/login", base_url=sender.tool.url, data=fields).status_code == 302
    # Which platform it is, is asked now and then.
    assert not [each for each in statements if not each.startswith("SELECT")]
    assert sum(sender.founded().values()) == 0
    with sender.tool.session() as session:
        assert session.query(BurntNonce).count() == 0


def test_a_state_is_ours_as_it_was_made_and_tells_no_nonce(shared: Sender) -> None:
    states = shared.tool.app.extensions["leerkring"].states
    question = asked(shared.login(shared.browser()))
    state = question["state"]
    # A page shows the state, and the nonce is what proves a browser (P5).
    said = state.removeprefix("state-").lstrip(".").partition(".")[0]
    raw = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))
    for read in (state.encode(), raw, zlib.decompress(raw) if state.startswith("state-.") else raw):
        assert question["nonce"].encode() not in read
    others = States("t" * 40)
    for other in (
        *(state[:at] + ("A" if state[at] != "A" else "B") + state[at + 1 :] for at in range(6, len(state) - 1)),
        *(state[:-1], state + "A", state.removeprefix("state-") + "x", "state-", "\0", "é", "state-" + "A" * 100_000),
        others.begin(1, None, shared.target, None, "").state,
    ):
        with pytest.raises(LaunchRefused) as refused:
            states.read(other)
        assert refused.value.reason == "unknown_state", other


def test_k3_a_login_remembers_what_it_was_for(shared: Sender) -> None:
    kept = _attempt(shared, asked(shared.login(shared.browser()))["state"])
    assert (kept.registration_id, kept.deployment_id, kept.target_link_uri) == (
        shared.registration_id,
        shared.deployment_id,
        shared.target,
    )
    assert kept.storage_target is None
    unsaid = _attempt(shared, asked(shared.login(shared.browser(), lti_deployment_id=ABSENT))["state"])
    assert unsaid.deployment_id is None


@pytest.mark.parametrize(
    ("hint", "way_back"),
    [
        ('{"cmid":3,"launchid":"x"}', ISSUER + "/mod/lti/view.php?id=3"),
        ('{"launchid":"x"}', ""),
        ('{"cmid":"3"}', ""),
        ('{"cmid":true}', ""),
        ("[3]", ""),
        ("opaque", ""),
        ("", ""),
        ("[" * 40_000, ""),
    ],
)
def test_m7_the_way_back_is_known_where_the_hint_names_the_activity(shared: Sender, hint: str, way_back: str) -> None:
    state = asked(shared.login(shared.browser(), lti_message_hint=hint))["state"]
    assert _attempt(shared, state).reopen_url == way_back


def test_only_the_login_answers_by_leaving_the_tool(shared: Sender) -> None:
    for name in ("redirect_uri", "state", "nonce", "scope", "response_mode"):
        question = asked(shared.login(shared.browser(), **{name: "https://evil.example"}))
        assert "evil.example" not in str(question)


@pytest.mark.parametrize("target", ["_parent", "platformFrame", '"><script>'])
def test_p1_p4_platform_storage_is_used_where_it_is_offered(shared: Sender, target: str) -> None:
    page = _by(shared, "POST", lti_storage_target=target)
    assert page.status == 200
    box = page.soup.find(id="storage")
    question = asked(page)
    assert {name: box[f"data-{name}"] for name in ("do", "target", "origin", "state", "nonce")} == {
        "do": "put",
        "target": target,
        # P3: the origin of the authentication address, not of the issuer.
        "origin": ISSUER,
        "state": question["state"],
        "nonce": question["nonce"],
    }
    assert question["client_id"] == CLIENT
    kept = _attempt(shared, question["state"])
    assert (kept.nonce, kept.storage_target) == (question["nonce"], target)


def test_p3_storage_is_asked_at_the_origin_of_the_authentication_address(shared: Sender) -> None:
    other = Sender(shared.tool, client_id="hosted", auth_login_url="https://sso.hosted.example:8443/api/lti/auth?x=1")
    box = _by(other, "POST", lti_storage_target="_parent").soup.find(id="storage")
    assert box["data-origin"] == "https://sso.hosted.example:8443"


def test_without_script_the_storage_page_leads_on_all_the_same(shared: Sender) -> None:
    page = _by(shared, "POST", lti_storage_target="_parent")
    assert page.soup.find("a", class_="btn")["href"] == page.soup.find(id="storage")["data-url"]
    policy = page.response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert all(script.get("src") and not script.string for script in page.soup.find_all("script"))
