"""Participation: three moments a step, and the score they make. Never clicks, words or time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import outbox
from lti_tool.models import Cycle, Member, Moment, OutboxRow, ResourceLink, Score, StepRun

# What every column of participation is tagged with in the LMS.
TAG = "participation"
# A step whose activity nobody opened is looked for in the LMS at most so often.
LOOK_AGAIN = dt.timedelta(hours=1)


class Kind(StrEnum):
    """What a member did in a step: brought something in, answered a colleague, took part in the decision."""

    INPUT = "input"
    RESPONSE = "response"
    DECISION = "decision"


class Passback(StrEnum):
    """How a placement hands participation to the gradebook, as chosen when it was made."""

    MOMENTS = "moments"
    COMPLETED = "completed"
    NONE = "none"


def resource_id(cycle_number: int, step: str) -> str:
    """The name that a step's column bears in the LMS: placing gives it, and by it the column is found again."""
    return f"leerkring-{cycle_number}-{step}"


def score(moments: int, passback: str) -> int | None:
    """The score (0..100) for so many moments, or None where nothing is to be sent: never a zero."""
    if passback == Passback.NONE or moments == 0:
        return None
    if passback == Passback.COMPLETED:
        return 100 if moments >= len(Kind) else None
    return round(100 * moments / len(Kind))


def mark(session: Session, run: StepRun, member: Member, kind: Kind) -> None:
    """Note a moment, once, and put the scores that follow from it into the outbox."""
    earned = session.scalars(select(Moment.kind).filter_by(step_run_id=run.id, member_id=member.id)).all()
    if kind in earned:
        return
    session.add(Moment(step_run_id=run.id, member_id=member.id, kind=kind))
    if not _tell(session, run, member):
        _look_for(session, run)


def unmark(session: Session, run: StepRun, member: Member, kind: Kind) -> None:
    """Take a moment back: only when the person withdrew what earned it."""
    session.execute(delete(Moment).filter_by(step_run_id=run.id, member_id=member.id, kind=kind))
    _tell(session, run, member)


def _tell(session: Session, run: StepRun, member: Member) -> bool:
    """Have this person's score sent to each placement of the step; whether any is known."""
    links = placements(session, run)
    for link in links:
        _put(session, link, member.person_id)
    return bool(links)


def placements(session: Session, run: StepRun) -> Sequence[ResourceLink]:
    """The placements of a step that are known: somebody opened them, or their column was found."""
    return session.scalars(
        select(ResourceLink)
        .join(Cycle, (Cycle.community_id == ResourceLink.community_id) & (Cycle.number == ResourceLink.cycle_number))
        .where(Cycle.id == run.cycle_id, ResourceLink.step == run.step)
    ).all()


def _look_for(session: Session, run: StepRun) -> None:
    """Have the step's placement looked for: whoever comes from the home never opens the step's own activity."""
    if sibling(session, session.get_one(Cycle, run.cycle_id)) is None:
        return
    due_at, key = now(), str(run.id)
    # Locked, so that no worker begins on it before this moment is there to be seen.
    last = session.scalars(
        select(OutboxRow)
        .filter_by(kind=outbox.PLACEMENT, key=key)
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
    outbox.put(session, outbox.PLACEMENT, key, due_at=due_at, run=run.id)


def sibling(session: Session, cycle: Cycle) -> tuple[ResourceLink, Passback] | None:
    """Who knows where the course's columns are, and what a placement nobody opened may hand on meanwhile.

    The most reserved choice among the cycle's steps, or its home's: what was sent cannot be called back.
    Where none of the cycle's is known, only a full score is right whatever was chosen. None: nothing to ask.
    """
    told = session.scalars(
        select(ResourceLink)
        .where(ResourceLink.community_id == cycle.community_id, ResourceLink.line_items_url != "")
        .order_by(ResourceLink.id.desc())
    ).all()
    if not told:
        return None
    of_cycle = [link for link in told if link.cycle_number == cycle.number]
    chosen = [link.passback for link in of_cycle if link.step] or [link.passback for link in of_cycle]
    chosen = chosen or [Passback.COMPLETED, *(link.passback for link in told)]
    passback = max(map(Passback, chosen), key=list(Passback).index)
    return None if passback == Passback.NONE else (told[0], passback)


def _put(session: Session, link: ResourceLink, person_id: int) -> None:
    if link.passback != Passback.NONE and link.line_items_url + link.line_item_url:
        outbox.put(session, outbox.SCORE, f"{link.id}:{person_id}", link=link.id, person=person_id)


def set_column(session: Session, link: ResourceLink, url: str) -> None:
    """A placement's column became known. A new one is empty: what arrived in another has not arrived here."""
    if link.line_item_url != url:
        session.execute(
            update(Score)
            .where(Score.resource_link_id == link.id)
            .values(state="waiting", reason=None, payload=None, tried=[], arrived=None, arrived_at=None)
        )
    link.line_item_url, link.line_item_gone = url, False
    catch_up(session, link)


def catch_up(session: Session, link: ResourceLink) -> None:
    """Put in the scores of all who took part before this placement had a column."""
    people = session.scalars(
        select(Member.person_id)
        .join(Moment, Moment.member_id == Member.id)
        .join(StepRun, StepRun.id == Moment.step_run_id)
        .join(Cycle, Cycle.id == StepRun.cycle_id)
        .where(
            Cycle.community_id == link.community_id,
            Cycle.number == link.cycle_number,
            StepRun.step == link.step,
        )
        .distinct()
    )
    for person_id in people:
        _put(session, link, person_id)


def current_score(session: Session, link: ResourceLink, person_id: int) -> int | None:
    """The score this person's moments make in this placement's step now; None: nothing to send."""
    moments = session.scalar(
        select(func.count(Moment.id))
        .join(Member, Member.id == Moment.member_id)
        .join(StepRun, StepRun.id == Moment.step_run_id)
        .join(Cycle, Cycle.id == StepRun.cycle_id)
        .where(
            Member.person_id == person_id,
            Cycle.community_id == link.community_id,
            Cycle.number == link.cycle_number,
            StepRun.step == link.step,
        )
    )
    return score(moments or 0, link.passback)


# Every page asks these. Built once, they are hot.
_MOMENTS = select(Moment.kind).where(Moment.step_run_id == bindparam("run"), Moment.member_id == bindparam("member"))
_RECEIPT = (
    select(ResourceLink.id, Score)
    .outerjoin(Score, (Score.resource_link_id == ResourceLink.id) & (Score.person_id == bindparam("person")))
    .where(
        ResourceLink.community_id == bindparam("community"),
        ResourceLink.cycle_number == bindparam("number"),
        ResourceLink.step == bindparam("step"),
        ResourceLink.passback != Passback.NONE,
        (ResourceLink.line_items_url != "") | (ResourceLink.line_item_url != ""),
    )
    .order_by(Score.id.desc().nulls_last(), ResourceLink.id.desc())
    .limit(1)
)


def moments_of(session: Session, run: StepRun, member: Member) -> set[Kind]:
    """A member's own moments in a step: shown to that member only."""
    kinds = session.scalars(_MOMENTS, {"run": run.id, "member": member.id})
    return {Kind(kind) for kind in kinds}


@dataclass(frozen=True)
class Receipt:
    """What became of a person's score for a step. score is None while nothing was computed for sending."""

    score: Score | None


def receipt(session: Session, run: StepRun, community_id: int, cycle_number: int, person_id: int) -> Receipt | None:
    """This person's own receipt for a step, the newest; None where the step has no column to arrive in."""
    keys = {"community": community_id, "number": cycle_number, "step": run.step, "person": person_id}
    found = session.execute(_RECEIPT, keys).one_or_none()
    return Receipt(found[1]) if found else None
