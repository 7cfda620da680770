"""What the pages of step 1 show: nothing that is still hidden, and no name but where the community chose so."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from lti_tool.domain import (
    consent,
    contributions,
    dots,
    frames,
    gathered,
    late,
    manageability,
    merging,
    objections,
    pen,
    restating,
    rounds,
    stakeholders,
)
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import Turn
from lti_tool.domain.dots import Tally
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.merging import IDEA
from lti_tool.models import Contribution
from lti_tool.steps.ambition.acts import ANSWERS, BUILT_FROM, MAX_IDEAS, RESPONSE, held, proposal


def alone(turn: Turn) -> dict[str, Any]:
    """One's own ideas while all write, and what the leadership gave as a frame."""
    there = held(turn)
    return {
        "max_ideas": MAX_IDEAS,
        "ideas": [_idea(turn, there, item) for item in there.of(IDEA)],
        "frames": [item.body["text"] for item in contributions.of_kind(turn, frames.KIND)],
    }


def revealed(turn: Turn) -> dict[str, Any]:
    """Everything that the present stage has opened."""
    there = held(turn)
    tally = _tally(turn)
    ideas = sorted(there.of(IDEA), key=lambda item: gathered.place(turn, item.id))
    standing = sorted(merging.candidates(there), key=lambda item: _order(turn, there, item, tally))
    text = proposal(turn)
    shown: dict[str, Any] = {
        "max_ideas": MAX_IDEAS,
        "dots_each": dots.EACH,
        "ideas": [_idea(turn, there, item) for item in ideas],
        "candidates": [_candidate(turn, there, item, tally, text) for item in standing],
        "frames": [item.body["text"] for item in there.of(frames.KIND)],
        "restated": [each for each in restating.of_mine(turn, there) if not each.answer],
        "my_restatements": restating.by_me(turn, there),
        "confirmed": restating.confirmed(there),
        "voices": stakeholders.shown(there, turn, lambda turn, member: turn.people[member].name),
        "no_voice": next(iter(reversed(there.of(stakeholders.NO_VOICE))), None),
        "groups": list(stakeholders.GROUPS.items()),
        "proposal": text,
        "became": _became(turn, there, text),
    }
    stage = turn.run.stage
    if stage in ("pairs", "fours"):
        shown.update(_group(turn, there))
    if stage == "dots":
        shown["my_dots"] = dots.mine(turn, rounds.open_one(turn, dots.KIND))
    if stage == "draft":
        shown.update(_drafting(turn, there, text))
    if text is not None:
        shown.update(_text(text))
    shown.update(_decided(turn, there, text))
    return shown


def _order(turn: Turn, there: Gathered, item: Contribution, tally: dict[int, Tally]) -> tuple[Any, ...]:
    got = tally.get(item.id)
    # Most wanted first once counted; until then in one order for all, with what only leaders brought in last.
    return (-got.people, -got.dots) if got else (0, 0), _of_leaders(turn, there, item), gathered.place(turn, item.id)


def _of_leaders(turn: Turn, there: Gathered, item: Contribution) -> bool:
    return all(turn.people[idea.member_id].leads for idea in merging.ideas_of(there, item))


def _tally(turn: Turn) -> dict[int, Tally]:
    round_ = rounds.latest(turn, dots.KIND)
    return dots.tally(turn, round_) if round_ is not None and round_.closed_at is not None else {}


def _idea(turn: Turn, there: Gathered, item: Contribution) -> dict[str, Any]:
    into = merging.into(there, item)
    return {
        "id": item.id,
        "text": item.body["text"],
        "why": item.body["why"],
        "version": item.version,
        "mine": _mine(turn, item),
        "author": turn.names.get(item.member_id),
        "into": into.body["text"] if into else "",
        "responses": [
            {"text": each.body["text"], "author": turn.names.get(each.member_id)}
            for each in there.linked_to(item, ANSWERS)
            if each.kind == RESPONSE
        ],
    }


def _candidate(
    turn: Turn, there: Gathered, item: Contribution, tally: dict[int, Tally], text: Contribution | None
) -> dict[str, Any]:
    ideas = merging.ideas_of(there, item)
    return {
        "id": item.id,
        "text": item.body["text"],
        "why": item.body["why"],
        "merged": item.kind == merging.MERGED,
        "mine": any(_mine(turn, idea) for idea in ideas),
        "ideas": [idea.body["text"] for idea in ideas],
        "whys": [idea.body["why"] for idea in ideas],
        "tally": tally.get(item.id),
        "used": text is not None and item in there.linked_from(text, BUILT_FROM),
    }


def _became(turn: Turn, there: Gathered, text: Contribution | None) -> list[dict[str, Any]]:
    """What became of each of the member's own ideas."""
    found = []
    for idea in there.of(IDEA):
        if _mine(turn, idea):
            top = merging.top(there, idea)
            used = text is not None and top in there.linked_from(text, BUILT_FROM)
            found.append({"text": idea.body["text"], "into": top.body["text"] if top is not idea else "", "used": used})
    return found


def _group(turn: Turn, there: Gathered) -> dict[str, Any]:
    found = merging.my_group(turn, there)
    if found is None:
        return {"with_whom": [], "made": [], "group_done": False}
    group, people = found
    me = turn.member.id if turn.member else 0
    decisions = there.linked_to(group, merging.MADE_BY)
    made = [item for item in decisions if item.kind == merging.MERGED]
    return {
        "with_whom": [turn.people[each].name for each in people if each != me],
        "group_done": bool(decisions),
        "made": [
            {
                "id": item.id,
                "text": item.body["text"],
                "why": item.body["why"],
                "version": item.version,
                "sources": [each.id for each in there.linked_to(item, merging.INTO)],
                "choices": [
                    (str(each.id), each.body["text"])
                    for each in [*there.linked_to(item, merging.INTO), *merging.candidates(there)]
                    if each is not item
                ],
                "settled": merging.into(there, item) is not None,
            }
            for item in made
        ],
    }


def _drafting(turn: Turn, there: Gathered, text: Contribution | None) -> dict[str, Any]:
    pens = there.of(pen.KIND)
    holder = pen.holder(turn, pens)
    me = turn.member.id if turn.member else 0
    return {
        "pen_mine": holder is not None and holder.member_id == me,
        "pen_with": turn.people[holder.member_id].name if holder else None,
        "pen_since": holder.created_at if holder else None,
        "may_take_pen": pen.may_take(turn, pens),
        "checks": list(manageability.CHECKS.items()),
        "check_answers": list(manageability.ANSWERS.items()),
        "obstacles": obstacles(turn, there, text),
        "built_from": [str(item.id) for item in there.linked_from(text, BUILT_FROM)] if text else [],
    }


def obstacles(turn: Turn, there: Gathered, text: Contribution | None) -> list[Any]:
    """Why the text cannot be put to everyone yet, each a refusal with its sentence."""
    if text is None:
        return []
    return [
        *manageability.obstacles(text.body),
        *stakeholders.obstacles(there),
        *objections.obstacles(turn, there, text),
    ]


def _text(text: Contribution) -> dict[str, Any]:
    body = text.body
    return {
        "signs": body.get("signs", []),
        "subgoals": body.get("subgoals", []),
        "horizon": _day(body.get("horizon", "")),
        "checked": [
            (words, manageability.ANSWERS[body["checks"][name]])
            for name, words in manageability.CHECKS.items()
            if name in body.get("checks", {})
        ],
        "too_big": manageability.looks_too_big(body),
    }


def _day(iso: str) -> dt.datetime | None:
    """Noon of a day kept as text: the same day in every zone a school is in."""
    return dt.datetime.combine(dt.date.fromisoformat(iso), dt.time(12), dt.UTC) if iso else None


def _decided(turn: Turn, there: Gathered, text: Contribution | None) -> dict[str, Any]:
    round_ = rounds.latest(turn, consent.KIND)
    if round_ is None or text is None:
        return {}
    if round_.closed_at is None:
        return {"consent": round_, "my_answer": consent.mine(turn, round_)}
    given = consent.answers(turn, round_)
    resolved = objections.resolutions(there)
    afterwards = late.given(there, text.version)
    shown: dict[str, Any] = {
        "consent": round_,
        "answers": consent.totals(given),
        "concerns": [each for row in given if row.answer == Answer.CONCERN for each in _answered(row, resolved)],
        "objections": [each for row in given if row.answer == Answer.OBJECTION for each in _answered(row, resolved)],
        "late": len(afterwards),
        "late_concerns": [each["concern"] for each in afterwards if each["concern"]],
    }
    if turn.run.closed_at is not None:
        shown["earlier"] = [each.body["text"] for each in contributions.revisions(turn, text)]
    return shown


def _answered(row: Any, resolved: dict[int, Contribution]) -> Sequence[dict[str, Any]]:
    found = resolved.get(row.id)
    return [
        {
            **row.body,
            "id": row.id,
            "done": found.body["text"] if found else "",
            "done_version": found.version if found else 0,
        }
    ]


def _mine(turn: Turn, item: Contribution) -> bool:
    return turn.member is not None and item.member_id == turn.member.id
