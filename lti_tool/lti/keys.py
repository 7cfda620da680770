"""The tool's own keys: files in the keys folder, newest signs, all are published (S11).

A key is made on first use with mode 0600. Its kid is its RFC 7638 thumbprint, so it is never reused.
"""

import base64
import hashlib
import json
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_tool.config import ConfigError, Settings

DEMO_PREFIX = "demo-"
SECRET_FILE = "session-secret"
KEEP = 3


@dataclass(frozen=True)
class Key:
    """A signing key: kid, the private key, and its public half as a JWK."""

    kid: str
    private: rsa.RSAPrivateKey
    public_jwk: dict[str, Any]


class KeyRing:
    """The keys in one folder. Looks again whenever the folder changes, so that a rotation needs no restart."""

    def __init__(self, settings: Settings, demo: bool = False) -> None:
        self.folder = settings.keys_dir
        self.prefix = DEMO_PREFIX if demo else ""
        self.production = settings.production
        self._lock = threading.Lock()
        self._seen: float = -1
        self._keys: list[Key] = []

    def all(self) -> list[Key]:
        """Every key, newest first; makes the first one. Raises ConfigError in production for demo keys."""
        with self._lock:
            if not self.folder.is_dir() or not list(self.folder.glob("*.pem")):
                self._make()
            if self._seen != (seen := self.folder.stat().st_mtime):
                self._keys, self._seen = self._load(), seen
            return self._keys

    def jwks(self) -> dict[str, Any]:
        """The public key set, as /lti/jwks publishes it (security framework 1.0, 6.3)."""
        return {"keys": [key.public_jwk for key in self.all()]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact RS256 JWT of the claims, with the newest key."""
        key = self.all()[0]
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})

    def rotate(self) -> str:
        """Make a new signing key, keep the last ones published; returns the new kid."""
        self.all()
        with self._lock:
            self._make()
            for old in sorted(self.folder.glob("*.pem"), reverse=True)[KEEP:]:
                old.unlink()
            self._keys, self._seen = self._load(), self.folder.stat().st_mtime
            return self._keys[0].kid

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # The name sorts by age; two processes that start at once make two keys, and both are valid.
        _write_secret(self.folder / f"{self.prefix}{time.time_ns():020d}.pem", pem)

    def _load(self) -> list[Key]:
        keys = []
        for path in sorted(self.folder.glob("*.pem"), key=lambda p: p.name.removeprefix(DEMO_PREFIX), reverse=True):
            if self.production and path.name.startswith(DEMO_PREFIX):
                raise ConfigError(
                    f"{path} is a key of the demo and anybody may have it: remove it, a new one is made by itself."
                )
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
            assert isinstance(private, rsa.RSAPrivateKey), path
            public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
            kid = _thumbprint(public)
            jwk = {"kty": "RSA", "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig", "kid": kid}
            keys.append(Key(kid, private, jwk))
        return keys


def _thumbprint(public: dict[str, Any]) -> str:
    """RFC 7638: SHA-256 over the required members in lexical order."""
    canonical = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def _write_secret(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def session_secret(settings: Settings) -> str:
    """The secret that keys session hashes: from the environment; made once in the keys folder elsewhere
    than in production, which must set LEERKRING_SECRET_KEY (raises ConfigError)."""
    if settings.secret_key:
        if settings.production and len(settings.secret_key) < 32:
            raise ConfigError("LEERKRING_SECRET_KEY is too short: set at least 32 random characters.")
        return settings.secret_key
    if settings.production:
        raise ConfigError(
            "LEERKRING_SECRET_KEY is not set: set it to at least 32 random characters"
            " (for example the output of: openssl rand -hex 32)."
        )
    path = settings.keys_dir / SECRET_FILE
    settings.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _write_secret(path, secrets.token_hex(32).encode())
    except FileExistsError:
        pass
    return path.read_text()
