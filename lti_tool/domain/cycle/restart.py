"""The next cycle: the old one closed for good, and what the new one knows of it.

What the community left open stands on the new cycle's pages, read from the old one, and somebody who takes a piece
of it over does so by the step's own form. Only an ambition that all decided to go on with is copied: it is the new
cycle's from the beginning, and its first step completed by it.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import acts
from lti_tool.domain.cycle import Steps, Turn, holding, pausing, telling
from lti_tool.domain.mechanisms import contributions, forgetting
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import Card
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie
from lti_tool.models import Cycle, StepRun

STOP, CONTINUE, CHANGED = "stop", "continue", "changed"

# "Do we still do this?" is asked from its day on, for so long: a summer holiday does not swallow it.
ASKED_FOR = dt.timedelta(weeks=8)


@dataclass(frozen=True)
class LookBack:
    """The day on which the community asks itself whether it still does what it agreed."""

    day: dt.date
    what: str

    def is_due(self, today: dt.date, paused: Collection[dt.date] = ()) -> bool:
        """Whether this is the time to ask. paused: the days on which nothing was asked."""
        return self.day <= today < pausing.put_off(self.day + ASKED_FOR, self.day, paused)


@dataclass(frozen=True)
class Inherited:
    """What the cycle before left. result, lessons: its yield, or what was learned until it was ended.

    actions: not ended, or to go on in another way; questions: those that stood; points: what had our attention,
    without anything having been proposed about it.
    """

    number: int
    result: str
    lessons: Sequence[str]
    actions: Sequence[Card]
    questions: Sequence[Piece]
    points: Sequence[Piece]

    def __bool__(self) -> bool:
        return bool(self.result or self.lessons or self.actions or self.questions or self.points)


@dataclass(frozen=True)
class Kept:
    """What completed steps of a cycle came to, as far as home and the next cycle need it."""

    there: Gathered

    @property
    def decision(self) -> str:
        """How the community said it would go on: stop, continue or new; "" before it said so."""
        said = self.there.last(Flow.NEXT)
        return str(said.body["choice"]) if said else ""

    @property
    def look_back(self) -> LookBack | None:
        """What was agreed about looking back."""
        agreed = self.there.last(Flow.LOOK_BACK)
        return LookBack(dt.date.fromisoformat(agreed.body["date"]), str(agreed.body["what"])) if agreed else None

    @property
    def horizon(self) -> dt.date | None:
        """Until when the ambition looks."""
        text = self.there.last(Flow.AMBITION)
        day = text.body.get("horizon") if text else ""
        return dt.date.fromisoformat(day) if day else None


_KEPT = (Flow.AMBITION, Flow.QUESTION, Flow.YIELD, Flow.NEXT, Flow.LOOK_BACK, Flow.LEARNED)


def kept(turn: Turn) -> Mapping[int, Kept]:
    """cycle number -> what it came to: of the turn's cycle and of the one before it; completed steps only."""
    numbers = tuple(range(max(1, turn.cycle.number - 1), turn.cycle.number + 1))
    found = gate.of_cycles(turn, numbers, *_KEPT)
    return {number: Kept(there.settled()) for number, there in found.items()}


def inherited(turn: Turn) -> Inherited | None:
    """What the cycle before this one left; None in the first."""
    number = turn.cycle.number - 1
    if number < 1:
        return None
    left = kept(turn)[number].there
    # Of a cycle that was ended, what its community had not decided is not handed on as if it had.
    there = gate.of_cycles(turn, (number,), *actions.ROOTS, *actions.BOARD)[number].settled()
    result = left.last(Flow.YIELD) or left.last(Flow.LEARNED)
    return Inherited(
        number=number,
        result=str(result.body["text"]) if result else "",
        lessons=[str(each) for each in result.body.get("lessons", ())] if result else [],
        actions=[card for card in actions.cards(there) if goes_on(card)],
        questions=left.written(Flow.QUESTION),
        points=[item for item in there.written(Flow.ATTENTION) if not there.linked_to(item, Tie.FOLLOWS_FROM)],
    )


def is_asked(turn: Turn, agreed: LookBack) -> bool:
    """Whether this is the time to ask whether we still do what was agreed. In a pause nothing is asked."""
    today = now().date()
    if turn.cycle.paused_until is not None or today < agreed.day:
        return False
    return agreed.is_due(today) or agreed.is_due(today, pausing.days(turn.session, turn.community))


def goes_on(card: Card) -> bool:
    """Whether an action is still there to do: it did not end, or it ended by being changed."""
    return card.result is None or card.result.body.get("ended") == CHANGED


def is_complete(runs: Mapping[str, StepRun], steps: Steps) -> bool:
    """Whether every step of a cycle is completed; side steps never hold it up."""
    return all((run := runs.get(step.name)) is not None and run.closed_at is not None for step in steps)


def may_begin_next(turn: Turn, runs: Mapping[str, StepRun], steps: Steps) -> bool:
    """Whether this is the moment for the next cycle: all steps are done, and it has not begun."""
    if turn.community.archived_at is not None:
        return False
    if turn.cycle.ending is not None:
        return is_complete(runs, steps) and not _is_followed(turn)
    return turn.cycle.under_way and is_complete(runs, steps)


def _is_followed(turn: Turn) -> bool:
    later = select(Cycle.id).where(Cycle.community_id == turn.community.id, Cycle.number > turn.cycle.number)
    return turn.session.scalar(later.limit(1)) is not None


def carried(turn: Turn) -> Piece | None:
    """The ambition of the cycle before, where that cycle decided to go on with it."""
    before = kept(turn).get(turn.cycle.number - 1) if turn.cycle.number > 1 else None
    return before.there.last(Flow.AMBITION) if before is not None and before.decision == CONTINUE else None


def _carry_on(turn: Turn, ambition: Piece, steps: Steps) -> None:
    """Let the turn's step be completed by this ambition. A horizon that is over is left for the community to set."""
    body = dict(ambition.body)
    if body.get("horizon") and dt.date.fromisoformat(body["horizon"]) <= now().date():
        body["horizon"] = ""
    contributions.add(turn, Flow.AMBITION, body, [(Tie.BUILT_FROM, ambition)], by=ambition.member_id)
    was, turn.run.stage, turn.run.closed_at = turn.run.stage, cycle.CLOSED.name, now()
    turn.session.flush()
    turn.note(acts.Kind.STAGE_MOVED, was=was, to=turn.run.stage)
    step = steps.by_name[turn.run.step]
    turn.run.outcome = step.outcome(Turn(turn.session, turn.community, turn.cycle, turn.run, None, steps))
    cycle.begin(turn, steps.following(step))


def begin_next(turn: Turn, steps: Steps, after_all: bool = False) -> Cycle:
    """Close the turn's cycle for good, and open the first step of the next; after one that was ended, only that.

    after_all: the community had decided to stop, and begins again all the same. Whoever comes second is
    told that the cycle is closed: two presses make one cycle.
    """
    session = turn.session
    runs = holding.whole(session, turn.cycle)
    over = turn.cycle.ending is not None
    session.refresh(turn.community, ["archived_at"])
    if turn.community.archived_at is not None:
        raise Refused("community_archived")
    if over and _is_followed(turn):
        raise Refused("cycle_closed")
    if not over:
        cycle.refuse_if_still(turn.cycle)
        if not is_complete(runs, steps):
            raise Refused("cycle_open")
    settled = kept(turn)[turn.cycle.number]
    if settled.decision == STOP and not after_all:
        raise Refused("cycle_stopped")
    ambition = settled.there.last(Flow.AMBITION) if settled.decision == CONTINUE else None
    if not over:
        turn.cycle.closed_at = now()
        forgetting.publish_open(turn)
        for run in runs.values():
            telling.stage_over(turn.beside(run))
    made = Cycle(community_id=turn.community.id, number=turn.cycle.number + 1)
    session.add(made)
    session.flush()
    acts.note(session, turn.community.id, acts.Kind.CYCLE_BEGUN, turn.member, cycle=made)
    run = cycle.open_step(session, turn.community, made, next(iter(steps)), steps, turn.member)
    if ambition is not None:
        _carry_on(Turn(session, turn.community, made, run, turn.member, steps), ambition, steps)
    return made
