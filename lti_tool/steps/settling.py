"""A consent round that its last answer settles: of the side steps in which nobody has to press anything."""

from contextlib import suppress
from typing import Any

from lti_tool.domain import Refused, cycle
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import consent, rounds
from lti_tool.models import RoundOutcome


def answer(turn: Turn, data: dict[str, Any], stage: str) -> None:
    """Answer in the open round of a stage; with the last answer that it waits for the stage ends, where it is adopted.

    data: as ConsentForm gives it.
    """
    round_ = rounds.open_one(turn, consent.KIND)
    consent.answer(turn, round_, data["answer"], data)
    # Whole or not at all: the answer is kept where nothing is decided yet.
    with suppress(Refused), turn.session.begin_nested():
        if consent.decide(turn, round_) == RoundOutcome.ADOPTED:
            cycle.advance(turn, turn.steps.by_name[turn.run.step], stage, turn.steps)
