"""Files of many hours, which leave for nowhere: made from one moment's reading, beside everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lti_tool.db import snapshot
from lti_tool.delivery.outcome import Done, Later, Outcome, Row
from lti_tool.domain.hours import exports
from lti_tool.domain.hours.exports import Job, Made
from lti_tool.observe import log
from lti_tool.parts import Parts

# A database that was away for a moment is not said on anybody's page.
TRIES = 3


@dataclass(frozen=True)
class _Asked:
    job: Job
    engine: Engine
    attempts: int


class HoursExports:
    """One file a row. It is kept whole by `settle` or not at all: who takes over from a dead worker makes it anew."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """What is to be made, and where it is read."""
        engine, ready = cast(Engine, session.get_bind()), {}
        for row in rows:
            job = exports.job(session, row.ids["export"])
            if job is not None:
                ready[row.id] = _Asked(job, engine, row.attempts)
        return ready

    def send(self, prepared: _Asked) -> Made | None:
        """Make it. How far it is, is written by itself after every slice: nobody waits for a transaction of this."""

        def tell(lines: int, total: int) -> None:
            with Session(prepared.engine) as session, session.begin():
                exports.tell(session, prepared.job, lines, total)

        with snapshot(prepared.engine) as session:
            return exports.make(session, prepared.job, self.parts.settings.zone, tell)

    def settle(self, session: Session, prepared: _Asked, answer: Any) -> Outcome:
        """Keep it; or say that it could not be made."""
        if isinstance(answer, Exception):
            log.error("hours_export", export=prepared.job.id, error=type(answer).__name__)
            if prepared.attempts < TRIES:
                return Later("error")
            exports.fail(session, prepared.job)
            return Done("failed")
        exports.keep(session, prepared.job, answer)
        return Done()
