"""The one-time code that makes the first administrator: shown where a registration ends, typed at a first launch.

Whoever registered the LMS holds it. It opens the school from whose activity it is typed, at that very registration.
"""

import datetime as dt
import secrets
from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.school import administrators
from lti_tool.models import Deployment
from lti_tool.models.school import Administrator, AdministratorCode

LIFE = dt.timedelta(days=7)
# So many wrong ones in an hour, of everybody at a registration together: enough for mistakes, and nobody guesses
# sixty bits with it.
TRIES, TRIES_PER = 10, dt.timedelta(hours=1)
# No letter or digit that is taken for another one.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PARTS, PART = 3, 4

# Makes of a text what the database keeps of it, keyed by the installation's secret (door.sessions.Sessions.hash).
Hash = Callable[[str], str]


def make(session: Session, registration_id: int, hashed: Hash) -> str:
    """A new code, such as K7QF-9WMX-2HTR; the one before it of this registration serves no longer."""
    code = "".join(secrets.choice(LETTERS) for _ in range(PARTS * PART))
    session.execute(
        delete(AdministratorCode).where(
            AdministratorCode.registration_id == registration_id, AdministratorCode.used_at.is_(None)
        )
    )
    kept = {"code_hash": hashed(_said(code)), "expires_at": now() + LIFE}
    session.add(AdministratorCode(registration_id=registration_id, **kept))
    session.flush()
    return "-".join(code[begin : begin + PART] for begin in range(0, len(code), PART))


def first(session: Session, registration_id: int, hashed: Hash) -> str | None:
    """A code for a registration none of whose schools anybody administers; None where somebody does."""
    theirs = (
        select(Administrator.id)
        .join(Deployment, Deployment.school_id == Administrator.school_id)
        .where(Deployment.registration_id == registration_id, Administrator.ended_at.is_(None))
        .limit(1)
    )
    return None if session.scalar(theirs) else make(session, registration_id, hashed)


def _said(typed: str) -> str:
    """A code as it is hashed, however somebody wrote it."""
    return "administrator " + "".join(each for each in typed.upper()[:64] if each.isalnum())


def waits(session: Session, deployment_id: int) -> bool:
    """Whether a code can be typed at a deployment now."""
    return _of(session, deployment_id) is not None


def _of(session: Session, deployment_id: int, *, hold: bool = False) -> AdministratorCode | None:
    query = (
        select(AdministratorCode)
        .join(Deployment, Deployment.registration_id == AdministratorCode.registration_id)
        .where(
            Deployment.id == deployment_id, AdministratorCode.used_at.is_(None), AdministratorCode.expires_at > now()
        )
    )
    return session.scalars(query.with_for_update(of=AdministratorCode) if hold else query).one_or_none()


def use(session: Session, deployment_id: int, school_id: int, person_id: int, typed: str, hashed: Hash) -> str:
    """Make who types the code an administrator of the school: returns "", or why not, as a refusal's code.

    "code_wrong", also where none can be typed; "code_often". No refusal is raised: the wrong try is to be kept.
    """
    row = _of(session, deployment_id, hold=True)
    if row is None:
        return "code_wrong"
    moment = now()
    if row.tried_at is None or row.tried_at + TRIES_PER <= moment:
        row.tries, row.tried_at = 0, moment
    if row.tries >= TRIES:
        return "code_often"
    if not secrets.compare_digest(row.code_hash, hashed(_said(typed))):
        row.tries += 1
        session.flush()
        return "code_wrong"
    row.used_at = moment
    administrators.come_in(session, school_id, person_id)
    return ""


def forget(session: Session) -> None:
    """Delete those that expired."""
    session.execute(delete(AdministratorCode).where(AdministratorCode.expires_at < now()))
