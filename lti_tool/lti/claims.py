"""What a launch says, read once with marshmallow into `LaunchClaims`; unknown claims are ignored (K4).

Source: LTI core 1.3 section 5.3 and 5.4, AGS 2.0 section 3.1, NRPS 2.0 section 3.6.1, deep linking
2.0 section 4.4; M6, M10 and M11 for what Moodle makes of them.
"""

import html
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from lti_tool.lti import LaunchRefused

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

ID = validate.Length(min=1, max=255)
URL_LENGTH = validate.Length(max=1024)

# Context roles, strongest first: what the person is in this course (core 1.3, A.2.3; short names are
# deprecated there and what Moodle's roster sends, M30).
CONTEXT_ROLES = {
    "instructor": {"Instructor", "TeachingAssistant", "ContentDeveloper", "Administrator", "Manager"},
    "learner": {"Learner", "Student"},
}
MEMBERSHIP = (
    "http://purl.imsglobal.org/vocab/lis/v2/membership#",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/",
)
ADMINISTRATORS = {
    f"http://purl.imsglobal.org/vocab/lis/v2/{where}/person#{who}"
    for where in ("institution", "system")
    for who in ("Administrator", "SysAdmin")
}


@dataclass(frozen=True)
class Roles:
    """The LMS's roles, reduced to what matters here. course: "instructor", "learner" or "" (neither)."""

    course: str
    administrator: bool

    @property
    def stored(self) -> str:
        """As one string, for Launch.roles."""
        return self.course + (" administrator" if self.administrator else "")


def read_roles(values: list[Any]) -> Roles:
    """Reduce a list of role URIs or short names; what is unknown counts for nothing (T2 to T5, L2 to L5)."""
    known = [value for value in values if isinstance(value, str) and value]
    names = set()
    for value in known:
        if value.startswith(MEMBERSHIP):
            # A sub-role reads .../membership/Instructor#TeachingAssistant: its own name decides first.
            names.add(value.rsplit("#", 1)[-1])
            if value.startswith(MEMBERSHIP[1]):
                names.add(value[len(MEMBERSHIP[1]) :].split("#", 1)[0])
        elif "/" not in value and ":" not in value:
            names.add(value)
    course = next((role for role, called in CONTEXT_ROLES.items() if names & called), "")
    return Roles(course, bool(ADMINISTRATORS & set(known)))


def storable(text: str) -> bool:
    """Whether both databases can hold it: no zero byte, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


class _Storable(fields.String):
    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(*args, **kwargs)
        if not storable(text):
            raise self.make_error("invalid_utf8")
        return text


class _StorableUrl(_Storable, fields.Url):
    pass


class _Loose(Schema):
    class Meta:
        unknown = EXCLUDE


class _Context(_Loose):
    id = _Storable(required=True, validate=ID)
    title = _Storable(allow_none=True)
    label = _Storable(allow_none=True)


class _ResourceLink(_Loose):
    id = _Storable(required=True, validate=ID)
    title = _Storable(allow_none=True)


class _Presentation(_Loose):
    locale = _Storable(allow_none=True)
    return_url = _Storable(allow_none=True)


class _Platform(_Loose):
    product_family_code = _Storable(allow_none=True)
    name = _Storable(allow_none=True)


class _Endpoint(_Loose):
    scope = fields.List(_Storable())
    # "" where Moodle only has a column that is not tied to the activity (M21).
    lineitem = _Storable(allow_none=True, validate=URL_LENGTH)
    lineitems = _Storable(allow_none=True, validate=URL_LENGTH)


class _NamesRoles(_Loose):
    context_memberships_url = _Storable(required=True, validate=URL_LENGTH)


class _DeepLinking(_Loose):
    deep_link_return_url = _StorableUrl(required=True, schemes={"http", "https"}, require_tld=False)
    accept_types = fields.List(_Storable(), required=True)
    accept_multiple = fields.Boolean(allow_none=True)
    accept_lineitem = fields.Boolean(allow_none=True)
    data = fields.Raw(allow_none=False)


class _Launch(_Loose):
    sub = _Storable(required=True, validate=ID)
    version = _Storable(required=True, data_key=LTI + "version", validate=validate.Equal("1.3.0"))
    message_type = _Storable(required=True, data_key=LTI + "message_type")
    deployment_id = _Storable(required=True, data_key=LTI + "deployment_id", validate=ID)
    target_link_uri = _Storable(data_key=LTI + "target_link_uri", allow_none=True)
    roles = fields.List(fields.Raw(allow_none=True), required=True, data_key=LTI + "roles")
    context = fields.Nested(_Context, data_key=LTI + "context", allow_none=True)
    resource_link = fields.Nested(_ResourceLink, data_key=LTI + "resource_link")
    presentation = fields.Nested(_Presentation, data_key=LTI + "launch_presentation", allow_none=True)
    platform = fields.Nested(_Platform, data_key=LTI + "tool_platform", allow_none=True)
    custom = fields.Dict(data_key=LTI + "custom", allow_none=True)
    endpoint = fields.Nested(_Endpoint, data_key=AGS, allow_none=True)
    names_roles = fields.Nested(_NamesRoles, data_key=NRPS, allow_none=True)
    deep_linking = fields.Nested(_DeepLinking, data_key=DEEP_LINKING)
    name = _Storable(allow_none=True)
    given_name = _Storable(allow_none=True)
    family_name = _Storable(allow_none=True)
    locale = _Storable(allow_none=True)


_schema = _Launch()

# The certification suite wants one reason a fault (lti.md 1a, B3 to B12).
_REASONS = {
    LTI + "version": "version",
    LTI + "message_type": "no_message_type",
    LTI + "deployment_id": "no_deployment_id",
    LTI + "roles": "no_roles",
    LTI + "resource_link": "no_resource_link",
    DEEP_LINKING: "deep_linking_settings",
    "sub": "no_sub",
}


@dataclass(frozen=True)
class LaunchClaims:
    """A verified launch, in the tool's own words. Empty strings and None mean: the LMS did not say."""

    message_type: str
    deployment_id: str
    sub: str
    roles: Roles
    name: str
    locale: str
    context_id: str | None
    context_title: str
    resource_link_id: str | None
    resource_link_title: str
    custom: dict[str, str]
    family: str
    platform_name: str
    scopes: tuple[str, ...]
    line_items_url: str
    line_item_url: str
    memberships_url: str | None
    deep_linking: dict[str, Any] | None
    history: list[str]
    return_url: str


RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"


def read_claims(body: dict[str, Any]) -> LaunchClaims:
    """Check and read the claims of a token whose signature holds; raises LaunchRefused with a reason."""
    try:
        said = _schema.load(body)
    except ValidationError as error:
        faults = list(error.messages_dict)
        # Several at once (B6): name the first in the order above, and all of them in the log.
        first = next((key for key in _REASONS if key in faults), faults[0])
        reason = _REASONS.get(first, "malformed_claim")
        if first == LTI + "version" and first not in body:
            reason = "no_version"
        raise LaunchRefused(reason, ", ".join(sorted(map(str, faults)))) from error
    message_type = said["message_type"]
    if message_type in (RESOURCE_LINK_REQUEST, SUBMISSION_REVIEW_REQUEST):
        if "resource_link" not in said:
            raise LaunchRefused("no_resource_link")
    elif message_type == DEEP_LINKING_REQUEST:
        if "deep_linking" not in said:
            raise LaunchRefused("deep_linking_settings")
    else:
        raise LaunchRefused("message_type", message_type[:64])
    context = said.get("context") or {}
    link = said.get("resource_link") or {}
    endpoint = said.get("endpoint") or {}
    platform = said.get("platform") or {}
    custom = read_custom(said.get("custom") or {})
    return LaunchClaims(
        message_type=message_type,
        deployment_id=said["deployment_id"],
        sub=said["sub"],
        roles=read_roles(said["roles"]),
        name=read_name(said.get("name"), said.get("given_name"), said.get("family_name")),
        locale=read_locale((said.get("presentation") or {}).get("locale") or said.get("locale")),
        context_id=context.get("id"),
        context_title=_text(context.get("title") or context.get("label")),
        resource_link_id=link.get("id"),
        resource_link_title=_text(link.get("title")),
        custom=custom,
        family=(platform.get("product_family_code") or "").lower()[:64],
        platform_name=_text(platform.get("name")),
        scopes=tuple(endpoint.get("scope") or ()),
        line_items_url=endpoint.get("lineitems") or "",
        line_item_url=endpoint.get("lineitem") or "",
        memberships_url=(said.get("names_roles") or {}).get("context_memberships_url"),
        deep_linking=said.get("deep_linking"),
        history=[unquote(part) for part in custom.get("context_history", "").split(",") if part],
        return_url=(said.get("presentation") or {}).get("return_url") or "",
    )


def read_custom(values: dict[Any, Any]) -> dict[str, str]:
    """Custom parameters as strings under lower-case names (M11); an unresolved $Variable is absent (K7)."""
    return {
        str(key).lower(): str(value)
        for key, value in values.items()
        if value is not None and not str(value).startswith("$")
    }


def read_name(name: str | None, given: str | None = None, family: str | None = None) -> str:
    """A person's full name, HTML entities decoded (M31); "" when the LMS shares none."""
    return _text(name) or _text(f"{given or ''} {family or ''}")


def _text(value: str | None) -> str:
    return " ".join(html.unescape(value or "").split())[:255]


def read_locale(value: str | None) -> str:
    """ "nl_NL", "en-US", "pt_br" (M10) -> the language spoken here: "nl" or "en"; "" when not said."""
    language = (value or "").replace("_", "-").split("-", 1)[0].lower()
    if not language:
        return ""
    return "nl" if language in ("nl", "af", "fy") else "en"
