"""A web site on loopback that answers what a test tells it to: a platform's, or an attacker's."""

import json
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Answer:
    """What an address answers. pieces: sent one by one, `pause` seconds apart; wait: before anything is sent."""

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    pieces: int = 1
    pause: float = 0


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Site:
    """Answers by path (404 for others), and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site._answer(self)

            do_POST = do_GET  # noqa: N815  http.server's name

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        sent = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        path = request.path.partition("?")[0]
        self.asked.append(Asked(request.command, request.path, dict(request.headers), sent))
        answer = self.answers.get(path, Answer(status=404))
        self.closing.wait(answer.wait)
        body = answer.body if isinstance(answer.body, (bytes, str)) else json.dumps(answer.body)
        content = body if isinstance(body, bytes) else body.encode()
        try:
            request.send_response(answer.status)
            for name, value in {"Content-Length": str(len(content) * answer.pieces), **answer.headers}.items():
                request.send_header(name, value)
            request.end_headers()
            for _ in range(answer.pieces):
                request.wfile.write(content)
                if answer.pause and self.closing.wait(answer.pause):
                    break
        except OSError:
            # The tool hung up, as it should.
            pass

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Dripping:
    """A platform that sends what it has to say byte by byte, and would be done in some seconds; over TLS or without."""

    def __init__(self, said: bytes, tls: ssl.SSLContext | None = None) -> None:
        self.said, self.tls = said, tls
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://localhost:{self.server.getsockname()[1]}/"
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        try:
            raw, _ = self.server.accept()
            with self.tls.wrap_socket(raw, server_side=True) if self.tls else raw as sock:
                sock.recv(65536)
                for byte in self.said:
                    if self.closing.wait(0.02):
                        return
                    sock.sendall(bytes([byte]))
        except OSError:
            # The tool hung up, as it should.
            pass

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        # Whoever waits for a connection that never came is woken by one.
        socket.create_connection(self.server.getsockname()).close()
        self.server.close()
        self.thread.join(10)
