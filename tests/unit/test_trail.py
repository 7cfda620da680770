"""The trail of administrators' acts: each kind has words, and no row of it can be changed or removed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lti_tool.administration.trail_words import WORDS, _value
from lti_tool.domain.school import trail
from lti_tool.domain.school.trail import OPERATOR, Kind
from tests.actors import World


def test_every_kind_of_act_has_words() -> None:
    assert WORDS.keys() == set(Kind)


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"lines": 1}, "1 regel"),
        ({"lines": 2}, "2 regels"),
        ({"courses": 1}, "1 cursus"),
        ({"joined": 1}, "samen met één andere"),
        ({"joined": 2}, "samen met 2 andere"),
    ],
)
def test_one_of_something_is_not_said_as_many(detail: dict[str, int], said: str) -> None:
    ((name, value),) = detail.items()
    assert _value(name, value) == said


@pytest.mark.parametrize("change", ["UPDATE school_act SET kind = 'school_named'", "DELETE FROM school_act"])
def test_no_act_is_changed_or_removed(any_world: World, change: str) -> None:
    with any_world.tool.session() as session:
        trail.note(session, Kind.SCHOOL_OPENS, OPERATOR, school_id=1, detail={"open": 1})
    with any_world.tool.session() as session, pytest.raises(DatabaseError, match="never changed"):
        session.execute(text(change))
    with any_world.tool.session() as session:
        assert session.scalars(text("SELECT kind FROM school_act")).all() == [Kind.SCHOOL_OPENS]
