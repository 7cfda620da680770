"""What the pages of step 4 show: nothing that is still hidden, and no name but of who takes an action on."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import CONSEQUENCE, NEW, Card, held
from lti_tool.domain.thread.attention import ATTENTION
from lti_tool.domain.thread.evidence import LENSES
from lti_tool.domain.thread.evidence import words as evidence_words
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie
from lti_tool.steps import pulse
from lti_tool.steps.base import ForLeader as LeaderBase
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.consequences import owning, support
from lti_tool.steps.consequences.acts import ADVICE, MAX_PROPOSALS, asked_about, obstacles
from lti_tool.steps.consequences.forms import ADVISE, CLARIFY, PROBE, SORTS
from lti_tool.steps.consequences.owning import PASS
from lti_tool.steps.consequences.support import REPLIES
from lti_tool.steps.differing import Part, difference
from lti_tool.steps.pulse import Pulse
from lti_tool.steps.shown import UNDECIDED, Decided, Evidence, Option, Said, decided, is_mine, said, short
from lti_tool.text import Text

NEW_IDEA = Text("Een nieuw idee, los van onze aandachtspunten", "A new idea, apart from our points of attention")
# What stands above what was said of a proposal. Advice comes last.
SAID = {
    CLARIFY: Text("Om het te begrijpen", "To understand it"),
    PROBE: Text("Om verder te denken", "To think further"),
    ADVISE: Text("Advies", "Advice"),
}


@dataclass(frozen=True)
class Point:
    """An attention point, with what it goes back to."""

    text: str
    why: str
    observations: Sequence[str]
    evidence: Sequence[Evidence]
    questions: Sequence[str]
    ambition: str


@dataclass(frozen=True)
class Proposal:
    """If we act, then we see an effect, and we notice it.

    chosen: what its form has ticked; points: what it rests on, in words; joined: how many joined; i_joined: the
    id of one's own joining. said: what was said of it by sort, in the words that stand above it; asked: whether
    anything was; sorts: what one may say now.
    """

    id: int
    act: str
    effect: str
    notice: str
    sentence: Text
    version: int
    mine: bool
    author: Text | None
    new: bool
    points: Sequence[str]
    chosen: Sequence[str | int]
    joined: int
    i_joined: int | None
    said: Sequence[tuple[Text, Sequence[Said]]]
    asked: bool
    sorts: Sequence[Option]
    on_board: bool


@dataclass(frozen=True)
class Request:
    """What is asked of the leadership, and how it was settled; answer: "" while there is none."""

    id: int
    text: str
    day: dt.date
    version: int
    mine: bool
    overdue: bool
    answer: str
    answer_words: Text | None
    answer_text: str
    answer_version: int
    answered_at: dt.datetime | None
    gone_on: str


@dataclass(frozen=True)
class ActionCard:
    """An action on the board. date and hours: as its form sends them; held: somebody present does it or is buddy;
    bare: nothing hangs on it. proposal: what it was made from. asked_again: this member had taken it on before somebody
    else changed it; changed: what of it.
    """

    id: int
    what: str
    sign: str
    practice: str
    date: str
    hours: int
    lens: str
    lens_words: Text | None
    version: int
    day: dt.date | None
    owners: Sequence[Text]
    buddies: Sequence[Text]
    held: bool
    i_own: bool
    i_buddy: bool
    ended: bool
    bare: bool
    proposal: Text | None
    new: bool
    rooted: bool
    points: Sequence[Point]
    requests: Sequence[Request]
    asked_again: bool
    changed: Sequence[Part]


@dataclass(frozen=True)
class Board:
    """The actions with their load in hours, and what is asked of the leadership.

    origins: what an action can be made from; full: this member has enough actions; passed: said not this time.
    budget: what the ambition may cost; too_much: by how much that is exceeded.
    """

    cards: Sequence[ActionCard]
    action_options: Sequence[Option]
    origins: Sequence[Option]
    full: bool
    passed: bool
    planned: int
    budget: int | None
    too_much: int | None
    requests: Sequence[Request]
    obstacles: Sequence[Refused]
    lens_options: Sequence[Option] = (("", Text("kies ik nu niet", "not now")), *LENSES.items())


@dataclass(frozen=True)
class Shown(Base):
    """One's own proposals while all write, then all of them; the board once that is open."""

    points: Sequence[Point]
    sources: Sequence[Option]
    proposals: Sequence[Proposal]
    board: Board | None = None
    decided: Decided = UNDECIDED
    pulse: Pulse | None = None
    max_proposals: int = MAX_PROPOSALS

    @property
    def lacking(self) -> Sequence[Refused]:
        """What has to be mended first."""
        return self.board.obstacles if self.board else ()


@dataclass(frozen=True)
class ForLeader(LeaderBase):
    """The requests, unanswered first, without anybody's name; and how many hours the community is short."""

    requests: Sequence[Request] = ()
    shortage: int | None = None
    replies: Sequence[tuple[str, Text]] = tuple(REPLIES.items())


def sentence(item: Piece) -> Text:
    """A proposal in one sentence."""
    said = item.body
    return Text(
        f"Als we {said['if']}, dan zien we {said['then']}, en dat merken we aan {said['notice']}",
        f"If we {said['if']}, then we see {said['then']}, and we notice it by {said['notice']}",
    )


def sources(turn: Turn) -> list[tuple[str, Text | str]]:
    """What a proposal can rest on, to choose from."""
    return [*((str(item.id), item.body["text"]) for item in held(turn).written(ATTENTION)), (NEW, NEW_IDEA)]


def origins(turn: Turn) -> list[tuple[str, Text | str]]:
    """What an action can be made from, to choose from: proposals first, and then attention points."""
    there = held(turn)
    proposals = [(str(item.id), short(item.body["if"])) for item in there.of(CONSEQUENCE)]
    return [*proposals, *((str(item.id), short(item.body["text"])) for item in there.written(ATTENTION))]


def alone(turn: Turn) -> Shown:
    """The attention points, and one's own proposals while all write."""
    there = held(turn)
    return Shown(
        points=_points(there),
        sources=sources(turn),
        proposals=[_proposal(turn, there, item) for item in there.of(CONSEQUENCE)],
    )


def revealed(turn: Turn) -> Shown:
    """The proposals with what was said of them; the board with its load and its requests, once that is open."""
    there, open_ = held(turn), turn.run.stage != "advise"
    return Shown(
        points=_points(there),
        sources=sources(turn),
        proposals=[_proposal(turn, there, item) for item in there.of(CONSEQUENCE)],
        board=_board(turn, there) if open_ else None,
        decided=decided(turn, there, turn.run.reopened) if open_ else UNDECIDED,
        pulse=pulse.shown(turn),
    )


def for_leader(turn: Turn) -> ForLeader:
    """The requests, unanswered first, without anybody's name; and how many hours the community is short."""
    found = support.requests(gate.gather(turn))
    return ForLeader(
        waiting=bool(support.unanswered(found)),
        requests=[_request(turn, each) for each in found],
        shortage=actions.shortage(turn),
    )


def _points(there: Gathered) -> list[Point]:
    """The attention points, each with what it goes back to."""
    return [_point(there, item) for item in there.written(ATTENTION)]


def _point(there: Gathered, item: Piece) -> Point:
    chosen = there.linked_from(item, Tie.ADOPTED_FROM)
    observations = [seen for each in chosen for seen in there.linked_from(each, Tie.BUILT_FROM)]
    evidence = dict.fromkeys(piece for seen in observations for piece in there.linked_from(seen, Tie.EVIDENCE_OF))
    questions = dict.fromkeys(asked for piece in evidence for asked in there.linked_from(piece, Tie.ABOUT))
    ambition = there.of(Flow.AMBITION)
    return Point(
        text=item.body["text"],
        why=item.body.get("why", ""),
        observations=[each.body["text"] for each in observations],
        evidence=[Evidence(f"#{each.body['number']}", evidence_words(each.body)) for each in evidence],
        questions=[each.body["text"] for each in questions],
        ambition=ambition[-1].body["text"] if ambition else "",
    )


def _proposal(turn: Turn, there: Gathered, item: Piece) -> Proposal:
    joined = there.linked_to(item, Tie.JOINS)
    rests_on = there.linked_from(item, Tie.FOLLOWS_FROM)
    advice = [each for each in there.linked_to(item, Tie.ANSWERS) if each.kind == ADVICE]
    new = item.body["source"] == NEW
    return Proposal(
        id=item.id,
        act=item.body["if"],
        effect=item.body["then"],
        notice=item.body["notice"],
        sentence=sentence(item),
        version=item.version,
        mine=is_mine(turn, item),
        author=turn.names.get(item.member_id),
        new=new,
        points=[each.body["text"] for each in rests_on],
        chosen=[NEW] if new else [each.id for each in rests_on],
        joined=len(joined),
        i_joined=next((each.id for each in joined if is_mine(turn, each)), None),
        said=[
            (words, [said(turn, each) for each in advice if each.body["sort"] == sort]) for sort, words in SAID.items()
        ],
        asked=bool(advice),
        sorts=[(sort, name) for sort, name in SORTS.items() if sort != ADVISE or asked_about(there, item)],
        on_board=bool(there.linked_to(item, Tie.REALISES)),
    )


def _board(turn: Turn, there: Gathered) -> Board:
    found = actions.cards(there)
    asked = support.requests(there)
    points = {item.id: _point(there, item) for item in there.written(ATTENTION)}
    return Board(
        cards=[_card(turn, there, each, asked, points) for each in found],
        action_options=[(each.item.id, short(each.item.body["what"])) for each in found],
        origins=origins(turn),
        full=len(actions.active(found, _me(turn))) >= actions.MOST_OWNED,
        passed=any(is_mine(turn, each) for each in there.of(PASS)),
        planned=actions.planned(found),
        budget=actions.budget(there),
        too_much=actions.over(there),
        requests=[_request(turn, each) for each in asked],
        obstacles=obstacles(turn) if turn.run.stage == "board" else (),
    )


def _me(turn: Turn) -> int:
    return turn.member.id if turn.member else 0


def _card(
    turn: Turn, there: Gathered, card: Card, asked: Sequence[support.Request], points: Mapping[int, Point]
) -> ActionCard:
    body, me = card.item.body, _me(turn)
    freed = owning.freed(there, card.item, me)
    return ActionCard(
        id=card.item.id,
        what=body["what"],
        sign=body.get("sign") or "",
        practice=body.get("practice") or "",
        date=body.get("date") or "",
        hours=card.hours,
        lens=body.get("lens") or "",
        lens_words=LENSES.get(body.get("lens", "")),
        version=card.item.version,
        day=card.day,
        owners=[turn.people[each].name for each in card.owners],
        buddies=[turn.people[each].name for each in card.buddies],
        held=bool(turn.present_ids.intersection([*card.owners, *card.buddies])),
        i_own=me in card.owners,
        i_buddy=me in card.buddies,
        ended=card.result is not None,
        bare=not (card.requests or card.logs or card.result),
        proposal=sentence(card.consequence) if card.consequence else None,
        new=not card.points and card.rooted,
        rooted=card.rooted,
        points=[points[each.id] for each in card.points if each.id in points],
        requests=[_request(turn, each) for each in asked if each.action == card.item],
        asked_again=freed is not None,
        changed=_changed(turn, card, freed) if freed else (),
    )


def _changed(turn: Turn, card: Card, freed: Piece) -> Sequence[Part]:
    """What is different from what somebody took on."""
    versions = gate.earlier(turn, card.item)
    was = next((each.body for each in versions if each.version == freed.body["version"]), card.item.body)
    return difference(*(" · ".join(_said(body)) for body in (was, card.item.body)))


def _said(body: Mapping[str, Any]) -> Iterator[str]:
    for name in _SAYS:
        said = str(body.get(name) or "")
        yield "-".join(reversed(said.split("-"))) if name == "date" else said


# What of a card somebody takes on.
_SAYS = ("what", "sign", "practice", "date", "hours")


def _request(turn: Turn, each: support.Request) -> Request:
    answer, due = each.answer, each.due(turn)
    return Request(
        id=each.item.id,
        text=each.item.body["text"],
        day=due,
        version=each.item.version,
        mine=is_mine(turn, each.item),
        overdue=answer is None and due < now().date(),
        answer=answer.body["answer"] if answer else "",
        answer_words=REPLIES[answer.body["answer"]] if answer else None,
        answer_text=answer.body["text"] if answer else "",
        answer_version=answer.version if answer else 0,
        answered_at=answer.updated_at if answer else None,
        gone_on=each.gone_on.body["reason"] if each.gone_on else "",
    )
