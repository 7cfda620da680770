"""A person's private journal. Every query here asks for the owner: nobody else's page has a way in."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading.things import Thing, Viewer, require
from lti_tool.models import JournalEntry, Member

LONGEST = 8000  # characters


def entries(session: Session, viewer: Viewer, owner: Member) -> Sequence[JournalEntry]:
    """The owner's pages, newest first; Refused for anybody else."""
    require(viewer, Thing.JOURNAL, owner.id)
    return session.scalars(
        select(JournalEntry).where(JournalEntry.member_id == owner.id).order_by(JournalEntry.id.desc())
    ).all()


def _mine(session: Session, owner: Member, entry_id: int) -> JournalEntry:
    entry = session.get(JournalEntry, entry_id) if 0 < entry_id <= MAX_ID else None
    if entry is None or entry.member_id != owner.id:
        raise Refused("not_found")
    return entry


def write(session: Session, owner: Member, text: str, entry_id: int | None = None) -> None:
    """Add a page, or change one."""
    if not contributions.says_something(text):
        raise Refused("blank")
    if len(text) > LONGEST:
        raise Refused("too_long")
    if entry_id is None:
        session.add(JournalEntry(member_id=owner.id, text=text))
    else:
        entry = _mine(session, owner, entry_id)
        entry.text, entry.updated_at = text, now()


def remove(session: Session, owner: Member, entry_id: int) -> None:
    """Throw a page away, for good."""
    session.delete(_mine(session, owner, entry_id))
