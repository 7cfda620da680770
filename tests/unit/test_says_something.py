"""A contribution says something, nothing twice, and what a colleague has said already is offered to join."""

from typing import Any

import pytest
from marshmallow import ValidationError

from lti_tool.circle.loading import FormError
from lti_tool.domain import Refused
from lti_tool.domain.mechanisms import contributions
from tests.web.circle import STEPS, Circle, circle, stored
from tests.web.ways import actions, consequences, evaluation, information, interpretation


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("lezen", False), ("beter lezen", False), ("beter, lezen …", False), ("- beter – lezen -", False),
        ("we lezen beter", True), ("3 van de 4", True), ("wil-je dat", False), ("\u200b \u200b \u200b", False),
    ],
)  # fmt: skip
def test_three_words_are_the_least(text: str, enough: bool) -> None:
    assert contributions.says_enough(text) is enough


@pytest.mark.parametrize("again", ["We lezen beter.", "  we   lezen – BETER! ", "we lezen, beter"])
def test_the_same_in_other_signs_is_the_same(again: str) -> None:
    with pytest.raises(Refused, match="said_already"):
        contributions.refuse_blank_or_double(again, ["we lezen beter"])


HANGS_ON = {"explanation": 1, "considered": 1}
WHERE = [
    ("idea", lambda: circle(2, "ideas"), {"text": "%s", "why": "zo"}),
    ("respond", lambda: circle(2, "respond"), {"text": "%s", "idea": 1}),
    ("question", lambda: information.at(2), {"text": "%s"}),
    ("evidence", lambda: information.at(2, "gather"), {**information.PIECE, "text": "%s", "question": 1}),
    ("weigh", lambda: information.at(2, "gather"), {"evidence": 1, "can": "%s"}),
    ("observe", lambda: interpretation.at(2), {"text": "%s", "evidence": 1}),
    ("react", lambda: interpretation.at(2, "reflect"), {"observation": 1, "choice": "question", "text": "%s"}),
    ("explain", lambda: interpretation.at(2, "think"), {"observations": 1, "text": "%s"}),
    ("point", lambda: interpretation.at(2, "need"), {"text": "%s", "why": "zo", "observations": 1, **HANGS_ON}),
    ("propose", lambda: consequences.at(2), {"act": "%s", "effect": "rust", "notice": "stilte", "source": "new"}),
    ("advise", lambda: consequences.at(2, "advise"), {"proposal": 1, "sort": "clarify", "text": "%s"}),
    ("log", lambda: actions.at(2), {**actions.TOLD, "about": 1, "done": "%s"}),
    ("reply", lambda: actions.at(2), {"log": 1, "text": "%s"}),
    ("story", lambda: evaluation.at(2), {"text": "%s", "why": "zo", "lens": "pupils"}),
    ("card", lambda: evaluation.at(2, "verdict"), {"sort": "know", "text": "%s", "sources": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("deed", "made", "fields"), WHERE, ids=[each[0] for each in WHERE])
def test_what_somebody_brings_in_says_something(deed: str, made: Any, fields: dict[str, Any]) -> None:
    with made() as c:
        for said, short in (("mee eens", True), ("zo gaat het", False)):
            form = {name: said if value == "%s" else value for name, value in fields.items()}
            found = c.refused(0, deed, **form)
            told = [code for codes in found.values() for code in codes] if isinstance(found, dict) else [found]
            assert ("too_few_words" in told) is short


# As the specification lists them (circle.md 4): what -> (step, deed, field) that says it, or says it anew.
LISTED = {
    "idea": {("ambition", "idea", "text"), ("ambition", "merge", "text")},
    "response": {
        ("ambition", "respond", "text"), ("ambition", "restate", "text"), ("interpretation", "react", "text"),
        ("actions", "reply", "text"), ("evaluation", "respond", "text"),
    },
    "question": {("information", "question", "text"), ("information", "reword", "text")},
    "evidence": {("information", "evidence", "text")},
    "weighing": {("information", deed, field) for deed in ("evidence", "weigh") for field in ("can", "cannot")},
    "observation": {("interpretation", "observe", "text")},
    "explanation": {("interpretation", "explain", "text")},
    "point": {("interpretation", "point", "text"), ("interpretation", "mend", "text")},
    "proposal": {("ambition", "propose", "text"), ("consequences", "propose", "act")},
    "advice": {("consequences", "advise", "text")},
    "log": {("actions", "log", "done"), ("actions", "log", "because")},
    "story": {("evaluation", "story", "text")},
    "card": {("evaluation", "card", "text")},
}  # fmt: skip


def test_three_words_are_asked_of_what_the_specification_lists_and_of_nothing_else() -> None:
    """Not of a result, a verdict or a harm: whatever they say is an answer to what is asked."""
    asked = set()
    for step in STEPS.by_name.values():
        for deed in (*step.deeds, *step.leader_deeds):
            for name, field in deed.schema().fields.items():
                for check in field.validators:
                    try:
                        check("twee woorden")
                    except ValidationError as error:
                        if error.messages == ["too_few_words"]:
                            asked.add((step.name, deed.name, name))
                    except (TypeError, AttributeError):
                        continue
    assert asked == set().union(*LISTED.values())


@pytest.mark.parametrize(("sort", "unit", "source"), [("count", "uur", "dagboek")])
def test_signs_units_and_sources_may_be_one_word(sort: str, unit: str, source: str) -> None:
    with information.at(2, "gather") as c:
        information.bring(c, 0, sort=sort, amount="3", unit=unit, source=source)


# Once revealed


def join(c: Circle, who: int, deed: str, instead: str, **form: Any) -> tuple[str, int]:
    """Somebody says what a colleague said: refused, with what to do instead."""
    with pytest.raises(Refused, match="said_by_colleague") as refused:
        c.act(who, deed, **form)
    assert refused.value.offer is not None
    assert refused.value.offer[0] == instead
    return refused.value.offer


def test_a_colleagues_idea_is_offered_to_agree_with_and_that_is_a_response_once() -> None:
    with circle(3, "respond") as c:
        said = c.own(1)[0].body["text"].upper() + "."
        deed, item = join(c, 0, "idea", "agree", text=said, why="ik ook")
        assert c.act(0, deed, id=item) == "response"
        assert c.refused(0, deed, id=item) == "said_already"
        assert c.refused(1, deed, id=item) == "own_piece"
        assert c.members[0].id in c.step.done_members(c.turn(None))
        assert next(each for each in c.summary(2).ideas if each.id == item).agreed == 1


def test_while_all_write_alone_two_may_say_the_same_and_are_told_nothing() -> None:
    with circle(2, "ideas") as c:
        for who in (0, 1):
            c.act(who, "idea", text="we lezen beter", why="zo")


def test_each_step_offers_what_it_has() -> None:
    with information.at(2, "gather") as c:
        one = information.bring(c, 1)
        form = {**information.PIECE, "text": one.body["text"], "question": information.items(c, "question")[0].id}
        deed, item = join(c, 0, "evidence", "agree", **form)
        c.act(0, deed, id=item)
        assert c.members[0].id in c.step.done_members(c.turn(None))
    with interpretation.at(3, "need") as c:
        c.act(1, "point", **interpretation.need()(c))
        deed, _ = join(c, 0, "point", "fine", **interpretation.need()(c))
        c.act(0, deed)
    with consequences.at(2, "advise") as c:
        theirs = next(i for i in stored(c.turn(None), "consequence") if i.member_id == c.members[1].id).body
        form = {"act": theirs["if"], "effect": theirs["then"], "notice": theirs["notice"], "source": "new"}
        deed, item = join(c, 0, "propose", "join", **form)
        c.act(0, deed, proposal=item)
    with actions.at(2) as c:
        log = actions.tell(c, 1, about=actions.card(c, 0).item.id)
        deed, item = join(
            c, 0, "log", "agree", **{**actions.TOLD, "about": actions.card(c, 0).item.id, "done": log.body["done"]}
        )
        assert c.act(0, deed, id=item) == "response"
    with evaluation.at(3, "verdict") as c:
        c.act(1, "card", **evaluation.card()(c))
        deed, item = join(c, 0, "card", "agree", **evaluation.card()(c))
        c.act(0, deed, id=item)


def test_a_card_links_what_was_gathered_and_what_was_done() -> None:
    with evaluation.at(2, "verdict") as c:
        known = evaluation.proof(c)
        for sources, code in (
            ([known["evidence"]], "card_one_sided"),
            ([known["action"], known["result"]], "card_one_sided"),
            ([known["evidence"], known["result"]], ""),
        ):
            assert c.refused(0, "card", **evaluation.card(sources=sources)(c)) == code


def test_a_refusal_of_the_form_keeps_saying_which_field() -> None:
    with circle(1) as c, pytest.raises(FormError) as refused:
        c.act(0, "idea", text="kort", why="zo")
    assert refused.value.errors == {"text": ["too_few_words"]}
