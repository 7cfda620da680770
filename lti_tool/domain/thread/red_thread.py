"""The red thread: from any action back to the ambition, and forth to what came of it.

What is still hidden is left out: nothing of a step in which everybody still writes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.reading.things import Thing, require
from lti_tool.domain.thread import actions, threads
from lti_tool.domain.thread.actions import Card
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.thread.interpreting import OBSERVATION
from lti_tool.domain.thread.threads import Sources
from lti_tool.domain.thread.yields import CARD, VERDICT, YIELD
from lti_tool.domain.ties import Tie
from lti_tool.models import StepRun

# A proposal that comes from no attention point says so (requirement R10).
NEW = "new"


class Gap(StrEnum):
    """What can hang loose."""

    ACTION = "action"  # comes from no attention point, and is no new idea
    POINT = "point"  # no action took it up
    EVIDENCE = "evidence"  # nobody saw anything in it
    QUESTION = "question"  # nothing was gathered for it


@dataclass(frozen=True)
class Orphan:
    """Something that hangs loose, and why."""

    gap: Gap
    item: Piece


@dataclass(frozen=True)
class Thread:
    """One action with all it goes back to, nearest first, and all that came of it.

    evidence and questions are in the order of their numbers. learned: knowledge cards; verdicts: those
    that name this action's evidence or its result.
    """

    card: Card
    points: Sequence[threads.Thread]
    evidence: Sequence[Piece]
    questions: Sequence[Piece]
    ambition: Piece | None
    learned: Sequence[Piece]
    verdicts: Sequence[Piece]

    @property
    def new_idea(self) -> bool:
        """Whether the proposal behind it says that it rests on no attention point."""
        return self.card.consequence is not None and self.card.consequence.body.get("source") == NEW


@dataclass(frozen=True)
class Whole:
    """All threads of a cycle, what they have in common, and what hangs loose."""

    ambition: Piece | None
    threads: Sequence[Thread]
    verdict: Piece | None
    learned: Sequence[Piece]
    outcome: Piece | None
    orphans: Sequence[Orphan]


def of_cycle(turn: Turn, runs: Mapping[str, StepRun]) -> Whole:
    """The threads of the turn's cycle. runs: its opened steps by name."""
    require(turn.viewer, Thing.THREAD)
    known = threads.sources(turn, revealed=True)
    interpreted = threads.interpreted(turn).revealed()
    backwards = threads.of_attention(interpreted, known)
    cards = actions.cards(actions.of_cycle(turn).revealed())
    after = gate.of_cycle(turn, VERDICT, CARD, YIELD).revealed()
    found = [_thread(card, backwards, known, after) for card in cards]
    hung = {item.id for thread in found for item in thread.learned}
    closed = {flow for flow in (Flow.ACTION, Flow.OBSERVATION, Flow.EVIDENCE) if _is_closed(turn, runs, flow)}
    return Whole(
        ambition=known.ambition,
        threads=found,
        verdict=after.last(VERDICT),
        learned=[item for item in after.of(CARD) if item.id not in hung],
        outcome=after.last(YIELD),
        orphans=_orphans(found, backwards, known, interpreted, closed),
    )


def _is_closed(turn: Turn, runs: Mapping[str, StepRun], kind: Flow) -> bool:
    run = runs.get(turn.steps.keeping(kind).name)
    return run is not None and run.closed_at is not None


def _thread(card: Card, backwards: Sequence[threads.Thread], known: Sources, after: Gathered) -> Thread:
    wanted = {point.id for point in card.points}
    points = [each for each in backwards if each.attention is not None and each.attention.id in wanted]
    evidence = {item.id: item for point in points for item in point.evidence}
    questions = {item.id: item for point in points for item in point.questions}
    ends = {card.item.id, *evidence} | ({card.result.id} if card.result else set())
    return Thread(
        card=card,
        points=points,
        evidence=sorted(evidence.values(), key=lambda item: int(item.body.get("number", 0))),
        questions=list(questions.values()),
        ambition=known.ambition,
        learned=[item for item in after.of(CARD) if not ends.isdisjoint(after.ids_from(item, Tie.LEARNED_FROM))],
        verdicts=[item for item in after.of(VERDICT) if not ends.isdisjoint(after.ids_from(item, Tie.EVIDENCE_OF))],
    )


def _orphans(
    found: Sequence[Thread],
    backwards: Sequence[threads.Thread],
    known: Sources,
    interpreted: Gathered,
    closed: set[Flow],
) -> list[Orphan]:
    """What hangs loose. Each is said only once the step is completed in which it could have been taken up."""
    loose = [Orphan(Gap.ACTION, thread.card.item) for thread in found if not (thread.card.points or thread.new_idea)]
    if Flow.ACTION in closed:
        taken = {point.id for thread in found for point in thread.card.points}
        points = [each.attention for each in backwards if each.attention is not None]
        loose += [Orphan(Gap.POINT, item) for item in points if item.id not in taken]
    if Flow.OBSERVATION in closed:
        seen = {each for item in interpreted.of(OBSERVATION) for each in interpreted.ids_from(item, Tie.EVIDENCE_OF)}
        loose += [Orphan(Gap.EVIDENCE, item) for item in known.evidence.values() if item.id not in seen]
    if Flow.EVIDENCE in closed:
        gathered = {each for item in known.evidence for each in known.about.get(item, ())}
        loose += [Orphan(Gap.QUESTION, item) for item in known.questions.values() if item.id not in gathered]
    return loose


def through(whole: Whole, lens: str) -> Whole:
    """Only what is seen through one lens: the threads that touch it, with their evidence and results of it.

    What hangs loose is left out: it is said of the whole.
    """
    kept = []
    for thread in whole.threads:
        card = replace(
            thread.card,
            logs=[item for item in thread.card.logs if item.body.get("lens") == lens],
            result=thread.card.result if thread.card.result and thread.card.result.body.get("lens") == lens else None,
        )
        evidence = [item for item in thread.evidence if item.body.get("lens") == lens]
        if evidence or card.logs or card.result or card.item.body.get("lens") == lens:
            kept.append(replace(thread, card=card, evidence=evidence))
    return replace(whole, threads=kept, orphans=())
