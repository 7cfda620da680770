"""The cycle: which step is open, in which stage, and how it moves on.

A step is known here only by what this module asks of it (`Step`); steps themselves lie above.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lti_tool.db import now, plain
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community import acts
from lti_tool.domain.community.access import COMMUNITY, FACILITATING, Audience, audiences
from lti_tool.domain.cycle.stages import CLOSED as CLOSED
from lti_tool.domain.cycle.stages import Stage as Stage
from lti_tool.domain.cycle.stages import StageKind as StageKind
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Phase as Phase
from lti_tool.domain.reading.things import Thing, Viewer, require
from lti_tool.models import Authors, Community, Cycle, Member, Person, Reopening, Seat, Standing, StepRun
from lti_tool.text import Text

Found = TypeVar("Found")

# Who was not heard by the announced date gets this much longer, once.
EXTENSION = dt.timedelta(days=3)


class Step(Protocol):
    """What the cycle, the thread and the gate need of a step.

    keeps: kind -> which thing it is; becomes: the same for what changes once the step is completed.
    asks_pulse: whether the pulse is asked once it is completed. private_forms: those whose answers are forgotten.
    """

    @property
    def name(self) -> str: ...
    @property
    def stages(self) -> Sequence[Stage]: ...
    @property
    def reopens_at(self) -> str: ...
    @property
    def keeps(self) -> Mapping[str, Thing]: ...
    @property
    def becomes(self) -> Mapping[str, Thing]: ...
    @property
    def asks_pulse(self) -> bool: ...
    @property
    def private_forms(self) -> Sequence[str]: ...
    def __hash__(self) -> int: ...
    def enter(self, turn: "Turn") -> None: ...
    def leave(self, turn: "Turn") -> str: ...
    def unheard(self, turn: "Turn") -> set[int]: ...
    def outcome(self, turn: "Turn") -> str | None: ...


class Steps(Protocol):
    """What the cycle needs of all steps together."""

    def __iter__(self) -> Iterator[Step]: ...
    @property
    def by_name(self) -> Mapping[str, Step]: ...
    def following(self, step: Step) -> Step | None: ...
    def keeping(self, kind: str) -> Step: ...


@dataclass
class Turn:
    """One person's (or, with member None, the clock's) turn at one step: what step code acts on.

    seen_as: what a person is here, where that is known already; without it, it is told from the member. The
    clock moves a step on as anybody of the community could, and reads what they may.
    """

    session: Session
    community: Community
    cycle: Cycle
    run: StepRun
    member: Member | None
    steps: Steps
    seen_as: frozenset[Audience] | None = None
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _common: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: str, find: Callable[[], Found]) -> Found:
        """What a page asks several times, found once. A turn is for one action or one page, not for both."""
        if what not in self._known:
            self._known[what] = find()
        return cast(Found, self._known[what])

    def known(self, what: str) -> Any:
        """What was found once, or None where nobody asked for it yet."""
        return self._known.get(what)

    def once_for_all(self, what: str, find: Callable[[], Found]) -> Found:
        """The same for what does not depend on the step: turns beside one another share it."""
        if what not in self._common:
            self._common[what] = find()
        return cast(Found, self._common[what])

    def forget(self) -> None:
        """Find anew what was found: after something was written. Who everybody is stays."""
        self._known.clear()
        for what in [each for each in self._common if each != "people"]:
            del self._common[what]

    def lock(self) -> None:
        """Let nobody else act on this step until the transaction ends, and see what the one before did.

        Without it, on PostgreSQL, an objection could slip in while the round is being closed.
        """
        self.session.flush()
        self.session.refresh(self.run, with_for_update=True)

    def hold(self) -> None:
        """Lock, for everything that writes in a cycle: Refused("cycle_closed") once it is over for good."""
        self.lock()
        self.session.refresh(self.cycle, ["closed_at"])
        if self.cycle.closed_at is not None:
            raise Refused("cycle_closed")

    def note(self, kind: acts.Kind, **detail: str | int) -> None:
        """Note what whoever's turn it is did here, that changes things for others."""
        acts.note(self.session, self.community.id, kind, self.member, cycle=self.cycle, run=self.run, detail=detail)

    def beside(self, run: StepRun) -> "Turn":
        """The same person's turn at another step of the cycle, for the same page: what is common is found once."""
        return replace(self, run=run, _known={})

    @property
    def viewer(self) -> Viewer:
        """Who reads."""
        known = self.seen_as
        if known is None:
            known = COMMUNITY if self.member is None else audiences(self.member, administrator=False)
        return Viewer(known, self.member.id if self.member else None)

    @property
    def people(self) -> "dict[int, Somebody]":
        """member id -> who that is, everybody who ever came in: for what is said with a name, and for counting."""
        return self.once_for_all("people", lambda: _people(self.session, self.community))

    @property
    def present_ids(self) -> set[int]:
        """The ids of the members who take part and are present."""
        return {member for member, somebody in self.people.items() if somebody.present}

    @property
    def names(self) -> dict[int, Text]:
        """member id -> name, where the community chose to show who wrote what; empty where it did not."""
        return {member: each.name for member, each in self.people.items()} if self.run.authors == Authors.NAMED else {}

    @property
    def participant(self) -> Member | None:
        """The member whose turn it is; None for somebody who does not take part."""
        return self.member if self.member is not None and self.member.standing == Standing.MEMBER else None

    @property
    def me(self) -> Member:
        """The same; Refused for somebody who does not take part."""
        if (member := self.participant) is None:
            raise Refused("not_a_member")
        return member


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
    .where(Member.community_id == bindparam("community"), Member.standing == Standing.MEMBER, Seat.present)
)
_PRESENT_COUNT = _PRESENT.with_only_columns(func.count(Member.id), maintain_column_froms=True)


def all_of(session: Session, community: Community) -> dict[Cycle, dict[str, StepRun]]:
    """The community's cycles, newest first, each with its opened steps by name."""
    found: dict[Cycle, dict[str, StepRun]] = {}
    for cycle, run in session.execute(_OPENED, {"community": community.id}):
        runs = found.setdefault(cycle, {})
        if run is not None:
            runs[run.step] = run
    return found


def opened(session: Session, community: Community, number: int | None) -> tuple[Cycle, dict[str, StepRun]]:
    """The community's cycle of that number, else its newest, and its opened steps by name."""
    cycles = all_of(session, community)
    chosen = next((cycle for cycle in cycles if cycle.number == number), next(iter(cycles)))
    return chosen, cycles[chosen]


def present_members(session: Session, community: Community) -> int:
    """How many take part: launched, not marked as gone. The denominator of everything."""
    keys = {"community": community.id, "course": community.course_id}
    return int(plain(session, _PRESENT_COUNT, keys).scalar_one())


def present_member_ids(session: Session, community: Community) -> set[int]:
    """The ids of the members who take part and are present."""
    return set(plain(session, _PRESENT, {"community": community.id, "course": community.course_id}).scalars())


_PEOPLE = (
    select(Member.id, Member.number, Member.standing, Member.leads, Member.facilitates, Member.facilitated_on)
    .add_columns(Person.name, Seat.present)
    .join(Person, Person.id == Member.person_id)
    .outerjoin(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == bindparam("course")))
    .where(Member.community_id == bindparam("community"))
)


@dataclass(frozen=True)
class Somebody:
    """How somebody is called (a number where the LMS gives no name); whether they lead others; whether they count.

    facilitates: whether they do, and are in the course; facilitated_on: when whoever does was last here.
    """

    name: Text
    leads: bool
    present: bool
    facilitates: bool = False
    facilitated_on: dt.date | None = None


def _people(session: Session, community: Community) -> dict[int, Somebody]:
    rows = plain(session, _PEOPLE, {"community": community.id, "course": community.course_id})
    return {
        row.id: Somebody(
            Text(row.name or f"Lid {row.number}", row.name or f"Member {row.number}"),
            row.leads,
            row.standing == Standing.MEMBER and bool(row.present),
            row.facilitates and row.standing in FACILITATING and bool(row.present),
            row.facilitated_on,
        )
        for row in rows
    }


def open_step(
    session: Session, community: Community, cycle: Cycle, step: Step, steps: Steps, by: Member | None = None
) -> StepRun:
    """Open a step at its first stage. by: who does so, None for the clock."""
    run = StepRun(cycle_id=cycle.id, step=step.name, stage=step.stages[0].name)
    session.add(run)
    session.flush()
    acts.note(session, community.id, acts.Kind.STEP_BEGUN, by, cycle=cycle, run=run)
    step.enter(Turn(session, community, cycle, run, None, steps))
    return run


def stage_of(step: Step, run: StepRun) -> Stage:
    """The stage a run is in."""
    return next((stage for stage in step.stages if stage.name == run.stage), CLOSED)


def advance(turn: Turn, step: Step, expected: str, steps: Steps) -> None:
    """Move a step on from the stage the mover saw (`expected`); raises Refused when it may not.

    Which stage follows is the step's to say: a decision that fails may lead back. The step after a
    completed one opens.
    """
    turn.hold()
    if turn.run.stage != expected:
        raise Refused("stage_moved")
    if turn.run.closed_at is not None:
        raise Refused("step_closed")
    _enter(turn, step, step.leave(turn))
    turn.note(acts.Kind.STAGE_MOVED, was=expected, to=turn.run.stage)
    if turn.run.stage == CLOSED.name:
        turn.run.closed_at = now()
        # Asked by a turn of its own: what this one found was found before the step was settled.
        turn.run.outcome = step.outcome(Turn(turn.session, turn.community, turn.cycle, turn.run, None, steps))
        begin(turn, steps.following(step))


def _enter(turn: Turn, step: Step, stage: str) -> None:
    turn.run.stage, turn.run.stage_since = stage, now()
    turn.run.closes_at, turn.run.extended = None, False
    turn.session.flush()
    step.enter(turn)


def begin(turn: Turn, step: Step | None) -> None:
    """Open another step of the turn's cycle, if it has stages and is not open yet."""
    if step is None or not step.stages:
        return
    known = select(StepRun.id).where(StepRun.cycle_id == turn.cycle.id, StepRun.step == step.name)
    if turn.session.scalar(known) is None:
        open_step(turn.session, turn.community, turn.cycle, step, turn.steps, turn.member)


def reopen(turn: Turn, step: Step, reason: str) -> None:
    """Open a completed step again, with the reason; what it came to is noted, and every version stays."""
    turn.hold()
    if turn.run.closed_at is None:
        raise Refused("step_open")
    if not any(character.isalnum() for character in reason):
        raise Refused("reason_missing")
    assert turn.member is not None
    turn.session.add(
        Reopening(
            step_run_id=turn.run.id,
            member_id=turn.member.id,
            reason=reason[:1000],
            outcome=(turn.run.outcome or "")[:2000] or None,
            closed_at=turn.run.closed_at,
        )
    )
    turn.run.closed_at, turn.run.outcome = None, None
    turn.run.reopened += 1
    _enter(turn, step, step.reopens_at)
    turn.note(acts.Kind.STEP_REOPENED, to=step.reopens_at)


def reopenings(turn: Turn) -> list[Reopening]:
    """When and why this step was opened again, newest first."""
    if not turn.run.reopened:
        return []
    require(turn.viewer, Thing.REOPENING)
    query = select(Reopening).where(Reopening.step_run_id == turn.run.id).order_by(Reopening.id.desc())
    return list(turn.session.scalars(query))


def choose_authors(turn: Turn, chosen: str) -> None:
    """Settle how this step shows who wrote what; only while nobody has written, or who did is exposed."""
    turn.hold()
    if chosen not in list(Authors):
        raise Refused("answer_missing")
    if chosen != turn.run.authors and deciding.anybody_wrote(turn.session, turn.run):
        raise Refused("authors_too_late")
    turn.run.authors = Authors(chosen)
    turn.note(acts.Kind.NAMES_CHOSEN, authors=chosen)


def set_date(turn: Turn, closes_at: dt.datetime | None) -> None:
    """Announce when the present stage ends by itself, or take the date back."""
    turn.hold()
    if turn.run.closed_at is not None:
        raise Refused("step_closed")
    if closes_at is not None and closes_at <= now():
        raise Refused("date_passed")
    turn.run.closes_at, turn.run.extended = closes_at, False
    if closes_at is None:
        turn.note(acts.Kind.DATE_WITHDRAWN)
    else:
        _remind(turn, acts.Kind.DATE_ANNOUNCED, closes_at)


def _remind(turn: Turn, kind: acts.Kind, at: dt.datetime) -> None:
    turn.note(kind, until=at.isoformat(timespec="seconds"))
    outbox.put(turn.session, outbox.Kind.STAGE, str(turn.run.id), due_at=at, run=turn.run.id, stage=turn.run.stage)


def on_date(session: Session, run_id: int, stage: str, steps: Steps) -> str:
    """A date came: move the stage it was announced for. Returns "moved" or "extended", or why nothing was to do.

    Somebody who was not heard gets EXTENSION longer, once; after that nobody blocks.

    Whether there is a newer date is asked of the run, so that a row left from an older one does nothing.
    """
    run = session.get(StepRun, run_id)
    if run is None or run.stage != stage or run.closes_at is None or run.closes_at > now():
        return "date_changed"
    cycle = session.get_one(Cycle, run.cycle_id)
    if cycle.closed_at is not None:
        return "cycle_closed"
    turn = Turn(session, session.get_one(Community, cycle.community_id), cycle, run, None, steps)
    step = steps.by_name[run.step]
    if not run.extended and step.unheard(turn):
        turn.hold()
        run.extended, run.closes_at = True, run.closes_at + EXTENSION
        _remind(turn, acts.Kind.DATE_EXTENDED, run.closes_at)
        return "extended"
    try:
        # What was found above was found before the step was held.
        advance(Turn(session, turn.community, cycle, run, None, steps), step, stage, steps)
    except Refused as refused:
        # Nothing to reveal, no text to decide on: the stage stays open and shows no date any more.
        run.closes_at = None
        turn.note(acts.Kind.DATE_WITHDRAWN, why=refused.code)
        return refused.code
    return "moved"


def date_passed(run: StepRun) -> bool:
    """Whether the announced end of the present stage is over, the extension for the unheard included."""
    return run.extended and run.closes_at is not None and run.closes_at <= now()
