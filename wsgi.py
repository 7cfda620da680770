"""The WSGI entry point: `gunicorn wsgi:app`, or let `leerkring serve` do it."""

from lti_tool import create_app

app = create_app()
