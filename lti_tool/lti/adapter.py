"""PyLTI1p3, confined: its steps of login and launch, each with the check the library leaves out.

State and nonce are one row (LoginAttempt), consumed by a single UPDATE before anything of the token
is believed; the token is held against that row's registration, not against whom it says it is for;
signature, audience, times and nonce are required (lti.md section 5 says what the library accepts).
"""

import datetime as dt
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import jwt
from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.exception import LtiException
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfAbstract
from sqlalchemy import bindparam, select, update

from lti_tool.config import Settings
from lti_tool.db import UtcDateTime, now, short_transaction, write
from lti_tool.lti import LaunchRefused, quirks
from lti_tool.lti.claims import LTI, LaunchClaims, read_claims, storable
from lti_tool.lti.platform_keys import ALGORITHMS, PlatformKeys
from lti_tool.lti.platforms import Platforms
from lti_tool.models import Deployment, LoginAttempt, Registration

# How long a person may take between login and launch: the LMS may ask for a password in between.
ATTEMPT_LIFE = dt.timedelta(minutes=10)
# Clocks differ; Moodle's own tokens live 60 seconds (M8).
LEEWAY = 30
LAUNCH_PATH = "/lti/launch"


@dataclass(frozen=True)
class Verified:
    """A launch whose token holds. attempt: the login it answers. deployment: approved."""

    attempt: LoginAttempt
    registration: Registration
    deployment: Deployment
    claims: LaunchClaims


class _ToolConfig(ToolConfAbstract):
    """The library's view of registrations. One issuer may have many clients, a client many deployments (K2)."""

    def __init__(self, platforms: Platforms) -> None:
        self.platforms = platforms
        self.row: Registration | None = None

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_params(
        self, iss: str, client_id: str | None, *args: Any, **kwargs: Any
    ) -> LibraryRegistration | None:
        self.row = self.platforms.registration(iss, client_id)
        return as_library(self.row) if self.row else None

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **kwargs: Any
    ) -> LibraryDeployment | None:
        raise NotImplementedError("deployments are found by _Launch.validate_deployment")


def as_library(row: Registration) -> LibraryRegistration:
    """The library's registration object for one of ours."""
    registration = LibraryRegistration()
    registration.set_issuer(row.issuer).set_client_id(row.client_id)
    registration.set_auth_login_url(row.auth_login_url).set_auth_token_url(row.auth_token_url)
    registration.set_key_set_url(row.key_set_url)
    return registration


class _Kept(SessionService, CookieService):
    """Keeps what the library hands out (state, nonce), instead of writing it to a session or a cookie."""

    state = ""
    nonce = ""

    def __init__(self) -> None:
        pass

    def save_nonce(self, nonce: str) -> None:
        self.nonce = nonce

    def get_cookie(self, name: str) -> str | None:
        return None

    def set_cookie(self, name: str, value: str, exp: int | None = 3600) -> None:
        self.state = value


class _Login(FlaskOIDCLogin):
    """Third-party initiated login (security framework 1.0, 5.1.1)."""

    def _get_uuid(self) -> str:
        return secrets.token_urlsafe(24)

    def _generate_nonce(self) -> str:
        return secrets.token_urlsafe(32)

    def _prepare_redirect_url(self, launch_url: str) -> str:
        url = str(super()._prepare_redirect_url(launch_url))
        # An authorization endpoint may have a query of its own; the library appends a second "?".
        endpoint = self._registration.get_auth_login_url()
        return url.replace(endpoint + "?", endpoint + "&", 1) if "?" in endpoint else url

    def validate_oidc_login(self) -> LibraryRegistration:
        for name in ("iss", "login_hint", "target_link_uri"):
            if not self._get_request_param(name):
                raise LaunchRefused("login_" + name)
        found = self._tool_config.find_registration_by_params(
            self._get_request_param("iss"), self._get_request_param("client_id")
        )
        if not found:
            raise LaunchRefused("unknown_platform", self._get_request_param("iss")[:255])
        return cast(LibraryRegistration, found)


def begin_login(
    settings: Settings, platforms: Platforms, params: Mapping[str, str]
) -> tuple[str, LoginAttempt, Registration]:
    """Answer a login request: (authentication request URL, the stored attempt, its registration).

    Raises LaunchRefused. The attempt is committed: nothing else is written by a login.
    """
    target = params.get("target_link_uri", "")
    deployment_id = params.get("lti_deployment_id") or None
    if not all(map(storable, params.values())) or len(deployment_id or "") > 255:
        raise LaunchRefused("malformed_login")
    config, kept = _ToolConfig(platforms), _Kept()
    request = FlaskRequest(cookies={}, session={}, request_data=params or {"": ""}, request_is_secure=True)
    url = _Login(request, config, kept, kept)._prepare_redirect_url(settings.base_url + LAUNCH_PATH)
    assert config.row is not None
    if not _same_origin(target, settings.base_url):
        raise LaunchRefused("target_link_uri", target[:255])
    attempt = LoginAttempt(
        state=kept.state,
        nonce=kept.nonce,
        registration_id=config.row.id,
        deployment_id=deployment_id,
        target_link_uri=target[:1024],
        storage_target=(params.get("lti_storage_target") or "")[:255] or None,
        reopen_url=quirks.reopen_url(config.row.issuer, params)[:1024],
    )
    with short_transaction() as session:
        write(session, attempt)
    return url, attempt, config.row


def _same_origin(one: str, other: str) -> bool:
    try:
        return urlsplit(one)[:2] == urlsplit(other)[:2]
    except ValueError:
        return False


# Built once, it is hot. One UPDATE: of two launches with one state only one finds it unused.
_TAKE = (
    update(LoginAttempt)
    .where(LoginAttempt.state == bindparam("taken"), LoginAttempt.used_at.is_(None))
    .values(used_at=bindparam("moment", type_=UtcDateTime()))
    .returning(LoginAttempt)
    .execution_options(synchronize_session=False)
)


def _consume(state: str) -> LoginAttempt:
    """Take the attempt for this state, once; committed at once, whatever becomes of the launch."""
    with short_transaction() as session:
        row = session.scalars(_TAKE, {"taken": state, "moment": now()}).one_or_none()
        if row is None:
            used = session.get(LoginAttempt, state)
            raise LaunchRefused("state_used" if used else "unknown_state")
    if row.created_at + ATTEMPT_LIFE < now():
        raise LaunchRefused("login_expired")
    return row


class _Launch(FlaskMessageLaunch):
    """The library's order of checks (MessageLaunch.validate), every one of them ours."""

    attempt: LoginAttempt
    row: Registration
    deployment: Deployment
    claims: LaunchClaims

    def __init__(self, params: Mapping[str, str], keys: PlatformKeys, platforms: Platforms) -> None:
        kept = _Kept()
        request = FlaskRequest(cookies={}, session={}, request_data=params or {"": ""}, request_is_secure=True)
        super().__init__(request, _ToolConfig(platforms), kept, kept)
        self.keys = keys
        self.platforms = platforms

    def validate_state(self) -> "_Launch":
        state = self._get_request_param("state")
        if not state:
            raise LaunchRefused("no_state")
        if not storable(state):
            raise LaunchRefused("unknown_state")
        self.attempt = _consume(state)
        row = self.platforms.registration_of(self.attempt.registration_id)
        if row is None:
            raise LaunchRefused("unknown_platform")
        self.row = row
        if error := self._get_request_param("error"):
            # S15: the platform itself said no; its description may hold anything, so it is not logged.
            raise LaunchRefused("platform_error", error[:64])
        return self

    def validate_jwt_format(self) -> "_Launch":
        token = self._get_request_param("id_token")
        if not token:
            raise LaunchRefused("no_id_token")
        try:
            # One reading for header and body: parsing is what a launch spends most on.
            read = jwt.decode_complete(token, options={"verify_signature": False})
        except jwt.PyJWTError as error:
            raise LaunchRefused("malformed_token", type(error).__name__) from error
        self._jwt = {"header": read["header"], "body": read["payload"]}
        self._signed, self._signature = token.rpartition(".")[0].encode(), read["signature"]
        return self

    def validate_nonce(self) -> "_Launch":
        nonce = self._jwt["body"].get("nonce")
        if not nonce:
            raise LaunchRefused("no_nonce")
        if nonce != self.attempt.nonce:
            raise LaunchRefused("nonce")
        return self

    def validate_registration(self) -> "_Launch":
        if self._jwt["body"].get("iss") != self.row.issuer:
            raise LaunchRefused("issuer" if "iss" in self._jwt["body"] else "no_issuer")
        self._registration = as_library(self.row)
        return self

    def validate_jwt_signature(self) -> "_Launch":
        header = self._jwt["header"]
        kid, algorithm = header.get("kid"), header.get("alg")
        if not kid or not isinstance(kid, str):
            raise LaunchRefused("no_kid")
        if algorithm not in ALGORITHMS:
            raise LaunchRefused("algorithm", str(algorithm)[:32])
        # Keys named by the token itself (jku, jwk, x5u, x5c) are never looked at (S10).
        key = self.keys.find(self.row, kid, algorithm)
        # PyJWT's own verification, on what was read above; an algorithm is never taken on the token's word.
        try:
            holds = jwt.get_algorithm_by_name(algorithm).verify(self._signed, key.key, self._signature)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise LaunchRefused("bad_signature", type(error).__name__) from error
        if not holds:
            raise LaunchRefused("bad_signature")
        body = self._jwt["body"]
        check_times(body, time.time())
        audience = body.get("aud")
        if self.row.client_id not in (audience if isinstance(audience, list) else [audience]):
            raise LaunchRefused("audience" if audience else "no_aud")
        if body["iat"] < self.attempt.created_at.timestamp() - LEEWAY:
            # A token made before its login was asked for cannot be the answer to it.
            raise LaunchRefused("stale_iat")
        if "azp" in body and body["azp"] != self.row.client_id:
            raise LaunchRefused("azp")
        return self

    def validate_deployment(self) -> "_Launch":
        deployment_id = self._jwt["body"].get(LTI + "deployment_id")
        if not isinstance(deployment_id, str) or not 0 < len(deployment_id) <= 255 or not storable(deployment_id):
            raise LaunchRefused("no_deployment_id")
        if self.attempt.deployment_id and self.attempt.deployment_id != deployment_id:
            raise LaunchRefused("deployment_mismatch")
        found = self.platforms.deployment(self.row.id, deployment_id)
        if found is None:
            raise LaunchRefused("unknown_deployment", deployment_id)
        self.deployment = found
        return self

    def validate_message(self) -> "_Launch":
        self.claims = read_claims(self._jwt["body"])
        target = self._jwt["body"].get(LTI + "target_link_uri")
        if target and target != self.attempt.target_link_uri:
            raise LaunchRefused("target_link_uri")
        return self

    def save_launch_data(self) -> "_Launch":
        return self


def check_times(body: Mapping[str, Any], moment: float) -> None:
    """Refuse a token that is over, or from the future, or says neither (RFC 7519, 4.1.4 to 4.1.6).

    moment: seconds since the epoch; LEEWAY seconds of difference between two clocks are allowed.
    """
    for name in ("exp", "iat", "nbf"):
        value = body.get(name)
        if value is None and name != "nbf":
            raise LaunchRefused("no_" + name)
        # Seconds since 1970, of some tens of thousands of years: JSON's NaN and Infinity are no times.
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is not None and not (number and 0 <= value < 1e12):
            raise LaunchRefused("iat" if name == "iat" else "malformed_token", name)
    if body["exp"] <= moment - LEEWAY:
        raise LaunchRefused("expired")
    if max(body["iat"], body.get("nbf") or 0) > moment + LEEWAY:
        raise LaunchRefused("future_iat")


def verify_launch(params: Mapping[str, str], keys: PlatformKeys, platforms: Platforms) -> Verified:
    """Check a launch from state to claims; raises LaunchRefused. Does not look at the browser.

    An unknown deployment is noted, in a transaction of its own.
    """
    launch = _Launch(params, keys, platforms)
    try:
        launch.validate()
    except LaunchRefused as refused:
        if refused.reason == "unknown_deployment":
            _note_deployment(launch.row, refused.detail)
        if hasattr(launch, "attempt"):
            refused.reopen_url = launch.attempt.reopen_url
        raise
    except LtiException as error:
        raise LaunchRefused("malformed_token", type(error).__name__) from error
    return Verified(launch.attempt, launch.row, launch.deployment, launch.claims)


def _note_deployment(registration: Registration, deployment_id: str) -> None:
    with short_transaction() as session:
        known = session.scalar(
            select(Deployment).where(
                Deployment.registration_id == registration.id, Deployment.deployment_id == deployment_id
            )
        )
        if known is None:
            session.add(Deployment(registration_id=registration.id, deployment_id=deployment_id, approved=False))


def response_jwt(registration: Registration, deployment_id: str, claims: dict[str, Any]) -> dict[str, Any]:
    """The claims of a message from tool to platform (S14): times are backdated for Moodle (M19)."""
    issued = int(time.time()) - 5
    return {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": issued,
        "exp": issued + 600,
        "nonce": secrets.token_urlsafe(24),
        LTI + "version": "1.3.0",
        LTI + "deployment_id": deployment_id,
        **claims,
    }
