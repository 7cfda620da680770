"""What the pages of several steps show alike. What only one step shows is in its own module or package."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import choosing, consent, dots, late, minority, objections, overruling, rounds
from lti_tool.domain.mechanisms.choosing import Choice
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.mechanisms.minority import Note
from lti_tool.domain.mechanisms.objections import Told
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Given, Piece
from lti_tool.models import RoundOutcome
from lti_tool.text import Text

# What a form lets choose from: the value it sends, and the words for it.
Option = tuple[str | int, Text | str]


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


_Thing = TypeVar("_Thing", bound=_Numbered)


@dataclass(frozen=True)
class Said:
    """What somebody said of something: a response, a question, a reply. author: None where no names are shown."""

    id: int
    text: str
    mine: bool
    author: Text | None


@dataclass(frozen=True)
class Evidence:
    """A piece of evidence by its label, #1, and what it says."""

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
class Putting:
    """Whether the objections that stand in the way are put to all when the stage ends; and why they cannot be."""

    put: bool
    why_not: Refused | None


@dataclass(frozen=True)
class Decided:
    """The last decision round: one's own answer while it is open; what all said once it has closed.

    agreed, with_concern: how many, None where that would show what each said; heard: how many answered; circle: how
    many the circle was then, 0 where nobody kept that. too_few: too few of them. asked: the reader objected, and did
    not say yet what would solve it. upheld: it was put to all, and stands.
    putting: whether objections can be put to all; weighed: one's own answer once they are. notes: the objections that
    stand beside the text. late: how many answered afterwards; missed: the reader still can; may_object: they
    can object too.
    """

    my_answer: OwnAnswer | None = None
    agreed: int | None = 0
    heard: int = 0
    circle: int = 0
    with_concern: int | None = 0
    too_few: bool = False
    objections: Sequence[Told] = ()
    concerns: Sequence[Told] = ()
    asked: bool = False
    upheld: bool = False
    putting: Putting | None = None
    weighed: str = ""
    notes: Sequence[Note] = ()
    late: int = 0
    late_concerns: Sequence[str] = ()
    missed: bool = False
    may_object: bool = False


UNDECIDED = Decided()


def decided(turn: Turn, there: Gathered, about: int | None = None, changed: bool = False) -> Decided:
    """How the last decision round stands.

    about: which decision was answered afterwards, see `late.answer`. changed: whether what is decided on was, since.
    """
    round_ = rounds.latest(turn, consent.KIND)
    afterwards = late.given(there, about) if about is not None else []
    since = Decided(
        late=len(afterwards),
        late_concerns=sorted(each["concern"] for each in afterwards if each["concern"]),
        missed=about is not None and late.missed(turn, about),
        may_object=about is not None and late.may_object(turn),
    )
    if round_ is None:
        # A step can have been completed by other means, before it asked for consent.
        return since
    notes = minority.notes(turn, there)
    if round_.closed_at is None:
        own = gate.my_answer(turn, round_)
        return Decided(my_answer=_own(own) if own else None, notes=notes)
    given = gate.answers(turn, round_)
    weighing = rounds.latest(turn, overruling.KIND)
    weighing = weighing if weighing is not None and weighing.id > round_.id else None
    mine = gate.my_answer(turn, weighing) if weighing else None
    noted = {each.consent for each in notes}
    # Of an objection that came once all was decided they have not heard yet: there is nothing to put to all.
    may_be_put = weighing is None and not round_.came_late and objections.open_ones(turn)
    return replace(
        since,
        agreed=given.of(Answer.AGREE, Answer.CONCERN),
        heard=given.people,
        circle=round_.circle,
        with_concern=given.of(Answer.CONCERN),
        too_few=objections.not_carried(turn),
        objections=[e for e in objections.told(turn, there, round_, Answer.OBJECTION) if e.id not in noted],
        concerns=objections.told(turn, there, round_, Answer.CONCERN),
        asked=turn.participant is not None and weighing is None and objections.asked(turn),
        upheld=weighing is not None and weighing.outcome == RoundOutcome.UPHELD,
        putting=_putting(turn, changed) if may_be_put else None,
        weighed=mine.answer if mine else "",
        notes=notes,
    )


def _putting(turn: Turn, changed: bool) -> Putting:
    return Putting(overruling.is_put(turn, changed), overruling.why_not(turn, changed))


@dataclass(frozen=True)
class Ballot:
    """An open round of dots. each: how many everybody has; laid: one's own, piece id -> how many; passed: one left it.

    again: ids of what tied in the round before, None in the first; kept: what is sure already, in words.
    """

    each: int
    laid: Mapping[int, int]
    passed: bool
    again: Collection[int] | None
    kept: Sequence[str]


def own_order(turn: Turn, things: Sequence[_Thing]) -> list[_Thing]:
    """What dots are laid on, for each member in an order of their own: else the first on the page take them all."""

    def drawn(thing: _Thing) -> bytes:
        return hashlib.blake2s(f"{turn.run.id}:{turn.viewer.member_id}:{thing.id}".encode()).digest()

    return sorted(things, key=drawn)


def ballot(turn: Turn, stage: str, most: int | None = None) -> Ballot | None:
    """The round of dots that is open in this stage. most: how many are chosen, see `dots.ballot`."""
    if turn.run.stage != stage:
        return None
    round_ = rounds.open_one(turn, dots.KIND)
    about = dots.ballot(turn, round_, most)
    there = gate.gather(turn).items
    return Ballot(
        each=about.each,
        laid=gate.my_dots(turn, round_),
        passed=gate.my_answer(turn, round_) is not None,
        again=about.among,
        kept=[str(there[each].body["text"]) for each in about.kept if each in there],
    )


def chosen(turn: Turn, most: int) -> Choice | None:
    """What the last dots came to, once they are counted; None before, and where there were none."""
    last = rounds.latest(turn, dots.KIND)
    if last is None or last.closed_at is None:
        return None
    return choosing.choose([gate.tally(turn, each) for each in dots.series(turn, last)], most)


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
