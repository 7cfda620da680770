"""Files of many hours, which leave for nowhere: made from one moment's reading, beside everything else."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.db import snapshot
from lti_tool.delivery.lengthy import Asked, Lengthy
from lti_tool.delivery.outcome import Done, Outcome
from lti_tool.domain.hours import exports
from lti_tool.domain.hours.exports import Job, Made


class HoursExports(Lengthy[Job]):
    """One file a row. It is kept whole by `settle` or not at all: who takes over from a dead worker makes it anew."""

    event = "hours_export"

    def job(self, session: Session, ids: Mapping[str, int]) -> Job | None:
        """What is to be made."""
        return exports.job(session, ids["export"])

    def send(self, prepared: Asked[Job]) -> Made | None:
        """Make it. How far it is, is written by itself after every slice: nobody waits for a transaction of this."""

        def tell(lines: int, total: int) -> None:
            with Session(prepared.engine) as session, session.begin():
                exports.tell(session, prepared.job, lines, total)

        with snapshot(prepared.engine) as session:
            return exports.make(session, prepared.job, self.parts.settings.zone, tell)

    def settle(self, session: Session, prepared: Asked[Job], answer: Any) -> Outcome:
        """Keep it; or say that it could not be made."""
        if later := self.again(prepared, answer, export=prepared.job.id):
            return later
        if isinstance(answer, Exception):
            exports.fail(session, prepared.job)
            return Done("failed")
        exports.keep(session, prepared.job, answer)
        return Done()
