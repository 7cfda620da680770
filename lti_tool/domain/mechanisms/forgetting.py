"""What each answered alone is forgotten in time: the totals stay, the answers are deleted."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import outbox
from lti_tool.domain.community import drafts
from lti_tool.domain.cycle import Steps, Turn
from lti_tool.domain.mechanisms import contributions, pulse
from lti_tool.domain.reading.things import Thing
from lti_tool.models import Cycle, StepRun

# What was answered is deleted so long after the cycle has ended; the totals stay.
KEPT = dt.timedelta(days=30)
# What is answered alone, for totals only.
FORGOTTEN = frozenset({Thing.SURVEY, Thing.PULSE, Thing.CONDITIONS})


def schedule(turn: Turn) -> None:
    """A cycle has ended: publish every pulse still open, and have the answers deleted when their time is over."""
    closed = turn.cycle.closed_at or now()
    asking = [step.name for step in turn.steps.by_name.values() if step.asks_pulse]
    runs = turn.session.scalars(
        select(StepRun).where(
            StepRun.cycle_id == turn.cycle.id, StepRun.step.in_(asking), StepRun.closed_at.is_not(None)
        )
    )
    for run in runs:
        pulse.publish_if_open(turn.beside(run))
    outbox.put(turn.session, outbox.Kind.FORGET, str(turn.cycle.id), due_at=closed + KEPT, cycle=turn.cycle.id)


def forget(session: Session, cycle_id: int, steps: Steps) -> str:
    """Delete what each answered alone in a cycle that ended long enough ago, and the drafts of it.

    Returns what was done.
    """
    cycle = session.get(Cycle, cycle_id)
    if cycle is None or cycle.closed_at is None or cycle.closed_at + KEPT > now():
        return "cycle_kept"
    for run in session.scalars(select(StepRun).where(StepRun.cycle_id == cycle_id)).all():
        step = steps.by_name.get(run.step)
        if step is not None:
            kinds = [kind for kind, thing in step.keeps.items() if thing in FORGOTTEN]
            contributions.forget(session, run.id, kinds)
            drafts.forget(session, run.id, step.private_forms)
    return "forgotten"
