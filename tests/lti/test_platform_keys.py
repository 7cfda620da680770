"""Keys of platforms: fetched again once for what nobody can verify, not too often, and never lost by a failed fetch.

Numbers: lti.md, B2 (1a), S11 and S17 (1b), pain U14.
"""

import datetime as dt
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from jwt.algorithms import RSAAlgorithm

from lti_tool.demo.keys import SigningKey
from lti_tool.lti import outbound, platform_keys, platforms
from lti_tool.lti.key_sets import parse_key_set
from lti_tool.models import Registration
from tests.actors import Page, Tool
from tests.lti.sender import Sender, another_key, ec_key, our_key, unique
from tests.lti.site import Answer, Site

PUBLISHED = {"keys": [our_key().jwk()]}
ROTATED = {"keys": [our_key().jwk(), another_key().jwk()]}
REPLACED = {"keys": [another_key().jwk()]}
# Every way a fetch fails, and what the log says of it.
FAILURES = {
    "not found": (Answer({"keys": []}, status=404), "status"),
    "a JSON error": (Answer({"error": "maintenance"}, status=500), "status"),
    "a page": (Answer("<h1>Maintenance</h1>"), "not_json"),
    "half a document": (Answer('{"keys": [{"kty"'), "not_json"),
    "a well of brackets": (Answer("[" * 100_000), "not_json"),
    "a list": (Answer([]), "no usable key"),
    "no keys": (Answer({"keys": []}), "no usable key"),
    "keys of no use": (Answer({"keys": [5, {"kty": "RSA"}, {**our_key().jwk(), "n": 5}]}), "no usable key"),
    "keys that are no list": (Answer({"keys": {"a": 1}}), "no usable key"),
    "a redirect elsewhere": (Answer("", 302, {"Location": "http://127.0.0.1:9/"}), "status"),
    "less than promised": (Answer("{", headers={"Content-Length": "9"}), "connection"),
    "packed wrongly": (Answer("{}", headers={"Content-Encoding": "gzip"}), "connection"),
}


@pytest.fixture
def platform(tool: Tool, site: Site) -> Sender:
    """A platform whose keys lie at site.url, as fetched some time ago."""
    site.answers["/jwks"] = Answer(PUBLISHED)
    return Sender(tool, jwks=PUBLISHED, key_set_url=site.url + "/jwks")


def _launch(sender: Sender, key: SigningKey | None = None, kid: str = "") -> Page:
    key = key or our_key()
    return sender.launch(sub=unique("who"), signing={"key": key.private, "header": {"kid": kid or key.kid}})


def _kept(sender: Sender) -> Any:
    with sender.tool.session() as session:
        return session.get_one(Registration, sender.registration_id).key_set


def test_b2_an_unknown_kid_is_looked_for_once_and_refused(platform: Sender, site: Site) -> None:
    assert _launch(platform, kid="nobody").reason == "unknown_kid"
    assert len(site.asked) == 1


def test_a_known_kid_asks_nobody(platform: Sender, site: Site) -> None:
    for _ in range(3):
        assert _launch(platform).status == 200
    assert site.asked == []


def test_s11_a_rotated_key_is_fetched_once_and_both_open(platform: Sender, site: Site) -> None:
    site.answers["/jwks"] = Answer(ROTATED)
    for key in (another_key(), another_key(), our_key()):
        assert _launch(platform, key).status == 200
    assert len(site.asked) == 1
    assert _kept(platform) == ROTATED


def test_s11_a_key_that_was_withdrawn_opens_no_more_once_that_is_known(platform: Sender, site: Site) -> None:
    site.answers["/jwks"] = Answer(REPLACED)
    assert _launch(platform, another_key()).status == 200
    assert _launch(platform, our_key()).reason == "unknown_kid"


@pytest.mark.parametrize(("answer", "why"), FAILURES.values(), ids=FAILURES)
def test_a_failed_fetch_is_never_kept(
    platform: Sender, site: Site, logged: list[Any], answer: Answer, why: str
) -> None:
    site.answers["/jwks"] = answer
    assert _launch(platform, another_key()).reason == "key_set"
    assert [line["detail"] for line in logged if line["event"] == "launch_refused"] == [why]
    assert _kept(platform) == PUBLISHED
    assert _launch(platform, our_key()).status == 200
    site.answers["/jwks"] = Answer(ROTATED)
    assert _launch(platform, another_key()).status == 200


def test_a_platform_that_does_not_answer_is_waited_for_so_long(
    platform: Sender, site: Site, logged: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "TIMEOUT", (0.2, 0.2))
    site.answers["/jwks"] = Answer(ROTATED, wait=30)
    assert _launch(platform, another_key()).reason == "key_set"
    assert logged[-1]["detail"] == "timeout"


def test_a_flood_of_made_up_kids_does_not_reach_the_platform(
    platform: Sender, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = [_launch(platform, kid=f"made-up-{number}").reason for number in range(8)]
    assert set(reasons) == {"unknown_kid"}
    assert len(site.asked) == platform_keys.FETCHES
    # What is known goes on opening, and another platform has a limit of its own.
    assert _launch(platform).status == 200
    other = Sender(platform.tool, client_id="other", jwks=PUBLISHED, key_set_url=site.url + "/jwks")
    assert _launch(other, kid="made-up").reason == "unknown_kid"
    assert len(site.asked) == platform_keys.FETCHES + 1
    # A while later a rotated key is found again.
    monkeypatch.setattr(platform_keys, "PERIOD", 0)
    site.answers["/jwks"] = Answer(ROTATED)
    assert _launch(platform, another_key()).status == 200


SAME_KID = {"keys": [{**another_key().jwk(), "kid": our_key().kid}]}


def test_o11_a_key_changed_under_its_kid_is_fetched_once_and_opens(platform: Sender, site: Site) -> None:
    """WordPress keeps its key in a text field: who pastes another one keeps the kid."""
    site.answers["/jwks"] = Answer(SAME_KID)
    for _ in range(2):
        assert _launch(platform, another_key(), kid=our_key().kid).status == 200
    assert len(site.asked) == 1
    assert _kept(platform) == SAME_KID
    assert _launch(platform).reason == "bad_signature", "the key before it is withdrawn"
    assert len(site.asked) == 1


def test_o11_a_key_changed_to_another_kind_under_its_kid_opens_too(platform: Sender, site: Site) -> None:
    private, public = ec_key(256)
    site.answers["/jwks"] = Answer({"keys": [{**public, "kid": our_key().kid}]})
    signing = {"algorithm": "ES256", "key": private, "header": {"kid": our_key().kid}}
    assert platform.launch(signing=signing).status == 200
    assert len(site.asked) == 1


def test_o11_a_bad_signature_is_settled_by_one_fetch_and_asks_again_after_some_minutes(
    platform: Sender, site: Site
) -> None:
    for _ in range(3):
        assert _launch(platform, another_key(), kid=our_key().kid).reason == "bad_signature"
    assert len(site.asked) == 1
    with time_machine.travel(dt.datetime.now(dt.UTC) + platform_keys.SETTLED + dt.timedelta(seconds=30)):
        assert _launch(platform, another_key(), kid=our_key().kid).reason == "bad_signature"
    assert len(site.asked) == 2


def test_o11_bad_signatures_do_not_flood_a_platform_that_fails(platform: Sender, site: Site) -> None:
    site.answers["/jwks"] = Answer(status=500)
    for _ in range(platform_keys.FETCHES + 2):
        assert _launch(platform, another_key(), kid=our_key().kid).reason == "bad_signature"
    assert len(site.asked) == platform_keys.FETCHES
    assert _kept(platform) == PUBLISHED
    assert _launch(platform).status == 200


def test_only_a_login_of_that_platform_makes_the_tool_fetch(platform: Sender, site: Site) -> None:
    browser = platform.browser()
    token = platform.sign(platform.claims("x"), {"kid": "nobody"})
    for state in ("", "made up"):
        platform.post(browser, state, token)
    platform.launch(signing={"header": {"kid": "nobody"}}, nonce="made up")
    platform.launch(signing={"header": {"kid": "nobody"}}, iss="https://elsewhere.example")
    platform.launch(signing={"key": another_key().private}, nonce="made up")
    platform.launch(signing={"key": another_key().private}, iss="https://elsewhere.example")
    assert site.asked == []


def test_keys_are_read_again_each_day_without_anybody_waiting(
    platform: Sender, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platforms, "FRESH", 0.0)  # what the worker did is seen at once
    assert _launch(platform).status == 200
    platform.tool.deliver()
    assert len(site.asked) == 1  # never dated before
    assert _launch(platform).status == 200
    platform.tool.deliver()
    assert len(site.asked) == 1
    site.answers["/jwks"] = Answer(ROTATED)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=2)):
        assert _launch(platform).status == 200
        assert len(site.asked) == 1
        platform.tool.deliver()
    assert len(site.asked) == 2
    assert _kept(platform) == ROTATED


@pytest.mark.parametrize("bits", [512, 1024, 2047, 2048])
def test_an_rsa_key_of_less_than_2048_bits_is_not_believed(platform: Sender, site: Site, bits: int) -> None:
    """Whoever can break the key is everybody of that school."""
    modulus = (1 << (bits - 1)) + 1
    short = RSAAlgorithm.to_jwk(RSAPublicNumbers(65537, modulus).public_key(), as_dict=True)
    members = [{**short, "kid": "short", "use": "sig", "alg": "RS256"}, our_key().jwk()]
    assert set(parse_key_set({"keys": members})) == {our_key().kid} | ({"short"} if bits == 2048 else set())
    site.answers["/jwks"] = Answer({"keys": members})
    assert _launch(platform, kid="short").reason == ("weak_key" if bits < 2048 else "bad_signature")
    site.answers["/jwks"] = Answer({"keys": members[:1]})
    assert _launch(platform, kid="other").reason == ("weak_key" if bits < 2048 else "unknown_kid")
    # The key that is long enough goes on.
    assert _launch(platform).status == 200 or bits == 2048
