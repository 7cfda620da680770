"""The cycle: which step is open, in which stage, and how it moves on.

A step is known here only by what this module asks of it (`Step`); steps themselves lie above.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, outbox
from lti_tool.models import Community, Cycle, Member, Seat, StepRun
from lti_tool.text import Text

Found = TypeVar("Found")


class Phase(StrEnum):
    """The rhythm all steps share: write alone and hidden, respond once revealed, decide, closed."""

    ALONE = "alone"
    RESPOND = "respond"
    DECIDE = "decide"
    CLOSED = "closed"


@dataclass(frozen=True)
class Stage:
    """One stage of a step. move: what the facilitator's button says that ends it; days: its usual length."""

    name: str
    phase: Phase
    title: Text
    move: Text
    days: int = 7


CLOSED = Stage("closed", Phase.CLOSED, Text("afgerond", "completed"), Text("", ""))


class Step(Protocol):
    """What the cycle needs of a step."""

    @property
    def name(self) -> str: ...
    @property
    def stages(self) -> Sequence[Stage]: ...
    def enter(self, turn: "Turn") -> None: ...
    def leave(self, turn: "Turn") -> str: ...


@dataclass
class Turn:
    """One person's (or, with member None, the clock's) turn at one step: what step code acts on."""

    session: Session
    community: Community
    cycle: Cycle
    run: StepRun
    member: Member | None
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: str, find: Callable[[], Found]) -> Found:
        """What a page asks several times, found once. A turn is for one action or one page, not for both."""
        if what not in self._known:
            self._known[what] = find()
        return cast(Found, self._known[what])

    def hold(self) -> None:
        """Let nobody else act on this step until the transaction ends, and see what the one before did.

        Without it, on PostgreSQL, an objection could slip in while the round is being closed.
        """
        self.session.flush()
        self.session.refresh(self.run, with_for_update=True)

    @property
    def present_ids(self) -> set[int]:
        """The ids of the members who take part and are present."""
        return self.once("present", lambda: present_member_ids(self.session, self.community))

    @property
    def me(self) -> Member:
        """The member whose turn it is; Refused for somebody who does not take part."""
        if self.member is None or self.member.standing != "member":
            raise Refused("not_a_member")
        return self.member


def found(session: Session, community: Community) -> Cycle:
    """The first cycle of a new community."""
    cycle = Cycle(community_id=community.id, number=1)
    session.add(cycle)
    session.flush()
    return cycle


def existing_number(session: Session, community: Community, wanted: int | None) -> int:
    """The cycle number a placement asks for if the community has it, else the newest cycle's."""
    numbers = session.scalars(select(Cycle.number).where(Cycle.community_id == community.id)).all()
    return wanted if wanted is not None and wanted in numbers else max(numbers, default=1)


# Every page asks these. Built once, they are hot.
_OPENED = (
    select(Cycle, StepRun)
    .outerjoin(StepRun, StepRun.cycle_id == Cycle.id)
    .where(Cycle.community_id == bindparam("community"))
    .order_by(Cycle.number.desc())
)
_PRESENT = (
    select(Member.id)
    .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == bindparam("course")))
    .where(Member.community_id == bindparam("community"), Member.standing == "member", Seat.present)
)
_PRESENT_COUNT = _PRESENT.with_only_columns(func.count(Member.id), maintain_column_froms=True)


def opened(session: Session, community: Community, number: int | None) -> tuple[Cycle, dict[str, StepRun]]:
    """The community's cycle of that number, else its newest, and its opened steps by name."""
    rows = session.execute(_OPENED, {"community": community.id}).all()
    cycles = list(dict.fromkeys(cycle for cycle, _ in rows))
    chosen = next((cycle for cycle in cycles if cycle.number == number), cycles[0])
    return chosen, {run.step: run for cycle, run in rows if run is not None and cycle is chosen}


def present_members(session: Session, community: Community) -> int:
    """How many take part: launched, not marked as gone. The denominator of everything."""
    return session.scalars(_PRESENT_COUNT, {"community": community.id, "course": community.course_id}).one()


def present_member_ids(session: Session, community: Community) -> set[int]:
    """The ids of the members who take part and are present."""
    return set(session.scalars(_PRESENT, {"community": community.id, "course": community.course_id}))


def open_step(session: Session, community: Community, cycle: Cycle, step: Step) -> StepRun:
    """Open a step at its first stage."""
    run = StepRun(cycle_id=cycle.id, step=step.name, stage=step.stages[0].name)
    session.add(run)
    session.flush()
    step.enter(Turn(session, community, cycle, run, None))
    return run


def stage_of(step: Step, run: StepRun) -> Stage:
    """The stage a run is in."""
    return next((stage for stage in step.stages if stage.name == run.stage), CLOSED)


def advance(turn: Turn, step: Step, expected: str) -> None:
    """Move a step on from the stage the mover saw (`expected`); raises Refused when it may not.

    Which stage follows is the step's to say: a decision that fails may lead back.
    """
    turn.hold()
    if turn.run.stage != expected:
        raise Refused("stage_moved")
    if turn.run.closed_at is not None:
        raise Refused("step_closed")
    turn.run.stage = step.leave(turn)
    turn.run.stage_since = now()
    turn.run.closes_at = None
    if turn.run.stage == CLOSED.name:
        turn.run.closed_at = now()
    turn.session.flush()
    step.enter(turn)


def set_date(turn: Turn, closes_at: dt.datetime | None) -> None:
    """Announce when the present stage ends by itself, or take the date back."""
    turn.hold()
    if turn.run.closed_at is not None:
        raise Refused("step_closed")
    if closes_at is not None and closes_at <= now():
        raise Refused("date_passed")
    turn.run.closes_at = closes_at
    if closes_at is not None:
        outbox.put(
            turn.session, outbox.STAGE, str(turn.run.id), due_at=closes_at, run=turn.run.id, stage=turn.run.stage
        )


def on_date(session: Session, run_id: int, stage: str, steps: Mapping[str, Step]) -> str:
    """A date came: move the stage it was announced for. Returns "moved", or why nothing was to do.

    Whether there is a newer date is asked of the run, so that a row left from an older one does nothing.
    """
    run = session.get(StepRun, run_id)
    if run is None or run.stage != stage or run.closes_at is None or run.closes_at > now():
        return "date_changed"
    cycle = session.get_one(Cycle, run.cycle_id)
    turn = Turn(session, session.get_one(Community, cycle.community_id), cycle, run, None)
    try:
        advance(turn, steps[run.step], stage)
    except Refused as refused:
        # Nothing to reveal, no text to decide on: the stage stays open and shows no date any more.
        run.closes_at = None
        return refused.code
    return "moved"


def date_passed(run: StepRun) -> bool:
    """Whether the announced end of the present stage is over (the clock may be about to move it)."""
    return run.closes_at is not None and run.closes_at <= now()
