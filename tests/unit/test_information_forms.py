"""Step 2's forms: whatever is refused has a reason and changes nothing."""

from typing import Any

import pytest

from lti_tool.models.voices import Contribution
from lti_tool.steps.information import Information
from tests.unit.forms import HUGE, LATER, LONG, MISSING, Fields, moments, own
from tests.web.circle import Circle
from tests.web.ways.consequences import soon
from tests.web.ways.information import PIECE, at, items, piece


def planned(**changes: Any) -> Fields:
    return lambda c: {"question": items(c, "question")[0].id, "source": "het volgsysteem", "exists": "yes", **changes}


# stage, action, form, why it is refused. The actor is the first of four, whose own piece is the first one.
def mine(c: Circle) -> dict[str, Any]:
    return {"text": "anders in onze lessen", "id": own(c, 0, "wondered")[0].id}


def reworded(**changes: Any) -> Fields:
    return lambda c: {"id": items(c, "question")[0].id, "version": 1, "text": "beter in onze lessen", **changes}


REFUSED: list[tuple[str, str, Fields, str | dict[str, list[str]]]] = [
    ("questions", "question", lambda _: {"text": ""}, {"text": [MISSING]}),
    ("questions", "question", lambda _: {"text": "?!"}, "blank"),
    ("questions", "question", lambda _: {"text": "a" * 301}, {"text": ["too_long"]}),
    ("questions", "question", lambda c: {"text": own(c, 0, "wondered")[0].body["text"].upper()}, "said_already"),
    ("questions", "question", lambda c: {"text": "wat is het", "id": own(c, 1, "wondered")[0].id}, "not_found"),
    ("questions", "question", lambda _: {"text": "wat is het", "id": HUGE}, "not_found"),
    ("questions", "question", lambda c: {**mine(c), "version": 7}, "changed_meanwhile"),
    ("questions", "withdraw", lambda c: {"id": own(c, 1, "wondered")[0].id}, "not_found"),
    ("questions", "withdraw", lambda _: {"id": HUGE}, "not_found"),
    ("questions", "dots", lambda _: {"dots": {1: 1}}, LATER),
    ("questions", "evidence", lambda _: {**PIECE, "text": "te vroeg in onze lessen", "question": 1}, LATER),
    ("choose", "question", lambda _: {"text": "te laat in onze lessen"}, LATER),
    ("choose", "dots", lambda _: {}, "no_dots"),
    ("choose", "dots", lambda c: {"dots": {items(c, "wondered")[0].id: 4}}, {"dots": ["too_many_dots"]}),
    ("choose", "dots", lambda _: {"dots": {HUGE: 1}}, "not_found"),
    ("choose", "withdraw", lambda c: {"id": own(c, 0, "wondered")[0].id}, LATER),
    ("gather", "evidence", piece(text=""), {"text": [MISSING]}),
    ("gather", "evidence", piece(text="..."), "blank"),
    ("gather", "evidence", piece(text=LONG), {"text": ["too_long"]}),
    ("gather", "evidence", piece(source=""), {"source": [MISSING]}),
    ("gather", "evidence", piece(sort=""), {"sort": ["sort_missing"]}),
    ("gather", "evidence", piece(sort="rumour"), {"sort": ["sort_missing"]}),
    ("gather", "evidence", piece(lens="x"), {"lens": ["lens_missing"]}),
    ("gather", "evidence", piece(voice="inspectorate"), {"voice": ["voice_missing"]}),
    ("gather", "evidence", piece(question=""), "question_missing"),
    ("gather", "evidence", piece(question=HUGE), "not_found"),
    ("gather", "evidence", piece(question=lambda c: items(c, "wondered")[0].id), "not_found"),
    ("gather", "evidence", piece(no_names=""), {"no_names": ["names_unchecked"]}),
    ("gather", "evidence", piece(sort="count"), {"amount": ["amount_wrong"], "unit": ["unit_missing"]}),
    ("gather", "evidence", piece(sort="count", amount="veel", unit="leerlingen"), {"amount": ["amount_wrong"]}),
    ("gather", "evidence", piece(sort="count", amount="-3", unit="leerlingen"), {"amount": ["amount_wrong"]}),
    ("gather", "evidence", piece(sort="count", amount="3", unit="%"), {"unit": ["unit_missing"]}),
    ("gather", "evidence", piece(sort="link"), {"url": ["url_wrong"]}),
    ("gather", "evidence", piece(sort="link", url="javascript:alert(1)"), {"url": ["url_wrong"]}),
    ("gather", "evidence", piece(sort="link", url="data:text/html,x"), {"url": ["url_wrong"]}),
    ("gather", "evidence", piece(sort="link", url="http://[::1"), {"url": ["url_wrong"]}),
    ("gather", "evidence", piece(sort="link", url="https:///pad"), {"url": ["url_wrong"]}),
    ("gather", "evidence", piece(sort="file"), "file_missing"),
    ("gather", "evidence", piece(text=lambda c: own(c, 0, "evidence")[0].body["text"].upper()), "said_already"),
    ("gather", "evidence", piece(id=lambda c: own(c, 1, "evidence")[0].id), "not_found"),
    ("gather", "evidence", piece(id=lambda c: own(c, 0, "evidence")[0].id, version=9), "changed_meanwhile"),
    ("gather", "evidence", piece(id=lambda c: own(c, 0, "evidence")[0].id, sort="file"), "file_stays"),
    ("gather", "plan", planned(source=""), {"source": [MISSING]}),
    ("gather", "plan", planned(source="?"), "blank"),
    ("gather", "plan", planned(exists="no"), {"date": ["date_missing"]}),
    ("gather", "plan", planned(date="morgen"), {"date": ["date_missing"]}),
    ("gather", "plan", planned(date=soon(-2)), {"date": ["date_passed"]}),
    ("gather", "plan", planned(date=soon(400)), {"date": ["date_passed"]}),
    ("gather", "plan", planned(question=HUGE), "not_found"),
    ("gather", "reword", reworded(text="!"), "blank"),
    ("gather", "reword", reworded(version=9), "changed_meanwhile"),
    ("gather", "reword", lambda c: reworded(text=items(c, "question")[1].body["text"])(c), "said_already"),
    ("gather", "weigh", lambda c: {"evidence": own(c, 0, "evidence")[0].id, "can": "het is veel"}, "own_evidence"),
    ("gather", "weigh", lambda c: {"evidence": own(c, 1, "evidence")[0].id}, {"can": ["weighing_empty"]}),
    ("gather", "weigh", lambda c: {"evidence": own(c, 1, "evidence")[0].id, "can": "…"}, {"can": ["weighing_empty"]}),
    ("gather", "weigh", lambda _: {"evidence": HUGE, "can": "het is veel"}, "not_found"),
    ("gather", "withdraw", lambda c: {"id": own(c, 1, "evidence")[0].id}, "not_found"),
    ("gather", "withdraw", lambda c: {"id": items(c, "question")[0].id}, "not_found"),
    ("gather", "no_voice", lambda _: {"reason": "-"}, "blank"),
    ("gather", "resolve", lambda _: {"consent": 1, "text": "niets te doen"}, "not_found"),
    ("gather", "enough", lambda _: {"answer": "agree"}, LATER),
    ("enough", "evidence", piece(), LATER),
    ("enough", "enough", lambda _: {"answer": "objection", "harm": "stilte"}, {"proposal": ["proposal_missing"]}),
    ("enough", "enough", lambda _: {"answer": "misschien"}, {"answer": ["answer_missing"]}),
    ("enough", "withdraw", lambda c: {"id": own(c, 0, "evidence")[0].id}, "not_found"),
    ("closed", "evidence", piece(), LATER),
    ("closed", "weigh", lambda c: {"evidence": own(c, 1, "evidence")[0].id, "can": "het is veel"}, LATER),
    ("closed", "late", lambda _: {"answer": "agree"}, "already_chosen"),
    ("closed", "late", lambda _: {"answer": "objection", "harm": "a", "proposal": "b"}, "late_objection"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "action", "fields", "why"), REFUSED)
def test_refused_with_a_reason_and_nothing_is_changed(
    stage: str, action: str, fields: Fields, why: str | dict[str, list[str]]
) -> None:
    with at(4, stage) as c:
        if stage in ("questions", "gather"):
            for who in range(4):
                c.do_the_task(who, stage)
        before = _all(c)
        assert c.refused(0, action, **fields(c)) == why
        assert _all(c) == before


def _all(c: Circle) -> str:
    c.session.expire_all()
    rows = [(r.id, r.body, r.version, r.withdrawn_at) for r in c.session.query(Contribution).order_by("id")]
    return repr((rows, [sorted(moments(c, who)) for who in range(4)], c.run.stage))


def test_every_code_of_the_table_has_a_sentence() -> None:
    from lti_tool.circle.messages import SENTENCES

    codes = {why if isinstance(why, str) else next(iter(why.values()))[0] for *_, why in REFUSED}
    assert codes - set(SENTENCES) - set(Information.sentences) == set()
