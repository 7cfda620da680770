"""Dynamic registration (LTI dynamic registration 1.0): the tool introduces itself to a platform.

The address to fetch comes from whoever holds an invite, so everything fetched is guarded: https and
public addresses only (lti.outbound), no redirects, and all of one platform (R2). A registration that is known
already changes only as lti.renewal says.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.config import Settings
from lti_tool.db import now
from lti_tool.lti import LaunchRefused, quirks, services
from lti_tool.lti.claims import storable
from lti_tool.lti.outbound import Outbound, json_body
from lti_tool.models.platform import Deployment, Invite, Registration

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
INVITE_LIFE = dt.timedelta(days=7)
# An invitation makes the tool call an address of its holder's choice: enough for mistakes, too few to look around with.
TRIES, TRIES_PER = 6, dt.timedelta(hours=1)

# Asked for from the first day, so that nobody has to register twice for what comes later.
SCOPES = (
    services.SCOPE_LINE_ITEM,
    services.SCOPE_LINE_ITEM_READ,
    services.SCOPE_RESULT,
    services.SCOPE_SCORE,
    services.SCOPE_MEMBERS,
    "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly",
    "https://purl.imsglobal.org/spec/lti/scope/noticehandlers",
)
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "locale")
CUSTOM = {
    "context_history": "$Context.id.history",
    "link_history": "$ResourceLink.id.history",
    "section_sourcedid": "$CourseSection.sourcedId",
    "course_begin": "$CourseSection.timeFrame.begin",
    "course_end": "$CourseSection.timeFrame.end",
    "available_from": "$ResourceLink.available.startDateTime",
    "submission_until": "$ResourceLink.submission.endDateTime",
    "group_ids": "$Moodle.Person.userGroupIds",
}


def invite(session: Session, secret_hash: Any, renewed: Registration | None = None) -> str:
    """Make a one-time code for a registration link; only its hash is kept.

    renewed: the registration that may be changed with it; it is then for that one's issuer.
    """
    code = secrets.token_urlsafe(18).replace("-", "_")
    made = Invite(code_hash=secret_hash(code), expires_at=now() + INVITE_LIFE)
    if renewed is not None:
        made.registration_id, made.issuer = renewed.id, renewed.issuer
    session.add(made)
    return code


def find_invite(session: Session, code_hash: str, *, hold: bool = False) -> Invite:
    """The invite, if it may still be used; raises LaunchRefused. hold: nobody else uses it until this is done."""
    query = select(Invite).where(Invite.code_hash == code_hash)
    found = session.scalar(query.with_for_update() if hold else query)
    if found is None:
        raise LaunchRefused("invite_unknown")
    if found.used_at is not None:
        raise LaunchRefused("invite_used")
    if found.expires_at < now():
        raise LaunchRefused("invite_expired")
    return found


def would_reset(session: Session, configuration_url: str) -> bool:
    """Whether registering here means registering again at a platform that then puts its own settings back."""
    known = session.execute(select(Registration.issuer, Registration.family)).all()
    return any(
        quirks.resets_settings(family) and configuration_url.startswith(issuer.rstrip("/") + "/")
        for issuer, family in known
    )


def _locked(session: Session, code_hash: str) -> Invite:
    row = session.scalar(select(Invite).where(Invite.code_hash == code_hash).with_for_update())
    if row is None:
        # The operator took it back meanwhile.
        raise LaunchRefused("invite_unknown")
    return row


def count_try(session: Session, code_hash: str) -> None:
    """Count that an address is called for an invite; raises LaunchRefused where that was done too often of late."""
    row = _locked(session, code_hash)
    moment = now()
    if row.tried_at is None or row.tried_at + TRIES_PER <= moment:
        row.tries, row.tried_at = 0, moment
    if row.tries >= TRIES:
        raise LaunchRefused("invite_too_often")
    row.tries += 1


def bind_invite(session: Session, code_hash: str, issuer: str) -> None:
    """Keep an invite for the first issuer it was used with; raises LaunchRefused where that was another one."""
    row = _locked(session, code_hash)
    if row.issuer not in (None, issuer):
        raise LaunchRefused("invite_elsewhere")
    row.issuer = issuer


def use_invite(session: Session, code_hash: str, registration: Registration) -> None:
    """Use an invite up; raises LaunchRefused where somebody else did so meanwhile."""
    used = session.scalar(
        update(Invite)
        .where(Invite.code_hash == code_hash, Invite.used_at.is_(None))
        .values(used_at=now(), registration_id=registration.id)
        .returning(Invite.id)
    )
    if used is None:
        raise LaunchRefused("invite_used")


def tool_configuration(settings: Settings, supported: Any = None) -> dict[str, Any]:
    """What the tool says of itself (R3). domain carries the port, as Moodle compares it (M2).

    supported: the platform's scopes_supported; some refuse a registration that asks for another (Canvas).
    """
    scopes = [scope for scope in SCOPES if scope in supported] if isinstance(supported, list) and supported else SCOPES
    base = settings.base_url
    messages = [
        {"type": "LtiResourceLinkRequest", "target_link_uri": f"{base}/lti/launch", "label": "Leerkring"},
        {"type": "LtiDeepLinkingRequest", "target_link_uri": f"{base}/lti/launch", "label": "Leerkring"},
    ]
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base}/lti/login",
        "redirect_uris": [f"{base}/lti/launch"],
        "client_name": "Leerkring",
        "client_name#nl": "Leerkring",
        "jwks_uri": f"{base}/lti/jwks",
        "logo_uri": f"{base}/static/icons/home.svg",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        TOOL: {
            "domain": urlsplit(base).netloc,
            "description": "A learning community of teachers: six steps, together.",
            "target_link_uri": f"{base}/lti/launch",
            "custom_parameters": CUSTOM,
            "claims": list(CLAIMS),
            "messages": messages,
        },
    }


def read_configuration(outbound: Outbound, url: str, token: str | None = None) -> dict[str, Any]:
    """The platform's openid-configuration, which is its issuer's own; raises LaunchRefused or OutboundError.

    token: the registration token that came with the address. Canvas shows its configuration to nobody without it
    (Canvas, "Registering an LTI Tool", Canvas OpenID Configuration). It goes to that very address, and no further:
    no redirect is followed.
    """
    headers = {"Accept": "application/json"}
    answer = outbound.call("GET", url, headers={**headers, **_bearer(token)})
    if token and answer.status_code in (401, 403):
        # The standard has it for the registration only: an address that is anybody's may refuse one it cannot read.
        answer = outbound.call("GET", url, headers=headers)
    said = json_body(answer)
    needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    if not isinstance(said, dict) or not all(isinstance(said.get(name), str) for name in needed):
        raise LaunchRefused("configuration_incomplete")
    for name in needed:
        if len(said[name]) > (255 if name == "issuer" else 1024):
            raise LaunchRefused("configuration_incomplete")
    if not quirks.is_configuration_of(said["issuer"], url):
        raise LaunchRefused("configuration_elsewhere")
    for name in needed[1:]:
        if not quirks.may_name(said["issuer"], said[name]):
            raise LaunchRefused("configuration_foreign_host", name)
    for name in needed[1:]:
        outbound.check(said[name])
    return said


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@dataclass(frozen=True)
class Introduction:
    """What a platform answered to a registration: the registration's columns, and its deployment if it named one."""

    values: dict[str, Any]
    deployment_id: str | None


def introduce(settings: Settings, outbound: Outbound, platform: dict[str, Any], token: str | None) -> Introduction:
    """Register the tool at the platform of a configuration that was read and holds.

    Talks to it and writes nothing, so that no transaction waits for it.
    """
    headers = {"Accept": "application/json", **_bearer(token)}
    asked = tool_configuration(settings, platform.get("scopes_supported"))
    answer = json_body(outbound.call("POST", platform["registration_endpoint"], json=asked, headers=headers))
    client_id = answer.get("client_id") if isinstance(answer, dict) else None
    if not isinstance(client_id, str) or not 0 < len(client_id) <= 255:
        raise LaunchRefused("registration_incomplete")
    about: Any = platform.get(PLATFORM)
    about = about if isinstance(about, dict) else {}
    tool = answer.get(TOOL) if isinstance(answer.get(TOOL), dict) else {}
    audience = platform.get("authorization_server")
    deployment_id = tool.get("deployment_id") or answer.get("deployment_id")
    values = {
        "issuer": platform["issuer"],
        "client_id": client_id,
        "auth_login_url": platform["authorization_endpoint"],
        "auth_token_url": platform["token_endpoint"],
        "key_set_url": platform["jwks_uri"],
        # Canvas puts a bare host name there, which its own token endpoint does not take.
        "token_audience": audience if isinstance(audience, str) and "://" in audience else None,
        "family": str(about.get("product_family_code") or "").lower()[:64],
        "name": urlsplit(platform["issuer"]).netloc,
        "scopes": answer["scope"] if isinstance(answer.get("scope"), str) else "",
    }
    # Absent where a platform deploys later (R4): the first launch is then noted and approved by hand.
    introduction = Introduction(values, str(deployment_id)[:255] if deployment_id else None)
    if not all(storable(text or "") for text in (*values.values(), introduction.deployment_id)):
        raise LaunchRefused("registration_incomplete")
    return introduction


def store(session: Session, introduction: Introduction) -> Registration:
    """Keep what a platform answered; of a known registration (R5), only what lti.renewal let by."""
    row = upsert(session, **introduction.values)
    if introduction.deployment_id:
        approve(session, row, introduction.deployment_id)
    return row


def find(session: Session, issuer: str, client_id: str) -> Registration | None:
    """The registration of a client at an issuer."""
    return session.scalar(
        select(Registration).where(Registration.issuer == issuer, Registration.client_id == client_id)
    )


def upsert(session: Session, *, issuer: str, client_id: str, **values: Any) -> Registration:
    """The registration (issuer, client_id) with these values."""
    row = find(session, issuer, client_id)
    if row is None:
        realm = _realm(session, issuer, client_id, values["key_set_url"])
        row = Registration(issuer=issuer, client_id=client_id, realm=realm)
        session.add(row)
    elif values.get("key_set_url", row.key_set_url) != row.key_set_url:
        # What was published elsewhere proves nothing any more. Its people stay who they are: this was allowed.
        row.key_set = row.key_set_at = None
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def _realm(session: Session, issuer: str, client_id: str, key_set_url: str) -> str:
    """Whose people a new registration brings: its issuer's, of those who sign with the same keys."""
    others = session.scalars(select(Registration).where(Registration.issuer == issuer).order_by(Registration.id)).all()
    for other in others:
        if other.key_set_url == key_set_url:
            return other.realm
    # The address may once have been that of another client, whose people are not this one's.
    taken = any(other.realm == key_set_url for other in others)
    return f"{client_id} {key_set_url}"[:1024] if taken else key_set_url


def approve(session: Session, registration: Registration, deployment_id: str) -> None:
    """Let a deployment launch."""
    row = session.scalar(
        select(Deployment).where(
            Deployment.registration_id == registration.id, Deployment.deployment_id == deployment_id
        )
    )
    if row is None:
        session.add(Deployment(registration_id=registration.id, deployment_id=deployment_id, approved=True))
    else:
        row.approved, row.held = True, None
    session.flush()
