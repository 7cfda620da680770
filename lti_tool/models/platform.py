"""Tables of the protocol: who may launch, logins that were answered, browser sessions, launches."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, coded, now
from lti_tool.models.school import School


class Registration(Base):
    """The tool as one platform knows it (security framework 1.0, 3.1): unique by issuer and client_id.

    key_set: the platform's JWK set as last fetched with success. scopes: space-separated, granted at
    registration; a token's own scope is what counts (M4). family: product_family_code, lower case. frame_origins:
    space-separated origins that may frame the tool's pages beside the platform's own (Open edX, O10). realm: whose
    people its launches bring, beside the issuer: the key set address it was registered with, or that of a
    registration which publishes the same keys or was joined. service_origins: further origins, separated by spaces,
    at which the platform's services may be called; origins_waiting: those that launches named, until the operator
    admits them.
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
    frame_origins: Mapped[str] = mapped_column(String(512), default="")
    realm: Mapped[str] = mapped_column(String(1024), default="")
    service_origins: Mapped[str] = mapped_column(Text, default="")
    origins_waiting: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=now, onupdate=now)


class Held(StrEnum):
    """Why nobody launches from a deployment that was approved once: paused for a while, or withdrawn for good."""

    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Deployment(Base):
    """A deployment of the tool within a platform: a tenant. Noted when first seen, used once approved.

    school: one of its own, until an administrator joins it with others. held: why it is not approved any more, where
    somebody decided that.
    """

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    approved: Mapped[bool]
    held: Mapped[Held | None] = mapped_column(coded(Held))
    first_seen_at: Mapped[dt.datetime] = mapped_column(default=now)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)

    registration: Mapped[Registration] = relationship()
    school: Mapped[School] = relationship()

    def __init__(self, **values: Any) -> None:
        super().__init__(**({} if "school_id" in values else {"school": School()}) | values)


class PlatformMove(Base):
    """That what was one platform's became another's: an LMS has a new address, or a new client.

    record: what it takes to undo it (domain.relocation.record): numbers and addresses, nobody's name. Emptied once it
    is undone.
    """

    __tablename__ = "platform_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    old_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    new_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    moved_at: Mapped[dt.datetime] = mapped_column(default=now)
    undone_at: Mapped[dt.datetime | None]
    record: Mapped[dict[str, Any]] = mapped_column(deferred=True)


class Invite(Base):
    """A one-time registration link for an LMS's administrator; used up only by success.

    issuer: the only one it serves, once one was met. registration_id: what it was used for; of an unused one, the
    registration that it may change. tries: since tried_at, in the hour under way.
    """

    __tablename__ = "invite"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    issuer: Mapped[str | None] = mapped_column(String(255))
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[dt.datetime | None]


class BurntNonce(Base):
    """The nonce of a login that was answered: whoever comes second cannot make this row. Kept for a day."""

    __tablename__ = "burnt_nonce"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)


class BrowserSession(Base):
    """A browser that launched as one person. Only a keyed hash of the cookie's token is kept.

    created_at: of the launch that began it. used_at: when its person last did something, to within some minutes.
    browser: what kind it is (door.browsers.kind).
    """

    __tablename__ = "browser_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
    used_at: Mapped[dt.datetime] = mapped_column(default=now)
    browser: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))


class Launch(Base):
    """One verified launch: what a page at /l/<id>/ may act on, for the browser whose session holds it.

    session_hash is NULL until the browser is proven to be the one that logged in. roles: the LMS
    roles of this launch as claims.Roles writes them. step, cycle_number: the page that the launch's own values named,
    where it has a placement (several items may stand behind one link). community_id: which of the course's communities
    it is in (community.seating); a placement is in none. Both it and course_id are NULL for an approve activity
    (domain/hours/outside), which has no part in the course it stands in. deep_linking holds the LMS's return address
    and with it a session key of the LMS (M10): never log it.
    """

    __tablename__ = "launch"
    __table_args__ = (
        Index("ix_launch_session_hash", "session_hash"),
        CheckConstraint("(course_id IS NULL) = (community_id IS NULL)", "in_one"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_hash: Mapped[str | None] = mapped_column(ForeignKey("browser_session.token_hash", ondelete="SET NULL"))
    handover_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    handover_expires_at: Mapped[dt.datetime | None]
    storage_proof: Mapped[str | None] = mapped_column(String(128))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"), index=True)
    resource_link_id: Mapped[int | None] = mapped_column(ForeignKey("resource_link.id"))
    step: Mapped[str | None] = mapped_column(String(32))
    cycle_number: Mapped[int | None]
    roles: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str] = mapped_column(String(8), default="nl")
    reopen_url: Mapped[str] = mapped_column(String(1024), default="")
    frame_ancestors: Mapped[str] = mapped_column(String(1024), default="")
    deep_linking: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
