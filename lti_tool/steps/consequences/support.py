"""What the community needs of the school's leadership, by when it wants a reply, and what the leadership answers.

A request is the community's: no name goes with it. It is settled once it has an answer, or once the
community says, with a reason, that it goes on without one (requirement P6).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn, pausing
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import ANSWER, GONE_ON, REQUEST
from lti_tool.domain.ties import Tie
from lti_tool.models import Standing
from lti_tool.text import Text

MOST_OPEN = 10  # requests without an answer: more than that is a list nobody reads

YES, PARTLY, NO = "yes", "partly", "no"
REPLIES = {
    YES: Text("Ja", "Yes"),
    PARTLY: Text("Voor een deel", "In part"),
    NO: Text("Nee", "No"),
}


@dataclass(frozen=True)
class Request:
    """One request. action: what it is for, None for all actions together; answer, gone_on: how it was settled."""

    item: Piece
    action: Piece | None
    answer: Piece | None
    gone_on: Piece | None

    @property
    def day(self) -> dt.date:
        """By when a reply is wanted."""
        return dt.date.fromisoformat(self.item.body["reply_by"])

    @property
    def settled(self) -> bool:
        """Whether it stands in nobody's way any more."""
        return self.answer is not None or self.gone_on is not None

    def due(self, turn: Turn) -> dt.date:
        """By when it really is: where that day is over, later by the days on which the cycle was paused."""
        if self.answer is not None or self.day >= now().date():
            return self.day
        paused = turn.once_for_all("paused", lambda: pausing.days(turn.session, turn.community))
        return pausing.put_off(self.day, self.item.created_at.date(), paused)


def requests(there: Gathered) -> list[Request]:
    """All requests: those without an answer first, and of these the one with the earliest day."""
    found = [
        Request(
            item=item,
            action=next(iter(there.linked_from(item, Tie.ASKS_FOR)), None),
            answer=next(iter(there.linked_to(item, Tie.ANSWERS)), None),
            gone_on=next(iter(there.linked_to(item, Tie.WITHOUT)), None),
        )
        for item in there.of(REQUEST)
    ]
    return sorted(found, key=lambda each: (each.answer is not None, each.day, each.item.id))


def unanswered(found: Sequence[Request]) -> list[Request]:
    """Those that wait for the leadership."""
    return [each for each in found if each.answer is None]


def ask(
    turn: Turn, there: Gathered, text: str, reply_by: dt.date, action_id: int | None, *, hours: bool = False
) -> None:
    """Ask something of the leadership, for an action or for all of them together; hours: for those that are lacking."""
    found = requests(there)
    contributions.refuse_blank_or_double(text, (each.item.body["text"] for each in found))
    if len(unanswered(found)) >= MOST_OPEN:
        raise Refused("enough_requests")
    about = [] if action_id is None else [(Tie.ASKS_FOR, actions.card(there, action_id).item)]
    body: dict[str, str | int] = {"text": text, "reply_by": reply_by.isoformat()}
    if hours:
        body["hours"] = actions.over(there) or 0
    contributions.add(turn, REQUEST, body, about)


def reword(turn: Turn, there: Gathered, request_id: int, text: str, reply_by: dt.date, version: int) -> None:
    """Say a request better, or ask for a reply by another day: as long as it has no answer."""
    found = _one(there, request_id)
    if found.answer is not None:
        raise Refused("request_answered")
    others = (each.item.body["text"] for each in requests(there) if each.item != found.item)
    contributions.refuse_blank_or_double(text, others)
    body = {**found.item.body, "text": text, "reply_by": reply_by.isoformat()}
    contributions.revise(turn, found.item, body, version)


def go_on(turn: Turn, there: Gathered, request_id: int, reason: str) -> None:
    """Say for the community that it goes on without an answer, and why. An answer may still come."""
    found = _one(there, request_id)
    if found.settled:
        raise Refused("request_settled")
    contributions.refuse_blank_or_double(reason, ())
    contributions.add(turn, GONE_ON, {"reason": reason}, [(Tie.WITHOUT, found.item)])


def answer(turn: Turn, there: Gathered, request_id: int, given: str, text: str, seen: int, version: int) -> None:
    """A school leader answers, or says it better. seen, version: of the request and of the answer (0: none)."""
    leader = turn.member
    if leader is None or leader.standing != Standing.LEADER:
        raise Refused("not_a_leader")
    found = _one(there, request_id)
    if found.item.version != seen:
        raise Refused("changed_meanwhile")
    body = {"answer": given, "text": text}
    if found.answer is not None:
        contributions.revise(turn, found.answer, body, version, by=leader.id)
    elif version:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, ANSWER, body, [(Tie.ANSWERS, found.item)], by=leader.id)


def take_back(turn: Turn, there: Gathered, item: Piece) -> None:
    """Take one's own request back, as long as it has no answer."""
    if _one(there, item.id).answer is not None:
        raise Refused("request_answered")
    contributions.withdraw(turn, item)


def obstacles(there: Gathered) -> list[Refused]:
    """Why the board cannot be put to everyone yet: something that was asked is still open."""
    still_open = [each for each in requests(there) if not each.settled]
    if not still_open:
        return []
    return [Refused("requests_open", which=[each.item.body["text"][:80] for each in still_open])]


def hours_obstacles(there: Gathered) -> list[Refused]:
    """Why the board cannot be put to everyone yet: it takes more hours than was agreed, and nobody answered for these.

    It takes the leadership's answer to as many as are lacking; or, where none comes, that the community goes on
    without, and why (requirement P5).
    """
    short = actions.over(there)
    if short is None:
        return []
    asked = [each for each in requests(there) if each.item.body.get("hours", 0) >= short]
    if any(each.gone_on or (each.answer and each.answer.body["answer"] != NO) for each in asked):
        return []
    if any(each.answer for each in asked):
        return [Refused("hours_refused", short=short)]
    return [] if asked else [Refused("hours_over", planned=actions.planned(actions.cards(there)), short=short)]


def _one(there: Gathered, request_id: int) -> Request:
    found = next((each for each in requests(there) if each.item.id == request_id), None)
    if found is None:
        raise Refused("not_found")
    return found
