"""The outbox: put something in within the caller's transaction, and it will surely happen.

What is sent is computed when it is sent, so rows hold ids only and can merge.
"""

import datetime as dt
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.models import OutboxRow

SCORE = "score"
LINE_ITEM = "line_item"
PLACEMENT = "placement"
ROSTER = "roster"
STAGE = "stage"
KEY_SET = "key_set"
FORGET = "forget"

# Marks a session that put something in, for who wakes a worker after its commit.
PUT = "outbox_put"

UNTRIED = text("attempts = 0 AND done_at IS NULL AND stopped_at IS NULL")


def put(session: Session, kind: str, key: str, *, due_at: dt.datetime | None = None, **ids: Any) -> None:
    """Put one row in; an untried one with the same kind and key takes over these ids and this due date."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(OutboxRow).values(kind=kind, key=key, ids=ids, due_at=due_at or now(), created_at=now())
    session.info[PUT] = True
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "key"],
            index_where=UNTRIED,
            set_={"ids": statement.excluded.ids, "due_at": statement.excluded.due_at},
        )
    )


def waiting(session: Session, kind: str, key: str) -> bool:
    """Whether such a row is still to be done."""
    query = session.query(func.count(OutboxRow.id)).filter_by(kind=kind, key=key, done_at=None, stopped_at=None)
    return bool(query.scalar())
