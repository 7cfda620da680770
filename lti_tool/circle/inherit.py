"""What one cycle is for the next, on the pages: where to go from an old one, what holds on, what is taken over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from lti_tool.circle import Here, ending_step
from lti_tool.db import db
from lti_tool.domain.community import access
from lti_tool.domain.cycle.restart import Inherited
from lti_tool.models import Ending, ResourceLink, StepRun
from lti_tool.steps.base import Step


@dataclass(frozen=True)
class MovedOn:
    """The way from a page of a cycle that is over to where the community is now.

    activity: what that place is called in the course, as far as anybody opened it there.
    """

    number: int
    address: str
    activity: str


@dataclass(frozen=True)
class EndedCycle:
    """A cycle that was ended before its steps were done. learned: what was adopted as learned until then, if it was
    ended by consent; then a lesson a line. followed: whether a later one has begun.
    """

    number: int
    day: dt.datetime
    by_consent: bool
    learned: str
    lessons: Sequence[str]
    followed: bool


def ended(at: Here) -> EndedCycle | None:
    """How this cycle was ended; None for one that was not. What its community learned is for the community."""
    if at.cycle.ending is None or at.cycle.closed_at is None:
        return None
    run = at.runs.get(ending_step().name)
    told = (run.outcome or "") if run and at.viewer & access.COMMUNITY else ""
    learned, *lessons = told.splitlines() or [""]
    return EndedCycle(
        number=at.cycle.number,
        day=at.cycle.closed_at,
        by_consent=at.cycle.ending == Ending.CONSENT,
        learned=learned,
        lessons=lessons,
        followed=at.newest is not at.cycle,
    )


_PLACED = (
    select(ResourceLink.title)
    .where(
        ResourceLink.course_id == bindparam("course"),
        ResourceLink.cycle_number == bindparam("number"),
        ResourceLink.step == bindparam("step"),
    )
    .order_by(ResourceLink.id.desc())
)


def moved_on(at: Here, step: Step | None = None) -> MovedOn | None:
    """Where to go from a step, or from the home, of a cycle that is over; None while it is not, or nothing followed."""
    newest, placed = at.newest, None
    if at.cycle.closed_at is None or at.cycle is newest:
        return None
    if step is not None:
        keys = {"course": at.course.id, "number": newest.number, "step": step.name}
        placed = db.session.scalars(_PLACED, keys).first()
    opened = step is not None and step.name in at.cycles[newest]
    address = at.url_in(newest, "page", name=step.name) if step and opened else at.url_in(newest, "home")
    return MovedOn(newest.number, address, placed or "")


def standing(at: Here, step: Step) -> tuple[int, str] | None:
    """What was settled last in a side step that is not settled in this cycle, and in which: that holds on."""
    if not step.holds_on or ((run := at.runs.get(step.name)) and run.closed_at):
        return None
    for each, runs in at.cycles.items():
        run = runs.get(step.name)
        if each.number < at.cycle.number and run is not None and run.closed_at:
            return (each.number, run.outcome) if run.outcome else None
    return None


def shows(step: Step, run: StepRun) -> bool:
    """Whether what the cycle before left stands on this page: where a step begins, and where it can be taken over."""
    if not step.inherits or not step.stages:
        return False
    return run.stage == step.stages[0].name or any(run.stage in by.stages for by in step.inherits.values() if by)


def taken_over(step: Step, inherited: Inherited, wanted: str) -> Mapping[tuple[str, str], dict[str, Any]]:
    """(deed, key) of the form by which a piece is taken over -> what it is filled in with. wanted: the piece's id."""
    for what, by in step.inherits.items():
        for each in getattr(inherited, what) if by else ():
            item = getattr(each, "item", each)
            if by and str(item.id) == wanted:
                return {(by.deed, by.key): {name: item.body.get(said, "") for name, said in by.fields.items()}}
    return {}
