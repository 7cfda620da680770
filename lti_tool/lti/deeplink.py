"""Content items back to the LMS (deep linking 2.0, section 4.5)."""

from collections.abc import Iterable
from typing import Any

from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem

from lti_tool.lti.adapter import response_jwt
from lti_tool.lti.claims import LTI, RESOURCE_LINK
from lti_tool.lti.keys import KeyRing
from lti_tool.models.platform import Registration

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
# Moodle takes whole numbers up to its own maximum, by default 100, and drops other items in silence (M16).
SCORE_MAXIMUM = 100


def item(
    *, title: str, text: str, url: str, custom: dict[str, str], icon: str = "", resource_id: str = "", tag: str = ""
) -> dict[str, Any]:
    """One resource link; with resource_id it asks for a column. Custom values are strings (D-4)."""
    resource = DeepLinkResource().set_title(title).set_url(url).set_custom_params(custom)
    if icon:
        resource.set_icon_url(icon)
    if resource_id:
        column = LineItem().set_score_maximum(SCORE_MAXIMUM).set_label(title)
        resource.set_lineitem(column.set_resource_id(resource_id).set_tag(tag))
    made: dict[str, Any] = resource.to_dict()
    return {**made, "text": text}


def response(
    keys: KeyRing,
    registration: Registration,
    deployment_id: str,
    settings: dict[str, Any],
    items: Iterable[dict[str, Any]],
    message: str = "",
) -> str:
    """The signed LtiDeepLinkingResponse; no items is a cancel (D-2). settings: the request's claim.

    Obeys accept_types, accept_multiple and accept_lineitem (D-3, D-5); echoes data only if it came (D-1).
    """
    chosen = list(items) if RESOURCE_LINK in settings.get("accept_types", []) else []
    if not settings.get("accept_multiple"):
        chosen = chosen[:1]
    if settings.get("accept_lineitem") is False:
        chosen = [{name: value for name, value in each.items() if name != "lineItem"} for each in chosen]
    claims: dict[str, Any] = {LTI + "message_type": "LtiDeepLinkingResponse", DL + "content_items": chosen}
    if "data" in settings:
        claims[DL + "data"] = settings["data"]
    if message:
        claims[DL + "msg"] = message
    return keys.sign(response_jwt(registration, deployment_id, claims))
