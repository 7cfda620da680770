"""Taking an action on, as owner or buddy, and letting it go: always oneself, never somebody else.

Whoever took on a card that somebody else changes is free of it, and is asked again: what they took on was another.
"""

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import BUDDY, MOST_OWNED, OWNER, Card
from lti_tool.domain.ties import Tie

# Who takes nothing on this time; who had taken on what somebody else changed.
PASS, FREED = "pass", "freed"


def take_on(turn: Turn, there: Gathered, action_id: int) -> None:
    """Own an action; a buddy who takes it on is its owner from then on."""
    found = _open(there, action_id)
    if turn.me.id in found.owners:
        raise Refused("held_already")
    if len(actions.active(actions.cards(there), turn.me.id)) >= MOST_OWNED:
        raise Refused("enough_actions")
    _withdraw(turn, there, found, Tie.BUDDIES)
    _withdraw(turn, there, found, Tie.FREED)
    contributions.add(turn, OWNER, {}, [(Tie.OWNS, found.item)])


def be_buddy(turn: Turn, there: Gathered, action_id: int) -> None:
    """Stand beside whoever owns an action: not beside oneself."""
    found = _open(there, action_id)
    if turn.me.id in found.owners:
        raise Refused("own_buddy")
    if turn.me.id in found.buddies:
        raise Refused("held_already")
    _withdraw(turn, there, found, Tie.FREED)
    contributions.add(turn, BUDDY, {}, [(Tie.BUDDIES, found.item)])


def let_go(turn: Turn, there: Gathered, action_id: int) -> None:
    """Let an action go, whether one owned or buddied it, or is asked again. It stays on the board, free."""
    found = _open(there, action_id)
    asked = freed(there, found.item, turn.me.id)
    if turn.me.id not in (*found.owners, *found.buddies) and asked is None:
        raise Refused("not_found")
    for link in (Tie.OWNS, Tie.BUDDIES, Tie.FREED):
        _withdraw(turn, there, found, link)


def free(turn: Turn, there: Gathered, item: Piece) -> None:
    """Free everybody else who took an action on, now that this member has changed it, and ask them again.

    item: the action as it was before that.
    """
    for link, what in ((Tie.OWNS, OWNER), (Tie.BUDDIES, BUDDY)):
        for each in there.linked_to(item, link):
            if each.member_id != turn.me.id:
                contributions.withdraw(turn, each)
                body = {"was": str(what), "version": item.version}
                contributions.add(turn, FREED, body, [(Tie.FREED, item)], by=each.member_id)


def freed(there: Gathered, item: Piece, member_id: int) -> Piece | None:
    """That somebody had taken this on in other words, and is asked again; the first of several times."""
    return next((each for each in there.linked_to(item, Tie.FREED) if each.member_id == member_id), None)


def not_this_time(turn: Turn) -> None:
    """Take nothing on this time, and be heard all the same."""
    if gate.mine(turn, PASS):
        raise Refused("said_already")
    contributions.add(turn, PASS, {})


def _open(there: Gathered, action_id: int) -> Card:
    found = actions.card(there, action_id)
    if found.result is not None:
        raise Refused("action_ended")
    return found


def _withdraw(turn: Turn, there: Gathered, found: Card, link: str) -> None:
    for each in there.linked_to(found.item, link):
        if each.member_id == turn.me.id:
            contributions.withdraw(turn, each)
