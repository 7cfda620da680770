"""Of who is erased no word is left in any table, and every sum of hours is what it was, to the minute."""

import datetime as dt
import io
import json
import re
import zipfile

import pytest
from PIL import Image
from sqlalchemy import text

from lti_tool.domain import Refused, erasure
from lti_tool.steps import load
from tests.actors import World
from tests.web import sitting
from tests.web.test_gone import found
from tests.web.test_hours import TODAY, add, entry, person_id, pot, table
from tests.web.test_hours_year import DAY as LAST_YEAR
from tests.web.test_hours_year import close, old_pot
from tests.web.walk import Walk

WORD = "klaproosveld"
MINUTES = ("minuten", "minuten die meetellen", "minuten die wachten", "minuten die niet meetellen")


def erase(walk: Walk, name: str) -> bool:
    with walk.world.tool.session() as session:
        return erasure.erase(session, int(person_id(walk.world, name)), load())


def sums(walk: Walk, approver: str, others: list[str]) -> dict[str, object]:
    """Everything that adds up, as whoever is left reads it."""
    at, got = walk[approver], dict[str, object]()
    rows = table(at.get("hours/approve.csv"))
    got["csv"] = sorted((row["pot"], *(row[each] for each in MINUTES)) for row in rows)
    book = zipfile.ZipFile(io.BytesIO(at.get("hours/approve.xlsx").response.get_data()))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    got["xlsx"] = sorted(re.findall(r'<c r="[J-N](?!1")\d+"[^>]*><v>(-?[\d.]+)</v>', sheet))
    for number in (1, 2):
        packed = zipfile.ZipFile(io.BytesIO(at.get(f"hours/approve/pack/{number}").response.get_data()))
        got[f"pack {number}"] = json.loads(packed.read("manifest.json"))["minutes"]
        balances = json.loads(packed.read("balances.json"))
        got[f"balances {number}"] = sorted(
            (each["planned"], each["counted"], each["carried_over"]) for each in balances
        )
    for name in others:
        got[name] = re.findall(r"[^.]*telt? .{0,9}mee[^.]*", walk[name].get("hours").text)
    got["rows"] = walk.rows("SELECT id, pot_id, minutes, overlap, above, of_id, at FROM hours_count ORDER BY id")
    got["balance"] = walk.rows("SELECT id, pot_id, planned, came, counted, carried FROM hours_balance ORDER BY id")
    return got


def test_a_word_of_whoever_is_erased_is_in_no_table_and_all_sums_are_what_they_were(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    fatima, youssef = walk["fatima"], walk["youssef"]
    old_pot(walk)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    picture.seek(0)
    add(fatima, line=f"{WORD} een", kind="elsewhere", provider=f"Bureau {WORD}", day=LAST_YEAR, file=(picture, "a.png"))  # type: ignore[arg-type]
    add(fatima, line=f"{WORD} wachtte", day=LAST_YEAR)
    add(walk["marieke"], line="van marieke", day=LAST_YEAR)
    one = entry(any_world, f"{WORD} een")
    assert youssef.post("hours/approve", {"entry": [one, entry(any_world, "van marieke")]}).status == 303
    assert close(walk).status == 303
    youssef.post("hours/correct", entry=one, minutes="40", words=f"{WORD} was korter")
    fatima.post("hours/dispute", entry=one, words=f"nee, {WORD}")
    for name in ("telt", "wacht", "bewaard", "terug", "vraag"):
        add(
            fatima,
            line=f"{WORD} {name}",
            pot="" if name == "bewaard" else "2",
            minutes="50",
            chip="",
            sure=["hours_same"],
        )
    number = {name: entry(any_world, f"{WORD} {name}") for name in ("telt", "terug", "vraag")}
    youssef.post("hours/approve", {"entry": [number["telt"], number["vraag"]]})
    youssef.post("hours/return", entry=number["terug"], words=f"welke dag was {WORD}?")
    youssef.post("hours/query", entry=number["vraag"], words=f"hoezo {WORD}?")
    fatima.post("hours/answer", entry=number["vraag"], words=f"daarom {WORD}")
    fatima.post("hours/plan", pot="2", hours="20")
    fatima.post("journal", text=f"dagboek {WORD}")
    fatima.post("community/ask-me", ask_me=f"over {WORD}")
    # Also at a session, where she says that the list is not right.
    yesterday = (TODAY - dt.timedelta(days=1)).isoformat()
    sat = sitting.open_session(walk.wout, day=yesterday, begins="15:00", ends="16:00")
    sitting.tick(walk.wout, sat, [person_id(any_world, "fatima"), person_id(any_world, "marieke")])
    sitting.close(walk.wout, sat)
    assert fatima.post("hours/attended", session=str(sat), pot="2").status == 303
    given = {"person": person_id(any_world, "fatima"), "came": "15:00", "left": "15:50", "words": f"{WORD} ging eerder"}
    assert walk.wout.post(f"hours/sessions/{sat}/correct", given).status == 303
    given = {"came": "15:00", "left": "16:00", "words": f"{WORD} was er tot het eind"}
    assert fatima.post(f"hours/sessions/{sat}/dispute", given).status == 303
    with any_world.tool.session() as session:
        session.execute(text("UPDATE person SET name = :name WHERE id = :id"),
                        {"name": f"Fatima {WORD}", "id": person_id(any_world, "fatima")})  # fmt: skip
        said = {"hours_entry.line", "hours_entry.provider", "hours_act.words", "hours_attendance_note.words",
                "person.name", "journal_entry.text", "member.ask_me"}  # fmt: skip
        assert said <= set(found(session, WORD))
    before = sums(walk, "youssef", ["marieke", "youssef"])
    assert not erase(walk, "fatima")
    with any_world.tool.session() as session:
        assert found(session, WORD) == []
        assert session.execute(text("SELECT count(*) FROM hours_proof")).scalar_one() == 0
    assert sums(walk, "youssef", ["marieke", "youssef"]) == before
    page = youssef.get("hours/approve")
    assert "iemand die weg is" in page.text
    assert {row["wie"] for row in table(youssef.get("hours/approve.csv"))} >= {"iemand die weg is"}
    # Nobody decides on it any more, and nobody can be asked.
    for action in ("approve", "return", "query", "correct", "uphold"):
        again = youssef.post(f"hours/{action}", entry=entry(any_world, ""), minutes="1", words="x")
        assert again.status == 422, action
    for path in ("home", "hours/sessions", f"hours/sessions/{sat}", "community", "hours/pots", "hours/pots/people/2"):
        assert walk.wout.get(path).status == 200, path
    # What is still open of her when the period after closes, is nobody's.
    assert fatima.get("hours").status in (401, 403)
    with pytest.raises(Refused), any_world.tool.session() as session:
        erasure.erase(session, 10**6, load())


def test_who_approved_stays_named_on_hours_of_others_until_those_are_erased_too(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"], deputies=["marieke"])
    add(walk["fatima"], line="van fatima")
    walk["youssef"].post("hours/approve", {"entry": [entry(any_world, "van fatima")]})
    add(walk["youssef"], line="van youssef")
    assert erase(walk, "youssef")
    assert "door Youssef" in walk["fatima"].get("hours").text
    assert "door Youssef" in walk["marieke"].get("hours/approve").text
    rows = walk.rows("SELECT name, sub FROM person WHERE erased_at IS NOT NULL")
    assert [name.split()[0] for name, _sub in rows] == ["Youssef"]
    assert rows[0][1].startswith("erased-")
    assert walk.rows("SELECT count(*) FROM hours_role WHERE until IS NOT NULL")[0][0] == 1, "and in the policy"
    assert not erase(walk, "fatima")
    assert [each[0] for each in walk.rows("SELECT name FROM person WHERE erased_at IS NOT NULL")] == ["", ""]
    assert walk.rows("SELECT count(*) FROM hours_act WHERE by_id IS NOT NULL AND kind = 'approved'")[0][0] == 0
