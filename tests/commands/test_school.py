"""`leerkring admin`, `school` and `setting`: what the pages do, by the operator, with the same trail."""

import re

import pytest

from tests.actors import World
from tests.commands.test_community import said, trail


def kinds(world: World) -> list[str]:
    return [kind for kind, who in trail(world) if who is None]


def test_an_administrator_and_an_officer_are_named_listed_and_removed(any_world: World) -> None:
    any_world.begin("fatima")
    fatima = str(any_world.person("fatima").id)
    assert "is administrator of school 1" in said(any_world, "admin", "name", "--user", fatima)
    assert "They are that already" in said(any_world, "admin", "name", "--user", fatima, code=1)
    # Whom the LMS has not sent yet is known by its id.
    assert "4711 is officer of school 1" in said(any_world, "admin", "name", "--user", "4711", "--officer")
    listed = said(any_world, "admin", "list")
    assert re.search(r"\t\d+\tadministrator\tFatima", listed)
    number = re.search(r"\t(\d+)\tofficer", listed)
    assert number is not None
    assert "Ended" in said(any_world, "admin", "remove", number[1])
    assert "officer" not in said(any_world, "admin", "list")
    assert kinds(any_world) == ["administrator_named", "administrator_named", "administrator_ended"]


def test_a_code_is_printed_once_and_the_trail_knows_nobody_by_it(world: World) -> None:
    first, second = (said(world, "admin", "code", "1").splitlines()[0].rsplit(" ", 1)[1] for _ in range(2))
    assert re.fullmatch(r"([A-Z2-9]{4}-){2}[A-Z2-9]{4}", first)
    assert first != second
    assert kinds(world) == []


def test_a_school_is_named_closed_split_and_joined_again(any_world: World) -> None:
    world = any_world
    world.begin("fatima")
    context = world.course().id
    said(world, "school", "name", "1", "PrO De Brug")
    said(world, "school", "opens", "1", "2027-02-01")
    assert said(world, "school", "list").startswith("1\tPrO De Brug\t1 courses\tclosed until 2027-02-01\n")
    said(world, "school", "opens", "1", "now")
    shown = said(world, "school", "split", "1", str(context), "zelden-*", "--name", "Zuid", "--yes")
    assert "1 courses go to the new school, 0 stay" in shown
    assert "No course fits zelden-* yet" in shown
    listed = said(world, "school", "list")
    assert "2\tZuid\t1 courses" in listed
    assert "courses zelden-*" in listed
    assert "0 deployments and 1 courses" in said(world, "school", "join", "2", "1", "--yes")
    assert said(world, "school", "list").startswith("1\tPrO De Brug\t1 courses\n")
    # Of a split both schools read.
    split = ["school_split", "school_split"]
    assert [each for each in kinds(world)[3:] if each != "school_named"] == [*split, "schools_joined"]
    assert kinds(world)[:3] == ["school_named", "school_opens", "school_opens"]


def test_a_setting_is_set_for_a_school_and_a_course_and_inherited_again(any_world: World) -> None:
    world = any_world
    world.begin("fatima")
    said(world, "setting", "set", "--platform", "1", "passback", "none")
    assert "passback\tnone\tof: platform\tby command" in said(world, "setting", "list", "--course", "1")
    said(world, "setting", "set", "passback", "completed")
    said(world, "setting", "set", "--course", "1", "holidays", "2027-02-20/2027-02-28", "2027-04-26")
    listed = said(world, "setting", "list", "--course", "1")
    assert "passback\tcompleted\tof: school" in listed
    assert "holidays\t2027-02-20/2027-02-28 2027-04-26/2027-04-26\tof: course" in listed
    said(world, "setting", "clear", "passback")
    assert "passback\tnone\tof: platform" in said(world, "setting", "list")
    assert kinds(world) == ["setting_set", "setting_set", "setting_set", "setting_cleared"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("admin", "name"),
        ("admin", "name", "--user", "1", "--named", "Jansen"),
        ("admin", "name", "--named", "x"),
        ("admin", "name", "--school", "9", "--user", "1"),
        ("admin", "name", "--user", "\x07"),
        ("admin", "remove", "9"),
        ("admin", "code", "9"),
        ("school", "name", "9", "Zuid"),
        ("school", "name", "1", "x" * 256),
        ("school", "opens", "1", "morgen"),
        ("school", "opens", "1", "2199-01-01"),
        ("school", "join", "1", "1", "--yes"),
        ("school", "join", "1", "9", "--yes"),
        ("school", "split", "1", "", "--yes"),
        ("school", "split", "9", "a*", "--yes"),
        ("setting", "set", "colour", "red"),
        ("setting", "set", "passback", "all"),
        ("setting", "set", "holidays", "zomer"),
        ("setting", "set", "--course", "9", "passback", "none"),
        ("setting", "list", "--course", "1", "--school", "1"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_nothing_is_noted(world: World, arguments: tuple[str, ...]) -> None:
    assert said(world, *arguments, code=1).startswith("leerkring: ")
    assert kinds(world) == []
