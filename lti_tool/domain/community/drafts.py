"""What a person typed and has not sent yet. Every query here asks for the owner: nobody else's page has a way in."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.db import now, plain
from lti_tool.domain.reading.things import Thing, Viewer, require
from lti_tool.models import Member, StepRun
from lti_tool.models.voices import Draft as Row

# In place of a run's id: what is typed on one's own pages, which are of no step.
OWN = 0


@dataclass(frozen=True)
class Draft:
    """What was typed in a form. form: "<id of the step's run, or OWN>:<key of the form>"."""

    form: str
    body: Mapping[str, Any]
    saved_at: dt.datetime


# Every step's page asks this. Built once, it is hot; SQLite prepares a LIKE anew for each pattern, not this.
_OF_RUN = (
    select(Row.form, Row.body, Row.saved_at)
    .where(Row.member_id == bindparam("member"), func.substr(Row.form, 1, bindparam("so_far")) == bindparam("begins"))
    .order_by(Row.saved_at)
)


def of_run(session: Session, viewer: Viewer, owner: Member, run_id: int) -> dict[str, Draft]:
    """key of the form -> the owner's draft, of a step."""
    require(viewer, Thing.DRAFT, owner.id)
    begins = f"{run_id}:"
    found = plain(session, _OF_RUN, {"member": owner.id, "begins": begins, "so_far": len(begins)})
    return {row.form.partition(":")[2]: Draft(row.form, row.body, row.saved_at) for row in found}


def keep(session: Session, owner: Member, form: str, body: Mapping[str, Any] | None, most: int) -> None:
    """Keep what stands in a form now, in place of what was kept of it before; nothing: keep none.

    most: how many drafts one person has; the oldest make room.
    """
    kept = session.scalars(select(Row).where(Row.member_id == owner.id).order_by(Row.saved_at)).all()
    found = next((each for each in kept if each.form == form), None)
    if not body:
        drop(session, owner, form)
    elif found is not None:
        found.body, found.saved_at = dict(body), now()
    else:
        for oldest in kept[: max(0, len(kept) - most + 1)]:
            session.delete(oldest)
        session.add(Row(member_id=owner.id, form=form, body=dict(body)))


def drop(session: Session, owner: Member, form: str) -> None:
    """Keep it no longer: it was sent."""
    session.execute(delete(Row).where(Row.member_id == owner.id, Row.form == form))


def forget_of(session: Session, members: Collection[int]) -> None:
    """Delete what these members typed in steps; what is on their own pages stays theirs."""
    session.execute(delete(Row).where(Row.member_id.in_(members), ~Row.form.startswith(f"{OWN}:")))


def forget_all(session: Session, member_id: int) -> None:
    """Delete all that a member typed and did not send, on their own pages too."""
    session.execute(delete(Row).where(Row.member_id == member_id))


def forget_over(
    session: Session, step: str, forms: Sequence[str], runs: Collection[int], *, saved_before: dt.datetime
) -> int:
    """Delete everybody's drafts of these forms of a step: of these runs, and of any that were kept before a moment.

    Returns how many.
    """
    if not forms:
        return 0
    of_step = session.scalars(select(StepRun.id).where(StepRun.step == step))
    # What a browser calls a draft is its own choice: only names that a page of the step gives are looked for.
    known = {f"{run}:{form}": run for run in of_step for form in forms}
    called = or_(*(Row.form.like(f"%:{form}") for form in forms))
    kept = session.execute(select(Row.id, Row.form, Row.saved_at).where(called))
    going = [row.id for row in kept if row.form in known and (known[row.form] in runs or row.saved_at < saved_before)]
    session.execute(delete(Row).where(Row.id.in_(going)))
    return len(going)
