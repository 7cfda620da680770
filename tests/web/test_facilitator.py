"""Who facilitates, who asks whom, and what an Instructor is asked once."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from time_machine import Traveller

from tests.actors import World
from tests.web.walk import ADMINISTRATOR_ONLY, NO_ROLE, STEP, Visit, Walk, enrol, picker, visit

# A Monday in term, and the first day on which fourteen school days have passed since.
MONDAY = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
ABSENT = dt.datetime(2027, 3, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(MONDAY) as moved:
        yield moved


def standings(world: World, course: str = "PLG-PRO") -> dict[str, tuple[str, bool, bool]]:
    """user name -> standing, facilitates, leads."""
    names = {person.id: person.username for person in world.lms.school.people.values()}
    with world.tool.session() as session:
        rows = session.execute(
            text(
                "SELECT person.sub, member.standing, member.facilitates, member.leads FROM member"
                " JOIN person ON person.id = member.person_id JOIN community ON community.id = member.community_id"
                " JOIN course ON course.id = community.course_id WHERE course.context_id = :course"
            ),
            {"course": world.course(course).id},
        )
        return {names[sub]: (standing, bool(facilitates), bool(leads)) for sub, standing, facilitates, leads in rows}


def member_id(world: World, username: str) -> str:
    with world.tool.session() as session:
        query = text("SELECT member.id FROM member JOIN person ON person.id = member.person_id WHERE person.sub = :sub")
        return str(session.scalars(query, {"sub": world.person(username).id}).first())


CHOICES = [
    ("facilitate_and_join", ("member", True, False)),
    ("facilitate", ("outside", True, False)),
    ("join", ("member", False, False)),
    ("join_and_lead", ("member", False, True)),
    ("follow", ("leader", False, False)),
]


@pytest.mark.parametrize(("choice", "standing"), CHOICES)
def test_an_instructor_is_asked_once_and_is_what_they_chose(
    unplaced: World, choice: str, standing: tuple[str, bool, bool]
) -> None:
    unplaced.place_cycle("admin")
    assert standings(unplaced)["admin"] == ("asked", False, False)
    wout = visit(unplaced, "wout")
    assert wout.first.url.endswith("/welcome")
    for wrong in ("", "lead", "FOLLOW", "facilitate\0", "a" * 10_000):
        assert wout.post("welcome", choice=wrong).status == 422
    assert standings(unplaced)["wout"] == ("asked", False, False)
    assert wout.post("welcome", choice=choice).status == 303
    assert standings(unplaced)["wout"] == standing
    assert wout.post("welcome", choice="join").status == 403
    assert not visit(unplaced, "wout").first.url.endswith("/welcome")
    assert standings(unplaced)["wout"] == standing
    opened = unplaced.tool.session
    with opened() as session:
        runs = session.scalars(text("SELECT step FROM step_run")).all()
    assert runs == (["ambition"] if standing[1] else [])


@pytest.mark.parametrize(("choice", "standing"), CHOICES)
def test_who_places_the_activities_has_every_choice_and_is_nothing_before(
    unplaced: World, choice: str, standing: tuple[str, bool, bool]
) -> None:
    unplaced.place_cycle("wout")
    assert standings(unplaced)["wout"] == ("asked", False, False)
    wout = visit(unplaced, "wout")
    assert choices(wout) == {choice for choice, _ in CHOICES}
    assert wout.get(STEP).status == 303, "nothing is read before the answer"
    assert wout.post("welcome", choice=choice).status == 303
    assert standings(unplaced)["wout"] == standing
    with unplaced.tool.session() as session:
        assert session.scalars(text("SELECT step FROM step_run")).all() == (["ambition"] if standing[1] else [])


def test_an_administrator_who_places_does_not_facilitate_and_members_wait(unplaced: World) -> None:
    unplaced.place_cycle("admin")
    assert not any(facilitates for _, facilitates, _ in standings(unplaced).values())
    fatima = visit(unplaced, "fatima")
    assert not fatima.first.has_form("/idea")
    assert fatima.post(f"{STEP}/idea", text="te vroeg in onze lessen", why="x").status == 404
    visit(unplaced, "wout").post("welcome", choice="facilitate")
    assert fatima.get(STEP).has_form("/idea")


def choices(at: Visit, path: str = "welcome") -> set[str]:
    """What somebody is offered to do here."""
    return {str(tag["value"]) for tag in at.get(path).soup.find_all("input", attrs={"name": "choice"})}


def home_of(world: World, username: str) -> str:
    """What the home says to somebody who opens it now."""
    return visit(world, username, "home").first.text


def test_a_second_teacher_facilitates_beside_the_first_and_all_read_so(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    els = visit(world, "els")
    assert choices(els) == {choice for choice, _ in CHOICES}
    assert els.post("welcome", choice="facilitate").status == 303
    assert {name for name, (_, facilitates, _) in standings(world).items() if facilitates} == {"wout", "els"}
    for at in (els, walk.wout):
        assert at.get(f"{STEP}/invitations").status == 200
    assert f"{world.person('els').name} begeleidt nu." in home_of(world, "fatima")
    assert "begeleidt nu" not in home_of(world, "els").replace(world.person("wout").name + " begeleidt nu.", "")
    walk["fatima"].act("idea", text="een idee over lezen", why="x")
    walk["marieke"].act("idea", text="een idee over rekenen", why="x")
    assert els.post(f"{STEP}/facilitate/advance", stage="ideas").status == 303
    assert walk.wout.post(f"{STEP}/facilitate/advance", stage="ideas").status == 422


def test_who_facilitates_names_another_and_both_do(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    assert walk.wout.post("community/name", member=member_id(any_world, "fatima")).status == 303
    assert standings(any_world)["fatima"] == ("member", True, False)
    assert standings(any_world)["wout"] == ("outside", True, False)
    assert "Jij begeleidt nu ook." in home_of(any_world, "fatima")
    assert f"{any_world.person('fatima').name} begeleidt nu ook." in home_of(any_world, "marieke")
    fatima = visit(any_world, "fatima")
    assert fatima.post("community/name", member=member_id(any_world, "marieke")).status == 303
    assert [name for name, (_, facilitates, _) in standings(any_world).items() if facilitates] == [
        "wout", "fatima", "marieke",
    ]  # fmt: skip


def test_nobody_is_named_who_could_not_facilitate(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    visit(world, "mieke").post("welcome", choice="follow")
    visit(world, "els")
    world.place_cycle("karin", "PLG-TEC")
    world.as_("bram").launch(world.activity("ambition", "PLG-TEC"))
    walk["youssef"].post("leave", answer="yes")
    leave(world, "marieke")
    before = standings(world), standings(world, "PLG-TEC")
    for name in ("wout", "mieke", "els", "bram", "marieke", "youssef"):
        assert walk.wout.post("community/name", member=member_id(world, name)).status == 422, name
    for wrong in ("", "0", "-1", "999", "9" * 30, "9" * 5000, "fatima", "1e1", "٣", "1.0", "\0"):
        assert walk.wout.post("community/name", member=wrong).status == 422, wrong
        assert walk.wout.post("community/ask-again", member=wrong).status == 422, wrong
    assert walk["fatima"].post("community/name", member=member_id(world, "fatima")).status == 403
    assert (standings(world), standings(world, "PLG-TEC")) == before


def test_each_can_stop_and_who_stood_outside_is_asked_what_they_do(world: World) -> None:
    walk = Walk(world, "fatima")
    walk.wout.post("community/name", member=member_id(world, "fatima"))
    fatima = visit(world, "fatima")
    assert fatima.get("role").has_form("/role/stop")
    assert fatima.post("role/stop", answer="yes").status == 303
    assert fatima.post("role/stop", answer="yes").status == 422
    assert standings(world)["fatima"] == ("member", False, False)
    assert walk.wout.post("role/stop", answer="yes").status == 303
    assert standings(world)["wout"] == ("asked", False, False)
    assert walk.wout.get("community").status == 303
    assert walk.wout.post(f"{STEP}/facilitate/advance", stage="ideas").status == 403
    assert "begeleidt niet meer" in home_of(world, "fatima")


def test_where_nobody_facilitates_any_member_takes_it_over_in_two_taps(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    walk.wout.post("role/stop", answer="yes")
    home = visit(any_world, "fatima", "home").first
    page = home.link("/take-over")
    assert page.form("/take-over").submit().status == 200
    assert standings(any_world)["fatima"] == ("member", True, False)
    late = walk["marieke"]
    assert not late.get("take-over").has_form("/take-over")
    assert late.post("take-over", answer="yes").status == 422
    assert standings(any_world)["marieke"] == ("member", False, False)
    assert f"{any_world.person('fatima').name} begeleidt nu." in home_of(any_world, "marieke")


def test_before_the_first_step_a_member_who_takes_it_on_opens_it(unplaced: World) -> None:
    unplaced.place_cycle("wout")
    fatima = visit(unplaced, "fatima", "home")
    assert fatima.first.link("/take-over").form("/take-over").submit().status == 200
    assert fatima.get(STEP).has_form("/idea")
    assert choices(visit(unplaced, "wout")) == {choice for choice, _ in CHOICES}, "a teacher may still facilitate too"


WEEKS = dt.timedelta(weeks=3)


def test_while_one_who_facilitates_was_here_nothing_is_taken_over(world: World, clock: Traveller) -> None:
    walk = Walk(world, "fatima", "marieke")
    els = visit(world, "els")
    els.post("welcome", choice="facilitate_and_join")
    clock.shift(WEEKS)
    visit(world, "els")
    fatima = visit(world, "fatima", "home")
    assert "Niemand begeleidt ons nu" not in fatima.first.text
    assert not fatima.get("take-over").has_form("/take-over")
    assert fatima.post("take-over", answer="yes").status == 422
    for at in (visit(world, "els"), visit(world, "wout"), visit(world, "mieke")):
        assert at.post("take-over", answer="yes").status in (403, 422)
    assert not standings(world)["fatima"][1]
    assert walk.rows("SELECT count(*) FROM member WHERE facilitated_on IS NOT NULL")[0][0] == 2, "of nobody else"


def test_who_was_not_here_for_fourteen_school_days_is_replaced_and_comes_back_beside(
    any_world: World, clock: Traveller
) -> None:
    world = any_world
    Walk(world, "fatima", "marieke")
    clock.move_to(ABSENT - dt.timedelta(days=1))
    assert visit(world, "fatima").post("take-over", answer="yes").status == 422, (
        "thirteen school days, and a weekend, are not enough"
    )
    clock.move_to(ABSENT)
    fatima = visit(world, "fatima", "home")
    page = fatima.first.link("/take-over")
    assert f"{world.person('wout').name} begeleidde" in page.text
    assert page.form("/take-over").submit().status == 200
    assert standings(world)["wout"] == ("asked", False, False)
    assert f"{world.person('fatima').name} nam het begeleiden over." in home_of(world, "marieke")
    # He stood outside: he is asked, and one tap is enough. Fatima goes on.
    wout = visit(world, "wout")
    assert "Ik begeleid weer mee" in wout.first.text
    assert wout.post("welcome", choice="facilitate").status == 303
    assert [standings(world)[name][:2] for name in ("wout", "fatima")] == [("outside", True), ("member", True)]
    assert f"{world.person('wout').name} begeleidt weer mee." in home_of(world, "marieke")


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_member_from_whom_it_was_taken_over_comes_back_in_one_tap_or_leaves_it(
    world: World, clock: Traveller, answer: str
) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk.wout.post("community/name", member=member_id(world, "marieke"))
    clock.shift(WEEKS)
    assert visit(world, "fatima").post("take-over", answer="yes").status == 303
    marieke = visit(world, "marieke", "home")
    assert standings(world)["marieke"] == ("member", False, False)
    assert "take-over" not in marieke.first.html
    assert marieke.post("resume", answer="misschien").status == 422
    assert marieke.first.form("/resume").submit(answer=answer).status == 200
    assert standings(world)["marieke"] == ("member", answer == "yes", False)
    assert marieke.post("resume", answer="yes").status == 422
    assert standings(world)["fatima"][1]


def read_roster(world: World) -> None:
    """The roster is read, whenever it was before."""
    with world.tool.session() as session:
        session.execute(text("UPDATE course SET roster_at = '2020-01-01' WHERE roster_at IS NOT NULL"))
    visit(world, "fatima")
    world.tool.deliver()


def leave(world: World, username: str) -> None:
    """Somebody whom the roster knew leaves the course, and the roster is read again."""
    world.tool.deliver()
    world.lms.school.drop(world.course().id, world.person(username).id)
    read_roster(world)


def test_a_facilitator_who_left_the_course_leaves_the_role_free_and_comes_back_beside(world: World) -> None:
    Walk(world, "fatima")
    leave(world, "wout")
    assert visit(world, "fatima").post("take-over", answer="yes").status == 303
    assert standings(world)["wout"] == ("asked", False, False)
    world.lms.school.enrol(world.course().id, world.person("wout").id, "editingteacher")
    wout = visit(world, "wout")
    assert wout.first.url.endswith("/welcome")
    wout.post("welcome", choice="facilitate_and_join")
    assert [name for name, (_, facilitates, _) in standings(world).items() if facilitates] == ["wout", "fatima"]


def test_a_facilitator_who_left_the_course_and_comes_back_unreplaced_facilitates(world: World) -> None:
    Walk(world, "fatima")
    leave(world, "wout")
    world.lms.school.enrol(world.course().id, world.person("wout").id, "editingteacher")
    visit(world, "wout")
    assert standings(world)["wout"] == ("outside", True, False)


def test_a_leader_who_places_stays_outside(unplaced: World) -> None:
    unplaced.place_cycle("admin")
    enrol(unplaced, "nina", "editingteacher")
    visit(unplaced, "nina").post("welcome", choice="follow")
    unplaced.place_cycle("nina")
    assert standings(unplaced)["nina"] == ("leader", False, False)


# how somebody stood, the LMS's role at the next launch -> how they stand
LOST = [
    # Who was asked as a teacher stays asked.
    ("", {}, "student", ("asked", False, False)),
    ("join", {}, "student", ("member", False, False)),
    ("join_and_lead", {}, "student", ("member", False, True)),
    # Moodle lets a teacher switch to the role of a student: a leader stays outside.
    ("follow", {}, "student", ("leader", False, False)),
]


@pytest.mark.parametrize(("choice", "claims", "role", "standing"), LOST)
def test_a_role_lost_in_the_lms_is_lost_at_the_next_launch(
    world: World, choice: str, claims: dict[str, Any], role: str, standing: tuple[str, bool, bool]
) -> None:
    Walk(world)
    els = visit(world, "els")
    if choice:
        els.post("welcome", choice=choice)
    world.lms.school.enrol(world.course().id, world.person("els").id, role)  # type: ignore[arg-type]
    again = visit(world, "els")
    assert standings(world)["els"] == standing
    assert again.get(STEP).status == {"leader": 403, "asked": 303}.get(standing[0], 200)
    assert picker(world, "els").first.status == 403


def test_a_member_without_any_role_in_the_course_any_more_is_a_guest(world: World) -> None:
    Walk(world, "fatima")
    assert visit(world, "fatima", **NO_ROLE).get(STEP).status == 403


def test_an_assistant_is_asked_though_the_roster_calls_them_a_learner(world: World) -> None:
    walk = Walk(world, "fatima")
    els = visit(world, "els")
    world.tool.deliver()
    seat = "SELECT launch_role, roster_role FROM seat JOIN person ON person.id = seat.person_id WHERE person.sub = :sub"
    assert tuple(walk.rows(seat, sub=world.person("els").id)[0]) == ("instructor", "learner")
    assert standings(world)["els"] == ("asked", False, False)
    assert els.get("").status == 303
    assert visit(world, "els").first.url.endswith("/welcome")


def test_a_column_of_another_community_is_not_restored_from_this_one(world: World) -> None:
    walk = Walk(world, "fatima")
    world.place_cycle("karin", "PLG-TEC")
    world.as_("bram").launch(world.activity("ambition", "PLG-TEC"))
    with world.tool.session() as session:
        session.execute(text("UPDATE line_item SET gone = true"))
    ours, theirs = (
        [str(row[0]) for row in walk.rows("SELECT id FROM resource_link WHERE course_id = :id", id=course)]
        for course in (1, 2)
    )
    for link in [*theirs, "", "999", "9" * 30, "x"]:
        walk.wout.post("community/column", link=link)
    assert walk.rows("SELECT count(*) FROM outbox WHERE kind = 'line_item'")[0][0] == 0
    walk.wout.post("community/column", link=ours[0])
    assert walk.rows("SELECT key FROM outbox WHERE kind = 'line_item'") == [(ours[0],)]


def test_an_administrator_and_a_guest_join_nothing_by_looking(world: World) -> None:
    Walk(world, "fatima")
    enrol(world, "olga", "")
    for name, claims in (("admin", ADMINISTRATOR_ONLY), ("olga", NO_ROLE)):
        at = visit(world, name, **claims)
        assert at.first.status == 200
        assert at.post("welcome", choice="facilitate").status == 403
    assert set(standings(world)) == {"wout", "fatima"}


def test_the_list_of_who_can_be_invited_has_names_only_of_this_stage_only(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    visit(world, "mieke").post("welcome", choice="follow")
    names = {
        name: world.person(name).name for name in ("fatima", "marieke", "youssef", "wout", "mieke", "els", "chantal")
    }
    walk["fatima"].act("idea", text="een idee in onze lessen", why="x")
    walk["fatima"].act("idea", text="nog een idee", why="x")

    def listed() -> set[str]:
        page = walk.wout.get(f"{STEP}/invitations")
        assert page.status == 200
        main = " ".join(page.soup.find("main").get_text(" ").split())  # type: ignore[union-attr]
        items = [item.get_text().strip() for item in page.soup.select("main > ul li")]
        assert all(item in names.values() for item in items), "names, and nothing beside them"
        assert not any(word in main for word in ("%", "keer", "33", "67"))
        return {name for name, full in names.items() if full in main}

    assert listed() == {"marieke", "youssef"}
    walk["marieke"].act("idea", text="een ander idee", why="x")
    assert listed() == {"youssef"}
    walk.move(confirmed="1")
    # A new stage asks everybody anew: who was late before is not remembered.
    assert listed() == {"fatima", "marieke", "youssef"}
    walk["marieke"].act("respond", idea=str(walk.ids()[0]), text="mooi gevonden in onze lessen")
    assert listed() == {"fatima", "youssef"}
    leave(world, "youssef")
    assert listed() == {"fatima"}
    for step in ("information", "evaluation"):
        assert walk.wout.get(f"step/{step}/invitations").status == 404
