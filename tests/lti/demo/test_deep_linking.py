"""Deep linking: what the demo's LMS accepts of a tool's response."""

import json
import time
import uuid
from typing import Any

import pytest
import requests

from lti_tool.demo.vocab import (
    AGS_CLAIM,
    CLAIM,
    DL_CLAIM,
    NRPS_CLAIM,
)
from tests.lti.demo.fake import PRACTICE, REMOVED, STRANGER, WOUT, World, merged


def items(*changes: dict[str, Any]) -> dict[str, Any]:
    item = {"type": "ltiResourceLink", "title": "Stap 1"}
    return {DL_CLAIM + "content_items": [merged(item, change) for change in changes]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "other"}, "iss"),
        ({"aud": "http://elsewhere.example"}, "aud"),
        ({"iat": REMOVED}, "iat"),
        ({"iat": int(time.time()) + 3500}, "future"),
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
