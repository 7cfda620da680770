"""What the pages of step 2 show: nothing that is still hidden, and no name but who takes a task on."""

import datetime as dt
from typing import Any

from lti_tool.domain import attachments, consent, contributions, dots, evidence, inquiry, late, objections, rounds
from lti_tool.domain import gathered as gathering
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import Turn
from lti_tool.domain.evidence import EVIDENCE, LENSES, SORTS, VOICES, WEIGHS
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.inquiry import FOR, PLAN, QUESTION, WONDERED
from lti_tool.domain.stakeholders import GROUPS, NO_VOICE, VOICE
from lti_tool.models import Attachment, Contribution
from lti_tool.steps.information.acts import held, obstacles


def ambition(turn: Turn) -> tuple[dict[str, Any], list[Contribution]]:
    """What step 1 came to, and whom it agreed to ask."""
    found = turn.once("ambition", lambda: contributions.of_step(turn, "ambition", "proposal", VOICE))
    texts = [item.body for item in found if item.kind == "proposal"]
    return (texts[-1] if texts else {}), [item for item in found if item.kind == VOICE]


def asking(turn: Turn) -> dict[str, Any]:
    """One's own questions while all write; then all of them, to lay dots on."""
    there = held(turn)
    adopted, _ = ambition(turn)
    items = sorted(there.of(WONDERED), key=lambda item: gathering.place(turn, item.id))
    shown: dict[str, Any] = {
        "ambition": adopted.get("text", ""),
        "signs": [(sign, sign) for sign in adopted.get("signs", [])],
        "max_questions": inquiry.MOST_EACH,
        "dots_each": dots.EACH,
        "wondered": [_question(turn, item) for item in items],
    }
    if turn.run.stage == "choose":
        shown["my_dots"] = dots.mine(turn, rounds.open_one(turn, dots.KIND))
    return shown


def gathered(turn: Turn) -> dict[str, Any]:
    """The questions with what is planned and what is there, and what is still lacking."""
    there, files = held(turn), evidence.files(turn, held(turn))
    adopted, voices = ambition(turn)
    questions = there.of(QUESTION)
    pieces = there.of(EVIDENCE)
    shown: dict[str, Any] = {
        "ambition": adopted.get("text", ""),
        "questions": [
            {
                **_question(turn, item),
                "plans": [_plan(turn, each) for each in there.linked_to(item, FOR) if each.kind == PLAN],
                "evidence": [_piece(turn, there, each, files) for each in there.linked_to(item, evidence.ABOUT)],
                "lenses": [
                    (words, sum(each.body["lens"] == lens for each in there.linked_to(item, evidence.ABOUT)))
                    for lens, words in LENSES.items()
                ],
            }
            for item in questions
        ],
        "question_options": [(item.id, item.body["text"]) for item in questions],
        "pieces": len(pieces),
        "outside": sum(evidence.from_outside(item) for item in pieces),
        "no_voice": next(iter(reversed(there.of(NO_VOICE))), None),
        "agreed": [_voice(turn, item) for item in voices],
        "sorts": list(SORTS.items()),
        "lens_options": list(LENSES.items()),
        "voice_options": list(VOICES.items()),
        "not_chosen": [item.body["text"] for item in _not_chosen(turn, there)],
        "obstacles": obstacles(turn) if turn.run.stage == "gather" else [],
    }
    shown.update(_decided(turn, there))
    return shown


def _not_chosen(turn: Turn, there: Gathered) -> list[Contribution]:
    among = sorted(there.of(WONDERED), key=lambda item: gathering.place(turn, item.id))
    return [item for item in among if not there.linked_to(item, "adopted from")]


def _question(turn: Turn, item: Contribution) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": item.body["text"],
        "sign": item.body.get("sign", ""),
        "version": item.version,
        "mine": _mine(turn, item),
    }


def _plan(turn: Turn, item: Contribution) -> dict[str, Any]:
    day = item.body["date"]
    return {
        "id": item.id,
        "source": item.body["source"],
        "exists": item.body["exists"],
        "day": dt.date.fromisoformat(day) if day else None,
        "who": turn.people[item.member_id].name,
        "mine": _mine(turn, item),
    }


def _piece(turn: Turn, there: Gathered, item: Contribution, files: dict[int, Attachment]) -> dict[str, Any]:
    body, file = item.body, files.get(item.id)
    about = there.linked_from(item, evidence.ABOUT)
    return {
        **{name: body.get(name, "") for name in ("text", "source", "amount", "unit", "url", "can", "cannot")},
        "id": item.id,
        "label": f"E{body['number']}",
        "version": item.version,
        "mine": _mine(turn, item),
        "author": turn.names.get(item.member_id),
        "sort": body["sort"],
        "sort_words": SORTS[body["sort"]],
        "lens": body["lens"],
        "lens_words": LENSES[body["lens"]],
        "voice": body["voice"],
        "voice_words": VOICES[body["voice"]],
        "outside": evidence.from_outside(item),
        "question": about[0].id if about else "",
        "file": {"id": file.id, "name": file.name, "kb": max(1, round(file.size / 1024))} if file else None,
        "picture": bool(file and file.media_type in attachments.PICTURES),
        "weighings": [
            {
                **each.body,
                "id": each.id,
                "mine": _mine(turn, each),
                "author": turn.names.get(each.member_id),
            }
            for each in sorted(there.linked_to(item, WEIGHS), key=lambda one: gathering.place(turn, one.id))
        ],
    }


def _voice(turn: Turn, item: Contribution) -> dict[str, Any]:
    return {
        "group": GROUPS[item.body["group"]],
        "question": item.body["question"],
        "day": dt.date.fromisoformat(item.body["date"]),
        "who": turn.people[item.member_id].name,
    }


def _decided(turn: Turn, there: Gathered) -> dict[str, Any]:
    round_ = rounds.latest(turn, consent.KIND)
    if round_ is None:
        return {"objections": [], "concerns": []}
    if round_.closed_at is None:
        return {"my_answer": consent.mine(turn, round_), "objections": [], "concerns": []}
    afterwards = late.given(there, turn.run.reopened)
    # What was missed stays in sight until it is asked again; a round that was adopted had no objection.
    return {
        "answers": consent.totals(consent.answers(turn, round_)),
        "objections": objections.told(turn, there, round_, Answer.OBJECTION),
        "concerns": objections.told(turn, there, round_, Answer.CONCERN),
        "late": len(afterwards),
        "late_concerns": [each["concern"] for each in afterwards if each["concern"]],
    }


def _mine(turn: Turn, item: Contribution) -> bool:
    return turn.member is not None and item.member_id == turn.member.id
