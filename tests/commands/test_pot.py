"""`leerkring pot`: the same as the administrators' page does, with the same line in the trail."""

from sqlalchemy import select

from lti_tool.models import Community
from lti_tool.models.hours import HoursPot
from lti_tool.models.school import SchoolAct
from tests.actors import World
from tests.commands.conftest import run, settings_of
from tests.web.walk import visit


def kinds(world: World) -> list[str]:
    with world.tool.session() as session:
        return list(session.scalars(select(SchoolAct.kind).order_by(SchoolAct.id)))


def test_a_pot_is_made_opened_given_an_approver_stopped_and_closed(any_world: World) -> None:
    world = any_world
    world.begin("fatima", "marieke")
    settings = settings_of(world.tool)
    wout, marieke = (f"id:{world.person(each).id}" for each in ("wout", "marieke"))
    period = ("--first-day", "2024-08-01", "--last-day", "2025-07-31")
    assert run("pot", "make", "Scholing", "--hours", "37,5", **settings).exit_code == 1, "nobody would approve"
    assert "Hours are a number" in run("pot", "make", "Scholing", "--hours", "veel", **settings).output
    made = run("pot", "make", "Scholing", "--hours", "37,5", *period, "--approver", wout, **settings)
    assert (made.exit_code, made.output) == (0, "Pot 1.\n")
    assert "open to" not in run("pot", "list", **settings).output
    assert run("pot", "list", **settings).output.startswith("1\tScholing\t2024-08-01 to 2025-07-31\tall communities")
    assert run("pot", "approver", "1", "advies@school.nl", **settings).output.startswith("They approve once")
    assert run("pot", "approver", "1", marieke, "--deputy", **settings).output == "They approve.\n"
    assert "no e-mail address" in run("pot", "approver", "1", "Marieke de Boer", **settings).output
    with world.tool.session() as session:
        community = session.scalars(select(Community.id)).one()
    assert run("pot", "open", "1", "--community", str(community), **settings).exit_code == 0
    assert run("pot", "open", "1", **settings).exit_code == 1
    assert run("pot", "open", "99", "--all", **settings).exit_code == 1
    assert run("pot", "stop", "1", **settings).exit_code == 0
    closed = run("pot", "close", "1", "--yes", **settings)
    assert closed.exit_code == 0, closed.output
    assert "people get a final balance" in closed.output
    assert run("pot", "close", "1", "--yes", **settings).exit_code == 1
    assert kinds(world) == [
        "pot_made", "pot_approver", "pot_approver", "pot_approver", "pot_opened", "pot_stopped", "pot_made",
        "pot_closed",
    ]  # fmt: skip


def test_a_communitys_pot_is_lifted_and_hours_of_many_are_carried_over(any_world: World) -> None:
    world = any_world
    world.begin("fatima", "marieke")
    settings = settings_of(world.tool)
    page = visit(world, "wout").post(
        "hours/pots", name="Oud", first_day="2024-08-01", last_day="2025-07-31", review="none", whom="all",
        decision="own", arranging="yes",
    )  # fmt: skip
    assert page.status == 303, page.text
    turned = run("community", "turn", "carry", "--yes", **settings)
    assert turned.exit_code == 0, turned.output
    assert "Done for 1." in turned.output
    with world.tool.session() as session:
        old, new = session.scalars(select(HoursPot).order_by(HoursPot.id)).all()
        assert old.closed_at is not None
    assert run("pot", "lift", str(old.id), "--yes", **settings).exit_code == 1, "a closed period stays its community's"
    lifted = run("pot", "lift", str(new.id), "--yes", **settings)
    assert lifted.exit_code == 0, lifted.output
    assert "What counts does not change" in lifted.output
    assert kinds(world) == ["year_turn_applied", "hours_carried", "pot_lifted"]
