"""The rotating pen: one person writes at a time, and everybody gets a turn at it."""

import datetime as dt
from collections.abc import Sequence

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.pieces import Piece

KIND, NOT_ME = "pen", "not_me"
HELD, HANDED_ON = "held", "handed_on"

# Who saved nothing for so long can be relieved of the pen.
IDLE = dt.timedelta(minutes=15)
# Who had it last may go on for so long after handing it on, and again when nobody took it in so long.
WHILE_WARM = dt.timedelta(minutes=15)
UNWANTED = dt.timedelta(days=1)


def holder(turn: Turn, pens: Sequence[Piece]) -> Piece | None:
    """The pen as it is held now; None while it is free. A new stage begins with a free pen, and so does a leaving."""
    if not pens:
        return None
    last = pens[-1]
    held = last.body["state"] == HELD and last.created_at >= turn.run.stage_since
    return last if held and last.member_id in turn.present_ids else None


def may_take(turn: Turn, pens: Sequence[Piece]) -> bool:
    """Whether the member can take the pen now.

    Who had it last can just after handing it on; later once another had it, everybody else who is there said "not
    me", or nobody took it for a day.
    """
    if turn.participant is None:
        return False
    me, held = turn.participant.id, holder(turn, pens)
    if held is not None:
        return held.member_id != me and now() - held.updated_at >= IDLE
    if not pens or pens[-1].member_id != me:
        return True
    since = now() - pens[-1].updated_at
    return since <= WHILE_WARM or since >= UNWANTED or not asked(turn, pens)


def asked(turn: Turn, pens: Sequence[Piece]) -> set[int]:
    """Ids of those who are there, did not have the pen last, and did not say "not me" since it was handed on.

    There is who has opened the tool and is not away: of the others a day has to pass.
    """
    if not pens:
        return set()
    free_since = pens[-1].updated_at
    said = {each.member_id for each in deciding.of_kind(turn, NOT_ME) if each.created_at >= free_since}
    there = turn.arrived & (turn.circle.expected | turn.circle.late)
    return there - said - {pens[-1].member_id}


def not_me(turn: Turn, pens: Sequence[Piece]) -> None:
    """Say that one does not take the pen now: then whoever had it last can."""
    if not pens or holder(turn, pens) is not None or turn.me.id not in asked(turn, pens):
        raise Refused("not_asked")
    contributions.add(turn, NOT_ME, {})


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
    contributions.revise(turn, item, {**item.body, "state": HANDED_ON}, item.version)


def require(turn: Turn, pens: Sequence[Piece]) -> Piece:
    """The pen in the member's own hand; Refused for everybody else."""
    held = holder(turn, pens)
    if held is None:
        raise Refused("pen_needed")
    if held.member_id != turn.me.id:
        raise Refused("pen_elsewhere")
    return held


def saved(turn: Turn, item: Piece, wrote: bool) -> None:
    """Note that the holder is at work. wrote: whether they changed the text: only then it is theirs too (influence)."""
    if wrote and not item.body.get("wrote"):
        item = contributions.revise(turn, item, {**item.body, "wrote": True}, item.version)
    contributions.touch(turn, item)
