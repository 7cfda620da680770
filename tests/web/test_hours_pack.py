"""The audit pack by its pages: whole, named by hash, reconciled to the minute with the pages, and of whom it may be."""

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from tests.actors import Page, World
from tests.web.test_hours import add, entry, pot
from tests.web.test_hours_year import a_year, close
from tests.web.walk import Walk


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world, "fatima", "marieke", "youssef")


def unpacked(page: Page) -> dict[str, bytes]:
    assert page.status == 200
    assert page.response.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(page.response.get_data())) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def rows(content: bytes, delimiter: str = ";") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))


def told(files: dict[str, bytes], name: str) -> Any:
    return json.loads(files[name])


def test_a_pack_adds_up_to_the_minute_with_the_pages_and_its_manifest_names_each_file(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    a_year(walk)
    assert close(walk).status == 303
    youssef = walk["youssef"]
    number = entry(any_world, "telt")
    assert youssef.post("hours/correct", entry=number, minutes="20", words="korter").status == 303
    for page, counts in ((walk["fatima"].get("hours/pack.zip"), [60, -40]),
                         (youssef.get("hours/approve/pack/1"), [150]),
                         (youssef.get("hours/approve/pack/2"), [-40])):  # fmt: skip
        files = unpacked(page)
        manifest = told(files, "manifest.json")
        assert {each["name"] for each in manifest["files"]} == files.keys() - {"manifest.json"}
        for each in manifest["files"]:
            assert hashlib.sha256(files[each["name"]]).hexdigest() == each["sha256"]
            assert len(files[each["name"]]) == each["bytes"]
        sums = [each["counts"] for name, each in manifest["minutes"].items() if name]
        assert sorted(sums) == sorted(counts)
        record = rows(files["record.csv"])
        assert sum(int(each["minuten die meetellen"]) for each in record) == sum(counts)
        whole = told(files, "record.json")
        booked = sum(
            row["minutes"] for each in whole["entries"] for row in each["ledger"] if row["of_closed_pot"] is None
        )
        assert booked + sum(each["minutes"] for each in whole["booked_from_closed_periods"]) == sum(counts)
    # What the page says, the pack says.
    files = unpacked(walk["fatima"].get("hours/pack.zip"))
    (balance,) = told(files, "balances.json")
    assert (balance["planned"], balance["counted"], balance["not_accounted"], balance["carried_over"]) == (
        120, 60, 45, 60,
    )  # fmt: skip
    (corrected,) = rows(files["corrections.csv"])
    assert (corrected["minuten"], corrected["reden"], corrected["door"]) == ("-40", "korter", "Youssef Amrani")
    policy = told(files, "policy.json")
    assert [(each["minutes"], each["carried_over_for_periods"], each["closed"]) for each in policy["pots"]] == [
        (120, 1, False), (120, 1, True),
    ]  # fmt: skip
    assert "Marieke" not in (files["record.csv"] + files["record.json"] + files["balances.json"]).decode()


def test_a_pack_has_the_tariffs_with_their_dates_and_its_formulas_are_texts(walk: Walk) -> None:
    pot(walk, ["youssef"], cap1_most="45", cap1_unit="minutes", cap1_per="day", cap1_kind="own")
    for minutes in ("25", "30"):
        assert walk.wout.post("hours/tariff", {"minutes-ambition": minutes}).status == 303
    add(walk["fatima"], line="=1+1|cmd")
    assert walk["youssef"].post("hours/approve", {"entry": [entry(walk.world, "=1+1|cmd")]}).status == 303
    number = entry(walk.world, "=1+1|cmd")
    assert walk["youssef"].post("hours/correct", entry=number, minutes="20", words="=korter").status == 303
    files = unpacked(walk["youssef"].get("hours/approve/pack/1"))
    (row,) = rows(files["record.csv"])
    assert row["wat"] == "'=1+1|cmd"
    assert row["wie"].startswith("Fatima")
    (row,) = rows(files["corrections.csv"])
    assert row["reden"] == "'=korter"
    policy = told(files, "policy.json")
    assert [each["steps"]["ambition"]["minutes"] for each in policy["tariffs"]] == [25, 30]
    assert all(each["since"] for each in policy["tariffs"])
    assert policy["pots"][0]["caps"] == [{"per": "day", "minutes": 45, "percent_of_planned": None, "kinds": ["own"]}]
    walk["fatima"].post("language", language="en")
    (row,) = rows(unpacked(walk["fatima"].get("hours/pack.zip"))["record.csv"], ",")
    assert row["minutes that count"] == "20"


def test_a_pot_s_pack_is_for_who_approves_of_it_only(walk: Walk) -> None:
    pot(walk, ["youssef"])
    add(walk["fatima"], line="heel eigen woorden")
    add(walk["fatima"], line="alleen bewaard", pot="")
    for at in (walk.wout, walk["marieke"], walk["fatima"]):
        assert at.get("hours/approve/pack/1").status == 404
    files = unpacked(walk["youssef"].get("hours/approve/pack/1"))
    assert b"heel eigen woorden" in files["record.json"]
    assert b"alleen bewaard" not in b"".join(files.values())
    assert walk["youssef"].get("hours/approve/pack/2").status == 404
    assert b"heel eigen woorden" not in b"".join(unpacked(walk["marieke"].get("hours/pack.zip")).values())
    assert b"alleen bewaard" in unpacked(walk["fatima"].get("hours/pack.zip"))["record.json"]
