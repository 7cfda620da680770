"""What the pages of step 3 show: the board of facts, explanations and points, without who brought them in.

Observations, points and minority notes never carry a name; reactions and explanations do where the
community chose so. Nothing stands in the order of time or author.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lti_tool.domain import contributions
from lti_tool.domain.cycle import Turn
from lti_tool.domain.dots import Tally
from lti_tool.domain.evidence import words as evidence_words
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.interpreting import (
    ANSWERS,
    BESIDE,
    EVIDENCE_OF,
    EXPLAINS,
    MINORITY,
    OBSERVATION,
    RIVAL_OF,
    RIVALS,
    judges,
)
from lti_tool.domain.threads import Sources, Thread
from lti_tool.models import Contribution
from lti_tool.steps.interpretation.forms import QUESTION, SEEN_TOO
from lti_tool.text import Text


def shuffled(turn: Turn, items: Iterable[Contribution]) -> list[Contribution]:
    """In one order for everybody, which tells neither who wrote first nor who came late."""
    return sorted(items, key=lambda item: hashlib.sha256(f"{turn.run.id} {item.id}".encode()).digest())


def short(text: str) -> str:
    """A text as a choice in a list."""
    return text if len(text) <= 80 else f"{text[:79]}…"


def evidence(item: Contribution) -> dict[str, Any]:
    """One piece of evidence: E1, and what it says."""
    return {"id": item.id, "label": f"E{item.body.get('number', '')}", "text": evidence_words(item.body)}


def evidence_options(items: Iterable[Contribution], shorten: bool = False) -> list[tuple[str, str]]:
    """Evidence to choose from."""
    shown = [(str(item.id), evidence(item)) for item in sorted(items, key=lambda item: item.body.get("number", 0))]
    return [(i, f"{each['label']} · {short(each['text']) if shorten else each['text']}") for i, each in shown]


def options(items: Iterable[Contribution]) -> list[tuple[str, str]]:
    """Contributions to choose from."""
    return [(str(item.id), short(item.body["text"])) for item in items]


def own_observation(item: Contribution, held: Gathered, known: Sources) -> dict[str, Any]:
    """An observation as its writer sees it while all write: with the nudge if it holds a judgement."""
    ids = [each for each in held.ids_from(item, EVIDENCE_OF) if each in known.evidence]
    return {
        "id": item.id,
        "text": item.body["text"],
        "version": item.version,
        "evidence": [evidence(known.evidence[each]) for each in ids],
        "chosen": ids,
        "nudge": judges(item.body["text"]),
    }


def observations(turn: Turn, held: Gathered, known: Sources) -> list[dict[str, Any]]:
    """Everything that was seen, with its evidence, what others made of it, and how it may be explained."""
    me = turn.member.id if turn.member else None
    return [_observation(turn, item, held, known, me) for item in shuffled(turn, held.of(OBSERVATION))]


def _observation(turn: Turn, item: Contribution, held: Gathered, known: Sources, me: int | None) -> dict[str, Any]:
    reactions = shuffled(turn, held.linked_to(item, ANSWERS))
    seen_too = [each for each in reactions if each.body["sort"] == SEEN_TOO]
    questions = [each for each in reactions if each.body["sort"] == QUESTION]
    explanations = shuffled(turn, held.linked_to(item, EXPLAINS))
    return {
        "id": item.id,
        "text": item.body["text"],
        "mine": item.member_id == me,
        "evidence": [
            evidence(known.evidence[each]) for each in held.ids_from(item, EVIDENCE_OF) if each in known.evidence
        ],
        "seen_too": len(seen_too),
        "i_saw": next((each.id for each in seen_too if each.member_id == me), None),
        "i_asked": any(each.member_id == me for each in questions),
        "questions": [_worded(turn, each, me) for each in questions],
        "explanations": [
            _worded(turn, each, me) | {"beside": [rival.body["text"] for rival in held.linked_from(each, RIVAL_OF)]}
            for each in explanations
        ],
        "choices": [(each.id, each.body["text"]) for each in explanations],
        # To put one's own beside a colleague's first.
        "rivals": options(sorted(explanations, key=lambda each: each.member_id == me)),
        "carried": len(explanations) >= RIVALS,
    }


def _worded(turn: Turn, item: Contribution, me: int | None) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": item.body["text"],
        "mine": item.member_id == me,
        "author": turn.names.get(item.member_id),
    }


def points(
    turn: Turn, threads: Sequence[Thread], held: Gathered, tally: Mapping[int, Tally] | None = None
) -> list[dict[str, Any]]:
    """The attention points with what they go back to; once dots are counted the most wanted first."""
    me = turn.member.id if turn.member else None
    by_id = {thread.point.id: thread for thread in threads if thread.point}
    shown = []
    for item in shuffled(turn, (thread.point for thread in threads if thread.point)):
        got = tally.get(item.id) if tally else None
        shown.append(
            {
                "id": item.id,
                "text": item.body["text"],
                "why": item.body["why"],
                "mine": item.member_id == me,
                "adopted": by_id[item.id].attention is not None,
                "thread": _thread(by_id[item.id]),
                "minority": [each.body["text"] for each in shuffled(turn, held.linked_to(item, BESIDE))],
                "tally": got,
            }
        )
    shown.sort(key=lambda point: (not (tally and point["adopted"]), *_rank(point["tally"])))
    return shown


def _rank(tally: Tally | None) -> tuple[int, int]:
    return (-tally.people, -tally.dots) if tally else (0, 0)


def _thread(thread: Thread) -> dict[str, Any]:
    said: Any = thread.ambition.body.get("text", "") if thread.ambition else ""
    return {
        "observations": [each.body["text"] for each in thread.observations],
        "evidence": [evidence(each) for each in thread.evidence],
        "explanation": thread.explanation.body["text"] if thread.explanation else "",
        "considered": [each.body["text"] for each in thread.considered],
        "questions": [each.body.get("text", "") for each in thread.questions],
        "ambition": said,
    }


def minority(turn: Turn, held: Gathered) -> list[str]:
    """Minority notes that stand beside no point in particular."""
    notes = shuffled(turn, held.of(MINORITY))
    return [item.body["text"] for item in notes if not held.linked_from(item, BESIDE)]


def colleagues(turn: Turn, held: Gathered) -> Sequence[tuple[str, Text | str]]:
    """What colleagues saw, to choose from."""
    me = turn.member.id if turn.member else None
    return options(item for item in shuffled(turn, held.of(OBSERVATION)) if item.member_id != me)


def others_wrote(turn: Turn, kind: str) -> bool:
    """Whether somebody else brought in something of a kind."""
    return any(turn.member is None or item.member_id != turn.member.id for item in contributions.of_kind(turn, kind))
