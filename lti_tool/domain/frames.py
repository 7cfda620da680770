"""A school leader's frame: what the ambition must fit within, said by the leader as such. Never the ambition."""

from lti_tool.db import now
from lti_tool.domain import Refused, contributions
from lti_tool.domain.cycle import Turn
from lti_tool.models import Contribution, Member, Revision
from lti_tool.text import Text

KIND = "frame"


def _leader(turn: Turn) -> Member:
    if turn.member is None or turn.member.standing != "leader":
        raise Refused(
            "not_a_leader", Text("Alleen de schoolleiding geeft een kader.", "Only a school leader gives a frame.")
        )
    return turn.member


def mine(turn: Turn) -> Contribution | None:
    """The leader's own frame."""
    found = contributions.mine(turn, KIND)
    return found[-1] if found else None


def give(turn: Turn, text: str, version: int) -> None:
    """Give a frame, or change the one given: a leader has one. The older version is kept."""
    leader, item = _leader(turn), mine(turn)
    contributions.refuse_blank_or_double(text, ())
    if item is None:
        contributions.add(turn, KIND, {"text": text}, by=leader)
        return
    if item.version != version:
        raise Refused("changed_meanwhile")
    turn.session.add(Revision(contribution_id=item.id, version=item.version, member_id=leader.id, body=item.body))
    item.body, item.version, item.updated_at = {"text": text}, item.version + 1, now()


def take_back(turn: Turn) -> None:
    """Withdraw one's frame."""
    _leader(turn)
    item = mine(turn)
    if item is None:
        raise Refused("not_found")
    contributions.withdraw(turn, item)
