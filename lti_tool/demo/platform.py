"""The platform in OpenID Connect: login initiation, authentication, signing, discovery.

Security Framework 1.0, section 5.1, as Moodle's auth.php does it (lti.md M6 to M12).
"""

import dataclasses
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from lti_tool.demo.addresses import Addresses
from lti_tool.demo.deeplink import DeepLinks
from lti_tool.demo.keys import SigningKey
from lti_tool.demo.messages import Messages, changed
from lti_tool.demo.model import Activity, Person, ToolRegistration
from lti_tool.demo.school import School
from lti_tool.demo.vocab import (
    DEEP_LINKING,
    PLATFORM_CONFIGURATION,
    RESOURCE_LINK,
    SCOPES,
    Json,
)

VARIABLES = (
    "basic-lti-launch-request",
    "ContentItemSelectionRequest",
    "Context.id",
    "Context.title",
    "Context.label",
    "Context.id.history",
    "Context.sourcedId",
    "CourseSection.title",
    "CourseSection.label",
    "CourseSection.sourcedId",
    "CourseSection.timeFrame.begin",
    "CourseSection.timeFrame.end",
    "ResourceLink.id",
    "ResourceLink.title",
    "ResourceLink.description",
    "User.id",
    "User.username",
    "Person.name.full",
    "Person.name.given",
    "Person.name.family",
    "Person.email.primary",
    "Person.sourcedId",
    "Person.address.timezone",
    "Membership.role",
    "Moodle.Person.userGroupIds",
)


class AuthError(Exception):
    """An authentication request that can't even be answered: nobody to trust with the answer."""


@dataclass(frozen=True)
class FormPost:
    """A form that the browser is made to POST."""

    url: str
    fields: dict[str, str]


@dataclass
class Launch:
    """A login that was initiated and not yet answered. Deep linking has no activity."""

    person_id: str
    course_id: str
    client_id: str
    activity_id: str | None
    target: str
    changes: dict[str, Any] = field(default_factory=dict)
    language: str = ""


class Platform:
    """One issuer. What the pages do over HTTP, a test can do by calling these methods."""

    def __init__(self, school: School, addresses: Addresses, deep_links: DeepLinks) -> None:
        self.school = school
        self.addresses = addresses
        self.deep_links = deep_links
        self.messages = Messages(school, addresses)
        self._lock = threading.Lock()
        self._launches: dict[str, Launch] = {}
        self._sesskeys: dict[str, str] = {}

    # Signing

    def claims(
        self,
        person: Person | str,
        activity: Activity | str,
        *,
        nonce: str | None = None,
        target: str = "iframe",
        message_type: str = RESOURCE_LINK,
        **changes: Any,
    ) -> Json:
        """The claims of a launch. A change names a claim in full or in short; ABSENT drops it."""
        person = self.school.people[person] if isinstance(person, str) else person
        activity = self.school.activities[activity] if isinstance(activity, str) else activity
        claims = self.messages.resource_link(
            person,
            activity,
            nonce or secrets.token_hex(16),
            target,
            self.sesskey(person.id),
            message_type,
        )
        return changed(claims, changes)

    def sign(self, claims: Json, headers: Json | None = None, key: Any = None, algorithm: str = "RS256") -> str:
        """A JWT of these claims, by the newest key unless told otherwise.

        `headers` are added; one that is None is left out, so headers={"kid": None} has no kid.
        """
        signing = self.school.signing_keys[-1]
        header = {"kid": signing.kid} | (headers or {})
        header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(claims, signing.private if key is None else key, algorithm, header)

    def rotate_keys(self, keep_old: bool = True) -> str:
        """Sign with a new key from now on; with keep_old the JWKS still lists the others."""
        with self.school.changing():
            for old in self.school.signing_keys:
                old.published = old.published and keep_old
            new = SigningKey.generate()
            self.school.signing_keys.append(new)
            return new.kid

    def jwks(self) -> Json:
        """The published keys."""
        return {"keys": [key.jwk() for key in self.school.signing_keys if key.published]}

    # Login

    def initiate_login(
        self,
        person: Person | str,
        activity: Activity | str,
        *,
        target: str = "iframe",
        language: str = "",
        **changes: Any,
    ) -> FormPost:
        """Third-party-initiated login of a launch; the changes will be made to its claims.

        `language` is that of the LMS's pages, where it is not the person's own.
        """
        person_id = person if isinstance(person, str) else person.id
        activity = self.school.activities[activity] if isinstance(activity, str) else activity
        tool = self.school.tools[activity.client_id]
        hint = {
            "cmid": int(activity.id),
            "launchid": f"ltilaunch{activity.id}_{secrets.randbelow(10**10)}",
        }
        launch = Launch(person_id, activity.course_id, tool.client_id, activity.id, target, changes, language)
        return self._initiate(launch, tool, hint, activity.url or tool.target_link_uri)

    def initiate_deep_linking(
        self, person: Person | str, course_id: str, client_id: str, *, language: str = "", **changes: Any
    ) -> FormPost:
        """Third-party-initiated login of a content selection (recorded: a hint without cmid)."""
        person_id = person if isinstance(person, str) else person.id
        tool = self.school.tools[client_id]
        hint = {"launchid": f"ltilaunch_ContentItemSelectionRequest{secrets.randbelow(10**10)}"}
        launch = Launch(person_id, course_id, client_id, None, "iframe", changes, language)
        return self._initiate(launch, tool, hint, deep_linking_target(tool))

    def _initiate(self, launch: Launch, tool: ToolRegistration, hint: Json, target_link_uri: str) -> FormPost:
        message_hint = json.dumps(hint, separators=(",", ":"))
        with self._lock:
            self._launches[message_hint] = launch
        return FormPost(
            tool.initiate_login_uri,
            {
                "iss": self.addresses.issuer,
                "target_link_uri": target_link_uri,
                "login_hint": launch.person_id,
                "lti_message_hint": message_hint,
                "client_id": tool.client_id,
                "lti_deployment_id": tool.deployment_id,
            },
        )

    def authenticate(self, asked: Mapping[str, str]) -> FormPost:
        """Answer an authentication request by a form with id_token, or with error, and state.

        Raises AuthError when client or redirect_uri are not registered: answering there
        would hand the error to a stranger (Moodle shows a page of its own too).
        """
        tool = self.school.tools.get(asked.get("client_id", ""))
        if tool is None:
            raise AuthError("unknown client_id")
        redirect_uri = asked.get("redirect_uri", "")
        if redirect_uri not in tool.redirect_uris:
            raise AuthError("redirect_uri is not registered")
        # Taken whatever the outcome: a hint is good for one request (M7).
        with self._lock:
            launch = self._launches.pop(asked.get("lti_message_hint", ""), None)
        state = {"state": asked["state"]} if "state" in asked else {}
        refused = self._refused(asked, tool, launch)
        if refused:
            error, description = refused
            return FormPost(redirect_uri, {"error": error, "error_description": description} | state)
        assert launch is not None
        return FormPost(redirect_uri, {"id_token": self._id_token(launch, asked["nonce"])} | state)

    def _refused(
        self, asked: Mapping[str, str], tool: ToolRegistration, launch: Launch | None
    ) -> tuple[str, str] | None:
        for name in ("scope", "response_type", "login_hint", "nonce", "state"):
            if not asked.get(name):
                return "invalid_request", f"{name} is missing"
        if asked["scope"] != "openid":
            return "invalid_scope", "scope is not openid"
        if asked["response_type"] != "id_token":
            return "unsupported_response_type", "response_type is not id_token"
        if asked.get("response_mode") != "form_post":
            return "invalid_request", "Invalid response_mode"
        if asked.get("prompt") != "none":
            return "invalid_request", "Invalid prompt"
        if launch is None:
            return "invalid_request", "lti_message_hint is unknown or used"
        if launch.client_id != tool.client_id or not tool.active:
            return "unauthorized_client", "this launch is not of this client, or it is not active"
        if asked["login_hint"] != launch.person_id:
            return "access_denied", "login_hint is not who is logged in"
        return None

    def _id_token(self, launch: Launch, nonce: str) -> str:
        person = self.school.people[launch.person_id]
        person = dataclasses.replace(person, language=launch.language or person.language)
        if launch.activity_id is not None:
            changes = {"target": launch.target, "nonce": nonce} | launch.changes
            return self.sign(self.claims(person, launch.activity_id, **changes))
        course = self.school.courses[launch.course_id]
        tool = self.school.tools[launch.client_id]
        claims = self.messages.common(person, course, tool, DEEP_LINKING, nonce)
        claims |= self.deep_links.request_claims(person, course, tool, deep_linking_target(tool))
        return self.sign(changed(claims, launch.changes))

    def sesskey(self, person_id: str) -> str:
        """The secret of a person's session, which Moodle puts in every return_url (M10)."""
        with self._lock:
            return self._sesskeys.setdefault(person_id, secrets.token_hex(5))

    def person_of(self, sesskey: str) -> Person | None:
        """Whose session has this sesskey."""
        with self._lock:
            owner = next((p for p, key in self._sesskeys.items() if key == sesskey), None)
        return self.school.people.get(owner) if owner else None

    # Discovery

    def configuration(self) -> Json:
        """The OpenID configuration, as recorded."""
        return {
            "issuer": self.addresses.issuer,
            "token_endpoint": self.addresses.token,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": self.addresses.jwks,
            "authorization_endpoint": self.addresses.auth,
            "registration_endpoint": self.addresses.registration,
            "scopes_supported": [*SCOPES, "openid"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
            PLATFORM_CONFIGURATION: {
                "product_family_code": "moodle",
                "version": "4.5.6 (Build: 20250811)",
                "messages_supported": [
                    {"type": RESOURCE_LINK},
                    {"type": DEEP_LINKING, "placements": ["ContentArea"]},
                ],
                "variables": list(VARIABLES),
            },
        }


def deep_linking_target(tool: ToolRegistration) -> str:
    """Where content is selected: what the deep linking message says, else the tool's own."""
    message = tool.message(DEEP_LINKING) or {}
    return message.get("target_link_uri") or tool.target_link_uri
