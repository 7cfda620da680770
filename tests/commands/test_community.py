"""`leerkring community` and `deployment hold`: the same as on the administrators' pages, with the same trail."""

import datetime as dt

import pytest
from sqlalchemy import select, text

from lti_tool.db import now
from lti_tool.models import Cycle
from lti_tool.models.school import School, SchoolAct, Setting
from tests.actors import World
from tests.commands.conftest import run, settings_of


def said(world: World, *arguments: str, code: int = 0) -> str:
    done = run(*arguments, **settings_of(world.tool))
    assert done.exit_code == code, done.output
    return done.output


def trail(world: World) -> list[tuple[str, int | None]]:
    with world.tool.session() as session:
        found = session.execute(select(SchoolAct.kind, SchoolAct.person_id).order_by(SchoolAct.id))
        return [(kind, who) for kind, who in found]


def test_what_is_listed_and_done_by_command_has_its_line_in_the_trail(any_world: World) -> None:
    world = any_world
    world.begin("fatima")
    world.as_("fatima").launch().form("/idea").submit(text="een geheim idee", why="dat telt")
    listed = said(world, "community", "list")
    assert listed.startswith(f"1\t{world.course().title}\tWout")
    assert "geheim" not in listed
    assert said(world, "community", "list", "--want", "no_facilitator") == ""
    people = dict(reversed(line.split("\t")[:2]) for line in said(world, "community", "people", "1").splitlines())
    fatima = next(number for name, number in people.items() if name.startswith("Fatima"))
    said(world, "community", "facilitator", "1", fatima)
    assert "does not facilitate yet" in said(world, "community", "facilitator", "1", fatima, code=1)
    said(world, "community", "standing", "1", fatima, "join")
    said(world, "community", "roster", "1")
    assert "under way" in said(world, "community", "archive", "1", code=1)
    until = f"{now() + dt.timedelta(days=9):%Y-%m-%d}"
    assert "Done for 1." in said(world, "community", "turn", "pause", "--until", until, "--yes")
    assert "the cycle is paused" in said(world, "community", "turn", "end", "--yes", code=1)
    kinds = [kind for kind, who in trail(world) if who is None]
    assert kinds == ["facilitator_named", "standing_corrected", "roster_asked", "year_turn_applied", "cycle_paused"]
    with world.tool.session() as session:
        assert session.scalars(select(Cycle)).one().paused_until is not None
    assert "activities" in said(world, "community", "delete", "1", "--yes")
    with world.tool.session() as session:
        assert session.scalars(text("SELECT count(*) FROM community")).one() == 0


def person_of(world: World, number: str, name: str) -> str:
    """The number of somebody of a community, as the commands know them."""
    lines = [line.split("\t") for line in said(world, "community", "people", number).splitlines()]
    return next(each[0] for each in lines if each[1].startswith(name))


def test_a_community_is_split_and_joined_back_with_the_same_line_as_on_the_pages(any_world: World) -> None:
    world = any_world
    world.begin("fatima", "marieke")
    assert said(world, "community", "split", "1") == "", "no launch told of a group"
    who = person_of(world, "1", "Marieke")
    done = said(world, "community", "split", "1", "Groep B", "--person", who, "--facilitator", who, "--yes")
    assert "To Groep B: Marieke" in done
    other = person_of(world, "1", "Fatima")
    assert "new here" in said(world, "community", "split", "1", "Groep B", "--person", other, "--yes", code=1)
    number = done.rsplit("Split off: ", 1)[1].strip(" .\n")
    assert "Marieke" in said(world, "community", "people", number)
    assert "same course" in said(world, "community", "merge", number, "1", "--yes", code=1)
    assert "Nobody has worked in it" in said(world, "community", "join", number, "1", "--yes")
    kinds = [kind for kind, who in trail(world) if who is None]
    assert kinds == ["community_split", "community_joined"]


def test_a_course_is_moved_by_command_and_stands_in_the_trail_of_both(world: World) -> None:
    world.begin("fatima")
    with world.tool.session() as session:
        session.add(school := School(name="Andere school"))
        session.flush()
        number = str(school.id)
        session.add(Setting(school_id=school.id, name="retention", value={"value": "2"}))
    told = said(world, "community", "move", "1", number, "--yes")
    assert "To Andere school go" in told
    assert "The contents of 0 go after a day" in told, "what is kept for less there is said first"
    assert [kind for kind, _ in trail(world)] == ["community_moved", "community_moved"]


def test_a_deployment_is_held_and_opened_by_command(world: World) -> None:
    number = said(world, "deployment", "list").split("\t")[0]
    said(world, "deployment", "hold", number, "paused")
    assert "\tpaused\t" in said(world, "deployment", "list")
    said(world, "deployment", "hold", number, "open")
    assert "\topen\t" in said(world, "deployment", "list")
    assert [kind for kind, _ in trail(world)] == ["deployment_held", "deployment_approved"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("people", "9"),
        ("facilitator", "9", "1"),
        ("archive", "9"),
        ("delete", "9", "--yes"),
        ("split", "9", "B", "--person", "1", "--yes"),
        ("split", "1", "B", "--group", "3", "--yes"),
        ("join", "9", "8", "--yes"),
        ("move", "9", "1", "--yes"),
        ("turn", "pause", "--yes"),
    ],
)
def test_what_is_not_there_is_said(world: World, arguments: tuple[str, ...]) -> None:
    assert said(world, "community", *arguments, code=1).startswith("leerkring: ")
