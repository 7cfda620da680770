"""Removing a platform, a deployment or an invitation: what goes is shown and asked first; nothing of it is left."""

import re

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DatabaseError

from lti_tool.cli import main
from lti_tool.db import Base
from lti_tool.models import Act, Community, Deployment, Invite, OutboxRow, Person, Registration
from tests.actors import Tool, World
from tests.commands.conftest import environment, run, settings_of


def counts(tool: Tool) -> dict[str, int]:
    """Rows by table, of tables that have any; what a worker or a sign-in leaves is nobody's."""
    with tool.session() as session:
        found = {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables}
    return {name: number for name, number in found.items() if number and name not in ("worker_beat", "login_attempt")}


def lived_in(world: World) -> World:
    """People have been here, and written."""
    world.begin("fatima", "marieke")
    for name in ("fatima", "marieke"):
        world.as_(name).launch().form("/idea").submit(text=f"een idee van {name}", why="dat telt")
    world.move()
    world.as_("fatima").launch().form("/respond").submit(text="en hoe merk je dat?")
    world.tool.deliver()
    return world


def numbers(world: World) -> tuple[str, str]:
    """The platform's number and the deployment's id."""
    with world.tool.session() as session:
        row = session.query(Deployment).first()
        assert row
        return str(row.registration_id), row.deployment_id


@pytest.mark.parametrize("what", ["platform", "deployment"])
def test_nothing_of_it_is_left_and_another_one_stays(any_world: World, what: str) -> None:
    world, tool = lived_in(any_world), any_world.tool
    platform, deployment = numbers(world)
    with tool.session() as session:
        other = Registration(issuer="https://o", client_id="c", auth_login_url="", auth_token_url="", key_set_url="")
        session.add(other)
        session.flush()
        session.add(Deployment(registration_id=other.id, deployment_id="1", approved=True))
        session.add(Person(issuer="https://o", sub="somebody"))
    before = counts(tool)
    assert before["act"] > 0
    assert before["contribution"] > 0
    words = (platform,) if what == "platform" else (platform, deployment)
    done = run(what, "remove", *words, "--yes", **settings_of(tool))
    assert done.exit_code == 0, done.output
    left = {"registration": 1, "deployment": 1, "school": 1, "person": 1}
    if what == "deployment":
        # What is the platform's own stays: that it is known, by which link it came, and its code.
        left |= {"registration": 2, "invite": 1, "administrator_code": 1}
    after = counts(tool)
    assert {name: number for name, number in after.items() if name not in ("outbox", "burnt_nonce")} == left
    with tool.session() as session:
        kinds = set(session.scalars(select(OutboxRow.kind)))
    assert kinds <= ({"key_set"} if what == "deployment" else set())
    shown = dict(re.findall(r"^  (\d+) ([a-z ]+)$", done.output, re.MULTILINE))
    assert (
        shown[str(before["contribution"])] == "contributions"
        or f"{before['contribution']} contributions" in done.output
    )
    for person in world.lms.school.people.values():
        assert person.name not in done.output
    assert tool.deliver() >= 0


def test_acts_are_guarded_again_afterwards(any_world: World) -> None:
    world = lived_in(any_world)
    platform, _ = numbers(world)
    assert run("platform", "remove", platform, "--yes", **settings_of(world.tool)).exit_code == 0
    world.client_id = world.lms.register_tool(world.tool.invite()).client_id
    world.place_cycle()
    world.begin("fatima")
    with world.tool.session() as session:
        session.add(Act(community_id=session.query(Community.id).scalar(), kind="step_opened", detail={}))
    with pytest.raises(DatabaseError, match="act"), world.tool.session() as session:
        session.execute(delete(Act))


def test_it_is_asked_and_no_is_no(world: World) -> None:
    lived_in(world)
    platform, deployment = numbers(world)
    before = counts(world.tool)
    for words in (("platform", "remove", platform), ("deployment", "remove", platform, deployment)):
        asked = CliRunner().invoke(main, words, input="n\n", env=environment(world.tool))
        assert asked.exit_code == 1
        assert "Remove all of this? [y/N]" in asked.output
        assert re.search(r"^  [1-9]\d* contributions$", asked.output, re.MULTILINE)
    assert counts(world.tool) == before


@pytest.mark.parametrize(
    "words", [("platform", "remove", "99"), ("deployment", "remove", "99", "1"), ("invite", "remove", "99")]
)
def test_what_is_not_there_is_said(tool: Tool, words: tuple[str, ...]) -> None:
    result = run(*words, "--yes", **settings_of(tool))
    assert result.exit_code == 1
    assert "see: leerkring " in result.output


def test_an_invitation_that_is_removed_opens_nothing(any_tool: Tool) -> None:
    link = any_tool.invite()
    number = run("invite", "list", **settings_of(any_tool)).output.split("\t")[0]
    assert any_tool.app.test_client().get(link).status_code == 200
    assert run("invite", "remove", number, "--yes", **settings_of(any_tool)).exit_code == 0
    assert any_tool.app.test_client().get(link).status_code == 400
    with any_tool.session() as session:
        assert session.query(Invite).count() == 0
