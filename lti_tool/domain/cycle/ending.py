"""Ending a cycle before its steps are done: by consent, or without a decision where none comes.

It stays to be read as it was left. Nothing undecided counts as adopted: a step that was open stays open for good,
and what was hidden in it stays hidden. Scores that were sent stay in the gradebook.
"""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, school_days, version
from lti_tool.domain.cycle import Turn, midnights, put_off, refuse_if_still, telling
from lti_tool.domain.mechanisms import forgetting
from lti_tool.domain.reading import deciding
from lti_tool.models import Act, Cycle, Ending, Moment, Round, RoundKind, RoundOutcome, StepRun

# So long everybody has to answer whether to end, before the extension.
ANSWERED_IN = dt.timedelta(weeks=1)
# So long after that nobody ends it alone; and so long nobody was at work in a cycle that an administrator ends.
WAIT = dt.timedelta(weeks=4)
PAIR = TWICE = 2


def end(turn: Turn, how: Ending, **detail: str) -> None:
    """End the turn's cycle for good; Refused where it is over already, or paused."""
    turn.session.flush()
    turn.session.refresh(turn.cycle, with_for_update=True)
    refuse_if_still(turn.cycle)
    turn.cycle.closed_at, turn.cycle.ending = now(), how
    forgetting.publish_open(turn)
    for run in turn.session.scalars(select(StepRun).where(StepRun.cycle_id == turn.cycle.id)):
        telling.stage_over(turn.beside(run))
    turn.note(acts.Kind.CYCLE_ENDED, ending=how.value, **detail)
    version.moved(turn.session, turn.community.id)
    turn.session.flush()


def last_day(today: dt.date, off: Collection[dt.date] = school_days.NONE) -> dt.date:
    """Until when everybody can answer, if it is put to all today. off: holidays."""
    return school_days.on_or_after(today + ANSWERED_IN, off)


def free_from(turn: Turn) -> dt.datetime | None:
    """From when whoever facilitates may end the cycle without a decision; None while nothing was put to all.

    The turn is at the step that asks it: four weeks after its day and the extension.
    """
    until = turn.run.closes_at
    if until is None or turn.run.closed_at is not None:
        return None
    if not turn.run.extended:
        until = put_off(until, turn.zone, school_days.days_off(turn.community))
    return midnights.later(until, WAIT.days, turn.zone)


def end_undecided(turn: Turn) -> None:
    """End it without a decision, as whoever facilitates may once everybody had time enough."""
    turn.hold()
    free = free_from(turn)
    if free is None or free > now():
        raise Refused("ending_too_early")
    end(turn, Ending.UNDECIDED)


def is_pair_divided(turn: Turn) -> bool:
    """Whether these are two, with an objection between them that is not solved: then either may end the cycle."""
    return turn.circle.size == PAIR and _has_unsolved_objection(turn)


def _has_unsolved_objection(turn: Turn) -> bool:
    """Whether in a step that is open the last two decisions came back with an objection, the first before today."""
    rounds = (
        select(Round.step_run_id, Round.outcome, Round.closed_at)
        .join(StepRun, StepRun.id == Round.step_run_id)
        .where(StepRun.cycle_id == turn.cycle.id, StepRun.closed_at.is_(None), Round.kind == RoundKind.CONSENT)
        .order_by(Round.id)
    )
    # run id -> when its decisions came back; of those since the last that did not.
    since: dict[int, list[dt.datetime]] = {}
    for row in turn.session.execute(rounds):
        came_back = row.outcome == RoundOutcome.OBJECTED and row.closed_at is not None
        since[row.step_run_id] = [*since.get(row.step_run_id, ()), row.closed_at] if came_back else []
    today = midnights.day_of(now(), turn.zone)
    return any(len(each) >= TWICE and midnights.day_of(each[0], turn.zone) < today for each in since.values())


def end_of_pair(turn: Turn) -> None:
    """End it without a decision, as either of two may who cannot solve an objection."""
    _ = turn.me
    if not is_pair_divided(turn):
        raise Refused("ending_no_pair")
    end(turn, Ending.UNDECIDED)


def last_at_work(session: Session, cycle: Cycle) -> dt.datetime:
    """When somebody, or the clock, last did something in a cycle."""
    of_cycle = StepRun.cycle_id == cycle.id
    moments = [
        session.scalar(select(func.max(StepRun.stage_since)).where(of_cycle)),
        session.scalar(select(func.max(Moment.at)).join(StepRun, StepRun.id == Moment.step_run_id).where(of_cycle)),
        session.scalar(select(func.max(Act.at)).where(Act.cycle_id == cycle.id)),
        deciding.last_written(session, cycle),
    ]
    return max((each for each in moments if each is not None), default=cycle.started_at)


def is_abandoned(session: Session, cycle: Cycle) -> bool:
    """Whether nobody was at work in a cycle for so long that an administrator may end it."""
    return last_at_work(session, cycle) + WAIT <= now()
