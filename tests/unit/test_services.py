"""The services client: which media type each call has, where a token goes, how addresses are made (A-1, N-5)."""

import json

import pytest

from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import (
    LINE_ITEM,
    LINE_ITEMS,
    MEMBERS,
    RESULTS,
    SCORE,
    RosterEntry,
    Services,
    sub_resource,
    with_query,
)
from lti_tool.models import Registration
from tests.delivery.stand_in import ITEM, ITEMS, RESULTS_PATH, ROSTER, SCORES_PATH, TOKEN_PATH, Answer, StandIn, reason


def read_roster(client: Services, platform: Registration, path: str = ROSTER) -> list[RosterEntry]:
    return [entry for page in client.members(platform, platform.issuer + path) for entry in page]


# Where a token may go


def test_services_may_be_at_another_host_than_the_issuer(client: Services, stand_in: StandIn) -> None:
    """Canvas: the issuer is one host for all, the services are at the school's; a signed launch named them."""
    platform = stand_in.registration(issuer="https://canvas.example")
    stand_in.on("GET", RESULTS_PATH, Answer(200, []))
    assert client.results(platform, stand_in.url + ITEM) == {}


def test_a_redirect_is_not_followed_with_the_token(client: Services, stand_in: StandIn, platform: Registration) -> None:
    with StandIn() as elsewhere:
        stand_in.on("GET", RESULTS_PATH, Answer(302, headers={"Location": elsewhere.url + RESULTS_PATH}))
        assert reason(lambda: client.results(platform, platform.issuer + ITEM)) == "status"
        assert elsewhere.asked == []


def test_an_error_holds_nothing_of_the_body(client: Services, stand_in: StandIn, platform: Registration) -> None:
    stand_in.on("GET", ROSTER, Answer(500, "Fatima Öztürk, geboren 1 mei"))
    with pytest.raises(OutboundError) as caught:
        read_roster(client, platform)
    assert "Fatima" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


def test_each_call_has_its_one_media_type(client: Services, stand_in: StandIn, platform: Registration) -> None:
    """M20: Moodle knows exactly one each, and nothing beside it."""
    stand_in.on("GET", ITEMS, Answer(200, []))
    stand_in.on("POST", ITEMS, Answer(201, {"id": "x"}))
    stand_in.on("GET", RESULTS_PATH, Answer(200, []))
    stand_in.on("POST", SCORES_PATH, Answer(200))
    stand_in.on("GET", ROSTER, Answer(200, {"members": []}))
    base = platform.issuer
    client.line_items(platform, base + ITEMS)
    client.create_line_item(platform, base + ITEMS, {"label": "x"})
    client.results(platform, base + ITEM)
    client.post_score(platform, base + ITEM, {"scoreGiven": 33})
    read_roster(client, platform)
    calls = [asked for asked in stand_in.asked if asked.path != TOKEN_PATH]
    said = [(asked.method, asked.path, asked.headers["Accept"]) for asked in calls]
    # Chamilo reads the Accept of a score too (O1).
    assert [asked.headers["Content-Type"] for asked in calls if asked.method == "POST"] == [LINE_ITEM, SCORE]
    assert said == [
        ("GET", ITEMS, LINE_ITEMS),
        ("POST", ITEMS, LINE_ITEM),
        ("GET", RESULTS_PATH, RESULTS),
        ("POST", SCORES_PATH, SCORE),
        ("GET", ROSTER, MEMBERS),
    ]


def test_canvas_is_told_that_a_score_is_no_new_hand_in(client: Services, stand_in: StandIn) -> None:
    stand_in.on("POST", SCORES_PATH, Answer(200))
    for family, extension in (("canvas", {"new_submission": False}), ("moodle", None)):
        client.post_score(stand_in.registration(family=family), stand_in.url + ITEM, {"scoreGiven": 33})
        sent = json.loads(stand_in.requests("POST")[-1].body)
        assert sent.get("https://canvas.instructure.com/lti/submission") == extension
        assert sent["scoreGiven"] == 33


# Addresses


@pytest.mark.parametrize(
    ("url", "scores"),
    [
        ("https://a.example/items/3/lineitem?type_id=1", "https://a.example/items/3/lineitem/scores?type_id=1"),
        ("https://a.example/items/3", "https://a.example/items/3/scores"),
        ("https://a.example/items/3/", "https://a.example/items/3/scores"),
        ("https://a.example/items/3?a=%2F&b", "https://a.example/items/3/scores?a=%2F&b"),
    ],
)
def test_scores_come_before_the_query(url: str, scores: str) -> None:
    assert sub_resource(url, "scores") == scores


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/m", "https://a.example/m?rlid=7+%26"),
        ("https://a.example/m?type_id=1", "https://a.example/m?type_id=1&rlid=7+%26"),
        ("https://a.example/m?sig=a%2Fb+c%20d&flag", "https://a.example/m?sig=a%2Fb+c%20d&flag&rlid=7+%26"),
        ("https://a.example/m?empty=", "https://a.example/m?empty=&rlid=7+%26"),
    ],
)
def test_a_parameter_is_appended_to_a_query_that_stays_as_it_is(url: str, expected: str) -> None:
    assert with_query(url, rlid="7 &") == expected


def test_without_parameters_an_address_is_left_alone() -> None:
    assert with_query("https://a.example/m") == "https://a.example/m"
