"""The survey at the end of a cycle: answered alone, read by nobody, its totals published once and its answers deleted.

Eleven sentences of our own (not a validated instrument) about what was reached and how it went, with the
pulse's three beside them.
"""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, contributions, outbox, pulse, totals
from lti_tool.domain.cycle import Turn
from lti_tool.models import Contribution, Cycle, Draft, StepRun
from lti_tool.text import Text

SURVEY = "survey"
PRODUCT = {
    "reached": Text("We hebben bereikt wat we afspraken.", "We achieved what we agreed."),
    "pupils": Text("Leerlingen merken verschil.", "Pupils notice a difference."),
    "lasting": Text("Ik doe iets blijvend anders.", "I lastingly do something differently."),
    "others": Text("Collega's buiten onze groep kunnen hiermee verder.", "Colleagues outside our group can use this."),
    "known": Text("We weten nu iets wat we eerst niet wisten.", "We now know something we didn't."),
}
PROCESS = {
    "influence": Text("Ik had echt invloed op onderwerp en ambitie.", "I had real influence on topic and ambition."),
    "understood": Text(
        "Ik begrijp hoe collega's kijken, ook waar we verschillen.",
        "I understand colleagues' views, also where we differ.",
    ),
    "outside": Text("We haalden blikken van buiten.", "We brought in outside views."),
    "shared": Text("Dit is van ons samen, niet van enkelen.", "This is all of ours, not a few people's."),
    "honest": Text("Ik kon eerlijk zijn.", "I could be honest."),
    "support": Text("We hadden genoeg tijd en steun.", "We had enough time and support."),
}
ITEMS = {**PRODUCT, **PROCESS}

# What was answered is deleted so long after the cycle has ended; the totals stay.
KEPT = dt.timedelta(days=30)
# The forms that hold answers, by the names of their drafts.
_FORMS = (SURVEY, "fill")


def answer(turn: Turn, numbers: Mapping[str, int], felt: Mapping[str, int]) -> None:
    """Answer the survey and the pulse with it, or change one's answers while it is open."""
    if not numbers:
        raise Refused("answer_missing")
    for kind, given in ((SURVEY, numbers), (pulse.ANSWER, felt)):
        own = contributions.mine(turn, kind)
        if own:
            # No earlier version is kept of what nobody else may read.
            own[0].body = dict(given)
        elif given:
            contributions.add(turn, kind, dict(given))


def take_back(turn: Turn) -> None:
    """Take one's answers back, those to the pulse too."""
    for kind in (SURVEY, pulse.ANSWER):
        for item in contributions.mine(turn, kind):
            contributions.withdraw(turn, item)


def publish(turn: Turn) -> None:
    """Publish the totals of both, once, as the survey closes."""
    given = [item.body for item in contributions.of_kind(turn, SURVEY)]
    totals.publish(turn, totals.SURVEY, given, list(ITEMS))
    pulse.publish(turn)


def schedule_forgetting(turn: Turn) -> None:
    """A cycle has ended: publish every pulse still open, and have the answers deleted when their time is over."""
    closed = turn.cycle.closed_at or now()
    runs = turn.session.scalars(
        select(StepRun).where(
            StepRun.cycle_id == turn.cycle.id, StepRun.step.in_(pulse.ASKED_AFTER), StepRun.closed_at.is_not(None)
        )
    )
    for run in runs:
        its = Turn(turn.session, turn.community, turn.cycle, run, turn.member)
        state = pulse.read(its)
        if state.people and state.published is None:
            pulse.publish(its)
    outbox.put(turn.session, outbox.FORGET, str(turn.cycle.id), due_at=closed + KEPT, cycle=turn.cycle.id)


def forget(session: Session, cycle_id: int) -> str:
    """Delete the answers of a cycle that ended long enough ago: survey, pulses, conditions check, drafts of them.

    Returns what was done.
    """
    cycle = session.get(Cycle, cycle_id)
    if cycle is None or cycle.closed_at is None or cycle.closed_at + KEPT > now():
        return "cycle_kept"
    runs = session.scalars(select(StepRun.id).where(StepRun.cycle_id == cycle_id)).all()
    session.execute(
        delete(Contribution).where(Contribution.step_run_id.in_(runs), Contribution.kind.in_(contributions.PRIVATE))
    )
    session.execute(delete(Draft).where(Draft.form.in_([f"{run}:{form}" for run in runs for form in _FORMS])))
    return "forgotten"
