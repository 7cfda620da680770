"""Where a platform's services may be called: bearer tokens go there, and grades, and who asks for names.

To the origins that the registration itself names, to a school's own host where the vendor signs for it
(quirks.is_at_schools_own_host), and to what the operator admitted. A launch is signed, but by keys that a school may
lend to others; what it names beyond these waits. The launch goes on.
"""

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti import quirks
from lti_tool.lti.outbound import OutboundError
from lti_tool.models.platform import Registration

# Characters of origins that wait, together: somebody looks long before.
MOST = 2000


class Registered(Protocol):
    """A registration, or a platform as login and launch know it."""

    @property
    def issuer(self) -> str: ...
    @property
    def auth_login_url(self) -> str: ...
    @property
    def auth_token_url(self) -> str: ...
    @property
    def key_set_url(self) -> str: ...
    @property
    def service_origins(self) -> str: ...
    @property
    def origins_waiting(self) -> str: ...


class OriginWaits(OutboundError):
    """Nothing was sent, for nobody has said yet that the origin is the platform's; "" where there is none."""

    def __init__(self, origin: str) -> None:
        super().__init__("origin_waits")
        self.origin = origin


def may_serve(platform: Registered, url: str) -> bool:
    """Whether a service of the platform may be called at this address."""
    origin = quirks.origin(url)
    if not origin:
        return False
    named = (platform.issuer, platform.auth_login_url, platform.auth_token_url, platform.key_set_url)
    if origin in {quirks.origin(each) for each in named} or origin in (platform.service_origins or "").split():
        return True
    return origin.startswith("https://") and quirks.is_at_schools_own_host(platform.issuer, platform.key_set_url)


def check(platform: Registered, url: str) -> None:
    """Raise OriginWaits for an address that the platform's services may not be called at."""
    if not may_serve(platform, url):
        raise OriginWaits(quirks.origin(url))


def unknown(platform: Registered, urls: Iterable[str | None]) -> list[str]:
    """The origins of addresses that a launch named, which nobody has admitted and which do not wait yet."""
    found = {quirks.origin(url) for url in urls if url and not may_serve(platform, url)}
    return sorted(origin for origin in found if origin and origin not in (platform.origins_waiting or "").split())


def note(session: Session, registration_id: int, origins: Iterable[str]) -> list[str]:
    """Let origins wait for the operator; returns those that did not wait yet."""
    row = session.scalars(select(Registration).where(Registration.id == registration_id).with_for_update()).one()
    fresh = []
    for origin in origins:
        longer = f"{row.origins_waiting} {origin}".strip()
        if origin and origin not in row.origins_waiting.split() and len(longer) <= MOST:
            row.origins_waiting = longer
            fresh.append(origin)
    return fresh


def admit(session: Session, row: Registration, origin: str) -> None:
    """Let services of the platform be called at an origin, one that waited or not."""
    row.origins_waiting = " ".join(each for each in row.origins_waiting.split() if each != origin)
    row.service_origins = " ".join(dict.fromkeys([*row.service_origins.split(), origin]))
    session.flush()
