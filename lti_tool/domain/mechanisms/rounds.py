"""Rounds: an equal say for each member, counted once, shown when the round has closed."""

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading.pieces import Piece
from lti_tool.models import Round, RoundKind, RoundOutcome


def open_round(turn: Turn, kind: RoundKind, subject: Piece | None = None) -> Round:
    """Open a round of a kind, about a contribution in the version it has now."""
    known = _all(turn)
    made = Round(
        step_run_id=turn.run.id,
        kind=kind,
        subject_id=subject.id if subject else None,
        subject_version=subject.version if subject else None,
    )
    turn.session.add(made)
    turn.session.flush()
    known.append(made)
    return made


def _all(turn: Turn) -> list[Round]:
    query = select(Round).where(Round.step_run_id == turn.run.id).order_by(Round.id)
    return turn.once("rounds", lambda: list(turn.session.scalars(query)))


def latest(turn: Turn, kind: RoundKind) -> Round | None:
    """The newest round of a kind in this step, open or closed."""
    return next(iter(reversed(of_kind(turn, kind))), None)


def of_kind(turn: Turn, kind: RoundKind) -> list[Round]:
    """All rounds of a kind in this step, oldest first."""
    return [each for each in _all(turn) if each.kind == kind]


def still_open(turn: Turn) -> list[Round]:
    """The rounds of this step that are open, of whichever kind."""
    return [each for each in _all(turn) if each.closed_at is None]


def open_one(turn: Turn, kind: RoundKind) -> Round:
    """The open round of a kind; Refused("round_closed") when there is none."""
    found = latest(turn, kind)
    if found is None or found.closed_at is not None:
        raise Refused("round_closed")
    return found


def close(round_: Round, outcome: RoundOutcome) -> None:
    """Close a round for good."""
    round_.closed_at, round_.outcome = now(), outcome
