"""Whose decision a pot is: said in words, assigned beforehand by an approver, and always the member's own choice."""

from collections.abc import Iterator

import pytest
import time_machine

from lti_tool.domain.hours import pots, profiles
from lti_tool.models.hours_codes import Decision, Review
from tests.actors import World
from tests.web.sitting import at, close, minutes, open_session, person_id, tick
from tests.web.test_hours import POT, pot
from tests.web.test_sessions import AFTERNOON
from tests.web.walk import Walk

ASSIGNED = "Opgedragen scholing"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        yield clock


@pytest.fixture
def walk(world: World, clock: time_machine.Traveller) -> Walk:
    """Fatima and Marieke take part, Youssef approves; Wout facilitates from outside."""
    return Walk(world, "fatima", "marieke", "youssef")


def later(walk: Walk) -> int:
    """A session that begins in half an hour."""
    begins, ends = (at(AFTERNOON + minutes(each)) for each in (30, 60))
    return open_session(walk.wout, begins=begins, ends=ends)


def test_words_say_whose_decision_a_pot_is_and_it_can_be_said_anew(walk: Walk) -> None:
    pot(walk, ["youssef"], decision="development", rounds="15")
    page = walk["fatima"].get("hours")
    assert "Ontwikkeltijd: tijd om je lessen" in page.text
    page = walk["fatima"].get("hours/pots")
    assert "Ontwikkeltijd: tijd om je lessen" in page.text
    assert "op papier per regel afgerond op een kwartier" in page.text
    assert walk.wout.post("hours/pots/decision", pot="1", decision="own").status == 303
    page = walk["fatima"].get("hours")
    assert "Je kiest zelf waar je deze uren voor gebruikt" in page.text
    assert "afgerond" not in walk["fatima"].get("hours/pots").text
    assert walk["fatima"].post("hours/pots/decision", pot="1", decision="other").status == 403
    for bad in ({"decision": "nobody"}, {"rounds": "7"}, {"rounds": "x"}, {"pot": "99"}, {"pot": "een"}, {"pot": ""}):
        assert walk.wout.post("hours/pots/decision", {"pot": "1", **bad}).status == 422, bad
    # Somebody has to be there who assigns.
    page = pot(walk, [], review="none", decision="assigned", status=422)
    assert "ten minste één collega die goedkeurt" in page.text


def test_an_approver_assigns_a_session_before_it_begins_and_whoever_was_there_still_chooses(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    pot(walk, ["youssef"])
    pot(walk, ["youssef"], name=ASSIGNED, hours="", decision="assigned")
    first, second = later(walk), open_session(walk.wout, title="Overleg", begins=at(AFTERNOON), ends="15:30")
    youssef = walk["youssef"]
    page = youssef.get("hours/approve")
    assert "Overleg" not in page.text, "it has begun"
    page = page.form("/hours/assign").submit()
    assert f"toegewezen aan {ASSIGNED}" in page.text
    assert f"Van tevoren toegewezen aan {ASSIGNED}" in walk["marieke"].get(f"hours/sessions/{first}").text
    # Nobody else does, to no other pot, not twice, and of no other session.
    for who, number, to, status in (
        ("fatima", first, 2, 404),
        ("youssef", first, 1, 422),
        ("youssef", first, 2, 422),
        ("youssef", second, 2, 422),
        ("youssef", 99, 2, 422),
    ):
        assert walk[who].post("hours/assign", session=str(number), pot=str(to)).status == status, (who, number, to)
    assert walk.wout.post("hours/assign", session=str(first), pot="2").status == 404
    clock.shift(minutes(61))
    for number in (first, second):
        tick(walk.wout, number, [person_id(walk.world, "fatima")])
        close(walk.wout, number)
    assert youssef.post("hours/assign", session=str(first), pot="2").status == 422
    assert youssef.post("hours/assign/back", session=str(first), pot="2").status == 422
    page = walk["fatima"].get("hours")
    assert "van tevoren toegewezen aan Opgedragen scholing. Je kiest zelf." in page.text
    orders = [[each.text for each in found.select("option")] for found in page.soup.select("#offers select[name=pot]")]
    assert [f"{ASSIGNED} (toegewezen)", POT] in orders
    assert [POT, ASSIGNED] in orders
    assert walk["fatima"].post("hours/attended", session=str(first), pot="1").status == 303
    assert walk.rows("SELECT pot_id FROM hours_act WHERE kind = 'sent'") == [(1,)]


def test_what_was_assigned_can_be_taken_back_until_it_begins(walk: Walk) -> None:
    pot(walk, ["youssef"], name=ASSIGNED, decision="assigned")
    number = later(walk)
    youssef = walk["youssef"]
    youssef.get("hours/approve").form("/hours/assign").submit()
    page = youssef.get("hours/approve").form("/hours/assign/back").submit()
    assert "toegewezen aan" not in page.text
    assert "toegewezen" not in walk["fatima"].get(f"hours/sessions/{number}").text
    assert youssef.post("hours/assign/back", session=str(number), pot="1").status == 422
    assert walk.rows("SELECT by_id IS NOT NULL, until IS NOT NULL FROM hours_assigned") == [(1, 1)]
    kinds = walk.rows("SELECT detail FROM act WHERE kind = 'session_assigned' ORDER BY id")
    assert [str(each[0]).count('"assigned": 1') for each in kinds] == [1, 0]
    # Whoever approves no such pot is not asked about sessions at all.
    assert walk.wout.post("hours/pots/decision", pot="1", decision="own").status == 303
    assert "Bijeenkomsten toewijzen" not in youssef.get("hours/approve").text


def test_a_profile_fills_in_forms_that_are_read_and_changed_before_a_pot_is_made(walk: Walk) -> None:
    page = walk.wout.get("hours/pots").link("/hours/pots/profiles")
    assert "Voortgezet onderwijs: docenten" in page.text
    page = walk.wout.get("hours/pots/profiles?of=vo")
    form = page.form("/hours/pots")
    values = dict(form.values())
    assert (values["name"], values["hours"], values["decision"]) == ("Deskundigheidsbevordering", "83", "own")
    assert walk.rows("SELECT count(*) FROM hours_pot") == [(0,)], "choosing makes nothing"
    page = form.submit(name="Scholing")
    assert page.status == 422, "somebody has to approve, and what was typed stays"
    assert dict(page.form("/hours/pots").values())["name"] == "Scholing"
    assert "Pot 1 van 3" in page.text
    approver = person_id(walk.world, "youssef")
    page = page.form("/hours/pots").submit(hours="80", approvers=[approver])
    assert "Pot 2 van 3 Ontwikkeltijd." in page.text
    assert walk.rows("SELECT name, minutes, decision FROM hours_pot") == [("Scholing", 4800, "own")]
    page = page.form("/hours/pots").submit(approvers=[approver])
    page = page.form("/hours/pots").submit(approvers=[approver])
    assert "Waar tellen onze uren voor" in page.text
    assert walk.rows("SELECT name, minutes, decision FROM hours_pot ORDER BY id")[1:] == [
        ("Ontwikkeltijd", 3000, "development"),
        ("Opgedragen scholing", None, "assigned"),
    ]
    assert walk["fatima"].get("hours/pots/profiles").status == 403
    for bad in ("of=nergens", "of=vo&pot=0", "of=vo&pot=99", "of=vo&pot=x", "of=vo&pot=" + "9" * 400):
        assert walk.wout.get(f"hours/pots/profiles?{bad}").status == 200


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda each: each.key)
def test_every_profile_is_of_pots_that_can_be_made(profile: profiles.Profile) -> None:
    assert len({each.name.nl for each in profile.pots}) == len(profile.pots)
    assert all(each.minutes is None or 0 < each.minutes <= pots.MOST for each in profile.pots)
    assert all(each.decision != Decision.ASSIGNED or each.review != Review.NONE for each in profile.pots)
