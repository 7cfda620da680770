"""What a handler is given, what it answers, and what follows from a call that failed."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.lti.outbound import OutboundError

BACKOFF, BACKOFF_MAX = 5.0, 6 * 3600.0
RETRY_AFTER_MAX = 86_400.0
# What rests is tried again after so many seconds at most.
LONGEST_REST = 900.0


@dataclass(frozen=True, slots=True)
class Row:
    """One claimed row of the outbox. platform: the registration it talks to, None for none."""

    id: int
    kind: str
    key: str
    ids: dict[str, Any]
    attempts: int
    due_at: dt.datetime
    platform: int | None


@dataclass(frozen=True)
class Done:
    """Settled; earlier rows of the same key are settled with it."""

    reason: str | None = None


@dataclass(frozen=True)
class Later:
    """To be tried again: after so many seconds, or (None) after the usual pause."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True)
class Stop:
    """Not to be tried again by itself."""

    reason: str


Outcome = Done | Later | Stop


class Handler(Protocol):
    """What one kind of row does. Only send may be slow, and it has no database session."""

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """Row id -> what send needs, or an Outcome for a row that needs no sending. Committed before send."""

    def send(self, prepared: Any) -> Any:
        """Talk to the platform; what is returned (or raised as OutboundError) goes to settle."""

    def settle(self, session: Session, prepared: Any, answer: Any) -> Outcome:
        """Write down what became of it."""


# What a platform says of one address, a column's or a roster's; not of what was sent there.
OF_ADDRESS = (403, 405, 415)
_AGAIN = (401, 408, 429, *OF_ADDRESS)


def answer_to(error: Exception) -> Later | Stop:
    """What follows from a failed call: network faults, redirects, 429 and 5xx are tried again, other 4xx stop.

    So is what the platform has against the tool (a refused token, 401), or an address (403): it is mended there,
    and then everything arrives by itself.
    """
    if not isinstance(error, OutboundError):
        return Later("error")
    if error.status < 400 or error.status in _AGAIN or error.status >= 500 or error.reason == "token":
        if error.reason in ("address", "address_not_https", "private_address", "no_scope_for_columns"):
            return Stop(code(error))
        return Later(code(error), pause_of(error.retry_after))
    return Stop(code(error))


def code(error: OutboundError) -> str:
    """The reason as rows and alarms keep it."""
    return f"{error.reason}_{error.status}" if error.status else error.reason


def trouble(answer: Any) -> OutboundError | None:
    """The error, if it says that the platform itself is in trouble, and not only with this one thing.

    It did not answer, asks to be left alone, or has something against the tool (the token, 401 also for a new
    one). A 500 to a score may be a grade that somebody locked (M35): the next score may be welcome.
    """
    error = answer if isinstance(answer, OutboundError) else getattr(answer, "__cause__", None)
    if not isinstance(error, OutboundError):
        return None
    itself = error.reason in ("timeout", "connection", "token") or error.status in (401, 429, 502, 503, 504)
    return error if itself or (error.status >= 500 and not error.of_one) else None


def lasting(error: OutboundError) -> bool:
    """Whether trouble has to be mended by somebody, and will not pass by itself."""
    return error.status < 500 and (error.reason == "token" or error.status == 401)


def backoff(attempts: int) -> float:
    """Seconds to wait after so many attempts: doubling, with jitter, at most six hours."""
    return float(min(BACKOFF * 2 ** min(attempts - 1, 16), BACKOFF_MAX) * random.uniform(0.8, 1.2))


def pause_after(failures: int) -> float:
    """Seconds that something rests after so many failures in a row: doubling, up to a quarter of an hour.

    The shortest pause that a row of so many attempts can have: who failed is due when the rest is over.
    """
    return float(min(0.8 * BACKOFF * 2 ** min(failures - 1, 16), LONGEST_REST))


def pause_of(retry_after: str | None) -> float | None:
    """Retry-After in seconds or as a date (RFC 9110, 10.2.3); None where there is none to go by."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return min(max(float(retry_after), 1.0), RETRY_AFTER_MAX)
    from email.utils import parsedate_to_datetime

    try:
        return min(max((parsedate_to_datetime(retry_after) - now()).total_seconds(), 1.0), RETRY_AFTER_MAX)
    except (TypeError, ValueError):
        return None
