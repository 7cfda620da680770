"""What the pages of step 2 show: nothing that is still hidden, and no name but who takes a task on."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import agreeing, attachments, stakeholders
from lti_tool.domain.mechanisms.stakeholders import Nobody, Voice
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import File as Kept
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import evidence, inquiry
from lti_tool.domain.thread.evidence import EVIDENCE, LENSES, SORTS, VOICES
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.thread.inquiry import PLAN, QUESTION, WONDERED
from lti_tool.domain.ties import Tie
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.information.acts import held, obstacles
from lti_tool.steps.shown import (
    UNDECIDED,
    Ballot,
    Decided,
    Option,
    ballot,
    chosen,
    decided,
    is_mine,
    laid_on,
    own_order,
)
from lti_tool.text import Text


@dataclass(frozen=True)
class Plan:
    """Who finds out what, and by when. exists: it is there already."""

    id: int
    source: str
    exists: bool
    day: dt.date | None
    who: Text
    mine: bool


@dataclass(frozen=True)
class File:
    """The file of a piece of evidence. picture: a browser can show it."""

    id: int
    kb: int
    picture: bool


@dataclass(frozen=True)
class Weighing:
    """What a colleague says that a piece of evidence can and cannot tell."""

    id: int
    can: str
    cannot: str
    mine: bool
    author: Text | None


@dataclass(frozen=True)
class Evidence:
    """A piece of evidence, with what it can and cannot tell. question: the id of the one it helps with. agreed: how many agree."""

    id: int
    label: str
    text: str
    source: str
    amount: str
    unit: str
    url: str
    can: str
    cannot: str
    version: int
    mine: bool
    author: Text | None
    sort: str
    sort_words: Text
    lens: str
    lens_words: Text
    voice: str
    voice_words: Text
    outside: bool
    question: int | None
    file: File | None
    weighings: Sequence[Weighing]
    agreed: int
    i_agreed: bool


@dataclass(frozen=True)
class Question:
    """What somebody wants to know. lenses: of what its evidence is about, and how many pieces of it."""

    id: int
    text: str
    sign: str
    version: int
    mine: bool
    plans: Sequence[Plan] = ()
    evidence: Sequence[Evidence] = ()
    lenses: Sequence[tuple[Text, int]] = ()


@dataclass(frozen=True)
class Shown(Base):
    """What is asked, and once that is chosen what was gathered for it.

    loose: what was gathered for no question in particular; nothing_chosen: everybody left it to the others.
    signs: of success, to choose from; pieces: how many there are; outside: of these from outside; own: one's own.
    to_weigh: a colleague's, of which least was said. agreed: whom step 1 agreed to ask.
    """

    ambition: str
    signs: Sequence[Option] = ()
    wondered: Sequence[Question] = ()
    ballot: Ballot | None = None
    questions: Sequence[Question] = ()
    loose: Sequence[Evidence] = ()
    nothing_chosen: bool = False
    question_options: Sequence[Option] = ()
    not_chosen: Sequence[str] = ()
    pieces: int = 0
    outside: int = 0
    own: Sequence[Evidence] = ()
    to_weigh: Evidence | None = None
    no_voice: Nobody | None = None
    agreed: Sequence[Voice] = ()
    obstacles: Sequence[Refused] = ()
    decided: Decided = UNDECIDED
    max_questions: int = inquiry.MOST_EACH
    sorts: Sequence[tuple[str, Text]] = tuple(SORTS.items())
    lens_options: Sequence[Option] = tuple(LENSES.items())
    voice_options: Sequence[Option] = tuple(VOICES.items())


NO_QUESTION = Text("geen vraag in het bijzonder", "no question in particular")


def _ambition(turn: Turn) -> tuple[Piece | None, list[Piece]]:
    """What step 1 came to, and whom it agreed to ask."""
    found = gate.of_cycle(turn, Flow.AMBITION, Flow.VOICE)
    return found.last(Flow.AMBITION), found.of(Flow.VOICE)


def asking(turn: Turn) -> Shown:
    """One's own questions while all write; then all of them, to lay dots on."""
    adopted, _ = _ambition(turn)
    signs: Sequence[str] = adopted.body.get("signs", ()) if adopted else ()
    about = ballot(turn, "choose", inquiry.MOST)
    asked = wondered(turn)
    return Shown(
        ambition=adopted.body["text"] if adopted else "",
        signs=[(sign, sign) for sign in signs],
        wondered=laid_on(turn, about, asked) if about else asked,
        ballot=about,
    )


def wondered(turn: Turn) -> list[Question]:
    """The questions to choose from."""
    return [_question(turn, item) for item in held(turn).of(WONDERED)]


def gathered(turn: Turn) -> Shown:
    """The questions with what is planned and what is there, and what is still lacking."""
    there = held(turn)
    adopted, voices = _ambition(turn)
    questions, pieces = there.written(QUESTION), there.of(EVIDENCE)
    files = gate.files(turn)
    told = {item.id: _evidence(turn, there, item, files.get(item.id)) for item in pieces}
    return Shown(
        ambition=adopted.body["text"] if adopted else "",
        questions=[_covered(turn, there, item, told) for item in questions],
        loose=[each for each in told.values() if each.question is None],
        nothing_chosen=not questions and chosen(turn, inquiry.MOST) is not None,
        question_options=[(item.id, item.body["text"]) for item in questions],
        not_chosen=[
            item.body["text"]
            for item in there.of(WONDERED)
            if not there.linked_to(item, Tie.ADOPTED_FROM)
        ],
        pieces=len(pieces),
        outside=sum(evidence.from_outside(item) for item in pieces),
        own=[each for each in told.values() if each.mine],
        to_weigh=min(
            own_order(turn, [each for each in told.values() if not each.mine]),
            key=lambda each: len(each.weighings),
            default=None,
        ),
        no_voice=stakeholders.nobody(there),
        agreed=stakeholders.voices(turn, voices),
        obstacles=obstacles(turn) if turn.run.stage == "gather" else (),
        decided=decided(turn, there, turn.run.reopened),
    )  # fmt: skip


def _question(turn: Turn, item: Piece) -> Question:
    return Question(item.id, item.body["text"], item.body.get("sign", ""), item.version, is_mine(turn, item))


def _covered(turn: Turn, there: Gathered, item: Piece, told: Mapping[int, Evidence]) -> Question:
    about = [told[each.id] for each in there.linked_to(item, Tie.ABOUT)]
    return replace(
        _question(turn, item),
        plans=[_plan(turn, each) for each in there.linked_to(item, Tie.FOR) if each.kind == PLAN],
        evidence=about,
        lenses=[(words, sum(each.lens == lens for each in about)) for lens, words in LENSES.items()],
    )


def _plan(turn: Turn, item: Piece) -> Plan:
    day = item.body["date"]
    return Plan(
        id=item.id,
        source=item.body["source"],
        exists=item.body["exists"],
        day=dt.date.fromisoformat(day) if day else None,
        who=turn.people[item.member_id].name,
        mine=is_mine(turn, item),
    )


def _evidence(turn: Turn, there: Gathered, item: Piece, file: Kept | None) -> Evidence:
    body = item.body
    about = there.linked_from(item, Tie.ABOUT)
    return Evidence(
        id=item.id,
        label=evidence.label(body),
        text=body["text"],
        source=body.get("source", ""),
        amount=body.get("amount", ""),
        unit=body.get("unit", ""),
        url=body.get("url", ""),
        can=body.get("can", ""),
        cannot=body.get("cannot", ""),
        version=item.version,
        mine=is_mine(turn, item),
        author=turn.names.get(item.member_id),
        sort=body["sort"],
        sort_words=SORTS[body["sort"]],
        lens=body["lens"],
        lens_words=LENSES[body["lens"]],
        voice=body["voice"],
        voice_words=VOICES[body["voice"]],
        outside=evidence.from_outside(item),
        question=about[0].id if about else None,
        file=_file(file) if file else None,
        weighings=[_weighing(turn, each) for each in there.linked_to(item, Tie.WEIGHS)],
        agreed=agreeing.count(there, item),
        i_agreed=agreeing.by(turn, there, item),
    )


def _file(file: Kept) -> File:
    return File(file.id, max(1, round(file.size / 1024)), file.media_type in attachments.PICTURES)


def _weighing(turn: Turn, item: Piece) -> Weighing:
    author = turn.names.get(item.member_id)
    return Weighing(item.id, item.body["can"], item.body["cannot"], is_mine(turn, item), author)
