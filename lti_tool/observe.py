"""Logs: JSON lines on stderr, with the request's id. Never a token, a name, an address of a person.

Nor the words of an exception, whoever logs it: the database's hold what people wrote. What is said of one is its
kind and its place. This goes for every logger of the process, libraries' too, and for what ends a thread.
"""

import logging
import sys
import threading
import uuid
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Fields that may never be written, whoever passes them by mistake.
FORBIDDEN = {"name", "token", "id_token", "jwt", "email", "return_url", "text", "body", "assertion", "code"}


def _drop_forbidden(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in FORBIDDEN}


def fault(error: BaseException) -> dict[str, str]:
    """What may be told of an exception: error (its type), cause (what it came from, if anything), place (file:line)."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    cause = error.__cause__
    told = {"error": type(error).__name__} | ({"cause": type(cause).__name__} if cause else {})
    return told | ({"place": f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"} if trace else {})


def _only_fault(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    return {**fault(error), **event} if isinstance(error, BaseException) else event


class _Record(logging.LogRecord):
    """A line of any library's logger, in which an exception has a type and a place and no words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.args = _wordless(self.args)
        if isinstance(self.msg, BaseException):
            self.msg = type(self.msg).__name__
        error = self.exc_info[1] if self.exc_info else None
        self.exc_info = self.exc_text = None
        if error is not None:
            told = " ".join(fault(error).values()).replace("%", "%%" if self.args else "%")
            self.msg = f"{self.msg} [{told}]"


def _wordless(args: Any) -> Any:
    if isinstance(args, dict):
        return {key: _type_of(value) for key, value in args.items()}
    return tuple(map(_type_of, args)) if isinstance(args, tuple) else args


def _type_of(value: Any) -> Any:
    return type(value).__name__ if isinstance(value, BaseException) else value


def configure() -> None:
    """Set up structlog, and the lines of other loggers, once for the process."""
    logging.setLogRecordFactory(_Record)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _drop_forbidden,  # type: ignore[list-item]
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_fault,  # type: ignore[list-item]
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


log: Any = structlog.get_logger("leerkring")


def watch_process() -> None:
    """What nobody caught, in whatever thread, is a line of the log too: for a process that is ours alone."""

    def uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        log.error("error", **fault(error))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.error("error", thread=args.thread.name if args.thread else "", **fault(args.exc_value))

    def unraisable(args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            log.error("error", **fault(args.exc_value))

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable


# What one sees when not even a page can be made that says so.
_SORRY = "<!doctype html><meta charset=utf-8><title>Leerkring</title><p>Er ging bij ons iets mis. Probeer het opnieuw.\
<p lang=en>Something went wrong on our side. Try again."


class _Around:
    """The application, and nothing that goes wrong in it beyond: the server would write it down as it stands."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        self.app = app
        self.inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def hold(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
            # What fails after this, as the end of a request may, has not been answered yet.
            begun[:] = [(status, headers)]

        try:
            answer = self.inner(environ, hold)
        except Exception as error:
            if self.app.testing and self.app.config["PROPAGATE_EXCEPTIONS"] is not False:
                raise
            log.error("error", status=500, **fault(error))
            start_response("500 Internal Server Error", [("Content-Type", "text/html; charset=utf-8")])
            return [_SORRY.encode()]
        start_response(*begun[0])
        return answer


def go_around(app: Flask) -> None:
    """Let no exception out of the application; called last, so that nothing lies further out."""
    app.wsgi_app = _Around(app, app.wsgi_app)  # type: ignore[method-assign]


def init_app(app: Flask) -> None:
    """Give every request an id that its log lines carry."""

    # Flask's own has the whole traceback: here ends what fails outside a view, as a commit does.
    def log_exception(exc_info: Any) -> None:
        log.error("error", status=500, **fault(exc_info[1]))

    app.log_exception = log_exception  # type: ignore[method-assign]

    @app.before_request
    def bind() -> None:
        structlog.contextvars.clear_contextvars()
        # The rule, not the address: that holds a launch's id, and whatever a stranger puts into it.
        page = str(request.url_rule) if request.url_rule else "-"
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12], page=page)
