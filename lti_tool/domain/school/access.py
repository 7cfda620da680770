"""What somebody is to a school. A role in the LMS opens nothing: Open edX sends its administrator's for every member of
a course's staff (O10).
"""

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from lti_tool.models.school import Administrator, Power
from lti_tool.text import Text

ADMINISTRATORS = frozenset({Power.ADMINISTRATOR})
# Who may read what administrators read, as far as no person's data are in it.
READERS = frozenset(Power)


Id = SQLColumnExpression[int] | int


def has(school_id: Id, person_id: Id, *powers: Power) -> ColumnElement[bool]:
    """Of a query: whether this person has one of these powers in this school now; of any, where none is named."""
    held = select(Administrator.id).where(
        Administrator.school_id == school_id,
        Administrator.person_id == person_id,
        Administrator.power.in_(powers or tuple(Power)),
        Administrator.ended_at.is_(None),
    )
    return held.correlate_except(Administrator).exists()


def powers(session: Session, school_id: int, person_id: int) -> frozenset[Power]:
    """All that somebody is to a school now."""
    query = select(Administrator.power).where(
        Administrator.school_id == school_id, Administrator.person_id == person_id, Administrator.ended_at.is_(None)
    )
    return frozenset(session.scalars(query))


def numbered(session: Session, school_id: int) -> dict[int, Text]:
    """What whoever has or had a power in a school is called where no name of theirs is kept: by a person's id.

    "Beheerder 2", counted by who had one first, so that a number stays whose it is. A person has it as administrator
    alone: no community knows it.
    """
    query = (
        select(Administrator.person_id, func.min(Administrator.power))
        .where(Administrator.school_id == school_id)
        .group_by(Administrator.person_id)
        .order_by(func.min(Administrator.id))
    )
    return {
        person_id: Text(f"Beheerder {number}", f"Administrator {number}")
        if first == Power.ADMINISTRATOR
        else Text(f"Functionaris {number}", f"Officer {number}")
        for number, (person_id, first) in enumerate(session.execute(query), 1)
    }
