"""Tables of delivery: what is to leave for an LMS (or happen at a date), and what arrived there."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, coded, now

UNFINISHED = text("done_at IS NULL AND stopped_at IS NULL")


class OutboxRow(Base):
    """Something to do once its transaction is committed: ids only, never content.

    One untried row a (kind, key): a second put merges into it. registration_id: the platform it talks to, NULL
    for none. leased_until: a worker is at it until then. done_at and stopped_at end it; reason says why it
    stopped, in a fixed code.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "uq_outbox_untried",
            "kind",
            "key",
            unique=True,
            sqlite_where=text("attempts = 0 AND done_at IS NULL AND stopped_at IS NULL"),
            postgresql_where=text("attempts = 0 AND done_at IS NULL AND stopped_at IS NULL"),
        ),
        Index(
            "ix_outbox_due",
            "registration_id",
            "due_at",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
        Index(
            "ix_outbox_unfinished",
            "kind",
            "key",
            "id",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(128))
    ids: Mapped[dict[str, Any]]
    due_at: Mapped[dt.datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    stopped_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))


class PlatformRest(Base):
    """A platform in trouble: none of its rows leave before `until`, and then one tries again first.

    failures: how many tries in a row found it so, the last one begun after `since`. Gone with its first answer.
    """

    __tablename__ = "platform_rest"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True, autoincrement=False)
    failures: Mapped[int]
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime]


class Alarm(Base):
    """What an administrator has to see to, because an LMS refuses it; the row goes when it works again.

    about: "platform"; a service whose scope is missing ("score", "line_item", "roster"); or one address of a
    course's, "column:<line item>", "roster:<course>", "placement:<course>". reason: as deliveries have it. until:
    before then nobody tries, and then one does first. failures: how often in a row that went wrong.
    """

    __tablename__ = "alarm"
    __table_args__ = (UniqueConstraint("registration_id", "about"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    about: Mapped[str] = mapped_column(String(64))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    reason: Mapped[str] = mapped_column(String(64))
    failures: Mapped[int] = mapped_column(default=1)
    since: Mapped[dt.datetime] = mapped_column(default=now)
    until: Mapped[dt.datetime]


class ScoreState(StrEnum):
    """Where a score is. HELD: a person set the grade in the LMS; GONE: the column is no more."""

    WAITING = "waiting"
    ARRIVED = "arrived"
    NOT_GRADABLE = "not_gradable"
    HELD = "held"
    REFUSED = "refused"
    GONE = "gone"


class Score(Base):
    """One person's score in one column: what is under way, and what is known to have arrived.

    payload: the score as it will be (re)sent, stored before the first attempt; sent_at its timestamp;
    tried: the values that may have reached the LMS.
    """

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("line_item_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[ScoreState] = mapped_column(coded(ScoreState), default=ScoreState.WAITING)
    payload: Mapped[dict[str, Any] | None]
    tried: Mapped[list[Any]] = mapped_column(default=list)
    sent_at: Mapped[dt.datetime | None]
    arrived: Mapped[float | None] = mapped_column(Double)
    arrived_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class WorkerBeat(Base):
    """When a worker was last heard of."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime]
