"""Equal dots: every member has the same number. Where they lie, the gate tells when the round has closed."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import rounds
from lti_tool.domain.reading import deciding
from lti_tool.models import Round, RoundKind, RoundOutcome
from lti_tool.models.voices import Dot

KIND = RoundKind.DOTS
EACH = 3


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
    turn.forget()


def forget(turn: Turn, round_: Round, members: Collection[int]) -> None:
    """Take up the dots of these members: no equal say of theirs is left."""
    turn.session.execute(delete(Dot).where(Dot.round_id == round_.id, Dot.member_id.in_(members)))
    turn.forget()


def close(turn: Turn) -> Round:
    """Close the open round, to be counted; Refused while not one dot lies."""
    round_ = rounds.open_one(turn, KIND)
    if not voter_ids(turn, round_):
        raise Refused("no_dots_yet")
    rounds.close(round_, RoundOutcome.COUNTED)
    return round_


def voter_ids(turn: Turn, round_: Round) -> set[int]:
    """Ids of the members who have laid dots: never where they lie."""
    return {member for member, _, _ in deciding.laid(turn, round_)}
