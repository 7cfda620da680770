"""The token endpoint: client credentials with a signed assertion (RFC 7523).

Moodle looks only at the signature and at exp and iat, with zero leeway (M19). This endpoint
also asks what the Security Framework 1.0, section 4.1.1, requires of the tool: iss and sub
are the client_id, aud is the address of this endpoint, jti is used once.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.demo.addresses import Addresses
from lti_tool.demo.keys import ToolKeys
from lti_tool.demo.school import School
from lti_tool.demo.tooljwt import SeenOnce, ToolJwtError, read_tool_jwt, unverified

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_LIFE = 3600


class TokenError(Exception):
    """`error` is the OAuth code that is answered, `reason` what the LMS's log says."""

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason


@dataclass(frozen=True)
class AccessToken:
    """A bearer token: whose it is, what it allows, until when."""

    value: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: float


class Tokens:
    """Access tokens in circulation. They are forgotten when the LMS restarts."""

    def __init__(self, school: School, addresses: Addresses, keys: ToolKeys) -> None:
        self.school = school
        self.addresses = addresses
        self.keys = keys
        self._assertions = SeenOnce()
        self._lock = threading.Lock()
        self._tokens: dict[str, AccessToken] = {}

    def grant(self, form: Mapping[str, str]) -> AccessToken:
        """A token for the scopes that are asked *and* registered. Raises TokenError."""
        for name in ("client_assertion", "client_assertion_type", "grant_type", "scope"):
            if not form.get(name):
                raise TokenError("invalid_request", f"{name} is missing")
        if form["client_assertion_type"] != ASSERTION_TYPE:
            raise TokenError("unsupported_grant_type", "client_assertion_type is not jwt-bearer")
        if form["grant_type"] != "client_credentials":
            raise TokenError("unsupported_grant_type", "grant_type is not client_credentials")
        client_id = self._authenticate(form["client_assertion"])
        tool = self.school.tools[client_id]
        scopes = tuple(scope for scope in form["scope"].split() if scope in tool.scopes)
        if not scopes:
            raise TokenError("invalid_scope", "none of these scopes is registered")
        token = AccessToken(secrets.token_hex(16), client_id, scopes, self.school.clock() + TOKEN_LIFE)
        with self._lock:
            self._tokens[token.value] = token
        return token

    def _authenticate(self, assertion: str) -> str:
        try:
            client_id = unverified(assertion).get("sub")
        except ToolJwtError as error:
            raise TokenError("invalid_request", str(error)) from error
        tool = self.school.tools.get(client_id) if isinstance(client_id, str) else None
        if tool is None or not tool.active:
            raise TokenError("invalid_client", "sub is no active client_id")
        try:
            claims = read_tool_jwt(assertion, tool, self.keys, self.addresses.token, self.school.clock())
        except ToolJwtError as error:
            raise TokenError("invalid_client", str(error)) from error
        jti = claims.get("jti")
        if not isinstance(jti, str) or not jti:
            raise TokenError("invalid_client", "no jti")
        if not self._assertions.first(tool.client_id, jti):
            raise TokenError("invalid_client", "jti was used before")
        return tool.client_id

    def holder(self, value: str) -> AccessToken | None:
        """The token of that value, unless it is unknown or expired."""
        with self._lock:
            token = self._tokens.get(value)
        return token if token and token.expires_at > self.school.clock() else None

    def forget(self) -> None:
        """Make every token unknown, as a restart or a purge does."""
        with self._lock:
            self._tokens.clear()
