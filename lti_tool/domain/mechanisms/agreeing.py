"""Agreeing: one tap that says of a colleague's piece what a second post would have said."""

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.ties import Tie

KIND = "agreed"


def agree(turn: Turn, there: Gathered, item_id: int, *kinds: str) -> None:
    """Agree with a colleague's piece of one of these kinds: once, and never with one's own."""
    item = there.items.get(item_id)
    if item is None or item.kind not in kinds or item.run_id != turn.run.id:
        raise Refused("not_found")
    if item.member_id == turn.me.id:
        raise Refused("own_piece")
    if by(turn, there, item):
        raise Refused("said_already")
    contributions.add(turn, KIND, {}, [(Tie.AGREES, item)])


def count(there: Gathered, item: Piece) -> int:
    """How many agree with it."""
    return len({each.member_id for each in there.linked_to(item, Tie.AGREES)})


def by(turn: Turn, there: Gathered, item: Piece) -> bool:
    """Whether the reader agreed with it."""
    me = turn.viewer.member_id
    return any(each.member_id == me for each in there.linked_to(item, Tie.AGREES))
