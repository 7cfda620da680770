"""Acts as the community's pages cause them, on each database: one row each, which nothing changes or removes."""

import pytest
from sqlalchemy.exc import DBAPIError

from tests.actors import World
from tests.web.walk import STEP, Walk, visit


def acts(walk: Walk) -> list[tuple[str, str | None]]:
    """kind and the name of who did it, oldest first."""
    query = (
        "SELECT act.kind, person.name FROM act LEFT JOIN member ON member.id = act.member_id"
        " LEFT JOIN person ON person.id = member.person_id ORDER BY act.id"
    )
    return [(kind, name and name.split()[0].lower()) for kind, name in walk.rows(query)]


def test_what_a_facilitator_does_is_noted_once_and_what_is_refused_is_not(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    visit(any_world, "mieke").post("welcome", choice="follow")
    known = len(acts(walk))
    walk.wout.post(f"{STEP}/facilitate/announce", date="2020-01-01")
    walk.wout.post(f"{STEP}/facilitate/authors", authors="named")
    for name in ("fatima", "marieke"):
        walk[name].act("idea", text=f"idee van {name}", why="x")
    walk.move()
    walk.move("ideas")
    walk.wout.post("community/roster")
    mieke = walk.rows("SELECT member.id FROM member WHERE standing = 'leader'")[0][0]
    walk.wout.post("community/ask-again", member=str(mieke))
    walk.wout.post("community/ask-again", member=str(mieke))
    fatima = walk.rows("SELECT member.id FROM member WHERE standing = 'member' ORDER BY id")[0][0]
    walk.wout.post("community/name", member=str(fatima))
    assert acts(walk)[known:] == [
        ("names_chosen", "wout"),
        ("stage_moved", "wout"),
        ("roster_asked", "wout"),
        ("asked_again", "wout"),
        ("role_named", "wout"),
    ]


@pytest.mark.parametrize("statement", ["UPDATE act SET kind = 'else'", "UPDATE act SET at = at", "DELETE FROM act"])
def test_no_row_is_ever_changed_or_removed(any_world: World, statement: str) -> None:
    walk = Walk(any_world, "fatima")
    before = walk.rows("SELECT * FROM act ORDER BY id")
    assert before
    with pytest.raises(DBAPIError, match="an act is never changed"):
        walk.rows(statement)
    assert walk.rows("SELECT * FROM act ORDER BY id") == before
