"""Rounds: an equal say for each member, counted once, shown when the round has closed."""

from sqlalchemy import bindparam, select

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import deciding
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


# Every step's page asks this. Built once, it is hot.
_OF_RUN = select(Round).where(Round.step_run_id == bindparam("run")).order_by(Round.id)


def _all(turn: Turn) -> list[Round]:
    return turn.once("rounds", lambda: list(turn.session.scalars(_OF_RUN, {"run": turn.run.id})))


def latest(turn: Turn, kind: RoundKind) -> Round | None:
    """The newest round of a kind in this step, open or closed."""
    return next(iter(reversed(of_kind(turn, kind))), None)


def newest(turn: Turn) -> Round | None:
    """The newest round of this step, of whichever kind, open or closed."""
    return next(iter(reversed(_all(turn))), None)


def of_kind(turn: Turn, kind: RoundKind) -> list[Round]:
    """All rounds of a kind in this step, oldest first."""
    return [each for each in _all(turn) if each.kind == kind]


def still_open(turn: Turn) -> list[Round]:
    """The rounds of this step that are open, of whichever kind."""
    return [each for each in _all(turn) if each.closed_at is None]


def undecided(turn: Turn) -> list[Round]:
    """The rounds of consent, and those that weighed an objection, since a text was last adopted here; oldest first."""
    found: list[Round] = []
    for each in _all(turn):
        if each.outcome in (RoundOutcome.ADOPTED, RoundOutcome.OVERRULED):
            found.clear()
        elif each.kind in (RoundKind.CONSENT, RoundKind.OVERRULE):
            found.append(each)
    return found


def open_one(turn: Turn, kind: RoundKind) -> Round:
    """The open round of a kind; Refused("round_closed") when there is none."""
    found = latest(turn, kind)
    if found is None or found.closed_at is not None:
        raise Refused("round_closed")
    return found


def close(turn: Turn, round_: Round, outcome: RoundOutcome) -> None:
    """Close a round for good, and keep of how many it was, and how many were away by another's hand."""
    round_.closed_at, round_.outcome = now(), outcome
    round_.circle, round_.set_away = turn.circle.of, len(turn.circle.set_away)
    by_note = deciding.noted_members(turn) - deciding.took_part(turn, round_)
    round_.noted = len(by_note & turn.circle.members)


def close_again(turn: Turn, decided: Round) -> Round:
    """A round about the same as one that is closed, closed by an objection that came late; nobody else was asked.

    What was decided may go to all again as it is: they have not heard the objection yet.
    """
    made = open_round(turn, decided.kind)
    made.subject_id, made.subject_version = decided.subject_id, decided.subject_version
    made.opened_at = made.closed_at = now()
    made.outcome = RoundOutcome.OBJECTED
    return made


def without_some(turn: Turn) -> list[Round]:
    """The closed rounds of this step in which somebody was away by another's hand, oldest first."""
    return [each for each in _all(turn) if each.closed_at is not None and each.set_away]
