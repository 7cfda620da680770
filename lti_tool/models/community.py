"""Tables of the learning community: the circle itself, who belongs to it, and what was done in it."""

import datetime as dt
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    ScalarSelect,
    SQLColumnExpression,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from lti_tool.db import Base, coded, now
from lti_tool.models.course import Course
from lti_tool.models.platform import Deployment
from lti_tool.models.school import Setting


def setting_of(
    name: str, course_id: SQLColumnExpression[int], *, as_text: bool = False, since: bool = False
) -> ScalarSelect[Any]:
    """Of a query: what is set under this name for a course, or for what it inherits from: {"value": …}, or NULL.

    as_text: the value alone, of a setting that is text. since: when that was set, instead.
    """
    course, deployment = cast(Table, Course.__table__).alias(), cast(Table, Deployment.__table__).alias()
    its = select(course).join(deployment, deployment.c.id == course.c.deployment_id).where(course.c.id == course_id)

    def of(column: Any) -> ScalarSelect[Any]:
        return its.with_only_columns(column).correlate_except(course, deployment).scalar_subquery()

    return (
        select(Setting.set_at if since else Setting.value["value"].as_string() if as_text else Setting.value)
        .where(
            Setting.name == name,
            or_(
                Setting.course_id == course_id,
                Setting.school_id == of(func.coalesce(course.c.school_id, deployment.c.school_id)),
                Setting.registration_id == of(deployment.c.registration_id),
            ),
        )
        .order_by(case((Setting.course_id.is_not(None), 0), (Setting.school_id.is_not(None), 1), else_=2))
        .limit(1)
        .correlate_except(Setting)
        .scalar_subquery()
    )


class Standing(StrEnum):
    """How somebody stands in a community.

    MEMBER takes part; LEADER follows as school leader and sees no content; OUTSIDE facilitates without taking
    part; ASKED has not answered yet what they do here; APART has left the circle, and comes back by saying so;
    ELSEWHERE sits in another community of the course now, and comes back by being put back (community.seating).
    """

    MEMBER = "member"
    LEADER = "leader"
    OUTSIDE = "outside"
    ASKED = "asked"
    APART = "apart"
    ELSEWHERE = "elsewhere"


class Community(Base):
    """A professional learning community. A course has one of its own (group_id ""), and may have others.

    group_id: of one that is a group's the id that the LMS gives that group; of one made by hand "hand:" and random.
    locale: the language of what is written for all (comments in the gradebook, announcements).
    passback: how participation reaches the gradebook: moments, completed or none.
    by_roster: whether everybody whom the LMS's roster calls a Learner belongs to the circle, or only who opened it.
    headcount: how many colleagues there are, given by hand where the LMS names none; 0: not given.
    holidays: intervals of ISO 8601, first day/last day, with spaces between them (domain.community.school_days).
    version: grows with whatever changes what others see; moved: what it was when the community last moved, to another
    round or into a meeting (domain.community.version). activity_url: where the activity opens in the LMS, pasted by
    hand where a launch does not tell. archived_at: since when it is kept to be read only, and in no list of what is at
    work (domain.school.communities). off_school, step_names, facilitation: what is set for it (domain.school.settings),
    which nobody sets here: the holidays of its school ({"value": intervals as above}), its names of the steps, and who
    may facilitate.
    """

    __tablename__ = "community"
    __table_args__ = (UniqueConstraint("course_id", "group_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    group_id: Mapped[str] = mapped_column(String(64), default="")
    name: Mapped[str] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(8), default="nl")
    founded_at: Mapped[dt.datetime] = mapped_column(default=now)
    by_roster: Mapped[bool] = mapped_column(default=True, server_default=true())
    headcount: Mapped[int] = mapped_column(default=0, server_default="0")
    holidays: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    moved: Mapped[int] = mapped_column(default=0, server_default="0")
    activity_url: Mapped[str] = mapped_column(String(1024), default="", server_default=text("''"))
    archived_at: Mapped[dt.datetime | None]
    off_school: Mapped[dict[str, Any] | None] = column_property(setting_of("holidays", course_id), deferred=True)
    step_names: Mapped[dict[str, Any] | None] = column_property(setting_of("step_names", course_id), deferred=True)
    facilitation: Mapped[str | None] = column_property(
        setting_of("facilitation", course_id, as_text=True), deferred=True
    )


class Member(Base):
    """A person in a community.

    number names a person whose name the LMS keeps to itself ("Lid 7"). leads: takes part and also leads
    others. ask_me: what colleagues may ask this person about, in their own words; "" for who tells nothing.
    facilitates: there may be several. facilitated_on: the day on which who facilitates last came from the LMS, of
    nobody else; it stays with whom somebody took the role over from, who may come back to it.
    opened_at: when this person first came from the LMS, NULL for whom only the roster named so far.
    away_until: until when nobody waits for this person, NULL for who is here; away_own: by their own word.
    away_since: when that began; away_seen_at: when they last came from the LMS before it was over, or first after it.
    Both are forgotten once nobody needs to tell what was decided meanwhile (domain.community.away). to_mend: whether a
    text of theirs was hidden, and may wait for them to write it anew. by_hand: somebody put this person here, where the
    course has several communities; sits: of several that they may sit in, the one they sat in last.
    """

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("community_id", "person_id"),
        UniqueConstraint("community_id", "number"),
        Index(
            "ix_member_facilitates",
            "community_id",
            "standing",
            "person_id",
            sqlite_where=text("facilitates = 1"),
            postgresql_where=text("facilitates"),
        ),
        Index(
            "ix_member_opened",
            "community_id",
            "standing",
            "facilitates",
            sqlite_where=text("opened_at IS NOT NULL"),
            postgresql_where=text("opened_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[int]
    standing: Mapped[Standing] = mapped_column(coded(Standing))
    facilitates: Mapped[bool] = mapped_column(default=False)
    facilitated_on: Mapped[dt.date | None]
    leads: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[dt.datetime] = mapped_column(default=now)
    opened_at: Mapped[dt.datetime | None] = mapped_column(default=now)
    away_until: Mapped[dt.datetime | None]
    away_own: Mapped[bool] = mapped_column(default=False, server_default=false())
    away_since: Mapped[dt.datetime | None]
    away_seen_at: Mapped[dt.datetime | None]
    to_mend: Mapped[bool] = mapped_column(default=False, server_default=false())
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    sits: Mapped[bool] = mapped_column(default=False, server_default=false())
    ask_me: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))


class JournalEntry(Base):
    """A page of a person's private journal. Nothing but that person's own pages and own export reads it."""

    __tablename__ = "journal_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=now)


class Act(Base):
    """Something somebody did that changes things for others. Rows are added and never changed: triggers refuse it.

    member_id: who did it, NULL for the clock or for who is no member; about_id: whom it concerns. Both are NULL where
    an act carries no person, whoever did it. kind and detail: codes and ids (domain.community.acts), never what
    somebody wrote.
    """

    __tablename__ = "act"
    __table_args__ = (
        Index("ix_act_community_id", "community_id"),
        CheckConstraint(
            "kind NOT IN ('set_away', 'left_out') OR (member_id IS NULL AND about_id IS NULL)", "no_person"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycle.id"))
    step_run_id: Mapped[int | None] = mapped_column(ForeignKey("step_run.id"))
    kind: Mapped[str] = mapped_column(String(32))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    detail: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(default=now)
