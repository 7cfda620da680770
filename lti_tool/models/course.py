"""Tables of the LMS's world: people, courses, seats in a course, placements (resource links)."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, now
from lti_tool.models.platform import Deployment


class Person(Base):
    """A user of a platform: (issuer, sub), case-sensitive. name is "" where the LMS shares none."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("issuer", "sub"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    sub: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class Course(Base):
    """A context of a deployment (core 1.3, 5.4.1). roster: the last receipt of reading the roster.

    history: the contexts this one was copied from, newest first, as $Context.id.history gave them.
    """

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")
    history: Mapped[list[Any]] = mapped_column(default=list)
    memberships_url: Mapped[str | None] = mapped_column(String(1024))
    roster: Mapped[dict[str, Any] | None]
    roster_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    deployment: Mapped[Deployment] = relationship()


class Seat(Base):
    """A person in a course, as launch and roster say. Marked absent when the roster loses them.

    launch_role wins over roster_role: a teaching assistant launches as Instructor and stands in the
    roster as Learner (M30).
    """

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("course_id", "person_id"), Index("ix_seat_person_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    launch_role: Mapped[str | None] = mapped_column(String(32))
    roster_role: Mapped[str | None] = mapped_column(String(32))
    present: Mapped[bool] = mapped_column(default=True)
    gone_at: Mapped[dt.datetime | None]
    first_seen_at: Mapped[dt.datetime] = mapped_column(default=now)

    @property
    def gradable(self) -> bool:
        """Whether the LMS is expected to take a score: a Learner by launch and by roster (M24, M30)."""
        return "instructor" not in (self.launch_role, self.roster_role) and "learner" in (
            self.launch_role,
            self.roster_role,
        )


class ResourceLink(Base):
    """A placement of the tool in a course: the home, or one step of one cycle.

    step and cycle are what it was first opened with: its column holds that step's participation.
    line_item_url is "" while the column is still to be found or made; scopes as the launch gave them.
    One whose column was found before anybody opened it has its course's scopes and no line_items_url yet.
    """

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("deployment_id", "resource_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    resource_link_id: Mapped[str] = mapped_column(String(255))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    title: Mapped[str] = mapped_column(String(255), default="")
    step: Mapped[str | None] = mapped_column(String(32))
    cycle_number: Mapped[int] = mapped_column(default=1)
    passback: Mapped[str] = mapped_column(String(16), default="moments")
    line_items_url: Mapped[str] = mapped_column(String(1024), default="")
    line_item_url: Mapped[str] = mapped_column(String(1024), default="")
    line_item_gone: Mapped[bool] = mapped_column(default=False)
    scopes: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
