"""Every message that must not open anything: its own reason in header and log, a page in plain words, no trace.

Numbers: lti.md, B from the certification suite (1a), S and K from the specifications (1b).
"""

import datetime as dt
import re
import time
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from jwt.algorithms import RSAAlgorithm

from lti_tool.demo.vocab import DL_CLAIM, MEMBERSHIP
from lti_tool.door import refusals
from lti_tool.models import BurntNonce, Deployment
from tests.actors import Page, asked
from tests.lti.sender import ABSENT, CLAIM, DEPLOYMENT, ISSUER, Sender, another_key, our_key

NOW, DAY = int(time.time()), 86_400
PUBLIC_PEM = (
    our_key()
    .private.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
STRANGERS_JWK = RSAAlgorithm.to_jwk(another_key().private.public_key(), as_dict=True)
STRANGERS = {"key": another_key().private}
SETTINGS = DL_CLAIM + "deep_linking_settings"
TEXT_CLAIMS = (CLAIM + "message_type", CLAIM + "roles", CLAIM + "resource_link")

# What a teacher has no use for.
JARGON = re.compile(
    r"\b(token|jwt|jwks|nonce|state|claim|issuer|iss|kid|oidc|openid|client|deployment|registration|signature|payload"
    r"|lti|http|401|4\d\d|error|exception|traceback|sub|null|none|json)\b",
    re.IGNORECASE,
)

# What is wrong -> (changes of the claims, of the signing, of the login; the reason).
BAD_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "B3 version is not 1.3.0": ({"version": "1.2.0"}, "version"),
    "B3 version is a number": ({"version": 1.3}, "version"),
    "B4 no version": ({"version": ABSENT}, "no_version"),
    "B6 several claims missing": (dict.fromkeys(("message_type", "roles", "resource_link"), ABSENT), "no_message_type"),
    "B7 issued and expired in 1970": ({"iat": 11111, "exp": 22222}, "stale_iat"),
    "B8 no message_type": ({"message_type": ABSENT}, "no_message_type"),
    "B8 message_type is a list": ({"message_type": ["LtiResourceLinkRequest"]}, "no_message_type"),
    "B8 message_type nobody knows": ({"message_type": "LtiStartProctoring"}, "message_type"),
    "B9 no roles": ({"roles": ABSENT}, "no_roles"),
    "B9 roles are null": ({"roles": None}, "no_roles"),
    "B9 roles are a string": ({"roles": "Learner"}, "roles_no_list"),
    "B10 no deployment_id": ({"deployment_id": ABSENT}, "no_deployment_id"),
    "B10 deployment_id is a number": ({"deployment_id": 7}, "no_deployment_id"),
    "B10 deployment_id is empty": ({"deployment_id": ""}, "no_deployment_id"),
    "B10 deployment_id is beyond 255 (K6)": ({"deployment_id": "7" * 256}, "no_deployment_id"),
    "B11 no resource_link": ({"resource_link": ABSENT}, "no_resource_link"),
    "B11 resource_link without id": ({"resource_link": {"title": "Thuis"}}, "no_resource_link"),
    "B11 resource_link is null": ({"resource_link": None}, "no_resource_link"),
    "B11 resource_link with an empty id": ({"resource_link": {"id": ""}}, "no_resource_link"),
    "B12 no sub": ({"sub": ABSENT}, "no_sub"),
    "B12 sub is empty": ({"sub": ""}, "no_sub"),
    "B12 sub is a number": ({"sub": 5}, "no_sub"),
    "B12 sub is beyond 255 (K6)": ({"sub": "s" * 256}, "no_sub"),
    "O12 a test student": (
        {"roles": [MEMBERSHIP + "Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]},
        "test_user",
    ),
    "M48 a guest of Moodle, as recorded": (
        {
            "sub": "1",
            "name": "Guest user  ",
            "email": "root@localhost",
            "tool_platform": {"product_family_code": "moodle", "version": "2024100706"},
        },
        "guest",
    ),
    "S5 no iss": ({"iss": ABSENT}, "no_issuer"),
    "S5 another iss": ({"iss": "https://other.example"}, "issuer"),
    "S5 iss with a slash more": ({"iss": ISSUER + "/"}, "issuer"),
    "S5 iss in capitals": ({"iss": ISSUER.upper()}, "issuer"),
    "S5 iss is a list": ({"iss": [ISSUER]}, "issuer"),
    "S6 no aud": ({"aud": ABSENT}, "no_aud"),
    "S6 aud of somebody else": ({"aud": "other"}, "audience"),
    "S6 aud only of others": ({"aud": ["other", "another"]}, "audience"),
    "S6 aud is an object": ({"aud": {"leerkring-at-school": True}}, "audience"),
    "S6 aud holds no strings": ({"aud": [5, None]}, "audience"),
    "S6 aud of others too": ({"aud": ["leerkring-at-school", "other"]}, "several_audiences"),
    "S7 aud of others too, and azp is somebody else": (
        {"aud": ["leerkring-at-school", "other"], "azp": "other"},
        "azp",
    ),
    "S7 azp is somebody else": ({"azp": "other"}, "azp"),
    "S7 azp is null": ({"azp": None}, "azp"),
    "S8 no exp": ({"exp": ABSENT}, "no_exp"),
    "S8 expired beyond the leeway": ({"exp": lambda: time.time() - 40, "iat": lambda: time.time()}, "expired"),
    "S8 exp is no number": ({"exp": "tomorrow"}, "malformed_token"),
    "S8 exp is infinite": ({"exp": float("inf")}, "malformed_token"),
    "S8 exp is not a number": ({"exp": float("nan")}, "malformed_token"),
    "S8 exp is beyond all years": ({"exp": 10**400}, "malformed_token"),
    "S8 exp is a truth": ({"exp": True}, "malformed_token"),
    "S8 exp is null": ({"exp": None}, "no_exp"),
    "S8 iat is not a number": ({"iat": float("nan")}, "iat"),
    "S8 iat is before all time": ({"iat": float("-inf")}, "iat"),
    "S8 nbf is no number": ({"nbf": {}}, "malformed_token"),
    "S8 no iat": ({"iat": ABSENT}, "no_iat"),
    "S8 iat is no number": ({"iat": "today"}, "iat"),
    "S8 iat is a number in a string": ({"iat": str(NOW)}, "iat"),
    "S8 issued before the login": ({"iat": NOW - 3600}, "stale_iat"),
    "S8 issued a month ago": ({"iat": NOW - 30 * DAY, "exp": NOW + DAY}, "stale_iat"),
    "S8 issued beyond the leeway ahead": ({"iat": NOW + DAY, "exp": NOW + 2 * DAY}, "future_iat"),
    "S8 not to be used yet": ({"nbf": NOW + DAY}, "future_iat"),
    "S9 no nonce": ({"nonce": ABSENT}, "no_nonce"),
    "S9 another nonce": ({"nonce": "another"}, "nonce"),
    "S9 nonce is a list": ({"nonce": ["another"]}, "nonce"),
    "K3 another target_link_uri than at login": ({"target_link_uri": "https://other.example/x"}, "target_link_uri"),
    "K3 another deployment than at login": ({"deployment_id": "8"}, "deployment_mismatch"),
    "T9 no context": ({"context": ABSENT}, "no_context"),
    "T9 context is null": ({"context": None}, "no_context"),
    "context is empty": ({"context": {}}, "no_context"),
    "context without id": ({"context": {"title": "x"}}, "context_id"),
    "context id is beyond 255 (K6)": ({"context": {"id": "c" * 256}}, "context_id"),
    "context id holds a zero byte": ({"context": {"id": "c\0"}}, "context_id"),
    "context is a string": ({"context": "course-1"}, "context_id"),
    "sub holds a zero byte": ({"sub": "fati\0ma"}, "no_sub"),
    "deep linking without settings": (Sender.picking() | {SETTINGS: ABSENT}, "deep_linking_settings"),
    "deep linking without a return address": (
        Sender.picking(deep_link_return_url=ABSENT),
        "deep_linking_settings",
    ),
    "deep linking back to a script": (
        Sender.picking(deep_link_return_url="javascript:alert(1)"),
        "deep_linking_settings",
    ),
}

BAD_SIGNATURES: dict[str, tuple[dict[str, Any], str]] = {
    "B1 no kid": ({"header": {"kid": ABSENT}}, "no_kid"),
    "B1 kid is empty": ({"header": {"kid": ""}}, "no_kid"),
    "B1 kid is a number": ({"header": {"kid": 5}}, "malformed_token"),
    "S4 another key under our kid": (STRANGERS, "bad_signature"),
    "S10 none": ({"algorithm": "none"}, "algorithm"),
    "S10 HMAC with the public key": ({"algorithm": "HS256", "key": PUBLIC_PEM}, "algorithm"),
    "S10 key named by jku": ({**STRANGERS, "header": {"jku": "https://evil.example/jwks"}}, "bad_signature"),
    "S10 key brought as jwk": ({**STRANGERS, "header": {"jwk": STRANGERS_JWK}}, "bad_signature"),
    "S10 key named by x5u": ({**STRANGERS, "header": {"x5u": "https://evil.example/c.pem"}}, "bad_signature"),
    "S10 key brought as x5c": ({**STRANGERS, "header": {"x5c": ["MIIB"]}}, "bad_signature"),
    "S10 an extension we must know": ({"header": {"crit": ["x"], "x": 1}}, "malformed_token"),
    "S17 PS256 is not on the list": ({"algorithm": "PS256"}, "algorithm"),
    "S17 an algorithm the key is not for": ({"algorithm": "RS512"}, "algorithm"),
    "S17 ES256 named, RSA signed": ({"header": {"alg": "ES256"}}, "algorithm"),
}

BAD_TOKENS: dict[str, tuple[str, str]] = {
    "no token": ("", "no_id_token"),
    "B5 only a name": (Sender.sign({"name": "badltilaunch"}), "no_nonce"),
    "words": ("not a token at all", "malformed_token"),
    "two dots": ("..", "malformed_token"),
    "body is a list": (Sender.sign("[]"), "malformed_token"),
    "body is no JSON": (Sender.sign("{"), "malformed_token"),
    "body is a well of brackets": (Sender.sign('{"a":' * 10_000), "malformed_token"),
    "body is a number too long to read": (Sender.sign('{"exp":' + "9" * 5000 + "}"), "malformed_token"),
    "cut off": (Sender.sign({"nonce": "x"})[:-21], "malformed_token"),
}


def _english(sender: Sender, reason: str) -> tuple[str, str]:
    with sender.tool.app.test_request_context(headers={"Accept-Language": "en"}):
        return refusals.words(reason)


def _refused(sender: Sender, page: Page, reason: str, language: str, logged: list[Any]) -> None:
    """Refused for that reason, in that language, in plain words, with nothing told to the log that is personal."""
    assert (page.status, page.reason) == (401, reason), page.text
    lines = [line for line in logged if line["event"] == "launch_refused"]
    assert [line["reason"] for line in lines] == [reason]
    for secret in ("Fatima", "geheim", "eyJ"):
        assert secret not in str(logged)
    assert page.soup.html["lang"] == language
    sentence, advice = _english(sender, reason)
    heading = page.soup.h1.get_text()
    if reason not in ("stale_iat", "future_iat"):
        assert (heading == sentence) is (language == "en"), "there is no Dutch for it"
        assert (advice in page.text) is (language == "en")
    assert not JARGON.search(page.text), JARGON.search(page.text)
    assert not page.soup.find("textarea"), "what the LMS posted is nothing a person typed"
    cookies = page.response.headers.getlist("Set-Cookie")
    assert not [cookie for cookie in cookies if cookie.startswith("__Host-leerkring")]


def _table(rows: dict[str, Any]) -> Any:
    return [pytest.param(*row, id=name) for name, row in rows.items()]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("changes", "reason"), _table(BAD_CLAIMS))
def test_claims_that_do_not_hold_open_nothing(
    shared: Sender, logged: list[Any], changes: dict[str, Any], reason: str, language: str
) -> None:
    before = shared.founded()
    # What is of the moment is told at the moment: tests may come long after their table.
    said = {name: value() if callable(value) else value for name, value in changes.items()}
    page = shared.launch(shared.browser(language=language), **said)
    _refused(shared, page, reason, language, logged)
    assert shared.founded() == before


# By how much the platform's clock is ahead -> what is said of it.
CLOCKS = {
    45: ("loopt 45 seconden voor", "is 45 seconds ahead of"),
    519: ("loopt 8 minuten voor", "is 8 minutes ahead of"),
    7300: ("loopt 2 uur voor", "is 2 hours ahead of"),
    -45: ("loopt 45 seconden achter", "is 45 seconds behind"),
    -519: ("loopt 8 minuten achter", "is 8 minutes behind"),
    -200_000: ("loopt 2 dagen achter", "is 2 days behind"),
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("ahead", "said"), CLOCKS.items())
def test_o9_a_clock_that_is_wrong_is_named_right_both_ways(
    shared: Sender, logged: list[Any], ahead: int, said: tuple[str, str], language: str
) -> None:
    """Moodle's tokens live a minute: with its clock behind, they come expired, and that is not what is wrong."""
    browser = shared.browser(language=language)
    with time_machine.travel(dt.datetime(2026, 11, 29, 8, 30, tzinfo=dt.UTC), tick=False):
        question = asked(shared.login(browser))
        now = int(time.time()) + ahead
        page = shared.post(
            browser, question["state"], shared.sign(shared.claims(question["nonce"], iat=now, exp=now + 60))
        )
    _refused(shared, page, "future_iat" if ahead > 0 else "stale_iat", language, logged)
    assert said[language == "en"] in page.soup.h1.get_text()
    assert f"{abs(ahead)} second" in page.text
    assert [line["detail"] for line in logged if line["event"] == "launch_refused"] == [f"{ahead:+} s"]


def test_a_good_launch_that_comes_late_is_late_and_no_clock_is_blamed(shared: Sender, logged: list[Any]) -> None:
    browser = shared.browser(language="en")
    question = asked(shared.login(browser))
    token = shared.sign(shared.claims(question["nonce"]))
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=3)):
        _refused(shared, shared.post(browser, question["state"], token), "expired", "en", logged)


def test_b6_the_log_names_every_claim_that_is_missing(shared: Sender, logged: list[Any]) -> None:
    shared.launch(**BAD_CLAIMS["B6 several claims missing"][0], version=ABSENT, sub=ABSENT)
    detail = next(line["detail"] for line in logged if line["event"] == "launch_refused")
    # A missing resource_link is only looked at in a message that needs one.
    assert detail.split(", ") == sorted([CLAIM + "message_type", CLAIM + "roles", CLAIM + "version", "sub"])


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("signing", "reason"), _table(BAD_SIGNATURES))
def test_signatures_that_do_not_hold_open_nothing(
    shared: Sender, logged: list[Any], signing: dict[str, Any], reason: str, language: str
) -> None:
    before = shared.founded()
    page = shared.launch(shared.browser(language=language), signing=signing)
    _refused(shared, page, reason, language, logged)
    assert shared.founded() == before


@pytest.mark.parametrize(("token", "reason"), _table(BAD_TOKENS))
def test_what_is_no_token_opens_nothing(shared: Sender, logged: list[Any], token: str, reason: str) -> None:
    browser = shared.browser(language="nl")
    state = asked(shared.login(browser))["state"]
    _refused(shared, shared.post(browser, state, token), reason, "nl", logged)


def test_a_form_beyond_all_measure_is_refused_with_a_page(shared: Sender) -> None:
    assert shared.post(shared.browser(), "x", "a" * (7 * 1024 * 1024)).status == 413


def test_s3_a_state_is_needed_known_and_its_own(shared: Sender, logged: list[Any]) -> None:
    browser = shared.browser(language="nl")
    question = asked(shared.login(browser))
    token = shared.sign(shared.claims(question["nonce"]))
    for state, reason in (("", "no_state"), ("state-nobody-made", "unknown_state")):
        _refused(shared, shared.post(browser, state, token), reason, "nl", logged)
        logged.clear()
    other = asked(shared.login(browser))
    _refused(shared, shared.post(browser, other["state"], token), "nonce", "nl", logged)


@pytest.mark.parametrize("changes", [{}, Sender.picking()], ids=["a page", "the picker"])
def test_s9_a_launch_that_is_posted_twice_leads_to_the_page_it_opened(shared: Sender, changes: dict[str, Any]) -> None:
    """Back, reload: the browser whose session holds that page gets there again, and nothing more happens."""
    browser = shared.browser()
    question = asked(shared.login(browser))
    token = shared.sign(shared.claims(question["nonce"], **changes))
    first = shared.post(browser, question["state"], token)
    assert first.status == 200
    before = shared.founded()
    # Also long after, and after another launch of the same person, which rotates the session.
    for minutes in (0, 11, 60):
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)):
            again = shared.post(browser, question["state"], token)
        assert (again.status, again.url) == (200, first.url)
    assert shared.founded() == before
    shared.launch(browser)
    assert shared.post(browser, question["state"], token).url == first.url


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("who", ["another browser", "one that keeps no cookies", "one that is somebody else's now"])
def test_s9_a_launch_that_is_posted_twice_opens_for_no_other_browser(
    shared: Sender, logged: list[Any], who: str, language: str
) -> None:
    browser = shared.browser(language=language)
    question = asked(shared.login(browser))
    token = shared.sign(shared.claims(question["nonce"]))
    assert shared.post(browser, question["state"], token).status == 200
    if who == "one that is somebody else's now":
        shared.launch(browser, sub="somebody-else", name="Somebody Else")
    else:
        browser = shared.browser(cookies=who == "another browser", language=language)
        if who == "another browser":
            shared.launch(browser, sub="somebody-else", name="Somebody Else")
    before = shared.founded()
    _refused(shared, shared.post(browser, question["state"], token), "state_used", language, logged)
    assert shared.founded() == before


def test_s9_a_refused_answer_of_the_platform_has_used_up_its_login(shared: Sender) -> None:
    browser = shared.browser()
    question = asked(shared.login(browser))
    refused = shared.sign(shared.claims(question["nonce"], **{CLAIM + "version": "1.1"}))
    assert shared.post(browser, question["state"], refused).reason == "version"
    good = shared.sign(shared.claims(question["nonce"]))
    assert shared.post(browser, question["state"], good).reason == "state_used"


def test_s9_what_is_no_answer_of_the_platform_leaves_no_row(shared: Sender) -> None:
    """Anybody can ask for a state and post it: a table that they could fill would be theirs."""
    browser = shared.browser()
    question = asked(shared.login(browser))
    for token in ("nonsense", shared.sign(shared.claims(question["nonce"]), key=another_key().private)):
        assert shared.post(browser, question["state"], token).status == 401
    with shared.tool.session() as session:
        assert session.get(BurntNonce, question["nonce"]) is None
    assert shared.post(browser, question["state"], shared.sign(shared.claims(question["nonce"]))).status == 200


def test_a_login_serves_for_ten_minutes(shared: Sender, logged: list[Any]) -> None:
    browser = shared.browser(language="en")
    question = asked(shared.login(browser))
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11)):
        page = shared.post(browser, question["state"], shared.sign(shared.claims(question["nonce"])))
    _refused(shared, page, "login_expired", "en", logged)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("said", ["login_required", "invalid_request", "<b>" * 99])
def test_s15_a_platform_that_says_no_is_told_in_words(
    shared: Sender, logged: list[Any], said: str, language: str
) -> None:
    browser = shared.browser(language=language)
    question = asked(shared.login(browser))
    fields = {"state": question["state"], "error": said, "error_description": "Fatima must log in again, please do so"}
    page = browser.post("/lti/launch", fields, site="cross-site")
    _refused(shared, page, "platform_error", language, logged)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_unknown_deployment_is_noted_and_refused_kindly(shared: Sender, logged: list[Any], language: str) -> None:
    for _ in range(2):
        page = shared.launch(
            shared.browser(language=language), login={"lti_deployment_id": ABSENT}, deployment_id=f"new-{language}"
        )
        _refused(shared, page, "unknown_deployment", language, logged)
        logged.clear()
    with shared.tool.session() as session:
        noted = session.query(Deployment).filter_by(deployment_id=f"new-{language}").one()
    assert (noted.approved, noted.registration_id) == (False, shared.registration_id)


def test_only_a_token_that_holds_has_its_deployment_noted(shared: Sender) -> None:
    shared.launch(signing=STRANGERS, login={"lti_deployment_id": ABSENT}, deployment_id="forged")
    with shared.tool.session() as session:
        assert [row.deployment_id for row in session.query(Deployment).filter_by(deployment_id="forged")] == []
        assert session.query(Deployment).filter_by(deployment_id=DEPLOYMENT).one().approved


def test_every_reason_has_words_in_both_languages(shared: Sender) -> None:
    words = {}
    for language in ("nl", "en"):
        with shared.tool.app.test_request_context(headers={"Accept-Language": language}):
            words[language] = {reason: refusals.words(reason) for reason in (*REASONS, "anything else")}
    for reason, (sentence, advice) in words["en"].items():
        assert words["nl"][reason][0] != sentence, reason
        assert words["nl"][reason][1] != advice, reason
    late = words["en"]["expired"]
    assert words["en"]["handover_expired"] == late
    assert words["en"]["no_cookies_at_all"] not in (late, words["en"]["anything else"])


@pytest.mark.parametrize(
    ("reason", "names"),
    [
        ("no_sub", "Send user's ID?"),
        ("no_roles", "Send user's role?"),
        ("roles_no_list", "list of roles"),
        ("test_user", "student view"),
        ("guest", "enrol"),
    ],
)
def test_what_the_lms_does_not_pass_on_names_the_setting_that_does(shared: Sender, reason: str, names: str) -> None:
    assert names in " ".join(_english(shared, reason))
    for other in ("no_nonce", "malformed_token"):
        assert _english(shared, reason) != _english(shared, other)


REASONS = sorted(
    {row[1] for table in (BAD_CLAIMS, BAD_SIGNATURES, BAD_TOKENS) for row in table.values()}
    | {"handover_expired", "no_cookies_at_all", "platform_error", "unknown_platform", "unknown_kid", "key_set"}
)
