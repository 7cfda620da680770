"""A platform in trouble rests: none of its rows leave until a while has passed, and then one tries again first.

What is known of it is in the database: all workers keep to it.
"""

import datetime as dt
from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery import alarms
from lti_tool.delivery.outcome import code, lasting, pause_after, pause_of
from lti_tool.domain.outbox import insert_for
from lti_tool.lti.outbound import OutboundError
from lti_tool.models import PlatformRest

# What may pass by itself is an administrator's business from so many failures in a row on: some minutes.
PATIENCE = 6
# While one row tries, the others wait; like a lease, renewed while the worker lives that tries.
TRIAL = dt.timedelta(seconds=45)

_REST = cast(Table, PlatformRest.__table__)
_UNTIL = update(_REST).where(_REST.c.registration_id == bindparam("platform")).values(until=bindparam("moment"))


def rest(session: Session, platform: int, begun: dt.datetime, error: OutboundError, everywhere: bool = False) -> None:
    """A call that left at `begun` found the platform in trouble. everywhere: so do columns of several courses.

    Calls that were under way together fail together, and count once.
    """
    moment = now()
    fresh = {"registration_id": platform, "failures": 0, "since": dt.datetime.fromtimestamp(0, dt.UTC), "until": moment}
    session.execute(insert_for(session)(_REST).values(fresh).on_conflict_do_nothing())
    known = session.scalars(
        select(PlatformRest).where(PlatformRest.registration_id == platform).with_for_update()
    ).one()
    if begun > known.since:
        known.failures, known.since, known.until = known.failures + 1, moment, moment
        if everywhere or lasting(error) or known.failures >= PATIENCE:
            alarms.sound(session, platform, alarms.PLATFORM, code(error))
    seconds, asked = pause_after(known.failures), pause_of(error.retry_after)
    known.until = max(known.until, moment + dt.timedelta(seconds=seconds if asked is None else asked))
    session.flush()


def try_first(session: Session, platform: int) -> None:
    """One row tries: until it is known how it went, no other does."""
    session.execute(_UNTIL, {"platform": platform, "moment": now() + TRIAL})


def still_trying(session: Session, platforms: Iterable[int]) -> None:
    """Their first rows are under way still."""
    for platform in platforms:
        try_first(session, platform)


def untried(session: Session, platform: int) -> None:
    """The row that was to try had nothing to send: let the next one."""
    session.execute(_UNTIL, {"platform": platform, "moment": now()})


def over(session: Session, platform: int) -> None:
    """It answers."""
    alarms.over(session, platform, alarms.PLATFORM)
    session.execute(delete(_REST).where(_REST.c.registration_id == platform))


def resting(session: Session) -> set[int]:
    """The platforms that rest now."""
    return set(session.scalars(select(_REST.c.registration_id).where(_REST.c.until > now())))
