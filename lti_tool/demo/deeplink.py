"""Deep Linking 2.0: asking a tool for content, and making activities of what it sends.

What Moodle ignores (nonce, audience, data: M18) is checked here, since the standard asks it
of the tool (Deep Linking 2.0, section 4.5; Security Framework 1.0, section 5.2.2).
"""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from lti_tool.demo.addresses import Addresses
from lti_tool.demo.keys import KeysetError, ToolKeys
from lti_tool.demo.model import Activity, Course, Person, ToolRegistration
from lti_tool.demo.school import School
from lti_tool.demo.tooljwt import SeenOnce, ToolJwtError, read_tool_jwt
from lti_tool.demo.vocab import CLAIM, DEEP_LINKING_RESPONSE, DL_CLAIM, Json

GRADE_POINT_MAXIMUM = 100  # Moodle's gradepointmax as installed (M16)
MESSAGES = ("msg", "errormsg", "log", "errorlog")


class ResponseError(Exception):
    """Why a deep linking response is refused as a whole."""


@dataclass
class DeepLinkingOptions:
    """What the next request says it accepts; tests switch these.

    None leaves accept_lineitem out, as Moodle does. `send_data` sends a value to be echoed.
    """

    accept_multiple: bool = True
    accept_lineitem: bool | None = None
    send_data: bool = True


@dataclass
class Asked:
    """A request that waits for its response; the sesskey in the return URL names it."""

    person_id: str
    course_id: str
    client_id: str
    settings: Json
    language: str


@dataclass
class Selection:
    """What a response brought: the activities made of it, and what the tool says."""

    course_id: str
    person_id: str
    language: str
    activities: list[Activity] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)


class DeepLinks:
    """`vanished` are reasons why items were dropped without a word (M16); `fetched` the
    item addresses that the LMS's server visited, with the status it got (M17)."""

    def __init__(self, school: School, addresses: Addresses, keys: ToolKeys) -> None:
        self.school = school
        self.addresses = addresses
        self.keys = keys
        self.options = DeepLinkingOptions()
        self.vanished: list[str] = []
        self.fetched: list[tuple[str, int]] = []
        self._nonces = SeenOnce()
        self._lock = threading.Lock()
        self._asked: dict[str, Asked] = {}

    def request_claims(self, person: Person, course: Course, tool: ToolRegistration, target_link_uri: str) -> Json:
        """The claims that make a launch a deep linking request, as recorded."""
        sesskey = secrets.token_hex(5)
        settings: Json = {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_copy_advice": False,
            "accept_multiple": self.options.accept_multiple,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "deep_link_return_url": self.addresses.deep_link_return(course.id, tool, sesskey),
            "title": tool.client_name,
            "text": "",
        }
        if self.options.accept_lineitem is not None:
            settings["accept_lineitem"] = self.options.accept_lineitem
        if self.options.send_data:
            settings["data"] = f"csrf:{secrets.token_hex(8)}"
        with self._lock:
            self._asked[sesskey] = Asked(person.id, course.id, tool.client_id, settings, person.language)
        return {
            CLAIM + "target_link_uri": target_link_uri,
            DL_CLAIM + "deep_linking_settings": settings,
        }

    def receive(self, course_id: str, sesskey: str, encoded: str) -> Selection:
        """Check a response and make its activities. Raises ResponseError."""
        with self._lock:
            asked = self._asked.get(sesskey)
        if asked is None or asked.course_id != course_id:
            raise ResponseError("no request waits for this response")
        tool = self.school.tools[asked.client_id]
        try:
            claims = read_tool_jwt(encoded, tool, self.keys, self.addresses.issuer, self.school.clock())
        except (ToolJwtError, KeysetError) as error:
            raise ResponseError(str(error)) from error
        self._check_message(claims, tool, asked.settings)
        items = _items(claims, asked.settings)
        with self._lock:
            if self._asked.pop(sesskey, None) is None:
                raise ResponseError("this request was answered already")
        made = [self._make(asked, tool, item) for item in items]
        selection = Selection(course_id, asked.person_id, asked.language, [a for a in made if a])
        for name in MESSAGES:
            said = claims.get(DL_CLAIM + name)
            if isinstance(said, str):
                selection.messages[name] = said
        self._visit(selection.activities)
        return selection

    def _check_message(self, claims: Json, tool: ToolRegistration, settings: Json) -> None:
        expected = {
            CLAIM + "message_type": DEEP_LINKING_RESPONSE,
            CLAIM + "version": "1.3.0",
            CLAIM + "deployment_id": tool.deployment_id,
            # None: neither asked for nor answered.
            DL_CLAIM + "data": settings.get("data"),
        }
        for name, value in expected.items():
            if claims.get(name) != value:
                raise ResponseError(f"{name.rsplit('/', 1)[-1]} is not {value!r}")
        if "data" not in settings and DL_CLAIM + "data" in claims:
            raise ResponseError("data was not sent and must not be answered")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not nonce:
            raise ResponseError("no nonce")
        if not self._nonces.first(tool.client_id, nonce):
            raise ResponseError("nonce was used before")

    def _make(self, asked: Asked, tool: ToolRegistration, item: Json) -> Activity | None:
        """One activity, with its column when the item has a line item.

        An item whose scoreMaximum Moodle's form would not take is lost in silence (M16).
        """
        title = item.get("title") or tool.client_name
        line_item: Json | None = item.get("lineItem")
        maximum = line_item.get("scoreMaximum") if line_item is not None else None
        if line_item is not None and not _is_whole_grade(maximum):
            self.vanished.append(f"{title}: scoreMaximum {maximum!r}")
            return None
        activity = self.school.add_activity(
            asked.course_id,
            tool.client_id,
            title,
            text=item.get("text", ""),
            url=item.get("url", ""),
            custom=dict(item.get("custom", {})),
            icon=item.get("icon", {}).get("url", ""),
        )
        if line_item is not None:
            assert isinstance(maximum, int)
            self.school.couple(activity, maximum, line_item.get("resourceId", ""), line_item.get("tag", ""))
        return activity

    def _visit(self, activities: list[Activity]) -> None:
        """GET each item's address once, without a session, as Moodle's server does (M17)."""
        for activity in activities:
            if not activity.url:
                continue
            try:
                status = requests.get(activity.url, timeout=5, allow_redirects=False).status_code
            except requests.RequestException:
                status = 0
            self.fetched.append((activity.url, status))


def _is_whole_grade(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= GRADE_POINT_MAXIMUM


def _items(claims: Json, settings: Json) -> list[Json]:
    """The content items, none or more; what breaks the standard refuses the response."""
    items = claims.get(DL_CLAIM + "content_items", [])
    if not isinstance(items, list):
        raise ResponseError("content_items is no list")
    if len(items) > 1 and not settings["accept_multiple"]:
        raise ResponseError("several items, and accept_multiple is false")
    for item in items:
        fault = _item_fault(item, settings)
        if fault:
            raise ResponseError(fault)
    return items


def _item_fault(item: Any, settings: Json) -> str | None:
    if not isinstance(item, dict) or item.get("type") not in settings["accept_types"]:
        return "an item of a type that is not accepted"
    for name in ("title", "text"):
        if not isinstance(item.get(name, ""), str):
            return f"{name} is no string"
    url = item.get("url", "")
    if not isinstance(url, str) or (url and urlsplit(url).scheme not in ("http", "https")):
        return "url is no http address"
    icon = item.get("icon", {})
    if not isinstance(icon, dict) or not isinstance(icon.get("url", ""), str):
        return "icon has no url"
    custom = item.get("custom", {})
    if not isinstance(custom, dict) or not all(isinstance(v, str) for v in custom.values()):
        return "a custom value is no string"
    if "lineItem" not in item:
        return None
    if settings.get("accept_lineitem") is False:
        return "a lineItem, and accept_lineitem is false"
    line_item = item["lineItem"]
    if not isinstance(line_item, dict) or not all(
        isinstance(line_item.get(name, ""), str) for name in ("label", "resourceId", "tag")
    ):
        return "lineItem is malformed"
    return None
