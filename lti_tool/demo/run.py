"""Both halves of the demo in one process: the tool with its worker, and the LMS it is registered at.

The tool is at localhost and the LMS at 127.0.0.1: for a browser two different sites, so that the tool
stands in the LMS's frame as it does at a school, without a certificate.
"""

import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import structlog
from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lti_tool import create_app, files, observe
from lti_tool.cli import migrate, registration_link, work
from lti_tool.config import Settings
from lti_tool.demo.lms import Lms

FOLDER = Path("var/demo")
FIRST_PORT = 8000
PAUSE = 0.5  # seconds between looks for new scores: somebody is watching
DATABASE, LMS_STATE, KEYS, LOG = "leerkring.db", "lms.json", "keys", "tool.log"

Say = Callable[[str], None]


class DemoError(Exception):
    """Why the demo cannot start, as a sentence for whoever started it."""


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  werkzeug's name
        """No line for each request."""


class Demo:
    """The two halves, running. `lms` and `app` are for looking in; `url` is the address to open."""

    def __init__(
        self, folder: Path, port: int = 0, lms_port: int = 0, *, fresh: bool = False, say: Say = print
    ) -> None:
        files.make_folder(folder)
        self.folder = folder
        self._prepare(fresh, say)
        # The address is only known once there is a port, and the application wants the address.
        self._servers = [_server("127.0.0.1", port)]
        port = self._servers[0].port
        # A browser, and the LMS, may take localhost for ::1 first.
        if _bindable("::1", port):
            self._servers.append(_server("::1", port))
        self.tool_url = f"http://localhost:{port}"
        self.app = self._application()
        self.lms = self._lms(lms_port)
        self.url = f"{self.lms.url}/"
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=s.serve_forever, args=(0.02,), daemon=True) for s in self._servers]
        self._threads.append(threading.Thread(target=work, args=(self.app, self._stop, PAUSE), daemon=True))

    def _prepare(self, fresh: bool, say: Say) -> None:
        """Leave what was kept, unless it is unwanted or no whole."""
        kept = [(self.folder / name).exists() for name in (DATABASE, LMS_STATE)]
        if any(kept) and not all(kept) and not fresh:
            say(f"Only one half of what the demo kept in {self.folder} is still there, so it begins anew.")
        if fresh or not all(kept):
            for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LMS_STATE, LOG):
                (self.folder / name).unlink(missing_ok=True)
            shutil.rmtree(self.folder / KEYS, ignore_errors=True)

    def _application(self) -> Flask:
        settings = Settings(
            base_url=self.tool_url,
            database_url=f"sqlite:///{self.folder / DATABASE}",
            keys_dir=self.folder / KEYS,
            allow_private_hosts=True,
        )
        app = create_app(settings)
        # Beside the database, not in between the few lines that the demo prints.
        self._log = (self.folder / LOG).open("a", buffering=1)
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(self._log))
        try:
            migrate(app.config["SQLALCHEMY_DATABASE_URI"])
        except Exception as error:
            raise self._unreadable(error) from error
        for server in self._servers:
            server.app = app
        return app

    def _lms(self, port: int) -> Lms:
        try:
            return Lms.start(port, self.folder / LMS_STATE)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> DemoError:
        return DemoError(
            f"What the demo kept in {self.folder} cannot be read ({type(error).__name__}). Begin anew: --fresh."
        )

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        # The LMS activates a tool only after the tool has stored its half of the registration.
        domain = urlsplit(self.tool_url).netloc
        if not any(tool.active and tool.domain == domain for tool in self.lms.school.tools.values()):
            try:
                self.lms.register_tool(registration_link(self.app))
            except RuntimeError as error:
                self.__exit__()
                raise DemoError(str(error)) from error
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        for server in self._servers:
            server.shutdown()
        for thread in self._threads:
            thread.join()
        for server in self._servers:
            server.server_close()
        self.lms.stop()
        observe.configure()
        self._log.close()

    def logged(self, lines: int) -> list[str]:
        """The last lines that the tool logged."""
        return (self.folder / LOG).read_text().splitlines()[-lines:]


def _server(host: str, port: int) -> BaseWSGIServer:
    return make_server(host, port, Flask(__name__), threaded=True, request_handler=_Silent)


def _bindable(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            # As the server itself does: a port that was in use a moment ago is free.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
            tried.listen()
    except OSError:
        return False
    return True


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def free_pair(first: int = FIRST_PORT) -> int:
    """The first port, in steps of two, that is free together with the one after it."""
    for port in range(first, min(first + 200, 65535), 2):
        # Asking too: a program that listens on every address does not always keep us from binding one.
        if all(
            _bindable("127.0.0.1", each) and not any(_answers(host, each) for host in ("127.0.0.1", "::1"))
            for each in (port, port + 1)
        ):
            return port
    raise DemoError(f"There is no free pair of ports from {first} on.")


def folder_of(port: int) -> Path:
    """Where the demo at this port keeps its state: its addresses are part of it, so each pair has its own."""
    return FOLDER if port == FIRST_PORT else FOLDER / str(port)
