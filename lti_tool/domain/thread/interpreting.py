"""Interpreting: facts, explanations and attention points, each tied to what it comes from.

Three rounds are kept apart. What was seen hangs on evidence; what may explain it hangs on what was
seen, and has a rival; what needs attention hangs on both, and names the rival that was considered.
"""

import re
from collections.abc import Iterable, Sequence

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie

OBSERVATION, REACTION, EXPLANATION, POINT = Flow.OBSERVATION, "reaction", Flow.EXPLANATION, Flow.POINT
FINE, MINORITY, SHORTLIST = "fine", "minority", "shortlist"

# Two ways to look at it are the least: one alone is a conclusion.
RIVALS = 2

# Words that often carry a judgement or a reason: a fact can do without them.
JUDGING = frozenset(
    {"goed", "goede", "beter", "slecht", "slechte", "slechter", "moet", "moeten", "omdat", "doordat", "want"}
    | {"good", "better", "bad", "worse", "should", "must", "because"}
)


def explained(held: Gathered) -> dict[int, list[Piece]]:
    """observation id -> its explanations, for every observation."""
    return {item.id: held.linked_to(item, Tie.EXPLAINS) for item in held.of(OBSERVATION)}


def carries(turn: Turn, explanations: Sequence[Piece]) -> bool:
    """Whether something was looked at in two ways: of two people, where two are there.

    Who puts a second explanation beside their own has looked at it alone. There is who takes part, has opened the
    tool and is not away.
    """
    there = turn.arrived & (turn.circle.expected | turn.circle.late)
    people = {each.member_id for each in explanations}
    return len(explanations) >= RIVALS and len(people) >= min(RIVALS, max(1, len(there)))


def judges(text: str) -> bool:
    """Whether a fact holds a word that judges or explains: a nudge to its writer, never a refusal."""
    return not JUDGING.isdisjoint(re.findall(r"[^\W\d_]+", text.casefold()))


def chosen_evidence(turn: Turn, ids: Iterable[int]) -> list[Piece]:
    """The evidence of this cycle with these ids; Refused without any, or for what is none."""
    known = {item.id: item for item in gate.of_cycle(turn, Flow.EVIDENCE).of(Flow.EVIDENCE)}
    chosen = list(dict.fromkeys(ids))
    if not chosen:
        raise Refused("evidence_missing")
    if not known.keys() >= set(chosen):
        raise Refused("not_found")
    return [known[each] for each in chosen]


def check_explanation(held: Gathered, text: str, observed: Sequence[Piece], rival: Piece | None, me: int) -> None:
    """Refused unless it is new for each of the observations, and a rival to what explains one of them too."""
    if rival is not None and set(held.ids_from(rival, Tie.EXPLAINS)).isdisjoint(each.id for each in observed):
        raise Refused("not_a_rival")
    there = {each.id: each for one in observed for each in held.linked_to(one, Tie.EXPLAINS)}.values()
    contributions.refuse_blank_or_double(text, (each.body["text"] for each in there if each.member_id == me))
    try:
        contributions.refuse_blank_or_double(text, (each.body["text"] for each in there))
    except Refused:
        # A colleague said it: twice the same is no rival.
        raise Refused("explained_already") from None


def end_thinking(turn: Turn, held: Gathered) -> None:
    """Refused while something was looked at in one way only; when the announced day is over, one with two is enough."""
    found = [each for each in explained(held).values() if each]
    single = sum(not carries(turn, each) for each in found)
    carried = single < len(found)
    if single and not (carried and _day_over(turn)):
        raise Refused("no_rival", count=single)
    if not carried:
        raise Refused("no_explanations")


def _day_over(turn: Turn) -> bool:
    return turn.run.closes_at is not None and turn.run.closes_at <= now()


def check_point(
    turn: Turn, held: Gathered, observed: Sequence[int], likely: int, considered: Sequence[int]
) -> tuple[list[Piece], Piece, list[Piece]]:
    """What an attention point hangs on: observations, the explanation taken as most likely, others considered.

    Refused unless each observation has evidence that still stands and two people's explanations, and the others
    explain, of these observations, one that the most likely explains too.
    """
    observations = [one(held, OBSERVATION, each) for each in dict.fromkeys(observed)]
    explanation = one(held, EXPLANATION, likely)
    others = [one(held, EXPLANATION, each) for each in dict.fromkeys(considered) if each != likely]
    if not observations:
        raise Refused("observations_missing")
    evidence = {item.id for item in gate.of_cycle(turn, Flow.EVIDENCE).of(Flow.EVIDENCE)}
    for each in observations:
        if evidence.isdisjoint(held.ids_from(each, Tie.EVIDENCE_OF)):
            raise Refused("evidence_gone")
        if not carries(turn, held.linked_to(each, Tie.EXPLAINS)):
            raise Refused("one_explanation")
    shared = {each.id for each in observations} & set(held.ids_from(explanation, Tie.EXPLAINS))
    if not shared:
        raise Refused("explanation_elsewhere")
    if not others:
        raise Refused("alternative_missing")
    if any(shared.isdisjoint(held.ids_from(each, Tie.EXPLAINS)) for each in others):
        raise Refused("explanation_elsewhere")
    return observations, explanation, others


def one(held: Gathered, kind: str, item_id: int) -> Piece:
    """Something of a kind; Refused("not_found") for what is not there, or is something else."""
    item = held.items.get(item_id)
    if item is None or item.kind != kind:
        raise Refused("not_found")
    return item
