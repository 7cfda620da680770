"""Who belongs, by its pages: who reads it, who completes it, and what somebody who was away finds at home."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from lti_tool.db import now
from lti_tool.demo.messages import ABSENT
from lti_tool.models import Community, Course, Member, Person, Seat
from tests.actors import World
from tests.web.test_facilitator import member_id
from tests.web.walk import STEP, Visit, enrol, visit

FORMS = ("others", "count", "circle", "aside", "bring", "teachers", "away", "here")


def begun(world: World) -> None:
    """The roster of the course was read; Wout facilitates from outside, Fatima and Marieke opened it."""
    with world.tool.session() as session:
        session.execute(update(Community).values(by_roster=True))
    enrol(world, "nina", "editingteacher")
    world.begin("fatima", "marieke")
    world.tool.deliver()


@pytest.fixture
def course(world: World) -> World:
    world.once(begun)
    return world


def community(world: World) -> Community:
    with world.tool.session() as session:
        return session.scalars(select(Community)).one()


def find(world: World, username: str) -> Member:
    with world.tool.session() as session:
        query = select(Member).join(Person, Person.id == Member.person_id)
        return session.scalars(query.where(Person.sub == world.person(username).id)).one()


def size(world: World) -> int:
    with world.tool.session() as session:
        return len(session.scalars(select(Member.id).where(Member.standing == "member")).all())


def day(days: int) -> str:
    return (now().date() + dt.timedelta(days=days)).isoformat()


def test_everybody_whom_the_roster_names_is_in_the_list_and_counts(course: World) -> None:
    wout, fatima = visit(course, "wout"), visit(course, "fatima")
    learners = size(course)
    assert learners > 5
    for at in (wout, fatima):
        page = at.get("belonging")
        assert f"We zijn met {learners}" in page.text
        assert "en nog één met een docentrol" in page.text
        for name in ("fatima", "ruben", "chantal"):
            assert course.person(name).name in page.text
        assert f"{learners} leden" in at.get("home").text
    assert f"0 van de {learners}" in fatima.get("home").text or "Nog niemand" in fatima.get("home").text
    missing = wout.get(f"{STEP}/invitations").text
    assert course.person("ruben").name in missing
    assert "We zijn met" in visit(course, "fatima").get("belonging").text
    fatima.post("language", language="en")
    assert f"There are {learners} of us, and one more with a teacher’s role" in fatima.get("belonging").text


def test_a_member_reads_it_and_changes_nothing(course: World) -> None:
    page = visit(course, "fatima").get("belonging")
    assert not any(page.has_form(f"/belonging/{each}") for each in FORMS)
    assert not page.has_form("/community/roster")


# who: what each address answers to an empty form. 422: says what is missing; 303: changes nothing.
ROLES = ("member", "outside", "leader", "asked", "apart", "guest", "gone")
TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    #                                memb outs lead aske apar gues gone
    ("GET", "belonging"):           (200, 200, 403, 303, 303, 403, 403),
    ("POST", "belonging/others"):   (403, 422, 403, 403, 403, 403, 403),
    ("POST", "belonging/count"):    (403, 422, 403, 403, 403, 403, 403),
    ("POST", "belonging/circle"):   (403, 422, 403, 403, 403, 403, 403),
    ("POST", "belonging/aside"):    (403, 422, 403, 403, 403, 403, 403),
    ("POST", "belonging/bring"):    (403, 422, 403, 403, 403, 403, 403),
    ("POST", "belonging/teachers"): (403, 422, 403, 403, 403, 403, 403),
    ("POST", "belonging/away"):     (403, 422, 403, 403, 403, 403, 403),
    ("POST", "belonging/here"):     (403, 422, 403, 403, 403, 403, 403),
    ("POST", "away"):               (422, 403, 403, 403, 403, 403, 403),
    ("POST", "back"):               (422, 403, 403, 403, 403, 403, 403),
}  # fmt: skip


def test_each_role_gets_what_the_table_says(course: World) -> None:
    mieke, els, siobhan, ruben = (visit(course, name) for name in ("mieke", "els", "siobhan", "ruben"))
    mieke.post("welcome", choice="follow")
    assert siobhan.post("leave", answer="yes").status == 303
    enrol(course, "olga", "")
    visits = {
        "member": visit(course, "fatima"),
        "outside": visit(course, "wout"),
        "leader": mieke,
        "asked": els,
        "apart": siobhan,
        "guest": visit(course, "olga", roles=[]),
        "gone": ruben,
    }
    with course.tool.session() as session:
        person = find(course, "ruben").person_id
        session.execute(update(Seat).where(Seat.person_id == person).values(present=False))
    before = size(course)
    for (method, path), wanted in TABLE.items():
        found = tuple((visits[role].get(path) if method == "GET" else visits[role].post(path)).status for role in ROLES)
        assert found == wanted, path
    assert size(course) == before


HOSTILE = ("", "0", "-1", "x", "１", "9" * 40, "1,2", "<b>", "\0", "2147483648")


@pytest.mark.parametrize("path", ["belonging/aside", "belonging/bring", "belonging/teachers", "belonging/away",
                                  "belonging/here", "belonging/circle", "belonging/count"])  # fmt: skip
def test_what_is_no_number_of_somebody_here_changes_nothing(course: World, path: str) -> None:
    wout = visit(course, "wout")
    before = size(course)
    for bad in HOSTILE:
        page = wout.post(path, member=bad, person=bad, shown=bad, number=bad, date=day(3))
        assert page.status in (422, 303), (path, bad, page.status)
        if path != "belonging/circle":
            assert page.status == 422, (path, bad)
    assert size(course) == before


def test_nobody_of_another_community_is_reached(course: World) -> None:
    course.place_cycle("karin", "PLG-TEC")
    karin = (
        visit(course, "karin", activity="ambition")
        if False
        else course.as_("karin").launch(course.activity("ambition", "PLG-TEC"))
    )
    karin.form("/welcome").submit(choice="facilitate_and_join")
    stranger = str(find(course, "karin").id)
    wout = visit(course, "wout")
    for path in ("away", "here", "aside", "bring"):
        assert wout.post(f"belonging/{path}", member=stranger, date=day(3)).status == 422
    assert wout.post("belonging/circle", shown=stranger).status == 422
    found = find(course, "karin")
    assert (found.standing, found.away_until) == ("member", None)


@pytest.mark.parametrize("bad", ["", "morgen", "2026-13-01", "2020-01-01", "9999-12-31", "0001-01-01", "\0"])
def test_a_day_that_is_none_is_said(course: World, bad: str) -> None:
    wout, fatima = visit(course, "wout"), visit(course, "fatima")
    assert wout.post("belonging/away", member=str(find(course, "ruben").id), date=bad).status == 422
    assert fatima.post("away", date=bad).status == 422
    assert find(course, "fatima").away_until is None


def test_a_part_is_ticked_before_the_reveal_and_whoever_is_left_out_says_yes(course: World) -> None:
    wout = visit(course, "wout")
    page = wout.get("belonging")
    ruben = str(find(course, "ruben").id)
    shown = page.form("/belonging/circle")
    kept = [value for name, value in shown.values() if name == "member" and value != ruben]
    before = size(course)
    assert shown.submit(member=kept).status == 200
    assert size(course) == before - 1
    assert "Eén ander uit de cursus doet nu niet mee." in visit(course, "fatima").get("belonging").text
    refused = wout.get("belonging").form("/belonging/circle").submit(member=kept[:1])
    assert refused.status == 422
    assert "minstens 3" in refused.text
    at = visit(course, "ruben")
    assert at.first.url.endswith("/welcome")
    assert "Ja, ik doe mee" in at.first.text
    name = course.person("ruben").name
    out = wout.get("belonging").soup.select_one("section[aria-labelledby=out]")
    assert out is not None
    assert name in out.text
    assert out.select_one("form") is None, "they answer themselves"
    page = visit(course, "fatima").get("belonging").text
    assert "Aan één ander is gevraagd of die meedoet." in page
    assert name not in page
    assert at.post("welcome", choice="back").status == 303
    assert size(course) == before
    assert at.get(STEP).status == 200


def test_who_leads_or_supports_is_asked_once_they_open_it(course: World) -> None:
    wout = visit(course, "wout")
    wout.get("belonging").form("/belonging/aside").submit(member=str(find(course, "chantal").id))
    assert find(course, "chantal").standing == "asked"
    at = visit(course, "chantal")
    assert at.first.url.endswith("/welcome")
    assert at.post("welcome", choice="follow").status == 303
    assert find(course, "chantal").standing == "leader"


def test_after_the_reveal_the_page_offers_to_add_people_only(course: World) -> None:
    wout = visit(course, "wout")
    wout.get("belonging").form("/belonging/aside").submit(member=str(find(course, "chantal").id))
    with course.tool.session() as session:
        session.execute(text("UPDATE step_run SET stage = 'respond', told = '[]'"))
    page = wout.get("belonging")
    assert not page.has_form("/belonging/circle")
    assert not page.has_form("/belonging/aside")
    chantal = str(find(course, "chantal").id)
    page = page.form("/belonging/bring").submit(member=[chantal])
    assert find(course, "chantal").standing == "member"
    page = page.form("/belonging/teachers")
    (teacher,) = [str(each["value"]) for each in page.tag.select("input[name=person]")]
    assert course.person("nina").name in str(page.tag)
    before = size(course)
    page.submit(person=[teacher])
    assert size(course) == before + 1
    assert "docentrol" not in wout.get("belonging").text
    for path in ("circle", "aside"):
        answer = wout.post(f"belonging/{path}", shown=chantal, member="" if path == "circle" else chantal)
        assert "al iets getoond" in answer.text


# A platform that shares no roster.
SILENT = {"https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": ABSENT}


def unread(world: World) -> None:
    """The roster of the course was never read, nor does the platform share one."""
    with world.tool.session() as session:
        session.execute(update(Community).values(by_roster=True))
        session.execute(update(Course).values(memberships_url=None, roster_at=None))


def test_where_the_platform_names_nobody_the_number_is_given_and_everybody_reads_it(world: World) -> None:
    world.begin("fatima", "marieke")
    unread(world)
    wout, fatima = visit(world, "wout", **SILENT), visit(world, "fatima", **SILENT)
    fatima.act("idea", text="ze het zelf vertellen", why="omdat het telt")
    assert "weten nog niet" in wout.get("home").text
    refused = wout.post(f"{STEP}/facilitate/advance", stage="ideas")
    assert refused.status == 422
    assert "Wie horen erbij?" in refused.text
    page = wout.get("belonging")
    assert "weten nog niet met hoeveel" in page.text
    for bad in ("", "1", "veel"):
        assert page.form("/belonging/count").submit(number=bad).status == 422
    page = page.form("/belonging/count").submit(number="17")
    assert "We zijn met 17" in page.text
    said = fatima.get("belonging").text
    assert "Met de hand opgegeven op" in said
    assert ": 17. Door Wout" in said
    assert "15 collega’s weten we nog niet" in said
    assert not fatima.get("belonging").has_form("/belonging/count")
    assert "17 leden" in fatima.get("home").text


def test_a_community_that_was_there_before_is_asked_once(world: World) -> None:
    world.begin("fatima", "marieke")
    world.tool.deliver()
    with world.tool.session() as session:
        session.execute(text("DROP TRIGGER act_stays_delete"))
        session.execute(text("DELETE FROM act WHERE kind = 'circle_by_roster'"))
    wout, fatima = visit(world, "wout"), visit(world, "fatima")
    assert not fatima.get("home").has_form("/belonging/others")
    wout.get("home").form("/belonging/others").submit(answer="no")
    assert not wout.get("home").has_form("/belonging/others")
    assert size(world) == 2
    page = wout.get("belonging").form("/belonging/others").submit(answer="yes")
    assert f"We zijn met {size(world)}" in page.text
    assert size(world) > 5
    assert not wout.get("belonging").has_form("/belonging/others")


def test_away_and_back_by_oneself(course: World) -> None:
    fatima = visit(course, "fatima")
    form = fatima.get("home").form("/away")
    assert dict(form.values())["date"] > now().date().isoformat(), "a day is proposed"
    page = form.submit()
    assert "Je staat op afwezig tot en met" in page.text
    assert "Eén van ons is er nu niet" in fatima.get("belonging").text
    page = page.form("/back").submit()
    assert "Ik ben er weer" not in page.text
    assert find(course, "fatima").away_until is None
    fatima.post("language", language="en")
    assert "I am back" in fatima.get("home").form("/away").submit().text


def test_set_away_by_another_and_told_what_was_decided_at_the_next_launch(course: World) -> None:
    wout = visit(course, "wout")
    form = wout.get("belonging").form("/belonging/away")
    page = form.submit(member=str(find(course, "marieke").id))
    assert course.person("marieke").name in page.text
    assert "tot en met" in page.text
    with course.tool.session() as session:
        session.execute(text("UPDATE step_run SET stage = 'respond', told = '[]', stage_since = :at"),
                        {"at": now() + dt.timedelta(seconds=1)})  # fmt: skip
    marieke = visit(course, "marieke")
    home = marieke.get("home")
    assert "Een collega had je op afwezig gezet" in home.text or "Je staat op afwezig" in home.text
    assert "Hiermee gingen we verder toen je er niet was" in home.text
    assert home.link("/step/ambition").status == 200
    home.form("/back").submit()
    assert "Fijn dat je er bent" not in marieke.get("home").text
    # Set by mistake, and put back by who facilitates.
    page = wout.get("belonging").form("/belonging/away").submit(member=str(find(course, "ruben").id))
    page.form("/belonging/here").submit()
    assert find(course, "ruben").away_until is None


def test_no_log_line_and_no_act_says_who_is_away(course: World, capsys: pytest.CaptureFixture[str]) -> None:
    ruben = find(course, "ruben")
    capsys.readouterr()
    visit(course, "wout").post("belonging/away", member=str(ruben.id), date=day(3))
    visit(course, "fatima").post("away", date=day(3))
    said = capsys.readouterr()
    assert "Ruben" not in said.out + said.err
    with course.tool.session() as session:
        rows = session.execute(text("SELECT member_id, about_id, detail FROM act WHERE kind = 'set_away'")).all()
    assert [tuple(row) for row in rows] == [(None, None, "{}")] * 2


def test_how_many_were_set_away_stands_by_the_outcome(course: World) -> None:
    with course.tool.session() as session:
        run = session.execute(text("SELECT id FROM step_run")).scalar_one()
        session.execute(
            text("INSERT INTO round (step_run_id, kind, opened_at, closed_at, outcome, circle, set_away)"
                 " VALUES (:run, 'consent', :at, :at, 'adopted', 17, 2)"),
            {"run": run, "at": now().replace(tzinfo=None)},
        )  # fmt: skip
        session.execute(text("UPDATE step_run SET stage = 'draft', told = '[]'"))
    assert "2 van de 17 op afwezig gezet" in visit(course, "fatima").get(STEP).text


MOST = 13


@pytest.mark.parametrize("look", [lambda at: at.get("belonging"), lambda at: at.get("home")])
@pytest.mark.parametrize("name", ["wout", "fatima"])
def test_the_pages_take_few_statements_whatever_the_number_of_people(
    course: World, name: str, look: Callable[[Visit], object]
) -> None:
    at, found = visit(course, name), []
    for more in (0, 60):
        for number in range(more):
            enrol(course, f"extra{number}", "student")
        visit(course, "wout").post("community/roster")
        course.tool.deliver()
        look(at)
        with course.tool.statements() as statements:
            look(at)
        assert not [each for each in statements if not each.startswith("SELECT")]
        found.append(len(statements))
    assert found[0] == found[1] <= MOST, found
    assert size(course) > 60


def test_a_launch_takes_no_statement_more_for_whom_the_roster_named(course: World) -> None:
    first = course.tool
    with first.statements() as unopened:
        visit(course, "ruben")
    with first.statements() as again:
        visit(course, "ruben")
    assert len(unopened) <= len(again) + 4, unopened
    assert member_id(course, "ruben")


def test_who_may_be_named_to_facilitate_is_listed_alike_whoever_opened_it(course: World) -> None:
    """By a list of who opened it one could watch it grow, and who wrote what came then."""

    def listed() -> list[str]:
        return [each.get_text() for each in visit(course, "wout").get("community").soup.select("#member option")]

    before = listed()
    assert len(before) == size(course)
    refused = visit(course, "wout").post("community/name", member=member_id(course, "ruben"))
    assert refused.status == 422
    assert "Deze collega was hier nog niet" in refused.text
    assert not find(course, "ruben").facilitates
    visit(course, "ruben")
    assert listed() == before
    assert visit(course, "wout").post("community/name", member=member_id(course, "ruben")).status == 303
    assert find(course, "ruben").facilitates
