"""Approvers who are in no staff course: an activity in any course of the school opens what a pot sends them."""

import datetime as dt
import io
import json
import zipfile
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.demo.model import Activity
from lti_tool.domain.hours import outside
from tests.actors import Browser, World
from tests.web.sitting import open_session
from tests.web.test_administration import power
from tests.web.test_hours import POT, add, entry, person_id, pot
from tests.web.walk import ADMINISTRATOR_ONLY, NO_ROLE, Visit, Walk, enrol, picker, visit

PUPILS = "MENTOR-1A"
NOTHING = "Nog niemand koos jou om uren goed te keuren."


def activity(world: World, course: str) -> Activity:
    """The approve activity that stands in a course."""
    number = world.course(course).id
    placed = [each for each in world.lms.school.activities.values() if each.course_id == number]
    return next(each for each in placed if each.custom.get(outside.PAGE) == outside.APPROVE)


def come(world: World, username: str, course: str = PUPILS, *, browser: Browser | None = None, **claims: Any) -> Visit:
    """Open the approve activity of a course. The addresses are those that belong to no community."""
    browser = browser or world.as_(username).browser
    page = world.as_(username).launch(activity(world, course), browser=browser, **claims)
    path = urlsplit(page.url).path
    assert path.startswith("/a/"), (path, page.status, page.text[:400])
    return Visit(browser, page, path.split("~")[0].rstrip("/") + "/")


def inside(at: Visit, number: int | str = 1) -> Visit:
    """The same at a community."""
    return Visit(at.browser, at.first, f"{at.base[:-1]}~{number}/")


def whose(walk: Walk, username: str) -> str:
    """The id of somebody who need be no member."""
    return str(walk.rows("SELECT id FROM person WHERE sub = :sub", sub=walk.world.person(username).id)[0][0])


def counted(walk: Walk) -> list[int]:
    """How many communities, courses, seats, members and cycles there are."""
    tables = ("community", "course", "seat", "member", "cycle", "resource_link")
    return [walk.rows(f"SELECT count(*) FROM {each}")[0][0] for each in tables]


def named(walk: Walk, username: str = "sofie", **fields: str | list[str]) -> Visit:
    """Somebody who opened the activity, and whom a pot names since."""
    come(walk.world, username)
    pot(walk, [whose(walk, username)], **fields)
    return come(walk.world, username)


@pytest.fixture
def walk(world: World) -> Walk:
    """Fatima and Youssef keep hours in one community. Sofie mentors pupils, in a course of her own."""
    return begun(world)


def begun(world: World) -> Walk:
    school = world.lms.school
    course = school.add_course("Mentorklas 1A", PUPILS)
    enrol(world, "sofie", "teacher", PUPILS)
    for number in (course.id, world.course("PLG-PRO").id):
        custom = {outside.PAGE: outside.APPROVE}
        school.add_activity(number, world.client_id, "Leerkring · goedkeuren", custom=custom)
    return Walk(world, "fatima", "youssef")


def test_who_opens_it_unnamed_reads_so_in_two_sentences_and_joins_nothing(walk: Walk) -> None:
    before = counted(walk)
    at = come(walk.world, "sofie")
    assert NOTHING in at.first.text
    assert "Wie op deze school de potten maakt, kan je nu bij naam kiezen." in at.first.text
    assert "Leergemeenschap" not in at.first.text
    assert counted(walk) == before
    # Twice placed, twice opened: known once, by where it was last.
    come(walk.world, "sofie", "PLG-PRO")
    assert [tuple(row) for row in walk.rows("SELECT count(*), max(course) FROM hours_visit")] == [
        (1, walk.world.course("PLG-PRO").title)
    ]
    assert counted(walk) == before


@pytest.mark.parametrize("claims", [ADMINISTRATOR_ONLY, NO_ROLE, {}])
def test_no_role_of_the_lms_opens_anything_by_itself(walk: Walk, claims: dict[str, Any]) -> None:
    pot(walk, ["youssef"])
    add(walk["fatima"], line="eigen woorden")
    at = come(walk.world, "sofie", **claims)
    assert NOTHING in at.first.text
    for path in ("", "sessions"):
        assert at.get(path).status == 200
    for path in ("hours/approve", "hours/approve.csv", "hours/pots"):
        for place in (at, inside(at)):
            page = place.get(path)
            assert page.status == 404, path
            assert "eigen woorden" not in page.html


def test_an_approver_in_no_staff_course_is_named_and_approves(any_world: World) -> None:
    walk, world = begun(any_world), any_world
    before = counted(walk)
    come(world, "sofie")
    page = walk.wout.get("hours/pots")
    assert "Sofie Nieuweling (niet in deze groep; opende Goedkeuren in Mentorklas 1A)" in page.text
    # Who is in no group has no hours there: a pot is for members only.
    assert "Sofie" not in str(page.soup.find_all("input", attrs={"name": "holders"}))
    pot(walk, [whose(walk, "sofie")])
    add(walk["fatima"], line="eerste les")
    add(walk["fatima"], line="tweede les")
    at = come(world, "sofie")
    assert "2 regels wachten op jou" in at.first.text
    assert "Fatima" in at.first.text
    approve = at.first.form("/hours/approve", "alle 2")
    assert approve.submit().status == 200
    assert walk.rows("SELECT count(*) FROM hours_count")[0][0] == 2
    assert counted(walk) == before
    # Everybody reads who approves, and the others at home that somebody from outside was chosen.
    assert "Sofie Nieuweling (niet in deze groep)" in walk["fatima"].get("hours/pots").text
    assert "koos iemand buiten deze groep om uren goed te keuren" in walk["youssef"].get("home").text
    assert "door Sofie Nieuweling" in walk["fatima"].get("hours").text
    for path in ("community", "belonging", "home"):
        assert "Sofie" not in walk["fatima"].get(path).text, path


def test_an_approver_from_outside_does_all_that_approving_is(walk: Walk) -> None:
    at = named(walk)
    add(walk["fatima"], line="les")
    number = entry(walk.world, "les")
    page = inside(at)
    assert page.post("hours/return", entry=number, words="welke les?").status == 303
    assert "welke les?" in walk["fatima"].get("hours").text
    add(walk["fatima"], line="les over taal")
    number = entry(walk.world, "les over taal")
    assert page.post("hours/approve", entry=number).status == 303
    for action, said in (("query", "hoe lang?"), ("correct", "een half uur was het")):
        assert page.post(f"hours/{action}", entry=number, words=said, minutes="30").status == 303, action
    assert walk["fatima"].post("hours/dispute", entry=number, words="een heel uur").status == 303
    assert page.post("hours/uphold", entry=number, words="zo is het").status == 303
    assert "les over taal" in page.get("hours/approve.csv").response.get_data().decode("utf-8-sig")
    for path in ("hours/approve.xlsx", "hours/approve/pack/1", "sessions"):
        assert page.get(path).status == 200, path
    assert page.post("hours/correct", entry=number, words="", minutes="45").status == 422
    assert walk.wout.post("hours/pots/decision", pot="1", decision="assigned").status == 303
    open_session(walk.wout, day=(now() + dt.timedelta(days=2)).date().isoformat(), begins="14:00", ends="15:00")
    assert "Studiemiddag taal" in page.get("hours/approve").text
    for action in ("assign", "assign/back"):
        assert page.post(f"hours/{action}", session="1", pot="1").status == 303, action
    assert page.post("language", language="en").status == 303
    assert "Nothing waits for you" in page.get("hours/approve").text


def test_an_approver_from_outside_reads_in_a_record_nothing_of_other_pots(walk: Walk) -> None:
    at = named(walk, whom="some", holders=["fatima", "youssef"])
    pot(walk, ["youssef"], name="Andere pot")
    add(walk["fatima"], line="les")
    page = inside(at).get("hours/approve/pack/1")
    files = zipfile.ZipFile(io.BytesIO(page.response.get_data()))
    policy = json.loads(files.read("policy.json"))
    assert [each["name"] for each in policy["pots"]] == [POT]
    assert [each["who"] for each in policy["pots"][0]["people"]] == ["Sofie Nieuweling"]
    assert policy["tariffs"] == []
    whole = "".join(files.read(name).decode("utf-8-sig") for name in files.namelist())
    assert "Youssef" not in whole
    assert "Andere pot" not in whole
    assert inside(at).get("hours/approve/pack/2").status == 404


def test_named_and_taken_off_again(walk: Walk) -> None:
    at = named(walk)
    add(walk["fatima"], line="eigen woorden")
    page = inside(at)
    assert "eigen woorden" in page.get("hours/approve").text
    assert walk.wout.post("hours/pots/approver", pot="1", person=person_id(walk.world, "youssef"), role="deputy").status
    assert walk.wout.post("hours/pots/approver", pot="1", person=whose(walk, "sofie"), out="yes").status == 303
    for path in ("hours/approve", "hours/approve.csv", "hours/approve.xlsx", "hours/approve/pack/1", "hours/proof/1"):
        assert page.get(path).status == 404, path
    for action in ("approve", "return", "query", "uphold", "correct", "attended/answer"):
        answer = page.post(f"hours/{action}", entry="1", words="x", minutes="5")
        assert answer.status == 404
        assert "eigen woorden" not in answer.html
    assert NOTHING in at.get().text
    assert NOTHING in come(walk.world, "sofie").first.text
    assert "liet iemand buiten deze groep geen uren meer goedkeuren" in walk["fatima"].get("home").text


def test_an_approver_from_outside_has_no_other_page_of_the_community(walk: Walk) -> None:
    at = named(walk)
    members = at.base.replace("/a/", "/l/")
    for path in ("", "home", "hours", "hours/pots", "hours/approve", "community", "step/ambition"):
        assert Visit(at.browser, at.first, members).get(path).status == 401, path
        assert inside(at).get(path).status == {"": 303, "hours/approve": 200}.get(path, 404), path
    # Nor does a member's launch open anything here, and no browser another's.
    for base in (walk["fatima"].base.split("~")[0].rstrip("/").replace("/l/", "/a/") + "/", at.base):
        assert walk["fatima"].browser.client.get(base, base_url=at.browser.tool.url).status_code == 401
    assert Browser(walk.world.tool).get(at.base).status == 401


@pytest.mark.parametrize("number", ["0", "2", "99999999999", "-1", "x", "1~1", "١", ""])
def test_a_community_that_names_nobody_like_that_is_not_there(walk: Walk, number: str) -> None:
    at = named(walk)
    assert inside(at, number).get("hours/approve").status == 404


def test_another_deployment_is_another_school(walk: Walk) -> None:
    """Neither is who came by one offered to the other, nor is what waits in one shown in the other."""
    at = named(walk)
    add(walk["fatima"], line="eigen woorden")
    with walk.world.tool.session() as session:
        session.execute(text("INSERT INTO school (id, name, created_at) SELECT 77, 'elders', created_at FROM school"))
        session.execute(
            text(
                "INSERT INTO deployment (id, registration_id, deployment_id, approved, first_seen_at, school_id)"
                " SELECT 77, registration_id, 'elders', true, first_seen_at, 77 FROM deployment"
            )
        )
        session.execute(text("UPDATE course SET deployment_id = 77"))
        session.execute(text("UPDATE launch SET deployment_id = 77 WHERE course_id IS NOT NULL"))
    assert NOTHING in at.get("").text
    page = inside(at)
    assert page.get("hours/approve").status == 404
    assert page.post("hours/approve", entry="1").status == 404
    page = walk.wout.get("hours/pots")
    assert "opende Goedkeuren" not in page.text
    enrol(walk.world, "stan", "teacher", PUPILS)
    come(walk.world, "stan")
    refused = walk.wout.post("hours/pots/approver", pot="1", person=whose(walk, "stan"), role="deputy")
    assert refused.status == 422
    pot(walk, [whose(walk, "stan")], status=422)


def test_a_member_approves_by_either_door_and_never_their_own(walk: Walk) -> None:
    world = walk.world
    pot(walk, ["youssef"], deputies=["fatima"])
    add(walk["fatima"], line="van fatima")
    add(walk["youssef"], line="van youssef")
    # Before and after the activity there is one person, with the seat and the standing they had.
    before = counted(walk)
    at = come(world, "youssef", "PLG-PRO")
    assert counted(walk) == before
    assert "Eén regel wacht op jou" in at.first.text
    assert "van youssef" not in at.first.text
    page = inside(at)
    for action in ("approve", "return", "correct"):
        own = page.post(f"hours/{action}", entry=entry(world, "van youssef"), words="x", minutes="5")
        assert own.status == 422, action
    assert walk.rows("SELECT count(*) FROM hours_count")[0][0] == 0
    assert page.post("hours/approve", entry=entry(world, "van fatima")).status == 303
    assert walk.rows("SELECT count(*) FROM hours_count")[0][0] == 1
    # Members are offered once, as members.
    assert "opende Goedkeuren" not in walk.wout.get("hours/pots").text


def test_home_says_without_names_that_something_waits(walk: Walk) -> None:
    pot(walk, ["youssef"])
    visited = visit(walk.world, "youssef")
    assert "op jou" not in visited.get("home").text
    for line in ("een", "twee", "drie"):
        add(walk["fatima"], line=line)
    page = visited.get("home")
    assert "3 regels wachten op jou" in page.text
    assert page.link("/hours/approve").status == 200
    assert "wachten op jou" not in walk["fatima"].get("home").text
    visited.post("hours/return", entry=entry(walk.world, "een"), words="wat was het?")
    visited.post("hours/approve", entry=entry(walk.world, "twee"))
    assert "Eén regel wacht op jou" in visited.get("home").text
    # What was taken back waits for nobody.
    walk["fatima"].post("hours/withdraw", entry=entry(walk.world, "drie"))
    assert "wacht op jou" not in visited.get("home").text


def test_two_communities_are_shown_one_by_one(walk: Walk) -> None:
    at = named(walk)
    with walk.world.tool.session() as session:
        session.execute(
            text(
                "INSERT INTO community (course_id, group_id, name, locale, by_roster, headcount, holidays, version,"
                " moved, founded_at) SELECT course_id, 'b', 'Team Zorg', locale, by_roster, headcount, holidays,"
                " version, moved, founded_at FROM community"
            )
        )
        session.execute(
            text(
                "INSERT INTO hours_pot (community_id, name, first_day, last_day, review, for_all, evidence, arranging,"
                " caps, made_at, carries, surplus) SELECT 2, 'Zorg', first_day, last_day, review, for_all, evidence,"
                " arranging, caps, made_at, carries, surplus FROM hours_pot"
            )
        )
        session.execute(
            text(
                "INSERT INTO hours_role (pot_id, person_id, role, since)"
                " SELECT 2, person_id, role, since FROM hours_role"
            )
        )
    add(walk["fatima"], line="eigen woorden")
    page = at.get()
    ours = walk.rows("SELECT name FROM community WHERE id = 1")[0][0]
    assert sorted(each.get_text() for each in page.soup.find_all("h2")) == sorted([ours, "Team Zorg"])
    assert "Fatima" not in page.text
    other = inside(at, 2)
    assert "eigen woorden" not in other.get("hours/approve").text
    assert other.post("hours/approve", entry="1").status == 422
    assert other.get("hours/proof/1").status == 404
    assert other.get("hours/approve/pack/1").status == 404


def test_the_activity_is_handed_out_by_the_picker_without_a_column(walk: Walk) -> None:
    at = picker(walk.world, "wout")
    page = at.post("place", {"what": "single", "item": "approve", "passback": "moments"})
    assert page.status == 200
    before = len(walk.world.lms.school.columns)
    walk.world.return_items(page.form("contentitem_return.php"))
    placed = [*walk.world.lms.school.activities.values()][-1]
    assert (placed.title, placed.custom) == ("Leerkring · goedkeuren", {"page": "approve"})
    assert len(walk.world.lms.school.columns) == before


def test_who_did_not_open_it_for_a_year_is_forgotten_and_stays_named(walk: Walk) -> None:
    named(walk)
    with walk.world.tool.session() as session:
        session.execute(text("UPDATE hours_visit SET at = :at"), {"at": (now() - outside.FORGOTTEN).isoformat(" ")})
        outside.forget(session)
    assert walk.rows("SELECT count(*) FROM hours_visit")[0][0] == 0
    assert "Sofie Nieuweling (niet in deze groep)" in walk["fatima"].get("hours/pots").text
    page = walk.wout.get("hours/pots")
    assert "Sofie" in str(page.soup.find("select", attrs={"name": "person"}))


def test_an_approver_s_pages_take_few_statements_and_no_more_with_more_hours(walk: Walk) -> None:
    at = named(walk)
    page = inside(at)
    numbers = []
    for line in ("een", "twee"):
        add(walk["fatima"], line=line)
        for place, path in ((page, "hours/approve"), (at, "?all=1")):
            place.get(path)
            with walk.world.tool.statements() as statements:
                assert place.get(path).status == 200
            numbers.append(len(statements))
    assert numbers[:2] == numbers[2:]
    assert max(numbers) <= 13, numbers


# An empty form, at a community's own address. unnamed: opened the activity, and no pot names them. approver: whom one
# names. left: who no longer is. elsewhere: a member of that community with the approver's address. ended: whose
# session has.
WHO = ("unnamed", "approver", "left", "elsewhere", "ended")
TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    #                                             unna appr left else ende
    ("GET", ""):                                 (200, 303, 200, 401, 401),
    ("POST", "language"):                        (303, 303, 303, 401, 401),
    ("GET", "sessions"):                         (200, 200, 200, 401, 401),
    ("POST", "sessions/end"):                    (303, 303, 303, 401, 401),
    ("GET", "hours/approve"):                    (404, 200, 404, 401, 401),
    ("POST", "hours/approve"):                   (404, 422, 404, 401, 401),
    ("POST", "hours/return"):                    (404, 422, 404, 401, 401),
    ("POST", "hours/query"):                     (404, 422, 404, 401, 401),
    ("POST", "hours/uphold"):                    (404, 422, 404, 401, 401),
    ("POST", "hours/correct"):                   (404, 422, 404, 401, 401),
    ("POST", "hours/attended/answer"):           (404, 422, 404, 401, 401),
    ("POST", "hours/room/give"):                 (404, 422, 404, 401, 401),
    ("POST", "hours/assign"):                    (404, 422, 404, 401, 401),
    ("POST", "hours/assign/back"):               (404, 422, 404, 401, 401),
    ("GET", "hours/approve.csv"):                (404, 200, 404, 401, 401),
    ("GET", "hours/approve.xlsx"):               (404, 200, 404, 401, 401),
    ("GET", "hours/approve/pack/<int:number>"):  (404, 200, 404, 401, 401),
    ("GET", "hours/approve/files"):              (404, 200, 404, 401, 401),
    ("POST", "hours/approve/files"):             (404, 422, 404, 401, 401),
    ("GET", "hours/approve/files/<what>"):       (404, 404, 404, 401, 401),
    ("GET", "hours/proof/<int:number>"):         (404, 404, 404, 401, 401),
}  # fmt: skip


def test_each_who_opens_an_address_gets_what_the_table_says(walk: Walk) -> None:
    world = walk.world
    for name in ("stan", "lies"):
        enrol(world, name, "teacher", PUPILS)
    come(world, "stan")
    pot(walk, ["youssef"], deputies=[])
    for name in ("sofie", "lies"):
        come(world, name)
        assert walk.wout.post("hours/pots/approver", pot="1", person=whose(walk, name), role="deputy").status == 303
    approver = inside(come(world, "sofie"))
    left = inside(come(world, "lies"))
    assert walk.wout.post("hours/pots/approver", pot="1", person=whose(walk, "lies"), out="yes").status == 303
    ended = inside(come(world, "stan", browser=Browser(world.tool)))
    with world.tool.session() as session:
        session.execute(
            text("UPDATE browser_session SET created_at = '2020-01-01' WHERE token_hash ="
                 " (SELECT session_hash FROM launch WHERE id = :id)"), {"id": ended.base.split("/")[2].split("~")[0]}
        )  # fmt: skip
    elsewhere = Visit(walk["fatima"].browser, walk["fatima"].first, approver.base)
    visits = {"unnamed": inside(come(world, "stan")), "approver": approver, "left": left}
    visits |= {"elsewhere": elsewhere, "ended": ended}
    for (method, rule), statuses in TABLE.items():
        path = rule.replace("<int:number>", "1").replace("<what>", "csv")
        for who, status in zip(WHO, statuses, strict=True):
            page = visits[who].get(path) if method == "GET" else visits[who].post(path)
            assert page.status == status, (who, method, path, page.text[:200])
            assert page.response.headers["Cache-Control"] == "no-store"
        if method == "POST":
            forged = approver.browser.post(approver.base + path, {}, site="cross-site", follow=False)
            assert forged.status == 403, path


def test_the_table_has_every_address_there_is(walk: Walk) -> None:
    there = {
        (method, rule.rule.removeprefix("/a/<launch_id>/"))
        for rule in walk.world.tool.app.url_map.iter_rules()
        if rule.endpoint.startswith("approving.")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }
    assert there == set(TABLE)


def test_who_administers_finds_the_way_from_an_approve_activity_and_nobody_else_does(walk: Walk) -> None:
    """They may be in no staff course: then no home has the link."""
    link = "Leerkring beheren"
    assert link not in come(walk.world, "sofie").first.text
    sofie = named(walk)
    assert link not in sofie.first.text
    power(walk.world, "sofie")
    for page in (sofie.get("?all=1"), inside(sofie).get("hours/approve")):
        (found,) = [each for each in page.soup.find_all("a") if link in each.text]
        assert sofie.browser.get(str(found["href"])).status == 200
