"""A school leader's frame: what the ambition must fit within, said by the leader as such. Never the ambition."""

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.models import Standing

KIND = "frame"


def _leader(turn: Turn) -> int:
    if turn.member is None or turn.member.standing != Standing.LEADER:
        raise Refused("frame_not_leader")
    return turn.member.id


def mine(turn: Turn) -> Piece | None:
    """The leader's own frame."""
    found = gate.mine(turn, KIND)
    return found[-1] if found else None


def give(turn: Turn, text: str, version: int) -> None:
    """Give a frame, or change the one given: a leader has one. The older version is kept."""
    leader, item = _leader(turn), mine(turn)
    contributions.refuse_blank_or_double(text, ())
    if item is None:
        contributions.add(turn, KIND, {"text": text}, by=leader)
        return
    contributions.revise(turn, item, {"text": text}, version, by=leader)


def take_back(turn: Turn) -> None:
    """Withdraw one's frame."""
    _leader(turn)
    item = mine(turn)
    if item is None:
        raise Refused("not_found")
    contributions.withdraw(turn, item)
