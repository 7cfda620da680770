"""Migration 0021: whether a pen's holder wrote with it; below, what earlier code does not know is taken out."""

from tests.migrations.test_migrations import (
    AT,
    WROTE,
    Database,
    _cycles,
    _of,
    _piece,
    _put,
    _round,
    _run,
    _stands_below,
    revisions,
)
from tests.migrations.test_migrations import _one_postgresql as _one_postgresql
from tests.migrations.test_migrations import database as database


def test_whoever_wrote_with_the_pen_is_known_and_below_nothing_is_that_earlier_code_does_not_know(
    database: Database,
) -> None:
    below = revisions()[revisions().index(WROTE) - 1]
    _stands_below(database, WROTE)
    other = {"id": 100, "community_id": 1, "person_id": 2, "number": 100, "standing": "member", "joined_at": AT}
    members = database.rows()["member"]
    second = next((each["id"] for each in members if each["id"] != 1), None)
    if second is None:
        _put(database, member=[other])
        second = 100
    _put(
        database,
        cycle=_cycles(100, 101),
        step_run=[_run(100, "ambition", "draft"), _run(101, "sharing", "consent")],
        contribution=[
            _piece(100, 100, "pen", state="handed_on"),
            {**_piece(101, 100, "pen", state="handed_on"), "member_id": second},
            _piece(102, 100, "proposal", text="samen een zin"),
            _piece(103, 100, "idea", text="een eigen idee"),
        ],
    )
    database.up(WROTE)
    found = _of(database, "contribution", 100)
    assert found[100]["body"] == {"state": "handed_on", "wrote": True}
    assert found[101]["body"] == {"state": "handed_on"}
    _put(
        database,
        contribution=[
            *(_piece(110 + number, 100, kind) for number, kind in enumerate(("agreed", "not_me", "freed", "still"))),
            _piece(120, 101, "share_with", communities=[1]),
        ],
        link=[
            {"id": 100, "from_id": 110, "to_id": 103, "kind": "agrees with"},
            {"id": 101, "from_id": 102, "to_id": 103, "kind": "why"},
            {"id": 102, "from_id": 102, "to_id": 103, "kind": "built from"},
        ],
        round=[_round(100, 101, "consent", None, 120)],
        consent=[{"id": 100, "round_id": 100, "member_id": 1, "answer": "agree", "body": {}, "at": AT}],
    )
    database.down(below)
    # Those from before have drawn numbers, of nine digits.
    left = {each: row for each, row in _of(database, "contribution", 100).items() if each < 1000}
    assert {each: row["kind"] for each, row in left.items()} == {100: "pen", 101: "pen", 102: "proposal", 103: "idea"}
    assert left[100]["body"] == {"state": "handed_on"}
    assert list(_of(database, "link", 100)) == [102]
    assert not _of(database, "round", 100)
    assert 100 not in _of(database, "consent", 100)
    database.up(WROTE)
