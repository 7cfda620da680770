"""The keys in a platform's JWK set (RFC 7517) that may sign a launch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

# S17: asymmetric signatures only, never "none" or HMAC.
RSA = ("RS256", "RS384", "RS512")
ALGORITHMS = (*RSA, "ES256", "ES384", "ES512")

# Shorter RSA keys can be broken (RFC 7518, 3.3; security framework 1.0, 6.3 asks for RS256).
RSA_BITS = 2048


# Members of a public key (RFC 7517, 4; RFC 7518, 6.2.1 and 6.3.1). Of no other is anything believed: some platforms
# publish all that a key could have, with nulls in it, and nobody's private half is needed to verify.
PUBLIC = ("kty", "alg", "n", "e", "crv", "x", "y")


@dataclass(frozen=True)
class PlatformKey:
    """A public key, and the algorithms that may be verified with it: the platform's word, never a token's."""

    key: Any
    algorithms: tuple[str, ...]


def read_key_set(answer: Any) -> dict[str, list[dict[str, str]]]:
    """The keys of a JWK set as they are kept: a member that is no text, or empty, counts as not there (O6)."""
    members = answer.get("keys") if isinstance(answer, dict) else None
    told = [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []
    return {"keys": [{name: value for name, value in member.items() if _text(value)} for member in told]}


def parse_key_set(key_set: Any) -> Mapping[str, PlatformKey]:
    """kid -> key, for the signing keys of a JWK set that can be used here; others are passed over."""
    keys: dict[str, PlatformKey] = {}
    for member, key in _members(key_set):
        if not _is_short(key):
            # Of two under one name (one to encrypt, one to sign) the first that can sign counts. An RSA key whose set
            # names no algorithm serves for each; an elliptic curve has its own.
            unnamed = key.key_type == "RSA" and "alg" not in member
            keys.setdefault(member["kid"], PlatformKey(key.key, RSA if unnamed else (key.algorithm_name,)))
    return MappingProxyType(keys)


def short_keys(key_set: Any) -> set[str]:
    """The kids of RSA keys that are too short to be believed."""
    return {member["kid"] for member, key in _members(key_set) if _is_short(key)}


def _is_short(key: PyJWK) -> bool:
    return key.key_type == "RSA" and key.key.key_size < RSA_BITS


def _members(key_set: Any) -> Iterator[tuple[dict[str, str], PyJWK]]:
    for member in read_key_set(key_set)["keys"]:
        if "kid" not in member or member.get("kty") not in ("RSA", "EC") or member.get("use", "sig") != "sig":
            continue
        try:
            key = PyJWK({name: member[name] for name in PUBLIC if name in member})
        except (PyJWTError, ValueError):
            # Whatever is no number where one should be, or no point of its curve.
            continue
        if key.algorithm_name in ALGORITHMS:
            yield member, key


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
