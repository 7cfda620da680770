"""An activity of hours: how it is picked, where it lands for whom, and what one reads of the gradebook there."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.demo.model import Activity
from lti_tool.models import Act, ResourceLink
from tests.actors import Page, World
from tests.web.test_hours import add, entry, pot
from tests.web.walk import Visit, Walk, visit

MINE = "Wat deed je, en hoe lang?"
SHOWN = "Wie in deze cursus cijfers mag zien, ziet dat getal bij je naam"


def place(world: World, passback: str = "hours", **custom: str) -> Activity:
    """An activity of hours in the first course."""
    like = world.activity("ambition")
    return world.lms.school.add_activity(
        like.course_id, like.client_id, "Mijn uren", url=like.url,
        custom={"cycle": "1", "step": "hours", "passback": passback, **custom},
    )  # fmt: skip


def launch(world: World, name: str, activity: Activity) -> Visit:
    return visit(world, name, activity)  # type: ignore[arg-type]


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world, "fatima", "marieke", "youssef")


def picker(world: World) -> Page:
    return world.as_("wout").select_content()


def placed(world: World) -> list[Activity]:
    return world.lms.school.course_activities(world.course().id)  # type: ignore[no-any-return]


def choose(world: World, fields: list[tuple[str, str]]) -> Page:
    """The picker's form, with whatever is sent; what comes back goes to the LMS."""
    page = picker(world)
    sent = page.browser.post(page.form("/place").action, fields)
    if sent.soup.find("form", attrs={"data-submit": True}):
        from tests.actors import Form

        world.return_items(Form(sent, sent.soup.find("form", attrs={"data-submit": True})))  # type: ignore[arg-type]
    return sent


def test_it_comes_with_the_whole_cycle_or_alone_and_its_column_is_off(walk: Walk) -> None:
    world, before = walk.world, len(placed(walk.world))
    page = picker(world)
    assert "Iedereen die in deze cursus cijfers mag zien, ziet dan van ieder hoeveel uur meetelt." in page.text
    graded = page.soup.find("input", attrs={"name": "graded"})
    assert graded
    assert not graded.has_attr("checked")
    choose(world, [("what", "single"), ("item", "hours"), ("passback", "moments")])
    (alone,) = placed(world)[before:]
    assert alone.custom.keys() == {"cycle", "step", "passback", "origin"}
    assert (alone.custom["cycle"], alone.custom["step"], alone.custom["passback"]) == ("1", "hours", "none")
    assert alone.title == "Mijn uren"
    choose(world, [("what", "cycle"), ("item", "hours"), ("graded", "hours"), ("passback", "none")])
    *_, last = added = placed(world)[before + 1 :]
    assert len(added) == 8
    assert (last.custom["cycle"], last.custom["step"], last.custom["passback"]) == ("1", "hours", "hours")
    assert {each.custom["passback"] for each in added[:-1]} == {"none"}, "what goes of participation is chosen apart"
    assert not [c for c in world.lms.school.columns.values() if c.tag == "hours"], "nothing is made before it shows"


@pytest.mark.parametrize(
    ("fields", "status", "made"),
    [
        ([("what", "single"), ("item", "hours"), ("passback", "moments"), ("graded", "moments")], 422, 0),
        ([("what", "single"), ("item", "hours"), ("passback", "moments"), ("graded", "none")], 422, 0),
        ([("what", "single"), ("item", "hours"), ("passback", "moments"), ("graded", "x' OR 1")], 422, 0),
        ([("what", "single"), ("item", "hours"), ("passback", "hours")], 422, 0),
        ([("what", "single"), ("item", "ambition"), ("passback", "hours")], 422, 0),
        ([("what", "single"), ("item", "HOURS"), ("passback", "none")], 422, 0),
        ([("what", "single"), ("graded", "hours"), ("passback", "none")], 422, 0),
        ([("what", "single"), ("item", "hours"), ("item", "hours"), ("passback", "none")], 200, 1),
        ([("what", "single"), ("item", "ambition"), ("passback", "none"), ("graded", "hours")], 200, 1),
        ([("what", "cycle"), ("item", "ambition"), ("passback", "none")], 200, 7),
        ([("item", "hours"), ("cancel", "1"), ("passback", "none")], 200, 0),
    ],
)
def test_what_no_picker_offers_is_refused(walk: Walk, fields: list[tuple[str, str]], status: int, made: int) -> None:
    before = len(placed(walk.world))
    page = choose(walk.world, fields)
    assert page.status == status, page.text[:300]
    assert len(placed(walk.world)) == before + made
    if status == 422:
        checked = {each["value"] for each in page.soup.find_all("input", attrs={"name": "item", "checked": True})}
        assert checked == {value for name, value in fields if name == "item"} & {"hours", "ambition"}, "nothing is lost"


def test_what_was_handed_out_is_noted_with_its_choice(walk: Walk) -> None:
    choose(walk.world, [("what", "single"), ("item", "hours"), ("graded", "hours"), ("passback", "moments")])
    with walk.world.tool.session() as session:
        act = session.scalars(select(Act).where(Act.kind == "placed").order_by(Act.id.desc())).first()
        assert act
        assert act.detail == {"cycle": 1, "item_1": "hours", "passback": "moments", "beside": "hours"}


def test_it_lands_on_ones_own_hours_whoever_of_the_community_opens_it(walk: Walk) -> None:
    place_ = place(walk.world)
    for name in ("fatima", "wout"):
        page = launch(walk.world, name, place_).first
        assert page.status == 200
        assert page.soup.h1
        assert page.soup.h1.text == MINE
    # Who follows from outside has no hours here: the home, as from any activity; and who is new is asked first.
    visit(walk.world, "mieke").post("welcome", choice="follow")
    assert MINE not in launch(walk.world, "mieke", place_).first.text
    page = launch(walk.world, "els", place_).first
    assert page.has_form("/welcome")


def test_forms_and_the_way_home_work_from_there(walk: Walk) -> None:
    pot(walk, ["youssef"])
    at = launch(walk.world, "fatima", place(walk.world))
    page = at.first.form("/hours").submit(line="Gelezen", chip="30")
    assert "Gelezen" in page.text
    assert page.link("/home").status == 200


def test_an_approver_who_sits_outside_lands_where_they_may_be(walk: Walk) -> None:
    """Youssef approves and takes no part any more: his hours are not there, what he approves is."""
    pot(walk, ["youssef"])
    with walk.world.tool.session() as session:
        from lti_tool.models import Member, Person

        query = select(Member).join(Person).where(Person.sub == walk.world.person("youssef").id)
        session.scalars(query).one().standing = "leader"
    page = launch(walk.world, "youssef", place(walk.world)).first
    assert page.status == 200
    assert MINE not in page.text


def test_one_reads_what_the_gradebook_shows_and_to_whom(walk: Walk) -> None:
    world = walk.world
    pot(walk, ["youssef"])
    add(walk["fatima"], line="Intervisie", chip="45")
    assert "En in het cijferoverzicht?" not in walk["fatima"].get("hours").text, "nobody chose so"
    at = launch(world, "fatima", place(world))
    text = at.get("hours").text
    assert SHOWN in text
    assert "Daar komt te staan hoeveel uur" in text
    walk["youssef"].post("hours/approve", {"entry": [entry(world, "Intervisie")]})
    first = now().date().year - (now().date().month < 8)
    assert f"0,75 uur in {first}-{first + 1}" in at.get("hours").text
    page = launch(world, "wout", world.activity("ambition")).get("hours")
    assert "in jouw rol krijg je van de leeromgeving geen cijfers" in page.text
    assert SHOWN not in page.text


def test_a_course_of_another_community_has_nothing_of_it(walk: Walk) -> None:
    """The same person in a second course, where an activity of hours wants columns: nothing comes along."""
    world = walk.world
    pot(walk, ["youssef"], review="none")
    add(walk["youssef"], line="Intervisie", chip="45")
    world.place_cycle("karin", "PLG-TEC")
    like = world.activity("ambition", "PLG-TEC")
    there = world.lms.school.add_activity(
        like.course_id, like.client_id, "Mijn uren", url=like.url,
        custom={"cycle": "1", "step": "hours", "passback": "hours"},
    )  # fmt: skip
    at = launch(world, "youssef", there)
    text = at.get("hours").text
    assert "Daar komt te staan hoeveel uur" in text
    assert "Intervisie" not in text
    world.tool.deliver()
    assert not [c for c in world.lms.school.columns.values() if c.tag == "hours"]


CUSTOM: dict[str, Any] = {
    "a step's choice": {"passback": "moments"},
    "nobody's choice": {"passback": "alles"},
    "none": {"passback": ""},
    "a cycle that is not there": {"cycle": "9", "passback": "none"},
    "capitals": {"step": "Hours"},
}


@pytest.mark.parametrize("custom", CUSTOM.values(), ids=CUSTOM)
def test_values_that_somebody_typed_turn_no_column_on(walk: Walk, custom: dict[str, str]) -> None:
    pot(walk, ["youssef"], review="none")
    add(walk["fatima"], line="Intervisie")
    launch(walk.world, "fatima", place(walk.world, **{"passback": "none", **custom}))
    walk.world.tool.deliver()
    assert not [c for c in walk.world.lms.school.columns.values() if c.tag == "hours"]
    with walk.world.tool.session() as session:
        links = session.scalars(select(ResourceLink).where(ResourceLink.step == "hours")).all()
        assert [each.passback for each in links] != ["hours"]


def test_it_goes_along_when_the_next_cycle_begins(walk: Walk) -> None:
    """Its values say cycle 1 for ever; its pages are of the cycle that the community is in."""
    from lti_tool.models import Community, Cycle

    place_ = place(walk.world)
    launch(walk.world, "fatima", place_)
    with walk.world.tool.session() as session:
        community = session.scalars(select(Community)).one()
        old = session.scalars(select(Cycle).where(Cycle.community_id == community.id)).one()
        old.closed_at, old.ending = now() - dt.timedelta(days=1), "consent"
        session.add(Cycle(community_id=community.id, number=2))
    at = launch(walk.world, "fatima", place_)
    assert at.first.soup.h1
    assert at.first.soup.h1.text == MINE
    assert "~2/home" in at.first.html


def test_it_counts_as_no_step_of_the_cycle(walk: Walk) -> None:
    """The picker names it apart, and whether steps were placed does not hang on it."""
    launch(walk.world, "fatima", place(walk.world, "none"))
    text = picker(walk.world).text
    assert "Staat al in de cursus." in text
    assert "staan deze al in de cursus: Mijn uren" not in text
