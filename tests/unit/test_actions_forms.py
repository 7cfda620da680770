"""Step 5's forms: whatever is refused has a reason and changes nothing."""

import pytest

from lti_tool.circle.messages import SENTENCES
from lti_tool.models.voices import Contribution
from lti_tool.steps.actions import Actions
from lti_tool.steps.information import Information
from tests.unit.forms import HUGE, LATER, MISSING, Fields, moments, own
from tests.web.circle import Circle
from tests.web.ways.actions import at, card, ended, told


def mine(c: Circle) -> int:
    return own(c, 0, "log")[0].id


# stage, action, form, why it is refused. The actor is the first of three; each has told something.
REFUSED: list[tuple[str, str, Fields, str | dict[str, list[str]]]] = [
    ("try", "log", told(done=""), {"done": ["log_empty"]}),
    ("try", "log", told(done="...", because="?"), {"done": ["log_empty"]}),
    ("try", "log", told(done="", seen="van alles", pupils="blij"), {"done": ["log_empty"]}),
    ("try", "log", told(done="a" * 601), {"done": ["too_long"]}),
    ("try", "log", told(because="a" * 601), {"because": ["too_long"]}),
    ("try", "log", told(about=""), {"about": ["action_missing"]}),
    ("try", "log", told(about="x"), {"about": ["action_missing"]}),
    ("try", "log", told(about=HUGE), "not_found"),
    ("try", "log", told(about=-1), "not_found"),
    ("try", "log", told(about=mine), "not_found"),
    ("try", "log", told(course=""), {"course": ["course_missing"]}),
    ("try", "log", told(course="pass"), {"course": ["course_missing"]}),
    ("try", "log", told(lens="mood"), {"lens": ["lens_missing"]}),
    ("try", "log", told(visit="perhaps"), {"visit": ["answer_missing"]}),
    ("try", "log", told(no_names=""), {"no_names": ["names_unchecked"]}),
    ("try", "log", told(done=lambda c: own(c, 0, "log")[0].body["done"].upper()), "said_already"),
    ("try", "log", told(id=lambda c: own(c, 1, "log")[0].id), "not_found"),
    ("try", "log", told(id=HUGE), "not_found"),
    ("try", "log", told(id=mine, version=9), "changed_meanwhile"),
    ("try", "reply", lambda c: {"log": mine(c), "text": "mooi in onze lessen"}, "own_log"),
    ("try", "reply", lambda c: {"log": own(c, 1, "log")[0].id, "text": ""}, {"text": [MISSING]}),
    ("try", "reply", lambda c: {"log": own(c, 1, "log")[0].id, "text": "!"}, "blank"),
    ("try", "reply", lambda c: {"log": own(c, 1, "log")[0].id, "text": "a" * 1001}, {"text": ["too_long"]}),
    ("try", "reply", lambda _: {"log": HUGE, "text": "mooi in onze lessen"}, "not_found"),
    ("try", "reply", lambda _: {"text": "mooi in onze lessen"}, {"log": ["log_missing"]}),
    ("try", "reply", lambda c: {"log": card(c, 1).item.id, "text": "mooi in onze lessen"}, "not_found"),
    ("try", "withdraw", lambda c: {"id": own(c, 1, "log")[0].id}, "not_found"),
    ("try", "withdraw", lambda c: {"id": card(c, 0).item.id}, "not_found"),
    ("try", "withdraw", lambda _: {"id": HUGE}, "not_found"),
    ("try", "say", lambda c: {"say": {card(c, 0).item.id: "keep"}}, LATER),
    ("try", "end", ended(), LATER),
    ("try", "late", lambda _: {"answer": "agree"}, LATER),
    ("check", "say", lambda c: {"say": {card(c, 0).item.id: "always"}}, {"say": ["course_missing"]}),
    ("check", "say", lambda c: {"say": {mine(c): "keep"}}, "not_found"),
    ("check", "say", lambda _: {"say": {HUGE: "keep"}}, "not_found"),
    ("check", "say", lambda _: {"say": {"x": "keep"}}, {"say": ["not_found"]}),
    ("check", "end", ended(), LATER),
    ("close", "say", lambda c: {"say": {card(c, 0).item.id: "keep"}}, LATER),
    ("close", "end", ended(1), "not_your_action"),
    ("close", "end", ended(ended="finished"), {"ended": ["ended_missing"]}),
    ("close", "end", ended(learned=""), {"learned": [MISSING]}),
    ("close", "end", ended(learned="…"), "blank"),
    ("close", "end", ended(lens=""), {"lens": ["lens_missing"]}),
    ("close", "end", ended(took="veel"), {"took": ["took_wrong"]}),
    ("close", "end", ended(took=-1), {"took": ["took_wrong"]}),
    ("close", "end", ended(took=HUGE), {"took": ["took_wrong"]}),
    ("close", "end", ended(about=HUGE), "not_found"),
    ("close", "end", ended(version=2), "changed_meanwhile"),
    ("close", "late", lambda _: {"answer": "agree"}, "already_chosen"),
    ("closed", "log", told(), LATER),
    ("closed", "end", ended(), LATER),
    ("closed", "withdraw", lambda c: {"id": mine(c)}, LATER),
    ("closed", "late", lambda _: {"answer": "objection", "harm": "a", "proposal": "b"}, "late_objection"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "action", "fields", "why"), REFUSED)
def test_refused_with_a_reason_and_nothing_is_changed(
    stage: str, action: str, fields: Fields, why: str | dict[str, list[str]]
) -> None:
    with at(3, stage) as c:
        if stage == "try":
            for who in range(3):
                c.do_the_task(who, stage)
        before = _all(c)
        assert c.refused(0, action, **fields(c)) == why
        assert _all(c) == before


def _all(c: Circle) -> str:
    c.session.expire_all()
    rows = [(r.id, r.body, r.version, r.withdrawn_at) for r in c.session.query(Contribution).order_by("id")]
    return repr((rows, [sorted(moments(c, who)) for who in range(3)], c.run.stage))


def test_every_code_of_the_table_has_a_sentence() -> None:
    codes = {why if isinstance(why, str) else next(iter(why.values()))[0] for *_, why in REFUSED}
    # Step 2 says them of names and of what something is about.
    assert codes - set(SENTENCES) - set(Actions.sentences) - set(Information.sentences) == set()
