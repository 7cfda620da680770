"""Being at a session: checking in, leaving, saying that what the list says is not right, and the answers to that."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import select

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.hours import attended, gate, joins, letters, offers, sessions, times
from lti_tool.domain.hours.attended import EARLY
from lti_tool.domain.hours.entries import Asker, hold, said
from lti_tool.domain.hours.sessions import Line
from lti_tool.models import Member
from lti_tool.models.hours_codes import Noted, Way
from lti_tool.models.hours_sessions import HoursAttendance, HoursAttendanceNote, HoursSession, HoursTry

# Wrong letters that one person can give at one session. Of sixteen million that is none.
MOST_TRIES = 8


def _open(asker: Asker, session_id: int) -> HoursSession:
    of = sessions.found(asker, session_id)
    if of.closed_at is not None or of.ends_at <= now():
        raise Refused("session_over")
    if now() < of.begins_at - EARLY:
        raise Refused("session_not_yet")
    return of


def check_in(asker: Asker, session_id: int, given: str, login: dt.datetime) -> bool:
    """Check in with the six letters; False where they are not those: that is counted, and to be kept.

    login: when this person's session in the browser began. Who is there already stays as they are. Refused:
    "session_six", "session_tries", "session_over", "session_not_yet".
    """
    session = asker.session
    hold(session, [asker.person_id])
    of = _open(asker, session_id)
    row = sessions.row_of(session, of.id, asker.person_id)
    if row is not None and row.present:
        return True
    typed = letters.taken_in(given)
    if len(typed) != letters.LENGTH:
        raise Refused("session_six")
    query = select(HoursTry).where(HoursTry.session_id == of.id, HoursTry.person_id == asker.person_id)
    tried = session.scalar(query)
    if tried is not None and tried.tries >= MOST_TRIES:
        raise Refused("session_tries")
    if not letters.hold(of.secret, typed, now(), login):
        if tried is None:
            tried = HoursTry(session_id=of.id, person_id=asker.person_id, tries=0)
            session.add(tried)
        tried.tries += 1
        session.flush()
        return False
    if row is None:
        row = HoursAttendance(session_id=of.id, person_id=asker.person_id)
        session.add(row)
    row.came_at, row.left_at, row.present, row.way = times.whole(now()), None, True, Way.LETTERS
    session.flush()
    return True


def leave(asker: Asker, session_id: int, *, back: bool = False) -> None:
    """Leave before the end; back: be there after all. Refused("session_not_there")."""
    hold(asker.session, [asker.person_id])
    of = _open(asker, session_id)
    row = sessions.row_of(asker.session, of.id, asker.person_id)
    if row is None or not row.present:
        raise Refused("session_not_there")
    # Whoever leaves in the minute in which they came was there for none.
    row.left_at = None if back else max(times.whole(now()), row.came_at + times.MINUTE)


def confirm(asker: Asker, session_id: int, attendance_id: int) -> None:
    """Say of who facilitated that they were there: by somebody else who was. Refused("session_not_there")."""
    of = sessions.found(asker, session_id)
    own = sessions.row_of(asker.session, of.id, asker.person_id)
    if own is None or not own.present or own.way == Way.OWN or of.closed_at is None:
        # Whom nobody saw there has seen nobody either.
        raise Refused("session_not_there")
    row = _row(asker, of, attendance_id)
    if row.person_id in joins.accounts(asker.session, [asker.person_id]):
        raise Refused("session_not_there")
    if row.attested_at is None and row.present:
        row.attested_at = now()
        sessions.note(asker.session, row, Noted.ATTESTED, asker.person_id)


def _row(asker: Asker, of: HoursSession, attendance_id: int) -> HoursAttendance:
    row = asker.session.get(HoursAttendance, attendance_id) if 0 < attendance_id <= MAX_ID else None
    if row is None or row.session_id != of.id:
        raise Refused("not_found")
    return row


def dispute(asker: Asker, by: Member, session_id: int, line: Line, words: str) -> None:
    """Say that one was there and is not on the list, or that the times are not right; with words.

    Who is not on it says from when to when, and is on it by their own word; who is, keeps the times that it has. It
    counts as attested until somebody answers. Refused: "session_not_over", "session_disputed", "session_both_times",
    "session_own_list".
    """
    session = asker.session
    hold(session, [asker.person_id])
    of = sessions.found(asker, session_id)
    if of.closed_at is None and of.ends_at > now():
        raise Refused("session_not_over")
    if by.facilitates and attended.sitting(of).sees_list(by):
        # Their own word would attest their own presence.
        raise Refused("session_own_list")
    text = said(words)
    row = sessions.row_of(session, of.id, asker.person_id)
    if row is not None and row.disputed_at is not None:
        raise Refused("session_disputed")
    came, left = (None, None)
    if row is None or not row.present:
        if line.came is None or line.left is None:
            raise Refused("session_both_times")
        came, left = sessions.span(asker, of, line)
        row = row or HoursAttendance(session_id=of.id, person_id=asker.person_id)
        row.came_at, row.left_at, row.present, row.way = came, left, True, Way.OWN
        session.add(row)
    elif line.came is not None or line.left is not None:
        came, left = sessions.span(asker, of, _filled(asker, row, line))
    row.disputed_at = now()
    session.flush()
    session.add(
        HoursAttendanceNote(
            attendance_id=row.id, kind=Noted.DISPUTED, by_id=asker.person_id, words=text, came_at=came, left_at=left
        )
    )
    session.flush()


def correct(asker: Asker, by: Member, session_id: int, line: Line, *, absent: bool, words: str) -> None:
    """Change what a closed list says of somebody, with a reason that they read; or leave it so, where they disputed it.

    absent: they were not there. Refused: "session_list_open", "session_no_change".
    """
    hold(asker.session, [line.person_id])
    of = sessions.held(asker, by, session_id)
    if of.closed_at is None:
        raise Refused("session_list_open")
    row = sessions.row_of(asker.session, of.id, line.person_id)
    if row is None and absent:
        raise Refused("session_no_change")
    _answer(asker, of, row, line, absent, words)


def answer_late(asker: Asker, entry_id: int, line: Line, *, absent: bool, words: str) -> None:
    """The same by an approver, of an entry of their pot, once nobody has answered for fourteen days.

    Refused: "session_too_early".
    """
    _pots, entries = gate.of_approver(asker.session, asker.community_id, asker.person_id, [entry_id])
    if not entries or entries[0].person_id is None:
        raise Refused("not_found")
    origin = attended.of_entries(asker.session, [entry_id]).get(entry_id)
    if origin is None:
        raise Refused("not_found")
    if not origin.long:
        raise Refused("session_too_early")
    hold(asker.session, [entries[0].person_id])
    # Of a school's pot it may be of another community than the one in which the approver reads it.
    there = sessions.community_of(asker.session, origin.session_id)
    asker = replace(asker, community_id=there or asker.community_id)
    of = sessions.found(asker, origin.session_id)
    row = _row(asker, of, origin.attendance.id)
    _answer(asker, of, row, Line(entries[0].person_id, line.called, line.came, line.left), absent, words)


def _filled(asker: Asker, row: HoursAttendance, line: Line) -> Line:
    """The same, with what was not said as it is on the list: of who left earlier the time of coming stays."""

    def local(moment: dt.datetime | None) -> dt.time | None:
        return moment.astimezone(asker.zone).time() if moment is not None else None

    return replace(line, came=line.came or local(row.came_at), left=line.left or local(row.left_at))


def _answer(asker: Asker, of: HoursSession, row: HoursAttendance | None, line: Line, absent: bool, words: str) -> None:
    session, text = asker.session, said(words)
    was = (row.came_at, row.left_at, row.present) if row is not None else None
    if row is not None and absent:
        row.present = False
    elif row is None or not row.present:
        row = sessions.put(asker, of, row, line)
    elif (line.came, line.left) != (None, None):
        row = sessions.put(asker, of, row, _filled(asker, row, line))
    same = was == (row.came_at, row.left_at, row.present)
    if same and row.disputed_at is None:
        raise Refused("session_no_change")
    row.disputed_at = None
    own = joins.accounts(session, [asker.person_id])
    # Of oneself nobody says it: that takes another who was there.
    row.attested_at = None if row.person_id in own else (row.attested_at or now())
    session.flush()
    sessions.note(session, row, Noted.UPHELD if same else Noted.CORRECTED, asker.person_id, text, times_too=not same)
    offers.follow(session, of, row, asker.person_id, text)
