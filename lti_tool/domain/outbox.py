"""The outbox: put something in within the caller's transaction, and it will surely happen.

What is sent is computed when it is sent, so rows hold ids only and can merge.
"""

import datetime as dt
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import Insert, Table, bindparam, exists, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.models import Deployment, OutboxRow


class Kind(StrEnum):
    """What a row has done. The first four talk to a platform about its courses, the fifth fetches its keys.

    The others leave for nowhere.
    """

    SCORE = "score"
    LINE_ITEM = "line_item"
    PLACEMENT = "placement"
    ROSTER = "roster"
    KEY_SET = "key_set"
    STAGE = "stage"
    CLEAN = "clean"
    RESUME = "resume"
    FIGURE = "figure"
    HOURS_EXPORT = "hours_export"
    YEAR_TURN = "year_turn"
    PROVISION = "provision"
    PRACTICE = "practice"
    RETENTION = "retention"


# Marks a session that put something in, for who wakes a worker after its commit.
PUT = "outbox_put"

UNTRIED = text("attempts = 0 AND done_at IS NULL AND stopped_at IS NULL")

# Every form puts something in: built once, they are hot.
_WAITING = select(
    exists().where(
        OutboxRow.kind == bindparam("kind"),
        OutboxRow.key == bindparam("key"),
        OutboxRow.done_at.is_(None),
        OutboxRow.stopped_at.is_(None),
    )
)


def insert_for(session: Session) -> Any:
    """The dialect's insert, which knows what to do about a row that is there already."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


@cache
def _put(insert: Any) -> Insert:
    of_deployment = select(Deployment.registration_id).where(Deployment.id == bindparam("deployment"))
    statement: Any = insert(cast(Table, OutboxRow.__table__)).values(
        registration_id=func.coalesce(bindparam("platform", type_=OutboxRow.id.type), of_deployment.scalar_subquery())
    )
    new = statement.excluded
    merged = {"ids": new.ids, "due_at": new.due_at, "registration_id": new.registration_id}
    on_conflict = statement.on_conflict_do_update(index_elements=["kind", "key"], index_where=UNTRIED, set_=merged)
    return cast(Insert, on_conflict)


def put(
    session: Session,
    kind: str,
    key: str,
    *,
    due_at: dt.datetime | None = None,
    deployment: int | None = None,
    platform: int | None = None,
    **ids: Any,
) -> None:
    """Put one row in; an untried one with the same kind and key takes over these ids and this due date.

    deployment, or platform (a registration's id): whom the row will talk to, so that it can wait while that
    platform is in trouble; neither: it leaves for nowhere.
    """
    moment = now()
    session.info[PUT] = True
    session.execute(
        _put(insert_for(session)),
        {
            "kind": str(kind),
            "key": key,
            "ids": ids,
            "due_at": due_at or moment,
            "created_at": moment,
            "deployment": deployment,
            "platform": platform,
        },
    )


def waiting(session: Session, kind: str, key: str) -> bool:
    """Whether such a row is still to be done."""
    return bool(session.scalar(_WAITING, {"kind": str(kind), "key": key}))
