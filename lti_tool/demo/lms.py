"""The LMS as a whole: a Flask app, and a server around it that a test or the demo starts."""

import logging
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import requests
from flask import Flask, Response, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.demo.addresses import Addresses
from lti_tool.demo.ags import ags
from lti_tool.demo.endpoints import endpoints
from lti_tool.demo.model import ToolRegistration
from lti_tool.demo.nrps import nrps
from lti_tool.demo.pages import pages
from lti_tool.demo.school import School
from lti_tool.demo.site import EXTENSION, Call, Site
from lti_tool.demo.staff import staff_course

POLICY = "default-src 'self'; frame-src http: https:; form-action http: https:; base-uri 'none'"


def create_lms(school: School, url: str) -> Flask:
    """The app of one LMS, whose issuer is `url` (without a slash at the end)."""
    app = Flask("lti_tool.demo")
    app.extensions[EXTENSION] = Site(school, url)
    for blueprint in (endpoints, ags, nrps, pages):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _error_page)
    app.after_request(_no_outside_hosts)
    return app


def _error_page(error: HTTPException) -> Response:
    reason = "" if error.code in (403, 404) else error.description
    page = render_template("demo/refused.html", reason=reason, forbidden=error.code == 403)
    return Response(page, status=error.code)


def _no_outside_hosts(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    return answer


class _Silent(WSGIRequestHandler):
    """Writes no line per request: the site keeps its own log of calls."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  werkzeug's name
        """Nothing, unless somebody debugs the LMS itself."""
        logging.getLogger(__name__).debug(message, *args)


class Lms:
    """A running LMS. Its parts are for tests to look at and to turn:

    school (state), platform (claims, sign, rotate_keys, initiate_login, authenticate),
    faults, tokens, deep_links (options, vanished, fetched), registrar, calls.
    """

    def __init__(self, school: School, host: str, port: int) -> None:
        self._server = make_server(host, port, Flask(__name__), threaded=True, request_handler=_Silent)
        self.url = f"http://{host}:{self._server.port}"
        # The address is only known now, and the issuer is the address.
        self._server.app = self.app = create_lms(school, self.url)
        self.site: Site = self.app.extensions[EXTENSION]
        self.school = school
        self.addresses: Addresses = self.site.addresses
        self.platform = self.site.platform
        self.faults = self.site.faults
        self.tokens = self.site.tokens
        self.deep_links = self.site.deep_links
        self.registrar = self.site.registrar
        # Polling often, so that a test that stops an LMS does not wait half a second.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @classmethod
    def start(
        cls,
        port: int = 0,
        path: Path | None = None,
        host: str = "127.0.0.1",
        school: School | None = None,
    ) -> Self:
        """Run an LMS in a thread; port 0 takes a free one.

        Without a school it is the one kept at `path`, or else staff_course().
        """
        if school is None:
            school = School.load(path) if path and path.exists() else staff_course()
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        school.path = path
        school.save()
        lms = cls(school, host, port)
        lms._thread.start()
        return lms

    def stop(self) -> None:
        """Stop listening, and wait until the server is gone."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def calls(self) -> list[Call]:
        """What was asked of this LMS, oldest first."""
        return self.site.calls

    def register_tool(self, registration_url: str) -> ToolRegistration:
        """Open the tool's registration link and activate what it registers, as the admin does."""
        before = list(self.school.tools.values())
        # Who registers again has read what that puts back (M80), and goes on.
        answer = requests.get(self.registrar.address(registration_url) + "&again=1", timeout=10)
        # Registering again makes a new object too, even when it says the same.
        made = [t for t in self.school.tools.values() if all(t is not old for old in before)]
        if not made or not answer.ok:
            said = f"{answer.status_code}: {answer.text[:300]}"
            raise RuntimeError(f"The tool did not register itself: {registration_url} answered {said}")
        with self.school.changing():
            made[0].active = True
        return made[0]
