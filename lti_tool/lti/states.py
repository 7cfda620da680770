"""The state of a login: signed, so that nothing has to be kept of who may never come back.

It carries what the launch is to be held against; the nonce that belongs to it is derived, since a page shows the
state and platform storage proves a browser by the nonce. That a state serves once, the launch sees to: it burns the
nonce (lti_tool.models.BurntNonce).
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from lti_tool.db import now
from lti_tool.lti import LaunchRefused

# How long a person may take between login and launch: the LMS may ask for a password in between.
ATTEMPT_LIFE = dt.timedelta(minutes=10)
# PyLTI1p3's mark of a state.
STATE_PREFIX = "state-"


@dataclass(frozen=True)
class Attempt:
    """A login under way, as its state says. registration_id: of the platform that was asked."""

    state: str
    nonce: str
    registration_id: int
    deployment_id: str | None
    target_link_uri: str
    storage_target: str | None
    reopen_url: str
    created_at: dt.datetime


class States:
    """Makes and reads states with the session secret: another process, and the next one, reads them too."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._signer = URLSafeSerializer(
            secret,
            salt="leerkring login",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def begin(
        self,
        registration_id: int,
        deployment_id: str | None,
        target_link_uri: str,
        storage_target: str | None,
        reopen_url: str,
    ) -> Attempt:
        """A new login."""
        said = (registration_id, deployment_id, target_link_uri, storage_target, reopen_url)
        moment, key = now(), secrets.token_urlsafe(16)
        state = self._signer.dumps([key, moment.timestamp(), *said])
        return Attempt(f"{STATE_PREFIX}{state!s}", self._nonce(key), *said, moment)

    def read(self, state: str) -> Attempt:
        """The login that a state stands for; LaunchRefused("unknown_state" or "login_expired")."""
        try:
            said = self._signer.loads(state.removeprefix(STATE_PREFIX))
            key, moment, registration, deployment, target, storage, way_back = said
        except (BadData, ValueError) as error:
            raise LaunchRefused("unknown_state") from error
        at = dt.datetime.fromtimestamp(moment, dt.UTC)
        attempt = Attempt(state, self._nonce(key), registration, deployment, target, storage, way_back, at)
        if attempt.created_at + ATTEMPT_LIFE < now():
            raise LaunchRefused("login_expired")
        return attempt

    def _nonce(self, key: str) -> str:
        made = hmac.digest(self._secret, f"nonce {key}".encode(), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
