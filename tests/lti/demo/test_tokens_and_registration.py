"""Tokens for a signed assertion, and dynamic registration, refused as Moodle refuses them."""

import json
import time
from typing import Any

import pytest
import requests

from lti_tool.demo.model import ToolRegistration
from lti_tool.demo.vocab import (
    LINE_ITEM,
    SCORE,
    TOOL_CONFIGURATION,
)
from tests.lti.demo.fake import REMOVED, STRANGER, World, later

# Tokens


@pytest.mark.parametrize(
    ("changes", "header", "error", "reason"),
    [
        ({"iss": "other"}, {}, "invalid_client", "iss"),
        ({"iss": REMOVED}, {}, "invalid_client", "iss"),
        ({"sub": "other"}, {}, "invalid_client", "sub"),
        ({"sub": REMOVED}, {}, "invalid_client", "sub"),
        ({"aud": "http://elsewhere.example"}, {}, "invalid_client", "aud"),
        ({"aud": REMOVED}, {}, "invalid_client", "aud"),
        ({"exp": REMOVED}, {}, "invalid_client", "exp"),
        ({"exp": int(time.time()) - 1}, {}, "invalid_client", "expired"),
        ({"exp": int(time.time()) + 7200}, {}, "invalid_client", "hour"),
        ({"iat": REMOVED}, {}, "invalid_client", "iat"),
        ({"iat": int(time.time()) + 3500}, {}, "invalid_client", "future"),
        ({"jti": REMOVED}, {}, "invalid_client", "jti"),
        ({}, {"kid": REMOVED}, "invalid_client", "kid"),
        ({}, {"kid": "unknown"}, "invalid_client", "no key"),
    ],
)
def test_token_refusals(world: World, changes: Any, header: Any, error: str, reason: str) -> None:
    answer = world.ask_token(world.fake.sign(world.assertion(**changes), **header))
    assert (answer.status_code, json.loads(answer.text)) == (400, {"error": error})
    assert answer.headers["Content-Type"].startswith("text/html")
    assert reason in world.reason()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, "unsupported_grant_type"),
        ({"scope": REMOVED}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"client_assertion": "no.jwt"}, "invalid_request"),
        ({"client_assertion": REMOVED}, "invalid_request"),
    ],
)
def test_token_form_refusals(world: World, changes: Any, error: str) -> None:
    answer = world.ask_token(world.fake.sign(world.assertion()), **changes)
    assert (answer.status_code, json.loads(answer.text)) == (400, {"error": error})


def test_token_signatures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    platform, kid = world.lms.platform, {"kid": world.fake.keys[-1].kid}
    forged = platform.sign(world.assertion(), headers=kid, key=STRANGER.private)
    assert world.ask_token(forged).status_code == 400
    weak = platform.sign(world.assertion(), headers=kid, key="s" * 32, algorithm="HS256")
    assert world.ask_token(weak).status_code == 400
    assert "alg" in world.reason()
    # A new key of the tool is fetched as soon as it signs.
    monkeypatch.setattr(world.fake, "keys", [*world.fake.keys, STRANGER])
    assert world.ask_token(world.fake.sign(world.assertion())).status_code == 200


def test_an_assertion_is_good_once(world: World) -> None:
    signed = world.fake.sign(world.assertion())
    assert [world.ask_token(signed).status_code for _ in range(2)] == [200, 400]


def test_an_unreachable_key_set_is_a_page(world: World) -> None:
    world.school.tools[world.tool.client_id] = ToolRegistration(
        **world.tool.__dict__ | {"jwks_uri": f"{world.fake.url}/nothing-here"}
    )
    answer = world.ask_token(world.fake.sign(world.assertion()))
    assert (answer.status_code, answer.text[:9]) == (500, "<!doctype")


def test_a_token_says_what_it_grants(world: World) -> None:
    signed = world.fake.sign(world.assertion())
    answer = world.ask_token(signed, scope=f"{SCORE} openid {LINE_ITEM}")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    granted = json.loads(answer.text)
    assert set(granted) == {"access_token", "token_type", "expires_in", "scope"}
    assert granted["scope"] == f"{SCORE} {LINE_ITEM}"
    assert requests.get(world.lms.addresses.token, timeout=5).status_code == 405


# Registration


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"response_types": REMOVED}, "missing required attribute response_types"),
        ({"grant_types": ["implicit"]}, "invalid_grant_types"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_token_endpoint_auth_method"),
        ({"application_type": "native"}, "invalid_application_type"),
        ({"redirect_uris": []}, "missing required attribute redirect_uris"),
        ({"redirect_uris": "http://tool.example"}, "invalid_redirect_uris"),
        ({"redirect_uris": ["/launch"]}, "invalid_redirect_uris"),
        ({"jwks_uri": REMOVED}, "missing required attribute jwks_uri"),
        ({"jwks_uri": "file:///keys"}, "invalid_jwks_uri"),
        ({"initiate_login_uri": "login"}, "invalid_initiate_login_uri"),
        ({"client_name": REMOVED}, "missing required attribute client_name"),
        ({"scope": ["openid"]}, "invalid_scope"),
        ({TOOL_CONFIGURATION: REMOVED}, f"missing required attribute {TOOL_CONFIGURATION}"),
        ({"configuration": {"domain": REMOVED}}, "missing_domain"),
        ({"configuration": {"domain": "127.0.0.1"}}, "domain_targetlinkuri_mismatch"),
        ({"configuration": {"target_link_uri": "x"}}, "invalid_target_link_uri"),
        ({"configuration": {"custom_parameters": {"a": None}}}, "invalid_custom_parameters"),
        ({"configuration": {"messages": ["x"]}}, "invalid_messages"),
    ],
)
def test_registration_refusals(world: World, changes: Any, message: str) -> None:
    answer = requests.post(
        world.lms.addresses.registration,
        json=world.fake.registration(**changes),
        timeout=5,
        headers={"Authorization": f"Bearer {world.lms.registrar.invite()}"},
    )
    assert (answer.status_code, answer.text) == (400, message)


def test_a_registration_token_is_needed_and_good_once_for_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def register(token: str | None) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.post(
            world.lms.addresses.registration,
            json=world.fake.registration(),
            headers=headers,
            timeout=5,
        )
        return answer.status_code, answer.text

    assert register(None) == (401, "missing_registration_token")
    assert register("made-up") == (401, "token_already_used")
    token, old = world.lms.registrar.invite(), world.lms.registrar.invite()
    assert register(token)[0] == 200
    assert register(token) == (401, "token_already_used")
    later(world, monkeypatch, 3601)
    assert register(old) == (401, "registration token expired")


def test_registering_again_updates_and_a_new_tool_waits(world: World) -> None:
    known = world.lms.registrar.register(world.lms.registrar.invite(), world.fake.registration(client_name="Renamed"))
    assert known["client_id"] == world.tool.client_id
    assert world.school.tools[world.tool.client_id].client_name == "Renamed"
    assert set(known) == {  # dynamic-registration.json
        "client_id",
        "response_types",
        "jwks_uri",
        "initiate_login_uri",
        "grant_types",
        "redirect_uris",
        "application_type",
        "token_endpoint_auth_method",
        "client_name",
        "logo_uri",
        "scope",
        TOOL_CONFIGURATION,
    }
    assert known[TOOL_CONFIGURATION]["messages"] == [
        {"type": "LtiDeepLinkingRequest", "target_link_uri": f"{world.fake.url}/launch"}
    ]
    elsewhere = world.fake.registration(
        scope=f"{SCORE} openid",
        configuration={"domain": "new.example", "target_link_uri": "https://new.example/"},
    )
    new = world.lms.registrar.register(world.lms.registrar.invite(), elsewhere)
    assert (new["scope"], new["client_id"] == known["client_id"]) == (SCORE, False)
    assert not world.school.tools[new["client_id"]].active
    waiting = world.assertion(iss=new["client_id"], sub=new["client_id"])
    assert world.ask_token(world.fake.sign(waiting)).json() == {"error": "invalid_client"}
