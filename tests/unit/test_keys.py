"""The tool's own keys and its session secret: made by themselves, never shared, refused where they may not be used."""

import contextlib
import dataclasses
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jwt
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto.jwk import JWK

from lti_tool import create_app, observe
from lti_tool.cli import main
from lti_tool.config import ConfigError, Settings
from lti_tool.lti.keys import DEMO_PREFIX, KEEP, SECRET_FILE, KeyRing, session_secret, write_whole

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {"base_url": "https://tool.example"}
LONG_ENOUGH = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(**{"keys_dir": folder, "database_url": f"sqlite:///{folder.parent}/x.db", **changes})


def modes(folder: Path) -> set[str]:
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}


def kids(ring: KeyRing) -> list[str]:
    return [key.kid for key in ring.all()]


def test_s11_a_key_is_made_on_first_use_for_its_owner_only(folder: Path) -> None:
    mask = os.umask(0)
    try:
        ring = KeyRing(settings(folder))
        assert not folder.exists()
        (key,) = ring.all()
    finally:
        os.umask(mask)
    assert modes(folder) == {"0o600"}
    assert oct(stat.S_IMODE(folder.stat().st_mode)) == "0o700"
    assert key.private.key_size == 2048
    assert kids(KeyRing(settings(folder))) == [key.kid], "found again, not made again"


def test_s11_what_is_published_is_public_and_complete(folder: Path) -> None:
    ring = KeyRing(settings(folder))
    (published,) = ring.jwks()["keys"]
    assert set(published) == {"kty", "n", "e", "alg", "use", "kid"}
    assert (published["kty"], published["alg"], published["use"]) == ("RSA", "RS256", "sig")
    # RFC 7638, as another library computes it: the same key always has the same kid, another key never.
    assert published["kid"] == JWK.from_json(json.dumps(published)).thumbprint()


def test_s14_tokens_are_signed_by_the_newest_key(folder: Path) -> None:
    ring = KeyRing(settings(folder))
    old = ring.all()[0].kid
    new = ring.rotate()
    token = ring.sign({"a": 1})
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["kid"]) == ("RS256", new)
    assert new != old
    assert jwt.decode(token, ring.all()[0].private.public_key(), algorithms=["RS256"]) == {"a": 1}


def test_s11_a_rotation_keeps_the_old_keys_published_and_needs_no_restart(folder: Path) -> None:
    ring, elsewhere = KeyRing(settings(folder)), KeyRing(settings(folder))
    made = kids(elsewhere)
    for _ in range(KEEP):
        made.insert(0, ring.rotate())
        assert kids(ring) == made[:KEEP]
        assert kids(elsewhere) == made[:KEEP], "another process sees it at once"
    assert modes(folder) == {"0o600"}
    assert len(set(made)) == len(made)


# Each process says what it made and signs with, once all are there.
STARTS = """
import sys
from pathlib import Path
import jwt
from lti_tool.config import Settings
from lti_tool.lti.keys import KeyRing, session_secret
settings = Settings(keys_dir=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
ring = KeyRing(settings)
print(session_secret(settings), jwt.get_unverified_header(ring.sign({}))["kid"], *[key.kid for key in ring.all()])
"""


def test_processes_that_start_at_once_agree(folder: Path) -> None:
    """On one key and one secret, at whatever moment of the others' making each of them looks."""
    command = [sys.executable, "-c", STARTS, str(folder)]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            )
            for _ in range(4)
        ]
        for process in started:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin
            process.stdin.close()
        said = {process.stdout.read() for process in started if process.stdout}
    assert [process.returncode for process in started] == [0] * 4
    assert len(said) == 1
    assert [path.suffix for path in folder.iterdir() if path.name != SECRET_FILE] == [".pem"], "nothing is left aside"


@pytest.mark.parametrize("threads", [8])
def test_a_file_is_whole_or_not_there_for_who_looks_meanwhile(folder: Path, threads: int) -> None:
    """Half a PEM is no key, half a secret another one: a reader that looks all the while sees neither."""
    content, seen, stop = b"x" * 100_000, set(), threading.Event()
    path = folder / "f"

    def look() -> None:
        while not stop.is_set():
            seen.add(path.read_bytes() if path.exists() else None)

    readers = [threading.Thread(target=look) for _ in range(2)]
    writers = [threading.Thread(target=write_whole, args=(path, content)) for _ in range(threads)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    seen.add(path.read_bytes())
    stop.set()
    for thread in readers:
        thread.join()
    assert seen <= {None, content}
    write_whole(path, b"another")
    assert path.read_bytes() == content, "what is there stays"


FIRST_KEY = "00000000000000000000.pem"
# How the keys folder is damaged.
DAMAGED = {
    "half a key": lambda folder: (folder / FIRST_KEY).write_bytes(b"-----BEGIN PRIVATE KEY-----\nMIIE"),
    "an empty key": lambda folder: (folder / FIRST_KEY).write_bytes(b""),
    "no RSA key": lambda folder: (folder / FIRST_KEY).write_bytes(elliptic()),
    "a key that is a folder": lambda folder: (folder / FIRST_KEY).mkdir(),
    "a file in the folder's place": lambda folder: (folder.rmdir(), folder.write_text("")),
    "a folder within no folder": lambda folder: (folder.rmdir(), folder.symlink_to("/proc/nothing/here")),
}


def elliptic() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize("damage", DAMAGED)
def test_keys_that_cannot_be_read_or_made_are_one_sentence_of_every_command(
    folder: Path, leerkring: Any, damage: str
) -> None:
    folder.mkdir()
    DAMAGED[damage](folder)
    for words in (("keys", "list"), ("keys", "rotate"), ("doctor",), ("db", "upgrade"), ("invite",)):
        result = leerkring(*words)
        assert (result.exit_code, result.stdout) == (2, ""), words
        assert result.stderr.startswith(f"leerkring: {folder}"), words
        assert result.stderr.count("\n") == 1, words


def test_a_secret_that_is_damaged_is_not_taken(folder: Path) -> None:
    """A file that a crash left empty would key every session with nothing."""
    folder.mkdir()
    (folder / SECRET_FILE).write_text("")
    with pytest.raises(ConfigError, match="damaged"):
        session_secret(settings(folder))


def test_a_demo_key_says_so_and_is_refused_in_production_with_a_sentence(folder: Path) -> None:
    KeyRing(settings(folder), demo=True).all()
    (path,) = folder.iterdir()
    assert path.name.startswith(DEMO_PREFIX)
    production = settings(folder, **PRODUCTION, secret_key=LONG_ENOUGH)
    for start in (lambda: KeyRing(production).all(), lambda: create_app(production)):
        with pytest.raises(ConfigError) as refused:
            start()
        said = str(refused.value)
        assert str(path) in said
        assert said.endswith("a new one is made by itself.")
    path.unlink()
    assert len(KeyRing(production).all()) == 1
    assert create_app(production)


def test_a_demo_key_beside_a_real_one_is_refused_too(folder: Path) -> None:
    KeyRing(settings(folder)).all()
    KeyRing(settings(folder), demo=True).rotate()
    with pytest.raises(ConfigError):
        KeyRing(settings(folder, **PRODUCTION)).all()


def test_outside_production_a_demo_key_serves(folder: Path) -> None:
    demo = kids(KeyRing(settings(folder), demo=True))
    assert kids(KeyRing(settings(folder))) == demo


def test_a_session_secret_is_made_once_for_development(folder: Path) -> None:
    first = session_secret(settings(folder))
    assert len(first) == 64
    assert session_secret(settings(folder)) == first
    assert [path.name for path in folder.iterdir()] == [SECRET_FILE]
    assert modes(folder) == {"0o600"}
    assert session_secret(settings(folder, secret_key="from the environment")) == "from the environment"


@pytest.mark.parametrize(
    "given",
    [
        *(None, "", "short", "s" * 31, "s" * 40),
        *("PASTE THE OUTPUT OF: openssl rand -hex 32", "change-me-change-me-change-me-change-me"),
    ],
)
def test_production_wants_a_secret_of_its_own(folder: Path, given: str | None) -> None:
    session_secret(settings(folder))  # one made up before must not serve either
    production = settings(folder, **PRODUCTION, secret_key=given)
    for start in (lambda: session_secret(production), lambda: create_app(production)):
        with pytest.raises(ConfigError, match=r"LEERKRING_SECRET_KEY is (not set|too short|a placeholder)"):
            start()
    assert session_secret(dataclasses.replace(production, secret_key=LONG_ENOUGH)) == LONG_ENOUGH


@pytest.fixture
def leerkring(folder: Path) -> Any:
    """The command, in an environment of its own."""

    def run(*arguments: str, **changes: str) -> Result:
        environment = {
            "LEERKRING_BASE_URL": "https://tool.example",
            "LEERKRING_KEYS_DIR": str(folder),
            "LEERKRING_DATABASE_URL": f"sqlite:///{folder.parent}/x.db",
            "LEERKRING_SECRET_KEY": LONG_ENOUGH,
        }
        try:
            return CliRunner().invoke(main, arguments, env={**environment, **changes})
        finally:
            observe.configure()

    return run


@pytest.mark.parametrize("demo", [True, False], ids=["demo key", "no secret"])
def test_production_that_lacks_something_ends_with_one_sentence(folder: Path, leerkring: Any, demo: bool) -> None:
    if demo:
        KeyRing(settings(folder), demo=True).all()
    result = leerkring("keys", "list", **({} if demo else {"LEERKRING_SECRET_KEY": ""}))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("leerkring: ")
    assert result.stderr.count("\n") == 1


def test_keys_are_listed_and_rotated_by_command(folder: Path, leerkring: Any) -> None:
    first = leerkring("keys", "list").output.split()
    new = leerkring("keys", "rotate").output.strip()
    assert len(first) == 1
    assert leerkring("keys", "list").output.split() == [new, *first]
    assert [key["kid"] for key in KeyRing(settings(folder)).jwks()["keys"]] == [new, *first]


def test_the_key_set_is_open_to_everybody_and_may_be_kept_a_while(folder: Path) -> None:
    app = create_app(settings(folder, **PRODUCTION, secret_key=LONG_ENOUGH))
    answer = app.test_client().get("/lti/jwks", base_url="https://tool.example")
    assert answer.json == KeyRing(settings(folder)).jwks()
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")  # S16
    assert "Set-Cookie" not in answer.headers
    private = {"d", "p", "q", "dp", "dq", "qi", "k"}
    assert not any(private & set(key) for key in answer.json["keys"])
