"""The provision list by its pages: shown first, done at once or not at all, and told to whom it makes something."""

import io
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.administration import provision
from lti_tool.domain.school.provision import reading, runs
from lti_tool.models import Member, Person
from lti_tool.models.provision import ProvisionLine, ProvisionPart, ProvisionRun
from lti_tool.models.school import SchoolAct
from tests.actors import Page, World
from tests.web.test_administration import below, power
from tests.web.walk import ADMINISTRATOR_ONLY, Visit, visit


@pytest.fixture
def at(world: World) -> Visit:
    """The administrators' pages, of who administers the school."""
    made = visit(world, "admin", **ADMINISTRATOR_ONLY)
    power(world, "admin")
    return below(made)


def give(at: Visit, *rows: str, heads: str = "course id,title,facilitators,leaders") -> Page:
    """Upload a list."""
    content = "\n".join((heads, *rows)).encode()
    return at.post("provision", {"file": (io.BytesIO(content), "lijst.csv")})


def counts(world: World) -> list[int | None]:
    tables = (ProvisionLine, ProvisionPart, ProvisionRun, SchoolAct)
    with world.tool.session() as session:
        return [session.scalar(select(func.count()).select_from(each)) for each in tables]


def course_id(world: World) -> str:
    return str(next(iter(world.lms.school.courses)))


def test_it_is_shown_first_and_done_at_once(world: World, at: Visit) -> None:
    course = course_id(world)
    fatima = world.person("fatima")
    world.begin("fatima")
    before = counts(world)
    page = give(at, f"{course},,id:{fatima.id},", "999,Later,iemand@school.example,")
    assert page.status == 200
    assert "Er is nog niets veranderd." in page.text
    assert "2 regels veranderen" in page.text
    assert counts(world) == before, "nothing is written before somebody applies it"
    assert len(page.soup.select("form[action$='provision/apply'] button")) == 2, "at the top too"
    done = page.form("/provision/apply").submit()
    assert "Gedaan: de lijst is toegepast. 2 regels, waarvan 2 veranderd." in done.text
    assert "Gedaan" not in at.get("provision").text
    assert "Hier wachten we nog op" in done.text
    assert "school.example" not in done.text
    with world.tool.session() as session:
        query = select(Member.facilitates).join(Person).where(Person.sub == str(fatima.id))
        assert session.scalars(query).all() == [True]
    assert "Jij begeleidt nu. Dat staat zo op de lijst van de school" in world.as_("fatima").launch("home").text
    again = give(at, f"{course},,id:{fatima.id},", "999,Later,iemand@school.example,")
    assert "Alles staat al zoals op deze lijst." in again.text
    trail = at.get("trail").text
    assert "Lijst van cursussen toegepast: 2 regels, waarvan 2 veranderd" in trail
    file = at.get("provision/list.csv")
    assert f"id:{fatima.id}" in file.text
    assert at.get("provision/list.xlsx").response.mimetype.endswith("sheet")


def test_who_has_no_list_yet_begins_with_an_empty_one_that_can_be_read(at: Visit) -> None:
    assert "Nog geen lijst?" in at.get("provision").text
    empty = at.get("provision/list.csv").response.get_data()
    heads = empty.decode("utf-8-sig").strip()
    assert heads.startswith("cursus-id;")
    filled = (heads + "\n12" + ";" * heads.count(";")).encode()
    shown = at.post("provision", file=(io.BytesIO(filled), "lijst.csv"))
    assert "Wat deze lijst verandert" in shown.text
    assert "kloppen niet" not in shown.text


def test_what_is_wrong_is_said_by_line_and_cell_and_cannot_be_applied(world: World, at: Visit) -> None:
    page = give(at, "1,Goed,,", "=1+1,Fout,,", "1,Dubbel,Jan de Vries,")
    assert page.status == 422
    assert "Regel 3, course id" in page.text
    assert "Regel 4, facilitators" in page.text
    assert 'action="' + at.base + 'provision/apply"' not in page.text
    assert at.post("provision").status == 422
    assert "Kies eerst een bestand." in at.post("provision").text


@pytest.mark.parametrize(
    "fields",
    [{}, {"list": "x"}, {"list": "eyJyb2xlcyI6W10sImxpbmVzIjpbXX0.abc"}, {"list": "x" * 10_000, "shown": "y"}],
)
def test_a_list_that_was_damaged_on_its_way_is_asked_for_again(at: Visit, fields: dict[str, Any]) -> None:
    page = at.post("provision/apply", fields)
    assert page.status == 422
    assert "Geef het bestand opnieuw." in page.text


def test_a_refusal_keeps_the_list_and_shows_what_it_would_do_now(world: World, at: Visit) -> None:
    course = course_id(world)
    first = give(at, f"{course},Zon,,")
    give(at, f"{course},Maan,,").form("/provision/apply").submit()
    before = counts(world)
    page = first.form("/provision/apply").submit()
    assert page.status == 422
    assert "Intussen is er iets veranderd" in page.text
    assert counts(world) == before
    assert "heet voortaan ‘Zon’" in page.text
    assert page.form("/provision/apply").submit().status == 200


def test_an_answer_that_nothing_asks_is_refused(world: World, at: Visit) -> None:
    page = give(at, f"{course_id(world)},Zon,,")
    fields = dict(page.form("/provision/apply").values())
    for name in ("course-2", "person-2-facilitator-1", "line-1", "part-99"):
        refused = at.post("provision/apply", {**fields, name: "1"})
        assert refused.status == 422, name
        assert "Een van je keuzes kan niet meer" in refused.text
    for given in ({"line": "1", "course": "1"}, {"part": "1", "person": "1"}, {"part": "x"}, {"line": "9" * 12}):
        assert at.post("provision/answer", given).status == 422


def test_many_who_are_not_there_yet_are_named_otherwise_and_taken_back_at_once(world: World, at: Visit) -> None:
    course = course_id(world)
    give(at, f'{course},Zon,"a@x.nl,b@x.nl,c@x.nl,d@x.nl",').form("/provision/apply").submit()
    page = give(at, f"{course},Zon,login:nieuw,")
    assert "Neem ze alle 4 terug" in page.text
    assert "Neem" not in page.soup.select_one("#gone ~ details").find_previous_sibling("p").text
    names = page.soup.select_one("[name=absent]")
    assert names is not None
    page.form("/provision/apply").submit(absent=str(names["value"]))
    with world.tool.session() as session:
        assert session.scalars(select(ProvisionPart.named_by)).all() == ["login"]


def test_a_long_list_is_applied_by_the_worker_with_progress(world: World, at: Visit) -> None:
    rows = [f"{course_id(world)},Zon,,", *(f"x{number},,m{number}@school.example," for number in range(runs.MANY))]
    page = give(at, *rows)
    waits = page.form("/provision/apply").submit()
    assert "Je lijst wordt toegepast" in waits.text
    assert waits.soup.find("progress") is not None
    assert counts(world)[0] == 0
    busy = page.form("/provision/apply").submit()
    assert "Er wordt al een lijst toegepast." in busy.text
    world.tool.deliver()
    assert counts(world)[0] == runs.MANY + 1
    assert "Je lijst wordt toegepast" not in at.get("provision").text
    again = give(at, *rows)
    assert "Alles staat al zoals op deze lijst." in again.text


def test_the_longest_list_fits_in_its_page(world: World, at: Visit) -> None:
    rows = [
        f"cursus-{number},Leergemeenschap {number},naam{number}@school.example," for number in range(reading.MOST_LINES)
    ]
    page = give(at, *rows)
    assert page.status == 200
    print(len(dict(page.form("/provision/apply").values())["list"]))
    assert len(dict(page.form("/provision/apply").values())["list"]) < provision.LONGEST


def test_who_is_replaced_reads_as_staying_until_the_successor_is_there(world: World, at: Visit) -> None:
    course = course_id(world)
    world.begin("fatima")
    give(at, f"{course},,id:{world.person('fatima').id},").form("/provision/apply").submit()
    page = give(at, f"{course},,nieuw@school.example,")
    assert "blijft begeleiden tot de opvolger er is" in page.text
    box = page.soup.select_one("[name^=part-]")
    assert box is not None
    page.form("/provision/apply").submit(**{str(box["name"]): "1"})
    again = give(at, f"{course},,nieuw@school.example,")
    assert "blijft begeleiden tot de opvolger er is, en stopt dan vanzelf" in again.text
    assert again.soup.select_one("[name^=part-]") is None
    with world.tool.session() as session:
        query = select(Member.facilitates).join(Person).where(Person.sub == str(world.person("fatima").id))
        assert session.scalars(query).all() == [True]


def test_what_is_waited_for_in_the_same_words_is_counted_and_its_lines_are_behind_a_fold(
    world: World, at: Visit
) -> None:
    rows = [f"x{number},Later {number},m{number}@school.example," for number in range(30)]
    page = give(at, *rows).form("/provision/apply").submit()
    entries = page.soup.select("#waiting ~ ul > li")
    assert [each.get_text(" ", strip=True).partition(".")[0] for each in entries] == [
        "30 cursussen zijn nog niet geopend vanuit de leeromgeving",
        "30 begeleiders (e-mailadres) zijn nog niet gevonden in de cursus",
    ]
    assert [len(each.select("details li")) for each in entries] == [30, 30]
