"""What a launch says, read once with marshmallow into `LaunchClaims`; unknown claims are ignored (K4).

Only what security rests on costs a launch: message, version, deployment, person, roles, and the ids of context and
resource link (B3 to B12, K6). Any other claim of another shape than the standard's counts as not said (O6).

Source: LTI core 1.3 section 5.3 and 5.4, AGS 2.0 section 3.1, NRPS 2.0 section 3.6.1, deep linking
2.0 section 4.4; M6, M10 and M11 for what Moodle makes of them.
"""

import datetime as dt
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from lti_tool.lti import LaunchRefused, quirks
from lti_tool.observe import log

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
LIS = LTI + "lis"
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


# Who looks at a course as a made-up student (Canvas' student view, O12).
TEST_USER = "/system/person#TestUser"
# Roles in a school or on a site, not in a course.
ELSEWHERE = "/person#"


@dataclass(frozen=True)
class Roles:
    """The LMS's roles, reduced to what matters here. course: "instructor", "learner" or "" (neither).

    other: a role in the course that has no place here (Mentor, Member, Officer, one nobody knows); test: a test user.
    """

    course: str
    administrator: bool
    other: bool = False
    test: bool = False

    @property
    def stored(self) -> str:
        """As one string, for Launch.roles."""
        return (self.course or ("other" if self.other else "")) + (" administrator" if self.administrator else "")


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
    return Roles(
        course,
        administrator=bool(ADMINISTRATORS & set(known)),
        other=not course and any(ELSEWHERE not in value for value in known),
        test=any(value.endswith(TEST_USER) for value in known),
    )


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


class _Echoed(fields.Raw):
    """What is sent back as it came: anything that a database keeps as JSON."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        value = super()._deserialize(*args, **kwargs)
        try:
            json.dumps(value, allow_nan=False)
        except (ValueError, RecursionError) as error:
            raise self.make_error("validator_failed") from error
        return value


class _Context(_Loose):
    id = _Storable(required=True, validate=ID)
    title = _Storable()
    label = _Storable()


class _ResourceLink(_Loose):
    id = _Storable(required=True, validate=ID)
    title = _Storable()


class _Presentation(_Loose):
    locale = _Storable()
    return_url = _Storable()


class _Platform(_Loose):
    product_family_code = _Storable()
    name = _Storable()


class _Endpoint(_Loose):
    scope = fields.List(_Storable())
    # "" where Moodle only has a column that is not tied to the activity (M21).
    lineitem = _Storable(validate=URL_LENGTH)
    lineitems = _Storable(validate=URL_LENGTH)


class _NamesRoles(_Loose):
    context_memberships_url = _Storable(validate=URL_LENGTH)


class _Lis(_Loose):
    course_section_sourcedid = _Storable(validate=validate.Length(max=255))


class _Extension(_Loose):
    # Moodle's own (M6).
    user_username = _Storable(validate=validate.Length(max=255))


class _DeepLinking(_Loose):
    deep_link_return_url = _StorableUrl(required=True, schemes={"http", "https"}, require_tld=False)
    accept_types = fields.List(_Storable())
    accept_multiple = fields.Boolean()
    accept_lineitem = fields.Boolean()
    title = _Storable()
    text = _Storable()
    data = _Echoed()


class _Launch(_Loose):
    sub = _Storable(required=True, validate=ID)
    version = _Storable(required=True, data_key=LTI + "version", validate=validate.Equal("1.3.0"))
    message_type = _Storable(required=True, data_key=LTI + "message_type")
    deployment_id = _Storable(required=True, data_key=LTI + "deployment_id", validate=ID)
    roles = fields.List(fields.Raw(allow_none=True), required=True, data_key=LTI + "roles")
    context = fields.Nested(_Context, data_key=LTI + "context")
    resource_link = fields.Nested(_ResourceLink, data_key=LTI + "resource_link")
    presentation = fields.Nested(_Presentation, data_key=LTI + "launch_presentation")
    platform = fields.Nested(_Platform, data_key=LTI + "tool_platform")
    custom = fields.Dict(data_key=LTI + "custom")
    endpoint = fields.Nested(_Endpoint, data_key=AGS)
    names_roles = fields.Nested(_NamesRoles, data_key=NRPS)
    deep_linking = fields.Nested(_DeepLinking, data_key=DEEP_LINKING)
    lis = fields.Nested(_Lis, data_key=LIS)
    ext = fields.Nested(_Extension, data_key=LTI + "ext")
    email = _Storable(validate=validate.Length(max=255))
    name = _Storable()
    given_name = _Storable()
    family_name = _Storable()
    locale = _Storable()


_schema = _Launch()

# Whoever lacks one of these is refused; the certification suite wants one reason a fault (lti.md 1a, B3 to B12).
_REASONS = {
    LTI + "version": "version",
    LTI + "message_type": "no_message_type",
    LTI + "deployment_id": "no_deployment_id",
    LTI + "roles": "no_roles",
    "sub": "no_sub",
}


@dataclass(frozen=True)
class LaunchClaims:
    """A verified launch, in the tool's own words. Empty strings and None mean: the LMS did not say.

    email, login: compared with what a school's provision list names, and kept nowhere.
    """

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
    context_label: str
    context_sis_id: str
    context_begins: dt.datetime | None
    email: str = field(repr=False)
    login: str = field(repr=False)


RESOURCE_LINK = "ltiResourceLink"
RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"


def _reason(missing: str, body: dict[str, Any]) -> str:
    """What is said of a claim that is needed: of two of them that it is there, and cannot be read."""
    if missing == LTI + "version" and missing not in body:
        return "no_version"
    if missing == LTI + "roles" and body.get(missing) not in (None, ""):
        return "roles_no_list"
    return _REASONS[missing]


def read_claims(body: dict[str, Any]) -> LaunchClaims:
    """Check and read the claims of a token whose signature holds; raises LaunchRefused with a reason."""
    try:
        said = _schema.load(body)
    except ValidationError as error:
        faults = error.messages_dict
        # Several at once (B6): name the first in the order above, and all of them in the log.
        missing = [key for key in _REASONS if key in faults]
        if missing:
            raise LaunchRefused(_reason(missing[0], body), ", ".join(sorted(missing))) from error
        said = error.valid_data
        log.info("claims_ignored", faults=dict(_named(faults)))
    _require_ids(body, said)
    roles = read_roles(said["roles"])
    if roles.test:
        raise LaunchRefused("test_user")
    context, link = said.get("context", {}), said.get("resource_link", {})
    endpoint, platform = said.get("endpoint", {}), said.get("platform", {})
    presentation, names_roles = said.get("presentation", {}), said.get("names_roles", {})
    custom = read_custom(said.get("custom", {}))
    family = platform.get("product_family_code", "").lower()[:64]
    if quirks.is_guest(family, said["sub"]):
        raise LaunchRefused("guest")
    picking = said["message_type"] == DEEP_LINKING_REQUEST
    return LaunchClaims(
        message_type=said["message_type"],
        deployment_id=said["deployment_id"],
        sub=said["sub"],
        roles=roles,
        name=read_name(said.get("name"), said.get("given_name"), said.get("family_name")),
        locale=read_locale(presentation.get("locale") or said.get("locale")),
        context_id=context.get("id"),
        context_title=_text(context.get("title") or context.get("label")),
        resource_link_id=link.get("id"),
        resource_link_title=_text(link.get("title")),
        custom=custom,
        family=family,
        platform_name=_text(platform.get("name")),
        scopes=tuple(endpoint.get("scope", ())),
        line_items_url=endpoint.get("lineitems", ""),
        line_item_url=endpoint.get("lineitem", ""),
        memberships_url=names_roles.get("context_memberships_url") or None,
        # Whoever asks for content and does not say of which kind, asks for what the tool has.
        deep_linking={"accept_types": [RESOURCE_LINK], **said["deep_linking"]} if picking else None,
        history=[unquote(part) for part in custom.get("context_history", "").split(",") if part],
        return_url=presentation.get("return_url", ""),
        context_label=_text(context.get("label")),
        context_sis_id=said.get("lis", {}).get("course_section_sourcedid", "").strip(),
        context_begins=_moment(custom.get("course_begin", "")),
        email=said.get("email", ""),
        login=said.get("ext", {}).get("user_username", ""),
    )


def _moment(said: str) -> dt.datetime | None:
    """When a course begins ($CourseSection.timeFrame.begin, ISO 8601); None for what is no moment with an offset."""
    try:
        moment = dt.datetime.fromisoformat(said)
        return moment.astimezone(dt.UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _require_ids(body: dict[str, Any], said: dict[str, Any]) -> None:
    """What the message is about: a resource link, or where to send what is picked; and a context, if one is named."""
    message_type = said["message_type"]
    if message_type in (RESOURCE_LINK_REQUEST, SUBMISSION_REVIEW_REQUEST):
        if "id" not in said.get("resource_link", {}):
            raise LaunchRefused("no_resource_link")
    elif message_type == DEEP_LINKING_REQUEST:
        if "deep_link_return_url" not in said.get("deep_linking", {}):
            raise LaunchRefused("deep_linking_settings")
    else:
        raise LaunchRefused("message_type", message_type[:64])
    if body.get(LTI + "context") and "id" not in said.get("context", {}):
        # Without a context a message is a good one (T9); one that cannot be told from another course's is not.
        raise LaunchRefused("context_id")


def _named(faults: dict[Any, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Claim -> what is wrong with it, never what it holds; members after a dot, a list's items under its name."""
    for name, found in faults.items():
        # marshmallow's name for what is no object at all.
        itself = isinstance(name, int) or name == "_schema"
        path = within if itself else f"{within}.{name}" if within else name
        if isinstance(found, dict):
            yield from _named(found, path)
        else:
            yield path, found[0]


def read_custom(values: dict[Any, Any]) -> dict[str, str]:
    """Custom parameters as strings under lower-case names (M11); an unresolved $Variable is absent (K7)."""
    told = {str(key).lower(): str(value) for key, value in values.items() if isinstance(value, (str, int, float, bool))}
    return {key: value for key, value in told.items() if storable(value) and not value.startswith("$")}


def read_name(name: str | None, given: str | None = None, family: str | None = None) -> str:
    """A person's full name, HTML entities decoded (M31); "" when the LMS shares none.

    What cannot be kept costs that name only, and "-" is none (ILIAS, O1).
    """
    return _name(name) or " ".join(filter(None, (_name(given), _name(family))))[:255]


def _name(value: str | None) -> str:
    text = _text(value)
    return text if storable(text) and any(map(str.isalnum, text)) else ""


def _text(value: str | None) -> str:
    return " ".join(html.unescape(value or "").split())[:255]


def read_locale(value: str | None) -> str:
    """ "nl_NL", "en-US", "pt_br" (M10) -> the language spoken here: "nl" or "en"; "" when not said."""
    language = (value or "").replace("_", "-").split("-", 1)[0].lower()
    if not language:
        return ""
    return "nl" if language in ("nl", "af", "fy") else "en"
