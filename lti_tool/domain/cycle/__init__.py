"""The cycle: which step is open, in which stage, and how it moves on.

A step is known here only by what this module asks of it (`Step`); steps themselves lie above.
"""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from lti_tool.db import now, plain
from lti_tool.domain import Refused, outbox
from lti_tool.domain.community import acts, version
from lti_tool.domain.community.school_days import NONE, days_off, school_days
from lti_tool.domain.cycle import midnights, telling
from lti_tool.domain.cycle.may_end import Ending, Lack, judge
from lti_tool.domain.cycle.stages import CLOSED as CLOSED
from lti_tool.domain.cycle.stages import Stage as Stage
from lti_tool.domain.cycle.stages import StageKind as StageKind
from lti_tool.domain.cycle.turn import Somebody as Somebody
from lti_tool.domain.cycle.turn import Step as Step
from lti_tool.domain.cycle.turn import Steps as Steps
from lti_tool.domain.cycle.turn import Turn as Turn
from lti_tool.domain.cycle.turn import refuse_if_still as refuse_if_still
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Phase as Phase
from lti_tool.models import Authors, Community, Course, Cycle, Member, Pass, Seat, Standing, StepRun

# Who was not heard by the announced date gets so many school days longer, once.
EXTENSION = 3
# How long a move can be taken back that nothing was shown by.
TAKEN_BACK = dt.timedelta(minutes=10)


def found(session: Session, community: Community) -> Cycle:
    """The first cycle of a new community."""
    cycle = Cycle(community_id=community.id, number=1)
    session.add(cycle)
    session.flush()
    return cycle


def existing_number(session: Session, community: Community, wanted: int | None) -> int:
    """The cycle number a placement asks for if any community of the course has it, else the newest of this one's.

    The communities of a course share its placements, and may each be in another cycle.
    """
    course = select(Community.course_id).where(Community.id == community.id).scalar_subquery()
    query = select(Cycle.community_id, Cycle.number).join(Community, Community.id == Cycle.community_id)
    found = session.execute(query.where(Community.course_id == course)).all()
    if wanted is not None and any(row.number == wanted for row in found):
        return wanted
    return max((row.number for row in found if row.community_id == community.id), default=1)


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


def open_step(
    session: Session, community: Community, cycle: Cycle, step: Step, steps: Steps, by: Member | None = None
) -> StepRun:
    """Open a step at its first stage. by: who does so, None for the clock."""
    run = StepRun(cycle_id=cycle.id, step=step.name, stage=step.stages[0].name)
    session.add(run)
    _drop_number(session, community)
    session.flush()
    acts.note(session, community.id, acts.Kind.STEP_BEGUN, by, cycle=cycle, run=run)
    _moved(session, community, cycle, run)
    step.enter(Turn(session, community, cycle, run, None, steps))
    return run


def begin_first(
    session: Session, community: Community, steps: Steps, by: Member, number: int | None = None
) -> StepRun | None:
    """Open the first step of the newest cycle, or of that number, where it is not: somebody facilitates now.

    Returns what was opened.
    """
    first = next(iter(steps))
    # Two who begin to at once open it once.
    session.flush()
    session.refresh(community, with_for_update={"key_share": True})
    of, runs = opened(session, community, number)
    if first.name in runs or not of.under_way:
        return None
    return open_step(session, community, of, first, steps, by)


def stage_of(step: Step, run: StepRun) -> Stage:
    """The stage a run is in."""
    return next((stage for stage in step.stages if stage.name == run.stage), CLOSED)


def ending_of(turn: Turn, step: Step, *, confirmed: bool = False) -> Ending:
    """Whether the present stage may end now, by this turn's hand."""
    if not turn.run.by_circle:
        return Ending(None)
    mover = turn.member.id if turn.member else None
    kind, over = stage_of(step, turn.run).kind, date_passed(turn.run)
    return judge(kind, turn.circle, step.heard(turn), over=over, mover=mover, confirmed=confirmed)


def advance(turn: Turn, step: Step, expected: str, steps: Steps, *, confirmed: bool = False) -> None:
    """Move a step on from the stage the mover saw (`expected`); raises Refused when it may not.

    Which stage follows is the step's to say: a decision that fails may lead back. The step after a
    completed one opens. confirmed: the mover has read who is missing.
    """
    turn.hold()
    if turn.run.stage != expected:
        raise Refused("stage_moved")
    if turn.run.closed_at is not None:
        raise Refused("step_closed")
    ending = ending_of(turn, step, confirmed=confirmed)
    if ending.lack == Lack.SECOND:
        # What it lacks itself comes first; nothing is closed or published by leaving what is written together.
        step.leave(turn)
    if (refused := ending.refusal) is not None:
        raise refused
    left = stage_of(step, turn.run)
    entered = step.leave(turn)
    # What was revealed, published or adopted cannot be taken back.
    shown = left.kind not in (StageKind.OPEN, StageKind.TOGETHER) or entered == CLOSED.name
    enter(turn, step, entered, "" if shown else left.name)
    turn.note(acts.Kind.STAGE_MOVED, was=expected, to=turn.run.stage)
    if turn.run.stage == CLOSED.name:
        turn.run.closed_at = now()
        # Asked by a turn of its own: what this one found was found before the step was settled.
        turn.run.outcome = step.outcome(Turn(turn.session, turn.community, turn.cycle, turn.run, None, steps))
        step.over(turn)
        begin(turn, steps.following(step))


def enter(turn: Turn, step: Step, stage: str, kept: str = "") -> None:
    """Enter a stage. kept: the one before it, where that can be gone back to."""
    telling.stage_over(turn, bool(kept))
    telling.enter(turn.run, bool(kept))
    turn.run.stage, turn.run.stage_since = stage, now()
    turn.run.closes_at, turn.run.extended = None, False
    turn.run.came_from, turn.run.by_circle = kept or None, True
    # Who passed in the stage before is known as long as it can be gone back to.
    turn.session.execute(delete(Pass).where(Pass.step_run_id == turn.run.id, Pass.stage != kept))
    _drop_number(turn.session, turn.community)
    _moved(turn.session, turn.community, turn.cycle, turn.run)
    turn.session.flush()
    turn.forget()
    step.enter(turn)


def _moved(session: Session, community: Community, cycle: Cycle, run: StepRun) -> None:
    """A community is at another stage: pages go there, and its cycle knows since when."""
    cycle.moved_at = run.stage_since
    version.moved(session, community.id)


def _drop_number(session: Session, community: Community) -> None:
    """From the next stage on whom the roster names stand for the number that was given before it came."""
    if community.headcount and session.get_one(Course, community.course_id).roster_at is not None:
        community.headcount = 0


def put(turn: Turn, step: Step, stage: str) -> None:
    """Bring a step to a stage by what somebody did in it, where that takes no decision."""
    was = turn.run.stage
    enter(turn, step, stage)
    turn.note(acts.Kind.STAGE_MOVED, was=was, to=stage)


def may_take_back(turn: Turn, step: Step) -> bool:
    """Whether the last move can be taken back: a short while, nothing was shown by it, nobody did anything since."""
    run = turn.run
    if run.came_from is None or run.stage_since + TAKEN_BACK < now():
        return False
    heard = step.heard(turn)
    return not heard.own and heard.writer is None and not deciding.anybody_wrote_since(turn, run.stage_since)


def take_back(turn: Turn, step: Step, expected: str) -> None:
    """Take the last move back: the stage before goes on as it was left."""
    turn.hold()
    if turn.run.stage != expected:
        raise Refused("stage_moved")
    if not may_take_back(turn, step):
        raise Refused("too_late_to_take_back")
    was, came_from = turn.run.stage, turn.run.came_from
    assert came_from is not None
    deciding.drop_open_rounds(turn)
    telling.go_back(turn.run)
    turn.run.stage, turn.run.stage_since, turn.run.came_from = came_from, now(), None
    turn.run.closes_at, turn.run.extended = None, False
    _moved(turn.session, turn.community, turn.cycle, turn.run)
    turn.forget()
    turn.note(acts.Kind.MOVE_TAKEN_BACK, was=was, to=came_from)


def pass_by(turn: Turn, step: Step) -> None:
    """Pass in the present stage: whoever does is heard, and earns nothing. In a decision it is one of the answers."""
    turn.hold()
    if stage_of(step, turn.run).kind not in (StageKind.HIDDEN, StageKind.OPEN):
        raise Refused("not_in_this_stage")
    if not passed(turn):
        turn.session.add(Pass(step_run_id=turn.run.id, member_id=turn.me.id, stage=turn.run.stage))
        turn.forget()
    telling.heard_more(turn, step)


def passed(turn: Turn) -> bool:
    """Whether the member passed in the present stage."""
    return turn.me.id in deciding.passed(turn)


def begin(turn: Turn, step: Step | None) -> None:
    """Open another step of the turn's cycle, if it has stages and is not open yet."""
    if step is None or not step.stages:
        return
    known = select(StepRun.id).where(StepRun.cycle_id == turn.cycle.id, StepRun.step == step.name)
    if turn.session.scalar(known) is None:
        open_step(turn.session, turn.community, turn.cycle, step, turn.steps, turn.member)


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


def on_date(session: Session, run_id: int, stage: str, steps: Steps, zone: dt.tzinfo = dt.UTC) -> str:
    """A date came: move the stage it was announced for. Returns "moved" or "extended", or why nothing was to do.

    Somebody who was not heard gets EXTENSION school days longer, once; after that nobody blocks.

    Whether there is a newer date is asked of the run, so that a row left from an older one does nothing.
    """
    run = session.get(StepRun, run_id)
    if run is None or run.stage != stage or run.closes_at is None or run.closes_at > now():
        return "date_changed"
    cycle = session.get_one(Cycle, run.cycle_id)
    if not cycle.under_way:
        # After a pause the date comes again, later.
        return "cycle_closed" if cycle.closed_at is not None else "cycle_paused"
    turn = Turn(session, session.get_one(Community, cycle.community_id), cycle, run, None, steps, zone=zone)
    step = steps.by_name[run.step]
    heard = step.heard(turn)
    if not run.extended and heard.expected - heard.everybody:
        turn.hold()
        run.extended, run.closes_at = True, put_off(run.closes_at, zone, days_off(turn.community))
        _remind(turn, acts.Kind.DATE_EXTENDED, run.closes_at)
        return "extended"
    try:
        # What was found above was found before the step was held.
        advance(Turn(session, turn.community, cycle, run, None, steps, zone=zone), step, stage, steps)
    except Refused as refused:
        if step.dates_itself or not cycle.under_way:
            return refused.code
        # Nothing to reveal, no text to decide on, too few heard: the stage stays open, and its date is over.
        run.extended = True
        turn.note(acts.Kind.DATE_WITHDRAWN, why=refused.code)
        return refused.code
    return "moved"


def put_off(end: dt.datetime, zone: dt.tzinfo, off: Collection[dt.date] = NONE) -> dt.datetime:
    """The midnight of the day that is EXTENSION school days after the one that ends then. off: holidays."""
    return midnights.end_of(school_days(midnights.last_day(end, zone), EXTENSION, off), zone)


def date_passed(run: StepRun) -> bool:
    """Whether the announced end of the present stage is over, the extension for the unheard included."""
    return run.extended and run.closes_at is not None and run.closes_at <= now()
