"""What the pages of step 6 show: of the survey nothing but totals, and those for members only."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.domain import actions, consent, dots, endorsing, evidence, objections, pulse, rounds, stories, threads
from lti_tool.domain import survey as surveying
from lti_tool.domain import totals as totalling
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered, place
from lti_tool.domain.interpreting import EVIDENCE_OF
from lti_tool.domain.stories import ANSWERS, STORY
from lti_tool.domain.yields import (
    CARD,
    CHOICES,
    LEARNED_FROM,
    LOOK_BACK,
    NEXT,
    SORTS,
    VERDICTS,
    YIELD,
)
from lti_tool.models import Contribution
from lti_tool.steps.evaluation.acts import held, obstacles, proof, verdict, with_proof
from lti_tool.steps.pulse import SCALE, for_members
from lti_tool.text import Text


def alone(turn: Turn) -> dict[str, Any]:
    """One's own answers and one's own story."""
    there = held(turn)
    own = next(iter(there.of(surveying.SURVEY)), None)
    felt = next(iter(there.of(pulse.ANSWER)), None)
    story = next(iter(there.of(STORY)), None)
    return {
        "product": surveying.PRODUCT,
        "process": surveying.PROCESS,
        "felt": pulse.ITEMS,
        "scale": SCALE,
        "few": len(turn.present_ids) < totalling.LEAST,
        "least": totalling.LEAST,
        "own": own,
        "own_felt": felt.body if felt else {},
        "told": _story(turn, there, story) if story else None,
        "lens_options": list(evidence.LENSES.items()),
    }


def revealed(turn: Turn) -> dict[str, Any]:
    """Stories, verdict, cards and yield, as far as the step has come; the totals for members."""
    there = held(turn)
    shown: dict[str, Any] = {
        "stories": [_story(turn, there, item) for item in ordered(turn, there.of(STORY))],
        "my_story": any(_mine(turn, item) for item in there.of(STORY)),
        "lens_options": list(evidence.LENSES.items()),
        "dots_each": dots.EACH,
        "totals": totals(turn, there),
        "least": totalling.LEAST,
    }
    stage = turn.run.stage
    if stage == "choose":
        shown["my_dots"] = dots.mine(turn, rounds.open_one(turn, dots.KIND))
    if stage in ("verdict", "consent", "yield", "closed"):
        shown |= _verdict(turn) | _decided(turn, there) | _yield(turn, there)
    return shown


def ordered(turn: Turn, items: Sequence[Contribution]) -> list[Contribution]:
    """In one order for everybody, which tells neither who wrote first nor who came late."""
    return sorted(items, key=lambda item: place(turn, item.id))


def totals(turn: Turn, there: Gathered) -> dict[str, Any] | None:
    """What was published of survey and pulse: means and how many answered; None for who does not take part."""
    found = {item.kind: item.body for item in there.of(*totalling.PUBLISHED)}
    if not for_members(turn) or totalling.SURVEY not in found:
        return None
    means: Mapping[str, float | None] = found[totalling.SURVEY]["means"]
    felt: Mapping[str, float | None] = found[totalling.PULSE]["means"]
    parts = (
        (Text("Wat het opleverde", "What it brought"), surveying.PRODUCT, means),
        (Text("Hoe het ging", "How it went"), surveying.PROCESS, means),
        (Text("Hoe we erin staan", "How we feel about it"), pulse.ITEMS, felt),
    )
    return {
        "people": found[totalling.SURVEY]["people"],
        "parts": [(title, [(words, mean[name]) for name, words in items.items()]) for title, items, mean in parts],
    }


def source_options(turn: Turn, *kinds: str) -> list[tuple[str, Text]]:
    """What can be pointed to, in words; results first."""
    order = (actions.RESULT, actions.ACTION, evidence.EVIDENCE)
    items = sorted((item for item in proof(turn).values() if item.kind in kinds), key=lambda i: order.index(i.kind))
    return [(str(item.id), source(turn, item)) for item in items]


def source(turn: Turn, item: Contribution, brief: bool = False) -> Text:
    """One thing that is pointed to, in words. brief: of a result only of which action, where many point to the same."""
    if item.kind == evidence.EVIDENCE:
        said = f"E{item.body.get('number', '')} · {evidence.words(item.body)}"
        return Text(said, said)
    if item.kind == actions.ACTION:
        what = item.body["what"]
        return Text(f"Actie · {what}", f"Action · {what}")
    of = next(iter(actions.held(turn).linked_from(item, actions.ENDS)), None)
    learned = str(item.body["learned"])
    said = of.body["what"] if of and brief else f"{of.body['what']}: {learned}" if of else learned
    return Text(f"Resultaat · {said}", f"Result · {said}")


def _story(turn: Turn, there: Gathered, item: Contribution) -> dict[str, Any]:
    return {
        **{name: item.body[name] for name in ("text", "why", "lens")},
        "id": item.id,
        "version": item.version,
        "lens_words": evidence.LENSES[item.body["lens"]],
        "mine": _mine(turn, item),
        "author": turn.names.get(item.member_id),
        "responses": [
            {"id": each.id, "text": each.body["text"], "mine": _mine(turn, each), "author": turn.names.get(each.member_id)}
            for each in ordered(turn, there.linked_to(item, ANSWERS))
        ],
    }  # fmt: skip


def _verdict(turn: Turn) -> dict[str, Any]:
    there = with_proof(turn)
    choice, text = stories.chosen(there), verdict(there)
    ambition = threads.sources(turn).ambition
    cards = ordered(turn, there.of(CARD))
    shown: dict[str, Any] = {
        "ambition": ambition.body["text"] if ambition else "",
        "choice": choice,
        "chosen": next((_story(turn, there, item) for item in there.linked_from(choice, stories.IS)), None)
        if choice
        else None,
        "verdicts": list(VERDICTS.items()),
        "verdict": None,
        "sorts": list(SORTS.items()),
        "cards": [
            (words, found)
            for sort, words in SORTS.items()
            if (found := [_card(turn, there, item) for item in cards if item.body["sort"] == sort])
        ],
        "proof": source_options(turn, evidence.EVIDENCE, actions.RESULT),
        "learned_from": source_options(turn, evidence.EVIDENCE, actions.RESULT, actions.ACTION),
        "obstacles": obstacles(turn),
    }
    if text is not None:
        sources = there.linked_from(text, EVIDENCE_OF)
        shown["verdict"] = {
            **text.body,
            "words": VERDICTS[text.body["answer"]],
            "version": text.version,
            "sources": [source(turn, each) for each in sources],
            "source_ids": [each.id for each in sources],
        }
    return shown


def _card(turn: Turn, there: Gathered, item: Contribution) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": item.body["text"],
        "mine": _mine(turn, item),
        "author": turn.names.get(item.member_id),
        "sources": [source(turn, each, brief=True) for each in there.linked_from(item, LEARNED_FROM)],
    }


def _decided(turn: Turn, there: Gathered) -> dict[str, Any]:
    round_ = rounds.latest(turn, consent.KIND)
    if round_ is None:
        return {"objections": [], "concerns": []}
    if round_.closed_at is None:
        return {"my_answer": consent.mine(turn, round_), "objections": [], "concerns": []}
    return {
        "objections": objections.told(turn, there, round_, Answer.OBJECTION),
        "concerns": objections.told(turn, there, round_, Answer.CONCERN),
    }


def _yield(turn: Turn, there: Gathered) -> dict[str, Any]:
    text, decision, later = (next(iter(there.of(kind)), None) for kind in (YIELD, NEXT, LOOK_BACK))
    shown: dict[str, Any] = {
        "result": {**text.body, "version": text.version} if text else None,
        "choices": list(CHOICES.items()),
        "decision": {**decision.body, "words": CHOICES[decision.body["choice"]], "version": decision.version}
        if decision
        else None,
        "look_back": {"day": dt.date.fromisoformat(later.body["date"]), "what": later.body["what"]} if later else None,
        "round": None,
    }
    round_ = rounds.latest(turn, endorsing.KIND)
    if round_ is None:
        return shown
    given = consent.answers(turn, round_)
    shown["round"] = round_
    shown["asked_again"] = len(rounds.of_kind(turn, endorsing.KIND)) > 1
    shown["my_word"] = consent.mine(turn, round_)
    shown["still_missing"] = [
        row.body["missing"] for row in sorted(given, key=lambda row: place(turn, row.id)) if row.body
    ]
    if round_.closed_at is not None:
        late = endorsing.afterwards(there, round_)
        shown["behind"] = endorsing.behind(given) + sum(item.body["answer"] == endorsing.Say.ENDORSE for item in late)
        shown["was_heard"] = turn.member is not None and endorsing.heard(turn, there, round_, turn.member.id)
    return shown


def _mine(turn: Turn, item: Contribution) -> bool:
    return turn.member is not None and item.member_id == turn.member.id
