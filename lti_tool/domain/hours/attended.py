"""Reading sessions: one's own attendance, and who was there, for who facilitates. Nobody else has any, leaders least.

A facilitator of the community's own sees all its sessions. Who facilitates from outside or leads besides, or no longer
facilitates, sees those they opened, until thirty days after. An approver reads of an attendance what an entry of their
pot came from.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from lti_tool.db import MAX_ID, UtcDateTime, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.community.circle import called
from lti_tool.domain.hours import letters, times
from lti_tool.domain.reading.things import Thing, Viewer, gets
from lti_tool.models import Community, Member, Person, Standing
from lti_tool.models.hours_codes import Noted, Way
from lti_tool.models.hours_sessions import HoursAttendance, HoursAttendanceNote, HoursSession
from lti_tool.text import Text

# One can check in so long before a session begins: who is early stands at the door.
EARLY = dt.timedelta(minutes=30)
# So long after it a session from outside can be looked at, and so long home tells of one that is over.
AFTER, LATELY = dt.timedelta(days=30), dt.timedelta(days=14)
# An approver may answer what a facilitator has not answered for so long.
UNANSWERED = dt.timedelta(days=14)

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class Said:
    """What was said of an attendance. by: a person's id; came, left: the times that were said."""

    kind: Noted
    by: int | None
    at: dt.datetime
    words: str
    came: dt.datetime | None
    left: dt.datetime | None


@dataclass(frozen=True)
class Attendance:
    """Somebody at a session. first, last, minutes: how much of it, within the session."""

    id: int
    person_id: int | None
    came: dt.datetime
    left: dt.datetime | None
    present: bool
    way: Way
    attested: bool
    disputed_at: dt.datetime | None
    entry_id: int | None
    first: dt.datetime
    last: dt.datetime
    minutes: int
    said: Sequence[Said] = ()

    @property
    def holds(self) -> bool:
        """Whether it counts as attested: it is, or what the person says stands until somebody answers."""
        return self.attested or self.disputed_at is not None

    @property
    def dispute(self) -> Said | None:
        """What the person says that is not right, while nobody has answered."""
        found = (each for each in reversed(self.said) if each.kind == Noted.DISPUTED)
        return next(found, None) if self.disputed_at is not None else None

    @property
    def answer(self) -> Said | None:
        """The last that was said of it with words, by whoever answered or corrected."""
        told = (each for each in reversed(self.said) if each.kind in (Noted.CORRECTED, Noted.UPHELD))
        return next(told, None)


@dataclass(frozen=True)
class Sitting:
    """A session as whoever belongs to its community knows it. mine: one's own attendance, None for who is not on it."""

    id: int
    title: str
    place: str
    day: dt.date
    begins: dt.datetime
    ends: dt.datetime
    step: str
    cycle_id: int | None
    opened_by: int | None
    meeting_id: int | None
    closed: bool
    cancelled: bool
    mine: Attendance | None = None

    @property
    def on(self) -> bool:
        """Whether one can check in."""
        return not self.closed and not self.cancelled and self.begins - EARLY <= now() < self.ends

    @property
    def over(self) -> bool:
        """Whether its time is over, or its list was closed."""
        return self.closed or self.ends <= now()

    def sees_list(self, member: Member) -> bool:
        """Whether somebody sees who was there; whoever leads as well only where they opened it themselves."""
        viewer = Viewer(access.audiences(member, administrator=False), member.id)
        own = member.standing == Standing.MEMBER and not member.leads
        if own and gets(viewer, Thing.ATTENDANCE):
            return True
        opened = self.opened_by is not None and self.opened_by == member.person_id
        return opened and member.standing != Standing.LEADER and now() < self.ends + AFTER


def attendance(row: HoursAttendance, of: HoursSession, said: Sequence[HoursAttendanceNote] = ()) -> Attendance:
    """A row as it is read."""
    first, last, minutes = times.there(of.begins_at, of.ends_at, row.came_at, row.left_at)
    return Attendance(
        id=row.id, person_id=row.person_id, came=row.came_at, left=row.left_at, present=row.present, way=row.way,
        attested=row.attested_at is not None, disputed_at=row.disputed_at, entry_id=row.entry_id,
        first=first, last=last, minutes=minutes if row.present else 0,
        said=[Said(each.kind, each.by_id, each.at, each.words, each.came_at, each.left_at) for each in said],
    )  # fmt: skip


def with_words(session: Session, row: HoursAttendance, of: HoursSession) -> Attendance:
    """The same with what was said of it."""
    return attendance(row, of, _said(session, [row.id])[row.id])


def sitting(row: HoursSession, mine: Attendance | None = None) -> Sitting:
    """A session's row as it is read."""
    return Sitting(
        id=row.id, title=row.title, place=row.place, day=row.day, begins=row.begins_at, ends=row.ends_at,
        step=row.step, cycle_id=row.cycle_id, opened_by=row.opened_by_id, meeting_id=row.meeting_id,
        closed=row.closed_at is not None, cancelled=row.cancelled_at is not None, mine=mine,
    )  # fmt: skip


def of_community(session: Session, community_id: int, person_id: int) -> list[Sitting]:
    """The sessions of a community, the latest first, each with this person's own attendance."""
    rows = session.execute(
        select(HoursSession, HoursAttendance)
        .outerjoin(
            HoursAttendance,
            and_(HoursAttendance.session_id == HoursSession.id, HoursAttendance.person_id == person_id),
        )
        .where(HoursSession.community_id == community_id)
        .order_by(HoursSession.begins_at.desc(), HoursSession.id.desc())
    ).all()
    ids = [row.id for _, row in rows if row is not None]
    said = _said(session, ids)
    return [sitting(of, attendance(row, of, said[row.id]) if row is not None else None) for of, row in rows]


def one(session: Session, community_id: int, person_id: int, session_id: int) -> Sitting:
    """One session, with this person's own attendance; Refused("not_found")."""
    for each in of_community(session, community_id, person_id) if 0 < session_id <= MAX_ID else ():
        if each.id == session_id:
            return each
    raise Refused("not_found")


def everybody(session: Session, sat: Sitting, member: Member) -> list[Attendance]:
    """All who are on the list of a session; Refused("not_found") to who may not see it."""
    if not sat.sees_list(member):
        raise Refused("not_found")
    of = session.get_one(HoursSession, sat.id)
    rows = session.scalars(
        select(HoursAttendance).where(HoursAttendance.session_id == sat.id).order_by(HoursAttendance.id)
    ).all()
    said = _said(session, [row.id for row in rows])
    return [attendance(row, of, said[row.id]) for row in rows]


def _said(session: Session, ids: Sequence[int]) -> dict[int, list[HoursAttendanceNote]]:
    found: dict[int, list[HoursAttendanceNote]] = defaultdict(list)
    if ids:
        query = select(HoursAttendanceNote).where(HoursAttendanceNote.attendance_id.in_(ids))
        for note in session.scalars(query.order_by(HoursAttendanceNote.id)):
            found[note.attendance_id].append(note)
    return found


def shown_letters(session: Session, session_id: int) -> str:
    """The letters that the big screen shows now."""
    secret = session.scalars(select(HoursSession.secret).where(HoursSession.id == session_id)).one()
    return letters.shown(secret, now())


def of_meeting(session: Session, meeting_id: int) -> Sitting | None:
    """The session that a meeting is."""
    row = session.scalar(select(HoursSession).where(HoursSession.meeting_id == meeting_id))
    return sitting(row) if row is not None else None


def letters_of_meeting(session: Session, meeting_id: int) -> str:
    """The letters of the session that a meeting is; "" where it is none, or where its list was closed."""
    query = select(HoursSession).where(HoursSession.meeting_id == meeting_id)
    row = session.scalar(query)
    return letters.shown(row.secret, now()) if row is not None and sitting(row).on else ""


# For an approver


@dataclass(frozen=True)
class Origin:
    """What an entry came from. long: whether what the person disputes was not answered for so long."""

    session_id: int
    attendance: Attendance
    long: bool


def of_entries(session: Session, ids: Collection[int]) -> dict[int, Origin]:
    """entry id -> the attendance that it was made of, for those that were."""
    if not ids:
        return {}
    rows = session.execute(
        select(HoursAttendance, HoursSession)
        .join(HoursSession, HoursSession.id == HoursAttendance.session_id)
        .where(HoursAttendance.entry_id.in_(ids))
    ).all()
    said = _said(session, [row.id for row, _ in rows])
    found = {}
    for row, of in rows:
        assert row.entry_id is not None
        long = row.disputed_at is not None and row.disputed_at < now() - UNANSWERED
        found[row.entry_id] = Origin(of.id, attendance(row, of, said[row.id]), long)
    return found


# For home


@dataclass(frozen=True)
class AtHand:
    """The session that home tells of: the one that is on, else the latest. host: whose being there nobody has said yet
    who may, with how they are called and the id of their attendance. disputed: the session of one's own of which
    somebody says that the list is not right.
    """

    sat: Sitting | None
    host: tuple[int, Text] | None
    disputed: int | None

    def asks(self, member: Member | None) -> bool:
        """Whether this person is asked first of all whether they are here."""
        if member is None or self.sat is None or not self.sat.on:
            return False
        if self.sat.mine is not None and self.sat.mine.present:
            return False
        return not (member.facilitates and self.sat.sees_list(member))


_MINE, _HOST = aliased(HoursAttendance), aliased(HoursAttendance)
_HOST_PERSON, _HOST_MEMBER = aliased(Person), aliased(Member)


def with_at_hand(asked: Select[*Columns]) -> Select[Any]:
    """A query of Community and Person with six columns more, which `at_hand` reads: home asks nothing besides.

    It gets no row more by that. ago, soon: given where it runs, see `moments`.
    """
    latest = (
        select(HoursSession.id)
        .where(
            HoursSession.community_id == Community.id,
            HoursSession.cancelled_at.is_(None),
            HoursSession.begins_at > bindparam("ago", type_=UtcDateTime()),
            HoursSession.begins_at <= bindparam("soon", type_=UtcDateTime()),
        )
        .order_by(HoursSession.begins_at.desc(), HoursSession.id.desc())
        .limit(1)
        .correlate(Community)
        .scalar_subquery()
    )
    unsaid = aliased(HoursAttendance)
    host = (
        select(func.min(unsaid.id))
        .where(unsaid.session_id == HoursSession.id, unsaid.present, unsaid.attested_at.is_(None))
        .where(HoursSession.closed_at.is_not(None), unsaid.person_id != Person.id)
        .correlate(HoursSession, Person)
        .scalar_subquery()
    )
    other, said = aliased(HoursSession), aliased(HoursAttendance)
    disputed = (
        select(func.min(other.id))
        .join(said, said.session_id == other.id)
        .where(other.community_id == Community.id, other.opened_by_id == Person.id, other.cancelled_at.is_(None))
        .where(other.closed_at.is_not(None), said.disputed_at.is_not(None), said.person_id != Person.id)
        .correlate(Community, Person)
        .scalar_subquery()
    )
    return (
        asked.outerjoin(HoursSession, HoursSession.id == latest)
        .outerjoin(_MINE, and_(_MINE.session_id == HoursSession.id, _MINE.person_id == Person.id))
        .outerjoin(_HOST, _HOST.id == host)
        .outerjoin(_HOST_PERSON, _HOST_PERSON.id == _HOST.person_id)
        .outerjoin(
            _HOST_MEMBER,
            and_(_HOST_MEMBER.person_id == _HOST.person_id, _HOST_MEMBER.community_id == Community.id),
        )
        .add_columns(HoursSession, _MINE, _HOST.id, _HOST_PERSON.name, _HOST_MEMBER.number, disputed)
    )


def moments() -> dict[str, dt.datetime]:
    """What `with_at_hand` is given."""
    return {"ago": now() - LATELY, "soon": now() + EARLY}


def at_hand(columns: Sequence[Any]) -> AtHand | None:
    """What its six columns say; None where there is nothing to tell."""
    of, mine, host_id, name, number, disputed = columns
    if of is None:
        return AtHand(None, None, disputed) if disputed is not None else None
    own = attendance(mine, of) if mine is not None else None
    # Whoever was there can say it of the one who facilitated.
    can_say = host_id is not None and number is not None and own is not None and own.present
    return AtHand(sitting(of, own), (host_id, called(name, number)) if can_say else None, disputed)


# Built once: each page of hours asks it, and to build it takes longer than to ask.
_AT_HAND = with_at_hand(
    select(Community.id)
    .select_from(Community)
    .join(Person, Person.id == bindparam("person"))
    .where(Community.id == bindparam("community"))
)


def look(session: Session, community_id: int, person_id: int) -> AtHand | None:
    """The same, asked by itself."""
    row = session.execute(_AT_HAND, {"community": community_id, "person": person_id, **moments()}).one()
    return at_hand(row[1:])


def clock(moment: dt.datetime, zone: ZoneInfo) -> str:
    """A moment as the time of a field: 15:02."""
    return f"{moment.astimezone(zone):%H:%M}"
