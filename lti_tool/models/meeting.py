"""Tables of a meeting: that a community sat together, from when to when, over which rounds, and what it put aside."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, now


class Meeting(Base):
    """A meeting of a community about one of its cycles; the one that is on has no ended_at.

    agenda: its rounds in order, each with step, stage and minutes. clock_ends_at: when the round ends that began at
    clock_for (StepRun.stage_since), where more time was given to it; any other ends after its minutes. next_on,
    next_time: when they meet again, as a day and a time of the school's.
    """

    __tablename__ = "meeting"
    # Two presses begin one meeting.
    __table_args__ = (
        Index("ix_meeting_community_id", "community_id"),
        Index(
            "uq_meeting_on",
            "community_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    started_at: Mapped[dt.datetime] = mapped_column(default=now)
    ended_at: Mapped[dt.datetime | None]
    agenda: Mapped[list[Any]]
    clock_for: Mapped[dt.datetime | None]
    clock_ends_at: Mapped[dt.datetime | None]
    next_on: Mapped[dt.date | None]
    next_time: Mapped[dt.time | None]


class Parked(Base):
    """A thought that a meeting put aside for later: whose it was is not kept."""

    __tablename__ = "parked"
    __table_args__ = (Index("ix_parked_meeting_id", "meeting_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    text: Mapped[str] = mapped_column(Text)
