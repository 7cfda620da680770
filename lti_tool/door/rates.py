"""How often the way in may be tried: far above a school at half past eight, far below what keeps a server busy.

Counted per address and per platform, in fixed windows: in memory for each web process, in Redis where that is the
broker of several machines. Redis away: each process counts for itself.
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from lti_tool.lti import LaunchRefused
from lti_tool.observe import log
from lti_tool.parts import parts

# Sixty people of a school open a course in one minute, some of them five activities at once: 300 launches. Ten schools
# may share an address (a school board's own way out, or a proxy that LEERKRING_TRUSTED_PROXIES does not count), and
# one client of a platform that is hosted for all serves as many schools as it likes.
ARRIVING = RateLimitItemPerMinute(3000)
OF_PLATFORM = RateLimitItemPerMinute(12_000)
# An administrator does this a few times, by hand; each may make the tool fetch from an address.
REGISTERING = RateLimitItemPerHour(60)
# Seconds for which Redis is not asked again after it failed; and how long one request waits for it.
AWAY, PATIENCE = 30.0, 0.5
# Seconds after which what is over is forgotten, also of whoever does not come again.
SWEEP = 60.0


@dataclass(frozen=True)
class Rate:
    """Of an address; and of the platform, where a request names one."""

    address: RateLimitItem
    platform: RateLimitItem | None = None


# Endpoint -> how often. Each is counted for itself.
RATES = {
    "lti.login": Rate(ARRIVING, OF_PLATFORM),
    "lti.launch": Rate(ARRIVING, OF_PLATFORM),
    "lti.storage": Rate(ARRIVING),
    "lti.window": Rate(ARRIVING),
    "lti.confirm": Rate(ARRIVING),
    "lti.register": Rate(REGISTERING),
    "lti.agreed": Rate(REGISTERING),
}


class Counts(MemoryStorage):
    """Counts in memory that forget what is over themselves, while they count.

    The library's own start a thread for it, one after another, every ten milliseconds in which requests come in.
    """

    def __init__(self) -> None:
        super().__init__()
        self._one_at_a_time = threading.Lock()
        self._sweep_at = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count more of a key, of which `expiry` (seconds) after its first one all is forgotten; the count so far."""
        moment = time.time()
        with self._one_at_a_time:
            if moment >= self._sweep_at:
                for each, until in list(self.expirations.items()):
                    if until <= moment:
                        self.clear(each)
                self._sweep_at = moment + SWEEP
            if self.expirations.get(key, 0) <= moment:
                self.storage[key], self.expirations[key] = 0, moment + expiry
            self.storage[key] += amount
            return self.storage[key]


class Rates:
    """Counts. broker_url: used where it is Redis'."""

    def __init__(self, broker_url: str | None) -> None:
        self._own = FixedWindowRateLimiter(Counts())
        self._shared: FixedWindowRateLimiter | None = None
        self._away_until = 0.0
        if broker_url and urlsplit(broker_url).scheme in ("redis", "rediss"):
            storage = storage_from_string(
                broker_url, wrap_exceptions=True, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
            )
            self._shared = FixedWindowRateLimiter(storage)

    def wait(self, limit: RateLimitItem, *of: str) -> int:
        """Count one more; 0, or the seconds after which it would not be too much."""
        if self._shared and time.monotonic() >= self._away_until:
            try:
                return _wait(self._shared, limit, of)
            except StorageError as error:
                self._away_until = time.monotonic() + AWAY
                log.warning("rates_apart", error=type(error.storage_error).__name__)
        return _wait(self._own, limit, of)


def _wait(limiter: FixedWindowRateLimiter, limit: RateLimitItem, of: tuple[str, ...]) -> int:
    if limiter.hit(limit, "leerkring", *of):
        return 0
    return max(1, round(limiter.get_window_stats(limit, "leerkring", *of).reset_time - time.time()))


def check() -> None:
    """Before a page of the way in: TooManyRequests, or nothing."""
    endpoint = request.endpoint or ""
    rate, rates = RATES.get(endpoint), parts().rates
    if rate is None:
        return
    seconds = rates.wait(rate.address, endpoint, "address", request.remote_addr or "")
    if not seconds and rate.platform and (platform := _platform()):
        seconds = rates.wait(rate.platform, endpoint, "platform", platform)
    if seconds:
        raise TooManyRequests(retry_after=seconds)


def _platform() -> str:
    """Which platform sends somebody: by its state where it answers, else by what it says."""
    if state := request.form.get("state"):
        try:
            return str(parts().states.read(state).registration_id)
        except LaunchRefused:
            return ""
    said = f"{request.values.get('iss', '')} {request.values.get('client_id', '')}"
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()
