"""Opening a completed step again: somebody says why, and a second member says yes; or an objection came late.

What was adopted stands until there is something new: pages elsewhere go on showing it (reading.gate).
"""

from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.cycle import Step, Turn, enter
from lti_tool.domain.reading.things import Thing, require
from lti_tool.models import Member, Reopening

LONGEST = 1000


@dataclass(frozen=True)
class Reopened:
    """When and why a step was opened again, newest first; and what waits for a second member's yes."""

    done: tuple[Reopening, ...] = ()
    proposed: Reopening | None = None


NEVER = Reopened()


def of(turn: Turn) -> Reopened:
    """The same of the turn's step."""
    if not turn.run.reopened and turn.run.closed_at is None:
        return NEVER
    require(turn.viewer, Thing.REOPENING)
    rows = _rows(turn)
    waits = next((each for each in rows if each.opened_at is None), None) if turn.run.closed_at is not None else None
    return Reopened(tuple(each for each in rows if each.opened_at is not None), waits)


def _rows(turn: Turn) -> list[Reopening]:
    query = select(Reopening).where(Reopening.step_run_id == turn.run.id).order_by(Reopening.id.desc())
    return turn.once("reopenings", lambda: list(turn.session.scalars(query)))


def propose(turn: Turn, step: Step, reason: str) -> bool:
    """Propose it, with a reason that all read; whether the step is open now, as it is at once in a circle of one."""
    _hold(turn, step)
    if not any(character.isalnum() for character in reason):
        raise Refused("reason_missing")
    if of(turn).proposed is not None:
        raise Refused("proposed_already")
    made = _made(turn, _proposer(turn), reason)
    if turn.circle.size > 1:
        turn.note(acts.Kind.REOPENING_PROPOSED)
        return False
    _open(turn, step, made, by=turn.member)
    return True


def agree(turn: Turn, step: Step) -> None:
    """A second member says yes: the step is opened again."""
    _hold(turn, step)
    proposed = _proposed(turn)
    if proposed.member_id == turn.me.id:
        raise Refused("second_yes_missing")
    _open(turn, step, proposed, by=turn.me)


def withdraw(turn: Turn, step: Step) -> None:
    """Whoever proposed it takes that back."""
    _hold(turn, step)
    proposed = _proposed(turn)
    if proposed.member_id != _proposer(turn).id:
        raise Refused("not_found")
    turn.session.delete(proposed)
    turn.session.flush()
    turn.forget()
    turn.note(acts.Kind.REOPENING_WITHDRAWN)


def by_objection(turn: Turn, step: Step) -> None:
    """Somebody who was away by another's hand objects to what was decided: it goes to all again, and nobody's yes is
    asked. Neither the page nor an act says whose objection it is."""
    _hold(turn, step)
    _open(turn, step, _made(turn, turn.me, ""), by=None)


def by_mending(turn: Turn, step: Step) -> None:
    """A text that was decided on was hidden, and is written anew: all are asked again. Nothing says by whom."""
    _hold(turn, step)
    _open(turn, step, _made(turn, turn.me, ""), by=None)


def _hold(turn: Turn, step: Step) -> None:
    turn.hold()
    if not step.reopens_at:
        raise Refused("step_not_ready")
    if turn.run.closed_at is None:
        raise Refused("step_open")


def _proposed(turn: Turn) -> Reopening:
    found = of(turn).proposed
    if found is None:
        raise Refused("not_found")
    return found


def _proposer(turn: Turn) -> Member:
    """Whoever is of the community may propose it: who takes part, and who facilitates without."""
    if turn.member is None:
        raise Refused("not_a_member")
    return turn.member


def _made(turn: Turn, by: Member, reason: str) -> Reopening:
    assert turn.run.closed_at is not None
    made = Reopening(
        step_run_id=turn.run.id,
        member_id=by.id,
        reason=reason[:LONGEST],
        outcome=(turn.run.outcome or "")[:2000] or None,
        closed_at=turn.run.closed_at,
    )
    turn.session.add(made)
    turn.session.flush()
    turn.forget()
    return made


def _open(turn: Turn, step: Step, made: Reopening, by: Member | None) -> None:
    for each in _rows(turn):
        if each.opened_at is None and each is not made:
            # It is open by another way: there is nothing left to propose.
            turn.session.delete(each)
    made.opened_at = now()
    turn.run.closed_at = None
    turn.run.reopened += 1
    enter(turn, step, step.reopens_at)
    acts.note(
        turn.session, turn.community.id, acts.Kind.STEP_REOPENED, by,
        cycle=turn.cycle, run=turn.run, detail={"to": step.reopens_at},
    )  # fmt: skip
