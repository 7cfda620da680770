"""Hours of who left, fetched outside the LMS: an address shown once, good for thirty days, and nothing else by it."""

import io
import json
import zipfile
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from lti_tool.circle.hours.handed import OFTEN
from lti_tool.db import now
from lti_tool.domain.hours import handed
from tests.actors import Browser, Page, World
from tests.web.test_hours import add, pot, table
from tests.web.walk import Visit, Walk

GONE = "Deze pagina bestaat niet, of je hebt er geen toegang toe."
PATHS = ("", "hours.csv", "hours.xlsx", "pack.zip")


@pytest.fixture
def walk(any_world: World) -> Walk:
    """Fatima and Marieke have hours, which Youssef approves; Marieke leaves."""
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"])
    add(walk["fatima"], line="woorden van fatima")
    add(walk["marieke"], line="woorden van marieke")
    assert walk["marieke"].post("leave", answer="yes").status == 303
    return walk


def hand(at: Visit) -> str:
    """The path of the address, as who left is shown it."""
    page = at.get("welcome")
    page = page.form("/hours/handed").submit()
    return urlsplit(str(page.soup.find(id="address")["value"])).path  # type: ignore[index]


def fetch(world: World, address: str, path: str = "") -> Page:
    """As somebody does who has the address and no session."""
    return Browser(world.tool).get(address + path)


def test_who_leaves_takes_their_own_hours_along_without_a_login(walk: Walk) -> None:
    world, address = walk.world, hand(walk["marieke"])
    page = fetch(world, address)
    assert page.status == 200
    for name in ("Marieke", "Fatima", "woorden van"):
        assert name not in page.text
    rows = table(fetch(world, address, "hours.csv"))
    assert [row["wat"] for row in rows] == ["woorden van marieke"]
    files = zipfile.ZipFile(io.BytesIO(fetch(world, address, "pack.zip").response.get_data()))
    assert "woorden van fatima" not in files.read("record.json").decode()
    assert "woorden van marieke" in files.read("record.json").decode()
    assert json.loads(files.read("manifest.json"))
    assert fetch(world, address, "hours.xlsx").response.get_data().startswith(b"PK")
    for path in PATHS:
        answer = fetch(world, address, path).response
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["X-Robots-Tag"].startswith("noindex"), path
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        assert "Set-Cookie" not in answer.headers, path
        assert Browser(world.tool).post(address + path, {}).status in (401, 403, 405), path


def test_it_is_offered_once_and_only_its_hash_is_kept(walk: Walk) -> None:
    at = walk["marieke"]
    assert "Geef me het adres" in at.get("welcome").text
    assert at.post("hours/handed").status == 422
    address = hand(at)
    assert "Geef me het adres" not in at.get("welcome").text
    again = at.post("hours/handed", answer="yes")
    assert again.status == 422
    assert "Je hebt al een adres gekregen" in again.text
    assert len(walk.rows("SELECT token_hash FROM hours_handed")) == 1
    kept = walk.rows("SELECT token_hash FROM hours_handed")[0][0]
    assert kept not in address
    assert address.split("/")[2] not in kept
    # Nobody who is in the group makes one, nor of somebody who left; nor who has no hours here.
    for name in ("fatima", "youssef"):
        assert walk[name].post("hours/handed", answer="yes").status == 403
    walk["youssef"].post("leave", answer="yes")
    assert "Geef me het adres" not in walk["youssef"].get("welcome").text
    assert walk["youssef"].post("hours/handed", answer="yes").status == 422


def test_an_address_that_is_over_or_wrong_says_the_same(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    world, address = walk.world, hand(walk["marieke"])
    capsys.readouterr()
    assert fetch(world, address).status == 200
    with world.tool.session() as session:
        session.execute(text("UPDATE hours_handed SET until = :until"), {"until": (now()).isoformat(" ")})
    wrong = [address, "/u/x/", "/u/%00/", "/u/" + "a" * 3000 + "/", address[:-2] + "/", "/u/%D9%A1/"]
    for path in PATHS:
        pages = [fetch(world, each, path) for each in wrong]
        assert {page.status for page in pages} == {404}
        assert len({page.text for page in pages}) == 1
        assert GONE in pages[0].text
    said = capsys.readouterr()
    for secret in (address.split("/")[2], "Marieke", "marieke"):
        assert secret not in said.err + said.out
    # What is over is forgotten, and another can be made.
    with world.tool.session() as session:
        handed.forget(session)
    assert walk.rows("SELECT count(*) FROM hours_handed")[0][0] == 0
    assert fetch(world, hand(walk["marieke"])).status == 200


def test_whom_the_lms_names_no_longer_is_offered_it_where_they_read_so_and_nothing_else(walk: Walk) -> None:
    at = walk["fatima"]
    own = "person_id = (SELECT person_id FROM launch WHERE id = :id)"
    with walk.world.tool.session() as session:
        session.execute(text(f"UPDATE seat SET present = false WHERE {own}"), {"id": at.base.split("/")[2]})
    page = at.get("hours")
    assert page.status == 403
    assert "Neem je uren mee" in page.text
    assert at.get("welcome").status == 403, "nothing but the address is theirs"
    assert at.post("welcome", choice="back").status == 403
    shown = page.form("/hours/handed").submit()
    address = urlsplit(str(shown.soup.find(id="address")["value"])).path  # type: ignore[index]
    assert [row["wat"] for row in table(fetch(walk.world, address, "hours.csv"))] == ["woorden van fatima"]
    assert "Neem je uren mee" not in at.get("").text
    assert at.post("hours/handed", answer="yes").status == 403
    # Who has no hours here is offered none, nor who is still in the course.
    with walk.world.tool.session() as session:
        session.execute(text("UPDATE seat SET present = false"))
    assert "Neem je uren mee" not in walk["youssef"].get("").text
    assert walk["youssef"].post("hours/handed", answer="yes").status == 403


def test_it_cannot_be_tried_without_end(walk: Walk) -> None:
    statuses = [fetch(walk.world, "/u/guess/").status for _time in range(OFTEN.amount + 1)]
    assert statuses[-1] == 429
    assert set(statuses) == {404, 429}
