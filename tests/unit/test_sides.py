"""The side steps: agreements that change by consent only, and a conditions check that exposes nobody."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain import cycle
from lti_tool.domain.cycle import reopening
from lti_tool.domain.mechanisms import totals
from lti_tool.models import Moment
from lti_tool.steps.agreements import Agreements
from lti_tool.steps.conditions import PRINCIPLES, Conditions
from tests.web.circle import circle

REFUSED: list[tuple[str, str, dict[str, Any], str | dict[str, list[str]]]] = [
    ("propose", "propose", {"text": ""}, {"text": ["missing"]}),
    ("propose", "propose", {"text": " … "}, "blank"),
    ("propose", "propose", {"text": "x" * 301}, {"text": ["too_long"]}),
    ("propose", "propose", {"text": "anders", "id": 999}, "not_found"),
    ("propose", "write", {"lines": "te vroeg"}, "not_in_this_stage"),
    ("draft", "write", {"lines": " \n "}, {"lines": ["missing"]}),
    ("draft", "write", {"lines": "…\n-"}, "blank"),
    ("draft", "write", {"lines": "\n".join(f"regel {n}" for n in range(9))}, "too_many_agreements"),
    ("draft", "write", {"lines": "regel", "version": 3}, "changed_meanwhile"),
    ("consent", "consent", {"answer": "misschien"}, {"answer": ["answer_missing"]}),
    ("consent", "consent", {"answer": "objection"}, {"harm": ["harm_missing"], "proposal": ["proposal_missing"]}),
]


@pytest.mark.parametrize(("stage", "action", "fields", "why"), REFUSED)
def test_an_agreement_is_refused_with_a_reason(stage: str, action: str, fields: dict[str, Any], why: object) -> None:
    with circle(3, stage, Agreements()) as c:
        assert c.refused(0, action, **fields) == why


def test_a_fourth_proposal_of_one_person_is_refused() -> None:
    with circle(2, "propose", Agreements()) as c:
        for number in range(3):
            c.act(0, "propose", text=f"afspraak {number}")
        assert c.refused(0, "propose", text="afspraak 4") == "enough_agreements"
        assert c.refused(0, "propose", text="Afspraak  1") == "said_already"


def test_proposals_are_hidden_until_all_could_write_and_the_list_knows_where_it_comes_from() -> None:
    with circle(3, "propose", Agreements()) as c:
        c.act(0, "propose", text="geheim van nul")
        assert "geheim van nul" in c.shown(0)
        assert "geheim" not in c.shown(1) + c.shown(None)
        assert not c.step.spotlight(c.turn(1))
        c.to("draft")
        assert "geheim van nul" in c.shown(1)


def test_agreements_change_by_consent_only() -> None:
    with circle(3, "closed", Agreements()) as c:
        said = c.step.outcome(c.turn(None))
        assert c.refused(0, "write", lines="stiekem anders", version=1) == "not_in_this_stage"
        c.reopen("er ontbreekt iets")
        c.act(1, "write", lines="stiekem anders", version=1)
        assert c.refused(2, "write", lines="en ik", version=1) == "changed_meanwhile"
        c.move()
        c.act(0, "consent", answer="objection", harm="sluit uit", proposal="zo niet")
        c.rest("consent", answer="agree")
        assert c.move() == "draft"
        assert c.step.outcome(c.turn(None)) is None
        assert reopening.of(c.turn(0)).done[0].outcome == said


@pytest.mark.parametrize("step", [Agreements(), Conditions()], ids=lambda step: step.name)
def test_a_side_step_earns_no_moment_and_opens_no_step(step: Any) -> None:
    with circle(5, "closed", step) as c:
        assert c.session.query(Moment).count() == 0
        assert set(cycle.opened(c.session, c.community, None)[1]) == {step.name}


def test_nobody_s_answers_to_the_check_are_shown_to_anybody_else() -> None:
    with circle(5, "fill", Conditions()) as c:
        c.act(0, "fill", item={"time": 1})
        own = c.summary(0).own
        assert own == {"time": 1}
        for who in (1, None):
            assert c.summary(who).own == {}
            assert c.summary(who).published is None
        c.act(0, "fill", item={"time": 2})
        assert c.summary(0).own == {"time": 2}
        c.to("closed")
        assert c.summary(0).own == {}
        assert set(c.summary(0).published.means) == set(PRINCIPLES)
        assert c.summary(0).published.people == 5
        assert not c.step.reopens_at, "published once: what came later could be told apart"


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({}, "answer_missing"),
        ({"time": ""}, "answer_missing"),
        ({"time": "6"}, {"item": ["not_found"]}),
        ({"time": "0"}, {"item": ["not_found"]}),
        ({"nothing": "3"}, {"item": ["not_found"]}),
    ],
)
def test_an_answer_off_the_scale_is_refused(item: dict[str, str], why: object) -> None:
    with circle(5, "fill", Conditions()) as c:
        assert c.refused(0, "fill", item=item) == why


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 5)), max_size=12))
def test_no_total_stands_on_fewer_than_five_people(answers: list[dict[str, int]]) -> None:
    for item, total in totals.totals(answers, ["a", "b"]).items():
        numbers = [each[item] for each in answers if item in each]
        assert (total is not None) == (len(numbers) >= 5 and len(set(numbers)) > 1)
        if total is not None:
            assert total.people == len(numbers)
            assert min(numbers) <= total.mean <= max(numbers)
