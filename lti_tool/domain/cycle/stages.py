"""The stages of a step: what each is called, what may be read in it, and by which kind of rule it may end."""

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.domain.reading.things import Phase
from lti_tool.text import Text


class StageKind(StrEnum):
    """What a stage is to the circle; by that, and not by its phase, it is known when it may end.

    HIDDEN: all write alone. OPEN: all respond to what is there. TOGETHER: the circle writes one text, or one board,
    and nobody is counted. DECIDE: each has an equal say. OVER: the step is completed.
    """

    HIDDEN = "hidden"
    OPEN = "open"
    TOGETHER = "together"
    DECIDE = "decide"
    OVER = "over"


@dataclass(frozen=True)
class Stage:
    """One stage of a step. move: what the facilitator's button says that ends it.

    asks: its question, the heading of its page; how: what one does, in a sentence; starter: the sentence to finish;
    minutes: how long it takes in a meeting. people: from how many on it comes at all; seldom: it only comes where
    something asks for it, and no agenda counts on it. read_at_once: what is said in it without a name is read at once,
    as in an open stage.
    """

    name: str
    phase: Phase
    kind: StageKind
    title: Text
    move: Text
    asks: Text | None = None
    how: Text | None = None
    starter: Text | None = None
    minutes: int = 5
    people: int = 1
    seldom: bool = False
    read_at_once: bool = False


CLOSED = Stage("closed", Phase.CLOSED, StageKind.OVER, Text("afgerond", "completed"), Text("", ""))
