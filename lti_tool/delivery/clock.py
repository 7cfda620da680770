"""What is due here, and leaves for nowhere: dates that came, pauses that are over, files to be cleaned, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery.outcome import Done, Outcome, Row, answer_to
from lti_tool.domain import cycle, outbox
from lti_tool.domain.community import practice
from lti_tool.domain.cycle import midnights, pausing
from lti_tool.domain.hours import figures
from lti_tool.domain.mechanisms import cleaning, contributions
from lti_tool.domain.school import retention, year_turn
from lti_tool.observe import log
from lti_tool.parts import Parts


class _Here:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """Nothing to look up."""
        return {row.id: dict(row.ids) for row in rows}

    def send(self, prepared: dict[str, Any]) -> None:
        """Nothing leaves."""


class Dates(_Here):
    """An announced date came."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """Move the stage; when nothing was to be done (any more), that is said as the outcome."""
        zone = self.parts.settings.zone
        return Done(cycle.on_date(session, prepared["run"], prepared["stage"], self.parts.steps, zone))


class Pauses(_Here):
    """The day came on which a cycle that is paused goes on."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """Go on, unless somebody did so before, or chose another day."""
        return Done(pausing.on_day(session, prepared["cycle"], self.parts.settings.zone))


class Figures(_Here):
    """The first of a month: the figure of hours that a school leader reads of a community."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """Store it if there can be one, and come again next month."""
        zone = self.parts.settings.zone
        return Done(figures.publish(session, prepared["community"], midnights.day_of(now(), zone), zone))


class YearTurns(_Here):
    """Pausing, ending or beginning cycles for many communities at once, as an administrator asked."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """The next portion; what is left is put in by it."""
        return Done(year_turn.portion(session, prepared["turn"], self.parts.steps, self.parts.settings.zone))


class Practices(_Here):
    """A day of practising is over."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """Throw it away with everything in it, unless its person did."""
        return Done(practice.on_day(session, prepared["practice"]))


class Retention(_Here):
    """The end of the time for which a community's contents are kept."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """Take away the next ones; when to look again is put in by it."""
        return Done(retention.portion(session, self.parts.steps))


@dataclass(frozen=True)
class _File:
    """A file as it is kept. row: what it was asked by; last: the number of the last one that is to be cleaned."""

    row: Row
    number: int
    media_type: str
    content: bytes
    last: int


class Cleaning:
    """Files that came in before they were cleaned on the way in (migration 0013): one a row, which puts in the next."""

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """The next file; none is left: nothing to do."""
        ready: dict[int, Any] = {}
        for row in rows:
            found = contributions.file_after(session, row.ids["after"], row.ids["last"])
            ready[row.id] = Done("all_clean") if found is None else _File(row, *found, row.ids["last"])
        return ready

    def send(self, prepared: _File) -> bytes | None:
        """Clean it; None for one that nobody can read, which stays as it is."""
        try:
            return cleaning.clean(prepared.media_type, prepared.content)
        except cleaning.Unclean:
            return None

    def settle(self, session: Session, prepared: _File, answer: Any) -> Outcome:
        """Keep it as it is now, and have the next one cleaned."""
        if isinstance(answer, Exception):
            return answer_to(answer)
        if answer is None:
            log.warning("file_not_cleaned", attachment=prepared.number)
        else:
            contributions.replace_file(session, prepared.number, answer)
        row = prepared.row
        outbox.put(session, row.kind, row.key, after=prepared.number, last=prepared.last)
        return Done(None if answer is not None else "file_unclean")
