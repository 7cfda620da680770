"""A tool that is only a key set, two addresses and a registration; and short ways to talk to the LMS."""

import json
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from flask import Flask, request
from werkzeug.serving import make_server

from lti_tool.demo.keys import SigningKey
from lti_tool.demo.lms import Lms
from lti_tool.demo.model import Activity, Column, ToolRegistration
from lti_tool.demo.platform import FormPost
from lti_tool.demo.vocab import (
    CLAIM,
    DEEP_LINKING_RESPONSE,
    DL_CLAIM,
    RESULTS_TYPE,
    SCOPES,
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


def later(world: World, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(world.school, "clock", lambda: time.time() + seconds)
