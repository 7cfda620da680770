"""Tables of what people bring in and answer: contributions, what hangs on them, dots, consents, notes, drafts.

Nobody reads these but domain/reading and the few modules that write them: import-linter sees to it.

What a page, form, address or file can name has a drawn number: a number that counts up tells who wrote first, and
beside a list of who was heard that is who wrote what. The order of writing is in created_at, which no page shows.
"""

import datetime as dt
import threading
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, select, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool import chance
from lti_tool.db import Base, now

# Nine digits, all of them: neither size nor length says anything, and every form takes them.
FIRST_DRAWN, LAST_DRAWN = 100_000_000, 999_999_999


def _drawn(context: DefaultExecutionContext) -> int:
    """A number that its table has not got yet."""
    known = context.compiled.statement.table.c.id  # type: ignore[union-attr]
    while True:
        number = chance.draw(FIRST_DRAWN, LAST_DRAWN)
        if context.connection.scalar(select(known).where(known == number)) is None:
            return number


_last = dt.datetime.min.replace(tzinfo=dt.UTC)
_one_by_one = threading.Lock()
TICK = dt.timedelta(microseconds=1)


def written_at() -> dt.datetime:
    """The present moment; a tick later where something was written in it already: nothing else tells their order."""
    global _last
    with _one_by_one:
        moment = now()
        if dt.timedelta() <= _last - moment < 1000 * TICK:
            moment = _last + TICK
        _last = moment
        return moment


REQUESTS = text("kind = 'request' AND withdrawn_at IS NULL")


class Contribution(Base):
    """Something a member brought in. version rises with each change; older bodies are in Revision."""

    __tablename__ = "contribution"
    __table_args__ = (
        Index("ix_contribution_step_run_id_kind", "step_run_id", "kind"),
        # What is asked of the leadership: a list of all communities looks for the few that hear nothing.
        Index("ix_contribution_request", "step_run_id", sqlite_where=REQUESTS, postgresql_where=REQUESTS),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=_drawn)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    kind: Mapped[str] = mapped_column(String(32))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    body: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime] = mapped_column(default=written_at)
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

    size: in bytes. media_type: what its first bytes say it is, never what its sender said; it is called by that, and
    what its sender called it is not kept.
    """

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("contribution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=_drawn)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
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

    id: Mapped[int] = mapped_column(primary_key=True, default=_drawn)
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

    id: Mapped[int] = mapped_column(primary_key=True, default=_drawn)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    taker_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    action: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=written_at)
