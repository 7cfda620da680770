"""A roster that loses many people at once is read once more before it is believed: no round may close for a mistake.

One that loses the whole circle is never believed: a course that was emptied is no community that ended.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.community import members
from lti_tool.models import Course, Member, Person, Seat

# More than so many of those present, and more than this part of them.
LOST, LOST_PART = 3, 3
DOUBT = dt.timedelta(hours=1)


def doubted(session: Session, course: Course, listed: Collection[str]) -> dt.timedelta | None:
    """How long to wait before a roster that loses many people at once is believed; None: it may be applied.

    It is when a second one, an hour later, loses the same ones. Meanwhile they count as present. listed: its subs.
    """
    seats = session.execute(
        select(Seat.id, Person.sub, Seat.roster_role)
        .join(Person, Person.id == Seat.person_id)
        .where(Seat.course_id == course.id, Seat.present)
    ).all()
    lost = [seat.id for seat in seats if seat.roster_role is not None and seat.sub not in listed]
    if not _many(lost, seats):
        return None
    said, moment = course.roster or {}, now()
    doubt = said.get("doubt")
    if doubt and not _many(set(lost) - set(doubt["missing"]), seats):
        left = dt.datetime.fromisoformat(doubt["at"]) + DOUBT - moment
        return left if left > dt.timedelta() else None
    course.roster = {**said, "doubt": {"at": moment.isoformat(), "missing": lost}}
    return DOUBT


def names_nobody(session: Session, course: Course, listed: Collection[str]) -> bool:
    """Whether a roster names nobody any more of the circle, some of whom a roster once named: then it rests.

    It is never applied, and who facilitates reads so. listed: its subs.
    """
    people = select(Person.sub, Seat.roster_role).join(Member, Member.person_id == Person.id)
    circle = session.execute(members.taking_part(people, course)).all()
    once = any(each.roster_role is not None for each in circle)
    if not once or not {each.sub for each in circle}.isdisjoint(listed):
        return False
    course.roster = {**(course.roster or {}), "rests": True}
    return True


def _many(lost: Collection[int], present: Collection[Any]) -> bool:
    return len(lost) > LOST and LOST_PART * len(lost) > len(present)
