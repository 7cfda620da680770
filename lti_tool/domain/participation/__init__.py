"""Participation: three moments a step, and the score they make. Never clicks, words or time."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now, plain
from lti_tool.domain import outbox
from lti_tool.domain.community import acts
from lti_tool.domain.participation import columns
from lti_tool.models import (
    Beside,
    Community,
    Cycle,
    LineItem,
    Member,
    Moment,
    OutboxRow,
    ResourceLink,
    Score,
    Standing,
    StepRun,
)
from lti_tool.models.outbox import ScoreState
from lti_tool.text import Text

# What every column of participation is tagged with in the LMS.
TAG = "participation"
COMMENT = Text("Deelname: {done} van 3 momenten.", "Participation: {done} of 3 moments.")
# A step whose activity nobody opened is looked for in the LMS at most so often.
LOOK_AGAIN = dt.timedelta(hours=1)
# A column that may be another soon, or be back, is looked for after this time, and so at most so often.
LATER = dt.timedelta(minutes=30)


class Kind(StrEnum):
    """What a member did in a step: brought something in, answered a colleague, took part in the decision."""

    INPUT = "input"
    RESPONSE = "response"
    DECISION = "decision"


class Passback(StrEnum):
    """What a placement hands to the gradebook, as chosen when it was made: participation, or (HOURS) sums of hours."""

    MOMENTS = "moments"
    COMPLETED = "completed"
    NONE = "none"
    HOURS = "hours"


# What hands on nothing of participation.
NO_MOMENTS = frozenset({Passback.NONE, Passback.HOURS})


def resource_id(cycle_number: int, step: str) -> str:
    """The name that a step's column bears in the LMS: placing gives it, and by it the column is found again."""
    return f"leerkring-{cycle_number}-{step}"


def score(moments: int, passback: str) -> int | None:
    """The score (0..100) for so many moments, or None where nothing is to be sent: never a zero."""
    if passback in NO_MOMENTS or moments == 0:
        return None
    if passback == Passback.COMPLETED:
        return 100 if moments >= len(Kind) else None
    return round(100 * moments / len(Kind))


# Every page and every form asks these. Built once, they are hot.
_MOMENTS = select(Moment.kind).where(
    Moment.step_run_id == bindparam("run"), Moment.member_id == bindparam("member"), Moment.gone.is_(False)
)
_WAITS = Moment.held | Moment.gone
_PLACEMENTS = (
    select(ResourceLink, LineItem)
    .join(Community, Community.course_id == ResourceLink.course_id)
    .join(Cycle, (Cycle.community_id == Community.id) & (Cycle.number == ResourceLink.cycle_number))
    .outerjoin(LineItem, (LineItem.resource_link_id == ResourceLink.id) & (LineItem.kind == TAG))
    .where(Cycle.id == bindparam("cycle"), ResourceLink.step == bindparam("step"))
)
# Of each community of the course in which somebody has moments of that step: they sat in each for a time.
_COUNTED = (
    select(Member.person_id, func.count(Moment.id), Community.locale)
    .join(Moment, Moment.member_id == Member.id)
    .join(StepRun, StepRun.id == Moment.step_run_id)
    .join(Cycle, Cycle.id == StepRun.cycle_id)
    .join(Community, Community.id == Cycle.community_id)
    .where(
        Community.course_id == bindparam("course"),
        Cycle.number == bindparam("number"),
        StepRun.step == bindparam("step"),
        Moment.held.is_(False),
    )
    .group_by(Member.person_id, Community.id, Community.locale)
    .order_by(Community.id)
)
_COUNTED_OF = _COUNTED.where(Member.person_id.in_(bindparam("people", expanding=True)))
_RECEIPT = (
    select(Score.state, Score.arrived, Score.arrived_at, Score.reason)
    .select_from(ResourceLink)
    .outerjoin(LineItem, (LineItem.resource_link_id == ResourceLink.id) & (LineItem.kind == TAG))
    .outerjoin(Score, (Score.line_item_id == LineItem.id) & (Score.person_id == bindparam("person")))
    .where(
        ResourceLink.course_id == bindparam("course"),
        ResourceLink.cycle_number == bindparam("number"),
        ResourceLink.step == bindparam("step"),
        ResourceLink.passback != Passback.NONE,
        (ResourceLink.line_items_url != "") | (LineItem.url != ""),
    )
    .order_by(Score.id.desc().nulls_last(), ResourceLink.id.desc())
    .limit(1)
)


_GRADES = (
    select((ResourceLink.line_items_url != "") | (func.coalesce(LineItem.url, "") != ""))
    .select_from(ResourceLink)
    .outerjoin(LineItem, LineItem.resource_link_id == ResourceLink.id)
    .where(ResourceLink.course_id == bindparam("course"))
    .distinct()
)


def mark(session: Session, run: StepRun, member: Member, kind: Kind, held: bool = False) -> None:
    """Note a moment, once, and put the scores that follow from it into the outbox.

    held: not before it is released. When that is, cycle.telling says.
    """
    known = session.scalar(select(Moment).filter_by(step_run_id=run.id, member_id=member.id, kind=kind))
    if known is not None:
        known.gone = False
        return
    session.add(Moment(step_run_id=run.id, member_id=member.id, kind=kind, held=held))
    if not held:
        _follow(session, run, member)


def unmark(session: Session, run: StepRun, member: Member, kind: Kind, held: bool = False) -> None:
    """Take a moment back: only when the person withdrew what earned it.

    held: where its score was shown, that stays until it is released.
    """
    known = select(Moment).filter_by(step_run_id=run.id, member_id=member.id, kind=kind)
    if held and (moment := session.scalar(known)) is not None and not moment.held:
        moment.gone = True
        return
    session.execute(delete(Moment).filter_by(step_run_id=run.id, member_id=member.id, kind=kind))
    if not held:
        _tell(session, run, member)


def held_back(session: Session, run: StepRun) -> set[int]:
    """Ids of the members of a step whose score is to move, and waits."""
    return set(session.scalars(select(Moment.member_id).where(Moment.step_run_id == run.id, _WAITS)))


def release(session: Session, run: StepRun, members: Collection[int] | None = None) -> None:
    """Let the scores move that waited: of these members, or of all."""
    session.flush()
    found = held_back(session, run)
    moving = sorted(found if members is None else found & set(members))
    if not moving:
        return
    of_step = Moment.step_run_id == run.id, Moment.member_id.in_(moving)
    session.execute(delete(Moment).where(*of_step, Moment.gone))
    session.execute(update(Moment).where(*of_step).values(held=False))
    # By who they are, which says nothing of who was first.
    for member in session.scalars(select(Member).where(Member.id.in_(moving)).order_by(Member.id)):
        _follow(session, run, member)


def _follow(session: Session, run: StepRun, member: Member) -> None:
    if not _tell(session, run, member):
        _look_for(session, run)


def _tell(session: Session, run: StepRun, member: Member) -> bool:
    """Have this person's score sent to each placement of the step; whether any is known."""
    known = session.execute(_PLACEMENTS, {"cycle": run.cycle_id, "step": run.step}).all()
    for link, item in known:
        if _hands_on(link, item):
            columns.put(session, link, item or columns.column(session, link, TAG), member.person_id)
    return bool(known)


def _hands_on(link: ResourceLink, item: LineItem | None) -> bool:
    """Whether a placement's participation goes to the gradebook: so chosen, and there is one."""
    return link.passback not in NO_MOMENTS and bool(link.line_items_url or (item and item.url))


def placements(session: Session, run: StepRun) -> Sequence[ResourceLink]:
    """The placements of a step that are known: somebody opened them, or their column was found."""
    return session.scalars(_PLACEMENTS, {"cycle": run.cycle_id, "step": run.step}).all()


def _look_for(session: Session, run: StepRun) -> None:
    """Have the step's placement looked for: whoever comes from the home never opens the step's own activity."""
    found = sibling(session, session.get_one(Cycle, run.cycle_id))
    if found is None:
        return
    due_at, key = now(), str(run.id)
    # Locked, so that no worker begins on it before this moment is there to be seen.
    last = session.scalars(
        select(OutboxRow)
        .filter_by(kind=outbox.Kind.PLACEMENT, key=key)
        .order_by(OutboxRow.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
    if last is not None:
        ended = last.done_at or last.stopped_at
        if ended is None and (last.leased_until is None or last.leased_until < due_at):
            # It will see this moment too, and keeps its own pace: a moment hurries no platform in trouble.
            return
        # Looked for in vain, it is not looked for again at each moment.
        due_at = ended + LOOK_AGAIN if ended else due_at
    outbox.put(session, outbox.Kind.PLACEMENT, key, due_at=due_at, deployment=found[0].deployment_id, run=run.id)


def sibling(session: Session, cycle: Cycle) -> tuple[ResourceLink, Passback] | None:
    """Who knows where the course's columns are, and what a placement nobody opened may hand on meanwhile.

    The most reserved choice among the cycle's steps, or its home's: what was sent cannot be called back.
    Where none of the cycle's is known, only a full score is right whatever was chosen. None: nothing to ask.
    """
    told = session.scalars(
        select(ResourceLink)
        .join(Community, Community.course_id == ResourceLink.course_id)
        .where(Community.id == cycle.community_id, ResourceLink.line_items_url != "")
        .order_by(ResourceLink.id.desc())
    ).all()
    if not told:
        return None
    chose = [link for link in told if link.step not in list(Beside)]
    of_cycle = [link for link in chose if link.cycle_number == cycle.number]
    chosen = [link.passback for link in of_cycle if link.step] or [link.passback for link in of_cycle]
    chosen = chosen or [Passback.COMPLETED, *(link.passback for link in chose)]
    passback = max(map(Passback, chosen), key=list(Passback).index)
    return None if passback in NO_MOMENTS else (told[0], passback)


def has_gradebook(session: Session, course_id: int) -> bool | None:
    """Whether the LMS takes grades for this course: some placement was opened with columns, or came with one.

    None while nobody opened any: not every LMS says so before.
    """
    told = session.execute(_GRADES, {"course": course_id}).scalars().all()
    return True in told if told else None


def set_column(session: Session, link: ResourceLink, url: str) -> None:
    """A placement's column of participation became known."""
    columns.set_url(session, link, columns.column(session, link, TAG), url)


def ask_column(session: Session, community: Community, link: ResourceLink, item: LineItem, by: Member | None) -> None:
    """Have a new column made for a placement whose own was removed: somebody of a community asked for it."""
    columns.look_for(session, link, item)
    acts.note(session, community.id, acts.Kind.COLUMN_ASKED, by, detail={"link": link.id})


def catch_up(session: Session, link: ResourceLink) -> None:
    """Have the scores sent of all who took part before this placement had a column."""
    if _hands_on(link, columns.known(session, link, TAG)):
        columns.catch_up(session, link, columns.column(session, link, TAG))


def choose_column(session: Session, link: ResourceLink, item: LineItem | None) -> None:
    """Somebody chose anew what a placement hands on, and the launch names no column: an LMS that had taken the old
    one away may have made another (M82), so nothing is sent on trust to the address that was stored.

    One known to be gone is found or made when there is something to send.
    """
    if item and item.gone and _hands_on(link, item):
        columns.forget(item)
    catch_up(session, link)
    if item and item.url and _hands_on(link, item):
        columns.look_again(session, link, item, make=True)


def doubt_column(session: Session, link: ResourceLink, item: LineItem, *, later: bool) -> None:
    """A column may have got another address, or be back: have it looked for, and none made.

    later: not at once, and then for all who were in doubt until then.
    """
    if link.line_items_url and _hands_on(link, item):
        columns.look_again(session, link, item, due_at=now() + LATER if later else None)


# What a column was sent of somebody, whichever of the course's communities they had it from.
_EARNED = (
    select(Cycle.number, StepRun.step, Member.person_id, func.count(Moment.id).label("moments"))
    .join(StepRun, StepRun.cycle_id == Cycle.id)
    .join(Moment, Moment.step_run_id == StepRun.id)
    .join(Member, Member.id == Moment.member_id)
    .join(Community, Community.id == Cycle.community_id)
    .where(Community.course_id == bindparam("course"))
    .group_by(Cycle.id, Cycle.number, StepRun.step, Member.person_id)
    .subquery()
)
_LEFT = (
    select(ResourceLink.id, ResourceLink.title, ResourceLink.passback, func.coalesce(func.max(_EARNED.c.moments), 0))
    .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
    .join(Score, Score.line_item_id == LineItem.id)
    .join(Member, (Member.community_id == bindparam("community")) & (Member.person_id == Score.person_id))
    .outerjoin(
        _EARNED,
        (_EARNED.c.number == ResourceLink.cycle_number)
        & (_EARNED.c.step == ResourceLink.step)
        & (_EARNED.c.person_id == Score.person_id),
    )
    .where(
        ResourceLink.course_id == bindparam("course"),
        Member.standing != Standing.ELSEWHERE,
        LineItem.kind == TAG,
        LineItem.gone.is_(False),
        Score.arrived.is_not(None),
    )
    .group_by(ResourceLink.id, ResourceLink.title, ResourceLink.passback, Score.person_id)
    .order_by(ResourceLink.id)
)


@dataclass
class Left:
    """An activity in whose column so many people's scores stand that its present choice would not have sent."""

    title: str
    people: int = 0


def left_behind(session: Session, community: Community) -> list[Left]:
    """What was sent of a community's people before somebody chose otherwise in the LMS: it stays there, and is only
    said here."""
    found: dict[int, Left] = {}
    keys = {"community": community.id, "course": community.course_id}
    for link_id, title, passback, moments in plain(session, _LEFT, keys):
        if score(moments, passback) is None:
            found.setdefault(link_id, Left(title)).people += 1
    return list(found.values())


class Participation:
    """Columns of participation: a step's placement has one, and it shows how many of the three moments are there."""

    name = tag = TAG
    maximum = 100
    same = 0.6

    def resource_id(self, link: ResourceLink, period: str) -> str:
        """As placing gave it."""
        return resource_id(link.cycle_number, link.step or "")

    def standalone(self, link: ResourceLink, period: str) -> bool:
        """It is its activity's own."""
        return False

    def label(self, placement: columns.Placement) -> str:
        """It is called as its activity."""
        return placement.called

    def values(
        self, session: Session, link: ResourceLink, period: str, people: Collection[int] | None
    ) -> dict[int, columns.Value]:
        """A third a moment, or all at once when the placement was made so.

        Of who sat in several of the course's communities it is the most that they earned in one of them: what was
        earned before a move is not lost.
        """
        of_link = {"course": link.course_id, "number": link.cycle_number, "step": link.step}
        if people is None:
            counted = session.execute(_COUNTED, of_link)
        else:
            counted = session.execute(_COUNTED_OF, {**of_link, "people": list(people)})
        most: dict[int, tuple[int, str]] = {}
        for person_id, moments, locale in counted:
            if moments > most.get(person_id, (0, ""))[0]:
                most[person_id] = moments, locale
        found = {}
        for person_id, (moments, locale) in most.items():
            points = score(moments, link.passback)
            if points is not None:
                done = columns.Progress.COMPLETED if moments >= len(Kind) else columns.Progress.IN_PROGRESS
                comment = Text(COMMENT.nl.format(done=moments), COMMENT.en.format(done=moments))
                found[person_id] = columns.Value(points, comment, done, locale)
        return found

    def said(self, comment: str) -> list[float]:
        """Of so many moments, each choice's score."""
        for done in range(1, len(Kind) + 1):
            if comment in (COMMENT.nl.format(done=done), COMMENT.en.format(done=done)):
                return [points for choice in Passback if (points := score(done, choice)) is not None]
        return []


columns.register(Participation())


def current_score(session: Session, link: ResourceLink, person_id: int) -> int | None:
    """The score this person's moments make in this placement's step now; None: nothing to send."""
    value = columns.KINDS[TAG].values(session, link, "", [person_id]).get(person_id)
    return int(value.score) if value and value.score is not None else None


def moments_of(session: Session, run: StepRun, member: Member) -> set[Kind]:
    """A member's own moments in a step: shown to that member only."""
    kinds = plain(session, _MOMENTS, {"run": run.id, "member": member.id}).scalars()
    return {Kind(kind) for kind in kinds}


@dataclass(frozen=True)
class Sent:
    """What became of a score on its way to the LMS: see models.Score."""

    state: ScoreState
    arrived: float | None
    arrived_at: dt.datetime | None
    reason: str | None


@dataclass(frozen=True)
class Receipt:
    """What became of a person's score for a step. score is None while nothing was computed for sending."""

    score: Sent | None


def receipt(session: Session, run: StepRun, course_id: int, cycle_number: int, person_id: int) -> Receipt | None:
    """This person's own receipt for a step, the newest; None where the step has no column to arrive in."""
    keys = {"course": course_id, "number": cycle_number, "step": run.step, "person": person_id}
    found = plain(session, _RECEIPT, keys).one_or_none()
    return Receipt(Sent(*found) if found.state is not None else None) if found else None
