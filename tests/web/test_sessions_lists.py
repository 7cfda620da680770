"""Lists of sessions, on paper and on the page: what cannot be is told, and nothing is kept by half."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from tests.actors import World
from tests.web.sitting import (
    ask,
    close,
    csv,
    minutes,
    open_session,
    person_id,
    rows,
    shown,
    tick,
)
from tests.web.walk import Walk, enrol

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


def test_a_list_from_paper_is_of_a_day_that_was(walk: Walk, clock: time_machine.Traveller) -> None:
    number = open_session(walk.wout, day="2026-11-16", begins="14:00", ends="16:00")
    assert "Toon de letters" not in walk.wout.get(f"hours/sessions/{number}").text
    page = walk["fatima"].post(f"hours/sessions/{number}/here", letters=shown(walk.world, number))
    assert (page.status, "voorbij" in page.text) == (422, True)
    fatima, marieke = person_id(walk.world, "fatima"), person_id(walk.world, "marieke")
    tick(walk.wout, number, [fatima, marieke], **{f"came-{marieke}": "14.15", f"left-{marieke}": "15:45"})
    close(walk.wout, number)
    assert "2 uur" in walk["fatima"].get("hours").text
    assert "1 uur 30 min" in walk["marieke"].get("hours").text


def hostile_of(values: object, change: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in values:  # type: ignore[attr-defined]
        found.setdefault(name, []).append(value)
    return found | {name: [value] for name, value in change.items()}


def test_a_list_from_a_file_is_shown_first_and_kept_once(walk: Walk) -> None:
    world = walk.world
    enrol(world, "twin", "student")
    number = open_session(walk.wout, day="2026-11-16", begins="14:00", ends="16:00")
    names = {row[0].split()[0].lower(): row[0] for row in walk.rows("SELECT name FROM person")}
    content = f"Naam;Van;Tot\r\n{names['fatima']};14:10;\r\n{names['marieke'].upper()};;15.30\r\nWie is dit;;\r\n"
    page = csv(walk, number, content.encode("cp1252"))
    assert page.status == 200, page.text[:500]
    assert "nog niets bewaard" in page.text
    assert rows(walk, number) == {}
    form = page.form("/paper/on")
    refused = form.submit()
    assert refused.status == 422
    assert "Regel 4: kies wie “Wie is dit” is" in refused.text
    assert rows(walk, number) == {}, "all of it or nothing"
    twice = refused.form("/paper/on").submit(**{"chosen-4": person_id(world, "fatima")})
    assert (twice.status, "staat er al" in twice.text) == (422, True)
    for _ in range(2):
        page = csv(walk, number, content.encode()).form("/paper/on").submit(**{"chosen-4": "nobody"})
        assert page.status == 200, page.text[:500]
        assert rows(walk, number) == {"fatima": (True, "list", False), "marieke": (True, "list", False)}
    hostile = form.values()
    for change in ({"chosen-4": "999999"}, {"chosen-4": "x"}, {"came-2": "half vier", "chosen-4": "nobody"},
                   {"line": "x"}, {"left-3": "13:00", "chosen-4": "nobody"}):  # fmt: skip
        page = walk.wout.post(f"hours/sessions/{number}/paper/on", hostile_of(hostile, change))
        assert page.status == 422, change
    close(walk.wout, number)
    page = csv(walk, number, content.encode()).form("/paper/on").submit(**{"chosen-4": "nobody"})
    assert (page.status, "al gesloten" in page.text) == (422, True)


def test_a_file_that_cannot_be_is_told_and_nothing_is_kept(walk: Walk) -> None:
    number = open_session(walk.wout, day="2026-11-16", begins="14:00", ends="16:00")
    for content, said in (
        (b"", "niemand op deze lijst"),
        (b"naam\n" + b"x" * 100_000, "groter dan 100 kB"),
        (b"PK\x03\x04x", "geen csv-bestand"),
        (b"naam;van\nJan;=1+1\n", "Regel 2, “van”: hier staat een formule"),
        (b"naam;van\nJan;laat\n", "Regel 2, “van”: schrijf een tijd"),
        (b"wat\nJan\n", "kolom ‘naam’"),
    ):
        page = csv(walk, number, content)
        assert page.status == 422, content[:20]
        assert said in page.text, (said, page.text[:400])
    assert walk.wout.post(f"hours/sessions/{number}/paper").status == 422
    assert rows(walk, number) == {}


BAD: list[tuple[dict[str, str], str, str]] = [
    ({"title": ""}, "een naam", "a name"),
    ({"title": "   "}, "een naam", "a name"),
    ({"title": "x" * 121}, "te lang", "too long"),
    ({"title": "lang " * 20_000}, "te lang", "too long"),
    ({"title": "omge\u202ekeerd"}, "onzichtbare tekens", "invisible characters"),
    ({"place": "bel\x07"}, "onzichtbare tekens", "invisible characters"),
    ({"day": "gisteren"}, "Kies een dag", "Choose a day"),
    ({"day": ""}, "Kies een dag", "Choose a day"),
    ({"day": "2026-07-31"}, "vorig schooljaar", "earlier school year"),
    ({"day": "2027-06-01"}, "te ver weg", "too far off"),
    ({"begins": ""}, "van hoe laat tot hoe laat", "from what time"),
    ({"ends": ""}, "van hoe laat tot hoe laat", "from what time"),
    ({"begins": "25:00"}, "als 14:30", "like 14:30"),
    ({"ends": "laat"}, "als 14:30", "like 14:30"),
    ({"begins": "15:00", "ends": "15:00"}, "na middernacht", "after midnight"),
    ({"begins": "15:00", "ends": "14:00"}, "na middernacht", "after midnight"),
    ({"begins": "15:00", "ends": "14:00", "sure": "hours_end_first"}, "twaalf uur", "twelve hours"),
    ({"begins": "08:00", "ends": "20:01"}, "twaalf uur", "twelve hours"),
    ({"about": "gelogen"}, "een stap uit de lijst", "a step from the list"),
]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_bad_input_gets_a_sentence_and_loses_nothing(walk: Walk, language: str) -> None:
    walk.wout.post("language", language=language)
    for fields, dutch, english in BAD:
        page = ask(walk.wout, status=422, **fields)
        assert (dutch if language == "nl" else english).casefold() in page.text.casefold(), fields
        kept = dict(page.form("/hours/sessions").values())
        if fields.get("title", "x").isprintable() and fields.get("title", "x").strip():
            assert kept["title"] == fields.get("title", "Studiemiddag taal")
    assert walk.rows("SELECT id FROM hours_session") == []


def test_two_sessions_at_one_time_are_one_too_many(walk: Walk) -> None:
    number = open_session(walk.wout)
    assert "staat er al" in ask(walk.wout, status=422).text
    assert "Studiemiddag taal" in ask(walk.wout, status=422, title="Iets anders", begins="16:00", ends="17:00").text
    assert walk.wout.post(f"hours/sessions/{number}/cancel").status == 303
    assert "Ben je hier?" not in walk["fatima"].get("home").text
    assert open_session(walk.wout)
    for action, fields in (("list", {}), ("close", {}), ("cancel", {}), ("correct", {"words": "x"})):
        data = {"person": person_id(walk.world, "fatima"), "absent": "yes"} | fields
        assert walk.wout.post(f"hours/sessions/{number}/{action}", data).status == 422
    page = walk["fatima"].post(f"hours/sessions/{number}/here", letters=shown(walk.world, number))
    assert (page.status, "ging niet door" in page.text) == (422, True)


def test_a_bad_list_is_told_by_name_and_nothing_of_it_is_kept(walk: Walk, clock: time_machine.Traveller) -> None:
    number = open_session(walk.wout)
    fatima, marieke = person_id(walk.world, "fatima"), person_id(walk.world, "marieke")
    clock.shift(minutes(60))
    for fields, said in (
        ({f"came-{fatima}": "laat"}, "schrijf een tijd als 14:30"),
        ({f"came-{fatima}": "15:30", f"left-{fatima}": "15:10"}, "ligt voor de tijd van komen"),
        ({f"left-{fatima}": "16:20"}, "moet nog komen"),
        ({f"came-{fatima}": "08:00"}, "meer dan zes uur"),
        ({f"came-{fatima}": "14:00", f"left-{fatima}": "14:30"}, "geen bijeenkomst"),
    ):
        assert said in tick(walk.wout, number, [marieke, fatima], status=422, **fields), fields
        assert rows(walk, number) == {}
    for person in ("999999", "x", "-1", "9" * 12):
        assert "hoort niet bij" in tick(walk.wout, number, [person], status=422)
    for ends, said in (("14:00", "na het begin"), ("16:30", "na het begin"), ("x", "als 14:30")):
        page = walk.wout.post(f"hours/sessions/{number}/close", {"here": [fatima], "ends": ends})
        assert (page.status, said in page.text) == (422, True), ends
    assert rows(walk, number) == {}
