"""The rotating pen: one person writes at a time, and everybody gets a turn at it."""

import datetime as dt
from collections.abc import Sequence

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading.pieces import Piece

KIND = "pen"
HELD, HANDED_ON = "held", "handed_on"

# Who saved nothing for so long can be relieved of the pen.
IDLE = dt.timedelta(minutes=15)
# Who had it last may take it again when nobody wanted it for so long.
UNWANTED = dt.timedelta(minutes=10)


def holder(turn: Turn, pens: Sequence[Piece]) -> Piece | None:
    """The pen as it is held now; None while it is free. A new stage begins with a free pen, and so does a leaving."""
    if not pens:
        return None
    last = pens[-1]
    held = last.body["state"] == HELD and last.created_at >= turn.run.stage_since
    return last if held and last.member_id in turn.present_ids else None


def may_take(turn: Turn, pens: Sequence[Piece]) -> bool:
    """Whether the member can take the pen now."""
    if turn.participant is None:
        return False
    me, held = turn.participant.id, holder(turn, pens)
    if held is not None:
        return held.member_id != me and now() - held.updated_at >= IDLE
    if not pens or pens[-1].member_id != me:
        return True
    had = {each.member_id for each in pens}
    return turn.present_ids - {me} <= had or now() - pens[-1].updated_at >= UNWANTED


def take(turn: Turn, pens: Sequence[Piece]) -> None:
    """Take the pen; whoever has it already keeps it."""
    held = holder(turn, pens)
    if held is not None and held.member_id == turn.me.id:
        return
    if not may_take(turn, pens):
        raise Refused("pen_elsewhere" if held else "pen_had")
    contributions.add(turn, KIND, {"state": HELD})


def hand_on(turn: Turn, pens: Sequence[Piece]) -> None:
    """Lay the pen down for the next."""
    item = require(turn, pens)
    contributions.revise(turn, item, {"state": HANDED_ON}, item.version)


def require(turn: Turn, pens: Sequence[Piece]) -> Piece:
    """The pen in the member's own hand; Refused for everybody else."""
    held = holder(turn, pens)
    if held is None:
        raise Refused("pen_needed")
    if held.member_id != turn.me.id:
        raise Refused("pen_elsewhere")
    return held


def saved(turn: Turn, item: Piece) -> None:
    """Note that the holder is at work."""
    contributions.touch(turn, item)
