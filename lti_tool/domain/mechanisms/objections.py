"""Working objections through: what the community did with each, before a better text is put to everyone.

Its owner is asked what would solve it. What two rounds could not solve can be put to all: see overruling.
"""

from dataclasses import dataclass

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import consent, contributions, rounds
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Given, Piece
from lti_tool.models import Round, RoundKind, RoundOutcome

RESOLUTION, SOLUTION = "resolution", "solution"


@dataclass(frozen=True)
class Told:
    """An objection (harm, proposal) or a concern of a closed round, and what was done with it. done_version: or 0.

    solution: what would solve it, as its owner says; mine: whether that is the reader.
    """

    id: int
    harm: str
    proposal: str
    concern: str
    done: str
    done_version: int
    solution: str = ""
    solution_version: int = 0
    mine: bool = False


def _given(turn: Turn, round_: Round) -> list[Given]:
    """What was said in a round and wants an answer."""
    return [row for row in deciding.answers(turn, round_) if row.answer in (Answer.OBJECTION, Answer.CONCERN)]


def objected(turn: Turn) -> Round | None:
    """The last decision round, if objections closed it, and they were not set aside since."""
    last, after = rounds.latest(turn, consent.KIND), rounds.latest(turn, RoundKind.OVERRULE)
    if last is None or last.outcome != RoundOutcome.OBJECTED:
        return None
    overruled = after is not None and after.id > last.id and after.outcome == RoundOutcome.OVERRULED
    return None if overruled else last


def open_ones(turn: Turn) -> list[Given]:
    """The objections of the last decision round that are in its way: those of the circle."""
    last = objected(turn)
    raised = deciding.answers(turn, last) if last is not None else []
    return [row for row in raised if row.answer == Answer.OBJECTION and row.member_id in turn.circle.members]


def not_carried(turn: Turn) -> bool:
    """Whether the last decision round closed without an objection, and too few said yes."""
    last = rounds.latest(turn, consent.KIND)
    return last is not None and last.outcome == RoundOutcome.TOO_FEW


def changed(turn: Turn, text: Piece | None) -> bool:
    """Whether a text was changed since the last decision round about it, or can be put to all as it is."""
    last = rounds.latest(turn, consent.KIND)
    if text is None or last is None:
        return False
    return last.came_late or text.version != last.subject_version


def resolve(turn: Turn, consent_id: int, text: str, version: int) -> None:
    """Say what was done with an objection or a concern of the last round, or say it better."""
    last = objected(turn)
    if last is None or not any(row.id == consent_id for row in _given(turn, last)):
        raise Refused("not_found")
    _say(turn, RESOLUTION, consent_id, text, version)


def solve(turn: Turn, consent_id: int, text: str, version: int) -> None:
    """Say what would solve one's own objection, or say it better."""
    if not any(row.id == consent_id and row.member_id == turn.me.id for row in open_ones(turn)):
        raise Refused("not_found")
    _say(turn, SOLUTION, consent_id, text, version)


def _say(turn: Turn, kind: str, consent_id: int, text: str, version: int) -> None:
    contributions.refuse_blank_or_double(text, ())
    earlier = next((each for each in deciding.of_kind(turn, kind) if each.body["consent"] == consent_id), None)
    body = {"consent": consent_id, "text": text}
    if earlier is not None:
        contributions.revise(turn, earlier, body, version)
    elif version:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, kind, body)


def asked(turn: Turn) -> bool:
    """Whether the member has an objection that stands in the way, and did not say yet what would solve it."""
    me = turn.viewer.member_id
    mine = [row.id for row in open_ones(turn) if row.member_id == me]
    return bool(mine) and not solved(turn) & set(mine)


def solved(turn: Turn) -> set[int]:
    """Ids of the objections whose owners said what would solve them."""
    return {each.body["consent"] for each in deciding.of_kind(turn, SOLUTION)}


def resolutions(held: Gathered, kind: str = RESOLUTION) -> dict[int, Piece]:
    """consent id -> what was done with it; or what would solve it."""
    return {item.body["consent"]: item for item in held.of(kind)}


def told(turn: Turn, held: Gathered, round_: Round, answer: Answer) -> list[Told]:
    """What was said with an answer in a closed round, each with what was done with it; the order tells nothing."""
    resolved, solutions = resolutions(held), resolutions(held, SOLUTION)
    me = turn.viewer.member_id
    return [_told(row, resolved.get(row.id), solutions.get(row.id), me) for row in gate.said(turn, round_, answer)]


def _told(row: Given, resolution: Piece | None, solution: Piece | None, me: int | None) -> Told:
    return Told(
        id=row.id,
        harm=row.body.get("harm", ""),
        proposal=row.body.get("proposal", ""),
        concern=row.body.get("concern", ""),
        done=resolution.body["text"] if resolution else "",
        done_version=resolution.version if resolution else 0,
        solution=solution.body["text"] if solution else "",
        solution_version=solution.version if solution else 0,
        mine=me is not None and row.member_id == me,
    )


def obstacles(turn: Turn, held: Gathered, text: Piece | None = None) -> list[Refused]:
    """Why it cannot be put to everyone again: an objection has no answer, or nothing was changed in the text."""
    standing = open_ones(turn)
    if not (standing or not_carried(turn)):
        return []
    found, answered = [], resolutions(held)
    if any(row.id not in answered for row in standing):
        found.append(Refused("objections_open"))
    if text is not None and not changed(turn, text):
        found.append(Refused("text_unchanged"))
    return found
