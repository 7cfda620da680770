"""Dynamic Registration 1.0 as Moodle does it (lti.md M1 to M5, recorded)."""

import secrets
import threading
from typing import Any
from urllib.parse import urlencode, urlsplit

from lti_tool.demo.addresses import Addresses
from lti_tool.demo.model import ToolRegistration
from lti_tool.demo.school import School
from lti_tool.demo.vocab import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION, Json

TOKEN_LIFE = 3600


class RegistrationError(Exception):
    """Why a registration is refused, and with which status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Registrar:
    """Hands out registration tokens and takes the registrations made with them."""

    def __init__(self, school: School, addresses: Addresses) -> None:
        self.school = school
        self.addresses = addresses
        self._lock = threading.Lock()
        self._expiry: dict[str, float] = {}

    def invite(self) -> str:
        """A registration token: good once, for an hour (M1)."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._expiry[token] = self.school.clock() + TOKEN_LIFE
        return token

    def address(self, registration_url: str) -> str:
        """The tool's registration link with what the LMS adds to it."""
        added = urlencode(
            {
                "openid_configuration": self.addresses.configuration,
                "registration_token": self.invite(),
            }
        )
        return f"{registration_url}{'&' if '?' in registration_url else '?'}{added}"

    def register(self, token: str | None, sent: Any) -> Json:
        """Store a tool and answer as recorded. The same domain again updates it (M5)."""
        if token is None:
            raise RegistrationError(401, "missing_registration_token")
        with self._lock:
            expiry = self._expiry.get(token)
        if expiry is None:
            raise RegistrationError(401, "token_already_used")
        if expiry <= self.school.clock():
            raise RegistrationError(401, "registration token expired")
        tool = _read(sent)
        with self._lock:
            if self._expiry.pop(token, None) is None:
                raise RegistrationError(401, "token_already_used")
        with self.school.changing():
            known = next((t for t in self.school.tools.values() if t.domain == tool.domain), None)
            if known:
                tool.client_id, tool.deployment_id = known.client_id, known.deployment_id
                tool.active = known.active
            else:
                # Moodle's client ids are 15 letters and digits, its deployment id a row number.
                tool.client_id = secrets.token_hex(8)[:15]
                tool.deployment_id = self.school.next_id("tool")
            self.school.tools[tool.client_id] = tool
        return _answer(tool)


def _required(sent: Json, name: str, kind: type) -> Any:
    value = sent.get(name)
    if not value:
        raise RegistrationError(400, f"missing required attribute {name}")
    if not isinstance(value, kind):
        raise RegistrationError(400, f"invalid_{name}")
    return value


def _address(sent: Json, name: str) -> str:
    value: str = _required(sent, name, str)
    if not is_address(value):
        raise RegistrationError(400, f"invalid_{name}")
    return value


def is_address(value: Any) -> bool:
    """Whether this is a whole http(s) address without a fragment."""
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.fragment


def _read(sent: Any) -> ToolRegistration:
    """A tool as it describes itself, still without the ids that the LMS gives it."""
    if not isinstance(sent, dict):
        raise RegistrationError(400, "no JSON object")
    if "id_token" not in _required(sent, "response_types", list):
        raise RegistrationError(400, "invalid_response_types")
    if not {"implicit", "client_credentials"} <= set(_required(sent, "grant_types", list)):
        raise RegistrationError(400, "invalid_grant_types")
    if _required(sent, "token_endpoint_auth_method", str) != "private_key_jwt":
        raise RegistrationError(400, "invalid_token_endpoint_auth_method")
    if _required(sent, "application_type", str) != "web":
        raise RegistrationError(400, "invalid_application_type")
    redirect_uris: list[str] = _required(sent, "redirect_uris", list)
    if not all(is_address(uri) for uri in redirect_uris):
        raise RegistrationError(400, "invalid_redirect_uris")
    scope = sent.get("scope", "")
    if not isinstance(scope, str):
        raise RegistrationError(400, "invalid_scope")

    configuration: Json = _required(sent, TOOL_CONFIGURATION, dict)
    if not configuration.get("domain"):
        raise RegistrationError(400, "missing_domain")
    domain: str = _required(configuration, "domain", str)
    target_link_uri = _address(configuration, "target_link_uri")
    if urlsplit(target_link_uri).netloc != domain:
        raise RegistrationError(400, "domain_targetlinkuri_mismatch")
    custom = configuration.get("custom_parameters", {})
    if not isinstance(custom, dict) or not all(isinstance(v, str) for v in custom.values()):
        raise RegistrationError(400, "invalid_custom_parameters")
    messages = configuration.get("messages", [])
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise RegistrationError(400, "invalid_messages")

    return ToolRegistration(
        client_id="",
        deployment_id="",
        client_name=_required(sent, "client_name", str),
        domain=domain,
        target_link_uri=target_link_uri,
        initiate_login_uri=_address(sent, "initiate_login_uri"),
        redirect_uris=redirect_uris,
        jwks_uri=_address(sent, "jwks_uri"),
        scopes=[known for known in SCOPES if known in scope.split()],
        claims=list(configuration.get("claims", [])),
        messages=messages,
        custom_parameters=custom,
        description=configuration.get("description", ""),
        logo_uri=sent.get("logo_uri", ""),
    )


def _answer(tool: ToolRegistration) -> Json:
    """The registration as the LMS understood it: scopes and claims are what it grants."""
    names = ["name", "family_name", "given_name"] if tool.sends_names else []
    email = ["email"] if tool.sends_email else []
    configuration: Json = {
        "version": "1.3.0",
        "deployment_id": tool.deployment_id,
        "target_link_uri": tool.target_link_uri,
        "domain": tool.domain,
        "description": tool.description,
        "claims": ["sub", "iss", *names, *email],
    }
    # Moodle repeats only the deep linking message, and of it only type and address.
    if message := tool.message(DEEP_LINKING):
        known = {k: message[k] for k in ("type", "target_link_uri") if k in message}
        configuration["messages"] = [known]
    if tool.custom_parameters:
        configuration["custom_parameters"] = tool.custom_parameters
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.jwks_uri,
        "initiate_login_uri": tool.initiate_login_uri,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": tool.redirect_uris,
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.client_name,
        "logo_uri": tool.logo_uri,
        "scope": " ".join(tool.scopes),
        TOOL_CONFIGURATION: configuration,
    }
