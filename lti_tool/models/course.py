"""Tables of the LMS's world: people, courses, seats in a course, placements (resource links)."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, now
from lti_tool.models.platform import Deployment


class Person(Base):
    """A user of a platform: (issuer, realm, sub), case-sensitive. name is "" where the LMS shares none.

    realm: the registration's. Who signs with other keys names other people, whatever issuer they call themselves.
    erased_at: since when this is no account any more; a name that is still there stands on what they approved, until
    the last of that is gone too.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("issuer", "realm", "sub"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    realm: Mapped[str] = mapped_column(String(1024), default="")
    sub: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    erased_at: Mapped[dt.datetime | None]


class Course(Base):
    """A context of a deployment (core 1.3, 5.4.1). roster: the last receipt of reading the roster.

    history: the contexts this one was copied from, newest first, as $Context.id.history gave them. school_id: of the
    school it belongs to; NULL for its deployment's own (domain.school.schools). label: its short name in the LMS,
    which teachers can change; sis_id: its id in the school's administration; "" where the LMS says none. shares: by
    what the LMS lets its people be known ("email", "login", with a space between); NULL: nobody was seen yet.
    launch_named, roster_named: whether the last launch said what its person is called, and the last roster of anybody;
    NULL: there was none since that is noted.
    """

    __tablename__ = "course"
    # An administrator's list of courses is in this order.
    __table_args__ = (UniqueConstraint("deployment_id", "context_id"), Index("ix_course_title", "title", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), default="")
    label: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    sis_id: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    shares: Mapped[str | None] = mapped_column(String(32))
    launch_named: Mapped[bool | None]
    roster_named: Mapped[bool | None]
    history: Mapped[list[Any]] = mapped_column(default=list)
    memberships_url: Mapped[str | None] = mapped_column(String(1024))
    roster: Mapped[dict[str, Any] | None]
    roster_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    deployment: Mapped[Deployment] = relationship()


class Practice(Base):
    """A course that is none: pretended colleagues, with whom one person practises until it is thrown away, in a day.

    It is of a school of its own, so that no list of a school, no yield and no hour of it goes anywhere.
    """

    __tablename__ = "practice"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    until: Mapped[dt.datetime]


class Seat(Base):
    """A person in a course, as launch and roster say. Marked absent when the roster loses them.

    launch_role wins over roster_role: a teaching assistant launches as Instructor and stands in the
    roster as Learner (M30). group_ids: the ids of the LMS's groups of this course that the last launch told this person
    to be in, with spaces between them; "" for who is in none, NULL where the LMS does not say.
    """

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("course_id", "person_id"),
        Index("ix_seat_person_id", "person_id"),
        Index(
            "ix_seat_gone",
            "course_id",
            "person_id",
            sqlite_where=text("present = 0"),
            postgresql_where=text("NOT present"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    launch_role: Mapped[str | None] = mapped_column(String(32))
    roster_role: Mapped[str | None] = mapped_column(String(32))
    present: Mapped[bool] = mapped_column(default=True)
    gone_at: Mapped[dt.datetime | None]
    group_ids: Mapped[str | None] = mapped_column(Text)
    first_seen_at: Mapped[dt.datetime] = mapped_column(default=now)

    @property
    def gradable(self) -> bool:
        """Whether the LMS is expected to take a score: a Learner by launch and by roster (M24, M30)."""
        return takes_scores(self.launch_role, self.roster_role)


def takes_scores(*roles: str | None) -> bool:
    """Whether the LMS is expected to take a score for who has these roles by launch and by roster."""
    return "instructor" not in roles and "learner" in roles


class Beside(StrEnum):
    """What can be placed beside the home and the steps, and is of no cycle: its placement has it as its step."""

    HOURS = "hours"


class ResourceLink(Base):
    """A placement of the tool in a course: the home, one step of one cycle, or what is beside these (Beside).

    The communities of a course share its placements: which of them is opened, the launch says (Launch.community_id).
    Link ids are of a course: ILIAS sends `p12` in each (O1). step, cycle and passback are what the last launch said
    (community.placing): its column holds that step's participation. scopes as the launch gave them. One whose column
    was found before anybody opened it has its course's scopes and no line_items_url yet. origin: the key it was placed
    with, "" where it carries none; twin_kept: somebody saw that another carries it too (community.twins).
    """

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("course_id", "resource_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    resource_link_id: Mapped[str] = mapped_column(String(255))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    title: Mapped[str] = mapped_column(String(255), default="")
    step: Mapped[str | None] = mapped_column(String(32))
    cycle_number: Mapped[int] = mapped_column(default=1)
    passback: Mapped[str] = mapped_column(String(16), default="moments")
    line_items_url: Mapped[str] = mapped_column(String(1024), default="")
    scopes: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"), index=True)
    twin_kept: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class LineItem(Base):
    """A column in the gradebook: one per placement, kind (domain.participation.columns) and period.

    url is "" while it is still to be found or made; gone: the LMS says that somebody removed it.
    """

    __tablename__ = "line_item"
    __table_args__ = (
        UniqueConstraint("resource_link_id", "kind", "period"),
        Index("ix_line_item_gone", "resource_link_id", sqlite_where=text("gone = 1"), postgresql_where=text("gone")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id"))
    kind: Mapped[str] = mapped_column(String(32))
    period: Mapped[str] = mapped_column(String(32), default="")
    url: Mapped[str] = mapped_column(String(1024), default="")
    gone: Mapped[bool] = mapped_column(default=False)
