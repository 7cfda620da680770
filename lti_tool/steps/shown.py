"""What the pages of several steps show alike. What only one step shows is in its own module or package."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import consent, late, objections, rounds
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.mechanisms.objections import Told
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Given, Piece
from lti_tool.text import Text

# What a form lets choose from: the value it sends, and the words for it.
Option = tuple[str | int, Text | str]


@dataclass(frozen=True)
class Said:
    """What somebody said of something: a response, a question, a reply. author: None where no names are shown."""

    id: int
    text: str
    mine: bool
    author: Text | None


@dataclass(frozen=True)
class Evidence:
    """A piece of evidence by its label, E1, and what it says."""

    label: str
    text: str


@dataclass(frozen=True)
class OwnAnswer:
    """One's own answer in a decision round, with the words it needed."""

    answer: str
    concern: str
    harm: str
    proposal: str


@dataclass(frozen=True)
class Decided:
    """The last decision round: one's own answer while it is open; what all said once it has closed.

    agreed: how many, with a concern or without; late: how many answered afterwards.
    """

    my_answer: OwnAnswer | None = None
    agreed: int = 0
    with_concern: int = 0
    objections: Sequence[Told] = ()
    concerns: Sequence[Told] = ()
    late: int = 0
    late_concerns: Sequence[str] = ()


UNDECIDED = Decided()


def decided(turn: Turn, there: Gathered, about: int | None = None) -> Decided:
    """How the last decision round stands. about: which decision was answered afterwards, see `late.answer`."""
    round_ = rounds.latest(turn, consent.KIND)
    afterwards = late.given(there, about) if about is not None else []
    since = Decided(
        late=len(afterwards), late_concerns=sorted(each["concern"] for each in afterwards if each["concern"])
    )
    if round_ is None:
        # A step can have been completed by other means, before it asked for consent.
        return since
    if round_.closed_at is None:
        own = gate.my_answer(turn, round_)
        return Decided(my_answer=_own(own) if own else None)
    given = gate.answers(turn, round_)
    return replace(
        since,
        agreed=given[Answer.AGREE] + given[Answer.CONCERN],
        with_concern=given[Answer.CONCERN],
        objections=objections.told(turn, there, round_, Answer.OBJECTION),
        concerns=objections.told(turn, there, round_, Answer.CONCERN),
    )


def _own(row: Given) -> OwnAnswer:
    body = row.body
    return OwnAnswer(row.answer, body.get("concern", ""), body.get("harm", ""), body.get("proposal", ""))


def is_mine(turn: Turn, item: Piece) -> bool:
    """Whether it is this member's own."""
    return turn.member is not None and item.member_id == turn.member.id


def said(turn: Turn, item: Piece) -> Said:
    """What somebody said, with a name only where the community chose so."""
    return Said(item.id, item.body["text"], is_mine(turn, item), turn.names.get(item.member_id))


def short(text: str) -> str:
    """A text as a choice in a list."""
    return text if len(text) <= 80 else text[:79].rstrip() + "…"
