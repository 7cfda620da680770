"""The red thread: from any action back to the ambition, and forth to what came of it.

What is still hidden is left out: nothing of a step in which everybody still writes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import bindparam, select

from lti_tool.domain import actions, threads, yields
from lti_tool.domain.actions import Card
from lti_tool.domain.cycle import Phase, Steps, Turn, stage_of
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.interpreting import EVIDENCE_OF, OBSERVATION
from lti_tool.domain.threads import Sources
from lti_tool.domain.yields import CARD, LEARNED_FROM, VERDICT, YIELD
from lti_tool.models import Contribution, Link, StepRun

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
    item: Contribution


@dataclass(frozen=True)
class Thread:
    """One action with all it goes back to, nearest first, and all that came of it.

    evidence and questions are in the order of their numbers. learned: knowledge cards; verdicts: those
    that name this action's evidence or its result.
    """

    card: Card
    points: Sequence[threads.Thread]
    evidence: Sequence[Contribution]
    questions: Sequence[Contribution]
    ambition: Contribution | None
    learned: Sequence[Contribution]
    verdicts: Sequence[Contribution]

    @property
    def new_idea(self) -> bool:
        """Whether the proposal behind it says that it rests on no attention point."""
        return self.card.consequence is not None and self.card.consequence.body.get("source") == NEW


@dataclass(frozen=True)
class Whole:
    """All threads of a cycle, what they have in common, and what hangs loose."""

    ambition: Contribution | None
    threads: Sequence[Thread]
    verdict: Contribution | None
    learned: Sequence[Contribution]
    outcome: Contribution | None
    orphans: Sequence[Orphan]


_EVALUATED = (
    select(Contribution, Link)
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .outerjoin(Link, Link.from_id == Contribution.id)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        StepRun.step == yields.STEP,
        Contribution.kind.in_((VERDICT, CARD, YIELD)),
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(Contribution.id, Link.id)
)
_NOTHING = Gathered((), ())


def of_cycle(turn: Turn, runs: Mapping[str, StepRun], steps: Steps) -> Whole:
    """The threads of the turn's cycle. runs: its opened steps by name."""
    open_ = {name for name, run in runs.items() if stage_of(steps.by_name[name], run).phase != Phase.ALONE}
    closed = {name for name, run in runs.items() if run.closed_at is not None}
    known = threads.sources(turn)
    known = replace(
        known,
        evidence=known.evidence if "information" in open_ else {},
        questions=known.questions if "information" in open_ else {},
    )
    backwards = threads.of_cycle(turn)
    cards = actions.cards(actions.held(turn)) if actions.STEP in open_ else []
    after = _evaluated(turn) if yields.STEP in open_ else _NOTHING
    found = [_thread(card, backwards, known, after) for card in cards]
    hung = {item.id for thread in found for item in thread.learned}
    return Whole(
        ambition=known.ambition if "ambition" in open_ else None,
        threads=found,
        verdict=next(reversed(after.of(VERDICT)), None),
        learned=[item for item in after.of(CARD) if item.id not in hung],
        outcome=next(reversed(after.of(YIELD)), None),
        orphans=_orphans(found, backwards, known, threads.interpreted(turn), closed),
    )


def _evaluated(turn: Turn) -> Gathered:
    rows = turn.session.execute(_EVALUATED, {"cycle": turn.cycle.id}).all()
    return Gathered(dict.fromkeys(item for item, _ in rows), [link for _, link in rows if link is not None])


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
        learned=[item for item in after.of(CARD) if not ends.isdisjoint(after.ids_from(item, LEARNED_FROM))],
        verdicts=[item for item in after.of(VERDICT) if not ends.isdisjoint(after.ids_from(item, EVIDENCE_OF))],
    )


def _orphans(
    found: Sequence[Thread],
    backwards: Sequence[threads.Thread],
    known: Sources,
    interpreted: Gathered,
    closed: set[str],
) -> list[Orphan]:
    """What hangs loose. Each is said only once the step is completed in which it could have been taken up."""
    loose = [Orphan(Gap.ACTION, thread.card.item) for thread in found if not (thread.card.points or thread.new_idea)]
    if actions.STEP in closed:
        taken = {point.id for thread in found for point in thread.card.points}
        points = [each.attention for each in backwards if each.attention is not None]
        loose += [Orphan(Gap.POINT, item) for item in points if item.id not in taken]
    if "interpretation" in closed:
        seen = {each for item in interpreted.of(OBSERVATION) for each in interpreted.ids_from(item, EVIDENCE_OF)}
        loose += [Orphan(Gap.EVIDENCE, item) for item in known.evidence.values() if item.id not in seen]
    if "information" in closed:
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
