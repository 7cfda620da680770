"""Reading what a tool signed: client assertions and deep linking responses.

Stricter than Moodle, which looks at neither audience nor nonce (M18): what the standard
asks of a tool (Security Framework 1.0, sections 4.1.1 and 5.2.2) is what must be there.
"""

import threading

import jwt

from lti_tool.demo.keys import ToolKeys, UnknownKeyError
from lti_tool.demo.model import ToolRegistration
from lti_tool.demo.vocab import Json

LONGEST_LIFE = 3600


class ToolJwtError(Exception):
    """Why a tool's JWT is refused."""


class SeenOnce:
    """Values that may be used once by each client: jti and nonce."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()

    def first(self, client_id: str, value: str) -> bool:
        """Whether this client uses this value for the first time."""
        with self._lock:
            new = (client_id, value) not in self._seen
            self._seen.add((client_id, value))
            return new


def unverified(encoded: str) -> Json:
    """The claims as they stand, to find out whose they say they are."""
    try:
        claims: Json = jwt.decode(encoded, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise ToolJwtError(f"not a JWT: {error}") from error
    return claims


def read_tool_jwt(encoded: str, tool: ToolRegistration, keys: ToolKeys, audience: str, now: float) -> Json:
    """The verified claims of a JWT that this tool signed for `audience`.

    Zero leeway, as Moodle (M19): iat in the future by a second is refused.
    """
    try:
        header = jwt.get_unverified_header(encoded)
    except jwt.PyJWTError as error:
        raise ToolJwtError(f"not a JWT: {error}") from error
    if header.get("alg") != "RS256":
        raise ToolJwtError("alg is not RS256")
    if not isinstance(header.get("kid"), str):
        raise ToolJwtError("no kid in the header")
    try:
        key = keys.find(tool.jwks_uri, header["kid"])
        claims: Json = jwt.decode(
            encoded,
            key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False},
        )
    except (UnknownKeyError, jwt.PyJWTError) as error:
        raise ToolJwtError(f"signature: {error}") from error
    _check_times(claims, now)
    if claims.get("iss") != tool.client_id:
        raise ToolJwtError("iss is not the client_id")
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise ToolJwtError(f"aud is not {audience}")
    return claims


def _check_times(claims: Json, now: float) -> None:
    for name in ("iat", "exp"):
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ToolJwtError(f"{name} is absent or no number")
    # Whole seconds, as PHP's time(): a tool whose clock shows this very second is on time.
    if claims["iat"] > int(now):
        raise ToolJwtError("iat lies in the future")
    if claims["exp"] <= int(now):
        raise ToolJwtError("expired")
    if claims["exp"] > int(now) + LONGEST_LIFE:
        raise ToolJwtError("exp lies more than an hour ahead")
