"""What every answer has in common: where it may come from, its headers, its errors."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, g, render_template, request
from flask_babel import gettext as _
from flask_compress import Compress
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from lti_tool.config import Settings
from lti_tool.observe import log

# The LMS itself posts to these; everything else is posted by our own pages only.
FROM_OUTSIDE = {"lti.login", "lti.launch"}
MAX_FORM = 6 * 1024 * 1024


class CrossSite(Exception):
    """A form that was not sent by a page of this tool."""


def check_origin(settings: Settings) -> None:
    """Refuse state-changing requests that other sites caused (cross-site request forgery).

    Sec-Fetch-Site where browsers send it (secure contexts), else Origin, as in Go 1.25 and Datasette:
    no token to lose, and it works in frames.
    """
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint in FROM_OUTSIDE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
    elif request.headers.get("Origin") == settings.origin:
        return
    raise CrossSite


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the origin check, the headers, compression and the error pages."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM
    # A page of sixty people's ideas on a phone in the corridor. No page reflects a secret beside what somebody else
    # chose: the session is in a cookie, forms carry no token.
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    Compress(app)

    @app.before_request
    def origin() -> None:
        check_origin(settings)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        # same-origin, not no-referrer: with that, browsers send "Origin: null" on our own forms.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if settings.production:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(CrossSite)
    def cross_site(_error: CrossSite) -> tuple[str, int]:
        log.warning("refused", reason="cross_site")
        return error_page(_("This form did not come from a page of Leerkring."), status=403)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
        code = error.code or 500
        if code < 400:
            return error
        if code >= 500:
            log.error("error", status=code)
        sentence = {
            404: _("This page does not exist, or not for you."),
            405: _("This page cannot be opened like this."),
            413: _("This is too much text at once. Make it shorter and try again."),
            429: _("That was very often in a short time. Wait a minute and try again."),
        }.get(code, _("Something went wrong."))
        return error_page(sentence, status=code)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[str, int]:
        # The text of an exception can hold what people typed: only its type and place are logged.
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        log.error("error", status=500, error=type(error).__name__, place=place)
        if app.config.get("TESTING") and app.config.get("PROPAGATE_EXCEPTIONS") is not False:
            raise error
        return error_page(
            _("Something went wrong on our side. What you typed is below."), status=HTTPStatus.INTERNAL_SERVER_ERROR
        )


# Fields of forms that hold no words of a person.
NOT_TYPED = {
    *("id_token", "state", "code", "binding", "nonce", "JWT", "error", "error_description", "draft", "version", "id"),
    *("idea", "ideas", "stage", "link", "member", "language", "what", "item", "passback", "choice", "answer"),
    *("cancel", "date"),
}


def typed_texts() -> list[str]:
    """What a person typed in the form of this request: to show it back, never to log it."""
    if request.method != "POST":
        return []
    try:
        fields = list(request.form.items())
    except RequestEntityTooLarge:
        return []
    return [value for name, value in fields if name not in NOT_TYPED and any(c.isalpha() for c in value)]


def error_page(sentence: str, *, status: int, reopen_url: str = "", advice: str = "") -> tuple[str, int]:
    """A page that says what happened, what to do, and keeps what was typed."""
    page = render_template("error.html", sentence=sentence, advice=advice, reopen_url=reopen_url, typed=typed_texts())
    return page, status


def content_security_policy(form_action: str = "", frame_ancestors: str | None = None) -> str:
    """No outside host, nothing inline. frame_ancestors: origins of the LMS this page may stand in.

    Pages without a session (errors, notices) may stand in any frame: there is nothing in them to act on.
    """
    ancestors = frame_ancestors if frame_ancestors is not None else g.get("frame_ancestors", "*")
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'self'{' ' + form_action if form_action else ''}; frame-ancestors {ancestors}"
    )


def origin_of(url: str) -> str:
    """scheme://host[:port] of a URL, or ""."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""
