"""Lines of a list go with their courses, where schools are joined or split."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.models import Course
from lti_tool.models.provision import ProvisionLine


def go_along(session: Session, from_id: int, to_id: int, means: Callable[[str], bool] | None = None) -> None:
    """Move a school's lines to another: all of them, or those of courses that went there.

    means: of a line that still waits for its course, whether that LMS's id is of one that goes; None: all go.
    """
    taken = set(session.scalars(select(ProvisionLine.key).where(ProvisionLine.school_id == to_id)))
    query = (
        select(ProvisionLine, Course.school_id)
        .outerjoin(Course, Course.id == ProvisionLine.course_id)
        .where(ProvisionLine.school_id == from_id)
    )
    for line, school_id in session.execute(query).all():
        waits = line.course_id is None and bool(line.lms_id)
        if means is None or school_id == to_id or (waits and means(line.lms_id)):
            # Two lists wait for what is called the same: both stay, and the next list finds either.
            line.key = f"joined:{line.id}" if line.key in taken else line.key
            line.school_id = to_id
    session.flush()
