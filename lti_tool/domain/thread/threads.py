"""Threads: from what was adopted back to where it came from, step by step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.attention import ATTENTION
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.thread.interpreting import POINT
from lti_tool.domain.ties import Tie


@dataclass(frozen=True)
class Sources:
    """What flowed on from steps 1 and 2: evidence and questions by id, evidence -> questions, the ambition."""

    evidence: Mapping[int, Piece]
    questions: Mapping[int, Piece]
    about: Mapping[int, Sequence[int]]
    ambition: Piece | None


@dataclass(frozen=True)
class Thread:
    """A point, and all it goes back to. attention: what it became once it was chosen."""

    point: Piece | None
    attention: Piece | None
    explanation: Piece | None
    considered: Sequence[Piece]
    observations: Sequence[Piece]
    evidence: Sequence[Piece]
    questions: Sequence[Piece]
    ambition: Piece | None

    @property
    def whole(self) -> bool:
        """Whether it goes back without a gap to evidence, and with a considered alternative."""
        return all((self.point, self.explanation, self.considered, self.observations, self.evidence))


_INTERPRETED = (Flow.OBSERVATION, Flow.EXPLANATION, Flow.POINT, Flow.ATTENTION)


def sources(turn: Turn, revealed: bool = False) -> Sources:
    """What steps 1 and 2 of the turn's cycle brought; revealed: nothing of one's own that others cannot read yet."""
    there = gate.of_cycle(turn, Flow.EVIDENCE, Flow.QUESTION, Flow.AMBITION)
    there = there.revealed() if revealed else there
    evidence = {item.id: item for item in there.of(Flow.EVIDENCE)}
    return Sources(
        evidence,
        {item.id: item for item in there.written(Flow.QUESTION)},
        {each: led for each, item in evidence.items() if (led := there.ids_from(item, Tie.ABOUT))},
        there.last(Flow.AMBITION),
    )


def interpreted(turn: Turn) -> Gathered:
    """What was seen, explained and chosen in the turn's cycle, as far as the viewer may read it."""
    return gate.of_cycle(turn, *_INTERPRETED)


def of_points(held: Gathered, known: Sources) -> list[Thread]:
    """The thread of every point."""
    return [_thread(point, held, known) for point in held.of(POINT)]


def of_cycle(turn: Turn) -> list[Thread]:
    """The thread of every attention point of the cycle that stands, from whichever of its steps one asks."""
    return of_attention(interpreted(turn), sources(turn))


def of_attention(held: Gathered, known: Sources) -> list[Thread]:
    """The thread of every attention point."""
    found = []
    for attention in held.written(ATTENTION):
        points = held.linked_from(attention, Tie.ADOPTED_FROM)
        found.append(
            _thread(points[0], held, known) if points else Thread(None, attention, None, (), (), (), (), known.ambition)
        )
    return found


def orphans(threads: Iterable[Thread]) -> list[Thread]:
    """Those with a gap. Of what was adopted there may be none."""
    return [thread for thread in threads if not thread.whole]


def _thread(point: Piece, held: Gathered, known: Sources) -> Thread:
    observations = held.linked_from(point, Tie.BUILT_FROM)
    seen = dict.fromkeys(each for item in observations for each in held.ids_from(item, Tie.EVIDENCE_OF))
    evidence = [known.evidence[each] for each in seen if each in known.evidence]
    asked = dict.fromkeys(each for item in evidence for each in known.about.get(item.id, ()))
    return Thread(
        point=point,
        attention=next(iter(held.linked_to(point, Tie.ADOPTED_FROM)), None),
        explanation=next(iter(held.linked_from(point, Tie.EXPLAINED_BY)), None),
        considered=held.linked_from(point, Tie.CONSIDERED),
        observations=observations,
        evidence=evidence,
        questions=[known.questions[each] for each in asked if each in known.questions],
        ambition=known.ambition,
    )
