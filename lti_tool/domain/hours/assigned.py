"""Sessions that an approver assigned to a pot before they began. Which pot hours go to stays their owner's choice.

That a session was assigned everybody reads who knows of the session; it is nobody's hours.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import attended, known_pots, places, sessions
from lti_tool.domain.hours.attended import Sitting
from lti_tool.domain.hours.entries import Asker
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.models import Community, Member
from lti_tool.models.hours import HoursPot
from lti_tool.models.hours_codes import Decision
from lti_tool.models.hours_sessions import HoursAssigned, HoursSession


@dataclass(frozen=True)
class Assigned:
    """That a session was assigned to a pot. by: a person's id, None once erased."""

    pot_id: int
    pot: str
    by: int | None


@dataclass(frozen=True)
class Coming:
    """A session that has yet to begin, as an approver reads it: what of it was assigned, and to what they still can."""

    sat: Sitting
    assigned: Sequence[Assigned]
    can: Sequence[Pot]
    where: str = ""  # the community it is of, where that is another than the page's


def of_sessions(session: Session, ids: Collection[int]) -> Mapping[int, Sequence[Assigned]]:
    """session id -> what it was assigned to, in that order; only pots of which that still is the decision."""
    found: dict[int, list[Assigned]] = defaultdict(list)
    if ids:
        query = (
            select(HoursAssigned, HoursPot.name)
            .join(HoursPot, HoursPot.id == HoursAssigned.pot_id)
            .where(HoursAssigned.session_id.in_(ids), HoursAssigned.until.is_(None))
            .where(HoursPot.decision == Decision.ASSIGNED)
            .order_by(HoursAssigned.id)
        )
        for row, name in session.execute(query):
            found[row.session_id].append(Assigned(row.pot_id, name, row.by_id))
    return found


def coming(session: Session, community_id: int, pots: Iterable[Pot]) -> list[Coming] | None:
    """The sessions that somebody can assign, the first to come first; None where none of their pots is for that.

    pots: those of which they approve.
    """
    open_ = [each for each in pots if each.decision == Decision.ASSIGNED and not each.stopped and not each.closed]
    if not open_:
        return None
    open_in = {each.id: _open_in(session, each, community_id) for each in open_}
    query = (
        select(HoursSession, Community.name)
        .join(Community, Community.id == HoursSession.community_id)
        .where(HoursSession.community_id.in_(set().union(*open_in.values())), HoursSession.begins_at > now())
        .where(HoursSession.cancelled_at.is_(None), HoursSession.closed_at.is_(None))
        .order_by(HoursSession.begins_at, HoursSession.id)
    )
    found = [(attended.sitting(each), each.community_id, name) for each, name in session.execute(query)]
    there = of_sessions(session, [each.id for each, _where, _name in found])
    return [
        Coming(
            each,
            (given := [one for one in there.get(each.id, []) if one.pot_id in {pot.id for pot in open_}]),
            [
                pot
                for pot in open_
                if where in open_in[pot.id]
                and pot.first_day <= each.day <= pot.last_day
                and pot.id not in {one.pot_id for one in given}
            ],
            "" if where == community_id else name,
        )
        for each, where, name in found
    ]


def _open_in(session: Session, pot: Pot, community_id: int) -> set[int]:
    """Ids of the communities of which sessions can be assigned to a pot: of a school's, each that it is open to."""
    if pot.school_id is None:
        return {community_id}
    return set(places.communities(session, session.get_one(HoursPot, pot.id)))


def assign(asker: Asker, by: Member | None, session_id: int, pot_id: int) -> None:
    """Assign a session to a pot of which one approves, before it begins. by: who asks, None for no member.

    Refused: "not_found", "session_cancelled", "session_began", "hours_period", "session_assigned".
    """
    pot, of = _both(asker, session_id, pot_id)
    if pot.decision != Decision.ASSIGNED or pot.stopped or pot.closed:
        raise Refused("not_found")
    if not pot.first_day <= of.day <= pot.last_day:
        raise Refused("hours_period")
    if _row(asker, session_id, pot_id) is not None:
        raise Refused("session_assigned")
    asker.session.add(HoursAssigned(session_id=of.id, pot_id=pot.id, by_id=asker.person_id))
    _note(asker, by, of, pot, 1)


def take_back(asker: Asker, by: Member | None, session_id: int, pot_id: int) -> None:
    """Take that back, before it begins. Refused: "not_found", "session_cancelled", "session_began"."""
    pot, of = _both(asker, session_id, pot_id)
    row = _row(asker, session_id, pot_id)
    if row is None:
        raise Refused("not_found")
    row.until = now()
    _note(asker, by, of, pot, 0)


def _both(asker: Asker, session_id: int, pot_id: int) -> tuple[Pot, HoursSession]:
    pots = known_pots.approved(asker.session, asker.community_id, asker.person_id)
    pot = next((each for each in pots if each.id == pot_id), None)
    if pot is None:
        raise Refused("not_found")
    there = sessions.community_of(asker.session, session_id)
    if there is not None and there in _open_in(asker.session, pot, asker.community_id):
        asker = replace(asker, community_id=there)
    of = sessions.found(asker, session_id)
    if of.begins_at <= now() or of.closed_at is not None:
        raise Refused("session_began")
    return pot, of


def _row(asker: Asker, session_id: int, pot_id: int) -> HoursAssigned | None:
    query = select(HoursAssigned).filter_by(session_id=session_id, pot_id=pot_id, until=None)
    return asker.session.scalar(query)


def _note(asker: Asker, by: Member | None, of: HoursSession, pot: Pot, assigned: int) -> None:
    detail = {"session": of.id, "pot": pot.id, "assigned": assigned}
    # Who approves for a school is a member elsewhere.
    here = by if by is not None and by.community_id == of.community_id else None
    acts.note(asker.session, of.community_id, acts.Kind.SESSION_ASSIGNED, here, detail=detail)
