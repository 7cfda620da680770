"""The demo's LMS refuses what the standards and Moodle refuse: one row for each refusal.

The tool here is only a key set, two addresses and a registration, served from a thread.
"""

import html
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from flask import Flask, request
from werkzeug.serving import make_server

from lti_tool.demo import pages, texts
from lti_tool.demo.keys import SigningKey
from lti_tool.demo.lms import Lms
from lti_tool.demo.messages import ABSENT
from lti_tool.demo.model import Activity, Column, ToolRegistration
from lti_tool.demo.platform import AuthError, FormPost
from lti_tool.demo.vocab import (
    AGS_CLAIM,
    CLAIM,
    DEEP_LINKING_RESPONSE,
    DL_CLAIM,
    LINE_ITEM,
    LINE_ITEM_READONLY,
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
    MEMBERS_TYPE,
    MEMBERSHIP,
    NRPS_CLAIM,
    RESULT_READONLY,
    RESULTS_TYPE,
    SCOPES,
    SCORE,
    SCORE_TYPE,
    TOOL_CONFIGURATION,
)

PRACTICE, TECHNOLOGY = "2", "3"
ADMIN, WOUT, FATIMA, MARIEKE, YOUSSEF, SIOBHAN, ELS, MIEKE, KARIN = (
    "2",
    "3",
    "4",
    "5",
    "6",
    "8",
    "12",
    "13",
    "14",
)
SERVICES = "/mod/lti/services.php"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REMOVED = object()
STRANGER = SigningKey.generate()


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in (base | changes).items() if v is not REMOVED}


class FakeTool:
    """A key set at /jwks, a page at /item, and /register, which registers what it holds."""

    def __init__(self) -> None:
        self.keys = [SigningKey.generate()]
        self.visited: list[str] = []
        self.answers: list[requests.Response] = []
        app = Flask(__name__)
        app.add_url_rule("/jwks", "jwks", self.jwks)
        app.add_url_rule("/register", "register", self.register)
        app.add_url_rule("/item/<name>", "item", self.item)
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.domain = f"127.0.0.1:{self.server.port}"
        self.url = f"http://{self.domain}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def jwks(self) -> dict[str, Any]:
        return {"keys": [key.jwk() for key in self.keys]}

    def item(self, name: str) -> str:
        self.visited.append(name)
        return "an item"

    def register(self) -> str:
        configuration = requests.get(request.args["openid_configuration"], timeout=5).json()
        self.answers.append(
            requests.post(
                configuration["registration_endpoint"],
                json=self.registration(),
                timeout=5,
                headers={"Authorization": f"Bearer {request.args['registration_token']}"},
            )
        )
        return "registered"

    def registration(self, /, **changes: Any) -> dict[str, Any]:
        """The registration; `configuration` changes its tool configuration."""
        configuration = {
            "domain": self.domain,
            "target_link_uri": f"{self.url}/launch",
            "custom_parameters": {"who_wins": "tool", "history": "$Context.id.history"},
            "claims": ["iss", "sub", "name", "given_name", "family_name", "email"],
            "messages": [
                {"type": "LtiDeepLinkingRequest", "target_link_uri": f"{self.url}/launch", "label": "Kies"},
                {"type": "LtiResourceLinkRequest"},
            ],
        }
        return merged(
            {
                "application_type": "web",
                "response_types": ["id_token"],
                "grant_types": ["implicit", "client_credentials"],
                "initiate_login_uri": f"{self.url}/login",
                "redirect_uris": [f"{self.url}/launch"],
                "client_name": "Fake",
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint_auth_method": "private_key_jwt",
                "scope": " ".join(SCOPES),
                TOOL_CONFIGURATION: merged(configuration, changes.pop("configuration", {})),
            },
            changes,
        )

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        key = self.keys[-1]
        return jwt.encode(claims, key.private, "RS256", merged({"kid": key.kid}, header))


class World:
    """The LMS, the tool it knows, and short ways to talk to both."""

    def __init__(self, lms: Lms, fake: FakeTool, tool: ToolRegistration) -> None:
        self.lms, self.fake, self.tool = lms, fake, tool
        self.school = lms.school
        self.http = requests.Session()
        self.tokens: dict[tuple[str, ...], str] = {}

    def assertion(self, /, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        return merged(
            {
                "iss": self.tool.client_id,
                "sub": self.tool.client_id,
                "aud": self.lms.addresses.token,
                "iat": now,
                "exp": now + 300,
                "jti": uuid.uuid4().hex,
            },
            changes,
        )

    def ask_token(self, signed: str, /, **changes: Any) -> requests.Response:
        form = merged(
            {
                "grant_type": "client_credentials",
                "client_assertion_type": JWT_BEARER,
                "client_assertion": signed,
                "scope": " ".join(SCOPES),
            },
            changes,
        )
        return self.http.post(self.lms.addresses.token, data=form, timeout=5)

    def bearer(self, *scopes: str) -> str:
        if scopes not in self.tokens:
            answer = self.ask_token(self.fake.sign(self.assertion()), scope=" ".join(scopes or SCOPES))
            self.tokens[scopes] = answer.json()["access_token"]
        return self.tokens[scopes]

    def call(
        self,
        method: str,
        path: str,
        media: str,
        body: Any = None,
        *,
        token: str | None = None,
        **headers: str,
    ) -> requests.Response:
        """One service call; `path` is below services.php or a whole address."""
        url = path if path.startswith("http") else self.lms.url + SERVICES + path
        name = "Accept" if method == "GET" else "Content-Type"
        headers = {name: media, "Authorization": f"Bearer {token or self.bearer()}"} | headers
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        return self.http.request(method, url, data=data, headers=headers, timeout=5)

    def activity(self, **custom: str) -> tuple[Activity, Column]:
        activity = self.school.add_activity(
            PRACTICE, self.tool.client_id, "Stap", url=f"{self.fake.url}/launch", custom=custom
        )
        return activity, self.school.couple(activity, 10, "stap", "deelname")

    def score(self, column: Column, /, **changes: Any) -> requests.Response:
        return self.call(
            "POST",
            self.lms.addresses.lineitem(column, self.tool, "/scores"),
            SCORE_TYPE,
            a_score(**changes),
        )

    def results(self, column: Column, extra: str = "") -> Any:
        url = self.lms.addresses.lineitem(column, self.tool, "/results") + extra
        return self.call("GET", url, RESULTS_TYPE).json()

    def reason(self) -> str:
        return self.lms.calls[-1].reason

    def auth_request(self, login: FormPost, /, **changes: Any) -> dict[str, str]:
        return merged(
            {
                "scope": "openid",
                "response_type": "id_token",
                "response_mode": "form_post",
                "prompt": "none",
                "client_id": login.fields["client_id"],
                "redirect_uri": f"{self.fake.url}/launch",
                "login_hint": login.fields["login_hint"],
                "lti_message_hint": login.fields["lti_message_hint"],
                "state": "s",
                "nonce": "n",
            },
            changes,
        )

    def claims_of(self, form: FormPost) -> dict[str, Any]:
        keys = jwt.PyJWKSet.from_dict(requests.get(self.lms.addresses.jwks, timeout=5).json())
        kid = jwt.get_unverified_header(form.fields["id_token"])["kid"]
        claims: dict[str, Any] = jwt.decode(form.fields["id_token"], keys[kid], ["RS256"], audience=self.tool.client_id)
        return claims

    def ask_content(self) -> tuple[str, dict[str, Any]]:
        """A deep linking request as Wout: the return address, and a response that is right."""
        login = self.lms.platform.initiate_deep_linking(WOUT, PRACTICE, self.tool.client_id)
        claims = self.claims_of(self.lms.platform.authenticate(self.auth_request(login)))
        settings = claims[DL_CLAIM + "deep_linking_settings"]
        now = int(time.time())
        response = {
            "iss": self.tool.client_id,
            "aud": self.lms.url,
            "iat": now,
            "exp": now + 60,
            "nonce": uuid.uuid4().hex,
            CLAIM + "message_type": DEEP_LINKING_RESPONSE,
            CLAIM + "version": "1.3.0",
            CLAIM + "deployment_id": self.tool.deployment_id,
            DL_CLAIM + "content_items": [],
        }
        if "data" in settings:
            response[DL_CLAIM + "data"] = settings["data"]
        return settings["deep_link_return_url"], response

    def answer_content(self, url: str, response: dict[str, Any]) -> requests.Response:
        return self.http.post(url, data={"JWT": self.fake.sign(response)}, timeout=5)


def stamp(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def a_score(**changes: Any) -> dict[str, Any]:
    return merged(
        {
            "userId": FATIMA,
            "scoreGiven": 5,
            "scoreMaximum": 10,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": stamp(),
            "comment": "1 van 3",
        },
        changes,
    )


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeTool]:
    tool = FakeTool()
    yield tool
    tool.server.shutdown()


@pytest.fixture(scope="module")
def running(fake: FakeTool) -> Iterator[World]:
    with Lms.start() as lms:
        yield World(lms, fake, lms.register_tool(f"{fake.url}/register?invite=CODE"))


@pytest.fixture
def world(running: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The one LMS of this module, with its state put back and its faults cleared."""
    school = running.school
    kept = ("enrolments", "activities", "columns", "grades", "courses", "tools", "people")
    for name in kept:
        held = getattr(school, name)
        monkeypatch.setattr(school, name, held.copy())
    yield running
    running.lms.faults.clear()
    running.lms.deep_links.options = type(running.lms.deep_links.options)()


def later(world: World, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(world.school, "clock", lambda: time.time() + seconds)


# Login and launch


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"scope": REMOVED}, "invalid_request"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": REMOVED}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"prompt": REMOVED}, "invalid_request"),
        ({"login_hint": MARIEKE}, "access_denied"),
        ({"login_hint": REMOVED}, "invalid_request"),
        ({"lti_message_hint": "{}"}, "invalid_request"),
        ({"nonce": REMOVED}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"state": REMOVED}, "invalid_request"),
    ],
)
def test_auth_refusals_are_posted_back(world: World, changes: Any, error: str) -> None:
    login = world.lms.platform.initiate_login(FATIMA, world.activity()[0])
    asked = world.auth_request(login, **changes)
    answer = requests.post(world.lms.addresses.auth, data=asked, timeout=5)
    assert answer.status_code == 200
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text))
    assert f'action="{world.fake.url}/launch"' in answer.text
    assert fields["error"] == error
    assert fields["error_description"]
    assert fields.get("state") == asked.get("state")
    assert "id_token" not in fields


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": REMOVED},
        {"redirect_uri": REMOVED},
        {"redirect_uri": "http://elsewhere.example/launch"},
    ],
)
def test_auth_answers_no_stranger(world: World, changes: Any) -> None:
    login = world.lms.platform.initiate_login(FATIMA, world.activity()[0])
    asked = world.auth_request(login, **changes)
    answer = requests.get(world.lms.addresses.auth, params=asked, timeout=5)
    assert answer.status_code == 400
    assert "<form" not in answer.text


def test_auth_wants_the_exact_redirect_uri_and_the_right_client(world: World) -> None:
    platform = world.lms.platform
    login = platform.initiate_login(FATIMA, world.activity()[0])
    with pytest.raises(AuthError):
        platform.authenticate(world.auth_request(login, redirect_uri=f"{world.fake.url}/launch/"))
    other = ToolRegistration("other", "9", "Other", "o", "", "", world.tool.redirect_uris, "")
    world.school.tools["other"] = other
    login = platform.initiate_login(FATIMA, world.activity()[0])
    form = platform.authenticate(world.auth_request(login, client_id="other"))
    assert form.fields["error"] == "unauthorized_client"


def test_a_hint_is_good_once(world: World) -> None:
    login = world.lms.platform.initiate_login(FATIMA, world.activity()[0])
    assert set(json.loads(login.fields["lti_message_hint"])) == {"cmid", "launchid"}
    assert login.fields["iss"] == world.lms.url
    assert login.fields["lti_deployment_id"] == world.tool.deployment_id
    asked = world.auth_request(login)
    assert "id_token" in world.lms.platform.authenticate(asked).fields
    assert world.lms.platform.authenticate(asked).fields["error"] == "invalid_request"


def test_a_launch_over_http_says_what_moodle_says(world: World) -> None:
    activity, column = world.activity(step="2")
    page = requests.get(f"{world.lms.url}/as/{FATIMA}/activity/{activity.id}/open", timeout=5).text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    login = FormPost("", {name: html.unescape(value) for name, value in fields.items()})
    claims = world.claims_of(world.lms.platform.authenticate(world.auth_request(login)))
    # The names in the recorded id_token-resource-link-learner.json, without the basic outcome.
    assert set(claims) == {
        "nonce",
        "iat",
        "exp",
        "iss",
        "aud",
        "sub",
        "given_name",
        "family_name",
        "name",
        "email",
        AGS_CLAIM,
        NRPS_CLAIM,
        *(
            CLAIM + name
            for name in (
                "deployment_id",
                "target_link_uri",
                "lis",
                "roles",
                "context",
                "message_type",
                "resource_link",
                "ext",
                "launch_presentation",
                "tool_platform",
                "version",
                "custom",
            )
        ),
    }
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["sub"], claims["nonce"], claims["name"]) == (FATIMA, "n", "Fatima Öztürk")
    assert claims[CLAIM + "context"]["type"] == ["CourseSection"]
    assert claims[CLAIM + "lis"]["course_section_sourcedid"] == "sis-PLG-PRO"
    assert claims[AGS_CLAIM]["lineitem"] == world.lms.addresses.lineitem(column, world.tool)
    assert claims[CLAIM + "custom"]["step"] == "2"


@pytest.mark.parametrize(
    ("person", "launch", "roster", "gradable"),
    [
        (WOUT, ["Instructor"], "Instructor", False),
        (ELS, ["Instructor"], "Learner", False),
        (MIEKE, ["Instructor"], "Learner", False),
        (FATIMA, ["Learner"], "Learner", True),
        (ADMIN, ["Administrator", "Instructor", "Administrator"], None, False),
    ],
)
def test_roles(world: World, person: str, launch: list[str], roster: str | None, gradable: bool) -> None:
    activity, column = world.activity()
    roles = world.lms.platform.claims(person, activity)[CLAIM + "roles"]
    assert [role.rsplit("#", 1)[1] for role in roles] == launch
    url = world.lms.addresses.memberships(PRACTICE, world.tool)
    members = world.call("GET", url, MEMBERS_TYPE).json()["members"]
    assert {m["user_id"]: m["roles"][0] for m in members}.get(person) == roster
    assert world.score(column, userId=person).status_code == (200 if gradable else 400)


def test_custom_parameters_as_moodle_makes_them(world: World) -> None:
    """Tool over link, also in lower case, variables known or verbatim, a newline splits (M11)."""
    activity, _ = world.activity(
        who_wins="link",
        CamelCase="x",
        title="$Context.title",
        unknown="$No.such",
        two="a\nthird=b\nlost",
    )
    custom = world.lms.platform.claims(FATIMA, activity)[CLAIM + "custom"]
    assert custom == {
        "who_wins": "tool",
        "CamelCase": "x",
        "camelcase": "x",
        "unknown": "$No.such",
        "title": "Leergemeenschap Praktijkonderwijs",
        "two": "a",
        "third": "b",
        "history": "",
        "context_memberships_url": world.lms.addresses.memberships(PRACTICE, world.tool),
    }


def test_what_was_not_asked_is_not_told(world: World) -> None:
    activity, _ = world.activity(email="$Person.email.primary")
    world.school.tools[world.tool.client_id] = ToolRegistration(
        **world.tool.__dict__ | {"claims": ["sub"], "scopes": []}
    )
    claims = world.lms.platform.claims(FATIMA, activity)
    assert not {"name", "given_name", "email", CLAIM + "ext", AGS_CLAIM, NRPS_CLAIM} & set(claims)
    assert claims[CLAIM + "custom"]["email"] == ""


def test_claims_and_tokens_can_be_bent(world: World) -> None:
    platform, (activity, _) = world.lms.platform, world.activity()
    claims = platform.claims(FATIMA, activity, roles=["x"], sub=ABSENT, deployment_id="9")
    assert "sub" not in claims
    assert (claims[CLAIM + "roles"], claims[CLAIM + "deployment_id"]) == (["x"], "9")
    assert "kid" not in jwt.get_unverified_header(platform.sign({}, headers={"kid": None}))
    weak = platform.sign({}, key="s" * 32, algorithm="HS256", headers={"kid": "other"})
    assert jwt.get_unverified_header(weak) == {"alg": "HS256", "typ": "JWT", "kid": "other"}
    login = platform.initiate_login(FATIMA, activity, message_type="LtiSubmissionReviewRequest")
    through = world.claims_of(platform.authenticate(world.auth_request(login)))
    assert through[CLAIM + "message_type"] == "LtiSubmissionReviewRequest"


def test_rotating_keys(world: World) -> None:
    def listed() -> list[str]:
        return [k["kid"] for k in requests.get(world.lms.addresses.jwks, timeout=5).json()["keys"]]

    old = listed()
    new = world.lms.platform.rotate_keys(keep_old=True)
    assert listed() == [*old, new]
    assert jwt.get_unverified_header(world.lms.platform.sign({}))["kid"] == new
    newest = world.lms.platform.rotate_keys(keep_old=False)
    assert listed() == [newest]


def test_lineitem_in_the_claim(world: World) -> None:
    """The activity's own column, "" when only a made one names it, absent if both (M21, M22)."""
    activity, column = world.activity()

    def claim() -> str | None:
        ags: dict[str, Any] = world.lms.platform.claims(FATIMA, activity)[AGS_CLAIM]
        return ags.get("lineitem")

    assert claim() == world.lms.addresses.lineitem(column, world.tool)
    url = world.lms.addresses.lineitems(PRACTICE, world.tool)
    item = {"label": "Uren", "scoreMaximum": 40, "resourceLinkId": activity.id}
    world.call("POST", url, LINE_ITEM_TYPE, item)
    assert claim() is None
    world.school.delete_column(column.id)
    assert claim() == ""
    world.call("POST", url, LINE_ITEM_TYPE, item)
    assert claim() is None


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
        ({"iat": int(time.time()) + 90}, {}, "invalid_client", "future"),
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


# Services: who may call, and how


@pytest.mark.parametrize(
    ("method", "path", "media", "scopes", "status", "reason"),
    [
        ("GET", "/2/lineitems?type_id=T", "application/json", SCOPES, 400, "No handler found"),
        ("GET", "/2/lineitems?type_id=T", f"{LINE_ITEMS_TYPE}, */json", SCOPES, 400, "No handler"),
        ("GET", "/2/lineitems?type_id=T", LINE_ITEM_TYPE, SCOPES, 400, "unsupported content type"),
        ("POST", "/2/lineitems?type_id=T", LINE_ITEMS_TYPE, SCOPES, 400, "unsupported content type"),
        ("POST", "/2/lineitems?type_id=T", "application/json", SCOPES, 400, "No handler found"),
        ("POST", "/2/lineitems?type_id=T", LINE_ITEM_TYPE, [LINE_ITEM_READONLY], 403, "scope"),
        ("PUT", "/2/lineitems?type_id=T", LINE_ITEM_TYPE, SCOPES, 405, "Method"),
        ("GET", "/2/lineitems?type_id=99", LINE_ITEMS_TYPE, SCOPES, 401, "type_id"),
        ("GET", "/2/lineitems", LINE_ITEMS_TYPE, SCOPES, 401, "type_id"),
        ("GET", "/99/lineitems?type_id=T", LINE_ITEMS_TYPE, SCOPES, 404, "Course 99"),
        ("GET", "/2/lineitems/C/lineitem?type_id=T", LINE_ITEM_TYPE, [SCORE], 403, "scope"),
        ("GET", "/2/lineitems/99/lineitem?type_id=T", LINE_ITEM_TYPE, SCOPES, 404, "item 99"),
        ("GET", "/3/lineitems/C/lineitem?type_id=T", LINE_ITEM_TYPE, SCOPES, 404, "Line item"),
        ("DELETE", "/2/lineitems/C/lineitem?type_id=T", "", [LINE_ITEM_READONLY], 403, "scope"),
        ("GET", "/2/lineitems/C/lineitem/scores?type_id=T", SCORE_TYPE, SCOPES, 405, "Method"),
        ("POST", "/2/lineitems/C/lineitem/scores?type_id=T", "application/json", SCOPES, 400, "No h"),
        ("POST", "/2/lineitems/C/lineitem/scores?type_id=T", f"{SCORE_TYPE}; charset=utf-8", SCOPES, 400, "No handler"),
        ("POST", "/2/lineitems/C/lineitem/scores?type_id=T", SCORE_TYPE, [LINE_ITEM], 403, "scope"),
        ("GET", "/2/lineitems/C/lineitem/results?type_id=T", "application/json", SCOPES, 400, "No h"),
        ("GET", "/2/lineitems/C/lineitem/results?type_id=T", RESULTS_TYPE, [SCORE], 403, "scope"),
        ("GET", "/CourseSection/2/bindings/T/memberships", "application/json", SCOPES, 400, "No h"),
        ("GET", "/CourseSection/2/bindings/T/memberships", MEMBERS_TYPE, [RESULT_READONLY], 403, "sc"),
        ("GET", "/CourseSection/2/bindings/99/memberships", MEMBERS_TYPE, SCOPES, 401, "binding"),
        ("GET", "/CourseSection/3/bindings/T/memberships", MEMBERS_TYPE, SCOPES, 403, "context"),
        ("GET", "/CourseSection/2/bindings/T/memberships?rlid=99", MEMBERS_TYPE, SCOPES, 403, "Forb"),
    ],
)
def test_service_refusals(
    world: World, method: str, path: str, media: str, scopes: list[str], status: int, reason: str
) -> None:
    _, column = world.activity()
    path = path.replace("=T", f"={world.tool.deployment_id}").replace("/C/", f"/{column.id}/")
    path = path.replace("/T/", f"/{world.tool.deployment_id}/")
    answer = world.call(method, path, media, a_score(), token=world.bearer(*scopes))
    assert (answer.status_code, world.lms.calls[-1].status) == (status, status)
    assert reason in world.reason()
    assert answer.json()["reason"] == world.reason() == answer.reason
    assert set(answer.json()["request"]) == {"method", "url", "accept", "contentType"}


def test_tokens_unknown_expired_and_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    url, token = world.lms.addresses.lineitems(PRACTICE, world.tool), world.bearer()

    def status(**changes: Any) -> int:
        return world.call("GET", url, LINE_ITEMS_TYPE, token=token, **changes).status_code

    assert status() == 200
    assert status(Authorization="Bearer made-up") == status(Authorization=token) == 401
    later(world, monkeypatch, 3601)
    assert status() == 401
    monkeypatch.setattr(world.school, "clock", time.time)
    monkeypatch.setattr(world.tool, "active", False)
    assert status() == 401
    monkeypatch.setattr(world.tool, "active", True)
    assert status() == 200
    world.lms.tokens.forget()
    world.tokens.clear()
    assert status() == 401


# Line items


@pytest.mark.parametrize(
    ("method", "changes", "status"),
    [
        ("POST", {"label": REMOVED}, 400),
        ("POST", {"label": "  "}, 400),
        ("POST", {"scoreMaximum": REMOVED}, 400),
        ("POST", {"scoreMaximum": 0}, 400),
        ("POST", {"scoreMaximum": -1}, 400),
        ("POST", {"scoreMaximum": "10"}, 400),
        ("POST", {"scoreMaximum": True}, 400),
        ("POST", {"resourceId": 7}, 400),
        ("POST", {"tag": None}, 400),
        ("POST", {"resourceLinkId": "99"}, 403),
        ("PUT", {"label": ""}, 400),
        ("PUT", {"scoreMaximum": 0}, 400),
        ("PUT", {"id": "http://elsewhere.example"}, 400),
        ("PUT", {"resourceLinkId": "99"}, 400),
    ],
)
def test_line_item_refusals(world: World, method: str, changes: Any, status: int) -> None:
    _, column = world.activity()
    addresses = world.lms.addresses
    url = addresses.lineitems(PRACTICE, world.tool) if method == "POST" else addresses.lineitem(column, world.tool)
    body = merged({"label": "Uren", "scoreMaximum": 40}, changes)
    before = dict(vars(column))
    assert world.call(method, url, LINE_ITEM_TYPE, body).status_code == status
    assert world.call(method, url, LINE_ITEM_TYPE, b"[no json").status_code == 400
    assert vars(column) == before


def test_line_items_are_listed_filtered_doubled_and_deleted(world: World) -> None:
    activity, column = world.activity()
    url = world.lms.addresses.lineitems(PRACTICE, world.tool)

    def listed(query: str = "") -> list[str]:
        return [item["label"] for item in world.call("GET", url + query, LINE_ITEMS_TYPE).json()]

    hours = {"label": "Uren", "scoreMaximum": 40, "resourceId": "uren", "tag": "pd"}
    made = [world.call("POST", url, LINE_ITEM_TYPE, hours) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == hours | {"id": made[0].json()["id"]}
    assert made[0].json()["id"] != made[1].json()["id"]
    assert made[0].json()["id"].endswith(f"?type_id={world.tool.deployment_id}")
    assert listed() == ["Stap", "Uren", "Uren"]
    assert listed("&tag=pd") == listed("&resource_id=uren") == ["Uren", "Uren"]
    assert listed(f"&resource_link_id={activity.id}") == ["Stap"]
    assert listed("&tag=none") == []
    page = world.call("GET", f"{url}&limit=1", LINE_ITEMS_TYPE)
    assert len(page.json()) == 1
    # Curly quotes and &amp;: no parser finds the next page (ags-lineitems-limit1.json).
    assert "next" not in page.links
    assert "&amp;from=1>; rel=“next”" in page.headers["Link"].encode("latin-1").decode()
    coupled = world.call("GET", world.lms.addresses.lineitem(column, world.tool), "*/*").json()
    assert coupled == {
        "id": world.lms.addresses.lineitem(column, world.tool),
        "label": "Stap",
        "scoreMaximum": 10,
        "resourceId": "stap",
        "tag": "deelname",
        "resourceLinkId": activity.id,
        "ltiLinkId": activity.id,
    }
    gone = made[0].json()["id"]
    assert world.call("DELETE", gone, "").status_code == 204
    assert world.call("GET", gone, LINE_ITEM_TYPE).status_code == 404
    assert world.call("POST", gone.replace("?", "/scores?"), SCORE_TYPE, a_score()).status_code == 404


def test_put_erases_what_it_omits(world: World) -> None:
    _, column = world.activity()
    world.score(column)
    url = world.lms.addresses.lineitem(column, world.tool)
    world.call("PUT", url, LINE_ITEM_TYPE, {"label": "Nieuw", "scoreMaximum": 20})
    left = {"id": url, "label": "Nieuw", "scoreMaximum": 20, "resourceId": "", "tag": ""}
    assert world.call("GET", url, LINE_ITEM_TYPE).json() == left
    assert column.coupled
    assert world.results(column)[0]["resultScore"] == 10


# Scores and results


@pytest.mark.parametrize(
    "changes",
    [
        {"userId": REMOVED},
        {"userId": 4},
        {"userId": "99999"},
        {"userId": WOUT},
        {"userId": ELS},
        {"userId": KARIN},
        {"scoreGiven": "5"},
        {"scoreGiven": -1},
        {"scoreGiven": None},
        {"scoreGiven": True},
        {"scoreMaximum": REMOVED},
        {"scoreMaximum": 0},
        {"scoreMaximum": "10"},
        {"activityProgress": REMOVED},
        {"activityProgress": "Done"},
        {"gradingProgress": REMOVED},
        {"gradingProgress": "Graded"},
        {"comment": None},
        {"timestamp": REMOVED},
        {"timestamp": "yesterday"},
        {"timestamp": "2025-11-23"},
        {"timestamp": "2025-11-23T22:33:40"},
        {"timestamp": "2025-13-23T22:33:40Z"},
        {"timestamp": stamp(3600)},
        {"timestamp": 1795473000},
    ],
)
def test_score_refusals_are_bare(world: World, changes: Any) -> None:
    _, column = world.activity()
    answer = world.score(column, **changes)
    assert (answer.status_code, answer.text) == (400, "[]")
    assert answer.headers["Content-Type"] == f"{SCORE_TYPE}; charset=utf-8"
    assert answer.reason.startswith("Incorrect score received: ")
    assert world.results(column) == []


def test_a_reason_cannot_break_the_status_line(world: World) -> None:
    _, column = world.activity()
    assert world.score(column, userId="Wěi").reason.endswith("user W?i has no grade in this course")
    url = f"/{PRACTICE}/lineitems/1%0D%0AX-Injected:%20yes/lineitem?type_id={world.tool.deployment_id}"
    answer = world.call("GET", url, LINE_ITEM_TYPE)
    assert answer.status_code == 404
    assert "X-Injected" not in answer.headers


def test_a_refused_pretty_score_is_answered_200(world: World) -> None:
    _, column = world.activity()
    pretty = json.dumps(a_score(userId=WOUT), indent=1).encode()
    url = world.lms.addresses.lineitem(column, world.tool, "/scores")
    answer = world.call("POST", url, SCORE_TYPE, pretty)
    assert (answer.status_code, answer.text) == (200, "[]")


@pytest.mark.parametrize(
    ("first", "second", "statuses", "score"),
    [
        ({}, {}, (200, 409), 5),
        ({"timestamp": "2025-11-23T10:00:00.100Z"}, {"timestamp": "2025-11-23T10:00:00.900Z"}, (200, 409), 5),
        ({"timestamp": "2025-11-23T10:00:00Z"}, {"timestamp": "2025-11-23T09:00:00Z"}, (200, 409), 5),
        ({"timestamp": "2025-11-23T10:00:00Z"}, {"timestamp": "2025-11-23T11:00:01+01:00"}, (200, 200), 8),
        ({"timestamp": stamp(-9)}, {"gradingProgress": "Pending"}, (200, 200), None),
        ({"timestamp": stamp(-9)}, {"scoreGiven": REMOVED}, (200, 200), None),
        ({"timestamp": stamp(-9)}, {"scoreGiven": 3, "scoreMaximum": 4}, (200, 200), 7.5),
        ({"timestamp": stamp(-9)}, {"scoreGiven": 12}, (200, 200), 12),
        ({"timestamp": stamp(-9)}, {"scoreGiven": 0}, (200, 200), 0),
    ],
)
def test_scores_after_scores(
    world: World, first: Any, second: Any, statuses: tuple[int, int], score: float | None
) -> None:
    _, column = world.activity()
    answers = [
        world.score(column, **first),
        world.score(column, **({"scoreGiven": 8} | second)),
    ]
    assert tuple(answer.status_code for answer in answers) == statuses
    assert [answer.text for answer in answers] == ["" if s == 200 else "[]" for s in statuses]
    grade = world.school.grade(column.id, FATIMA)
    assert grade
    assert grade.score == score


def test_results(world: World) -> None:
    _, column = world.activity()
    world.score(column, comment="<b>vet</b> & één")
    world.score(column, userId=MARIEKE, comment=REMOVED, gradingProgress="Pending")
    fatima, marieke = world.results(column)
    address = world.lms.addresses.lineitem(column, world.tool)
    assert fatima | {"timestamp": ""} == {  # ags-results-coupled.json
        "id": world.lms.addresses.lineitem(column, world.tool, "/results") + f"&user_id={FATIMA}",
        "userId": FATIMA,
        "resultScore": 5,
        "resultMaximum": 10,
        "comment": "<b>vet</b> & één",
        "scoreOf": address,
        "timestamp": "",
    }
    assert datetime.fromisoformat(fatima["timestamp"]).microsecond == 0
    assert set(marieke) == {"id", "userId"}
    assert world.results(column, f"&user_id={FATIMA}") == [fatima]
    assert world.results(column, f"&user_id={YOUSSEF}") == []
    assert world.results(column, "&limit=1")["status"] == 500


def test_overridden_locked_and_dropped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, column = world.activity()
    world.school.override(column.id, FATIMA, 9)
    later(world, monkeypatch, 60)
    assert world.score(column, timestamp=stamp(30)).status_code == 200
    assert world.results(column)[0]["resultScore"] == 9
    column.locked = True
    locked = world.score(column, userId=MARIEKE)
    assert (locked.status_code, locked.text) == (500, "[]")
    column.locked = False
    world.school.drop(PRACTICE, MARIEKE)
    assert world.score(column, userId=MARIEKE).status_code == 400


# Roster


def test_roster(world: World) -> None:
    activity, _ = world.activity()
    url = world.lms.addresses.memberships(PRACTICE, world.tool)

    def members(query: str = "") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = world.call("GET", url + query, MEMBERS_TYPE).json()["members"]
        return rows

    everyone = {m["user_id"]: m for m in members()}
    assert set(everyone[SIOBHAN]) == {  # nrps-all.json
        "status",
        "roles",
        "user_id",
        "lis_person_sourcedid",
        "name",
        "given_name",
        "family_name",
        "email",
        "ext_user_username",
    }
    assert everyone[SIOBHAN]["name"] == "Siobhán O'Neill"
    assert {m["user_id"] for m in members("?role=Instructor")} == {WOUT}
    assert WOUT not in {m["user_id"] for m in members(f"?role={MEMBERSHIP}Learner")}
    assert CLAIM + "message_type" in members(f"?rlid={activity.id}")[0]["message"][0]
    world.school.people[FATIMA].family = "Öztürk & <Zn>"
    assert members()[1]["family_name"] == "Öztürk &amp; &lt;Zn&gt;"
    world.school.people[FATIMA].family = "Öztürk"
    world.school.drop(PRACTICE, FATIMA)
    assert FATIMA not in {m["user_id"] for m in members()}


def test_roster_pages_lose_the_role(world: World) -> None:
    world.activity()
    url = world.lms.addresses.memberships(PRACTICE, world.tool)
    page = world.call("GET", f"{url}?role=Learner&limit=5", MEMBERS_TYPE)
    seen = [m["user_id"] for m in page.json()["members"]]
    assert page.links["next"]["url"] == f"{url}?limit=5&from=5"
    while "next" in page.links:
        page = world.call("GET", page.links["next"]["url"], MEMBERS_TYPE)
        seen += [m["user_id"] for m in page.json()["members"]]
    # Ten learners and one instructor: what the first page skipped shifts the rest.
    assert len(seen) == 11
    assert len(set(seen)) == 10


# Deep linking


def items(*changes: dict[str, Any]) -> dict[str, Any]:
    item = {"type": "ltiResourceLink", "title": "Stap 1"}
    return {DL_CLAIM + "content_items": [merged(item, change) for change in changes]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "other"}, "iss"),
        ({"aud": "http://elsewhere.example"}, "aud"),
        ({"iat": REMOVED}, "iat"),
        ({"iat": int(time.time()) + 90}, "future"),
        ({"exp": REMOVED}, "exp"),
        ({"exp": 1}, "expired"),
        ({"nonce": REMOVED}, "nonce"),
        ({CLAIM + "deployment_id": "99"}, "deployment_id"),
        ({CLAIM + "message_type": "LtiDeepLinkingRequest"}, "message_type"),
        ({CLAIM + "version": "1.0"}, "version"),
        ({DL_CLAIM + "data": "other"}, "data"),
        ({DL_CLAIM + "data": REMOVED}, "data"),
        ({DL_CLAIM + "content_items": {}}, "no list"),
        (items({"type": "link"}), "type"),
        (items({"type": REMOVED}), "type"),
        (items({"title": None}), "title"),
        (items({"url": "javascript:alert(1)"}), "url"),
        (items({"custom": {"step": 1}}), "custom"),
        (items({"custom": {"step": None}}), "custom"),
        (items({"icon": "x"}), "icon"),
        (items({"lineItem": None}), "lineItem"),
        (items({"lineItem": {"scoreMaximum": 100, "tag": 1}}), "lineItem"),
    ],
)
def test_deep_linking_refusals(world: World, changes: Any, reason: str) -> None:
    url, response = world.ask_content()
    answer = world.answer_content(url, merged(response, changes))
    assert (answer.status_code, world.lms.calls[-1].status) == (400, 400)
    assert reason in world.reason()
    assert not world.school.course_activities(PRACTICE)


def test_deep_linking_refuses_what_the_request_did_not_accept(world: World) -> None:
    options = world.lms.deep_links.options
    options.accept_multiple, options.accept_lineitem, options.send_data = False, False, False
    url, response = world.ask_content()
    for changes in (
        items({}, {}),
        items({"lineItem": {"scoreMaximum": 100}}),
        {DL_CLAIM + "data": "x"},
        {DL_CLAIM + "data": None},
    ):
        response["nonce"] = uuid.uuid4().hex
        assert world.answer_content(url, response | changes).status_code == 400
    response["nonce"] = uuid.uuid4().hex
    assert world.answer_content(url, response | items({})).status_code == 200


def test_a_deep_linking_response_is_signed_and_good_once(world: World) -> None:
    url, response = world.ask_content()
    for signed in (
        world.lms.platform.sign(response, key=STRANGER.private),
        "",
        "a.b.c",
        world.lms.platform.sign(response, key="s" * 32, algorithm="HS256"),
    ):
        assert requests.post(url, data={"JWT": signed}, timeout=5).status_code == 400
    elsewhere = url.replace("course=2", "course=3")
    assert world.answer_content(elsewhere, response).status_code == 400
    assert world.answer_content(url, response).status_code == 200
    assert world.answer_content(url, response | {"nonce": "fresh"}).status_code == 400
    other_url, other = world.ask_content()
    assert world.answer_content(other_url, other | {"nonce": response["nonce"]}).status_code == 400


def test_selected_items_become_activities_with_columns(world: World) -> None:
    """Good items are made and visited; a bad scoreMaximum makes one vanish (M16, M17)."""
    world.fake.visited.clear()
    lost = len(world.lms.deep_links.vanished)
    url, response = world.ask_content()
    answer = world.answer_content(
        url,
        response
        | items(
            {
                "url": f"{world.fake.url}/item/one",
                "text": "tekst",
                "custom": {"nl": "één"},
                "iframe": {"width": 1},
                "lineItem": {"scoreMaximum": 100, "resourceId": "s1", "tag": "d"},
            },
            {"title": "Zonder cijfer"},
            {"lineItem": {"scoreMaximum": 101}},
            {"lineItem": {"scoreMaximum": 0}},
            {"lineItem": {"scoreMaximum": 99.5}},
            {"lineItem": {"scoreMaximum": "100"}},
            {"lineItem": {}},
        ),
    )
    assert answer.status_code == 200
    made = world.school.course_activities(PRACTICE)
    assert [a.title for a in made] == ["Stap 1", "Zonder cijfer"]
    assert (made[0].text, made[0].custom) == ("tekst", {"nl": "één"})
    [column] = world.school.course_columns(PRACTICE)
    assert (column.activity_id, column.label, column.score_maximum) == (made[0].id, "Stap 1", 100)
    assert (column.resource_id, column.tag) == ("s1", "d")
    assert len(world.lms.deep_links.vanished) == lost + 5
    assert world.fake.visited == ["one"]
    assert world.lms.deep_links.fetched[-1] == (f"{world.fake.url}/item/one", 200)


def test_nothing_selected_and_messages(world: World) -> None:
    url, response = world.ask_content()
    said = {DL_CLAIM + "msg": "Tot <later>", DL_CLAIM + "errormsg": "Mis"}
    answer = world.answer_content(url, response | said)
    assert "Tot &lt;later&gt;" in answer.text
    assert "Mis" in answer.text
    assert "data-leave-to" not in answer.text
    url, response = world.ask_content()
    closing = world.answer_content(url, response)
    assert f'data-leave-to="/as/{WOUT}/course/{PRACTICE}"' in closing.text
    assert not world.school.course_activities(PRACTICE)


def test_the_deep_linking_request_is_as_recorded(world: World) -> None:
    login = world.lms.platform.initiate_deep_linking(WOUT, PRACTICE, world.tool.client_id)
    assert set(json.loads(login.fields["lti_message_hint"])) == {"launchid"}
    claims = world.claims_of(world.lms.platform.authenticate(world.auth_request(login)))
    settings = claims[DL_CLAIM + "deep_linking_settings"]
    assert (settings["accept_types"], settings["accept_multiple"]) == (["ltiResourceLink"], True)
    assert settings["title"] == "Fake"
    assert "accept_lineitem" not in settings
    assert CLAIM + "resource_link" not in claims
    assert claims[CLAIM + "launch_presentation"] == {"locale": "nl"}
    # Grades at once; the roster only where the tool already is (M29).
    assert "lineitem" not in claims[AGS_CLAIM]
    assert NRPS_CLAIM not in claims
    world.activity()
    assert NRPS_CLAIM in world.lms.platform.messages.common(
        world.school.people[WOUT], world.school.courses[PRACTICE], world.tool, "x", "n"
    )


# What goes wrong in life


def test_faults(world: World) -> None:
    _, column = world.activity()
    faults = world.lms.faults
    faults.fail("scores", 429, times=2, headers={"Retry-After": "7"})
    refused = [world.score(column) for _ in range(2)]
    assert [(a.status_code, a.headers["Retry-After"]) for a in refused] == [(429, "7")] * 2
    assert world.school.grade(column.id, FATIMA) is None
    assert world.score(column).status_code == 200

    faults.lose("scores")
    assert world.score(column, userId=MARIEKE).status_code == 500
    assert world.school.grade(column.id, MARIEKE)
    assert world.reason() == "fault: lose (was 200 )"

    faults.drop("scores")
    with pytest.raises(requests.RequestException):
        world.score(column, userId=YOUSSEF)
    assert world.school.grade(column.id, YOUSSEF)
    faults.drop("results")
    with pytest.raises(requests.RequestException):
        world.results(column)

    faults.malform("memberships")
    url = world.lms.addresses.memberships(PRACTICE, world.tool)
    broken = world.call("GET", url, MEMBERS_TYPE)
    assert broken.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        broken.json()

    faults.fail("jwks")
    assert requests.get(world.lms.addresses.jwks, timeout=5).status_code == 500
    faults.slow(0.05, "results")
    begin = time.monotonic()
    assert len(world.results(column)) == 3
    assert time.monotonic() - begin >= 0.05


def test_calls_are_logged_without_secrets(world: World) -> None:
    _, column = world.activity()
    world.tokens.clear()
    world.score(column)
    token, score = world.lms.calls[-2:]
    assert (token.name, token.sent, token.status) == ("token", "", 200)
    assert (score.name, score.method, score.status, score.reason) == ("scores", "POST", 200, "")
    assert score.path == f"{SERVICES}/{PRACTICE}/lineitems/{column.id}/lineitem/scores"
    assert json.loads(score.sent)["userId"] == FATIMA


def test_a_course_copy(world: World) -> None:
    activity, _ = world.activity(step="1")
    copy = world.school.copy_course(PRACTICE)
    [copied] = world.school.course_activities(copy.id)
    [column] = world.school.course_columns(copy.id)
    assert copied.id != activity.id
    assert (copied.custom, column.resource_id, column.tag) == ({"step": "1"}, "stap", "deelname")
    claims = world.lms.platform.claims(ADMIN, copied)
    assert claims[CLAIM + "custom"]["history"] == PRACTICE
    assert claims[AGS_CLAIM]["lineitem"] == world.lms.addresses.lineitem(column, world.tool)


def test_a_restarted_lms_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    path = tmp_path / "lms.json"
    with Lms.start(path=path) as first:
        tool = first.register_tool(f"{world.fake.url}/register")
        activity = first.school.add_activity(PRACTICE, tool.client_id, "Stap")
        column = first.school.couple(activity)
        first.school.override(column.id, FATIMA, 7.5)
        deleted = first.school.add_column(PRACTICE, tool.client_id, "weg", 1)
        first.school.delete_column(deleted.id)
        kid = first.platform.rotate_keys()
    assert path.stat().st_mode & 0o077 == 0
    with Lms.start(path=path) as second:
        assert {k: v for k, v in vars(second.school).items() if k != "lock"} == {
            k: v for k, v in vars(first.school).items() if k != "lock"
        }
        assert second.platform.jwks()["keys"][-1]["kid"] == kid
        assert second.school.next_id("column") == str(int(deleted.id) + 1)


def test_a_registration_that_fails_is_told(world: World) -> None:
    with pytest.raises(RuntimeError, match="404"):
        world.lms.register_tool(f"{world.fake.url}/nothing")


# Pages


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        (f"/as/{FATIMA}/course/2", 200),
        (f"/as/{WOUT}/course/2", 200),
        (f"/as/{ADMIN}/course/3", 200),
        (f"/as/{ADMIN}/tools", 200),
        (f"/as/{FATIMA}/course/2/live", 200),
        (f"/as/{FATIMA}/activity/A", 200),
        (f"/as/{FATIMA}/activity/A/open?target=window", 200),
        (f"/as/{WOUT}/course/2/select/T", 200),
        (f"/as/{WOUT}/course/2/select/T/open", 200),
        (f"/as/{FATIMA}/course/2/select/T/open", 403),
        (f"/as/{ELS}/course/2/select/T/open", 403),
        (f"/as/{WOUT}/course/3", 403),
        (f"/as/{KARIN}/activity/A", 403),
        (f"/as/{KARIN}/activity/A/open", 403),
        (f"/as/{FATIMA}/tools", 403),
        ("/as/99/course/2", 404),
        (f"/as/{FATIMA}/course/99", 404),
        (f"/as/{FATIMA}/activity/99", 404),
        (f"/as/{WOUT}/course/2/select/99", 404),
        ("/mod/lti/return.php?course=2&sesskey=guess", 400),
    ],
)
def test_pages(world: World, path: str, status: int) -> None:
    activity, column = world.activity()
    world.score(column, scoreGiven=7.5)
    path = path.replace("/A", f"/{activity.id}").replace("/T", f"/{world.tool.client_id}")
    for language in ("nl", "en"):
        answer = requests.get(world.lms.url + path, params={"lang": language}, timeout=5)
        assert answer.status_code == status
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'")


def test_every_word_of_a_page_has_its_english() -> None:
    folder = Path(texts.__file__).parent
    sources = [*folder.glob("templates/demo/*.html"), folder / "pages.py"]
    used = {
        word for path in sources for word in re.findall(r"""\bt\(["'](.+?)["']\)""", path.read_text(encoding="utf-8"))
    }
    assert used | set(pages.ROLE_NAMES.values()) == set(texts.ENGLISH)


def test_english_stays_english(world: World) -> None:
    page = requests.get(f"{world.lms.url}/as/{WOUT}/course/2?lang=en", timeout=5).text
    assert '<html lang="en">' in page
    assert f"/as/{WOUT}/course/2/select/{world.tool.client_id}?lang=en" in page
    assert "Select content from Fake" in page


def test_coming_back_from_the_tool_with_a_message(world: World) -> None:
    claims = world.lms.platform.claims(FATIMA, world.activity()[0])
    url = claims[CLAIM + "launch_presentation"]["return_url"]
    assert set(parse_qs(urlsplit(url).query)) == {
        "course",
        "launch_container",
        "instanceid",
        "sesskey",
    }
    page = requests.get(f"{url}&lti_msg=Tot+<later>&lti_errormsg=Mis", timeout=5).text
    assert "Tot &lt;later&gt;" in page
    assert "Mis" in page


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "busy", "times": "2"}, 303),
        ({"action": "broken", "times": "1"}, 303),
        ({"action": "lose", "times": "1"}, 303),
        ({"action": "slow", "seconds": "0"}, 303),
        ({"action": "calm"}, 303),
        ({"action": "rotate_keys"}, 303),
        ({"action": "enrol"}, 303),
        ({"action": "drop", "person": MARIEKE}, 303),
        ({"action": "copy_course"}, 303),
        ({"action": "delete_column", "column": "C"}, 303),
        ({"action": "grade", "column": "C", "person": FATIMA, "score": "8"}, 303),
        ({"action": "grade", "column": "C", "person": WOUT, "score": "8"}, 400),
        ({"action": "delete_column", "column": "99"}, 400),
        ({"action": "busy", "times": "x"}, 400),
        ({"action": "explode"}, 400),
    ],
)
def test_trouble_buttons(world: World, form: dict[str, str], status: int) -> None:
    _, column = world.activity()
    if form.get("column") == "C":
        form = form | {"column": column.id}
    url = f"{world.lms.url}/as/{WOUT}/course/2/trouble"
    answer = requests.post(url, data=form, timeout=5, allow_redirects=False)
    assert answer.status_code == status
    stranger = {"Origin": world.fake.url}
    assert requests.post(url, data=form, timeout=5, headers=stranger).status_code == 403


def test_the_admin_registers_and_activates_on_the_pages(world: World) -> None:
    url = f"{world.lms.url}/as/{ADMIN}/tools"
    assert "aria-invalid" in requests.post(url, data={"address": "nonsense"}, timeout=5).text
    page = requests.post(url, data={"address": f"{world.fake.url}/register?invite=C"}, timeout=5)
    [frame] = re.findall(r'src="([^"]+register[^"]+)"', page.text)
    requests.get(html.unescape(frame), timeout=5)
    assert world.fake.answers[-1].status_code == 200
    for active in (False, True):
        requests.post(f"{url}/{world.tool.client_id}", timeout=5)
        assert world.school.tools[world.tool.client_id].active is active
    assert requests.post(f"{world.lms.url}/as/{WOUT}/tools", timeout=5).status_code == 403
