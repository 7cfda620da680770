"""What the pages of step 3 show: the board of facts, explanations and points, without who brought them in.

Observations, points and minority notes never carry a name; reactions and explanations do where the
community chose so. Nothing stands in the order of time or author.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import choosing, dots, rounds
from lti_tool.domain.mechanisms.choosing import Choice
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece, Tally
from lti_tool.domain.thread import threads
from lti_tool.domain.thread.evidence import label as evidence_label
from lti_tool.domain.thread.evidence import words as evidence_words
from lti_tool.domain.thread.interpreting import EXPLANATION, FINE, MINORITY, OBSERVATION, carries, judges
from lti_tool.domain.thread.threads import Sources, Thread
from lti_tool.domain.ties import Tie
from lti_tool.steps import objecting
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.interpretation import shortlist
from lti_tool.steps.interpretation.acts import MAX_OBSERVATIONS, MAX_POINTS, heard_in_need, held
from lti_tool.steps.interpretation.forms import QUESTION, SEEN_TOO
from lti_tool.steps.shown import (
    UNDECIDED,
    Ballot,
    Decided,
    Evidence,
    Option,
    Said,
    ballot,
    is_mine,
    laid_on,
    said,
    short,
)
from lti_tool.steps.shown import chosen as counted
from lti_tool.steps.shown import decided as how_decided
from lti_tool.text import Text

REACTIONS = ((SEEN_TOO, Text("Dat zag ik ook", "I saw that too")), (QUESTION, Text("Een vraag", "A question")))


@dataclass(frozen=True)
class Own:
    """One's own observation while all write. chosen: ids of its evidence; nudge: whether it holds a judgement."""

    id: int
    text: str
    version: int
    evidence: Sequence[Evidence]
    chosen: Sequence[int]
    nudge: bool


@dataclass(frozen=True)
class Explanation:
    """How something might have come about. beside: the explanations it was put beside."""

    id: int
    text: str
    mine: bool
    author: Text | None
    beside: Sequence[str]


@dataclass(frozen=True)
class Observation:
    """What was seen, with its evidence, what others made of it, and how it may be explained.

    seen_too: how many saw it too; i_saw: the id of one's own saying so. choices: its explanations; rivals: the
    same, a colleague's first. carried: whether it has explanations enough to go on with.
    """

    id: int
    text: str
    mine: bool
    evidence: Sequence[Evidence]
    seen_too: int
    i_saw: int | None
    i_asked: bool
    questions: Sequence[Said]
    explanations: Sequence[Explanation]
    choices: Sequence[Option]
    rivals: Sequence[Option]
    carried: bool


@dataclass(frozen=True)
class Roots:
    """What a point goes back to."""

    observations: Sequence[str]
    evidence: Sequence[Evidence]
    explanation: str
    considered: Sequence[str]
    questions: Sequence[str]
    ambition: str


@dataclass(frozen=True)
class Point:
    """A point of attention. minority: what is kept beside it; tally: once the dots are counted.

    chosen: dots chose it once, so that it stays and all may mend it; adopted: it has the community's attention.
    """

    id: int
    text: str
    why: str
    version: int
    mine: bool
    chosen: bool
    adopted: bool
    thread: Roots
    minority: Sequence[str]
    tally: Tally | None


@dataclass(frozen=True)
class Shown(Base):
    """One's own observations while all look alone; then the board, as far as its round has opened it.

    to_explain: what most needs another explanation. listed: the points that are put to all, best first; about: the points to choose from; minority: notes beside
    none in particular; joined: whether this member said that others' points cover it; obstacles: why dots cannot
    choose yet.
    """

    own: Sequence[Own] = ()
    evidence: Sequence[Option] = ()
    observations: Sequence[Observation] = ()
    colleagues: Sequence[Option] = ()
    to_explain: Observation | None = None
    points: Sequence[Point] = ()
    listed: Sequence[Point] = ()
    about: Sequence[Option] = ()
    minority: Sequence[str] = ()
    joined: bool = False
    ballot: Ballot | None = None
    choice: Choice | None = None
    obstacles: Sequence[Refused] = ()
    decided: Decided = UNDECIDED
    max_observations: int = MAX_OBSERVATIONS
    max_points: int = MAX_POINTS
    reactions: Sequence[Option] = REACTIONS


def alone(turn: Turn) -> Shown:
    """One's own observations, and the evidence to look at."""
    known = threads.sources(turn)
    return Shown(
        own=[_own(item, held(turn), known) for item in held(turn).of(OBSERVATION)],
        evidence=evidence_options(known.evidence.values()),
    )


def board(turn: Turn) -> Shown:
    """The board, nameless, while it is read and explained."""
    there = held(turn)
    found = [_observation(turn, item, there) for item in there.of(OBSERVATION)]
    return Shown(observations=found, colleagues=colleagues(turn, there), to_explain=_to_explain(turn, there, found))


def _to_explain(turn: Turn, there: Gathered, found: Sequence[Observation]) -> Observation | None:
    """Where a colleague's explanation stands alone; then, as long as somebody else comes after, what nobody explained.

    Whoever comes last adds to what was looked at in two ways: an explanation that stays alone holds everybody up.
    """
    others = turn.circle.expected - {item.member_id for item in there.of(EXPLANATION)} - {turn.viewer.member_id}

    def rank(each: Observation) -> tuple[bool, bool, int, int]:
        alone = bool(each.explanations) and not each.carried and not any(one.mine for one in each.explanations)
        return not alone, bool(each.explanations) == bool(others), len(each.explanations), -each.seen_too

    return min(found, key=rank, default=None)


def decided(turn: Turn) -> Shown:
    """The board with its points, what the dots came to once they are counted, and what all said of it."""
    there, stage = held(turn), turn.run.stage
    counting = stage == "closed" or stage in objecting.DECIDING
    # Of a tie too: what all said first.
    first = next(iter(dots.series(turn, last)), None) if counting and (last := rounds.latest(turn, dots.KIND)) else None
    tally = gate.tally(turn, first) if first else {}
    found = _points(turn, there, tally)
    by_id = {each.id: each for each in found}
    about = ballot(turn, "dots", choosing.MOST)
    return replace(
        board(turn),
        points=laid_on(turn, about, found) if about else found,
        listed=[by_id[each.id] for each in shortlist.points(there)] if stage in objecting.DECIDING else (),
        about=[(each.id, short(each.text)) for each in found],
        minority=_minority(turn, there),
        joined=stage == "need" and turn.viewer.member_id in heard_in_need(turn, FINE),
        ballot=about,
        choice=counted(turn, choosing.MOST) if counting else None,
        obstacles=shortlist.obstacles(turn, there) if stage == "need" else (),
        decided=how_decided(
            turn,
            there,
            turn.run.reopened if stage == "closed" else None,
            stage == "need" and shortlist.changed(turn, there),
        ),
    )


def _evidence(item: Piece) -> Evidence:
    return Evidence(evidence_label(item.body), evidence_words(item.body))


def evidence_options(items: Iterable[Piece], shorten: bool = False) -> list[tuple[str, str]]:
    """Evidence to choose from."""
    found = {item.id: _evidence(item) for item in sorted(items, key=lambda item: item.body.get("number", 0))}
    return [(str(i), f"{each.label} · {short(each.text) if shorten else each.text}") for i, each in found.items()]


def options(items: Iterable[Piece]) -> list[tuple[str, str]]:
    """Contributions to choose from."""
    return [(str(item.id), short(item.body["text"])) for item in items]


def _own(item: Piece, there: Gathered, known: Sources) -> Own:
    ids = [each for each in there.ids_from(item, Tie.EVIDENCE_OF) if each in known.evidence]
    return Own(
        id=item.id,
        text=item.body["text"],
        version=item.version,
        evidence=[_evidence(known.evidence[each]) for each in ids],
        chosen=ids,
        nudge=judges(item.body["text"]),
    )


def _observation(turn: Turn, item: Piece, there: Gathered) -> Observation:
    known = threads.sources(turn).evidence
    reactions = there.linked_to(item, Tie.ANSWERS)
    seen_too = [each for each in reactions if each.body["sort"] == SEEN_TOO]
    questions = [each for each in reactions if each.body["sort"] == QUESTION]
    explanations = there.linked_to(item, Tie.EXPLAINS)
    return Observation(
        id=item.id,
        text=item.body["text"],
        mine=is_mine(turn, item),
        evidence=[_evidence(known[each]) for each in there.ids_from(item, Tie.EVIDENCE_OF) if each in known],
        seen_too=len(seen_too),
        i_saw=next((each.id for each in seen_too if is_mine(turn, each)), None),
        i_asked=any(is_mine(turn, each) for each in questions),
        questions=[said(turn, each) for each in questions],
        explanations=[_explanation(turn, each, there) for each in explanations],
        choices=[(each.id, each.body["text"]) for each in explanations],
        # To put one's own beside a colleague's first.
        rivals=options(sorted(explanations, key=lambda each: is_mine(turn, each))),
        carried=carries(turn, explanations),
    )


def _explanation(turn: Turn, item: Piece, there: Gathered) -> Explanation:
    return Explanation(
        id=item.id,
        text=item.body["text"],
        mine=is_mine(turn, item),
        author=turn.names.get(item.member_id),
        beside=[rival.body["text"] for rival in there.linked_from(item, Tie.RIVAL_OF)],
    )


def _points(turn: Turn, there: Gathered, tally: Mapping[int, Tally]) -> list[Point]:
    """The points; once dots are counted those that were chosen first, and the most wanted of these."""
    threaded = {thread.point.id: thread for thread in threads.of_points(there, threads.sources(turn)) if thread.point}
    found = [
        _point(turn, item, threaded[item.id], there, tally.get(item.id))
        for item in (thread.point for thread in threaded.values() if thread.point)
    ]
    return sorted(found, key=lambda point: (not (tally and point.adopted), *_rank(point.tally)))


def _point(turn: Turn, item: Piece, thread: Thread, there: Gathered, tally: Tally | None) -> Point:
    return Point(
        id=item.id,
        text=item.body["text"],
        why=item.body["why"],
        version=item.version,
        mine=is_mine(turn, item),
        chosen=shortlist.was_chosen(there, item),
        adopted=thread.attention is not None,
        thread=_roots(thread),
        minority=[each.body["text"] for each in there.linked_to(item, Tie.BESIDE)],
        tally=tally,
    )


def _rank(tally: Tally | None) -> tuple[int, int]:
    return (-tally.people, -tally.dots) if tally else (0, 0)


def _roots(thread: Thread) -> Roots:
    return Roots(
        observations=[each.body["text"] for each in thread.observations],
        evidence=[_evidence(each) for each in thread.evidence],
        explanation=thread.explanation.body["text"] if thread.explanation else "",
        considered=[each.body["text"] for each in thread.considered],
        questions=[each.body.get("text", "") for each in thread.questions],
        ambition=thread.ambition.body.get("text", "") if thread.ambition else "",
    )


def _minority(turn: Turn, there: Gathered) -> list[str]:
    """Minority notes that stand beside no point in particular."""
    notes = there.of(MINORITY)
    return [item.body["text"] for item in notes if not there.linked_from(item, Tie.BESIDE)]


def colleagues(turn: Turn, there: Gathered) -> list[tuple[str, str]]:
    """What colleagues saw, to choose from."""
    return options(item for item in there.of(OBSERVATION) if not is_mine(turn, item))
