"""PyLTI1p3, confined: its steps of login and launch, each with the check the library leaves out.

State and nonce belong together (lti_tool.lti.states); the token is held against the registration that the state
names, not against whom it says it is for; signature, audience, times and nonce are required (lti.md section 5 says
what the library accepts). The nonce is burnt once the platform's signature holds: nobody else can fill that table.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfAbstract
from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError

from lti_tool.config import Settings
from lti_tool.db import at_once, now, short_transaction
from lti_tool.lti import LaunchRefused, id_token, quirks
from lti_tool.lti.claims import LTI, LaunchClaims, read_claims, storable
from lti_tool.lti.key_sets import ALGORITHMS, PlatformKey
from lti_tool.lti.platform_keys import PlatformKeys
from lti_tool.lti.platforms import Platform, Platforms
from lti_tool.lti.states import STATE_PREFIX, Attempt, States
from lti_tool.models.platform import BurntNonce, Deployment, Held, Registration

LAUNCH_PATH = "/lti/launch"


@dataclass(frozen=True)
class Verified:
    """A launch whose token holds. attempt: the login it answers. deployment_id: the approved deployment's row."""

    attempt: Attempt
    platform: Platform
    deployment_id: int
    claims: LaunchClaims


class _ToolConfig(ToolConfAbstract):
    """The library's view of registrations. One issuer may have many clients, a client many deployments (K2)."""

    def __init__(self, platforms: Platforms) -> None:
        self.platforms = platforms
        self.found: Platform | None = None

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_params(
        self, iss: str, client_id: str | None, *args: Any, **kwargs: Any
    ) -> LibraryRegistration | None:
        self.found = self.platforms.platform(iss, client_id)
        return _as_library(self.found) if self.found else None

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **kwargs: Any
    ) -> LibraryDeployment | None:
        raise NotImplementedError("deployments are found by _Launch.validate_deployment")


def _as_library(platform: Platform) -> LibraryRegistration:
    registration = LibraryRegistration()
    registration.set_issuer(platform.issuer).set_client_id(platform.client_id)
    registration.set_auth_login_url(platform.auth_login_url).set_auth_token_url(platform.auth_token_url)
    registration.set_key_set_url(platform.key_set_url)
    return registration


class _Posted(Request):
    """The library's view of a request: its fields, and nothing of a session."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = params

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str | None:
        return self.params.get(key)


class _Nowhere(SessionService, CookieService):
    """Keeps nothing of what the library hands out (state, nonce): the state itself says it all."""

    def __init__(self) -> None:
        pass

    def save_nonce(self, nonce: str) -> None:
        pass

    def get_cookie(self, name: str) -> str | None:
        return None

    def set_cookie(self, name: str, value: str, exp: int | None = 3600) -> None:
        pass


class _Login(OIDCLogin):
    """Third-party initiated login (security framework 1.0, 5.1.1). begin: of a platform that was found."""

    attempt: Attempt

    def __init__(self, params: Mapping[str, str], config: _ToolConfig, begin: Callable[[Platform], Attempt]) -> None:
        nowhere = _Nowhere()
        super().__init__(_Posted(params), config, nowhere, nowhere)
        self.begin = begin

    def _get_uuid(self) -> str:
        # The library writes that before each state.
        return self.attempt.state.removeprefix(STATE_PREFIX)

    def _generate_nonce(self) -> str:
        return self.attempt.nonce

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
        self.attempt = self.begin(self._tool_config.found)
        return cast(LibraryRegistration, found)


# Built once, it is hot. Of two launches with one state only one can make this row.
_BURN = insert(cast(Table, BurntNonce.__table__))


def begin_login(
    settings: Settings, platforms: Platforms, states: States, params: Mapping[str, str]
) -> tuple[str, Attempt, Platform]:
    """Answer a login request: (authentication request URL, the attempt, its platform).

    Raises LaunchRefused. Nothing is written by a login.
    """
    target = params.get("target_link_uri", "")
    deployment_id = params.get("lti_deployment_id") or None
    if not all(map(storable, params.values())) or len(deployment_id or "") > 255:
        raise LaunchRefused("malformed_login")

    def begin(platform: Platform) -> Attempt:
        if not _same_origin(target, settings.base_url):
            raise LaunchRefused("target_link_uri", target[:255])
        storage = (params.get("lti_storage_target") or "")[:255] or None
        way_back = quirks.reopen_url(platform.issuer, params)[:1024]
        return states.begin(platform.id, deployment_id, target[:1024], storage, way_back)

    config = _ToolConfig(platforms)
    login = _Login(params, config, begin)
    url = login._prepare_redirect_url(settings.base_url + LAUNCH_PATH)
    assert config.found is not None
    return url, login.attempt, config.found


def _same_origin(one: str, other: str) -> bool:
    try:
        return urlsplit(one)[:2] == urlsplit(other)[:2]
    except ValueError:
        return False


def _burn(attempt: Attempt) -> None:
    """Committed at once, whatever becomes of the launch."""
    try:
        at_once(_BURN, {"nonce": attempt.nonce, "created_at": now()})
    except IntegrityError as error:
        raise LaunchRefused("state_used") from error


class _Launch(MessageLaunch):
    """The library's order of checks (MessageLaunch.validate), every one of them ours."""

    attempt: Attempt
    platform: Platform
    deployment_id: int
    claims: LaunchClaims

    def __init__(self, params: Mapping[str, str], states: States, keys: PlatformKeys, platforms: Platforms) -> None:
        nowhere, config = _Nowhere(), _ToolConfig(platforms)
        # With a session of requests at hand the library makes no new one; nothing is fetched by it.
        super().__init__(_Posted(params), config, nowhere, nowhere, requests_session=keys.outbound.session)
        self.states = states
        self.keys = keys
        self.platforms = platforms

    def _get_request_param(self, key: str) -> str | None:
        return cast(str | None, self._request.get_param(key))

    def validate_state(self) -> "_Launch":
        state = self._get_request_param("state")
        if not state:
            raise LaunchRefused("no_state")
        self.attempt = self.states.read(state)
        platform = self.platforms.platform_of(self.attempt.registration_id)
        if platform is None:
            raise LaunchRefused("unknown_platform")
        self.platform = platform
        if error := self._get_request_param("error"):
            # S15: the platform itself said no; its description may hold anything, so it is not logged.
            raise LaunchRefused("platform_error", error[:64])
        return self

    def validate_jwt_format(self) -> "_Launch":
        """Verify signature, algorithm, issuer and audience, in one call: nothing of an unverified body is used."""
        token = self._get_request_param("id_token")
        if not token:
            raise LaunchRefused("no_id_token")
        kid, key = self._key(token)
        issuer, client_id = self.platform.issuer, self.platform.client_id
        try:
            header, body = id_token.verified(token, key, issuer, client_id)
        except LaunchRefused as refused:
            if refused.reason not in ("bad_signature", "algorithm"):
                raise
            self._could_answer(token)
            changed = self.keys.changed(self.platform, kid)
            if changed is None:
                raise
            header, body = id_token.verified(token, changed, issuer, client_id)
        self._jwt = {"header": header, "body": body}
        return self

    def _key(self, token: str) -> tuple[str, PlatformKey]:
        """kid and key: the platform's, that the token names by kid.

        Keys named by the token itself (jku, jwk, x5u, x5c) are never looked at (S10).
        """
        header = id_token.header_of(token)
        kid = header.get("kid")
        if not kid:
            raise LaunchRefused("no_kid")
        if header.get("alg") not in ALGORITHMS:
            raise LaunchRefused("algorithm", str(header.get("alg"))[:32])
        if key := self.platform.keys.get(kid):
            return kid, key
        self._could_answer(token)
        return kid, self.keys.look_for(self.platform, kid)

    def _could_answer(self, token: str) -> None:
        """Nobody could verify it yet. What makes us ask the platform must at least answer this login."""
        body = id_token.unverified(token)
        self._answers_login(body)
        if body.get("iss") != self.platform.issuer:
            raise LaunchRefused("issuer" if "iss" in body else "no_issuer")

    def _answers_login(self, body: Mapping[str, Any]) -> None:
        if not body.get("nonce"):
            raise LaunchRefused("no_nonce")
        if body["nonce"] != self.attempt.nonce:
            raise LaunchRefused("nonce")

    def validate_nonce(self) -> "_Launch":
        # The signature held: it is the platform that answers, and only once.
        self._answers_login(self._jwt["body"])
        _burn(self.attempt)
        return self

    def validate_registration(self) -> "_Launch":
        # The issuer is the one of the attempt's registration: validate_jwt_format held it against that.
        self._registration = _as_library(self.platform)
        return self

    def validate_jwt_signature(self) -> "_Launch":
        """Verified on reading; what is left is held against this moment and this login."""
        body = self._jwt["body"]
        id_token.check_times(body, self.attempt.created_at.timestamp(), time.time())
        if "azp" in body and body["azp"] != self.platform.client_id:
            raise LaunchRefused("azp")
        if "azp" not in body and isinstance(body["aud"], list) and set(body["aud"]) != {self.platform.client_id}:
            # Meant for somebody else too, who may not be who hands it in (security framework 1.0, 5.1.3, 4).
            raise LaunchRefused("several_audiences")
        return self

    def validate_deployment(self) -> "_Launch":
        deployment_id = self._jwt["body"].get(LTI + "deployment_id")
        if not isinstance(deployment_id, str) or not 0 < len(deployment_id) <= 255 or not storable(deployment_id):
            raise LaunchRefused("no_deployment_id")
        if self.attempt.deployment_id and self.attempt.deployment_id != deployment_id:
            raise LaunchRefused("deployment_mismatch")
        found = self.platforms.deployment(self.platform.id, deployment_id)
        if found is None:
            raise LaunchRefused("unknown_deployment", deployment_id)
        self.deployment_id = found
        return self

    def validate_message(self) -> "_Launch":
        self.claims = read_claims(self._jwt["body"])
        target = self._jwt["body"].get(LTI + "target_link_uri")
        if target and target != self.attempt.target_link_uri:
            raise LaunchRefused("target_link_uri")
        return self

    def save_launch_data(self) -> "_Launch":
        return self


def verify_launch(params: Mapping[str, str], states: States, keys: PlatformKeys, platforms: Platforms) -> Verified:
    """Check a launch from state to claims; raises LaunchRefused. Does not look at the browser.

    An unknown deployment is noted, in a transaction of its own; of one that an administrator paused or withdrew the
    reason says so.
    """
    launch = _Launch(params, states, keys, platforms)
    try:
        launch.validate()
    except LaunchRefused as refused:
        if refused.reason == "unknown_deployment" and (held := _note_deployment(launch.platform, refused.detail)):
            refused.reason = f"deployment_{held}"
        if hasattr(launch, "attempt"):
            refused.reopen_url = launch.attempt.reopen_url
        raise
    except LtiException as error:
        raise LaunchRefused("malformed_token", type(error).__name__) from error
    return Verified(launch.attempt, launch.platform, launch.deployment_id, launch.claims)


def _note_deployment(platform: Platform, deployment_id: str) -> Held | None:
    """Note it where it is new; else why it is held, if it is."""
    with short_transaction() as session:
        known = session.scalar(
            select(Deployment).where(
                Deployment.registration_id == platform.id, Deployment.deployment_id == deployment_id
            )
        )
        if known is None:
            session.add(Deployment(registration_id=platform.id, deployment_id=deployment_id, approved=False))
        return known.held if known is not None else None


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
