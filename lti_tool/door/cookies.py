"""The cookies of a browser: what they are called, that they come back in a frame, and that they do not pile up.

All are `__Host-`, SameSite=None, Secure and Partitioned: the only kind that comes back in an LMS's frame when
third-party cookies are blocked (stack.md, "Cookies in the LMS frame"). A value begins with the second it was made
in: of each kind a browser keeps the eight newest, since more than that no web server takes in one request.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping

from flask import Request
from werkzeug.wrappers import Response

# Placements opened at the same moment have a session each, so that none takes another's place: the name goes on with
# a part of the token's hash.
SESSION_COOKIE = "__Host-leerkring"
LOGIN_COOKIE = "__Host-login-"
LOGIN_LIFE = 600
MOST = 8


def stamped(value: str) -> str:
    """A cookie's value that says when it was made."""
    return f"{int(time.time())}.{value}"


def made_at(value: str) -> int:
    """The second a value was made in; 0 for one that does not say."""
    said = value.partition(".")[0]
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 12 else 0


def of_kind(cookies: Mapping[str, str], kind: str) -> dict[str, str]:
    """The cookies of a kind, newest first, and no more of them than a browser keeps."""
    found = [(name, value) for name, value in cookies.items() if name.startswith(kind)]
    found.sort(key=lambda each: made_at(each[1]), reverse=True)
    return dict(found[:MOST])


def set_cookie(response: Response, name: str, value: str, seconds: int | None) -> None:
    """Set (or with seconds=0 delete) a cookie that also comes back inside a frame."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )


def make_room(response: Response, request: Request, kind: str) -> None:
    """Let the oldest cookies of a kind go, so that one more is eight."""
    kept = list(of_kind(request.cookies, kind))[: MOST - 1]
    for name in request.cookies:
        if name.startswith(kind) and name not in kept:
            set_cookie(response, name, "", 0)


def login_cookie(key: str) -> str:
    """The name of one login's cookie, or of one window's: several tabs may log in at once."""
    return LOGIN_COOKIE + hashlib.sha256(key.encode()).hexdigest()[:16]


def begin_login(response: Response, request: Request, key: str, proof: str) -> None:
    """Have this browser show later that it is the one that began this login."""
    make_room(response, request, LOGIN_COOKIE)
    set_cookie(response, login_cookie(key), stamped(proof), LOGIN_LIFE)


def end_login(response: Response, key: str) -> None:
    """It has served."""
    set_cookie(response, login_cookie(key), "", 0)


def shown(request: Request, key: str) -> str:
    """The proof that this browser began a login; "" if it did not, or keeps no cookies."""
    return request.cookies.get(login_cookie(key), "").partition(".")[2]


def proof_of(state: str) -> str:
    """What a browser shows for a state: not the state itself, eight of which would be too long."""
    return hashlib.sha256(f"proof {state}".encode()).hexdigest()[:32]


def came_back(request: Request, state: str) -> bool | None:
    """Whether this browser began the login: True; False when it keeps our cookies but not this one;
    None when no cookie of ours came back at all, so that the browser may simply refuse them."""
    if hmac.compare_digest(shown(request, state).encode(), proof_of(state).encode()):
        return True
    ours = any(name.startswith((SESSION_COOKIE, LOGIN_COOKIE)) for name in request.cookies)
    return False if ours else None
