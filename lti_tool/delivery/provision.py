"""Long provision lists, which leave for nowhere: checked in slices with progress, applied in one transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.db import snapshot
from lti_tool.delivery.lengthy import Asked, Lengthy
from lti_tool.delivery.outcome import Done, Outcome
from lti_tool.domain import Refused
from lti_tool.domain.school.provision import runs
from lti_tool.domain.school.provision.runs import Job


class Provisions(Lengthy[Job]):
    """One list a row. It is applied whole by `settle` or not at all."""

    event = "provision"

    def job(self, session: Session, ids: Mapping[str, int]) -> Job | None:
        """What is to be applied."""
        return runs.job(session, ids["run"])

    def send(self, prepared: Asked[Job]) -> str | None:
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

    def settle(self, session: Session, prepared: Asked[Job], answer: Any) -> Outcome:
        """Apply it; or say why nothing of it was done."""
        if later := self.again(prepared, answer, run=prepared.job.id):
            return later
        if isinstance(answer, Exception):
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
