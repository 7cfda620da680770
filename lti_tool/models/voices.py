"""Tables of what people bring in and answer: contributions, what hangs on them, dots, consents, notes, drafts.

Nobody reads these but domain/reading and the few modules that write them: import-linter sees to it.
"""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, now


class Contribution(Base):
    """Something a member brought in. version rises with each change; older bodies are in Revision."""

    __tablename__ = "contribution"
    __table_args__ = (Index("ix_contribution_step_run_id_kind", "step_run_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    kind: Mapped[str] = mapped_column(String(32))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    body: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[dt.datetime | None]


class Revision(Base):
    """What a contribution said before it was changed, and who changed it."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("contribution_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    version: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    body: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class Attachment(Base):
    """A file of a contribution, in the database: one thing to back up, and several machines see the same.

    size: in bytes. media_type: what its first bytes say it is, never what its sender said.
    """

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("contribution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class Link(Base):
    """How one contribution stands to another: answers, merged into, evidence of, built from, realises."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("from_id", "to_id", "kind"), Index("ix_link_to_id", "to_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    kind: Mapped[str] = mapped_column(String(32))


class Dot(Base):
    """How many of a member's equal dots lie on a contribution, in one round."""

    __tablename__ = "dot"
    __table_args__ = (
        UniqueConstraint("round_id", "member_id", "contribution_id"),
        CheckConstraint("count > 0", "count"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    count: Mapped[int]


class Consent(Base):
    """A member's answer in a consent round; body holds the concern, or the objection's harm and proposal."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("round_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    answer: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[dt.datetime] = mapped_column(default=now)


class Draft(Base):
    """What a person typed in a form and has not sent yet: kept here, staffroom computers are shared."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("member_id", "form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    form: Mapped[str] = mapped_column(String(96))
    body: Mapped[dict[str, Any]]
    saved_at: Mapped[dt.datetime] = mapped_column(default=now)


class Note(Base):
    """What somebody said in a meeting, entered by a note-taker; it counts once that member has confirmed it.

    action and body: the form of the step as the member would have sent it (name -> text, or a list of texts).
    """

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_member_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    taker_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    action: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
