"""Long provision lists, which leave for nowhere: checked in slices with progress, applied in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lti_tool.db import snapshot
from lti_tool.delivery.outcome import Done, Later, Outcome, Row
from lti_tool.domain import Refused
from lti_tool.domain.school.provision import runs
from lti_tool.domain.school.provision.runs import Job
from lti_tool.observe import log
from lti_tool.parts import Parts

# A database that was away for a moment is not said on anybody's page.
TRIES = 3


@dataclass(frozen=True)
class _Asked:
    job: Job
    engine: Engine
    attempts: int


class Provisions:
    """One list a row. It is applied whole by `settle` or not at all."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """What is to be applied."""
        engine, ready = cast(Engine, session.get_bind()), {}
        for row in rows:
            job = runs.job(session, row.ids["run"])
            if job is not None:
                ready[row.id] = _Asked(job, engine, row.attempts)
        return ready

    def send(self, prepared: _Asked) -> str | None:
        """Check it. How far it is, is written by itself after every slice; a code: why it is not to be applied."""

        def tell(done: int, _of: int) -> None:
            with Session(prepared.engine) as session, session.begin():
                runs.tell(session, prepared.job, done)

        try:
            with snapshot(prepared.engine) as session:
                runs.look(session, prepared.job, self.parts.sessions.hash, tell)
        except Refused as refused:
            return refused.code
        return None

    def settle(self, session: Session, prepared: _Asked, answer: Any) -> Outcome:
        """Apply it; or say why nothing of it was done."""
        if isinstance(answer, Exception):
            log.error("provision", run=prepared.job.id, error=type(answer).__name__)
            if prepared.attempts < TRIES:
                return Later("error")
            answer = "provision_failed"
        if answer is None:
            try:
                with session.begin_nested():
                    runs.finish(
                        session, prepared.job, self.parts.sessions.hash, self.parts.steps, self.parts.settings.zone
                    )
                return Done()
            except Refused as refused:
                answer = refused.code
        runs.refuse(session, prepared.job, answer)
        return Done(answer)
