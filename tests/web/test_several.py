"""Several communities in a course: split, joined and moved by an administrator; nothing of one is read in another."""

import pytest
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.models import Community, Course, Launch, Member, Person
from lti_tool.models.school import School, SchoolAct, Setting
from tests.actors import Page, World
from tests.web.test_access import TABLE, address
from tests.web.test_administration import below, power
from tests.web.test_at_once import at_once, tabs
from tests.web.walk import ADMINISTRATOR_ONLY, STEP, Visit, Walk, visit

OURS, THEIRS = "dit schreven wij in de eerste groep", "dit schreven wij in de tweede groep"


def administering(world: World) -> Visit:
    """The LMS's administrator, who administers the school too."""
    at = visit(world, "admin", **ADMINISTRATOR_ONLY)
    power(world, "admin")
    return below(at)


def person(world: World, username: str) -> str:
    with world.tool.session() as session:
        sub = str(world.person(username).id)
        return str(session.scalars(select(Person.id).where(Person.sub == sub)).one())


def communities(world: World) -> dict[str, int]:
    with world.tool.session() as session:
        return {each.name: each.id for each in session.scalars(select(Community))}


def confirm(at: Visit, page: Page) -> Page:
    """Press the button of what was shown."""
    assert page.status == 200, page.text[:400]
    form = page.soup.select_one("main form")
    assert form is not None
    data = [(each["name"], each.get("value", "")) for each in form.select("input[name]")]
    fields: dict[str, list[str]] = {}
    for name, value in data:
        fields.setdefault(str(name), []).append(str(value))
    return at.browser.post(str(form["action"]), fields, follow=False)


def split(world: World, at: Visit, name: str = "Groep B", *people: str, guide: str = "") -> Page:
    """Split these off by hand: shown first, then done."""
    given = {"person": [person(world, each) for each in people], "called": name}
    shown = at.post("courses/1/divide/split", {**given, "guide": person(world, guide) if guide else ""})
    assert name in shown.text
    assert name not in communities(world), "nothing has changed yet"
    return confirm(at, shown)


def test_split_by_hand_each_lands_in_their_own_and_reads_nothing_of_the_other(any_world: World) -> None:
    world = any_world
    walk = Walk(world, "fatima", "marieke", "youssef", "chantal")
    walk["fatima"].act("idea", text=OURS, why="omdat het telt")
    at = administering(world)
    assert split(world, at, "Groep B", "youssef", "chantal", guide="youssef").status == 303
    closed = walk["youssef"].get("home")
    assert closed.status == 403, "a page that was open in the first one is closed"
    assert "andere leergemeenschap" in closed.text
    ours, theirs = visit(world, "fatima"), visit(world, "youssef")
    theirs.act("idea", text=THEIRS, why="omdat het telt")
    chantal = visit(world, "chantal")
    for mine, others, at_ in (
        (OURS, THEIRS, ours),
        (THEIRS, OURS, theirs),
        ("", OURS, chantal),
        ("", THEIRS, walk.wout),
    ):
        for method, rule in TABLE:
            page = at_.get(address(rule)) if method == "GET" else None
            if page is not None and rule != "mine.json":
                assert others not in page.html, rule
        exported = at_.get("mine.json").response.get_data(as_text=True)
        assert mine in exported
        assert others not in exported
    home = theirs.get("home").text
    assert "Groep B" in home
    assert "2 leden doen mee" in home
    assert "Marieke" not in theirs.get("community").text
    assert "Chantal" not in ours.get("community").text
    page = at.get(f"courses/{communities(world)['Groep B']}")
    assert OURS not in page.html
    assert THEIRS not in page.html


@pytest.mark.parametrize(
    ("rule", "said"),
    {
        "anybody": "Elk lid kan het overnemen",
        "teachers": "Wie docent is in de cursus",
        "named": "Geef de groep",
    }.items(),
)
def test_a_group_without_a_facilitator_is_told_who_may_take_it_over_by_the_school_s_rule(
    world: World, rule: str, said: str
) -> None:
    Walk(world, "fatima", "marieke")
    at = administering(world)
    at.post("settings", setting="facilitation", value=rule)
    given = {"person": [person(world, "fatima"), person(world, "wout")], "called": "Groep B", "guide": ""}
    assert at.post("courses/1/divide/split", given).text.count(said) == 2, "the new group and the one that stays"


def test_what_somebody_did_before_they_were_put_elsewhere_stays_theirs(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    form = walk["youssef"].get("hours").form("/hours")
    told = dict(form.values()) | {"line": "Toetsen nagekeken met z'n tweeën", "minutes": "45"}
    assert walk["youssef"].post("hours", told | {"day": now().date().isoformat()}).status == 303
    walk["youssef"].post("journal", text="Alleen voor mij")
    split(world, administering(world), "Groep B", "youssef")
    there = visit(world, "youssef")
    hours = there.get("hours").text
    assert "In een andere gemeenschap van deze cursus" in hours
    assert "Toetsen nagekeken" in hours
    assert "Toetsen nagekeken" in there.get("hours.csv").response.get_data(as_text=True)
    kept = there.get("mine.json").response.get_json()
    (before,) = kept["elsewhere"]
    assert "Toetsen nagekeken" in str(before["hours"])
    assert "Alleen voor mij" in str(before)
    assert "Toetsen nagekeken" not in visit(world, "fatima").get("hours").text


def test_joined_back_untouched_everybody_is_where_they_were(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    walk["fatima"].act("idea", text=OURS, why="omdat het telt")
    at = administering(world)
    split(world, at, "Groep B", "youssef")
    number = communities(world)["Groep B"]
    shown = at.post(f"courses/{number}/divide/join", into="1")
    assert "Hier is nog niets gedaan" in shown.text
    assert confirm(at, shown).status == 303
    assert len(communities(world)) == 1
    assert visit(world, "youssef").get(STEP).status == 200
    with world.tool.session() as session:
        kinds = session.scalars(select(SchoolAct.kind).where(SchoolAct.kind.like("community_%")).order_by(SchoolAct.id))
        assert list(kinds) == ["community_split", "community_joined"]


def test_joined_who_was_in_it_reads_back_by_the_quiet_way_and_comes_back(world: World) -> None:
    Walk(world, "fatima", "marieke", "youssef")
    at = administering(world)
    split(world, at, "Groep B", "youssef", guide="youssef")
    number = communities(world)["Groep B"]
    visit(world, "youssef").act("idea", text=THEIRS, why="omdat het telt")
    shown = at.post(f"courses/{number}/divide/join", into="1")
    assert "eindigt zonder besluit" in shown.text
    assert confirm(at, shown).status == 303
    here = visit(world, "youssef", "home")
    home = here.get("home")
    assert "Lees Groep B terug" in home.text
    went = here.post("seat", community=str(number))
    assert went.status == 303
    there = Visit(here.browser, went, went.response.headers["Location"].removeprefix(world.tool.url))
    assert THEIRS in there.get(STEP).html
    assert there.post(f"{STEP}/idea", text="nog een idee erbij", why="x").status == 422
    assert THEIRS not in here.get(STEP).html, "the page that was open stays in its own"
    assert "Groep B" not in visit(world, "fatima", "home").get("home").text, "it is there for who was in it"
    back = there.post("seat", community="1")
    assert back.status == 303
    assert visit(world, "youssef").get("home").status == 200


def test_by_the_lmss_groups_and_in_two_of_them(world: World) -> None:
    for name, groups in (("fatima", ["3"]), ("marieke", ["3", "4"]), ("youssef", ["4"])):
        world.lms.school.group(world.course().id, world.person(name).id, *groups)
    Walk(world, "fatima", "marieke", "youssef", "chantal")
    at = administering(world)
    page = at.get("courses/1/divide")
    assert "Groep met nummer 3" in page.text
    asked = {"group": ["3", "4"], "called-3": "Groep drie", "called-4": "Groep vier", "guide-3": "", "guide-4": ""}
    assert confirm(at, at.post("courses/1/divide/groups", asked)).status == 303
    known = communities(world)
    # In the list of courses each is called so once.
    heads = [each.get_text(" ", strip=True) for each in at.get("courses").soup.select("tbody th")]
    assert [sum(each.count(name) for each in heads) for name in ("Groep drie", "Groep vier")] == [1, 1], heads
    seen = {name: visit(world, name, "home") for name in ("fatima", "marieke", "youssef", "chantal")}
    with world.tool.session() as session:
        sits = {name: session.get_one(Launch, each.base.split("/")[2]).community_id for name, each in seen.items()}
    assert sits["fatima"] == known["Groep drie"]
    assert sits["youssef"] == known["Groep vier"]
    assert sits["chantal"] == 1
    assert "Je bent hier in twee gemeenschappen" in seen["marieke"].get("home").text
    assert "twee gemeenschappen" not in seen["fatima"].get("home").text
    other = known["Groep vier"] if sits["marieke"] == known["Groep drie"] else known["Groep drie"]
    assert seen["marieke"].post("seat", community=str(other)).status == 303
    again = visit(world, "marieke", "home")
    with world.tool.session() as session:
        assert session.get_one(Launch, again.base.split("/")[2]).community_id == other, "it lasts"
    for wrong in ("", "0", "1", "x", "9" * 30, "999"):
        assert again.post("seat", community=wrong).status == 422


CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
SAID = {
    "missing": None, "empty": "", "zero": "0", "no numbers": "drie,vier", "unresolved": "$Moodle.Person.userGroupIds",
    "of another course": "77", "ten thousand": ",".join(map(str, range(1000, 11_000))), "made by hand": "hand:",
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_m51_whatever_is_said_of_groups_who_is_in_none_comes_into_the_courses_own(world: World, said: str) -> None:
    Walk(world, "fatima", "marieke", "youssef")
    split(world, administering(world), "Groep B", "youssef")
    value = SAID[said]
    custom = {"step": "ambition", "cycle": "1", **({} if value is None else {"group_ids": value})}
    for name, community in (("marieke", "1"), ("youssef", str(communities(world)["Groep B"]))):
        at = visit(world, name, **{CUSTOM: custom})
        with world.tool.session() as session:
            assert str(session.get_one(Launch, at.base.split("/")[2]).community_id) == community


HOSTILE = {
    "split": [{}, {"person": "999", "called": "B"}, {"person": "x", "called": "B"}, {"person": "9" * 40, "called": "B"},
              {"person": "2", "called": ""}, {"person": "2", "called": "x" * 300}, {"person": "2", "called": "a\0b"},
              {"person": "2", "called": "B", "guide": "999"}, {"person": "2", "called": "B", "shown": "anders"}],
    "groups": [{}, {"group": "3"}, {"group": "hand:x", "called-hand:x": "B"}],
    "join": [{}, {"into": "1"}, {"into": "999"}, {"into": "x"}, {"course": "%"}, {"into": "2"},
             {"into": "2", "shown": "x"}],
    "move": [{}, {"school": "1"}, {"school": "999"}, {"school": "2", "shown": "yes"}],
}  # fmt: skip


def test_hostile_forms_and_numbers_of_other_schools_change_nothing(world: World) -> None:
    Walk(world, "fatima", "marieke")
    at = administering(world)
    with world.tool.session() as session:
        # Another school with a course of its own, in the same LMS.
        session.add(school := School(name="Andere school"))
        session.flush()
        first = session.scalars(select(Course)).first()
        assert first is not None
        session.add(
            course := Course(deployment_id=first.deployment_id, context_id="x", title="Elders", school_id=school.id)
        )
        session.flush()
        session.add(Community(course_id=course.id, name="Elders"))
        session.commit()
    before = communities(world)
    for what, forms in HOSTILE.items():
        for fields in forms:
            assert at.post(f"courses/1/divide/{what}", fields).status == 422, (what, fields)
            assert at.post(f"courses/{before['Elders']}/divide/{what}", fields).status in (404, 422), (what, fields)
    assert at.get(f"courses/{before['Elders']}/divide").status == 404
    assert communities(world) == before
    with world.tool.session() as session:
        assert not session.scalars(select(Member).where(Member.standing == "elsewhere")).all()


def test_a_course_moves_to_a_school_that_this_person_administers_too(world: World) -> None:
    Walk(world, "fatima", "marieke")
    at = administering(world)
    assert "Verplaats de cursus" not in at.get("courses/1/divide").text
    with world.tool.session() as session:
        session.add(school := School(name="Andere school"))
        session.commit()
        number = school.id
    power(world, "admin", school_id=number)
    assert "Verplaats de cursus" in at.get("courses/1/divide").text
    assert "Hoelang de inhoud daar blijft" not in at.post("courses/1/divide/move", school=str(number)).text
    with world.tool.session() as session:
        session.add(Setting(school_id=number, name="retention", value={"value": "2"}))
    shown = at.post("courses/1/divide/move", school=str(number))
    assert "Hoelang de inhoud daar blijft" in shown.text
    assert "Waarvan de inhoud morgen weggaat" in shown.text
    assert at.post("courses/1/divide/move", school=str(number), shown="yes").status == 422, "what was shown is done"
    assert confirm(at, shown).status == 303
    with world.tool.session() as session:
        assert session.get_one(Course, 1).school_id == number
        lines = session.scalars(select(SchoolAct).where(SchoolAct.kind == "community_moved")).all()
        assert {each.school_id for each in lines} == {1, number}


def test_an_activity_of_a_cycle_that_a_community_is_not_in_shows_its_own_and_says_so(world: World) -> None:
    Walk(world, "fatima", "marieke", "youssef")
    split(world, administering(world), "Groep B", "youssef", guide="youssef")
    with world.tool.session() as session:
        from lti_tool.models import Cycle

        session.add(Cycle(community_id=1, number=2))
        session.commit()
    custom = {"step": "ambition", "cycle": "2"}
    theirs = visit(world, "youssef", **{CUSTOM: custom}).get("")
    assert "Deze activiteit is van cyclus 2. Jullie zijn in cyclus 1" in theirs.text


def test_two_administrators_at_once_make_one_split(any_world: World) -> None:
    world = any_world
    Walk(world, "fatima", "marieke", "youssef")
    at = administering(world)
    given = {"person": [person(world, "youssef")], "called": "Groep B", "guide": ""}
    page = at.post("courses/1/divide/split", given)
    answers = at_once(*(lambda each=each: confirm(each, page).status for each in tabs(at, 2)))
    assert sorted(answers) == [303, 422]
    assert sorted(communities(world)) == sorted([world.course().title, "Groep B"])


def test_killed_halfway_nothing_has_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Walk(world, "fatima", "marieke", "youssef")
    at = administering(world)
    page = at.post("courses/1/divide/split", {"person": [person(world, "youssef")], "called": "Groep B", "guide": ""})

    def killed(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("lti_tool.domain.school.several.leaving.clear", killed)
    with pytest.raises(RuntimeError):
        confirm(at, page)
    monkeypatch.undo()
    assert len(communities(world)) == 1
    assert visit(world, "youssef").get(STEP).status == 200
