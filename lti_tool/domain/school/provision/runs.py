"""A long list, applied by the worker: one a school at a time. What stands ready for it has no names of people in it."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, outbox
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school.provision import applying, plan
from lti_tool.domain.school.provision.lines import Keyed, Sheet, packed, unpacked
from lti_tool.domain.school.provision.planned import Answers
from lti_tool.domain.school.trail import Actor
from lti_tool.models.provision import ProvisionRun

# More lines than this are not waited for by who applies them.
MANY = 100

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Progress:
    """How far it is. refused: why nothing of it was done, "" where nothing came between."""

    done: int
    of: int
    over: bool
    refused: str


@dataclass(frozen=True)
class Job:
    """What the worker is to apply."""

    id: int
    school_id: int
    person_id: int | None
    sheet: Sheet
    answers: Answers
    shown: str


def ask(session: Session, school_id: int, by: Actor, sheet: Sheet, answers: Answers, shown: str) -> None:
    """Have the worker apply a list. Refused("provision_busy") while it applies another."""
    applying.hold(session, school_id)
    row = session.scalar(select(ProvisionRun).where(ProvisionRun.school_id == school_id))
    if row is None:
        row = ProvisionRun(school_id=school_id)
        session.add(row)
    elif not row.over:
        raise Refused("provision_busy")
    row.person_id, row.answers, row.shown = by.person_id, dict(answers), shown
    row.lines = json.dumps(packed(sheet, named=False))
    row.done, row.of, row.over, row.refused, row.asked_at = 0, len(sheet.lines), False, None, now()
    session.flush()
    outbox.put(session, outbox.Kind.PROVISION, str(row.id), run=row.id)


def progress(session: Session, school_id: int) -> Progress | None:
    """The last list that the worker was asked to apply."""
    row = session.scalar(select(ProvisionRun).where(ProvisionRun.school_id == school_id))
    return Progress(row.done, row.of, row.over, row.refused or "") if row else None


# For the worker


def job(session: Session, number: int) -> Job | None:
    """What is to be applied; None where it was."""
    row = session.get(ProvisionRun, number)
    if row is None or row.over:
        return None
    sheet = unpacked(json.loads(row.lines), None)
    return Job(row.id, row.school_id, row.person_id, sheet, row.answers, row.shown)


def look(session: Session, of: Job, keyed: Keyed, tell: Tell) -> None:
    """Check it line by line, and tell after each slice how far it is. Refused as applying.apply refuses."""
    if plan.make(session, of.school_id, of.sheet, keyed, tell=tell).digest != of.shown:
        raise Refused("provision_moved")


def tell(session: Session, of: Job, done: int) -> None:
    """Note how far it is."""
    session.execute(update(ProvisionRun).where(ProvisionRun.id == of.id).values(done=done))


def finish(session: Session, of: Job, keyed: Keyed, steps: Steps, zone: dt.tzinfo) -> None:
    """Apply it, in the caller's transaction: whoever is killed before it commits has done nothing of it."""
    actor = Actor(of.person_id)
    applying.apply(session, of.school_id, actor, of.sheet, keyed, steps, zone, of.answers, of.shown)
    _over(session, of, None)


def refuse(session: Session, of: Job, code: str) -> None:
    """Note that nothing of it was done, and why."""
    _over(session, of, code)


def _over(session: Session, of: Job, refused: str | None) -> None:
    done = {} if refused else {"done": len(of.sheet.lines)}
    values: dict[str, object] = {"over": True, "refused": refused, "lines": "", "answers": {}, **done}
    session.execute(update(ProvisionRun).where(ProvisionRun.id == of.id).values(**values))
