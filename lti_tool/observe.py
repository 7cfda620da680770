"""Logs: JSON lines on stderr, with the request's id. Never a token, a name, an address of a person."""

import logging
import sys
import uuid
from typing import Any

import structlog
from flask import Flask, request

# Fields that may never be written, whoever passes them by mistake.
FORBIDDEN = {"name", "token", "id_token", "jwt", "email", "return_url", "text", "body", "assertion", "code"}


def _drop_forbidden(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in FORBIDDEN}


def configure() -> None:
    """Set up structlog once for the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _drop_forbidden,  # type: ignore[list-item]
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


log: Any = structlog.get_logger("leerkring")


def init_app(app: Flask) -> None:
    """Give every request an id that its log lines carry."""

    @app.before_request
    def bind() -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12], path=request.path)
