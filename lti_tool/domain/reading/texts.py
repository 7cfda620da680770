"""Every text that somebody reads in a step, whatever kind it is: to take back one's own, or to hide one that hurts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Text as SqlText
from sqlalchemy import cast, or_, select, union_all

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import gate, words
from lti_tool.domain.reading.things import ROUNDS, RULES, Form
from lti_tool.models import Cycle, Reopening, Round, StepRun
from lti_tool.models.voices import Consent, Contribution


class What(StrEnum):
    """Where a text stands."""

    PIECE = "piece"
    ANSWER = "answer"  # with an answer in a round
    REASON = "reason"  # for opening a step again


@dataclass(frozen=True)
class Said:
    """A text as its reader finds it. texts: what says most first. mark: what stands in its place, "" as long as it is
    there."""

    what: What
    id: int
    texts: Sequence[str]
    mine: bool
    mark: str


def codes_of(turn: Turn, kind: str) -> Collection[str]:
    """Names under which a kind of the turn's step keeps no words."""
    return turn.steps.by_name[turn.run.step].codes.get(kind, ())


def here(turn: Turn) -> list[Said]:
    """The texts of the turn's step that the viewer reads, in an order that was drawn."""
    found = [*_pieces(turn), *_answers(turn)]
    return sorted(found, key=lambda each: each.id) + _reasons(turn)


def find(turn: Turn, what: str, number: int) -> Said:
    """One of them; Refused("not_found") for any other."""
    found = next((each for each in here(turn) if each.what == what and each.id == number), None)
    if found is None:
        raise Refused("not_found")
    return found


def _said(turn: Turn, what: What, number: int, texts: Sequence[str], owner: int) -> Said:
    return Said(what, number, texts, owner == turn.viewer.member_id, words.mark_of(texts))


def _pieces(turn: Turn) -> list[Said]:
    step, found = turn.steps.by_name[turn.run.step], []
    for item in gate.gather(turn).items.values():
        thing = step.keeps.get(item.kind)
        # What is answered alone goes by itself (forgetting), and numbers are nobody's words.
        if item.run_id != turn.run.id or thing is None or RULES[thing].form == Form.NOTHING or not RULES[thing].owned:
            continue
        if texts := words.said(item.body, codes_of(turn, item.kind)):
            found.append(_said(turn, What.PIECE, item.id, texts, item.member_id))
    return found


def _answers(turn: Turn) -> list[Said]:
    found = {}
    for round_ in turn.session.scalars(select(Round).where(Round.step_run_id == turn.run.id).order_by(Round.id)):
        mine = gate.my_answer(turn, round_)
        for given in [*_told(turn, round_), *([mine] if mine else [])]:
            if texts := words.said(given.body):
                found[given.id] = _said(turn, What.ANSWER, given.id, texts, given.member_id)
    return list(found.values())


def _told(turn: Turn, round_: Round) -> list[Any]:
    if ROUNDS[round_.kind][1] is None:
        return []
    try:
        return [each for answer in ("objection", "concern", "not_yet") for each in gate.said(turn, round_, answer)]
    except Refused:
        return []


def _reasons(turn: Turn) -> list[Said]:
    if not turn.run.reopened and turn.run.closed_at is None:
        return []
    query = select(Reopening).where(Reopening.step_run_id == turn.run.id, Reopening.reason != "").order_by(Reopening.id)
    return [_said(turn, What.REASON, row.id, [row.reason], row.member_id) for row in turn.session.scalars(query)]


def _has(column: Any, mark: str) -> Any:
    text = cast(column, SqlText)
    # As JSON writes it, and as a database does that keeps letters instead.
    return or_(text.contains(rf"\u{ord(mark):x}", autoescape=True), text.contains(mark, autoescape=True))


def to_mend(turn: Turn) -> list[tuple[int, str]]:
    """(number of the cycle, step) in which a text of the viewer's was hidden and was not mended yet."""
    me, number, step = turn.viewer.member_id, Cycle.number, StepRun.step
    pieces = (
        select(number, step)
        .join(StepRun, StepRun.cycle_id == Cycle.id)
        .join(Contribution, Contribution.step_run_id == StepRun.id)
        .where(Contribution.member_id == me, _has(Contribution.body, words.HIDDEN))
    )
    answers = (
        select(number, step)
        .join(StepRun, StepRun.cycle_id == Cycle.id)
        .join(Round, Round.step_run_id == StepRun.id)
        .join(Consent, Consent.round_id == Round.id)
        .where(Consent.member_id == me, _has(Consent.body, words.HIDDEN))
    )
    reasons = (
        select(number, step)
        .join(StepRun, StepRun.cycle_id == Cycle.id)
        .join(Reopening, Reopening.step_run_id == StepRun.id)
        .where(Reopening.member_id == me, Reopening.reason.contains(words.HIDDEN, autoescape=True))
    )
    return sorted({(row[0], row[1]) for row in turn.session.execute(union_all(pieces, answers, reasons))})
