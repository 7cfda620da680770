"""Do we still do this? What a cycle's community answered, on the day it had agreed to ask itself.

The cycle may be over by then: what it agreed to ask of itself later is answered all the same, and stays with it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Cycle, StepRun
from lti_tool.text import Text

ANSWERS = {
    "yes": Text("ja, dit doen we nog", "yes, we still do this"),
    "partly": Text("deels", "partly"),
    "no": Text("nee, niet meer", "no, not any more"),
}
# Below so many answers, and where all are alike, numbers would tell what each said.
LEAST = 3


@dataclass(frozen=True)
class Answered:
    """What was answered. mine: one's own answer, "" for none; people: how many answered; counts: how often what, empty
    where that would tell what each said."""

    mine: str
    people: int
    counts: Sequence[tuple[Text, int]]


def of(turn: Turn, number: int) -> Turn | None:
    """The same person's turn where a cycle of the community looked ahead; None where there is no such."""
    step = turn.steps.keeping(Flow.STILL)
    found = turn.session.execute(
        select(StepRun, Cycle)
        .join(Cycle, Cycle.id == StepRun.cycle_id)
        .where(Cycle.community_id == turn.community.id, Cycle.number == number, StepRun.step == step.name)
        .where(StepRun.closed_at.is_not(None))
    ).one_or_none()
    if found is None:
        return None
    return Turn(turn.session, turn.community, found.Cycle, found.StepRun, turn.member, turn.steps, turn.seen_as)


def read(turn: Turn) -> Answered:
    """What was answered, at the turn's step."""
    given = {item.member_id: item.body["answer"] for item in deciding.of_kind(turn, Flow.STILL)}
    told = Counter(given.values())
    shown = len(given) >= LEAST and len(told) > 1
    me = turn.viewer.member_id
    return Answered(
        mine=given.get(me, "") if me is not None else "",
        people=gate.number(turn, Thing.STILL, len(given)) or 0,
        counts=[(words, told[name]) for name, words in ANSWERS.items() if told[name]] if shown else (),
    )


def answer(turn: Turn, said: str) -> None:
    """Answer, or answer otherwise than before; at the turn's step, whether its cycle is over or not."""
    if said not in ANSWERS:
        raise Refused("answer_missing")
    turn.lock()
    _ = turn.me
    if not gate.of_cycle(turn, Flow.LOOK_BACK).of(Flow.LOOK_BACK):
        raise Refused("not_found")
    own = gate.mine(turn, Flow.STILL)
    if own:
        contributions.replace(turn, own[0], {"answer": said})
    else:
        contributions.add(turn, Flow.STILL, {"answer": said})
