"""Tables of professional development hours: pots, who is whose approver, entries, what was done with them, what counts.

Nobody reads these but domain/hours: import-linter sees to it. Rows of entries, acts and counts are added and never
changed or removed (a trigger refuses it for counts); where somebody is erased the name goes and the sums stay.
"""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, coded, now
from lti_tool.models.hours_codes import Decision, Done, Kind, Review, Role


class HoursPot(Base):
    """A pot of hours of a community or of a school, for a period: first_day to last_day, both in it.

    school_id: of one of a school, which has no community_id then. everywhere: such a one is open to each community of
    its school, whenever that came about; else to those that have a HoursPotPlace. joined_id: the school's pot that this
    one became a part of; what was booked in it is booked in that one from then on, and it has no next_id or closed_at.

    minutes: how many are meant, NULL for open. for_all: for everybody in the community, else for its holders.
    evidence: whether a proof is asked for. arranging: whether arranging counts, beside learning. caps: each with kinds
    (a list, empty for all), per (entry, day or period), and minutes or percent (of the pot's minutes). carries: for how
    many periods what was not counted is carried over; surplus: whether what counted beyond the plan is too. closed_at:
    its period is over and locked; next_id: the pot of the period after it, which there is from then on. whose: what
    its holders are called together, a function such as "mentors"; "" for everybody, or for whom it names.
    decision: whose it is to use it; that says nothing of what counts. rounds: to how many minutes a paper rounds each
    entry, NULL for not at all.
    """

    __tablename__ = "hours_pot"
    __table_args__ = (
        Index("ix_hours_pot_community_id", "community_id"),
        Index("ix_hours_pot_school_id", "school_id"),
        Index("ix_hours_pot_joined_id", "joined_id"),
        Index("ix_hours_pot_next_id", "next_id"),
        CheckConstraint("(community_id IS NULL) <> (school_id IS NULL)", "of_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    everywhere: Mapped[bool] = mapped_column(default=False, server_default=false())
    joined_id: Mapped[int | None] = mapped_column(ForeignKey("hours_pot.id"))
    name: Mapped[str] = mapped_column(String(80))
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date]
    minutes: Mapped[int | None]
    review: Mapped[Review] = mapped_column(coded(Review))
    for_all: Mapped[bool]
    evidence: Mapped[bool]
    arranging: Mapped[bool]
    caps: Mapped[list[Any]]
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
    stopped_at: Mapped[dt.datetime | None]
    carries: Mapped[int] = mapped_column(default=0, server_default="0")
    surplus: Mapped[bool] = mapped_column(default=False, server_default=false())
    closed_at: Mapped[dt.datetime | None]
    next_id: Mapped[int | None] = mapped_column(ForeignKey("hours_pot.id"))
    whose: Mapped[str] = mapped_column(String(80), default="", server_default=text("''"))
    decision: Mapped[Decision] = mapped_column(coded(Decision), default=Decision.OWN, server_default=text("'own'"))
    rounds: Mapped[int | None]


class HoursPotPlace(Base):
    """That a school's pot is open to a community, since when, and until when; NULL: still.

    After until it takes no new hours there, and what is in it is read there as before. A community that was split off
    to another school keeps a pot by it until its period is closed.
    """

    __tablename__ = "hours_pot_place"
    __table_args__ = (
        UniqueConstraint("pot_id", "community_id"),
        Index("ix_hours_pot_place_community_id", "community_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("hours_pot.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    since: Mapped[dt.datetime] = mapped_column(default=now)
    until: Mapped[dt.datetime | None]


class HoursRole(Base):
    """What somebody is to a pot, since when, and until when; NULL: still.

    Of a holder, until it was said anew: from first_day on they belong to the pot (NULL: from its first day on), up to
    last_day or the next row's first day, for share of it, in parts of 10,000 (NULL: all of it), or for minutes of their
    own in a whole period. Who has no row belongs wholly to a pot for everybody (domain/hours/planned.py).
    """

    __tablename__ = "hours_role"
    __table_args__ = (Index("ix_hours_role_pot_id", "pot_id"), Index("ix_hours_role_person_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("hours_pot.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(coded(Role))
    since: Mapped[dt.datetime] = mapped_column(default=now)
    until: Mapped[dt.datetime | None]
    first_day: Mapped[dt.date | None]
    last_day: Mapped[dt.date | None]
    share: Mapped[int | None]
    minutes: Mapped[int | None]


class HoursVisit(Base):
    """That somebody opened an approve activity of a deployment: in which course (as its LMS calls it), and when last.

    No seat and no member comes of it: with it whoever makes the pots of that deployment can name them.
    """

    __tablename__ = "hours_visit"
    __table_args__ = (
        UniqueConstraint("deployment_id", "person_id"),
        Index("ix_hours_visit_person_id", "person_id"),
        Index("ix_hours_visit_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course: Mapped[str] = mapped_column(String(255))
    at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursHanded(Base):
    """An address at which who left a community fetches their hours, until when. Only its keyed hash is kept."""

    __tablename__ = "hours_handed"
    __table_args__ = (Index("ix_hours_handed_person_id", "person_id"), Index("ix_hours_handed_until", "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[dt.datetime] = mapped_column(default=now)
    until: Mapped[dt.datetime]


class HoursEntry(Base):
    """Something somebody did: whole minutes on a local day. It belongs to the person, whatever becomes of the member.

    begins_at, ends_at: where times are known; then minutes are what lies between them. learning: or arranging.
    provider: of what was elsewhere. person_id is NULL once its person was erased; line and provider are "" then.
    """

    __tablename__ = "hours_entry"
    __table_args__ = (
        Index("ix_hours_entry_person_id_day", "person_id", "day"),
        Index("ix_hours_entry_community_id", "community_id"),
        CheckConstraint("minutes > 0", "minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[Kind] = mapped_column(coded(Kind))
    learning: Mapped[bool]
    minutes: Mapped[int]
    day: Mapped[dt.date]
    begins_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    line: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursProof(Base):
    """The proof of an entry, a file as attachments are (domain/mechanisms/attachments.py). size: in bytes."""

    __tablename__ = "hours_proof"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("hours_entry.id"), unique=True)
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class HoursAct(Base):
    """What was done with an entry, by whom, with which words. pot_id: of an entry that was sent, to which pot."""

    __tablename__ = "hours_act"
    __table_args__ = (Index("ix_hours_act_entry_id", "entry_id"), Index("ix_hours_act_pot_id", "pot_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("hours_entry.id"))
    kind: Mapped[Done] = mapped_column(coded(Done))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    pot_id: Mapped[int | None] = mapped_column(ForeignKey("hours_pot.id"))
    next_id: Mapped[int | None] = mapped_column(ForeignKey("hours_entry.id"))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursCount(Base):
    """A row of the ledger: what an entry counts for, or by how much a correction changes that. Never changed.

    overlap, above: how many of its minutes do not count because others did first, and because of the pot's rules.
    pot_id: where the minutes are booked. of_id: the entry's own pot, where that was closed when this was written.
    """

    __tablename__ = "hours_count"
    __table_args__ = (Index("ix_hours_count_entry_id", "entry_id"), Index("ix_hours_count_pot_id", "pot_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("hours_entry.id"))
    pot_id: Mapped[int] = mapped_column(ForeignKey("hours_pot.id"))
    act_id: Mapped[int] = mapped_column(ForeignKey("hours_act.id"))
    minutes: Mapped[int]
    overlap: Mapped[int]
    above: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(default=now)
    of_id: Mapped[int | None] = mapped_column(ForeignKey("hours_pot.id"))


class HoursBalance(Base):
    """What a closed period came to for somebody: one row of each person and pot, never changed.

    planned: with came, what was carried into it; NULL where the pot was open. counted: the sum of the rows booked in
    the pot then. unaccounted: what still waited, or was kept without a pot. carried: what went on to the next period,
    below zero for a surplus; layers: the same by the period it is of, each {"of": its first day, "minutes", "left": for
    how many periods after the next}. person_id is NULL once its person was erased.
    """

    __tablename__ = "hours_balance"
    __table_args__ = (UniqueConstraint("pot_id", "person_id"), Index("ix_hours_balance_person_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("hours_pot.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    planned: Mapped[int | None]
    came: Mapped[int]
    counted: Mapped[int]
    unaccounted: Mapped[int]
    carried: Mapped[int]
    layers: Mapped[list[Any]]
    at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursTariff(Base):
    """What a community's steps are worth, since when: a row for each time it was set; the last one is in force.

    steps: step -> {"minutes", "action": of an action that one ended in it, "most": of one cycle's step}; empty for off.
    """

    __tablename__ = "hours_tariff"
    __table_args__ = (Index("ix_hours_tariff_community_id", "community_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    steps: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursSuggestion(Base):
    """That an entry is what a step suggested, and was accepted. piece: the action, 0 for the step itself."""

    __tablename__ = "hours_suggestion"
    __table_args__ = (Index("ix_hours_suggestion_step_run_id", "step_run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("hours_entry.id"), unique=True)
    step_run_id: Mapped[int] = mapped_column(ForeignKey("step_run.id"))
    piece: Mapped[int]


class HoursPlan(Base):
    """How many minutes somebody means to use of a pot. Their own: nobody else reads it, and it can change."""

    __tablename__ = "hours_plan"
    __table_args__ = (UniqueConstraint("pot_id", "person_id"), Index("ix_hours_plan_person_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    pot_id: Mapped[int] = mapped_column(ForeignKey("hours_pot.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    minutes: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(default=now, onupdate=now)


class HoursFigure(Base):
    """The one figure of a community that a school leader reads: what counted in this school year, on this day.

    month: the first day of the month of which it is. Stored when it comes about, so that a later one is held beside it.
    """

    __tablename__ = "hours_figure"
    __table_args__ = (UniqueConstraint("community_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    month: Mapped[dt.date]
    at: Mapped[dt.datetime] = mapped_column(default=now)


class HoursFigurePart(Base):
    """What of a figure is somebody's: nobody ever reads it, it tells how many people's sums changed since.

    person_id is NULL once its person was erased.
    """

    __tablename__ = "hours_figure_part"
    __table_args__ = (
        Index("ix_hours_figure_part_figure_id", "figure_id"),
        Index("ix_hours_figure_part_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    figure_id: Mapped[int] = mapped_column(ForeignKey("hours_figure.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    minutes: Mapped[int]


class HoursJoin(Base):
    """That two accounts of one deployment are said to be one person: from when both said yes until somebody ends it.

    by_id: the administrator who proposed it. Nothing of the ledger hangs on it but what is read together.
    """

    __tablename__ = "hours_join"
    __table_args__ = (
        Index("ix_hours_join_one_id", "one_id"),
        Index("ix_hours_join_other_id", "other_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    one_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[dt.datetime] = mapped_column(default=now)
    one_yes_at: Mapped[dt.datetime | None]
    other_yes_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]


class HoursExport(Base):
    """A file of the hours of one's pots that somebody asked for; the worker makes it, and a day later it is gone.

    what: "csv", "xlsx", or "pack-" and the id of a pot. asked_at names one making of it. lines, total: so many entries
    are written, of so many. pots: ids of those that it is of. content: NULL until made_at.
    """

    __tablename__ = "hours_export"
    __table_args__ = (
        UniqueConstraint("community_id", "person_id", "what"),
        Index("ix_hours_export_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    what: Mapped[str] = mapped_column(String(24))
    locale: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[dt.datetime]
    made_at: Mapped[dt.datetime | None]
    failed_at: Mapped[dt.datetime | None]
    lines: Mapped[int]
    total: Mapped[int]
    pots: Mapped[list[Any]]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
