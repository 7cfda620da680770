"""Which school a course belongs to, and what belongs to a school."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lti_tool.models import Course, Deployment


def school_id_of() -> ColumnElement[int]:
    """Of a query of courses joined with their deployments: the school each belongs to."""
    return func.coalesce(Course.school_id, Deployment.school_id)


def of_course(session: Session, course_id: int) -> int:
    """The id of a course's school."""
    query = select(school_id_of()).join(Deployment, Deployment.id == Course.deployment_id).where(Course.id == course_id)
    return session.scalars(query).one()
