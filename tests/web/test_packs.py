"""The packs as pages: for who administers and the data protection officer, who changes nothing and reads of nobody."""

import pytest
from sqlalchemy import select

from lti_tool import pdf
from lti_tool.models import Person
from lti_tool.models.school import Power
from tests.actors import World
from tests.web.test_administration import below, power
from tests.web.test_administrators import acts, as_admin
from tests.web.walk import Visit, visit

PACKS = ("works-council", "processing")


@pytest.fixture
def at(world: World) -> Visit:
    """The administrators' pages, of a school in which a cycle has begun."""
    world.begin("fatima", "bram")
    as_admin(world)
    power(world, "admin")
    return below(as_admin(world))


def test_the_officer_reads_both_and_changes_nothing(world: World, at: Visit) -> None:
    visit(world, "els")
    power(world, "els", Power.OFFICER)
    officer = below(visit(world, "els"))
    with world.tool.session() as session:
        names = [each for each in session.scalars(select(Person.name)) if each]
    for reader in (at, officer):
        assert "Stukken over privacy" in reader.get("").text
        for pack in PACKS:
            page = reader.get(f"packs/{pack}")
            assert page.status == 200
            assert [each for each in names if each in page.html] == []
            assert not page.soup.select("main form"), "it is there to be read"
    for form in ("settings", "school/name", "administrators"):
        assert officer.post(form).status == 403
    assert officer.get("settings").status == 403
    assert acts(world) == []


def test_a_setting_that_changes_changes_the_paper(world: World, at: Visit) -> None:
    assert "Op jullie school staan mensen met hun naam" in at.get("packs/works-council").text
    assert at.post("settings", setting="names", value="pseudonyms").status == 303
    assert at.post("settings/course/1", setting="passback", value="none").status == 303
    page = at.get("packs/works-council").text
    assert "Op jullie school heet iedereen een nummer" in page
    assert "in één cursus anders" in page
    at.post("language", language="en")
    assert "Can my manager see what I write?" in at.get("packs/works-council").text


def test_the_name_of_the_school_is_text(world: World, at: Visit) -> None:
    assert at.post("school/name", school_name="<b>De Linde</b>").status == 303
    for pack in PACKS:
        page = at.get(f"packs/{pack}")
        assert "&lt;b&gt;De Linde" in page.html
        assert "<b>De Linde" not in page.html


def test_there_is_no_other_paper(at: Visit) -> None:
    for path in ("packs/all", "packs/works-council.doc", "packs/..%2fsettings"):
        assert at.get(path).status == 404


@pytest.mark.skipif(not pdf.available(), reason="needs the extra `pdf`")
@pytest.mark.parametrize("pack", PACKS)
def test_it_can_be_handed_out(at: Visit, pack: str) -> None:
    answer = at.get(f"packs/{pack}.pdf").response
    assert answer.status_code == 200
    assert answer.get_data().startswith(b"%PDF")
    assert f"leerkring-{pack}.pdf" in answer.headers["Content-Disposition"]
