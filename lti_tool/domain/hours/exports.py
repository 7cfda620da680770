"""Files of the hours of one's pots: asked for, made by the worker slice by slice, fetched within a day.

Only whoever asked for one gets it, and only while they approve of every pot it is of. What stands in it is what the
pages say: gate.py reads, out.py and pack.py make the lines.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Update, delete, or_, select, update
from sqlalchemy.orm import Session, undefer

from lti_tool.db import now
from lti_tool.domain import Refused, outbox
from lti_tool.domain.hours import balances, calling, gate, known_pots, out, pack, suggestions
from lti_tool.domain.hours.known_entries import Entry
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.out import Line
from lti_tool.domain.hours.pack import Policy, Record
from lti_tool.models import Member, Standing
from lti_tool.models.hours import HoursExport

# More entries than this take longer than about a second (5,000: one second and a bit, tests/load/hours.py).
MANY = 5000
SLICE = 1000
KEPT = dt.timedelta(days=1)
CSV, XLSX, PACK = "csv", "xlsx", "pack-"

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Export:
    """A file that was asked for; as models.hours.HoursExport says."""

    what: str
    made_at: dt.datetime | None
    failed: bool
    lines: int
    total: int

    @property
    def waits(self) -> bool:
        """Whether it is still to be made."""
        return self.made_at is None and not self.failed


@dataclass(frozen=True)
class Job:
    """One making of a file, for the worker."""

    id: int
    community_id: int
    person_id: int
    what: str
    locale: str
    asked_at: dt.datetime


@dataclass(frozen=True)
class Made:
    """A file, and the ids of the pots it is of."""

    content: bytes
    pots: list[int]


def whats(pots: list[Pot]) -> list[str]:
    """What can be asked for by who approves of these pots."""
    return [XLSX, CSV, *(f"{PACK}{each.id}" for each in pots)]


def ask(session: Session, community_id: int, person_id: int, what: str, locale: str) -> None:
    """Have a file made, unless it is being made already. Refused("not_found") where it is not this person's to have."""
    if what not in whats(known_pots.approved(session, community_id, person_id)):
        raise Refused("not_found")
    fresh = {"locale": locale, "asked_at": now(), "lines": 0, "total": 0, "pots": []}
    of = {"community_id": community_id, "person_id": person_id, "what": what}
    put = outbox.insert_for(session)(HoursExport).values(**of, **fresh).on_conflict_do_nothing()
    is_new = session.scalar(put.returning(HoursExport.id)) is not None
    row = session.scalars(select(HoursExport).filter_by(**of).with_for_update()).one()
    if not is_new:
        if row.made_at is None and row.failed_at is None:
            return
        for name, value in {**fresh, "made_at": None, "failed_at": None, "content": None}.items():
            setattr(row, name, value)
        session.flush()
    outbox.put(session, outbox.Kind.HOURS_EXPORT, str(row.id), export=row.id)


def listed(session: Session, community_id: int, person_id: int, pots: list[Pot]) -> dict[str, Export]:
    """What somebody asked for and still has: what -> how far it is. pots: those they approve of now."""
    query = select(HoursExport).where(HoursExport.community_id == community_id, HoursExport.person_id == person_id)
    known = {each.id for each in pots}
    return {
        row.what: Export(row.what, row.made_at, row.failed_at is not None, row.lines, row.total)
        for row in session.scalars(query.order_by(HoursExport.id))
        if known.issuperset(row.pots) and _stands(row)
    }


def content(session: Session, community_id: int, person_id: int, what: str) -> bytes:
    """A file that was made; Refused("not_found")."""
    pots = {each.id for each in known_pots.approved(session, community_id, person_id)}
    of = {"community_id": community_id, "person_id": person_id, "what": what}
    row = session.scalar(select(HoursExport).filter_by(**of).options(undefer(HoursExport.content)))
    if row is None or row.content is None or not pots or not pots.issuperset(row.pots) or not _stands(row):
        raise Refused("not_found")
    return row.content


def _stands(row: HoursExport) -> bool:
    return (row.made_at or row.failed_at or now()) > now() - KEPT


# For the worker


def job(session: Session, number: int) -> Job | None:
    """What is to be made; None where it was made, or nobody waits for it any more."""
    row = session.get(HoursExport, number)
    if row is None or row.made_at is not None or row.failed_at is not None:
        return None
    return Job(row.id, row.community_id, row.person_id, row.what, row.locale, row.asked_at)


def make(session: Session, of: Job, zone: ZoneInfo, tell: Tell) -> Made | None:
    """Make it, from a session that sees one moment; None where the person approves of nothing in it any more.

    tell: is told after every slice how many entries are written, and of how many.
    """
    pots = known_pots.approved(session, of.community_id, of.person_id)
    if of.what not in whats(pots) or not pots:
        return None
    if of.what.startswith(PACK):
        record = of_pot(session, of.community_id, of.person_id, int(of.what.removeprefix(PACK)), tell=tell)
        if record is None:
            return None
        made = pack.make(record, of.locale, zone, now().astimezone(zone).date())
        return Made(made, [int(of.what.removeprefix(PACK))])
    found = _lines(session, of, pots, zone, tell)
    rounds = out.rounds(pots)
    written = out.csv(found, of.locale, rounds) if of.what == CSV else out.xlsx(found, of.locale, True, rounds)
    return Made(written, [each.id for each in pots])


def _lines(session: Session, of: Job, pots: list[Pot], zone: ZoneInfo, tell: Tell) -> Iterator[Line]:
    names = calling.names(session, of.community_id, pots)
    for before, total, entries in gate.slices_of_approver(session, pots, of.person_id, SLICE):
        tell(before, total)
        yield from out.lines(entries, pots, names, of.locale, zone)
    moved = gate.moved_into(session, pots, of.person_id)
    yield from out.lines((), pots, names, of.locale, zone, moved)


def of_pot(
    session: Session,
    community_id: int,
    person_id: int,
    pot_id: int,
    known: Sequence[Pot] | None = None,
    tell: Tell = lambda _lines, _total: None,
) -> Record | None:
    """What others sent to one pot, for who approves of it; None for who does not. known: the community's pots.

    Its entries are read slice by slice, once, as the pack is made. tell: as for `make`.
    """
    known = known_pots.pots(session, community_id) if known is None else known
    pot = next((each for each in known if each.id == pot_id and person_id in each.approving), None)
    if pot is None:
        return None

    def entries() -> Iterator[Entry]:
        for before, total, some in gate.slices_of_approver(session, [pot], person_id, SLICE):
            tell(before, total)
            yield from (each for each in some if each.pot_id == pot.id)

    return Record(
        whose=pot.label,
        entries=entries(),
        moved=gate.moved_into(session, [pot], person_id),
        balances=balances.of_pots(session, [pot.id], person_id),
        policy=_policy_for(session, community_id, person_id, pot, known),
        names=calling.names(session, community_id, [pot]),
        named=True,
        accounts=lambda people: calling.accounts(session, people),
    )


def policy(session: Session, community_id: int, reader: int, known: Sequence[Pot]) -> Policy:
    """What is in force in a community, as a person reads it. known: its pots."""
    return Policy(known, known_pots.roles(session, community_id, reader), suggestions.tariffs(session, community_id))


def _policy_for(session: Session, community_id: int, reader: int, pot: Pot, pots: Sequence[Pot]) -> Policy:
    """The same for who approves of a pot. Who is no member reads nothing of other pots, nor for whom this one is, nor
    what steps are worth."""
    known = policy(session, community_id, reader, pots)
    query = select(Member.standing).where(Member.community_id == community_id, Member.person_id == reader)
    if session.scalar(query) not in (None, Standing.APART, Standing.ELSEWHERE):
        return known
    held = [each for each in known.roles if each.pot_id == pot.id and each.role in known_pots.APPROVING]
    return Policy([pot], held, [])


def tell(session: Session, of: Job, lines: int, total: int) -> None:
    """Note how far it is."""
    session.execute(_this(of).values(lines=lines, total=total))


def keep(session: Session, of: Job, made: Made | None) -> None:
    """Keep what was made; of what cannot be made for this person any more, nothing."""
    if made is None:
        session.execute(delete(HoursExport).where(HoursExport.id == of.id, HoursExport.asked_at == of.asked_at))
    else:
        session.execute(_this(of).values(made_at=now(), content=made.content, pots=made.pots))


def fail(session: Session, of: Job) -> None:
    """Note that it could not be made."""
    session.execute(_this(of).values(failed_at=now()))


def _this(of: Job) -> Update:
    """That making of it, and none that was asked for since."""
    return update(HoursExport).where(
        HoursExport.id == of.id, HoursExport.asked_at == of.asked_at, HoursExport.made_at.is_(None)
    )


def forget(session: Session) -> None:
    """Take away what was kept for a day."""
    ago = now() - KEPT
    session.execute(delete(HoursExport).where(or_(HoursExport.made_at < ago, HoursExport.failed_at < ago)))
