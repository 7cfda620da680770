"""What the rules' tests of all steps share: what hostile forms are made of, and what a member has to show."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from lti_tool.models import Moment
from lti_tool.models.voices import Contribution, Link
from lti_tool.steps.base import NoteField
from tests.web.circle import Circle, stored

HUGE = 10**30
LONG = "a" * 1001
LATER, MISSING = "not_in_this_stage", "missing"
Fields = Callable[[Circle], dict[str, Any]]


def ids(c: Circle, kind: str) -> list[int]:
    """Ids of all of a kind in the step, oldest first."""
    return [item.id for item in stored(c.turn(None), kind)]


def own(c: Circle, who: int, kind: str) -> list[Contribution]:
    """Somebody's own of a kind in the step, oldest first."""
    return [item for item in stored(c.turn(None), kind) if item.member_id == c.members[who].id]


def moments(c: Circle, who: int) -> set[str]:
    """The moments somebody earned in the step."""
    return set(c.session.scalars(select(Moment.kind).filter_by(member_id=c.members[who].id, step_run_id=c.run.id)))


def linked(c: Circle, item: int, kind: str) -> set[int]:
    """Ids of what a thing is linked to."""
    return set(c.session.scalars(select(Link.to_id).filter_by(from_id=item, kind=kind)))


def of_others(c: Circle, who: int, field: NoteField) -> str:
    """The first to choose from in a note's field; of contributions the first that is not somebody's own."""
    assert field.options is not None
    for value, _ in field.options(c.turn(who)):
        item = c.session.get(Contribution, int(value)) if str(value).isdecimal() else None
        if item is None or item.member_id != c.members[who].id:
            return str(value)
    raise AssertionError(field.name)
