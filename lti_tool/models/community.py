"""Tables of the learning community: the circle itself and who belongs to it."""

import datetime as dt

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, now


class Community(Base):
    """A professional learning community. A course has one, and may have one a group (group_id).

    locale: the language of what is written for all (comments in the gradebook, announcements).
    passback: how participation reaches the gradebook: moments, completed or none.
    """

    __tablename__ = "community"
    __table_args__ = (UniqueConstraint("course_id", "group_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    group_id: Mapped[str] = mapped_column(String(64), default="")
    name: Mapped[str] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(8), default="nl")
    founded_at: Mapped[dt.datetime] = mapped_column(default=now)


class Member(Base):
    """A person in a community.

    standing: "member" takes part; "leader" follows as school leader and sees no content; "outside"
    facilitates without taking part; "asked" is an Instructor who has not answered yet. number names
    a person whose name the LMS keeps to itself ("Lid 7"). leads: takes part and also leads others.
    ask_me: what colleagues may ask this person about, in their own words; "" for who tells nothing.
    """

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("community_id", "person_id"), UniqueConstraint("community_id", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[int]
    standing: Mapped[str] = mapped_column(String(16))
    facilitates: Mapped[bool] = mapped_column(default=False)
    leads: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[dt.datetime] = mapped_column(default=now)
    ask_me: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))


class JournalEntry(Base):
    """A page of a person's private journal. Nothing but that person's own pages and own export reads it."""

    __tablename__ = "journal_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=now)
