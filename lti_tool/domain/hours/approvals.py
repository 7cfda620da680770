"""What an approver does with what was sent to their pots: approve, return, ask, correct. Nobody with their own."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lti_tool.domain import Refused
from lti_tool.domain.hours import books, column, entries, gate, joins, known_pots, places, room, states
from lti_tool.domain.hours.known_entries import Entry
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.ledger import Per
from lti_tool.domain.hours.states import State
from lti_tool.models import Community, Person
from lti_tool.models.hours import HoursAct, HoursEntry, HoursPot, HoursRole
from lti_tool.models.hours_codes import Done

AT_ONCE = 200
# What waits longer is pointed out.
LONG = dt.timedelta(days=14)


def approve(session: Session, community_id: int, person_id: int, ids: Collection[int]) -> int:
    """Approve these entries, in the order in which they were written; all of them, or Refused and none.

    Of one that counts already, what its owner asked to count too as far as there is room. Returns how many. Refused:
    "hours_nothing", "hours_settled" where somebody else was first, "hours_pot_closed", "hours_no_room".
    """
    pots, found = _held(session, community_id, person_id, ids)
    by_id = {each.id: each for each in pots}
    # Two accounts of one person have one ledger.
    one = joins.as_one(session, [each.person_id for each in found if each.person_id is not None])
    found.sort(key=lambda each: each.id)
    for entry in found:
        states.after(entry.state, Done.APPROVED)
        _open(entry)
    people = {one.get(each.person_id, each.person_id) for each in found if each.person_id is not None}
    days = [each.day for each in found]
    capped = [each.id for each in pots if any(cap.per != Per.ENTRY for cap in each.caps)]
    known = books.books(session, people, books.About(min(days), max(days), capped))
    acts = entries.note_all(session, [each.id for each in found], Done.APPROVED, person_id)
    gone = room.outdated(session, [each for each in found if each.state == State.CLAIMED])
    for entry, act in zip(found, acts, strict=True):
        assert entry.person_id is not None
        assert entry.pot_id is not None
        whose = one.get(entry.person_id, entry.person_id)
        rules = by_id[entry.pot_id].rules(entry.person_id)
        if entry.state == State.CLAIMED:
            more = room.minutes(known[whose], entry, rules)
            if not more or entry.id in gone:
                raise Refused("hours_no_room")
            known[whose].enter(entry.claim(), more)
            room.fill(session, entry, act, more)
        else:
            entries.come_to_count(session, entry.claim(), rules, act, known[whose])
    session.flush()
    column.tell_all(session, [each.id for each in found])
    return len(found)


def speak(session: Session, community_id: int, person_id: int, entry_id: int, done: Done, words: str) -> None:
    """Return an entry, ask about it, or leave it as it is after it was disputed: always with words."""
    if done not in states.OF_APPROVER & states.WITH_WORDS - {Done.CORRECTED}:
        raise ValueError(done)
    _pots, (entry,) = _held(session, community_id, person_id, [entry_id])
    states.after(entry.state, done)
    if done == Done.RETURNED:
        _open(entry)
    entries.note(session, entry.id, done, person_id, entries.said(words))


def correct(session: Session, community_id: int, person_id: int, entry_id: int, minutes: int, words: str) -> None:
    """Have an entry count for so many minutes from now on: a row of its own, with a reason.

    Where its period is closed the difference is booked in the next one (entries.write).

    Refused: "hours_most" (most: what it can count for at most, everything else as it is), "hours_no_change".
    """
    pots, (entry,) = _held(session, community_id, person_id, [entry_id])
    states.after(entry.state, Done.CORRECTED)
    assert entry.person_id is not None
    pot = next(each for each in pots if each.id == entry.pot_id)
    most = books.book(session, entry.person_id).verdict(entry.claim(), pot.rules(entry.person_id))
    if not 0 <= minutes <= most.minutes:
        raise Refused("hours_most", most=most.minutes)
    if minutes == entry.counts:
        raise Refused("hours_no_change")
    act = entries.note(session, entry.id, Done.CORRECTED, person_id, entries.said(words))
    above = entry.minutes - most.overlap - minutes
    entries.write(session, entry, act, minutes - entry.counts, most.overlap - entry.overlap, above - entry.above)


def _open(entry: Entry) -> None:
    """What still waits when a period is closed is not accounted: nothing comes to count in it, or comes back."""
    if entry.locked:
        raise Refused("hours_pot_closed")


def _held(session: Session, community_id: int, person_id: int, ids: Collection[int]) -> tuple[list[Pot], list[Entry]]:
    """These entries, as they stand once nobody else can change them; all of them are this approver's to decide on."""
    wanted = set(ids)
    if not wanted or len(wanted) > AT_ONCE:
        raise Refused("hours_nothing")
    _pots, seen = gate.of_approver(session, community_id, person_id, wanted)
    if {each.id for each in seen} != wanted:
        raise Refused("not_found")
    entries.hold(session, [each.person_id for each in seen if each.person_id is not None])
    entries.share(session, [each.pot_id for each in seen if each.pot_id is not None])
    pots, found = gate.of_approver(session, community_id, person_id, wanted)
    if {each.id for each in found} != wanted:
        raise Refused("hours_settled")
    if any(each.person_id is None for each in found):
        # Whose it was was erased: it stays as it is.
        raise Refused("hours_gone")
    return pots, found


_later, _sent_to = aliased(HoursAct), aliased(HoursPot)
_is_last = ~select(_later.id).where(_later.entry_id == HoursAct.entry_id, _later.id > HoursAct.id).exists()


def waiting(
    community_id: InstrumentedAttribute[int] | int, person_id: InstrumentedAttribute[int] | int
) -> ScalarSelect[int]:
    """How many entries wait for somebody in a community, of others under whichever account, as a part of a query that
    has these columns."""
    return (
        select(func.count(HoursAct.entry_id.distinct()))
        .join(_sent_to, _sent_to.id == HoursAct.pot_id)
        .join(HoursPot, or_(HoursPot.id == _sent_to.id, HoursPot.id == _sent_to.joined_id))
        .join(HoursRole, HoursRole.pot_id == HoursPot.id)
        .join(HoursEntry, HoursEntry.id == HoursAct.entry_id)
        .where(
            places.seen_in(community_id),
            HoursPot.closed_at.is_(None),
            HoursRole.person_id == person_id,
            HoursRole.role.in_(known_pots.APPROVING),
            HoursRole.until.is_(None),
            joins.apart(HoursEntry.person_id, person_id),
            HoursAct.kind.in_((Done.SENT, Done.CLAIMED)),
            _is_last,
        )
        .correlate(Community, Person)
        .scalar_subquery()
    )


def overdue(before: dt.datetime, communities: Collection[int] | None = None) -> Select[int]:
    """The communities (all, or of these) whose people have waited for an approver since before this."""
    query = (
        select(HoursEntry.community_id)
        .join(HoursAct, HoursAct.entry_id == HoursEntry.id)
        .join(HoursPot, HoursPot.id == HoursAct.pot_id)
        .where(
            HoursPot.closed_at.is_(None),
            HoursAct.kind.in_((Done.SENT, Done.CLAIMED)),
            HoursAct.at < before,
            _is_last,
        )
    )
    return query if communities is None else query.where(HoursEntry.community_id.in_(communities))


def waits(session: Session, community_id: int, person_id: int) -> int:
    """The same number, asked by itself."""
    return session.scalar(select(waiting(community_id, person_id))) or 0
