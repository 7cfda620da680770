"""What somebody is asked, by whom they are taken for something else, and how a wrong answer is corrected."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.actors import World
from tests.web.test_facilitator import CHOICES, choices, home_of, leave, member_id, read_roster, standings
from tests.web.walk import STEP, Walk, enrol, visit

TEACHER, STUDENT = "editingteacher", "student"
# What Moodle sends of somebody who switched to the role of a student (M43): the role, and nothing else, changes.
SWITCHED: dict[str, Any] = {"roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]}
ALL = {choice for choice, _ in CHOICES}
NOT_FACILITATING = {"join", "join_and_lead", "follow"}


def test_a_teacher_who_switches_role_before_ever_opening_it_is_asked_and_not_seated(any_world: World) -> None:
    Walk(any_world, "fatima")
    enrol(any_world, "nina", TEACHER)
    read_roster(any_world)
    nina = visit(any_world, "nina", **SWITCHED)
    assert standings(any_world)["nina"] == ("asked", False, False)
    assert nina.get(STEP).status == 303
    assert nina.post(f"{STEP}/idea", text="een idee over lezen", why="x").status == 403
    assert choices(nina) == ALL, "the roster calls her a teacher"


def test_whom_an_earlier_launch_called_a_teacher_stays_asked_as_a_student(world: World) -> None:
    Walk(world, "fatima")
    visit(world, "els")
    for _ in range(2):
        assert visit(world, "els", **SWITCHED).get(STEP).status == 303
    assert standings(world)["els"] == ("asked", False, False)


@pytest.mark.parametrize("choice", ["join", "follow"])
def test_who_has_answered_is_not_asked_again_by_switching_role(world: World, choice: str) -> None:
    Walk(world, "fatima")
    els = visit(world, "els")
    els.post("welcome", choice=choice)
    before = standings(world)["els"]
    read_roster(world)
    assert not visit(world, "els", **SWITCHED).first.url.endswith("/welcome")
    assert standings(world)["els"] == before


def test_a_learner_whom_a_fresh_roster_does_not_know_is_asked_and_cannot_facilitate_beside_others(
    any_world: World,
) -> None:
    """Moodle's administrator as a student (M43) is in no roster."""
    walk = Walk(any_world, "fatima")
    read_roster(any_world)
    admin = visit(any_world, "admin", **SWITCHED)
    assert standings(any_world)["admin"] == ("asked", False, False)
    assert choices(admin) == NOT_FACILITATING
    assert admin.post("welcome", choice="facilitate").status == 422
    walk.wout.post("role/stop", answer="yes")
    assert choices(admin) == ALL, "where nobody does, anybody may"
    assert admin.post("welcome", choice="join").status == 303
    read_roster(any_world)
    assert standings(any_world)["admin"] == ("member", False, False), "asked once"


def test_a_learner_whom_an_old_roster_does_not_know_is_asked_only_if_a_new_one_does_not_either(
    any_world: World,
) -> None:
    Walk(any_world, "fatima")
    read_roster(any_world)
    with any_world.tool.session() as session:
        session.execute(text("UPDATE course SET roster_at = '2020-01-01'"))
    enrol(any_world, "nina", STUDENT)
    nina, admin = visit(any_world, "nina"), visit(any_world, "admin", **SWITCHED)
    assert [standings(any_world)[name][0] for name in ("nina", "admin")] == ["member", "member"]
    any_world.tool.deliver()
    assert [standings(any_world)[name][0] for name in ("nina", "admin")] == ["member", "asked"]
    assert (nina.get(STEP).status, admin.get(STEP).status) == (200, 303)
    assert standings(any_world)["fatima"] == ("member", False, False)


def test_who_came_as_a_student_before_the_roster_said_teacher_is_asked(world: World) -> None:
    Walk(world, "fatima")
    enrol(world, "nina", TEACHER)
    visit(world, "nina", **SWITCHED)
    assert standings(world)["nina"][0] == "member"
    world.tool.deliver()
    assert standings(world)["nina"][0] == "asked"


def test_who_belongs_to_a_community_that_has_begun_is_not_asked_by_a_roster_that_never_knew_them(world: World) -> None:
    """A community keeps as its circle those who opened it."""
    Walk(world, "fatima")
    read_roster(world)
    visit(world, "admin", **SWITCHED).post("welcome", choice="join")
    with world.tool.session() as session:
        # As before there was a question: no answer is noted, and rosters were read since.
        session.execute(text("UPDATE member SET joined_at = '2019-01-01'"))
        session.execute(text("DROP TRIGGER act_stays_delete"))
        session.execute(text("DELETE FROM act WHERE kind = 'standing_chosen'"))
    read_roster(world)
    assert standings(world)["admin"][0] == "member"


# how somebody stands -> what they can make of it by themselves
CORRECTIONS = [
    ("join", NOT_FACILITATING),
    ("join_and_lead", NOT_FACILITATING),
    ("facilitate", ALL),
    ("facilitate_and_join", ALL),
    ("follow", set()),
]


@pytest.mark.parametrize(("first", "open_to"), CORRECTIONS)
def test_an_answer_is_corrected_by_oneself_and_from_leader_it_is_not(
    world: World, first: str, open_to: set[str]
) -> None:
    Walk(world, "fatima")
    table = dict(CHOICES)
    for answer in sorted(ALL):
        els = visit(world, "els")
        if standings(world)["els"][0] == "asked":
            els.post("welcome", choice=first)
        page = els.get("role")
        assert page.status == 200
        assert choices(els, "role") == open_to
        status = els.post("role", choice=answer).status
        if not open_to:
            assert status == 403, answer
        else:
            assert status == (303 if answer in open_to else 422), answer
        assert standings(world)["els"] == table[answer if answer in open_to else first]
        with world.tool.session() as session:
            session.execute(text("UPDATE member SET standing = 'asked', facilitates = false, leads = false"
                                 " WHERE id = :id"), {"id": member_id(world, "els")})  # fmt: skip


def test_a_leader_is_asked_again_by_who_facilitates_only_and_all_read_it(world: World) -> None:
    walk = Walk(world, "fatima")
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    leader = member_id(world, "mieke")
    assert "opnieuw te laten kiezen" in mieke.get("role").text
    for path in ("leave", "role/stop", "take-over", "resume"):
        assert mieke.post(path, answer="yes").status == 403, path
    assert walk["fatima"].post("community/ask-again", member=leader).status == 403
    assert walk.wout.post("community/ask-again", member=member_id(world, "fatima")).status == 422
    assert standings(world)["mieke"][0] == "leader"
    assert walk.wout.post("community/ask-again", member=leader).status == 303
    assert mieke.get("").response.headers["Location"] == mieke.base + "welcome"
    names = world.person("wout").name, world.person("mieke").name
    assert "{} liet {} opnieuw kiezen wat die hier doet.".format(*names) in home_of(world, "fatima")


def test_a_leader_who_leaves_the_course_and_comes_back_still_follows(world: World) -> None:
    Walk(world, "fatima")
    visit(world, "mieke").post("welcome", choice="follow")
    leave(world, "mieke")
    world.lms.school.enrol(world.course().id, world.person("mieke").id, STUDENT)
    visit(world, "mieke")
    assert standings(world)["mieke"] == ("leader", False, False)


def test_who_no_longer_says_to_lead_is_read_by_all_also_by_way_of_facilitating(world: World) -> None:
    Walk(world, "fatima")
    els = visit(world, "els")
    els.post("welcome", choice="facilitate_and_join")
    els.post("role", choice="join_and_lead")
    walked = "geen leiding geeft"
    assert walked not in home_of(world, "fatima")
    els.post("role", choice="follow")
    assert walked not in home_of(world, "fatima")
    enrol(world, "nina", TEACHER)
    nina = visit(world, "nina")
    nina.post("welcome", choice="join_and_lead")
    visit(world, "wout").post("community/name", member=member_id(world, "nina"))
    assert standings(world)["nina"] == ("member", True, True)
    for choice in ("facilitate", "facilitate_and_join"):
        nina.post("role", choice=choice)
        assert standings(world)["nina"][2], "still known to lead"
    nina.post("role", choice="join")
    assert standings(world)["nina"] == ("member", False, False)
    assert walked in home_of(world, "fatima")
