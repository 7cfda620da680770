"""Step 6's forms: whatever is refused has a reason and changes nothing."""

import pytest

from lti_tool.models.voices import Contribution
from tests.unit.forms import HUGE, LATER, MISSING, Fields, own
from tests.web.ways.evaluation import at, card, going_on, items, judged, later, numbers, proof, tale

# stage, action, form, why it is refused. The actor is the first of four.
REFUSED: list[tuple[str, str, Fields, str | dict[str, list[str]]]] = [
    ("survey", "survey", lambda _: {}, "answer_missing"),
    ("survey", "survey", lambda _: {"pulse": {"ours": 3}}, "answer_missing"),
    ("survey", "survey", lambda _: {"item": {"reached": 6}}, {"item": ["not_found"]}),
    ("survey", "survey", lambda _: {"item": {"reached": 0}}, {"item": ["not_found"]}),
    ("survey", "survey", lambda _: {"item": {"salary": 3}}, {"item": ["not_found"]}),
    ("survey", "survey", lambda _: {"item": {"reached": 3}, "pulse": {"reached": 3}}, {"pulse": ["not_found"]}),
    ("survey", "story", tale(text=""), {"text": [MISSING]}),
    ("survey", "story", tale(text="…"), "blank"),
    ("survey", "story", tale(why=""), {"why": [MISSING]}),
    ("survey", "story", tale(why="?"), "blank"),
    ("survey", "story", tale(text="a" * 601), {"text": ["too_long"]}),
    ("survey", "story", tale(lens="money"), {"lens": ["lens_missing"]}),
    ("survey", "story", tale(id=HUGE), "not_found"),
    ("survey", "respond", lambda _: {"story": 1, "text": "te vroeg in onze lessen"}, LATER),
    ("survey", "endorse", lambda _: {"answer": "endorse", "round": 1}, LATER),
    ("survey", "withdraw", lambda _: {"id": HUGE}, "not_found"),
    ("stories", "survey", lambda _: numbers(0), LATER),
    ("stories", "story", tale(), "one_story"),
    ("stories", "story", lambda c: {**tale()(c), "id": own(c, 0, "story")[0].id}, "story_revealed"),
    ("stories", "respond", lambda c: {"story": own(c, 0, "story")[0].id, "text": "knap in onze lessen"}, "own_story"),
    ("stories", "respond", lambda c: {"story": own(c, 1, "story")[0].id, "text": "!"}, "blank"),
    ("stories", "respond", lambda _: {"text": "waarop? in onze lessen"}, {"story": ["story_missing"]}),
    ("stories", "respond", lambda _: {"story": HUGE, "text": "waarop? in onze lessen"}, "not_found"),
    ("stories", "withdraw", lambda c: {"id": own(c, 1, "story")[0].id}, "not_found"),
    ("choose", "dots", lambda _: {}, "no_dots"),
    ("choose", "dots", lambda _: {"dots": {HUGE: 1}}, "not_found"),
    ("choose", "dots", lambda c: {"dots": {items(c, "story")[0].id: 4}}, {"dots": ["too_many_dots"]}),
    ("choose", "story", tale(), LATER),
    ("choose", "withdraw", lambda c: {"id": own(c, 0, "story")[0].id}, "not_found"),
    ("verdict", "why", lambda _: {"text": "", "version": 1}, {"text": [MISSING]}),
    ("verdict", "why", lambda _: {"text": "daarom in onze lessen", "version": 9}, "changed_meanwhile"),
    ("verdict", "verdict", judged(answer="bijna"), {"answer": ["answer_missing"]}),
    ("verdict", "verdict", judged(text="?"), "blank"),
    ("verdict", "verdict", judged(sources=[]), {"sources": ["proof_missing"]}),
    ("verdict", "verdict", judged(sources=[HUGE]), "not_found"),
    ("verdict", "verdict", judged(sources=lambda c: [own(c, 0, "story")[0].id]), "not_found"),
    ("verdict", "verdict", judged(sources=lambda c: [proof(c)["action"]]), "not_found"),
    ("verdict", "verdict", judged(version=3), "changed_meanwhile"),
    ("verdict", "card", card(sort="feel"), {"sort": ["card_sort_missing"]}),
    ("verdict", "card", card(text=" "), {"text": [MISSING]}),
    ("verdict", "card", card(sources=[]), {"sources": ["proof_missing"]}),
    ("verdict", "card", card(sources=[1, HUGE]), "not_found"),
    ("verdict", "yield", lambda _: {"text": "te vroeg in onze lessen"}, LATER),
    ("consent", "consent", lambda _: {"answer": "concern"}, {"concern": ["concern_missing"]}),
    ("consent", "verdict", judged(), LATER),
    ("yield", "yield", lambda _: {"text": ""}, {"text": [MISSING]}),
    ("yield", "yield", lambda _: {"text": "…"}, "blank"),
    ("yield", "yield", lambda _: {"text": "goed", "lessons": "\n".join("abcdef")}, {"lessons": ["too_many_lessons"]}),
    ("yield", "yield", lambda _: {"text": "goed in onze lessen", "lessons": "a" * 301}, {"lessons": ["too_long"]}),
    ("yield", "yield", lambda _: {"text": "goed in onze lessen", "version": 2}, "changed_meanwhile"),
    ("yield", "next", going_on(choice="misschien"), {"choice": ["answer_missing"]}),
    ("yield", "next", going_on(text="?"), "blank"),
    ("yield", "next", going_on(what=""), {"what": [MISSING]}),
    ("yield", "next", going_on(date="ooit"), {"date": ["date_missing"]}),
    ("yield", "next", lambda c: going_on(date=later(0))(c), {"date": ["date_passed"]}),
    ("yield", "next", lambda c: going_on(date=later(731))(c), {"date": ["look_back_too_far"]}),
    ("yield", "endorse", lambda _: {"answer": "endorse", "round": 1}, LATER),
    ("endorse", "endorse", lambda _: {"answer": "endorse", "round": 1}, "yield_changed"),
    ("endorse", "endorse", lambda _: {"answer": "ja", "round": 1}, {"answer": ["answer_missing"]}),
    ("endorse", "yield", lambda _: {"text": "stiekem anders in onze lessen", "version": 1}, LATER),
    ("endorse", "next", going_on(version=1), LATER),
    ("endorse", "late", lambda _: {"answer": "endorse"}, LATER),
    ("closed", "yield", lambda _: {"text": "stiekem anders in onze lessen", "version": 1}, LATER),
    ("closed", "survey", lambda _: numbers(0), LATER),
    ("closed", "late", lambda _: {"answer": "endorse"}, "already_chosen"),
    ("closed", "late", lambda _: {"answer": "not_yet"}, "late_not_yet"),
]  # fmt: skip


@pytest.mark.parametrize("stage", ["survey", "stories", "choose", "verdict", "consent", "yield", "endorse", "closed"])
def test_what_is_refused_is_refused_with_a_reason_and_changes_nothing(stage: str) -> None:
    rows = [row for row in REFUSED if row[0] == stage]
    with at(4, stage) as c:
        if stage == "survey":
            assert rows
        before = c.session.query(Contribution).count()
        for _, action, fields, why in rows:
            if (stage, action) == ("survey", "story"):
                assert not own(c, 0, "story")
            assert c.refused(0, action, **fields(c)) == why, (stage, action, why)
        assert c.session.query(Contribution).count() == before
