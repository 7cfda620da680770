"""Tables of the protocol: who may launch, logins under way, browser sessions, launches."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, now


class Registration(Base):
    """The tool as one platform knows it (security framework 1.0, 3.1): unique by issuer and client_id.

    key_set: the platform's JWK set as last fetched with success. scopes: space-separated, granted at
    registration; a token's own scope is what counts (M4). family: product_family_code, lower case.
    """

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255), default="")
    family: Mapped[str] = mapped_column(String(64), default="")
    auth_login_url: Mapped[str] = mapped_column(String(1024))
    auth_token_url: Mapped[str] = mapped_column(String(1024))
    token_audience: Mapped[str | None] = mapped_column(String(1024))
    key_set_url: Mapped[str] = mapped_column(String(1024))
    key_set: Mapped[dict[str, Any] | None]
    key_set_at: Mapped[dt.datetime | None]
    scopes: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=now, onupdate=now)


class Deployment(Base):
    """A deployment of the tool within a platform: a tenant. Noted when first seen, used once approved."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    approved: Mapped[bool]
    first_seen_at: Mapped[dt.datetime] = mapped_column(default=now)

    registration: Mapped[Registration] = relationship()


class Invite(Base):
    """A one-time registration link for an LMS's administrator; used up only by success."""

    __tablename__ = "invite"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))


class LoginAttempt(Base):
    """One third-party initiated login: state and nonce belong together and serve once."""

    __tablename__ = "login_attempt"

    state: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str | None] = mapped_column(String(255))
    target_link_uri: Mapped[str] = mapped_column(String(1024))
    storage_target: Mapped[str | None] = mapped_column(String(255))
    reopen_url: Mapped[str] = mapped_column(String(1024))
    created_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
    used_at: Mapped[dt.datetime | None]

    registration: Mapped[Registration] = relationship()


class BrowserSession(Base):
    """A browser that launched as one person. Only a keyed hash of the cookie's token is kept."""

    __tablename__ = "browser_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)


class Launch(Base):
    """One verified launch: what a page at /l/<id>/ may act on, for the browser whose session holds it.

    session_hash is NULL until the browser is proven to be the one that logged in. roles: the LMS
    roles of this launch as claims.Roles writes them. deep_linking holds the LMS's return address and with it a
    session key of the LMS (M10): never log it.
    """

    __tablename__ = "launch"
    __table_args__ = (Index("ix_launch_session_hash", "session_hash"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_hash: Mapped[str | None] = mapped_column(ForeignKey("browser_session.token_hash", ondelete="SET NULL"))
    handover_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    handover_expires_at: Mapped[dt.datetime | None]
    storage_proof: Mapped[str | None] = mapped_column(String(128))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    resource_link_id: Mapped[int | None] = mapped_column(ForeignKey("resource_link.id"))
    roles: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str] = mapped_column(String(8), default="nl")
    reopen_url: Mapped[str] = mapped_column(String(1024), default="")
    frame_ancestors: Mapped[str] = mapped_column(String(512), default="")
    deep_linking: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
