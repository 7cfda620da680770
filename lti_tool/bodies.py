"""What comes with a request: bounded, and read before anything else is done for whoever sends it.

A body is here before a lock is taken, a form parsed or a row read; whether it may come at all, the address says and
the cookie: nothing is read of who cannot be anybody in a community. lti_tool.serving gathers bodies by the same rule.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

from flask import Flask, g, request
from werkzeug.exceptions import HTTPException, LengthRequired, RequestEntityTooLarge
from werkzeug.http import parse_cookie

from lti_tool.audience import Outside, declared
from lti_tool.parts import Parts

View = TypeVar("View", bound=Callable[..., Any])
Predicate = Callable[[Parts, Mapping[str, Any]], bool]

# Bytes: of what an LMS or a browser on its way in sends; of a form; of a form with a file, which is told so where
# it is over 5 MB, and no text is lost by it.
PROTOCOL, FORM, UPLOAD = 128 * 1024, 256 * 1024, 24 * 1024 * 1024
FIELDS = 2000
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Stranger(Exception):
    """A form for a community, of a browser that holds no session of ours, not even one that has ended."""


def with_file(where: Predicate) -> Callable[[View], View]:
    """Declare that a view's form has a file, where it says so of an address's values."""

    def declare(view: View) -> View:
        view.with_file = where  # type: ignore[attr-defined]
        return view

    return declare


def most(app: Flask, method: str, path: str, content_type: str, cookies: str) -> int:
    """How many bytes of body this request may have; 0: none is read. Asks no database."""
    if method in SAFE:
        return 0
    try:
        endpoint, values = app.url_map.bind("").match(unquote(path, errors="replace"), method)
    except HTTPException:
        return 0
    if all(isinstance(each, Outside) for each in declared(app, endpoint)):
        return PROTOCOL
    tool: Parts = app.extensions["leerkring"]
    if not tool.sessions.ours(parse_cookie(cookies)):
        return 0
    where: Predicate | None = getattr(app.view_functions[endpoint], "with_file", None)
    multipart = content_type.lower().startswith("multipart/form-data")
    return UPLOAD if multipart and where and where(tool, values) else FORM


def init_app(app: Flask) -> None:
    """Read the body of each request, or refuse it: 401, 411 or 413."""

    @app.before_request
    def read() -> None:
        if request.method in SAFE or request.endpoint is None:
            return
        allowed = most(app, request.method, request.path, request.content_type or "", request.headers.get("Cookie", ""))
        if not allowed:
            raise Stranger
        if "Transfer-Encoding" in request.headers:
            # No browser sends a form so, and its length would be known at its end.
            raise LengthRequired
        if (request.content_length or 0) > allowed:
            raise RequestEntityTooLarge
        request.max_content_length = allowed
        request.max_form_memory_size, request.max_form_parts = FORM, FIELDS
        if request.mimetype == "application/x-www-form-urlencoded":
            # Werkzeug counts the fields of multipart forms only.
            if request.get_data(parse_form_data=False).count(b"&") >= FIELDS:
                raise RequestEntityTooLarge
        g.form = request.form


def is_read() -> bool:
    """Whether this request's form may be parsed."""
    return "form" in g
