"""Claiming rows of the outbox: a lease each, of one (kind, key) the newest only, and never two at once.

Statements are built once: a claim is to cost the same whether ten rows wait or ten thousand.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, Table, Update, bindparam, exists, func, literal, null, or_, select, union_all, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery.outcome import Row
from lti_tool.models import OutboxRow, PlatformRest, Registration

# Short, and renewed while a worker lives (Worker.beat): what a dead one had in hand is taken again within a minute,
# and what takes long, as a roster of many pages does, stays where it is.
LEASE = dt.timedelta(seconds=45)
# PostgreSQL's number for the lock under which rows are claimed.
CLAIMING = 0x1EE4

_OUTBOX = cast(Table, OutboxRow.__table__)
_REST = cast(Table, PlatformRest.__table__)
_ROW = _OUTBOX.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """A platform (None: none) with rows that are due. trial: it is in trouble, and one row is to find out."""

    platform: int | None
    trial: bool


def _due() -> Any:
    other = _OUTBOX.alias("other")
    moment = bindparam("moment", type_=_ROW.due_at.type)
    return (
        _ROW.done_at.is_(None)
        & _ROW.stopped_at.is_(None)
        & (_ROW.due_at <= moment)
        # For SQLite's planner: the index by platform and date, not the one by kind and key.
        & (_ROW.kind + "").in_(bindparam("kinds", expanding=True))
        & or_(_ROW.leased_until.is_(None), _ROW.leased_until < moment)
        & ~exists().where(
            other.c.kind == _ROW.kind,
            other.c.key == _ROW.key,
            other.c.id != _ROW.id,
            other.c.done_at.is_(None),
            other.c.stopped_at.is_(None),
            or_(other.c.id > _ROW.id, other.c.leased_until >= moment),
        )
    )


def _claim(of_platform: Any) -> Update:
    due = (
        select(_ROW.id)
        .where(of_platform, _due())
        .order_by(_ROW.due_at)
        .limit(bindparam("limit", type_=_ROW.id.type))
        .with_for_update(skip_locked=True)
    )
    return (
        update(_OUTBOX)
        .where(_ROW.id.in_(due))
        .values(leased_until=bindparam("until", type_=_ROW.leased_until.type), attempts=_ROW.attempts + 1)
        .returning(_ROW.id, _ROW.kind, _ROW.key, _ROW.ids, _ROW.attempts, _ROW.due_at, _ROW.registration_id)
    )


def _platforms() -> Select[Any] | Any:
    moment = bindparam("moment", type_=_ROW.due_at.type)
    registration = cast(Table, Registration.__table__)
    theirs = (
        select(registration.c.id, _REST.c.until)
        .select_from(registration.outerjoin(_REST, _REST.c.registration_id == registration.c.id))
        .where(
            or_(_REST.c.until.is_(None), _REST.c.until <= moment),
            exists(select(literal(1)).where(_ROW.registration_id == registration.c.id, _due())),
        )
    )
    nobodys = select(null(), null()).where(exists(select(literal(1)).where(_ROW.registration_id.is_(None), _due())))
    return union_all(theirs, nobodys)


_PLATFORMS = _platforms()
_CLAIM = _claim(_ROW.registration_id == bindparam("platform"))
_CLAIM_NOBODYS = _claim(_ROW.registration_id.is_(None))
_RENEW = (
    update(_OUTBOX)
    .where(_ROW.id.in_(bindparam("held", expanding=True)), _ROW.leased_until.is_not(None))
    .values(leased_until=bindparam("until", type_=_ROW.leased_until.type))
)
_LOCK = select(func.pg_advisory_xact_lock(CLAIMING))


def take_turn(session: Session) -> None:
    """Claims take turns, as SQLite's writers do: a lease that is not committed yet is not seen.

    Another worker would take a newer row of the same key beside it.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK)


def waiting(session: Session, kinds: Iterable[str]) -> list[Waiting]:
    """Who has rows that may be claimed now; a platform that rests has none."""
    found = session.execute(_PLATFORMS, {"moment": now(), "kinds": list(kinds)})
    return [Waiting(platform, until is not None) for platform, until in found]


def claim(session: Session, kinds: Iterable[str], platform: int | None, limit: int) -> list[Row]:
    """Lease rows of a platform that are due, those first that were due first."""
    moment = now()
    values = {"moment": moment, "kinds": list(kinds), "limit": limit, "until": moment + LEASE}
    if platform is None:
        found = session.execute(_CLAIM_NOBODYS, values)
    else:
        found = session.execute(_CLAIM, {**values, "platform": platform})
    return sorted((Row(*each) for each in found), key=lambda row: (row.due_at, row.id))


def renew(session: Session, held: Iterable[int]) -> None:
    """Rows in a living worker's hand stay there."""
    session.execute(_RENEW, {"held": list(held), "until": now() + LEASE})
