"""Opening a session, keeping its list, closing it: by who facilitates. Early and late are times, no judgements."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import attended, joins, ledger, letters, times
from lti_tool.domain.hours.attended import EARLY
from lti_tool.domain.hours.entries import Asker, clean
from lti_tool.models import Community, Cycle, Meeting, Member
from lti_tool.models.hours_codes import Noted, Way
from lti_tool.models.hours_sessions import HoursAttendance, HoursAttendanceNote, HoursSession
from lti_tool.text import Text

LONGEST_TITLE = LONGEST_PLACE = 120
LONGEST = dt.timedelta(hours=12)
FARTHEST = dt.timedelta(days=60)
# In the first weeks of a school year, lists of the last one still come in.
STILL = dt.timedelta(days=31)
# What a session is about: one's own cycle as a whole, where no step of it is named.
CYCLE = "cycle"


@dataclass(frozen=True)
class Asked:
    """A session as somebody wants it. about: a step's name, CYCLE, or "" for something else."""

    title: str
    day: dt.date
    begins: dt.time
    ends: dt.time
    place: str = ""
    about: str = ""


@dataclass(frozen=True)
class Line:
    """Somebody on the list. came, left: as written; None for its beginning and its end. called: for what is refused."""

    person_id: int
    called: Text
    came: dt.time | None = None
    left: dt.time | None = None


def open_(asker: Asker, by: Member, asked: Asked, cycle: Cycle, steps: Collection[str]) -> int:
    """Open a session, now, later or of a day that was; returns its id. steps: names of those it can be about.

    Refused: "session_title", "session_about", "session_period", "session_ahead", "session_long", "session_same",
    "session_overlap" (title), and asked: "hours_end_first".
    """
    session = asker.session
    title, place = clean(asked.title, LONGEST_TITLE), clean(asked.place, LONGEST_PLACE)
    if not title:
        raise Refused("session_title")
    if asked.about not in {"", CYCLE, *steps}:
        raise Refused("session_about")
    today = now().astimezone(asker.zone).date()
    if asked.day < ledger.school_year(today - STILL)[0]:
        raise Refused("session_period")
    if asked.day > today + FARTHEST:
        raise Refused("session_ahead")
    begins, ends = ledger.elapsed(
        asked.day, asked.begins, asked.ends, asker.zone, overnight="hours_end_first" in asker.sure
    )
    if ends - begins > LONGEST:
        raise Refused("session_long")
    # Of two who press at once the second waits here, and finds the first one's.
    session.execute(select(Community.id).where(Community.id == asker.community_id).with_for_update()).one()
    for other in session.scalars(
        select(HoursSession).where(
            HoursSession.community_id == asker.community_id,
            HoursSession.cancelled_at.is_(None),
            HoursSession.begins_at < ends,
            HoursSession.ends_at > begins,
        )
    ):
        if (other.title, other.begins_at, other.ends_at) == (title, begins, ends):
            raise Refused("session_same")
        if other.closed_at is None and min(ends, other.ends_at) > now():
            # Whoever checks in must know at which of them.
            raise Refused("session_overlap", title=[other.title])
    about = asked.about if asked.about != CYCLE else ""
    return _make(session, asker, by, title, place, asked.day, begins, ends, cycle if asked.about else None, about, None)


def of_meeting(asker: Asker, by: Member, meeting: Meeting, cycle: Cycle, title: str, longest: dt.timedelta) -> None:
    """Keep a meeting as a session too; one that is kept already stays so. longest: when it ends if nobody ends it."""
    if attended.of_meeting(asker.session, meeting.id) is not None:
        return
    begins = times.whole(meeting.started_at)
    day = begins.astimezone(asker.zone).date()
    _make(asker.session, asker, by, title[:LONGEST_TITLE], "", day, begins, begins + longest, cycle, "", meeting.id)


def meeting_ended(session: Session, meeting: Meeting) -> int | None:
    """The session that a meeting is ends with it, and its list is still to be closed; its id, None where it is none."""
    query = select(HoursSession).where(HoursSession.meeting_id == meeting.id, HoursSession.cancelled_at.is_(None))
    row = session.scalar(query.with_for_update())
    if row is None:
        return None
    if row.closed_at is None and meeting.ended_at is not None:
        row.ends_at = max(times.whole(meeting.ended_at), row.begins_at + times.MINUTE)
    return row.id


def _make(
    session: Session,
    asker: Asker,
    by: Member,
    title: str,
    place: str,
    day: dt.date,
    begins: dt.datetime,
    ends: dt.datetime,
    cycle: Cycle | None,
    step: str,
    meeting_id: int | None,
) -> int:
    made = HoursSession(
        community_id=asker.community_id, cycle_id=cycle.id if cycle else None, step=step, meeting_id=meeting_id,
        title=title, place=place, day=day, begins_at=begins, ends_at=ends, secret=letters.new_secret(),
        opened_by_id=asker.person_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.note(session, asker.community_id, acts.Kind.SESSION_OPENED, by, detail={"session": made.id})
    return made.id


def held(asker: Asker, by: Member, session_id: int) -> HoursSession:
    """A session that somebody may keep the list of, as nobody else changes it meanwhile; Refused("not_found")."""
    row = found(asker, session_id)
    if not attended.sitting(row).sees_list(by):
        raise Refused("not_found")
    return row


def community_of(session: Session, session_id: int) -> int | None:
    """The id of the community of a session; None where there is no such session."""
    if not 0 < session_id <= MAX_ID:
        return None
    return session.scalar(select(HoursSession.community_id).where(HoursSession.id == session_id))


def found(asker: Asker, session_id: int) -> HoursSession:
    """A session of this community, as nobody else changes it meanwhile.

    Refused: "not_found", "session_cancelled".
    """
    row = None
    if 0 < session_id <= MAX_ID:
        query = select(HoursSession).where(
            HoursSession.id == session_id, HoursSession.community_id == asker.community_id
        )
        row = asker.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise Refused("not_found")
    if row.cancelled_at is not None:
        raise Refused("session_cancelled")
    return row


def row_of(session: Session, session_id: int, person_id: int) -> HoursAttendance | None:
    """Somebody's row on the list of a session."""
    return session.scalar(
        select(HoursAttendance)
        .where(HoursAttendance.session_id == session_id, HoursAttendance.person_id == person_id)
        .execution_options(populate_existing=True)
    )


def note(
    session: Session, row: HoursAttendance, kind: Noted, by: int, words: str = "", *, times_too: bool = False
) -> None:
    """Note what was said of an attendance. times_too: with the times that it has."""
    came, left = (row.came_at, row.left_at) if times_too else (None, None)
    session.add(HoursAttendanceNote(attendance_id=row.id, kind=kind, by_id=by, words=words, came_at=came, left_at=left))


def span(asker: Asker, of: HoursSession, line: Line) -> tuple[dt.datetime, dt.datetime | None]:
    """From when to when somebody was there, as moments.

    Refused: "session_left_first", "session_future", "session_missed" (who), "hours_no_time", "session_time_far".
    """

    def at(time: dt.time) -> dt.datetime:
        return times.moment(of.day, time, of.begins_at, of.ends_at, asker.zone)

    came = at(line.came) if line.came is not None else min(of.begins_at, times.whole(now()))
    left = at(line.left) if line.left is not None else None
    if left is not None and left <= came:
        raise Refused("session_left_first", who=[line.called])
    if came > now() or (left is not None and left > now()):
        raise Refused("session_future", who=[line.called])
    if came >= of.ends_at or (left is not None and left <= of.begins_at):
        # Not a minute of it: then they were not there.
        raise Refused("session_missed", who=[line.called])
    return came, left


def keep_list(asker: Asker, by: Member, session_id: int, lines: Sequence[Line], seen: Collection[int]) -> HoursSession:
    """Keep who is here, as ticked. seen: ids of the persons who were ticked when the page was made.

    Who checked in meanwhile stays: only who was seen, and was unticked, goes. Refused: "session_closed",
    "session_not_yet", and what `span` refuses.
    """
    of = held(asker, by, session_id)
    if of.closed_at is not None:
        raise Refused("session_closed")
    if now() < of.begins_at - EARLY:
        raise Refused("session_not_yet")
    rows = {
        each.person_id: each
        for each in asker.session.scalars(select(HoursAttendance).where(HoursAttendance.session_id == of.id))
    }
    wanted = {each.person_id for each in lines}
    for line in lines:
        put(asker, of, rows.get(line.person_id), line)
    for person_id, row in rows.items():
        if person_id in seen and person_id not in wanted:
            row.present = False
    asker.session.flush()
    return of


def put(asker: Asker, of: HoursSession, row: HoursAttendance | None, line: Line) -> HoursAttendance:
    """Put somebody on the list, or give who is on it these times."""
    session = asker.session
    came, left = span(asker, of, line)
    if row is None:
        row = HoursAttendance(session_id=of.id, person_id=line.person_id, came_at=came, present=True, way=Way.LIST)
        session.add(row)
    elif not row.present:
        row.present, row.way = True, Way.LIST
    row.came_at, row.left_at = came, left
    return row


def close(asker: Asker, by: Member, session_id: int, ends: dt.time | None) -> None:
    """Close the list: who is on it, was there. Of oneself one does not say that; another who was there does.

    ends: until when it was; None: as planned, or until now.
    Refused: "session_closed", "session_end", "session_not_yet".
    """
    of = held(asker, by, session_id)
    if of.closed_at is not None:
        raise Refused("session_closed")
    if now() < of.begins_at + times.MINUTE:
        raise Refused("session_not_yet")
    until = min(of.ends_at, times.whole(now()))
    if ends is not None:
        until = times.moment(of.day, ends, of.begins_at, of.ends_at, asker.zone)
    if not of.begins_at < until <= now():
        raise Refused("session_end")
    of.ends_at, of.closed_at = until, now()
    own = joins.accounts(asker.session, [asker.person_id])
    for row in asker.session.scalars(
        select(HoursAttendance).where(HoursAttendance.session_id == of.id, HoursAttendance.present)
    ).all():
        if row.person_id not in own and row.attested_at is None:
            row.attested_at = now()
            note(asker.session, row, Noted.ATTESTED, asker.person_id)
    acts.note(asker.session, asker.community_id, acts.Kind.SESSION_CLOSED, by, detail={"session": of.id})


def cancel(asker: Asker, by: Member, session_id: int) -> None:
    """It does not take place, or was a mistake; one whose list was closed stays. Refused: "session_closed"."""
    of = held(asker, by, session_id)
    if of.closed_at is not None:
        raise Refused("session_closed")
    of.cancelled_at = now()
    acts.note(asker.session, asker.community_id, acts.Kind.SESSION_CANCELLED, by, detail={"session": of.id})
