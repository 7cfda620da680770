"""Threads: from what was adopted back to where it came from, step by step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from lti_tool.domain.adopting import ADOPTED_FROM
from lti_tool.domain.attention import ATTENTION, STEP
from lti_tool.domain.cycle import Turn
from lti_tool.domain.evidence import ABOUT
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.interpreting import (
    BUILT_FROM,
    CONSIDERED,
    EVIDENCE_OF,
    EXPLAINED_BY,
    POINT,
)
from lti_tool.models import Contribution, Link, StepRun


@dataclass(frozen=True)
class Sources:
    """What flowed on from steps 1 and 2: evidence and questions by id, evidence -> questions, the ambition."""

    evidence: Mapping[int, Contribution]
    questions: Mapping[int, Contribution]
    about: Mapping[int, Sequence[int]]
    ambition: Contribution | None


@dataclass(frozen=True)
class Thread:
    """A point, and all it goes back to. attention: what it became once it was chosen."""

    point: Contribution | None
    attention: Contribution | None
    explanation: Contribution | None
    considered: Sequence[Contribution]
    observations: Sequence[Contribution]
    evidence: Sequence[Contribution]
    questions: Sequence[Contribution]
    ambition: Contribution | None

    @property
    def whole(self) -> bool:
        """Whether it goes back without a gap to evidence, and with a considered alternative."""
        return all((self.point, self.explanation, self.considered, self.observations, self.evidence))


# Every page of the step asks these. Built once, they are hot.
_SOURCES = (
    select(Contribution, Link.to_id)
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .outerjoin(Link, (Link.from_id == Contribution.id) & (Link.kind == ABOUT))
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        (StepRun.step == "information") & Contribution.kind.in_(("evidence", "question"))
        | (StepRun.step == "ambition") & (Contribution.kind == "proposal"),
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(Contribution.id, Link.id)
)
_INTERPRETED = (
    select(Contribution, Link)
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .outerjoin(Link, Link.from_id == Contribution.id)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        StepRun.step == STEP,
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(Contribution.id, Link.id)
)


def sources(turn: Turn) -> Sources:
    """What steps 1 and 2 of the turn's cycle brought, in one statement."""
    return turn.once("sources", lambda: _sources(turn))


def _sources(turn: Turn) -> Sources:
    found: dict[str, dict[int, Contribution]] = {"evidence": {}, "question": {}, "proposal": {}}
    about: dict[int, list[int]] = {}
    for item, question in turn.session.execute(_SOURCES, {"cycle": turn.cycle.id}):
        found[item.kind][item.id] = item
        if question is not None:
            about.setdefault(item.id, []).append(question)
    texts = list(found["proposal"].values())
    return Sources(found["evidence"], found["question"], about, texts[-1] if texts else None)


def interpreted(turn: Turn) -> Gathered:
    """All of step 3 of the turn's cycle, in one statement. Much of it is not to be shown in its first stage."""

    def find() -> Gathered:
        rows = turn.session.execute(_INTERPRETED, {"cycle": turn.cycle.id}).all()
        return Gathered((item for item, _ in rows), (link for _, link in rows if link is not None))

    return turn.once("interpreted", find)


def of_points(held: Gathered, known: Sources) -> list[Thread]:
    """The thread of every point."""
    return [_thread(point, held, known) for point in held.of(POINT)]


def of_cycle(turn: Turn) -> list[Thread]:
    """The thread of every attention point of the cycle that stands, from whichever of its steps one asks."""
    held, known = interpreted(turn), sources(turn)
    found = []
    for attention in held.of(ATTENTION):
        points = held.linked_from(attention, ADOPTED_FROM)
        found.append(
            _thread(points[0], held, known) if points else Thread(None, attention, None, (), (), (), (), known.ambition)
        )
    return found


def orphans(threads: Iterable[Thread]) -> list[Thread]:
    """Those with a gap. Of what was adopted there may be none."""
    return [thread for thread in threads if not thread.whole]


def _thread(point: Contribution, held: Gathered, known: Sources) -> Thread:
    observations = held.linked_from(point, BUILT_FROM)
    seen = dict.fromkeys(each for item in observations for each in held.ids_from(item, EVIDENCE_OF))
    evidence = [known.evidence[each] for each in seen if each in known.evidence]
    asked = dict.fromkeys(each for item in evidence for each in known.about.get(item.id, ()))
    return Thread(
        point=point,
        attention=next(iter(held.linked_to(point, ADOPTED_FROM)), None),
        explanation=next(iter(held.linked_from(point, EXPLAINED_BY)), None),
        considered=held.linked_from(point, CONSIDERED),
        observations=observations,
        evidence=evidence,
        questions=[known.questions[each] for each in asked if each in known.questions],
        ambition=known.ambition,
    )
