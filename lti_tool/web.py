"""What every answer has in common: where it may come from, its headers, its errors."""

from http import HTTPStatus

from flask import Flask, Request, Response, current_app, g, render_template, request
from flask.sessions import SessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_compress import Compress
from werkzeug.exceptions import HTTPException

from lti_tool import bodies
from lti_tool.audience import PLATFORM, PUBLIC, audience, declared
from lti_tool.config import Settings
from lti_tool.db import undo
from lti_tool.i18n import say as _
from lti_tool.observe import fault, log


class _NoSession(SessionInterface):
    """Nothing is kept in Flask's signed cookie: the browser's session is lti_tool.door.sessions'."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        pass


class CrossSite(Exception):
    """A form that was not sent by a page of this tool."""


def check_origin(app: Flask, settings: Settings) -> None:
    """Refuse state-changing requests that other sites caused (cross-site request forgery).

    Only what is for an LMS is posted by another site; everything else by our own pages.
    Sec-Fetch-Site where browsers send it (secure contexts), else Origin, as in Go 1.25 and Datasette:
    no token to lose, and it works in frames.
    """
    if request.method in bodies.SAFE or declared(app, request.endpoint) == PLATFORM:
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
    app.session_interface = _NoSession()
    # A page of sixty people's ideas on a phone in the corridor. No page reflects a secret beside what somebody else
    # chose: the session is in a cookie, forms carry no token.
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    Compress(app)
    audience(PUBLIC)(app.view_functions["static"])
    bodies.init_app(app)

    @app.before_request
    def origin() -> None:
        check_origin(app, settings)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        # same-origin, not no-referrer: with that, browsers send "Origin: null" on our own forms.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if settings.production:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint == "static" and response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            # Its address changes with the file (i18n.asset).
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif not response.cache_control.public:
            # Pages and files of people: no browser on a shared computer has them still, whoever goes back in it.
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(CrossSite)
    def cross_site(_error: CrossSite) -> tuple[str, int]:
        log.warning("refused", reason="cross_site")
        return error_page(
            _(
                "Dit formulier kwam niet van een pagina van Leerkring.",
                "This form did not come from a page of Leerkring.",
            ),
            status=403,
        )

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error
        if code >= 500 and getattr(error, "original_exception", None) is None:
            log.error("error", status=code)
        elif code in REFUSED:
            log.info("refused", reason=REFUSED[code])
        sentence = {
            404: _(
                "Deze pagina bestaat niet, of je hebt er geen toegang toe.",
                "This page does not exist, or you have no access to it.",
            ),
            405: _(
                "Deze pagina kun je zo niet openen.",
                "This page cannot be opened like this.",
            ),
            408: _(
                "Wat je verstuurde kwam niet helemaal aan. Probeer het opnieuw.",
                "What you sent did not arrive completely. Try again.",
            ),
            411: _(
                "Je browser zei niet hoeveel er zou komen, dus Leerkring nam het niet aan.",
                "Your browser did not say how much it would send, so Leerkring did not take it.",
            ),
            413: _(
                "Je leeromgeving stuurde meer mee dan Leerkring aanneemt. Vraag de beheerder of er een grote foto of"
                " eigen instelling in de koppeling staat.",
                "Your learning platform sent more than Leerkring takes in. Ask its administrator whether a large photo"
                " or a custom setting is part of the connection.",
            )
            if request.path.startswith("/lti/")
            else _(
                "Dit is te veel ineens. Maak de tekst korter of het bestand kleiner en probeer het opnieuw.",
                "This is too much at once. Make the text shorter or the file smaller, and try again.",
            ),
            429: _(
                "Dat was wel heel vaak in korte tijd. Wacht even en probeer het dan opnieuw.",
                "That was very often in a short time. Wait a minute and try again.",
            ),
        }.get(code, _("Er ging iets mis.", "Something went wrong."))
        page, status = error_page(sentence, status=code)
        wait = getattr(error, "retry_after", None)
        return page, status, {"Retry-After": str(wait)} if wait else {}

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[str, int]:
        log.error("error", status=500, **fault(error))
        if app.config.get("TESTING") and app.config.get("PROPAGATE_EXCEPTIONS") is not False:
            raise error
        return error_page(
            _(
                "Er ging bij ons iets mis. Wat je typte, staat hieronder.",
                "Something went wrong on our side. What you typed is below.",
            ),
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
        )


# Answers that were given before anybody's page was asked for -> the reason in the log.
REFUSED = {408: "incomplete", 411: "no_length", 413: "too_large", 429: "too_often"}
# Fields of forms that hold no words of a person.
NOT_TYPED = {
    *("id_token", "state", "code", "binding", "nonce", "JWT", "error", "error_description", "draft", "version", "id"),
    *("idea", "ideas", "stage", "link", "member", "language", "what", "item", "passback", "choice", "answer"),
    *("cancel", "date", "invite", "session", "graded", "administrator_code", "power"),
}


def typed_fields() -> list[tuple[str, str]]:
    """What a person typed in the form of this request, by name of the field: to show it back, never to log it."""
    if not bodies.is_read() or declared(current_app, request.endpoint) == PLATFORM:
        return []
    return [
        (name, value)
        for name, value in request.form.items()
        if name not in NOT_TYPED and any(c.isalpha() for c in value)
    ]


def error_page(
    sentence: str, *, status: int, reopen_url: str = "", advice: str = "", hours_url: str = ""
) -> tuple[str, int]:
    """A page that says what happened, what to do, and keeps what was typed. hours_url: where an address of one's own
    hours is made, "" where none is offered."""
    undo()
    typed = [value for _name, value in typed_fields()]
    page = render_template(
        "error.html", sentence=sentence, advice=advice, reopen_url=reopen_url, hours_url=hours_url, typed=typed
    )
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
