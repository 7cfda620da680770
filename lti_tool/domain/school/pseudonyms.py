"""Names or numbers: where a course's people are known by number alone, no name of theirs is kept.

A person is one row, whatever courses they sit in: who sits in one with numbers is known by number in all of them. So
nothing that shows a name has to ask, and none can be forgotten.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, SQLColumnExpression, func, literal, select, update
from sqlalchemy.orm import Session

from lti_tool.domain.school.setting_kinds import Name, Naming
from lti_tool.models import Course, Person, Seat
from lti_tool.models.community import setting_of


def hold_in(course_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Of a query: whether numbers hold in a course."""
    said = setting_of(Name.NAMES, course_id, as_text=True)
    return func.coalesce(said, literal(str(Naming.NAMES))) == str(Naming.PSEUDONYMS)


def hold(session: Session, course_id: int) -> bool:
    """Whether numbers hold in a course."""
    return bool(session.scalar(select(hold_in(Course.id)).where(Course.id == course_id)))


def of(session: Session, person_ids: Collection[int]) -> set[int]:
    """Which of these people sit in a course in which numbers hold."""
    there = select(Course.id).where(hold_in(Course.id))
    listed = sorted(person_ids)
    found: set[int] = set()
    for begin in range(0, len(listed), 1000):
        part = listed[begin : begin + 1000]
        found |= set(session.scalars(select(Seat.person_id).where(Seat.person_id.in_(part), Seat.course_id.in_(there))))
    return found


def forget(session: Session) -> None:
    """Delete the names of everybody who sits, or sat, in a course in which numbers hold."""
    there = select(Course.id).where(hold_in(Course.id))
    session.execute(
        update(Person)
        .where(Person.name != "", Person.id.in_(select(Seat.person_id).where(Seat.course_id.in_(there))))
        .values(name="")
        .execution_options(synchronize_session="fetch")
    )


def call(session: Session, person: Person, said: str, course: Course) -> None:
    """Somebody launched, and the LMS calls them so; "": it does not say.

    What is not said any more is not kept either, unless it was the roster that said it: then that decides, which is
    read anew within the hour.
    """
    if hold(session, course.id) or of(session, [person.id]):
        wanted = ""
    elif said or not course.roster_named:
        wanted = said
    else:
        return
    if person.name != wanted:
        person.name = wanted
