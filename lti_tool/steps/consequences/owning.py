"""Taking an action on, as owner or buddy, and letting it go: always oneself, never somebody else."""

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import BUDDY, MOST_OWNED, OWNER, Card
from lti_tool.domain.ties import Tie

# Who takes nothing on this time.
PASS = "pass"


def take_on(turn: Turn, there: Gathered, action_id: int) -> None:
    """Own an action; a buddy who takes it on is its owner from then on."""
    found = _open(there, action_id)
    if turn.me.id in found.owners:
        raise Refused("held_already")
    if len(actions.active(actions.cards(there), turn.me.id)) >= MOST_OWNED:
        raise Refused("enough_actions")
    _withdraw(turn, there, found, Tie.BUDDIES)
    contributions.add(turn, OWNER, {}, [(Tie.OWNS, found.item)])


def be_buddy(turn: Turn, there: Gathered, action_id: int) -> None:
    """Stand beside whoever owns an action: not beside oneself."""
    found = _open(there, action_id)
    if turn.me.id in found.owners:
        raise Refused("own_buddy")
    if turn.me.id in found.buddies:
        raise Refused("held_already")
    contributions.add(turn, BUDDY, {}, [(Tie.BUDDIES, found.item)])


def let_go(turn: Turn, there: Gathered, action_id: int) -> None:
    """Let an action go, whether one owned or buddied it."""
    found = _open(there, action_id)
    if turn.me.id not in (*found.owners, *found.buddies):
        raise Refused("not_found")
    for link in (Tie.OWNS, Tie.BUDDIES):
        _withdraw(turn, there, found, link)


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
