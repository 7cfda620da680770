"""Inquiry: the questions the community wants answered, and who finds out what, where and when.

Nobody is assigned: a line of the data plan belongs to whoever takes it on.
"""

import datetime as dt
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie

WONDERED, QUESTION, PLAN = "wondered", Flow.QUESTION, "plan"
MOST = 3  # questions that stand
MOST_EACH = 3
MOST_PLANS = 10


def wonder(turn: Turn, body: dict[str, Any], item_id: int | None, version: int | None) -> None:
    """Add a question to choose from, or change one's own while all still write."""
    own = gate.mine(turn, WONDERED)
    contributions.refuse_blank_or_double(body["text"], (item.body["text"] for item in own if item.id != item_id))
    if item_id is not None:
        item = contributions.get_mine(turn, WONDERED, item_id)
        contributions.revise(turn, item, body, version or item.version)
    elif len(own) >= MOST_EACH:
        raise Refused("enough_questions")
    else:
        contributions.add(turn, WONDERED, body)


def plan(turn: Turn, about: Piece, source: str, day: dt.date | None, exists: bool) -> None:
    """Take it on oneself to find something out: where, by when, and whether it is there already."""
    own = gate.mine(turn, PLAN)
    if len(own) >= MOST_PLANS:
        raise Refused("enough_plans")
    contributions.refuse_blank_or_double(source, (item.body["source"] for item in own))
    body = {"source": source, "date": day.isoformat() if day else "", "exists": exists}
    contributions.add(turn, PLAN, body, [(Tie.FOR, about)])


def planned(held: Gathered) -> set[int]:
    """Ids of the questions for which a source was agreed on."""
    return {question.id for item in held.of(PLAN) for question in held.linked_from(item, Tie.FOR)}
