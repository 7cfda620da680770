"""A practice from the first step to the end of its cycle, by one person; and what a school sees of it: nothing."""

from typing import Any

from sqlalchemy import func, select

from lti_tool.db import Base
from lti_tool.domain.community import practice
from lti_tool.domain.privacy import Pack
from lti_tool.domain.school import overview
from lti_tool.models import (
    Community,
    Course,
    Cycle,
    LineItem,
    Member,
    Moment,
    OutboxRow,
    Person,
    Practice,
    ResourceLink,
    Score,
    StepRun,
)
from tests.actors import World
from tests.commands.test_community import said
from tests.web.circle import STEPS, Circle
from tests.web.test_practise import practising
from tests.web.walk import Visit, Walk, picker

# So many presses of a button are more than a cycle asks: what comes after goes round.
ENOUGH = 80


def stands(session: Any) -> Circle | None:
    """The practice at the step that is open, with whoever practises as its first; None: its cycle is over."""
    community = session.scalars(
        select(Community).join(Practice, Practice.course_id == Community.course_id)
    ).one()  # fmt: skip
    cycle = session.scalars(select(Cycle).where(Cycle.community_id == community.id).order_by(Cycle.number)).first()
    known = [step.name for step in STEPS]
    runs = select(StepRun).where(StepRun.cycle_id == cycle.id, StepRun.step.in_(known), StepRun.closed_at.is_(None))
    run = session.scalars(runs.order_by(StepRun.id)).first()
    if run is None:
        return None
    mine = select(Member).join(Person, Person.id == Member.person_id).where(Person.issuer != practice.ISSUER)
    me = session.scalars(mine.where(Member.community_id == community.id)).one()
    course = session.get_one(Course, community.course_id)
    return Circle(session, course, community, cycle, run, STEPS.by_name[run.step], [me])


def walked(world: World, me: Visit) -> list[str]:
    """The steps that were gone through, to the end of the cycle."""
    seen: list[str] = []
    for _ in range(ENOUGH):
        with world.tool.session() as session:
            c = stands(session)
            if c is None:
                return seen
            step, stage = c.step.name, c.run.stage
            seen += [] if step in seen else [step]
            if me_too := c.members[0].id not in c.step.heard(c.turn(None)).own:
                c.do_the_task(0, stage)
        assert me.get(f"step/{step}").status == 200, (step, stage)
        me.post("practise/colleagues")
        if me_too:
            me.post(f"step/{step}/together/pass")
        moved = me.post(f"step/{step}/facilitate/advance", stage=stage, confirmed="1")
        assert moved.status in (303, 422), (step, stage)
    raise AssertionError((step, stage, moved.text[:2000]))


def of_the_school(world: World) -> dict[str, Any]:
    """All that a school, its console, its papers and its LMS have of its communities."""
    practising_now = select(Practice.course_id)
    theirs = select(Community.id).where(Community.course_id.not_in(practising_now))
    with world.tool.session() as session:
        tables = {each.name: each for each in Base.metadata.sorted_tables}
        hours = {name: session.scalar(select(func.count()).select_from(each)) for name, each in tables.items()
                 if name.startswith("hours_")}  # fmt: skip
        members = select(Member.id).where(Member.community_id.in_(theirs))
        delivered = select(OutboxRow.kind, OutboxRow.key).where(OutboxRow.kind != "practice").order_by(OutboxRow.id)
        return {
            "console": [vars(each) for each in overview.page(session, None).rows],
            "hours": hours,
            "moments": session.scalar(select(func.count(Moment.id)).where(Moment.member_id.in_(members))),
            "scores": session.scalar(select(func.count(Score.id))),
            "columns": session.scalar(select(func.count(LineItem.id))),
            "placed": session.scalar(select(func.count(ResourceLink.id))),
            "deliveries": [tuple(each) for each in session.execute(delivered)],
        }


def test_a_practice_goes_through_all_six_steps_and_nothing_of_it_reaches_a_real_community(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk["fatima"].act("idea", text="een echt idee", why="dat telt")
    at = picker(world, "wout")
    world.tool.deliver()
    before, listed = of_the_school(world), said(world, "cycle", "list")
    packs = {each: said(world, "pack", str(each)) for each in Pack}
    mine = walk["fatima"].get("mine.json").text

    me = practising(at)
    assert walked(world, me) == [step.name for step in STEPS]
    assert me.get("home").status == 200
    world.tool.deliver()

    assert of_the_school(world) == before
    assert said(world, "cycle", "list") == listed
    assert {each: said(world, "pack", str(each)) for each in Pack} == packs
    assert walk["fatima"].get("mine.json").text == mine
    for page in ("home", "community", "red-thread", "step/ambition"):
        assert not [each for each in ("Anouk Bakker", "Sem van Dijk") if each in walk["fatima"].get(page).text], page
