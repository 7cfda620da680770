"""The real `leerkring serve`: who sends slowly, or too much, keeps nobody else out."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from lti_tool.bodies import FORM, PROTOCOL
from tests.actors import Tool
from tests.lti.sender import Sender

# More than twice as many as there are threads in all.
DRIPS = 20
SERVE = "from lti_tool.cli import main; main()"
# The same, with a deadline that a test can wait for.
HURRIED = "import lti_tool.serving as s; s.DEADLINE = 0.5; from gunicorn.app.wsgiapp import run; run()"


class Serving:
    """The tool as `leerkring serve` runs it, beside one in this process that shares its database."""

    def __init__(self, beside: Tool, port: int) -> None:
        self.beside, self.port = beside, port
        self.sender = Sender(beside)

    def send(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """One request; its status and the answer's text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        if body:
            headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, text

    def open(self, data: bytes) -> socket.socket:
        """A connection on which this has been sent."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        made.sendall(data)
        return made

    def login(self) -> int:
        """Begin a login."""
        return self.send("POST", "/lti/login", urlencode(self.sender.login_fields()))[0]


@contextmanager
def _serving(command: list[str], url: str, keys_dir: Path, log: Path) -> Iterator[Serving]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Tool(url, keys_dir) as beside:
        settings = beside.settings
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")} | {
            "LEERKRING_BASE_URL": settings.base_url,
            "LEERKRING_DATABASE_URL": settings.database_url,
            "LEERKRING_KEYS_DIR": str(keys_dir),
            "LEERKRING_SECRET_KEY": settings.secret_key or "",
            "LEERKRING_ALLOW_PRIVATE_HOSTS": "true",
            # Somebody wants an access log.
            "GUNICORN_CMD_ARGS": "--access-logfile -",
        }
        made = Serving(beside, port)
        with log.open("w") as stream:
            process = subprocess.Popen(
                [*command, "--bind", f"127.0.0.1:{port}"], env=environment, stdout=stream, stderr=stream
            )
        try:
            for _ in range(600):
                try:
                    if made.send("GET", "/healthz")[0] == 200:
                        break
                except OSError:
                    assert process.poll() is None, log.read_text()
                    time.sleep(0.05)
            yield made
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(40)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes write."""
    return tmp_path_factory.mktemp("serving") / "log"


@pytest.fixture(scope="module")
def serving(_migrated_sqlite: Path, keys_dir: Path, log: Path) -> Iterator[Serving]:
    """`leerkring serve`, on SQLite."""
    path = log.with_name("serving.db")
    shutil.copy(_migrated_sqlite, path)
    with _serving([sys.executable, "-c", SERVE, "serve"], f"sqlite:///{path}", keys_dir, log) as made:
        yield made


def _head(path: str, length: int, cookie: str = "") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}", "Sec-Fetch-Site: same-origin"]
    lines += ["Content-Type: application/x-www-form-urlencoded", *([f"Cookie: {cookie}"] if cookie else [])]
    return "\r\n".join([*lines, "", ""]).encode()


def _answered(sock: socket.socket) -> int:
    """The status of the next answer, which is read whole: head and body may come apart."""
    answer = http.client.HTTPResponse(sock)
    answer.begin()
    answer.read()
    return answer.status


def _cookie(at: Serving) -> str:
    """A session's cookie, as a launch makes it."""
    browser = at.sender.browser()
    at.sender.opened(at.sender.launch(browser))
    ((name, value),) = browser.sessions().items()
    return f"{name}={value}"


def _drips(at: Serving) -> dict[str, bytes]:
    return {
        "nothing at all": b"",
        "a head that does not end": b"POST /lti/launch HTTP/1.1\r\nHost: localhost\r\nX-",
        "a launch that does not end": _head("/lti/launch", 1000) + b"state=",
        "a login that does not end": _head("/lti/login", 100_000) + b"iss=",
        "a form that does not end": _head("/l/x/draft", 1000, _cookie(at)) + b"draft=",
    }


@pytest.mark.parametrize("drip", range(5))
def test_who_sends_slowly_keeps_nobody_out(serving: Serving, drip: int) -> None:
    data = list(_drips(serving).values())[drip]
    with ExitStack() as stack:
        slow = [stack.enter_context(serving.open(data)) for _ in range(DRIPS)]
        for _ in range(3):
            for each in slow:
                each.send(b"a")
            assert serving.send("GET", "/healthz")[0] == 200
            assert serving.login() == 302
            # The tool beside it saves into the same database.
            serving.sender.opened(serving.sender.launch())


def test_a_stranger_s_form_is_refused_before_it_has_come(serving: Serving) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(serving.open(_head("/l/x/draft", 1000) + b"draft=")) for _ in range(DRIPS)]
        assert serving.login() == 302
        for each in slow:
            assert _answered(each) == 401


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/lti/launch", PROTOCOL + 1, 413),
        ("/lti/login", 10**12, 413),
        ("/l/x/draft", FORM + 1, 413),
        ("/l/x/draft", 6 * 1024 * 1024, 413),
        ("/healthz", 1000, 405),
        ("/nowhere", 1000, 404),
    ],
)
def test_too_much_is_refused_before_it_has_come_and_said_so(
    serving: Serving, path: str, length: int, status: int
) -> None:
    cookie = _cookie(serving)
    with ExitStack() as stack:
        large = [stack.enter_context(serving.open(_head(path, length, cookie) + b"a=&" * 1000)) for _ in range(DRIPS)]
        assert serving.login() == 302
        for each in large:
            answer = http.client.HTTPResponse(each)
            answer.begin()
            assert (answer.status, b"<h1" in answer.read()) == (status, True)
            # Nobody knows where a next request would begin.
            assert each.recv(1) == b""


def test_a_body_that_came_in_pieces_is_whole(serving: Serving) -> None:
    body = urlencode(serving.sender.login_fields()).encode()
    data = _head("/lti/login", len(body)) + body
    with serving.open(data[:10]) as slow:
        for start in range(10, len(data), 37):
            slow.sendall(data[start : start + 37])
        assert _answered(slow) == 302
        # And the connection serves again.
        slow.sendall(data)
        assert _answered(slow) == 302


def test_a_body_that_is_longer_than_it_said_is_no_second_request(serving: Serving) -> None:
    second = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving.open(_head("/lti/login", 3) + b"a=b" + second) as sent:
        answer = http.client.HTTPResponse(sent)
        answer.begin()
        assert answer.status == 401
        answer.read()
        assert sent.recv(1) == b""


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GEHEIM\r\n\r\n", 400),
        (b"GET /geheim HTTP/9.9\r\n\r\n", 400),
        (b"GET /geheim HTTP/1.1\r\nbad header\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 20_000, 431),
        (b"POST /lti/login HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\na=b", 400),
        (b"POST /lti/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n", 411),
    ],
)
def test_what_is_no_request_is_answered_and_leaves_nothing_of_it_in_the_log(
    serving: Serving, log: Path, data: bytes, status: int
) -> None:
    with serving.open(data) as sent:
        assert _answered(sent) == status
    assert serving.send("GET", "/geheim/pad?geheim=1")[0] == 404
    for _ in range(100):
        # The access log is written when the answer has been sent.
        written = log.read_text()
        if "GET 404 " in written:
            break
        serving.send("GET", "/healthz")
    assert "GET 404 " in written
    assert "geheim" not in written.lower()
    assert "Traceback" not in written
    assert not re.search(r"ip=|127\.0\.0\.1:\d+ ", written.replace(f"127.0.0.1:{serving.port} ", ""))


def test_what_does_not_come_in_time_is_told_so(sqlite_url: str, keys_dir: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HURRIED, "--worker-class", "lti_tool.serving.Worker", "lti_tool:create_app()"]
    with _serving(command, sqlite_url, keys_dir, tmp_path / "log") as at:
        with at.open(_head("/lti/launch", 1000) + b"a") as slow:
            assert _answered(slow) == 408
            assert slow.recv(1) == b""
        assert at.login() == 302
