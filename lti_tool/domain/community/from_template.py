"""What a community that began as a copy of a template course reads of that: what was agreed there, and its first date.

Read when it is needed, and never copied: a text that is hidden there is gone here too. The agreements are what the
whole community there agreed on, without an author; here they are a proposal.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from lti_tool.db import now, plain
from lti_tool.domain import cycle
from lti_tool.domain.community.acts import Kind
from lti_tool.domain.community.school_days import days_off, on_or_after
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.cycle import Step, Steps, Turn, midnights
from lti_tool.domain.reading import words
from lti_tool.models import Act, Community, Course, Cycle, Member, StepRun
from lti_tool.models.copying import Template, TemplateCopy

_origin = aliased(Course)
_SAID = (
    select(Template.marked_at, _origin.title, TemplateCopy.begun_at)
    .select_from(Course)
    .outerjoin(Template, Template.course_id == Course.id)
    .outerjoin(TemplateCopy, TemplateCopy.course_id == Course.id)
    .outerjoin(_origin, _origin.id == TemplateCopy.template_id)
    .where(Course.id == bindparam("course"))
)
_RUNS = (
    select(StepRun)
    .join(Cycle, Cycle.id == StepRun.cycle_id)
    .join(Community, Community.id == Cycle.community_id)
    .join(TemplateCopy, TemplateCopy.template_id == Community.course_id)
    .where(
        TemplateCopy.course_id == bindparam("course"),
        Community.group_id == OWN,
        StepRun.step == bindparam("step"),
    )
    .order_by(Cycle.number.desc())
)


@dataclass(frozen=True)
class Said:
    """What a course has to do with templates. is_one: an administrator marked it. of: the title of the one it is a
    copy of, None where it is of none. begun_at: when that one began, or will.
    """

    is_one: bool
    of: str | None
    begun_at: dt.datetime | None

    @property
    def coming(self) -> bool:
        """Whether a copy's course is yet to begin."""
        return self.begun_at is not None and self.begun_at > now()


def said(session: Session, course_id: int) -> Said:
    """Of a course."""
    marked_at, title, begun_at = plain(session, _SAID, {"course": course_id}).one()
    return Said(marked_at is not None, title, begun_at)


def agreed(session: Session, course_id: int, step: Step) -> list[str]:
    """What the template's community agreed on in a step that stands beside the cycle, a line each; the newest."""
    for run in session.scalars(_RUNS, {"course": course_id, "step": step.name}):
        if run.closed_at is not None and run.outcome:
            return [line for line in run.outcome.splitlines() if words.written(line).strip()]
    return []


def first_date(session: Session, course_id: int, step: Step, begins: dt.date, zone: dt.tzinfo) -> dt.date | None:
    """The last day of the first stage of a step that is opened on a day: as many days on as in the template.

    None where the template has announced none for that stage, or has gone on since.
    """
    for run in session.scalars(_RUNS, {"course": course_id, "step": step.name}):
        if run.stage == step.stages[0].name and run.closes_at is not None:
            lasts = midnights.last_day(run.closes_at, zone) - midnights.day_of(run.opened_at, zone)
            return begins + lasts
    return None


def is_dated(session: Session, run: StepRun) -> bool:
    """Whether the day that is announced for a step came from a template: nobody here has chosen one."""
    if run.extended or run.closes_at is None:
        return False
    last = select(Act.member_id).where(Act.step_run_id == run.id, Act.kind == Kind.DATE_ANNOUNCED)
    found = session.execute(last.order_by(Act.id.desc()).limit(1)).one_or_none()
    return found is not None and found.member_id is None


def begin(
    session: Session, community: Community, steps: Steps, by: Member, zone: dt.tzinfo, number: int | None = None
) -> None:
    """Somebody facilitates now: open the first step where it is not, with the template's date where it is a copy."""
    run = cycle.begin_first(session, community, steps, by, number)
    if run is None:
        return
    of, today = session.get_one(Cycle, run.cycle_id), midnights.day_of(now(), zone)
    begun_at = said(session, community.course_id).begun_at
    # Whoever opens a copy in June has not begun what begins in September.
    begins = max(today, midnights.day_of(begun_at, zone)) if begun_at else today
    day = first_date(session, community.course_id, steps.by_name[run.step], begins, zone)
    if day is not None and day >= today and of.number == 1 and community.group_id == OWN:
        # Nobody here chose it.
        clock = Turn(session, community, of, run, None, steps, zone=zone)
        cycle.set_date(clock, midnights.end_of(on_or_after(day, days_off(community)), zone))
