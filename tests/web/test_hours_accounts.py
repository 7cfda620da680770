"""Two accounts of one person: proposed by an administrator, agreed to by both, undone as easily; one ledger."""

import io
import json
import zipfile

import pytest

from tests.actors import World
from tests.web.test_at_once import at_once
from tests.web.test_hours import POT, TODAY, add, entry, person_id, pot, table
from tests.web.walk import ADMINISTRATOR_ONLY, Visit, Walk, visit

TIMES = {"begins": "09:00", "ends": "10:00", "chip": ""}


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world, "fatima", "marieke", "youssef")


@pytest.fixture
def admin(world: World, walk: Walk) -> Visit:
    return visit(world, "admin", **ADMINISTRATOR_ONLY)


def propose(walk: Walk, admin: Visit, *names: str, status: int = 303) -> str:
    people = [each if each.isdecimal() or not each else person_id(walk.world, each) for each in names]
    page = admin.post("hours/accounts", {"person": people, "name": "a"})
    assert page.status == status, page.text[:500]
    return str(walk.rows("SELECT max(id) FROM hours_join")[0][0]) if status == 303 else page.text


def join(walk: Walk, admin: Visit, *names: str) -> str:
    number = propose(walk, admin, *names)
    for name in names:
        assert walk[name].post("hours/account", join=number, answer="yes").status == 303
    return number


def test_an_administrator_proposes_it_both_say_yes_and_either_undoes_it(walk: Walk, admin: Visit) -> None:
    pot(walk, [], review="none")
    add(walk["fatima"], line="van fatima")
    assert "van fatima" not in walk["marieke"].get("hours").text
    name = walk.rows("SELECT name FROM person WHERE id = :id", id=person_id(walk.world, "marieke"))[0][0]
    page = admin.get("home").link("/hours/accounts").form("/hours/accounts").submit(name=name[:5].lower())
    assert name in page.text
    assert "van fatima" not in page.text
    number = propose(walk, admin, "fatima", "marieke")
    assert "nog geen antwoord" in admin.get("hours/accounts").text
    assert "Heb jij ook een ander account" in walk["fatima"].get("hours").text
    assert "Heb jij ook een ander account" not in walk["youssef"].get("hours").text
    # Nothing before both said yes; nobody else can say it.
    assert walk["youssef"].post("hours/account", join=number, answer="yes").status == 422
    assert walk["fatima"].post("hours/account", join=number, answer="yes").status == 303
    assert "één van beide zei ja" in admin.get("hours/accounts").text
    for name_ in ("fatima", "marieke"):
        assert "samen telt daar" not in walk[name_].get("hours").text
    assert walk["marieke"].post("hours/account", join=number, answer="yes").status == 303
    assert "samen, allebei zeiden ja" in admin.get("hours/accounts").text
    page = walk["marieke"].get("hours")
    assert "van fatima" in page.text
    assert "samen telt daar 1 uur mee" in page.text
    before = walk.rows("SELECT * FROM hours_count ORDER BY id")
    assert page.form("/hours/account").submit(answer="no").status == 200
    assert "van fatima" not in walk["marieke"].get("hours").text
    assert walk.rows("SELECT * FROM hours_count ORDER BY id") == before
    assert walk["fatima"].post("hours/account", join=number, answer="yes").status == 422, "it is over"
    again = join(walk, admin, "fatima", "marieke")
    assert admin.post("hours/accounts/part", join=again).status == 303
    assert admin.post("hours/accounts/part", join=again).status == 422
    kinds = [each[0] for each in walk.rows("SELECT kind FROM act WHERE kind LIKE 'accounts_%' ORDER BY id")]
    assert kinds[:4] == ["accounts_proposed", "accounts_agreed", "accounts_agreed", "accounts_parted"]


def test_what_is_taken_along_holds_both_accounts(walk: Walk, admin: Visit) -> None:
    pot(walk, [], review="none", rounds="15")
    add(walk["fatima"], line="van fatima", minutes="50", chip="")
    add(walk["marieke"], line="van marieke", minutes="20", chip="")
    assert [row["wat"] for row in table(walk["fatima"].get("hours.csv"))] == ["van fatima"]
    made = join(walk, admin, "fatima", "marieke")
    for who in ("fatima", "marieke"):
        rows = table(walk[who].get("hours.csv"))
        assert sorted(row["wat"] for row in rows) == ["van fatima", "van marieke"]
        packed = zipfile.ZipFile(io.BytesIO(walk[who].get("hours/pack.zip").response.get_data()))
        manifest = json.loads(packed.read("manifest.json"))
        assert manifest["minutes"][POT]["counts"] == 70
        # Both sums: of the minutes, and of the rounded lines.
        assert manifest["hours_on_paper_rounded_by_line"] == {POT: "1.00"}
        book = zipfile.ZipFile(io.BytesIO(walk[who].get("hours.xlsx").response.get_data()))
        assert b"<v>70</v>" in book.read("xl/worksheets/sheet2.xml")
    assert walk["fatima"].post("hours/account", join=made, answer="no").status == 303
    assert [row["wat"] for row in table(walk["fatima"].get("hours.csv"))] == ["van fatima"]


def test_home_counts_as_the_page_does_what_waits_of_others(walk: Walk, admin: Visit) -> None:
    """With two accounts joined neither says that the other one's waits."""
    pot(walk, ["youssef"], deputies=["marieke"])
    add(walk["fatima"], line="van fatima")
    assert "Eén regel wacht op jou" in walk["youssef"].get("home").text
    join(walk, admin, "fatima", "youssef")
    assert "wacht op jou" not in walk["youssef"].get("home").text
    assert "Er wacht niets op jou" in walk["youssef"].get("hours/approve").text
    assert "Eén regel wacht op jou" in walk["marieke"].get("home").text


def test_what_overlaps_and_what_a_day_holds_is_looked_at_over_both(walk: Walk, admin: Visit) -> None:
    pot(walk, ["youssef"])
    join(walk, admin, "fatima", "marieke")
    day = TODAY.isoformat()
    add(walk["fatima"], line="een", day=day, **TIMES)
    page = add(walk["marieke"], line="twee", day=day, **TIMES, status=422)
    assert "60 minuten al mee, of wacht al" in page.text
    add(walk["marieke"], line="twee", day=day, **TIMES, sure=["hours_overlap"])
    # Both at once: one ledger, so no minute counts twice.
    numbers = [entry(walk.world, each) for each in ("een", "twee")]
    assert walk["youssef"].post("hours/approve", {"entry": numbers}).status == 303
    assert walk.rows("SELECT minutes, overlap FROM hours_count ORDER BY id") == [(60, 0), (0, 60)]
    page = add(walk["marieke"], line="lang", day=day, chip="", minutes="601", status=422)
    assert "12 uur" in page.text
    page = add(walk["fatima"], line="langer", day=day, chip="", minutes="1330", sure=["hours_day_long"], status=422)
    assert "meer dan 24 uur" in page.text


def test_two_accounts_that_send_at_once_count_a_minute_once(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    pot(walk, [], review="none")
    join(walk, visit(any_world, "admin", **ADMINISTRATOR_ONLY), "fatima", "marieke")
    given = at_once(
        *(
            lambda name=name: add(walk[name], line=name, day=TODAY.isoformat(), **TIMES, sure=["hours_overlap"]).status
            for name in ("fatima", "marieke")
        )
    )
    assert given == [303, 303]
    assert walk.rows("SELECT sum(minutes), sum(overlap) FROM hours_count")[0] == (60, 60)


def test_nobody_approves_their_own_under_either_account(walk: Walk, admin: Visit) -> None:
    pot(walk, ["youssef"])
    add(walk["fatima"], line="eigenlijk van youssef")
    number = entry(walk.world, "eigenlijk van youssef")
    made = join(walk, admin, "fatima", "youssef")
    assert "eigenlijk van youssef" not in walk["youssef"].get("hours/approve").text
    assert "eigenlijk van youssef" not in walk["youssef"].get("hours/approve.csv").text
    for action in ("approve", "return", "correct"):
        page = walk["youssef"].post(f"hours/{action}", entry=number, words="x", minutes="1")
        assert page.status == 422, action
    page = add(walk["fatima"], line="nog een", status=422)
    assert "niemand keurt zijn eigen uren goed" in page.text
    assert walk["youssef"].post("hours/account", join=made, answer="no").status == 303
    assert walk["youssef"].post("hours/approve", {"entry": [number]}).status == 303


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "Kies twee accounts"),
        (("fatima",), "Kies twee accounts"),
        (("fatima", "fatima"), "Kies twee accounts"),
        (("fatima", "marieke", "youssef"), "Kies twee accounts"),
        (("fatima", "99999"), "eigen leeromgeving"),
        (("fatima", "999999"), "eigen leeromgeving"),
        (("fatima", "x"), "Kies twee accounts"),
    ],
)
def test_what_cannot_be_proposed_is_said(walk: Walk, admin: Visit, names: tuple[str, ...], said: str) -> None:
    people = [person_id(walk.world, each) if each in ("fatima", "marieke", "youssef") else each for each in names]
    page = admin.post("hours/accounts", {"person": people, "name": "fatima"})
    assert page.status == 422
    assert said in page.text
    assert walk.rows("SELECT count(*) FROM hours_join")[0][0] == 0
    for number in ("", "x", "9", "99999999999"):
        assert admin.post("hours/accounts/part", join=number).status == 422
        assert walk["fatima"].post("hours/account", join=number, answer="yes").status == 422


def test_an_account_is_in_one_proposal_and_an_answer_is_yes_or_no(walk: Walk, admin: Visit) -> None:
    number = propose(walk, admin, "fatima", "marieke")
    assert "Maak dat eerst ongedaan" in propose(walk, admin, "marieke", "youssef", status=422)
    page = walk["fatima"].post("hours/account", join=number, answer="misschien")
    assert page.status == 422
    assert "Kies ja of nee" in page.text
    for looked in ("", "f", "%", "_%", "  ", "fat\x00ima"):
        assert admin.get(f"hours/accounts?name={looked}").status == 200
    assert "Niemand gevonden" in admin.get("hours/accounts?name=%25%25").text


def test_of_another_course_only_who_is_called_so_in_full_is_found_and_can_be_proposed(walk: Walk, admin: Visit) -> None:
    walk.world.place_cycle("karin", "PLG-TEC")
    walk.world.as_("bram").launch(walk.world.activity("ambition", "PLG-TEC"))
    name, mine = walk.world.person("bram").name, person_id(walk.world, "fatima")
    assert name not in admin.get(f"hours/accounts?name={name[:4]}").text
    people = [mine, person_id(walk.world, "bram")]
    for asked in ("", name[:4], "fatima"):
        page = admin.post("hours/accounts", {"person": people, "name": asked})
        assert page.status == 422
        assert name not in page.text
    assert name in admin.get(f"hours/accounts?name={name.upper()}").text
    # The two are spelt differently: a name for each.
    page = admin.get(f"hours/accounts?name=fatima&other={name}")
    assert name in page.text
    assert {each["value"] for each in page.soup.select("[name=person]")} == {str(each) for each in people}
    assert admin.post("hours/accounts", {"person": people, "name": "fatima", "other": name.lower()}).status == 303
