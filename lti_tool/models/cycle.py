"""Tables of one turn of the six steps: cycles, their steps as they run, rounds, moments, what is shared.

What people brought in and answered lies in voices.py, behind a gate. Participation is kept as moments.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, coded, now


class Authors(StrEnum):
    """How a step shows who wrote what, as the community chose."""

    HIDDEN = "hidden"
    NAMED = "named"


class RoundKind(StrEnum):
    """What a round asks: dots, consent, whether an objection stands, whether to stand behind a text, how to go on."""

    DOTS = "dots"
    CONSENT = "consent"
    OVERRULE = "overrule"
    ENDORSE = "endorse"
    CHECK_IN = "check-in"


class RoundOutcome(StrEnum):
    """What closing a round gave. OBJECTED: its text goes back to be written better. CHANGED: all are asked anew.

    TIED: of dots, another round follows among what tied. TOO_FEW: said yes. UPHELD, OVERRULED: the objections were.
    """

    COUNTED = "counted"
    TIED = "tied"
    ADOPTED = "adopted"
    OBJECTED = "objected"
    TOO_FEW = "too_few"
    UPHELD = "upheld"
    OVERRULED = "overruled"
    ENDORSED = "endorsed"
    CHANGED = "changed"


class Ending(StrEnum):
    """How a cycle ended before its steps were done: by consent of its community, or without a decision."""

    CONSENT = "consent"
    UNDECIDED = "undecided"


UNDER_WAY = text("closed_at IS NULL AND paused_until IS NULL")


class Cycle(Base):
    """One turn of six steps by one community; the open one has no closed_at.

    moved_at: when it last went to another stage (domain.cycle), or began: by it one finds what stands still.
    paused_until: while it is paused, when it goes on by itself. ending: how it was ended before its steps were done;
    None for one that was completed, or is not over. emptied_at: since when nothing of what was written in it is kept
    any more (domain.school.retention).
    """

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        Index("ix_cycle_under_way", "moved_at", "community_id", sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    number: Mapped[int]
    started_at: Mapped[dt.datetime] = mapped_column(default=now)
    moved_at: Mapped[dt.datetime] = mapped_column(default=now)
    closed_at: Mapped[dt.datetime | None]
    paused_until: Mapped[dt.datetime | None]
    ending: Mapped[Ending | None] = mapped_column(coded(Ending))
    emptied_at: Mapped[dt.datetime | None]

    @property
    def under_way(self) -> bool:
        """Whether anything can be done in it now: it is not over, and not paused."""
        return self.closed_at is None and self.paused_until is None


class Pause(Base):
    """A pause of a cycle. ended_at: None while it lasts. Who paused stands in the acts, until when on the cycle."""

    __tablename__ = "pause"
    __table_args__ = (Index("ix_pause_cycle_id", "cycle_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    began_at: Mapped[dt.datetime] = mapped_column(default=now)
    ended_at: Mapped[dt.datetime | None]


class StepRun(Base):
    """One step in one cycle, once it was opened. stage is one of the step's own stages.

    closes_at: the announced date at which the stage moves by itself. extended: that date was put off
    once, for who had not been heard. reopened: how often it was opened again after it had been completed.
    outcome: what it came to, once completed, as it was then: every home shows it, and asks nothing for it.
    came_from: the stage before this one, where going there can be taken back. by_circle: whether the present stage ends
    as cycle.may_end says; one that was entered before there were such rules ends as it was begun. told: ids of the
    members of whom this stage has let it be seen that they were heard, which follows in leaps (cycle/telling.py), and
    among them a list of those of the stage before, as long as that can be gone back to.
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
    authors: Mapped[Authors] = mapped_column(coded(Authors), default=Authors.HIDDEN, server_default="hidden")
    extended: Mapped[bool] = mapped_column(default=False, server_default=false())
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    outcome: Mapped[str | None] = mapped_column(Text)
    came_from: Mapped[str | None] = mapped_column(String(32))
    by_circle: Mapped[bool] = mapped_column(default=True, server_default=true())
    told: Mapped[list[Any] | None]

    @property
    def announced(self) -> dt.datetime | None:
        """The announced end of the stage, as long as it is still to come."""
        return self.closes_at if self.closes_at is not None and self.closes_at > now() else None


class Pass(Base):
    """That somebody passed in a stage: they are heard, and nothing else. Gone once the stage cannot be gone back to."""

    __tablename__ = "pass"
    __table_args__ = (UniqueConstraint("step_run_id", "member_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    stage: Mapped[str] = mapped_column(String(32))


class Reopening(Base):
    """That a completed step was opened again, by whom, and why. outcome: what it had come to until then.

    reason: empty where an objection came late, or what was hidden is written anew. opened_at: None as long as it is
    proposed, and waits for a second
    member's yes.
    """

    __tablename__ = "reopening"
    __table_args__ = (Index("ix_reopening_step_run_id", "step_run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    outcome: Mapped[str | None] = mapped_column(String(2000))
    closed_at: Mapped[dt.datetime]
    at: Mapped[dt.datetime] = mapped_column(default=now)
    opened_at: Mapped[dt.datetime | None]


class Round(Base):
    """A round in which each member has an equal say.

    subject_id and subject_version: the text a consent round is about. From its close: circle, of how many
    colleagues it was (Circle.of), set_away, how many were away by another's hand, and noted, how many were heard by a
    note that they had not said yes to yet; never who. 0: of an older one.
    """

    __tablename__ = "round"
    __table_args__ = (Index("ix_round_step_run_id", "step_run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    kind: Mapped[RoundKind] = mapped_column(coded(RoundKind))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    subject_version: Mapped[int | None]
    opened_at: Mapped[dt.datetime] = mapped_column(default=now)
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[RoundOutcome | None] = mapped_column(coded(RoundOutcome, 32))
    circle: Mapped[int] = mapped_column(default=0, server_default="0")
    set_away: Mapped[int] = mapped_column(default=0, server_default="0")
    noted: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def came_late(self) -> bool:
        """Whether it holds one objection that came once all was decided (rounds.close_again): nobody else was asked."""
        return self.closed_at == self.opened_at


class Moment(Base):
    """One of a member's three moments in a step: input, response or decision.

    held: it counts, and does not show in the gradebook yet; gone: the other way round. Beside what came in or was taken
    back meanwhile the score would tell whose that was: see cycle/telling.py.
    """

    __tablename__ = "moment"
    __table_args__ = (UniqueConstraint("step_run_id", "member_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[dt.datetime] = mapped_column(default=now)
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
    gone: Mapped[bool] = mapped_column(default=False, server_default=false())


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
