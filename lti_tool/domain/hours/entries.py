"""What somebody does with their own hours: adds them, sends them to a pot of their choice, takes them back."""

import datetime as dt
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import MAX_ID, now
from lti_tool.domain import Refused
from lti_tool.domain.hours import books, column, gate, joins, known_pots, ledger, places, states
from lti_tool.domain.hours.known_entries import Entry
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.ledger import Claim, Ledger, Rules
from lti_tool.domain.hours.states import COUNTING, LIVE, State
from lti_tool.domain.mechanisms.attachments import Upload
from lti_tool.models import Person
from lti_tool.models.hours import HoursAct, HoursCount, HoursEntry, HoursPot, HoursProof
from lti_tool.models.hours_codes import Done, Kind, Review

LONGEST = 300  # characters of the line, and of the provider
LONGEST_WORDS = 1000  # of what is said about an entry
LONG_AGO = dt.timedelta(days=5 * 366)
# Directions of writing that a text can be disguised with (Unicode, UAX #9: embeddings, overrides, isolates).
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Typed:
    """What somebody says they did: minutes, or from when to when, on a day; in one line.

    span: the moments themselves, of what is known to have been so (a session), in place of times on a day.
    """

    kind: Kind
    learning: bool
    line: str
    day: dt.date
    minutes: int | None = None
    begins: dt.time | None = None
    ends: dt.time | None = None
    provider: str = ""
    span: tuple[dt.datetime, dt.datetime] | None = None


@dataclass(frozen=True)
class Asker:
    """Whose hours, in which community, in which zone; sure: the codes of what they were asked and said yes to."""

    session: Session
    community_id: int
    person_id: int
    zone: ZoneInfo
    sure: Collection[str] = ()

    def ask(self, question: Refused) -> None:
        """Refused with this question, unless they were asked it and are sure."""
        if question.code not in self.sure:
            raise question


def clean(text: str, most: int) -> str:
    """A text of one line as it may be kept; Refused("too_long", "hours_unseen") where it may not."""
    if len(text) > most:
        raise Refused("too_long")
    if any(each in _TURNING or (unicodedata.category(each) == "Cc" and each not in "\n\t") for each in text):
        raise Refused("hours_unseen")
    return " ".join(text.split())


def add(asker: Asker, typed: Typed, pot_id: int | None, upload: Upload | None = None, again: int | None = None) -> int:
    """Add an entry: kept where no pot is chosen, else sent to it. again: the returned one that it comes instead of.

    Returns its id. Refused with what is wrong, or with what is asked: hours_end_first, hours_day_long, hours_overlap,
    hours_same.
    """
    session = asker.session
    hold(session, [asker.person_id])
    line, provider = clean(typed.line, LONGEST), clean(typed.provider, LONGEST)
    if not line:
        raise Refused("hours_line")
    if typed.kind == Kind.ELSEWHERE and not provider:
        raise Refused("hours_provider")
    begins, ends, minutes = _length(asker, typed)
    _when(asker, typed.day, ends)
    old = gate.own(session, asker.community_id, asker.person_id, again) if again is not None else None
    if old is not None:
        states.after(old.state, Done.RESENT)
        if old.kind == Kind.SUGGESTED and minutes > old.minutes:
            raise Refused("hours_suggested_most", minutes=old.minutes)
    made = HoursEntry(
        person_id=asker.person_id, community_id=asker.community_id, kind=typed.kind, learning=typed.learning,
        minutes=minutes, day=typed.day, begins_at=begins, ends_at=ends, line=line, provider=provider,
    )  # fmt: skip
    claim = Claim(0, pot_id or 0, typed.kind, typed.learning, minutes, typed.day, begins, ends)
    others = gate.of_person(session, asker.person_id)
    _day(asker, claim, others)
    _same(asker, made, others)
    has_proof = upload is not None or bool(old and old.proof)
    pot = _chosen(asker, claim, pot_id, has_proof, others) if pot_id is not None else None
    session.add(made)
    session.flush()
    _prove(session, made.id, upload, old)
    if old is not None:
        note(session, old.id, Done.RESENT, asker.person_id, next_id=made.id)
    if pot is None:
        note(session, made.id, Done.KEPT, asker.person_id)
    else:
        _send(asker, made.id, claim, pot)
    return made.id


def send(asker: Asker, entry_id: int, pot_id: int) -> None:
    """Send what was kept to a pot."""
    hold(asker.session, [asker.person_id])
    entry = gate.own(asker.session, asker.community_id, asker.person_id, entry_id)
    states.after(entry.state, Done.SENT)
    others = [each for each in gate.of_person(asker.session, asker.person_id) if each.id != entry.id]
    pot = _chosen(asker, entry.claim(pot_id), pot_id, bool(entry.proof), others)
    _send(asker, entry.id, entry.claim(pot.id), pot)


def withdraw(asker: Asker, entry_id: int, words: str) -> None:
    """Take an entry back. What counted already goes by a correction, and that needs words."""
    hold(asker.session, [asker.person_id])
    entry = gate.own(asker.session, asker.community_id, asker.person_id, entry_id)
    states.after(entry.state, Done.WITHDRAWN)
    counted = entry.state in COUNTING
    act = note(asker.session, entry.id, Done.WITHDRAWN, asker.person_id, said(words, counted))
    if counted:
        # The whole entry goes out of every sum.
        write(asker.session, entry, act, -entry.counts, -entry.overlap, -entry.above)


def speak(asker: Asker, entry_id: int, done: Done, words: str) -> None:
    """Answer what an approver asked, or dispute what an entry counts for."""
    hold(asker.session, [asker.person_id])
    entry = gate.own(asker.session, asker.community_id, asker.person_id, entry_id)
    states.after(entry.state, done)
    note(asker.session, entry.id, done, asker.person_id, said(words))


# What approvals do too


def hold(session: Session, people: Iterable[int]) -> None:
    """Nobody else changes these persons' hours, under any of their accounts, until this transaction ends.

    In one order, or two wait for ever.
    """
    ids = joins.accounts(session, people)
    query = select(Person.id).where(Person.id.in_(ids)).order_by(Person.id)
    # Not their key: a row that only points at them, such as a balance, waits for nobody.
    session.execute(query.with_for_update(key_share=True)).all()
    # Who was joined to another account while this waited: that one is held too.
    if more := joins.accounts(session, ids) - ids:
        session.execute(select(Person.id).where(Person.id.in_(more)).with_for_update(key_share=True)).all()


def share(session: Session, pot_ids: Iterable[int]) -> dict[int, int | None]:
    """Nobody closes these pots until this transaction ends. Pot -> the one after it, None for a pot that is open.

    After `hold`; whoever closes a pot holds it alone, and nobody besides.
    """
    query = select(HoursPot.id, HoursPot.next_id).where(HoursPot.id.in_(sorted(set(pot_ids)))).order_by(HoursPot.id)
    return {row.id: row.next_id for row in session.execute(query.with_for_update(read=True))}


def _open_after(session: Session, pot_id: int) -> int:
    """The pot in which minutes of a pot are booked now: itself, or after its closing the first later one still open."""
    while (after := share(session, [pot_id]).get(pot_id)) is not None:
        pot_id = after
    return pot_id


def said(words: str, needed: bool = True) -> str:
    """Words about an entry as they are kept; Refused("hours_words") where there are none and there must be."""
    text = clean(words, LONGEST_WORDS)
    if needed and not text:
        raise Refused("hours_words")
    return text


def note(session: Session, entry_id: int, done: Done, by: int, words: str = "", **more: int) -> HoursAct:
    """Note what was done. more: pot_id, next_id."""
    act = HoursAct(entry_id=entry_id, kind=done, by_id=by, words=words, **more)
    session.add(act)
    session.flush()
    return act


def note_all(session: Session, ids: Sequence[int], done: Done, by: int) -> list[HoursAct]:
    """Note the same of several entries, in this order, in one statement."""
    acts = [HoursAct(entry_id=each, kind=done, by_id=by, words="") for each in ids]
    session.add_all(acts)
    session.flush()
    return acts


def write(session: Session, entry: Entry, act: HoursAct, minutes: int, overlap: int, above: int) -> None:
    """A row of the ledger. Of an entry whose period is closed the difference is booked in the next one."""
    assert entry.pot_id is not None
    into = _open_after(session, entry.pot_id)
    of = entry.pot_id if into != entry.pot_id else None
    _write(session, entry.id, into, act, minutes, overlap, above, of)
    column.tell(session, entry.id, into, moved=of is not None)


def _write(
    session: Session,
    entry_id: int,
    pot_id: int,
    act: HoursAct,
    minutes: int,
    overlap: int,
    above: int,
    of_id: int | None = None,
) -> None:
    session.add(
        HoursCount(
            entry_id=entry_id, pot_id=pot_id, act_id=act.id, minutes=minutes, overlap=overlap, above=above, of_id=of_id
        )
    )


def come_to_count(session: Session, claim: Claim, rules: Rules, act: HoursAct, known: Ledger) -> None:
    """An entry comes to count: for what it can, against what counts then. known: its person's ledger, which gets it.

    The gradebook is still to be told: column.tell_all, of all that came to count at once.
    """
    verdict = known.verdict(claim, rules)
    known.enter(claim, verdict.minutes)
    _write(session, claim.entry, claim.pot, act, verdict.minutes, verdict.overlap, verdict.above)


# What is looked at before


def _length(asker: Asker, typed: Typed) -> tuple[dt.datetime | None, dt.datetime | None, int]:
    if (typed.begins is None) != (typed.ends is None):
        raise Refused("hours_both_times")
    begins, ends = typed.span or (None, None)
    minutes = typed.minutes
    if begins is not None and ends is not None:
        minutes = int((ends - begins).total_seconds()) // 60
    if typed.begins is not None and typed.ends is not None:
        overnight = "hours_end_first" in asker.sure
        begins, ends = ledger.elapsed(typed.day, typed.begins, typed.ends, asker.zone, overnight=overnight)
        between = int((ends - begins).total_seconds()) // 60
        if minutes is not None and minutes != between:
            raise Refused("hours_two_lengths", between=between, minutes=minutes)
        minutes = between
    if minutes is None:
        raise Refused("hours_length")
    if not 1 <= minutes <= ledger.DAY_MOST:
        raise Refused("hours_minutes")
    return begins, ends, minutes


def _when(asker: Asker, day: dt.date, ends: dt.datetime | None) -> None:
    today = now().astimezone(asker.zone).date()
    if day > today or (ends is not None and ends > now()):
        raise Refused("hours_future")
    if day < today - LONG_AGO:
        raise Refused("hours_long_ago")


def _day(asker: Asker, claim: Claim, others: Iterable[Entry]) -> None:
    total = claim.minutes + sum(
        each.counts if each.state == State.CORRECTED else each.minutes
        for each in others
        if each.day == claim.day and each.state in LIVE
    )
    if total > ledger.DAY_MOST:
        raise Refused("hours_day_full")
    if total > ledger.DAY_ASKED:
        asker.ask(Refused("hours_day_long", hours=total // 60, minutes=total % 60))


def _same(asker: Asker, made: HoursEntry, others: Iterable[Entry]) -> None:
    looks = (made.day, made.minutes, made.line, made.begins_at)
    if any((each.day, each.minutes, each.line, each.begins) == looks for each in others if each.state in LIVE):
        asker.ask(Refused("hours_same"))


def _chosen(asker: Asker, claim: Claim, pot_id: int, has_proof: bool, others: Sequence[Entry]) -> Pot:
    """The chosen pot, if this entry can go to it."""
    share(asker.session, [pot_id] if 0 < pot_id <= MAX_ID else [])
    known = known_pots.pots(asker.session, asker.community_id)
    if any(each.id == pot_id and each.closed for each in known):
        raise Refused("hours_pot_closed")
    pot = next((each for each in known if each.id == pot_id and each.is_for(asker.person_id)), None)
    if pot is None:
        raise Refused("hours_pot")
    if not pot.first_day <= claim.day <= pot.last_day:
        raise Refused("hours_period")
    if not pot.belongs(asker.person_id, claim.day):
        raise Refused("hours_not_yet_yours")
    if pot.evidence and claim.kind == Kind.ELSEWHERE and not has_proof:
        raise Refused("hours_evidence")
    if pot.review != Review.NONE and not pot.approving - joins.accounts(asker.session, [asker.person_id]):
        raise Refused("hours_nobody_approves")
    if claim.span:
        known_rows = books.book(asker.session, asker.person_id)
        for each in reversed(others):  # what waits will count first
            if each.state == State.SENT:
                waiting = known_rows.verdict(each.claim(), ledger.Rules())
                known_rows.enter(each.claim(), waiting.minutes)
        if overlap := known_rows.verdict(claim, ledger.Rules()).overlap:
            asker.ask(Refused("hours_overlap", minutes=overlap))
    return pot


def _send(asker: Asker, entry_id: int, claim: Claim, pot: Pot) -> None:
    note(asker.session, entry_id, Done.SENT, asker.person_id, pot_id=pot.id)
    if pot.school_id is not None:
        places.keeps_hours(asker.session, asker.community_id)
    if pot.review != Review.BEFORE:
        act = note(asker.session, entry_id, Done.COUNTED, asker.person_id)
        known = books.book(asker.session, asker.person_id)
        made = Claim(
            entry_id, pot.id, claim.kind, claim.learning, claim.minutes, claim.day, claim.begins, claim.ends
        )  # fmt: skip
        come_to_count(asker.session, made, pot.rules(asker.person_id), act, known)
        column.tell_all(asker.session, [entry_id])


def _prove(session: Session, entry_id: int, upload: Upload | None, old: Entry | None) -> None:
    if upload is not None:
        kept = (upload.media_type, upload.content)
    elif old is not None and old.proof:
        row = session.scalars(select(HoursProof).where(HoursProof.entry_id == old.id)).one()
        kept = (row.media_type, row.content)
    else:
        return
    session.add(HoursProof(entry_id=entry_id, media_type=kept[0], size=len(kept[1]), content=kept[1]))
