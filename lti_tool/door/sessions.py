"""The browser's sessions, and the ways round where cookies do not come back.

A launch begins a session, and ends those before it. Only what began in the same moment stays: of several placements
that are opened at once each launch knows what its browser held before, and not what the others are being given.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import Request
from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.db import UtcDateTime, if_free, insert_row, now, plain
from lti_tool.door import browsers
from lti_tool.door.cookies import SESSION_COOKIE, made_at, make_room, of_kind, set_cookie, stamped
from lti_tool.models.platform import BrowserSession, Launch
from lti_tool.text import Text

SESSION_LIFE = dt.timedelta(hours=12)
# Whoever did nothing for so long has left the computer.
IDLE = dt.timedelta(hours=2)
# When a session was last used is written this rarely: a page that is read writes nothing else.
USED_TO_WITHIN = dt.timedelta(minutes=5)
HANDOVER_LIFE = dt.timedelta(seconds=60)
# Launches of one person in one browser within so many seconds of each other are under way at the same moment.
MOMENT = 10

_LAUNCHES, _SESSIONS = cast(Table, Launch.__table__), cast(Table, BrowserSession.__table__)
# Built once, they are hot. Sessions of somebody else end at once, one's own unless they are of this moment.
_HELD = _SESSIONS.c.token_hash.in_(bindparam("held", expanding=True))
_OVER = _HELD & (
    (_SESSIONS.c.person_id != bindparam("owner"))
    | (_SESSIONS.c.created_at <= bindparam("moment_ago", type_=UtcDateTime()))
)
# The person of the launches is the person of their session: one condition says both.
_MOVE = (
    update(_LAUNCHES)
    .where(
        _LAUNCHES.c.session_hash.in_(select(_SESSIONS.c.token_hash).where(_OVER)),
        _LAUNCHES.c.person_id == bindparam("owner"),
        _LAUNCHES.c.created_at > bindparam("since"),
    )
    .values(session_hash=bindparam("fresh"))
)
_END = delete(_SESSIONS).where(_OVER)
_OF_PERSON = (
    select(_SESSIONS)
    .where(
        _SESSIONS.c.person_id == bindparam("owner"),
        _SESSIONS.c.created_at > bindparam("lived", type_=UtcDateTime()),
        _SESSIONS.c.used_at > bindparam("idle", type_=UtcDateTime()),
    )
    .order_by(_SESSIONS.c.used_at.desc(), _SESSIONS.c.token_hash)
)
_USED = update(_SESSIONS).where(_SESSIONS.c.token_hash == bindparam("of")).values(used_at=bindparam("at"))
_SIGN_OUT = delete(_SESSIONS).where(_HELD, _SESSIONS.c.person_id == bindparam("owner"))


@dataclass(frozen=True)
class Kept:
    """What a launch keeps of a code: these two columns."""

    handover_hash: str
    handover_expires_at: dt.datetime


@dataclass(frozen=True)
class SignedIn:
    """A session as its person sees it. name: tells it apart, and is of no use to get in."""

    name: str
    begun: dt.datetime
    used: dt.datetime
    browser: Text
    here: bool


@dataclass(frozen=True)
class HandOver:
    """A code that opens a launch in a window of its own."""

    code: str
    kept: Kept


def _name(token_hash: str) -> str:
    return token_hash[:16]


def _since() -> dict[str, dt.datetime]:
    moment = now()
    return {"lived": moment - SESSION_LIFE, "idle": moment - IDLE}


class Sessions:
    """Makes and checks sessions; tokens are stored as hashes keyed with the session secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def hash(self, token: str) -> str:
        """What the database keeps of a token: HMAC-SHA256, hexadecimal."""
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()

    def _made(self) -> str:
        """A new token. That it was made here, and when, can be told without looking for it."""
        said = stamped(secrets.token_urlsafe(32))
        return f"{said}.{self._tag(said)}"

    def _tag(self, said: str) -> str:
        return self.hash(f"cookie {said}")[:16]

    def ours(self, cookies: Mapping[str, str]) -> bool:
        """Whether a browser holds a session's cookie that was made here; the session may have ended."""
        return any(self._is_ours(token) for token in of_kind(cookies, SESSION_COOKIE).values())

    def _is_ours(self, token: str) -> bool:
        said, _, tag = token.rpartition(".")
        return hmac.compare_digest(self._tag(said).encode(), tag.encode())

    def held(self, request: Request) -> list[str]:
        """The hashes of the sessions that this request claims to have."""
        return [self.hash(token) for token in of_kind(request.cookies, SESSION_COOKIE).values()]

    def rotate(self, session: Session, request: Request, person_id: int) -> str:
        """Begin a new session for somebody who launches; returns the cookie's token, whose hash the launch takes.

        The old sessions end here. Their other launches come along only if they were the same person's:
        a second tab of theirs goes on, somebody else's never does.
        """
        token = self._made()
        # The second that its cookie says: what ends here is what `give` takes away, and nothing else.
        fresh, moment = self.hash(token), dt.datetime.fromtimestamp(made_at(token), dt.UTC)
        kind = browsers.kind(request.user_agent.string)
        insert_row(session, BrowserSession, token_hash=fresh, person_id=person_id, browser=kind, created_at=moment)
        if held := self.held(request):
            of = {"held": held, "owner": person_id, "moment_ago": moment - dt.timedelta(seconds=MOMENT)}
            plain(session, _MOVE, {**of, "fresh": fresh, "since": moment - SESSION_LIFE})
            plain(session, _END, of)
        return token

    def give(self, response: Response, request: Request, token: str) -> None:
        """Hand a new session to its browser, and take away what has ended."""
        over = made_at(token) - MOMENT
        make_room(response, request, SESSION_COOKIE)
        for name, value in of_kind(request.cookies, SESSION_COOKIE).items():
            if made_at(value) <= over:
                set_cookie(response, name, "", 0)
        set_cookie(response, f"{SESSION_COOKIE}-{self.hash(token)[:8]}", token, None)

    def use(self, held: BrowserSession) -> None:
        """Note that a session's person is at work, unless that was noted lately."""
        if (moment := now()) - held.used_at > USED_TO_WITHIN:
            if_free(_USED, {"of": held.token_hash, "at": moment})

    def signed_in(self, session: Session, request: Request, person_id: int) -> list[SignedIn]:
        """Where somebody is signed in, the last used first."""
        held = self.held(request)
        return [
            SignedIn(
                _name(row.token_hash), row.created_at, row.used_at, browsers.words(row.browser), row.token_hash in held
            )
            for row in plain(session, _OF_PERSON, {"owner": person_id, **_since()})
        ]

    def end(self, session: Session, person_id: int, name: str) -> None:
        """End one of somebody's sessions; one that has ended already stays so."""
        for row in plain(session, _OF_PERSON, {"owner": person_id, **_since()}).all():
            if _name(row.token_hash) == name:
                plain(session, _SIGN_OUT, {"held": [row.token_hash], "owner": person_id})

    def sign_out(self, session: Session, request: Request, person_id: int) -> None:
        """End somebody's sessions in this browser."""
        plain(session, _SIGN_OUT, {"held": self.held(request), "owner": person_id})

    def take(self, response: Response, request: Request) -> None:
        """Take a browser's sessions away from it."""
        for name in request.cookies:
            if name.startswith(SESSION_COOKIE):
                set_cookie(response, name, "", 0)

    def hand_over(self) -> HandOver:
        """A code for a window of its own: once, within 60 seconds."""
        code = secrets.token_urlsafe(24)
        return HandOver(code, Kept(self.hash(code), now() + HANDOVER_LIFE))

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
