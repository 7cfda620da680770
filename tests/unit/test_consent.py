"""Consent: who answered what, who is there, whether the date has passed, and what follows."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.mechanisms import consent, rounds
from lti_tool.domain.mechanisms.consent import Answer
from tests.web.circle import Circle, circle

WORDS = {"concern": "let op de tijd", "harm": "dit sluit uit", "proposal": "dan zo"}
A, C, O, X, S = "agree", "concern", "objection", "abstain", None  # noqa: E741 (S: silent)

# the three members' answers, who of them is gone, whether the announced date has passed -> what closing gives
OUTCOMES: list[tuple[tuple[str | None, ...], set[int], bool, str]] = [
    ((A, A, A), set(), False, "closed"),
    ((A, C, X), set(), False, "closed"),
    ((A, A, S), set(), False, "waits_for_rest"),
    # A quorum of three is two, whatever the date; and one yes of three adopts nothing.
    ((S, S, S), set(), False, "quorum_missing"),
    ((A, S, S), set(), False, "quorum_missing"),
    ((A, S, S), set(), True, "quorum_missing"),
    ((X, S, S), set(), True, "quorum_missing"),
    ((S, S, S), set(), True, "quorum_missing"),
    ((C, X, X), set(), False, "draft"),
    ((X, X, X), set(), False, "draft"),
    ((A, X, S), set(), True, "draft"),
    # The date announced in advance has passed: silence stops nobody.
    ((A, A, S), set(), True, "closed"),
    # Who is gone never blocks, and counts no more: of two both say yes, and one alone decides alone.
    ((A, A, S), {2}, False, "closed"),
    ((A, S, S), {1, 2}, False, "closed"),
    ((A, S, S), {2}, False, "quorum_missing"),
    ((A, X, S), {2}, False, "draft"),
    ((S, S, S), {0, 1, 2}, False, "nobody_expected"),
    ((A, A, A), {0}, False, "closed"),
    ((S, A, A), {0}, False, "closed"),
    ((A, A, X), {0}, False, "draft"),
    # An open objection never adopts, whoever else agreed, and whatever the date; of who left it is a note.
    ((A, A, O), set(), False, "draft"),
    ((A, A, O), set(), True, "draft"),
    ((A, A, O), {2}, False, "closed"),
    ((A, O, O), {2}, False, "draft"),
    ((O, O, O), set(), False, "draft"),
    ((C, O, X), set(), True, "draft"),
    ((O, S, S), set(), True, "quorum_missing"),
]


@pytest.mark.parametrize(("given", "gone", "passed", "outcome"), OUTCOMES)
def test_what_closing_the_round_gives(
    given: tuple[str | None, ...], gone: set[int], passed: bool, outcome: str
) -> None:
    with circle(3, "consent") as c:
        for who, each in enumerate(given):
            if each:
                c.act(who, "consent", answer=each, **WORDS)
        for who in gone:
            c.go(who)
        if passed:
            c.date_over()
        assert c.move() == outcome
        adopted = outcome == "closed"
        assert (c.run.closed_at is not None) == adopted == (c.step.outcome(c.turn(None)) is not None)


def test_an_announced_date_that_is_still_to_come_closes_nothing() -> None:
    with circle(3, "consent") as c:
        c.act(0, "consent", answer="agree")
        c.act(1, "consent", answer="agree")
        cycle.set_date(c.turn(None), now() + dt.timedelta(days=1))
        assert c.move() == "waits_for_rest"


def test_changing_an_answer_replaces_it_with_its_words() -> None:
    with circle(2, "consent") as c:
        for each, body in (
            ("objection", {"harm": WORDS["harm"], "proposal": WORDS["proposal"]}),
            ("concern", {"concern": WORDS["concern"]}),
            ("agree", {}),
        ):
            c.act(0, "consent", answer=each, **WORDS)
            (row,) = c.answers(c.rounds("consent")[0])
            assert (row.answer, row.body) == (each, body)


@pytest.mark.parametrize(
    ("given", "body", "lacking"),
    [
        (Answer.AGREE, {}, []),
        (Answer.ABSTAIN, {}, []),
        (Answer.CONCERN, {}, ["concern"]),
        (Answer.CONCERN, {"concern": "\u200b …"}, ["concern"]),
        (Answer.OBJECTION, {}, ["harm", "proposal"]),
        (Answer.OBJECTION, {"harm": "x"}, ["proposal"]),
        (Answer.OBJECTION, {"harm": " ", "proposal": "x"}, ["harm"]),
        (Answer.OBJECTION, WORDS, []),
    ],
)
def test_a_concern_and_an_objection_need_their_words(given: Answer, body: dict[str, Any], lacking: list[str]) -> None:
    assert consent.lacking(given, body) == lacking
    with circle(2, "consent") as c:
        code = _answer(c, given, body)
        assert code == (f"{lacking[0]}_missing" if lacking else "")
        assert len(c.answers(c.rounds("consent")[0])) == (not lacking)


def _answer(c: Circle, given: Answer, body: dict[str, Any]) -> str:
    try:
        consent.answer(c.turn(0), rounds.open_one(c.turn(0), consent.KIND), given, body)
    except Refused as refused:
        return refused.code
    return ""


def test_one_person_has_one_answer_however_often_they_give_it() -> None:
    with circle(3, "consent") as c:
        for _ in range(10):
            c.act(0, "consent", answer="agree")
        assert len(c.answers(c.rounds("consent")[0])) == 1
        assert Counter(row.answer for row in c.answers(c.rounds("consent")[0])) == {Answer.AGREE: 1}


def test_who_joins_during_the_round_is_asked_too() -> None:
    with circle(3, "consent") as c:
        c.members[2].standing = "asked"
        c.session.flush()
        for who in (0, 1):
            c.act(who, "consent", answer="agree")
        c.members[2].standing = "member"
        c.session.flush()
        assert c.move() == "waits_for_rest"


def test_a_facilitator_from_outside_and_a_leader_are_not_waited_for() -> None:
    for standing in ("outside", "leader", "asked"):
        with circle(3, "consent") as c:
            c.members[2].standing = standing
            c.session.flush()
            for who in (0, 1):
                c.act(who, "consent", answer="agree")
            assert c.move() == "closed"
