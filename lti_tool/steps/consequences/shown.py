"""What the pages of step 4 show: nothing that is still hidden, and no name but of who takes an action on."""

from collections.abc import Iterable, Sequence
from typing import Any

from lti_tool.domain import actions, consent, gathered, late, objections, rounds, support
from lti_tool.domain.actions import (
    ADVICE,
    ANSWERS,
    CONSEQUENCE,
    FOLLOWS_FROM,
    JOINS,
    NEW,
    PASS,
    REALISES,
    Card,
    held,
)
from lti_tool.domain.adopting import ADOPTED_FROM
from lti_tool.domain.attention import ATTENTION
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import Turn
from lti_tool.domain.evidence import ABOUT, LENSES
from lti_tool.domain.evidence import words as evidence_words
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.interpreting import BUILT_FROM, EVIDENCE_OF
from lti_tool.domain.support import REPLIES, Request
from lti_tool.models import Contribution
from lti_tool.steps.consequences.acts import MAX_PROPOSALS, asked_about, obstacles
from lti_tool.steps.consequences.forms import ADVISE, CLARIFY, PROBE, SORTS
from lti_tool.text import Text

NEW_IDEA = Text("Een nieuw idee, los van onze aandachtspunten", "A new idea, apart from our points of attention")
# What stands above what was said of a proposal. Advice comes last.
SAID = {
    CLARIFY: Text("Om het te begrijpen", "To understand it"),
    PROBE: Text("Om verder te denken", "To think further"),
    ADVISE: Text("Advies", "Advice"),
}


def sentence(item: Contribution) -> Text:
    """A proposal in one sentence."""
    said = item.body
    return Text(
        f"Als we {said['if']}, dan zien we {said['then']}, en dat merken we aan {said['notice']}",
        f"If we {said['if']}, then we see {said['then']}, and we notice it by {said['notice']}",
    )


def short(text: str) -> str:
    """A text as a choice in a list."""
    return text if len(text) <= 80 else f"{text[:79]}…"


def placed(turn: Turn, items: Iterable[Contribution]) -> list[Contribution]:
    """In one order for everybody, which tells neither who wrote first nor who came late."""
    return sorted(items, key=lambda item: gathered.place(turn, item.id))


def sources(turn: Turn) -> list[tuple[str, Text | str]]:
    """What a proposal can rest on, to choose from."""
    return [*((str(item.id), item.body["text"]) for item in held(turn).of(ATTENTION)), (NEW, NEW_IDEA)]


def origins(turn: Turn) -> list[tuple[str, Text | str]]:
    """What an action can be made from, to choose from: proposals first, and then attention points."""
    there = held(turn)
    proposals = [(str(item.id), short(item.body["if"])) for item in placed(turn, there.of(CONSEQUENCE))]
    return [*proposals, *((str(item.id), short(item.body["text"])) for item in there.of(ATTENTION))]


def alone(turn: Turn) -> dict[str, Any]:
    """The attention points, and one's own proposals while all write."""
    there = held(turn)
    return {
        "max_proposals": MAX_PROPOSALS,
        "points": _points(there),
        "sources": sources(turn),
        "proposals": [_proposal(turn, there, item) for item in there.of(CONSEQUENCE)],
    }


def revealed(turn: Turn) -> dict[str, Any]:
    """The proposals with what was said of them; the board with its load and its requests, once that is open."""
    there = held(turn)
    shown: dict[str, Any] = {
        "max_proposals": MAX_PROPOSALS,
        "points": _points(there),
        "sources": sources(turn),
        "proposals": [_proposal(turn, there, item) for item in placed(turn, there.of(CONSEQUENCE))],
    }
    if turn.run.stage != "advise":
        shown.update(_board(turn, there))
        shown.update(_decided(turn, there))
    return shown


def for_leader(turn: Turn) -> dict[str, Any]:
    """The requests, unanswered first, without anybody's name; and how many hours the community is short."""
    found = support.requests(actions.held(turn))
    return {
        "requests": [_request(turn, each) for each in found],
        "waiting": bool(support.unanswered(found)),
        "replies": list(REPLIES.items()),
        "shortage": actions.shortage(turn),
    }


def _points(there: Gathered) -> list[dict[str, Any]]:
    """The attention points, each with what it goes back to."""
    return [_point(there, item) for item in there.of(ATTENTION)]


def _point(there: Gathered, item: Contribution) -> dict[str, Any]:
    chosen = there.linked_from(item, ADOPTED_FROM)
    observations = [seen for each in chosen for seen in there.linked_from(each, BUILT_FROM)]
    evidence = dict.fromkeys(piece for seen in observations for piece in there.linked_from(seen, EVIDENCE_OF))
    questions = dict.fromkeys(asked for piece in evidence for asked in there.linked_from(piece, ABOUT))
    ambition = there.of("proposal")
    return {
        "id": item.id,
        "text": item.body["text"],
        "why": item.body.get("why", ""),
        "observations": [each.body["text"] for each in observations],
        "evidence": [{"label": f"E{each.body['number']}", "text": evidence_words(each.body)} for each in evidence],
        "questions": [each.body["text"] for each in questions],
        "ambition": ambition[-1].body["text"] if ambition else "",
    }


def _proposal(turn: Turn, there: Gathered, item: Contribution) -> dict[str, Any]:
    joined = there.linked_to(item, JOINS)
    rests_on = there.linked_from(item, FOLLOWS_FROM)
    said = [each for each in placed(turn, there.linked_to(item, ANSWERS)) if each.kind == ADVICE]
    return {
        "id": item.id,
        "act": item.body["if"],
        "effect": item.body["then"],
        "notice": item.body["notice"],
        "version": item.version,
        "mine": _mine(turn, item),
        "author": turn.names.get(item.member_id),
        "new": item.body["source"] == NEW,
        "points": [each.body["text"] for each in rests_on],
        "chosen": [NEW] if item.body["source"] == NEW else [each.id for each in rests_on],
        "joined": len(joined),
        "i_joined": next((each.id for each in joined if _mine(turn, each)), None),
        "sentence": sentence(item),
        "said": [
            (words, [_said(turn, each) for each in said if each.body["sort"] == sort]) for sort, words in SAID.items()
        ],
        "asked": bool(said),
        "sorts": [(sort, name) for sort, name in SORTS.items() if sort != ADVISE or asked_about(there, item)],
        "on_board": bool(there.linked_to(item, REALISES)),
    }


def _said(turn: Turn, item: Contribution) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": item.body["text"],
        "mine": _mine(turn, item),
        "author": turn.names.get(item.member_id),
    }


def _board(turn: Turn, there: Gathered) -> dict[str, Any]:
    found = actions.cards(there)
    asked = support.requests(there)
    me = turn.member.id if turn.member else 0
    points = {each["id"]: each for each in _points(there)}
    may, planned = actions.budget(there), actions.planned(found)
    have, needed = actions.carriers_needed(turn, there)
    return {
        "cards": [_card(turn, each, asked, points, me) for each in found],
        "action_options": [(each.item.id, short(each.item.body["what"])) for each in found],
        "origins": origins(turn),
        "lens_options": [("", Text("kies ik nu niet", "not now")), *LENSES.items()],
        "full": len(actions.active(found, me)) >= actions.MOST_OWNED,
        "passed": any(_mine(turn, each) for each in there.of(PASS)),
        "planned": planned,
        "budget": may,
        "too_much": actions.shortage(turn),
        "carry": have,
        "carry_needed": needed,
        "requests": [_request(turn, each) for each in asked],
        "obstacles": obstacles(turn) if turn.run.stage == "board" else [],
    }


def _card(
    turn: Turn, card: Card, asked: Sequence[Request], points: dict[int, dict[str, Any]], me: int
) -> dict[str, Any]:
    body = card.item.body
    return {
        "id": card.item.id,
        **{name: body.get(name) or "" for name in ("what", "sign", "practice", "date", "hours", "lens")},
        "version": card.item.version,
        "day": card.day,
        "lens_words": LENSES.get(body.get("lens", "")),
        "owners": [turn.people[each].name for each in card.owners],
        "buddies": [turn.people[each].name for each in card.buddies],
        "held": bool(turn.present_ids.intersection([*card.owners, *card.buddies])),
        "i_own": me in card.owners,
        "i_buddy": me in card.buddies,
        "ended": card.result is not None,
        "bare": not (card.requests or card.logs or card.result),
        "proposal": sentence(card.consequence) if card.consequence else None,
        "new": not card.points and card.rooted,
        "rooted": card.rooted,
        "points": [points[each.id] for each in card.points if each.id in points],
        "requests": [_request(turn, each) for each in asked if each.action is card.item],
    }


def _request(turn: Turn, each: Request) -> dict[str, Any]:
    return {
        "id": each.item.id,
        "text": each.item.body["text"],
        "day": each.day,
        "version": each.item.version,
        "mine": _mine(turn, each.item),
        "for_all": each.action is None,
        "overdue": each.overdue,
        "settled": each.settled,
        "answer": each.answer.body["answer"] if each.answer else "",
        "answer_words": REPLIES[each.answer.body["answer"]] if each.answer else None,
        "answer_text": each.answer.body["text"] if each.answer else "",
        "answer_version": each.answer.version if each.answer else 0,
        "answered_at": each.answer.updated_at if each.answer else None,
        "gone_on": each.gone_on.body["reason"] if each.gone_on else "",
    }


def _decided(turn: Turn, there: Gathered) -> dict[str, Any]:
    round_ = rounds.latest(turn, consent.KIND)
    if round_ is None:
        return {"objections": [], "concerns": []}
    if round_.closed_at is None:
        return {"my_answer": consent.mine(turn, round_), "objections": [], "concerns": []}
    given, resolved = consent.answers(turn, round_), objections.resolutions(there)
    afterwards = late.given(there, turn.run.reopened)

    def said(answer: Answer) -> list[dict[str, Any]]:
        return [
            {
                **row.body,
                "id": row.id,
                "done": resolved[row.id].body["text"] if row.id in resolved else "",
                "done_version": resolved[row.id].version if row.id in resolved else 0,
            }
            for row in sorted(given, key=lambda row: gathered.place(turn, row.id))
            if row.answer == answer
        ]

    return {
        "objections": said(Answer.OBJECTION),
        "concerns": said(Answer.CONCERN),
        "late": len(afterwards),
        "late_concerns": [each["concern"] for each in afterwards if each["concern"]],
    }


def _mine(turn: Turn, item: Contribution) -> bool:
    return turn.member is not None and item.member_id == turn.member.id
