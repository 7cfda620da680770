"""What of somebody's hours goes when they are erased: the name, and every word; the sums stay, to the minute.

Of what counts and what periods came to nothing changes but whose it was. Who decided on hours of others stays named on
those until the last of them is erased too.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.db import Base, now
from lti_tool.domain.hours import entries
from lti_tool.domain.hours.states import OF_APPROVER
from lti_tool.models import Member
from lti_tool.models.hours import (
    HoursAct,
    HoursBalance,
    HoursEntry,
    HoursExport,
    HoursFigurePart,
    HoursHanded,
    HoursJoin,
    HoursPlan,
    HoursProof,
    HoursRole,
    HoursSuggestion,
    HoursVisit,
)
from lti_tool.models.hours_codes import Noted, Role
from lti_tool.models.hours_sessions import HoursAssigned, HoursAttendance, HoursAttendanceNote, HoursSession, HoursTry

# What is only theirs, and nobody's record.
_OWN: Collection[Any] = (HoursPlan, HoursTry, HoursVisit, HoursHanded, HoursExport)
_NOT_LOADED = {"synchronize_session": False}
_SAID_OF_OTHERS = (Noted.ATTESTED, Noted.CORRECTED, Noted.UPHELD)


def erase(session: Session, person_id: int) -> bool:
    """Take somebody's name and words out of all hours; whether they stay named, on what they decided for others."""
    entries.hold(session, [person_id])
    own = select(HoursEntry.id).where(HoursEntry.person_id == person_id)
    was_there = select(HoursAttendance.id).where(HoursAttendance.person_id == person_id)
    # All that was said of it: what others wrote there was about this person, and to them.
    _set(session, HoursAct, HoursAct.entry_id.in_(own), words="")
    _set(session, HoursAct, HoursAct.entry_id.in_(own) & (HoursAct.by_id == person_id), by_id=None)
    _set(session, HoursAttendanceNote, HoursAttendanceNote.attendance_id.in_(was_there), words="")
    of_own = HoursAttendanceNote.attendance_id.in_(was_there) & (HoursAttendanceNote.by_id == person_id)
    _set(session, HoursAttendanceNote, of_own, by_id=None)
    for table in (HoursProof, HoursSuggestion):
        session.execute(delete(table).where(table.entry_id.in_(own)), execution_options=_NOT_LOADED)
    # A file that was made for somebody has names in it.
    of_theirs = select(Member.community_id).where(Member.person_id == person_id)
    session.execute(delete(HoursExport).where(HoursExport.community_id.in_(of_theirs)), execution_options=_NOT_LOADED)
    for each in _OWN:
        session.execute(delete(each).where(each.person_id == person_id))
    session.execute(delete(HoursJoin).where(or_(HoursJoin.one_id == person_id, HoursJoin.other_id == person_id)))
    _set(session, HoursJoin, HoursJoin.by_id == person_id, by_id=None)
    _set(session, HoursEntry, HoursEntry.person_id == person_id, person_id=None, line="", provider="")
    # Nobody is left to whom an answer would go.
    _set(session, HoursAttendance, HoursAttendance.person_id == person_id, person_id=None, disputed_at=None)
    _set(session, HoursBalance, HoursBalance.person_id == person_id, person_id=None)
    _set(session, HoursFigurePart, HoursFigurePart.person_id == person_id, person_id=None)
    _set(session, HoursSession, HoursSession.opened_by_id == person_id, opened_by_id=None)
    _set(session, HoursAssigned, HoursAssigned.by_id == person_id, by_id=None)
    session.execute(delete(HoursRole).where(HoursRole.person_id == person_id, HoursRole.role == Role.HOLDER))
    _set(session, HoursRole, (HoursRole.person_id == person_id) & HoursRole.until.is_(None), until=now())
    named = decided(session, person_id)
    if not named:
        unname(session, person_id)
    session.expire_all()
    return named


def decided(session: Session, person_id: int) -> bool:
    """Whether somebody decided on hours, or on an attendance, of somebody whose own name is still there."""
    of_hours = exists().where(
        HoursAct.by_id == person_id,
        HoursAct.kind.in_(OF_APPROVER),
        HoursAct.entry_id == HoursEntry.id,
        HoursEntry.person_id.is_not(None),
    )
    of_lists = exists().where(
        HoursAttendanceNote.by_id == person_id,
        HoursAttendanceNote.kind.in_(_SAID_OF_OTHERS),
        HoursAttendanceNote.attendance_id == HoursAttendance.id,
        HoursAttendance.person_id.is_not(None),
    )
    return bool(session.scalar(select(or_(of_hours, of_lists))))


def unname(session: Session, person_id: int) -> None:
    """Take somebody's name off what they decided, and off pots."""
    _set(session, HoursAct, HoursAct.by_id == person_id, by_id=None)
    _set(session, HoursAttendanceNote, HoursAttendanceNote.by_id == person_id, by_id=None)
    session.execute(delete(HoursRole).where(HoursRole.person_id == person_id))


def _set(session: Session, table: type[Base], where: ColumnElement[bool], **values: object) -> None:
    session.execute(update(table).where(where).values(values), execution_options=_NOT_LOADED)
