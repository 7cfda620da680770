"""What somebody takes along: their own entries and balances, under whichever account, with their pots."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.domain.hours import balances, calling, exports, gate, joins, known_pots
from lti_tool.domain.hours.balances import Balance
from lti_tool.domain.hours.known_entries import Entry, Moved
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.pack import Policy, Record
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import Community, Member
from lti_tool.models.hours import HoursPot


@dataclass(frozen=True)
class Taken:
    """entries: with those of other communities that are in a pot of the school, or of their course. pots: their
    community's; others: those of other communities in which they, or another account of theirs, have something, by
    community, called after it too."""

    entries: Sequence[Entry]
    moved: Sequence[Moved]
    balances: Sequence[Balance]
    pots: Sequence[Pot]
    others: dict[int, list[Pot]]

    @property
    def all_pots(self) -> list[Pot]:
        """Every pot that something of it is in, and the rest of their community's."""
        return [*self.pots, *(each for found in self.others.values() for each in found)]


def of_owner(session: Session, viewer: Viewer, owner: Member) -> Taken:
    """All of it; Refused for anybody else."""
    pots = known_pots.pots(session, owner.community_id)
    found = [
        *gate.mine(session, viewer, owner),
        *gate.beside(session, viewer, owner, pots),
        *(each for _, each in gate.elsewhere(session, viewer, owner)),
        # Of who sat in one community only, there are none.
        *(each for _, each in (gate.in_course(session, viewer, owner) if owner.sits else ())),
    ]
    entries = list({each.id: each for each in found}.values())
    entries.sort(key=lambda each: (each.day, each.id), reverse=True)
    moved = [row for each in entries for row in each.moved]
    of_mine = balances.mine(session, viewer, owner)
    held = [*of_mine.balances.values(), *balances.elsewhere(session, viewer, owner)]
    held += balances.in_course(session, viewer, owner) if owner.sits else []
    there = {each.pot_id or 0 for each in entries} | {each.pot_id for each in moved} | {each.pot_id for each in held}
    return Taken(entries, moved, held, pots, _others(session, owner, there - {0} - {each.id for each in pots}))


def _others(session: Session, owner: Member, ids: set[int]) -> dict[int, list[Pot]]:
    if not ids:
        return {}
    own = select(HoursPot.community_id).where(HoursPot.id.in_(ids), HoursPot.community_id.is_not(None))
    # Where somebody is a member under another account, a school's pot is read too.
    member = select(Member.community_id).where(Member.person_id.in_(joins.of(owner.person_id)))
    query = select(Community.id, Community.name).where(or_(Community.id.in_(own), Community.id.in_(member)))
    found: dict[int, list[Pot]] = {}
    for community_id, name in session.execute(query.order_by(Community.id)).all():
        there = [each for each in known_pots.pots(session, community_id) if each.id in ids]
        if there:
            found[community_id] = [
                each if each.school_id is not None else replace(each, label=f"{each.label} ({name})") for each in there
            ]
        ids = ids - {each.id for each in there}
    return found


def record(session: Session, viewer: Viewer, owner: Member, name: str) -> Record:
    """The same for the audit pack. name: what its owner is called; of another account's communities only the pots."""
    taken = of_owner(session, viewer, owner)
    own = exports.policy(session, owner.community_id, owner.person_id, taken.pots)
    roles, names = list(own.roles), calling.names(session, owner.community_id)
    accounts = {each.person_id for each in taken.entries} | {each.person_id for each in taken.balances}
    accounts -= {owner.person_id, None}
    for community_id, pots in taken.others.items():
        ids = {each.id for each in pots}
        for account in accounts:
            found = known_pots.roles(session, community_id, account or 0)
            roles += [each for each in found if each.pot_id in ids and each not in roles]
        names = {**calling.names(session, community_id), **names}
    policy = Policy(taken.all_pots, roles, own.tariffs)
    return Record(name, taken.entries, taken.moved, taken.balances, policy, names, named=False)
