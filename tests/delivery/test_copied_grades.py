"""A course that was copied or restored with its people: their old grades stand in its columns, and are our own.

What a person set by hand there stays set by hand (M36, M62, M63, M74).
"""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.delivery.sending import Column, Sending
from lti_tool.demo.model import Grade as Standing
from lti_tool.domain.hours import column as hours
from lti_tool.domain.participation import COMMENT, TAG, Passback, columns, score
from lti_tool.lti.answers import Grade
from lti_tool.models import LineItem, Registration, ResourceLink
from tests.delivery.desk import Desk
from tests.delivery.test_columns import columns as columns_of
from tests.delivery.test_columns import grade_in

TWO = COMMENT.nl.format(done=2)
# What stands of Fatima in the copied column: the grade, its comment, whether the LMS has the mark of an override
# -> whether her first moment in the copy replaces it.
STANDING: dict[str, tuple[float, str, bool, bool]] = {
    "our own": (67, TWO, False, True),
    "our own, in English": (67, COMMENT.en.format(done=2), False, True),
    "our own, as HTML": (67, f"<p>{TWO}</p>", False, True),
    "all three, completed only": (100, COMMENT.nl.format(done=3), False, True),
    "as a column rounds": (66.7, TWO, False, True),
    "set by hand, our comment stays beneath it": (80, TWO, True, False),
    "set by hand to another of our scores": (100, TWO, True, False),
    "set by hand, with the person's own words": (67, "Mooi gedaan", False, False),
    "with our words and more": (67, f"{TWO} Mooi gedaan", False, False),
    "without a comment": (67, "", False, False),
    "a zero beneath our words": (0, TWO, False, False),
    "none of our scores": (67, COMMENT.nl.format(done=4), False, False),
    "our column of hours": (12.5, "Telt mee: 12,50 uur.", False, False),
}


def _copy(desk: Desk, **standing: Any) -> Any:
    """The course is restored with its people, and Fatima opens step 1 there; returns its activity there."""
    school, world = desk.lms.school, desk.world
    new = school.copy_course(world.course().id, people=True)
    activity = next(a for a in school.course_activities(new.id) if a.custom.get("step") == "ambition")
    (column,) = columns_of(desk, activity)
    if standing:
        school.grades[column.id, standing["person_id"]] = Standing(column.id, second=0, **standing)
    world.as_("wout").launch(activity).form("/welcome").submit(choice="facilitate")
    return activity


def _begin(desk: Desk, activity: Any) -> None:
    page = desk.world.as_("fatima").launch(activity).form("/idea").submit(text="samen opnieuw beginnen", why="het telt")
    assert page.status == 200, page.text
    desk.deliver()


def test_old_grades_of_a_restored_course_are_ours_and_the_first_moment_there_replaces_them(any_desk: Desk) -> None:
    desk = any_desk
    desk.earn("fatima", 2)
    desk.earn("marieke")
    desk.deliver()
    desk.move(60)
    activity = _copy(desk)
    (column,) = columns_of(desk, activity)
    assert (grade_in(desk, column, "fatima"), grade_in(desk, column, "marieke")) == (67, 33), "as Moodle restores them"
    posts = len(desk.posts())
    desk.deliver()
    assert len(desk.posts()) == posts, "nothing is sent of who did nothing there"
    _begin(desk, activity)
    assert grade_in(desk, column, "fatima") == 33
    assert desk.grade("fatima") == 67, "the course it came from keeps its own"


@pytest.mark.parametrize(("value", "comment", "overridden", "replaced"), STANDING.values(), ids=STANDING)
def test_a_copied_grade_is_ours_where_it_is_what_our_own_sentence_says(
    desk: Desk, value: float, comment: str, overridden: bool, replaced: bool
) -> None:
    person = desk.world.person("fatima").id
    activity = _copy(desk, person_id=person, score=value, comment=comment, overridden=overridden)
    (column,) = columns_of(desk, activity)
    _begin(desk, activity)
    assert grade_in(desk, column, "fatima") == (33 if replaced else value)
    assert len(desk.posts("fatima")) == replaced


def _sending(kind: columns.Kind) -> Sending:
    column = Column(LineItem(), ResourceLink(), Registration(), "nl", kind)
    return Sending(column, 1, {"scoreGiven": 1}, ())


@given(done=st.integers(1, 3), choice=st.sampled_from(Passback), language=st.sampled_from(["nl", "en"]))
def test_whatever_participation_sends_is_known_again_and_nothing_else_is(
    done: int, choice: Passback, language: str
) -> None:
    points, sending = score(done, choice), _sending(columns.KINDS[TAG])
    words = COMMENT.of(language).format(done=done)
    values = {33.0, 67.0, 100.0} if points is None else {float(points)}
    assert points is None or sending.ours(Grade(points, words))
    allowed = {float(said) for each in Passback if (said := score(done, each)) is not None}
    for value in values | {0.0, 50.0, 99.0, math.nan}:
        assert sending.ours(Grade(value, words)) == (value in allowed)
        assert not sending.ours(Grade(value, words + "x"))


@given(minutes=st.integers(1, 60_000), language=st.sampled_from(["nl", "en"]), other=st.floats(0, 100))
def test_whatever_hours_send_is_known_again_and_nothing_else_is(minutes: int, language: str, other: float) -> None:
    kind = columns.KINDS[hours.KIND]
    value, sending = hours.value(minutes), _sending(kind)
    assert value.score is not None
    words = value.comment.of(language)
    assert sending.ours(Grade(value.score, words))
    assert sending.ours(Grade(other, words)) == (abs(other - value.score) < kind.same)
    assert not sending.ours(Grade(value.score, ""))
