"""What the LTI services have in common, as strict as Moodle: who may call, and how (M20, M27).

What comes in is checked in Moodle's order: media type, method, token, scope. A refusal is a
JSON object that repeats the request, except for a score: then the body is [] and the reason
stands in the status line only.
"""

import json
from typing import Any, cast

from flask import Blueprint, Response, g, request

from lti_tool.demo.addresses import SERVICES_PATH
from lti_tool.demo.endpoints import call_name, watch
from lti_tool.demo.model import ToolRegistration
from lti_tool.demo.site import site
from lti_tool.demo.vocab import (
    LINE_ITEM,
    LINE_ITEM_READONLY,
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
    MEMBERS_TYPE,
    MEMBERSHIP_READONLY,
    RESULT_READONLY,
    RESULTS_TYPE,
    SCORE,
    SCORE_TYPE,
)

READ_ITEMS = {LINE_ITEM, LINE_ITEM_READONLY}
RULES: dict[str, dict[str, tuple[str, set[str]]]] = {
    "lineitems": {"GET": (LINE_ITEMS_TYPE, READ_ITEMS), "POST": (LINE_ITEM_TYPE, {LINE_ITEM})},
    "lineitem": {
        "GET": (LINE_ITEM_TYPE, READ_ITEMS),
        "PUT": (LINE_ITEM_TYPE, {LINE_ITEM}),
        "DELETE": ("", {LINE_ITEM}),
    },
    "scores": {"POST": (SCORE_TYPE, {SCORE})},
    "results": {"GET": (RESULTS_TYPE, {RESULT_READONLY})},
    "memberships": {"GET": (MEMBERS_TYPE, {MEMBERSHIP_READONLY})},
}
"""By service and method: the one media type it speaks, and the scopes of which one suffices."""

ANY_METHOD = ["GET", "POST", "PUT", "DELETE"]
"""Every service takes every method, so that a wrong one is refused, and logged, here."""


class ServiceError(Exception):
    """A service call refused; `bare` answers with [] (M27)."""

    def __init__(self, status: int, reason: str, bare: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.bare = bare


def service(name: str) -> Blueprint:
    """A blueprint whose views are guarded services: their names are those in RULES."""
    blueprint = Blueprint(name, __name__, url_prefix=SERVICES_PATH)
    watch(blueprint, keep_body=True)
    blueprint.before_request(_guard)
    blueprint.register_error_handler(ServiceError, _refused)
    return blueprint


def caller() -> ToolRegistration:
    """The tool whose token came with this request."""
    return cast(ToolRegistration, g.tool)


def _guard() -> None:
    rules = RULES[call_name()]
    method = "GET" if request.method == "HEAD" else request.method
    accept = request.headers.get("Accept", "")
    sent = request.headers.get("Content-Type", "")
    # Nothing, or "*/*" in whatever, stands for any type. Otherwise it is one type and no more.
    named = ("" if "*/*" in accept else accept) if method == "GET" else sent
    spoken = {media for media, _ in rules.values()}
    if method != "DELETE" and named not in (spoken | {""} if method == "GET" else spoken - {""}):
        path = request.path.removeprefix(SERVICES_PATH)
        shown = accept if method == "GET" else ""
        raise ServiceError(400, f"No handler found for {path} {shown} {sent}".rstrip())
    if method not in rules:
        raise ServiceError(405, "Method Not Allowed")
    media, scopes = rules[method]
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = site().tokens.holder(value) if kind == "Bearer" else None
    tool = site().school.tools.get(token.client_id) if token else None
    if token is None or tool is None or not tool.active:
        raise ServiceError(401, "Unauthorized")
    if not scopes & set(token.scopes):
        raise ServiceError(403, "insufficient_scope")
    # A type of this service, but not of this method: a container where an item is meant.
    if media and named not in ("", media):
        raise ServiceError(400, "No context or unsupported content type")
    g.tool = tool


def _refused(error: ServiceError) -> Response:
    g.reason = error.reason
    # A status line is one line of Latin-1, whatever an address or a body brought into the reason.
    line = "".join(c if c.isprintable() else " " for c in error.reason)
    line = line.encode("latin-1", "replace").decode("latin-1")
    status = f"{error.status} {line}"
    if error.bare:
        return Response("[]", status=status, content_type=f"{SCORE_TYPE}; charset=utf-8")
    body = {
        "status": error.status,
        "reason": error.reason,
        "request": {
            "method": request.method,
            "url": request.full_path.rstrip("?"),
            "accept": request.headers.get("Accept", ""),
            "contentType": request.headers.get("Content-Type", ""),
        },
    }
    return answer(body, "application/json", status)


def answer(body: Any, media: str, status: int | str = 200) -> Response:
    """A JSON answer of this media type, escaped as PHP does it."""
    text = json.dumps(body)
    return Response(text, status=status, content_type=f"{media}; charset=utf-8")


def count(name: str) -> int:
    """A whole number from the query; 0 when it is absent or makes no sense, as Moodle reads it."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else 0


def check_course(course_id: str) -> None:
    """Refuse a course that is not there."""
    if course_id not in site().school.courses:
        raise ServiceError(404, f"Not Found: Course {course_id} doesn't exist")


def check_link(course_id: str, resource_link_id: str | None) -> None:
    """A resource link that is named must be the caller's, in this course."""
    if resource_link_id is None:
        return
    activity = site().school.activities.get(resource_link_id)
    if activity is None or activity.course_id != course_id or activity.client_id != caller().client_id:
        raise ServiceError(403, "Forbidden")
