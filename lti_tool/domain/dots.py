"""Equal dots: every member has the same number, tallies are shown when the round has closed."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.models import Dot, Round

KIND = "dots"
EACH = 3


@dataclass(frozen=True)
class Tally:
    """What one contribution got: dots, and from how many people."""

    dots: int
    people: int


def place(turn: Turn, round_: Round, counts: Mapping[int, int]) -> None:
    """Lay a member's dots: contribution id -> how many. Replaces an earlier laying; at most EACH together."""
    laid = {item: count for item, count in counts.items() if count}
    if any(count < 0 for count in laid.values()) or sum(laid.values()) > EACH:
        raise Refused("too_many_dots")
    if not laid:
        raise Refused("no_dots")
    turn.session.execute(delete(Dot).where(Dot.round_id == round_.id, Dot.member_id == turn.me.id))
    turn.session.add_all(
        Dot(round_id=round_.id, member_id=turn.me.id, contribution_id=item, count=count) for item, count in laid.items()
    )
    turn.session.flush()


def _laid(turn: Turn, round_: Round) -> list[Dot]:
    """All dots of a round, found once for a page that asks who laid any and where one's own lie."""
    query = select(Dot).where(Dot.round_id == round_.id)
    return turn.once(f"laid {round_.id}", lambda: list(turn.session.scalars(query)))


def mine(turn: Turn, round_: Round) -> dict[int, int]:
    """The member's own dots, open round or not: contribution id -> how many."""
    if turn.member is None:
        return {}
    return {row.contribution_id: row.count for row in _laid(turn, round_) if row.member_id == turn.member.id}


def voter_ids(turn: Turn, round_: Round) -> set[int]:
    """Ids of the members who have laid dots: never where they lie."""
    return {row.member_id for row in _laid(turn, round_)}


def tally(turn: Turn, round_: Round) -> dict[int, Tally]:
    """contribution id -> what it got; Refused while the round is open, for everybody."""
    if round_.closed_at is None:
        raise Refused("tally_hidden")
    rows = turn.session.execute(
        select(Dot.contribution_id, func.sum(Dot.count), func.count(Dot.member_id))
        .where(Dot.round_id == round_.id)
        .group_by(Dot.contribution_id)
    )
    return {contribution_id: Tally(int(total), int(people)) for contribution_id, total, people in rows}
