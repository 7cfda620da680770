"""Tables of delivery: what is to leave for an LMS (or happen at a date), and what arrived there."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, now


class OutboxRow(Base):
    """Something to do once its transaction is committed: ids only, never content.

    One untried row a (kind, key): a second put merges into it. leased_until: a worker is at it until
    then. done_at and stopped_at end it; reason says why it stopped, in a fixed code.
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
            "due_at",
            sqlite_where=text("done_at IS NULL AND stopped_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND stopped_at IS NULL"),
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


class Score(Base):
    """One person's score in one column: what is under way, and what is known to have arrived.

    payload: the score as it will be (re)sent, stored before the first attempt; sent_at its timestamp;
    tried: the values that may have reached the LMS. state: waiting,
    arrived, not_gradable, held (a person set the grade in the LMS), refused or gone (no column).
    """

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("resource_link_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    payload: Mapped[dict[str, Any] | None]
    tried: Mapped[list[Any]] = mapped_column(default=list)
    sent_at: Mapped[dt.datetime | None]
    arrived: Mapped[int | None]
    arrived_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class WorkerBeat(Base):
    """When a worker was last heard of."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime]
