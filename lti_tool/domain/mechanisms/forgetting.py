"""What each answered alone is forgotten in time, whatever becomes of its cycle: the totals stay, the answers go."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.community import drafts
from lti_tool.domain.cycle import Steps, Turn
from lti_tool.domain.mechanisms import contributions, pulse, totals
from lti_tool.domain.reading.things import Thing
from lti_tool.models import StepRun

# Answers are kept so long after their totals were published; and so long after they were given, where none were.
KEPT = dt.timedelta(days=30)
UNPUBLISHED = dt.timedelta(days=365)
# What is answered alone, for totals only, and the kind that holds these totals.
PUBLISHED_AS = {Thing.SURVEY: totals.SURVEY, Thing.PULSE: totals.PULSE, Thing.CONDITIONS: totals.SURVEY}
FORGOTTEN = frozenset(PUBLISHED_AS)


def publish_open(turn: Turn) -> None:
    """A cycle has ended: publish every pulse of a completed step that nobody published."""
    asking = [step.name for step in turn.steps.by_name.values() if step.asks_pulse]
    runs = turn.session.scalars(
        select(StepRun).where(
            StepRun.cycle_id == turn.cycle.id, StepRun.step.in_(asking), StepRun.closed_at.is_not(None)
        )
    )
    for run in runs:
        pulse.publish_if_open(turn.beside(run))


def forget(session: Session, steps: Steps) -> int:
    """Delete all answers whose time is over, in every community, and what was typed of them and not sent.

    Returns how many rows went.
    """
    shown, given = now() - KEPT, now() - UNPUBLISHED
    gone = 0
    for step in steps.by_name.values():
        kinds = {kind: PUBLISHED_AS[thing] for kind, thing in step.keeps.items() if thing in PUBLISHED_AS}
        for kind, published in kinds.items():
            gone += contributions.forget_over(
                session, step.name, kind, published, published_before=shown, given_before=given
            )
        if kinds:
            over = contributions.runs_with(session, step.name, set(kinds.values()), before=shown)
            gone += drafts.forget_over(session, step.name, step.private_forms, over, saved_before=given)
    return gone
