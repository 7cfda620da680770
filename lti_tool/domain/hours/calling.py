"""What people are called on pages and in files of hours: as their community calls them, also who is no member."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from lti_tool.domain.community.circle import called
from lti_tool.domain.hours import places
from lti_tool.domain.hours.known_pots import APPROVING, Pot
from lti_tool.models import Community, Member, Person
from lti_tool.models.hours import HoursAct, HoursBalance, HoursCount, HoursEntry, HoursPot, HoursRole
from lti_tool.text import Text

GONE = Text("iemand die weg is", "somebody who is gone")
# What somebody is called who is no member and whose name the LMS does not share.
OUTSIDE = Text("Iemand buiten deze groep", "Somebody outside this group")


def names(session: Session, community_id: int, approved: Iterable[Pot] = ()) -> dict[int, Text]:
    """person id -> how the community calls them, whoever left it and who approves from outside among them.

    0: whoever was erased. approved: pots of which the reader approves: of a school's, also who is in them from another
    community, called after it.
    """
    named = {person_id: name for person_id, (name, _outside) in known(session, community_id).items()}
    return {0: GONE, **_from_elsewhere(session, approved), **named}


def _from_elsewhere(session: Session, approved: Iterable[Pot]) -> dict[int, Text]:
    ids = [number for each in approved if each.school_id is not None for number in each.ids]
    if not ids:
        return {}
    sent = (
        select(HoursEntry.person_id).join(HoursAct, HoursAct.entry_id == HoursEntry.id).where(HoursAct.pot_id.in_(ids))
    )
    booked = select(HoursEntry.person_id).join(HoursCount, HoursCount.entry_id == HoursEntry.id)
    whose = sent.union(
        booked.where(HoursCount.pot_id.in_(ids)),
        select(HoursBalance.person_id).where(HoursBalance.pot_id.in_(ids)),
        select(HoursRole.person_id).where(HoursRole.pot_id.in_(ids)),
    ).subquery()
    query = (
        select(Member.person_id, Member.number, Person.name, Community.name)
        .join(Person, Person.id == Member.person_id)
        .join(Community, Community.id == Member.community_id)
        .where(Member.person_id.in_(select(whose.c.person_id)), Community.course_id.in_(places.courses_of(ids)))
        .order_by(Member.id)
    )
    found: dict[int, Text] = {}
    for person_id, number, name, where in session.execute(query):
        said = called(name, number)
        found.setdefault(person_id, Text(f"{said.nl} ({where})", f"{said.en} ({where})"))
    return found


def accounts(session: Session, people: Collection[int | None]) -> dict[int, str]:
    """Of these people those of whom no name is known: person id -> the LMS's id of them; not of whoever was erased."""
    query = select(Person.id, Person.sub).where(Person.name == "", Person.erased_at.is_(None)).order_by(Person.id)
    ids = sorted(each for each in people if each)
    parts = (ids[begin : begin + 1000] for begin in range(0, len(ids), 1000))
    return {row.id: row.sub for part in parts for row in session.execute(query.where(Person.id.in_(part)))}


def known(session: Session, community_id: int) -> Mapping[int, tuple[Text, bool]]:
    """The same, with whether they are no member, nor ever were: then a pot named them as approver."""
    members = (
        select(Member.person_id, Member.number, Person.name)
        .join(Person, Person.id == Member.person_id)
        .where(Member.community_id == community_id)
    )
    # A member's number begins at 1.
    named = (
        select(HoursRole.person_id, literal(0), Person.name)
        .join(HoursPot, HoursPot.id == HoursRole.pot_id)
        .join(Person, Person.id == HoursRole.person_id)
        .where(or_(HoursPot.community_id == community_id, HoursRole.role.in_(APPROVING)))
        .where(places.seen_in(community_id))
    )
    found: dict[int, tuple[Text, bool]] = {}
    for person_id, number, name in session.execute(members.union(named)):
        if number:
            found[person_id] = called(name, number), False
        else:
            found.setdefault(person_id, (Text(name, name) if name else OUTSIDE, True))
    return found
