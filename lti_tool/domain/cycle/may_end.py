"""When a stage may end: one table, by the kind of the stage.

Nobody carries a cycle alone: whatever one person presses, a stage ends when the circle was heard in it. What a step
must have besides (an idea, a whole text, a board that half of the circle is on) its `leave` says.
"""

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.domain import Refused
from lti_tool.domain.community.circle import Circle
from lti_tool.domain.cycle.stages import StageKind

# In an open stage so many people are enough once the date is over; fewer in a circle below SMALL.
ENOUGH, ENOUGH_OF_FEW, SMALL = 3, 2, 6
# How many were heard from a launch of their own, whatever somebody else wrote down for others.
VOICES = 2


class Lack(StrEnum):
    """What a stage lacks to end: the code of the refusal."""

    UNKNOWN = "circle_unknown"
    NOBODY = "nobody_expected"
    ONE = "one_not_heard"
    VOICES = "voices_missing"
    HALF = "half_missing"
    ENOUGH = "people_missing"
    QUORUM = "quorum_missing"
    WAITS = "waits_for_rest"
    SECOND = "second_missing"
    CONFIRM = "confirm_first"


# How each is refused; of the first ones the sentence says how many more it takes.
SHORT = {each: each.value for each in (Lack.HALF, Lack.ENOUGH, Lack.QUORUM)}
REFUSALS = {each: each.value for each in Lack if each not in SHORT}


@dataclass(frozen=True)
class Heard:
    """Ids of the members who did what the stage asks, or passed; own: those of them from their own launch.

    expected: who is waited for in this stage. writer: who wrote last what is written together.
    """

    everybody: frozenset[int]
    own: frozenset[int]
    expected: frozenset[int]
    writer: int | None = None


@dataclass(frozen=True)
class Ending:
    """Whether a stage may end. lack: what it lacks; CONFIRM: nothing but somebody's yes to go on without the missing.

    missing: whom it waits for. short: how many more it takes before it can end at all.
    """

    lack: Lack | None
    missing: frozenset[int] = frozenset()
    short: int = 0

    @property
    def refusal(self) -> Refused | None:
        """Why it may not end, None where it may."""
        if self.lack is None:
            return None
        if self.lack in SHORT:
            return Refused(SHORT[self.lack], count=self.short)
        return Refused(REFUSALS[self.lack])


def judge(kind: StageKind, circle: Circle, heard: Heard, *, over: bool, mover: int | None, confirmed: bool) -> Ending:
    """Whether a stage of this kind may end now.

    over: the announced date with its extension has passed. mover: who ends it, None for the clock. confirmed: whoever
    ends it has read who is missing, and what follows for them.
    """
    missing = heard.expected - heard.everybody
    if not circle.known:
        return Ending(Lack.UNKNOWN, missing)
    asked = len(heard.expected) + circle.unknown
    if not asked:
        return Ending(Lack.NOBODY)
    if kind == StageKind.TOGETHER:
        second = mover is not None and (mover != heard.writer or circle.size == 1)
        return Ending(None if second else Lack.SECOND)
    if kind == StageKind.DECIDE:
        return _decide(circle, heard, over=over)
    own = len(heard.own & circle.members)
    if own < min(VOICES, circle.size):
        return Ending(Lack.VOICES if circle.size > 1 else Lack.ONE, missing, min(VOICES, circle.size) - own)
    if not missing and not circle.unknown:
        return Ending(None)
    if kind == StageKind.HIDDEN:
        lack, short = Lack.HALF, asked // 2 + 1 - len(heard.everybody & heard.expected)
    else:
        enough = ENOUGH if circle.size >= SMALL else min(ENOUGH_OF_FEW, circle.size)
        lack, short = Lack.ENOUGH, enough - len(heard.everybody & circle.members)
    if short > 0:
        return Ending(lack, missing, short)
    return Ending(None if over or confirmed else Lack.CONFIRM, missing)


def _decide(circle: Circle, heard: Heard, *, over: bool) -> Ending:
    """No press shortens it. What was written down for somebody counts towards the quorum once they said yes to it."""
    missing = heard.expected - heard.everybody
    if (short := circle.quorum - len(heard.own & circle.members)) > 0:
        return Ending(Lack.QUORUM, missing, short)
    return Ending(Lack.WAITS if (missing or circle.unknown) and not over else None, missing)
