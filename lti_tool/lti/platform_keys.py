"""Public keys of platforms: kept with the registration, fetched again once for a kid nobody knows."""

import threading
import time
from collections import defaultdict, deque
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError
from sqlalchemy.orm import Session

from lti_tool.db import now, short_transaction
from lti_tool.lti import LaunchRefused
from lti_tool.lti.outbound import Outbound, OutboundError
from lti_tool.models import Registration

# S17: asymmetric signatures only, never "none" or HMAC.
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
# Fetches a registration may cause in so many seconds: a flood of made-up kids must not become a
# flood of requests to the platform, and one failure must not lock a teacher out.
FETCHES, PERIOD = 5, 60.0


class PlatformKeys:
    """Parsed keys by registration. A failed fetch leaves what was known."""

    def __init__(self, outbound: Outbound) -> None:
        self.outbound = outbound
        self._lock = threading.Lock()
        self._parsed: dict[int, tuple[object, dict[str, PyJWK]]] = {}
        self._fetches: dict[int, deque[float]] = defaultdict(deque)

    def find(self, registration: Registration, kid: str, algorithm: str) -> PyJWK:
        """The platform's key with that kid, for that algorithm; raises LaunchRefused."""
        keys = self._known(registration)
        if kid not in keys:
            keys = self._fetch(registration)
        key = keys.get(kid)
        if key is None:
            raise LaunchRefused("unknown_kid")
        if key.algorithm_name != algorithm and registration_algorithm(registration, kid) is not None:
            raise LaunchRefused("algorithm", algorithm)
        if algorithm[:2] != ("RS" if key.key_type == "RSA" else "ES"):
            raise LaunchRefused("algorithm", algorithm)
        return key

    def _known(self, registration: Registration) -> dict[str, PyJWK]:
        cached = self._parsed.get(registration.id)
        if cached and cached[0] == registration.key_set_at:
            return cached[1]
        keys = parse_key_set(registration.key_set or {})
        self._parsed[registration.id] = (registration.key_set_at, keys)
        return keys

    def _fetch(self, registration: Registration) -> dict[str, PyJWK]:
        with self._lock:
            recent, moment = self._fetches[registration.id], time.monotonic()
            while recent and recent[0] < moment - PERIOD:
                recent.popleft()
            if len(recent) >= FETCHES:
                raise LaunchRefused("unknown_kid", "key set fetched too often")
            recent.append(moment)
        return self.refresh(registration)

    def refresh(self, registration: Registration) -> dict[str, PyJWK]:
        """Fetch the key set now and keep it; raises LaunchRefused("key_set") and keeps the old one."""
        key_set = self.fetch(registration)
        with short_transaction() as session:
            row = self.keep(session, registration.id, key_set)
        registration.key_set, registration.key_set_at = row.key_set, row.key_set_at
        return self._known(registration)

    def fetch(self, registration: Registration) -> dict[str, Any]:
        """The platform's key set as it is now; raises LaunchRefused("key_set") if none of it is usable."""
        try:
            key_set = self.outbound.get_json(registration.key_set_url, headers={"Accept": "application/json"})
        except OutboundError as error:
            raise LaunchRefused("key_set", error.reason) from error
        if not parse_key_set(key_set):
            raise LaunchRefused("key_set", "no usable key")
        return dict(key_set)

    @staticmethod
    def keep(session: Session, registration_id: int, key_set: dict[str, Any]) -> Registration:
        """Store a fetched key set with its registration."""
        row = session.get_one(Registration, registration_id)
        row.key_set, row.key_set_at = key_set, now()
        return row


def registration_algorithm(registration: Registration, kid: str) -> str | None:
    """The algorithm the key set names for a key, or None where it names none."""
    for key in (registration.key_set or {}).get("keys", []):
        if isinstance(key, dict) and key.get("kid") == kid:
            named = key.get("alg")
            return named if isinstance(named, str) else None
    return None


def parse_key_set(key_set: Any) -> dict[str, PyJWK]:
    """kid -> key, for the signing keys of a JWK set that can be used here; others are passed over."""
    keys: dict[str, PyJWK] = {}
    members = key_set.get("keys") if isinstance(key_set, dict) else None
    for member in members if isinstance(members, list) else []:
        if not isinstance(member, dict) or not isinstance(member.get("kid"), str):
            continue
        if member.get("kty") not in ("RSA", "EC") or member.get("use", "sig") != "sig":
            continue
        try:
            key = PyJWK(member)
        except (PyJWTError, TypeError):
            # PyJWT looks up an alg that is no string as it stands.
            continue
        if key.algorithm_name in ALGORITHMS:
            keys.setdefault(member["kid"], key)
    return keys
