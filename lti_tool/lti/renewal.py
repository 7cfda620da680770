"""What becomes of a registration that is known already, when its platform registers again (R5).

An issuer's own configuration is not enough: whoever put it there might lead all launches, keys and scores of a
school elsewhere. The operator has to allow it (an invitation made for that registration), or the platform has to
show a registration token that it signed with a key of the set that is known of it (Moodle does so when a tool is
updated: startltiadvregistration.php). And nothing changes before somebody has seen what.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti import LaunchRefused
from lti_tool.lti.key_sets import PlatformKey, parse_key_set
from lti_tool.lti.register import Introduction
from lti_tool.models.platform import Deployment, Invite, Registration
from lti_tool.text import Text

# Clocks differ; the token is of this hour (M1).
LEEWAY = 60
# Columns that registering again may change -> what an administrator knows them as. The name is the operator's.
SHOWN = {
    "auth_login_url": Text("Adres om in te loggen", "Authentication request URL"),
    "auth_token_url": Text("Adres voor toegang tot cijfers en deelnemers", "Access token URL"),
    "token_audience": Text("Ontvanger (audience) van dat verzoek", "Audience of that request"),
    "key_set_url": Text("Adres van de publieke sleutels", "Public key set URL"),
    "family": Text("Soort leeromgeving", "Kind of learning platform"),
    "scopes": Text("Rechten", "Scopes"),
}
DEPLOYMENT = Text("Toegestane deployment", "Approved deployment")


@dataclass(frozen=True)
class Change:
    """One thing that would be another than it is, as text; "" for nothing."""

    name: Text
    old: str
    new: str


def changes(session: Session, known: Registration, introduction: Introduction) -> list[Change]:
    """What would change of a known registration, were this answer kept."""
    found = []
    for column, name in SHOWN.items():
        old, new = getattr(known, column) or "", introduction.values[column] or ""
        if column == "scopes":
            old, new = " ".join(sorted(old.split())), " ".join(sorted(new.split()))
        if old != new:
            found.append(Change(name, old, new))
    if introduction.deployment_id and not session.scalar(
        select(Deployment.id).where(
            Deployment.registration_id == known.id,
            Deployment.deployment_id == introduction.deployment_id,
            Deployment.approved,
        )
    ):
        found.append(Change(DEPLOYMENT, "", introduction.deployment_id))
    return found


def kept(known: Registration, introduction: Introduction) -> Introduction:
    """The answer as it may be stored over a known registration."""
    return Introduction({**introduction.values, "name": known.name}, introduction.deployment_id)


def may_change(
    invite: Invite, known: Registration, token: str | None, fetch: Callable[[Registration], dict[str, Any]]
) -> bool:
    """Whether a known registration may change: the operator said so, or the platform shows that it is the one we know.

    fetch: its key set as it is now at the address that is known (platform_keys); asked for a key nobody knows.
    """
    return invite.registration_id == known.id or bool(token and _signed(known, token, fetch))


def _signed(known: Registration, token: str, fetch: Callable[[Registration], dict[str, Any]]) -> bool:
    """Whether the platform signed this token, for this client to register with: none that a launch brings."""
    try:
        kid = str(jwt.get_unverified_header(token).get("kid"))
        key = parse_key_set(known.key_set).get(kid) or _fetched(known, fetch).get(kid)
        if key is None:
            return False
        said = jwt.decode(
            token,
            key.key,
            algorithms=list(key.algorithms),
            leeway=LEEWAY,
            options={"require": ["exp", "sub"], "verify_aud": False, "verify_iss": False},
        )
    except jwt.PyJWTError:
        return False
    return said["sub"] == known.client_id and "nonce" not in said


def _fetched(known: Registration, fetch: Callable[[Registration], dict[str, Any]]) -> Mapping[str, PlatformKey]:
    try:
        return parse_key_set(fetch(known))
    except LaunchRefused:
        return {}
