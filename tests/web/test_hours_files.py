"""Files of many hours: made by the worker once, whole and as the pages say; for whoever asked, for a day."""

import datetime as dt
import re
import zipfile
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.db import now
from lti_tool.domain.hours import exports, out
from lti_tool.models import OutboxRow
from lti_tool.models.hours import HoursExport, HoursRole
from tests.actors import World
from tests.web.test_hours import add, entry, pot, table
from tests.web.walk import Walk

FILES = "hours/approve/files"


def school(world: World) -> Walk:
    """Youssef approves, and Marieke is his deputy; of Fatima's three lines one counts and one was taken back."""
    walk = Walk(world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"], deputies=["marieke"])
    for line in ("telt", "wacht", "weg"):
        add(walk["fatima"], line=line)
    assert walk["youssef"].post("hours/approve", {"entry": [entry(world, "telt")]}).status == 303
    assert walk["fatima"].post("hours/withdraw", entry=entry(world, "weg"), words="").status == 303
    world.tool.deliver()  # the roster, and whatever else waits for an LMS
    return walk


def ask(walk: Walk, what: str, who: str = "youssef") -> None:
    page = walk[who].post(FILES, what=what)
    assert page.status == 303, page.text[:400]


def change(walk: Walk, statement: Any) -> None:
    with walk.world.tool.session() as session:
        session.execute(statement)


def cells(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return [packed.read(f"xl/worksheets/sheet{number}.xml") for number in (1, 2)]


@pytest.mark.parametrize("slim", [False, True])
def test_a_workbook_has_the_same_rows_whichever_way_it_was_written(slim: bool) -> None:
    day, clock = dt.date(2026, 3, 2), dt.time(15, 30)
    line = out.Line("Fatima", "Pot", day, clock, None, "=1+1", "eigen", "leren", "", 20, 20, out.ledger.figure(20),
                    0, 0, "telt", "", "")  # fmt: skip
    rows, totals = cells(out.xlsx([line] * 3, "nl", slim))
    assert rows.count(b"<row ") == 4
    assert b"<v>46083</v>" in rows, "2 March 2026"
    assert b"<v>0.6458333" in rows, "half past three"
    assert b"<f>" not in rows
    assert b"<v>60</v>" in totals
    assert re.search(rb'r="D2"[^>]*><v>1(\.00)?</v>', totals), "three times twenty minutes is an hour"


def test_each_file_is_what_the_page_gives_and_only_who_asked_fetches_it(any_world: World) -> None:
    walk = school(any_world)
    youssef = walk["youssef"]
    direct = {"csv": "hours/approve.csv", "xlsx": "hours/approve.xlsx", "pack-1": "hours/approve/pack/1"}
    for what in direct:
        ask(walk, what)
    assert "Staat in de rij" in youssef.get(FILES).text
    assert youssef.get(f"{FILES}/csv").status == 404
    any_world.tool.deliver()
    page = youssef.get(FILES)
    assert page.text.count("Haal het bestand op") == 3
    for what, path in direct.items():
        made, at_once = youssef.get(f"{FILES}/{what}").response, youssef.get(path).response
        assert made.mimetype == at_once.mimetype
        if what != "xlsx":
            assert made.get_data() == at_once.get_data()
    assert b"Fatima" in cells(youssef.get(f"{FILES}/xlsx").response.get_data())[0]
    assert "Haal het bestand op" not in walk["marieke"].get(FILES).text, "each has what they asked for"
    for who in ("marieke", "fatima"):
        assert walk[who].get(f"{FILES}/csv").status == 404
    assert walk.wout.get(f"{FILES}/csv").status == 404
    assert walk["fatima"].get(FILES).status == 404
    assert walk["fatima"].post(FILES, what="csv").status == 404


@pytest.mark.parametrize("what", ["", "pack-2", "pack-99999999999999999999", "pack-x", "../csv", "x" * 5000])
def test_what_there_is_not_cannot_be_asked_for(world: World, what: str) -> None:
    walk = school(world)
    assert walk["youssef"].post(FILES, what=what).status == 422
    assert walk.rows("SELECT count(*) FROM hours_export")[0][0] == 0


def test_asked_twice_it_is_made_once_and_asked_again_later_it_is_made_anew(any_world: World) -> None:
    walk = school(any_world)
    ask(walk, "csv")
    ask(walk, "csv")
    assert any_world.tool.deliver() == 1
    old = walk["youssef"].get(f"{FILES}/csv").response.get_data()
    add(walk["fatima"], line="van later")
    ask(walk, "csv")
    assert walk["youssef"].get(f"{FILES}/csv").status == 404, "no half of the one and the other"
    assert any_world.tool.deliver() == 1
    new = walk["youssef"].get(f"{FILES}/csv").response.get_data()
    assert b"van later" in new
    assert len(new) > len(old)
    assert walk.rows("SELECT count(*) FROM hours_export")[0][0] == 1


def test_a_worker_that_dies_halfway_leaves_nothing_and_another_makes_it_anew(any_world: World) -> None:
    walk = school(any_world)
    ask(walk, "csv")
    assert len(any_world.tool.worker()._claim(1)) == 1
    change(walk, update(HoursExport).values(lines=12_000, total=50_000))
    page = walk["youssef"].get(FILES)
    assert "Wordt gemaakt: 12.000 van de 50.000 regels" in page.text
    assert "data-making" in page.html
    assert walk["youssef"].get(f"{FILES}/csv").status == 404
    assert any_world.tool.deliver() == 0, "while it may still live"
    change(walk, update(OutboxRow).values(leased_until=now() - dt.timedelta(seconds=1)))
    assert any_world.tool.deliver() == 1
    made = walk["youssef"].get(f"{FILES}/csv").response.get_data()
    assert made == walk["youssef"].get("hours/approve.csv").response.get_data()
    assert "data-making" not in walk["youssef"].get(FILES).html


def test_one_that_was_asked_for_since_is_not_overwritten_by_a_worker_that_comes_late(world: World) -> None:
    walk = school(world)
    ask(walk, "csv")
    with world.tool.session() as session:
        late = exports.job(session, session.scalars(select(HoursExport.id)).one())
    assert late is not None
    world.tool.deliver()
    ask(walk, "csv")
    with world.tool.session() as session:
        exports.keep(session, late, exports.Made(b"late", [1]))
        exports.fail(session, late)
    assert walk["youssef"].get(f"{FILES}/csv").status == 404
    assert "Staat in de rij" in walk["youssef"].get(FILES).text


def test_a_failure_is_said_with_a_way_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = school(world)
    ask(walk, "xlsx")
    with monkeypatch.context() as broken:
        broken.setattr("lti_tool.domain.hours.exports.out.xlsx", lambda *_, **__: 1 / 0)
        for _ in range(3):
            assert "lukte niet" not in walk["youssef"].get(FILES).text
            change(walk, update(OutboxRow).values(due_at=now()))
            world.tool.deliver()
    page = walk["youssef"].get(FILES)
    assert "Het lukte niet om dit bestand te maken" in page.text
    assert "Probeer het nog eens" in page.text
    ask(walk, "xlsx")
    world.tool.deliver()
    assert walk["youssef"].get(f"{FILES}/xlsx").status == 200


def test_after_a_day_it_is_gone_and_who_approves_no_longer_gets_nothing(any_world: World) -> None:
    walk = school(any_world)
    ask(walk, "csv")
    ask(walk, "csv", "marieke")
    any_world.tool.deliver()
    change(walk, update(HoursRole).where(HoursRole.role == "deputy").values(until=now()))
    assert walk["marieke"].get(FILES).status == 404
    assert walk["marieke"].get(f"{FILES}/csv").status == 404
    assert walk["youssef"].get(f"{FILES}/csv").status == 200
    any_world.tool.worker().sweep()
    assert walk.rows("SELECT count(*) FROM hours_export")[0][0] == 2
    change(walk, update(HoursExport).values(made_at=now() - exports.KEPT - dt.timedelta(seconds=1)))
    assert walk["youssef"].get(f"{FILES}/csv").status == 404
    assert "Maak het bestand" in walk["youssef"].get(FILES).text
    any_world.tool.worker().sweep()
    assert walk.rows("SELECT count(*) FROM hours_export")[0][0] == 0


def test_who_approves_no_longer_when_it_is_made_gets_none(world: World) -> None:
    walk = school(world)
    ask(walk, "csv", "marieke")
    change(walk, update(HoursRole).where(HoursRole.role == "deputy").values(until=now()))
    assert world.tool.deliver() == 1
    assert walk.rows("SELECT count(*) FROM hours_export")[0][0] == 0


def test_only_where_there_are_many_the_page_has_them_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = school(world)
    youssef = walk["youssef"]
    assert f"/{FILES}" not in youssef.get("hours/approve").html
    monkeypatch.setattr(exports, "MANY", 1)
    assert "Naar de bestanden" in youssef.get("hours/approve").text
    for path in ("hours/approve.csv", "hours/approve.xlsx", "hours/approve/pack/1"):
        page = youssef.get(path)
        assert page.status == 303
        assert page.response.headers["Location"].endswith(f"/{FILES}")


@pytest.mark.parametrize(
    ("minutes", "to", "rounded"),
    [(7, 15, 0), (8, 15, 15), (22, 15, 15), (23, 15, 30), (60, 15, 60), (14, 30, 0), (15, 30, 30), (29, 60, 0),
     (30, 60, 60), (0, 15, 0), (-8, 15, -15), (-7, 15, 0)],
)  # fmt: skip
def test_a_paper_rounds_to_the_nearest(minutes: int, to: int, rounded: int) -> None:
    assert out.ledger.rounded(minutes, to) == rounded


def test_a_paper_that_rounds_each_line_gives_both_sums_and_every_other_file_stays_as_it_is(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    pot(walk, [], review="none", rounds="15")
    for minutes in ("20", "20", "20"):
        add(walk["fatima"], line=f"keer {minutes}", minutes=minutes, chip="", sure=["hours_same"])
    rows = table(walk["fatima"].get("hours.csv"))
    assert [row["uren op papier, afgerond per regel"] for row in rows] == ["0,25"] * 3
    assert sum(int(row["minuten die meetellen"]) for row in rows) == 60
    _rows, totals = cells(walk["fatima"].get("hours.xlsx").response.get_data())
    assert b"<v>60</v>" in totals
    assert b"<v>0.75</v>" in totals, "three quarters on paper; an hour by the minute"
    assert "1 uur van 83 uur telt mee" in walk["fatima"].get("hours").text
    assert walk.wout.post("hours/pots/decision", pot="1", decision="own", rounds="").status == 303
    assert "uren op papier, afgerond per regel" not in table(walk["fatima"].get("hours.csv"))[0]


def test_a_download_asks_for_the_pots_once(world: World) -> None:
    walk = school(world)
    for who, path in (
        ("fatima", "hours.csv"), ("fatima", "hours/pack.zip"), ("youssef", "hours/approve.csv"),
        ("youssef", "hours/approve.xlsx"), ("youssef", "hours/approve/pack/1"),
    ):  # fmt: skip
        with world.tool.statements() as statements:
            assert walk[who].get(path).status == 200, path
        assert sum("FROM hours_pot LEFT OUTER JOIN hours_role" in " ".join(each.split()) for each in statements) == 1, (
            path
        )
