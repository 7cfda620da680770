"""Step 3's forms: whatever is refused has a reason and changes nothing."""

from typing import Any

import pytest

from lti_tool.models.voices import Contribution
from lti_tool.steps.interpretation import Interpretation
from tests.unit.forms import HUGE, LATER, LONG, MISSING, Fields, ids, moments, own
from tests.web.circle import Circle
from tests.web.ways.interpretation import at, evidence, need

# Fields: what the first of three members fills in.


def fact(text: str = "vier lezen thuis", which: Any = lambda c: [evidence(c)[0]], **more: Any) -> Fields:
    return lambda c: {"text": text, "evidence": which(c), **more}


def theirs(whose: int = 1, **fields: Any) -> Fields:
    return lambda c: {"observation": own(c, whose, "observation")[0].id, **fields}


def reason(text: str = "door iets nieuws", **more: Any) -> Fields:
    return lambda c: {"text": text, "observations": [ids(c, "observation")[0]], **more}


def elsewhere(c: Circle) -> dict[str, Any]:
    """An explanation of the second observation, beside one of the first."""
    return reason(observations=ids(c, "observation")[1:], rival=ids(c, "explanation")[0])(c)


def mended(c: Circle) -> dict[str, Any]:
    """One's own point, as it is."""
    mine = own(c, 0, "point")[0]
    return {"id": mine.id, "version": mine.version, **mine.body}


# stage, action, form, why it is refused (a code, or the codes by field). The actor is the first of three;
# in "see" each has written one observation, "te zien <n>"; all explained the first observation.
REFUSED: list[tuple[str, str, Fields, str | dict[str, list[str]]]] = [
    ("see", "observe", fact(which=lambda _: []), {"evidence": ["evidence_missing"]}),
    ("see", "observe", lambda _: {"text": "los in de lucht"}, {"evidence": ["evidence_missing"]}),
    ("see", "observe", fact(which=lambda _: [""]), {"evidence": ["evidence_missing"]}),
    ("see", "observe", fact(which=lambda _: [HUGE]), "not_found"),
    ("see", "observe", fact(which=lambda _: [-1]), "not_found"),
    ("see", "observe", fact(which=lambda c: [evidence(c)[0], HUGE]), "not_found"),
    ("see", "observe", fact(which=lambda c: [ids(c, "observation")[0]]), "not_found"),
    ("see", "observe", fact(""), {"text": [MISSING]}),
    ("see", "observe", fact("?!"), "blank"),
    ("see", "observe", fact("a" * 601), {"text": ["too_long"]}),
    ("see", "observe", lambda c: fact(own(c, 0, "observation")[0].body["text"].upper())(c), "said_already"),
    ("see", "observe", lambda c: fact(id=own(c, 1, "observation")[0].id)(c), "not_found"),
    ("see", "observe", fact(id=HUGE), "not_found"),
    ("see", "observe", lambda c: fact(id=own(c, 0, "observation")[0].id, version=7)(c), "changed_meanwhile"),
    ("see", "withdraw", lambda c: {"id": own(c, 1, "observation")[0].id}, "not_found"),
    ("see", "withdraw", lambda _: {"id": HUGE}, "not_found"),
    ("see", "react", theirs(choice="seen_too"), LATER),
    ("see", "explain", reason(), LATER),
    ("see", "minority", lambda _: {"text": "te vroeg in onze lessen"}, LATER),
    ("see", "dots", lambda _: {"dots": {1: 1}}, LATER),
    ("reflect", "observe", fact(), LATER),
    ("reflect", "withdraw", lambda c: {"id": own(c, 0, "observation")[0].id}, "not_found"),
    ("reflect", "react", theirs(choice="seen_too", whose=0), "own_observation"),
    ("reflect", "react", theirs(choice="question"), {"text": ["question_empty"]}),
    ("reflect", "react", theirs(choice="question", text="?!"), {"text": ["question_empty"]}),
    ("reflect", "react", theirs(choice="question", text=LONG), {"text": ["too_long"]}),
    ("reflect", "react", theirs(choice="weet niet"), {"choice": ["answer_missing"]}),
    ("reflect", "react", theirs(), {"choice": ["answer_missing"]}),
    ("reflect", "react", lambda _: {"observation": HUGE, "choice": "seen_too"}, "not_found"),
    ("reflect", "react", lambda c: {"observation": evidence(c)[0], "choice": "seen_too"}, "not_found"),
    ("reflect", "explain", reason(), LATER),
    ("think", "explain", reason(observations=[]), {"observations": ["observations_missing"]}),
    ("think", "explain", reason(observations=[HUGE]), "not_found"),
    ("think", "explain", reason(""), {"text": [MISSING]}),
    ("think", "explain", reason("..."), "blank"),
    ("think", "explain", reason(rival=HUGE), "not_found"),
    ("think", "explain", lambda c: reason(rival=ids(c, "observation")[0])(c), "not_found"),
    ("think", "explain", lambda c: reason(own(c, 0, "explanation")[0].body["text"].upper())(c), "said_already"),
    ("think", "explain", lambda c: reason(own(c, 1, "explanation")[0].body["text"].upper())(c), "explained_already"),
    ("think", "explain", elsewhere, "not_a_rival"),
    ("think", "withdraw", lambda c: {"id": own(c, 1, "explanation")[0].id}, "not_found"),
    ("think", "point", need(), LATER),
    ("think", "minority", lambda _: {"text": "te vroeg in onze lessen"}, LATER),
    ("need", "explain", reason(), LATER),
    ("need", "point", need(text=""), {"text": [MISSING]}),
    ("need", "point", need(why=""), {"why": [MISSING]}),
    ("need", "point", need(text="…"), "blank"),
    ("need", "point", need(observations=[]), {"observations": ["observations_missing"]}),
    ("need", "point", need(observations=[HUGE]), "not_found"),
    ("need", "point", need(observations=lambda c: [evidence(c)[0]]), "not_found"),
    ("need", "point", need(explanation=""), {"explanation": ["explanation_missing"]}),
    ("need", "point", need(explanation=lambda c: ids(c, "observation")[0]), "not_found"),
    ("need", "point", need(considered=[]), {"considered": ["alternative_missing"]}),
    ("need", "point", need(considered=lambda c: [ids(c, "explanation")[0]]), "alternative_missing"),
    ("need", "point", need(considered=[HUGE]), "not_found"),
    ("need", "point", need(observations=lambda c: [ids(c, "observation")[1]]), "one_explanation"),
    ("need", "mend", lambda _: {"id": HUGE, "version": 1, "text": "dit is anders", "why": "daarom"}, "not_found"),
    ("need", "mend", lambda _: {"version": 1, "text": "anders in onze lessen", "why": "daarom"}, {"id": ["not_found"]}),
    ("need", "resolve", lambda _: {"consent": 1, "text": "te vroeg in onze lessen"}, "not_found"),
    ("need", "fine", lambda _: {}, "nothing_to_join"),
    ("need", "minority", lambda _: {"text": "!"}, "blank"),
    ("need", "minority", lambda _: {"text": "naast niets in onze lessen", "point": HUGE}, "not_found"),
    ("need", "dots", lambda _: {"dots": {1: 1}}, LATER),
    ("need", "late", lambda _: {"answer": "agree"}, LATER),
    ("dots", "point", need(), LATER),
    ("dots", "fine", lambda _: {}, LATER),
    ("dots", "withdraw", lambda c: {"id": own(c, 0, "point")[0].id}, "not_found"),
    ("dots", "dots", lambda _: {}, "no_dots"),
    ("dots", "dots", lambda c: {"dots": dict.fromkeys(ids(c, "point"), 2)}, "too_many_dots"),
    ("dots", "dots", lambda _: {"dots": {HUGE: 1}}, "not_found"),
    ("dots", "dots", lambda c: {"dots": {ids(c, "observation")[0]: 1}}, "not_found"),
    ("closed", "dots", lambda c: {"dots": {ids(c, "point")[0]: 1}}, LATER),
    ("dots", "mend", lambda c: {**mended(c), "text": "anders in onze lessen"}, LATER),
    ("dots", "consent", lambda _: {"answer": "agree"}, LATER),
    ("consent", "dots", lambda c: {"dots": {ids(c, "point")[0]: 1}}, LATER),
    ("consent", "consent", lambda _: {}, {"answer": ["answer_missing"]}),
    ("consent", "consent", lambda _: {"answer": "objection", "harm": "te groot"}, {"proposal": ["proposal_missing"]}),
    ("consent", "resolve", lambda _: {"consent": 1, "text": "te vroeg in onze lessen"}, LATER),
    ("consent", "late", lambda _: {"answer": "agree"}, LATER),
    ("consent", "withdraw", lambda c: {"id": own(c, 0, "point")[0].id}, "not_found"),
    ("closed", "late", lambda _: {"answer": "agree"}, "already_chosen"),
    ("closed", "late", lambda _: {"answer": "concern"}, {"concern": ["concern_missing"]}),
    ("closed", "mend", mended, LATER),
    ("closed", "react", theirs(choice="seen_too"), LATER),
    ("closed", "withdraw", lambda c: {"id": own(c, 0, "point")[0].id}, LATER),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "action", "fields", "why"), REFUSED)
def test_refused_with_a_reason_and_nothing_is_changed(
    stage: str, action: str, fields: Fields, why: str | dict[str, list[str]]
) -> None:
    with at(3, stage) as c:
        if stage in ("see", "think"):
            for who in range(3):
                c.do_the_task(who, stage)
        before = _all(c)
        assert c.refused(0, action, **fields(c)) == why
        assert _all(c) == before


def _all(c: Circle) -> str:
    c.session.expire_all()
    rows = [(r.id, r.body, r.version, r.withdrawn_at) for r in c.session.query(Contribution).order_by("id")]
    laid = [(r.id, r.outcome, c.dots(r)) for r in c.rounds("dots")]
    return repr((rows, laid, [sorted(moments(c, who)) for who in range(3)], c.run.stage))


def test_every_code_of_the_table_has_a_sentence() -> None:
    from lti_tool.circle.messages import SENTENCES

    codes = {why if isinstance(why, str) else next(iter(why.values()))[0] for *_, why in REFUSED}
    assert codes - set(SENTENCES) <= set(Interpretation.sentences)
