"""Which platforms and deployments are known: asked at every login and launch, and hardly ever changed."""

import datetime as dt
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import db, reading
from lti_tool.lti.key_sets import PlatformKey, parse_key_set
from lti_tool.models.platform import Deployment, Registration

# Seconds for which another process's change (leerkring platform add) may go unseen.
FRESH = 10.0

Found = TypeVar("Found")


@dataclass(frozen=True)
class Platform:
    """What login and launch need of a registration. Threads share it, so nothing of it can be changed.

    id: the registration's; keys: by kid; key_set_at: when they were fetched; frame_origins: space-separated; realm,
    service_origins, origins_waiting: see Registration.
    """

    id: int
    issuer: str
    client_id: str
    auth_login_url: str
    auth_token_url: str
    key_set_url: str
    key_set_at: dt.datetime | None
    keys: Mapping[str, PlatformKey]
    frame_origins: str
    realm: str
    service_origins: str
    origins_waiting: str


def as_platform(row: Registration) -> Platform:
    """A registration as it stands now."""
    return Platform(
        id=row.id,
        issuer=row.issuer,
        client_id=row.client_id,
        auth_login_url=row.auth_login_url,
        auth_token_url=row.auth_token_url,
        key_set_url=row.key_set_url,
        key_set_at=row.key_set_at,
        keys=parse_key_set(row.key_set),
        frame_origins=row.frame_origins,
        realm=row.realm,
        service_origins=row.service_origins,
        origins_waiting=row.origins_waiting,
    )


class Platforms:
    """Platforms and approved deployments, as values that are kept for some seconds. What is not found is asked anew."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[float, Any]] = {}

    def forget(self) -> None:
        """Ask anew: something has just been registered, approved or fetched here."""
        self._found.clear()

    def platform(self, issuer: str, client_id: str | None) -> Platform | None:
        """The platform of an issuer and client; without client_id (it is optional in a login) the issuer's only one."""

        def find(session: Session) -> Platform | None:
            query = select(Registration).where(Registration.issuer == issuer)
            if client_id:
                query = query.where(Registration.client_id == client_id)
            rows = session.scalars(query.limit(2)).all()
            return as_platform(rows[0]) if len(rows) == 1 else None

        return self._once(("platform", issuer, client_id), find)

    def platform_of(self, registration_id: int) -> Platform | None:
        """A platform by its registration's id."""

        def find(session: Session) -> Platform | None:
            row = session.get(Registration, registration_id)
            return as_platform(row) if row else None

        return self._once(("registration", registration_id), find)

    def deployment(self, registration_id: int, deployment_id: str) -> int | None:
        """The row id of an approved deployment; None for one that is unknown or waits for approval."""

        def find(session: Session) -> int | None:
            return session.scalar(
                select(Deployment.id).where(
                    Deployment.registration_id == registration_id,
                    Deployment.deployment_id == deployment_id,
                    Deployment.approved,
                )
            )

        return self._once(("deployment", registration_id, deployment_id), find)

    def _once(self, key: Hashable, find: Callable[[Session], Found | None]) -> Found | None:
        at, found = self._found.get(key, (0.0, None))
        if found is not None and time.monotonic() - at < FRESH:
            return cast(Found, found)
        with reading(), Session(db.engine, expire_on_commit=False) as session:
            found = find(session)
        if found is not None:
            self._found[key] = (time.monotonic(), found)
        return found
