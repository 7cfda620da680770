"""Every text that somebody reads in a step, whatever kind it is: to take back one's own, or to hide one that hurts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Text as SqlText
from sqlalchemy import cast, or_, select, true, union_all

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import gate, words
from lti_tool.domain.reading.things import ROUNDS, RULES, Form
from lti_tool.models import Cycle, Reopening, Round, StepRun
from lti_tool.models.voices import Consent, Contribution, Revision


class What(StrEnum):
    """Where a text stands."""

    PIECE = "piece"
    ANSWER = "answer"  # with an answer in a round
    REASON = "reason"  # for opening a step again


@dataclass(frozen=True)
class Said:
    """A text as its reader finds it. texts: what says most first. mark: what stands in its place, "" as long as it is
    there. mends: it was hidden, and the reader, who wrote it or wrote on it, can write it anew."""

    what: What
    id: int
    texts: Sequence[str]
    mine: bool
    mark: str
    mends: bool = False


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
    mine, mark = owner == turn.viewer.member_id, words.mark_of(texts)
    return Said(what, number, texts, mine, mark, mine and mark == words.HIDDEN)


def _pieces(turn: Turn) -> list[Said]:
    step, found = turn.steps.by_name[turn.run.step], []
    for item in gate.gather(turn).items.values():
        thing = step.keeps.get(item.kind)
        # What is answered alone goes by itself (forgetting), and numbers are nobody's words.
        if item.run_id != turn.run.id or thing is None or RULES[thing].form == Form.NOTHING or not RULES[thing].owned:
            continue
        if texts := words.said(item.body, codes_of(turn, item.kind)):
            found.append(_said(turn, What.PIECE, item.id, texts, item.member_id))
    hidden = [each.id for each in found if each.mark == words.HIDDEN and not each.mine]
    wrote = select(Revision.contribution_id).where(
        Revision.contribution_id.in_(hidden), Revision.member_id == turn.viewer.member_id
    )
    ours = set(turn.session.scalars(wrote)) if hidden else set()
    return [replace(each, mends=True) if each.id in ours else each for each in found]


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


# Where words of somebody's stand: (of which step, by whom, the words, and what else holds).
_PLACES: tuple[tuple[Any, Any, Any, Any], ...] = (
    (Contribution.step_run_id, Contribution.member_id, Contribution.body, true()),
    (Contribution.step_run_id, Revision.member_id, Contribution.body, Revision.contribution_id == Contribution.id),
    (Round.step_run_id, Consent.member_id, Consent.body, Consent.round_id == Round.id),
    (Reopening.step_run_id, Reopening.member_id, Reopening.reason, true()),
)


def to_mend(turn: Turn) -> list[tuple[int, str]]:
    """(number of the cycle, step) in which a text that the viewer wrote (on) was hidden and was not mended yet."""
    of_step = select(Cycle.number, StepRun.step).join(StepRun, StepRun.cycle_id == Cycle.id)
    me = turn.viewer.member_id
    found = [
        of_step.where(StepRun.id == run, owner == me, _has(text, words.HIDDEN), also)
        for run, owner, text, also in _PLACES
    ]
    return sorted({(row[0], row[1]) for row in turn.session.execute(union_all(*found))})
