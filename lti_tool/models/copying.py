"""Tables of copies: the keys that placed activities carry through every copy, template courses, what came from one."""

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, now


class Origin(Base):
    """A key that an activity was placed with, and the course it was placed in.

    Random, and known to nobody but the LMS that keeps it with the activity; it says something within the course's
    school only (domain.school.templates).
    """

    __tablename__ = "origin"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    made_at: Mapped[dt.datetime] = mapped_column(default=now)


class Template(Base):
    """A course that an administrator marked as template, as long as it is one. Who did stands in the trail."""

    __tablename__ = "template"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), unique=True)
    marked_at: Mapped[dt.datetime] = mapped_column(default=now)


class TemplateCopy(Base):
    """A course that began as a copy of a template course. Of people and their words nothing is kept here.

    begun_at: when it was first opened; where the LMS said then that the course begins later, that.
    """

    __tablename__ = "template_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), unique=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    begun_at: Mapped[dt.datetime] = mapped_column(default=now)
