"""Working objections through: what the community did with each, before a better text is put to everyone."""

from dataclasses import dataclass

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import consent, contributions, rounds
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Given, Piece
from lti_tool.models import Round, RoundOutcome

RESOLUTION = "resolution"


@dataclass(frozen=True)
class Told:
    """An objection (harm, proposal) or a concern of a closed round, and what was done with it. done_version: or 0."""

    id: int
    harm: str
    proposal: str
    concern: str
    done: str
    done_version: int


def _given(turn: Turn, round_: Round) -> list[Given]:
    """What was said in a round and wants an answer."""
    return [row for row in deciding.answers(turn, round_) if row.answer in (Answer.OBJECTION, Answer.CONCERN)]


def objected(turn: Turn) -> Round | None:
    """The last decision round, if objections closed it."""
    last = rounds.latest(turn, consent.KIND)
    return last if last is not None and last.outcome == RoundOutcome.OBJECTED else None


def resolve(turn: Turn, consent_id: int, text: str, version: int) -> None:
    """Say what was done with an objection or a concern of the last round, or say it better."""
    last = objected(turn)
    if last is None or not any(row.id == consent_id for row in _given(turn, last)):
        raise Refused("not_found")
    contributions.refuse_blank_or_double(text, ())
    earlier = next((each for each in deciding.of_kind(turn, RESOLUTION) if each.body["consent"] == consent_id), None)
    body = {"consent": consent_id, "text": text}
    if earlier is not None:
        contributions.revise(turn, earlier, body, version)
    elif version:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, RESOLUTION, body)


def resolutions(held: Gathered) -> dict[int, Piece]:
    """consent id -> what was done with it."""
    return {item.body["consent"]: item for item in held.of(RESOLUTION)}


def told(turn: Turn, held: Gathered, round_: Round, answer: Answer) -> list[Told]:
    """What was said with an answer in a closed round, each with what was done with it; the order tells nothing."""
    resolved = resolutions(held)
    return [_told(row, resolved.get(row.id)) for row in gate.said(turn, round_, answer)]


def _told(row: Given, resolution: Piece | None) -> Told:
    return Told(
        id=row.id,
        harm=row.body.get("harm", ""),
        proposal=row.body.get("proposal", ""),
        concern=row.body.get("concern", ""),
        done=resolution.body["text"] if resolution else "",
        done_version=resolution.version if resolution else 0,
    )


def obstacles(turn: Turn, held: Gathered, text: Piece | None = None) -> list[Refused]:
    """Why it cannot be put to everyone again: an objection has no answer, or nothing was changed in the text."""
    last = objected(turn)
    if last is None:
        return []
    found, answered = [], resolutions(held)
    if any(row.answer == Answer.OBJECTION and row.id not in answered for row in _given(turn, last)):
        found.append(Refused("objections_open"))
    if text is not None and text.version <= (last.subject_version or 0):
        found.append(Refused("text_unchanged"))
    return found
