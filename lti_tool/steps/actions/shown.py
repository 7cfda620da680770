"""What the pages of step 5 show: no name but of who took an action on, and no say before the round has closed."""

from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.domain import experiences, late
from lti_tool.domain.actions import ANSWERS, Card
from lti_tool.domain.cycle import Turn
from lti_tool.domain.evidence import LENSES
from lti_tool.domain.experiences import CHOICES, COURSES, ENDINGS
from lti_tool.models import Contribution
from lti_tool.text import Text

_CHOOSE = Text("kies een actie", "choose an action")


def short(text: str) -> str:
    """The beginning of a text, to choose by."""
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def options(turn: Turn) -> list[tuple[str, Text | str]]:
    """The actions to tell about, one's own first."""
    found = sorted(experiences.cards(turn), key=lambda card: not is_mine(turn, card))
    return [(str(card.item.id), short(card.item.body["what"])) for card in found]


def logs(turn: Turn) -> list[Contribution]:
    """All experiences with an action that stands, oldest first."""
    return sorted((log for card in experiences.cards(turn) for log in card.logs), key=lambda log: log.id)


def colleagues(turn: Turn) -> list[Contribution]:
    """The experiences of others, newest first."""
    return [log for log in reversed(logs(turn)) if not _my_own(turn, log)]


def to_end(turn: Turn) -> Card | None:
    """The action that this member has to end now: an own one, else one that is anybody's to end."""
    if turn.member is None or turn.member.standing != "member":
        return None
    still_open = experiences.open_cards(turn)
    own = [card for card in still_open if turn.member.id in card.owners]
    others = [card for card in still_open if experiences.may_end(turn, card, turn.member.id)]
    return next(iter(own + others), None)


def page(turn: Turn) -> dict[str, Any]:
    """The actions with their experiences; at the check-in one's own say, after it the totals, and how each ended."""
    found, round_ = experiences.cards(turn), experiences.latest(turn)
    totals = experiences.totals(turn, round_) if round_ is not None and round_.closed_at is not None else {}
    given = experiences.mine(turn, round_) if round_ is not None else None
    own = [card for card in found if is_mine(turn, card)]
    likely = own if own else found
    planned, took = experiences.hours(found)
    next_one = to_end(turn) if turn.run.stage == "close" else None
    afterwards = late.given(experiences.held(turn), turn.run.reopened)
    return {
        "cards": [_card(turn, card, totals.get(card.item.id)) for card in sorted(found, key=lambda c: c not in own)],
        "action_options": [*([] if len(likely) == 1 else [("", _CHOOSE)]), *options(turn)],
        "likely_action": likely[0].item.id if len(likely) == 1 else "",
        "colleagues": [(log.id, short(experiences.words(log))) for log in colleagues(turn)],
        "course_options": list(COURSES.items()),
        "choice_options": list(CHOICES.items()),
        "ending_options": list(ENDINGS.items()),
        "lens_options": list(LENSES.items()),
        "my_say": {int(action): choice for action, choice in given.body["choices"].items()} if given else {},
        "to_end": next_one.item.id if next_one else None,
        "planned": planned,
        "took": took,
        "late": len(afterwards),
        "late_concerns": sorted(each["concern"] for each in afterwards if each["concern"]),
    }


def is_mine(turn: Turn, card: Card) -> bool:
    """Whether this member owns or buddies it."""
    return turn.member is not None and turn.member.id in (*card.owners, *card.buddies)


def _card(turn: Turn, card: Card, totals: Mapping[str, int] | None) -> dict[str, Any]:
    body = card.item.body
    courses = [log.body["course"] for log in card.logs]
    return {
        "id": card.item.id,
        "what": body["what"],
        "sign": body.get("sign", ""),
        "day": card.day,
        "mine": is_mine(turn, card),
        "owners": _names(turn, card.owners),
        "buddies": _names(turn, card.buddies),
        "from_points": [point.body["text"] for point in card.points],
        "my_idea": card.consequence is not None and _my_own(turn, card.consequence),
        "logs": [_log(turn, log) for log in reversed(card.logs)],
        "courses": [(text, courses.count(code)) for code, text in COURSES.items() if code in courses],
        "totals": [(text, totals[code]) for code, text in COURSES.items() if totals.get(code)] if totals else [],
        "may_end": turn.member is not None and experiences.may_end(turn, card, turn.member.id),
        "result": _result(card.result) if card.result else None,
        "hours": card.hours,
    }


def _log(turn: Turn, item: Contribution) -> dict[str, Any]:
    body = item.body
    replies = experiences.held(turn).linked_to(item, ANSWERS)
    return {
        **{name: body[name] for name in ("done", "seen", "pupils", "because", "worked", "course", "lens", "visit")},
        "id": item.id,
        "version": item.version,
        "at": item.created_at,
        "mine": _my_own(turn, item),
        "author": turn.names.get(item.member_id),
        "course_words": COURSES[body["course"]],
        "lens_words": LENSES.get(body["lens"]),
        "replies": [
            {
                "id": each.id,
                "text": each.body["text"],
                "mine": _my_own(turn, each),
                "author": turn.names.get(each.member_id),
            }
            for each in replies
        ],
    }


def _result(item: Contribution) -> dict[str, Any]:
    return {
        **item.body,
        "version": item.version,
        "ended_words": ENDINGS[item.body["ended"]],
        "lens_words": LENSES[item.body["lens"]],
    }


def _names(turn: Turn, members: Sequence[int]) -> list[Text]:
    return [turn.people[each].name for each in members]


def _my_own(turn: Turn, item: Contribution) -> bool:
    return turn.member is not None and item.member_id == turn.member.id


def log_options(turn: Turn) -> list[tuple[str, Text | str]]:
    """Experiences, for who writes down a reply for somebody."""
    return [(str(log.id), short(experiences.words(log))) for log in reversed(logs(turn))]
