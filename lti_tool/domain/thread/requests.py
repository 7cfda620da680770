"""What communities asked of their leadership and heard nothing of: how often, and nothing of what it was."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Select, func
from sqlalchemy.orm import Session

from lti_tool.domain.reading import deciding
from lti_tool.domain.thread.actions import ANSWER, GONE_ON, REQUEST
from lti_tool.domain.ties import Tie


def of(today: dt.date) -> Select[int]:
    """The community of each request of a cycle under way that waits for a reply which was wanted before today."""
    settled: dict[str, str] = {ANSWER: Tie.ANSWERS, GONE_ON: Tie.WITHOUT}
    return deciding.overdue(REQUEST, settled, today)


def overdue(session: Session, communities: Collection[int], today: dt.date) -> dict[int, int]:
    """Community id -> how many of its requests are overdue."""
    found = of(today).subquery()
    query = found.select().add_columns(func.count()).where(found.c.community_id.in_(communities))
    return {row[0]: row[1] for row in session.execute(query.group_by(found.c.community_id))}
