"""The browser's session, the cookies of a login, and the ways round where cookies do not come back.

Cookies are `__Host-`, SameSite=None, Secure and Partitioned: the only kind that comes back in an
LMS's frame when third-party cookies are blocked (stack.md, "Cookies in the LMS frame").
"""

import datetime as dt
import hashlib
import hmac
import secrets
from typing import cast

from flask import Request
from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.db import now, write
from lti_tool.models import BrowserSession, Launch

SESSION_COOKIE = "__Host-leerkring"
LOGIN_COOKIE = "__Host-login-"
SESSION_LIFE = dt.timedelta(hours=12)
LOGIN_LIFE = 600
HANDOVER_LIFE = dt.timedelta(seconds=60)

_LAUNCHES, _SESSIONS = cast(Table, Launch.__table__), cast(Table, BrowserSession.__table__)
# Built once, they are hot. The person of the launches is the person of their session: one condition says both.
_MOVE = (
    update(_LAUNCHES)
    .where(
        _LAUNCHES.c.session_hash == bindparam("old"),
        _LAUNCHES.c.person_id == bindparam("owner"),
        _LAUNCHES.c.created_at > bindparam("since"),
    )
    .values(session_hash=bindparam("new"))
)
_END = delete(_SESSIONS).where(_SESSIONS.c.token_hash == bindparam("old"))


class Sessions:
    """Makes and checks sessions; tokens are stored as hashes keyed with the session secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def hash(self, token: str) -> str:
        """What the database keeps of a token: HMAC-SHA256, hexadecimal."""
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()

    def current(self, request: Request) -> str | None:
        """The hash of the session this request claims to have, or None."""
        token = request.cookies.get(SESSION_COOKIE)
        return self.hash(token) if token else None

    def rotate(self, session: Session, request: Request, launch: Launch) -> str:
        """Begin a new session for a launch; returns the cookie's token.

        The old session ends here. Its other launches come along only if it was the same person's:
        a second tab of theirs goes on, somebody else's never does.
        """
        token = secrets.token_urlsafe(32)
        fresh = self.hash(token)
        # Before the launch, which refers to it.
        write(session, BrowserSession(token_hash=fresh, person_id=launch.person_id))
        launch.session_hash = fresh
        if old := self.current(request):
            since = now() - SESSION_LIFE
            session.execute(_MOVE, {"old": old, "new": fresh, "owner": launch.person_id, "since": since})
            session.execute(_END, {"old": old})
        return token

    def hand_over(self, launch: Launch) -> str:
        """A code that opens this launch in a window of its own: once, within 60 seconds."""
        code = secrets.token_urlsafe(24)
        launch.handover_hash = self.hash(code)
        launch.handover_expires_at = now() + HANDOVER_LIFE
        return code

    def redeem(self, session: Session, code: str) -> Launch | None:
        """The launch a code stands for, or None; the code is used up by this one UPDATE."""
        return session.execute(
            update(Launch)
            .where(
                Launch.handover_hash == self.hash(code),
                Launch.handover_expires_at > now(),
                Launch.session_hash.is_(None),
            )
            .values(handover_hash=None, handover_expires_at=None)
            .returning(Launch)
        ).scalar_one_or_none()

    def holds(self, request: Request) -> str:
        """The hash to look a launch up by; one that no session has, where the browser sent none."""
        return self.current(request) or "-"


def set_cookie(response: Response, name: str, value: str, seconds: int | None) -> None:
    """Set (or with seconds=0 delete) a cookie that also comes back inside a frame."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )


def login_cookie(state: str) -> str:
    """The name of one login's cookie: several tabs may log in at once."""
    return LOGIN_COOKIE + hashlib.sha256(state.encode()).hexdigest()[:16]


def came_back(request: Request, state: str) -> bool | None:
    """Whether this browser began the login: True; False when it keeps our cookies but not this one;
    None when no cookie of ours came back at all, so that the browser may simply refuse them."""
    if hmac.compare_digest(request.cookies.get(login_cookie(state), "").encode(), state.encode()):
        return True
    ours = any(name == SESSION_COOKIE or name.startswith(LOGIN_COOKIE) for name in request.cookies)
    return False if ours else None
