"""Holding a whole cycle, for what changes it for everybody: pausing, going on, the next one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain.community import version
from lti_tool.models import Cycle, StepRun


def whole(session: Session, cycle: Cycle) -> dict[str, StepRun]:
    """Let nobody act in any step of a cycle until the transaction ends; its opened steps by name, as they are now.

    Who is at work in a step is done before, or finds the cycle changed: first the steps, then the cycle, in the
    order in which a step that is moved on takes them.
    """
    session.flush()
    found = session.scalars(
        select(StepRun)
        .where(StepRun.cycle_id == cycle.id)
        .order_by(StepRun.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    runs = {run.step: run for run in found}
    session.refresh(cycle, with_for_update=True)
    version.moved(session, cycle.community_id)
    return runs
