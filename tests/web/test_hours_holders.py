"""For whom a pot is, from when on and for how much, by its page: who reads it, what is refused, what it changes."""

import datetime as dt

import pytest

from tests.actors import Page, World
from tests.web.test_hours import FIRST, LAST, TODAY, add, entry, person_id, pot
from tests.web.walk import Walk


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world, "fatima", "marieke", "youssef")


def hold(walk: Walk, name: str, *, status: int = 303, **fields: str) -> Page:
    data = {"pot": "1", "person": person_id(walk.world, name), "first_day": FIRST.isoformat()} | fields
    page = walk.wout.post("hours/pots/people", data)
    assert page.status == status, page.text[:600]
    return page


def test_a_factor_is_set_and_read_by_whom_it_is_about_who_makes_pots_and_who_approves(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"])
    page = walk.wout.get("hours/pots").link("/hours/pots/people/1").form("/hours/pots/people")
    page = page.submit(person=person_id(any_world, "fatima"), factor="0,6")
    assert page.status == 200
    assert "49 uur 48 min" in page.text
    assert "52 weken en " in page.text
    hold(walk, "fatima", first_day=(FIRST + dt.timedelta(days=84)).isoformat(), factor="0.8")
    said = "12 weken 0,6"
    for name, path, reads in (
        ("wout", "hours/pots/people/1", True), ("youssef", "hours/pots/people/1", True), ("fatima", "hours", True),
        ("marieke", "hours", False), ("marieke", "hours/pots", False), ("fatima", "hours/pots", False),
    ):  # fmt: skip
        at = walk.wout if name == "wout" else walk[name]
        assert (said in at.get(path).text) == reads, (name, path)
    for name in ("fatima", "marieke"):
        assert walk[name].get("hours/pots/people/1").status == 404
        assert walk[name].post("hours/pots/people", pot="1").status == 403
    assert walk["youssef"].post("hours/pots/people", pot="1").status == 403, "who approves reads it only"
    # Of what is planned for her: on her page, and on the approver's.
    page = walk["fatima"].get("hours")
    assert "telt mee" in page.text
    assert "83 uur" not in page.text
    add(walk["fatima"])
    assert "van 83 uur" not in walk["youssef"].get("hours/approve").text
    assert "0.6" not in walk["marieke"].get("mine.json").html
    assert '"share": 6000' in walk["fatima"].get("mine.json").html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"factor": "0"}, "Nul kan niet"),
        ({"factor": "0,0"}, "Nul kan niet"),
        ({"factor": "1.2"}, "Meer dan 1 kan niet"),
        *(({"factor": each}, "als 0,6 of 0,75") for each in ("1e9", "een", "-0,5", "NaN", "inf", "0,60000001", "٠٫٥")),
        *(({"hours": each}, "als 50 of 37,5") for each in ("1e9", "een", "-1", "NaN", "2001")),
        ({"hours": "0"}, "Nul kan niet"),
        ({"factor": "0,5", "hours": "20"}, "niet allebei"),
        *(({"first_day": each}, "binnen de periode") for each in ("1999-01-01", "2999-01-01", "ooit", "2026-02-30")),
        ({"last_day": "2999-01-01"}, "binnen de periode"),
        *(({"person": each}, "Kies collega's") for each in ("", "x", "99999", "-1")),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(walk: Walk, fields: dict[str, str], said: str) -> None:
    pot(walk, ["youssef"])
    page = hold(walk, "fatima", status=422, **fields)
    assert said in page.text
    typed = dict(page.form("/hours/pots/people").values())
    assert all(typed[name] == value for name, value in fields.items() if name != "person")
    assert walk.rows("SELECT count(*) FROM hours_role WHERE role = 'holder'")[0][0] == 0
    for number in ("9", "x", ""):
        assert walk.wout.post("hours/pots/people", pot=number, person="1").status == 422


def test_who_joins_later_and_who_leaves_sends_hours_of_their_own_days(walk: Walk) -> None:
    pot(walk, [], review="none", holders=["marieke"], whom="some", whose="mentoren")
    assert "Voor mentoren" in walk["fatima"].get("hours/pots").text
    add(walk["fatima"], status=422, pot="1")
    hold(walk, "fatima", first_day=TODAY.isoformat(), joins="yes")
    page = add(walk["fatima"], pot="1", day=(TODAY - dt.timedelta(days=1)).isoformat(), status=422)
    assert "Op die dag hoorde je niet bij deze pot" in page.text
    add(walk["fatima"], pot="1", line="toen wel")
    hold(walk, "marieke", last_day=(TODAY - dt.timedelta(days=1)).isoformat())
    add(walk["marieke"], pot="1", status=422)
    assert entry(walk.world, "toen wel")
    assert LAST > TODAY
