"""ID tokens: whether one holds, and what it says. Every fault is a LaunchRefused with a reason of its own.

Signature, algorithm, issuer and audience are PyJWT's to verify; times are check_times' own: they are held against
the login too. Source: security framework 1.0, 5.1.3; RFC 7519.
"""

from collections.abc import Mapping
from typing import Any

import jwt
from jwt import exceptions as wrong
from jwt.types import Options

from lti_tool.lti import LaunchRefused
from lti_tool.lti.key_sets import PlatformKey

# Clocks differ; Moodle's own tokens live 60 seconds (M8).
LEEWAY = 30

_VERIFY: Options = {
    "require": ["nonce", "iss", "aud"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}
# What PyJWT finds wrong -> the reason. The first that fits counts.
_WRONG: tuple[tuple[type[Exception], str], ...] = (
    (wrong.InvalidSignatureError, "bad_signature"),
    (wrong.InvalidAlgorithmError, "algorithm"),
    (wrong.InvalidIssuerError, "issuer"),
    (wrong.InvalidAudienceError, "audience"),
    (wrong.InvalidKeyError, "bad_signature"),
)
_MISSING = {"nonce": "no_nonce", "iss": "no_issuer", "aud": "no_aud"}


def _refusal(error: jwt.PyJWTError) -> LaunchRefused:
    if isinstance(error, wrong.MissingRequiredClaimError):
        return LaunchRefused(_MISSING[error.claim])
    reason = next((reason for kind, reason in _WRONG if isinstance(error, kind)), "malformed_token")
    return LaunchRefused(reason, type(error).__name__)


def header_of(token: str) -> dict[str, Any]:
    """The header, not verified yet."""
    try:
        # The header alone: with the body, PyJWT would decode that twice, and it is what a launch spends most on.
        return jwt.get_unverified_header(token.partition(".")[0] + "..")
    except jwt.PyJWTError as error:
        raise _refusal(error) from error


def unverified(token: str) -> dict[str, Any]:
    """The body as anybody may have written it."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise _refusal(error) from error


def verified(token: str, key: PlatformKey, issuer: str, client_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and body of a token that this key signed, of this issuer and for this client."""
    try:
        read = jwt.decode_complete(
            token, key.key, algorithms=key.algorithms, issuer=issuer, audience=client_id, options=_VERIFY
        )
    except jwt.PyJWTError as error:
        raise _refusal(error) from error
    return read["header"], read["payload"]


def check_times(body: Mapping[str, Any], asked: float, moment: float) -> None:
    """Refuse a token that is over, or says it was made before its login or after now (RFC 7519, 4.1.4 to 4.1.6).

    asked, moment: when the login was and when it is now, in seconds since the epoch; LEEWAY seconds of difference
    between two clocks are allowed. As the token's nonce answers the login, it was made between the two: where its
    iat says otherwise, the platform's clock differs by at least that much (O9).
    """
    for name in ("exp", "iat", "nbf"):
        value = body.get(name)
        if value is None and name != "nbf":
            raise LaunchRefused("no_" + name)
        # Seconds since 1970, of some tens of thousands of years: JSON's NaN and Infinity are no times.
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is not None and not (number and 0 <= value < 1e12):
            raise LaunchRefused("iat" if name == "iat" else "malformed_token", name)
    if body["iat"] < asked - LEEWAY:
        raise LaunchRefused("stale_iat", ahead=round(body["iat"] - asked))
    ahead = max(body["iat"], body.get("nbf") or 0) - moment
    if ahead > LEEWAY:
        raise LaunchRefused("future_iat", ahead=round(ahead))
    if body["exp"] <= moment - LEEWAY:
        raise LaunchRefused("expired")
