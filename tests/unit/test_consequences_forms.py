"""Step 4's forms: whatever is refused has a reason and changes nothing."""

from typing import Any

import pytest

from lti_tool.models.voices import Contribution
from lti_tool.steps.consequences import Consequences
from tests.unit.forms import HUGE, LATER, LONG, MISSING, Fields, ids, moments, own
from tests.web.circle import Circle
from tests.web.ways.consequences import at, items, points, said, soon, to_do

# Fields: what the first of three members fills in.


def theirs(**fields: Any) -> Fields:
    return lambda c: {"proposal": own(c, 1, "consequence")[0].id, **fields}


def mine(**fields: Any) -> Fields:
    return lambda c: {"proposal": own(c, 0, "consequence")[0].id, **fields}


def asked(**changes: Any) -> Fields:
    return lambda _: {"text": "meer tijd in onze lessen", "reply_by": soon(7), **changes}


# stage, action, form, why it is refused (a code, or the codes by field). The actor is the first of three; each has
# done what the earlier stages ask. At the board each has an action of their own, and the first asked for something.
REFUSED: list[tuple[str, str, Fields, str | dict[str, list[str]]]] = [
    ("propose", "propose", said(source=[]), {"source": ["source_missing"]}),
    ("propose", "propose", said(source=[""]), {"source": ["source_missing"]}),
    ("propose", "propose", said(source=["new", 1]), {"source": ["source_both"]}),
    ("propose", "propose", said(source=["nieuw"]), {"source": ["not_found"]}),
    ("propose", "propose", said(source=["٣"]), {"source": ["not_found"]}),
    ("propose", "propose", said(source=[-1]), {"source": ["not_found"]}),
    ("propose", "propose", said(source=[HUGE]), "not_found"),
    ("propose", "propose", said(source=lambda c: [ids(c, "consequence")[0]]), "not_found"),
    ("propose", "propose", said(act=""), {"act": [MISSING]}),
    ("propose", "propose", said(effect=""), {"effect": [MISSING]}),
    ("propose", "propose", said(act="?!"), "blank"),
    ("propose", "propose", said(notice="…"), "blank"),
    ("propose", "propose", said(act="a" * 601), {"act": ["too_long"]}),
    ("propose", "propose", said(act=lambda c: own(c, 0, "consequence")[0].body["if"].upper()), "said_already"),
    ("propose", "propose", said(id=lambda c: own(c, 1, "consequence")[0].id), "not_found"),
    ("propose", "propose", said(id=HUGE), "not_found"),
    ("propose", "propose", said(id=lambda c: own(c, 0, "consequence")[0].id, version=7), "changed_meanwhile"),
    ("propose", "withdraw", lambda c: {"id": own(c, 1, "consequence")[0].id}, "not_found"),
    ("propose", "withdraw", lambda c: {"id": points(c)[0]}, "not_found"),
    ("propose", "join", theirs(), LATER),
    ("propose", "advise", theirs(sort="clarify", text="wanneer? in onze lessen"), LATER),
    ("propose", "action", to_do(), LATER),
    ("propose", "consent", lambda _: {"answer": "agree"}, LATER),
    ("advise", "propose", said(id=lambda c: own(c, 0, "consequence")[0].id, version=1), "asked_about"),
    ("advise", "join", mine(), "own_proposal"),
    ("advise", "join", lambda _: {"proposal": HUGE}, "not_found"),
    ("advise", "join", lambda c: {"proposal": points(c)[0]}, "not_found"),
    ("advise", "join", lambda _: {}, {"proposal": ["not_found"]}),
    ("advise", "advise", mine(sort="clarify", text="ik in onze lessen"), "you_listen"),
    ("advise", "advise", theirs(sort="advise", text="doe het samen"), "ask_first"),
    ("advise", "advise", theirs(sort="praise", text="mooi in onze lessen"), {"sort": ["answer_missing"]}),
    ("advise", "advise", theirs(text="mooi in onze lessen"), {"sort": ["answer_missing"]}),
    ("advise", "advise", theirs(sort="probe", text="?"), "blank"),
    ("advise", "advise", theirs(sort="probe", text=LONG), {"text": ["too_long"]}),
    ("advise", "advise", lambda _: {"proposal": HUGE, "sort": "clarify", "text": "wat? in onze lessen"}, "not_found"),
    ("advise", "withdraw", lambda c: {"id": own(c, 0, "consequence")[0].id}, "not_found"),
    ("advise", "action", to_do(), LATER),
    ("advise", "own", lambda _: {"id": 1}, LATER),
    ("board", "propose", said(), LATER),
    ("board", "propose", said(id=lambda c: own(c, 0, "consequence")[0].id, version=9), "changed_meanwhile"),
    ("board", "action", to_do(origin=""), {"origin": ["origin_missing"]}),
    ("board", "action", to_do(origin="x"), {"origin": ["origin_missing"]}),
    ("board", "action", to_do(origin=HUGE), "origin_missing"),
    ("board", "action", to_do(origin=lambda c: ids(c, "action")[0]), "origin_missing"),
    ("board", "action", to_do(what=""), {"what": [MISSING]}),
    ("board", "action", to_do(what="!"), "blank"),
    ("board", "action", to_do(what=lambda c: items(c, "action")[1].body["what"].upper()), "said_already"),
    ("board", "action", to_do(date=soon(-2)), {"date": ["date_passed"]}),
    ("board", "action", to_do(date=soon(400)), {"date": ["date_passed"]}),
    ("board", "action", to_do(date="morgen"), {"date": ["date_missing"]}),
    ("board", "action", to_do(hours=0), {"hours": ["hours_wrong"]}),
    ("board", "action", to_do(hours="1,5"), {"hours": ["hours_wrong"]}),
    ("board", "action", to_do(hours=HUGE), {"hours": ["hours_wrong"]}),
    ("board", "action", to_do(lens="geld"), {"lens": ["not_found"]}),
    ("board", "action", to_do(id=lambda c: ids(c, "action")[1]), "changed_meanwhile"),
    ("board", "action", to_do(id=lambda c: ids(c, "action")[1], version=2), "changed_meanwhile"),
    ("board", "action", to_do(id=HUGE, version=1), "not_found"),
    ("board", "own", lambda c: {"id": ids(c, "action")[0]}, "held_already"),
    ("board", "own", lambda _: {"id": HUGE}, "not_found"),
    ("board", "own", lambda c: {"id": ids(c, "consequence")[0]}, "not_found"),
    ("board", "buddy", lambda c: {"id": ids(c, "action")[0]}, "own_buddy"),
    ("board", "buddy", lambda _: {"id": -1}, "not_found"),
    ("board", "let_go", lambda c: {"id": ids(c, "action")[1]}, "not_found"),
    ("board", "take_off", lambda c: {"id": ids(c, "action")[1], "version": 1}, "action_held"),
    ("board", "take_off", lambda _: {"id": HUGE, "version": 1}, "not_found"),
    ("board", "request", asked(text=""), {"text": [MISSING]}),
    ("board", "request", asked(text="…"), "blank"),
    ("board", "request", asked(text="TWEE roosteruren in onze lessen"), "said_already"),
    ("board", "request", asked(reply_by=""), {"reply_by": ["date_missing"]}),
    ("board", "request", asked(reply_by=soon(-2)), {"reply_by": ["date_passed"]}),
    ("board", "request", asked(card=HUGE), "not_found"),
    ("board", "request", asked(card="alles"), {"card": ["not_found"]}),
    ("board", "request", lambda c: asked(id=ids(c, "request")[0])(c), "changed_meanwhile"),
    ("board", "request", asked(id=HUGE, version=1), "not_found"),
    ("board", "go_on", lambda c: {"id": ids(c, "request")[0], "reason": "?"}, "blank"),
    ("board", "go_on", lambda c: {"id": ids(c, "action")[0], "reason": "daarom"}, "not_found"),
    ("board", "withdraw", lambda c: {"id": own(c, 1, "advice")[0].id}, "not_found"),
    ("board", "withdraw", lambda c: {"id": ids(c, "action")[0]}, "not_found"),
    ("board", "resolve", lambda _: {"consent": 1, "text": "niets te doen"}, "not_found"),
    ("board", "consent", lambda _: {"answer": "agree"}, LATER),
    ("consent", "consent", lambda _: {"answer": "objection", "harm": "te veel"}, {"proposal": ["proposal_missing"]}),
    ("consent", "consent", lambda _: {"answer": "ja"}, {"answer": ["answer_missing"]}),
    ("consent", "own", lambda c: {"id": ids(c, "action")[1]}, LATER),
    ("consent", "let_go", lambda c: {"id": ids(c, "action")[0]}, LATER),
    ("consent", "action", to_do(), LATER),
    ("consent", "request", asked(), LATER),
    ("consent", "withdraw", lambda c: {"id": own(c, 0, "advice")[0].id}, LATER),
    ("closed", "action", to_do(), LATER),
    ("closed", "take_off", lambda c: {"id": ids(c, "action")[0], "version": 1}, LATER),
    ("closed", "late", lambda _: {"answer": "agree"}, "already_chosen"),
    ("closed", "late", lambda _: {"answer": "objection", "harm": "a", "proposal": "b"}, "late_objection"),
    ("closed", "withdraw", lambda c: {"id": own(c, 0, "advice")[0].id}, "not_found"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "action", "fields", "why"), REFUSED)
def test_refused_with_a_reason_and_nothing_is_changed(
    stage: str, action: str, fields: Fields, why: str | dict[str, list[str]]
) -> None:
    with at(3, stage) as c:
        if stage in ("propose", "board"):
            for who in range(3):
                c.do_the_task(who, stage)
        if stage == "board":
            c.act(0, "request", text="twee roosteruren in onze lessen", reply_by=soon(7))
        before = _all(c)
        assert c.refused(0, action, **fields(c)) == why
        assert _all(c) == before


def _all(c: Circle) -> str:
    c.session.expire_all()
    rows = [(r.id, r.body, r.version, r.withdrawn_at) for r in c.session.query(Contribution).order_by("id")]
    return repr((rows, [sorted(moments(c, who)) for who in range(3)], c.run.stage))


def test_every_code_of_the_table_has_a_sentence() -> None:
    from lti_tool.circle.messages import SENTENCES

    codes = {why if isinstance(why, str) else next(iter(why.values()))[0] for *_, why in REFUSED} - {"hours_wrong"}
    # Those of step 1 are said there.
    assert codes - set(SENTENCES) - set(Consequences.sentences) == set()
