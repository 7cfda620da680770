"""Who facilitates, who asks whom, and what an Instructor is asked once."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.actors import World
from tests.web.walk import ADMINISTRATOR_ONLY, NO_ROLE, STEP, Walk, enrol, picker, visit


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


def test_who_places_first_facilitates_and_is_asked_only_whether_to_take_part_too(unplaced: World) -> None:
    unplaced.place_cycle("wout")
    assert standings(unplaced)["wout"] == ("asked", True, False)
    wout = visit(unplaced, "wout")
    for choice in ("follow", "join", "join_and_lead"):
        assert wout.post("welcome", choice=choice).status == 422, "only what the page offers"
    assert standings(unplaced)["wout"] == ("asked", True, False)
    enrol(unplaced, "nina", "editingteacher")
    unplaced.place_cycle("nina")
    assert standings(unplaced)["nina"] == ("asked", False, False)
    wout.post("welcome", choice="facilitate_and_join")
    assert standings(unplaced)["wout"] == ("member", True, False)


def test_an_administrator_who_places_does_not_facilitate_and_members_wait(unplaced: World) -> None:
    unplaced.place_cycle("admin")
    assert not any(facilitates for _, facilitates, _ in standings(unplaced).values())
    fatima = visit(unplaced, "fatima")
    assert not fatima.first.has_form("/idea")
    assert fatima.post(f"{STEP}/idea", text="te vroeg", why="x").status == 404
    visit(unplaced, "wout").post("welcome", choice="facilitate")
    assert fatima.get(STEP).has_form("/idea")


def test_facilitating_is_offered_and_taken_only_while_nobody_does(world: World) -> None:
    Walk(world, "fatima")
    els = visit(world, "els")
    assert "facilitate" not in {tag["value"] for tag in els.first.soup.find_all("input", attrs={"name": "choice"})}
    for choice in ("facilitate", "facilitate_and_join"):
        page = els.post("welcome", choice=choice)
        assert page.status == 422
        assert page.soup.find(role="alert")
    assert standings(world)["els"] == ("asked", False, False)
    assert standings(world)["wout"] == ("outside", True, False)


def test_the_role_is_handed_on_and_who_stood_outside_is_asked_again(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    assert walk.wout.post("community/hand-on", member=member_id(world, "fatima")).status == 303
    assert standings(world)["fatima"] == ("member", True, False)
    assert standings(world)["wout"] == ("asked", False, False)
    assert walk.wout.get("community").status == 303
    assert walk.wout.post(f"{STEP}/facilitate/advance", stage="ideas").status == 403
    fatima = walk["fatima"]
    assert fatima.get("community").has_form("/hand-on")
    assert fatima.post("community/hand-on", member=member_id(world, "marieke")).status == 303
    assert standings(world)["fatima"] == ("member", False, False)
    assert standings(world)["marieke"] == ("member", True, False)


def test_the_role_goes_to_nobody_who_could_not_take_it(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    visit(world, "mieke").post("welcome", choice="follow")
    visit(world, "els")
    world.place_cycle("karin", "PLG-TEC")
    world.as_("bram").launch(world.activity("ambition", "PLG-TEC"))
    leave(world, "marieke")
    before = standings(world), standings(world, "PLG-TEC")
    for name in ("wout", "mieke", "els", "bram", "marieke"):
        assert walk.wout.post("community/hand-on", member=member_id(world, name)).status == 422, name
    for wrong in ("", "0", "-1", "999", "9" * 30, "9" * 5000, "fatima", "1e1", "٣", "1.0", "\0"):
        assert walk.wout.post("community/hand-on", member=wrong).status == 422, wrong
        assert walk.wout.post("community/ask-again", member=wrong).status == 422, wrong
    assert (standings(world), standings(world, "PLG-TEC")) == before


def leave(world: World, username: str) -> None:
    """Somebody whom the roster knew leaves the course, and the roster is read again."""
    world.tool.deliver()
    world.lms.school.drop(world.course().id, world.person(username).id)
    with world.tool.session() as session:
        session.execute(text("UPDATE course SET roster_at = NULL"))
    visit(world, "fatima")
    world.tool.deliver()


def test_a_facilitator_who_left_the_course_leaves_the_role_free(world: World) -> None:
    Walk(world, "fatima")
    leave(world, "wout")
    els = visit(world, "els")
    assert els.post("welcome", choice="facilitate").status == 303
    assert standings(world)["els"] == ("outside", True, False)
    assert standings(world)["wout"] == ("outside", False, False)


def test_a_facilitator_who_comes_back_to_a_taken_role_is_asked_again(world: World) -> None:
    Walk(world, "fatima")
    leave(world, "wout")
    visit(world, "els").post("welcome", choice="facilitate")
    world.lms.school.enrol(world.course().id, world.person("wout").id, "editingteacher")
    assert visit(world, "wout").first.url.endswith("/welcome")


def test_a_facilitator_who_comes_back_as_a_student_takes_part(world: World) -> None:
    Walk(world, "fatima")
    leave(world, "wout")
    visit(world, "els").post("welcome", choice="facilitate")
    world.lms.school.enrol(world.course().id, world.person("wout").id, "student")
    visit(world, "wout")
    assert standings(world)["wout"] == ("member", False, False)


def test_of_two_who_facilitated_one_does_when_the_first_comes_back(world: World) -> None:
    Walk(world, "fatima")
    enrol(world, "nina", "editingteacher")
    leave(world, "wout")
    world.place_cycle("nina")
    world.lms.school.enrol(world.course().id, world.person("wout").id, "editingteacher")
    visit(world, "wout")
    assert [name for name, (_, facilitates, _) in standings(world).items() if facilitates] == ["nina"]


def test_a_leader_who_places_stays_outside(unplaced: World) -> None:
    unplaced.place_cycle("admin")
    enrol(unplaced, "nina", "editingteacher")
    visit(unplaced, "nina").post("welcome", choice="follow")
    unplaced.place_cycle("nina")
    assert standings(unplaced)["nina"] == ("leader", False, False)


# how somebody stood, the LMS's role at the next launch -> how they stand
LOST = [
    ("", {}, "student", ("member", False, False)),
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
    assert again.get(STEP).status == (403 if standing[0] == "leader" else 200)
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


def test_a_leader_is_asked_again_by_the_facilitator_only(world: World) -> None:
    walk = Walk(world, "fatima")
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    leader = member_id(world, "mieke")
    assert walk["fatima"].post("community/ask-again", member=leader).status == 403
    assert walk.wout.post("community/ask-again", member=member_id(world, "fatima")).status == 422
    assert standings(world)["mieke"][0] == "leader"
    assert walk.wout.post("community/ask-again", member=leader).status == 303
    assert mieke.get("").response.headers["Location"] == mieke.base + "welcome"


def test_a_column_of_another_community_is_not_restored_from_this_one(world: World) -> None:
    walk = Walk(world, "fatima")
    world.place_cycle("karin", "PLG-TEC")
    world.as_("bram").launch(world.activity("ambition", "PLG-TEC"))
    with world.tool.session() as session:
        session.execute(text("UPDATE resource_link SET line_item_gone = true"))
    ours, theirs = (
        [str(row[0]) for row in walk.rows("SELECT id FROM resource_link WHERE community_id = :id", id=community)]
        for community in (1, 2)
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
    walk["fatima"].act("idea", text="een idee", why="x")
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
    walk.move()
    # A new stage asks everybody anew: who was late before is not remembered.
    assert listed() == {"fatima", "marieke", "youssef"}
    walk["marieke"].act("respond", idea=str(walk.ids()[0]), text="mooi gevonden")
    assert listed() == {"fatima", "youssef"}
    leave(world, "youssef")
    assert listed() == {"fatima"}
    for step in ("information", "evaluation"):
        assert walk.wout.get(f"step/{step}/invitations").status == 404
