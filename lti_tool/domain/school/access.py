"""What somebody is to a school. A role in the LMS opens nothing: Open edX sends its administrator's for every member of
a course's staff (O10).
"""

from sqlalchemy import ColumnElement, SQLColumnExpression, select
from sqlalchemy.orm import Session

from lti_tool.models.school import Administrator, Power

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
