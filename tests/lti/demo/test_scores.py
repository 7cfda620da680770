"""Scores and results as a recorded Moodle takes them, and what goes wrong in life."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from lti_tool.demo.lms import Lms
from lti_tool.demo.vocab import (
    AGS_CLAIM,
    CLAIM,
    LINE_ITEM_TYPE,
    MEMBERS_TYPE,
    SCORE_TYPE,
)
from tests.lti.demo.fake import (
    ADMIN,
    ELS,
    FATIMA,
    KARIN,
    MARIEKE,
    PRACTICE,
    REMOVED,
    SERVICES,
    WOUT,
    YOUSSEF,
    World,
    a_score,
    later,
    stamp,
)

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
