"""From being at a session to hours: an entry is offered, its owner chooses the pot, and nothing counts before that.

What a correction changes of an entry that was sent already is a row of its own, with the reason.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.hours import attended, entries, gate, sessions
from lti_tool.domain.hours.attended import Attendance, Sitting
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.known_entries import Entry
from lti_tool.domain.hours.states import COUNTING, LIVE, State
from lti_tool.models.hours_codes import Done, Kind
from lti_tool.models.hours_sessions import HoursAttendance, HoursSession


@dataclass(frozen=True)
class Offer:
    """A session that one was at and made no hours of, or of other times than the list has now. entry: made of it once.

    waits: nobody has said yet that one was there. back: an approver sent it back, with words.
    """

    sat: Sitting
    mine: Attendance
    entry: Entry | None

    @property
    def waits(self) -> bool:
        """Whether it cannot be sent yet."""
        return not self.mine.holds

    @property
    def back(self) -> bool:
        """Whether an approver sent it back."""
        return self.entry is not None and self.entry.state == State.RETURNED

    @property
    def changed(self) -> bool:
        """Whether hours were made of it, of other times."""
        return self.entry is not None and self.entry.state in LIVE


def offered(sittings: Sequence[Sitting], known: Sequence[Entry]) -> list[Offer]:
    """What of these sessions can become hours of one's own. known: one's own entries."""
    by_id = {each.id: each for each in known}
    found = []
    for sat in sittings:
        mine = sat.mine
        if mine is None or sat.cancelled or not sat.over or not mine.minutes:
            continue
        entry = by_id.get(mine.entry_id or 0)
        if entry is None or entry.state not in LIVE or _is_other(entry, mine):
            found.append(Offer(sat, mine, entry))
    return found


def _is_other(entry: Entry, mine: Attendance) -> bool:
    """Whether an entry is of other times than the list has.

    Of one that was corrected, by the list or by an approver, only what the list came to say after that.
    """
    corrected = [each.at for each in entry.events if each.done == Done.CORRECTED]
    if corrected:
        later = mine.answer is not None and mine.answer.at > corrected[-1]
        return later and entry.counts != mine.minutes
    return (entry.begins, entry.ends, entry.minutes) != (mine.first, mine.last, mine.minutes)


def send(asker: Asker, session_id: int, pot_id: int | None, *, learning: bool) -> int:
    """Send hours of a session to a pot of one's own choice; returns the entry's id. What was sent of it before goes.

    Refused: "session_not_there", "session_not_over", "session_not_attested", "session_sent", "hours_pot".
    """
    session = asker.session
    entries.hold(session, [asker.person_id])
    of = sessions.found(asker, session_id)
    row = sessions.row_of(session, of.id, asker.person_id)
    if row is None or not row.present:
        raise Refused("session_not_there")
    sat, mine = attended.sitting(of), attended.with_words(session, row, of)
    if not mine.minutes:
        raise Refused("session_not_there")
    if not sat.over:
        raise Refused("session_not_over")
    if not mine.holds:
        raise Refused("session_not_attested")
    if pot_id is None:
        raise Refused("hours_pot")
    old = _old(asker, row)
    offer = offered([dataclasses.replace(sat, mine=mine)], [old] if old else [])
    if not offer:
        raise Refused("session_sent")
    if old is not None and old.state in LIVE:
        entries.withdraw(asker, old.id, mine.answer.words if mine.answer else of.title)
    typed = Typed(
        kind=Kind.ATTENDED, learning=learning, line=of.title, day=mine.first.astimezone(asker.zone).date(),
        span=(mine.first, mine.last),
    )  # fmt: skip
    again = old.id if old is not None and old.state == State.RETURNED else None
    row.entry_id = entries.add(asker, typed, pot_id, again=again)
    session.flush()
    return row.entry_id


def _old(asker: Asker, row: HoursAttendance) -> Entry | None:
    if row.entry_id is None:
        return None
    return gate.own(asker.session, asker.community_id, asker.person_id, row.entry_id)


def follow(session: Session, of: HoursSession, row: HoursAttendance, by: int, words: str) -> None:
    """What a correction of an attendance means for the entry that was made of it: never silent, never more by itself.

    What waits for an approver goes back to its owner, who sends it anew. What counts comes to count for less, by a row
    of its own; more it counts for only once its owner sends it again.
    """
    if row.entry_id is None or row.person_id is None:
        return
    entry = gate.own(session, of.community_id, row.person_id, row.entry_id)
    mine = attended.with_words(session, row, of)
    if entry.state == State.SENT and _is_other(entry, mine):
        entries.note(session, entry.id, Done.RETURNED, by, words)
    elif entry.state in COUNTING and mine.minutes < entry.counts:
        act = entries.note(session, entry.id, Done.CORRECTED, by, words)
        less = entry.counts - mine.minutes
        entries.write(session, entry, act, -less, 0, less)
