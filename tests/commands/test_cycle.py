"""`leerkring cycle`: cycles are listed without what anybody wrote, and only what is abandoned can be ended."""

import datetime as dt

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select, text

from lti_tool.cli import main
from lti_tool.db import now
from lti_tool.domain.cycle import ending
from lti_tool.models import Act, Cycle
from tests.actors import World
from tests.commands.conftest import environment, run, settings_of
from tests.web.walk import STEP, visit


def lived_in(world: World) -> World:
    world.begin("fatima")
    world.as_("fatima").launch().form("/idea").submit(text="een geheim idee", why="dat telt")
    return world


def test_a_cycle_is_listed_with_where_it_stands_and_never_with_what_people_wrote(any_world: World) -> None:
    world = lived_in(any_world)
    said = run("cycle", "list", **settings_of(world.tool))
    assert said.exit_code == 0, said.output
    assert f"1\t{world.course().title}\tcycle 1\tambition (ideas)\tat work {now():%Y-%m-%d}\n" == said.output
    at = visit(world, "wout")
    at.post("pause", day=(now() + dt.timedelta(days=5)).date().isoformat())
    said = run("cycle", "list", **settings_of(world.tool))
    assert "ambition (ideas), paused until 20" in said.output
    assert run("cycle", "end", "1", "--yes", **settings_of(world.tool)).exit_code == 1


def test_only_a_cycle_in_which_nobody_was_at_work_for_four_weeks_is_ended(any_world: World) -> None:
    world = lived_in(any_world)
    refused = run("cycle", "end", "1", "--yes", **settings_of(world.tool))
    assert refused.exit_code == 1
    assert "was at work in cycle 1" in refused.output
    with time_machine.travel(now() + ending.WAIT + dt.timedelta(days=1), tick=True):
        asked = CliRunner().invoke(main, ["cycle", "end", "1"], input="n\n", env=environment(world.tool))
        assert asked.exit_code == 1
        assert "End it? [y/N]" in asked.output
        done = run("cycle", "end", "1", "--yes", **settings_of(world.tool))
        assert done.exit_code == 0, done.output
        assert run("cycle", "end", "1", "--yes", **settings_of(world.tool)).exit_code == 1
    with world.tool.session() as session:
        over = session.scalars(select(Cycle)).one()
        assert (over.ending, over.closed_at is not None) == ("undecided", True)
        act = session.scalars(select(Act).order_by(Act.id.desc())).first()
        assert act is not None
        assert (act.kind, act.member_id, act.detail) == (
            "cycle_ended", None, {"ending": "undecided", "by": "administrator"},
        )  # fmt: skip
        assert session.scalars(text("SELECT count(*) FROM step_run WHERE closed_at IS NOT NULL")).one() == 0
    assert run("cycle", "list", **settings_of(world.tool)).output == ""
    fatima = visit(world, "fatima", "home")
    assert "Beëindigd zonder besluit" in fatima.first.text
    assert "een geheim idee" in fatima.get(STEP).text, "one's own stays one's own"
    assert "een geheim idee" not in visit(world, "wout").get(STEP).text
    wout = visit(world, "wout", "home").first
    assert "Cyclus 2" in wout.form("/next-cycle").submit().text


def test_one_whose_members_could_answer_and_did_not_decide_is_ended_though_somebody_is_at_work(
    world: World,
) -> None:
    lived_in(world)
    fatima = visit(world, "fatima")
    fatima.post("step/ending/begin")
    assert fatima.post("step/ending/put", text="samen lezen helpt", version="0").status == 303
    for days, code in ((ending.WAIT.days - 1, 1), (ending.WAIT.days + 1, 0)):
        with world.tool.session() as session:
            over = {"over": now() - dt.timedelta(days=days, minutes=1)}
            session.execute(text("UPDATE step_run SET closes_at = :over, extended = true WHERE step = 'ending'"), over)
        assert run("cycle", "end", "1", "--yes", **settings_of(world.tool)).exit_code == code


@pytest.mark.parametrize("number", ["9", "0"])
def test_what_is_not_there_is_said(world: World, number: str) -> None:
    said = run("cycle", "end", number, "--yes", **settings_of(world.tool))
    assert said.exit_code == 1
    assert "see: leerkring cycle list" in said.output
