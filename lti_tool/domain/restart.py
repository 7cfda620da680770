"""The next cycle: the old one closed for good, and what the new one knows of it.

Nothing is copied. What the community left open stands on the new cycle's pages, read from the old one, and
somebody who takes a piece of it over does so by the step's own form.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from lti_tool.db import now
from lti_tool.domain import Refused, actions, attention, cycle, inquiry, survey
from lti_tool.domain.actions import Card
from lti_tool.domain.cycle import Steps, Turn
from lti_tool.domain.yields import LOOK_BACK, NEXT, YIELD
from lti_tool.domain.yields import STEP as EVALUATION
from lti_tool.models import Contribution, Cycle, StepRun

INFORMATION, AMBITION, ADOPTED = "information", "ambition", "proposal"
STOP, CHANGED = "stop", "changed"

# "Do we still do this?" is asked from its day on, for so long: a summer holiday does not swallow it.
ASKED_FOR = dt.timedelta(weeks=8)


@dataclass(frozen=True)
class LookBack:
    """The day on which the community asks itself whether it still does what it agreed."""

    day: dt.date
    what: str

    def is_due(self, today: dt.date) -> bool:
        """Whether this is the time to ask."""
        return self.day <= today < self.day + ASKED_FOR


@dataclass(frozen=True)
class Inherited:
    """What the cycle before left. actions: not ended, or to go on in another way; questions: those that stood;
    points: what had our attention, without anything having been proposed about it."""

    number: int
    result: str
    lessons: Sequence[str]
    actions: Sequence[Card]
    questions: Sequence[Contribution]
    points: Sequence[Contribution]

    def __bool__(self) -> bool:
        return bool(self.result or self.lessons or self.actions or self.questions or self.points)


class Kept:
    """What completed steps of a cycle came to, as far as home and the next cycle need it."""

    def __init__(self, of: Cycle, items: Sequence[Contribution]) -> None:
        self.cycle = of
        self._items = items

    def all(self, kind: str) -> list[Contribution]:
        """All of a kind, oldest first."""
        return [item for item in self._items if item.kind == kind]

    def last(self, kind: str) -> Contribution | None:
        """The newest of a kind."""
        return next(reversed(self.all(kind)), None)

    @property
    def decision(self) -> str:
        """How the community said it would go on: stop, continue or new; "" before it said so."""
        said = self.last(NEXT)
        return str(said.body["choice"]) if said else ""

    @property
    def look_back(self) -> LookBack | None:
        """What was agreed about looking back."""
        agreed = self.last(LOOK_BACK)
        return LookBack(dt.date.fromisoformat(agreed.body["date"]), str(agreed.body["what"])) if agreed else None

    @property
    def horizon(self) -> dt.date | None:
        """Until when the ambition looks."""
        text = self.last(ADOPTED)
        day = text.body.get("horizon") if text else ""
        return dt.date.fromisoformat(day) if day else None


# Of a cycle and the one before it, completed steps only. Every home asks it: built once, it is hot.
_KEPT = (
    select(Cycle, Contribution)
    .outerjoin(StepRun, (StepRun.cycle_id == Cycle.id) & StepRun.closed_at.is_not(None))
    .outerjoin(
        Contribution,
        (Contribution.step_run_id == StepRun.id)
        & Contribution.withdrawn_at.is_(None)
        & (
            (StepRun.step == AMBITION) & (Contribution.kind == ADOPTED)
            | (StepRun.step == INFORMATION) & (Contribution.kind == inquiry.QUESTION)
            | (StepRun.step == EVALUATION) & Contribution.kind.in_((YIELD, NEXT, LOOK_BACK))
        ),
    )
    .where(
        Cycle.community_id == bindparam("community"),
        Cycle.number.in_((bindparam("number"), bindparam("before"))),
    )
    .order_by(Contribution.id)
)


def kept(turn: Turn) -> Mapping[int, Kept]:
    """cycle number -> what it came to: of the turn's cycle and of the one before it."""
    this, before = turn.cycle.number, turn.cycle.number - 1

    def find() -> dict[int, Kept]:
        keys = {"community": turn.community.id, "number": this, "before": before}
        found: dict[Cycle, list[Contribution]] = {}
        for each, item in turn.session.execute(_KEPT, keys):
            found.setdefault(each, []).extend([item] if item is not None else [])
        return {each.number: Kept(each, items) for each, items in found.items()}

    return turn.once_for_all("kept", find)


def inherited(turn: Turn) -> Inherited | None:
    """What the cycle before this one left; None in the first."""
    number = turn.cycle.number - 1
    if number < 1:
        return None
    left = kept(turn)[number]
    there = actions.held(turn, left.cycle.id)
    result = left.last(YIELD)
    return Inherited(
        number=number,
        result=str(result.body["text"]) if result else "",
        lessons=[str(each) for each in result.body.get("lessons", ())] if result else [],
        actions=[card for card in actions.cards(there) if goes_on(card)],
        questions=left.all(inquiry.QUESTION),
        points=[item for item in there.of(attention.ATTENTION) if not there.linked_to(item, actions.FOLLOWS_FROM)],
    )


def goes_on(card: Card) -> bool:
    """Whether an action is still there to do: it did not end, or it ended by being changed."""
    return card.result is None or card.result.body.get("ended") == CHANGED


def is_complete(runs: Mapping[str, StepRun], steps: Steps) -> bool:
    """Whether every step of a cycle is completed; side steps never hold it up."""
    return all((run := runs.get(step.name)) is not None and run.closed_at is not None for step in steps)


def may_begin_next(turn: Turn, runs: Mapping[str, StepRun], steps: Steps) -> bool:
    """Whether this is the moment for the next cycle: all steps are done, and it has not begun."""
    return turn.cycle.closed_at is None and is_complete(runs, steps)


def begin_next(turn: Turn, steps: Steps, after_all: bool = False) -> Cycle:
    """Close the turn's cycle for good, and open the first step of the next.

    after_all: the community had decided to stop, and begins again all the same. Whoever comes second is
    told that the cycle is closed: two presses make one cycle.
    """
    session = turn.session
    session.flush()
    # First the steps, then the cycle, in the order in which a step that is moved on takes them: whoever is at
    # work in a step is done before it closes, or finds it closed.
    found = session.scalars(
        select(StepRun)
        .where(StepRun.cycle_id == turn.cycle.id)
        .order_by(StepRun.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    runs = {run.step: run for run in found}
    session.refresh(turn.cycle, with_for_update=True)
    if turn.cycle.closed_at is not None:
        raise Refused("cycle_closed")
    if not is_complete(runs, steps):
        raise Refused("cycle_open")
    if kept(turn)[turn.cycle.number].decision == STOP and not after_all:
        raise Refused("cycle_stopped")
    turn.cycle.closed_at = now()
    survey.schedule_forgetting(turn)
    made = Cycle(community_id=turn.community.id, number=turn.cycle.number + 1)
    session.add(made)
    session.flush()
    cycle.open_step(session, turn.community, made, next(iter(steps)))
    return made
