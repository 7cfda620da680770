"""Minority notes: an objection that was not followed stands beside what was adopted, in its owner's words, for good.

It is there without a name, also where a step shows names: an objection is never signed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.pieces import Gathered, Given

KIND = "objection_note"


@dataclass(frozen=True)
class Note:
    """What stands beside the text. consent: the id of the objection it is.

    Why it stands there is not said: that its owner has left would tell whose it was.
    """

    consent: int
    harm: str
    proposal: str


def keep(turn: Turn, objections: Iterable[Given]) -> None:
    """Let these stand beside what is adopted now; each is its owner's, whoever closes the round."""
    known = {item.body["consent"] for item in deciding.of_kind(turn, KIND)}
    for row in objections:
        if row.id not in known:
            body = {"consent": row.id, **{name: row.body[name] for name in ("harm", "proposal")}}
            contributions.add(turn, KIND, body, by=row.member_id)


def give_way(turn: Turn, answered: Iterable[int]) -> None:
    """Let the notes of those who answered about a newer text stand no longer: what they say now counts."""
    owners = set(answered)
    for item in deciding.of_kind(turn, KIND):
        if item.member_id in owners:
            contributions.let_stand(turn, item.id, False)


def notes(turn: Turn, there: Gathered) -> Sequence[Note]:
    """What stands beside the text, in an order that tells nothing of who raised it."""
    return [Note(i.body["consent"], i.body["harm"], i.body["proposal"]) for i in there.of(KIND)]
