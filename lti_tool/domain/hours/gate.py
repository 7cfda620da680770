"""The one way to read hours: one's own, and what was sent to pots of which one approves. Nobody else has any."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lti_tool.db import MAX_ID, UtcDateTime
from lti_tool.domain import Refused
from lti_tool.domain.hours import joins, states
from lti_tool.domain.hours.known_entries import Entry, Event, Moved, Row, Sums
from lti_tool.domain.hours.known_pots import Pot, approved
from lti_tool.domain.hours.states import State
from lti_tool.domain.reading.things import Thing, Viewer, require
from lti_tool.models import Community, Member
from lti_tool.models.hours import HoursAct, HoursCount, HoursEntry, HoursPot, HoursProof
from lti_tool.models.hours_codes import Done


def mine(session: Session, viewer: Viewer, owner: Member) -> list[Entry]:
    """The owner's entries of their community, the latest day first, but those sent anew; Refused for anybody else."""
    require(viewer, Thing.HOURS, owner.id)
    # + 0: for SQLite's planner, which would look through the whole community's by its index.
    here = HoursEntry.community_id + 0 == owner.community_id
    found = _load(session, HoursEntry.person_id == owner.person_id, here)
    return [each for each in found if each.state != State.REPLACED]


def beside(session: Session, viewer: Viewer, owner: Member, pots: Iterable[Pot]) -> list[Entry]:
    """The owner's entries of other communities that are in these pots of the school; Refused for anybody else.

    With those of `mine` they are one sum.
    """
    require(viewer, Thing.HOURS, owner.id)
    ids = {each.id for each in pots if each.school_id is not None}
    if not ids:
        return []
    away = HoursEntry.community_id + 0 != owner.community_id
    found = _load(session, HoursEntry.person_id == owner.person_id, away)
    return [
        each
        for each in found
        if each.state != State.REPLACED and (each.pot_id in ids or any(row.pot_id in ids for row in each.moved))
    ]


def own(session: Session, community_id: int, person_id: int, entry_id: int) -> Entry:
    """One of somebody's own entries; Refused("not_found")."""
    if 0 < entry_id <= MAX_ID:
        for each in _load(
            session,
            HoursEntry.id == entry_id,
            HoursEntry.community_id == community_id,
            HoursEntry.person_id == person_id,
        ):
            return each
    raise Refused("not_found")


def others(whose: InstrumentedAttribute[int | None], person_id: int) -> ColumnElement[bool]:
    """Of a query: whether something is not this person's, under whichever account; what is nobody's any more is not."""
    return or_(whose.is_(None), whose.not_in(joins.of(person_id)))


def of_approver(
    session: Session, community_id: int, person_id: int, ids: Collection[int] | None = None
) -> tuple[list[Pot], list[Entry]]:
    """The pots of which somebody approves, and what others sent to them; ids: these of them only.

    Not what was taken back before it counted: that was never anybody else's.
    """
    of = approved(session, community_id, person_id)
    return of, sent_to(session, of, person_id, ids)


def sent_to(session: Session, of: Collection[Pot], person_id: int, ids: Collection[int] | None = None) -> list[Entry]:
    """The same entries, where the pots are known already; of: those of which they approve, by `approved`."""
    return _not_gone(_load(session, *_sent(of, person_id, ids))) if of else []


def slices_of_approver(
    session: Session, of: Collection[Pot], person_id: int, size: int
) -> Iterator[tuple[int, int, list[Entry]]]:
    """The same in the same order, so many at a time; of: the pots of which they approve, by `approved`.

    With each: how many were read before it, and of how many. session: one that sees one moment.
    """
    query = select(HoursEntry.id).where(*_sent(of, person_id))
    ids = session.scalars(query.order_by(HoursEntry.day.desc(), HoursEntry.id.desc())).all()
    for start in range(0, len(ids), size):
        yield start, len(ids), _not_gone(_load(session, HoursEntry.id.in_(ids[start : start + size])))


@dataclass(frozen=True)
class Seen:
    """What an approver reads at once. open: what asks something of them, all of it; settled: so many of the rest, the
    latest day first, of which there are number."""

    open: Sequence[Entry]
    settled: Sequence[Entry]
    number: int


def seen_of_approver(session: Session, of: Collection[Pot], person_id: int, begin: int, size: int) -> Seen:
    """The entries of `of_approver`, the settled ones a page at a time: from the one at `begin` on, counted from 0.

    of: the pots of which they approve, by `approved`.
    """
    last = (
        select(HoursAct.kind)
        .where(HoursAct.entry_id == HoursEntry.id)
        .order_by(HoursAct.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    # An entry is sent to one pot, and what is not closed yet waits.
    closed = [number for each in of if each.closed for number in each.ids]
    locked = (
        select(HoursAct.id).where(HoursAct.entry_id == HoursEntry.id, HoursAct.pot_id.in_(closed)).exists()
        if closed
        else false()
    )
    waits = and_(last.in_((Done.SENT, Done.CLAIMED)), ~locked)
    asks = and_(HoursEntry.person_id.is_not(None), or_(last == Done.DISPUTED, waits))
    counted = select(HoursAct.id).where(
        HoursAct.entry_id == HoursEntry.id, HoursAct.kind.in_((Done.APPROVED, Done.COUNTED))
    )
    shown = or_(asks, last.not_in((Done.WITHDRAWN, Done.RESENT)), counted.exists())
    query = select(HoursEntry.id, asks).where(*_sent(of, person_id), shown)
    rows = session.execute(query.order_by(HoursEntry.day.desc(), HoursEntry.id.desc())).all()
    open_ = [number for number, asks_something in rows if asks_something]
    rest = [number for number, asks_something in rows if not asks_something]
    page = rest[begin : begin + size]
    by_id: dict[int, Entry] = {}
    for some in _batched([*open_, *page]):
        by_id.update((each.id, each) for each in _load(session, HoursEntry.id.in_(some)))
    return Seen([by_id[each] for each in open_], [by_id[each] for each in page], len(rest))


# So many ids go into one statement, whatever the database.
AT_ONCE = 10_000


def _batched(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(ids), AT_ONCE):
        yield ids[begin : begin + AT_ONCE]


def sums_of_approver(session: Session, of: Collection[Pot], person_id: int) -> dict[tuple[int, int | None], Sums]:
    """(pot, person) -> what the ledger says of others in these pots, as their own pages do; without what waits."""
    pots = {number: each.id for each in of for number in each.ids}
    query = (
        select(
            HoursEntry.person_id, HoursCount.pot_id, HoursCount.of_id, func.sum(HoursCount.minutes),
            func.sum(HoursCount.overlap + HoursCount.above),
        )
        .join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
        .where(or_(HoursCount.pot_id.in_(pots), HoursCount.of_id.in_(pots)), others(HoursEntry.person_id, person_id))
        .group_by(HoursEntry.person_id, HoursCount.pot_id, HoursCount.of_id)
    )  # fmt: skip
    counts, above = Counter[tuple[int, int | None]](), Counter[tuple[int, int | None]]()
    for whose, booked, own, minutes, beyond in session.execute(query) if pots else ():
        if booked in pots:
            counts[pots[booked], whose] += int(minutes)
        if (number := own or booked) in pots:
            above[pots[number], whose] += int(beyond)
    return {each: Sums(counts[each], 0, above[each]) for each in {*counts, *above}}


def number_of_approver(session: Session, of: Collection[Pot], person_id: int) -> int:
    """How many they are, with what was taken back before it counted."""
    return session.scalar(select(func.count(HoursEntry.id)).where(*_sent(of, person_id))) or 0


def _sent(of: Iterable[Pot], person_id: int, ids: Collection[int] | None = None) -> list[ColumnElement[bool]]:
    pot_ids, not_own = [number for each in of for number in each.ids], others(HoursEntry.person_id, person_id)
    if ids is None:
        return [HoursEntry.id.in_(select(HoursAct.entry_id).where(HoursAct.pot_id.in_(pot_ids))), not_own]
    # Of a few each is asked, or all that was ever sent to these pots is looked through. + 0: or SQLite's planner does
    # just that for each of them.
    in_these = (HoursAct.pot_id + 0).in_(pot_ids)
    sent = select(HoursAct.id).where(HoursAct.entry_id == HoursEntry.id, in_these).exists()
    return [HoursEntry.id.in_([each for each in ids if 0 < each <= MAX_ID]), not_own, sent]


def _not_gone(found: Iterable[Entry]) -> list[Entry]:
    return [each for each in found if each.state not in _GONE or _counted(each)]


def moved_into(session: Session, of: Iterable[Pot], but: int) -> list[Moved]:
    """What is booked in these pots of entries of closed ones, but somebody's own; oldest first."""
    pots = {number: each.id for each in of for number in each.ids}
    query = (
        select(HoursCount, HoursEntry.person_id)
        .join(HoursEntry, HoursEntry.id == HoursCount.entry_id)
        .where(HoursCount.of_id.is_not(None), HoursCount.pot_id.in_(pots))
        .where(others(HoursEntry.person_id, but))
        .order_by(HoursCount.id)
    )
    return [_move(row, person_id, pots[row.pot_id]) for row, person_id in session.execute(query)] if pots else []


def _row(event: Event, pot_id: int, of_id: int | None, minutes: int, overlap: int, above: int, at: dt.datetime) -> Row:
    return Row(pot_id, of_id, event.done, event.by, event.words, minutes, overlap, above, at)


def _move(row: Any, person_id: int | None, pot_id: int) -> Moved:
    return Moved(row.entry_id, person_id, pot_id, row.of_id or 0, row.minutes, row.at)


def in_pot(session: Session, ids: Collection[int]) -> list[Entry]:
    """What was sent to a pot, by everybody: for closing it, which tells no more of it than sums of persons to these.

    ids: known_pots.Pot.ids.
    """
    return _load(session, HoursEntry.id.in_(select(HoursAct.entry_id).where(HoursAct.pot_id.in_(ids))))


def kept(session: Session, communities: Collection[int], first: dt.date, last: dt.date) -> dict[int, list[Entry]]:
    """What people kept in these communities without a pot, of days from first to last: for closing a pot."""
    sent = select(HoursAct.entry_id).where(HoursAct.pot_id.is_not(None), HoursAct.entry_id == HoursEntry.id)
    found: dict[int, list[Entry]] = {}
    for community_id in communities:
        of = (HoursEntry.community_id == community_id, HoursEntry.day.between(first, last), ~sent.exists())
        if there := [each for each in _load(session, *of) if each.state == State.KEPT]:
            found[community_id] = there
    return found


_GONE = frozenset({State.WITHDRAWN, State.REPLACED})


def _counted(entry: Entry) -> bool:
    return any(each.done in (Done.APPROVED, Done.COUNTED) for each in entry.events)


def proof(session: Session, community_id: int, person_id: int, entry_id: int) -> tuple[str, bytes]:
    """Media type and content of an entry's proof, for its owner and its approvers; Refused("not_found")."""
    try:
        own(session, community_id, person_id, entry_id)
    except Refused:
        if not of_approver(session, community_id, person_id, [entry_id])[1]:
            raise
    found = session.scalars(select(HoursProof).where(HoursProof.entry_id == entry_id)).one_or_none()
    if found is None:
        raise Refused("not_found")
    return found.media_type, found.content


def of_person(session: Session, person_id: int) -> list[Entry]:
    """All entries of somebody, whatever community and account they are of: to add up a day, to see what overlaps."""
    return _load(session, HoursEntry.person_id.in_(joins.of(person_id)))


def elsewhere(session: Session, viewer: Viewer, owner: Member) -> list[tuple[str, Entry]]:
    """The owner's entries under another account of theirs, each with its community; Refused for anybody else."""
    require(viewer, Thing.HOURS, owner.id)
    accounts = joins.of(owner.person_id)
    return _named(session, _load(session, HoursEntry.person_id.in_(accounts), HoursEntry.person_id != owner.person_id))


def in_course(session: Session, viewer: Viewer, owner: Member) -> list[tuple[str, Entry]]:
    """The owner's entries of other communities of their course, each with its community; Refused for anybody else.

    Hours are a person's: who sits in another community now still has them, in the pots they were booked in.
    """
    require(viewer, Thing.HOURS, owner.id)
    mine_there = HoursEntry.community_id.in_(others_of_course(owner))
    return _named(session, _load(session, HoursEntry.person_id == owner.person_id, mine_there))


def others_of_course(owner: Member) -> Select[int]:
    """Ids of the other communities of the course in which somebody sits, as a part of a query."""
    course = select(Community.course_id).where(Community.id == owner.community_id).scalar_subquery()
    return select(Community.id).where(Community.course_id == course, Community.id != owner.community_id)


def _named(session: Session, found: Sequence[Entry]) -> list[tuple[str, Entry]]:
    if not found:
        return []
    of = select(HoursEntry.id, Community.name).join(Community, Community.id == HoursEntry.community_id)
    rows = session.execute(of.where(HoursEntry.id.in_([each.id for each in found]))).all()
    names = {row.id: row.name for row in rows}
    return [(names[each.id], each) for each in found if each.state != State.REPLACED]


def of_course(
    session: Session, course_id: int, people: Collection[int] | None
) -> tuple[list[Entry], dict[int, dt.date]]:
    """Entries of a course's communities, of these persons or (None) of all, and pot id -> first day of those in which
    corrections of closed periods are booked.

    For the gradebook's column, which tells a sum of each person to who may see grades (column.Hours).
    """
    communities = select(Community.id).where(Community.course_id == course_id)
    where: list[ColumnElement[bool]] = [HoursEntry.community_id.in_(communities)]
    if people is not None:
        where.append(HoursEntry.person_id.in_(people))
    found = _load(session, *where)
    into = {row.pot_id for each in found for row in each.moved}
    begins = select(HoursPot.id, HoursPot.first_day).where(HoursPot.id.in_(into))
    return found, {row.id: row.first_day for row in session.execute(begins)} if into else {}


# Columns, and no entities: of thousands of entries most of the time went into making those.
_COLUMNS = (
    HoursEntry.id, HoursEntry.person_id, HoursEntry.kind, HoursEntry.learning, HoursEntry.minutes, HoursEntry.day,
    HoursEntry.begins_at, HoursEntry.ends_at, HoursEntry.line, HoursEntry.provider, HoursProof.media_type,
)  # fmt: skip
# The school's pot that a pot became one with, of what was sent to it and of what is booked in it.
_BECAME, _BOOKED = aliased(HoursPot), aliased(HoursPot)
# What was done, each with the row of the ledger that came of it, if one did.
_DONE = (
    select(
        HoursAct.entry_id, HoursAct.id, HoursAct.kind, HoursAct.by_id,
        func.coalesce(HoursPot.joined_id, HoursAct.pot_id), HoursAct.words, HoursAct.at,
        func.coalesce(_BECAME.closed_at, HoursPot.closed_at, type_=UtcDateTime()),
        func.coalesce(_BOOKED.joined_id, HoursCount.pot_id), HoursCount.of_id, HoursCount.minutes, HoursCount.overlap,
        HoursCount.above, HoursCount.at,
    )
    .outerjoin(HoursPot, HoursPot.id == HoursAct.pot_id)
    .outerjoin(_BECAME, _BECAME.id == HoursPot.joined_id)
    # By the entry too, of which there is an index.
    .outerjoin(HoursCount, and_(HoursCount.entry_id == HoursAct.entry_id, HoursCount.act_id == HoursAct.id))
    .outerjoin(_BOOKED, _BOOKED.id == HoursCount.pot_id)
    .order_by(HoursAct.id, HoursCount.id)
)  # fmt: skip


def _load(session: Session, *where: ColumnElement[bool]) -> list[Entry]:
    query = (
        select(*_COLUMNS)
        .outerjoin(HoursProof, HoursProof.entry_id == HoursEntry.id)
        .where(*where)
        .order_by(HoursEntry.day.desc(), HoursEntry.id.desc())
    )
    rows = session.execute(query).all()
    if not rows:
        return []
    acts: dict[int, list[Any]] = defaultdict(list)
    for act in session.execute(_DONE.where(HoursAct.entry_id.in_(select(HoursEntry.id).where(*where)))):
        acts[act[0]].append(act)
    return [_entry(row, acts[row.id]) for row in rows]


def _entry(row: Any, acts: Sequence[Any]) -> Entry:
    number, person_id, kind, learning, minutes, day, begins, ends, line, provider, proof = row
    events: dict[int, Event] = {}
    rows, moved, pot_id, locked = [], [], None, False
    for _, act, done, by, to, words, at, closed, booked, of, counts, overlap, above, counted_at in acts:
        event = events[act] = Event(done, at, by, words)
        pot_id, locked = pot_id or to, locked or closed is not None
        if counts is not None:
            rows.append(_row(event, booked, of, counts, overlap, above, counted_at))
            if of is not None:
                moved.append(Moved(number, person_id, booked, of, counts, counted_at))
    return Entry(
        id=number,
        person_id=person_id,
        kind=kind,
        learning=learning,
        minutes=minutes,
        day=day,
        begins=begins,
        ends=ends,
        line=line,
        provider=provider,
        proof=proof or "",
        pot_id=pot_id,
        state=_state(tuple([each.done for each in events.values()])),
        events=list(events.values()),
        counts=sum([each.minutes for each in rows]),
        overlap=sum([each.overlap for each in rows]),
        above=sum([each.above for each in rows]),
        moved=moved,
        locked=locked,
        rows=rows,
    )


# Thousands of entries went the same few ways.
_state = lru_cache(1024)(states.state_of)
