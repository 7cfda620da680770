"""Erasing a person: at the end of keeping, or because they ask. The name goes, and every word that is theirs alone.

What a community read stays as it was read, without a name; of hours the sums stay (domain/hours/erasing.py).
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import drafts, leaving
from lti_tool.domain.cycle import Steps
from lti_tool.domain.hours import erasing
from lti_tool.domain.school import administrators
from lti_tool.models import BrowserSession, Community, JournalEntry, Launch, Member, Person, Seat, Standing


@dataclass(frozen=True)
class Gone:
    """Somebody who is in no course any more. since: when the last of them lost them."""

    person_id: int
    name: str
    since: dt.datetime


def gone(session: Session) -> list[Gone]:
    """Whoever is in no course any more and was not erased, the longest gone first."""
    query = (
        select(Person.id, Person.name, func.max(Seat.gone_at))
        .join(Seat, Seat.person_id == Person.id)
        .where(Person.erased_at.is_(None))
        .group_by(Person.id, Person.name)
    )
    still = set(session.scalars(select(Seat.person_id).where(Seat.present)))
    rows = session.execute(query).all()
    found = [Gone(each, name, since) for each, name, since in rows if since is not None and each not in still]
    return sorted(found, key=lambda each: each.since)


def erase(session: Session, person_id: int, steps: Steps) -> bool:
    """Erase somebody; whether their name stays for now, on what they decided on hours of others.

    Refused: "not_found" for nobody, and for who was erased.
    """
    person = session.scalars(
        select(Person).where(Person.id == person_id, Person.erased_at.is_(None)).with_for_update(key_share=True)
    ).one_or_none()
    if person is None:
        raise Refused("not_found")
    rows = session.execute(
        select(Community, Member).join(Member, Member.community_id == Community.id).where(Member.person_id == person_id)
    ).all()
    for community, member in rows:
        leaving.clear(session, community, [member.id], steps)
        drafts.forget_all(session, member.id)
        session.execute(delete(JournalEntry).where(JournalEntry.member_id == member.id))
        member.ask_me, member.facilitates, member.standing = "", False, Standing.APART
    session.flush()
    session.execute(update(Seat).where(Seat.person_id == person_id).values(present=False))
    session.execute(delete(Launch).where(Launch.person_id == person_id))
    session.execute(delete(BrowserSession).where(BrowserSession.person_id == person_id))
    administrators.forget(session, person_id)
    named = erasing.erase(session, person_id)
    session.refresh(person)
    # Whoever comes from the LMS under it again is somebody new.
    person.sub, person.locale, person.erased_at = f"erased-{uuid.uuid4().hex}", None, now()
    if not named:
        person.name = ""
    session.flush()
    _let_go(session)
    return named


def _let_go(session: Session) -> None:
    """Who was erased before and stayed named, is no longer once nobody's hours need it."""
    for person in session.scalars(select(Person).where(Person.erased_at.is_not(None), Person.name != "")).all():
        if not erasing.decided(session, person.id):
            erasing.unname(session, person.id)
            person.name = ""
    session.flush()
