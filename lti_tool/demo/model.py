"""What an LMS is made of: people, courses, activities, columns, grades, registered tools."""

from dataclasses import dataclass, field
from typing import Literal

from lti_tool.demo.vocab import Json

Role = Literal["editingteacher", "teacher", "student"]
"""Moodle's role names; "teacher" is its non-editing teacher."""


@dataclass
class Person:
    """Somebody with an account. `admin` is the administrator of the whole site."""

    id: str
    given: str
    family: str
    username: str
    email: str
    language: str = "nl"
    admin: bool = False

    @property
    def name(self) -> str:
        """Given and family name, as the LMS shows them."""
        return f"{self.given} {self.family}"


@dataclass
class Course:
    """`history` names the courses this one was copied from, newest first. begins: its first moment, ISO 8601, or ""."""

    id: str
    title: str
    label: str
    sourced_id: str = ""
    history: list[str] = field(default_factory=list)
    begins: str = ""


@dataclass
class Enrolment:
    """One person's role in one course, and the ids of the groups there that they are in ("3,4")."""

    course_id: str
    person_id: str
    role: Role
    groups: str = ""


@dataclass
class Activity:
    """A resource link. Without a `url` it opens the tool's own target_link_uri."""

    id: str
    course_id: str
    client_id: str
    title: str
    text: str = ""
    url: str = ""
    custom: dict[str, str] = field(default_factory=dict)
    icon: str = ""


@dataclass
class Column:
    """A line item.

    `activity_id` says whose column it is and never changes. `resource_link_id` is what the
    line item service shows and a careless PUT erases (M23). A column made through the
    service has no activity, even when it names a resource link (M22).
    """

    id: str
    course_id: str
    client_id: str
    label: str
    score_maximum: float
    resource_id: str = ""
    tag: str = ""
    resource_link_id: str | None = None
    activity_id: str | None = None
    locked: bool = False

    @property
    def coupled(self) -> bool:
        """Whether this is an activity's own column."""
        return self.activity_id is not None


@dataclass
class Grade:
    """What the gradebook holds for one person; `second` is that of the last timestamp."""

    column_id: str
    person_id: str
    score: float | None
    comment: str
    second: int
    overridden: bool = False
    locked: bool = False


@dataclass
class ToolRegistration:
    """One tool as registered; inactive until an administrator activates it (M3)."""

    client_id: str
    deployment_id: str
    client_name: str
    domain: str
    target_link_uri: str
    initiate_login_uri: str
    redirect_uris: list[str]
    jwks_uri: str
    scopes: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    custom_parameters: dict[str, str] = field(default_factory=dict)
    description: str = ""
    logo_uri: str = ""
    active: bool = False

    @property
    def sends_names(self) -> bool:
        """Whether names were asked at registration (M3)."""
        return bool({"name", "given_name", "family_name"} & set(self.claims))

    @property
    def sends_email(self) -> bool:
        """Whether the e-mail address was asked at registration (M3)."""
        return "email" in self.claims

    def message(self, message_type: str) -> Json | None:
        """What the tool registered for a message type, if anything."""
        return next((m for m in self.messages if m.get("type") == message_type), None)
