"""Public keys of platforms: kept with the registration, fetched again once for a kid nobody knows or a key that
does not fit."""

import datetime as dt
import threading
import time
from collections import defaultdict, deque
from typing import Any, Protocol

from sqlalchemy.orm import Session

from lti_tool.db import now, short_transaction
from lti_tool.lti import LaunchRefused
from lti_tool.lti.key_sets import PlatformKey, parse_key_set, read_key_set, short_keys
from lti_tool.lti.outbound import Outbound, OutboundError
from lti_tool.lti.platforms import Platform, Platforms
from lti_tool.models.platform import Registration

# Fetches a registration may cause in so many seconds: a flood of made-up kids must not become a
# flood of requests to the platform, and one failure must not lock a teacher out.
FETCHES, PERIOD = 5, 60.0
# A signature that does not hold may be made with a new key under an old kid (O11), unless the set was just fetched.
SETTLED = dt.timedelta(minutes=5)


class Publisher(Protocol):
    """Whoever publishes a key set: a platform, or its registration."""

    @property
    def id(self) -> int: ...
    @property
    def key_set_url(self) -> str: ...


class PlatformKeys:
    """Fetches key sets, not too often. A failed fetch leaves what was known."""

    def __init__(self, outbound: Outbound, platforms: Platforms) -> None:
        self.outbound = outbound
        self.platforms = platforms
        self._lock = threading.Lock()
        self._fetches: dict[int, deque[float]] = defaultdict(deque)

    def look_for(self, platform: Platform, kid: str) -> PlatformKey:
        """The key with a kid that nobody knows yet, out of the platform's key set as it is now; or LaunchRefused."""
        if not self._may_fetch(platform):
            raise LaunchRefused("unknown_kid", "key set fetched too often")
        key_set = self.refresh(platform)
        key = parse_key_set(key_set).get(kid)
        if key is None:
            raise LaunchRefused("weak_key" if kid in short_keys(key_set) else "unknown_kid")
        return key

    def changed(self, platform: Platform, kid: str) -> PlatformKey | None:
        """The key that a platform publishes now under a kid whose key did not fit; None where there is no other.

        One fetch settles it, for SETTLED: what does not hold after that is a bad signature.
        """
        if platform.key_set_at is not None and platform.key_set_at + SETTLED > now():
            return None
        if not self._may_fetch(platform):
            return None
        try:
            return parse_key_set(self.refresh(platform)).get(kid)
        except LaunchRefused:
            return None

    def _may_fetch(self, platform: Platform) -> bool:
        with self._lock:
            recent, moment = self._fetches[platform.id], time.monotonic()
            while recent and recent[0] < moment - PERIOD:
                recent.popleft()
            if len(recent) >= FETCHES:
                return False
            recent.append(moment)
            return True

    def refresh(self, publisher: Publisher) -> dict[str, Any]:
        """Fetch the key set now and keep it; raises LaunchRefused("key_set") and keeps the old one."""
        key_set = self.fetch(publisher)
        with short_transaction() as session:
            self.keep(session, publisher.id, key_set)
        self.platforms.forget()
        return key_set

    def fetch(self, publisher: Publisher) -> dict[str, Any]:
        """The platform's key set as it is now; raises LaunchRefused("key_set") if none of it is usable."""
        try:
            key_set = self.outbound.get_json(publisher.key_set_url, headers={"Accept": "application/json"})
        except OutboundError as error:
            raise LaunchRefused("key_set", error.reason) from error
        if not parse_key_set(key_set):
            raise LaunchRefused(*(("weak_key",) if short_keys(key_set) else ("key_set", "no usable key")))
        return read_key_set(key_set)

    @staticmethod
    def keep(session: Session, registration_id: int, key_set: dict[str, Any]) -> None:
        """Store a fetched key set with its registration."""
        row = session.get_one(Registration, registration_id)
        row.key_set, row.key_set_at = key_set, now()
