"""How many make a decision, in circles of any size: never below the quorum, over an objection, or by one of many."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.community.circle import Circle
from lti_tool.domain.mechanisms import majorities
from lti_tool.domain.mechanisms.consent import YES, Answer
from lti_tool.domain.mechanisms.endorsing import Say
from lti_tool.domain.mechanisms.overruling import Harm, Past, obstacle
from lti_tool.models import RoundOutcome
from tests.histories import histories

A, C, O, X = Answer.AGREE, Answer.CONCERN, Answer.OBJECTION, Answer.ABSTAIN  # noqa: E741


def consent(said: dict[int, str], circle: Circle) -> RoundOutcome:
    return majorities.consent(said, circle, YES, Answer.OBJECTION)


def of(size: int, number: int = 0) -> Circle:
    return Circle(frozenset(range(size)), number=number)


@pytest.mark.parametrize(
    ("size", "answers", "outcome"),
    [
        (1, [A], "adopted"),
        (1, [X], "too_few"),
        (2, [A, A], "adopted"),
        # In a circle of two both say yes, or it is written again.
        (2, [A, X], "too_few"),
        (2, [A], "too_few"),
        (3, [A, A], "adopted"),
        (3, [A, C, X], "adopted"),
        (3, [A, X, X], "too_few"),
        (3, [X, X, X], "too_few"),
        (3, [A, A, O], "objected"),
        (17, [A] * 8, "too_few"),
        (17, [A] * 9, "adopted"),
        (17, [A] * 2 + [X] * 7, "adopted"),
        (17, [A] + [X] * 16, "too_few"),
        (17, [A] * 16 + [O], "objected"),
    ],
)
def test_consent_by_example(size: int, answers: list[Answer], outcome: str) -> None:
    assert consent(dict(enumerate(answers)), of(size)) == outcome


def test_colleagues_without_a_name_count_in_the_quorum() -> None:
    assert consent(dict.fromkeys(range(5), A), of(5)) == RoundOutcome.ADOPTED
    assert consent(dict.fromkeys(range(5), A), of(5, number=17)) == RoundOutcome.TOO_FEW


# Circles that grew and shrank, and answers of whoever: 20 and more are nobody of the circle.
CIRCLES = st.builds(
    lambda members, away, set_away, number: Circle(members, away - set_away, set_away, number),
    st.frozensets(st.integers(0, 12), max_size=12),
    st.frozensets(st.integers(0, 12), max_size=12),
    st.frozensets(st.integers(0, 12), max_size=12),
    st.integers(0, 15),
)


def said(*answers: str) -> st.SearchStrategy[dict[int, str]]:
    return st.dictionaries(st.integers(0, 25), st.sampled_from(answers), max_size=20)


@histories(60, 600)
@given(circle=CIRCLES, given=said(A, C, O, X))
def test_nothing_is_adopted_below_the_quorum_over_an_objection_or_by_one_of_several(
    circle: Circle, given: dict[int, str]
) -> None:
    theirs = {member: answer for member, answer in given.items() if member in circle.members}
    outcome = consent(given, circle)
    assert (outcome == RoundOutcome.OBJECTED) == (O in theirs.values())
    if outcome == RoundOutcome.ADOPTED:
        assert len(theirs) >= circle.quorum
        assert sum(answer in YES for answer in theirs.values()) >= min(2, circle.size)
    # Whoever is not in the circle makes no difference, whatever they say.
    assert consent(theirs, circle) == outcome


@histories(60, 600)
@given(circle=CIRCLES, given=said(A, C, X), who=st.integers(0, 12))
def test_one_more_yes_never_undoes_an_adoption(circle: Circle, given: dict[int, str], who: int) -> None:
    if consent(given, circle) == RoundOutcome.ADOPTED:
        assert consent({**given, who: A}, circle) == RoundOutcome.ADOPTED


@histories(60, 600)
@given(circle=CIRCLES, given=said(Say.ENDORSE, Say.NOT_YET, Say.PASS))
def test_a_yield_stands_by_a_quorum_two_people_and_two_thirds_of_those_who_speak_out(
    circle: Circle, given: dict[int, str]
) -> None:
    theirs = [answer for member, answer in given.items() if member in circle.members]
    yes, not_yet = theirs.count(Say.ENDORSE), theirs.count(Say.NOT_YET)
    wanted = (
        len(theirs) >= circle.quorum
        and yes >= max(1, min(2, circle.size))
        and yes >= math.ceil(2 * (yes + not_yet) / 3)
    )
    assert majorities.endorsed(given, circle, Say.ENDORSE, Say.NOT_YET) == wanted


@histories(60, 600)
@given(circle=CIRCLES, given=said(Say.ENDORSE, Say.NOT_YET, Say.PASS), who=st.integers(0, 12))
def test_passing_is_against_nobody(circle: Circle, given: dict[int, str], who: int) -> None:
    if who not in given and majorities.endorsed(given, circle, Say.ENDORSE, Say.NOT_YET):
        assert majorities.endorsed({**given, who: Say.PASS}, circle, Say.ENDORSE, Say.NOT_YET)


@histories(60, 600)
@given(circle=CIRCLES, given=said(*Harm))
def test_an_objection_is_set_aside_by_two_thirds_of_all_who_answer_and_never_in_a_circle_of_two(
    circle: Circle, given: dict[int, str]
) -> None:
    theirs = [answer for member, answer in given.items() if member in circle.members]
    wanted = circle.size > 2 and len(theirs) >= circle.quorum and 3 * theirs.count(Harm.NO) >= 2 * len(theirs)
    assert majorities.overruled(given, circle, Harm.NO) == wanted


DAY = dt.date(2026, 11, 30)


def past(*rounds: tuple[int, set[int]]) -> list[Past]:
    """(days ago, who objected), oldest first."""
    return [Past(DAY - dt.timedelta(days=ago), frozenset(who)) for ago, who in rounds]


@pytest.mark.parametrize(
    ("size", "rounds", "answered", "why"),
    [
        (5, past(), set(), "no_objection"),
        (5, past((1, {4}), (0, set())), set(), "no_objection"),
        (5, past((3, {4})), {4}, "overrule_once"),
        # Two rounds, and a night since the first; the owner was asked, and answered.
        (5, past((1, {4}), (0, {4})), {4}, None),
        # Or did not answer, and had until the day after the last round.
        (5, past((1, {4}), (0, {4})), set(), "overrule_ask"),
        (5, past((2, {4}), (1, {4})), set(), None),
        # Both rounds in one meeting: not before tomorrow.
        (5, past((0, {4}), (0, {4})), {4}, "overrule_today"),
        # Somebody else objects for the first time: that one has a second round too.
        (5, past((3, {4}), (1, {3, 4})), {3, 4}, "overrule_once"),
        (5, past((5, {3, 4}), (3, {4}), (1, {3, 4})), {3, 4}, None),
        (5, past((5, {4}), (3, set()), (1, {4})), {4}, None),
        # In a circle of two never.
        (2, past((5, {1}), (3, {1})), {1}, "overrule_of_two"),
        (3, past((5, {1}), (3, {1})), {1}, None),
        # Who left the circle stands in nobody's way.
        (3, past((5, {9}), (3, {9})), {9}, "no_objection"),
    ],
)
def test_when_an_objection_may_be_put_to_all(
    size: int, rounds: list[Past], answered: set[int], why: str | None
) -> None:
    refused = obstacle(rounds, of(size), answered, DAY)
    assert (refused.code if refused else None) == why


PASTS = st.lists(
    st.builds(
        lambda ago, who: Past(DAY - dt.timedelta(days=ago), who),
        st.integers(0, 3),
        st.frozensets(st.integers(0, 5), max_size=3),
    ),
    max_size=5,
).map(lambda found: sorted(found, key=lambda each: each.day))


@histories(60, 600)
@given(rounds=PASTS, circle=CIRCLES, answered=st.frozensets(st.integers(0, 5)))
def test_no_objection_is_put_to_all_before_two_rounds_and_a_night(
    rounds: list[Past], circle: Circle, answered: frozenset[int]
) -> None:
    if obstacle(rounds, circle, answered, DAY) is not None:
        return
    assert circle.size > 2
    objecting = rounds[-1].objected & circle.members
    assert objecting
    for each in objecting:
        theirs = [one.day for one in rounds if each in one.objected]
        assert len(theirs) >= 2
        assert theirs[0] < DAY
        assert each in answered or rounds[-1].day < DAY
