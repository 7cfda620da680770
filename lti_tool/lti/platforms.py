"""Which platforms and deployments are known: asked at every login and launch, and hardly ever changed."""

import time
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import db, reading
from lti_tool.models import Deployment, Registration

# Seconds for which another process's change (leerkring platform add) may go unseen.
FRESH = 10.0


class Platforms:
    """Registrations and approved deployments, detached from any session. What is not found is asked anew."""

    def __init__(self) -> None:
        self._found: dict[Any, tuple[float, Any]] = {}

    def forget(self) -> None:
        """Ask anew: something has just been registered or approved here."""
        self._found.clear()

    def registration(self, issuer: str, client_id: str | None) -> Registration | None:
        """The registration of an issuer and client; without client_id (it is optional in a login) the
        issuer's only one."""

        def find(session: Session) -> Registration | None:
            query = select(Registration).where(Registration.issuer == issuer)
            if client_id:
                query = query.where(Registration.client_id == client_id)
            rows = session.scalars(query.limit(2)).all()
            return rows[0] if len(rows) == 1 else None

        found: Registration | None = self._once((issuer, client_id), find)
        if found is not None:
            # The same object by either way, while it is fresh: a key set fetched for one is there for the other.
            at, same = self._found.get(found.id, (0.0, None))
            if same is not None and time.monotonic() - at < FRESH:
                return cast(Registration, same)
            self._found[found.id] = (time.monotonic(), found)
        return found

    def registration_of(self, registration_id: int) -> Registration | None:
        """A registration by its id."""
        found: Registration | None = self._once(registration_id, lambda s: s.get(Registration, registration_id))
        return found

    def deployment(self, registration_id: int, deployment_id: str) -> Deployment | None:
        """An approved deployment; None for one that is unknown or waits for approval."""

        def find(session: Session) -> Deployment | None:
            return session.scalar(
                select(Deployment).where(
                    Deployment.registration_id == registration_id,
                    Deployment.deployment_id == deployment_id,
                    Deployment.approved,
                )
            )

        found: Deployment | None = self._once((registration_id, deployment_id, "deployment"), find)
        return found

    def _once(self, key: Any, find: Any) -> Any:
        at, found = self._found.get(key, (0.0, None))
        if found is not None and time.monotonic() - at < FRESH:
            return found
        with reading(), Session(db.engine, expire_on_commit=False) as session:
            found = find(session)
        if found is not None:
            self._found[key] = (time.monotonic(), found)
        return found
