"""Tables of schools: what a school is, who administers it, what is set for it, and the trail of all that was done.

Nobody reads these but domain/school and who launches: an administrator's page or command goes by way of it.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, coded, now


class School(Base):
    """What shares yields, hours, leaders and totals: a deployment, until several are joined or one is split.

    name: "" until somebody gives it one. opens_on: before this day (the works council's consent) its activities are
    closed with a sentence; NULL for a school that is open. joined_id: the school that this one was joined into, which
    has all that was its own; what was done for it stays noted under it.
    """

    __tablename__ = "school"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    opens_on: Mapped[dt.date | None]
    joined_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class SchoolSplit(Base):
    """Which courses of a deployment belong to another school than the deployment's own: by the LMS's course id.

    matches: an id, or a pattern with * for any characters. What was met before has Course.school_id.
    """

    __tablename__ = "school_split"
    __table_args__ = (UniqueConstraint("deployment_id", "matches"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    matches: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class Power(StrEnum):
    """What somebody is to a school. OFFICER: the data protection officer, who reads and changes nothing."""

    ADMINISTRATOR = "administrator"
    OFFICER = "officer"


class Administrator(Base):
    """Somebody who administers a school, since when, and until when; NULL: still.

    named_by: who named them, NULL for the operator's command or a registration's one-time code.
    """

    __tablename__ = "administrator"
    __table_args__ = (
        Index("ix_administrator_school_id", "school_id"),
        Index("ix_administrator_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    power: Mapped[Power] = mapped_column(coded(Power))
    named_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    named_at: Mapped[dt.datetime] = mapped_column(default=now)
    ended_at: Mapped[dt.datetime | None]


class AdministratorRequest(Base):
    """Somebody whom the LMS calls its administrator, and who asks to be let in. granted: NULL until it is answered."""

    __tablename__ = "administrator_request"
    __table_args__ = (UniqueConstraint("school_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    asked_at: Mapped[dt.datetime] = mapped_column(default=now)
    answered_at: Mapped[dt.datetime | None]
    granted: Mapped[bool | None]


class AdministratorCode(Base):
    """A one-time code, shown where a registration ends and typed at the first launch. Only its keyed hash is kept.

    tries: how often a wrong one was typed for this registration since tried_at.
    """

    __tablename__ = "administrator_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    tried_at: Mapped[dt.datetime | None]


OF_ONE = " + ".join(
    f"CASE WHEN {each} IS NULL THEN 0 ELSE 1 END" for each in ("registration_id", "school_id", "course_id")
)


class Setting(Base):
    """A value that somebody set, for a platform, a school or a course: one of the three. Nearer goes before farther.

    name: domain.school.settings knows them all, and what a value of each is. set_by: NULL for the operator's command.
    """

    __tablename__ = "setting"
    __table_args__ = (
        UniqueConstraint("registration_id", "name"),
        UniqueConstraint("school_id", "name"),
        UniqueConstraint("course_id", "name"),
        CheckConstraint(f"{OF_ONE} = 1", "of_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    name: Mapped[str] = mapped_column(String(32))
    value: Mapped[dict[str, Any]]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[dt.datetime] = mapped_column(default=now)


class Turning(StrEnum):
    """What is done for many communities at once at the turn of a year."""

    PAUSE = "pause"
    END = "end"
    BEGIN = "begin"
    CARRY = "carry"  # close pots of hours whose period is over, and carry over what is left


class YearTurn(Base):
    """One thing that is to be done for many communities: first looked at, and done once somebody says so.

    until: the day on which paused cycles go on. asked_by: NULL for the operator's command. applied_by, applied_at: who
    said so, and when.
    """

    __tablename__ = "year_turn"
    __table_args__ = (Index("ix_year_turn_school_id", "school_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    what: Mapped[Turning] = mapped_column(coded(Turning))
    until: Mapped[dt.date | None]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(default=now)
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[dt.datetime | None]


class YearTurnLine(Base):
    """One community of it. looked_at: NULL until it was; why: a code of what stands in the way, "" for nothing.

    left_open: of hours that are carried over, how many lines are still open and will not be accounted for. done_at:
    when it was done; one that could not be, once it came to it, has why instead.
    """

    __tablename__ = "year_turn_line"
    __table_args__ = (UniqueConstraint("year_turn_id", "community_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year_turn_id: Mapped[int] = mapped_column(ForeignKey("year_turn.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    looked_at: Mapped[dt.datetime | None]
    why: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    left_open: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    done_at: Mapped[dt.datetime | None]


class SchoolAct(Base):
    """Something an administrator or the operator did, by page or by command. Never changed: triggers refuse it.

    person_id: who did it, NULL for the operator's command. about_id: whom it concerns. kind and detail: codes and ids
    (domain.school.trail), never what somebody wrote or is called. school_id: NULL for what concerns a platform.
    community_id: its number, which stays here when the community is deleted.
    """

    __tablename__ = "school_act"
    __table_args__ = (Index("ix_school_act_school_id", "school_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    community_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    detail: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(default=now)
