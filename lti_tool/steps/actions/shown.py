"""What the pages of step 5 show: no name but of who took an action on, and no say before the round has closed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import agreeing, late
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.thread.actions import Card
from lti_tool.domain.thread.evidence import LENSES
from lti_tool.domain.ties import Tie
from lti_tool.steps.actions import experiences
from lti_tool.steps.actions.experiences import CHOICES, COURSES, ENDINGS
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.shown import Option, Said, said, short
from lti_tool.steps.shown import is_mine as is_my_own
from lti_tool.text import Text

_CHOOSE = Text("kies een actie", "choose an action")


@dataclass(frozen=True)
class Log:
    """An experience. lens: "" where it was not said; visit: in a colleague's class; agreed: how many agree."""

    id: int
    done: str
    seen: str
    pupils: str
    because: str
    course: str
    course_words: Text
    lens: str
    lens_words: Text | None
    visit: bool
    version: int
    mine: bool
    author: Text | None
    replies: Sequence[Said]
    agreed: int
    i_agreed: bool


@dataclass(frozen=True)
class Result:
    """How an action ended and what was learned. took: hours, None where they were not told."""

    ended: str
    ended_words: Text
    learned: str
    lens: str
    lens_words: Text
    took: int | None
    version: int


@dataclass(frozen=True)
class ActionCard:
    """An action with what was told of it. mine: one owns or buddies it; my_idea: it came of one's own
    proposal. courses: how its experiences go on; totals: what the check-in came to, once it has
    closed, without numbers that would show what each said."""

    id: int
    what: str
    sign: str
    day: dt.date | None
    mine: bool
    owners: Sequence[Text]
    buddies: Sequence[Text]
    from_points: Sequence[str]
    my_idea: bool
    logs: Sequence[Log]
    courses: Sequence[tuple[Text, int]]
    totals: Sequence[tuple[Text, int | None]]
    may_end: bool
    result: Result | None
    hours: int


@dataclass(frozen=True)
class Shown(Base):
    """The actions with their experiences; my_say: action id -> what one said at the check-in; to_end: the action
    to end now. told, i_told: whether anything was told, and by oneself. planned, took: hours of all together."""

    cards: Sequence[ActionCard]
    action_options: Sequence[Option]
    likely_action: int | None
    told: bool
    i_told: bool
    my_say: Mapping[int, str]
    to_end: int | None
    planned: int
    took: int | None
    late: int
    late_concerns: Sequence[str]
    course_options: Sequence[tuple[str, Text]] = tuple(COURSES.items())
    choice_options: Sequence[tuple[str, Text]] = tuple(CHOICES.items())
    ending_options: Sequence[tuple[str, Text]] = tuple(ENDINGS.items())
    lens_options: Sequence[tuple[str, Text]] = tuple(LENSES.items())


def options(turn: Turn) -> list[tuple[str, Text | str]]:
    """The actions to tell about, one's own first."""
    found = sorted(experiences.cards(turn), key=lambda card: not is_mine(turn, card))
    return [(str(card.item.id), short(card.item.body["what"])) for card in found]


def logs(turn: Turn) -> list[Piece]:
    """All experiences with an action that stands."""
    return sorted((log for card in experiences.cards(turn) for log in card.logs), key=lambda log: log.id)


def colleagues(turn: Turn) -> list[Piece]:
    """The experiences of others."""
    return [log for log in logs(turn) if not is_my_own(turn, log)]


def to_end(turn: Turn) -> Card | None:
    """The action that this member has to end now: an own one, else one that is anybody's to end."""
    if turn.participant is None:
        return None
    still_open = experiences.open_cards(turn)
    own = [card for card in still_open if turn.participant.id in card.owners]
    others = [card for card in still_open if experiences.may_end(turn, card, turn.participant.id)]
    return next(iter(own + others), None)


def page(turn: Turn) -> Shown:
    """The actions with their experiences; at the check-in one's own say, after it the totals, and how each ended."""
    found, round_ = experiences.cards(turn), experiences.latest(turn)
    totals = gate.choices(turn, round_, experiences.SAY) if round_ is not None and round_.closed_at is not None else {}
    given = experiences.mine(turn, round_) if round_ is not None else None
    own = [card for card in found if is_mine(turn, card)]
    likely = own if own else found
    planned, took = experiences.hours(found)
    next_one = to_end(turn) if turn.run.stage == "close" else None
    told = logs(turn)
    afterwards = late.given(experiences.held(turn), turn.run.reopened)
    return Shown(
        cards=[_card(turn, card, totals.get(card.item.id, {})) for card in sorted(found, key=lambda c: c not in own)],
        action_options=[*([] if len(likely) == 1 else [("", _CHOOSE)]), *options(turn)],
        likely_action=likely[0].item.id if len(likely) == 1 else None,
        told=bool(told),
        i_told=any(is_my_own(turn, log) for log in told),
        my_say={int(action): choice for action, choice in given.body["choices"].items()} if given else {},
        to_end=next_one.item.id if next_one else None,
        planned=planned,
        took=took,
        late=len(afterwards),
        late_concerns=sorted(each["concern"] for each in afterwards if each["concern"]),
    )


def is_mine(turn: Turn, card: Card) -> bool:
    """Whether this member owns or buddies it."""
    return turn.member is not None and turn.member.id in (*card.owners, *card.buddies)


def _card(turn: Turn, card: Card, totals: Mapping[str, int | None]) -> ActionCard:
    body = card.item.body
    courses = [log.body["course"] for log in card.logs]
    return ActionCard(
        id=card.item.id,
        what=body["what"],
        sign=body.get("sign", ""),
        day=card.day,
        mine=is_mine(turn, card),
        owners=_names(turn, card.owners),
        buddies=_names(turn, card.buddies),
        from_points=[point.body["text"] for point in card.points],
        my_idea=card.consequence is not None and is_my_own(turn, card.consequence),
        logs=[_log(turn, log) for log in card.logs],
        courses=[(text, courses.count(code)) for code, text in COURSES.items() if code in courses],
        totals=[(text, totals[code]) for code, text in COURSES.items() if code in totals],
        may_end=turn.member is not None and experiences.may_end(turn, card, turn.member.id),
        result=_result(card.result) if card.result else None,
        hours=card.hours,
    )


def _log(turn: Turn, item: Piece) -> Log:
    body = item.body
    return Log(
        id=item.id,
        done=body["done"],
        seen=body["seen"],
        pupils=body["pupils"],
        because=body["because"],
        course=body["course"],
        course_words=COURSES[body["course"]],
        lens=body["lens"],
        lens_words=LENSES.get(body["lens"]),
        visit=body["visit"],
        version=item.version,
        mine=is_my_own(turn, item),
        author=turn.names.get(item.member_id),
        replies=[said(turn, each) for each in experiences.held(turn).linked_to(item, Tie.ANSWERS)],
        agreed=agreeing.count(experiences.held(turn), item),
        i_agreed=agreeing.by(turn, experiences.held(turn), item),
    )


def _result(item: Piece) -> Result:
    body = item.body
    return Result(
        ended=body["ended"],
        ended_words=ENDINGS[body["ended"]],
        learned=body["learned"],
        lens=body["lens"],
        lens_words=LENSES[body["lens"]],
        took=body["took"],
        version=item.version,
    )


def _names(turn: Turn, members: Sequence[int]) -> list[Text]:
    return [turn.people[each].name for each in members]


def log_options(turn: Turn) -> list[tuple[str, Text | str]]:
    """Experiences, for who writes down a reply for somebody."""
    return [(str(log.id), short(experiences.words(log))) for log in logs(turn)]
