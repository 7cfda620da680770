"""What tools send to the gradebook: line items and scores, read strictly.

Assignment and Grade Services 2.0, sections 3.2 (line item) and 3.4 (score).
"""

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from lti_tool.demo.vocab import Json

FUTURE_ALLOWED = 5
"""Seconds that a timestamp may lie ahead. Moodle would take any, and refuse all that follow."""

ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
ACTIVITY_PROGRESS = {"Initialized", "Started", "InProgress", "Submitted", "Completed"}
GRADING_PROGRESS = {"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"}


class PayloadError(Exception):
    """Why a body is refused."""


@dataclass(frozen=True)
class LineItem:
    """A line item as asked for. `sent` is the whole object, which Moodle gives back."""

    label: str
    score_maximum: float
    resource_id: str
    tag: str
    resource_link_id: str | None
    sent: Json

    @classmethod
    def read(cls, body: bytes) -> Self:
        """A line item from a body. Raises PayloadError."""
        sent = _object(body)
        label, maximum = sent.get("label"), _number(sent, "scoreMaximum")
        if not isinstance(label, str) or not label.strip() or not maximum:
            raise PayloadError("No label or Score Maximum")
        for name in ("resourceId", "tag", "resourceLinkId"):
            if not isinstance(sent.get(name, ""), str):
                raise PayloadError(f"{name} is no string")
        return cls(
            label,
            maximum,
            sent.get("resourceId", ""),
            sent.get("tag", ""),
            sent.get("resourceLinkId"),
            sent,
        )


@dataclass(frozen=True)
class Score:
    """A score as sent. Without `given`, or not yet FullyGraded, it erases the grade (M25)."""

    user_id: str
    given: float | None
    maximum: float
    comment: str
    second: int

    def scaled_to(self, column_maximum: float) -> float | None:
        """In the column's own points; more than its maximum is allowed (recorded)."""
        return None if self.given is None else round(self.given * column_maximum / self.maximum, 5)

    @classmethod
    def read(cls, body: bytes, now: float) -> Self:
        """A score from a body. Raises PayloadError."""
        sent = _object(body)
        user_id, comment = sent.get("userId"), sent.get("comment", "")
        if not isinstance(user_id, str) or not user_id:
            raise PayloadError("userId is no string")
        if sent.get("activityProgress") not in ACTIVITY_PROGRESS:
            raise PayloadError("activityProgress is no known value")
        if sent.get("gradingProgress") not in GRADING_PROGRESS:
            raise PayloadError("gradingProgress is no known value")
        if not isinstance(comment, str):
            raise PayloadError("comment is no string")
        given, maximum = _number(sent, "scoreGiven"), _number(sent, "scoreMaximum")
        if given is not None and maximum is None:
            raise PayloadError("scoreGiven without scoreMaximum")
        if maximum == 0:
            raise PayloadError("scoreMaximum is not above 0")
        if sent["gradingProgress"] != "FullyGraded":
            given = None
        return cls(user_id, given, maximum or 1, comment, _second(sent.get("timestamp"), now))


def _number(sent: Json, name: str) -> float | None:
    """A number from 0 on, or None when there is none."""
    if name not in sent:
        return None
    value = sent[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PayloadError(f"{name} is no number")
    if not math.isfinite(value) or value < 0:
        raise PayloadError(f"{name} is no number from 0")
    return value


def _object(body: bytes) -> Json:
    try:
        sent = json.loads(body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise PayloadError("no JSON object")
    return sent


def _second(timestamp: Any, now: float) -> int:
    """The second of an ISO 8601 date-time with a zone; Moodle forgets the rest (recorded)."""
    if not isinstance(timestamp, str) or not ZONED.fullmatch(timestamp):
        raise PayloadError("timestamp is no ISO 8601 date-time with a zone")
    try:
        moment = datetime.fromisoformat(timestamp).timestamp()
    except ValueError as error:
        raise PayloadError("timestamp is no moment in time") from error
    if moment > now + FUTURE_ALLOWED:
        raise PayloadError("timestamp lies in the future")
    return math.floor(moment)
