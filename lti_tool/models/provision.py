"""Tables of a school's provision list: its lines, whom they name, and a list that the worker is applying.

Nobody reads these but domain/school/provision, and domain/community/roster asks whether a course has something waiting.
Whom a school's pot of hours waits for is named in the same way.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, coded, now
from lti_tool.models.hours_codes import Role as HoursDuty


class Role(StrEnum):
    """What a list makes of somebody. DEPUTY: takes part, and may take up facilitating at any time."""

    FACILITATOR = "facilitator"
    DEPUTY = "deputy"
    LEADER = "leader"


class Named(StrEnum):
    """By what a list names somebody. PICKED: by hand, from the course's roster."""

    EMAIL = "email"
    LOGIN = "login"
    ID = "id"
    PICKED = "picked"


class Trouble(StrEnum):
    """Why somebody does not get what a list says. SEVERAL: two people are called so; LEFT: they left the circle.

    REPLACED: they were taken off it, and facilitate until whom it names instead is there.
    """

    SEVERAL = "several"
    LEFT = "left"
    REPLACED = "replaced"


class ProvisionLine(Base):
    """A line of a school's list, a staff course each, or one of the communities of such a course. key: what names it,
    one of a school's lines.

    lms_id, sis_id, short_name: as the list has them, "" where it does not say. course_id: once it is matched it is
    this course, whatever that is renamed to. community: which of its communities, by the name it had in the list, ""
    for its own; community_id: the same, once it is matched, NULL for its own. template, settings, pots: as they stand
    in the list. listed: whether the list that was applied last has it; what is on the list no longer stays as it is.
    """

    __tablename__ = "provision_line"
    __table_args__ = (
        UniqueConstraint("school_id", "key"),
        Index("ix_provision_line_course_id", "course_id"),
        Index("ix_provision_line_community_id", "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    community: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    key: Mapped[str] = mapped_column(String(300))
    lms_id: Mapped[str] = mapped_column(String(255), default="")
    sis_id: Mapped[str] = mapped_column(String(255), default="")
    short_name: Mapped[str] = mapped_column(String(255), default="")
    title: Mapped[str] = mapped_column(String(255), default="")
    template: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    settings: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    pots: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    listed: Mapped[bool] = mapped_column(default=True, server_default=true())
    since: Mapped[dt.datetime] = mapped_column(default=now)


class ProvisionPart(Base):
    """Somebody whom a line names, as what. Of what they are called in the list only keyed hashes are kept.

    named_hash: compared at launches and with rosters, and dropped once person_id is known. mark: the same hash keyed
    for this line and role alone; a list that is given again is known by it, and nobody can be found by it.
    since: when it began to wait. in_force_at: since when it is so, NULL while it waits.
    """

    __tablename__ = "provision_part"
    __table_args__ = (
        UniqueConstraint("line_id", "role", "mark"),
        Index("ix_provision_part_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("provision_line.id"))
    role: Mapped[Role] = mapped_column(coded(Role))
    named_by: Mapped[Named] = mapped_column(coded(Named))
    named_hash: Mapped[str | None] = mapped_column(String(64))
    mark: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    trouble: Mapped[Trouble | None] = mapped_column(coded(Trouble))
    listed: Mapped[bool] = mapped_column(default=True, server_default=true())
    since: Mapped[dt.datetime] = mapped_column(default=now)
    in_force_at: Mapped[dt.datetime | None]


class ProvisionRun(Base):
    """A long list that the worker applies: one a school at a time. lines: hashed, and emptied once it is over.

    answers: what was ticked and chosen beside it; shown: the digest of what the administrator agreed to. done, of:
    lines checked so far, and of how many. refused: the code of what came between.
    """

    __tablename__ = "provision_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    lines: Mapped[str] = mapped_column(Text, deferred=True)
    answers: Mapped[dict[str, Any]]
    shown: Mapped[str] = mapped_column(String(64))
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    of: Mapped[int] = mapped_column(default=0, server_default="0")
    over: Mapped[bool] = mapped_column(default=False, server_default=false())
    refused: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursNamed(Base):
    """Somebody who is to approve of a school's pot, named as a provision list names people, and not met yet.

    named_hash: compared at launches and with rosters of the school; the row goes once they are found.
    """

    __tablename__ = "hours_named"
    __table_args__ = (UniqueConstraint("pot_id", "named_hash"), Index("ix_hours_named_named_hash", "named_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("hours_pot.id"))
    role: Mapped[HoursDuty] = mapped_column(coded(HoursDuty))
    named_by: Mapped[Named] = mapped_column(coded(Named))
    named_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(default=now)
