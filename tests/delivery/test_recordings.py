"""Every service answer recorded from a live Moodle 4.5.6, played back to the client, byte for byte.

File -> the call it answers -> what the client makes of it. What the worker makes of them: test_played_back.py.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import (
    SCOPE_LINE_ITEM,
    SCOPE_LINE_ITEM_READ,
    SCOPE_MEMBERS,
    SCOPE_RESULT,
    SCOPE_SCORE,
    RosterEntry,
    Services,
)
from tests.delivery.stand_in import RECORDINGS, TOKEN_PATH, Answer, StandIn, services

BOTH = ("coupled", "uncoupled")
SCORES: dict[str, tuple[str, int] | None] = {
    **{
        f"ags-score-{name}-{kind}": None
        for kind in BOTH
        for name in (
            *("ok", "over-maximum", "other-maximum", "tz-offset", "microseconds", "html-comment"),
            # These two erase the grade, and are answered like any other: only what we send can prevent it (M25).
            *("pending", "no-scoregiven"),
        )
    },
    **{
        f"ags-score-{name}-{kind}": ("status", 400)
        for kind in BOTH
        for name in ("bad-timestamp", "instructor", "nonediting-teacher", "unknown-user", "wrong-content-type")
    },
    **{
        f"ags-score-{name}-{kind}": ("status", 409)
        for kind in BOTH
        for name in ("same-timestamp", "same-second-later-ms", "older-timestamp")
    },
    "ags-score-gone": ("status", 404),
}
RESULTS: dict[str, dict[str, float]] = {
    f"ags-results-{name}{kind}": grades
    for kind in BOTH
    for name, grades in (
        ("", {"4": 95.0}),
        ("user-", {"4": 95.0}),
        ("after-ok-", {"4": 50.0}),
        ("after-rescale-", {"4": 75.0}),
        ("after-pending-", {}),
    )
}
ROSTERS = {"nrps-all": 14, "nrps-rlid": 14, "nrps-role-learner": 13}
TOKENS = {
    "token-ags": [SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE],
    "token-nrps": [SCOPE_MEMBERS],
}

Play = Callable[[Services, StandIn, dict[str, Any]], Any]
CONTAINER = "/mod/lti/services.php/2/lineitems?type_id=1"


def _container(stand_in: StandIn, *items: Any) -> str:
    stand_in.on("GET", CONTAINER, Answer(200, list(items)))
    for query in ("&tag=hours", "&resource_id=pd-hours", "&resource_link_id=2"):
        stand_in.on("GET", CONTAINER + query, Answer(200, list(items)))
    return stand_in.url + CONTAINER


def _numbers(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"].split("/lineitems/")[1].split("/")[0] for item in items]


def _listed(client: Services, stand_in: StandIn, found: dict[str, Any], **filters: str) -> list[str]:
    url = found["url"] if not filters else stand_in.url + CONTAINER
    return _numbers(client.line_items(stand_in.registration(), url, **filters))


def _create(client: Services, stand_in: StandIn, found: dict[str, Any]) -> str:
    made = client.create_line_item(stand_in.registration(), found["url"], found["request_body"])
    (asked,) = stand_in.requests("POST")
    assert asked.headers["Content-Type"] == found["request_headers"]["Content-Type"]
    assert json.loads(asked.body) == found["request_body"]
    return _numbers([{"id": made}])[0]


def _as_listed(**filters: str) -> Play:
    """A single line item, as it stands in a container: the client asks for containers only."""

    def play(client: Services, stand_in: StandIn, found: dict[str, Any]) -> list[str]:
        url = _container(stand_in, found["body"])
        return _numbers(client.line_items(stand_in.registration(), url, **filters))

    return play


def _refuses_the_list(client: Services, stand_in: StandIn, found: dict[str, Any]) -> Any:
    stand_in.on("GET", CONTAINER, Answer(found["status"], found["body"], found["headers"]))
    return client.line_items(stand_in.registration(), stand_in.url + CONTAINER)


def _takes_the_score(client: Services, stand_in: StandIn, found: dict[str, Any]) -> Any:
    """204 with nothing, as text/html: yes."""
    url = found["url"]
    path = url.removeprefix(stand_in.url).replace("?", "/scores?")
    stand_in.on("POST", path, Answer(found["status"], found["body"], found["headers"]))
    return client.post_score(stand_in.registration(), url, {})


LINE_ITEMS: dict[str, tuple[Play, Any]] = {
    "ags-lineitems": (_listed, ["2", "3", "4", "6"]),
    "ags-lineitems-tag": (lambda c, s, f: _listed(c, s, f, tag="participation"), ["2", "3", "4"]),
    # Moodle's Link header has curly quotes and &amp; (M28): it cannot be read, and that is not the end of the list.
    "ags-lineitems-limit1": (_listed, ("link_header", 200)),
    "ags-lineitem-create-uncoupled": (_create, "7"),
    "ags-lineitem-create-duplicate": (_create, "8"),
    "ags-lineitem-create-bad": (_create, ("status", 400)),
    "ags-lineitem-get-coupled": (_as_listed(resource_link_id="2"), ["3"]),
    "ags-lineitem-get-uncoupled": (_as_listed(resource_id="pd-hours", tag="hours"), ["7"]),
    "ags-lineitem-put": (_as_listed(tag="hours"), ["7"]),
    "ags-lineitem-get-gone": (_refuses_the_list, ("status", 404)),
    "ags-lineitem-delete": (_takes_the_score, None),
}


@pytest.fixture(scope="module")
def _stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def stand_in(_stand_in: StandIn) -> StandIn:
    _stand_in.reset()
    return _stand_in


@pytest.fixture
def client(keys_dir: Path) -> Services:
    return services(keys_dir)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except OutboundError as error:
        return error.reason, error.status


@pytest.mark.parametrize("name", SCORES)
def test_a_recorded_answer_to_a_score(client: Services, stand_in: StandIn, name: str) -> None:
    found = stand_in.play(name)
    platform, line_item = stand_in.registration(), found["url"].replace("/scores", "")
    assert _outcome(lambda: client.post_score(platform, line_item, found["request_body"])) == SCORES[name]
    (asked,) = stand_in.requests("POST")
    assert json.loads(asked.body) == found["request_body"]
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    if not name.startswith("ags-score-wrong-content-type"):
        assert asked.headers["Content-Type"] == found["request_headers"]["Content-Type"]
    assert asked.headers["Authorization"] == "Bearer " + "0" * 32


@pytest.mark.parametrize("name", RESULTS)
def test_recorded_results(client: Services, stand_in: StandIn, name: str) -> None:
    found = stand_in.play(name)
    line_item, _, query = found["url"].replace("/results", "").partition("&user_id=")
    read = client.results(stand_in.registration(), line_item, query or None)
    assert {sub: grade.score for sub, grade in read.items()} == RESULTS[name]
    # Moodle keeps a comment as plain text, tags and all; others keep HTML.
    said = [each.get("comment", "").replace("<b>vet</b>", "vet") for each in found["body"] if "resultScore" in each]
    assert [grade.comment for grade in read.values()] == said
    (asked,) = stand_in.requests("GET")
    assert asked.headers["Accept"] == found["request_headers"]["Accept"]


@pytest.mark.parametrize("name", LINE_ITEMS)
def test_recorded_line_items(client: Services, stand_in: StandIn, name: str) -> None:
    play, outcome = LINE_ITEMS[name]
    found = stand_in.play(name)
    assert _outcome(lambda: play(client, stand_in, found)) == outcome
    assert len(stand_in.requests("GET")) + len(stand_in.requests("POST")) == 1
    assert stand_in.requests("PUT") == stand_in.requests("DELETE") == []


def _roster(client: Services, stand_in: StandIn, url: str) -> list[RosterEntry]:
    return [entry for page in client.members(stand_in.registration(), url) for entry in page]


@pytest.mark.parametrize("name", ROSTERS)
def test_a_recorded_roster(client: Services, stand_in: StandIn, name: str) -> None:
    found = stand_in.play(name)
    entries = _roster(client, stand_in, found["url"])
    assert len(entries) == ROSTERS[name]
    by_sub = {entry.sub: entry for entry in entries}
    assert by_sub["4"] == RosterEntry("4", "Fatima Öztürk", "learner")
    assert by_sub["9"].name == "Mohammed O'Neill"
    # Launches as Instructor, stands here as Learner (M30).
    assert by_sub["16"].role == "learner"
    assert [entry.sub for entry in entries if entry.role == "instructor"] == (["3"] if len(entries) == 14 else [])
    (asked,) = stand_in.requests("GET")
    assert asked.headers["Accept"] == found["request_headers"]["Accept"]


def test_recorded_pages_of_five_are_all_of_them_or_nothing(client: Services, stand_in: StandIn) -> None:
    everybody = stand_in.recording("nrps-all").body
    found = stand_in.play("nrps-limit5")
    following = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships?limit=5&from=5"
    stand_in.on("GET", following, Answer(500))
    assert _outcome(lambda: _roster(client, stand_in, found["url"])) == ("status", 500)
    stand_in.on("GET", following, Answer(200, {**everybody, "members": everybody["members"][5:]}))
    assert len({entry.sub for entry in _roster(client, stand_in, found["url"])}) == 14
    assert stand_in.requests("GET")[-1].path == following, "unchanged, the capitals of the path too"


def test_a_recorded_401_asks_for_one_new_token_and_then_gives_up(client: Services, stand_in: StandIn) -> None:
    found = stand_in.play("nrps-badtoken")
    assert _outcome(lambda: _roster(client, stand_in, found["url"])) == ("status", 401)
    assert len(stand_in.tokens) == 2
    assert len(stand_in.requests("GET")) == 2


@pytest.mark.parametrize("name", TOKENS)
def test_a_recorded_token_is_taken_although_it_says_it_is_html(client: Services, stand_in: StandIn, name: str) -> None:
    found = stand_in.recording(name)
    assert found.headers["Content-Type"].startswith("text/html")
    stand_in.on("POST", TOKEN_PATH, found)
    for scope in TOKENS[name]:
        assert client._token(stand_in.registration(), scope) == "0" * 32
        assert client._token(stand_in.registration(), scope) == "0" * 32
    assert len(stand_in.tokens) == len(TOKENS[name]), "an hour's token is used for an hour"


def test_every_recorded_service_answer_is_played() -> None:
    files = {path.stem for prefix in ("ags", "nrps", "token") for path in RECORDINGS.glob(f"{prefix}-*.json")}
    played = {*SCORES, *RESULTS, *LINE_ITEMS, *ROSTERS, *TOKENS, "nrps-limit5", "nrps-badtoken"}
    assert len(files) >= 60
    assert played == files
