"""Keys: the LMS's own signing keys, and the tool's keys as fetched from its jwks_uri."""

import functools
import secrets
import threading
from dataclasses import dataclass
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_tool.demo.vocab import Json

FETCH_TIMEOUT = 5


class KeysetError(Exception):
    """The tool's jwks_uri gave no key set; Moodle then dies with an HTML page (M19)."""


class UnknownKeyError(Exception):
    """No key of that kid, also after fetching the key set again."""


@dataclass
class SigningKey:
    """One RSA key of the LMS; `published` says whether the JWKS still lists it."""

    kid: str
    pem: str
    published: bool = True

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key with a kid that was never used."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return cls(kid=secrets.token_hex(10), pem=pem.decode())

    @property
    def private(self) -> rsa.RSAPrivateKey:
        """The key to sign with."""
        return _read(self.pem)

    def jwk(self) -> Json:
        """The public half as a JSON Web Key: {kty, n, e, kid, alg, use}."""
        public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": self.kid, "alg": "RS256", "use": "sig"}


@functools.cache
def _read(pem: str) -> rsa.RSAPrivateKey:
    # Reading checks the primes: 30 ms, which a launch need not pay each time.
    private = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return private


class ToolKeys:
    """Key sets of tools, kept until a kid turns up that is not in them (M19)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sets: dict[str, dict[str, jwt.PyJWK]] = {}

    def find(self, jwks_uri: str, kid: str) -> jwt.PyJWK:
        """The key of that kid, fetched if need be. Raises UnknownKeyError or KeysetError."""
        with self._lock:
            known = self._sets.get(jwks_uri, {})
        if kid not in known:
            known = self._fetch(jwks_uri)
            with self._lock:
                self._sets[jwks_uri] = known
        if kid not in known:
            raise UnknownKeyError(f"no key {kid!r} at {jwks_uri}")
        return known[kid]

    def _fetch(self, jwks_uri: str) -> dict[str, jwt.PyJWK]:
        try:
            answer = requests.get(jwks_uri, timeout=FETCH_TIMEOUT)
            answer.raise_for_status()
            listed: list[Any] = answer.json()["keys"]
            return {key["kid"]: jwt.PyJWK(key, algorithm="RS256") for key in listed}
        except (requests.RequestException, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            raise KeysetError(f"{jwks_uri}: {type(error).__name__}") from error
