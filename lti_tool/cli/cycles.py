"""`leerkring cycle`: cycles that stand still, and ending one that nobody is left to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lti_tool.cli.database import looking, writing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.domain.cycle import Turn


@click.group()
def cycle() -> None:
    """The communities' cycles: never what people wrote in them, or who."""


@cycle.command("list")
def list_cycles() -> None:
    """Every cycle that is not over: number, course, cycle, where it stands, since when nobody was at work in it.

    Those of who practises are in no list.
    """
    from sqlalchemy import select

    from lti_tool.domain.cycle import ending
    from lti_tool.models import Community, Course, Cycle, Practice, StepRun
    from lti_tool.parts import parts

    with looking() as session:
        open_ones = (
            select(Cycle, Course.title)
            .join(Community, Community.id == Cycle.community_id)
            .join(Course, Course.id == Community.course_id)
            .where(Cycle.closed_at.is_(None), Course.id.not_in(select(Practice.course_id)))
            .order_by(Cycle.id)
        )
        for row, title in session.execute(open_ones).all():
            runs = session.scalars(select(StepRun).filter_by(cycle_id=row.id, closed_at=None).order_by(StepRun.id))
            known = {step.name for step in parts().steps}
            stands = ", ".join(f"{run.step} ({run.stage})" for run in runs if run.step in known) or "between two steps"
            if row.paused_until is not None:
                stands += f", paused until {row.paused_until.astimezone(parts().settings.zone):%Y-%m-%d}"
            since = ending.last_at_work(session, row)
            click.echo(f"{row.id}\t{title}\tcycle {row.number}\t{stands}\tat work {since:%Y-%m-%d}")


@cycle.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
def end(number: int, yes: bool) -> None:
    """End a cycle that stands still, without a decision; shown and asked first.

    One in which nobody was at work for four weeks, or whose members could answer whether to end it, and did not
    decide, four weeks ago.
    """
    from lti_tool.domain.cycle import ending
    from lti_tool.models import Ending

    with looking() as session:
        turn = _that_may_end(session, number)
        click.echo(f"Cycle {turn.cycle.number} of “{turn.community.name}” ends without a decision.")
    click.echo("What was not decided counts as not agreed. Everything can still be read; scores stay in the gradebook.")
    if not yes:
        click.confirm("End it?", abort=True)
    with writing() as session:
        ending.end(_that_may_end(session, number), Ending.UNDECIDED, by="administrator")
    click.echo("Ended. Whoever facilitates can begin the next cycle.")


def _that_may_end(session: Session, number: int) -> Turn:
    """The administrator's turn at the cycle of that number, if they may end it now."""
    from sqlalchemy import select

    from lti_tool.db import now
    from lti_tool.domain.cycle import Turn, ending
    from lti_tool.domain.thread.flow import Flow
    from lti_tool.models import Community, Cycle, StepRun
    from lti_tool.parts import parts

    row = session.get(Cycle, number)
    if row is None:
        raise click.ClickException(f"There is no cycle {number}; see: leerkring cycle list")
    if row.closed_at is not None:
        raise click.ClickException(f"Cycle {number} is over already.")
    if row.paused_until is not None:
        raise click.ClickException(f"Cycle {number} is paused, and goes on by itself.")
    steps = parts().steps
    asked = session.scalar(select(StepRun).filter_by(cycle_id=row.id, step=steps.keeping(Flow.LEARNED).name))
    community = session.get_one(Community, row.community_id)
    turn = Turn(session, community, row, asked or StepRun(), None, steps, zone=parts().settings.zone)
    free = ending.free_from(turn)
    if not (free is not None and free <= now()) and not ending.is_abandoned(session, row):
        since = ending.last_at_work(session, row)
        raise click.ClickException(
            f"Somebody was at work in cycle {number} on {since:%Y-%m-%d}: its members can end it themselves. You can, "
            "once nobody was for four weeks, or four weeks after all could answer whether to end it."
        )
    return turn
