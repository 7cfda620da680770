"""The demo's LMS refuses what the standards and Moodle refuse: one row for each refusal. Login and launch."""

import html
import json
import re
from typing import Any

import jwt
import pytest
import requests

from lti_tool.demo.messages import ABSENT
from lti_tool.demo.model import ToolRegistration
from lti_tool.demo.platform import AuthError, FormPost
from lti_tool.demo.vocab import (
    AGS_CLAIM,
    CLAIM,
    LINE_ITEM_TYPE,
    MEMBERS_TYPE,
    NRPS_CLAIM,
)
from tests.lti.demo.fake import ADMIN, ELS, FATIMA, MARIEKE, MIEKE, PRACTICE, REMOVED, WOUT, World


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
