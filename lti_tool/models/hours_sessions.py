"""Tables of sessions: that a community came together, who was there from when to when, and what was said about that.

Nobody reads these but domain/hours: import-linter sees to it. What was noted of an attendance is added, never changed.
"""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, coded, now
from lti_tool.models.hours_codes import Noted, Way


class HoursSession(Base):
    """A session of a community: a title, and from when to when; day: the school's day on which it begins.

    cycle_id: of one that is about a cycle of theirs; step: about which step of it, "" about no step or all of them.
    meeting_id: the meeting that it is. secret: what the letters of each two minutes are derived from (letters.py).
    opened_by_id: a person, NULL once erased. closed_at: when its list was closed, which attests who was there.
    """

    __tablename__ = "hours_session"
    __table_args__ = (
        Index("ix_hours_session_community_id_begins_at", "community_id", "begins_at"),
        UniqueConstraint("meeting_id", name="uq_hours_session_meeting_id"),
        CheckConstraint("ends_at > begins_at", "times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycle.id"))
    step: Mapped[str] = mapped_column(String(32))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    title: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120))
    day: Mapped[dt.date]
    begins_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
    closed_at: Mapped[dt.datetime | None]
    cancelled_at: Mapped[dt.datetime | None]


class HoursAssigned(Base):
    """That an approver of a pot assigned a session to it, before it began; until: when they took that back.

    by_id: a person, NULL once erased. Which pot it is stays the choice of whoever was there.
    """

    __tablename__ = "hours_assigned"
    __table_args__ = (
        Index("ix_hours_assigned_session_id", "session_id"),
        Index("ix_hours_assigned_pot_id", "pot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("hours_session.id"))
    pot_id: Mapped[int] = mapped_column(ForeignKey("hours_pot.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[dt.datetime] = mapped_column(default=now)
    until: Mapped[dt.datetime | None]


class HoursAttendance(Base):
    """That somebody was at a session: from came_at until left_at, NULL for its end; both in whole minutes.

    present: False for who was on the list, and was not there after all. way: how they came on it. attested_at: when
    somebody else said that it is so. disputed_at: since when the person says that it is not, until that is answered.
    entry_id: the entry of hours that the person made of it. person_id is NULL once its person was erased.
    """

    __tablename__ = "hours_attendance"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id", name="uq_hours_attendance_session_id_person_id"),
        Index("ix_hours_attendance_person_id", "person_id"),
        Index("ix_hours_attendance_entry_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("hours_session.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    came_at: Mapped[dt.datetime]
    left_at: Mapped[dt.datetime | None]
    present: Mapped[bool]
    way: Mapped[Way] = mapped_column(coded(Way))
    attested_at: Mapped[dt.datetime | None]
    disputed_at: Mapped[dt.datetime | None]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("hours_entry.id"))


class HoursAttendanceNote(Base):
    """What was said of an attendance, by whom, in which words; came_at, left_at: the times that were said, if any."""

    __tablename__ = "hours_attendance_note"
    __table_args__ = (Index("ix_hours_attendance_note_attendance_id", "attendance_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attendance_id: Mapped[int] = mapped_column(ForeignKey("hours_attendance.id"))
    kind: Mapped[Noted] = mapped_column(coded(Noted))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    came_at: Mapped[dt.datetime | None]
    left_at: Mapped[dt.datetime | None]
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursTry(Base):
    """How often somebody gave other letters than those of a session."""

    __tablename__ = "hours_try"
    __table_args__ = (UniqueConstraint("session_id", "person_id", name="uq_hours_try_session_id_person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("hours_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    tries: Mapped[int]
