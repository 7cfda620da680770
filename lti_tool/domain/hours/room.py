"""Room under a cap that somebody's own minutes left again: it is offered to whose minutes stood above, never filled.

They ask for it; then it goes by the pot's own rules, as an approval or at once, and comes to count as a row of its own.
What an approver corrected is theirs to say: of that there is no room. Nor of a session whose list says less by now:
those times are sent anew (offers.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.hours import attended, books, entries, gate, joins, known_pots, states
from lti_tool.domain.hours.entries import Asker
from lti_tool.domain.hours.known_entries import Entry
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.ledger import Ledger, Rules
from lti_tool.domain.hours.states import State
from lti_tool.models.hours import HoursAct
from lti_tool.models.hours_codes import Done, Kind, Review


@dataclass(frozen=True)
class Room:
    """That so many minutes of an entry which did not count can, everything else as it is."""

    entry: Entry
    pot: Pot
    minutes: int


def minutes(known: Ledger, entry: Entry, rules: Rules) -> int:
    """How many more minutes of an entry can count now. known: its person's ledger."""
    if entry.locked or any(each.done == Done.CORRECTED for each in entry.events):
        return 0
    return max(0, min(entry.above, known.verdict(entry.claim(), rules).minutes - entry.counts))


def outdated(session: Session, found: Sequence[Entry]) -> frozenset[int]:
    """Of these entries the ids of those that came of a session whose list says fewer minutes by now."""
    of = {each.id: each.minutes for each in found if each.kind == Kind.ATTENDED}
    origins = attended.of_entries(session, list(of))
    return frozenset(number for number, origin in origins.items() if origin.attendance.minutes < of[number])


def offered(
    session: Session, person_id: int, own: Sequence[Entry], pots: Sequence[Pot], lists: Mapping[int, int]
) -> list[Room]:
    """The room that somebody can ask for, of the latest day first. own: their entries; pots: of their community; lists:
    entry -> minutes, by the list of the session it came of.

    Two of these can be about the same room: whoever is given it first has it.
    """
    found = [each for each in own if each.state == State.COUNTS and each.above > 0]
    if not found:
        return []
    rooms = _rooms({person_id: found}, pots, {person_id: books.book(session, person_id)})
    return [
        each for each in rooms if each.minutes and lists.get(each.entry.id, each.entry.minutes) >= each.entry.minutes
    ]


def asked(session: Session, seen: Sequence[Entry], pots: Sequence[Pot]) -> list[Room]:
    """What was asked for of entries that an approver reads, with what there is room for now."""
    found: dict[int, list[Entry]] = {}
    for each in seen:
        if each.state == State.CLAIMED and each.person_id is not None and not each.locked:
            found.setdefault(each.person_id, []).append(each)
    if not found:
        return []
    gone = outdated(session, [each for theirs in found.values() for each in theirs])
    rooms = _rooms(found, pots, books.books(session, list(found)))
    return [replace(each, minutes=0) if each.entry.id in gone else each for each in rooms]


def _rooms(found: Mapping[int, Sequence[Entry]], pots: Sequence[Pot], known: Mapping[int, Ledger]) -> list[Room]:
    by_id = {each.id: each for each in pots}
    return [
        Room(each, pot, minutes(known[person_id], each, pot.rules(person_id)))
        for person_id, theirs in found.items()
        for each in theirs
        if (pot := by_id.get(each.pot_id or 0)) is not None
    ]


def ask(asker: Asker, entry_id: int) -> None:
    """Ask that what of one's own entry did not count, does now that there is room.

    Refused: "hours_settled", "hours_pot_closed", "hours_no_room", "hours_nobody_approves".
    """
    session = asker.session
    entries.hold(session, [asker.person_id])
    entry = gate.own(session, asker.community_id, asker.person_id, entry_id)
    states.after(entry.state, Done.CLAIMED)
    assert entry.pot_id is not None
    entries.share(session, [entry.pot_id])
    pot = next(each for each in known_pots.pots(session, asker.community_id) if each.id == entry.pot_id)
    if pot.closed:
        raise Refused("hours_pot_closed")
    room = minutes(books.book(session, asker.person_id), entry, pot.rules(asker.person_id))
    if not room or outdated(session, [entry]):
        raise Refused("hours_no_room")
    if pot.review == Review.BEFORE and not pot.approving - joins.accounts(session, [asker.person_id]):
        raise Refused("hours_nobody_approves")
    entries.note(session, entry.id, Done.CLAIMED, asker.person_id, pot_id=pot.id)
    if pot.review != Review.BEFORE:
        fill(session, entry, entries.note(session, entry.id, Done.COUNTED, asker.person_id), room)


def fill(session: Session, entry: Entry, act: HoursAct, room: int) -> None:
    """So many minutes more count: a row, and nothing else moves."""
    entries.write(session, entry, act, room, 0, -room)
