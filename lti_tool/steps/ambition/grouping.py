"""What the pages of pairs and fours show: with whom one sits, what they made, and what other groups ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import merging
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.ties import Tie
from lti_tool.steps.shown import Option
from lti_tool.text import Text


@dataclass(frozen=True)
class Made:
    """A sentence that the member's group made. settled: others built on it, and it stays.

    waits: what of other groups was asked to join, and waits for a yes there. made_of: where no names are shown, all
    that was asked; who said yes nobody sees.
    """

    id: int
    text: str
    why: str
    version: int
    sources: Sequence[int]
    choices: Sequence[Option]
    settled: bool
    waits: Sequence[str]
    made_of: Sequence[str]


@dataclass(frozen=True)
class Asked:
    """What another group made, which one of the member's own group joined, or would. made, version: of theirs."""

    id: int
    text: str
    made: int
    version: int
    sentence: str


@dataclass(frozen=True)
class Group:
    """With whom the member looks what belongs together, what they made of it, and what there is to choose from.

    asked: what other groups ask; joined: what was let in, and can be taken out again. alone: no names are shown, and
    each says yes for what is their own.
    """

    with_whom: Sequence[Text]
    made: Sequence[Made]
    choices: Sequence[Option]
    asked: Sequence[Asked] = ()
    joined: Sequence[Asked] = ()
    alone: bool = False


def of(turn: Turn, there: Gathered, choices: Sequence[Option]) -> Group:
    """The member's group; of who comes later the one they would join. choices: what stands, in words."""
    found, alone = merging.my_group(turn, there), merging.each_for_their_own(turn)
    if found is None:
        return Group((), (), choices, _asked(merging.asked_of_us(turn, there)), alone=alone)
    group, people = found
    return Group(
        with_whom=[turn.people[each].name for each in people if turn.member is None or each != turn.member.id],
        made=[_made(there, item, alone) for item in there.linked_to(group, Tie.MADE_BY) if item.kind == merging.MERGED],
        choices=choices,
        asked=_asked(merging.asked_of_us(turn, there)),
        joined=_asked(merging.joined_of_us(turn, there)),
        alone=alone,
    )


def _asked(found: Sequence[tuple[Piece, Piece]]) -> list[Asked]:
    return [Asked(ours.id, ours.body["text"], made.id, made.version, made.body["text"]) for ours, made in found]


def _made(there: Gathered, item: Piece, alone: bool) -> Made:
    sources, asked = there.linked_to(item, Tie.INTO), merging.asked(there, item)
    # As they were drawn: not as somebody ticked them, nor who said yes last.
    every = sorted({each.id: each for each in [*sources, *asked]}.values(), key=lambda each: each.id)
    return Made(
        id=item.id,
        text=item.body["text"],
        why=item.body["why"],
        version=item.version,
        sources=[each.id for each in every],
        choices=[
            (str(each.id), each.body["text"])
            for each in [*sources, *merging.candidates(there)]
            if each is not item
        ],
        settled=merging.into(there, item) is not None,
        waits=[] if alone else [each.body["text"] for each in asked],
        made_of=[each.body["text"] for each in every] if alone else [],
    )  # fmt: skip
