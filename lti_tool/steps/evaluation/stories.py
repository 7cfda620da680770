"""Stories of the most important change: one each, hidden until all could write; one is chosen, and why is recorded.

Stories that tie twice stand side by side. Where everybody left it to the others, none is chosen, and no why is asked.
"""

from collections.abc import Sequence
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie

STORY, RESPONSE, CHOSEN = Flow.STORY, "response", Flow.CHOSEN
MOST = 1  # stories that are chosen, where no more tie


def write(turn: Turn, body: dict[str, Any], item_id: int | None, version: int | None) -> None:
    """Write one's story, or change it: ten stories by one person are one too many nine times."""
    contributions.refuse_blank_or_double(body["text"], ())
    contributions.refuse_blank_or_double(body["why"], ())
    if item_id is not None:
        item = contributions.get_mine(turn, STORY, item_id)
        contributions.revise(turn, item, body, version or item.version)
    elif gate.mine(turn, STORY):
        raise Refused("one_story")
    else:
        contributions.add(turn, STORY, body)


def respond(turn: Turn, there: Gathered, story: Piece, text: str) -> None:
    """Say something to a colleague's story."""
    if story.member_id == turn.me.id:
        raise Refused("own_story")
    said = (each.body["text"] for each in there.linked_to(story, Tie.ANSWERS) if each.member_id == turn.me.id)
    contributions.refuse_blank_or_double(text, said)
    contributions.add(turn, RESPONSE, {"text": text}, [(Tie.ANSWERS, story)])


def settle(turn: Turn, best: Sequence[Piece]) -> None:
    """Let these stories stand as the chosen ones. The clock can do it: until why is written it is an author's."""
    if best:
        contributions.add(turn, CHOSEN, {"why": ""}, [(Tie.CHOSEN, each) for each in best], by=best[0].member_id)


def explain(turn: Turn, choice: Piece, why: str, version: int) -> None:
    """Record why these, or say it better."""
    contributions.refuse_blank_or_double(why, ())
    contributions.revise(turn, choice, {**choice.body, "why": why}, version)


def chosen(there: Gathered) -> Piece | None:
    """The choice that was made: its body says why, its links which stories."""
    return there.last(CHOSEN)
