"""Room that a reversal leaves under a cap: told, asked for, given by the pot's own rules; never filled by itself."""

import pytest

from tests.actors import World
from tests.web.test_hours import add, entry, pot, table
from tests.web.walk import Walk

FULL = {"cap1_most": "60", "cap1_unit": "minutes", "cap1_per": "period"}


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world, "fatima", "marieke", "youssef")


def test_an_approver_is_asked_once_there_is_room_and_gives_it(walk: Walk) -> None:
    pot(walk, ["youssef"], **FULL)
    fatima, youssef = walk["fatima"], walk["youssef"]
    for line in ("cursus", "lezen"):
        add(fatima, line=line)
        assert youssef.post("hours/approve", {"entry": [entry(walk.world, line)]}).status == 303
    one, other = entry(walk.world, "cursus"), entry(walk.world, "lezen")
    assert "Er is weer ruimte" not in fatima.get("hours").text
    assert fatima.post("hours/room", entry=other).status == 422
    assert youssef.post("hours/correct", entry=one, minutes="20", words="het was korter").status == 303
    before = walk.rows("SELECT * FROM hours_count ORDER BY id")
    with walk.world.tool.statements() as statements:
        page = fatima.get("hours")
    assert len(statements) <= 13, len(statements)
    assert "Er is weer ruimte" in page.text
    assert "Er is weer ruimte" not in walk["marieke"].get("hours").text
    assert "Vraag of 40 min mag meetellen" in page.text
    # What an approver corrected is not offered, and nobody asks for another.
    assert fatima.post("hours/room", entry=one).status == 422
    for who, number in (("marieke", other), ("fatima", "999999"), ("fatima", "x"), ("fatima", "")):
        assert walk[who].post("hours/room", entry=number).status == 422
    page = page.form("/hours/room").submit()
    assert "gevraagd is de rest mee te tellen" in page.text
    assert walk.rows("SELECT * FROM hours_count ORDER BY id") == before, "asking fills nothing"
    assert fatima.post("hours/room", entry=other).status == 422
    assert "Eén regel wacht op jou" in youssef.get("home").text
    with walk.world.tool.statements() as statements:
        page = youssef.get("hours/approve")
    assert len(statements) <= 13, len(statements)
    assert "Eén regel wacht op jou" in page.text
    assert "Nu is er ruimte voor 40 min" in page.text
    assert fatima.post("hours/room/give", entry=other).status == 404
    assert page.form("/hours/room/give").submit().status == 200
    assert walk.rows("SELECT * FROM hours_count ORDER BY id")[: len(before)] == before
    assert walk.rows("SELECT minutes, overlap, above FROM hours_count ORDER BY id DESC LIMIT 1") == [(40, 0, -40)]
    assert sorted(int(row["minuten die meetellen"]) for row in table(fatima.get("hours.csv"))) == [20, 40]
    assert youssef.post("hours/room/give", entry=other).status == 422, "once is once"
    assert "Er wacht niets op jou" in youssef.get("hours/approve").text


def test_an_approver_may_leave_it_with_words(walk: Walk) -> None:
    pot(walk, ["youssef"], **FULL)
    fatima, youssef = walk["fatima"], walk["youssef"]
    for line in ("cursus", "lezen"):
        add(fatima, line=line)
        youssef.post("hours/approve", {"entry": [entry(walk.world, line)]})
    assert fatima.post("hours/withdraw", entry=entry(walk.world, "cursus"), words="was er niet").status == 303
    assert fatima.post("hours/room", entry=entry(walk.world, "lezen")).status == 303
    page = youssef.post("hours/uphold", entry=entry(walk.world, "lezen"), words="")
    assert page.status == 422
    assert youssef.post("hours/uphold", entry=entry(walk.world, "lezen"), words="dit was overleg").status == 303
    page = fatima.get("hours")
    assert "dit was overleg" in page.text
    assert walk.rows("SELECT sum(minutes) FROM hours_count") == [(0,)]


def test_where_nobody_approves_before_it_counts_as_soon_as_it_is_asked_for(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"], review="afterwards", **FULL)
    fatima = walk["fatima"]
    for line in ("cursus", "lezen"):
        add(fatima, line=line)
    assert fatima.post("hours/withdraw", entry=entry(any_world, "cursus"), words="was er niet").status == 303
    page = fatima.get("hours")
    assert "0 min van 83 uur telt mee" in page.text
    page = page.form("/hours/room").submit()
    assert "1 uur van 83 uur telt mee" in page.text
    assert "Er is weer ruimte" not in page.text
