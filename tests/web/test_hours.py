"""Hours by their pages: kept, sent, approved, returned, corrected; who reads what; what bad input is told."""

import csv
import datetime as dt
import io
import zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.domain.hours import ledger
from tests.actors import Page, World
from tests.web.test_facilitator import member_id
from tests.web.walk import Visit, Walk, enrol, visit

TODAY = now().date() - dt.timedelta(days=1)
FIRST, LAST = ledger.school_year(TODAY)
POT = "Professionele ontwikkeling"


def person_id(world: World, name: str) -> str:
    with world.tool.session() as session:
        query = text("SELECT person_id FROM member WHERE id = :id")
        return str(session.execute(query, {"id": member_id(world, name)}).scalar_one())


def pot(walk: Walk, approvers: list[str], *, status: int = 303, **fields: str | list[str]) -> Page:
    """A pot by its form; approvers, deputies and holders by name."""
    world = walk.world
    data: dict[str, str | list[str]] = {
        "name": POT, "first_day": FIRST.isoformat(), "last_day": LAST.isoformat(), "hours": "83", "review": "before",
        "arranging": "yes",
    }  # fmt: skip
    data["approvers"] = [each if each.isdecimal() else person_id(world, each) for each in approvers]
    for name in ("deputies", "holders"):
        if name in fields:
            fields[name] = [person_id(world, each) for each in fields[name]]
    page = walk.wout.post("hours/pots", data | fields)
    assert page.status == status, page.text[:600]
    return page


def add(at: Visit, *, status: int = 303, **fields: str | list[str]) -> Page:
    """Add an entry to the first pot, by the form with what it holds by itself."""
    form = at.get("hours").form("/hours")
    data: dict[str, str | list[str]] = dict(form.values()) | {"line": "intervisie", "day": TODAY.isoformat()}
    if not {"chip", "minutes", "begins"} & fields.keys():
        data["chip"] = "60"
    page = at.post("hours", data | fields)
    assert page.status == status, (page.status, page.text[:800])
    return page


def entry(world: World, line: str) -> str:
    with world.tool.session() as session:
        query = text("SELECT max(id) FROM hours_entry WHERE line = :line")
        return str(session.execute(query, {"line": line}).scalar_one())


def table(page: Page, delimiter: str = ";") -> list[dict[str, str]]:
    read = page.response.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(read), delimiter=delimiter))


@pytest.fixture
def walk(world: World) -> Walk:
    """Fatima and Marieke keep hours, Youssef approves; Wout facilitates from outside."""
    return Walk(world, "fatima", "marieke", "youssef")


def test_a_teacher_keeps_hours_in_three_taps_and_an_approver_approves(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"])
    fatima, youssef = walk["fatima"], walk["youssef"]
    page = fatima.get("home").link("/hours")
    form = page.form("/hours")
    # The pot is chosen already where there is one: what, how long, send.
    page = form.submit(line="Film bekeken over taal in de keuken", chip="90")
    assert page.status == 200
    assert "wacht op goedkeuring" in page.text
    assert "1 uur 30 min wacht" in page.text
    page = youssef.get("hours").link("/hours/approve")
    assert "Eén regel wacht op jou" in page.text
    assert "Film bekeken" in page.text
    page = youssef.post("hours/approve", {"entry": [entry(any_world, "Film bekeken over taal in de keuken")]})
    assert page.status == 303
    page = fatima.get("hours")
    assert "1 uur 30 min van 83 uur telt mee" in page.text
    (row,) = table(fatima.get("hours.csv"))
    assert (row["minuten die meetellen"], row["uren die meetellen"], row["pot"]) == ("90", "1,50", POT)
    (row,) = table(youssef.get("hours/approve.csv"))
    assert row["minuten die meetellen"] == "90"
    assert row["wie"].startswith("Fatima")


def test_a_return_has_words_and_is_sent_again_with_its_proof(walk: Walk) -> None:
    pot(walk, ["youssef"])
    fatima, youssef = walk["fatima"], walk["youssef"]
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    picture.seek(0)
    add(fatima, line="Cursus", kind="elsewhere", provider="Bureau", file=(picture, "van fatima.png"))  # type: ignore[arg-type]
    first = entry(walk.world, "Cursus")
    for reader, status in (("fatima", 200), ("youssef", 200), ("marieke", 404)):
        assert walk[reader].get(f"hours/proof/{first}").status == status
    assert walk.wout.get(f"hours/proof/{first}").status == 404
    page = youssef.post("hours/return", entry=first, words="")
    assert page.status == 422
    assert "waarom" in page.text
    assert youssef.post("hours/return", entry=first, words="Welke dag was het?").status == 303
    page = fatima.get("hours")
    assert "Dit kwam bij je terug" in page.text
    assert "Welke dag was het?" in page.text
    assert f"again={first}" in page.html
    page = fatima.get(f"hours?again={first}").form("/hours").submit(day=(TODAY - dt.timedelta(days=1)).isoformat())
    assert page.status == 200
    second = entry(walk.world, "Cursus")
    assert second != first
    assert fatima.get(f"hours/proof/{second}").status == 200
    assert youssef.post("hours/approve", {"entry": [first]}).status == 422, "it was replaced"
    assert youssef.post("hours/approve", {"entry": [second]}).status == 303
    assert [row["minuten die meetellen"] for row in table(fatima.get("hours.csv"))] == ["60"]


def test_nobody_approves_their_own_and_two_approve_once(walk: Walk) -> None:
    pot(walk, ["youssef"], deputies=["marieke"])
    add(walk["youssef"], line="van mezelf")
    own = entry(walk.world, "van mezelf")
    assert "van mezelf" not in walk["youssef"].get("hours/approve").text
    for action, more in (("approve", {}), ("return", {"words": "nee"}), ("correct", {"words": "x", "minutes": "5"})):
        assert walk["youssef"].post(f"hours/{action}", {"entry": own, **more}).status == 422
    assert walk["marieke"].post("hours/approve", {"entry": [own]}).status == 303
    again = walk["marieke"].post("hours/approve", {"entry": [own]})
    assert again.status == 422
    assert "Iemand was je voor" in again.text
    # Alone, an approver's own hours have nobody to go to: that is said before.
    pot(walk, ["fatima"], name="Andere pot")
    with walk.world.tool.session() as session:
        other = session.execute(text("SELECT max(id) FROM hours_pot")).scalar_one()
    page = add(walk["fatima"], pot=str(other), line="alleen ik", status=422)
    assert "niemand keurt zijn eigen uren goed" in page.text


def test_a_correction_is_never_silent_and_a_dispute_is_answered(walk: Walk) -> None:
    pot(walk, ["youssef"], deputies=["marieke"])
    fatima, youssef, marieke = walk["fatima"], walk["youssef"], walk["marieke"]
    add(fatima, line="studiemiddag", minutes="180", chip="")
    number = entry(walk.world, "studiemiddag")
    youssef.post("hours/approve", {"entry": [number]})
    for minutes, words, said in (("181", "te veel", "hoogstens 180"), ("180", "gelijk", "Daar telt het al"),
                                 ("120", "", "waarom"), ("-5", "x", "hele minuten")):  # fmt: skip
        page = youssef.post("hours/correct", entry=number, minutes=minutes, words=words)
        assert page.status == 422
        assert said in page.text
    assert youssef.post("hours/correct", entry=number, minutes="120", words="De pauze telt niet").status == 303
    page = fatima.get("hours")
    assert "De pauze telt niet" in page.text
    assert "telt mee: 2 uur van 3 uur" in page.text
    # The second approver reads what the first did.
    assert "De pauze telt niet" in marieke.get("hours/approve").text
    assert fatima.post("hours/dispute", entry=number, words="Er was geen pauze").status == 303
    page = marieke.get("hours/approve")
    assert "is het hier niet mee eens" in page.text
    assert "Er was geen pauze" in page.text
    assert marieke.post("hours/correct", entry=number, minutes="180", words="Je hebt gelijk").status == 303
    assert "3 uur van 83 uur telt mee" in fatima.get("hours").text
    # Taken back by its owner: a row with words, and never a row that goes.
    assert fatima.post("hours/withdraw", entry=number).status == 422
    assert fatima.post("hours/withdraw", entry=number, words="Dubbel").status == 303
    with walk.world.tool.session() as session:
        rows = session.execute(text("SELECT minutes FROM hours_count ORDER BY id")).scalars().all()
    assert rows == [180, -60, 60, -180]


def test_what_is_counted_is_changed_by_nobody_not_even_in_the_database(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "youssef")
    pot(walk, [], review="none")
    add(walk["fatima"])
    for statement in ("UPDATE hours_count SET minutes = 1", "DELETE FROM hours_count"):
        with pytest.raises(Exception, match="never changed"), any_world.tool.session() as session:
            session.execute(text(statement))


def test_hours_without_a_pot_are_kept_and_sent_later(walk: Walk) -> None:
    fatima = walk["fatima"]
    page = add(fatima, line="gelezen")
    assert "nog in geen pot" in fatima.get("hours").text
    pot(walk, ["youssef"])
    number = entry(walk.world, "gelezen")
    page = fatima.get("hours").form("/hours/send").submit()
    assert "wacht op goedkeuring" in page.text
    assert fatima.post("hours/withdraw", entry=number).status == 303
    assert "gelezen" not in walk["youssef"].get("hours/approve").text, "what was taken back was never anybody else's"


def test_three_times_twenty_minutes_is_an_hour_in_every_total(walk: Walk) -> None:
    pot(walk, [], review="none")
    for number in range(3):
        add(walk["fatima"], line=f"gesprek {number}", minutes="20", chip="")
    assert "1 uur van 83 uur telt mee" in walk["fatima"].get("hours").text
    rows = table(walk["fatima"].get("hours.csv"))
    assert sum(int(row["minuten die meetellen"]) for row in rows) == 60
    book = zipfile.ZipFile(io.BytesIO(walk["fatima"].get("hours.xlsx").response.get_data()))
    cells = [each.text for each in ElementTree.fromstring(book.read("xl/worksheets/sheet2.xml")).iter() if each.text]
    assert "60" in cells
    assert "1" in cells, "one hour, and not three times 0.33"


def test_caps_and_overlap_say_by_how_much(walk: Walk) -> None:
    pot(walk, [], review="none", cap1_most="45", cap1_unit="minutes", cap1_per="day", cap1_kind="own")
    fatima = walk["fatima"]
    add(fatima, line="lang", chip="60")
    page = fatima.get("hours")
    assert "45 min van 83 uur telt mee" in page.text
    assert "15 min telt niet mee" in page.text
    day = (TODAY - dt.timedelta(days=1)).isoformat()
    add(fatima, line="bijeenkomst", day=day, kind="elsewhere", provider="Bureau", begins="14:00", ends="15:00")
    page = add(
        fatima,
        line="zelfde tijd",
        day=day,
        kind="elsewhere",
        provider="Bureau",
        begins="14:30",
        ends="15:30",
        status=422,
    )
    assert "30 minuten al mee" in page.text
    assert "zelfde tijd" in page.html
    page = page.form("/hours").submit(sure=["hours_overlap"])
    assert page.status == 200
    assert "30 min telde op die tijd al mee" in page.text


def test_minutes_are_elapsed_and_the_day_is_that_of_the_beginning(walk: Walk) -> None:
    pot(walk, [], review="none")
    day = TODAY - dt.timedelta(days=2)
    page = add(walk["fatima"], line="avond", day=day.isoformat(), begins="23:30", ends="00:30", status=422)
    assert "na middernacht" in page.text
    page = page.form("/hours").submit(sure=["hours_end_first"])
    assert page.status == 200
    (row,) = table(walk["fatima"].get("hours.csv"))
    assert (row["minuten"], row["dag"], row["van"], row["tot"]) == ("60", f"{day:%d-%m-%Y}", "23:30", "00:30")


LONG = "lang " * 20_000  # 100 kB
BAD: list[tuple[dict[str, str], str, str]] = [
    ({"minutes": "0"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": "-5"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": "1441"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": "1000000000"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": "1.5"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": "1,5"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": "een"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": "٣٠"}, "van 1 tot en met 1440", "from 1 to 1440"),
    ({"minutes": ""}, "hoe lang het duurde", "how long it took"),
    ({"minutes": "30", "chip": "60"}, "Haal een van beide weg", "Remove one of the two"),
    ({"day": "1900-01-01"}, "te lang geleden", "too long ago"),
    ({"day": "2100-01-01"}, "moet nog komen", "still to come"),
    ({"day": "gisteren"}, "Kies een dag", "Choose a day"),
    ({"day": ""}, "Kies een dag", "Choose a day"),
    ({"day": (FIRST - dt.timedelta(days=1)).isoformat()}, "buiten de periode", "outside the period"),
    ({"minutes": "", "begins": "15:00", "ends": "14:00"}, "na middernacht", "after midnight"),
    ({"minutes": "", "begins": "15:00", "ends": "15:00"}, "na middernacht", "after midnight"),
    ({"minutes": "", "begins": "15:00"}, "allebei de tijden", "both times"),
    ({"minutes": "", "begins": "25:00", "ends": "26:00"}, "als 14:30", "like 14:30"),
    ({"minutes": "50", "begins": "13:00", "ends": "14:00"}, "60 minuten, en je koos er 50", "make 60 minutes"),
    ({"minutes": "721"}, "Klopt dat?", "Is that right?"),
    ({"line": ""}, "in één regel", "in one line"),
    ({"line": "   "}, "in één regel", "in one line"),
    ({"line": "omge\u202ekeerd"}, "onzichtbare tekens", "invisible characters"),
    ({"line": "bel\x07"}, "onzichtbare tekens", "invisible characters"),
    ({"line": LONG}, "te lang", "too long"),
    ({"kind": "elsewhere"}, "waar of bij wie", "where it was"),
    ({"kind": "gelogen"}, "Kies wat het was", "Choose what it was"),
    # Nobody says by themselves that a session was attested, or that a step suggested it.
    ({"kind": "attended"}, "Kies wat het was", "Choose what it was"),
    ({"kind": "suggested"}, "Kies wat het was", "Choose what it was"),
    ({"pot": "999999"}, "deze pot kun je niet kiezen", "cannot choose this pot"),
    ({"pot": "x"}, "deze pot kun je niet kiezen", "cannot choose this pot"),
]


@pytest.fixture(scope="module")
def hostile(shared_world: World) -> Walk:
    """One community for all bad input: none of it leaves anything."""
    walk = Walk(shared_world, "fatima", "youssef")
    pot(walk, ["youssef"])
    return walk


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("fields", "dutch", "english"), BAD)
def test_bad_input_gets_a_sentence_and_loses_nothing(
    hostile: Walk, fields: dict[str, str], dutch: str, english: str, language: str
) -> None:
    fatima = hostile["fatima"]
    fatima.post("language", language=language)
    form = fatima.get("hours").form("/hours")
    data = dict(form.values()) | {"line": "een gewone regel", "day": TODAY.isoformat(), "minutes": "30"} | fields
    page = fatima.post("hours", data)
    assert page.status == 422
    assert (dutch if language == "nl" else english).casefold() in page.text.casefold()
    kept = dict(page.form("/hours").values())
    if data["line"].isprintable() and data["line"].strip():
        assert kept["line"] == data["line"], "what was typed is still there"
    assert kept["minutes"] == data["minutes"]
    with hostile.world.tool.session() as session:
        assert session.execute(text("SELECT count(*) FROM hours_entry")).scalar_one() == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " ="])
def test_a_formula_is_a_text_in_every_export(walk: Walk, start: str) -> None:
    pot(walk, ["youssef"])
    add(walk["fatima"], line=f"{start}1+1|cmd", kind="elsewhere", provider="=HYPERLINK(1)")
    for page in (walk["fatima"].get("hours.csv"), walk["youssef"].get("hours/approve.csv")):
        (row,) = table(page)
        assert row["wat"].startswith("'")
        assert row["waar of bij wie"].startswith("'")
    book = zipfile.ZipFile(io.BytesIO(walk["fatima"].get("hours.xlsx").response.get_data()))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_the_csv_is_for_an_excel_that_speaks_the_page_s_language(walk: Walk) -> None:
    pot(walk, [], review="none")
    add(walk["fatima"], minutes="95", chip="")
    page = walk["fatima"].get("hours.csv")
    assert page.response.get_data().startswith(b"\xef\xbb\xbf")
    assert table(page)[0]["uren die meetellen"] == "1,58"
    walk["fatima"].post("language", language="en")
    assert table(walk["fatima"].get("hours.csv"), ",")[0]["hours that count"] == "1.58"


def test_who_reads_whose_hours(walk: Walk) -> None:
    """A manager cannot leaf through, a colleague sees nothing, who facilitates sees nothing."""
    world = walk.world
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    els = visit(world, "els")
    els.post("welcome", choice="join_and_lead")
    pot(walk, ["youssef"])
    add(walk["fatima"], line="heel eigen woorden")
    number = entry(world, "heel eigen woorden")
    others = [walk["marieke"], walk.wout, mieke, els]
    for at in others:
        for path in ("hours", "hours/pots", "home", "hours.csv", "community", "mine.json"):
            page = at.get(path)
            assert "heel eigen woorden" not in page.html, path
        for path in ("hours/approve", "hours/approve.csv", "hours/approve.xlsx", f"hours/proof/{number}"):
            assert at.get(path).status == 404
        for action in ("approve", "return", "query", "uphold", "correct"):
            assert at.post(f"hours/{action}", entry=number, words="x", minutes="5").status == 404
        for action in ("send", "withdraw", "answer", "dispute"):
            assert at.post(f"hours/{action}", entry=number, words="x", pot="1").status in (403, 422)
    assert "heel eigen woorden" in walk["youssef"].get("hours/approve").html
    assert "heel eigen woorden" in walk["fatima"].get("mine.json").html
    # Whoever is named sees what was sent to that pot; and no longer, once they are not.
    who = person_id(world, "mieke")
    assert walk.wout.post("hours/pots/approver", pot="1", person=who, role="deputy").status == 303
    assert "heel eigen woorden" in mieke.get("hours/approve").html
    assert walk.wout.post("hours/pots/approver", pot="1", person=who, out="yes").status == 303
    assert mieke.get("hours/approve").status == 404
    enrol(world, "nina", "student")
    assert "heel eigen woorden" not in visit(world, "nina").get("hours").html


def test_a_pot_is_proposed_and_not_forced(walk: Walk) -> None:
    page = walk.wout.get("hours/pots")
    kept = dict(page.form("/hours/pots").values())
    assert kept["name"] == POT
    assert (kept["first_day"], kept["last_day"]) == (FIRST.isoformat(), LAST.isoformat())
    assert not walk["fatima"].get("hours/pots").has_form("/hours/pots")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Geef de pot een naam"),
        ({"name": "x" * 81}, "te lang"),
        ({"hours": "veel"}, "als 83 of 37,5"),
        ({"hours": "-3"}, "als 83 of 37,5"),
        ({"hours": "99999"}, "als 83 of 37,5"),
        ({"approvers": []}, "ten minste één collega"),
        ({"approvers": ["999999"]}, "uit de lijst"),
        ({"first_day": LAST.isoformat(), "last_day": FIRST.isoformat()}, "een eerste en een laatste dag"),
        ({"first_day": "1900-01-01", "last_day": "2100-01-01"}, "een eerste en een laatste dag"),
        ({"cap1_most": "-1", "cap1_unit": "minutes", "cap1_per": "day"}, "een heel getal"),
        ({"cap1_most": "101", "cap1_unit": "percent", "cap1_per": "period"}, "een heel getal"),
        ({"hours": "", "cap1_most": "10", "cap1_unit": "percent", "cap1_per": "period"}, "een heel getal"),
        ({"whom": "some"}, "uit de lijst"),
    ],
)
def test_a_pot_that_cannot_be_is_told_and_kept_on_the_page(
    walk: Walk, fields: dict[str, str | list[str]], said: str
) -> None:
    approvers = fields.pop("approvers", ["youssef"])
    page = pot(walk, list(approvers), status=422, **fields)
    assert said in page.text
    assert dict(page.form("/hours/pots").values())["name"] == fields.get("name", POT)


def test_a_pot_of_some_is_offered_to_them_only_and_a_closed_one_to_nobody(walk: Walk) -> None:
    pot(walk, ["youssef"], whom="some", holders=["marieke"])
    assert POT not in walk["fatima"].get("hours").text
    assert walk["fatima"].post("hours", line="x y", chip="30", day=TODAY.isoformat(), pot="1").status == 422
    add(walk["marieke"], line="van marieke")
    assert walk.wout.post("hours/pots/stop", pot="1").status == 303
    assert not walk["marieke"].get("hours").soup.select("input[name=pot][value='1']")
    number = entry(walk.world, "van marieke")
    assert walk["youssef"].post("hours/approve", {"entry": [number]}).status == 303, "what waits can be approved"


def test_a_page_takes_few_statements_and_no_more_with_more_hours(walk: Walk) -> None:
    pot(walk, ["youssef"])
    found: list[dict[str, int]] = []
    for rounds in (1, 4):
        for number in range(rounds):
            add(walk["fatima"], line=f"intervisie {rounds} {number}", minutes="20", chip="")
            add(walk["marieke"], line=f"intervisie {rounds} {number}", minutes="20", chip="")
        found.append({})
        for name, path in (("fatima", "hours"), ("youssef", "hours/approve"), ("youssef", "hours/approve.xlsx"),
                           ("fatima", "hours/pots")):  # fmt: skip
            walk[name].get(path)
            with walk.world.tool.statements() as statements:
                assert walk[name].get(path).status == 200
            found[-1][path] = len(statements)
    assert found[0] == found[1]
    assert max(found[0].values()) <= 13
