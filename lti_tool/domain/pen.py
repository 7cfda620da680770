"""The rotating pen: one person writes at a time, and everybody gets a turn at it."""

import datetime as dt
from collections.abc import Sequence

from lti_tool.db import now
from lti_tool.domain import Refused, contributions
from lti_tool.domain.cycle import Turn
from lti_tool.models import Contribution
from lti_tool.text import Text

KIND = "pen"
HELD, HANDED_ON = "held", "handed_on"

# Who saved nothing for so long can be relieved of the pen.
IDLE = dt.timedelta(minutes=15)
# Who had it last may take it again when nobody wanted it for so long.
UNWANTED = dt.timedelta(minutes=10)


def holder(turn: Turn, pens: Sequence[Contribution]) -> Contribution | None:
    """The pen as it is held now; None while it is free. A new stage begins with a free pen, and so does a leaving."""
    if not pens:
        return None
    last = pens[-1]
    held = last.body["state"] == HELD and last.created_at >= turn.run.stage_since
    return last if held and last.member_id in turn.present_ids else None


def may_take(turn: Turn, pens: Sequence[Contribution]) -> bool:
    """Whether the member can take the pen now."""
    if turn.member is None or turn.member.standing != "member":
        return False
    me, held = turn.member.id, holder(turn, pens)
    if held is not None:
        return held.member_id != me and now() - held.updated_at >= IDLE
    if not pens or pens[-1].member_id != me:
        return True
    had = {each.member_id for each in pens}
    return turn.present_ids - {me} <= had or now() - pens[-1].updated_at >= UNWANTED


def take(turn: Turn, pens: Sequence[Contribution]) -> None:
    """Take the pen; whoever has it already keeps it."""
    held = holder(turn, pens)
    if held is not None and held.member_id == turn.me.id:
        return
    if not may_take(turn, pens):
        raise Refused("pen_elsewhere" if held else "pen_had", _ELSEWHERE if held else _HAD)
    contributions.add(turn, KIND, {"state": HELD})


def hand_on(turn: Turn, pens: Sequence[Contribution]) -> None:
    """Lay the pen down for the next."""
    item = require(turn, pens)
    contributions.revise(turn, item, {"state": HANDED_ON}, item.version)


def require(turn: Turn, pens: Sequence[Contribution]) -> Contribution:
    """The pen in the member's own hand; Refused for everybody else."""
    held = holder(turn, pens)
    if held is None:
        raise Refused("pen_needed", Text("Neem eerst de pen; dan kun je bewaren.", "Take the pen first, then save."))
    if held.member_id != turn.me.id:
        raise Refused("pen_elsewhere", _ELSEWHERE)
    return held


def saved(item: Contribution) -> None:
    """Note that the holder is at work."""
    item.updated_at = now()


_ELSEWHERE = Text(
    "Een collega heeft nu de pen. Wat je typte staat hier nog.",
    "A colleague holds the pen now. What you typed is still here.",
)
_HAD = Text(
    "Jij had de pen net. Geef een collega even de kans; wil niemand, dan kun je hem over tien minuten weer nemen.",
    "You had the pen just now. Give a colleague the chance; if nobody wants it, take it again in ten minutes.",
)
