"""Tables of the cycle, generic on purpose: a new step needs none of its own.

A step's run holds contributions (bodies checked by the step's schema), links between them, and
rounds of dots, consent or endorsement. Participation is kept as moments.
"""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, now


class Cycle(Base):
    """One turn of six steps by one community; the open one has no closed_at."""

    __tablename__ = "cycle"
    __table_args__ = (UniqueConstraint("community_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    number: Mapped[int]
    started_at: Mapped[dt.datetime] = mapped_column(default=now)
    closed_at: Mapped[dt.datetime | None]


class StepRun(Base):
    """One step in one cycle, once it was opened. stage is one of the step's own stages.

    closes_at: the announced date at which the stage moves by itself. extended: that date was put off
    once, for who had not been heard. authors: "hidden" or "named", as the community chose. reopened:
    how often it was opened again after it had been completed. outcome: what it came to, once completed,
    as it was then: every home shows it, and asks nothing for it.
    """

    __tablename__ = "step_run"
    __table_args__ = (UniqueConstraint("cycle_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    step: Mapped[str] = mapped_column(String(32))
    stage: Mapped[str] = mapped_column(String(32))
    stage_since: Mapped[dt.datetime] = mapped_column(default=now)
    closes_at: Mapped[dt.datetime | None]
    opened_at: Mapped[dt.datetime] = mapped_column(default=now)
    closed_at: Mapped[dt.datetime | None]
    authors: Mapped[str] = mapped_column(String(16), default="hidden", server_default="hidden")
    extended: Mapped[bool] = mapped_column(default=False, server_default=false())
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    outcome: Mapped[str | None] = mapped_column(Text)


class Reopening(Base):
    """That a completed step was opened again, by whom, and why. outcome: what it had come to until then."""

    __tablename__ = "reopening"
    __table_args__ = (Index("ix_reopening_step_run_id", "step_run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    outcome: Mapped[str | None] = mapped_column(String(2000))
    closed_at: Mapped[dt.datetime]
    at: Mapped[dt.datetime] = mapped_column(default=now)


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


class Round(Base):
    """A round in which each member has an equal say: dots, consent or endorsement.

    subject_id and subject_version: the text a consent round is about. outcome: what closing it gave.
    """

    __tablename__ = "round"
    __table_args__ = (Index("ix_round_step_run_id", "step_run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    subject_version: Mapped[int | None]
    opened_at: Mapped[dt.datetime] = mapped_column(default=now)
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(32))


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


class Moment(Base):
    """One of a member's three moments in a step: input, response or decision."""

    __tablename__ = "moment"
    __table_args__ = (UniqueConstraint("step_run_id", "member_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(16))
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


class YieldShare(Base):
    """A yield shared with another community of the school: a copy of what was endorsed, so that nothing else is read.

    community_id: with whom. member_id: the facilitator who shared it. body: the text and the lessons.
    """

    __tablename__ = "yield_share"
    __table_args__ = (
        UniqueConstraint("cycle_id", "community_id"),
        Index("ix_yield_share_community_id", "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    body: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(default=now)


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
