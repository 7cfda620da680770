"""Equal dots: every member has the same number, and may leave it to the others. Where they lie, the gate tells later.

A tie asks for another round in the same stage, among what tied: see choosing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import choosing, consent, rounds
from lti_tool.domain.mechanisms.choosing import EACH as EACH
from lti_tool.domain.mechanisms.choosing import Choice
from lti_tool.domain.reading import deciding
from lti_tool.models import Round, RoundKind, RoundOutcome
from lti_tool.models.voices import Dot

KIND = RoundKind.DOTS
PASS = "pass"


@dataclass(frozen=True)
class Ballot:
    """What an open round is about. among: ids of what tied before, None for all there is; kept: what is sure already.

    each: how many dots everybody has.
    """

    among: frozenset[int] | None
    kept: tuple[int, ...]
    each: int


def ballot(turn: Turn, round_: Round, most: int | None) -> Ballot:
    """What a round is about. most: how many are chosen at most, None where dots choose nothing but only tell."""
    earlier = series(turn, round_)[:-1]
    if not earlier or most is None:
        return Ballot(None, (), EACH)
    so_far = choosing.choose([deciding.tally(turn, each) for each in earlier], most)
    return Ballot(so_far.again, so_far.chosen, so_far.each)


def series(turn: Turn, last: Round) -> Sequence[Round]:
    """A round with those before it that ended in a tie, and so asked for the next; the first of them first."""
    found: list[Round] = []
    for each in rounds.of_kind(turn, KIND):
        if each.id > last.id:
            break
        if found and found[-1].outcome != RoundOutcome.TIED:
            found.clear()
        found.append(each)
    return found


def place(turn: Turn, round_: Round, counts: Mapping[int, int], most: int | None = None) -> None:
    """Lay a member's dots: contribution id -> how many. Replaces an earlier laying, or that one passed."""
    about = ballot(turn, round_, most)
    laid = {item: count for item, count in counts.items() if count}
    if any(count < 0 for count in laid.values()) or sum(laid.values()) > about.each:
        raise Refused("too_many_dots" if about.each > 1 else "one_dot")
    if not laid:
        raise Refused("no_dots")
    if about.among is not None and not laid.keys() <= about.among:
        raise Refused("not_found")
    forget(turn, round_, (turn.me.id,))
    turn.session.add_all(
        Dot(round_id=round_.id, member_id=turn.me.id, contribution_id=item, count=count) for item, count in laid.items()
    )
    turn.session.flush()
    turn.forget()


def forget(turn: Turn, round_: Round, members: Collection[int]) -> None:
    """Take up the dots of these members, and that they passed: no equal say of theirs is left."""
    turn.session.execute(delete(Dot).where(Dot.round_id == round_.id, Dot.member_id.in_(members)))
    consent.forget(turn, round_, members, ())


def leave(turn: Turn, round_: Round) -> None:
    """Leave it to the others: that is a part in the decision too. What one laid before is taken away."""
    forget(turn, round_, (turn.me.id,))
    consent.keep(turn, round_, PASS, {})


def close(turn: Turn, most: int | None = None) -> Choice:
    """Close the open round: what was chosen, or what another round is about.

    most: how many are chosen at most; None where dots choose nothing but only tell.
    """
    round_ = rounds.open_one(turn, KIND)
    rounds.close(turn, round_, RoundOutcome.COUNTED)
    if most is None:
        return Choice(())
    choice = choosing.choose([deciding.tally(turn, each) for each in series(turn, round_)], most)
    if choice.again:
        rounds.close(turn, round_, RoundOutcome.TIED)
    return choice


def voter_ids(turn: Turn, round_: Round) -> set[int]:
    """Ids of the members who have laid dots, or passed: never where they lie."""
    return deciding.took_part(turn, round_)
