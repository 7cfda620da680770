"""Dynamic registration (LTI dynamic registration 1.0): the tool introduces itself to a platform.

The address to fetch comes from whoever holds an invite, so everything fetched is guarded: https and
public addresses only (lti.outbound), no redirects, and all of one platform (R2).
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.config import Settings
from lti_tool.db import db, now, short_transaction
from lti_tool.lti import LaunchRefused, quirks, services
from lti_tool.lti.claims import storable
from lti_tool.lti.outbound import Outbound, OutboundError, json_body
from lti_tool.models import Deployment, Invite, Registration
from lti_tool.observe import log
from lti_tool.parts import parts

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
INVITE_LIFE = dt.timedelta(days=7)

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


def invite(session: Session, secret_hash: Any) -> str:
    """Make a one-time code for a registration link; only its hash is kept."""
    code = secrets.token_urlsafe(18).replace("-", "_")
    session.add(Invite(code_hash=secret_hash(code), expires_at=now() + INVITE_LIFE))
    return code


def find_invite(session: Session, code_hash: str) -> Invite:
    """The invite, if it may still be used; raises LaunchRefused."""
    found = session.scalar(select(Invite).where(Invite.code_hash == code_hash))
    if found is None:
        raise LaunchRefused("invite_unknown")
    if found.used_at is not None:
        raise LaunchRefused("invite_used")
    if found.expires_at < now():
        raise LaunchRefused("invite_expired")
    return found


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


def read_configuration(outbound: Outbound, url: str) -> dict[str, Any]:
    """The platform's openid-configuration, checked; raises LaunchRefused or OutboundError."""
    said = outbound.get_json(url, headers={"Accept": "application/json"})
    needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    if not isinstance(said, dict) or not all(isinstance(said.get(name), str) for name in needed):
        raise LaunchRefused("configuration_incomplete")
    for name in needed:
        if len(said[name]) > (255 if name == "issuer" else 1024):
            raise LaunchRefused("configuration_incomplete")
        if not quirks.same_platform(said["issuer"], said[name]):
            raise LaunchRefused("configuration_foreign_host", name)
    if not quirks.same_platform(said["issuer"], url):
        raise LaunchRefused("configuration_foreign_host", "openid_configuration")
    for name in needed[1:]:
        outbound.check(said[name])
    return said


@dataclass(frozen=True)
class Introduction:
    """What a platform answered to a registration: the registration's columns, and its deployment if it named one."""

    values: dict[str, Any]
    deployment_id: str | None


def introduce(settings: Settings, outbound: Outbound, url: str, token: str | None) -> Introduction:
    """Register the tool at a platform; talks to it and writes nothing, so that no transaction waits for it."""
    platform = read_configuration(outbound, url)
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
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
    """Keep what a platform answered; registering again updates (R5)."""
    row = upsert(session, **introduction.values)
    if introduction.deployment_id:
        approve(session, row, introduction.deployment_id)
    return row


def upsert(session: Session, *, issuer: str, client_id: str, **values: Any) -> Registration:
    """The registration (issuer, client_id) with these values."""
    row = session.scalar(select(Registration).where(Registration.issuer == issuer, Registration.client_id == client_id))
    if row is None:
        row = Registration(issuer=issuer, client_id=client_id)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


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
        row.approved = True
    session.flush()


def register_page() -> Response:
    """GET /lti/register?invite=...&openid_configuration=...[&registration_token=...], inside the LMS's page."""
    g.frame_ancestors = "*"
    url = request.args.get("openid_configuration", "")
    try:
        invited = parts().sessions.hash(request.args.get("invite", ""))
        find_invite(db.session(), invited)
        if not url:
            # The administrator opened the link itself, instead of pasting it into the LMS.
            return make_response(render_template("lti/register.html", row=None, link=request.url, problem=None))
        token = request.args.get("registration_token") or None
        introduction = introduce(parts().settings, parts().outbound, url, token)
        # A GET that writes: not in the request's session, which on SQLite may only read.
        with short_transaction() as session:
            row = store(session, introduction)
            use_invite(session, invited, row)
        parts().platforms.forget()
    except (LaunchRefused, OutboundError) as error:
        db.session.rollback()
        status = getattr(error, "status", 0)
        origin = quirks.ORIGIN.match(url)
        log.warning("registration_refused", reason=error.reason, status=status, origin=origin and origin[1])
        return _failed(error.reason, status)
    log.info("registered", issuer=row.issuer, family=row.family)
    return make_response(render_template("lti/register.html", row=row, problem=None))


def _failed(reason: str, status: int) -> Response:
    if reason.startswith("invite"):
        sentence = _("This registration link has been used, has expired or is not complete.")
        advice = _("Ask for a new link: it is made with the command “leerkring invite” and works once, for a week.")
    elif reason == "status" and status in (401, 403):
        sentence = _("Your LMS did not allow the registration.")
        advice = _("Start again in your LMS with the same link: its own permission lasts an hour.")
    elif reason == "status":
        sentence = _("Your LMS refused the registration (status %(status)s).", status=status)
        advice = _("The link can be used again. If it stays like this, connect by hand: see the documentation.")
    else:
        sentence = _("Leerkring could not reach your LMS, or may not believe its answer (%(reason)s).", reason=reason)
        advice = _("The address of your LMS must be public and begin with https. The link can be used again.")
    page, code = web.error_page(sentence, advice=advice, status=400)
    response = make_response(page, code)
    response.headers["X-Leerkring-Reason"] = reason
    return response
