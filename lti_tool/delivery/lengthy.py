"""Work that leaves for nowhere and takes long: read in one moment beside everything else, kept whole or not at all.

How far it is, is written by itself after every slice; who takes over from a dead worker begins anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lti_tool.delivery.outcome import Later, Outcome, Row
from lti_tool.observe import log
from lti_tool.parts import Parts

# A database that was away for a moment is not said on anybody's page.
TRIES = 3

Job = TypeVar("Job")


@dataclass(frozen=True)
class Asked(Generic[Job]):
    """One piece of it. engine: where it is read."""

    job: Job
    engine: Engine
    attempts: int


class Lengthy(Generic[Job]):
    """A handler's part that does not hang on what is done; a row each. event: what its errors are called in the log."""

    event: str

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def job(self, session: Session, ids: Mapping[str, int]) -> Job | None:
        """What a row's ids ask for; None where nothing is left to do."""
        raise NotImplementedError

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """What is to be done."""
        engine, ready = cast(Engine, session.get_bind()), {}
        for row in rows:
            job = self.job(session, row.ids)
            if job is not None:
                ready[row.id] = Asked(job, engine, row.attempts)
        return ready

    def again(self, prepared: Asked[Job], answer: Any, **which: int) -> Outcome | None:
        """Log what failed; whether it is tried again. which: a number of it, for the log."""
        if not isinstance(answer, Exception):
            return None
        log.error(self.event, **which, error=type(answer).__name__)
        return Later("error") if prepared.attempts < TRIES else None
