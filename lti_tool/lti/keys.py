"""The tool's own keys: files in the keys folder, newest signs, all are published (S11).

A key is made on first use with mode 0600. Its kid is its RFC 7638 thumbprint, so it is never reused. A file appears
whole or not at all: it is written aside first, so that of processes that start at once none reads half of it.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import secrets
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_tool import files
from lti_tool.config import ConfigError, Settings

DEMO_PREFIX = "demo-"
SECRET_FILE = "session-secret"
KEEP = 3
# Characters of a session secret, and what stands in the place of one in somebody's instructions.
LONG_ENOUGH = 32
PLACEHOLDER = re.compile(r"paste|openssl|change.?me|place.?holder|example|your.?secret|geheim|(.)\1{15}", re.IGNORECASE)
# One name for the first key: whoever is second finds it taken.
FIRST = f"{0:020d}"


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
        self._seen: tuple[int, list[Path]] = (-1, [])
        self._keys: list[Key] = []

    def all(self) -> list[Key]:
        """Every key, newest first; makes the first one. Raises ConfigError for what cannot be read or made, and in
        production for demo keys."""
        with self._lock:
            if not self._files():
                self._make(FIRST)
            return self._read()

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.pem"), key=_age, reverse=True)

    def _read(self) -> list[Key]:
        while self._seen != (seen := (self.folder.stat().st_mtime_ns, self._files())):
            # Another process that rotates has removed what we just saw: look again.
            with contextlib.suppress(FileNotFoundError):
                self._keys, self._seen = [self._load(path) for path in seen[1]], seen
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
            self._make(f"{time.time_ns():020d}")
            for old in self._files()[KEEP:]:
                old.unlink(missing_ok=True)
            return self._read()[0].kid

    def _make(self, name: str) -> None:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_whole(self.folder / f"{self.prefix}{name}.pem", pem)

    def _load(self, path: Path) -> Key:
        if self.production and path.name.startswith(DEMO_PREFIX):
            raise ConfigError(
                f"{path} is a key of the demo and anybody may have it: remove it, a new one is made by itself."
            )
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _not(error, path, "read") from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigError(f"{path} is no key, or damaged: {_RESTORE}") from error
        if not isinstance(private, rsa.RSAPrivateKey):
            raise ConfigError(f"{path} is no RSA key: {_RESTORE}")
        public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        kid = _thumbprint(public)
        jwk = {"kty": "RSA", "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig", "kid": kid}
        return Key(kid, private, jwk)


_RESTORE = "put it back from a backup, or remove it; if none is left, a new one is made by itself."


def _age(path: Path) -> str:
    return path.name.removeprefix(DEMO_PREFIX)


def _thumbprint(public: dict[str, Any]) -> str:
    """RFC 7638: SHA-256 over the required members in lexical order."""
    canonical = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def _not(error: OSError, path: Path, done: str) -> ConfigError:
    return ConfigError(
        f"{path} cannot be {done} ({error.strerror or type(error).__name__}): it must belong to the user that runs"
        " Leerkring (LEERKRING_KEYS_DIR)."
    )


def write_whole(path: Path, content: bytes) -> None:
    """Make a file of mode 0600, whole from the moment it is there; leaves the one that is there already.

    Raises ConfigError where it cannot be written.
    """
    try:
        files.make_folder(path.parent)
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            # Not a rename: that would replace what another process has made meanwhile, and uses already.
            with contextlib.suppress(FileExistsError):
                os.link(aside, path)
        finally:
            os.unlink(aside)
    except OSError as error:
        raise _not(error, path, "written") from error


def session_secret(settings: Settings) -> str:
    """The secret that keys session hashes: from the environment; made once in the keys folder elsewhere
    than in production, which must set LEERKRING_SECRET_KEY (raises ConfigError)."""
    if settings.secret_key:
        if settings.production and len(settings.secret_key) < LONG_ENOUGH:
            raise ConfigError("LEERKRING_SECRET_KEY is too short: set at least 32 random characters.")
        if settings.production and PLACEHOLDER.search(settings.secret_key):
            raise ConfigError(
                "LEERKRING_SECRET_KEY is a placeholder that anybody can guess: set it to the output of"
                " `openssl rand -hex 32`."
            )
        return settings.secret_key
    if settings.production:
        raise ConfigError(
            "LEERKRING_SECRET_KEY is not set: set it to at least 32 random characters"
            " (for example the output of: openssl rand -hex 32)."
        )
    path = settings.keys_dir / SECRET_FILE
    if not path.exists():
        write_whole(path, secrets.token_hex(32).encode())
    try:
        secret = path.read_text(errors="replace").strip()
    except OSError as error:
        raise _not(error, path, "read") from error
    if len(secret) < LONG_ENOUGH:
        raise ConfigError(f"{path} is damaged: remove it, a new one is made by itself (everybody is signed out once).")
    return secret
