"""The web processes' worker: a request comes into a thread once it is here, all of it.

gunicorn's threads read requests themselves, so that as many browsers as there are threads, each sending a byte a
second, keep everybody out. Here the one loop that waits for all connections gathers them: the head, then as much of
a body as that address takes (lti_tool.bodies), within a deadline. What a thread then reads cannot keep it waiting.
Built on gunicorn's own gthread worker, whose version is therefore named closely in pyproject.toml.
"""

import gc
import re
import socket
import tempfile
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.http import RequestParser
from gunicorn.http.errors import LimitRequestHeaders, ParseException
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from lti_tool import bodies
from lti_tool.observe import log

# Seconds within which a request must be here, and bytes a second at which a large one comes at least.
DEADLINE, PACE = 30.0, 50_000
# Seconds for which a connection that was told enough stays, so that the answer is read, and a stopping worker waits.
LINGER = 2.0
# Largest head in bytes; gunicorn's own limits of its lines are below it.
HEAD = 65_536
# A body beyond this many bytes is kept on disk while it comes.
IN_MEMORY = 1024 * 1024
PIECE = 65_536

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_FIELD = rb"\r\n%s:[ \t]*([^\r]*)"
_TYPE, _COOKIE, _CODING = (
    re.compile(_FIELD % name, re.IGNORECASE) for name in (b"content-type", b"cookie", b"transfer-encoding")
)
_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class _Here(Unreader):  # type: ignore[misc,unused-ignore]
    """Where gunicorn reads a request that is here: at its end there is no more, and nothing waits."""

    def __init__(self, source: Any) -> None:
        super().__init__()
        self.source = source

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes, b"" at the end. Few: what is left over is copied at every read."""
        return bytes(self.source.read(min(size_hint or PIECE, PIECE)))


class Connection(TConn):  # type: ignore[misc,unused-ignore]
    """A connection, and what has come of its next request.

    whole: whether nothing of that is missing or left over; else the answer ends the connection, since nobody knows
    where its next request begins.
    """

    def __init__(self, worker: "Worker", sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(worker.cfg, sock, client, server)
        self.parser: Any = None
        self.worker = worker
        self.whole = True
        self.begin()

    def begin(self) -> None:
        """Wait for a request."""
        self.head: bytearray | None = bytearray()
        self.missing = 0
        self.until = time.monotonic() + DEADLINE
        self.arrived: Any = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    def take(self, data: bytes) -> bool:
        """Add what came; whether a thread can have it."""
        if self.head is None:
            self.arrived.write(data[: self.missing])
            self.whole = len(data) <= self.missing
            self.missing -= len(data)
            return self.missing <= 0
        self.head += data
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            if len(self.head) <= HEAD:
                return False
            # Whatever line of it is last: gunicorn finds it too long, and says so.
            self.arrived.write(self.head + b"\r\n\r\n")
            self.whole = False
            return True
        head, body = bytes(self.head[: end + 4]), bytes(self.head[end + 4 :])
        self.head = None
        self.arrived.write(head)
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if _CODING.search(head) or length > self.worker.most(head):
            # The application refuses it, by its head alone.
            self.whole = False
            return True
        self.missing = length
        self.until += length / PACE
        return self.take(body)

    def hand_over(self) -> None:
        """Let gunicorn read what is here."""
        self.arrived.seek(0)
        if self.parser is None:
            self.parser = RequestParser(self.cfg, [], self.client)
        self.parser.unreader = _Here(self.arrived)
        self.data_ready = True

    def close(self, graceful: bool = False) -> None:
        """End it; graceful: once the answer can have been read, without waiting for that here."""
        self.arrived.close()
        if graceful:
            self.worker.linger(self.sock)
        else:
            util.close(self.sock)


class Worker(ThreadWorker):  # type: ignore[misc,unused-ignore]
    """gunicorn's threads behind a loop that gathers requests."""

    def init_process(self) -> None:
        """Run as a web process, which was made as another kind of worker (cli.child)."""
        self.gathering: dict[Connection, None] = {}
        self.lingering: dict[socket.socket, float] = {}
        super().init_process()

    def load_wsgi(self) -> None:
        """Make the application, and take all that stands then out of what is searched for garbage: it stays."""
        super().load_wsgi()
        gc.collect()
        gc.freeze()

    def most(self, head: bytes) -> int:
        """How many bytes of body a request may have, by its head."""
        method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        named, cookies = _TYPE.search(head), b"; ".join(_COOKIE.findall(head))
        content_type = named[1].decode("latin-1") if named else ""
        return bodies.most(
            self.wsgi, method.decode("latin-1"), path.decode("latin-1"), content_type, cookies.decode("latin-1")
        )

    def accept(self, listener: Any) -> None:
        """As gunicorn does, with a connection of ours."""
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self, sock, client, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Gather the next request of a connection; a thread has it once it is here."""
        conn.begin()
        conn.sock.setblocking(False)
        if len(self.gathering) >= self.worker_connections // 2:
            # Whoever has been at it longest: an honest request takes no second.
            self._drop(next(iter(self.gathering)))
        self.gathering[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(self._more, conn))
        self._more(conn, conn.sock)

    def _more(self, conn: Connection, sock: socket.socket) -> None:
        try:
            data = sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)
        elif conn.take(data):
            self._forget(conn)
            conn.hand_over()
            super().enqueue_req(conn)

    def _forget(self, conn: Connection) -> None:
        del self.gathering[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """End what did not come in time."""
        moment = time.monotonic()
        for conn in list(self.gathering):
            if not self.alive:
                conn.until = min(conn.until, moment + LINGER)
            if conn.until < moment:
                try:
                    conn.sock.send(_LATE)
                except OSError:
                    pass
                self._drop(conn)
        for sock, until in list(self.lingering.items()):
            if until < moment:
                self._let_go(sock)

    def handle(self, conn: Connection) -> Any:
        """In a thread: answer. What was not read of a request ends its connection."""
        return super().handle(conn) and conn.whole

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what is no request. gunicorn would log an address, and what stood in the request."""
        theirs = isinstance(exc, ParseException)
        status, reason = (400, "Bad Request") if theirs else (500, "Internal Server Error")
        if isinstance(exc, LimitRequestHeaders):
            status, reason = 431, "Request Header Fields Too Large"
        (log.info if theirs else log.error)("bad_request", status=status, error=type(exc).__name__)
        try:
            util.write_error(client, status, reason, "")
        except OSError:
            pass

    def linger(self, sock: socket.socket) -> None:
        """Close a connection once the other side has, or soon. At once, an answer that is not read yet is lost."""
        try:
            sock.setblocking(False)
            sock.shutdown(socket.SHUT_WR)
            self.poller.register(sock, EVENT_READ, self._read_out)
            self.lingering[sock] = time.monotonic() + LINGER
        except (OSError, KeyError, ValueError):
            util.close(sock)

    def _read_out(self, sock: socket.socket) -> None:
        try:
            over = not sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            over = True
        if over:
            self._let_go(sock)

    def _let_go(self, sock: socket.socket) -> None:
        del self.lingering[sock]
        self.poller.unregister(sock)
        util.close(sock)
