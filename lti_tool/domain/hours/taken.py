"""What somebody takes along: their own entries and balances, under whichever account, with their pots."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain.hours import balances, exports, gate, known_pots
from lti_tool.domain.hours.balances import Balance
from lti_tool.domain.hours.gate import Entry, Moved
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.pack import Policy, Record
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import Community, Member
from lti_tool.models.hours import HoursPot


@dataclass(frozen=True)
class Taken:
    """pots: their community's; others: those of other communities in which another account of theirs has something,
    by community, called after it too."""

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
    entries = [*gate.mine(session, viewer, owner), *(each for _, each in gate.elsewhere(session, viewer, owner))]
    entries.sort(key=lambda each: (each.day, each.id), reverse=True)
    moved = [row for each in entries for row in each.moved]
    of_mine = balances.mine(session, viewer, owner)
    held = [*of_mine.balances.values(), *balances.elsewhere(session, viewer, owner)]
    pots = known_pots.pots(session, owner.community_id)
    there = {each.pot_id or 0 for each in entries} | {each.pot_id for each in moved} | {each.pot_id for each in held}
    return Taken(entries, moved, held, pots, _others(session, there - {0} - {each.id for each in pots}))


def _others(session: Session, ids: set[int]) -> dict[int, list[Pot]]:
    if not ids:
        return {}
    query = select(Community.id, Community.name).where(
        Community.id.in_(select(HoursPot.community_id).where(HoursPot.id.in_(ids)))
    )
    return {
        community_id: [
            replace(each, label=f"{each.label} ({name})")
            for each in known_pots.pots(session, community_id)
            if each.id in ids
        ]
        for community_id, name in session.execute(query.order_by(Community.id)).all()
    }


def record(session: Session, viewer: Viewer, owner: Member, name: str) -> Record:
    """The same for the audit pack. name: what its owner is called; of another account's communities only the pots."""
    taken = of_owner(session, viewer, owner)
    own = exports.policy(session, owner.community_id, owner.person_id, taken.pots)
    roles, names = list(own.roles), gate.names(session, owner.community_id)
    accounts = {each.person_id for each in taken.entries} | {each.person_id for each in taken.balances}
    accounts -= {owner.person_id, None}
    for community_id, pots in taken.others.items():
        ids = {each.id for each in pots}
        for account in accounts:
            found = known_pots.roles(session, community_id, account or 0)
            roles += [each for each in found if each.pot_id in ids and each not in roles]
        names = {**gate.names(session, community_id), **names}
    policy = Policy(taken.all_pots, roles, own.tariffs)
    return Record(name, taken.entries, taken.moved, taken.balances, policy, names, named=False)
