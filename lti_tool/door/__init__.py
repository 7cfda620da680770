"""The way in, as pages: login, launch, a window of its own, registration. An LMS knows these addresses."""

from functools import cache

from flask import Blueprint, Flask

# Its endpoints are called after the protocol they speak, as its addresses are.
door = Blueprint("lti", __name__, url_prefix="/lti")


@cache
def _add_pages() -> None:
    """Once in a process: every application there shares the blueprint."""
    from lti_tool.door import launch, rates, registration, window

    for module in (launch, window, registration):
        module.register(door)
    door.before_request(rates.check)


def init_app(app: Flask) -> None:
    """Register all pages."""
    _add_pages()
    app.register_blueprint(door)
