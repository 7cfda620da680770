"""Working objections through: what the community did with each, before a better text is put to everyone."""

from typing import Any

from lti_tool.domain import Refused, consent, contributions, rounds
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered, place
from lti_tool.models import Consent, Contribution, Round
from lti_tool.text import Text

RESOLUTION = "resolution"


def given(turn: Turn) -> dict[int, list[Consent]]:
    """round id -> its answers, of all rounds of the step; others' are shown of closed rounds only."""
    return consent.given(turn) if rounds.latest(turn, consent.KIND) is not None else {}


def objected(turn: Turn) -> Round | None:
    """The last decision round, if objections closed it."""
    last = rounds.latest(turn, consent.KIND)
    return last if last is not None and last.outcome == consent.OBJECTED else None


def resolve(turn: Turn, consent_id: int, text: str, version: int) -> None:
    """Say what was done with an objection or a concern of the last round, or say it better."""
    last = objected(turn)
    answered = given(turn).get(last.id, []) if last else []
    if not any(row.id == consent_id and row.answer in (Answer.OBJECTION, Answer.CONCERN) for row in answered):
        raise Refused("not_found")
    contributions.refuse_blank_or_double(text, ())
    earlier = next(
        (each for each in contributions.of_kind(turn, RESOLUTION) if each.body["consent"] == consent_id), None
    )
    body = {"consent": consent_id, "text": text}
    if earlier is not None:
        contributions.revise(turn, earlier, body, version)
    elif version:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, RESOLUTION, body)


def resolutions(held: Gathered) -> dict[int, Contribution]:
    """consent id -> what was done with it."""
    return {item.body["consent"]: item for item in held.of(RESOLUTION)}


def told(turn: Turn, held: Gathered, round_: Round, answer: Answer) -> list[dict[str, Any]]:
    """What was said with an answer in a closed round, each with what was done with it; the order tells nothing."""
    resolved = resolutions(held)
    rows = sorted(consent.answers(turn, round_), key=lambda row: place(turn, row.id))
    return [
        {
            **row.body,
            "id": row.id,
            "done": resolved[row.id].body["text"] if row.id in resolved else "",
            "done_version": resolved[row.id].version if row.id in resolved else 0,
        }
        for row in rows
        if row.answer == answer
    ]


def obstacles(turn: Turn, held: Gathered, text: Contribution | None = None) -> list[Refused]:
    """Why it cannot be put to everyone again: an objection has no answer, or nothing was changed in the text."""
    last = objected(turn)
    if last is None:
        return []
    found, answered = [], resolutions(held)
    if any(row.answer == Answer.OBJECTION and row.id not in answered for row in given(turn).get(last.id, [])):
        words = Text(
            "Schrijf bij elk bezwaar op wat jullie ermee deden.",
            "Write down beside each objection what you did with it.",
        )
        found.append(Refused("objections_open", words))
    if text is not None and text.version <= (last.subject_version or 0):
        words = Text(
            "Op deze tekst was bezwaar. Maak eerst een nieuwe versie.",
            "There was an objection to this text. Make a new version first.",
        )
        found.append(Refused("text_unchanged", words))
    return found
