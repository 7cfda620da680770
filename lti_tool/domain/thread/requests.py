"""What communities asked of their leadership and heard nothing of: how often, and nothing of what it was."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy.orm import Session

from lti_tool.domain.reading import deciding
from lti_tool.domain.thread.actions import ANSWER, GONE_ON, REQUEST
from lti_tool.domain.ties import Tie


def overdue(session: Session, communities: Collection[int], today: dt.date) -> dict[int, int]:
    """Community id -> how many requests of its cycle under way wait for a reply that was wanted before today."""
    settled: dict[str, str] = {ANSWER: Tie.ANSWERS, GONE_ON: Tie.WITHOUT}
    return deciding.overdue(session, communities, REQUEST, settled, today)
