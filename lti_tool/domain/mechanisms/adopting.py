"""Adopting: what the community chose of what its members brought in. Later steps build on it."""

from collections.abc import Sequence

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.ties import Tie


def adopt(turn: Turn, kind: str, chosen: Sequence[Piece], parts: Sequence[str] = ("text",)) -> None:
    """Let these stand as what was adopted of a kind in this step, and no others. parts: of the body, what goes along.

    What is chosen again when a step was reopened stays what it was, with all that hangs on it, in the words it has
    now. What is not stands no longer, and keeps what it said.
    """
    known = deciding.led_from(turn, kind, Tie.ADOPTED_FROM)
    ids = {each.id for each in chosen}
    for chosen_id, item_id in known.items():
        contributions.let_stand(turn, item_id, chosen_id in ids)
    standing = {item.id: item for item in deciding.of_kind(turn, kind)}
    for each in chosen:
        body = {part: each.body[part] for part in parts}
        # The clock can close a round: what was adopted is brought in by whoever wrote it.
        if each.id not in known:
            contributions.add(turn, kind, body, [(Tie.ADOPTED_FROM, each)], by=each.member_id)
        elif (item := standing[known[each.id]]).body != body:
            contributions.revise(turn, item, body, item.version, by=each.member_id)


def was_adopted(turn: Turn, item: Piece) -> bool:
    """Whether something ever was adopted: then it stays, for what was built on it."""
    return deciding.ever_hung_on(turn, item, Tie.ADOPTED_FROM)
