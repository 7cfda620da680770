"""The pulse: three sentences about owning, counting and wanting to go on, after steps 1, 4 and 6.

Each step's answers are published once and stay as they are. The trend over them is the members' own.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, contributions, totals
from lti_tool.domain.cycle import Turn
from lti_tool.models import Community, Contribution, Cycle, Member, StepRun
from lti_tool.text import Text

ANSWER = "pulse"
ITEMS = {
    "ours": Text("Dit is van ons samen.", "This belongs to all of us."),
    "counts": Text("Wat ik inbreng, telt mee.", "What I bring in counts."),
    "energy": Text("Ik heb zin om hiermee verder te gaan.", "I look forward to going on with this."),
}
# The steps that ask it once they are closed. Step 6 asks it with its survey.
ASKED_AFTER = ("ambition", "consequences")
# So long everybody gets to answer, before a member may have it published without the others.
PATIENCE = dt.timedelta(days=7)


@dataclass(frozen=True)
class State:
    """How the pulse of a step stands. people: how many answered; published: the frozen totals."""

    own: Contribution | None
    people: frozenset[int]
    published: Mapping[str, Any] | None
    waited: bool

    @property
    def may_publish(self) -> bool:
        """Whether a member may publish it now."""
        return self.published is None and self.waited and len(self.people) >= totals.LEAST


_STATE = select(Contribution).where(
    Contribution.step_run_id == bindparam("run"),
    Contribution.kind.in_((ANSWER, totals.PULSE)),
    Contribution.withdrawn_at.is_(None),
)


def read(turn: Turn) -> State:
    """How it stands in the turn's step, after the step has closed."""
    rows = turn.session.scalars(_STATE, {"run": turn.run.id}).all()
    me = turn.member.id if turn.member else None
    return State(
        own=next((row for row in rows if row.kind == ANSWER and row.member_id == me), None),
        people=frozenset(row.member_id for row in rows if row.kind == ANSWER),
        published=next((row.body for row in rows if row.kind == totals.PULSE), None),
        waited=turn.run.closed_at is not None and turn.run.closed_at + PATIENCE <= now(),
    )


def answer(turn: Turn, numbers: Mapping[str, int]) -> None:
    """Answer, or change one's answers until they are published: by the answer of the last one present."""
    state = read(turn)
    if state.published is not None:
        raise Refused("published_already", totals.PUBLISHED_ALREADY)
    if not numbers:
        raise Refused("answer_missing")
    if state.own is not None:
        # No earlier version is kept of what nobody else may read.
        state.own.body = dict(numbers)
    else:
        contributions.add(turn, ANSWER, dict(numbers))
    turn.session.flush()
    if turn.present_ids <= state.people | {turn.me.id}:
        publish(turn)


def publish_now(turn: Turn) -> None:
    """Publish it without who has not answered: once there was time to, and not below the least."""
    if not read(turn).may_publish:
        raise Refused("pulse_too_early", _TOO_EARLY)
    publish(turn)


def publish(turn: Turn) -> None:
    """Publish what was answered, once; with too few answers that there were too few."""
    given = [row.body for row in contributions.of_kind(turn, ANSWER)]
    totals.publish(turn, totals.PULSE, given, list(ITEMS))


def unanswered(session: Session, cycle: Cycle, member: Member) -> Sequence[str]:
    """The names of the steps of whose pulse this member's answer is still wanted, for a quiet line at home."""
    if cycle.closed_at is not None or member.standing != "member":
        return ()
    return session.scalars(_UNANSWERED, {"cycle": cycle.id, "member": member.id}).all()


_UNANSWERED = (
    select(StepRun.step)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        StepRun.step.in_(ASKED_AFTER),
        StepRun.closed_at.is_not(None),
        ~select(Contribution.id)
        .where(
            Contribution.step_run_id == StepRun.id,
            or_(
                Contribution.kind == totals.PULSE,
                (Contribution.kind == ANSWER) & (Contribution.member_id == bindparam("member")),
            ),
        )
        .exists(),
    )
    .order_by(StepRun.id)
)


@dataclass(frozen=True)
class Point:
    """One published pulse: of which cycle and step, and the means; None where too few answered."""

    cycle: int
    step: str
    means: Mapping[str, float | None]


_TREND = (
    select(Cycle.number, StepRun.step, Contribution)
    .join(StepRun, StepRun.cycle_id == Cycle.id)
    .join(Contribution, (Contribution.step_run_id == StepRun.id) & (Contribution.kind == totals.PULSE))
    .where(Cycle.community_id == bindparam("community"))
    .order_by(Cycle.number, StepRun.id)
)


def trend(session: Session, community: Community) -> list[Point]:
    """All that was published, over steps and cycles, oldest first."""
    rows = session.execute(_TREND, {"community": community.id})
    return [Point(number, step, item.body["means"]) for number, step, item in rows]


_TOO_EARLY = Text(
    "Nog even wachten: de uitkomst komt als iedereen heeft geantwoord, of na een week vanaf vijf antwoorden.",
    "A little patience: the outcome comes once everybody has answered, or after a week from five answers on.",
)
