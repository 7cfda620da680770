"""Adopting: what the community chose of what its members brought in. Later steps build on it."""

from collections.abc import Sequence

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import contributions
from lti_tool.domain.cycle import Turn
from lti_tool.models import Contribution, Link, Member

ADOPTED_FROM = "adopted from"


def adopt(turn: Turn, kind: str, chosen: Sequence[Contribution], parts: Sequence[str] = ("text",)) -> None:
    """Let these stand as what was adopted of a kind in this step, and no others. parts: of the body, what goes along.

    What is chosen again when a step was reopened stays what it was, with all that hangs on it. What is
    not stands no longer, and keeps what it said.
    """
    query = (
        select(Link.to_id, Contribution)
        .join(Contribution, Contribution.id == Link.from_id)
        .where(Contribution.step_run_id == turn.run.id, Contribution.kind == kind, Link.kind == ADOPTED_FROM)
    )
    known: dict[int, Contribution] = {row[0]: row[1] for row in turn.session.execute(query)}
    ids = {each.id for each in chosen}
    for chosen_id, item in known.items():
        item.withdrawn_at = None if chosen_id in ids else item.withdrawn_at or now()
    for each in chosen:
        if each.id not in known:
            # The clock can close a round: what was adopted is brought in by whoever wrote it.
            author = turn.session.get_one(Member, each.member_id)
            contributions.add(turn, kind, {part: each.body[part] for part in parts}, [(ADOPTED_FROM, each)], by=author)
    turn.session.flush()


def was_adopted(turn: Turn, item: Contribution) -> bool:
    """Whether something ever was adopted: then it stays, for what was built on it."""
    query = select(Link.id).where(Link.to_id == item.id, Link.kind == ADOPTED_FROM).limit(1)
    return turn.session.scalar(query) is not None
