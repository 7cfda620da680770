"""What is said of a list: that one was there, that the times are not right, and the answers; who reads whose."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from tests.actors import World
from tests.web.sitting import (
    check_in,
    close,
    member,
    minutes,
    open_session,
    person_id,
    rows,
    tick,
    ticked,
)
from tests.web.test_hours import add, entry, pot
from tests.web.walk import Walk, visit

AFTERNOON = dt.datetime(2026, 11, 30, 14, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """An afternoon at school: three o'clock there."""
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        yield clock


@pytest.fixture
def walk(world: World, clock: time_machine.Traveller) -> Walk:
    """Fatima and Marieke take part, Youssef approves; Wout facilitates from outside."""
    return Walk(world, "fatima", "marieke", "youssef")


def test_of_who_facilitates_another_says_that_they_were_there(walk: Walk, clock: time_machine.Traveller) -> None:
    assert walk.wout.post("community/name", member=member(walk, "marieke")).status == 303
    marieke, fatima = walk["marieke"], walk["fatima"]
    pot(walk, ["youssef"])
    number = open_session(marieke)
    check_in(walk, "fatima", number)
    tick(marieke, number, [*ticked(marieke, number)["here"], person_id(walk.world, "marieke")])
    clock.shift(minutes(91))
    close(marieke, number)
    assert rows(walk, number)["marieke"] == (True, "list", False)
    assert "Een collega moet nog zeggen dat je er was" in marieke.get("hours").text
    assert marieke.post("hours/attended", session=str(number), pot="1").status == 422
    row = walk.rows("SELECT id FROM hours_attendance WHERE person_id = :id", id=person_id(walk.world, "marieke"))[0][0]
    for who in (marieke, walk["youssef"]):
        assert who.post(f"hours/sessions/{number}/confirm", attendance=str(row)).status == 422, "not there, or oneself"
    assert "Ja" not in walk["youssef"].get("home").text or "Was Marieke" not in walk["youssef"].get("home").text
    # Their own word does not attest it either.
    page = marieke.post(f"hours/sessions/{number}/dispute", words="ik was er echt", came="15:00", left="16:00")
    assert page.status == 422
    assert "houdt deze lijst zelf bij" in page.text
    page = fatima.get("home")
    assert "Was Marieke" in page.text
    assert page.form(f"/sessions/{number}/confirm").submit().status == 200
    assert rows(walk, number)["marieke"] == (True, "list", True)
    assert "wacht op goedkeuring" in marieke.get("hours").form("/hours/attended").submit().text


def test_of_a_list_that_says_less_by_now_there_is_no_room_in_a_pot(walk: Walk, clock: time_machine.Traveller) -> None:
    """What counts of a session stays within its list, whatever a cap leaves: its times are sent anew."""
    pot(walk, ["youssef"], review="afterwards", cap1_most="60", cap1_unit="minutes", cap1_per="period")
    fatima = walk["fatima"]
    add(fatima, line="cursus")
    number = open_session(walk.wout)
    clock.shift(minutes(90))
    tick(walk.wout, number, [person_id(walk.world, "fatima")])
    close(walk.wout, number)
    assert fatima.post("hours/attended", session=str(number), pot="1").status == 303
    assert walk.rows("SELECT minutes, above FROM hours_count") == [(60, 0), (0, 90)]
    who = person_id(walk.world, "fatima")
    page = walk.wout.post(f"hours/sessions/{number}/correct", person=who, left="15:30", words="je ging om half vier")
    assert page.status == 303
    assert fatima.post("hours/withdraw", entry=entry(walk.world, "cursus"), words="was er niet").status == 303
    page = fatima.get("hours")
    assert "Er is weer ruimte" not in page.text
    assert fatima.post("hours/room", entry=entry(walk.world, "Studiemiddag taal")).status == 422
    assert page.form("/hours/attended").submit().status == 200
    assert walk.rows("SELECT sum(minutes), sum(above) FROM hours_count") == [(30, 0)]


def test_who_is_missing_says_so_and_it_counts_until_somebody_answers(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"])
    fatima, wout, youssef = walk["fatima"], walk.wout, walk["youssef"]
    number = open_session(wout)
    page = fatima.post(f"hours/sessions/{number}/dispute", words="ik was er", came="15:00", left="15:00")
    assert (page.status, "nog bezig" in page.text) == (422, True)
    clock.shift(minutes(90))
    close(wout, number)
    for fields, said in (
        ({"words": "Ik was er"}, "van hoe laat tot hoe laat jij er was"),
        ({"came": "15:00", "left": "16:00"}, "waarom"),
        ({"words": "x", "came": "16:00", "left": "15:00"}, "ligt voor de tijd van komen"),
        ({"words": "x", "came": "17:00", "left": "18:00"}, "moet nog komen"),
        ({"words": "x", "came": "14:00", "left": "14:30"}, "geen bijeenkomst"),
        ({"words": "x", "came": "x", "left": "y"}, "als 14:30"),
    ):
        page = fatima.post(f"hours/sessions/{number}/dispute", fields)
        assert page.status == 422, fields
        assert said.replace("jij er was", "je er was") in page.text, (fields, page.text[:400])
        assert fields.get("words", "") in page.html
    page = fatima.post(f"hours/sessions/{number}/dispute", words="Mijn telefoon was leeg", came="15:00", left="16:30")
    assert page.status == 303
    assert rows(walk, number)["fatima"] == (True, "own", False)
    assert "wacht op goedkeuring" in fatima.get("hours").form("/hours/attended").submit().text
    page = youssef.get("hours/approve")
    assert "op eigen woord" in page.text
    assert "Mijn telefoon was leeg" in page.text
    entry = walk.rows("SELECT max(id) FROM hours_entry")[0][0]
    assert youssef.post("hours/approve", {"entry": [str(entry)]}).status == 303
    assert youssef.post("hours/attended/answer", entry=str(entry), words="x", absent="yes").status == 422, "too early"
    # Who facilitates answers, with other times and a reason: a row of its own, told to both.
    page = wout.get("home").link(f"/hours/sessions/{number}")
    assert "zegt dat dit niet klopt" in page.text
    assert (
        wout.post(f"hours/sessions/{number}/correct", person=person_id(walk.world, "fatima"), came="15:30").status
        == 422
    )
    page = wout.post(
        f"hours/sessions/{number}/correct",
        person=person_id(walk.world, "fatima"), came="15:30", left="16:30", words="Je kwam na de pauze",
    )  # fmt: skip
    assert page.status == 303
    assert rows(walk, number)["fatima"] == (True, "own", True)
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -30]
    assert "Je kwam na de pauze" in fatima.get("hours").text
    assert "Je kwam na de pauze" in fatima.get(f"hours/sessions/{number}").text
    assert "Je kwam na de pauze" in youssef.get("hours/approve").text
    assert "Je kwam na de pauze" in wout.get(f"hours/sessions/{number}").text
    # More by itself it never becomes: that is offered.
    clock.shift(minutes(1))
    page = wout.post(
        f"hours/sessions/{number}/correct",
        person=person_id(walk.world, "fatima"), came="15:00", left="16:30", words="Toch vanaf het begin",
    )  # fmt: skip
    assert page.status == 303
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -30]
    page = fatima.get("hours")
    assert "De lijst is verbeterd nadat je dit instuurde" in page.text
    assert page.form("/hours/attended").submit().status == 200
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -30, -60]
    entry = walk.rows("SELECT max(id) FROM hours_entry")[0][0]
    assert youssef.post("hours/approve", {"entry": [str(entry)]}).status == 303
    assert sum(row[0] for row in walk.rows("SELECT minutes FROM hours_count")) == 90


def test_an_approver_answers_what_nobody_answered_for_fourteen_days(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"])
    number = open_session(walk.wout)
    check_in(walk, "fatima", number)
    clock.shift(minutes(91))
    close(walk.wout, number)
    assert walk["fatima"].get("hours").form("/hours/attended").submit().status == 200
    entry = str(walk.rows("SELECT max(id) FROM hours_entry")[0][0])
    assert walk["youssef"].post("hours/approve", {"entry": [entry]}).status == 303
    page = walk["fatima"].post(
        f"hours/sessions/{number}/dispute", words="Ik bleef tot vijf uur", came="15:00", left="16:20"
    )
    assert page.status == 303, "also after approval"
    assert walk["fatima"].post(f"hours/sessions/{number}/dispute", words="nog eens").status == 422
    clock.shift(dt.timedelta(days=13))
    youssef = visit(walk.world, "youssef")
    assert youssef.post("hours/attended/answer", entry=entry, words="x", absent="yes").status == 422
    clock.shift(dt.timedelta(days=1, minutes=1))
    youssef, marieke = visit(walk.world, "youssef"), visit(walk.world, "marieke")
    assert marieke.post("hours/attended/answer", entry=entry, words="x").status == 404
    page = youssef.get("hours/approve")
    assert "antwoordde veertien dagen niet" in page.text
    page = youssef.post(
        "hours/attended/answer", entry=entry, came="15:00", left="16:20", words="Volgens Marieke tot tien voor half"
    )
    assert page.status == 303, page.text[:500]
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -10]
    assert "Volgens Marieke" in visit(walk.world, "fatima").get("hours").text


def test_what_waits_comes_back_when_the_list_is_corrected(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"])
    number, fatima = open_session(walk.wout), walk["fatima"]
    check_in(walk, "fatima", number)
    clock.shift(minutes(91))
    close(walk.wout, number)
    fatima.get("hours").form("/hours/attended").submit()
    who = person_id(walk.world, "fatima")
    for fields, said in (({"words": "x"}, "Zo staat het er al"), ({"words": "x", "person": "999999"}, "hoort niet bij"),
                         ({"words": "x", "person": "-1"}, "hoort niet bij"),
                         ({"came": "15:30"}, "waarom")):  # fmt: skip
        page = walk.wout.post(f"hours/sessions/{number}/correct", {"person": who} | fields)
        assert (page.status, said in page.text) == (422, True), (fields, page.text[:300])
    page = walk.wout.post(f"hours/sessions/{number}/correct", person=who, came="15:30", words="Later gekomen")
    assert page.status == 303
    page = fatima.get("hours")
    assert "Teruggestuurd" in page.text
    assert "Later gekomen" in page.text
    assert "Stuur deze tijden in" in page.text
    assert page.form("/hours/attended").submit().status == 200
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_entry ORDER BY id")] == [90, 60]
    clock.shift(minutes(1))
    # Of who left earlier the time of coming stays.
    page = walk.wout.post(f"hours/sessions/{number}/correct", person=who, left="16:20", words="Eerder weg")
    assert page.status == 303
    assert "van 15.30 tot 16.20 uur" in fatima.get(f"hours/sessions/{number}").text
    assert fatima.get("hours").form("/hours/attended").submit().status == 200
    # Somebody who was not there after all.
    page = walk.wout.post(f"hours/sessions/{number}/correct", person=who, absent="yes", words="Het was een ander")
    assert page.status == 303
    assert rows(walk, number)["fatima"][0] is False
    page = fatima.get("hours")
    assert not page.has_form("/hours/attended")
    assert "Dit kwam bij je terug" in page.text
    assert "Het was een ander" in page.text
    assert "Pas aan" not in page.text, "there is nothing to change: the list says it"
    entry = walk.rows("SELECT max(id) FROM hours_entry")[0][0]
    assert walk["youssef"].post("hours/approve", {"entry": [str(entry)]}).status == 422
    assert page.form("/hours/withdraw").submit().status == 200
    assert "Het was een ander" in fatima.get(f"hours/sessions/{number}").text


def test_who_sees_who_was_there(walk: Walk, clock: time_machine.Traveller) -> None:
    """Nobody but oneself and who facilitates: from outside their own, until thirty days after; never a leader."""
    world = walk.world
    assert walk.wout.post("community/name", member=member(walk, "youssef")).status == 303
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    number, own = open_session(walk.wout), None
    check_in(walk, "fatima", number)
    clock.shift(minutes(91))
    close(walk.wout, number)
    own = open_session(walk["youssef"])
    for path in (f"hours/sessions/{number}", "hours/sessions", "home", "hours", "community"):
        page = walk["marieke"].get(path)
        assert "sinds 15.00" not in page.text
        assert "van 15.00" not in page.text, path
    assert "Je staat niet op de lijst" in walk["marieke"].get(f"hours/sessions/{number}").text
    assert "Fatima" not in walk["marieke"].get(f"hours/sessions/{number}").text
    for path in ("hours/sessions", f"hours/sessions/{number}", f"hours/sessions/{number}/letters"):
        assert mieke.get(path).status == 403
    assert "Fatima" in walk.wout.get(f"hours/sessions/{number}").text
    assert "Fatima" in walk["youssef"].get(f"hours/sessions/{number}").text, "of the community's own"
    # From outside: only what they opened.
    assert "Fatima" not in walk.wout.get(f"hours/sessions/{own}").text
    assert walk.wout.get(f"hours/sessions/{own}/letters").status == 404
    for action in ("list", "close", "cancel", "correct"):
        page = walk.wout.post(
            f"hours/sessions/{own}/{action}", words="x", person=person_id(world, "fatima"), absent="yes"
        )
        assert page.status == 422, action
    clock.shift(dt.timedelta(days=30))
    wout, youssef = visit(world, "wout"), visit(world, "youssef")
    assert "Fatima" not in wout.get(f"hours/sessions/{number}").text
    assert (
        wout.post(f"hours/sessions/{number}/correct", words="x", person=person_id(world, "fatima"), absent="yes").status
        == 422
    )
    assert "Fatima" in youssef.get(f"hours/sessions/{number}").text
    # Who no longer facilitates sees what they opened, and no more.
    assert youssef.post("role/stop", answer="yes").status == 303
    youssef = visit(world, "youssef")
    assert "Fatima" not in youssef.get(f"hours/sessions/{number}").text
    assert youssef.get(f"hours/sessions/{own}").soup.select_one("#list") is not None
    assert youssef.post(f"hours/sessions/{own}/close").status == 403
